/* bench/drive.h — the parts of the load driver: what it is to do, its clients, and what it measures.
 *
 * A closed loop: each client waits for its answer. The content of every answer is checked; a wrong page is an error. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct case_line { size_t officer; char id[33], code[16], number[16]; };
struct drive {
	unsigned port;
	const char *operation;
	size_t clients, cases, users;
	double seconds, warm;
	long server;               /* process id of the parent; its children are counted too */
	long only;                 /* this case and no other, or -1 */
	size_t notes;              /* times the mark must stand on a page of notes */
	size_t officers;           /* that take turns on each connection */
	struct client *sessions;   /* of all of them: client i's are i, i + clients, ... */
	size_t most;               /* requests, 0: as many as there is time for */
	struct case_line *list;
};
struct client {
	int fd;
	size_t place, turn;        /* among the clients; requests so far */
	size_t user, first, own;   /* whose, and where its cases stand in the list */
	struct case_line *at;      /* what this request is about */
	char cookie[80], csrf[40];
	char out[4096];
	size_t out_n, out_done;
	char *in;
	size_t in_n, in_room, whole;
	double began;
	bool busy;
};

/* bench/ask.c: what is asked, and whether the answer is right. */
bool ask_known(const char *operation);
void ask_write(const struct drive *d, struct client *c);
/* NULL when the whole answer is right; else what is wrong. */
const char *ask_wrong(const struct drive *d, const struct client *c);
/* Logs in and reads what the operation's requests carry. False after a sentence. */
bool ask_prepare(const struct drive *d, struct client *c);
/* Logs out who is logged in. */
bool ask_leave(const struct drive *d, struct client *c);

/* bench/http.c: one request and one answer over a kept connection. */
bool http_connect(const struct drive *d, struct client *c);
/* Sends and receives what can be without waiting. 1: the answer is whole, 0: not yet, -1: broken. */
int http_step(struct client *c);
/* Waits for the answer. */
bool http_wait(struct client *c);
int http_status(const struct client *c);
/* The value of a header; false when there is none or it is longer. */
bool http_header(const struct client *c, const char *name, char *ret, size_t room);
const char *http_body(const struct client *c, size_t *ret_n);

double clock_now(void);
/* Processor seconds of a process and everything below it. */
double clock_of_processes(long pid);
/* Processor seconds of the whole machine that were not idle. */
double clock_of_machine(void);
double clock_own(void);

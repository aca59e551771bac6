/* main/admin.h — acts on accounts from the command line, over run/admin.sock to a running serve or by a vault of
 * our own.
 *
 * Runs in: verbs, web.   Depends on: flow.   Never: does more than the officer who logs in may do.
 *
 * A request is lines `name value` and an empty line. The answer's first line is `ok` or `no SENTENCE`; the rest
 * are lines of values separated by tabs, the first of them the column names. */
#pragma once
#include "flow/flow.h"

#define ADMIN_FIELDS 16
#define ADMIN_BYTES 16384
struct admin_request {
	struct { struct str name, value; } field[ADMIN_FIELDS];
	size_t n;
};
/* Unset when there is no such field. */
struct str admin_value(const struct admin_request *r, const char *name);
void admin_set(struct admin_request *r, const char *name, struct str value);
struct str admin_encode(struct arena *a, const struct admin_request *r);
/* ERR_INVALID. */
MUST enum err admin_decode(struct str bytes, struct admin_request *ret);
/* The whole act; the answer lives in `a`. */
struct str admin_run(struct flow *f, struct arena *a, const struct admin_request *r);

/* In run/, for the owner alone. */
#define ADMIN_SOCKET "admin.sock"
/* A connection, for a question that is asked later. ERR_NOT_FOUND: no serve runs there. */
MUST enum err admin_connect(const char *directory, int *ret_fd);
MUST enum err admin_ask_over(struct arena *a, int fd, struct str request, struct str *ret_answer);
/* One part of a longer talk: up to its empty line, or to the end of the stream. */
MUST enum err admin_receive(int fd, struct buf *b, bool to_end);
/* Both in one. */
MUST enum err admin_ask(struct arena *a, const char *directory, struct str request, struct str *ret_answer);
/* One connection on the listening socket, from beginning to end. Strangers' connections are closed. */
void admin_accept(int listen_fd, struct flow *f);

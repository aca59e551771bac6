/* tests/web/runner.h — scenarios as text against the real program over loopback; the language is told in README.md.
 *
 * Runs in: tests.   Depends on: base, tables, jansson, liboath.   Never: knows a page. */
#pragma once
#include "base/base.h"
#include <jansson.h>
#include <sys/types.h>

#define NAMES 32

/* ---- the program under test: house.c ---- */
struct account {
	struct str user, passphrase, totp, organisation;
	struct str roles[8];
	size_t n_roles;
	int64_t step;              /* the last TOTP step used: each is good once */
};
struct house {
	struct arena *a;
	const char *program;
	const char *custodians;    /* folder for the custodians' key files, or NULL */
	char directory[256], accounts_file[300], log_file[300];
	int port;
	pid_t parent;
	struct account accounts[64];
	size_t n_accounts;
};
bool house_start(struct house *h);        /* init when the directory is new */
/* A line of its avstamp.conf; holds from the next start. */
bool house_setting(const struct house *h, const char *key, const char *value);
bool house_stop(struct house *h);         /* SIGTERM; true when it ended with 0 and is sound */
/* False, and shown, when a sanitizer has found something in any process of the house so far: one that was killed after that,
 * or started again by its parent, ends as if nothing had been. */
bool house_is_sound(const struct house *h);
/* `avstamp verify` on its directory: the exit code, -1 when it did not run. deep: the login of whose cases are opened
 * (the service must not run then), or unset. What it says goes where the service's output goes. */
int house_verify(struct house *h, struct str deep);
void house_remove(struct house *h);
/* "parent", "web" or "vault"; 0 when there is none. */
pid_t house_pid(const struct house *h, struct str who);
bool house_wait(struct house *h, int seconds);
struct account *house_account(struct house *h, struct str user);
/* The code to type now, "" for an account without; waits for the next step when this one was used. */
struct str house_code(struct arena *a, struct account *acc);

/* ---- one person's browser or program: http.c ---- */
struct cookie { struct str name, value; };
struct client {
	struct str name;
	struct str user;           /* account it logs in with */
	struct cookie cookies[8];
	size_t n_cookies;
	int status;
	struct str head, body;     /* of the last answer */
	struct str path;           /* of the last request */
};
struct call {
	struct str method, path, type, body;
	struct str headers;        /* further lines, each ended by CRLF */
	bool no_host;
};
/* False when no whole answer came; c->status is 0 then. */
bool http_call(struct house *h, struct arena *a, struct client *c, const struct call *q);
/* Bytes as they are. */
bool http_raw(struct house *h, struct arena *a, struct client *c, struct str bytes);
/* Value of a header of the last answer, unset when absent; the n-th of several. */
struct str http_header(const struct client *c, const char *name, size_t n);
/* How long a half-sent request is kept; milliseconds until the server ends the connection, -1 when it does not. */
int64_t http_drip(struct house *h, struct str start, int seconds);

/* ---- what stands on a page: page.c ---- */
struct pair { struct str name, value; };
struct form { struct str action; struct pair hidden[64]; size_t n_hidden; };
/* Text without tags, entities read, white space as one space. */
struct str page_text(struct arena *a, struct str html);
/* The form with this action; or the one with a button of this text. */
bool page_form_to(struct arena *a, struct str html, struct str action, struct form *ret);
bool page_form_with(struct arena *a, struct str html, struct str button, struct form *ret);
/* The address of the first link with this text. */
struct str page_link(struct arena *a, struct str html, struct str text);

/* ---- a script: script.c, expect.c ---- */
struct variable { struct str name, value; };
struct runner {
	struct house *house;
	struct arena *a;
	const char *file;
	int line;
	struct client clients[NAMES];
	size_t n_clients;
	struct client *now;
	struct variable variables[200];
	size_t n_variables;
	struct str next_headers;
	char why[1000];            /* of a failure */
};
bool script_run(struct runner *r, struct str text);
bool fail(struct runner *r, const char *format, ...) PRINTF_LIKE(2, 3);
void variable_set(struct runner *r, struct str name, struct str value);
struct str variable_get(const struct runner *r, struct str name);
/* "expect ..." without its first word. */
bool expect(struct runner *r, struct str what);
/* A value out of the last answer: "json a.0.b", "text REGEX", "raw REGEX", "header NAME", or a literal. */
bool value_of(struct runner *r, struct str what, struct str *ret);

/* Small tools: text.c */
struct str next_word(struct str *rest);
/* "..." with \n \" \\ \0, or the bare rest of the line. */
struct str read_text(struct arena *a, struct str s);
bool contains(struct str s, struct str part);
struct str url_coded(struct arena *a, struct str s);
/* Last group (or whole match) of an extended regular expression. */
bool first_match(struct arena *a, struct str s, struct str pattern, struct str *ret);
struct str json_quoted(struct arena *a, struct str s);

/* web/answer.h — an answer before it is sent, and a request before it has a page.
 *
 * Runs in: web.   Depends on: web/head.h, web/request.h.   Never: seen outside this room. */
#pragma once
#include "web/head.h"
#include "web/request.h"

struct answer {
	bool given;
	int status;
	const char *type;        /* NULL: no body */
	struct str body;
	struct str location;     /* of a 303 or 308, or unset */
	struct str cookies[3];   /* whole Set-Cookie values */
	size_t n_cookies;
	bool clear_site;         /* logout: the browser drops what it stored */
	bool refresh;            /* to the lock screen after five minutes */
	bool immutable;          /* a static file: the only thing that may be kept */
	struct str etag;
	const char *encoding;    /* of a static file, or NULL */
	const char *allow;       /* of a 405 */
};

/* A request that has been read whole. */
struct exchange {
	struct head head;
	struct str body;
	enum err refused;        /* what the reading found; a page tells it */
	bool secure;
	const struct field *raw; /* all fields, hidden ones too */
	size_t n_raw;
	bool resumed;
	bool in_error;
	struct answer answer;
};

/* One session as web remembers it, without a name: for the power check of pages that ask the vault anyway. */
struct seen_sessions;
struct seen_sessions *seen_new(struct arena *a);
void seen_note(struct seen_sessions *s, const struct cookie_secret *c, uint64_t roles);
bool seen_find(struct seen_sessions *s, const struct cookie_secret *c, uint64_t *ret_roles);
void seen_forget(struct seen_sessions *s, const struct cookie_secret *c);

/* Everything from the whole request to the answer; runs on the connection's thread. x->answer is always given afterwards. */
void dispatch(struct arena *a, struct flow *f, struct seen_sessions *seen, struct exchange *x);
/* A sentence without a page, for what is refused before there is one. */
void answer_plain(struct answer *ret, int status, enum err e);

/* web/keep.c */
void keep_split(struct request *r, const struct field *raw, size_t n);
bool keep_resume(struct request *r, struct str then, const struct field *raw, size_t n, bool prefixed);
/* web/csrf.c */
bool csrf_is_good(const struct request *r, struct str token);
/* Which field names may stand several times in a form. */
bool field_may_repeat(struct str name);
struct path path_of(enum route id);

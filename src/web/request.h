/* web/request.h — one request as a page sees it, and the ways to answer it.
 *
 * Runs in: web, on the connection's thread.   Depends on: flow, view, tables, base.   Never: sockets, headers.
 *
 * Every row of tables/routes.def has its function `void page_ID(struct request *r)`; a row without one does not
 * link. web itself has page_healthz and page_static_file, src/api has page_api_*, src/pages all others.
 *
 * A page answers with exactly one respond_*; the last one wins; none at all is a fault. Everything it makes
 * lives in r->arena, which is wiped when the answer has been sent. It never frees and never keeps a pointer.
 *
 * What is settled before a page runs: the route and its ids, the power of the route row, the form's encoding and
 * limits, the CSRF token (DECISIONS 40). What is settled after: headers, cookies, and that the vault was asked.
 *
 * Calling flow:
 *     if ((e = flow_open(r->flow, r->arena, &r->cookie, &wish, &r->session, &opened)) != OK) {
 *             respond_err(r, e);
 *             return;
 *     }
 * Always pass &r->session: it is how web knows that the vault has spoken.
 *
 * Hidden fields of every POST form: `_csrf` = request_csrf(r), `_token` = request_token(r) (idempotency), `_on` =
 * the version the form was shown with, when the command does not commute. web eats them; r->fields has none of
 * the names that begin with '_'.
 *
 * Text is never lost (DECISIONS 8). When a posted form cannot be saved because nobody is logged in, the screen is
 * locked, or the service answers 503, respond_err calls page_error, and that page carries the typed text:
 *   - a page with a login or unlock form (ERR_NO_SESSION, ERR_LOCKED) writes request_kept(r) as hidden inputs
 *     into it: `_then` and `_keep_NAME`. page_login and page_unlock, after success and
 *     request_set_session(), call request_resume(r): it checks `_then` against the route table and the person's
 *     power and runs the form's own page with r->refill set and the text in r->fields. It is shown, not saved.
 *     After a wrong passphrase request_kept(r) gives the same hidden inputs again.
 *   - a page with "Försök igen" (503 and the like) writes request_original(r) as hidden inputs into a form that
 *     posts to request_action(r).
 * So a page that shows a form takes its starting values from request_field() first. */
#pragma once
#include "base/base.h"
#include "flow/flow.h"
#include "web/form.h"
#include "web/route.h"

struct html; /* view: a finished page */
struct path; /* view: an address made by the route builder */
struct answer;
struct exchange;

enum colour_scheme { SCHEME_FOLLOW, SCHEME_LIGHT, SCHEME_DARK };

struct request {
	struct arena *arena;
	struct flow *flow;
	enum route route;                /* ROUTE_NONE: no such address */
	struct str path;                 /* without query; ids are opaque, no personal data */
	struct id16 case_id, deposit, user, entry;
	struct str command, file;        /* {command} and {file} of the path */
	bool bad_ids;                    /* an id in the path that cannot be one: answered as what does not exist */
	const struct field *fields;      /* what was typed, or the query's fields on a GET; no '_' names */
	size_t n_fields;
	struct str token;                /* idempotency: `_token` or the header; may be empty */
	struct str on;                   /* `_on`, empty when the form had none */
	struct str body;                 /* raw, on API calls only */
	bool refill;                     /* the text comes from a form that was not saved: show it, say so */
	struct cookie_secret cookie;     /* zeros without one */
	bool has_cookie;
	enum colour_scheme scheme;
	/* Filled by web on routes that need a login (but see route_asks_vault) and by every flow call. */
	struct session session;
	struct answer *answer;           /* private to web */
	struct exchange *exchange;       /* private to web */
};

/* Fields by name: unset when it is not there, and the n-th of several with the same name. */
struct str request_field(const struct request *r, const char *name);
struct str request_field_n(const struct request *r, const char *name, size_t n);
/* All fields as the core wants them (same order). In the arena. */
const struct field_value *request_values(struct request *r, size_t *ret_n);
/* Is somebody logged in and unlocked, as far as this request has learnt? */
bool request_known(const struct request *r);
/* Do browsers reach us by TLS? Then the session cookie is named __Host-s, else s. */
bool request_is_secure(const struct request *r);
/* Purpose and act of the route row, for flow's wishes. */
uint16_t request_purpose(const struct request *r);
struct str request_act(const struct request *r);
/* Value of the hidden field `_csrf`. */
struct str request_csrf(struct request *r);
/* Value of `_token`: a new one at each call; unset within page_error, whose bytes must not differ. */
struct str request_token(struct request *r);
/* For the form that is shown again after a failed save or with r->refill: the token it came with, so that it
 * saves once; a new one when there was none. */
struct str request_same_token(struct request *r);

/* The typed text, for pages that cannot save it; see above. */
const struct field *request_kept(struct request *r, size_t *ret_n);
const struct field *request_original(struct request *r, size_t *ret_n);
struct path request_action(struct request *r);
/* True when the kept form's page has answered; false when nothing was kept: then redirect home. */
bool request_resume(struct request *r);

/* 200 or another status with a page. */
void respond_html(struct request *r, int status, struct html *h);
/* 303 to an address of our own. */
void respond_redirect(struct request *r, struct path to);
void respond_json(struct request *r, int status, struct str json);
/* No body. */
void respond_empty(struct request *r, int status);
/* The page, or on API calls the JSON, of a fault. */
void respond_err(struct request *r, enum err e);
void request_set_session(struct request *r, const struct cookie_secret *c);
/* Forgets the cookie; on logout the browser also drops what it stored. */
void request_clear_session(struct request *r);
void request_set_scheme(struct request *r, enum colour_scheme s);
/* For pages that only show: after five minutes the browser goes to the lock screen by itself. Call after
 * respond_html. Never on a page with a form that somebody types in. */
void request_set_refresh(struct request *r);

/* Written by src/pages: shows the fault with err_http(e). Never calls respond_err. */
void page_error(struct request *r, enum err e);

#define ROUTE(id, method, pattern, power, purpose) void page_##id(struct request *r);
#include "tables/routes.def"

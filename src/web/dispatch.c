/* web/dispatch.c — from a whole request to its answer: route, form, power, token, page.
 *
 * The order matters. Where the browser says that another site sent the form, nothing is read. Then the form is
 * read, so that the text can be kept; then the power; then the token. A form whose token is stale but which
 * certainly came from our own page is shown again with its text instead of being thrown away. */
#include "web/answer.h"
#include <string.h>

static void (*const pages[ROUTE_COUNT])(struct request *) = {
#define ROUTE(id, method, pattern, power, purpose) [ROUTE_##id] = page_##id,
#include "tables/routes.def"
};

static enum err find_route(struct request *r, struct exchange *x)
{
	struct route_match m = route_find(x->head.method, x->head.path);

	r->path = x->head.path;
	if (m.route == ROUTE_NONE) {
		x->answer.allow = route_methods(x->head.path);
		return m.other_method ? ERR_METHOD : ERR_NOT_FOUND;
	}
	r->route = m.route;
	r->case_id = m.ids.case_id;
	r->deposit = m.ids.deposit;
	r->user = m.ids.user;
	r->entry = m.ids.entry;
	r->command = m.ids.command;
	r->file = m.ids.file;
	r->bad_ids = m.ids.bad;
	return m.ids.bad && route_is_open(m.route) ? ERR_NOT_FOUND : OK;
}

/* DECISIONS 40. A program that is no browser sends neither header and is let through: it needs the cookie. */
static enum err check_origin(const struct exchange *x)
{
	if (x->head.foreign_part)
		return ERR_FORBIDDEN_ORIGIN;
	if (x->head.method != METHOD_GET && x->head.origin == ORIGIN_FOREIGN)
		return ERR_FORBIDDEN_ORIGIN;
	return OK;
}

static bool is_token(struct str s)
{
	if (s.n > 64)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static enum err read_fields(struct request *r, struct exchange *x)
{
	struct str text = x->head.query;
	struct field *raw = NULL;
	enum err e;

	if (x->head.method == METHOD_POST && !route_is_api(r->route)) {
		if (x->head.content != CONTENT_FORM && !(x->head.content == CONTENT_NONE && x->body.n == 0))
			return ERR_INVALID;
		if (x->head.query.n > 0)
			return ERR_INVALID;
		text = x->body;
	} else if (x->head.method == METHOD_POST && x->head.content != CONTENT_JSON) {
		return ERR_INVALID;
	}
	if ((e = form_parse(r->arena, text, field_may_repeat, &raw, &x->n_raw)) != OK)
		return e;
	x->raw = raw;
	keep_split(r, raw, x->n_raw);
	if (x->head.idempotency.p != NULL)
		r->token = x->head.idempotency;
	r->body = x->body;
	return is_token(r->token) ? OK : ERR_INVALID;
}

static enum err check_power(struct request *r, struct seen_sessions *seen)
{
	uint64_t roles;
	enum err e;

	if (route_is_open(r->route))
		return OK;
	if (!r->has_cookie)
		return ERR_NO_SESSION;
	if (!route_asks_vault(r->route) || !seen_find(seen, &r->cookie, &roles)) {
		if ((e = flow_session(r->flow, r->arena, &r->cookie, true, &r->session)) != OK) {
			r->session = (struct session){ 0 };
			return e;
		}
		roles = r->session.who.roles;
		seen_note(seen, &r->cookie, roles);
	}
	return route_allows(r->route, roles) ? OK : ERR_DENIED;
}

/* Whoever logs in has no session to bind a token to, and may hold a page from before the last one ended. */
static bool wants_token(const struct request *r)
{
	return route_rows[r->route].method == METHOD_POST && !route_is_api(r->route) && r->route != ROUTE_login &&
	       r->route != ROUTE_unlock && r->route != ROUTE_enrol;
}

static enum err prepare(struct request *r, struct exchange *x, struct seen_sessions *seen)
{
	enum err e;

	if ((e = x->refused) != OK)
		return e;
	if ((e = find_route(r, x)) != OK || (e = check_origin(x)) != OK || (e = read_fields(r, x)) != OK ||
	    (e = check_power(r, seen)) != OK)
		return e;
	return r->bad_ids ? ERR_NOT_FOUND : OK;
}

/* The vault's own word on roles, once the page's act has brought it. */
static void check_again(struct request *r, struct exchange *x, struct seen_sessions *seen)
{
	if (r->route == ROUTE_NONE || route_is_open(r->route))
		return;
	bool shown = x->answer.status >= 200 && x->answer.status < 400;

	if (!request_known(r)) {
		if (shown && x->answer.location.p == NULL)
			respond_err(r, ERR_SYSTEM);
		return;
	}
	if (r->has_cookie)
		seen_note(seen, &r->cookie, r->session.who.roles);
	if (shown && !route_allows(r->route, r->session.who.roles))
		respond_err(r, ERR_DENIED);
}

static void run_page(struct request *r, struct exchange *x)
{
	struct str token = form_field(x->raw, x->n_raw, "_csrf", 0);

	if (!wants_token(r) || csrf_is_good(r, token)) {
		pages[r->route](r);
		return;
	}
	if (x->head.origin != ORIGIN_SAME || !request_known(r) || !keep_resume(r, r->path, x->raw, x->n_raw, false))
		respond_err(r, ERR_FORBIDDEN_ORIGIN);
}

/* A stale token needs the vault's word before the form may be shown again. */
static enum err know(struct request *r, const struct exchange *x)
{
	if (!wants_token(r) || request_known(r) || route_is_open(r->route) ||
	    csrf_is_good(r, form_field(x->raw, x->n_raw, "_csrf", 0)))
		return OK;
	return flow_session(r->flow, r->arena, &r->cookie, true, &r->session);
}

static void read_cookies(struct request *r, const struct exchange *x)
{
	struct cookie_secret c;

	if (session_cookie_parse(x->head.session_cookie, c.b) == OK) {
		r->cookie = c;
		r->has_cookie = true;
	}
	explicit_bzero(&c, sizeof c);
	if (x->head.scheme_cookie.p != NULL)
		r->scheme = str_eq_c(x->head.scheme_cookie, "d") ? SCHEME_DARK : SCHEME_LIGHT;
}

void dispatch(struct arena *a, struct flow *f, struct seen_sessions *seen, struct exchange *x)
{
	struct request *r = ARENA_NEW(a, struct request);
	enum err e;

	if (r == NULL) {
		answer_plain(&x->answer, err_http(ERR_FULL), ERR_FULL);
		return;
	}
	*r = (struct request){ .arena = a, .flow = f, .answer = &x->answer, .exchange = x, .token = STR(""), .on = STR(""),
			       .body = STR(""), .path = STR("/") };
	read_cookies(r, x);
	if ((e = prepare(r, x, seen)) != OK || (e = know(r, x)) != OK) {
		if (e == ERR_NO_SESSION || e == ERR_LOCKED)
			seen_forget(seen, &r->cookie);
		respond_err(r, e);
	} else {
		run_page(r, x);
		if (!x->answer.given)
			respond_err(r, ERR_SYSTEM);
		check_again(r, x, seen);
		/* What did not fit must not be shown by half. */
		if (arena_is_full(a) && x->answer.status < 400)
			answer_plain(&x->answer, err_http(ERR_FULL), ERR_FULL);
	}
}

/* web/respond.c — the ways a page answers. */
#include "view/html.h"
#include "view/path.h"
#include "web/answer.h"
#include <string.h>

static void begin(struct request *r, int status)
{
	struct answer *w = r->answer;

	w->given = true;
	w->status = status;
	w->type = NULL;
	w->body = STR("");
	w->location = STR_UNSET;
	w->refresh = false;
}

void answer_plain(struct answer *ret, int status, enum err e)
{
	const char *text = err_text(e);

	*ret = (struct answer){ .given = true, .status = status, .type = "text/plain; charset=utf-8", .body = str_c(text) };
}

void respond_html(struct request *r, int status, struct html *h)
{
	struct str text = h == NULL ? STR_UNSET : html_view(h);

	if (text.p == NULL) {
		respond_err(r, ERR_FULL);
		return;
	}
	begin(r, status);
	r->answer->type = "text/html; charset=utf-8";
	r->answer->body = text;
}

void respond_redirect(struct request *r, struct path to)
{
	begin(r, 303);
	r->answer->location = path_text(to);
}

void respond_json(struct request *r, int status, struct str json)
{
	if (json.p == NULL) {
		answer_plain(r->answer, err_http(ERR_FULL), ERR_FULL);
		return;
	}
	begin(r, status);
	r->answer->type = "application/json";
	r->answer->body = json;
}

void respond_empty(struct request *r, int status)
{
	begin(r, status);
}

static void respond_api_err(struct request *r, enum err e)
{
	/* The sentences are ours and hold nothing that JSON would have to escape; test_web_request checks it. */
	respond_json(r, err_http(e),
		     arena_format(r->arena, "{\"error\":{\"id\":\"%s\",\"text\":\"%s\"}}\n", err_name(e), err_text(e)));
}

/* "No access" names a thing only where there is none to name (DECISIONS 38). */
static enum err told(const struct request *r, enum err e)
{
	return e == ERR_DENIED && r->route != ROUTE_NONE && route_has_id(r->route) ? ERR_NOT_FOUND : e;
}

void respond_err(struct request *r, enum err e)
{
	struct exchange *x = r->exchange;

	e = told(r, e);
	if (str_starts(r->path, STR("/api/"))) {
		respond_api_err(r, e);
		return;
	}
	if (x->in_error || arena_is_full(r->arena)) {
		answer_plain(r->answer, err_http(e), e);
		return;
	}
	if (x->head.method == METHOD_GET && (e == ERR_NO_SESSION || e == ERR_LOCKED)) {
		respond_redirect(r, path_of(e == ERR_LOCKED ? ROUTE_locked_show : ROUTE_login_show));
		return;
	}
	x->in_error = true;
	/* The frame round the sentence names who is logged in, the same for every reason why there is no more. */
	if (r->has_cookie && !request_known(r) && e != ERR_NO_SESSION && e != ERR_LOCKED && e != ERR_VAULT_GONE &&
	    flow_session(r->flow, r->arena, &r->cookie, false, &r->session) != OK)
		r->session = (struct session){ 0 };
	page_error(r, e);
	x->in_error = false;
	if (!r->answer->given)
		answer_plain(r->answer, err_http(e), e);
}

static void set_cookie(struct request *r, struct str line)
{
	if (line.p == NULL || r->answer->n_cookies == COUNT_OF(r->answer->cookies))
		return;
	r->answer->cookies[r->answer->n_cookies++] = line;
}

void request_set_session(struct request *r, const struct cookie_secret *c)
{
	char hex[64];
	bool secure = r->exchange->secure;

	session_cookie_spell(c->b, hex);
	set_cookie(r, arena_format(r->arena, "%s=%.64s; Path=/; HttpOnly; SameSite=Strict%s", secure ? "__Host-s" : "s",
				   hex, secure ? "; Secure" : ""));
	explicit_bzero(hex, sizeof hex);
	r->cookie = *c;
	r->has_cookie = true;
}

void request_clear_session(struct request *r)
{
	bool secure = r->exchange->secure;

	set_cookie(r, secure ? STR("__Host-s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure")
			     : STR("s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
	r->answer->clear_site = true;
	r->cookie = (struct cookie_secret){ 0 };
	r->has_cookie = false;
}

void request_set_scheme(struct request *r, enum colour_scheme s)
{
	const char *secure = r->exchange->secure ? "; Secure" : "";

	r->scheme = s;
	if (s == SCHEME_FOLLOW)
		set_cookie(r, arena_format(r->arena, "c=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict%s", secure));
	else
		set_cookie(r, arena_format(r->arena, "c=%c; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict%s",
					   s == SCHEME_LIGHT ? 'l' : 'd', secure));
}

void request_set_refresh(struct request *r)
{
	r->answer->refresh = true;
}

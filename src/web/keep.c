/* web/keep.c — typed text that could not be saved: carried through login, unlock and a second try.
 *
 * Nothing is stored on the server. The text travels in hidden inputs of the page that asks for a login, as
 * `_then` (the address it was posted to) and `_keep_NAME`. `_then` is looked up in the route table and never
 * followed as an address. */
#include "view/path.h"
#include "web/answer.h"
#include <string.h>

#define KEEP "_keep_"

/* Never written into a page again. */
static bool is_secret_name(struct str name)
{
	return str_eq_c(name, "passphrase") || str_eq_c(name, "passphrase_again") || str_eq_c(name, "totp") ||
	       str_eq_c(name, "code");
}

static bool is_hidden(struct str name)
{
	return name.n > 0 && name.p[0] == '_';
}

/* The visible fields and the two hidden ones that belong to the act. */
void keep_split(struct request *r, const struct field *raw, size_t n)
{
	struct field *seen = ARENA_ARRAY(r->arena, struct field, n);

	r->fields = seen;
	r->n_fields = 0;
	r->on = STR("");
	if (r->token.p == NULL || r->refill)
		r->token = STR("");
	for (size_t i = 0; seen != NULL && i < n; i++) {
		if (str_eq_c(raw[i].name, "_on"))
			r->on = raw[i].value;
		else if (str_eq_c(raw[i].name, "_token"))
			r->token = raw[i].value;
		else if (!is_hidden(raw[i].name))
			seen[r->n_fields++] = raw[i];
	}
}

static bool carries_kept(const struct request *r)
{
	return r->route == ROUTE_login || r->route == ROUTE_unlock;
}

/* The same hidden inputs once more, after a wrong passphrase. */
static const struct field *kept_again(struct request *r, size_t *ret_n)
{
	const struct exchange *x = r->exchange;
	struct field *out = ARENA_ARRAY(r->arena, struct field, x->n_raw);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < x->n_raw; i++)
		if (str_eq_c(x->raw[i].name, "_then") || str_starts(x->raw[i].name, STR(KEEP)))
			out[n++] = x->raw[i];
	*ret_n = n;
	return out;
}

const struct field *request_kept(struct request *r, size_t *ret_n)
{
	const struct exchange *x = r->exchange;

	if (carries_kept(r))
		return kept_again(r, ret_n);
	*ret_n = 0;
	if (x->head.method != METHOD_POST || x->n_raw == 0)
		return NULL;
	struct field *out = ARENA_ARRAY(r->arena, struct field, x->n_raw + 1);
	size_t n = 0;

	if (out == NULL)
		return NULL;
	out[n++] = (struct field){ STR("_then"), r->path };
	for (size_t i = 0; i < x->n_raw; i++) {
		if (str_eq_c(x->raw[i].name, "_csrf") || is_secret_name(x->raw[i].name) ||
		    x->raw[i].name.n + sizeof KEEP > FORM_NAME_MAX)
			continue;
		out[n++] = (struct field){ arena_format(r->arena, KEEP "%.*s", STR_FMT(x->raw[i].name)),
					   x->raw[i].value };
	}
	*ret_n = arena_is_full(r->arena) ? 0 : n;
	return out;
}

const struct field *request_original(struct request *r, size_t *ret_n)
{
	const struct exchange *x = r->exchange;
	struct field *out = ARENA_ARRAY(r->arena, struct field, x->n_raw);
	size_t n = 0;

	*ret_n = 0;
	if (x->head.method != METHOD_POST)
		return NULL;
	for (size_t i = 0; out != NULL && i < x->n_raw; i++)
		if (!str_eq_c(x->raw[i].name, "_csrf") && !is_secret_name(x->raw[i].name))
			out[n++] = x->raw[i];
	*ret_n = n;
	return out;
}

/* The address was found in the route table by this very request, so it is one the builder could have made. */
struct path request_action(struct request *r)
{
	return (struct path){ r->path };
}

struct path path_of(enum route id)
{
	assert_always(strchr(route_rows[id].pattern, '{') == NULL);
	return (struct path){ str_c(route_rows[id].pattern) };
}

/* The kept fields under their own names. */
static size_t unprefixed(struct arena *a, const struct field *raw, size_t n, struct field **ret)
{
	struct field *out = ARENA_ARRAY(a, struct field, n);
	size_t m = 0, skip = sizeof KEEP - 1;

	for (size_t i = 0; out != NULL && i < n; i++)
		if (str_starts(raw[i].name, STR(KEEP)) && raw[i].name.n > skip)
			out[m++] = (struct field){ str_cut(raw[i].name, skip, raw[i].name.n), raw[i].value };
	*ret = out;
	return m;
}

/* Runs the form's own page with the text in its fields. The session must be known by now. */
bool keep_resume(struct request *r, struct str then, const struct field *raw, size_t n, bool prefixed)
{
	static void (*const pages[ROUTE_COUNT])(struct request *) = {
#define ROUTE(id, method, pattern, power, purpose) [ROUTE_##id] = page_##id,
#include "tables/routes.def"
	};
	struct route_ids ids;
	struct str path;
	enum route form = then.p == NULL ? ROUTE_NONE : route_form(then, &ids, &path);
	struct field *own = NULL;

	if (form == ROUTE_NONE || !request_known(r) || route_is_open(form) || !route_allows(form, r->session.who.roles))
		return false;
	r->refill = true;
	if (prefixed)
		n = unprefixed(r->arena, raw, n, &own);
	keep_split(r, prefixed ? own : raw, n);
	r->route = form;
	r->path = path;
	r->case_id = ids.case_id;
	r->deposit = ids.deposit;
	r->user = ids.user;
	r->entry = ids.entry;
	r->command = ids.command;
	r->file = ids.file;
	*r->answer = (struct answer){ .cookies = { r->answer->cookies[0], r->answer->cookies[1], r->answer->cookies[2] },
				      .n_cookies = r->answer->n_cookies };
	pages[form](r);
	return true;
}

bool request_resume(struct request *r)
{
	const struct exchange *x = r->exchange;

	if (!carries_kept(r))
		return false;
	return keep_resume(r, form_field(x->raw, x->n_raw, "_then", 0), x->raw, x->n_raw, true);
}

/* tests/web/expect.c — what a scenario expects of the last answer. */
#include "runner.h"
#include "tables/tables.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "cases.0.id" in a JSON text; a number, true and false as they are written. */
static bool json_at(struct runner *r, struct str path, struct str *ret)
{
	json_t *whole = json_loadb(r->now->body.p, r->now->body.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	const json_t *v = whole;

	while (v != NULL && path.n > 0) {
		size_t dot = str_find(path, '.');
		const char *part = arena_c(r->a, str_cut(path, 0, dot));

		if (json_is_array(v) && strcmp(part, "last") == 0)
			v = json_array_get(v, json_array_size(v) - 1);
		else
			v = json_is_array(v) ? json_array_get(v, strtoul(part, NULL, 10)) : json_object_get(v, part);
		path = str_cut(path, dot + 1, path.n);
	}
	char *text = v == NULL ? NULL : json_is_string(v) ? strdup(json_string_value(v)) : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

	if (text != NULL)
		*ret = arena_str(r->a, str_c(text));
	free(text);
	json_decref(whole);
	return text != NULL;
}

bool value_of(struct runner *r, struct str what, struct str *ret)
{
	struct str rest = what, kind = next_word(&rest), from = r->now->body;

	if (str_eq_c(kind, "json"))
		return json_at(r, rest, ret);
	if (str_eq_c(kind, "header")) {
		*ret = http_header(r->now, arena_c(r->a, rest), 0);
		return ret->p != NULL;
	}
	if (str_eq_c(kind, "cookie")) {
		for (size_t i = 0; i < r->now->n_cookies; i++)
			if (str_eq(r->now->cookies[i].name, rest)) {
				*ret = r->now->cookies[i].value;
				return true;
			}
		return false;
	}
	if (str_eq_c(kind, "text") || str_eq_c(kind, "raw"))
		return first_match(r->a, str_eq_c(kind, "text") ? page_text(r->a, from) : from, read_text(r->a, rest), ret);
	if (str_eq_c(kind, "account")) {
		struct account *acc = house_account(r->house, rest);

		*ret = acc == NULL ? STR_UNSET : acc->user;
		return acc != NULL;
	}
	if (str_eq_c(kind, "hidden")) {
		struct str path = next_word(&rest);
		struct form f;

		if (!page_form_to(r->a, from, path, &f))
			return false;
		for (size_t i = 0; i < f.n_hidden; i++)
			if (str_eq(f.hidden[i].name, rest)) {
				*ret = f.hidden[i].value;
				return true;
			}
		return false;
	}
	if (str_eq_c(kind, "day")) {
		struct day today = instant_day((struct instant){ (int64_t)time(NULL) * 1000000 });

		*ret = day_iso(r->a, day_add(today, atoi(arena_c(r->a, rest))));
		return true;
	}
	*ret = read_text(r->a, what);
	return true;
}

static bool expect_text(struct runner *r, struct str rest, bool wanted, bool raw)
{
	struct str what = read_text(r->a, rest), page = raw ? r->now->body : page_text(r->a, r->now->body);

	if (contains(page, what) == wanted)
		return true;
	return fail(r, "%s: %.*s", wanted ? "not said" : "said", STR_FMT(what));
}

static bool expect_header(struct runner *r, struct str rest, bool wanted)
{
	const char *name = arena_c(r->a, read_text(r->a, next_word(&rest)));
	struct str value = http_header(r->now, name, 0);

	if (!wanted)
		return value.p == NULL ? true : fail(r, "header %s: %.*s", name, STR_FMT(value));
	if (value.p == NULL)
		return fail(r, "no header %s", name);
	return contains(value, read_text(r->a, rest)) ? true : fail(r, "header %s: %.*s", name, STR_FMT(value));
}

static bool expect_json(struct runner *r, struct str rest, bool wanted)
{
	struct str path = next_word(&rest), value = STR_UNSET;
	bool found = json_at(r, path, &value);

	if (!wanted)
		return !found ? true : fail(r, "%.*s: %.*s", STR_FMT(path), STR_FMT(value));
	if (!found)
		return fail(r, "nothing at %.*s in %.300s", STR_FMT(path), arena_c(r->a, r->now->body));
	if (rest.n == 0 || str_eq(value, read_text(r->a, rest)))
		return true;
	return fail(r, "%.*s: %.*s", STR_FMT(path), STR_FMT(value));
}

static const struct refusal_row *refusal_named(struct str rule)
{
	for (size_t i = 0; i < n_refusal_rows; i++)
		if (str_eq_c(rule, refusal_rows[i].rule))
			return &refusal_rows[i];
	return NULL;
}

/* By the API the rule's name, on a page its sentence: both from the same row. */
static bool expect_refused(struct runner *r, struct str rule)
{
	const struct refusal_row *row = refusal_named(rule);
	struct str value;

	if (row == NULL)
		return fail(r, "tables/refusals.def has no rule %.*s", STR_FMT(rule));
	if (r->now->status != 422)
		return fail(r, "status %d, not refused: %.300s", r->now->status, arena_c(r->a, r->now->body));
	if (json_at(r, STR("refusal.rule"), &value))
		return str_eq(value, rule) ? true : fail(r, "refused by %.*s", STR_FMT(value));
	return contains(page_text(r->a, r->now->body), str_c(row->text)) ? true : fail(r, "refused by another rule");
}

static bool expect_same(struct runner *r, struct str rest)
{
	(void)next_word(&rest);
	struct str other = variable_get(r, rest);

	if (other.p == NULL)
		return fail(r, "nothing remembered as %.*s", STR_FMT(rest));
	return str_eq(other, r->now->body) ? true : fail(r, "%zu bytes, not the same as the %zu remembered", r->now->body.n, other.n);
}

static bool expect_smaller(struct runner *r, struct str rest)
{
	size_t most = strtoul(arena_c(r->a, rest), NULL, 10);

	return r->now->body.n <= most ? true : fail(r, "%zu bytes", r->now->body.n);
}

/* "count 2 ..." in the bytes. */
static bool expect_count(struct runner *r, struct str rest)
{
	size_t wanted = strtoul(arena_c(r->a, next_word(&rest)), NULL, 10), seen = 0;
	struct str part = read_text(r->a, rest), left = r->now->body;

	while (part.n > 0 && left.n >= part.n) {
		const char *at = memmem(left.p, left.n, part.p, part.n);

		if (at == NULL)
			break;
		seen++;
		left = str_cut(left, (size_t)(at - left.p) + part.n, left.n);
	}
	return seen == wanted ? true : fail(r, "%zu times, not %zu: %.*s", seen, wanted, STR_FMT(part));
}

bool expect(struct runner *r, struct str what)
{
	struct str rest = what, kind = next_word(&rest);
	bool wanted = true;

	if (str_eq_c(kind, "no")) {
		wanted = false;
		kind = next_word(&rest);
	}
	if (kind.n > 0 && kind.p[0] >= '0' && kind.p[0] <= '9') {
		int status = atoi(arena_c(r->a, kind));
		bool other = str_eq_c(next_word(&rest), "or") && r->now->status == atoi(arena_c(r->a, rest));

		return other || r->now->status == status ? true : fail(r, "status %d: %.400s", r->now->status,
							      arena_c(r->a, page_text(r->a, r->now->body)));
	}
	if (str_eq_c(kind, "text") || str_eq_c(kind, "raw"))
		return expect_text(r, rest, wanted, str_eq_c(kind, "raw"));
	if (str_eq_c(kind, "header"))
		return expect_header(r, rest, wanted);
	if (str_eq_c(kind, "json"))
		return expect_json(r, rest, wanted);
	if (str_eq_c(kind, "refused"))
		return expect_refused(r, rest);
	if (str_eq_c(kind, "same"))
		return expect_same(r, rest);
	if (str_eq_c(kind, "count"))
		return expect_count(r, rest);
	if (str_eq_c(kind, "bytes"))
		return expect_smaller(r, rest);
	if (str_eq_c(kind, "answer"))
		return (r->now->status != 0) == wanted ? true : fail(r, "status %d", r->now->status);
	return fail(r, "expect %.*s is no expectation", STR_FMT(what));
}

/* tests/fuzz/fuzz_head.c — any bytes as a request: first line, headers, address, cookie, query.
 *
 * The input is written as a request is; a line feed ends a line and the first colon a header's name. Whatever is let
 * through must obey what the rest of the program relies on. */
#include "web/form.h"
#include "web/head.h"
#include "web/route.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const hosts[] = { "localhost:8080", "avstamp.example", NULL };

static struct str line(struct str *rest)
{
	size_t n = str_find(*rest, '\n');
	struct str l = str_cut(*rest, 0, n);

	*rest = str_cut(*rest, n + 1, rest->n);
	return l;
}

static struct str word(struct str *rest)
{
	size_t n = str_find(*rest, ' ');
	struct str w = str_cut(*rest, 0, n);

	*rest = str_cut(*rest, n + 1, rest->n);
	return w;
}

static void check_address(struct arena *a, const struct head *h)
{
	struct route_match m = route_find(h->method, h->path);
	struct route_ids ids;
	struct str path;
	struct field *f;
	size_t n;

	assert_always(h->path.n > 0 && h->path.p[0] == '/');
	assert_always(str_find(h->path, '%') == h->path.n && str_find(h->path, '?') == h->path.n);
	assert_always(m.route == ROUTE_NONE || route_rows[m.route].method == h->method);
	if (m.route != ROUTE_NONE && !m.ids.bad && m.ids.command.p != NULL)
		assert_always(m.ids.command.n > 0 && m.ids.command.n <= 64);
	enum route form = route_form(h->path, &ids, &path);

	assert_always(form == ROUTE_NONE || (route_rows[form].method == METHOD_GET && !ids.bad && !route_is_api(form)));
	enum err e = form_parse(a, h->query, NULL, &f, &n);

	assert_always(e == OK || e == ERR_INVALID || e == ERR_TOO_LARGE);
}

static void check(struct arena *a, const struct head *h)
{
	uint8_t secret[32];
	char again[64];

	check_address(a, h);
	assert_always(!(h->has_length && h->chunked));
	if (session_cookie_parse(h->session_cookie, secret) == OK) {
		session_cookie_spell(secret, again);
		assert_always(memcmp(again, h->session_cookie.p, sizeof again) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct arena *a;
	struct str rest = { (const char *)data, n };
	struct head_field fields[HEAD_FIELDS_MAX + 1];
	struct head_seen seen = { .fields = fields };
	struct head_rules rules = { .hosts = hosts, .redirect_host = "127.0.0.1:8080", .secure = n % 2 == 1 };
	struct head h = { 0 };

	if (a == NULL)
		a = arena_new(4u << 20);
	assert_always(a != NULL);
	if (n == 0 || n > 10000)
		return 0;
	struct str first = line(&rest);

	seen.method = word(&first);
	seen.uri = word(&first);
	seen.version = first;
	while (rest.n > 0 && seen.n_fields < COUNT_OF(fields)) {
		struct str l = line(&rest);
		size_t colon = str_find(l, ':');

		fields[seen.n_fields++] = (struct head_field){ str_cut(l, 0, colon), str_trim(str_cut(l, colon + 1, l.n)) };
	}
	if (head_read(&seen, &rules, &h) == OK)
		check(a, &h);
	else
		assert_always(h.path.p == NULL);
	arena_reset(a);
	return 0;
}

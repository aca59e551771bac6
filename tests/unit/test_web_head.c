/* tests/unit/test_web_head.c — first line and headers: what a plain request gives, and the corpus of requests that
 * proxies and servers read differently. */
#include "web/head.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char *const hosts[] = { "localhost:8080", "avstamp.example", NULL };
static const struct head_rules plain = { hosts, "127.0.0.1:8080", false };
static const struct head_rules tls = { hosts, NULL, true };

struct ask {
	const char *method, *uri, *version;
	const char *pairs[20]; /* name, value, name, value, NULL */
};

static enum err read_with(const struct ask *q, const struct head_rules *rules, long off, struct head *ret)
{
	struct head_field f[10];
	struct head_seen s = { .method = str_c(q->method), .uri = str_c(q->uri), .version = str_c(q->version == NULL ? "HTTP/1.1" : q->version),
			       .fields = f };

	s.size = s.method.n + s.uri.n + s.version.n + 6;
	for (size_t i = 0; q->pairs[i] != NULL; i += 2) {
		f[s.n_fields++] = (struct head_field){ str_c(q->pairs[i]), str_c(q->pairs[i + 1]) };
		s.size += strlen(q->pairs[i]) + strlen(q->pairs[i + 1]) + 4;
	}
	s.size = (size_t)((long)s.size + off);
	return head_read(&s, rules, ret);
}

static enum err read(const struct ask *q, struct head *ret)
{
	return read_with(q, &plain, 0, ret);
}

static void a_plain_request(void **state)
{
	struct head h;
	struct ask q = { "GET", "/arenden?efter=a%20b", NULL, { "host", "LOCALHOST:8080", "Cookie", "a=1; s=" "0123456789012345678901234567890123456789012345678901234567890123" "; c=d", "Accept-Encoding", "gzip;q=0.5, br;q=0" } };
	(void)state;

	assert_int_equal(read(&q, &h), OK);
	assert_int_equal(h.method, METHOD_GET);
	assert_true(str_eq_c(h.path, "/arenden"));
	assert_true(str_eq_c(h.query, "efter=a%20b"));
	assert_int_equal(h.session_cookie.n, 64);
	assert_true(str_eq_c(h.scheme_cookie, "d"));
	assert_true(h.accepts_gzip);
	assert_false(h.accepts_brotli);
	assert_int_equal(h.origin, ORIGIN_ABSENT);
}

static void refuses_what_proxies_read_differently(void **state)
{
	static const struct { struct ask q; enum err want; } bad[] = {
		{ { "GET", "/", NULL, { NULL } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "hOST", "evil.example" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "evil.example" } }, ERR_FORBIDDEN_ORIGIN },
		{ { "GET", "/", NULL, { "Host", "localhost" } }, ERR_FORBIDDEN_ORIGIN },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "5", "Transfer-Encoding", "chunked" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "5", "Content-Length", "6" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "5", "Content-Length", "5" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "+5" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "5, 5" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Content-Length", "99999999999999999999" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Transfer-Encoding", "xchunked" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Transfer-Encoding", "gzip, chunked" } }, ERR_INVALID },
		{ { "POST", "/", NULL, { "Host", "localhost:8080", "Transfer-Encoding", "chunked", "Transfer-Encoding", "identity" } }, ERR_INVALID },
		{ { "POST", "/", "HTTP/1.0", { "Host", "localhost:8080", "Transfer-Encoding", "chunked" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "X ", "space before the colon" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "X", "a\x01" "b" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "X", "a\rb" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "X", "\xc3\xa5" } }, ERR_INVALID },
		{ { "GET", "/a%00b", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/%61renden", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "http://localhost:8080/", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "*", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/a#b", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/a\\b", NULL, { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/", "HTTP/2.0", { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/", "HTTP/0.9", { "Host", "localhost:8080" } }, ERR_INVALID },
		{ { "GET", "/", NULL, { "Host", "localhost:8080", "Cookie", "s=1", "Cookie", "s=2" } }, ERR_INVALID },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct head h;

		if (read(&bad[i].q, &h) != bad[i].want)
			fail_msg("row %zu: %s", i, err_name(read(&bad[i].q, &h)));
	}
}

/* A hidden byte (a NUL, a folded line) makes the head longer than what is seen of it, a bare line feed shorter. */
static void counts_the_bytes(void **state)
{
	struct ask q = { "GET", "/", NULL, { "Host", "localhost:8080" } };
	struct head h;
	(void)state;

	assert_int_equal(read_with(&q, &plain, 0, &h), OK);
	assert_int_equal(read_with(&q, &plain, -1, &h), OK);
	assert_int_equal(read_with(&q, &plain, -2, &h), ERR_INVALID);
	assert_int_equal(read_with(&q, &plain, 1, &h), ERR_INVALID);
	assert_int_equal(read_with(&q, &plain, 9000, &h), ERR_TOO_LARGE);
}

static enum origin origin_of(const struct head_rules *rules, const char *site, const char *origin)
{
	struct ask q = { "POST", "/", NULL, { "Host", "localhost:8080", site == NULL ? "X" : "Sec-Fetch-Site", site == NULL ? "1" : site,
					      origin == NULL ? "Y" : "Origin", origin == NULL ? "1" : origin } };
	struct head h;

	assert_int_equal(read_with(&q, rules, 0, &h), OK);
	return h.origin;
}

static void where_a_form_comes_from(void **state)
{
	(void)state;
	assert_int_equal(origin_of(&plain, NULL, NULL), ORIGIN_ABSENT);
	assert_int_equal(origin_of(&plain, "none", NULL), ORIGIN_ABSENT);
	assert_int_equal(origin_of(&plain, "same-origin", NULL), ORIGIN_SAME);
	assert_int_equal(origin_of(&plain, "same-origin", "null"), ORIGIN_SAME);
	assert_int_equal(origin_of(&plain, NULL, "http://localhost:8080"), ORIGIN_SAME);
	assert_int_equal(origin_of(&tls, NULL, "https://localhost:8080"), ORIGIN_SAME);
	assert_int_equal(origin_of(&tls, NULL, "http://localhost:8080"), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, NULL, "null"), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, NULL, "http://localhost:8081"), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, NULL, "http://avstamp.example"), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, NULL, ""), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, "same-site", NULL), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, "cross-site", "http://localhost:8080"), ORIGIN_FOREIGN);
	assert_int_equal(origin_of(&plain, "same-origin", "http://evil.example"), ORIGIN_FOREIGN);
}

static void parts_of_other_sites(void **state)
{
	struct head h;
	struct ask frame = { "GET", "/", NULL, { "Host", "localhost:8080", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe" } };
	struct ask link = { "GET", "/", NULL, { "Host", "localhost:8080", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document" } };
	struct ask fetch = { "GET", "/", NULL, { "Host", "localhost:8080", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image" } };
	(void)state;

	assert_int_equal(read(&frame, &h), OK);
	assert_true(h.foreign_part);
	assert_int_equal(read(&fetch, &h), OK);
	assert_true(h.foreign_part);
	assert_int_equal(read(&link, &h), OK);
	assert_false(h.foreign_part);
}

static void a_planted_cookie_counts_for_nothing(void **state)
{
	struct head h;
	struct ask twice = { "GET", "/", NULL, { "Host", "localhost:8080", "Cookie", "s=a; s=b" } };
	struct ask weak = { "GET", "/", NULL, { "Host", "localhost:8080", "Cookie", "s=a" } };
	uint8_t secret[32];
	(void)state;

	assert_int_equal(read(&twice, &h), OK);
	assert_null(h.session_cookie.p);
	assert_int_equal(read_with(&weak, &tls, 0, &h), OK);
	assert_null(h.session_cookie.p);
	assert_int_equal(session_cookie_parse(STR_UNSET, secret), ERR_INVALID);
	assert_int_equal(session_cookie_parse(STR("zz"), secret), ERR_INVALID);
	assert_int_equal(session_cookie_parse(STR("000000000000000000000000000000000000000000000000000000000000000G"), secret), ERR_INVALID);
}

static void cookies_there_and_back(void **state)
{
	uint8_t secret[32], again[32];
	char text[64];
	(void)state;

	for (size_t i = 0; i < 32; i++)
		secret[i] = (uint8_t)(i * 37 + 5);
	session_cookie_spell(secret, text);
	assert_int_equal(session_cookie_parse((struct str){ text, 64 }, again), OK);
	assert_memory_equal(secret, again, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_request),
		cmocka_unit_test(refuses_what_proxies_read_differently),
		cmocka_unit_test(counts_the_bytes),
		cmocka_unit_test(where_a_form_comes_from),
		cmocka_unit_test(parts_of_other_sites),
		cmocka_unit_test(a_planted_cookie_counts_for_nothing),
		cmocka_unit_test(cookies_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

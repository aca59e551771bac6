/* tests/unit/test_web_route.c — every row of the route table is found, and nothing else. */
#include "web/route.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEX "00112233445566778899aabbccddeeff"

/* An address for a pattern. */
static size_t example(const char *pattern, char *out)
{
	size_t n = 0;

	while (*pattern != 0) {
		if (*pattern != '{') {
			out[n++] = *pattern++;
			continue;
		}
		const char *fill = strncmp(pattern, "{command}", 9) == 0 ? "note" : strncmp(pattern, "{file}", 6) == 0 ? "app.1.css" : HEX;

		memcpy(out + n, fill, strlen(fill));
		n += strlen(fill);
		pattern = strchr(pattern, '}') + 1;
	}
	return n;
}

static void every_row_is_found(void **state)
{
	(void)state;
	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT; i++) {
		const struct route_row *r = &route_rows[i];
		char path[256];
		struct str p = { path, example(r->pattern, path) };
		struct route_match m = route_find(r->method, p);

		assert_int_equal(m.route, i);
		assert_false(m.ids.bad);
	}
}

static void ids_are_read(void **state)
{
	struct route_match m = route_find(METHOD_POST, STR("/arenden/" HEX "/gor/note"));
	(void)state;

	assert_int_equal(m.route, ROUTE_command);
	assert_int_equal(m.ids.case_id.b[15], 0xff);
	assert_true(str_eq_c(m.ids.command, "note"));
	m = route_find(METHOD_GET, STR("/arenden/nytt"));
	assert_int_equal(m.route, ROUTE_intake_show);
}

static void a_bad_id_finds_its_route_marked(void **state)
{
	static const char *const bad[] = { "/arenden/x", "/arenden/" HEX "0", "/arenden/00112233445566778899AABBCCDDEEFG",
					   "/arenden/..", "/arenden/" HEX "/gor/a%00" };
	(void)state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct route_match m = route_find(METHOD_GET, str_c(bad[i]));

		assert_int_not_equal(m.route, ROUTE_NONE);
		assert_true(m.ids.bad);
	}
}

static void nothing_else_exists(void **state)
{
	static const char *const none[] = { "", "//", "/x", "/arenden/", "/arenden//plan", "/arenden/" HEX "/", "/arenden/" HEX "/plan/",
					    "/logga-in/", "/LOGGA-IN", "/api", "/api/v1", "/a/", "/a/b/c", "/arenden/" HEX "/gor",
					    "/arenden/" HEX "/gor/" };
	(void)state;

	for (size_t i = 0; i < COUNT_OF(none); i++) {
		struct route_match m = route_find(METHOD_GET, str_c(none[i]));

		if (m.route != ROUTE_NONE)
			fail_msg("found: %s", none[i]);
		assert_null(route_methods(str_c(none[i])));
	}
	struct route_match m = route_find(METHOD_POST, STR("/min-dag"));

	assert_int_equal(m.route, ROUTE_NONE);
	assert_true(m.other_method);
	assert_string_equal(route_methods(STR("/min-dag")), "GET, HEAD");
	assert_string_equal(route_methods(STR("/logga-in")), "GET, HEAD, POST");
	assert_string_equal(route_methods(STR("/api/v1/session")), "POST, DELETE");
}

static void powers_default_to_no(void **state)
{
	(void)state;
	assert_true(route_is_open(ROUTE_login));
	assert_false(route_is_open(ROUTE_my_day));
	assert_true(route_allows(ROUTE_my_day, 0));
	assert_false(route_allows(ROUTE_case_show, 0));
	assert_true(route_allows(ROUTE_case_show, 1u << 0));
	assert_false(route_allows(ROUTE_case_show, 1u << 5));
	assert_true(route_allows(ROUTE_log_show, 1u << 5));
	assert_false(route_allows(ROUTE_log_show, ~(UINT64_C(1) << 5)));
	assert_false(route_allows(ROUTE_intake, 1u << 2));
	/* Nothing that shows or changes a case is open. */
	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT; i++)
		if (route_has_id(i))
			assert_false(route_is_open(i));
}

/* A dead link of somebody who is logged in: every question has an answer. */
static void no_route_is_no_route(void **state)
{
	(void)state;
	assert_false(route_has_id(ROUTE_NONE));
	assert_false(route_is_api(ROUTE_NONE));
	assert_false(route_is_open(ROUTE_NONE));
	assert_false(route_asks_vault(ROUTE_NONE));
	assert_false(route_allows(ROUTE_NONE, UINT64_MAX));
}

static void the_form_of_a_posted_address(void **state)
{
	struct route_ids ids;
	struct str path;
	(void)state;

	assert_int_equal(route_form(STR("/arenden/" HEX "/gor/note"), &ids, &path), ROUTE_command_show);
	assert_true(str_eq_c(ids.command, "note"));
	assert_int_equal(route_form(STR("/arenden/" HEX "/behorighet"), &ids, &path), ROUTE_case_show);
	assert_true(str_eq_c(path, "/arenden/" HEX));
	assert_int_equal(route_form(STR("/konton/" HEX "/intyga"), &ids, &path), ROUTE_accounts);
	assert_int_equal(route_form(STR("/sok"), &ids, &path), ROUTE_NONE);
	assert_int_equal(route_form(STR("//evil.example/"), &ids, &path), ROUTE_NONE);
	assert_int_equal(route_form(STR("https://evil.example/x"), &ids, &path), ROUTE_NONE);
	assert_int_equal(route_form(STR("/api/v1/cases"), &ids, &path), ROUTE_NONE);
	assert_int_equal(route_form(STR(""), &ids, &path), ROUTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found),
		cmocka_unit_test(ids_are_read),
		cmocka_unit_test(a_bad_id_finds_its_route_marked),
		cmocka_unit_test(nothing_else_exists),
		cmocka_unit_test(powers_default_to_no),
		cmocka_unit_test(no_route_is_no_route),
		cmocka_unit_test(the_form_of_a_posted_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

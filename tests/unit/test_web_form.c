/* tests/unit/test_web_form.c — forms as browsers send them, and everything that is refused. */
#include "web/form.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(2u << 20);
	return arena == NULL;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool may_repeat(struct str name)
{
	return str_eq_c(name, "val");
}

static void reads_what_browsers_send(void **state)
{
	struct field *f;
	size_t n;
	(void)state;

	assert_int_equal(form_parse(arena, STR("namn=%C3%85sa+%26+Bo&text=a%0D%0Ab%0dc&tomt=&ensam&_on=x.1-2"), may_repeat, &f, &n), OK);
	assert_int_equal(n, 5);
	assert_true(str_eq_c(form_field(f, n, "namn", 0), "Åsa & Bo"));
	assert_true(str_eq_c(form_field(f, n, "text", 0), "a\nb\nc"));
	assert_true(str_eq_c(form_field(f, n, "tomt", 0), ""));
	assert_true(str_eq_c(form_field(f, n, "ensam", 0), ""));
	assert_null(form_field(f, n, "finns-inte", 0).p);
	assert_int_equal(form_parse(arena, STR(""), NULL, &f, &n), OK);
	assert_int_equal(n, 0);
}

static void several_answers_only_where_allowed(void **state)
{
	struct field *f;
	size_t n;
	(void)state;

	assert_int_equal(form_parse(arena, STR("val=a&val=b&x=1"), may_repeat, &f, &n), OK);
	assert_true(str_eq_c(form_field(f, n, "val", 1), "b"));
	assert_null(form_field(f, n, "val", 2).p);
	assert_int_equal(form_parse(arena, STR("x=a&x=b"), may_repeat, &f, &n), ERR_INVALID);
	assert_int_equal(form_parse(arena, STR("val=a&val=b"), NULL, &f, &n), ERR_INVALID);
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"a=%",          "a=%4",        "a=%zz",       "a=%00",     "a=%FF",        "a=%C3",       "a=%C0%AF",
		"a=%ED%A0%80",  "a=%07",       "a=%7f",       "=a",        "&",            "a=1&",        "a=1&&b=2",
		"a b=1",        "a=å",         "a%00=1",      "a%26b=1",   "a=1&a=1",      "a=\n",        "a[]=1",
		"a=%F4%90%80%80", "a=%C2%85",  "<script>=1",
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct field *f = NULL;
		size_t n = 77;

		if (form_parse(arena, str_c(bad[i]), may_repeat, &f, &n) != ERR_INVALID)
			fail_msg("accepted: %s", bad[i]);
		assert_null(f);
		assert_int_equal(n, 77);
	}
}

static struct str many_fields(size_t times, char end)
{
	struct buf b = buf_new(arena, 1u << 20);

	for (size_t i = 0; i < times; i++)
		buf_format(&b, "f%zu=1&", i);
	if (end != 0)
		buf_char(&b, end);
	return buf_view(&b);
}

static void has_limits(void **state)
{
	struct field *f;
	size_t n;
	struct buf b = buf_new(arena, 600000);
	(void)state;

	assert_int_equal(form_parse(arena, many_fields(FORM_PAIRS_MAX - 1, 'x'), NULL, &f, &n), OK);
	assert_int_equal(n, FORM_PAIRS_MAX);
	assert_int_equal(form_parse(arena, many_fields(FORM_PAIRS_MAX, 'x'), NULL, &f, &n), ERR_INVALID);
	buf_lit(&b, "a=");
	for (size_t i = 0; i < FORM_VALUE_MAX; i++)
		buf_char(&b, 'x');
	assert_int_equal(form_parse(arena, buf_view(&b), NULL, &f, &n), OK);
	buf_char(&b, 'x');
	assert_int_equal(form_parse(arena, buf_view(&b), NULL, &f, &n), ERR_TOO_LARGE);
}

static void a_small_arena_is_no_crash(void **state)
{
	struct arena *small = arena_new(256);
	struct field *f;
	size_t n;
	(void)state;

	assert_int_equal(form_parse(small, STR("a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8"), NULL, &f, &n), ERR_FULL);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_browsers_send, setup, teardown),
		cmocka_unit_test_setup_teardown(several_answers_only_where_allowed, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(has_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_small_arena_is_no_crash, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

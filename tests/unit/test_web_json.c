/* tests/unit/test_web_json.c — JSON in and out of the API: what is taken, and all that is refused whole. */
#include "api/json.h"
#include "api/read.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4u << 20);
	return arena == NULL;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void values_become_typed_text(void **state)
{
	struct json_fields f;
	(void)state;

	assert_int_equal(read_object(arena, STR("{\"text\":\"Å\\nb\\r\\nc\",\"n\":-12,\"ja\":true,\"nej\":false,\"tom\":null,\"val\":[\"a\",\"b\"]}"), &f), OK);
	assert_int_equal(f.n, 7);
	assert_true(str_eq_c(read_take(&f, "text"), "Å\nb\nc"));
	assert_true(str_eq_c(read_take(&f, "n"), "-12"));
	assert_true(str_eq_c(read_take(&f, "ja"), "yes"));
	assert_true(str_eq_c(read_take(&f, "nej"), "no"));
	assert_true(str_eq_c(read_take(&f, "tom"), ""));
	assert_true(str_eq_c(read_take(&f, "val"), "a"));
	assert_true(str_eq_c(read_take(&f, "val"), "b"));
	assert_null(read_take(&f, "val").p);
	assert_int_equal(f.n, 0);
	assert_int_equal(read_object(arena, STR(""), &f), OK);
	assert_int_equal(f.n, 0);
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"[]", "1", "\"a\"", "null", "{", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":1.5}", "{\"a\":NaN}", "{\"a\":{}}",
		"{\"a\":[1]}", "{\"a\":[[\"b\"]]}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\u0007\"}", "{\"a\":\"\xff\"}",
		"{\"a\":\"\\ud800\"}", "{'a':1}", "{a:1}", "{\"a\":01}", "{\"a\":99999999999999999999}", "{\"a\":1,}",
		"{\"a\":[[[[[1]]]]]}", " ",
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct json_fields f;

		if (read_object(arena, str_c(bad[i]), &f) != ERR_INVALID)
			fail_msg("accepted: %s", bad[i]);
	}
}

/* The library recurses; a worker's stack is small. */
static void deep_nesting_never_reaches_the_library(void **state)
{
	static char deep[100000];
	struct json_fields f;
	(void)state;

	memset(deep, '[', sizeof deep);
	assert_false(read_is_shallow((struct str){ deep, sizeof deep }));
	assert_int_equal(read_object(arena, (struct str){ deep, sizeof deep }, &f), ERR_INVALID);
	assert_true(read_is_shallow(STR("{\"a\":\"[[[[[[[[\\\"[[[[\"}")));
	assert_false(read_is_shallow(STR("{\"a\":\"\\\\\",\"b\":[[[[[")));
}

static void too_many_fields(void **state)
{
	struct buf b = buf_new(arena, 1u << 16);
	struct json_fields f;
	(void)state;

	buf_char(&b, '{');
	for (int i = 0; i <= READ_FIELDS; i++)
		buf_format(&b, "%s\"f%d\":1", i > 0 ? "," : "", i);
	buf_char(&b, '}');
	assert_int_equal(read_object(arena, buf_view(&b), &f), ERR_INVALID);
}

/* What is written can be read by another reader of JSON, sign for sign. */
static void writes_what_others_read(void **state)
{
	static const char text[] = "\"å\\ \n\t\x01 </script> ☃";
	struct json j = json_new(arena);
	struct id16 id = { { 1 } };
	struct day day;
	(void)state;

	assert_int_equal(day_make(2026, 11, 24, &day), OK);
	json_open(&j, '{');
	json_put(&j, "text", str_c(text));
	json_put(&j, "unset", STR_UNSET);
	json_put_i64(&j, "n", INT64_MIN);
	json_put_bool(&j, "b", true);
	json_put_id(&j, "id", id);
	json_put_id(&j, "no_id", (struct id16){ { 0 } });
	json_put_day(&j, "day", day);
	json_put_day(&j, "no_day", DAY_UNSET);
	json_put_instant(&j, "no_moment", INSTANT_UNSET);
	json_put_open(&j, "list", '[');
	json_open(&j, '{');
	json_close(&j);
	json_str(&j, STR(""));
	json_i64(&j, 0);
	json_close(&j);
	json_put_open(&j, "empty", '[');
	json_close(&j);
	json_close(&j);
	struct str s = json_view(&j);
	json_t *v = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(v);
	assert_int_equal(json_object_size(v), 7);
	assert_string_equal(json_string_value(json_object_get(v, "text")), text);
	assert_true(json_integer_value(json_object_get(v, "n")) == INT64_MIN);
	assert_string_equal(json_string_value(json_object_get(v, "id")), "01000000000000000000000000000000");
	assert_string_equal(json_string_value(json_object_get(v, "day")), "2026-11-24");
	assert_int_equal(json_array_size(json_object_get(v, "list")), 3);
	json_decref(v);
}

static void a_full_arena_gives_no_half_answer(void **state)
{
	struct arena *small = arena_new(4096);
	struct json j = json_new(small);
	(void)state;

	json_open(&j, '[');
	for (int i = 0; i < 2000; i++)
		json_str(&j, STR("0123456789"));
	json_close(&j);
	assert_null(json_view(&j).p);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_become_typed_text, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_nesting_never_reaches_the_library, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_what_others_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_arena_gives_no_half_answer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

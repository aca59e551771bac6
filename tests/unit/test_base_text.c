/* tests/unit/test_base_text.c — views, UTF-8, ids, case codes and faults. */
#include "base/base.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void views_compare_and_cut(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), STR("abc")));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_false(str_eq(STR("abc"), STR("ab")));
	assert_true(str_eq_c(STR("abc"), "abc"));
	assert_int_equal(str_cmp(STR("ab"), STR("abc")), -1);
	assert_int_equal(str_cmp(STR("b"), STR("abc")), 1);
	assert_int_equal(str_cmp(STR("abc"), STR("abc")), 0);
	assert_int_equal(str_cmp(STR("\xff"), STR("a")), 1); /* bytes, not signed characters */
	assert_int_equal(str_cmp(STR_UNSET, STR_UNSET), 0);
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_int_equal(str_find(STR("a/b"), '/'), 1);
	assert_int_equal(str_find(STR("ab"), '/'), 2);
	assert_int_equal(str_find(STR_UNSET, '/'), 0);
	assert_true(str_eq(str_cut(STR("abcdef"), 2, 4), STR("cd")));
	assert_true(str_eq(str_cut(STR("abc"), 2, 99), STR("c")));
	assert_int_equal(str_cut(STR("abc"), 9, 99).n, 0);
	assert_int_equal(str_cut(STR("abc"), 2, 1).n, 0);
	assert_null(str_cut(STR_UNSET, 0, 9).p);
	assert_true(str_eq(str_trim(STR(" \t\r\n a b \n")), STR("a b")));
	assert_int_equal(str_trim(STR(" \n ")).n, 0);
	assert_non_null(str_trim(STR("  ")).p);
	assert_null(str_c(NULL).p);
}

static void text_that_is_allowed(void **state)
{
	static const char *const good[] = {
		"", "a", "\t\r\n", "åäö ÅÄÖ é", "\xc2\xa0", "€", "ﷺ", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "Ω 漢字 😀",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(str_is_text(str_c(good[i])));
	assert_int_equal(str_points(STR("åäö 😀")), 5);
	assert_int_equal(str_points(STR("")), 0);
}

static void text_that_is_refused(void **state)
{
	static const struct str bad[] = {
		{ "\0", 1 }, { "a\0b", 3 }, { "\x01", 1 }, { "\x1b[0m", 4 }, { "\x7f", 1 }, { "\x80", 1 }, { "\xbf", 1 },
		{ "\xc0\x80", 2 }, { "\xc1\xbf", 2 }, { "\xc2", 1 }, { "\xc2\x80", 2 }, { "\xc2\x9f", 2 }, { "\xc3\x28", 2 },
		{ "\xe0\x80\x80", 3 }, { "\xe0\x9f\xbf", 3 }, { "\xed\xa0\x80", 3 }, { "\xed\xbf\xbf", 3 }, { "\xe2\x82", 2 },
		{ "\xe2\x28\xa1", 3 }, { "\xe2\x82\x28", 3 }, { "\xf0\x8f\xbf\xbf", 4 }, { "\xf4\x90\x80\x80", 4 },
		{ "\xf5\x80\x80\x80", 4 }, { "\xf0\x9f\x98", 3 }, { "\xff", 1 }, { "ok\xfe", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(str_is_text(bad[i]));
}

/* Every sequence of up to three bytes against a decoder written the slow way. */
static bool slow_is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = p[i] < 0x80 ? 1 : (p[i] & 0xe0) == 0xc0 ? 2 : (p[i] & 0xf0) == 0xe0 ? 3 : 0;
		uint32_t v = len == 1 ? p[i] : len == 2 ? p[i] & 0x1fu : p[i] & 0x0fu;

		if (len == 0 || len > n - i)
			return false;
		for (size_t j = 1; j < len; j++) {
			if ((p[i + j] & 0xc0) != 0x80)
				return false;
			v = v << 6 | (p[i + j] & 0x3fu);
		}
		if (v < (len == 2 ? 0x80u : len == 3 ? 0x800u : 0) || (v >= 0xd800 && v <= 0xdfff))
			return false;
		if ((v < 0x20 && v != '\t' && v != '\r' && v != '\n') || (v >= 0x7f && v < 0xa0))
			return false;
		i += len;
	}
	return true;
}

static void text_agrees_with_a_slow_reader(void **state)
{
	(void)state;
	for (uint32_t v = 0; v < 1u << 24; v += v < 1u << 16 ? 1 : 7) {
		uint8_t bytes[3] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16) };
		struct str s = { (const char *)bytes, sizeof bytes };

		if ((bytes[0] & 0xf8) == 0xf0 || (bytes[1] & 0xf8) == 0xf0 || (bytes[2] & 0xf8) == 0xf0)
			continue; /* four bytes do not fit here; the lists above have them */
		if (str_is_text(s) != slow_is_text(bytes, sizeof bytes))
			fail_msg("%02x %02x %02x", bytes[0], bytes[1], bytes[2]);
	}
}

/* Text is looked at in eights where it can be: any byte at any place of three eights. */
static void every_byte_at_every_place(void **state)
{
	(void)state;
	for (size_t place = 0; place < 24; place++)
		for (unsigned c = 0; c < 256; c++) {
			uint8_t bytes[24];
			memset(bytes, place % 2 ? 0x20 : 0x7e, sizeof bytes);
			bytes[place] = (uint8_t)c;
			if (str_is_text((struct str){ (const char *)bytes, sizeof bytes }) != slow_is_text(bytes, sizeof bytes))
				fail_msg("byte %02x at %zu", c, place);
		}
}

static void ids_are_spelled_and_read(void **state)
{
	struct arena *a = arena_new(4096);
	struct id16 id = { { 0x00, 0x01, 0x0f, 0xf0, 0xff, 0xab, 0xcd, 0xef, 1, 2, 3, 4, 5, 6, 7, 8 } }, back;

	(void)state;
	struct str s = id_str(a, id);
	assert_true(str_eq(s, STR("00010ff0ffabcdef0102030405060708")));
	assert_int_equal(id_parse(s, &back), OK);
	assert_true(id_eq(id, back));
	assert_int_equal(id_parse(STR("00010FF0FFABCDEF0102030405060708"), &back), OK);
	assert_true(id_eq(id, back));
	assert_false(id_is_zero(id));
	assert_true(id_is_zero((struct id16){ { 0 } }));
	assert_int_equal(id_cmp((struct id16){ { 1 } }, (struct id16){ { 0xff } }), -1);
	assert_int_equal(id_cmp((struct id16){ { 0xff } }, (struct id16){ { 1 } }), 1);
	assert_int_equal(id_cmp(id, back), 0);
	arena_free(a);
}

static void ids_that_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "0", "00010ff0ffabcdef010203040506070", "00010ff0ffabcdef01020304050607080",
		"00010ff0ffabcdef010203040506070g", "00010ff0-fabcdef0102030405060708", " 0010ff0ffabcdef0102030405060708",
		"00010ff0ffabcdef010203040506070\xc3", "0x010ff0ffabcdef0102030405060708",
	};
	struct id16 id = { { 42 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(id_parse(str_c(bad[i]), &id), ERR_INVALID);
	assert_int_equal(id.b[0], 42); /* a refusal writes nothing */
	assert_int_equal(id_parse(STR_UNSET, &id), ERR_INVALID);
}

static void codes_are_the_first_32_bits(void **state)
{
	static const struct { uint8_t first[4]; const char *code; } cases[] = {
		{ { 0, 0, 0, 0 }, "K-BBBBB" },
		{ { 0, 0, 0, 1 }, "K-BBBBC" },
		{ { 0, 0, 0, 27 }, "K-BBBB9" },
		{ { 0, 0, 0, 28 }, "K-BBBCB" },
		{ { 0x01, 0x06, 0x9b, 0xff }, "K-99999" }, /* 28^5 - 1 = 17 210 367 */
		{ { 0x01, 0x06, 0x9c, 0x00 }, "K-BBBBB" }, /* 28^5 */
		{ { 0xff, 0xff, 0xff, 0xff }, "K-TVXWF" },
	};
	struct arena *a = arena_new(4096);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct id16 id = { { 0, 0, 0, 0, 99 } };
		uint32_t number;

		memcpy(id.b, cases[i].first, 4);
		struct str code = case_code_str(a, id);
		assert_true(str_eq_c(code, cases[i].code));
		assert_int_equal(case_code_parse(code, &number), OK);
		assert_int_equal(number, case_code_number(id));
	}
	arena_free(a);
}

static void codes_are_read_as_people_write_them(void **state)
{
	static const char *const same[] = {
		"K-4F7HB", "k-4f7hb", "4F7HB", "4f7hb", " K 4F7HB ", "K4F7HB", "K-4F7 HB", "K\xe2\x80\x93" "4F7HB",
		"k\xe2\x80\x91" "4f7hb",
	};
	static const char *const bad[] = {
		"", "K-", "K-4F7H", "K-4F7HBB", "X-4F7HB", "K-4F7H0", "K-4F7HA", "4F7H1", "K-4F7HÅ", "K-4F7H/", "KK4F7HB",
		"K-4F7HB'--",
	};
	uint32_t first = 0, v = 7;

	(void)state;
	assert_int_equal(case_code_parse(STR("K-4F7HB"), &first), OK);
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		assert_int_equal(case_code_parse(str_c(same[i]), &v), OK);
		assert_int_equal(v, first);
	}
	v = 7;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(case_code_parse(str_c(bad[i]), &v), ERR_INVALID);
	assert_int_equal(v, 7);
	/* Five signs that begin with K are five signs. */
	assert_int_equal(case_code_parse(STR("KKKKK"), &v), OK);
	assert_int_equal(case_code_parse(STR("K-KKKKK"), &first), OK);
	assert_int_equal(v, first);
}

static void faults_have_names_and_sentences(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++) {
		enum err e = (enum err)i;
		int http = err_http(e);

		assert_true(strlen(err_name(e)) > 1);
		assert_true(strlen(err_text(e)) > 5);
		assert_true(str_is_text(str_c(err_text(e))));
		assert_true(i == OK ? http == 200 : http >= 400 && http <= 599);
	}
	assert_string_equal(err_name(ERR_NOT_FOUND), "NOT_FOUND");
	assert_int_equal(err_http(ERR_NOT_FOUND), 404);
	assert_true(err_may_retry(ERR_CONFLICT));
	assert_false(err_may_retry(ERR_NOT_FOUND));
}

static void a_bug_ends_the_process(void **state)
{
	char said[256] = "";
	int pipes[2], status = 0;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)dup2(pipes[1], STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		assert_always(child != 0);
		_exit(0);
	}
	(void)close(pipes[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(read(pipes[0], said, sizeof said - 1) > 0);
	assert_non_null(strstr(said, "child != 0"));
	(void)close(pipes[0]);
	assert_always(child != 0); /* true: goes on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_compare_and_cut),
		cmocka_unit_test(text_that_is_allowed),
		cmocka_unit_test(text_that_is_refused),
		cmocka_unit_test(text_agrees_with_a_slow_reader),
		cmocka_unit_test(every_byte_at_every_place),
		cmocka_unit_test(ids_are_spelled_and_read),
		cmocka_unit_test(ids_that_are_refused),
		cmocka_unit_test(codes_are_the_first_32_bits),
		cmocka_unit_test(codes_are_read_as_people_write_them),
		cmocka_unit_test(faults_have_names_and_sentences),
		cmocka_unit_test(a_bug_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

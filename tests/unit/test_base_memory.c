/* tests/unit/test_base_memory.c — the arena, the builder and the reader of bytes. */
#include "base/base.h"
#include "base/format.h"
#include <setjmp.h>
#include <signal.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Reads what the sanitizer forbids, to see what a reset left behind. */
__attribute__((no_sanitize("address"), noinline)) static size_t not_zero(const volatile uint8_t *p, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += p[i] != 0;
	return found;
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena *a = arena_new(10000);

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		uint8_t *p = arena_take(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_int_equal(not_zero(p, n), 0);
		if (n > 0)
			memset(p, 0xff, n);
	}
	arena_free(a);
}

static void arena_holds_its_ceiling_and_the_mark_stays(void **state)
{
	struct arena *a = arena_new(4096);

	(void)state;
	assert_true(arena_has(a, 4096));
	assert_false(arena_has(a, 4097));
	assert_non_null(arena_take(a, 4096));
	assert_false(arena_is_full(a));
	assert_null(arena_take(a, 1));
	assert_true(arena_is_full(a));
	arena_reset(a);
	assert_false(arena_is_full(a));
	assert_null(arena_take(a, 4097));
	assert_null(arena_take(a, 1)); /* would fit, but the mark stays */
	arena_reset(a);
	for (int i = 0; i < 256; i++)
		assert_non_null(arena_take(a, 16));
	assert_null(arena_take(a, 16));
	assert_int_equal(arena_used(a), 4096);
	arena_free(a);
}

static void arena_refuses_sizes_that_overflow(void **state)
{
	struct arena *a = arena_new(4096);

	(void)state;
	assert_null(arena_take_array(a, SIZE_MAX / 2, 3));
	assert_true(arena_is_full(a));
	arena_reset(a);
	assert_null(arena_take(a, SIZE_MAX));
	arena_reset(a);
	assert_null(arena_take(a, SIZE_MAX - 15));
	assert_null(arena_new(SIZE_MAX));
	arena_free(a);
}

static void reset_overwrites_what_was_handed_out(size_t n)
{
	struct arena *a = arena_new(8u << 20);
	uint8_t *p = arena_take(a, n);

	memset(p, 0xa5, n);
	assert_int_equal(not_zero(p, n), n); /* control: the counter sees what is there */
	arena_reset(a);
	assert_int_equal(not_zero(p, n), 0);
	assert_int_equal(arena_used(a), 0);
	p = arena_take(a, n);
	assert_int_equal(not_zero(p, n), 0);
	arena_free(a);
}

static void arena_reset_wipes(void **state)
{
	(void)state;
	reset_overwrites_what_was_handed_out(100);
	reset_overwrites_what_was_handed_out(3u << 20);
	reset_overwrites_what_was_handed_out(8u << 20);
}

static void arena_end_may_not_be_touched(void **state)
{
	struct arena *a = arena_new(4096);
	volatile uint8_t *p = arena_take(a, 4096);
	pid_t child = fork();
	int status = 0;

	(void)state;
	if (child == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGSEGV, SIG_DFL);
		p[2 * 4096] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
	arena_free(a);
}

static void arena_extends_only_the_newest_piece(void **state)
{
	struct arena *a = arena_new(4096);
	char *first = arena_take(a, 100), *second = arena_take(a, 100);

	(void)state;
	assert_false(arena_extend(a, first, 100, 200));
	assert_true(arena_extend(a, second, 100, 3000));
	assert_int_equal(not_zero((uint8_t *)second, 3000), 0);
	assert_false(arena_extend(a, second, 3000, 5000));
	assert_false(arena_is_full(a)); /* a refused extension leaves no mark */
	assert_non_null(arena_take(a, 100));
	arena_free(a);
	arena_free(NULL);
}

static void arena_copies_text(void **state)
{
	struct arena *a = arena_new(2048);
	char long_text[600];

	(void)state;
	memset(long_text, 'x', sizeof long_text);
	assert_true(str_eq(arena_str(a, STR("åska")), STR("åska")));
	assert_null(arena_str(a, STR_UNSET).p);
	assert_non_null(arena_str(a, STR("")).p);
	assert_string_equal(arena_c(a, STR("dörr")), "dörr");
	assert_true(str_eq(arena_format(a, "%d-%s", 7, "å"), STR("7-å")));
	struct str s = arena_format(a, "%.*s!", (int)sizeof long_text, long_text);
	assert_int_equal(s.n, 601);
	assert_int_equal(s.p[600], '!');
	assert_null(arena_format(a, "%2000d", 1).p);
	assert_true(arena_is_full(a));
	assert_null(arena_str(a, STR("a")).p);
	assert_null(arena_c(a, STR("a")));
	arena_free(a);
}

static void buf_builds_and_reads_back(void **state)
{
	struct arena *a = arena_new(4096);
	struct buf b = buf_new(a, 1000);

	(void)state;
	buf_u8(&b, 0xfe);
	buf_u16(&b, 0x0102);
	buf_u32(&b, 0x01020304);
	buf_u64(&b, UINT64_C(0x0102030405060708));
	buf_str(&b, STR("åäö"));
	static const uint8_t golden[] = { 0xfe, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0xc3, 0xa5, 0xc3, 0xa4, 0xc3, 0xb6 };
	struct str view = buf_view(&b);
	assert_int_equal(view.n, sizeof golden);
	assert_memory_equal(view.p, golden, sizeof golden);

	struct cursor c = cursor_over(view.p, view.n);
	assert_int_equal(cur_u8(&c), 0xfe);
	assert_int_equal(cur_u16(&c), 0x0102);
	assert_int_equal(cur_u32(&c), 0x01020304);
	assert_true(cur_u64(&c) == UINT64_C(0x0102030405060708));
	assert_false(cur_done(&c));
	assert_true(str_eq(cur_bytes(&c, 6), STR("åäö")));
	assert_true(cur_done(&c));
	arena_free(a);
}

static void cursor_stops_at_a_short_read(void **state)
{
	uint8_t bytes[] = { 1, 2, 3 }, to[4] = { 9, 9, 9, 9 };
	struct cursor c = cursor_over(bytes, sizeof bytes);

	(void)state;
	assert_int_equal(cur_u32(&c), 0);
	assert_true(c.bad);
	assert_int_equal(cur_u8(&c), 0); /* there is a byte, but the reader is bad */
	assert_null(cur_bytes(&c, 0).p);
	cur_copy(&c, to, sizeof to);
	assert_int_equal(not_zero(to, sizeof to), 0);
	assert_false(cur_done(&c));
	c = cursor_over(bytes, sizeof bytes);
	assert_null(cur_bytes(&c, SIZE_MAX).p);
	assert_true(c.bad);
	c = cursor_over(bytes, sizeof bytes);
	assert_int_equal(cur_u16(&c), 0x0102);
	assert_false(cur_done(&c)); /* a byte is left */
	c = cursor_over(NULL, 0);
	assert_true(cur_done(&c));
}

static void buf_writes_numbers(void **state)
{
	static const struct { int64_t v; const char *text; } cases[] = {
		{ 0, "0" }, { 7, "7" }, { -1, "-1" }, { 1000000, "1000000" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct arena *a = arena_new(65536);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = buf_new(a, 64);

		buf_i64(&b, cases[i].v);
		assert_true(str_eq_c(buf_view(&b), cases[i].text));
	}
	arena_free(a);
}

static void buf_stops_at_its_ceiling(void **state)
{
	struct arena *a = arena_new(65536);
	struct buf b = buf_new(a, 300);

	(void)state;
	for (int i = 0; i < 300; i++)
		buf_char(&b, 'x');
	assert_false(buf_is_full(&b));
	assert_int_equal(buf_view(&b).n, 300);
	buf_char(&b, 'y');
	assert_true(buf_is_full(&b));
	assert_null(buf_view(&b).p);
	assert_int_equal(b.n, 300);
	buf_add(&b, "", 0);
	assert_true(buf_is_full(&b));

	char room[4];
	b = buf_over(room, sizeof room);
	buf_lit(&b, "abcd");
	assert_true(str_eq(buf_view(&b), STR("abcd")));
	buf_lit(&b, "e");
	assert_true(buf_is_full(&b));
	b = buf_over(room, sizeof room);
	buf_format(&b, "%s", "abcd"); /* exactly full: the zero byte takes no room */
	assert_true(str_eq(buf_view(&b), STR("abcd")));
	b = buf_over(room, sizeof room);
	buf_format(&b, "%s", "abcde");
	assert_true(buf_is_full(&b));
	assert_memory_equal(room, "abcd", 4);
	arena_free(a);
}

static void buf_grows_only_as_needed(void **state)
{
	struct arena *a = arena_new(1u << 20);
	struct buf big = buf_new(a, 512u << 10);

	(void)state;
	assert_true(arena_used(a) <= 4096);
	struct buf other = buf_new(a, 512u << 10);
	for (int i = 0; i < 20000; i++) {
		buf_char(&big, (char)('a' + i % 26));
		buf_format(&other, "%d", i % 10);
	}
	assert_int_equal(buf_view(&big).n, 20000);
	assert_int_equal(buf_view(&other).n, 20000);
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(big.p[i], 'a' + i % 26);
		assert_int_equal(other.p[i], '0' + i % 10);
	}
	arena_free(a);
}

static void buf_is_full_when_the_arena_is(void **state)
{
	struct arena *a = arena_new(1024);
	struct buf b = buf_new(a, 4096);

	(void)state;
	for (int i = 0; i < 1024; i++)
		buf_char(&b, 'x');
	assert_false(buf_is_full(&b)); /* the whole arena is usable */
	buf_char(&b, 'x');
	assert_true(buf_is_full(&b));
	assert_null(arena_take(a, 1));
	struct buf none = buf_new(a, 10);
	assert_true(buf_is_full(&none));
	buf_char(&none, 'x');
	buf_format(&none, "%d", 1);
	assert_null(buf_view(&none).p);
	arena_free(a);
}

/* The short way writes what the C library writes, or leaves it to the library. */
static struct str plainly(char *to, size_t room, bool *ret_taken, const char *format, ...)
{
	va_list args;
	size_t n = 0;
	va_start(args, format);
	*ret_taken = format_plain(to, room, &n, format, args);
	va_end(args);
	return (struct str){ to, n };
}

#define SAME(taken_wanted, format, ...)                                                                            \
	do {                                                                                                       \
		char here[200], there[200];                                                                        \
		bool taken;                                                                                        \
		struct str got = plainly(here, sizeof here, &taken, format, __VA_ARGS__);                           \
		int n = snprintf(there, sizeof there, format, __VA_ARGS__);                                        \
		assert_int_equal(taken, taken_wanted);                                                             \
		assert_true(!taken || str_eq(got, (struct str){ there, (size_t)n }));                              \
	} while (0)

static void plain_formats_are_the_librarys(void **state)
{
	static const int numbers[] = { 0, 1, 7, 9, 10, 42, 99, 100, 12345, INT_MAX, -1, -9, -10, -99, INT_MIN };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		SAME(true, "%d", numbers[i]);
		SAME(true, "%02d.%02d", numbers[i], numbers[i]);
		SAME(true, "<%04d|%u>", numbers[i], (unsigned)numbers[i]);
		SAME(false, "%5d", numbers[i]);
		SAME(false, "%x", (unsigned)numbers[i]);
	}
	SAME(true, "%s och %.*s", "åäö", 3, "abcdef");
	SAME(true, "%.*s|", 10, "kort");
	SAME(true, "%.*s|", 0, "x");
	SAME(true, "%zu %c %%", (size_t)18446744073709551615u, 'q');
	SAME(false, "%ld", 5L);
	SAME(false, "%-3s", "a");
	/* Without room it says so, and writes nothing behind the end. */
	char small[8] = "1234567";
	bool taken;
	(void)plainly(small, 4, &taken, "%s", "abcde");
	assert_false(taken);
	assert_int_equal(small[4], '5');
	(void)plainly(small, 4, &taken, "%s", "abcd");
	assert_true(taken);
	assert_memory_equal(small, "abcd567", 7);
}

static void buf_formats_long_text(void **state)
{
	struct arena *a = arena_new(65536);
	struct buf b = buf_new(a, 2000);

	(void)state;
	buf_lit(&b, "<");
	buf_format(&b, "%0999d", 1);
	buf_lit(&b, ">");
	assert_int_equal(buf_view(&b).n, 1001);
	assert_int_equal(b.p[999], '1');
	assert_int_equal(b.p[1000], '>');
	buf_format(&b, "%01000d", 1);
	assert_true(buf_is_full(&b));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_holds_its_ceiling_and_the_mark_stays),
		cmocka_unit_test(arena_refuses_sizes_that_overflow),
		cmocka_unit_test(arena_reset_wipes),
		cmocka_unit_test(arena_end_may_not_be_touched),
		cmocka_unit_test(arena_extends_only_the_newest_piece),
		cmocka_unit_test(arena_copies_text),
		cmocka_unit_test(buf_builds_and_reads_back),
		cmocka_unit_test(cursor_stops_at_a_short_read),
		cmocka_unit_test(buf_writes_numbers),
		cmocka_unit_test(buf_stops_at_its_ceiling),
		cmocka_unit_test(buf_grows_only_as_needed),
		cmocka_unit_test(buf_is_full_when_the_arena_is),
		cmocka_unit_test(plain_formats_are_the_librarys),
		cmocka_unit_test(buf_formats_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

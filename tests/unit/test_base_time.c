/* tests/unit/test_base_time.c — the calendar and Swedish time against the C library and by hand. */
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static struct day day(int year, int month, int d)
{
	struct day ret = DAY_UNSET;

	assert_int_equal(day_make(year, month, d, &ret), OK);
	return ret;
}

static struct instant utc(const char *iso)
{
	struct instant t;

	assert_int_equal(instant_parse_iso(str_c(iso), &t), OK);
	return t;
}

static void every_day_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int n = day(1, 1, 1).n; n <= day(9999, 12, 31).n; n += 13) {
		time_t t = (time_t)n * 86400;
		struct tm tm;
		struct civil c = day_civil((struct day){ n });

		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(day_weekday((struct day){ n }), tm.tm_wday == 0 ? 7 : tm.tm_wday);
		assert_int_equal(day(c.year, c.month, c.day).n, n);
	}
}

static void days_that_do_not_exist(void **state)
{
	static const int bad[][3] = {
		{ 2026, 2, 29 }, { 2026, 2, 31 }, { 1900, 2, 29 }, { 2100, 2, 29 }, { 2026, 4, 31 }, { 2026, 13, 1 },
		{ 2026, 0, 1 }, { 2026, 1, 0 }, { 2026, 1, 32 }, { 0, 1, 1 }, { 10000, 1, 1 }, { -5, 1, 1 }, { 2026, 1, -1 },
	};
	struct day d = { 5 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(day_make(bad[i][0], bad[i][1], bad[i][2], &d), ERR_INVALID);
	assert_int_equal(d.n, 5);
	assert_int_equal(day_make(2000, 2, 29, &d), OK);
	assert_int_equal(day_make(2024, 2, 29, &d), OK);
}

/* The same rule as the C library reads it from a POSIX zone text; no zone file is needed. */
static void swedish_time_agrees_with_the_c_library(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	for (time_t t = 820454400; t < 4102444800; t += 1801 * 7) {
		struct tm tm;
		struct civil c = instant_civil((struct instant){ (int64_t)t * 1000000 + 999999 });

		assert_non_null(localtime_r(&t, &tm));
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(c.hour, tm.tm_hour);
		assert_int_equal(c.minute, tm.tm_min);
		assert_int_equal(c.second, tm.tm_sec);
		assert_int_equal(instant_day((struct instant){ (int64_t)t * 1000000 }).n, day(c.year, c.month, c.day).n);
	}
}

static void the_clocks_change(void **state)
{
	struct day spring = day(2026, 3, 29), autumn = day(2026, 10, 25);

	(void)state;
	assert_int_equal(instant_civil(utc("2026-03-29T00:59:59.999999Z")).hour, 1);
	assert_int_equal(instant_civil(utc("2026-03-29T01:00:00.000000Z")).hour, 3);
	assert_int_equal(instant_civil(utc("2026-10-25T00:59:59.999999Z")).hour, 2);
	assert_int_equal(instant_civil(utc("2026-10-25T01:00:00.000000Z")).hour, 2);
	assert_int_equal(instant_civil(utc("2026-10-25T02:00:00.000000Z")).hour, 3);
	/* A skipped hour moves forward, a doubled hour is the first. */
	assert_true(instant_at(spring, 2, 30).us == utc("2026-03-29T01:30:00.000000Z").us);
	assert_true(instant_at(spring, 1, 59).us == utc("2026-03-29T00:59:00.000000Z").us);
	assert_true(instant_at(spring, 3, 0).us == utc("2026-03-29T01:00:00.000000Z").us);
	assert_true(instant_at(autumn, 2, 30).us == utc("2026-10-25T00:30:00.000000Z").us);
	assert_true(instant_at(autumn, 3, 0).us == utc("2026-10-25T02:00:00.000000Z").us);
	assert_true(instant_at(day(2026, 7, 1), 0, 0).us == utc("2026-06-30T22:00:00.000000Z").us);
	assert_true(instant_at(day(2026, 1, 1), 0, 0).us == utc("2025-12-31T23:00:00.000000Z").us);
	assert_int_equal(instant_day(utc("2026-12-31T23:00:00.000000Z")).n, day(2027, 1, 1).n);
	assert_int_equal(instant_day(utc("1969-12-31T22:59:59.999999Z")).n, day(1969, 12, 31).n);
	assert_int_equal(instant_day(utc("1969-12-31T23:00:00.000000Z")).n, 0);
}

static void the_unset_stays_unset(void **state)
{
	struct arena *a = arena_new(4096);

	(void)state;
	assert_false(day_is_set(DAY_UNSET));
	assert_false(instant_is_set(INSTANT_UNSET));
	assert_true(day_is_set((struct day){ 0 }));
	assert_true(instant_is_set((struct instant){ 0 }));
	assert_false(day_is_set(instant_day(INSTANT_UNSET)));
	assert_false(instant_is_set(instant_at(DAY_UNSET, 1, 1)));
	assert_false(day_is_set(day_add(DAY_UNSET, 1)));
	assert_false(day_is_set(day_add((struct day){ INT32_MAX }, 1)));
	assert_null(day_long(a, DAY_UNSET).p);
	assert_null(day_short(a, DAY_UNSET).p);
	assert_null(day_short_year(a, DAY_UNSET).p);
	assert_null(day_iso(a, DAY_UNSET).p);
	assert_null(instant_iso(a, INSTANT_UNSET).p);
	assert_null(instant_short(a, INSTANT_UNSET).p);
	assert_null(instant_clock(a, INSTANT_UNSET).p);
	assert_int_equal(day_add(day(2026, 2, 28), 1).n, day(2026, 3, 1).n);
	assert_int_equal(day_add(day(2026, 1, 1), -1).n, day(2025, 12, 31).n);
	arena_free(a);
}

static void swedish_words(void **state)
{
	struct arena *a = arena_new(4096);
	struct day d = day(2026, 11, 24);

	(void)state;
	assert_true(str_eq(day_long(a, d), STR("tisdag 24 november")));
	assert_true(str_eq(day_short(a, d), STR("24 nov")));
	assert_true(str_eq(day_short_year(a, d), STR("24 nov 2026")));
	assert_true(str_eq(day_long(a, day(2026, 8, 2)), STR("söndag 2 augusti")));
	assert_true(str_eq(day_short(a, day(2026, 3, 7)), STR("7 mars")));
	assert_true(str_eq(instant_clock(a, utc("2026-11-24T09:00:00.000000Z")), STR("kl. 10.00")));
	assert_true(str_eq(instant_clock(a, utc("2026-07-24T22:05:00.000000Z")), STR("kl. 00.05")));
	assert_true(str_eq(instant_short(a, utc("2026-11-22T18:40:00.000000Z")), STR("22 nov 19.40")));
	arena_free(a);
}

static void iso_both_ways(void **state)
{
	static const char *const texts[] = {
		"2026-11-24T10:00:00.000000Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000000Z",
		"0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "2000-02-29T12:34:56.000001Z",
	};
	struct arena *a = arena_new(65536);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_true(str_eq_c(instant_iso(a, utc(texts[i])), texts[i]));
	assert_true(str_eq(day_iso(a, day(2026, 1, 5)), STR("2026-01-05")));
	assert_true(utc("1970-01-02T00:00:01.000002Z").us == INT64_C(86401000002));
	arena_free(a);
}

static void iso_that_is_refused(void **state)
{
	static const char *const moments[] = {
		"", "2026-11-24", "2026-11-24T10:00:00Z", "2026-11-24 10:00:00.000000Z", "2026-11-24T10:00:00.000000",
		"2026-11-24T24:00:00.000000Z", "2026-11-24T10:60:00.000000Z", "2026-11-24T10:00:60.000000Z",
		"2026-02-30T10:00:00.000000Z", "2026-11-24T10:00:00.00000xZ", "2026-11-24T-1:00:00.000000Z",
		"2026-11-24T10:00:00.000000z", "2026-11-24T10:00:00.000000Z ", "2026-11-24T10:00:00,000000Z",
	};
	static const char *const days[] = {
		"", "2026-11-2", "2026-11-031", "2026/11/24", "20261124", "2026-13-01", "2026-02-29", "2026-1a-01", "+026-11-24",
		"0000-01-01", "2026-11-24 ",
	};
	struct instant t = { 3 };
	struct day d = { 3 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(moments); i++)
		assert_int_equal(instant_parse_iso(str_c(moments[i]), &t), ERR_INVALID);
	for (size_t i = 0; i < COUNT_OF(days); i++)
		assert_int_equal(day_parse_iso(str_c(days[i]), &d), ERR_INVALID);
	assert_true(t.us == 3 && d.n == 3);
}

static void dates_as_people_write_them(void **state)
{
	static const struct { const char *text; bool past; const char *iso; } cases[] = {
		{ "24/11", false, "2026-11-24" }, { "24/11", true, "2025-11-24" }, { "22/11", false, "2026-11-22" },
		{ "22/11", true, "2026-11-22" }, { "21/11", false, "2027-11-21" }, { "21/11", true, "2026-11-21" },
		{ "24 nov", false, "2026-11-24" }, { "24 NOV.", false, "2026-11-24" }, { "24 november 2026", false, "2026-11-24" },
		{ "24 november 2026", true, "2026-11-24" }, { "2026-11-24", true, "2026-11-24" }, { "20261124", true, "2026-11-24" },
		{ "  1/2 ", true, "2026-02-01" }, { "24/11 2026", false, "2026-11-24" }, { "24/11-2026", false, "2026-11-24" },
		{ "24/11/2026", false, "2026-11-24" }, { "24.11.2026", false, "2026-11-24" }, { "24.11", false, "2026-11-24" },
		{ "tisdag 24 november", false, "2026-11-24" }, { "Tis 24 nov", false, "2026-11-24" },
		{ "tisdagen den 24 november", false, NULL }, { "den 24 november", false, "2026-11-24" },
		{ "tisdag den 24/11", false, "2026-11-24" }, { "LÖRDAG 28 november", false, "2026-11-28" },
		{ "5 sept", true, "2026-09-05" }, { "5 sep", true, "2026-09-05" }, { "5 mars", false, "2027-03-05" },
		{ "29/2", false, "2028-02-29" }, { "29 feb", true, "2024-02-29" }, { "24\xc2\xa0november", false, "2026-11-24" },
		{ "idag", true, "2026-11-22" }, { "I dag", true, "2026-11-22" }, { "i morgon", false, "2026-11-23" },
		{ "igår", true, "2026-11-21" }, { "I GÅR", true, "2026-11-21" },
	};
	struct arena *a = arena_new(65536);
	struct day today = day(2026, 11, 22);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct day d;
		enum err e = day_parse_free(str_c(cases[i].text), today, cases[i].past, &d);

		if (cases[i].iso == NULL ? e != ERR_INVALID : e != OK || !str_eq_c(day_iso(a, d), cases[i].iso))
			fail_msg("%s", cases[i].text);
	}
	arena_free(a);
}

static void dates_that_are_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "24", "24/", "/11", "24/13", "32/1", "31/4", "0/5", "5/0", "11/24/2026", "24/11/26", "24-11", "24 11", "nov",
		"24 no", "24 novembre", "24 novemberr", "24 nov 26", "24 nov 20260", "24 nov 2026 x", "24/11 kl 10",
		"onsdag 24 november", "tisdag tisdag 24 november", "30 februari", "2026-02-30", "20260230", "2026112", "202611240",
		"261124", "999999999999999999/1", "1/99999999999", "24//11", "-1/2", "dag", "i", "i imorgon", "imorgonx", "går",
		"24 \xff", "29/2 2026", "24/11/", "24 n\xc3", "5.5.0222", "0226-05-05", "02260505",
	};
	struct day today = day(2026, 11, 22), d = { 3 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (day_parse_free(str_c(bad[i]), today, true, &d) != ERR_INVALID)
			fail_msg("%s", bad[i]);
	assert_int_equal(day_parse_free(STR_UNSET, today, true, &d), ERR_INVALID);
	assert_int_equal(d.n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(days_that_do_not_exist),
		cmocka_unit_test(swedish_time_agrees_with_the_c_library),
		cmocka_unit_test(the_clocks_change),
		cmocka_unit_test(the_unset_stays_unset),
		cmocka_unit_test(swedish_words),
		cmocka_unit_test(iso_both_ways),
		cmocka_unit_test(iso_that_is_refused),
		cmocka_unit_test(dates_as_people_write_them),
		cmocka_unit_test(dates_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

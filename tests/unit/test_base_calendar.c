/* tests/unit/test_base_calendar.c — Swedish holidays and working days. */
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct day iso(const char *text)
{
	struct day d = DAY_UNSET;

	assert_int_equal(day_parse_iso(str_c(text), &d), OK);
	return d;
}

/* All days of a year that are treated like Sundays, as a printed almanac has them. */
static void the_holidays_of_two_years(void **state)
{
	static const struct { const char *day, *name; } known[] = {
		{ "2026-01-01", "nyårsdagen" }, { "2026-01-06", "trettondedag jul" }, { "2026-04-03", "långfredagen" },
		{ "2026-04-05", "påskdagen" }, { "2026-04-06", "annandag påsk" }, { "2026-05-01", "första maj" },
		{ "2026-05-14", "Kristi himmelsfärdsdag" }, { "2026-05-24", "pingstdagen" }, { "2026-06-06", "nationaldagen" },
		{ "2026-06-19", "midsommarafton" }, { "2026-06-20", "midsommardagen" }, { "2026-10-31", "alla helgons dag" },
		{ "2026-12-24", "julafton" }, { "2026-12-25", "juldagen" }, { "2026-12-26", "annandag jul" },
		{ "2026-12-31", "nyårsafton" },
		{ "2027-01-01", "nyårsdagen" }, { "2027-01-06", "trettondedag jul" }, { "2027-03-26", "långfredagen" },
		{ "2027-03-28", "påskdagen" }, { "2027-03-29", "annandag påsk" }, { "2027-05-01", "första maj" },
		{ "2027-05-06", "Kristi himmelsfärdsdag" }, { "2027-05-16", "pingstdagen" }, { "2027-06-06", "nationaldagen" },
		{ "2027-06-25", "midsommarafton" }, { "2027-06-26", "midsommardagen" }, { "2027-11-06", "alla helgons dag" },
		{ "2027-12-24", "julafton" }, { "2027-12-25", "juldagen" }, { "2027-12-26", "annandag jul" },
		{ "2027-12-31", "nyårsafton" },
	};
	size_t found = 0;

	(void)state;
	for (struct day d = iso("2026-01-01"); d.n <= iso("2027-12-31").n; d = day_add(d, 1)) {
		struct str name = holiday_name(d);

		if (name.p == NULL)
			continue;
		assert_true(found < COUNT_OF(known));
		assert_int_equal(d.n, iso(known[found].day).n);
		assert_true(str_eq_c(name, known[found].name));
		found++;
	}
	assert_int_equal(found, COUNT_OF(known));
}

/* Butcher's way to Easter, which shares no step with the one in base/calendar.c. */
static struct day butcher(int year)
{
	int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
	int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
	int m = (a + 11 * h + 22 * l) / 451, sum = h + l - 7 * m + 114;
	struct day ret = DAY_UNSET;

	assert_int_equal(day_make(year, sum / 31, sum % 31 + 1, &ret), OK);
	return ret;
}

static void easter_of_seven_centuries(void **state)
{
	(void)state;
	for (int year = 1753; year <= 2500; year++) {
		struct day easter = butcher(year);

		assert_true(str_eq_c(holiday_name(easter), "påskdagen"));
		assert_int_equal(day_weekday(easter), 7);
		assert_true(str_eq_c(holiday_name(day_add(easter, -2)), "långfredagen"));
	}
	assert_true(str_eq_c(holiday_name(iso("2038-04-25")), "påskdagen")); /* the latest possible */
	assert_true(str_eq_c(holiday_name(iso("1818-03-22")), "påskdagen")); /* the earliest */
	assert_null(holiday_name(iso("2038-04-18")).p);
}

static void the_law_changed_in_2005(void **state)
{
	(void)state;
	assert_true(str_eq_c(holiday_name(iso("2004-05-31")), "annandag pingst"));
	assert_null(holiday_name(iso("2005-05-16")).p);
	assert_null(holiday_name(iso("2003-06-06")).p);
	assert_true(str_eq_c(holiday_name(iso("2005-06-06")), "nationaldagen"));
}

static void working_days(void **state)
{
	static const struct { const char *from, *on_or_after, *after; } cases[] = {
		{ "2026-11-20", "2026-11-20", "2026-11-23" }, /* Friday */
		{ "2026-11-21", "2026-11-23", "2026-11-23" },
		{ "2026-11-22", "2026-11-23", "2026-11-23" },
		{ "2026-04-02", "2026-04-02", "2026-04-07" }, /* Maundy Thursday works */
		{ "2026-04-03", "2026-04-07", "2026-04-07" },
		{ "2026-06-18", "2026-06-18", "2026-06-22" },
		{ "2026-12-23", "2026-12-23", "2026-12-28" },
		{ "2026-12-31", "2027-01-04", "2027-01-04" },
		{ "2027-12-30", "2027-12-30", "2028-01-03" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(on_or_after_working_day(iso(cases[i].from)).n, iso(cases[i].on_or_after).n);
		assert_int_equal(next_working_day(iso(cases[i].from)).n, iso(cases[i].after).n);
	}
	assert_false(day_is_working(iso("2026-11-21")));
	assert_false(day_is_working(iso("2026-12-24")));
	assert_true(day_is_working(iso("2026-11-24")));
	assert_false(day_is_set(next_working_day(DAY_UNSET)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_holidays_of_two_years),
		cmocka_unit_test(easter_of_seven_centuries),
		cmocka_unit_test(the_law_changed_in_2005),
		cmocka_unit_test(working_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

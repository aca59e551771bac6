/* tests/unit/test_base_number.c — personal and coordination numbers. All numbers are made up: birth numbers 980–989
 * are not given to anyone. */
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct day today(void)
{
	struct day d = DAY_UNSET;

	assert_int_equal(day_make(2026, 11, 22, &d), OK);
	return d;
}

static void numbers_as_people_write_them(void **state)
{
	static const struct { const char *text, *shown, *born; enum number_kind kind; } good[] = {
		{ "811218-9876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "8112189876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "19811218-9876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "198112189876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "811218+9876", "18811218-9876", "1881-12-18", NUMBER_PERSONAL },
		{ " 19811218 9876 ", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "19 81 12 18 - 98 76", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "811218\xe2\x80\x93" "9876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "811218\xc2\xa0" "9876", "19811218-9876", "1981-12-18", NUMBER_PERSONAL },
		{ "811278-9873", "19811278-9873", "1981-12-18", NUMBER_COORDINATION },
		{ "198112789873", "19811278-9873", "1981-12-18", NUMBER_COORDINATION },
	};
	struct arena *a = arena_new(65536);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct personal_number n;

		if (number_parse(str_c(good[i].text), today(), &n) != NUMBER_OK)
			fail_msg("%s", good[i].text);
		assert_true(str_eq_c(number_show(a, &n), good[i].shown));
		assert_true(str_eq_c(day_iso(a, n.birth), good[i].born));
		assert_int_equal(n.kind, good[i].kind);
	}
	arena_free(a);
}

static void numbers_that_are_refused(void **state)
{
	static const struct { const char *text; enum number_fault fault; } bad[] = {
		{ "", NUMBER_FORM }, { "-", NUMBER_FORM }, { "811218", NUMBER_FORM }, { "19811218", NUMBER_FORM },
		{ "811218-987", NUMBER_FORM }, { "811218-98766", NUMBER_FORM }, { "8112-189876", NUMBER_FORM },
		{ "811218--9876", NUMBER_FORM }, { "811218-9876-", NUMBER_FORM }, { "-8112189876", NUMBER_FORM },
		{ "811218/9876", NUMBER_FORM }, { "811218-987O", NUMBER_FORM }, { "19811218+9876", NUMBER_FORM },
		{ "1981121898765", NUMBER_FORM }, { "8112189876\xff", NUMBER_FORM }, { "811218-TF34", NUMBER_FORM },
		{ "\xe2\x80", NUMBER_FORM }, { "81121898769", NUMBER_FORM },
		{ "811318-9876", NUMBER_DATE }, { "810229-9876", NUMBER_DATE }, { "811200-9876", NUMBER_DATE },
		{ "811260-9876", NUMBER_DATE }, { "811292-9876", NUMBER_DATE }, { "000018129876", NUMBER_DATE },
		{ "261123-9876", NUMBER_FUTURE }, { "202712189876", NUMBER_FUTURE }, { "261183-9876", NUMBER_FUTURE },
		{ "811218-9875", NUMBER_CHECK }, { "811218-9867", NUMBER_CHECK }, { "198112189877", NUMBER_CHECK },
		{ "811278-9876", NUMBER_CHECK },
	};
	struct personal_number n = { .digits = "x" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (number_parse(str_c(bad[i].text), today(), &n) != bad[i].fault)
			fail_msg("%s", bad[i].text);
	assert_int_equal(n.digits[0], 'x');
	for (int f = NUMBER_FORM; f <= NUMBER_CHECK; f++)
		assert_true(number_fault_text((enum number_fault)f).n > 10);
}

/* One wrong digit is always found. */
static void every_single_slip_is_found(void **state)
{
	char text[] = "198112189876";
	struct personal_number n;

	(void)state;
	assert_int_equal(number_parse(str_c(text), today(), &n), NUMBER_OK); /* control */
	for (size_t at = 2; at < 12; at++) {
		for (char c = '0'; c <= '9'; c++) {
			char right = text[at];

			text[at] = c;
			assert_int_equal(number_parse(str_c(text), today(), &n) == NUMBER_OK, c == right);
			text[at] = right;
		}
	}
}

static char luhn(const char *nine)
{
	int sum = 0;

	for (int i = 0; i < 9; i++) {
		int v = (nine[i] - '0') * (2 - i % 2);

		sum += v > 9 ? v - 9 : v;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* The plus comes with the new year in which the person turns 100, not with the birthday. */
static void the_plus_stands_from_the_hundredth_year(void **state)
{
	static const struct { const char *six; char sign; int year; } cases[] = {
		{ "261122", '-', 2026 }, { "261122", '+', 1926 }, { "261224", '+', 1926 }, { "270101", '-', 1927 },
		{ "270101", '+', 1827 }, { "000101", '-', 2000 }, { "000101", '+', 1900 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[12], nine[10];
		struct personal_number n;

		memcpy(nine, cases[i].six, 6);
		memcpy(nine + 6, "980", 4);
		memcpy(text, nine, 6);
		text[6] = cases[i].sign;
		memcpy(text + 7, "980", 3);
		text[10] = luhn(nine);
		assert_int_equal(number_parse((struct str){ text, 11 }, today(), &n), NUMBER_OK);
		assert_int_equal(day_civil(n.birth).year, cases[i].year);
	}
}

static void ages(void **state)
{
	static const struct { const char *birth, *on; int age; } cases[] = {
		{ "1981-12-18", "2026-12-17", 44 }, { "1981-12-18", "2026-12-18", 45 }, { "2026-11-22", "2026-11-22", 0 },
		{ "2008-02-29", "2026-02-27", 17 }, { "2008-02-29", "2026-02-28", 18 }, { "2008-02-29", "2028-02-28", 19 },
		{ "2008-02-29", "2028-02-29", 20 }, { "2000-01-01", "1999-12-31", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct day birth, on;

		assert_int_equal(day_parse_iso(str_c(cases[i].birth), &birth), OK);
		assert_int_equal(day_parse_iso(str_c(cases[i].on), &on), OK);
		assert_int_equal(age_at(birth, on), cases[i].age);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_people_write_them),
		cmocka_unit_test(numbers_that_are_refused),
		cmocka_unit_test(every_single_slip_is_found),
		cmocka_unit_test(the_plus_stands_from_the_hundredth_year),
		cmocka_unit_test(ages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/test_main_cohort.c — made-up lives: shares, the same seed, numbers that belong to nobody. */
#include "main/cohort.h"
#include "base/personnummer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static struct arena *a;

static int begin(void **state)
{
	(void)state;
	a = arena_new(16u << 20);
	return a ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct instant at(int year, int month, int day)
{
	struct day d;
	assert_int_equal(day_make(year, month, day, &d), OK);
	return instant_at(d, 12, 0);
}

static struct life *draw(uint64_t seed, size_t n)
{
	static const size_t players[] = { 0, 1, 2 };
	struct cohort_wish w = { .seed = seed, .cases = n, .notes = 3, .from = at(2025, 11, 20), .until = at(2026, 11, 20),
	                         .coordinators = players, .n_coordinators = 3, .seconds = players, .n_seconds = 3,
	                         .police = players, .n_police = 3 };
	struct life *lives;
	assert_true(cohort_draw(a, &w, &lives));
	return lives;
}

static void test_shares(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct life *l = draw(seed, 1000);
		size_t housing = 0, agreed = 0, relocation = 0;
		for (size_t i = 0; i < 1000; i++) {
			housing += l[i].acute_housing;
			agreed += l[i].stage == STAGE_AGREED;
			relocation += l[i].relocation;
			assert_true(!l[i].relocation || l[i].stage == STAGE_AGREED);
		}
		assert_in_range(housing, 470, 530);
		assert_in_range(relocation * 100, 67 * agreed, 73 * agreed);
		assert_true(agreed > 300);
	}
}

static void test_same_seed_same_lives(void **state)
{
	(void)state;
	struct life *one = draw(7, 200), *two = draw(7, 200), *other = draw(8, 200);
	size_t differ = 0;
	for (size_t i = 0; i < 200; i++) {
		assert_true(str_eq(one[i].name, two[i].name) && str_eq(one[i].number, two[i].number));
		assert_int_equal(one[i].begin.us, two[i].begin.us);
		assert_true(one[i].seed == two[i].seed && one[i].stage == two[i].stage);
		differ += one[i].begin.us != other[i].begin.us;
	}
	assert_true(differ > 150);
}

static void test_numbers_belong_to_nobody(void **state)
{
	(void)state;
	struct life *l = draw(3, 500);
	for (size_t i = 0; i < 500; i++) {
		struct personal_number n;
		assert_int_equal(number_parse(l[i].number, instant_day(at(2026, 11, 20)), &n), NUMBER_OK);
		assert_memory_equal(n.digits + 8, "98", 2);
	}
}

/* Who is drawn to have an agreed plan must live long enough to agree on it. */
static void test_lives_fit_in_their_time(void **state)
{
	(void)state;
	struct life *l = draw(4, 300);
	for (size_t i = 0; i < 300; i++)
		assert_true(l[i].begin.us >= at(2025, 11, 20).us &&
		            l[i].begin.us + story_length(&l[i]) < at(2026, 11, 20).us);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_shares), T(test_same_seed_same_lives), T(test_numbers_belong_to_nobody), T(test_lives_fit_in_their_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

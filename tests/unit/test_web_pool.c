/* tests/unit/test_web_pool.c — arenas between requests: what waits, what goes back, and what must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "web/pool.h"
#include <string.h>

enum { CEILING = 64 * 1024, BURST = 20 };

static struct arena_pool pool;

static int begin(void **state)
{
	(void)state;
	return pool_start(&pool, CEILING) == OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	pool_stop(&pool);
	return 0;
}

static void lend(struct arena **held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_non_null(held[i] = pool_lend(&pool));
}

static void give_back(struct arena **held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pool_give_back(&pool, held[i]);
}

static void an_arena_is_lent_again_and_empty(void **state)
{
	struct arena *a = pool_lend(&pool);
	char *p;
	(void)state;
	assert_non_null(p = arena_take(a, 100));
	memset(p, 'x', 100);
	pool_give_back(&pool, a);
	assert_ptr_equal(pool_lend(&pool), a);
	assert_int_equal(arena_used(a), 0);
	assert_ptr_equal(arena_take(a, 100), p);
	assert_int_equal(p[0], 0);
	pool_give_back(&pool, a);
}

static void nobody_gets_what_another_holds(void **state)
{
	struct arena *held[BURST];
	(void)state;
	lend(held, BURST);
	for (size_t i = 0; i < BURST; i++)
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(held[i], held[k]);
	give_back(held, BURST);
	assert_int_equal(pool.n_kept, BURST);
}

static void what_nobody_wanted_goes_back(void **state)
{
	struct arena *held[BURST];
	(void)state;
	lend(held, BURST);
	give_back(held, BURST);
	/* All were wanted since the last look. */
	pool_look(&pool);
	assert_int_equal(pool.n_kept, BURST);
	/* Six at once: the others are not. */
	lend(held, 6);
	give_back(held, 6);
	pool_look(&pool);
	assert_int_equal(pool.n_kept, 6 + ARENAS_SPARE);
	/* The newest stayed: they are the ones whose pages are warm. */
	for (size_t i = 6; i > 0; i--)
		assert_ptr_equal(pool.kept[ARENAS_SPARE + i - 1], held[i - 1]);
	/* When it is quiet a few stay. */
	pool_look(&pool);
	pool_look(&pool);
	assert_int_equal(pool.n_kept, ARENAS_SPARE);
	pool_look(&pool);
	assert_int_equal(pool.n_kept, ARENAS_SPARE);
}

static void what_is_held_is_not_freed(void **state)
{
	struct arena *held[BURST];
	(void)state;
	lend(held, BURST);
	for (int i = 0; i < 3; i++)
		pool_look(&pool);
	assert_int_equal(pool.n_kept, 0);
	for (size_t i = 0; i < BURST; i++)
		assert_non_null(arena_take(held[i], 1000));
	give_back(held, BURST);
}

static void no_more_are_kept_than_there_is_room_for(void **state)
{
	struct arena *held[ARENAS_KEPT + 3];
	(void)state;
	lend(held, ARENAS_KEPT + 3);
	give_back(held, ARENAS_KEPT + 3);
	assert_int_equal(pool.n_kept, ARENAS_KEPT);
}

static void what_no_memory_can_hold_is_not_lent(void **state)
{
	(void)state;
	pool.ceiling = SIZE_MAX / 2;
	assert_null(pool_lend(&pool));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_arena_is_lent_again_and_empty, begin, end),
		cmocka_unit_test_setup_teardown(nobody_gets_what_another_holds, begin, end),
		cmocka_unit_test_setup_teardown(what_nobody_wanted_goes_back, begin, end),
		cmocka_unit_test_setup_teardown(what_is_held_is_not_freed, begin, end),
		cmocka_unit_test_setup_teardown(no_more_are_kept_than_there_is_room_for, begin, end),
		cmocka_unit_test_setup_teardown(what_no_memory_can_hold_is_not_lent, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/test_flow.c — versions, lines, names and the memory of sessions: half of it refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crypto/bytes.h"
#include "flow/act.h"
#include "flow/lines.h"
#include "flow/name_match.h"
#include "flow/version.h"
#include "flow/who.h"
#include <string.h>

static int begin(void **state)
{
	*state = arena_new(1 << 20);
	return *state ? 0 : -1;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

/* ---- versions ---- */

static struct version some_version(void)
{
	struct version v = { .held = 1u << 0 | 1u << 2 | 1u << 8 };
	v.seq[0] = 7;
	v.seq[2] = 1;
	v.seq[8] = 4000000000u;
	return v;
}

static void a_version_comes_back_as_it_was(void **state)
{
	struct version v = some_version(), back;
	assert_int_equal(version_decode(version_encode(*state, &v), &back), OK);
	assert_int_equal(back.held, v.held);
	for (int c = 0; c < STREAMS_MAX; c++)
		assert_int_equal(back.seq[c], v.seq[c]);
}

static void a_version_tells_only_what_is_held(void **state)
{
	struct version v = some_version(), hidden = v;
	hidden.seq[6] = 50; /* a stream that the reader does not hold */
	assert_true(str_eq(version_encode(*state, &v), version_encode(*state, &hidden)));
}

static void a_forged_version_is_refused(void **state)
{
	struct version back;
	static const char *const bad[] = {
		"0", "000000000", "00000000070", "zz00000007", "0200000001" "0000000007", "0000000007" "0000000007",
		"2000000001", "0000000007 ", "000000000G", "00000000AB",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(version_decode(str_c(bad[i]), &back), ERR_INVALID);
}

static void only_what_is_read_can_conflict(void **state)
{
	struct version shown = some_version(), now = shown;
	(void)state;
	assert_false(version_moved(&shown, &now, UINT32_MAX));
	now.seq[2]++;
	assert_true(version_moved(&shown, &now, 1u << 2));
	assert_false(version_moved(&shown, &now, 1u << 0 | 1u << 8));
	assert_false(version_moved(&shown, &now, 0));
	now = shown;
	now.seq[5] = 9; /* not held: cannot be compared */
	assert_false(version_moved(&shown, &now, 1u << 5));
	now.held |= 1u << 5; /* held since: he has not seen it */
	assert_true(version_moved(&shown, &now, 1u << 5));
	now.seq[5] = 0; /* there is nothing in it to see */
	assert_false(version_moved(&shown, &now, 1u << 5));
	now.held &= ~(1u << 2); /* no longer held: he is told nothing of it */
	now.seq[2]++;
	assert_false(version_moved(&shown, &now, 1u << 2));
}

/* An act that writes into streams 2 and 5, of a case whose reader holds 0, 2, 5 and 8. */
static struct version answered(struct version shown, struct version before)
{
	struct version after = before;
	after.held = 1u << 0 | 1u << 2 | 1u << 5 | 1u << 8;
	after.seq[2]++;
	after.seq[5] += 2;
	return version_after(&shown, &before, &after);
}

static void an_answer_tells_what_was_seen_and_what_was_written(void **state)
{
	struct version shown = some_version(), got = answered(shown, shown);
	(void)state;
	assert_int_equal(got.held, 1u << 0 | 1u << 2 | 1u << 5 | 1u << 8);
	assert_int_equal(got.seq[0], 7);
	assert_int_equal(got.seq[2], 2);
	assert_int_equal(got.seq[5], 2); /* it was empty: all of it is his */
}

static void an_answer_hides_no_entry_that_came_between(void **state)
{
	struct version shown = some_version(), before = shown, got;
	(void)state;
	before.seq[0]++;
	before.seq[2]++;
	before.seq[5] = 4;
	got = answered(shown, before);
	assert_int_equal(got.seq[0], 7);
	assert_int_equal(got.seq[2], 1);
	assert_int_equal(got.seq[5], 0);
	before.held = got.held;
	assert_true(version_moved(&got, &before, 1u << 0));
	assert_true(version_moved(&got, &before, 1u << 2));
	assert_true(version_moved(&got, &before, 1u << 5));
	assert_false(version_moved(&got, &before, 1u << 8));
}

static void who_names_nothing_has_seen_nothing(void **state)
{
	struct version got = answered((struct version){ .held = 0 }, some_version());
	(void)state;
	assert_int_equal(got.held, 1u << 2 | 1u << 5);
	assert_int_equal(got.seq[2], 0);
	assert_int_equal(got.seq[5], 2);
}

static void an_answer_names_no_stream_that_is_not_held(void **state)
{
	struct version shown = some_version(), before = shown, after = before;
	(void)state;
	shown.held |= 1u << 6; /* guessed */
	shown.seq[6] = 1;
	after.held = 1u << 0;
	after.seq[2]++;
	assert_int_equal(version_after(&shown, &before, &after).held, 1u << 0);
}

/* ---- lines ---- */

static void lines_come_back(void **state)
{
	struct buf b = buf_new(*state, 1024);
	struct id16 id = { { 1, 2, 3 } }, got;
	int64_t n;
	line_str(&b, STR("text"), STR("a:b\nc:1:x\n"));
	line_id(&b, STR("id"), id);
	line_i64(&b, STR("n"), INT64_C(-42));
	line_str(&b, STR("empty"), STR(""));
	struct str all = buf_view(&b);
	assert_true(str_eq(line_get(all, STR("text")), STR("a:b\nc:1:x\n")));
	assert_true(line_get_id(all, STR("id"), &got) && id_eq(got, id));
	assert_true(line_get_i64(all, STR("n"), &n) && n == -42);
	assert_non_null(line_get(all, STR("empty")).p);
	assert_null(line_get(all, STR("c")).p); /* a line inside a value is no line */
}

static void malformed_lines_give_nothing(void **state)
{
	static const char *const bad[] = {
		"a:2:x\n", "a:1:xy\n", "a:1:x", "a::x\n", "a:-1:x\n", "a:1x\n", "a\n", "", "a:99999999999999999999:x\n",
		"a:18446744073709551615:x\n",
	};
	int64_t n;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_null(line_get(str_c(bad[i]), STR("a")).p);
	assert_false(line_get_i64(STR("n:3:1x2\n"), STR("n"), &n));
	assert_false(line_get_i64(STR("n:0:\n"), STR("n"), &n));
	assert_false(line_get_i64(STR("n:1:-\n"), STR("n"), &n));
}

/* ---- names ---- */

static void names_match_by_words(void **state)
{
	assert_true(name_matches(*state, STR("Åsa Östlund-Berg"), STR("åsa")));
	assert_true(name_matches(*state, STR("Åsa Östlund-Berg"), STR("berg ÖST")));
	assert_true(name_matches(*state, STR("Åsa Östlund-Berg"), STR("  östlund ")));
}

static void other_names_do_not(void **state)
{
	assert_false(name_matches(*state, STR("Åsa Östlund"), STR("asa")));     /* å is a letter of its own */
	assert_false(name_matches(*state, STR("Åsa Östlund"), STR("stlund")));  /* words match from their beginning */
	assert_false(name_matches(*state, STR("Åsa Östlund"), STR("åsa berg")));
	assert_false(name_matches(*state, STR("Åsa Östlund"), STR("   ")));
	assert_false(name_matches(*state, STR_UNSET, STR("åsa")));
	assert_false(name_matches(*state, STR("\xc3"), STR("\xc3")));           /* broken UTF-8 finds nothing */
}

/* ---- the memory of sessions ---- */

static void a_session_is_remembered_without_its_name(void **state)
{
	struct who_cache *w = NULL;
	struct cookie_secret c = { { 1 } }, other = { { 2 } };
	struct vault_who who = { .user = { { 9 } }, .roles = 3, .name = STR("Åsa Östlund") }, got;
	assert_int_equal(who_cache_new(*state, &w), OK);
	assert_false(who_recall(w, &c, &got));
	who_remember(w, &c, &who);
	assert_true(who_recall(w, &c, &got));
	assert_true(id_eq(got.user, who.user) && got.roles == 3);
	assert_null(got.name.p);
	assert_false(who_recall(w, &other, &got));
	who_forget(w, &c);
	assert_false(who_recall(w, &c, &got));
}

static void the_memory_is_bounded(void **state)
{
	struct who_cache *w = NULL;
	struct vault_who who = { .roles = 1 }, got;
	size_t found = 0;
	assert_int_equal(who_cache_new(*state, &w), OK);
	for (uint16_t i = 0; i < 5000; i++) {
		struct cookie_secret c = { { (uint8_t)(i >> 8), (uint8_t)i } };
		who.user.b[0] = (uint8_t)i;
		who_remember(w, &c, &who);
	}
	for (uint16_t i = 0; i < 5000; i++) {
		struct cookie_secret c = { { (uint8_t)(i >> 8), (uint8_t)i } };
		if (who_recall(w, &c, &got)) {
			assert_int_equal(got.user.b[0], (uint8_t)i); /* never somebody else's */
			found++;
		}
	}
	assert_in_range(found, 1, 1024);
	who_forget_all(w);
	struct cookie_secret last = { { (uint8_t)(4999 >> 8), (uint8_t)4999 } };
	assert_false(who_recall(w, &last, &got));
}

/* ---- tokens ---- */

static bool same_start(struct str a, struct str b)
{
	struct id16 one = answer_name(a), other = answer_name(b);
	return memcmp(one.b, other.b, 6) == 0;
}

static void a_token_with_its_time_lies_beside_its_neighbours(void **state)
{
	(void)state;
	static const uint8_t time[6] = { 0x01, 0x93, 0x68, 0xaf, 0x3c, 0x00 };
	struct id16 plain = answer_name(STR("019368af3c000123456789abcdef0123")), dashes = answer_name(STR("019368AF-3C00-7123-8567-89abcdef0123"));
	assert_memory_equal(plain.b, time, sizeof time);
	assert_memory_equal(dashes.b, time, sizeof time);
	assert_false(id_eq(plain, dashes));
	assert_true(id_eq(plain, answer_name(STR("019368af3c000123456789abcdef0123"))));
	/* What follows the time tells two of one moment apart, to the last letter. */
	assert_false(id_eq(plain, answer_name(STR("019368af3c000123456789abcdef0124"))));
	assert_false(id_eq(answer_name(STR("019368af3c00")), answer_name(STR("019368af-3c00"))));
}

static void any_other_token_is_spread(void **state)
{
	(void)state;
	assert_false(same_start(STR("019368af3c0"), STR("019368af3c")));   /* too short for a time */
	assert_false(same_start(STR("019368af3c0x1"), STR("019368af3c0x2")));
	assert_false(same_start(STR("-19368af3c001"), STR("-19368af3c002")));
	assert_false(same_start(STR("s001-intake"), STR("s001-intake2")));
	assert_false(id_eq(answer_name(STR("a")), answer_name(STR("b"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_version_comes_back_as_it_was, begin, end),
		cmocka_unit_test_setup_teardown(a_version_tells_only_what_is_held, begin, end),
		cmocka_unit_test_setup_teardown(a_forged_version_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(only_what_is_read_can_conflict, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_tells_what_was_seen_and_what_was_written, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_hides_no_entry_that_came_between, begin, end),
		cmocka_unit_test_setup_teardown(who_names_nothing_has_seen_nothing, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_names_no_stream_that_is_not_held, begin, end),
		cmocka_unit_test_setup_teardown(lines_come_back, begin, end),
		cmocka_unit_test_setup_teardown(malformed_lines_give_nothing, begin, end),
		cmocka_unit_test_setup_teardown(names_match_by_words, begin, end),
		cmocka_unit_test_setup_teardown(other_names_do_not, begin, end),
		cmocka_unit_test_setup_teardown(a_session_is_remembered_without_its_name, begin, end),
		cmocka_unit_test_setup_teardown(the_memory_is_bounded, begin, end),
		cmocka_unit_test(a_token_with_its_time_lies_beside_its_neighbours),
		cmocka_unit_test(any_other_token_is_spread),
	};
	if (crypto_start() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

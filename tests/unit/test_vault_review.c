/* tests/unit/test_vault_review.c — looking for a number and looking over the log: who may, how much, and what is answered. */
#include "test_vault_help.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct world w;

static int found(void **state)
{
	(void)state;
	world_found(&w);
	world_let_in(&w);
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end_well(&w);
	return 0;
}

static void the_index_answers_its_holders_and_nobody_else(void **state)
{
	(void)state;
	struct vault_index ask = { .why = why_of(&w.people[ANNA], (struct id16){ { 0 } }), .number = STR("198112189876") };
	struct vault_index_reply one, two;
	assert_int_equal(vault_index(w.v, w.a, &ask, &one), OK);
	ask.why = why_of(&w.people[BEN], (struct id16){ { 0 } });
	assert_int_equal(vault_index(w.v, w.a, &ask, &two), OK);
	assert_true(one.n == 1 && two.n == 1 && one.keys[0].epoch == 1);
	assert_memory_equal(one.keys[0].hmac, two.keys[0].hmac, 32);
	assert_int_equal(one.keys[0].bucket, one.keys[0].hmac[0] << 8 | one.keys[0].hmac[1]);
	ask.why = why_of(&w.people[POLICE_A], (struct id16){ { 0 } });
	assert_int_equal(vault_index(w.v, w.a, &ask, &two), OK);
	assert_memory_not_equal(one.keys[0].hmac, two.keys[0].hmac, 32); /* another authority's index */
	ask.why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } });
	assert_int_equal(vault_index(w.v, w.a, &ask, &two), ERR_DENIED);
	assert_int_equal(two.n, 0);
	ask.why = why_of(&w.people[ANNA], (struct id16){ { 0 } });
	ask.number = STR("19811218987a");
	assert_int_equal(vault_index(w.v, w.a, &ask, &two), ERR_INVALID);
}

/* Whoever has looked for all that a day allows can still register: a number that is not in the index is never found. */
static void looking_leaves_room_for_registering(void **state)
{
	(void)state;
	struct vault_index ask = { .why = why_of(&w.people[BEN], (struct id16){ { 0 } }), .number = STR("198112189876") };
	struct vault_index_reply r;
	uint32_t looked = 0, registered = 0;
	while (vault_index(w.v, w.a, &ask, &r) == OK)
		looked++;
	assert_in_range(looked, 190, 200); /* the tests before this one have looked too */
	assert_int_equal(vault_index(w.v, w.a, &ask, &r), ERR_DENIED);
	assert_int_equal(r.n, 0);
	ask.registers = 1;
	while (vault_index(w.v, w.a, &ask, &r) == OK)
		registered++;
	/* Nor is that without end: the index must not be asked for every number there is. */
	assert_int_equal(registered, 200);
	ask.why = why_of(&w.people[ANNA], (struct id16){ { 0 } });
	assert_int_equal(vault_index(w.v, w.a, &ask, &r), OK); /* each has a day of one's own */
}

static void reviewers_read_their_own_authoritys_log(void **state)
{
	(void)state;
	static struct dossier ours, theirs;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &ours), OK);
	assert_int_equal(world_new_case(&w, POLICE_A, &theirs), OK);
	struct vault_open look = { .why = why_of(&w.people[ANNA], ours.id) };
	look.why.reason = STR("en fråga från domstolen");
	assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
	struct vault_review ask = { .why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } }), .count = 50 };
	struct vault_review_reply reply;
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
	assert_true(reply.n > 10);
	char our_hex[ID_HEX + 1] = { 0 }, their_hex[ID_HEX + 1] = { 0 };
	id_hex(ours.id, our_hex);
	id_hex(theirs.id, their_hex);
	bool found = false, reason = false;
	for (size_t i = 0; i < reply.n; i++) {
		if (i > 0) assert_true(reply.entries[i].seq < reply.entries[i - 1].seq);
		found = found || has(reply.entries[i].body, our_hex);
		reason = reason || has(reply.entries[i].body, "en fråga från domstolen");
		assert_false(has(reply.entries[i].body, their_hex));
	}
	assert_true(found && reason);
	ask.before = reply.entries[reply.n - 1].seq;
	uint64_t oldest = ask.before;
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
	assert_true(reply.n > 0 && reply.entries[0].seq < oldest);
	ask.why = why_of(&w.people[ANNA], (struct id16){ { 0 } });
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), ERR_DENIED);
	assert_int_equal(reply.n, 0);
}

static void look_at(enum who p, struct id16 case_id)
{
	struct vault_open_reply r;
	struct vault_open look = { .why = why_of(&w.people[p], case_id) };
	assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
}

/* Every entry of a choice, a few at a time. Each is checked to hold `needle` and not `never`. */
static size_t read_choice(struct vault_review ask, const char *needle, const char *never)
{
	struct vault_review_reply reply;
	size_t n = 0;
	do {
		assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
		assert_true(reply.n <= ask.count && (ask.before == 0 || reply.reached < ask.before));
		for (size_t i = 0; i < reply.n; i++) {
			assert_true(has(reply.entries[i].body, needle));
			assert_false(never && has(reply.entries[i].body, never));
			assert_true(reply.entries[i].seq >= reply.reached);
		}
		n += reply.n;
		ask.before = reply.reached;
	} while (reply.reached > 0);
	return n;
}

static void a_reviewer_chooses_a_person_and_a_case(void **state)
{
	(void)state;
	static struct dossier one, two;
	char one_hex[ID_HEX + 1] = { 0 }, two_hex[ID_HEX + 1] = { 0 }, anna[ID_HEX + 1] = { 0 }, ben[ID_HEX + 1] = { 0 };
	assert_int_equal(world_new_case(&w, ANNA, &one), OK);
	assert_int_equal(world_new_case(&w, ANNA, &two), OK);
	assert_true(case_code_number(one.id) != case_code_number(two.id));
	id_hex(one.id, one_hex);
	id_hex(two.id, two_hex);
	id_hex(w.people[ANNA].user, anna);
	id_hex(w.people[BEN].user, ben);
	for (int i = 0; i < 3; i++)
		look_at(ANNA, one.id);
	look_at(ANNA, two.id);
	look_at(BEN, one.id);
	/* The code is enough: another id that has it. */
	struct id16 coded = { { one.id.b[0], one.id.b[1], one.id.b[2], one.id.b[3], [15] = 1 } };
	struct vault_review ask = { .why = why_of(&w.people[REVIEWER], coded), .count = 2, .user = w.people[BEN].user };
	assert_int_equal(read_choice(ask, ben, anna), 1);
	ask.user = w.people[ANNA].user;
	size_t annas = read_choice(ask, one_hex, ben);
	assert_true(annas >= 3);
	ask.why = why_of(&w.people[REVIEWER], two.id);
	assert_true(read_choice(ask, two_hex, one_hex) >= 1);
	ask.why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } });
	assert_true(read_choice(ask, anna, NULL) > annas);
	/* A code that no case has; somebody who is nobody; another authority's person: nothing, not even this question. */
	ask.user = (struct id16){ { 0 } };
	ask.why = why_of(&w.people[REVIEWER], (struct id16){ { 0, 0, 0, 77, [15] = 1 } });
	struct vault_review_reply reply;
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
	assert_true(reply.n == 0 && reply.reached == 0);
	ask.why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } });
	ask.user = w.people[POLICE_A].user;
	assert_int_equal(read_choice(ask, "", NULL), 0);
	ask.why = why_of(&w.people[ANNA], one.id);
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), ERR_DENIED);
	assert_int_equal(reply.n, 0);
}

static size_t days_hold(struct vault_review ask, int64_t from, int64_t until)
{
	struct vault_review_reply reply;
	size_t n = 0;
	ask.from.us = from;
	ask.until.us = until;
	do {
		assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
		for (size_t i = 0; i < reply.n; i++)
			assert_true(reply.entries[i].at.us >= from && (until == 0 || reply.entries[i].at.us < until));
		n += reply.n;
		ask.before = reply.reached;
	} while (reply.reached > 0);
	return n;
}

static void a_reviewer_chooses_days(void **state)
{
	(void)state;
	static struct dossier d;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	for (int i = 0; i < 4; i++) {
		world_later(&w, 1000000);
		look_at(ANNA, d.id);
	}
	world_later(&w, 1000000);
	struct vault_review ask = { .why = why_of(&w.people[REVIEWER], d.id), .count = 2, .user = w.people[ANNA].user };
	struct vault_review_reply newest;
	assert_int_equal(vault_review(w.v, w.a, &ask, &newest), OK);
	assert_int_equal(newest.n, 2);
	int64_t last = newest.entries[0].at.us, then = newest.entries[1].at.us;
	assert_true(then < last);
	size_t all = days_hold(ask, 0, 0);
	assert_true(all >= 5);
	/* The bound belongs to what begins there, not to what ends there. */
	assert_int_equal(days_hold(ask, then, 0), 2);
	assert_int_equal(days_hold(ask, 0, then), all - 2);
	assert_int_equal(days_hold(ask, then, last), 1);
	assert_int_equal(days_hold(ask, then, then), 0);
	assert_int_equal(days_hold(ask, last + 1, 0), 0);
	assert_int_equal(days_hold(ask, 0, 1), 0);
	assert_int_equal(days_hold(ask, 0, INT64_MAX), all);
	/* Days alone are a choice too: of everybody's acts, without the question itself. */
	ask.why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } });
	ask.user = (struct id16){ { 0 } };
	assert_true(days_hold(ask, then, last + 1) == 2);
	world_later(&w, 1000000);
	assert_int_equal(days_hold(ask, w.clock.us, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_answers_its_holders_and_nobody_else),
		cmocka_unit_test(looking_leaves_room_for_registering),
		cmocka_unit_test(reviewers_read_their_own_authoritys_log),
		cmocka_unit_test(a_reviewer_chooses_a_person_and_a_case),
		cmocka_unit_test(a_reviewer_chooses_days),
	};
	if (crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, found, end);
}

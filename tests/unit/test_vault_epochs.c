/* tests/unit/test_vault_epochs.c — deposit keys that only the vault can have made. */
#include "test_vault_help.h"
#include "crypto/hash.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct world w;

static void log_everyone_in(void)
{
	for (enum who p = ANNA; p <= REVIEWER; p++) {
		assert_int_equal(world_login(&w, p), OK);
		if (p != CARIN) assert_int_equal(world_attach(&w, p), OK);
	}
	assert_int_equal(world_login(&w, POLICE_A), OK);
	assert_int_equal(world_attach(&w, POLICE_A), OK);
}

static void start_again(void)
{
	assert_true(world_start(&w));
	world_later(&w, 61 * SECOND); /* codes of before the start are spent */
	log_everyone_in();
}

static int found(void **state)
{
	(void)state;
	world_found(&w);
	log_everyone_in();
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	world_end(&w);
	return 0;
}

/* ---- deposit keys ---- */

static enum err deposit(enum who p, const struct dossier *to, uint16_t compartment, const struct deposit_key *key,
                        struct seal_item *item, struct str *ret)
{
	*item = (struct seal_item){ .to = SEAL_DEPOSIT, .plain = STR("request:2:ja\n"), .late = true, .to_key = *key,
	                            .log_row = bytes_random_id(), .clear_row = STR("clear columns") };
	item->at = (struct envelope_at){ .controller = to->controller, .case_id = to->id, .compartment = compartment,
	                                 .slot = SLOT_DEPOSIT, .epoch = key->epoch, .version = 1, .row = bytes_random_id() };
	struct vault_seal ask = { .why = why_of(&w.people[p], to->id), .items = item, .n_items = 1 };
	struct vault_seal_reply reply;
	enum err e = vault_seal(w.v, w.a, &ask, &reply);
	if (e == OK) *ret = reply.envelopes[0];
	return e;
}

/* A thief who has put his own key into the database, and has its private half. */
struct thief { uint8_t public[32], secret[32]; };

static bool reads(const struct thief *t, struct str box, const char *text)
{
	static uint8_t plain[4096];
	const uint8_t *p = (const uint8_t *)box.p;
	size_t n = box.n - 8 - 32; /* magic and MAC stand round what is sealed */
	return n < sizeof plain && crypto_box_seal_open(plain, p + 8, n, t->public, t->secret) == 0 &&
	       memcmp(plain + 32, text, strlen(text)) == 0;
}

static void a_deposit_key_from_elsewhere_is_sealed_to_by_nobody(void **state)
{
	(void)state;
	static struct dossier d, other;
	struct seal_item item;
	struct str box;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_new_case(&w, ANNA, &other), OK);
	/* As it should be: another authority writes, a member reads. */
	const struct deposit_key *good = &d.streams[1].deposit;
	assert_int_equal(deposit(POLICE_A, &d, 1, good, &item, &box), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	/* The thief's key, with the proof of the right one; the right key of another stream, case or epoch. */
	struct thief thief;
	struct deposit_key bad[6];
	assert_int_equal(crypto_box_keypair(thief.public, thief.secret), 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) bad[i] = *good;
	memcpy(bad[0].key, thief.public, 32);
	bad[1] = d.streams[2].deposit;
	bad[2] = other.streams[1].deposit;
	bad[3].epoch = 2;
	bad[4].proof[31] ^= 1;
	memset(bad[5].proof, 0, sizeof bad[5].proof);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(deposit(POLICE_A, &d, 1, &bad[i], &item, &box), ERR_DENIED);
	struct dossier renamed = d;
	renamed.controller = w.parties[1].controller;
	assert_int_equal(deposit(POLICE_A, &renamed, 1, good, &item, &box), ERR_DENIED);
	/* The control: a vault that takes any key seals to the thief's, and the thief reads. */
	assert_int_equal(world_stop(&w), 0);
	w.options.any_deposit_key = true;
	start_again();
	assert_int_equal(deposit(POLICE_A, &d, 1, &bad[0], &item, &box), OK);
	assert_true(reads(&thief, box, "request:2:ja"));
	assert_int_equal(deposit(POLICE_A, &d, 1, good, &item, &box), OK);
	assert_false(reads(&thief, box, "request:2:ja"));
	assert_int_equal(world_stop(&w), 0);
	w.options.any_deposit_key = false;
	start_again();
	assert_int_equal(deposit(POLICE_A, &d, 1, &bad[0], &item, &box), ERR_DENIED);
}

static void a_standing_key_needs_its_proof(void **state)
{
	(void)state;
	const struct dossier *desk = &w.parties[1].dossiers[DESK];
	struct vault_standing ask = { .controller = desk->controller, .dossier = desk->id, .key = desk->streams[0].deposit };
	struct vault_status_reply reply;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), OK);
	ask.key.epoch = 2; /* a newer epoch, but no vault made it */
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.key = w.parties[1].dossiers[REVIEW].streams[0].deposit;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.key = desk->streams[0].deposit;
	ask.controller = w.parties[0].controller;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.dossier = bytes_random_id();
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deposit_key_from_elsewhere_is_sealed_to_by_nobody),
		cmocka_unit_test(a_standing_key_needs_its_proof),
	};
	if (crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, found, end);
}

/* tests/unit/test_crypto_envelope.c — an envelope opens where it was sealed and nowhere else. */
#include "crypto_help.h"
#include <stdio.h>

static struct envelope_at place(void)
{
	return (struct envelope_at){ .controller = id_of(1), .case_id = id_of(2), .compartment = 3, .slot = 1, .epoch = 4, .seq = 5, .version = 6 };
}

static struct stream_key *stream(const struct envelope_at *at, uint8_t ck, uint8_t sk)
{
	_cleanup_(key32_freep) struct key32 *c = key_of(ck), *s = key_of(sk);
	struct stream_key *k = stream_key_new();
	stream_key_derive(c, s, at, k);
	return k;
}

static void classes(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct envelope_at at = place();
	_cleanup_(stream_key_freep) struct stream_key *k = stream(&at, 1, 2);
	static char text[ENVELOPE_PLAIN_MAX + 2];
	memset(text, 'x', sizeof(text));
	const size_t edge[] = { 0, 1, 63, 64, 127, 128, 255, 256, 383, 1023, 1024, 4095, 4096, 8191, 8192, 12287, 65534, 65535 };
	const size_t want[] = { 64, 64, 64, 128, 128, 192, 256, 384, 384, 1024, 1536, 4096, 8192, 8192, 12288, 12288, 65536, 65536 };
	for (size_t i = 0; i < COUNT_OF(edge); i++) {
		struct str sealed = STR_UNSET, plain = STR_UNSET, whole = { text, edge[i] };
		assert_int_equal(envelope_class(edge[i]), want[i]);
		assert_int_equal(envelope_seal(a, k, &at, whole, &sealed), OK);
		assert_int_equal(sealed.n, want[i] + ENVELOPE_OVERHEAD);
		assert_int_equal(envelope_open(a, k, &at, sealed, &plain), OK);
		assert_true(str_eq(plain, whole));
		arena_reset(a);
	}
	struct str sealed = STR_UNSET;
	assert_int_equal(envelope_seal(a, k, &at, (struct str){ text, ENVELOPE_PLAIN_MAX + 1 }, &sealed), ERR_TOO_LARGE);
	/* A text that ends like padding comes back whole. */
	struct str tricky = { "a\x80\0\0", 4 }, plain = STR_UNSET;
	assert_int_equal(envelope_seal(a, k, &at, tricky, &sealed), OK);
	assert_int_equal(envelope_open(a, k, &at, sealed, &plain), OK);
	assert_true(str_eq(plain, tricky));
	struct arena *small = arena_new(32);
	assert_int_equal(envelope_seal(small, k, &at, tricky, &sealed), ERR_FULL);
	arena_free(small);
	arena_free(a);
}

/* Every way to put an envelope where it does not belong. */
static void moved(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct envelope_at at = place();
	_cleanup_(stream_key_freep) struct stream_key *k = stream(&at, 1, 2);
	struct str sealed = STR_UNSET, plain = STR_UNSET;
	assert_int_equal(envelope_seal(a, k, &at, STR("här"), &sealed), OK);
	assert_int_equal(envelope_open(a, k, &at, sealed, &plain), OK);
	for (int i = 0; i < 8; i++) {
		struct envelope_at other = at;
		switch (i) {
		case 0: other.controller = id_of(9); break;
		case 1: other.case_id = id_of(9); break;
		case 2: other.compartment++; break;
		case 3: other.slot++; break;
		case 4: other.epoch++; break;
		case 5: other.seq++; break;
		case 6: other.version--; break;
		default: other.row = id_of(9); break;
		}
		assert_int_not_equal(envelope_open(a, k, &other, sealed, &plain), OK);
		/* The wrong place's own key opens it no more than the right one's. */
		_cleanup_(stream_key_freep) struct stream_key *its = stream(&other, 1, 2);
		assert_int_not_equal(envelope_open(a, its, &other, sealed, &plain), OK);
		if (i < 3 || i == 4)
			assert_int_equal(envelope_seal(a, k, &other, STR("här"), &plain), ERR_DENIED);
	}
	_cleanup_(stream_key_freep) struct stream_key *ck = stream(&at, 7, 2), *sk = stream(&at, 1, 7);
	assert_int_equal(envelope_open(a, ck, &at, sealed, &plain), ERR_DENIED);
	assert_int_equal(envelope_open(a, sk, &at, sealed, &plain), ERR_CORRUPT); /* the case's shred key is gone */
	arena_free(a);
}

static void suites(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct envelope_at at = place();
	_cleanup_(stream_key_freep) struct stream_key *k = stream(&at, 1, 2);
	struct str sealed = STR_UNSET, plain = STR_UNSET;
	assert_int_equal(envelope_seal(a, k, &at, STR("x"), &sealed), OK);
	char *copy = arena_take(a, sealed.n);
	for (int suite = 0; suite < 256; suite++) {
		memcpy(copy, sealed.p, sealed.n);
		copy[5] = (char)suite;
		enum err e = envelope_open(a, k, &at, (struct str){ copy, sealed.n }, &plain);
		assert_int_equal(e, suite == 1 ? OK : ERR_CORRUPT);
	}
	arena_free(a);
}

static void own_keys(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct envelope_at at = place();
	_cleanup_(key32_freep) struct key32 *me = key_of(0x11), *you = key_of(0x12);
	_cleanup_(stream_key_freep) struct stream_key *mine = stream_key_new(), *yours = stream_key_new();
	struct str sealed = STR_UNSET, plain = STR_UNSET;
	at.row = id_of(7);
	stream_key_own(me, mine);
	stream_key_own(you, yours);
	assert_int_equal(envelope_seal(a, mine, &at, STR("rung"), &sealed), OK);
	assert_int_equal(envelope_open(a, mine, &at, sealed, &plain), OK);
	assert_int_equal(envelope_open(a, yours, &at, sealed, &plain), ERR_DENIED);
	at.row = id_of(8);
	assert_int_equal(envelope_open(a, mine, &at, sealed, &plain), ERR_CORRUPT);
	arena_free(a);
}

static void boxes(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct envelope_at at = place();
	_cleanup_(stream_key_freep) struct stream_key *k = stream(&at, 1, 2);
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *other_vault = key_of(0xfd), *secret = key32_new(), *me = key_of(0x11);
	uint8_t public[32];
	struct str box = STR_UNSET, plain = STR_UNSET;
	stream_key_deposit(k, public, secret);
	assert_int_equal(envelope_box(a, BOX_DEPOSIT, public, vault, &at, STR("paket"), &box), OK);
	assert_true(envelope_is_box(box));
	assert_int_equal(box.n, 64 + ENVELOPE_BOX_OVERHEAD);
	assert_int_equal(envelope_unbox(a, secret, vault, &at, box, &plain), OK);
	assert_true(str_eq(plain, STR("paket")));
	assert_int_equal(envelope_unbox(a, me, vault, &at, box, &plain), ERR_CORRUPT);
	assert_int_equal(envelope_unbox(a, secret, other_vault, &at, box, &plain), ERR_CORRUPT);
	struct envelope_at other = at;
	other.version++;
	assert_int_equal(envelope_unbox(a, secret, vault, &other, box, &plain), ERR_CORRUPT);
	other = at;
	other.row = id_of(9);
	assert_int_equal(envelope_unbox(a, secret, vault, &other, box, &plain), ERR_CORRUPT);
	/* A box for one kind of recipient is none for another. */
	char *copy = arena_take(a, box.n);
	memcpy(copy, box.p, box.n);
	copy[5] = BOX_USER;
	assert_int_equal(envelope_unbox(a, secret, vault, &at, (struct str){ copy, box.n }, &plain), ERR_CORRUPT);
	/* Two streams have two deposit keys. */
	other = at;
	other.compartment++;
	_cleanup_(stream_key_freep) struct stream_key *l = stream(&other, 1, 2);
	uint8_t public2[32];
	stream_key_deposit(l, public2, NULL);
	assert_memory_not_equal(public, public2, 32);
	arena_free(a);
}

static void slots_are_wiped(void **state)
{
	(void)state;
	struct key32 *k = key_of(0xab);
	assert_false(key32_is_zero(k));
	key32_free(k);
	for (int i = 0; i < 2000; i++) {
		struct key32 *again = key32_new();
		assert_non_null(again);
		assert_true(key32_is_zero(again));
		if (i % 3 == 0)
			key32_free(again);
	}
	uint8_t from[32];
	memset(from, 7, sizeof(from));
	k = key32_new();
	key32_take(k, from);
	assert_true(bytes_are_zero(from, sizeof(from)));
	key32_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes), cmocka_unit_test(moved), cmocka_unit_test(suites), cmocka_unit_test(own_keys),
		cmocka_unit_test(boxes), cmocka_unit_test(slots_are_wiped),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto envelope", tests, NULL, NULL);
}

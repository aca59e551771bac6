/* tests/unit/test_vault_parts.c — the vault's small parts by themselves: codes, delays, sessions, clock, lines. */
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/options.h"
#include "vault/sessions.h"
#include "vault/standing.h"
#include "vault/text.h"
#include "vault/throttle.h"
#include "vault/totp.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000)

/* RFC 6238, appendix B, the SHA-1 column. */
static void codes_of_rfc_6238(void **state)
{
	(void)state;
	static const struct { int64_t seconds; const char *code; } vectors[] = {
		{ 59, "94287082" }, { 1111111109, "07081804" }, { 1111111111, "14050471" },
		{ 1234567890, "89005924" }, { 2000000000, "69279037" }, { 20000000000, "65353130" },
	};
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		char code[9];
		assert_int_equal(totp_code((const uint8_t *)"12345678901234567890", 20, (uint64_t)(vectors[i].seconds / 30), 8, code), OK);
		assert_string_equal(code, vectors[i].code);
	}
}

static struct str code_at(const uint8_t *secret, int64_t us, char buffer[9])
{
	assert_int_equal(totp_code(secret, 20, (uint64_t)(us / (30 * SECOND)), 6, buffer), OK);
	return (struct str){ buffer, 6 };
}

static struct totp_clocks same(struct instant t)
{
	return (struct totp_clocks){ t, t };
}

static void a_code_is_good_once_and_near_its_time(void **state)
{
	(void)state;
	struct arena *a = arena_new(4 << 20);
	struct totp_steps *s = totp_steps_new(a);
	const uint8_t *secret = (const uint8_t *)"abcdefghijklmnopqrst";
	struct id16 anna = { { 1 } }, ben = { { 2 } };
	int64_t now = 1000000 * SECOND;
	char b[9];
	struct instant t = { now };
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now - 60 * SECOND, b), same(t)), ERR_LOGIN);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now + 60 * SECOND, b), same(t)), ERR_LOGIN);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now, b), same(t)), OK);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now, b), same(t)), ERR_LOGIN);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now - 30 * SECOND, b), same(t)), ERR_LOGIN);
	assert_int_equal(totp_accept(s, ben, secret, 20, code_at(secret, now - 30 * SECOND, b), same(t)), OK);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now + 30 * SECOND, b), same(t)), OK);
	assert_int_equal(totp_accept(s, ben, secret, 20, STR("12345"), same(t)), ERR_LOGIN);
	assert_int_equal(totp_accept(s, ben, secret, 20, STR_UNSET, same(t)), ERR_LOGIN);
	arena_free(a);
}

static void codes_from_before_a_restart_are_spent(void **state)
{
	(void)state;
	struct arena *a = arena_new(4 << 20);
	struct totp_steps *s = totp_steps_new(a);
	const uint8_t *secret = (const uint8_t *)"abcdefghijklmnopqrst";
	struct id16 anna = { { 1 } };
	int64_t login = 1000000 * SECOND, now = login + 10 * SECOND;
	char b[9];
	totp_spent_until(s, (struct instant){ login });
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, login, b), same((struct instant){ now })), ERR_LOGIN);
	now = login + 60 * SECOND;
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now, b), same((struct instant){ now })), OK);
	arena_free(a);
}

/* The machine's clock was set back a day. Whether the phones agree with it or with the record, one can log in. */
static void a_clock_set_back_shuts_nobody_out(void **state)
{
	(void)state;
	struct arena *a = arena_new(4 << 20);
	struct totp_steps *s = totp_steps_new(a);
	const uint8_t *secret = (const uint8_t *)"abcdefghijklmnopqrst";
	struct id16 anna = { { 1 } }, ben = { { 2 } };
	int64_t now = 1000000 * SECOND, machine = now - 86400 * SECOND;
	struct totp_clocks t = { { now }, { machine } };
	char b[9];
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now, b), t), OK);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now, b), t), ERR_LOGIN);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, machine, b), t), OK);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, machine, b), t), ERR_LOGIN);
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, now - 43200 * SECOND, b), t), ERR_LOGIN);
	/* A step that was good by the machine's clock is not good again when the other clock is near it. */
	assert_int_equal(totp_accept(s, ben, secret, 20, code_at(secret, machine, b), t), OK);
	assert_int_equal(totp_accept(s, ben, secret, 20, code_at(secret, machine, b), same((struct instant){ machine })), ERR_LOGIN);
	/* After a restart, what may have been used just before is spent. */
	totp_machine_spent_until(s, (struct instant){ machine + 60 * SECOND });
	t = (struct totp_clocks){ { now + 60 * SECOND }, { machine + 60 * SECOND } };
	assert_int_equal(totp_accept(s, anna, secret, 20, code_at(secret, machine + 60 * SECOND, b), t), ERR_LOGIN);
	/* The control: with clocks that agree, yesterday's code is nobody's. */
	assert_int_equal(totp_accept(s, ben, secret, 20, code_at(secret, machine + 90 * SECOND, b), same((struct instant){ now })), ERR_LOGIN);
	arena_free(a);
}

static void wrong_passphrases_delay_the_answer_only(void **state)
{
	(void)state;
	struct arena *a = arena_new(4 << 20);
	struct throttle *t = throttle_new(a);
	uint8_t anna[32] = { 1 }, ben[32] = { 2 };
	int64_t before = 0, now = 1000 * SECOND;
	for (int i = 0; i < 3; i++) assert_int_equal(throttle_failed(t, anna, now), 0);
	for (int i = 0; i < 20; i++) {
		int64_t hold = throttle_failed(t, anna, now);
		assert_true(hold >= before && hold > 0 && hold <= 8 * SECOND);
		before = hold;
	}
	assert_int_equal(before, 8 * SECOND);
	/* A stranger's guesses never block a code, and never touch another account. */
	assert_false(throttle_blocks_code(t, anna, now));
	assert_int_equal(throttle_failed(t, ben, now), 0);
	throttle_succeeded(t, anna);
	assert_int_equal(throttle_failed(t, anna, now), 0);
	arena_free(a);
}

static void wrong_codes_block_codes_and_a_flood_of_names_does_not_help(void **state)
{
	(void)state;
	struct arena *a = arena_new(4 << 20);
	struct throttle *t = throttle_new(a);
	uint8_t anna[32] = { 1 }, name[32] = { 0 };
	int64_t now = 1000 * SECOND;
	for (int i = 0; i < 6; i++) throttle_wrong_code(t, anna, now);
	assert_true(throttle_blocks_code(t, anna, now));
	for (uint32_t i = 0; i < 5000; i++) {
		memcpy(name + 4, &i, sizeof i);
		(void)!throttle_failed(t, name, now + (int64_t)i);
	}
	assert_true(throttle_blocks_code(t, anna, now + 1 * SECOND));
	assert_false(throttle_blocks_code(t, anna, now + 3600 * SECOND));
	arena_free(a);
}

static const struct session_limits limits = { 300 * SECOND, 900 * SECOND, 8 * 3600 * SECOND };

static void a_session_locks_is_wiped_and_ends(void **state)
{
	(void)state;
	struct sessions *s;
	struct session *one;
	struct cookie_secret cookie, other;
	assert_int_equal(sessions_new(&limits, &s), OK);
	struct id16 anna = { { 1 } };
	assert_int_equal(session_begin(s, anna, 0, &cookie, &one), OK);
	memset(&other, 7, sizeof other);
	assert_int_equal(session_find(s, &other, 1, &one), ERR_NO_SESSION);
	assert_int_equal(session_find(s, &cookie, 299 * SECOND, &one), OK);
	assert_false(one->locked);
	assert_int_equal(session_find(s, &cookie, 300 * SECOND, &one), OK);
	assert_true(one->locked);
	assert_int_equal(session_find(s, &cookie, 1199 * SECOND, &one), OK);
	assert_int_equal(session_find(s, &cookie, 1200 * SECOND, &one), ERR_NO_SESSION);
	assert_int_equal(sessions_count(s), 0);
	/* A busy session ends eight hours after the login all the same. */
	assert_int_equal(session_begin(s, anna, 0, &cookie, &one), OK);
	for (int64_t t = 0; t < 8 * 3600; t += 100) {
		assert_int_equal(session_find(s, &cookie, t * SECOND, &one), OK);
		assert_false(one->locked);
		one->active = t * SECOND;
	}
	assert_int_equal(session_find(s, &cookie, 8 * 3600 * SECOND, &one), ERR_NO_SESSION);
	sessions_free(s);
}

static void many_sessions_are_found_and_ended_in_any_order(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct sessions *s;
	struct session *one;
	static struct cookie_secret cookies[N];
	static bool alive[N];
	assert_int_equal(sessions_new(&limits, &s), OK);
	for (uint32_t i = 0; i < N; i++) {
		struct id16 user = { { 0 } };
		memcpy(user.b, &i, sizeof i);
		assert_int_equal(session_begin(s, user, 0, &cookies[i], &one), OK);
		alive[i] = true;
	}
	uint32_t k = 7;
	for (int round = 0; round < 2000; round++) {
		k = (k * 1103515245u + 12345u) & 0x7fffffff;
		uint32_t i = k % N;
		enum err e = session_find(s, &cookies[i], 1, &one);
		assert_int_equal(e, alive[i] ? OK : ERR_NO_SESSION);
		if (alive[i]) session_end(s, one);
		alive[i] = false;
	}
	for (uint32_t i = 0; i < N; i++) {
		struct id16 user = { { 0 } };
		memcpy(user.b, &i, sizeof i);
		assert_int_equal(session_find(s, &cookies[i], 1, &one), alive[i] ? OK : ERR_NO_SESSION);
		if (alive[i]) assert_true(id_eq(one->user, user));
	}
	sessions_free(s);
}

static void one_user_has_a_bounded_number_of_sessions(void **state)
{
	(void)state;
	struct sessions *s;
	struct session *one;
	struct cookie_secret first, cookie;
	struct id16 anna = { { 1 } };
	assert_int_equal(sessions_new(&limits, &s), OK);
	assert_int_equal(session_begin(s, anna, 0, &first, &one), OK);
	for (int i = 1; i <= 64; i++) assert_int_equal(session_begin(s, anna, i, &cookie, &one), OK);
	assert_int_equal(sessions_count(s), 64);
	assert_int_equal(session_find(s, &first, 100, &one), ERR_NO_SESSION);
	assert_int_equal(session_find(s, &cookie, 100, &one), OK);
	sessions_end_of(s, anna);
	assert_int_equal(sessions_count(s), 0);
	sessions_free(s);
}

static void stamps_rise_and_the_clock_never_goes_back(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct clock *k = clock_new(a);
	struct instant real = clock_now(k);
	assert_int_equal(clock_put(k, (struct instant){ real.us + 1000 }), OK);
	struct instant one = clock_note(k, (struct instant){ 0 }, 3), two = clock_note(k, (struct instant){ 0 }, 1);
	assert_int_equal(one.us, real.us + 1000);
	assert_int_equal(two.us, one.us + 3);
	assert_int_equal(clock_put(k, one), ERR_INVALID);
	clock_not_before(k, two.us + 50);
	assert_int_equal(clock_now(k).us, two.us + 50);
	assert_int_equal(clock_note(k, (struct instant){ two.us + 500 }, 1).us, two.us + 500);
	assert_int_equal(clock_put(k, INSTANT_UNSET), OK);
	assert_true(clock_now(k).us >= two.us + 500);
	/* Set back a day: what is noted stands still, what is due does not. */
	assert_int_equal(clock_put(k, (struct instant){ real.us + 86400 * SECOND }), OK);
	assert_int_equal(clock_reached(k).us, real.us + 86400 * SECOND);
	clock_not_before(k, real.us + 86400 * SECOND);
	assert_int_equal(clock_put(k, INSTANT_UNSET), OK);
	assert_true(clock_machine(k).us < real.us + 43200 * SECOND);
	(void)usleep(20000);
	assert_int_equal(clock_now(k).us, real.us + 86400 * SECOND);
	assert_int_equal(clock_note(k, (struct instant){ 0 }, 1).us, real.us + 86400 * SECOND + 1); /* after the newest entry */
	int64_t reached = clock_reached(k).us - (real.us + 86400 * SECOND);
	assert_true(reached >= 20000 && reached < 60 * SECOND);
	arena_free(a);
}

static void lines_are_read_by_length(void **state)
{
	(void)state;
	struct str text = STR("name:9:a:b\nc:1:x\ntitle:3:xyz\nnote:0:\n");
	assert_true(str_eq_c(text_field(text, "name"), "a:b\nc:1:x"));
	assert_true(str_eq_c(text_field(text, "title"), "xyz"));
	struct str note = text_field(text, "note");
	assert_true(note.p != NULL && note.n == 0);
	assert_null(text_field(text, "c").p);
	static const char *const bad[] = { "", "name", "name:", "name:5", "name:5:abc\n", "name:3:abcd", "name:x:abc\n",
		"name:-1:abc\n", "name:99999999:abc\n", "other:9:abc\nname:3:abc\n" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) assert_null(text_field(str_c(bad[i]), "name").p);
}

static void standing_keys_go_forward_and_never_back(void **state)
{
	(void)state;
	char dir[] = "/tmp/avstamp-standing-XXXXXX";
	assert_non_null(mkdtemp(dir));
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	struct arena *a = arena_new(1 << 20);
	struct standing *s, *again;
	assert_int_equal(standing_open(a, fd, &s), OK);
	struct standing_key one = { .dossier = { { 1 } }, .epoch = 1, .key = { 9 } }, two = one, got;
	assert_int_equal(standing_newest(s, one.dossier, &got), ERR_NOT_FOUND);
	assert_int_equal(standing_take(s, &one, false), OK);
	assert_int_equal(standing_take(s, &one, false), OK);
	two.key[0] = 8;
	assert_int_equal(standing_take(s, &two, false), ERR_DENIED); /* another key of the same epoch */
	assert_int_equal(standing_take(s, &two, true), ERR_DENIED);
	two.epoch = 2;
	assert_int_equal(standing_take(s, &two, false), OK);
	assert_int_equal(standing_take(s, &one, false), ERR_CONFLICT);
	assert_int_equal(standing_open(a, fd, &again), OK);
	assert_int_equal(standing_newest(again, one.dossier, &got), OK);
	assert_true(got.epoch == 2 && got.key[0] == 8);
	/* A restored database may be older than keys/. */
	assert_int_equal(standing_take(again, &one, true), OK);
	assert_int_equal(standing_newest(again, one.dossier, &got), OK);
	assert_true(got.epoch == 1 && got.key[0] == 9);
	/* One flipped byte, and nothing of it is believed. */
	int file = openat(fd, "standing", O_RDWR);
	char byte;
	assert_int_equal(pread(file, &byte, 1, 30), 1);
	byte ^= 1;
	assert_int_equal(pwrite(file, &byte, 1, 30), 1);
	assert_int_equal(standing_open(a, fd, &again), ERR_CORRUPT);
	close(file);
	assert_int_equal(unlinkat(fd, "standing", 0), 0);
	close(fd);
	assert_int_equal(rmdir(dir), 0);
	arena_free(a);
}

static void arguments_are_read_or_refused(void **state)
{
	(void)state;
	struct vault_options o;
	char *good[] = { (char[]){ "v" }, (char[]){ "--fd" }, (char[]){ "3" }, (char[]){ "--dir" }, (char[]){ "/x" },
	                 (char[]){ "--walls" }, (char[]){ "off" }, (char[]){ "--simulated" }, (char[]){ "--lock-minutes" },
	                 (char[]){ "15" } };
	assert_true(options_parse((int)COUNT_OF(good), good, &o));
	assert_true(o.fd == 3 && o.simulated && !o.init && o.walls == WALLS_OFF && o.lock_us == 900 * SECOND);
	char *too_long[] = { good[0], good[1], good[2], good[3], good[4], good[8], (char[]){ "16" } };
	assert_false(options_parse((int)COUNT_OF(too_long), too_long, &o));
	char *unknown[] = { good[0], good[1], good[2], good[3], good[4], (char[]){ "--ack-early" } };
	assert_false(options_parse((int)COUNT_OF(unknown), unknown, &o));
	assert_false(options_parse(3, good, &o));
}

static struct str bytes_of(struct arena *a, const struct certificate *c)
{
	uint8_t *p = arena_take(a, CERTIFICATE_BYTES);
	certificate_bytes(c, p);
	return (struct str){ (const char *)p, CERTIFICATE_BYTES };
}

static void a_certificate_that_proves_nothing_is_in_nobodys_way(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct trust *t = ARENA_NEW(a, struct trust);
	struct certificates *all;
	struct key32 *seeds[2] = { key32_new(), key32_new() };
	t->n = 1;
	t->party[0].controller.b[0] = 9;
	for (size_t i = 0; i < 2; i++) {
		key32_random(seeds[i]);
		t->party[0].officer[i].b[0] = (uint8_t)(i + 1);
		key32_sign_public(seeds[i], t->party[0].officer_key[i]);
	}
	assert_int_equal(certificates_new(t, &all), OK);
	struct certificate good = { .user = { { 7 } }, .serial = 1, .box_public = { 5 }, .not_after = INSTANT_UNSET }, got;
	struct certificate bad;
	struct id16 controller;
	for (size_t i = 0; i < 2; i++) good.officer[i] = t->party[0].officer[i];
	bad = good;
	bad.serial = 1000;
	bad.box_public[0] = 6;
	assert_int_equal(certificates_load(all, bytes_of(a, &bad)), OK);
	assert_int_equal(certificates_find(all, good.user, &got, &controller), ERR_DENIED);
	for (size_t i = 0; i < 2; i++) {
		struct signer s = { good.officer[i], 1, seeds[i] };
		assert_int_equal(certificate_sign(&good, &s), OK);
		assert_int_equal(certificates_load(all, bytes_of(a, &good)), OK);
		assert_int_equal(certificates_find(all, good.user, &got, &controller), i == 0 ? ERR_DENIED : OK);
	}
	assert_int_equal(certificates_load(all, bytes_of(a, &bad)), OK);
	assert_int_equal(certificates_find(all, good.user, &got, &controller), OK);
	assert_true(got.serial == 1 && got.box_public[0] == 5 && controller.b[0] == 9);
	assert_int_equal(certificates_load(all, STR("x")), ERR_CORRUPT);
	certificates_free(all);
	for (size_t i = 0; i < 2; i++) key32_free(seeds[i]);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_rfc_6238),
		cmocka_unit_test(a_code_is_good_once_and_near_its_time),
		cmocka_unit_test(codes_from_before_a_restart_are_spent),
		cmocka_unit_test(a_clock_set_back_shuts_nobody_out),
		cmocka_unit_test(wrong_passphrases_delay_the_answer_only),
		cmocka_unit_test(wrong_codes_block_codes_and_a_flood_of_names_does_not_help),
		cmocka_unit_test(a_session_locks_is_wiped_and_ends),
		cmocka_unit_test(many_sessions_are_found_and_ended_in_any_order),
		cmocka_unit_test(one_user_has_a_bounded_number_of_sessions),
		cmocka_unit_test(stamps_rise_and_the_clock_never_goes_back),
		cmocka_unit_test(lines_are_read_by_length),
		cmocka_unit_test(standing_keys_go_forward_and_never_back),
		cmocka_unit_test(a_certificate_that_proves_nothing_is_in_nobodys_way),
		cmocka_unit_test(arguments_are_read_or_refused),
	};
	if (crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

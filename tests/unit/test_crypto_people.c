/* tests/unit/test_crypto_people.c — who may be believed and let in: secrets, certificates, invitations, grants, custodians. */
#include "crypto_help.h"
#include <stdio.h>

#define COST ((struct argon_cost){ 1, 64 })

/* ---- AVU1 ------------------------------------------------------------------------------------------------- */

static enum err login(struct str blob, struct str passphrase, const struct key32 *vault, struct user_secrets *u)
{
	struct secrets_head h = { 0 };
	_cleanup_(key32_freep) struct key32 *kek = key32_new();
	enum err e;
	if ((e = secrets_head_parse(blob, &h)) != OK || (e = user_kek(&h, passphrase, vault, kek)) != OK)
		return e;
	return user_secrets_open(blob, kek, u);
}

static void secrets(void **state)
{
	(void)state;
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *other = key_of(0xfd), *kek = key32_new();
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new(), *got = user_secrets_new();
	uint8_t blob[USER_SECRETS_BYTES], totp[TOTP_SECRET_BYTES];
	user_secrets_make(u, false);
	struct secrets_head h = secrets_head_new(SECRETS_PASSPHRASE, id_of(1), 1, COST);
	assert_int_equal(user_kek(&h, STR("rätt fras som är lång"), vault, kek), OK);
	user_secrets_seal(u, &h, kek, blob);
	assert_int_equal(login(BYTES(blob), STR("rätt fras som är lång"), vault, got), OK);
	assert_true(key32_equal(user_secrets_box(u), user_secrets_box(got)));
	assert_true(key32_equal(user_secrets_seed(u), user_secrets_seed(got)));
	assert_int_equal(user_secrets_totp(got, totp), 0);
	assert_int_equal(login(BYTES(blob), STR("fel fras"), vault, got), ERR_LOGIN);
	assert_int_equal(login(BYTES(blob), STR_UNSET, vault, got), ERR_LOGIN);
	/* The right passphrase and the whole database, but not keys/ (P1). */
	assert_int_equal(login(BYTES(blob), STR("rätt fras som är lång"), other, got), ERR_LOGIN);
	static const char long_text[PASSPHRASE_MAX + 1] = "x";
	assert_int_equal(login(BYTES(blob), (struct str){ long_text, sizeof(long_text) }, vault, got), ERR_INVALID);
	assert_true(argon_is_weak(ARGON_DEMO));
	assert_false(argon_is_weak(ARGON_STRONG));
}

static void other_users_head(void **state)
{
	(void)state;
	/* My blob under your name does not open: the name is part of the key and of the associated data. */
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *kek = key32_new();
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new(), *got = user_secrets_new();
	uint8_t blob[USER_SECRETS_BYTES];
	user_secrets_make(u, true);
	struct secrets_head h = secrets_head_new(SECRETS_PASSPHRASE, id_of(1), 1, COST);
	assert_int_equal(user_kek(&h, STR("fras"), vault, kek), OK);
	user_secrets_seal(u, &h, kek, blob);
	struct id16 you = id_of(2);
	memcpy(blob + 8, you.b, 16);
	assert_int_equal(login(BYTES(blob), STR("fras"), vault, got), ERR_LOGIN);
	h.cost.ops = 11; /* a database writer cannot make the vault work for hours */
	assert_int_equal(user_kek(&h, STR("fras"), vault, kek), ERR_INVALID);
	h.cost = (struct argon_cost){ 1, 2 * 1024 * 1024 };
	assert_int_equal(user_kek(&h, STR("fras"), vault, kek), ERR_INVALID);
}

static void canary(void **state)
{
	(void)state;
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *other = key_of(0xfd), *kek = key32_new();
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new(), *got = user_secrets_new();
	uint8_t blob[USER_SECRETS_BYTES];
	user_secrets_make(u, false);
	struct secrets_head h = secrets_head_new(SECRETS_CANARY, id_of(1), 1, COST);
	assert_int_equal(h.cost.ops, 0);
	assert_int_equal(user_kek(&h, STR_UNSET, vault, kek), OK);
	user_secrets_seal(u, &h, kek, blob);
	assert_int_equal(login(BYTES(blob), STR_UNSET, vault, got), OK);
	assert_int_equal(login(BYTES(blob), STR_UNSET, other, got), ERR_LOGIN);
	blob[5] = SECRETS_PASSPHRASE; /* no other method with a canary's cost */
	assert_int_equal(login(BYTES(blob), STR_UNSET, vault, got), ERR_CORRUPT);
}

static void sessions(void **state)
{
	(void)state;
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *other = key_of(0xfd);
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new(), *got = user_secrets_new();
	uint8_t box[SESSION_BOX_BYTES], cookie[32] = { 1 }, wrong[32] = { 2 };
	user_secrets_make(u, true);
	session_box_seal(u, vault, cookie, id_of(1), box);
	assert_int_equal(session_box_open(box, vault, cookie, id_of(1), got), OK);
	assert_true(key32_equal(user_secrets_box(u), user_secrets_box(got)));
	assert_int_equal(session_box_open(box, vault, wrong, id_of(1), got), ERR_NO_SESSION);
	assert_int_equal(session_box_open(box, vault, cookie, id_of(2), got), ERR_NO_SESSION);
	assert_int_equal(session_box_open(box, other, cookie, id_of(1), got), ERR_NO_SESSION);
	box[60] ^= 1;
	assert_int_equal(session_box_open(box, vault, cookie, id_of(1), got), ERR_NO_SESSION);
}

/* ---- certificates ------------------------------------------------------------------------------------------ */

struct office {
	struct arena *a;
	struct trust *trust;
	struct key32 *officer[4]; /* two of each controller */
};

static void office_begin(struct office *o)
{
	o->a = help_arena();
	o->trust = ARENA_NEW(o->a, struct trust);
	o->trust->n = 2;
	for (uint8_t i = 0; i < 4; i++) {
		struct trust_party *p = &o->trust->party[i / 2];
		o->officer[i] = key_of((uint8_t)(0x80 + i));
		p->controller = id_of((uint8_t)(1 + i / 2));
		p->officer[i % 2] = id_of((uint8_t)(10 + i));
		key32_sign_public(o->officer[i], p->officer_key[i % 2]);
	}
}

static void office_end(struct office *o)
{
	for (int i = 0; i < 4; i++)
		key32_free(o->officer[i]);
	arena_free(o->a);
}

static struct signer officer(const struct office *o, uint8_t i)
{
	return (struct signer){ id_of((uint8_t)(10 + i)), 1, o->officer[i] };
}

static struct certificate blank(uint8_t one, uint8_t other)
{
	return (struct certificate){ .user = id_of(5), .serial = 1, .roles = 1, .not_before = { 100 }, .not_after = { 200 },
		                     .officer = { id_of((uint8_t)(10 + one)), id_of((uint8_t)(10 + other)) } };
}

static void certificates(void **state)
{
	(void)state;
	struct office o;
	office_begin(&o);
	struct certificate c = blank(0, 1);
	struct signer a = officer(&o, 0), b = officer(&o, 1), police = officer(&o, 2), stranger = { id_of(10), 1, o.officer[3] };
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 150 }), ERR_DENIED);
	assert_int_equal(certificate_sign(&c, &a), OK);
	assert_int_equal(certificate_signatures(&c, &o.trust->party[0]), 1);
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 150 }), ERR_DENIED);
	assert_int_equal(certificate_sign(&c, &a), ERR_EXISTS); /* the same officer twice */
	assert_int_equal(certificate_sign(&c, &police), ERR_DENIED);
	assert_int_equal(certificate_sign(&c, &b), OK);
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 150 }), OK);
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 99 }), ERR_DENIED);
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 201 }), ERR_DENIED);
	assert_int_equal(certificate_verify(&c, o.trust, id_of(2), (struct instant){ 150 }), ERR_DENIED); /* another controller */
	assert_int_equal(certificate_verify(&c, o.trust, id_of(3), (struct instant){ 150 }), ERR_DENIED);
	c.not_after = INSTANT_UNSET;
	assert_int_equal(certificate_verify(&c, o.trust, id_of(1), (struct instant){ 150 }), ERR_DENIED); /* signed with an end */

	c = blank(0, 0); /* one officer as both */
	assert_int_equal(certificate_sign(&c, &a), ERR_DENIED);
	c = blank(0, 1);
	assert_int_equal(certificate_sign(&c, &a), OK);
	memcpy(c.signature[1], c.signature[0], 64); /* one signature as both */
	assert_int_equal(certificate_signatures(&c, &o.trust->party[0]), 1);
	c = blank(0, 1);
	assert_int_equal(certificate_sign(&c, &stranger), OK); /* the officer's name, another key */
	assert_int_equal(certificate_signatures(&c, &o.trust->party[0]), 0);
	c = blank(2, 3); /* the other controller's officers */
	assert_int_equal(certificate_sign(&c, &police), OK);
	assert_int_equal(certificate_signatures(&c, &o.trust->party[0]), 0);
	assert_int_equal(certificate_signatures(&c, &o.trust->party[1]), 1);
	office_end(&o);
}

static void invitations(void **state)
{
	(void)state;
	struct office o;
	office_begin(&o);
	struct invitation i = { .user = id_of(5), .controller = id_of(1), .roles = 2, .expires = { 1000 } }, got;
	uint8_t bytes[INVITATION_BYTES];
	char code[INVITATION_CODE], typed[64];
	struct signer a = officer(&o, 0), police = officer(&o, 2);
	invitation_make(&i, &a, bytes, code);
	struct str c = { code, sizeof(code) };
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, c, (struct instant){ 1000 }, &got), OK);
	assert_int_equal(got.roles, 2);
	assert_true(id_eq(got.officer, id_of(10)));
	size_t n = 0;
	for (size_t k = 0; k < sizeof(code); k++)
		if (code[k] != '-')
			typed[n++] = (char)(code[k] >= 'A' && code[k] <= 'Z' ? code[k] - 'A' + 'a' : code[k]);
	assert_int_equal(n, 16);
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, (struct str){ typed, n }, (struct instant){ 1 }, &got), OK);
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, c, (struct instant){ 1001 }, &got), ERR_DENIED);
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, STR("AAAA-BBBB-CCCC-DDDD"), (struct instant){ 1 }, &got), ERR_LOGIN);
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, STR(""), (struct instant){ 1 }, &got), ERR_LOGIN);
	typed[n++] = 'a';
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, (struct str){ typed, n }, (struct instant){ 1 }, &got), ERR_LOGIN);
	invitation_make(&i, &police, bytes, code); /* an officer, but of another controller */
	assert_int_equal(invitation_open(BYTES(bytes), o.trust, c, (struct instant){ 1 }, &got), ERR_DENIED);
	office_end(&o);
}

/* ---- grants ------------------------------------------------------------------------------------------------- */

struct people {
	struct key32 *holder, *granter, *stranger;
	uint8_t holder_public[32];
	struct id16 known;
};

static enum err find(void *ctx, struct id16 who, uint32_t serial, uint8_t ret[32])
{
	struct people *p = ctx;
	if (!id_eq(who, p->known) || serial != 1)
		return ERR_NOT_FOUND;
	key32_sign_public(p->granter, ret);
	return OK;
}

static void grants(void **state)
{
	(void)state;
	struct people p = { .holder = key_of(1), .granter = key_of(2), .stranger = key_of(3), .known = id_of(8) };
	struct granter_lookup who = { find, &p };
	_cleanup_(grant_freep) struct grant *g = grant_new(), *got = grant_new();
	_cleanup_(key32_freep) struct key32 *ck = key_of(0xc0), *sk = key_of(0x50);
	uint8_t wrapped[GRANT_WRAPPED_BYTES], accepted[GRANT_ACCEPTED_BYTES];
	struct signer s = { id_of(8), 1, p.granter };
	key32_box_public(p.holder, p.holder_public);
	struct grant_clear clear = { .controller = id_of(1), .case_id = id_of(2), .holder = id_of(3), .serial = 1, .not_after = 24311 };
	grant_begin(g, &clear);
	for (uint16_t i = 0; i < GRANT_ENTRIES; i++)
		assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = i < 15 ? i : 40, .epoch = 1 }, ck), OK);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 77, .epoch = 1 }, ck), ERR_FULL);
	assert_int_equal(grant_held(g), 0x80007fffu);
	grant_begin(g, &clear);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 2, .epoch = 1 }, ck), OK);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 2, .epoch = 1 }, ck), ERR_EXISTS);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 3 }, ck), ERR_INVALID);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 2, .epoch = 2 }, sk), OK);
	grant_wrap(g, p.holder_public, &s, wrapped);
	assert_int_equal(grant_unwrap(BYTES(wrapped), p.holder, &who, got), OK);
	assert_int_equal(grant_find(got, 2, 0), 1);
	assert_int_equal(grant_find(got, 2, 1), 0);
	assert_int_equal(grant_find(got, 2, 3), -1);
	assert_int_equal(grant_find(got, 4, 0), -1);
	assert_int_equal(grant_held(got), 1u << 2);
	assert_true(id_eq(grant_granter(got), id_of(8)));
	assert_int_equal(grant_unwrap(BYTES(wrapped), p.stranger, &who, got), ERR_CORRUPT);
	p.known = id_of(9);
	assert_int_equal(grant_unwrap(BYTES(wrapped), p.holder, &who, got), ERR_DENIED); /* nobody knows the granter */
	p.known = id_of(8);
	s.seed = p.stranger; /* a database writer makes himself a grant in another's name */
	grant_wrap(g, p.holder_public, &s, wrapped);
	assert_int_equal(grant_unwrap(BYTES(wrapped), p.holder, &who, got), ERR_DENIED);

	grant_accept(g, p.holder, accepted);
	assert_int_equal(grant_open(BYTES(accepted), p.holder, got), OK);
	assert_true(key32_equal(grant_key(got, 0), ck));
	assert_int_equal(grant_open(BYTES(accepted), p.stranger, got), ERR_CORRUPT);
	assert_int_equal(grant_open(BYTES(wrapped), p.holder, got), ERR_CORRUPT);
	assert_int_equal(grant_unwrap(BYTES(accepted), p.holder, &who, got), ERR_CORRUPT);

	assert_true(grant_is_current(&clear, 24311));
	assert_false(grant_is_current(&clear, 24312));
	clear.not_after = 0;
	assert_true(grant_is_current(&clear, 99999));
	key32_free(p.holder);
	key32_free(p.granter);
	key32_free(p.stranger);
}

static void grants_key_is_bound_to_its_case(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(grant_freep) struct grant *g = grant_new();
	_cleanup_(key32_freep) struct key32 *ck = key_of(0xc0), *sk = key_of(0x50);
	_cleanup_(stream_key_freep) struct stream_key *k = stream_key_new();
	struct str sealed = STR_UNSET;
	struct grant_clear clear = { .controller = id_of(1), .case_id = id_of(2), .holder = id_of(3) };
	grant_begin(g, &clear);
	assert_int_equal(grant_add(g, &(struct grant_entry){ .compartment = 2, .epoch = 1 }, ck), OK);
	grant_stream_key(g, 0, sk, k);
	struct envelope_at at = { .controller = id_of(1), .case_id = id_of(2), .compartment = 2, .epoch = 1 };
	assert_int_equal(envelope_seal(a, k, &at, STR("x"), &sealed), OK);
	at.case_id = id_of(4);
	assert_int_equal(envelope_seal(a, k, &at, STR("x"), &sealed), ERR_DENIED);
	arena_free(a);
}

/* ---- custodians ------------------------------------------------------------------------------------------------ */

static void recovery(void **state)
{
	(void)state;
	_cleanup_(key32_freep) struct key32 *vault = key_of(0xfe), *other = key_of(0xfd), *out = key32_new(), *ck = key_of(0xc0);
	_cleanup_(key32_freep) struct key32 *a = key_of(0x90), *b = key_of(0x91), *c = key_of(0x92), *stranger = key_of(0x99);
	uint8_t keys[96], bytes[RECOVERY_BYTES], mine[RECOVERY_BYTES], public[32], wrap[RECOVERY_WRAP_BYTES];
	key32_box_public(a, keys);
	key32_box_public(b, keys + 32);
	key32_box_public(c, keys + 64);
	assert_int_equal(recovery_make(id_of(1), id_of(2), keys, vault, bytes), OK);
	assert_int_equal(recovery_open(BYTES(bytes), a, c, out), OK);
	assert_int_equal(recovery_open(BYTES(bytes), c, b, out), OK);
	assert_int_equal(recovery_open(BYTES(bytes), a, a, out), ERR_DENIED);
	assert_int_equal(recovery_open(BYTES(bytes), a, stranger, out), ERR_DENIED);
	assert_int_equal(recovery_public(BYTES(bytes), id_of(1), id_of(3), vault, public), ERR_CORRUPT);
	assert_int_equal(recovery_public(BYTES(bytes), id_of(3), id_of(2), vault, public), ERR_CORRUPT);
	assert_int_equal(recovery_public(BYTES(bytes), id_of(1), id_of(2), other, public), ERR_CORRUPT);
	/* A database writer's own recovery key in the place of the case's. */
	assert_int_equal(recovery_make(id_of(1), id_of(2), keys, other, mine), OK);
	assert_int_equal(recovery_public(BYTES(mine), id_of(1), id_of(2), vault, public), ERR_CORRUPT);
	assert_int_equal(recovery_public(BYTES(bytes), id_of(1), id_of(2), vault, public), OK);
	recovery_wrap(public, ck, wrap);
	assert_int_equal(recovery_open(BYTES(bytes), a, b, out), OK);
	assert_int_equal(recovery_unwrap(stranger, BYTES(wrap), out), ERR_DENIED);
	/* Another case's pairs under this case's head: the key is not the one the head names. */
	memcpy(mine + 8, bytes + 8, 64);
	assert_int_equal(recovery_open(BYTES(mine), a, b, out), ERR_DENIED);
	memset(keys, 0, 32); /* no point of the curve that anyone could open */
	assert_int_equal(recovery_make(id_of(1), id_of(2), keys, vault, bytes), ERR_INVALID);
}

static void custodian_files(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct str text = STR_UNSET, copy = STR_UNSET, plain = STR_UNSET;
	_cleanup_(key32_freep) struct key32 *k = key32_new(), *stranger = key_of(0x99);
	uint8_t public[32], check[32];
	assert_int_equal(custodian_make(a, STR("fras"), COST, public, &text), OK);
	assert_int_equal(custodian_open(text, STR("fras"), k), OK);
	key32_box_public(k, check);
	assert_memory_equal(public, check, 32);
	assert_int_equal(custodian_open(text, STR("Fras"), k), ERR_LOGIN);
	assert_int_equal(custodian_open(str_cut(text, 0, text.n / 2), STR("fras"), k), ERR_CORRUPT);
	assert_int_equal(custodian_open(STR("-----BEGIN AVSTAMP CUSTODIAN KEY-----\n"), STR("fras"), k), ERR_CORRUPT);
	assert_int_equal(custodian_open(STR(""), STR("fras"), k), ERR_CORRUPT);
	/* A file that went through another system's line ends still opens. */
	struct buf b = buf_new(a, 1024);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && i > 40 && i + 2 < text.n)
			buf_char(&b, '\r');
		buf_char(&b, text.p[i]);
	}
	assert_int_equal(custodian_open(text, STR("fras"), k), OK);
	assert_int_equal(custodian_seal(a, public, 1, STR("alla nycklar"), &copy), OK);
	assert_int_equal(custodian_unseal(a, copy, k, &plain), OK);
	assert_true(str_eq(plain, STR("alla nycklar")));
	assert_int_equal(custodian_unseal(a, copy, stranger, &plain), ERR_DENIED);
	assert_int_equal(custodian_seal(a, public, 0, STR("x"), &copy), ERR_INVALID);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets), cmocka_unit_test(other_users_head), cmocka_unit_test(canary), cmocka_unit_test(sessions),
		cmocka_unit_test(certificates), cmocka_unit_test(invitations), cmocka_unit_test(grants),
		cmocka_unit_test(grants_key_is_bound_to_its_case), cmocka_unit_test(recovery), cmocka_unit_test(custodian_files),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto people", tests, NULL, NULL);
}

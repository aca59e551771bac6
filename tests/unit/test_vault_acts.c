/* tests/unit/test_vault_acts.c — a vault from its founding to its last day, each act with its refusals. */
#include "test_vault_help.h"
#include "crypto/key_ring.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static struct world w;

/* When it is the program that runs, it stands behind its filter. */
static void check_the_filter(void)
{
	static char path[64], status[4096];
	if (getenv("AVSTAMP_VAULT") == NULL) return;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)w.pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(status, 1, sizeof status - 1, f);
	(void)fclose(f);
	status[n] = '\0';
	assert_non_null(strstr(status, "Seccomp:\t2"));
	assert_non_null(strstr(status, "NoNewPrivs:\t1"));
}

static int found(void **state)
{
	(void)state;
	world_found(&w);
	check_the_filter();
	world_let_in(&w);
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end_well(&w);
	return 0;
}

/* ---- tests ---- */

static void what_is_sealed_opens_again(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(d.n_streams, 3);
	struct str own = d.grants[0].accepted;
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 2, 1), "text:5:hejsa\n", &envelope), OK);
	assert_false(has(envelope, "hejsa"));
	assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].held, 7);
	assert_true(id_eq(r.groups[0].holder, w.people[ANNA].user));
	assert_int_equal(r.groups[0].role, 1);
	struct str plain = r.groups[0].items[0].plain;
	char hex[ID_HEX];
	id_hex(w.people[ANNA].user, hex);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_true(has(plain, "text:5:hejsa\n"));
	assert_memory_equal(plain.p, "noted:27:", 9);
	assert_memory_equal(plain.p + 9 + 27, "\nauthor:32:", 11);
	assert_memory_equal(plain.p + 9 + 27 + 11, hex, ID_HEX);
	assert_true(id_eq(r.who.user, w.people[ANNA].user));
	assert_true(r.entry > 0);
}

static void a_foreign_case_and_no_case_answer_alike(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	struct vault_open_reply theirs, none;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 0, 1), "x:1:y\n", &envelope), OK);
	struct vault_open ask = { .why = why_of(&w.people[BEN], d.id) };
	assert_int_equal(vault_open(w.v, w.a, &ask, &theirs), OK);
	ask.why.asked = bytes_random_id();
	assert_int_equal(vault_open(w.v, w.a, &ask, &none), OK);
	assert_int_equal(theirs.n_groups, 0);
	assert_int_equal(none.n_groups, 0);
	assert_int_equal(none.entry, theirs.entry + 1);
	/* Even with the rows in hand another person opens nothing. */
	struct vault_open_reply r;
	struct str grants[] = { d.grants[0].accepted, d.grants[0].grant, STR_UNSET };
	for (size_t i = 0; i < COUNT_OF(grants); i++) {
		assert_int_equal(world_open(&w, BEN, d.id, grants[i], d.shred_slot, event_at(&d, 0, 1), envelope, &r), OK);
		assert_int_equal(r.groups[0].held, 0);
		assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
		assert_null(r.groups[0].items[0].plain.p);
	}
}

static enum err grant_to(enum who from, enum who to, const struct dossier *d, uint32_t compartments, struct str own,
                         struct str *ret)
{
	struct vault_grant ask = { .why = why_of(&w.people[from], d->id), .controller = d->controller, .case_id = d->id,
	                           .own = own, .shred_slot = d->shred_slot };
	ask.wish = (struct grant_wish){ .holder = w.people[to].user, .compartments = compartments, .serial = 2 };
	struct vault_grant_reply reply;
	enum err e = vault_grant(w.v, w.a, &ask, &reply);
	if (e == OK) *ret = reply.grant;
	return e;
}

static void a_grant_is_verified_once_and_symmetric_from_then_on(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope, wrapped;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct str own = d.grants[0].accepted;
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 1, 1), "name:3:Ada\n", &envelope), OK);
	assert_int_equal(grant_to(ANNA, BEN, &d, 3, own, &wrapped), OK);
	assert_int_equal(world_open(&w, BEN, d.id, wrapped, d.shred_slot, event_at(&d, 1, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].held, 3);
	assert_int_equal(r.groups[0].items[0].status, OK);
	struct str accepted = r.groups[0].accepted;
	assert_int_equal(accepted.n, 1104);
	assert_int_equal(world_open(&w, BEN, d.id, accepted, d.shred_slot, event_at(&d, 1, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_null(r.groups[0].accepted.p);
	/* Not the compartment that was not granted; not for a third person. */
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 2, 1), "x:1:y\n", &envelope), OK);
	assert_int_equal(world_open(&w, BEN, d.id, accepted, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
	struct str other;
	assert_int_equal(grant_to(BEN, CARIN, &d, 7, accepted, &other), ERR_DENIED);
	assert_int_equal(grant_to(BEN, CARIN, &d, 3, accepted, &other), OK);
	assert_int_equal(world_seal(&w, BEN, &d, accepted, event_at(&d, 2, 2), "x:1:y\n", &envelope), ERR_DENIED);
	/* A grant to another authority's employee is none. */
	assert_int_equal(grant_to(ANNA, POLICE_A, &d, 1, own, &other), ERR_DENIED);
}

static struct str flipped(struct str s, size_t i)
{
	char *p = arena_take(w.a, s.n);
	memcpy(p, s.p, s.n);
	p[i] ^= 1;
	return (struct str){ p, s.n };
}

static void whatever_was_moved_or_changed_does_not_open(void **state)
{
	(void)state;
	static struct dossier d, e;
	struct str envelope, wrapped;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_new_case(&w, ANNA, &e), OK);
	struct str own = d.grants[0].accepted;
	struct envelope_at at = event_at(&d, 2, 7);
	assert_int_equal(world_seal(&w, ANNA, &d, own, at, "x:1:y\n", &envelope), OK);
	struct envelope_at moved[8];
	for (size_t i = 0; i < COUNT_OF(moved); i++) moved[i] = at;
	moved[0].seq++;
	moved[1].compartment = 1;
	moved[2].version++;
	moved[3].slot = SLOT_SNAPSHOT;
	moved[4].epoch = 2;
	moved[5].case_id = e.id;
	moved[6].row.b[0] = 1;
	moved[7].controller = w.parties[1].controller;
	for (size_t i = 0; i < COUNT_OF(moved); i++) {
		assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, moved[i], envelope, &r), OK);
		assert_int_not_equal(r.groups[0].items[0].status, OK);
		assert_null(r.groups[0].items[0].plain.p);
	}
	assert_int_equal(world_open(&w, ANNA, d.id, e.grants[0].accepted, e.shred_slot, at, envelope, &r), OK);
	assert_int_not_equal(r.groups[0].items[0].status, OK);
	for (size_t i = 0; i < envelope.n; i++) {
		assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, at, flipped(envelope, i), &r), OK);
		assert_int_not_equal(r.groups[0].items[0].status, OK);
	}
	assert_int_equal(grant_to(ANNA, BEN, &d, 7, own, &wrapped), OK);
	for (size_t i = 0; i < wrapped.n; i += 7) {
		assert_int_equal(world_open(&w, BEN, d.id, flipped(wrapped, i), d.shred_slot, at, envelope, &r), OK);
		assert_int_equal(r.groups[0].held, 0);
		assert_int_not_equal(r.groups[0].items[0].status, OK);
		assert_null(r.groups[0].accepted.p);
	}
	for (size_t i = 0; i < own.n; i += 7) {
		assert_int_equal(world_open(&w, ANNA, d.id, flipped(own, i), d.shred_slot, at, envelope, &r), OK);
		assert_int_equal(r.groups[0].held, 0);
	}
	/* The control: untouched, both open. */
	assert_int_equal(world_open(&w, BEN, d.id, wrapped, d.shred_slot, at, envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, at, envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	/* The wrong place in shred/ is no key. */
	assert_int_equal(world_open(&w, ANNA, d.id, own, e.shred_slot, at, envelope, &r), OK);
	assert_int_equal(r.groups[0].held, 0);
}

static void a_grant_that_has_run_out_opens_nothing(void **state)
{
	(void)state;
	struct dossier d;
	struct vault_open_reply r;
	struct str envelope;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 0, 1), "x:1:y\n", &envelope), OK);
	struct vault_grant ask = { .why = why_of(&w.people[ANNA], d.id), .controller = d.controller, .case_id = d.id,
	                           .own = d.grants[0].accepted, .shred_slot = d.shred_slot };
	struct civil now = instant_civil(w.clock);
	uint32_t month = (uint32_t)(now.year * 12 + now.month - 1);
	for (uint32_t past = 0; past < 2; past++) {
		ask.wish = (struct grant_wish){ .holder = w.people[BEN].user, .compartments = 1, .serial = 3 + past,
		                                .not_after = month - past };
		struct vault_grant_reply reply;
		assert_int_equal(vault_grant(w.v, w.a, &ask, &reply), OK);
		assert_int_equal(world_open(&w, BEN, d.id, reply.grant, d.shred_slot, event_at(&d, 0, 1), envelope, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, past ? ERR_DENIED : OK);
	}
}

static void a_locked_session_opens_nothing_until_the_right_code(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope, more;
	struct vault_open_reply r;
	struct person *p = &w.people[ANNA];
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct str own = d.grants[0].accepted;
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 0, 1), "x:1:y\n", &envelope), OK);
	struct vault_lock lock = { .cookie = p->cookie };
	struct vault_status_reply status;
	assert_int_equal(vault_lock(w.v, w.a, &lock, &status), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, event_at(&d, 0, 1), envelope, &r), ERR_LOCKED);
	assert_int_equal(r.n_groups, 0);
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 0, 2), "x:1:y\n", &more), ERR_LOCKED);
	assert_int_equal(world_new_case(&w, ANNA, &d), ERR_LOCKED);
	struct vault_session ask = { .cookie = p->cookie, .activity = true };
	struct vault_session_reply session;
	assert_int_equal(vault_session(w.v, w.a, &ask, &session), ERR_LOCKED);
	assert_true(id_eq(session.who.user, p->user));
	world_later(&w, 31 * SECOND);
	struct vault_unlock unlock = { .cookie = p->cookie, .totp = STR("000000"), .passphrase = STR(PASSPHRASE),
	                               .secrets = p->secrets };
	struct str right = world_code(&w, ANNA, 0);
	if (str_eq(right, unlock.totp)) unlock.totp = STR("000001");
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), ERR_LOGIN);
	unlock.totp = right;
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, event_at(&d, 0, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	/* The same code a second time. */
	assert_int_equal(vault_lock(w.v, w.a, &lock, &status), OK);
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), ERR_LOGIN);
	world_later(&w, 31 * SECOND);
	unlock.totp = world_code(&w, ANNA, 0);
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), OK);
}

static void guessing_unlock_codes_ends_the_session(void **state)
{
	(void)state;
	assert_int_equal(world_login(&w, CARIN), OK);
	struct vault_session_reply session;
	struct vault_unlock unlock = { .cookie = w.people[CARIN].cookie, .totp = STR("12345") };
	for (int i = 0; i < 9; i++) assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), ERR_LOGIN);
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), ERR_NO_SESSION);
	struct vault_session ask = { .cookie = w.people[CARIN].cookie };
	assert_int_equal(vault_session(w.v, w.a, &ask, &session), ERR_NO_SESSION);
}

static void a_login_needs_everything(void **state)
{
	(void)state;
	struct person *p = &w.people[CARIN];
	struct vault_login_reply reply;
	world_later(&w, 31 * SECOND);
	struct vault_login good = { .secrets = p->secrets, .certificate = p->certificate, .passphrase = STR(PASSPHRASE),
	                            .totp = world_code(&w, CARIN, 0) };
	static struct vault_login bad[8];
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		bad[i] = good;
		bad[i].login[0] = (uint8_t)(100 + i); /* so that no delay adds up */
	}
	bad[0].passphrase = STR("en lång och hemlig mening.");
	bad[1].totp = STR("12345");
	bad[2].disabled = true;
	bad[3].secrets = STR_UNSET;
	bad[4].secrets = flipped(p->secrets, p->secrets.n - 1);
	bad[5].secrets = w.people[BEN].secrets; /* Ben's keys under Carin's certificate */
	bad[6].certificate = flipped(p->certificate, 50);
	bad[7].passphrase = STR_UNSET;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(vault_login(w.v, w.a, &bad[i], &reply), ERR_LOGIN);
		assert_true(bytes_are_zero(&reply.cookie, sizeof reply.cookie));
	}
	assert_int_equal(vault_login(w.v, w.a, &good, &reply), OK);
	struct vault_logout out = { .cookie = reply.cookie };
	assert_int_equal(vault_login(w.v, w.a, &good, &reply), ERR_LOGIN); /* the code again */
	struct vault_status_reply status;
	good.totp = STR_UNSET;
	assert_int_equal(vault_login(w.v, w.a, &good, &reply), ERR_LOGIN);
	assert_int_equal(vault_logout(w.v, w.a, &out, &status), OK);
}

static void an_uncertified_account_attaches_nothing(void **state)
{
	(void)state;
	struct person *p = &w.people[CARIN];
	struct str whole = p->certificate;
	p->certificate = STR_UNSET;
	assert_int_equal(world_login(&w, CARIN), OK);
	assert_int_equal(p->who.roles, 0);
	assert_int_equal(world_attach(&w, CARIN), ERR_DENIED);
	struct dossier d;
	assert_int_equal(world_new_case(&w, CARIN, &d), ERR_DENIED);
	p->certificate = whole;
	assert_int_equal(world_login(&w, CARIN), OK);
	assert_int_equal(world_new_case(&w, CARIN, &d), OK);
}

static void only_officers_invite_and_certify(void **state)
{
	(void)state;
	struct vault_invite ask = { .why = why_of(&w.people[ANNA], (struct id16){ { 0 } }), .user = bytes_random_id(),
	                            .controller = w.parties[0].controller, .roles = 1,
	                            .expires = { w.clock.us + 3600 * SECOND } };
	struct vault_invite_reply reply;
	assert_int_equal(vault_invite(w.v, w.a, &ask, &reply), ERR_DENIED);
	assert_int_equal(world_login(&w, OFFICER_A), OK);
	ask.why = why_of(&w.people[OFFICER_A], (struct id16){ { 0 } });
	ask.controller = w.parties[1].controller;
	assert_int_equal(vault_invite(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.controller = w.parties[0].controller;
	assert_int_equal(vault_invite(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(reply.code.n, 19);
	struct vault_enrol enrol = { .invitation = reply.invitation, .code = reply.code, .passphrase = STR(PASSPHRASE),
	                             .with_totp = true, .demo_strength = true };
	struct vault_enrol_reply keys;
	enrol.code = STR("AAAA-AAAA-AAAA-AAAA");
	assert_int_equal(vault_enrol(w.v, w.a, &enrol, &keys), ERR_LOGIN);
	enrol.code = reply.code;
	enrol.invitation = flipped(reply.invitation, 40);
	assert_int_not_equal(vault_enrol(w.v, w.a, &enrol, &keys), OK);
	enrol.invitation = reply.invitation;
	assert_int_equal(vault_enrol(w.v, w.a, &enrol, &keys), OK);
	assert_int_equal(keys.roles, 1);
	assert_int_equal(keys.totp_secret.n, 32);
	struct vault_certify certify = { .why = why_of(&w.people[ANNA], enrol.user), .certificate = w.people[BEN].certificate };
	struct vault_certify_reply signed_one;
	assert_int_equal(vault_certify(w.v, w.a, &certify, &signed_one), ERR_DENIED);
	certify.why = why_of(&w.people[OFFICER_A], enrol.user);
	assert_int_equal(vault_certify(w.v, w.a, &certify, &signed_one), ERR_EXISTS);
}

static void a_new_passphrase_needs_the_old_one(void **state)
{
	(void)state;
	assert_int_equal(world_login(&w, CARIN), OK);
	struct person *p = &w.people[CARIN];
	struct vault_passphrase ask = { .cookie = p->cookie, .secrets = p->secrets, .old_passphrase = STR("en helt annan mening"),
	                                .new_passphrase = STR("en ny och lika hemlig mening") };
	struct vault_passphrase_reply reply;
	assert_int_equal(vault_passphrase(w.v, w.a, &ask, &reply), ERR_LOGIN);
	ask.old_passphrase = STR(PASSPHRASE);
	ask.secrets = w.people[BEN].secrets;
	assert_int_equal(vault_passphrase(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.secrets = p->secrets;
	assert_int_equal(vault_passphrase(w.v, w.a, &ask, &reply), OK);
	struct str old = p->secrets;
	p->secrets = reply.secrets;
	assert_int_equal(world_login(&w, CARIN), ERR_LOGIN);
	p->secrets = old;
}

static void *log_in_once(void *context)
{
	struct arena *a = arena_new(1u << 20);
	struct vault_login ask = { .secrets = w.people[BEN].secrets, .passphrase = STR("fel"), .totp = STR("") };
	memcpy(ask.login, context, 1);
	struct vault_login_reply reply;
	enum err e = vault_login(w.v, a, &ask, &reply);
	arena_free(a);
	return e == ERR_LOGIN ? NULL : e == ERR_BUSY ? (void *)&w : context;
}

/* Two run and eight wait; the rest is told to come again, and reading goes on meanwhile (DECISIONS 3). */
static void a_storm_of_logins_is_told_to_wait(void **state)
{
	(void)state;
	enum { N = 24 };
	pthread_t threads[N];
	uint8_t names[N];
	size_t busy = 0, refused = 0;
	for (size_t i = 0; i < N; i++) {
		names[i] = (uint8_t)(200 + i);
		assert_int_equal(pthread_create(&threads[i], NULL, log_in_once, &names[i]), 0);
	}
	for (size_t i = 0; i < N; i++) {
		void *said;
		assert_int_equal(pthread_join(threads[i], &said), 0);
		busy += said == &w;
		refused += said == NULL;
	}
	assert_int_equal(busy + refused, N);
	assert_true(refused >= 8);
	assert_int_equal(world_login(&w, BEN), OK);
	assert_int_equal(world_attach(&w, BEN), OK);
}

static int64_t now_us(void)
{
	struct timespec t;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static void the_answer_to_many_wrong_passphrases_comes_late(void **state)
{
	(void)state;
	struct vault_login ask = { .secrets = w.people[BEN].secrets, .certificate = w.people[BEN].certificate,
	                           .passphrase = STR("fel"), .totp = STR("") };
	struct vault_login_reply reply;
	memset(ask.login, 0xee, sizeof ask.login);
	for (int i = 0; i < 4; i++) assert_int_equal(vault_login(w.v, w.a, &ask, &reply), ERR_LOGIN);
	int64_t begin = now_us();
	assert_int_equal(vault_login(w.v, w.a, &ask, &reply), ERR_LOGIN);
	assert_true(now_us() - begin >= 500000);
	/* The right passphrase is let in at once. */
	world_later(&w, 31 * SECOND);
	ask.passphrase = STR(PASSPHRASE);
	ask.totp = world_code(&w, BEN, 0);
	assert_int_equal(vault_login(w.v, w.a, &ask, &reply), OK);
}

/* ---- standing dossiers ---- */

static enum err seal_one(enum who p, struct seal_item item, struct str *ret)
{
	item.log_row = bytes_random_id();
	item.clear_row = STR("clear columns");
	struct vault_seal ask = { .why = why_of(&w.people[p], item.at.case_id), .items = &item, .n_items = 1 };
	struct vault_seal_reply reply;
	enum err e = vault_seal(w.v, w.a, &ask, &reply);
	if (e == OK) *ret = reply.envelopes[0];
	return e;
}

static void rungs_open_for_their_assignee_alone(void **state)
{
	(void)state;
	struct id16 controller = w.parties[0].controller;
	struct seal_item item = { .to = SEAL_USER, .recipient = w.people[BEN].user, .plain = STR("case:1:x\n"), .late = true };
	item.at = (struct envelope_at){ .controller = controller, .case_id = w.people[BEN].user, .slot = SLOT_RUNG,
	                                .version = 1, .row = bytes_random_id() };
	struct str box;
	struct vault_open_reply r;
	assert_int_equal(seal_one(ANNA, item, &box), OK);
	assert_int_equal(world_open(&w, ANNA, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
	assert_int_equal(world_open(&w, BEN, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_true(str_eq_c(r.groups[0].items[0].plain, "case:1:x\n"));
	struct str again = r.groups[0].items[0].rewrapped;
	assert_non_null(again.p);
	assert_int_equal(world_open(&w, BEN, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, again, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_null(r.groups[0].items[0].rewrapped.p);
	struct envelope_at moved = item.at;
	moved.row.b[3] ^= 1;
	assert_int_equal(world_open(&w, BEN, (struct id16){ { 0 } }, STR_UNSET, 0, moved, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_CORRUPT);
	item.recipient = item.at.case_id = bytes_random_id();
	assert_int_equal(seal_one(ANNA, item, &box), ERR_DENIED); /* nobody two officers know */
	item.recipient = item.at.case_id = w.people[POLICE_A].user;
	assert_int_equal(seal_one(ANNA, item, &box), ERR_DENIED); /* of another authority */
}

static void the_desk_opens_what_is_sealed_to_its_own_key(void **state)
{
	(void)state;
	const struct dossier *desk = &w.parties[1].dossiers[DESK];
	struct seal_item item = { .to = SEAL_DEPOSIT, .plain = STR("request:2:ja\n"), .late = true };
	item.at = (struct envelope_at){ .controller = desk->controller, .case_id = desk->id, .slot = SLOT_DEPOSIT, .epoch = 1,
	                                .version = 1, .row = bytes_random_id() };
	item.to_key = desk->streams[0].deposit;
	struct str box;
	struct vault_open_reply r;
	assert_int_equal(seal_one(ANNA, item, &box), OK);
	assert_int_equal(world_open(&w, ANNA, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
	assert_int_equal(world_open(&w, POLICE_A, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_open(&w, POLICE_A, (struct id16){ { 0 } }, STR_UNSET, 0, item.at, r.groups[0].items[0].rewrapped, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	/* A key that someone put into the database in place of the desk's. */
	item.to_key.key[5] ^= 1;
	assert_int_equal(seal_one(ANNA, item, &box), ERR_DENIED);
}

static void names_live_in_the_directory(void **state)
{
	(void)state;
	const struct dossier *directory = &w.parties[0].dossiers[DIRECTORY];
	struct seal_item item = { .to = SEAL_STANDING, .plain = STR("name:8:Anna Ek!\ntitle:10:samordnare\n") };
	item.at = (struct envelope_at){ .controller = directory->controller, .case_id = directory->id, .slot = SLOT_DIRECTORY,
	                                .epoch = 1, .version = 1, .row = w.people[ANNA].user };
	struct str envelope;
	assert_int_equal(seal_one(CARIN, item, &envelope), ERR_DENIED); /* holds no directory */
	assert_int_equal(seal_one(POLICE_A, item, &envelope), ERR_DENIED);
	assert_int_equal(seal_one(OFFICER_A, item, &envelope), ERR_DENIED); /* logged in, not attached */
	assert_int_equal(seal_one(BEN, item, &envelope), OK);
	struct open_item row = { .at = item.at, .envelope = envelope };
	struct open_group group = { .grant = STR_UNSET, .shred_slot = directory->shred_slot, .items = &row, .n_items = 1 };
	for (size_t i = 0; i < directory->n_grants; i++)
		if (id_eq(directory->grants[i].holder, w.people[ANNA].user)) group.grant = directory->grants[i].grant;
	struct vault_attach ask = { .why = why_of(&w.people[ANNA], w.people[ANNA].user), .standing = &group, .n_standing = 1 };
	struct vault_attach_reply reply;
	assert_int_equal(vault_attach(w.v, w.a, &ask, &reply), OK);
	assert_true(str_eq_c(reply.who.name, "Anna Ek!"));
	assert_true(str_eq_c(reply.who.title, "samordnare"));
	assert_int_equal(reply.accepted[0].n, 1104);
	struct vault_session session = { .cookie = w.people[ANNA].cookie };
	struct vault_session_reply who;
	assert_int_equal(vault_session(w.v, w.a, &session, &who), OK);
	assert_true(str_eq_c(who.who.name, "Anna Ek!"));
	assert_true(id_eq(who.who.standing[DESK], w.parties[0].standing[DESK]));
	/* What she seals bears her name as the directory has it. */
	struct dossier d;
	struct vault_open_reply opened;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 2, 1), "event:4:note\n", &envelope), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 2, 1), envelope, &opened), OK);
	struct str stamp = str_cut(opened.groups[0].items[0].plain, 9 + 27 + 11 + ID_HEX, 4096);
	assert_true(str_eq_c(stamp, "\nauthor_name:8:Anna Ek!\nauthor_title:10:samordnare\nevent:4:note\n"));
}

/* ---- opening and sealing in one message ---- */

struct both { struct open_item old; struct open_group group; struct seal_item fresh; struct vault_open_seal ask; };

/* Opens event 1 of a dossier's social stream and seals event 2. */
static void both_of(struct both *b, enum who p, const struct dossier *d, struct str grant, struct str envelope)
{
	*b = (struct both){ .old = { .at = event_at(d, 2, 1), .envelope = envelope } };
	b->group = (struct open_group){ .grant = grant, .shred_slot = d->shred_slot, .items = &b->old, .n_items = 1 };
	b->fresh = (struct seal_item){ .to = SEAL_STREAM, .at = event_at(d, 2, 2), .log_row = bytes_random_id(),
	                               .clear_row = STR("clear columns"), .plain = STR("event:4:note\n"), .stamp = true };
	b->ask.open = (struct vault_open){ .why = why_of(&w.people[p], d->id), .groups = &b->group, .n_groups = 1 };
	b->ask.seal = (struct vault_seal){ .why = why_of(&w.people[p], d->id), .grant = grant, .shred_slot = d->shred_slot,
	                                   .items = &b->fresh, .n_items = 1 };
}

static uint64_t log_entries(void)
{
	struct vault_counts ask = { 0 };
	struct vault_counts_reply r;
	assert_int_equal(vault_counts(w.v, w.a, &ask, &r), OK);
	return r.entries;
}

static void what_is_expected_is_sealed_with_the_opening(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	static struct both b;
	struct vault_open_seal_reply r;
	struct vault_open_reply again;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct str own = d.grants[0].accepted;
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 2, 1), "event:4:note\n", &envelope), OK);
	both_of(&b, ANNA, &d, own, envelope);
	(void)log_entries();
	assert_int_equal(vault_open_seal(w.v, w.a, &b.ask, &r), OK);
	assert_int_equal(r.opened.status, OK);
	assert_true(has(r.opened.groups[0].items[0].plain, "event:4:note\n"));
	assert_int_equal(r.sealed.status, OK);
	/* Two entries, the opening first. */
	assert_int_equal(r.sealed.intent, r.opened.entry + 1);
	struct vault_outcome outcome = { .done = &r.sealed.intent, .n_done = 1 };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, own, d.shred_slot, event_at(&d, 2, 2), r.sealed.envelopes[0], &again), OK);
	assert_int_equal(again.groups[0].items[0].status, OK);
	struct str stamp = again.groups[0].items[0].plain;
	struct instant noted;
	assert_int_equal(instant_parse_iso(str_cut(stamp, 9, 9 + 27), &noted), OK);
	assert_true(noted.us == r.sealed.noted.us && noted.us > r.opened.now.us - SECOND);
}

static void who_may_not_open_seals_nothing_beside_it(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	static struct both b;
	struct vault_open_seal_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct str own = d.grants[0].accepted;
	assert_int_equal(world_seal(&w, ANNA, &d, own, event_at(&d, 2, 1), "event:4:note\n", &envelope), OK);
	/* Somebody else with Anna's grant: refused and logged as that, and no intent. */
	both_of(&b, BEN, &d, own, envelope);
	uint64_t before = log_entries();
	assert_int_equal(vault_open_seal(w.v, w.a, &b.ask, &r), OK);
	assert_int_equal(r.opened.groups[0].held, 0);
	assert_null(r.opened.groups[0].items[0].plain.p);
	assert_int_equal(r.sealed.status, ERR_DENIED);
	assert_int_equal(r.sealed.n_envelopes + r.sealed.intent, 0);
	assert_int_equal(log_entries(), before + 1);
	/* An epoch that is not the newest: read, not sealed. */
	both_of(&b, ANNA, &d, own, envelope);
	b.fresh.at.epoch = 2;
	assert_int_equal(vault_open_seal(w.v, w.a, &b.ask, &r), OK);
	assert_int_equal(r.opened.groups[0].items[0].status, OK);
	assert_int_equal(r.sealed.status, ERR_CONFLICT);
	assert_int_equal(r.sealed.n_envelopes + r.sealed.intent, 0);
	/* One session for both; the system opens no case. */
	both_of(&b, ANNA, &d, own, envelope);
	b.ask.seal.why = why_of(&w.people[BEN], d.id);
	before = log_entries();
	assert_int_equal(vault_open_seal(w.v, w.a, &b.ask, &r), ERR_INVALID);
	b.ask.open.why.cookie = b.ask.seal.why.cookie = (struct cookie_secret){ { 0 } };
	assert_int_equal(vault_open_seal(w.v, w.a, &b.ask, &r), ERR_NO_SESSION);
	assert_int_equal(log_entries(), before);
}

static void a_destroyed_shred_key_ends_a_case(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 0, 1), "x:1:y\n", &envelope), OK);
	struct vault_shred ask = { .why = why_of(&w.people[REVIEWER], d.id), .case_id = d.id, .shred_slot = d.shred_slot };
	struct vault_status_reply reply;
	assert_int_equal(vault_shred(w.v, w.a, &ask, &reply), ERR_DENIED);
	assert_int_equal(world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 0, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	ask.why = why_of(&w.people[ANNA], d.id);
	assert_int_equal(vault_shred(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 0, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
	ask.case_id = w.parties[0].standing[DESK];
	ask.shred_slot = w.parties[0].dossiers[DESK].shred_slot;
	assert_int_equal(vault_shred(w.v, w.a, &ask, &reply), ERR_DENIED);
}

/* One group with a mark: with the grant it teaches the session's ring, without it asks the ring. */
static struct opened_group marked(enum who p, uint64_t mark, struct str grant, uint32_t slot, struct envelope_at at, struct str envelope)
{
	struct open_item item = { .at = at, .envelope = envelope };
	struct open_group group = { .grant = grant, .shred_slot = slot, .mark = mark, .items = &item, .n_items = 1 };
	struct vault_open ask = { .why = why_of(&w.people[p], (struct id16){ { 0 } }), .groups = &group, .n_groups = 1 };
	struct vault_open_reply r;
	assert_int_equal(vault_open(w.v, w.a, &ask, &r), OK);
	assert_int_equal(r.n_groups, 1);
	return r.groups[0];
}

static void a_ring_opens_what_its_grant_opened_and_nothing_else(void **state)
{
	(void)state;
	static struct dossier d;
	struct str envelope, social;
	struct envelope_at head, other;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct str own = d.grants[0].accepted;
	head = event_at(&d, 0, 1);
	other = event_at(&d, 2, 1);
	assert_int_equal(world_seal(&w, ANNA, &d, own, head, "x:1:y\n", &envelope), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, own, other, "x:1:z\n", &social), OK);
	/* Nothing is known before the grant has come whole. */
	struct opened_group g = marked(ANNA, 7, STR_UNSET, 0, head, envelope);
	assert_true(g.unknown);
	assert_int_equal(g.items[0].status, ERR_DENIED);
	g = marked(ANNA, 7, own, d.shred_slot, head, envelope);
	assert_false(g.unknown);
	assert_int_equal(g.items[0].status, OK);
	/* And then it is: the control of all that follows. */
	g = marked(ANNA, 7, STR_UNSET, 0, head, envelope);
	assert_false(g.unknown);
	assert_int_equal(g.items[0].status, OK);
	assert_true(has(g.items[0].plain, "x:1:y\n"));
	assert_int_equal(g.held, 7);
	assert_true(id_eq(g.holder, w.people[ANNA].user));
	/* Another state of the grant's row, another compartment, another epoch, another person, another authority's name. */
	assert_true(marked(ANNA, 8, STR_UNSET, 0, head, envelope).unknown);
	g = marked(ANNA, 7, STR_UNSET, 0, other, social);
	assert_true(g.unknown);
	assert_null(g.items[0].plain.p);
	struct envelope_at later = head, foreign = head, moved = head;
	later.epoch = 2;
	assert_true(marked(ANNA, 7, STR_UNSET, 0, later, envelope).unknown);
	g = marked(BEN, 7, STR_UNSET, 0, head, envelope);
	assert_true(g.unknown);
	assert_int_equal(g.held, 0);
	foreign.controller = w.parties[1].controller;
	assert_int_equal(marked(ANNA, 7, STR_UNSET, 0, foreign, envelope).items[0].status, ERR_DENIED);
	/* A moved or changed envelope opens with the ring no more than with the grant. */
	moved.seq++;
	assert_int_equal(marked(ANNA, 7, STR_UNSET, 0, moved, envelope).items[0].status, ERR_CORRUPT);
	for (size_t i = 0; i < envelope.n; i += 3)
		assert_int_not_equal(marked(ANNA, 7, STR_UNSET, 0, head, flipped(envelope, i)).items[0].status, OK);
	/* A new login begins without a ring. */
	assert_int_equal(world_login(&w, ANNA), OK);
	assert_int_equal(world_attach(&w, ANNA), OK);
	assert_true(marked(ANNA, 7, STR_UNSET, 0, head, envelope).unknown);
}

static void a_ring_forgets_when_a_key_is_destroyed(void **state)
{
	(void)state;
	static struct dossier d;
	struct str envelope;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct envelope_at head = event_at(&d, 0, 1);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, head, "x:1:y\n", &envelope), OK);
	assert_int_equal(marked(ANNA, 9, d.grants[0].accepted, d.shred_slot, head, envelope).items[0].status, OK);
	assert_int_equal(marked(ANNA, 9, STR_UNSET, 0, head, envelope).items[0].status, OK);
	struct vault_shred ask = { .why = why_of(&w.people[ANNA], d.id), .case_id = d.id, .shred_slot = d.shred_slot };
	struct vault_status_reply reply;
	assert_int_equal(vault_shred(w.v, w.a, &ask, &reply), OK);
	assert_true(marked(ANNA, 9, STR_UNSET, 0, head, envelope).unknown);
	assert_int_equal(marked(ANNA, 9, d.grants[0].accepted, d.shred_slot, head, envelope).items[0].status, ERR_DENIED);
}

/* More grants than a ring has places for: it begins anew and goes on working. */
static void a_full_ring_begins_anew(void **state)
{
	(void)state;
	static struct dossier d;
	struct str envelope;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct envelope_at head = event_at(&d, 0, 1);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, head, "x:1:y\n", &envelope), OK);
	for (uint64_t mark = 1000; mark < 1000 + KEY_RING_MOST + 20; mark++) {
		struct arena *kept = w.a;
		w.a = arena_new(1u << 20);
		assert_int_equal(marked(ANNA, mark, d.grants[0].accepted, d.shred_slot, head, envelope).items[0].status, OK);
		assert_int_equal(marked(ANNA, mark, STR_UNSET, 0, head, envelope).items[0].status, OK);
		arena_free(w.a);
		w.a = kept;
	}
	assert_true(marked(ANNA, 1000, STR_UNSET, 0, head, envelope).unknown);
	assert_int_equal(marked(ANNA, 1000 + KEY_RING_MOST + 19, STR_UNSET, 0, head, envelope).items[0].status, OK);
}

static void a_stream_is_added_for_its_maker(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct vault_new_stream ask = { .why = why_of(&w.people[ANNA], d.id), .controller = d.controller, .case_id = d.id,
	                                .own = d.grants[0].accepted, .recovery = d.recovery, .shred_slot = d.shred_slot,
	                                .compartment = 6 };
	struct vault_new_stream_reply reply;
	assert_int_equal(vault_new_stream(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, reply.own, event_at(&d, 6, 1), "x:1:y\n", &envelope), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, reply.own, d.shred_slot, event_at(&d, 6, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].held, 7 | 1 << 6);
	ask.own = reply.own;
	assert_int_equal(vault_new_stream(w.v, w.a, &ask, &reply), ERR_EXISTS);
	ask.compartment = 7;
	ask.recovery = flipped(d.recovery, 60);
	assert_int_not_equal(vault_new_stream(w.v, w.a, &ask, &reply), OK);
	ask.recovery = d.recovery;
	ask.why = why_of(&w.people[BEN], d.id);
	assert_int_equal(vault_new_stream(w.v, w.a, &ask, &reply), ERR_DENIED);
}

static void the_system_itself_opens_nothing(void **state)
{
	(void)state;
	struct dossier d;
	struct str envelope;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 0, 1), "x:1:y\n", &envelope), OK);
	struct person nobody = { 0 };
	struct open_item item = { .at = event_at(&d, 0, 1), .envelope = envelope };
	struct open_group group = { .grant = d.grants[0].accepted, .shred_slot = d.shred_slot, .items = &item, .n_items = 1 };
	struct vault_open ask = { .why = why_of(&nobody, d.id), .groups = &group, .n_groups = 1 };
	struct vault_open_reply r;
	assert_int_equal(vault_open(w.v, w.a, &ask, &r), ERR_NO_SESSION);
	struct row_ref row = { .row = bytes_random_id(), .version = 1, .tag = { 1 } };
	struct vault_note note = { .why = why_of(&nobody, (struct id16){ { 0 } }), .rows = &row, .n_rows = 1 };
	struct vault_note_reply noted;
	assert_int_equal(vault_note(w.v, w.a, &note, &noted), OK);
	struct vault_outcome outcome = { .done = &noted.intent, .n_done = 1 };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	struct vault_checkpoint checkpoint = { 0 };
	struct vault_checkpoint_reply signed_one;
	assert_int_equal(vault_checkpoint(w.v, w.a, &checkpoint, &signed_one), OK);
	assert_true(signed_one.size > noted.intent);
	assert_memory_equal(signed_one.text.p, "avstamp/", 8);
}

static void stamps_rise_across_cases(void **state)
{
	(void)state;
	struct dossier d;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	struct seal_item items[3];
	for (size_t i = 0; i < 3; i++)
		items[i] = (struct seal_item){ .to = SEAL_STREAM, .at = event_at(&d, 0, i + 1), .log_row = bytes_random_id(),
		                               .clear_row = STR("clear"), .plain = STR("x:1:y\n"), .stamp = i != 1 };
	struct vault_seal ask = { .why = why_of(&w.people[ANNA], d.id), .grant = d.grants[0].accepted,
	                          .shred_slot = d.shred_slot, .items = items, .n_items = 3 };
	struct vault_seal_reply one, two;
	assert_int_equal(vault_seal(w.v, w.a, &ask, &one), OK);
	ask.not_before = (struct instant){ w.clock.us + 5 * SECOND };
	assert_int_equal(vault_seal(w.v, w.a, &ask, &two), OK);
	assert_true(two.noted.us >= w.clock.us + 5 * SECOND);
	assert_true(one.noted.us >= w.clock.us && two.noted.us > one.noted.us + 1);
	w.clock.us = two.noted.us + SECOND;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_again),
		cmocka_unit_test(a_foreign_case_and_no_case_answer_alike),
		cmocka_unit_test(a_grant_is_verified_once_and_symmetric_from_then_on),
		cmocka_unit_test(whatever_was_moved_or_changed_does_not_open),
		cmocka_unit_test(a_grant_that_has_run_out_opens_nothing),
		cmocka_unit_test(a_locked_session_opens_nothing_until_the_right_code),
		cmocka_unit_test(guessing_unlock_codes_ends_the_session),
		cmocka_unit_test(a_login_needs_everything),
		cmocka_unit_test(an_uncertified_account_attaches_nothing),
		cmocka_unit_test(only_officers_invite_and_certify),
		cmocka_unit_test(a_new_passphrase_needs_the_old_one),
		cmocka_unit_test(a_storm_of_logins_is_told_to_wait),
		cmocka_unit_test(the_answer_to_many_wrong_passphrases_comes_late),
		cmocka_unit_test(rungs_open_for_their_assignee_alone),
		cmocka_unit_test(the_desk_opens_what_is_sealed_to_its_own_key),
		cmocka_unit_test(names_live_in_the_directory),
		cmocka_unit_test(what_is_expected_is_sealed_with_the_opening),
		cmocka_unit_test(who_may_not_open_seals_nothing_beside_it),
		cmocka_unit_test(a_destroyed_shred_key_ends_a_case),
		cmocka_unit_test(a_ring_opens_what_its_grant_opened_and_nothing_else),
		cmocka_unit_test(a_ring_forgets_when_a_key_is_destroyed),
		cmocka_unit_test(a_full_ring_begins_anew),
		cmocka_unit_test(a_stream_is_added_for_its_maker),
		cmocka_unit_test(the_system_itself_opens_nothing),
		cmocka_unit_test(stamps_rise_across_cases),
	};
	if (crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, found, end);
}

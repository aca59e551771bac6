/* vault/login.c — logging in: passphrase first, then the code, then a session. */
#include "vault/argon.h"
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/job.h"
#include "vault/journal.h"
#include "vault/slots.h"
#include "vault/throttle.h"
#include "vault/totp.h"
#include <string.h>

/* Small letters for A-Z and for the letters with marks of Latin-1, which is enough for names in Swedish. */
static struct str folded(struct arena *a, struct str name)
{
	name = str_trim(name);
	struct buf b = buf_new(a, name.n);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		uint8_t before = i > 0 ? (uint8_t)name.p[i - 1] : 0, u = (uint8_t)c;
		if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
		else if (before == 0xc3 && u >= 0x80 && u <= 0x9e && u != 0x97) c = (char)(u + 0x20);
		buf_char(&b, c);
	}
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

enum err decide_login_name(struct vault *v, struct call *c, const struct vault_login_name *ask,
                           struct vault_login_name_reply *ret)
{
	(void)c;
	enum err e = vault_need_keys(v);
	if (e != OK) return e;
	if (ask->name.p == NULL) return ERR_INVALID;
	struct str name = folded(v->round, ask->name);
	if (name.p == NULL) return ERR_FULL;
	login_name_hmac(v->vault_key, name, ret->hmac);
	return OK;
}

/* What the delays are counted by: the typed name, or the user when web gives no name. */
static void account_of(const struct vault_login *ask, struct id16 user, uint8_t ret[32])
{
	memcpy(ret, ask->login, 32);
	if (bytes_are_zero(ret, 32)) memcpy(ret, user.b, sizeof user.b);
}

/* A head that costs the same as a real one, for accounts that do not exist. */
static struct secrets_head no_such_account(const struct vault *v)
{
	struct id16 nobody = { { 0 } };
	return secrets_head_new(SECRETS_PASSPHRASE, nobody, 1, v->options.simulated ? ARGON_DEMO : ARGON_STRONG);
}

static bool head_is_usable(const struct vault *v, const struct secrets_head *h)
{
	if (h->method != SECRETS_PASSPHRASE) return false;
	return v->options.simulated || !argon_is_weak(h->cost);
}

static enum err begin(struct vault *v, struct call *c, const struct vault_login *ask)
{
	struct secrets_head head;
	uint8_t account[32];
	if (ask->secrets.p == NULL || secrets_head_parse(ask->secrets, &head) != OK || !head_is_usable(v, &head))
		head = no_such_account(v);
	account_of(ask, head.user, account);
	struct argon_job *j;
	enum err e = job_begin(v, c, account, &j);
	if (e != OK) return e;
	return job_run(v, c, j, argon_add_task(j, &head, ask->passphrase));
}

/* ---- after Argon2id ---- */

struct candidate {
	struct secrets_head head;
	struct user_secrets *secrets;
	struct certificate certificate;
	bool certified;
	struct id16 controller;
	uint64_t roles;
	uint8_t account[32];
	bool right_passphrase;
};

/* An officer of the trust may certify before being certified. */
static void take_officer(struct vault *v, struct candidate *k, const uint8_t sign_public[32])
{
	const struct trust_party *party = officer_party(&v->trust, k->head.user, sign_public);
	if (party == NULL) return;
	k->controller = party->controller;
	k->roles |= ROLE_BIT_OF(OFFICER);
}

/* The keys of the blob must be the ones the officers signed. */
static enum err check_certificate(struct vault *v, const struct vault_login *ask, struct candidate *k)
{
	uint8_t box[32], sign[32];
	key32_box_public(user_secrets_box(k->secrets), box);
	key32_sign_public(user_secrets_seed(k->secrets), sign);
	if (ask->certificate.p != NULL && ask->certificate.n > 0) {
		enum err e = certificate_parse(ask->certificate, &k->certificate);
		if (e != OK) return ERR_LOGIN;
		if (!id_eq(k->certificate.user, k->head.user) || k->certificate.serial != k->head.serial ||
		    !bytes_equal(k->certificate.box_public, box, 32) || !bytes_equal(k->certificate.sign_public, sign, 32))
			return ERR_LOGIN;
		if (certificate_controller(&v->trust, &k->certificate, &k->controller) == OK) {
			e = certificate_verify(&k->certificate, &v->trust, k->controller, clock_now(v->clock));
			if (e != OK) return ERR_LOGIN;
			k->certified = true;
			k->roles = k->certificate.roles;
		}
	}
	if (!k->certified) take_officer(v, k, sign);
	return OK;
}

static enum err check_code(struct vault *v, const struct vault_login *ask, const struct candidate *k)
{
	uint8_t secret[TOTP_SECRET_BYTES];
	size_t n = user_secrets_totp(k->secrets, secret);
	int64_t now = clock_boot_us();
	enum err e = OK;
	if (n == 0) e = v->options.simulated ? OK : ERR_LOGIN;
	else if (throttle_blocks_code(v->throttle, k->account, now)) e = ERR_LOGIN;
	else e = totp_accept(v->totp_steps, k->head.user, secret, n, ask->totp, vault_clocks(v));
	bytes_wipe(secret, sizeof secret);
	if (e == ERR_LOGIN && n > 0) throttle_wrong_code(v->throttle, k->account, now);
	return e;
}

static enum err check(struct vault *v, struct call *c, const struct vault_login *ask, struct candidate *k)
{
	const struct argon_task *t = &c->job->task[0];
	if (t->result != OK) return t->result == ERR_BUSY ? ERR_BUSY : ERR_SYSTEM;
	memcpy(k->account, c->job->account, 32);
	if (ask->secrets.p == NULL || secrets_head_parse(ask->secrets, &k->head) != OK) return ERR_LOGIN;
	if (memcmp(k->head.salt, t->head.salt, sizeof k->head.salt) != 0) return ERR_LOGIN;
	enum err e = user_secrets_open(ask->secrets, t->kek, k->secrets);
	if (e != OK) return ERR_LOGIN;
	k->right_passphrase = true;
	if (ask->disabled) return ERR_LOGIN;
	if ((e = check_certificate(v, ask, k)) != OK) return e;
	return check_code(v, ask, k);
}

static enum err let_in(struct vault *v, struct candidate *k, struct vault_login_reply *ret)
{
	struct session *s;
	struct cookie_secret cookie;
	uint8_t none[TOTP_SECRET_BYTES];
	enum err e = session_begin(v->sessions, k->head.user, clock_boot_us(), &cookie, &s);
	if (e != OK) return e;
	s->controller = k->controller;
	s->serial = k->head.serial;
	s->roles = k->roles;
	s->certified = k->certified;
	s->has_totp = user_secrets_totp(k->secrets, none) > 0;
	bytes_wipe(none, sizeof none);
	memcpy(s->login, k->account, 32);
	session_box_seal(k->secrets, v->vault_key, cookie.b, s->id, s->box);
	struct vault_why why = { .act = STR("login"), .reason = STR("") };
	struct journal_line line = { .class = LOG_LOGIN, .outcome = LOG_DONE, .why = &why, .user = s->user,
	                             .controller = s->controller };
	uint64_t seq;
	if ((e = journal_append(v, &line, &seq)) != OK) {
		session_end(v->sessions, s);
		return e;
	}
	throttle_succeeded(v->throttle, k->account);
	ret->cookie = cookie;
	holder_who(v, s, NULL, &ret->who);
	ret->now = clock_now(v->clock);
	return OK;
}

/* Whose reviewers may read of it: the controller that the certificate shows, else the first. */
static void note_failure(struct vault *v, struct call *c, const struct candidate *k)
{
	struct vault_why why = { .act = STR("login"), .reason = STR("") };
	struct journal_line line = { .class = LOG_LOGIN, .outcome = LOG_DENIED, .why = &why, .user = k->head.user,
	                             .controller = k->controller, .urgent = true };
	uint64_t seq;
	if (id_is_zero(line.controller) && v->trust.n > 0) line.controller = v->trust.party[0].controller;
	if (journal_append(v, &line, &seq) != OK) return; /* a full disk keeps nobody in */
	if (!k->right_passphrase) c->hold_us = throttle_failed(v->throttle, c->job->account, clock_boot_us());
}

enum err decide_login(struct vault *v, struct call *c, const struct vault_login *ask, struct vault_login_reply *ret)
{
	if (c->job == NULL) return begin(v, c, ask);
	struct candidate k = { .secrets = user_secrets_new() };
	if (k.secrets == NULL) return ERR_FULL;
	enum err e = check(v, c, ask, &k);
	if (e == OK) e = let_in(v, &k, ret);
	else if (e == ERR_LOGIN) note_failure(v, c, &k);
	user_secrets_free(k.secrets);
	return e;
}

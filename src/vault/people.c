/* vault/people.c — accounts: invited, enrolled, certified, attached to their standing keys. */
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/job.h"
#include "vault/journal.h"
#include "vault/slots.h"
#include "vault/stash.h"
#include "vault/text.h"
#include <string.h>

#define PASSPHRASE_LEAST 15
#define FIRST_SERIAL 1u
#define INVITATION_LIFE_US (INT64_C(72) * 3600 * 1000000)

static enum err log_admin(struct vault *v, const struct holder *h, const struct vault_why *why, struct id16 about)
{
	struct journal_line line = { .class = LOG_ADMIN, .outcome = LOG_DONE, .why = why, .user = holder_user(h),
	                             .controller = holder_controller(h), .about = about };
	uint64_t seq;
	return journal_append(v, &line, &seq);
}

/* The party whose officer this session's owner is, by the key that stands in keys/trust. */
static const struct trust_party *officer_of(struct vault *v, const struct holder *h)
{
	uint8_t sign[32];
	key32_sign_public(user_secrets_seed(h->secrets), sign);
	return officer_party(&v->trust, holder_user(h), sign);
}

/* ---- invitations ---- */

static enum err invite(struct vault *v, struct holder *h, const struct vault_invite *ask, struct vault_invite_reply *ret)
{
	const struct trust_party *party = officer_of(v, h);
	int64_t now = clock_now(v->clock).us;
	if (party == NULL || !id_eq(party->controller, ask->controller)) return ERR_DENIED;
	if (id_is_zero(ask->user) || ask->expires.us <= now || ask->expires.us > now + INVITATION_LIFE_US) return ERR_INVALID;
	uint8_t *bytes = arena_take(v->round, INVITATION_BYTES);
	char *code = arena_take(v->round, INVITATION_CODE);
	if (bytes == NULL || code == NULL) return ERR_FULL;
	struct invitation i = { .user = ask->user, .controller = ask->controller, .officer = holder_user(h),
	                        .roles = ask->roles, .expires = ask->expires };
	struct signer s = holder_signer(v, h);
	invitation_make(&i, &s, bytes, code);
	ret->invitation = (struct str){ (const char *)bytes, INVITATION_BYTES };
	ret->code = (struct str){ code, INVITATION_CODE };
	return log_admin(v, h, &ask->why, ask->user);
}

enum err decide_invite(struct vault *v, struct call *c, const struct vault_invite *ask, struct vault_invite_reply *ret)
{
	(void)c;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = invite(v, &h, ask, ret);
	holder_leave(&h);
	return e;
}

/* ---- enrolment ---- */

/* Without an invitation the system itself makes accounts: during init and in a simulated directory. */
static enum err invited(struct vault *v, const struct vault_enrol *ask, struct invitation *ret)
{
	if (ask->invitation.p == NULL) {
		if (!(v->fresh || v->options.init || v->options.simulated)) return ERR_DENIED;
		if (id_is_zero(ask->user)) return ERR_INVALID;
		*ret = (struct invitation){ .user = ask->user };
		return OK;
	}
	if (v->fresh || ask->code.p == NULL) return ERR_DENIED;
	return invitation_open(ask->invitation, &v->trust, ask->code, clock_now(v->clock), ret);
}

/* Outside a demo nothing weaker than the rule. */
static enum err strong_enough(const struct vault *v, const struct vault_enrol *ask)
{
	if (ask->passphrase.p == NULL || ask->passphrase.n == 0 || !str_is_text(ask->passphrase)) return ERR_INVALID;
	if (v->options.simulated) return OK;
	if (ask->demo_strength || !ask->with_totp) return ERR_DENIED;
	return str_points(ask->passphrase) >= PASSPHRASE_LEAST ? OK : ERR_INVALID;
}

static enum err begin_enrol(struct vault *v, struct call *c, const struct vault_enrol *ask)
{
	struct invitation i;
	uint8_t account[32] = { 0 };
	enum err e = vault_need_keys(v);
	if (e == OK) e = strong_enough(v, ask);
	if (e == OK) e = invited(v, ask, &i);
	if (e != OK) return e;
	memcpy(account, i.user.b, sizeof i.user.b);
	struct argon_job *j;
	if ((e = job_begin(v, c, account, &j)) != OK) return e;
	struct argon_cost cost = v->options.simulated && ask->demo_strength ? ARGON_DEMO : ARGON_STRONG;
	struct secrets_head head = secrets_head_new(SECRETS_PASSPHRASE, i.user, FIRST_SERIAL, cost);
	return job_run(v, c, j, argon_add_task(j, &head, ask->passphrase));
}

static struct str base32(struct arena *a, const uint8_t *p, size_t n)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct buf b = buf_new(a, n * 8 / 5 + 8);
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 5; have -= 5) buf_char(&b, signs[bits >> (have - 5) & 31]);
	}
	if (have > 0) buf_char(&b, signs[bits << (5 - have) & 31]);
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

static enum err make_secrets(struct vault *v, struct call *c, const struct vault_enrol *ask,
                             struct vault_enrol_reply *ret)
{
	const struct argon_task *t = &c->job->task[0];
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	uint8_t *bytes = arena_take(v->round, USER_SECRETS_BYTES), totp[TOTP_SECRET_BYTES];
	if (u == NULL || bytes == NULL) return ERR_FULL;
	user_secrets_make(u, ask->with_totp);
	user_secrets_seal(u, &t->head, t->kek, bytes);
	ret->secrets = (struct str){ (const char *)bytes, USER_SECRETS_BYTES };
	key32_box_public(user_secrets_box(u), ret->box_public);
	key32_sign_public(user_secrets_seed(u), ret->sign_public);
	size_t n = user_secrets_totp(u, totp);
	if (n > 0) ret->totp_secret = base32(v->round, totp, n);
	bytes_wipe(totp, sizeof totp);
	return n > 0 && ret->totp_secret.p == NULL ? ERR_FULL : OK;
}

enum err decide_enrol(struct vault *v, struct call *c, const struct vault_enrol *ask, struct vault_enrol_reply *ret)
{
	if (c->job == NULL) return begin_enrol(v, c, ask);
	if (c->job->task[0].result != OK) return c->job->task[0].result;
	struct invitation i;
	enum err e = invited(v, ask, &i);
	if (e != OK) return e;
	e = make_secrets(v, c, ask, ret);
	ret->roles = i.roles;
	if (e != OK || v->fresh) return e;
	struct vault_why why = { .act = STR("enrol"), .reason = STR("") };
	struct journal_line line = { .class = LOG_ADMIN, .outcome = LOG_DONE, .why = &why, .user = i.user,
	                             .controller = i.controller, .about = i.user };
	uint64_t seq;
	return journal_append(v, &line, &seq);
}

/* ---- a new passphrase ---- */

static enum err begin_passphrase(struct vault *v, struct call *c, const struct vault_passphrase *ask,
                                 const struct session *s)
{
	struct secrets_head old;
	uint8_t account[32] = { 0 };
	if (ask->secrets.p == NULL || secrets_head_parse(ask->secrets, &old) != OK) return ERR_INVALID;
	if (!id_eq(old.user, s->user) || old.method != SECRETS_PASSPHRASE) return ERR_DENIED;
	struct str fresh = ask->new_passphrase;
	if (fresh.p == NULL || !str_is_text(fresh)) return ERR_INVALID;
	if (!v->options.simulated && str_points(fresh) < PASSPHRASE_LEAST) return ERR_INVALID;
	memcpy(account, s->user.b, sizeof s->user.b);
	struct argon_job *j;
	enum err e = job_begin(v, c, account, &j);
	if (e != OK) return e;
	struct argon_cost cost = v->options.simulated ? old.cost : ARGON_STRONG;
	struct secrets_head next = secrets_head_new(SECRETS_PASSPHRASE, old.user, old.serial, cost);
	e = argon_add_task(j, &old, ask->old_passphrase);
	if (e == OK) e = argon_add_task(j, &next, fresh);
	return job_run(v, c, j, e);
}

static enum err reseal(struct vault *v, struct call *c, const struct vault_passphrase *ask, const struct holder *h,
                       struct vault_passphrase_reply *ret)
{
	const struct argon_task *old = &c->job->task[0], *next = &c->job->task[1];
	if (old->result != OK) return old->result;
	if (next->result != OK) return next->result;
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	uint8_t *bytes = arena_take(v->round, USER_SECRETS_BYTES);
	if (u == NULL || bytes == NULL) return ERR_FULL;
	if (user_secrets_open(ask->secrets, old->kek, u) != OK) return ERR_LOGIN;
	if (!key32_equal(user_secrets_box(u), holder_secret(h))) return ERR_LOGIN;
	user_secrets_seal(u, &next->head, next->kek, bytes);
	ret->secrets = (struct str){ (const char *)bytes, USER_SECRETS_BYTES };
	struct vault_why why = { .act = STR("passphrase"), .reason = STR("") };
	return log_admin(v, h, &why, holder_user(h));
}

enum err decide_passphrase(struct vault *v, struct call *c, const struct vault_passphrase *ask,
                           struct vault_passphrase_reply *ret)
{
	struct holder h;
	enum err e = holder_enter_person(v, &ask->cookie, &h);
	if (e != OK) return e;
	e = c->job == NULL ? begin_passphrase(v, c, ask, h.session) : reseal(v, c, ask, &h, ret);
	holder_leave(&h);
	return e;
}

/* ---- certificates ---- */

static enum err certify(struct vault *v, struct holder *h, const struct vault_certify *ask, struct vault_certify_reply *ret)
{
	const struct trust_party *party = officer_of(v, h);
	struct certificate c;
	if (party == NULL) return ERR_DENIED;
	enum err e = certificate_parse(ask->certificate, &c);
	if (e != OK) return ERR_INVALID;
	struct signer s = holder_signer(v, h);
	if ((e = certificate_sign(&c, &s)) != OK) return e;
	uint8_t *bytes = arena_take(v->round, CERTIFICATE_BYTES);
	if (bytes == NULL) return ERR_FULL;
	certificate_bytes(&c, bytes);
	ret->certificate = (struct str){ (const char *)bytes, CERTIFICATE_BYTES };
	ret->whole = certificate_signatures(&c, party) == TRUST_OFFICERS;
	if (ret->whole && (e = certificates_load(v->certificates, ret->certificate)) != OK) return e;
	return log_admin(v, h, &ask->why, c.user);
}

enum err decide_certify(struct vault *v, struct call *c, const struct vault_certify *ask, struct vault_certify_reply *ret)
{
	(void)c;
	if (ask->certificate.p == NULL) return ERR_INVALID;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = certify(v, &h, ask, ret);
	holder_leave(&h);
	return e;
}

enum err decide_certificates(struct vault *v, struct call *c, const struct vault_certificates *ask,
                             struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	for (size_t i = 0; i < ask->n; i++) {
		/* One that is damaged proves nothing and harms nobody. */
		if (ask->certificates[i].p == NULL || ask->certificates[i].n == 0) continue;
		enum err e = certificates_load(v->certificates, ask->certificates[i]);
		if (e != OK && e != ERR_CORRUPT) return e;
	}
	return OK;
}

/* ---- standing keys ---- */

/* The session keeps its own AVG1 of a standing grant, and in it the dossier's private key as one entry more: so
 * nothing asymmetric is needed when something sealed to the desk is opened. */
static enum err keep_standing(struct vault *v, struct holder *h, struct grant *g, uint32_t shred_slot, int place)
{
	const struct grant_clear *clear = grant_clear(g);
	_cleanup_(key32_freep) struct key32 *sk = key32_new();
	if (sk == NULL) return ERR_FULL;
	int newest = grant_find(g, 0, 0);
	if (newest < 0 || shred_read(v->shred, shred_slot, clear->case_id, sk) != OK) return ERR_DENIED;
	size_t n = grant_count(g);
	for (size_t i = 0; i < n; i++) {
		struct grant_entry entry = *grant_entry(g, i);
		struct stream_key *k = stash_stream_key(v->stash);
		struct key32 *private_half = stash_key(v->stash);
		if (k == NULL || private_half == NULL) return ERR_FULL;
		if (entry.compartment != 0) continue;
		grant_stream_key(g, i, sk, k);
		stream_key_deposit_secret(k, private_half);
		entry.compartment = COMPARTMENT_HOLDER_KEY;
		enum err e = grant_add(g, &entry, private_half);
		if (e != OK) return e;
	}
	struct session_standing *s = &h->session->standing[place];
	s->id = clear->case_id;
	s->shred_slot = shred_slot;
	s->epoch = grant_entry(g, (size_t)newest)->epoch;
	grant_accept(g, holder_secret(h), s->grant);
	return OK;
}

static enum err take_profile(struct vault *v, struct holder *h, const struct open_group *group)
{
	for (size_t i = 0; i < group->n_items; i++) {
		const struct open_item *item = &group->items[i];
		struct stream_key *k;
		struct str plain;
		if (item->at.slot != SLOT_DIRECTORY || !id_eq(item->at.row, holder_user(h)) || item->envelope.p == NULL) continue;
		enum err e = holder_standing_stream(v, h, item->at.case_id, item->at.epoch, &k);
		if (e != OK) return e;
		if ((e = envelope_open(v->round, k, &item->at, item->envelope, &plain)) != OK) return e;
		struct str name = text_field(plain, "name"), title = text_field(plain, "title");
		if (name.p == NULL) return ERR_CORRUPT;
		return holder_keep_profile(v, h, name, title.p ? title : STR(""));
	}
	return OK;
}

static enum err attach_group(struct vault *v, struct holder *h, const struct open_group *group, struct str *ret_accepted)
{
	const struct trust_party *party = trust_find(&v->trust, holder_controller(h));
	_cleanup_(grant_freep) struct grant *g = grant_new();
	if (g == NULL) return ERR_FULL;
	if (party == NULL || group->grant.p == NULL) return ERR_DENIED;
	enum err e = holder_open_grant(v, h, group->grant, group->renewals, g, ret_accepted);
	if (e != OK) return e;
	int place = -1;
	for (int i = 0; i < STANDING_COUNT; i++)
		if (id_eq(party->standing[i], grant_clear(g)->case_id)) place = i;
	if (place < 0 || !id_eq(grant_clear(g)->holder, holder_user(h))) return ERR_DENIED;
	grant_freep(&h->standing[place]);
	if ((e = keep_standing(v, h, g, group->shred_slot, place)) != OK) return e;
	return take_profile(v, h, group);
}

static enum err attach(struct vault *v, struct holder *h, const struct vault_attach *ask, struct vault_attach_reply *ret)
{
	/* Whom two officers have not signed yet gets no key. */
	if (!h->session->certified) return ERR_DENIED;
	ret->accepted = ARENA_ARRAY(v->round, struct str, ask->n_standing + 1);
	if (ret->accepted == NULL) return ERR_FULL;
	size_t rows = 0;
	for (size_t i = 0; i < ask->n_standing; i++) {
		enum err e = attach_group(v, h, &ask->standing[i], &ret->accepted[i]);
		rows += ask->standing[i].n_items;
		if (e == OK) continue;
		/* One grant that has run out must not keep the others from their holder. */
		ret->accepted[i] = STR_UNSET;
		if (e != ERR_DENIED && e != ERR_CORRUPT) return e;
	}
	ret->n_accepted = ask->n_standing;
	struct journal_line line = { .class = LOG_KEY, .outcome = LOG_DONE, .why = &ask->why, .user = holder_user(h),
	                             .controller = holder_controller(h), .rows = rows };
	uint64_t seq;
	enum err e = journal_append(v, &line, &seq);
	if (e == OK) holder_who(v, h->session, h, &ret->who);
	return e;
}

enum err decide_attach(struct vault *v, struct call *c, const struct vault_attach *ask, struct vault_attach_reply *ret)
{
	(void)c;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = attach(v, &h, ask, ret);
	holder_leave(&h);
	return e;
}

/* ---- an account is closed ---- */

static enum err end_sessions(struct vault *v, struct holder *h, const struct vault_end_sessions *ask)
{
	const struct trust_party *party = officer_of(v, h);
	struct certificate c;
	struct id16 controller;
	if (party == NULL) return ERR_DENIED;
	/* Whom no two officers have signed has no certificate here, and nothing that a session could open. */
	enum err e = certificates_find(v->certificates, ask->user, &c, &controller);
	if (e == OK && !id_eq(controller, party->controller)) return ERR_DENIED;
	if ((e = log_admin(v, h, &ask->why, ask->user)) != OK) return e;
	return OK;
}

enum err decide_end_sessions(struct vault *v, struct call *c, const struct vault_end_sessions *ask,
                             struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = id_eq(ask->user, holder_user(&h)) ? ERR_INVALID : end_sessions(v, &h, ask);
	holder_leave(&h);
	/* Ending one moves others in the table, so only when nobody points into it. */
	if (e == OK) sessions_end_of(v->sessions, ask->user);
	return e;
}

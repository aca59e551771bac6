/* vault/holder.c — from a cookie to a person's keys, and from a grant to a case's. */
#include "vault/holder.h"
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/slots.h"
#include "vault/standing.h"
#include "vault/stash.h"
#include "vault/text.h"
#include <string.h>

enum err holder_enter(struct vault *v, const struct cookie_secret *cookie, struct holder *ret)
{
	struct holder h = { 0 };
	if (bytes_are_zero(cookie->b, sizeof cookie->b)) {
		*ret = h;
		return OK;
	}
	int64_t now = clock_boot_us();
	enum err e = session_find(v->sessions, cookie, now, &h.session);
	if (e != OK) return e;
	if (h.session->locked) return ERR_LOCKED;
	h.secrets = user_secrets_new();
	if (h.secrets == NULL) return ERR_FULL;
	e = session_box_open(h.session->box, v->vault_key, cookie->b, h.session->id, h.secrets);
	if (e != OK) {
		user_secrets_free(h.secrets);
		return e;
	}
	h.session->active = now;
	*ret = h;
	return OK;
}

enum err holder_enter_person(struct vault *v, const struct cookie_secret *cookie, struct holder *ret)
{
	if (bytes_are_zero(cookie->b, sizeof cookie->b)) return ERR_NO_SESSION;
	return holder_enter(v, cookie, ret);
}

void holder_leave(struct holder *h)
{
	if (h->ring != NULL) key_ring_lock(h->ring, holder_secret(h));
	h->ring = NULL;
	user_secrets_freep(&h->secrets);
	for (size_t i = 0; i < STANDING_COUNT; i++) grant_freep(&h->standing[i]);
	h->session = NULL;
}

bool holder_is_system(const struct holder *h)
{
	return h->session == NULL;
}

struct id16 holder_user(const struct holder *h)
{
	return h->session ? h->session->user : (struct id16){ { 0 } };
}

struct id16 holder_controller(const struct holder *h)
{
	return h->session ? h->session->controller : (struct id16){ { 0 } };
}

const struct key32 *holder_secret(const struct holder *h)
{
	assert_always(h->secrets != NULL);
	return user_secrets_box(h->secrets);
}

struct signer holder_signer(const struct vault *v, const struct holder *h)
{
	if (h->session == NULL) return (struct signer){ .seed = v->log_key };
	return (struct signer){ h->session->user, h->session->serial, user_secrets_seed(h->secrets) };
}

int holder_standing(const struct holder *h, struct id16 dossier)
{
	if (h->session == NULL || id_is_zero(dossier)) return -1;
	for (int i = 0; i < STANDING_COUNT; i++)
		if (id_eq(h->session->standing[i].id, dossier)) return i;
	return -1;
}

enum err holder_standing_grant(struct holder *h, struct id16 dossier, struct grant **ret)
{
	int i = holder_standing(h, dossier);
	if (i < 0) return ERR_DENIED;
	if (h->standing[i] == NULL) {
		struct grant *g = grant_new();
		if (g == NULL) return ERR_FULL;
		struct str bytes = { (const char *)h->session->standing[i].grant, GRANT_ACCEPTED_BYTES };
		enum err e = grant_open(bytes, holder_secret(h), g);
		if (e != OK) {
			grant_free(g);
			return e;
		}
		h->standing[i] = g;
	}
	*ret = h->standing[i];
	return OK;
}

uint32_t holder_standing_epoch(const struct holder *h, struct id16 dossier)
{
	int i = holder_standing(h, dossier);
	return i < 0 ? 0 : h->session->standing[i].epoch;
}

enum err holder_private(struct vault *v, struct holder *h, struct id16 id, uint32_t epoch, const struct key32 **ret)
{
	if (h->session == NULL) return ERR_DENIED;
	if (id_eq(id, h->session->user)) {
		*ret = holder_secret(h);
		return OK;
	}
	struct grant *g;
	enum err e = holder_standing_grant(h, id, &g);
	if (e != OK) return e;
	int i = grant_find(g, COMPARTMENT_HOLDER_KEY, epoch);
	if (i >= 0) {
		*ret = grant_key(g, (size_t)i);
		return OK;
	}
	/* What was sealed before somebody left. */
	struct stream_key *k;
	struct key32 *secret = stash_key(v->stash);
	if (secret == NULL) return ERR_FULL;
	if ((e = holder_standing_stream(v, h, id, epoch, &k)) != OK) return e;
	stream_key_deposit_secret(k, secret);
	*ret = secret;
	return OK;
}

/* The key of an epoch before the one in the grant. */
static enum err older_stream(struct vault *v, const struct grant *g, uint32_t epoch, const struct key32 *sk,
                             struct stream_key *ret)
{
	int newest = grant_find(g, 0, 0);
	if (newest < 0) return ERR_DENIED;
	const struct grant_clear *clear = grant_clear(g);
	struct envelope_at at = { .controller = clear->controller, .case_id = clear->case_id,
	                          .epoch = grant_entry(g, (size_t)newest)->epoch };
	struct str older = standing_older(v->standing, at.case_id, at.epoch);
	struct key32 *ck = stash_key(v->stash);
	if (ck == NULL) return ERR_FULL;
	if (older.p == NULL) return ERR_DENIED;
	enum err e = older_open(older, grant_key(g, (size_t)newest), &at, epoch, ck);
	if (e != OK) return e;
	at.epoch = epoch;
	stream_key_derive(ck, sk, &at, ret);
	return OK;
}

enum err holder_standing_stream(struct vault *v, struct holder *h, struct id16 dossier, uint32_t epoch,
                                struct stream_key **ret)
{
	struct grant *g;
	enum err e = holder_standing_grant(h, dossier, &g);
	if (e != OK) return e;
	struct key32 *sk = stash_key(v->stash);
	struct stream_key *k = stash_stream_key(v->stash);
	if (sk == NULL || k == NULL) return ERR_FULL;
	uint32_t slot = h->session->standing[holder_standing(h, dossier)].shred_slot;
	e = shred_read(v->shred, slot, dossier, sk);
	if (e != OK) return ERR_DENIED;
	int i = grant_find(g, 0, epoch);
	if (i >= 0) grant_stream_key(g, (size_t)i, sk, k);
	else if ((e = older_stream(v, g, epoch, sk, k)) != OK) return e;
	*ret = k;
	return OK;
}

/* ---- grants ---- */

/* A granter is the system (its key stands in the trust), the canary, or a user whose certificate two officers have signed. */
static enum err granter_key(void *context, struct id16 granter, uint32_t serial, uint8_t ret[32])
{
	struct vault *v = context;
	if (id_is_zero(granter)) {
		memcpy(ret, v->trust.log_key, 32);
		return OK;
	}
	if (id_eq(granter, v->canary.user)) {
		memcpy(ret, v->canary.sign, 32);
		return OK;
	}
	struct certificate c;
	struct id16 controller;
	enum err e = certificates_find(v->certificates, granter, &c, &controller);
	if (e != OK) return e;
	if (c.serial != serial) return ERR_DENIED;
	memcpy(ret, c.sign_public, 32);
	return OK;
}

static uint32_t month_of(struct instant t)
{
	struct civil c = instant_civil(t);
	return (uint32_t)(c.year * 12 + c.month - 1);
}

/* In order, each with the key it was sealed to. */
static enum err take_renewals(struct vault *v, struct holder *h, struct str renewals, struct grant *g)
{
	while (renewals.p != NULL && renewals.n > 0) {
		struct renewal_to to;
		struct str first;
		const struct key32 *secret;
		enum err e = renewal_peek(renewals, &to, &first);
		if (e != OK) return e;
		if (!id_eq(to.holder, grant_clear(g)->holder)) return ERR_DENIED;
		bool own = id_eq(to.holder, h->session->user);
		if (own && to.holder_serial != h->session->serial) return ERR_DENIED;
		if ((e = holder_private(v, h, to.holder, own ? 0 : to.holder_serial, &secret)) != OK) return e;
		if ((e = renewal_take(first, secret, v->vault_key, g)) != OK) return e;
		renewals = str_cut(renewals, first.n, renewals.n);
	}
	return OK;
}

enum err holder_accept(struct vault *v, struct holder *h, struct grant *g, struct str *ret)
{
	const struct key32 *secret;
	uint8_t *out = arena_take(v->round, GRANT_ACCEPTED_BYTES);
	if (out == NULL) return ERR_FULL;
	struct id16 holder = grant_clear(g)->holder;
	enum err e = holder_private(v, h, holder, 0, &secret);
	if (e != OK) return e;
	if (!id_eq(holder, h->session->user)) grant_set_holder_serial(g, holder_standing_epoch(h, holder));
	grant_accept(g, secret, out);
	*ret = (struct str){ (const char *)out, GRANT_ACCEPTED_BYTES };
	return OK;
}

bool holder_may_still(const struct vault *v, uint32_t not_after)
{
	struct grant_clear c = { .not_after = not_after };
	return not_after == 0 || grant_is_current(&c, month_of(clock_now(v->clock)));
}

enum err holder_open_grant(struct vault *v, struct holder *h, struct str bytes, struct str renewals, struct grant *g,
                           struct str *accepted)
{
	enum grant_form form;
	struct grant_clear clear;
	const struct key32 *secret;
	enum err e = grant_peek(bytes, &form, &clear);
	if (e != OK) return e;
	if (h->session == NULL || !id_eq(clear.controller, h->session->controller)) return ERR_DENIED;
	if (!holder_may_still(v, clear.not_after)) return ERR_DENIED;
	bool own = id_eq(clear.holder, h->session->user);
	if (own && clear.holder_serial != h->session->serial) return ERR_DENIED;
	if ((e = holder_private(v, h, clear.holder, own ? 0 : clear.holder_serial, &secret)) != OK) return e;
	struct granter_lookup lookup = { granter_key, v };
	e = form == GRANT_ACCEPTED ? grant_open(bytes, secret, g) : grant_unwrap(bytes, secret, &lookup, g);
	if (e != OK) return e;
	bool renewed = renewals.p != NULL && renewals.n > 0;
	if (renewed && (e = take_renewals(v, h, renewals, g)) != OK) return e;
	return accepted != NULL && (renewed || form == GRANT_WRAPPED) ? holder_accept(v, h, g, accepted) : OK;
}

enum err holder_open_case(struct vault *v, struct holder *h, struct str bytes, struct str renewals, uint32_t shred_slot,
                          struct grant *g, struct key32 *shred, struct str *accepted)
{
	if (h->known != NULL && renewals.n == 0 && str_eq(bytes, h->known_bytes)) {
		grant_copy(g, h->known);
		key32_copy(shred, h->known_shred);
		return OK;
	}
	enum err e = holder_open_grant(v, h, bytes, renewals, g, accepted);
	if (e != OK) return e;
	return shred_read(v->shred, shred_slot, grant_clear(g)->case_id, shred) == OK ? OK : ERR_DENIED;
}

void holder_know(struct holder *h, struct str bytes, const struct grant *g, const struct key32 *shred)
{
	h->known = g;
	h->known_shred = shred;
	h->known_bytes = bytes;
}

bool holder_is_holder(const struct holder *h, struct id16 id)
{
	return (h->session != NULL && id_eq(id, h->session->user)) || holder_standing(h, id) >= 0;
}

enum err holder_ring(struct holder *h, struct key_ring **ret)
{
	if (h->session == NULL) return ERR_DENIED;
	if (h->ring == NULL) {
		if (h->session->ring == NULL) h->session->ring = key_ring_new();
		if (h->session->ring == NULL) return ERR_FULL;
		enum err e = key_ring_unlock(h->session->ring, holder_secret(h));
		if (e != OK) return e;
		h->ring = h->session->ring;
	}
	*ret = h->ring;
	return OK;
}

/* ---- who ---- */

static struct envelope_at profile_at(const struct session *s)
{
	return (struct envelope_at){ .controller = s->controller, .case_id = s->user, .slot = SLOT_DIRECTORY, .row = s->id };
}

enum err holder_keep_profile(struct vault *v, struct holder *h, struct str name, struct str title)
{
	struct session *s = h->session;
	struct buf b = buf_new(v->round, 400);
	text_line(&b, "name", name);
	text_line(&b, "title", title);
	struct stream_key *k = stash_stream_key(v->stash);
	if (k == NULL) return ERR_FULL;
	if (buf_is_full(&b)) return ERR_TOO_LARGE;
	stream_key_own(holder_secret(h), k);
	struct envelope_at at = profile_at(s);
	struct str envelope;
	enum err e = envelope_seal(v->round, k, &at, buf_view(&b), &envelope);
	if (e != OK) return e;
	if (envelope.n > sizeof s->profile) return ERR_TOO_LARGE;
	memcpy(s->profile, envelope.p, envelope.n);
	s->profile_n = envelope.n;
	return OK;
}

static void open_profile(struct vault *v, const struct holder *h, struct vault_who *who)
{
	const struct session *s = h->session;
	struct stream_key *k = stash_stream_key(v->stash);
	if (k == NULL) return;
	stream_key_own(holder_secret(h), k);
	struct envelope_at at = profile_at(s);
	struct str plain;
	if (envelope_open(v->round, k, &at, (struct str){ (const char *)s->profile, s->profile_n }, &plain) != OK) return;
	who->name = text_field(plain, "name");
	who->title = text_field(plain, "title");
}

void holder_who(struct vault *v, const struct session *s, const struct holder *h, struct vault_who *ret)
{
	int64_t now = clock_boot_us();
	struct instant moment = clock_now(v->clock);
	struct vault_who who = {
		.user = s->user,
		.controller = s->controller,
		.roles = s->roles,
		.lock_at = { moment.us + session_locks_in(v->sessions, s, now) },
		.end_at = { moment.us + session_ends_in(v->sessions, s, now) },
	};
	for (size_t i = 0; i < STANDING_COUNT; i++) {
		who.standing[i] = s->standing[i].id;
		who.standing_epoch[i] = s->standing[i].epoch;
	}
	if (h != NULL && h->session == s && s->profile_n > 0) open_profile(v, h, &who);
	*ret = who;
}

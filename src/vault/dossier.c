/* vault/dossier.c — the keys of a case: made, granted, and a stream added. */
#include "vault/canary.h"
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/deposit.h"
#include "vault/dossier.h"
#include "vault/journal.h"
#include "vault/slots.h"
#include "vault/standing.h"
#include "vault/stash.h"
#include <string.h>

#define CASE_MAKERS (ROLE_BIT_OF(COORDINATOR) | ROLE_BIT_OF(SOCIAL_WORKER) | ROLE_BIT_OF(POLICE))

/* The system may make cases only where it makes people too: during init and in a simulated directory. */
static bool system_may(const struct vault *v)
{
	return v->options.init || v->options.simulated;
}

static bool is_standing_of(const struct trust_party *party, struct id16 id, int *ret_kind)
{
	for (int i = 0; i < STANDING_COUNT; i++) {
		if (!id_eq(party->standing[i], id)) continue;
		*ret_kind = i;
		return true;
	}
	return false;
}

static enum grant_class class_of(const struct trust_party *party, struct id16 case_id)
{
	int kind;
	if (!is_standing_of(party, case_id, &kind)) return GRANT_STD;
	if (kind == STANDING_INDEX) return GRANT_INDEX;
	return kind == STANDING_REVIEW ? GRANT_AUDIT : GRANT_STD;
}

/* ---- one grant ---- */

enum err dossier_grantee(struct vault *v, const struct trust_party *party, const struct grant_wish *w,
                         struct grantee *ret)
{
	int kind;
	if (w->standing) {
		struct envelope_at at = { .controller = party->controller, .case_id = w->holder };
		if (!is_standing_of(party, w->holder, &kind)) return ERR_DENIED;
		enum err e = deposit_check(v, &at, &w->to_key);
		if (e != OK) return e;
		memcpy(ret->key, w->to_key.key, 32);
		ret->serial = w->to_key.epoch;
		return OK;
	}
	if (!id_is_zero(v->canary.user) && id_eq(v->canary.user, w->holder)) {
		if (!id_eq(party->controller, v->trust.party[0].controller)) return ERR_DENIED;
		memcpy(ret->key, v->canary.box, 32);
		ret->serial = CANARY_SERIAL;
		return OK;
	}
	struct certificate c;
	struct id16 controller;
	enum err e = certificates_find(v->certificates, w->holder, &c, &controller);
	if (e == OK && !id_eq(controller, party->controller)) e = ERR_DENIED;
	if (e == OK) e = certificate_verify(&c, &v->trust, controller, clock_now(v->clock));
	if (e != OK) return e;
	memcpy(ret->key, c.box_public, 32);
	ret->serial = c.serial;
	return OK;
}

static struct grant_clear clear_of(const struct trust_party *party, struct id16 case_id, const struct grant_wish *w,
                                   const struct grantee *to)
{
	return (struct grant_clear){
		.class = class_of(party, case_id),
		.controller = party->controller,
		.case_id = case_id,
		.holder = w->holder,
		.holder_serial = to->serial,
		.serial = w->serial,
		.not_after = w->not_after,
	};
}

static struct grant_entry entry_of(const struct grant_wish *w, uint16_t compartment, uint32_t epoch)
{
	return (struct grant_entry){ compartment, epoch, w->role, w->purpose, w->basis, w->reference };
}

static enum err wrap(struct vault *v, const struct holder *h, const struct grant *g, const struct grantee *to,
                     struct str *ret)
{
	uint8_t *bytes = arena_take(v->round, GRANT_WRAPPED_BYTES);
	if (bytes == NULL) return ERR_FULL;
	struct signer s = holder_signer(v, h);
	grant_wrap(g, to->key, &s, bytes);
	*ret = (struct str){ (const char *)bytes, GRANT_WRAPPED_BYTES };
	return OK;
}

/* ---- a new case ---- */

struct making {
	struct vault *v;
	struct holder *h;
	const struct vault_new_case *ask;
	const struct trust_party *party;
	struct key32 *shred;
	struct key32 *ck[COMPARTMENTS]; /* NULL: not among the case's compartments */
	uint8_t recovery_public[32];
};

static enum err make_stream(struct making *m, uint16_t compartment, struct new_stream *ret)
{
	struct arena *a = m->v->round;
	struct key32 *ck = stash_key(m->v->stash);
	struct stream_key *k = stash_stream_key(m->v->stash);
	uint8_t *recovery = arena_take(a, RECOVERY_WRAP_BYTES);
	if (ck == NULL || k == NULL || recovery == NULL) return ERR_FULL;
	key32_random(ck);
	m->ck[compartment] = ck;
	struct envelope_at at = { .controller = m->ask->controller, .case_id = m->ask->case_id,
	                          .compartment = compartment, .epoch = 1 };
	stream_key_derive(ck, m->shred, &at, k);
	recovery_wrap(m->recovery_public, ck, recovery);
	*ret = (struct new_stream){ .compartment = compartment,
	                            .recovery_wrap = { (const char *)recovery, RECOVERY_WRAP_BYTES } };
	deposit_make(m->v, &at, k, &ret->deposit);
	return OK;
}

static enum err make_streams(struct making *m, struct vault_new_case_reply *ret)
{
	ret->streams = ARENA_ARRAY(m->v->round, struct new_stream, COMPARTMENTS);
	if (ret->streams == NULL) return ERR_FULL;
	for (uint16_t i = 0; i < COMPARTMENTS; i++) {
		if (!(m->ask->compartments >> i & 1)) continue;
		enum err e = make_stream(m, i, &ret->streams[ret->n_streams++]);
		if (e != OK) return e;
	}
	return OK;
}

static enum err make_grant(struct making *m, const struct grant_wish *w, struct vault_new_case_reply *ret)
{
	struct grantee to;
	enum err e = dossier_grantee(m->v, m->party, w, &to);
	if (e != OK) return e;
	if ((w->compartments & ~m->ask->compartments) != 0 || w->compartments == 0) return ERR_INVALID;
	_cleanup_(grant_freep) struct grant *g = grant_new();
	if (g == NULL) return ERR_FULL;
	struct grant_clear clear = clear_of(m->party, m->ask->case_id, w, &to);
	grant_begin(g, &clear);
	for (uint16_t i = 0; i < COMPARTMENTS; i++) {
		if (!(w->compartments >> i & 1)) continue;
		struct grant_entry entry = entry_of(w, i, 1);
		if ((e = grant_add(g, &entry, m->ck[i])) != OK) return e;
	}
	struct new_grant *out = &ret->grants[ret->n_grants++];
	out->holder = w->holder;
	if ((e = wrap(m->v, m->h, g, &to, &out->grant)) != OK) return e;
	if (!holder_is_system(m->h) && id_eq(w->holder, holder_user(m->h))) return holder_accept(m->v, m->h, g, &ret->own);
	return OK;
}

/* A standing dossier's public key is kept by the vault from its birth on. */
static enum err remember_standing(struct making *m, const struct vault_new_case_reply *ret)
{
	int kind;
	if (!is_standing_of(m->party, m->ask->case_id, &kind)) return OK;
	for (size_t i = 0; i < ret->n_streams; i++) {
		if (ret->streams[i].compartment != 0) continue;
		struct standing_key k = { .dossier = m->ask->case_id, .epoch = ret->streams[i].deposit.epoch };
		memcpy(k.key, ret->streams[i].deposit.key, 32);
		return standing_take(m->v->standing, &k, false);
	}
	return ERR_INVALID;
}

static enum err may_make(const struct vault *v, const struct holder *h, const struct vault_new_case *ask,
                         const struct trust_party *party)
{
	int kind;
	bool standing = is_standing_of(party, ask->case_id, &kind);
	if (holder_is_system(h)) return system_may(v) ? OK : ERR_DENIED;
	if (!h->session->certified || !id_eq(h->session->controller, ask->controller)) return ERR_DENIED;
	/* Standing dossiers are init's; a second one of the same name would divide what is written to it. */
	if (standing) return ERR_DENIED;
	if (h->session->roles & ROLE_BIT_OF(CANARY)) return system_may(v) ? OK : ERR_DENIED;
	return (h->session->roles & CASE_MAKERS) != 0 ? OK : ERR_DENIED;
}

static enum err make_case(struct making *m, struct vault_new_case_reply *ret)
{
	const struct vault_new_case *ask = m->ask;
	struct vault *v = m->v;
	uint8_t *recovery = arena_take(v->round, RECOVERY_BYTES);
	ret->grants = ARENA_ARRAY(v->round, struct new_grant, ask->n_grants + 1);
	m->shred = stash_key(v->stash);
	if (recovery == NULL || ret->grants == NULL || m->shred == NULL) return ERR_FULL;
	enum err e = shred_add(v->shred, ask->case_id, &ret->shred_slot, m->shred);
	if (e != OK) return e;
	e = recovery_make(ask->controller, ask->case_id, m->party->custodian[0], v->vault_key, recovery);
	ret->recovery = (struct str){ (const char *)recovery, RECOVERY_BYTES };
	if (e == OK)
		e = recovery_public(ret->recovery, ask->controller, ask->case_id, v->vault_key, m->recovery_public);
	if (e == OK) e = make_streams(m, ret);
	for (size_t i = 0; e == OK && i < ask->n_grants; i++) e = make_grant(m, &ask->grants[i], ret);
	if (e == OK) e = remember_standing(m, ret);
	return e;
}

enum err dossier_log(struct vault *v, const struct holder *h, const struct vault_why *why, uint32_t compartments,
                     struct id16 about)
{
	struct journal_line line = { .class = LOG_KEY, .outcome = LOG_DONE, .why = why, .user = holder_user(h),
	                             .controller = holder_controller(h), .compartments = compartments, .about = about };
	uint64_t seq;
	return journal_append(v, &line, &seq);
}

enum err decide_new_case(struct vault *v, struct call *c, const struct vault_new_case *ask,
                         struct vault_new_case_reply *ret)
{
	(void)c;
	struct holder h;
	struct making m = { .v = v, .h = &h, .ask = ask, .party = trust_find(&v->trust, ask->controller) };
	if (m.party == NULL || ask->compartments == 0 || ask->compartments >> COMPARTMENTS != 0 || id_is_zero(ask->case_id))
		return ERR_INVALID;
	enum err e = holder_enter(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = may_make(v, &h, ask, m.party);
	if (e == OK) e = make_case(&m, ret);
	if (e == OK) e = dossier_log(v, &h, &ask->why, ask->compartments, ask->case_id);
	/* A shred key without a case does no harm; the slot is given back all the same. */
	if (e != OK && m.shred != NULL && ret->shred_slot != 0 && shred_destroy(v->shred, ret->shred_slot, ask->case_id) != OK)
		e = ERR_IO;
	holder_leave(&h);
	return e;
}

/* ---- a further grant ---- */

static enum err copy_entries(const struct grant *from, const struct grant_wish *w, struct grant *to)
{
	uint32_t copied = 0;
	for (size_t i = 0; i < grant_count(from); i++) {
		const struct grant_entry *have = grant_entry(from, i);
		if (have->compartment >= COMPARTMENTS || !(w->compartments >> have->compartment & 1)) continue;
		struct grant_entry entry = entry_of(w, have->compartment, have->epoch);
		enum err e = grant_add(to, &entry, grant_key(from, i));
		if (e != OK) return e;
		copied |= UINT32_C(1) << have->compartment;
	}
	/* More than the granter holds cannot be given. */
	return copied == w->compartments && copied != 0 ? OK : ERR_DENIED;
}

enum err dossier_own(struct vault *v, struct holder *h, struct id16 case_id, struct str own, struct str renewals,
                     struct grant *room, const struct grant **ret)
{
	if (own.p == NULL) {
		struct grant *standing;
		enum err e = holder_standing_grant(h, case_id, &standing);
		if (e == OK) *ret = standing;
		return e;
	}
	enum err e = holder_open_grant(v, h, own, renewals, room, NULL);
	if (e != OK) return e;
	if (!id_eq(grant_clear(room)->case_id, case_id)) return ERR_DENIED;
	*ret = room;
	return OK;
}

static enum err grant_for(struct vault *v, struct holder *h, const struct vault_grant *ask, struct vault_grant_reply *ret)
{
	const struct trust_party *party = trust_find(&v->trust, ask->controller);
	if (party == NULL || !h->session->certified || !id_eq(h->session->controller, ask->controller)) return ERR_DENIED;
	struct grantee to;
	enum err e = dossier_grantee(v, party, &ask->wish, &to);
	if (e != OK) return e;
	_cleanup_(grant_freep) struct grant *opened = grant_new();
	_cleanup_(grant_freep) struct grant *made = grant_new();
	const struct grant *own;
	if (opened == NULL || made == NULL) return ERR_FULL;
	if ((e = dossier_own(v, h, ask->case_id, ask->own, STR_UNSET, opened, &own)) != OK) return e;
	struct grant_clear clear = clear_of(party, ask->case_id, &ask->wish, &to);
	grant_begin(made, &clear);
	e = copy_entries(own, &ask->wish, made);
	if (e == OK) e = wrap(v, h, made, &to, &ret->grant);
	if (e == OK) e = dossier_log(v, h, &ask->why, ask->wish.compartments, ask->wish.holder);
	return e;
}

enum err decide_grant(struct vault *v, struct call *c, const struct vault_grant *ask, struct vault_grant_reply *ret)
{
	(void)c;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = grant_for(v, &h, ask, ret);
	holder_leave(&h);
	return e;
}

/* ---- a stream that was not there ---- */

static enum err extend(struct vault *v, struct holder *h, const struct vault_new_stream *ask, struct grant *g,
                       struct vault_new_stream_reply *ret)
{
	struct vault_new_case as_case = { .controller = ask->controller, .case_id = ask->case_id };
	struct making m = { .v = v, .h = h, .ask = &as_case, .shred = stash_key(v->stash) };
	if (m.shred == NULL) return ERR_FULL;
	enum err e = holder_open_grant(v, h, ask->own, STR_UNSET, g, NULL);
	if (e != OK) return e;
	const struct grant_clear *clear = grant_clear(g);
	if (!id_eq(clear->case_id, ask->case_id) || !id_eq(clear->controller, ask->controller)) return ERR_DENIED;
	/* Only a user's own grant is stored as AVG1 by this answer, and head is what every member holds. */
	if (!id_eq(clear->holder, holder_user(h)) || grant_find(g, 0, 0) < 0) return ERR_DENIED;
	if (grant_find(g, ask->compartment, 0) >= 0) return ERR_EXISTS;
	if (shred_read(v->shred, ask->shred_slot, ask->case_id, m.shred) != OK) return ERR_DENIED;
	e = recovery_public(ask->recovery, ask->controller, ask->case_id, v->vault_key, m.recovery_public);
	if (e == OK) e = make_stream(&m, ask->compartment, &ret->stream);
	if (e != OK) return e;
	struct grant_entry entry = *grant_entry(g, 0);
	entry.compartment = ask->compartment;
	entry.epoch = 1;
	e = grant_add(g, &entry, m.ck[ask->compartment]);
	return e == OK ? holder_accept(v, h, g, &ret->own) : e;
}

enum err decide_new_stream(struct vault *v, struct call *c, const struct vault_new_stream *ask,
                           struct vault_new_stream_reply *ret)
{
	(void)c;
	if (ask->compartment >= COMPARTMENTS || ask->own.p == NULL || ask->recovery.p == NULL) return ERR_INVALID;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	_cleanup_(grant_freep) struct grant *g = grant_new();
	e = g == NULL ? ERR_FULL : extend(v, &h, ask, g, ret);
	if (e == OK) e = dossier_log(v, &h, &ask->why, UINT32_C(1) << ask->compartment, ask->case_id);
	holder_leave(&h);
	return e;
}

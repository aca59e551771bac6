/* vault/rotate.c — a new epoch for streams of a dossier, after somebody has left it (DECISIONS 23, 24, 47).
 *
 * The vault makes the keys, seals the older ones under them and to the custodians, and writes for each remaining holder
 * what lets him follow. Nothing is changed here: what web does not commit was never made. */
#include "vault/clock.h"
#include "vault/deposit.h"
#include "vault/dossier.h"
#include "vault/stash.h"
#include <string.h>

struct rotating {
	struct vault *v;
	struct holder *h;
	const struct vault_rotate *ask;
	const struct trust_party *party;
	struct grant *grant;            /* the rotator's own, moved on stream by stream */
	struct key32 *shred, *transfer;
	uint8_t recovery[32];
	struct renewal_entry entries[GRANT_ENTRIES];
	size_t n;
};

static struct str older_of(const struct vault_rotate *ask, uint16_t compartment, uint32_t epoch)
{
	for (size_t i = 0; i < ask->n_older; i++)
		if (ask->older[i].compartment == compartment && ask->older[i].epoch == epoch) return ask->older[i].keys;
	return STR_UNSET;
}

/* The next key, with the older ones under it. `at` is the newest epoch's place. */
static enum err seal_older(struct rotating *r, const struct envelope_at *at, const struct key32 *before,
                           const struct key32 *now, struct str *ret)
{
	if (at->epoch >= OLDER_EPOCHS_MAX) return ERR_FULL;
	size_t n = older_bytes(at->epoch + 1);
	uint8_t *bytes = arena_take(r->v->round, n);
	if (bytes == NULL) return ERR_FULL;
	enum err e = older_next(older_of(r->ask, at->compartment, at->epoch), before, at, now, bytes);
	*ret = (struct str){ (const char *)bytes, n };
	return e;
}

static enum err rotate_stream(struct rotating *r, uint16_t compartment, struct new_stream *ret)
{
	struct vault *v = r->v;
	int i = grant_find(r->grant, compartment, 0);
	struct key32 *before = stash_key(v->stash), *now = stash_key(v->stash);
	struct stream_key *k = stash_stream_key(v->stash);
	uint8_t *recovery = arena_take(v->round, RECOVERY_WRAP_BYTES);
	if (i < 0) return ERR_DENIED;
	if (before == NULL || now == NULL || k == NULL || recovery == NULL) return ERR_FULL;
	struct envelope_at at = { .controller = r->ask->controller, .case_id = r->ask->case_id, .compartment = compartment,
	                          .epoch = grant_entry(r->grant, (size_t)i)->epoch };
	key32_copy(before, grant_key(r->grant, (size_t)i));
	key32_random(now);
	*ret = (struct new_stream){ .compartment = compartment, .recovery_wrap = { (const char *)recovery, RECOVERY_WRAP_BYTES } };
	enum err e = seal_older(r, &at, before, now, &ret->older);
	if (e != OK) return e;
	at.epoch++;
	stream_key_derive(now, r->shred, &at, k);
	recovery_wrap(r->recovery, now, recovery);
	deposit_make(v, &at, k, &ret->deposit);
	grant_move(r->grant, (size_t)i, at.epoch, now);
	r->entries[r->n++] = (struct renewal_entry){ compartment, at.epoch, before, now };
	return OK;
}

static enum err rotate_streams(struct rotating *r, struct vault_rotate_reply *ret)
{
	ret->streams = ARENA_ARRAY(r->v->round, struct new_stream, GRANT_ENTRIES);
	if (ret->streams == NULL) return ERR_FULL;
	for (uint16_t c = 0; c < COMPARTMENTS; c++) {
		if (!(r->ask->compartments >> c & 1)) continue;
		if (ret->n_streams == GRANT_ENTRIES) return ERR_DENIED;
		enum err e = rotate_stream(r, c, &ret->streams[ret->n_streams]);
		if (e != OK) return e;
		ret->n_streams++;
	}
	return OK;
}

static enum err renew_one(struct rotating *r, const struct rotate_holder *holder, struct new_grant *ret)
{
	struct grant_wish wish = { .holder = holder->holder, .standing = holder->standing, .to_key = holder->to_key };
	struct grantee to;
	enum err e = dossier_grantee(r->v, r->party, &wish, &to);
	if (e != OK) return e;
	uint8_t *bytes = arena_take(r->v->round, RENEWAL_BYTES(r->n));
	if (bytes == NULL) return ERR_FULL;
	struct renewal_to renewal = { .controller = r->ask->controller, .case_id = r->ask->case_id, .holder = holder->holder,
	                              .holder_serial = to.serial };
	memcpy(renewal.key, to.key, sizeof renewal.key);
	*ret = (struct new_grant){ .holder = holder->holder, .grant = { (const char *)bytes, RENEWAL_BYTES(r->n) } };
	return renewal_make(&renewal, r->transfer, r->entries, r->n, r->v->vault_key, bytes);
}

static enum err renew_all(struct rotating *r, struct vault_rotate_reply *ret)
{
	ret->renewals = ARENA_ARRAY(r->v->round, struct new_grant, r->ask->n_holders + 1);
	if (ret->renewals == NULL) return ERR_FULL;
	key32_random(r->transfer);
	for (size_t i = 0; i < r->ask->n_holders; i++) {
		if (id_eq(r->ask->holders[i].holder, grant_clear(r->grant)->holder)) return ERR_INVALID;
		enum err e = renew_one(r, &r->ask->holders[i], &ret->renewals[i]);
		if (e != OK) return e;
		ret->n_renewals++;
	}
	return OK;
}

/* A working copy of the rotator's grant without what only the session's copy has in it. */
static enum err begin(struct rotating *r)
{
	const struct vault_rotate *ask = r->ask;
	const struct grant *own;
	_cleanup_(grant_freep) struct grant *room = grant_new();
	if (room == NULL) return ERR_FULL;
	enum err e = dossier_own(r->v, r->h, ask->case_id, ask->own, ask->renewals, room, &own);
	if (e != OK) return e;
	const struct grant_clear *clear = grant_clear(own);
	if (!id_eq(clear->controller, ask->controller)) return ERR_DENIED;
	grant_begin(r->grant, clear);
	for (size_t i = 0; i < grant_count(own); i++) {
		const struct grant_entry *entry = grant_entry(own, i);
		if (entry->compartment == COMPARTMENT_HOLDER_KEY) continue;
		if ((e = grant_add(r->grant, entry, grant_key(own, i))) != OK) return e;
	}
	if (shred_read(r->v->shred, ask->shred_slot, ask->case_id, r->shred) != OK) return ERR_DENIED;
	return recovery_public(ask->recovery, ask->controller, ask->case_id, r->v->vault_key, r->recovery);
}

static enum err rotate(struct rotating *r, struct vault_rotate_reply *ret)
{
	struct vault *v = r->v;
	r->party = trust_find(&v->trust, r->ask->controller);
	if (r->party == NULL || !r->h->session->certified || !id_eq(r->h->session->controller, r->ask->controller))
		return ERR_DENIED;
	r->shred = stash_key(v->stash);
	r->transfer = stash_key(v->stash);
	if (r->grant == NULL || r->shred == NULL || r->transfer == NULL) return ERR_FULL;
	enum err e = begin(r);
	if (e == OK) e = rotate_streams(r, ret);
	if (e == OK) e = renew_all(r, ret);
	if (e == OK) e = holder_accept(v, r->h, r->grant, &ret->own);
	if (e == OK) e = dossier_log(v, r->h, &r->ask->why, r->ask->compartments, r->ask->case_id);
	return e;
}

enum err decide_rotate(struct vault *v, struct call *c, const struct vault_rotate *ask, struct vault_rotate_reply *ret)
{
	(void)c;
	if (ask->compartments == 0 || ask->compartments >> COMPARTMENTS != 0 || ask->recovery.p == NULL) return ERR_INVALID;
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	struct rotating r = { .v = v, .h = &h, .ask = ask, .grant = grant_new() };
	e = rotate(&r, ret);
	grant_free(r.grant);
	holder_leave(&h);
	if (e != OK) ret->n_streams = ret->n_renewals = 0;
	return e;
}

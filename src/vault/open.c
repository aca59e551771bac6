/* vault/open.c — opening envelopes: keys are found and the entry is written first, texts are opened after the flush. */
#include "vault/open.h"
#include "vault/clock.h"
#include "vault/journal.h"
#include "vault/slots.h"
#include "vault/stash.h"
#include <string.h>

/* How one item will be opened. */
struct plan {
	enum err status;
	const struct stream_key *key;  /* AVE1 */
	const struct key32 *secret;    /* AVB1 */
	const struct stream_key *rewrap; /* AVB1: the key of the form to store instead */
};
struct open_work {
	const struct vault_open *ask;
	struct vault_open_reply *ret;
	struct plan **plans; /* one array a group */
};

/* The keys of one group while its items are planned: each is derived once. */
struct group_keys {
	struct vault *v;
	struct holder *h;
	struct grant *grant;           /* NULL: the session's own keys */
	struct key32 *shred;
	const struct open_group *group;
	/* By entry of the grant: its own epoch, and the older one used last. */
	struct epoch_key { uint32_t epoch; const struct stream_key *stream; const struct key32 *deposit; }
		now[GRANT_ENTRIES], before[GRANT_ENTRIES];
	/* Of the session's own keys, the newest used. */
	struct id16 own_id;
	uint32_t own_epoch;
	const struct key32 *own_secret;
	const struct stream_key *own_wrap, *own_stream;
};

/* ---- keys of a grant ---- */

/* An epoch before the one in the grant: its key stands sealed under that one's. */
static enum err older_stream(struct group_keys *k, const struct envelope_at *at, struct epoch_key **ret)
{
	int i = grant_find(k->grant, at->compartment, 0);
	if (i < 0 || at->epoch == 0) return ERR_DENIED;
	struct epoch_key *have = &k->before[i];
	*ret = have;
	if (have->epoch == at->epoch) return OK;
	struct envelope_at newest = *at;
	newest.epoch = grant_entry(k->grant, (size_t)i)->epoch;
	const struct older_keys *older = NULL;
	for (size_t n = 0; n < k->group->n_older; n++)
		if (k->group->older[n].compartment == at->compartment && k->group->older[n].epoch == newest.epoch)
			older = &k->group->older[n];
	struct key32 *ck = stash_key(k->v->stash);
	struct stream_key *fresh = stash_stream_key(k->v->stash);
	if (ck == NULL || fresh == NULL) return ERR_FULL;
	enum err e = older == NULL ? ERR_DENIED : older_open(older->keys, grant_key(k->grant, (size_t)i), &newest, at->epoch, ck);
	if (e != OK) return e;
	stream_key_derive(ck, k->shred, at, fresh);
	*have = (struct epoch_key){ .epoch = at->epoch, .stream = fresh };
	return OK;
}

static enum err stream_of(struct group_keys *k, const struct envelope_at *at, struct epoch_key **ret)
{
	const struct grant_clear *clear = grant_clear(k->grant);
	if (!id_eq(at->case_id, clear->case_id) || !id_eq(at->controller, clear->controller)) return ERR_DENIED;
	int i = at->epoch == 0 ? -1 : grant_find(k->grant, at->compartment, at->epoch);
	if (i < 0) return older_stream(k, at, ret);
	if (k->now[i].stream == NULL) {
		struct stream_key *fresh = stash_stream_key(k->v->stash);
		if (fresh == NULL) return ERR_FULL;
		grant_stream_key(k->grant, (size_t)i, k->shred, fresh);
		k->now[i].stream = fresh;
	}
	*ret = &k->now[i];
	return OK;
}

static enum err plan_with_grant(struct group_keys *k, const struct open_item *item, struct plan *p)
{
	struct epoch_key *one;
	enum err e = stream_of(k, &item->at, &one);
	if (e != OK) return e;
	p->key = one->stream;
	if (!envelope_is_box(item->envelope)) return OK;
	if (item->at.slot != SLOT_DEPOSIT) return ERR_DENIED;
	if (one->deposit == NULL) {
		struct key32 *secret = stash_key(k->v->stash);
		if (secret == NULL) return ERR_FULL;
		stream_key_deposit_secret(one->stream, secret);
		one->deposit = secret;
	}
	p->secret = one->deposit;
	p->rewrap = one->stream;
	return OK;
}

/* ---- the session's own keys ---- */

static enum err own_secret_of(struct group_keys *k, struct id16 id, uint32_t epoch)
{
	if (k->own_secret != NULL && id_eq(k->own_id, id) && k->own_epoch == epoch) return OK;
	const struct key32 *secret;
	bool user = id_eq(id, holder_user(k->h));
	enum err e = holder_private(k->v, k->h, id, user ? 0 : epoch, &secret);
	if (e != OK) return e;
	/* A copy for the time after the flush: the holder has left then. */
	struct key32 *copy = stash_key(k->v->stash);
	struct stream_key *wrap = stash_stream_key(k->v->stash);
	if (copy == NULL || wrap == NULL) return ERR_FULL;
	key32_copy(copy, secret);
	stream_key_own(secret, wrap);
	k->own_id = id;
	k->own_epoch = epoch;
	k->own_secret = copy;
	k->own_wrap = wrap;
	k->own_stream = NULL;
	return OK;
}

/* Rungs, and deposits and rows of a standing dossier. */
static enum err plan_with_own(struct group_keys *k, const struct open_item *item, struct plan *p)
{
	const struct envelope_at *at = &item->at;
	bool box = envelope_is_box(item->envelope), rung = at->slot == SLOT_RUNG;
	if (!id_eq(at->controller, holder_controller(k->h))) return ERR_DENIED;
	enum err e = own_secret_of(k, at->case_id, at->epoch);
	if (e != OK) return e;
	if (!rung && k->own_stream == NULL) {
		struct stream_key *stream;
		e = holder_standing_stream(k->v, k->h, at->case_id, at->epoch, &stream);
		if (e != OK) return e;
		k->own_stream = stream;
	}
	p->key = rung ? k->own_wrap : k->own_stream;
	if (!box) return OK;
	if (!rung && at->slot != SLOT_DEPOSIT) return ERR_DENIED;
	p->secret = k->own_secret;
	p->rewrap = p->key;
	return OK;
}

/* ---- the ring ---- */

/* A key of the ring for one item of a group whose grant was not sent. */
static enum err plan_with_ring(struct vault *v, struct holder *h, uint64_t mark, const struct open_item *item, struct plan *p,
                               struct opened_group *out)
{
	const struct envelope_at *at = &item->at;
	struct ring_place place, wanted = { .case_id = at->case_id, .mark = mark, .epoch = at->epoch, .compartment = at->compartment };
	struct key_ring *ring;
	if (envelope_is_box(item->envelope) || !id_eq(at->controller, holder_controller(h))) return ERR_DENIED;
	enum err e = holder_ring(h, &ring);
	if (e != OK) return e;
	struct stream_key *k = stash_stream_key(v->stash);
	if (k == NULL) return ERR_FULL;
	if (!key_ring_find(ring, &wanted, at->controller, &place, k)) {
		out->unknown = true;
		return ERR_DENIED;
	}
	if (!holder_is_holder(h, place.holder) || !holder_may_still(v, place.not_after)) return ERR_DENIED;
	out->held = place.held;
	out->holder = place.holder;
	out->role = place.role;
	p->key = k;
	return OK;
}

/* Puts the keys of a grant that was sent whole into the ring. A ring without room costs the next list some time. */
static void keep_in_ring(struct group_keys *k, uint64_t mark, const struct opened_group *out)
{
	struct key_ring *ring;
	if (holder_ring(k->h, &ring) != OK) return;
	for (size_t i = 0; i < grant_count(k->grant); i++) {
		const struct grant_entry *entry = grant_entry(k->grant, i);
		if (k->now[i].stream == NULL) continue;
		struct ring_place place = { .case_id = grant_clear(k->grant)->case_id, .holder = out->holder, .mark = mark,
		                            .epoch = entry->epoch, .not_after = grant_clear(k->grant)->not_after, .held = out->held,
		                            .compartment = entry->compartment, .role = out->role };
		key_ring_add(ring, &place, k->now[i].stream);
	}
}

/* ---- a group ---- */

static enum err open_keys(struct vault *v, struct holder *h, const struct open_group *g, struct group_keys *k,
                          struct opened_group *out)
{
	*k = (struct group_keys){ .v = v, .h = h, .group = g };
	if (g->grant.p == NULL) return OK;
	k->grant = grant_new();
	k->shred = stash_key(v->stash);
	if (k->grant == NULL || k->shred == NULL) return ERR_FULL;
	enum err e = holder_open_case(v, h, g->grant, g->renewals, g->shred_slot, k->grant, k->shred, &out->accepted);
	if (e != OK) return e;
	const struct grant_clear *clear = grant_clear(k->grant);
	out->held = grant_held(k->grant);
	out->holder = clear->holder;
	out->role = grant_count(k->grant) > 0 ? grant_entry(k->grant, 0)->role : 0;
	return OK;
}

/* Denied and corrupt groups are answered item by item; only a lack of room ends the whole request. */
static enum err plan_group(struct vault *v, struct holder *h, const struct open_group *g, struct opened_group *out,
                           struct plan *plans)
{
	struct group_keys k;
	enum err e = open_keys(v, h, g, &k, out);
	if (e != OK) {
		out->accepted = STR_UNSET;
		for (size_t i = 0; i < g->n_items; i++) plans[i].status = e;
	}
	for (size_t i = 0; e == OK && i < g->n_items; i++) {
		const struct open_item *item = &g->items[i];
		if (item->envelope.p == NULL) plans[i].status = ERR_CORRUPT;
		else if (k.grant) plans[i].status = plan_with_grant(&k, item, &plans[i]);
		else if (g->mark != 0) plans[i].status = plan_with_ring(v, h, g->mark, item, &plans[i], out);
		else plans[i].status = plan_with_own(&k, item, &plans[i]);
		if (plans[i].status == ERR_FULL) e = ERR_FULL;
	}
	if (e == OK && k.grant && g->mark != 0) keep_in_ring(&k, g->mark, out);
	grant_free(k.grant);
	return e == ERR_FULL ? ERR_FULL : OK;
}

struct tally { size_t rows, keyed; uint32_t held; };

static enum err plan_all(struct vault *v, struct holder *h, const struct vault_open *ask, struct open_work *w,
                         struct tally *t)
{
	size_t total = 0;
	for (size_t i = 0; i < ask->n_groups; i++) total += ask->groups[i].n_items;
	if (total > WIRE_ROWS_MAX) return ERR_TOO_LARGE;
	w->plans = ARENA_ARRAY(v->round, struct plan *, ask->n_groups + 1);
	w->ret->groups = ARENA_ARRAY(v->round, struct opened_group, ask->n_groups + 1);
	if (w->plans == NULL || w->ret->groups == NULL) return ERR_FULL;
	for (size_t i = 0; i < ask->n_groups; i++) {
		const struct open_group *g = &ask->groups[i];
		struct opened_group *out = &w->ret->groups[i];
		w->plans[i] = ARENA_ARRAY(v->round, struct plan, g->n_items + 1);
		out->items = ARENA_ARRAY(v->round, struct opened_item, g->n_items + 1);
		if (w->plans[i] == NULL || out->items == NULL) return ERR_FULL;
		out->n_items = g->n_items;
		enum err e = plan_group(v, h, g, out, w->plans[i]);
		if (e != OK) return e;
		t->held |= out->held;
		for (size_t n = 0; n < g->n_items; n++)
			if (w->plans[i][n].status == OK) t->keyed++;
	}
	t->rows = total;
	w->ret->n_groups = ask->n_groups;
	return OK;
}

/* ---- after the flush ---- */

static enum err open_item(struct vault *v, const struct open_item *item, const struct plan *p, struct opened_item *out)
{
	if (p->status != OK) return p->status;
	if (p->secret == NULL) return envelope_open(v->round, p->key, &item->at, item->envelope, &out->plain);
	enum err e = envelope_unbox(v->round, p->secret, v->vault_key, &item->at, item->envelope, &out->plain);
	if (e != OK) return e;
	return envelope_seal(v->round, p->rewrap, &item->at, out->plain, &out->rewrapped);
}

static void finish_open(struct vault *v, struct call *c)
{
	struct open_work *w = c->work;
	for (size_t i = 0; i < w->ret->n_groups; i++) {
		struct opened_group *out = &w->ret->groups[i];
		for (size_t n = 0; n < out->n_items; n++) {
			struct opened_item *item = &out->items[n];
			item->status = open_item(v, &w->ask->groups[i].items[n], &w->plans[i][n], item);
			if (item->status == OK) continue;
			item->plain = item->rewrapped = STR_UNSET;
			if (item->status == ERR_FULL) w->ret->status = ERR_FULL;
		}
	}
}

enum err open_for(struct vault *v, struct holder *h, struct call *c, const struct vault_open *ask,
                  struct vault_open_reply *ret)
{
	struct open_work *w = ARENA_NEW(v->round, struct open_work);
	struct tally t = { 0 };
	if (w == NULL) return ERR_FULL;
	*w = (struct open_work){ .ask = ask, .ret = ret };
	enum err e = plan_all(v, h, ask, w, &t);
	if (e != OK) return e;
	/* Refused: a certain case was asked for and nothing of it is held. "No access" and "no such case" both come
	 * without groups, and so are one and the same here (DECISIONS 37). */
	bool denied = !id_is_zero(ask->why.asked) && t.held == 0 && t.keyed == 0;
	struct journal_line line = { .class = LOG_OPEN, .outcome = denied ? LOG_DENIED : LOG_DONE, .why = &ask->why,
	                             .user = holder_user(h), .controller = holder_controller(h),
	                             .compartments = t.held, .rows = t.rows, .urgent = denied };
	if ((e = journal_append(v, &line, &ret->entry)) != OK) return e;
	holder_who(v, h->session, h, &ret->who);
	ret->now = clock_now(v->clock);
	c->work = w;
	c->finish = finish_open;
	return OK;
}

enum err decide_open(struct vault *v, struct call *c, const struct vault_open *ask, struct vault_open_reply *ret)
{
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = open_for(v, &h, c, ask, ret);
	holder_leave(&h);
	return e;
}

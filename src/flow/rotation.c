/* flow/rotation.c — reads a dossier, has the vault make its new epoch, and plans the rows of it. */
#include "flow/rotation.h"
#include "flow/holders.h"
#include "flow/new_case.h"
#include "flow/rows.h"
#include "flow/standing.h"

#define RENEWALS_MOST ((size_t)64 << 10)

static bool is_leaver(const struct rotation *r, const struct q_holders_of_case_row *h)
{
	return (h->disabled.set && h->disabled.v) || id_eq(h->grant.holder, r->leaver);
}

static bool is_mine(const struct rotation *r, const struct q_holders_of_case_row *h)
{
	return r->mine && id_eq(h->grant.holder, r->mine->holder);
}

static enum err read_rows(struct db *db, struct arena *a, struct rotation *r)
{
	size_t n = 0;
	enum err e = q_case_row(db, a, r->case_id, &r->dossier, &n);
	if (e == OK)
		e = q_holders_of_case(db, a, r->case_id, &r->holders, &r->n_holders);
	if (e == OK)
		e = q_case_streams(db, a, r->case_id, case_place(r->case_id), UINT32_MAX, &r->streams, &r->n_streams);
	if (e == OK)
		e = q_jobs_of_case(db, a, r->case_id, &r->jobs, &r->n_jobs);
	if (e == OK)
		e = q_summary_row(db, a, case_place(r->case_id), r->case_id, &r->summary, &n);
	return e;
}

enum err rotation_read(struct flow *f, struct arena *a, const struct vault_who *who, struct id16 case_id,
                       struct rotation *ret)
{
	struct rotation r = { .own = flow_controller(f, who->controller), .case_id = case_id, .place = -1 };
	if (!r.own)
		return ERR_DENIED;
	for (size_t k = 0; k < STANDING_MAX; k++)
		if (id_eq(standing_at(r.own, k), case_id))
			r.place = (int)k;
	struct db *db = store_reader(f->store);
	enum err e = read_rows(db, a, &r);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	for (size_t i = 0; i < r.n_holders; i++) {
		struct row_grants *g = &r.holders[i].grant;
		if (id_eq(g->holder, who->user) || (!r.mine && id_eq(g->holder, who->standing[1])))
			r.mine = g;
	}
	if (!r.dossier || !r.mine)
		return ERR_NOT_FOUND;
	r.own_grant = r.mine->accepted.p ? r.mine->accepted : r.mine->wrapped;
	r.renewals = r.mine->renewals;
	*ret = r;
	return OK;
}

enum err rotation_older(struct arena *a, const struct rotation *r, struct older_keys **ret, size_t *ret_n)
{
	*ret = ARENA_ARRAY(a, struct older_keys, r->n_streams + 1);
	*ret_n = 0;
	if (!*ret)
		return ERR_FULL;
	for (size_t i = 0; i < r->n_streams; i++)
		if (r->streams[i].older.p)
			(*ret)[(*ret_n)++] = (struct older_keys){ (uint16_t)r->streams[i].compartment, (uint32_t)r->streams[i].epoch,
			                                          r->streams[i].older };
	return OK;
}

/* A desk whose own new key is still to be made would carry the old one into the case. */
enum err rotation_waits_for_desk(struct flow *f, struct arena *a, const struct rotation *r, bool *ret)
{
	struct row_jobs *jobs = NULL;
	size_t n = 0;
	bool desk = false;
	*ret = false;
	for (size_t i = 0; i < r->n_holders; i++)
		desk = desk || id_eq(r->holders[i].grant.holder, r->own->desk);
	if (r->place >= 0 || !desk)
		return OK;
	struct db *db = store_reader(f->store);
	enum err e = q_jobs_of_case(db, a, r->own->desk, &jobs, &n);
	store_reader_done(f->store, db);
	*ret = n > 0;
	return e;
}

/* ---- the vault's part ---- */

/* Those who stay, but who does it. A standing dossier among them is sealed to with its newest key. */
static enum err remaining(struct write_plan *p, const struct rotation *r, struct rotate_holder **ret, size_t *ret_n)
{
	*ret = ARENA_ARRAY(p->arena, struct rotate_holder, r->n_holders + 1);
	*ret_n = 0;
	if (!*ret)
		return ERR_FULL;
	for (size_t i = 0; i < r->n_holders; i++) {
		if (is_leaver(r, &r->holders[i]) || is_mine(r, &r->holders[i]))
			continue;
		struct rotate_holder *h = &(*ret)[(*ret_n)++];
		*h = (struct rotate_holder){ .holder = r->holders[i].grant.holder,
		                             .standing = id_eq(r->holders[i].grant.holder, r->own->desk) };
		struct stream_to to;
		if (h->standing) {
			enum err e = stream_to(p->flow, p->arena, h->holder, COMPARTMENT_HEAD, &to);
			if (e != OK)
				return e;
			h->to_key = to.key;
		}
	}
	return OK;
}

static enum err ask_vault(struct write_plan *p, const struct rotation *r, struct vault_rotate_reply *reply)
{
	struct vault_rotate ask = { .why = p->why, .controller = r->own->id, .case_id = r->case_id, .own = r->own_grant,
	                            .renewals = r->renewals, .shred_slot = (uint32_t)r->mine->shred_slot,
	                            .recovery = r->dossier->recovery, .compartments = r->turn };
	struct older_keys *older = NULL;
	struct rotate_holder *holders = NULL;
	enum err e;
	if ((e = rotation_older(p->arena, r, &older, &ask.n_older)) != OK ||
	    (e = remaining(p, r, &holders, &ask.n_holders)) != OK)
		return e;
	ask.older = older;
	ask.holders = holders;
	return vault_rotate(p->flow->vault, p->arena, &ask, reply);
}

/* ---- the rows ---- */

static enum err renew(struct write_plan *p, const struct row_grants *g, struct str renewal)
{
	struct row_grants row = *g;
	struct str before = g->renewals.p ? g->renewals : STR("");
	struct buf b = buf_new(p->arena, before.n + renewal.n);
	buf_str(&b, before);
	buf_str(&b, renewal);
	if (before.n + renewal.n > RENEWALS_MOST || buf_is_full(&b))
		return ERR_FULL;
	row.renewals = buf_view(&b);
	row.version++;
	return change_grant(p, &row);
}

static enum err plan_grants(struct write_plan *p, const struct rotation *r, const struct vault_rotate_reply *reply)
{
	size_t next = 0;
	enum err e = OK;
	for (size_t i = 0; e == OK && i < r->n_holders; i++) {
		const struct q_holders_of_case_row *h = &r->holders[i];
		if (is_mine(r, h)) {
			struct row_grants row = h->grant;
			row.accepted = reply->own;
			row.renewals = STR_UNSET;
			row.version++;
			e = change_grant(p, &row);
		} else if (is_leaver(r, h)) {
			e = drop_grant(p, &h->grant);
		} else {
			assert_always(next < reply->n_renewals && id_eq(reply->renewals[next].holder, h->grant.holder));
			e = renew(p, &h->grant, reply->renewals[next++].grant);
		}
	}
	return e;
}

enum err rotation_plan_desk(struct write_plan *p, const struct rotation *r, struct str own)
{
	size_t people = 0;
	uint32_t serial = 0;
	struct stream_to to;
	for (size_t i = 0; i < r->n_holders; i++) {
		const struct q_holders_of_case_row *h = &r->holders[i];
		if ((uint32_t)h->grant.serial > serial)
			serial = (uint32_t)h->grant.serial;
		if (id_eq(h->grant.holder, r->own->desk))
			return OK;
		people += h->disabled.set && !is_leaver(r, h) && keeps_cases(h->certificate, r->own->kind);
	}
	/* From a manager's head the desk would get no more than that, and hold the case in name alone. */
	if (r->place >= 0 || people >= 2 || (r->held & ~IN(HEAD)) == 0)
		return OK;
	enum err e = stream_to(p->flow, p->arena, r->own->desk, COMPARTMENT_HEAD, &to);
	if (e != OK)
		return e;
	struct vault_grant ask = { .why = p->why, .controller = r->own->id, .case_id = r->case_id, .own = own,
	                           .shred_slot = (uint32_t)r->mine->shred_slot,
	                           .wish = { .holder = r->own->desk, .standing = true, .to_key = to.key, .compartments = r->held,
	                                     .purpose = PURPOSE_CASE_WORK, .serial = serial + 1 } };
	struct vault_grant_reply reply = { .status = OK };
	if ((e = vault_grant(p->flow->vault, p->arena, &ask, &reply)) != OK)
		return e;
	struct row_grants row = { .holder = r->own->desk, .case_id = r->case_id, .controller = r->own->id,
	                          .shred_slot = r->mine->shred_slot, .place = case_place(r->case_id), .serial = serial + 1, .version = 1,
	                          .wrapped = reply.grant };
	return put_grant(p, &row);
}

static enum err plan_jobs(struct write_plan *p, const struct rotation *r)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < r->n_jobs; i++) {
		struct row_jobs row = r->jobs[i];
		if (row.kind != JOB_ROTATE || !(r->turn >> (unsigned)row.compartment & 1))
			continue;
		row.done = (struct i64_maybe){ true, p->not_before.us };
		row.version++;
		e = finish_job(p, &row);
	}
	return e;
}

enum err rotation_plan(struct write_plan *p, struct rotation *r, struct str *ret_own)
{
	struct vault_rotate_reply *reply = ARENA_NEW(p->arena, struct vault_rotate_reply);
	if (!reply)
		return ERR_FULL;
	enum err e = ask_vault(p, r, reply);
	for (size_t i = 0; e == OK && i < reply->n_streams; i++) {
		struct row_streams row = stream_row(r->case_id, &reply->streams[i]);
		e = put_stream(p, &row);
	}
	if (e == OK)
		e = plan_grants(p, r, reply);
	if (e == OK)
		e = rotation_plan_desk(p, r, reply->own);
	if (e == OK)
		e = plan_jobs(p, r);
	*ret_own = reply->own;
	return e;
}

/* flow/leaving.c — somebody is taken off a case: the grant goes, and the streams get new keys in the same moment. */
#include "flow/act.h"
#include "flow/rotation.h"
#include "flow/rows.h"
#include "flow/standing.h"

static bool leaver_of(const struct decision *d, struct id16 *ret)
{
	for (size_t i = 0; i < d->n_events; i++)
		if (d->events[i].kind == EV_MEMBER_LEFT) {
			*ret = ((const struct ev_member_left *)d->events[i].data)->member.id;
			return true;
		}
	return false;
}

static uint32_t streams_in(const struct rotation *r)
{
	uint32_t all = 0;
	for (size_t i = 0; i < r->n_streams; i++)
		all |= UINT32_C(1) << (unsigned)r->streams[i].compartment;
	return all;
}

static bool waits_already(const struct rotation *r, unsigned compartment)
{
	for (size_t i = 0; i < r->n_jobs; i++)
		if (r->jobs[i].kind == JOB_ROTATE && r->jobs[i].compartment == compartment)
			return true;
	return false;
}

/* What cannot be done now waits for the next who can, on Min dag. */
static enum err plan_rest(struct write_plan *p, const struct rotation *r)
{
	uint32_t rest = streams_in(r) & ~r->turn;
	struct id16 *ids = NULL;
	enum err e = random_ids(p->arena, STREAMS_MAX, &ids);
	for (unsigned c = 0; e == OK && c < STREAMS_MAX; c++) {
		struct row_jobs row = { .job_id = ids[c], .kind = JOB_ROTATE, .case_id = r->case_id, .compartment = c, .version = 1 };
		if ((rest & (UINT32_C(1) << c)) && !waits_already(r, c))
			e = put_job(p, &row);
	}
	return e;
}

/* No new key is made by, or for, whoever leaves; or to a desk that waits for its own. */
static enum err leave_later(struct write_plan *p, const struct rotation *r)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < r->n_holders; i++)
		if (id_eq(r->holders[i].grant.holder, r->leaver))
			e = drop_grant(p, &r->holders[i].grant);
	return e == OK ? rotation_plan_desk(p, r, p->on->grant) : e;
}

static enum err leave_now(struct write_plan *p, struct rotation *r)
{
	struct loaded *l = p->on;
	struct str own = STR_UNSET;
	r->turn = streams_in(r) & l->held;
	enum err e = rotation_plan(p, r, &own);
	if (e != OK)
		return e;
	/* What is written from here on, first of all this event, is in the new epoch. */
	l->grant = p->grant = own;
	for (unsigned c = 0; c < STREAMS_MAX; c++)
		if (r->turn & (UINT32_C(1) << c))
			l->stream[c].epoch++;
	return OK;
}

enum err plan_leaving(struct write_plan *p, const struct decision *d)
{
	struct loaded *l = p->on;
	struct rotation r;
	struct id16 leaver;
	bool later = false;
	if (!leaver_of(d, &leaver))
		return OK;
	enum err e = rotation_read(p->flow, p->arena, &l->who, l->case_id, &r);
	if (e != OK || (e = rotation_waits_for_desk(p->flow, p->arena, &r, &later)) != OK)
		return e;
	r.leaver = leaver;
	r.held = l->held;
	r.own_grant = l->grant;
	r.renewals = STR_UNSET;
	for (size_t i = 0; i < r.n_streams; i++)
		if (l->stream[r.streams[i].compartment].epoch != (uint32_t)r.streams[i].epoch)
			return ERR_CONFLICT; /* a new epoch came between opening and this */
	e = later || id_eq(leaver, l->who.user) ? leave_later(p, &r) : leave_now(p, &r);
	return e == OK ? plan_rest(p, &r) : e;
}

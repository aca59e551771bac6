/* flow/waiting.c — the new epochs that wait for somebody who can make them: done when such a person opens Min dag. */
#include "flow/rotation.h"
#include "flow/rows.h"
#include "flow/standing.h"
#include "crypto/bytes.h"
#include <string.h>

/* A page must not wait for the work of a year; the next opening goes on. */
#define AT_ONCE 16
#define LOOKED_AT 64
#define LIST_LIMIT 4096
#define TRIES 3
#define SCRATCH ((size_t)8 << 20)

/* What the summary says, to be sealed again in the new epoch; and which compartments are in hand. */
static enum err open_summary(struct flow *f, struct arena *a, const struct vault_why *why, struct rotation *r,
                             struct instant *ret_now, struct str *ret_plain)
{
	struct open_item item;
	struct open_group group = grant_group(r->mine, &item, 0);
	struct older_keys *older = NULL;
	enum err e = rotation_older(a, r, &older, &group.n_older);
	if (e != OK)
		return e;
	group.older = older;
	if (r->summary) {
		item = (struct open_item){ .at = summary_at(r->own->id, r->case_id, (uint32_t)r->summary->epoch,
		                                            (uint64_t)r->summary->version), .envelope = r->summary->envelope };
		group.n_items = 1;
	}
	struct vault_open ask = { .why = *why, .groups = &group, .n_groups = 1 };
	struct vault_open_reply reply = { .status = OK };
	if ((e = vault_open(f->vault, a, &ask, &reply)) != OK)
		return e;
	*ret_now = reply.now;
	if (reply.n_groups != 1 || reply.groups[0].n_items != group.n_items)
		return ERR_CORRUPT;
	r->held = reply.groups[0].held & ~(UINT32_C(1) << 31);
	*ret_plain = STR_UNSET;
	if (group.n_items == 0 || reply.groups[0].items[0].status == ERR_DENIED)
		return OK;
	*ret_plain = reply.groups[0].items[0].plain;
	return reply.groups[0].items[0].status;
}

/* Lists open a summary with the newest key alone, so it goes along into the new epoch. */
static enum err plan_summary(struct write_plan *p, const struct rotation *r, struct str plain)
{
	if (!plain.p || !(r->turn & COMPARTMENT_BIT(COMPARTMENT_HEAD)))
		return OK;
	struct row_summaries row = { .place = case_place(r->case_id), .case_id = r->case_id, .version = r->summary->version + 1 };
	for (size_t i = 0; i < r->n_streams; i++)
		if (r->streams[i].compartment == COMPARTMENT_HEAD)
			row.epoch = r->streams[i].epoch + 1;
	return put_summary(p, r->own->id, &row, plain);
}

static uint32_t wanted(const struct rotation *r)
{
	uint32_t w = 0;
	for (size_t i = 0; i < r->n_jobs; i++)
		if (r->jobs[i].kind == JOB_ROTATE && r->jobs[i].compartment < STREAMS_MAX)
			w |= UINT32_C(1) << (unsigned)r->jobs[i].compartment;
	return w;
}

/* A person whose grant has none of the waiting streams would ask the vault, and be logged, at each Min dag in vain. What
 * came of it is remembered for this state of the grant and the jobs; forgetting costs one question. */
static _Atomic uint64_t *idle_place(struct flow *f, const struct rotation *r, uint64_t *ret_mark)
{
	struct { struct id16 holder, case_id; int64_t version; uint64_t wanted; } key;
	struct id16 hash;
	memset(&key, 0, sizeof key);
	key.holder = r->mine->holder;
	key.case_id = r->case_id;
	key.version = r->mine->version;
	key.wanted = wanted(r);
	bytes_blake16("avh.web.idle.v1", (struct str){ (const char *)&key, sizeof key }, hash.b);
	memcpy(ret_mark, hash.b, sizeof *ret_mark);
	return &f->idle[(hash.b[8] << 8 | hash.b[9]) % IDLE];
}

/* One dossier. *ret_done: something of it was done. */
static enum err turn_one(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                         struct id16 case_id, bool *ret_asked, bool *ret_done)
{
	struct rotation r;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_UPKEEP, .act = STR("new_epoch"), .asked = case_id,
	                         .reason = STR("") };
	struct str plain = STR_UNSET, own = STR_UNSET;
	struct instant now = INSTANT_UNSET;
	bool later = false;
	uint64_t mark = 0;
	*ret_done = false;
	enum err e = rotation_read(f, a, who, case_id, &r);
	if (e != OK || wanted(&r) == 0 || (e = rotation_waits_for_desk(f, a, &r, &later)) != OK || later)
		return e;
	_Atomic uint64_t *idle = idle_place(f, &r, &mark);
	if (*idle == mark)
		return OK;
	*ret_asked = true;
	if ((e = open_summary(f, a, &why, &r, &now, &plain)) != OK)
		return e;
	r.turn = wanted(&r) & r.held;
	if (r.turn == 0) {
		*idle = mark;
		return OK;
	}
	struct write_plan p;
	struct loaded *on = ARENA_NEW(a, struct loaded);
	if (!on)
		return ERR_FULL;
	on->case_id = case_id;
	on->shred_slot = (uint32_t)r.mine->shred_slot;
	on->now = now;
	plan_begin(&p, f, a, &why, on);
	if ((e = rotation_plan(&p, &r, &own)) != OK)
		return e;
	p.grant = r.place < 0 ? own : STR_UNSET;
	if ((e = plan_summary(&p, &r, plain)) != OK || (e = plan_run(&p)) != OK)
		return e;
	*ret_done = true;
	return r.place < 0 ? OK : flow_tell_standing(f, a, r.own, (size_t)r.place);
}

/* Somebody else may have been first, or have saved in between: then it is read again. */
static enum err turn(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *who,
                     struct id16 case_id, bool *ret_asked, bool *ret_done)
{
	enum err e = ERR_CONFLICT;
	*ret_asked = false;
	for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
		e = turn_one(f, a, c, who, case_id, ret_asked, ret_done);
		if (e == OK && *ret_done)
			flow_freshen(f, a, c, who);
	}
	return e;
}

/* The standing dossiers first: what is sealed to a desk in a case needs the desk's new key. */
static size_t standing_first(const struct controller_info *own, struct q_my_jobs_row *rows, size_t n)
{
	size_t at = 0;
	for (size_t k = 0; k < STANDING_MAX; k++)
		for (size_t i = at; i < n; i++)
			if (id_eq(rows[i].case_id, standing_at(own, k))) {
				struct q_my_jobs_row first = rows[i];
				rows[i] = rows[at];
				rows[at++] = first;
			}
	return at;
}

static enum err waiting_rows(struct flow *f, struct arena *a, const struct vault_who *who, struct q_my_jobs_row **ret,
                             size_t *ret_n)
{
	struct db *db = store_reader(f->store);
	enum err e = q_my_jobs(db, a, asker_of(who), LIST_LIMIT, ret, ret_n);
	store_reader_done(f->store, db);
	return e;
}

enum err flow_new_epochs(struct flow *f, struct arena *a, const struct cookie_secret *c, struct new_epochs *ret)
{
	struct vault_who who;
	struct q_my_jobs_row *rows = NULL;
	size_t n = 0;
	*ret = (struct new_epochs){ .done = 0 };
	enum err e = flow_who(f, a, c, &who);
	if (e != OK || (e = waiting_rows(f, a, &who, &rows, &n)) != OK || n == 0)
		return e;
	const struct controller_info *own = flow_controller(f, who.controller);
	_cleanup_(arena_freep) struct arena *scratch = arena_new(SCRATCH);
	if (!own || !scratch)
		return own ? ERR_SYSTEM : ERR_DENIED;
	size_t first = standing_first(own, rows, n), cases = n - first, begin = bytes_random_id().b[0], asked_vault = 0;
	for (size_t i = 0; i < n && i < LOOKED_AT && asked_vault < AT_ONCE; i++) {
		bool asked = false, done = false;
		/* The cases from another place each time, so that none waits behind what nobody here can do. */
		size_t at = i < first ? i : first + (i - first + begin) % cases;
		/* What one dossier lacks must not keep the others waiting; its job stays. */
		e = turn(f, scratch, c, &who, rows[at].case_id, &asked, &done);
		asked_vault += asked;
		if (e == ERR_NO_SESSION || e == ERR_LOCKED || e == ERR_VAULT_GONE)
			return e;
		ret->done += done;
		arena_reset(scratch);
	}
	e = waiting_rows(f, a, &who, &rows, &n);
	ret->waiting = n;
	return e;
}

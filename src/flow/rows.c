/* flow/rows.c — binds each kind of row to its statement, its associated data and its name in the log. */
#include "flow/rows.h"
#include <string.h>

struct envelope_at event_at(struct id16 controller, struct id16 case_id, unsigned compartment, uint32_t epoch, uint64_t seq)
{
	return (struct envelope_at){ .controller = controller, .case_id = case_id, .compartment = (uint16_t)compartment,
	                             .slot = SLOT_EVENT, .epoch = epoch, .seq = seq, .version = 1 };
}

struct envelope_at snapshot_at(struct id16 controller, struct id16 case_id, unsigned compartment, uint32_t epoch,
                               uint64_t seq, uint64_t version)
{
	return (struct envelope_at){ .controller = controller, .case_id = case_id, .compartment = (uint16_t)compartment,
	                             .slot = SLOT_SNAPSHOT, .epoch = epoch, .seq = seq, .version = version };
}

struct envelope_at summary_at(struct id16 controller, struct id16 case_id, uint32_t epoch, uint64_t version)
{
	return (struct envelope_at){ .controller = controller, .case_id = case_id, .compartment = COMPARTMENT_HEAD,
	                             .slot = SLOT_SUMMARY, .epoch = epoch, .version = version };
}

/* Rungs and deposits are bound to their first version: later versions change clear columns only. */
struct envelope_at rung_at(struct id16 controller, const struct row_rungs *r)
{
	return (struct envelope_at){ .controller = controller, .case_id = r->assignee, .slot = SLOT_RUNG,
	                             .epoch = (uint32_t)r->epoch, .version = 1, .row = r->rung_id };
}

struct envelope_at deposit_at(struct id16 controller, const struct row_deposits *r)
{
	return (struct envelope_at){ .controller = controller, .case_id = r->case_id,
	                             .compartment = (uint16_t)r->compartment, .slot = SLOT_DEPOSIT,
	                             .epoch = (uint32_t)r->epoch, .version = 1, .row = r->deposit_id };
}

struct envelope_at directory_at(struct id16 controller, const struct row_directory *r)
{
	return (struct envelope_at){ .controller = controller, .case_id = r->directory, .slot = SLOT_DIRECTORY,
	                             .epoch = (uint32_t)r->epoch, .version = (uint64_t)r->version, .row = r->user_id };
}

struct open_group grant_group(const struct row_grants *g, const struct open_item *items, size_t n)
{
	return (struct open_group){ .grant = g->accepted.p ? g->accepted : g->wrapped, .renewals = g->renewals,
	                            .shred_slot = (uint32_t)g->shred_slot, .items = items, .n_items = n };
}

struct row_events next_event_row(struct id16 case_id, unsigned compartment, const struct stream_state *s)
{
	int64_t seq = (int64_t)s->seq + 1;
	return (struct row_events){ .place = event_place(case_id, compartment, seq), .case_id = case_id, .compartment = compartment,
	                            .seq = seq, .epoch = s->epoch };
}

/* A statement that takes the row with its envelope filled in: one function a table. */
#define RUN_SEALED(table, column, statement) \
	static enum err run_##statement(struct db *db, const struct planned *p, struct str envelope) \
	{ \
		struct row_##table r = *(const struct row_##table *)p->row; \
		r.column = envelope; \
		return q_##statement(db, &r); \
	}
#define RUN_ROW(table, statement) \
	static enum err run_##statement(struct db *db, const struct planned *p, struct str envelope) \
	{ \
		(void)envelope; \
		return q_##statement(db, (const struct row_##table *)p->row); \
	}
RUN_SEALED(events, envelope, event_insert)
RUN_SEALED(snapshots, envelope, snapshot_put)
RUN_SEALED(summaries, envelope, summary_put)
RUN_SEALED(rungs, payload, rung_insert)
RUN_SEALED(directory, envelope, directory_put)
static enum err run_deposit_insert(struct db *db, const struct planned *p, struct str envelope)
{
	struct row_deposits r = *(const struct row_deposits *)p->row;
	r.payload = envelope;
	return q_deposit_insert(db, &r, event_place(r.case_id, r.compartment, 0));
}
RUN_ROW(cases, case_insert)
RUN_ROW(streams, stream_insert)
RUN_ROW(grants, grant_insert)
RUN_ROW(grants, grant_update)
RUN_ROW(buckets, bucket_insert)
RUN_ROW(idempotency, idempotency_insert)
RUN_ROW(users, user_insert)
RUN_ROW(users, user_update)
RUN_ROW(invitations, invitation_insert)
RUN_ROW(jobs, job_insert)

/* Copies the row into the arena, so that the caller's may go. */
#define KEEP(p, r) arena_copy((p)->arena, (r), sizeof *(r))
static const void *arena_copy(struct arena *a, const void *from, size_t n)
{
	void *to = arena_take(a, n);
	if (to)
		memcpy(to, from, n);
	return to;
}

#define SEALED(table, to_, at_, stamp_, late_, statement) \
	const struct row_##table *kept = KEEP(p, r); \
	if (!kept) \
		return ERR_FULL; \
	struct seal_item item = { .to = (to_), .at = (at_), .log_row = row_name_##table(r), \
	                          .clear_row = row_clear_##table(p->arena, r), .plain = plain, \
	                          .stamp = (stamp_), .late = (late_) };

enum err put_event(struct write_plan *p, struct id16 controller, const struct row_events *r, struct str plain)
{
	if (r->seq >= EVENT_SEQ_MAX)
		return ERR_FULL;
	SEALED(events, SEAL_STREAM, event_at(controller, r->case_id, (unsigned)r->compartment, (uint32_t)r->epoch,
	                                     (uint64_t)r->seq), true, false, event_insert)
	return plan_sealed(p, &item, run_event_insert, kept);
}

enum err put_snapshot(struct write_plan *p, struct id16 controller, const struct row_snapshots *r, struct str plain)
{
	SEALED(snapshots, SEAL_STREAM, snapshot_at(controller, r->case_id, (unsigned)r->compartment, (uint32_t)r->epoch,
	                                           (uint64_t)r->seq, (uint64_t)r->version), false, false, snapshot_put)
	return plan_sealed(p, &item, run_snapshot_put, kept);
}

enum err put_summary(struct write_plan *p, struct id16 controller, const struct row_summaries *r, struct str plain)
{
	SEALED(summaries, SEAL_STREAM, summary_at(controller, r->case_id, (uint32_t)r->epoch, (uint64_t)r->version),
	       false, false, summary_put)
	return plan_sealed(p, &item, run_summary_put, kept);
}

enum err put_rung(struct write_plan *p, struct id16 controller, const struct row_rungs *r,
                  const struct deposit_key *desk, struct str plain)
{
	SEALED(rungs, desk ? SEAL_DEPOSIT : SEAL_USER, rung_at(controller, r), false, true, rung_insert)
	item.recipient = r->assignee;
	if (desk)
		item.to_key = *desk;
	return plan_sealed(p, &item, run_rung_insert, kept);
}

enum err put_deposit(struct write_plan *p, struct id16 controller, const struct row_deposits *r,
                     const struct deposit_key *key, struct str plain)
{
	SEALED(deposits, SEAL_DEPOSIT, deposit_at(controller, r), false, true, deposit_insert)
	item.to_key = *key;
	return plan_sealed(p, &item, run_deposit_insert, kept);
}

enum err put_directory(struct write_plan *p, struct id16 controller, const struct row_directory *r, struct str plain)
{
	SEALED(directory, SEAL_STANDING, directory_at(controller, r), false, false, directory_put)
	return plan_sealed(p, &item, run_directory_put, kept);
}

#define WHOLE(table, statement) \
	const struct row_##table *kept = KEEP(p, r); \
	struct row_ref ref; \
	if (!kept) \
		return ERR_FULL; \
	enum err e = row_ref_##table(p->arena, r, &ref); \
	return e != OK ? e : plan_row(p, &ref, run_##statement, kept);

enum err put_case(struct write_plan *p, const struct row_cases *r)
{
	WHOLE(cases, case_insert)
}

enum err put_stream(struct write_plan *p, const struct row_streams *r)
{
	WHOLE(streams, stream_insert)
}

enum err put_grant(struct write_plan *p, const struct row_grants *r)
{
	WHOLE(grants, grant_insert)
}

enum err change_grant(struct write_plan *p, const struct row_grants *r)
{
	WHOLE(grants, grant_update)
}

enum err put_bucket(struct write_plan *p, const struct row_buckets *r)
{
	WHOLE(buckets, bucket_insert)
}

enum err put_idempotency(struct write_plan *p, const struct row_idempotency *r)
{
	WHOLE(idempotency, idempotency_insert)
}

enum err put_user(struct write_plan *p, const struct row_users *r)
{
	WHOLE(users, user_insert)
}

enum err change_user(struct write_plan *p, const struct row_users *r)
{
	WHOLE(users, user_update)
}

enum err put_invitation(struct write_plan *p, const struct row_invitations *r)
{
	WHOLE(invitations, invitation_insert)
}

enum err put_job(struct write_plan *p, const struct row_jobs *r)
{
	WHOLE(jobs, job_insert)
}

/* Statements that take single values, and count what they changed. */
static enum err run_accept_grant(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_grants *r = p->row;
	int64_t changed = 0;
	enum err e = q_grant_accept(db, r->holder, r->case_id, r->version, r->accepted, &changed);
	return e != OK ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err accept_grant(struct write_plan *p, const struct row_grants *r)
{
	WHOLE(grants, accept_grant)
}

static enum err run_finish_job(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_jobs *r = p->row;
	int64_t changed = 0;
	enum err e = q_job_done(db, r->job_id, r->done.v, r->version, &changed);
	return e != OK ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err finish_job(struct write_plan *p, const struct row_jobs *r)
{
	WHOLE(jobs, finish_job)
}

struct expected { struct arena *arena; struct id16 case_id; unsigned compartment; uint32_t epoch; };

/* Inside the transaction, with the memory of the request that waits for it. */
static enum err run_expect_epoch(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct expected *x = p->row;
	struct q_stream_epoch_row *now = NULL;
	enum err e = q_stream_epoch(db, x->arena, x->case_id, event_place(x->case_id, x->compartment, 0), &now, &(size_t){ 0 });
	return e != OK ? e : now && now->epoch == x->epoch ? OK : ERR_CONFLICT;
}

enum err expect_epoch(struct write_plan *p, struct id16 case_id, unsigned compartment, uint32_t epoch)
{
	struct expected *x = ARENA_NEW(p->arena, struct expected);
	if (!x)
		return ERR_FULL;
	*x = (struct expected){ p->arena, case_id, compartment, epoch };
	return plan_check(p, run_expect_epoch, x);
}

static enum err run_mark_deposit(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_deposits *r = p->row;
	return q_deposit_mark(db, r->deposit_id, r->accepted, r->version);
}

enum err mark_deposit(struct write_plan *p, const struct row_deposits *r)
{
	WHOLE(deposits, mark_deposit)
}

static enum err run_rewrap_deposit(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_deposits *r = p->row;
	int64_t changed = 0;
	enum err e = q_deposit_rewrap(db, r->deposit_id, r->version, r->payload, &changed);
	return e != OK ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err rewrap_deposit(struct write_plan *p, const struct row_deposits *r)
{
	WHOLE(deposits, rewrap_deposit)
}

static enum err run_rewrap_rung(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_rungs *r = p->row;
	int64_t changed = 0;
	enum err e = q_rung_rewrap(db, r->rung_id, r->version, r->payload, &changed);
	return e != OK ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err rewrap_rung(struct write_plan *p, const struct row_rungs *r)
{
	WHOLE(rungs, rewrap_rung)
}

static enum err run_redate_rung(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_rungs *r = p->row;
	int64_t changed = 0;
	enum err e = q_rung_redate(db, r->rung_id, r->due, r->profile, r->version, &changed);
	return e != OK ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err redate_rung(struct write_plan *p, const struct row_rungs *r)
{
	WHOLE(rungs, redate_rung)
}

#define GONE(table, statement) \
	const struct row_##table *kept = KEEP(p, r); \
	struct row_ref ref; \
	if (!kept) \
		return ERR_FULL; \
	row_gone_##table(r, &ref); \
	return plan_row(p, &ref, run_##statement, kept);

static enum err run_drop_grant(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_grants *r = p->row;
	return q_grant_delete(db, r->holder, r->case_id);
}

enum err drop_grant(struct write_plan *p, const struct row_grants *r)
{
	GONE(grants, drop_grant)
}

static enum err run_drop_invitation(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_invitations *r = p->row;
	return q_invitation_delete(db, r->user_id);
}

enum err drop_invitation(struct write_plan *p, const struct row_invitations *r)
{
	GONE(invitations, drop_invitation)
}

/* A rung may have been cancelled by someone else a moment ago: then there is nothing to name either. */
static enum err run_drop_rung(struct db *db, const struct planned *p, struct str envelope)
{
	(void)envelope;
	const struct row_rungs *r = p->row;
	int64_t changed = 0;
	return q_rung_delete(db, r->rung_id, &changed);
}

/* The clock may fire a rung in the same moment: a deletion outranks it. */
#define GONE_VERSION (UINT64_C(1) << 40)

enum err drop_rung(struct write_plan *p, const struct row_rungs *r)
{
	const struct row_rungs *kept = KEEP(p, r);
	struct row_ref ref;
	if (!kept)
		return ERR_FULL;
	row_gone_rungs(r, &ref);
	ref.version += GONE_VERSION;
	return plan_row(p, &ref, run_drop_rung, kept);
}

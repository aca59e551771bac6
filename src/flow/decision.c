/* flow/decision.c — turns a decision of the core into rows: events, snapshots, the summary, rungs, packages. */
#include "flow/rows.h"
#include "flow/lines.h"

#define RUNG_CEILING 512

/* A stream's snapshot reaches what was loaded: those events carry their stamps already. */
static enum err snapshots(struct write_plan *p, const struct decision *d)
{
	struct loaded *l = p->on;
	uint32_t touched = 0;
	for (size_t i = 0; i < d->n_events; i++)
		touched |= UINT32_C(1) << d->events[i].compartment;
	for (unsigned c = 0; c < STREAMS_MAX; c++) {
		struct stream_state *s = &l->stream[c];
		if (!(touched & (UINT32_C(1) << c)) || s->seq - s->snapshot_seq < SNAPSHOT_EVERY)
			continue;
		assert_always(s->opened);
		struct row_snapshots row = { .place = event_place(l->case_id, c, 0), .case_id = l->case_id, .compartment = (int64_t)c, .seq = s->seq,
		                             .epoch = s->epoch, .version = (int64_t)s->snapshot_version + 1 };
		enum err e = put_snapshot(p, l->controller, &row, snapshot_encode(p->arena, l->state, (uint16_t)c));
		if (e != OK)
			return e;
	}
	return OK;
}

static enum err events(struct write_plan *p, const struct decision *d, const struct facts *f)
{
	struct loaded *l = p->on;
	for (size_t i = 0; i < d->n_events; i++) {
		struct event e = d->events[i];
		struct stream_state *s = &l->stream[e.compartment];
		assert_always(e.compartment < STREAMS_MAX && s->there);
		/* The author and the moment are the vault's to write. */
		e.author_name = e.author_title = STR_UNSET;
		struct row_events row = next_event_row(l->case_id, e.compartment, s);
		enum err err = put_event(p, l->controller, &row, event_encode(p->arena, &e));
		if (err != OK)
			return err;
		s->seq++;
		l->version.seq[e.compartment] = s->seq;
		e.seq = s->seq;
		e.noted = f->now;
		e.author = f->actor.user;
		e.author_name = f->actor.name;
		e.author_title = f->actor.title;
		case_apply(p->arena, l->state, &e);
	}
	return OK;
}

static struct str summary_of(struct write_plan *p)
{
	struct summary s;
	case_summary(p->arena, p->on->state, &s);
	return summary_encode(p->arena, &s);
}

/* What lists show is written when it has changed, or is not under the newest key. A case that was not loaded to write is
 * loaded again. */
static enum err summary(struct write_plan *p, struct str before)
{
	struct loaded *l = p->on;
	if (!l->summary_read)
		return ERR_CONFLICT;
	struct str now = summary_of(p);
	struct row_summaries row = { .place = case_place(l->case_id), .case_id = l->case_id, .epoch = l->stream[COMPARTMENT_HEAD].epoch,
	                             .version = (int64_t)l->summary_version + 1 };
	if (l->summary_version > 0 && l->summary_epoch == row.epoch && now.p && str_eq(now, before))
		return OK;
	return put_summary(p, l->controller, &row, now);
}

static enum err rungs(struct write_plan *p, const struct decision *d, const struct facts *f)
{
	struct loaded *l = p->on;
	struct stream_to to = { .key = { .epoch = 0 } };
	struct summary s;
	case_summary(p->arena, l->state, &s);
	for (size_t i = 0; i < d->n_rungs; i++) {
		const struct rung *r = &d->rungs[i];
		bool desk = id_eq(r->assignee, f->desk);
		enum err e;
		if (desk && to.key.epoch == 0 && (e = stream_to(p->flow, p->arena, f->desk, COMPARTMENT_HEAD, &to)) != OK)
			return e;
		struct buf b = buf_new(p->arena, RUNG_CEILING);
		line_id(&b, STR("case"), l->case_id);
		line_id(&b, STR("task_id"), r->task_id);
		line_i64(&b, STR("task"), (int64_t)r->task);
		line_i64(&b, STR("step"), r->step);
		line_str(&b, STR("alias"), s.alias.p ? s.alias : STR(""));
		struct row_rungs row = { .rung_id = r->id, .assignee = r->assignee, .epoch = desk ? to.key.epoch : 0,
		                         .due = r->due.us, .severity = r->severity, .profile = p->flow->profile.version,
		                         .version = 1 };
		if (buf_is_full(&b))
			return ERR_FULL;
		if ((e = put_rung(p, l->controller, &row, desk ? &to.key : NULL, buf_view(&b))) != OK)
			return e;
	}
	return OK;
}

static enum err cancelled(struct write_plan *p, const struct decision *d)
{
	for (size_t i = 0; i < d->n_cancelled; i++) {
		struct row_rungs *row = NULL;
		struct db *db = store_reader(p->flow->store);
		enum err e = q_rung_row(db, p->arena, d->cancelled[i], &row, &(size_t){ 0 });
		store_reader_done(p->flow->store, db);
		if (e != OK)
			return e;
		if (row && (e = drop_rung(p, row)) != OK)
			return e;
	}
	return OK;
}

/* The police's desk, for a package to a dossier that does not exist yet. */
static struct id16 police_desk(const struct flow *f)
{
	for (size_t i = 0; i < f->n_controllers; i++)
		if (f->controllers[i].kind == CONTROLLER_POLICE)
			return f->controllers[i].desk;
	return (struct id16){ { 0 } };
}

static enum err packages(struct write_plan *p, const struct decision *d)
{
	for (size_t i = 0; i < d->n_packages; i++) {
		const struct package *k = &d->packages[i];
		bool to_desk = id_is_zero(k->to_case);
		struct id16 to = to_desk ? police_desk(p->flow) : k->to_case;
		struct stream_to stream;
		struct id16 *id = NULL;
		enum err e = stream_to(p->flow, p->arena, to, to_desk ? COMPARTMENT_HEAD : k->to_compartment, &stream);
		if (e != OK)
			return e;
		if ((e = random_ids(p->arena, 1, &id)) != OK)
			return e;
		struct row_deposits row = { .deposit_id = *id, .case_id = to,
		                            .compartment = to_desk ? COMPARTMENT_HEAD : k->to_compartment,
		                            .epoch = stream.key.epoch, .version = 1 };
		if ((e = put_deposit(p, stream.controller, &row, &stream.key, k->payload)) != OK)
			return e;
	}
	return OK;
}

enum err plan_decision(struct write_plan *p, const struct decision *d, const struct facts *f)
{
	enum err e;
	assert_always(!d->refused && d->n_events > 0);
	struct str before = summary_of(p);
	if ((e = snapshots(p, d)) != OK)
		return e;
	if ((e = events(p, d, f)) != OK)
		return e;
	if ((e = summary(p, before)) != OK)
		return e;
	if ((e = rungs(p, d, f)) != OK)
		return e;
	if ((e = cancelled(p, d)) != OK)
		return e;
	return packages(p, d);
}

/* core/acts_acute.c — acute help and its review, the daily contact, notes, threats: what must never wait. */
#include "core/work.h"

static const struct id16 nothing = { { 0 } };

/* ---- acute protection -------------------------------------------------------------------------------------------------- */

/* What would otherwise have stood in the way becomes a task with a name and a day (C4, scenario 6). */
static void missing_becomes_tasks(struct work *w, const struct ev_acute_measure *in)
{
	if (!w->k->taken) task_need(w, TASK_NAME_OFFICER);
	if (id_is_zero(w->second.id)) task_need(w, TASK_NAME_SECOND_OFFICER);
	if (w->k->n_conflicts == 0) task_need(w, TASK_DECLARE_CONFLICT);
	if (!w->k->protection) task_need(w, TASK_CHECK_PROTECTION);
	if (w->k->n_police_requests == 0) task_need(w, TASK_ASK_POLICE);
	task_need(w, TASK_PLAN_CONTINUATION);
	if (in->housing != YESNO_YES) return;
	if (in->police_asked != YESNO_YES) task_need(w, TASK_ASK_POLICE_HOUSING);
	task_need(w, TASK_CARE_PLAN);
}

/* Housing is a decision under SoL on the urgent path: one decider, completed the next working day. */
static void decide_housing(struct work *w, const struct ev_acute_measure *in)
{
	struct ev_investigation_opened *o = NEW(w, investigation_opened);
	struct ev_decision_made *d = NEW(w, decision_made);
	if (!o || !d) return;
	o->investigation = work_id(w);
	o->kind = INVESTIGATION_HOUSING;
	o->start = INVESTIGATION_APPLICATION;
	o->received = instant_day(w->f->now);
	d->investigation = o->investigation;
	d->outcome = OUTCOME_GRANTED;
	d->content = in->reason;
	d->ground = in->ground;
	d->decider = work_actor(w);
	d->urgent = YESNO_YES;
	work_emit(w, EV_INVESTIGATION_OPENED, o);
	work_emit(w, EV_DECISION_MADE, d);
	task_make(w, &(struct task_wish){ .kind = TASK_COMPLETE_DECISION, .due = INSTANT_UNSET, .about = o->investigation });
}

static void review_task(struct work *w, struct day review)
{
	task_fulfil(w, TASK_ACUTE_REVIEW, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_ACUTE_REVIEW, .due = instant_at(review, 17, 0) });
}

void act_start_acute(struct work *w, const struct cmd_start_acute *in)
{
	const struct ev_acute_measure *m = &in->acute_measure;
	struct day today = instant_day(w->f->now);
	work_emit(w, EV_ACUTE_MEASURE, m);
	if (m->housing == YESNO_YES) decide_housing(w, m);
	missing_becomes_tasks(w, m);
	if (w->k->acute) return; /* more help under protection that is already on */
	struct ev_acute_started *v = NEW(w, acute_started);
	if (!v) return;
	/* Four weeks are twenty-eight days, the first of them today. */
	struct day latest = day_add(today, w->profile->acute_review_days - 1);
	v->since = today;
	v->review = day_is_set(m->review) && m->review.n < latest.n ? m->review : latest;
	v->decider = work_actor(w);
	work_emit(w, EV_ACUTE_STARTED, v);
	w->acute = true;
	review_task(w, v->review);
	contact_renew(w);
	/* Decided by one, as the profile allows; a colleague goes through it the same or the next working day. */
	if (!profile_alone(w->profile, CMD_START_ACUTE)) return;
	task_make(w, &(struct task_wish){ .kind = TASK_SECOND_LOOK, .due = INSTANT_UNSET, .assignee = colleague_of(w, v->decider.id) });
}

void act_review_acute(struct work *w, const struct cmd_review_acute *in)
{
	work_emit(w, EV_ACUTE_REVIEWED, &in->acute_reviewed);
	review_task(w, in->acute_reviewed.review);
}

void act_end_acute(struct work *w, const struct cmd_end_acute *in)
{
	const struct ev_acute_ended *v = &in->acute_ended;
	work_emit(w, EV_ACUTE_ENDED, v);
	task_fulfil(w, TASK_ACUTE_REVIEW, nothing);
	/* Under an agreed plan the contact goes on as it stands; the pace is read at the next contact. */
	if (!w->k->plan_agreed) task_fulfil(w, TASK_CONTACT, nothing);
	if (v->follows == AFTER_ACUTE_NO_NEED) return;
	task_make(w, &(struct task_wish){ .kind = TASK_AFTER_ACUTE, .due = instant_at(v->from, 17, 0),
		.assignee = id_is_zero(v->owner.id) ? (struct person){ .name = STR_UNSET } : v->owner });
}

/* ---- notes and contact --------------------------------------------------------------------------------------------------- */

static void happened_at(struct event *e, struct instant typed)
{
	if (e) e->happened = typed;
}

void act_note(struct work *w, const struct cmd_note *in)
{
	struct event *e = work_emit(w, EV_NOTE, &in->note);
	happened_at(e, in->note.at);
	e->source = in->note.source;
}

void act_contact_done(struct work *w, const struct cmd_contact_done *in)
{
	happened_at(work_emit(w, EV_CONTACT_DONE, &in->contact_done), in->contact_done.at);
	task_fulfil(w, TASK_MOTIVATION_CONTACT, nothing);
	contact_renew(w);
	if (in->contact_done.mood != MOOD_WORRIED) return;
	task_make(w, &(struct task_wish){ .kind = TASK_FOLLOW_WORRY, .due = INSTANT_UNSET });
}

/* Logged, and never satisfies the watchdog: the contact task stays as it is. */
void act_contact_attempted(struct work *w, const struct cmd_contact_attempted *in)
{
	happened_at(work_emit(w, EV_CONTACT_ATTEMPTED, &in->contact_attempted), in->contact_attempted.at);
}

void act_report_threat(struct work *w, const struct cmd_report_threat *in)
{
	const struct ev_threat_reported *v = &in->threat_reported;
	struct ev_danger_known *known = NEW(w, danger_known);
	struct event *e = work_emit(w, EV_THREAT_REPORTED, v);
	if (!known) return;
	happened_at(e, v->at);
	e->source = v->source;
	known->danger = v->danger;
	work_emit(w, EV_DANGER_KNOWN, known);
	task_make(w, &(struct task_wish){ .kind = TASK_ANSWER_THREAT, .danger = v->danger == DANGER_YES,
		.due = INSTANT_UNSET });
}

/* ---- meetings -------------------------------------------------------------------------------------------------------------- */

void act_book_meeting(struct work *w, const struct cmd_book_meeting *in)
{
	struct ev_meeting_booked *v = record_copy(w->a, &record_rows[RECORD_meeting_booked], &in->meeting_booked);
	if (!v) return;
	v->meeting = work_id(w);
	work_emit(w, EV_MEETING_BOOKED, v);
	task_make(w, &(struct task_wish){ .kind = TASK_HOLD_MEETING, .due = v->at, .about = v->meeting });
}

/* Meeting the person is what the same-or-next-day clock waits for (inv.T1), and it is contact too. */
void act_hold_meeting(struct work *w, const struct cmd_hold_meeting *in)
{
	struct ev_meeting_held *v = record_copy(w->a, &record_rows[RECORD_meeting_held], &in->meeting_held);
	if (!v) return;
	if (id_is_zero(v->meeting)) v->meeting = work_id(w);
	else task_fulfil(w, TASK_HOLD_MEETING, v->meeting);
	happened_at(work_emit(w, EV_MEETING_HELD, v), v->at);
	if (!(v->parties & (UINT64_C(1) << PARTY_PERSON))) return;
	task_fulfil(w, TASK_FIRST_MEETING, nothing);
	task_fulfil(w, TASK_MOTIVATION_CONTACT, nothing);
	if (w->controller == CONTROLLER_SOCIAL) contact_renew(w);
}

/* ---- tasks and corrections --------------------------------------------------------------------------------------------------- */

void act_add_task(struct work *w, const struct cmd_add_task *in)
{
	task_make(w, &(struct task_wish){ .kind = TASK_OTHER, .due = in->task_created.due, .what = in->task_created.what,
		.assignee = id_is_zero(in->task_created.assignee.id) ? work_actor(w) : in->task_created.assignee });
}

void act_complete_task(struct work *w, const struct cmd_complete_task *in)
{
	task_tick(w, task_by_id(w->k, in->task_done.task));
}

/* The same task, with the day it had and its ladder made anew: what is overdue is overdue. */
void act_reopen_task(struct work *w, const struct cmd_reopen_task *in)
{
	const struct ev_task_ticked *t = w->k->ticked;
	struct ev_task_reopened *v = NEW(w, task_reopened);
	if (!v) return;
	v->task = in->task_reopened.task;
	v->kind = t->kind;
	v->what = t->what;
	work_emit(w, EV_TASK_REOPENED, v);
	struct person nobody = { .name = STR_UNSET };
	task_make(w, &(struct task_wish){ .kind = t->kind, .due = t->due, .about = t->about, .what = t->what,
		.assignee = w->k->ticked_left ? nobody : t->assignee, .danger = t->danger == YESNO_YES, .made = t->made, .id = t->task });
}

void act_hand_over_task(struct work *w, const struct cmd_hand_over_task *in)
{
	task_move(w, task_by_id(w->k, in->which_task.task), in->which_task.to);
}

/* Stands beside what it corrects, in the same part of the file. */
void act_correct_entry(struct work *w, const struct cmd_correct_entry *in)
{
	struct event *e = work_emit(w, EV_CORRECTION, &in->correction);
	e->compartment = in->correction.entry.compartment;
}

void act_record_consent(struct work *w, const struct cmd_record_consent *in)
{
	work_emit(w, EV_CONSENT_STATE, &in->consent_state);
}

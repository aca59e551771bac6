/* core/acts_decide.c — from assessment to plan: the position, the decisions under SoL, the goals, the agreed plan. */
#include "core/work.h"

static const struct id16 nothing = { { 0 } };

void act_request_decision(struct work *w, const struct cmd_request_decision *in)
{
	(void)in;
	work_phase(w, PHASE_DECISION_PENDING);
	task_fulfil(w, TASK_MOTIVATION_CONTACT, nothing);
}

/* inv.D3: a standpoint with a named role, never a decision that can be appealed. A no ends nothing by itself. */
void act_sign_position(struct work *w, const struct cmd_sign_position *in)
{
	const struct ev_position *v = &in->position;
	work_emit(w, EV_POSITION, v);
	if (v->included == YESNO_YES || !w->k->acute) return;
	task_make(w, &(struct task_wish){ .kind = TASK_AFTER_ACUTE, .due = instant_at(v->acute_until, 17, 0) });
}

/* ---- investigations ------------------------------------------------------------------------------------------------------ */

void act_open_investigation(struct work *w, const struct cmd_open_investigation *in)
{
	struct ev_investigation_opened *v = record_copy(w->a, &record_rows[RECORD_investigation_opened], &in->investigation_opened);
	if (!v) return;
	v->investigation = work_id(w);
	if (!day_is_set(v->received)) v->received = instant_day(w->f->now);
	work_emit(w, EV_INVESTIGATION_OPENED, v);
}

void act_propose_decision(struct work *w, const struct cmd_propose_decision *in)
{
	const struct ev_decision_proposed *v = &in->decision_proposed;
	work_emit(w, EV_DECISION_PROPOSED, v);
	task_fulfil(w, TASK_DECIDE, v->investigation);
	task_make(w, &(struct task_wish){ .kind = TASK_DECIDE, .about = v->investigation,
		.due = INSTANT_UNSET });
}

void act_decide_investigation(struct work *w, const struct cmd_decide_investigation *in)
{
	struct ev_decision_made *v = record_copy(w->a, &record_rows[RECORD_decision_made], &in->decision_made);
	if (!v) return;
	v->decider = work_actor(w);
	v->urgent = YESNO_NO;
	work_emit(w, EV_DECISION_MADE, v);
	task_fulfil(w, TASK_DECIDE, v->investigation);
}

void act_complete_decision(struct work *w, const struct cmd_complete_decision *in)
{
	work_emit(w, EV_DECISION_COMPLETED, &in->decision_completed);
	task_fulfil(w, TASK_COMPLETE_DECISION, in->decision_completed.investigation);
}

void act_end_investigation(struct work *w, const struct cmd_end_investigation *in)
{
	work_emit(w, EV_INVESTIGATION_ENDED, &in->investigation_ended);
	task_fulfil(w, TASK_DECIDE, in->investigation_ended.investigation);
}

/* ---- the plan --------------------------------------------------------------------------------------------------------------- */

void act_start_planning(struct work *w, const struct cmd_start_planning *in)
{
	work_emit(w, EV_PLANNING_STARTED, &in->planning_started);
	work_phase(w, PHASE_PLANNING);
}

void act_add_goal(struct work *w, const struct cmd_add_goal *in)
{
	struct ev_goal *v = record_copy(w->a, &record_rows[RECORD_goal], &in->goal);
	if (!v) return;
	v->goal = work_id(w);
	work_emit(w, EV_GOAL, v);
	task_fulfil(w, TASK_PLAN_CONTINUATION, nothing);
}

void act_change_goal(struct work *w, const struct cmd_change_goal *in)
{
	struct ev_goal *v = record_copy(w->a, &record_rows[RECORD_goal], &in->goal);
	if (!v) return;
	v->goal = in->which_goal.goal;
	work_emit(w, EV_GOAL, v);
}

void act_remove_goal(struct work *w, const struct cmd_remove_goal *in)
{
	work_emit(w, EV_GOAL_REMOVED, &in->goal_removed);
}

void act_name_contact_lead(struct work *w, const struct cmd_name_contact_lead *in)
{
	const struct ev_contact_lead *v = &in->contact_lead;
	work_emit(w, EV_CONTACT_LEAD, v);
	w->lead = v;
	for (size_t i = 0; i < w->k->n_tasks; i++)
		if (w->k->tasks[i].kind == TASK_CONTACT)
			task_move(w, &w->k->tasks[i], id_is_zero(v->lead.id) ? w->officer : v->lead);
}

void act_set_cadence(struct work *w, const struct cmd_set_cadence *in)
{
	work_emit(w, EV_CADENCE, &in->cadence);
	w->cadence = in->cadence.cadence;
	if (w->k->plan_agreed || w->acute) contact_renew(w);
}

/* The end of the foundation: the plan is agreed and the stabilising phase begins, with contact at its pace. */
void act_agree_plan(struct work *w, const struct cmd_agree_plan *in)
{
	struct ev_plan_words *v = record_copy(w->a, &record_rows[RECORD_plan_words], &in->plan_words);
	struct ev_plan_agreed *agreed = NEW(w, plan_agreed);
	struct day today = instant_day(w->f->now);
	if (!v || !agreed) return;
	if (!day_is_set(v->on)) v->on = today;
	agreed->on = v->on;
	work_emit(w, EV_PLAN_WORDS, v);
	work_emit(w, EV_PLAN_AGREED, agreed);
	work_phase(w, PHASE_STABILISING);
	w->cadence = w->k->cadence;
	task_fulfil(w, TASK_PLAN_CONTINUATION, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_FOLLOW_PLAN, .due = INSTANT_UNSET });
	contact_renew(w);
}

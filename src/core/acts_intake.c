/* core/acts_intake.c — the first acts of a case: intake, who works in it, conflict of interest, identity. */
#include "core/work.h"
#include <string.h>

static void put_danger(struct work *w, enum danger_now danger)
{
	struct ev_danger_known *v = NEW(w, danger_known);
	if (!v) return;
	v->danger = danger;
	work_emit(w, EV_DANGER_KNOWN, v);
}

static void put_opened(struct work *w, struct str alias, struct instant received)
{
	struct ev_case_opened *v = NEW(w, case_opened);
	if (!v) return;
	v->controller = w->controller;
	v->alias = alias;
	v->received = received;
	work_emit(w, EV_CASE_OPENED, v);
}

/* A number tells its own kind; without one the kind says no more than is known. */
static struct ev_identity *clean_identity(struct work *w, const struct ev_identity *in)
{
	struct ev_identity *v = record_copy(w->a, &record_rows[RECORD_identity], in);
	if (!v) return NULL;
	if (v->number.n == 12) v->id_kind = v->number.p[6] >= '6' ? ID_KIND_COORDINATION : ID_KIND_PERSONAL;
	else v->id_kind = day_is_set(v->birth) ? ID_KIND_BIRTH : ID_KIND_UNKNOWN;
	return v;
}

/* Promise 0: nothing but who asks, a safe way and the answer about danger is needed; the clock starts at receipt. */
void act_register_intake(struct work *w, const struct cmd_register_intake *in)
{
	struct instant received = instant_is_set(in->intake.received) ? in->intake.received : w->f->now;
	enum danger_now danger = in->danger_told.danger;
	put_opened(w, in->identity.alias, received);
	work_phase(w, PHASE_INTAKE);
	put_danger(w, danger);
	work_emit(w, EV_INTAKE, &in->intake)->happened = received;
	work_emit(w, EV_IDENTITY, clean_identity(w, &in->identity));
	work_emit(w, EV_DANGER_TOLD, &in->danger_told);
	task_make(w, &(struct task_wish){ .kind = TASK_FIRST_MEETING, .danger = danger == DANGER_YES,
		.due = instant_at(day_add(instant_day(received), w->profile->first_meeting_days), 23, 59) });
	task_need(w, TASK_NAME_OFFICER);
}

/* ---- officers -------------------------------------------------------------------------------------------------------- */

#define MOVES 13

/* Open tasks of the one before, or of whoever registered, go to the officer who is named now; with a new second
 * officer the ladders of the officer's own tasks are made anew (DECISIONS 34). */
static void move_tasks(struct work *w)
{
	bool ladder = !id_eq(w->k->second.id, w->second.id);
	size_t moved = 0;
	for (size_t i = 0; i < w->k->n_tasks && moved < MOVES; i++) {
		const struct task_state *t = &w->k->tasks[i];
		if (t->kind == TASK_NONE || task_row(t->kind)->who != TASK_FOR_OFFICER || t->kind == TASK_NAME_OFFICER) continue;
		if (t->kind == TASK_DECLARE_CONFLICT || t->kind == TASK_NAME_SECOND_OFFICER || t->kind == TASK_REPLACE_OFFICER) continue;
		bool own = id_eq(t->assignee.id, w->officer.id);
		if (own ? !ladder : w->k->taken && !id_eq(t->assignee.id, w->k->officer.id)) continue;
		task_move(w, t, w->officer);
		moved++;
	}
}

static bool has_declared(const struct kase *k, struct id16 who)
{
	for (size_t i = 0; i < k->n_conflicts; i++)
		if (id_eq(k->conflicts[i].who.id, who)) return true;
	return false;
}

static void name_officers(struct work *w, const struct ev_officers *in)
{
	struct ev_officers *v = NEW(w, officers);
	if (!v) return;
	*v = *in;
	if (id_is_zero(v->officer.id)) v->officer = work_actor(w);
	w->officer = v->officer;
	w->second = v->second;
	work_emit(w, EV_OFFICERS, v);
	task_fulfil(w, TASK_NAME_OFFICER, (struct id16){ { 0 } });
	task_fulfil(w, TASK_REPLACE_OFFICER, (struct id16){ { 0 } });
	move_tasks(w);
	if (id_is_zero(v->second.id)) task_need(w, TASK_NAME_SECOND_OFFICER);
	else task_fulfil(w, TASK_NAME_SECOND_OFFICER, (struct id16){ { 0 } });
	if (has_declared(w->k, v->officer.id)) return;
	task_fulfil(w, TASK_DECLARE_CONFLICT, (struct id16){ { 0 } });
	task_make(w, &(struct task_wish){ .kind = TASK_DECLARE_CONFLICT, .due = INSTANT_UNSET, .assignee = v->officer });
}

void act_take_case(struct work *w, const struct cmd_take_case *in)
{
	name_officers(w, &in->officers);
	work_phase(w, PHASE_INITIAL);
	if (!w->k->protection) task_need(w, TASK_CHECK_PROTECTION);
	if (w->k->n_police_requests == 0) task_need(w, TASK_ASK_POLICE);
}

void act_name_officers(struct work *w, const struct cmd_name_officers *in)
{
	name_officers(w, &in->officers);
}

void act_declare_conflict(struct work *w, const struct cmd_declare_conflict *in)
{
	struct ev_conflict_declared *v = record_copy(w->a, &record_rows[RECORD_conflict_declared], &in->conflict_declared);
	struct id16 me = w->f->actor.user;
	if (!v) return;
	v->who = work_actor(w);
	work_emit(w, EV_CONFLICT_DECLARED, v);
	for (size_t i = 0; i < w->k->n_tasks; i++)
		if (w->k->tasks[i].kind == TASK_DECLARE_CONFLICT && id_eq(w->k->tasks[i].assignee.id, me))
			task_close(w, &w->k->tasks[i], TASK_FULFILLED);
	if (v->conflict != YESNO_YES || (!id_eq(me, w->officer.id) && !id_eq(me, w->second.id))) return;
	/* The one who is biased does not look for the successor. */
	struct person other = id_eq(me, w->officer.id) ? w->second : w->officer;
	for (size_t i = 0; i < w->f->n_staff && id_is_zero(other.id); i++)
		if ((w->f->staff[i].roles & ROLE_BIT(COORDINATOR)) && !id_eq(w->f->staff[i].user, me))
			other = (struct person){ w->f->staff[i].user, w->f->staff[i].name };
	task_make(w, &(struct task_wish){ .kind = TASK_REPLACE_OFFICER, .due = INSTANT_UNSET, .assignee = other });
}

/* ---- identity ---------------------------------------------------------------------------------------------------------- */

void act_check_protected_identity(struct work *w, const struct cmd_check_protected_identity *in)
{
	struct ev_protection_checked *v = record_copy(w->a, &record_rows[RECORD_protection_checked], &in->protection_checked);
	if (!v) return;
	if (!day_is_set(v->checked)) v->checked = instant_day(w->f->now);
	work_emit(w, EV_PROTECTION_CHECKED, v);
	task_fulfil(w, TASK_CHECK_PROTECTION, (struct id16){ { 0 } });
}

void act_update_identity(struct work *w, const struct cmd_update_identity *in)
{
	work_emit(w, EV_IDENTITY, clean_identity(w, &in->identity));
	if (!str_eq(in->identity.alias, w->k->alias)) put_opened(w, in->identity.alias, w->k->received);
}

void act_add_person(struct work *w, const struct cmd_add_person *in)
{
	struct ev_person_added *v = record_copy(w->a, &record_rows[RECORD_person_added], &in->person_added);
	if (!v) return;
	v->person = work_id(w);
	work_emit(w, EV_PERSON_ADDED, v);
}

void act_name_member(struct work *w, const struct cmd_name_member *in)
{
	work_emit(w, EV_MEMBER_NAMED, &in->member_named);
}

/* What waits for the one who leaves goes to the officer, else to whoever the task's kind names. */
void act_remove_member(struct work *w, const struct cmd_remove_member *in)
{
	struct id16 leaver = in->member_left.member.id;
	struct person to = w->officer;
	if (id_is_zero(to.id) && !id_eq(w->f->actor.user, leaver)) to = work_actor(w);
	work_emit(w, EV_MEMBER_LEFT, &in->member_left);
	for (size_t i = 0; i < w->k->n_tasks; i++)
		if (id_eq(w->k->tasks[i].assignee.id, leaver)) task_move(w, &w->k->tasks[i], to);
}

/* ---- the police's dossier begins with a request -------------------------------------------------------------------------- */

void act_accept_request(struct work *w, const struct cmd_accept_request *in)
{
	const struct ev_request_accepted *r = &in->request_accepted;
	if (w->k->phase == PHASE_NONE) {
		struct ev_officers *v = NEW(w, officers);
		struct ev_identity *i = NEW(w, identity);
		if (!v || !i) return;
		put_opened(w, r->alias, w->f->now);
		work_phase(w, PHASE_INITIAL);
		v->officer = work_actor(w);
		w->officer = v->officer;
		work_emit(w, EV_OFFICERS, v);
		i->safe_way = STR("Gå genom socialtjänsten.");
		i->name = r->name;
		i->number = r->number;
		i->alias = r->alias;
		work_emit(w, EV_IDENTITY, clean_identity(w, i));
	}
	work_emit(w, EV_REQUEST_ACCEPTED, r);
	if (r->danger != DANGER_NOT_ASKED) put_danger(w, r->danger);
	task_need(w, TASK_ASSESS_THREAT);
	task_need(w, TASK_HAND_OVER_SUMMARY);
}

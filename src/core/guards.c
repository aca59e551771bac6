/* core/guards.c — every rule that may refuse: one small function each, by the name of its row in guards.def.
 *
 * A guard reads its command's input, the facts, head, and the compartments its row names; a test masks the rest. */
#include "core/work.h"

typedef bool (*guard)(const struct guard_case *c);
#define GUARDED(name, reads, police_reads, refusal, field) static bool pass_##name(const struct guard_case *c);
#include "tables/guards.def"
#undef GUARDED

static bool invited(uint64_t parties, enum party p)
{
	return (parties & (UINT64_C(1) << p)) != 0;
}

/* ---- people ------------------------------------------------------------------------------------------------------- */

static bool pass_two_officers(const struct guard_case *c)
{
	/* Both commands take the same record in the same place. */
	const struct ev_officers *v = &((const struct cmd_take_case *)c->in)->officers;
	struct id16 officer = id_is_zero(v->officer.id) ? c->f->actor.user : v->officer.id;
	return id_is_zero(v->second.id) || !id_eq(officer, v->second.id);
}

static bool has_conflict(const struct kase *k, struct id16 who)
{
	for (size_t i = 0; i < k->n_conflicts; i++)
		if (id_eq(k->conflicts[i].who.id, who)) return k->conflicts[i].conflict == YESNO_YES;
	return false;
}

static bool pass_officer_not_conflicted(const struct guard_case *c)
{
	const struct ev_officers *v = &((const struct cmd_take_case *)c->in)->officers;
	struct id16 officer = id_is_zero(v->officer.id) ? c->f->actor.user : v->officer.id;
	return !has_conflict(c->k, officer) && (id_is_zero(v->second.id) || !has_conflict(c->k, v->second.id));
}

static bool pass_lead_and_deputy_differ(const struct guard_case *c)
{
	const struct ev_contact_lead *v = &((const struct cmd_name_contact_lead *)c->in)->contact_lead;
	if (!person_is_set(v->deputy)) return true;
	if (id_is_zero(v->lead.id) && id_is_zero(v->deputy.id)) return !str_eq(v->lead.name, v->deputy.name);
	return !id_eq(v->lead.id, v->deputy.id);
}

static const struct person *leaver_in(const struct guard_case *c)
{
	return &((const struct cmd_remove_member *)c->in)->member_left.member;
}

static bool is_holder(const struct facts *f, struct id16 who)
{
	for (size_t i = 0; i < f->n_holders; i++)
		if (id_eq(f->holders[i], who)) return true;
	return false;
}

static bool pass_member_holds(const struct guard_case *c)
{
	return is_holder(c->f, leaver_in(c)->id);
}

static bool pass_member_has_no_duty(const struct guard_case *c)
{
	struct id16 who = leaver_in(c)->id;
	const struct ev_contact_lead *l = c->k->contact_lead;
	return !id_eq(who, c->k->officer.id) && !id_eq(who, c->k->second.id) &&
	       (!l || (!id_eq(who, l->lead.id) && !id_eq(who, l->deputy.id)));
}

static bool pass_holder_remains(const struct guard_case *c)
{
	return c->f->n_holders > 1;
}

/* ---- acute, meetings ------------------------------------------------------------------------------------------------ */

static bool pass_acute_on(const struct guard_case *c)
{
	return c->k->acute;
}

static bool pass_person_invited(const struct guard_case *c)
{
	const struct ev_meeting_booked *v = &((const struct cmd_book_meeting *)c->in)->meeting_booked;
	return v->kind != MEETING_COORDINATION || invited(v->parties, PARTY_PERSON);
}

static bool pass_meeting_exists(const struct guard_case *c)
{
	const struct ev_meeting_held *v = &((const struct cmd_hold_meeting *)c->in)->meeting_held;
	if (id_is_zero(v->meeting)) return true;
	for (size_t i = 0; i < c->k->n_meetings; i++)
		if (id_eq(c->k->meetings[i].id, v->meeting)) return !c->k->meetings[i].held;
	return false;
}

static bool pass_coordination_called(const struct guard_case *c)
{
	for (size_t i = 0; i < c->k->n_meetings; i++)
		if (c->k->meetings[i].kind == MEETING_COORDINATION && invited(c->k->meetings[i].parties, PARTY_PERSON)) return true;
	return false;
}

static bool pass_coordination_held(const struct guard_case *c)
{
	return coordination_held(c->k) != NULL;
}

static bool pass_requirements_presented(const struct guard_case *c)
{
	const struct meeting_state *m = coordination_held(c->k);
	return m && m->requirements == YESNO_YES;
}

static bool pass_summary_presented(const struct guard_case *c)
{
	const struct meeting_state *m = coordination_held(c->k);
	return m && m->summary_shown == YESNO_YES;
}

/* ---- disclosure grounds ---------------------------------------------------------------------------------------------- */

static const struct ev_police_requested *request_in(const struct guard_case *c)
{
	return &((const struct cmd_request_police *)c->in)->police_requested;
}

static const struct ev_summary_handed *summary_in(const struct guard_case *c)
{
	return &((const struct cmd_hand_over_summary *)c->in)->summary_handed;
}

static bool usable_from(enum disclosure_ground g, enum controller_kind k)
{
	const struct ground_row *row = ground_row(g);
	return row && (row->from & (UINT32_C(1) << k)) != 0;
}

static bool in_force(enum basis b, const struct facts *f)
{
	return basis_on(b, instant_day(f->now)) != NULL;
}

static bool ground_in_force(enum disclosure_ground g, const struct facts *f)
{
	const struct ground_row *row = ground_row(g);
	return row && in_force(row->basis, f);
}

static enum ground_needs needs_of(enum disclosure_ground g)
{
	const struct ground_row *row = ground_row(g);
	return row ? row->needs : GROUND_NEEDS_NOTHING;
}

static bool pass_general_clause_unused(const struct guard_case *c)
{
	return request_in(c)->ground != GROUND_GENERAL_CLAUSE;
}

static bool pass_ground_usable(const struct guard_case *c)
{
	return usable_from(request_in(c)->ground, CONTROLLER_SOCIAL);
}

static bool pass_ground_in_force(const struct guard_case *c)
{
	return ground_in_force(request_in(c)->ground, c->f);
}

static bool pass_balance_written(const struct guard_case *c)
{
	enum ground_needs n = needs_of(request_in(c)->ground);
	return (n != GROUND_NEEDS_BALANCE && n != GROUND_NEEDS_SECOND) || request_in(c)->balance.n > 0;
}

static bool pass_duty_named(const struct guard_case *c)
{
	return needs_of(request_in(c)->ground) != GROUND_NEEDS_DUTY || request_in(c)->balance.n > 0;
}

static bool pass_second_person_named(const struct guard_case *c)
{
	struct id16 second = request_in(c)->second.id;
	if (needs_of(request_in(c)->ground) != GROUND_NEEDS_SECOND) return true;
	return !id_is_zero(second) && !id_eq(second, c->f->actor.user);
}

static bool consent_given(const struct kase *k, struct day today)
{
	for (size_t i = 0; i < k->n_consents; i++) {
		const struct consent_row *r = &k->consents[i];
		if (r->party != PARTY_POLICE) continue;
		return (r->state == CONSENT_YES || r->state == CONSENT_PARTLY) && (!day_is_set(r->until) || r->until.n >= today.n);
	}
	return false;
}

static bool pass_consent_to_police(const struct guard_case *c)
{
	return request_in(c)->ground != GROUND_CONSENT || consent_given(c->k, instant_day(c->f->now));
}

static bool pass_handed_ground_usable(const struct guard_case *c)
{
	return usable_from(summary_in(c)->ground, CONTROLLER_POLICE);
}

static bool pass_handed_ground_in_force(const struct guard_case *c)
{
	return ground_in_force(summary_in(c)->ground, c->f);
}

/* The second person is demanded from a social file alone; the police weigh it in words. */
static bool pass_handed_balance_written(const struct guard_case *c)
{
	enum ground_needs n = needs_of(summary_in(c)->ground);
	return (n != GROUND_NEEDS_BALANCE && n != GROUND_NEEDS_SECOND) || summary_in(c)->balance.n > 0;
}

static bool pass_handed_duty_named(const struct guard_case *c)
{
	return needs_of(summary_in(c)->ground) != GROUND_NEEDS_DUTY || summary_in(c)->balance.n > 0;
}

/* ---- joint assessment -------------------------------------------------------------------------------------------------- */

static bool pass_joint_written(const struct guard_case *c)
{
	return c->f->actor.controller_kind == CONTROLLER_POLICE ? c->k->joint_received != NULL : c->k->joint != NULL;
}

static bool pass_joint_not_signed(const struct guard_case *c)
{
	return !joint_signed_by(c->k, c->f->actor.controller_kind);
}

static bool pass_joint_consent_stands(const struct guard_case *c)
{
	const struct ev_police_requested *r = c->k->police_request;
	if (c->f->actor.controller_kind == CONTROLLER_POLICE || !r || r->ground != GROUND_CONSENT) return true;
	return consent_given(c->k, instant_day(c->f->now));
}

static bool pass_other_dossier_known(const struct guard_case *c)
{
	return !id_is_zero(c->k->other_case);
}

static bool pass_signature_of_this_version(const struct guard_case *c)
{
	const struct ev_signature_accepted *v = &((const struct cmd_accept_signature *)c->in)->signature_accepted;
	return c->k->joint && hash_eq(&c->k->joint->document, &v->document);
}

static bool pass_summary_is_newer(const struct guard_case *c)
{
	const struct ev_summary_accepted *v = &((const struct cmd_accept_summary *)c->in)->summary_accepted;
	return !c->k->summary || v->version > c->k->summary->version;
}

static bool pass_joint_signed_by_both(const struct guard_case *c)
{
	return joint_signed_by(c->k, CONTROLLER_SOCIAL) && joint_signed_by(c->k, CONTROLLER_POLICE);
}

/* ---- position ------------------------------------------------------------------------------------------------------------ */

static const struct ev_position *position_in(const struct guard_case *c)
{
	return &((const struct cmd_sign_position *)c->in)->position;
}

static bool pass_yes_names_support(const struct guard_case *c)
{
	return position_in(c)->included != YESNO_YES || position_in(c)->support.n > 0;
}

static bool pass_no_names_way_back(const struct guard_case *c)
{
	return position_in(c)->included == YESNO_YES || (position_in(c)->handler.n > 0 && position_in(c)->way_back.n > 0);
}

static bool pass_no_bed_is_lost(const struct guard_case *c)
{
	return position_in(c)->included == YESNO_YES || !c->k->acute || day_is_set(position_in(c)->acute_until);
}

/* ---- investigations and decisions ----------------------------------------------------------------------------------------- */

/* The three commands take a record that begins with the investigation's id. */
static struct id16 investigation_in(const struct guard_case *c)
{
	if (c->command == CMD_PROPOSE_DECISION) return ((const struct cmd_propose_decision *)c->in)->decision_proposed.investigation;
	if (c->command == CMD_DECIDE_INVESTIGATION) return ((const struct cmd_decide_investigation *)c->in)->decision_made.investigation;
	if (c->command == CMD_COMPLETE_DECISION) return ((const struct cmd_complete_decision *)c->in)->decision_completed.investigation;
	return ((const struct cmd_end_investigation *)c->in)->investigation_ended.investigation;
}

static const struct ev_decision_made *decision_in(const struct guard_case *c)
{
	return &((const struct cmd_decide_investigation *)c->in)->decision_made;
}

static bool pass_investigation_open(const struct guard_case *c)
{
	const struct investigation_state *i = investigation_by_id(c->k, investigation_in(c));
	return i && (i->step == INVESTIGATION_OPEN || i->step == INVESTIGATION_PROPOSED);
}

static bool pass_decision_proposed(const struct guard_case *c)
{
	const struct investigation_state *i = investigation_by_id(c->k, investigation_in(c));
	return i && i->proposed;
}

static bool pass_provision_in_force(const struct guard_case *c)
{
	return in_force(social_ground_basis(decision_in(c)->ground), c->f);
}

static bool pass_completed_provision_in_force(const struct guard_case *c)
{
	const struct ev_decision_completed *v = &((const struct cmd_complete_decision *)c->in)->decision_completed;
	return in_force(social_ground_basis(v->ground), c->f);
}

static bool pass_reasons_given(const struct guard_case *c)
{
	return decision_in(c)->outcome == OUTCOME_GRANTED || decision_in(c)->reasons.n > 0;
}

static bool pass_heard_before_refusal(const struct guard_case *c)
{
	const struct investigation_state *i = investigation_by_id(c->k, investigation_in(c));
	return decision_in(c)->outcome == OUTCOME_GRANTED || !i || !i->proposed || i->proposed->hearing != HEARING_UNNECESSARY;
}

static bool pass_appeal_notice_given(const struct guard_case *c)
{
	return decision_in(c)->outcome == OUTCOME_GRANTED || decision_in(c)->appeal_notice == YESNO_YES;
}

static bool pass_appeal_help_offered(const struct guard_case *c)
{
	return decision_in(c)->outcome != OUTCOME_REFUSED || decision_in(c)->appeal_help == YESNO_YES;
}

static bool pass_decision_was_urgent(const struct guard_case *c)
{
	const struct investigation_state *i = investigation_by_id(c->k, investigation_in(c));
	return i && i->decided && i->decided->urgent == YESNO_YES && !i->completed;
}

/* ---- planning ---------------------------------------------------------------------------------------------------------------- */

static const struct ev_planning_started *planning_in(const struct guard_case *c)
{
	return &((const struct cmd_start_planning *)c->in)->planning_started;
}

static bool decided_with(const struct kase *k, enum decision_outcome a, enum decision_outcome b)
{
	for (size_t i = 0; i < k->n_investigations; i++) {
		const struct ev_decision_made *d = k->investigations[i].decided;
		if (d && (d->outcome == a || d->outcome == b)) return true;
	}
	return false;
}

static bool pass_position_says_yes(const struct guard_case *c)
{
	return c->k->position && c->k->position->included == YESNO_YES;
}

static bool pass_support_granted(const struct guard_case *c)
{
	return planning_in(c)->way != PLANNING_SUPPORT_DECIDED || decided_with(c->k, OUTCOME_GRANTED, OUTCOME_PARTLY);
}

static bool pass_support_refused(const struct guard_case *c)
{
	return planning_in(c)->way != PLANNING_REFUSED || decided_with(c->k, OUTCOME_REFUSED, OUTCOME_REFUSED);
}

static bool pass_right_to_apply_told(const struct guard_case *c)
{
	return planning_in(c)->way == PLANNING_SUPPORT_DECIDED || planning_in(c)->told == YESNO_YES;
}

static bool pass_other_support_named(const struct guard_case *c)
{
	return planning_in(c)->way != PLANNING_REFUSED || planning_in(c)->other_support.n > 0;
}

static bool pass_acute_confirmed(const struct guard_case *c)
{
	return !c->k->acute || planning_in(c)->acute_goes_on == YESNO_YES;
}

/* ---- plan --------------------------------------------------------------------------------------------------------------------- */

static bool has_goal(const struct kase *k, struct id16 id)
{
	for (size_t i = 0; i < k->n_goals; i++)
		if (id_eq(k->goals[i].id, id)) return true;
	return false;
}

static bool pass_goal_exists(const struct guard_case *c)
{
	return has_goal(c->k, ((const struct cmd_change_goal *)c->in)->which_goal.goal);
}

static bool pass_removed_goal_exists(const struct guard_case *c)
{
	return has_goal(c->k, ((const struct cmd_remove_goal *)c->in)->goal_removed.goal);
}

static bool pass_plan_has_goal(const struct guard_case *c)
{
	return c->k->n_goals > 0;
}

static bool pass_plan_has_contact(const struct guard_case *c)
{
	return c->k->contact_lead && person_is_set(c->k->contact_lead->lead) && person_is_set(c->k->contact_lead->deputy);
}

static bool pass_plan_has_cadence(const struct guard_case *c)
{
	return c->k->cadence != CADENCE_NONE;
}

static bool pass_plan_made_with_social(const struct guard_case *c)
{
	return ((const struct cmd_agree_plan *)c->in)->plan_words.with_social == YESNO_YES;
}

static bool pass_plan_shows_consent(const struct guard_case *c)
{
	return ((const struct cmd_agree_plan *)c->in)->plan_words.consent_shown == YESNO_YES;
}

/* ---- tasks and corrections ------------------------------------------------------------------------------------------------------ */

static bool pass_task_open(const struct guard_case *c)
{
	return task_by_id(c->k, ((const struct cmd_complete_task *)c->in)->task_done.task) != NULL;
}

static bool pass_task_tickable(const struct guard_case *c)
{
	const struct task_state *t = task_by_id(c->k, ((const struct cmd_complete_task *)c->in)->task_done.task);
	return !t || (t->kind != TASK_NONE && task_row(t->kind)->tickable);
}

/* What one person decided alone is gone through by another, afterwards (UX 5): never before help. */
static bool pass_second_pair_of_eyes(const struct guard_case *c)
{
	const struct task_state *t = task_by_id(c->k, ((const struct cmd_complete_task *)c->in)->task_done.task);
	return !t || t->kind != TASK_SECOND_LOOK || !id_eq(c->k->acute_decider.id, c->f->actor.user);
}

static bool pass_handed_task_open(const struct guard_case *c)
{
	const struct task_state *t = task_by_id(c->k, ((const struct cmd_hand_over_task *)c->in)->which_task.task);
	return t && t->kind != TASK_NONE;
}

/* ---- a tick taken back: the newest one's, by whoever made it, within a day ---- */

static struct id16 reopened(const struct guard_case *c)
{
	return ((const struct cmd_reopen_task *)c->in)->task_reopened.task;
}

static bool is_newest_tick(const struct guard_case *c)
{
	return c->k->ticked && id_eq(c->k->ticked->task, reopened(c));
}

static bool pass_ticked_is_closed(const struct guard_case *c)
{
	return !task_by_id(c->k, reopened(c));
}

static bool pass_ticked_by_actor(const struct guard_case *c)
{
	return !is_newest_tick(c) || id_eq(c->k->ticked_by, c->f->actor.user);
}

static bool pass_ticked_lately(const struct guard_case *c)
{
	return is_newest_tick(c) && tick_may_be_undone(c->k, c->f->actor.user, c->f->now);
}

static bool pass_entry_held(const struct guard_case *c)
{
	const struct ev_correction *v = &((const struct cmd_correct_entry *)c->in)->correction;
	return v->entry.compartment < 32 && (c->f->actor.held & COMPARTMENT_BIT(v->entry.compartment)) != 0;
}

static const guard guards[GUARD_COUNT] = {
#define GUARDED(name, reads, police_reads, refusal, field) [GUARD_##name] = pass_##name,
#include "tables/guards.def"
#undef GUARDED
};

bool guard_passes(enum guard_id g, const struct guard_case *c)
{
	return guards[g](c);
}

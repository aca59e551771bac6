/* core/apply.c — the fold: one event at a time into the state of a case.
 *
 * Every member of the state is set by events of one compartment, and only from what a snapshot keeps, so that
 * replaying a snapshot and a tail gives what replaying the journal gives (C1). */
#include "core/state.h"
#include "core/record.h"
#include <string.h>

struct kase *case_new(struct arena *a)
{
	struct kase *k = ARENA_NEW(a, struct kase);
	if (!k) return NULL;
	for (size_t i = 0; i < COUNT_OF(k->phase_since); i++) k->phase_since[i] = DAY_UNSET;
	k->received = k->opened_at = k->danger_at = k->last_contact = k->last_attempt = INSTANT_UNSET;
	k->police_requested_at = k->joint_at = k->position_at = k->last_threat_at = INSTANT_UNSET;
	k->summary_at = k->request_at = k->summary_handed_at = INSTANT_UNSET;
	k->acute_since = k->acute_review = k->threat_until = k->threat_assessed = DAY_UNSET;
	k->signed_social_on = k->signed_police_on = k->plan_agreed_on = k->risk_analysis_on = DAY_UNSET;
	return k;
}

/* The capacity of a list stands in front of it, so that taking out and putting in again takes no new memory. */
struct list_head { size_t cap, unused; };

static void *grow(struct arena *a, void *old, size_t n, size_t size)
{
	struct list_head *head = old ? (struct list_head *)old - 1 : NULL;
	if (head && n < head->cap) return old;
	size_t cap = head ? 2 * head->cap : 8;
	struct list_head *fresh = cap < 1000000 ? arena_take(a, sizeof *head + cap * size) : NULL;
	if (!fresh) return NULL;
	fresh->cap = cap;
	if (n > 0) memcpy(fresh + 1, old, n * size);
	return fresh + 1;
}
#define PUSH(a, array, n, value) \
	do { \
		void *room_ = grow((a), (array), (n), sizeof *(array)); \
		if (!room_) return; \
		(array) = room_; \
		(array)[(n)++] = (value); \
	} while (0)
/* Takes element i out and keeps the order of the rest. */
#define TAKE_OUT(array, n, i) \
	do { \
		(n)--; \
		memmove(&(array)[i], &(array)[(i) + 1], ((n) - (i)) * sizeof *(array)); \
	} while (0)

/* ---- what a snapshot keeps ------------------------------------------------------------------------------------- */

static void kept_drop(struct kase *k, uint16_t compartment, enum event_kind kind, struct id16 key, bool any_key)
{
	struct kept *list = k->kept[compartment];
	for (size_t i = k->n_kept[compartment]; i-- > 0;)
		if (list[i].event->kind == kind && (any_key || id_eq(list[i].key, key)))
			TAKE_OUT(list, k->n_kept[compartment], i);
}

static void keep(struct arena *a, struct kase *k, const struct event *e, const struct record_row *r)
{
	uint16_t c = e->compartment;
	enum keep how = r ? r->keep : KEEP_ALL;
	struct kept kept = { .key = r ? record_key(r, e->data) : (struct id16){ { 0 } } };
	if (how == KEEP_NEVER || c >= COUNT_OF(k->kept)) return;
	struct event *copy = ARENA_NEW(a, struct event);
	if (!copy) return;
	*copy = *e;
	kept.event = copy;
	if (how == KEEP_LAST) kept_drop(k, c, e->kind, kept.key, true);
	if (how == KEEP_EACH) kept_drop(k, c, e->kind, kept.key, false);
	PUSH(a, k->kept[c], k->n_kept[c], kept);
}

/* ---- head ------------------------------------------------------------------------------------------------------- */

static struct day noted_day(const struct event *e)
{
	return instant_is_set(e->noted) ? instant_day(e->noted) : DAY_UNSET;
}

static void apply_officers(struct kase *k, const struct ev_officers *v)
{
	k->officer = v->officer;
	k->second = v->second;
	k->taken = true;
}

static void apply_member(struct arena *a, struct kase *k, const struct ev_member_named *v)
{
	for (size_t i = 0; i < k->n_members; i++) {
		if (!id_eq(k->members[i].person.id, v->member.id)) continue;
		TAKE_OUT(k->members, k->n_members, i);
		break;
	}
	struct member_state m = { v->member, v->function };
	PUSH(a, k->members, k->n_members, m);
}

static void apply_left(struct kase *k, const struct ev_member_left *v)
{
	if (k->ticked && id_eq(k->ticked->assignee.id, v->member.id)) k->ticked_left = true;
	for (size_t i = 0; i < k->n_members; i++) {
		if (!id_eq(k->members[i].person.id, v->member.id)) continue;
		TAKE_OUT(k->members, k->n_members, i);
		break;
	}
}

static bool task_before(const struct task_state *x, const struct task_state *y)
{
	if (x->due.us != y->due.us) return x->due.us < y->due.us;
	return id_cmp(x->id, y->id) < 0;
}

static void task_out(struct kase *k, struct id16 task)
{
	for (size_t i = 0; i < k->n_tasks; i++) {
		if (!id_eq(k->tasks[i].id, task)) continue;
		TAKE_OUT(k->tasks, k->n_tasks, i);
		return;
	}
}

static void apply_task(struct arena *a, struct kase *k, const struct event *e)
{
	const struct ev_task_created *v = e->data;
	struct task_state t = { .id = v->task, .kind = v->kind, .due = v->due, .created = e->noted,
	                        .assignee = v->assignee, .what = v->what, .about = v->about,
	                        .rungs = { v->rung1, v->rung2, v->rung3 }, .cover = v->cover == YESNO_YES,
	                        .made = instant_is_set(v->made) ? v->made : e->noted, .profile = v->profile,
	                        .danger = v->danger == YESNO_YES };
	task_out(k, v->task); /* a new date is the same task again */
	PUSH(a, k->tasks, k->n_tasks, t);
	size_t i = k->n_tasks - 1;
	for (; i > 0 && task_before(&t, &k->tasks[i - 1]); i--) k->tasks[i] = k->tasks[i - 1];
	k->tasks[i] = t;
}

static void apply_task_done(struct kase *k, const struct event *e)
{
	const struct ev_task_done *v = e->data;
	kept_drop(k, e->compartment, EV_TASK_CREATED, v->task, false);
	task_out(k, v->task);
}

static void apply_task_ticked(struct kase *k, const struct event *e)
{
	k->ticked = e->data;
	k->ticked_by = e->author;
	k->ticked_at = e->noted;
	k->ticked_left = false;
	kept_drop(k, e->compartment, EV_TASK_CREATED, k->ticked->task, false);
	task_out(k, k->ticked->task);
}

static void apply_task_reopened(struct kase *k, const struct ev_task_reopened *v)
{
	if (k->ticked && id_eq(k->ticked->task, v->task)) k->ticked = NULL;
}

static void apply_consent(struct arena *a, struct kase *k, const struct ev_consent_state *v)
{
	struct consent_row row = { v->party, v->state, v->until };
	size_t i = 0;
	while (i < k->n_consents && k->consents[i].party != v->party) i++;
	if (i < k->n_consents) {
		k->consents[i] = row;
		return;
	}
	PUSH(a, k->consents, k->n_consents, row);
	for (i = k->n_consents - 1; i > 0 && k->consents[i - 1].party > row.party; i--) k->consents[i] = k->consents[i - 1];
	k->consents[i] = row;
}

static void apply_signed(struct kase *k, const struct event *e)
{
	const struct ev_joint_signed *v = e->data;
	if (v->side == CONTROLLER_SOCIAL) {
		k->signed_social = v->document;
		k->signed_social_on = noted_day(e);
	} else {
		k->signed_police = v->document;
		k->signed_police_on = noted_day(e);
	}
}

static void apply_acute(struct kase *k, const struct event *e)
{
	if (e->kind == EV_ACUTE_STARTED) {
		const struct ev_acute_started *v = e->data;
		k->acute = true;
		k->acute_since = v->since;
		k->acute_review = v->review;
		k->acute_decider = v->decider;
		k->acute_reviews = 0;
		k->acute_ended = NULL;
	} else if (e->kind == EV_ACUTE_REVIEWED) {
		k->acute_review = ((const struct ev_acute_reviewed *)e->data)->review;
		k->acute_reviews++;
	} else {
		k->acute = false;
		k->acute_ended = e->data;
	}
}

static void apply_opened(struct kase *k, const struct event *e)
{
	const struct ev_case_opened *v = e->data;
	k->controller = v->controller;
	k->alias = v->alias;
	k->received = v->received;
	k->opened_at = e->noted;
}

static void apply_phase(struct kase *k, const struct event *e)
{
	const struct ev_phase_changed *v = e->data;
	if ((size_t)v->phase >= COUNT_OF(k->phase_since)) return;
	k->phase = v->phase;
	k->phase_since[v->phase] = noted_day(e);
}

/* ---- social ------------------------------------------------------------------------------------------------------ */

static void apply_conflict(struct arena *a, struct kase *k, const struct ev_conflict_declared *v)
{
	for (size_t i = 0; i < k->n_conflicts; i++) {
		if (!id_eq(k->conflicts[i].who.id, v->who.id)) continue;
		TAKE_OUT(k->conflicts, k->n_conflicts, i);
		break;
	}
	struct conflict_state c = { v->who, v->conflict };
	PUSH(a, k->conflicts, k->n_conflicts, c);
}

static struct instant when(const struct event *e, struct instant typed)
{
	return instant_is_set(typed) ? typed : e->noted;
}

static bool meeting_before(const struct meeting_state *x, const struct meeting_state *y)
{
	if (x->at.us != y->at.us) return x->at.us < y->at.us;
	return id_cmp(x->id, y->id) < 0;
}

/* A held meeting takes the place of the booked one; the list is in order of time. */
static void apply_meeting(struct arena *a, struct kase *k, struct meeting_state m)
{
	for (size_t i = 0; i < k->n_meetings; i++) {
		if (!id_eq(k->meetings[i].id, m.id)) continue;
		if (m.held && !m.place.p) m.place = k->meetings[i].place;
		TAKE_OUT(k->meetings, k->n_meetings, i);
		break;
	}
	PUSH(a, k->meetings, k->n_meetings, m);
	size_t i = k->n_meetings - 1;
	for (; i > 0 && meeting_before(&m, &k->meetings[i - 1]); i--) k->meetings[i] = k->meetings[i - 1];
	k->meetings[i] = m;
}

static void apply_booked(struct arena *a, struct kase *k, const struct ev_meeting_booked *v)
{
	apply_meeting(a, k, (struct meeting_state){ .id = v->meeting, .kind = v->kind, .at = v->at,
	                                            .parties = v->parties, .place = v->place });
}

static void apply_held(struct arena *a, struct kase *k, const struct event *e)
{
	const struct ev_meeting_held *v = e->data;
	apply_meeting(a, k, (struct meeting_state){ .id = v->meeting, .kind = v->kind, .at = when(e, v->at),
	                                            .parties = v->parties, .held = true,
	                                            .requirements = v->requirements, .summary_shown = v->summary_shown });
	if (v->parties & (UINT64_C(1) << PARTY_PERSON)) k->last_contact = when(e, v->at);
}

static struct investigation_state *investigation_of(struct kase *k, struct id16 id)
{
	for (size_t i = 0; i < k->n_investigations; i++)
		if (id_eq(k->investigations[i].id, id)) return &k->investigations[i];
	return NULL;
}

static void apply_investigation(struct arena *a, struct kase *k, const struct event *e, struct id16 id)
{
	struct investigation_state *i = investigation_of(k, id);
	if (e->kind == EV_INVESTIGATION_OPENED && !i) {
		struct investigation_state fresh = { .id = id, .opened = e->data, .decided_at = INSTANT_UNSET };
		PUSH(a, k->investigations, k->n_investigations, fresh);
		return;
	}
	if (!i) return;
	if (e->kind == EV_DECISION_PROPOSED) {
		i->proposed = e->data;
		i->step = INVESTIGATION_PROPOSED;
	} else if (e->kind == EV_DECISION_MADE) {
		i->decided = e->data;
		i->decided_at = e->noted;
		i->step = INVESTIGATION_DECIDED;
	} else if (e->kind == EV_DECISION_COMPLETED) {
		i->completed = e->data;
	} else if (e->kind == EV_INVESTIGATION_ENDED) {
		i->ended = e->data;
		i->step = INVESTIGATION_CLOSED;
	}
}

/* ---- plan and relatives ------------------------------------------------------------------------------------------- */

static void apply_goal(struct arena *a, struct kase *k, const struct ev_goal *v)
{
	struct goal_state g = { v->goal, v };
	size_t i = 0;
	while (i < k->n_goals && !id_eq(k->goals[i].id, v->goal)) i++;
	if (i < k->n_goals) TAKE_OUT(k->goals, k->n_goals, i);
	PUSH(a, k->goals, k->n_goals, g);
	for (i = k->n_goals - 1; i > 0; i--) {
		const struct goal_state *before = &k->goals[i - 1];
		if (before->goal->area < v->area || (before->goal->area == v->area && id_cmp(before->id, g.id) < 0)) break;
		k->goals[i] = *before;
	}
	k->goals[i] = g;
}

static void apply_goal_removed(struct kase *k, const struct event *e)
{
	const struct ev_goal_removed *v = e->data;
	kept_drop(k, e->compartment, EV_GOAL, v->goal, false);
	for (size_t i = 0; i < k->n_goals; i++) {
		if (!id_eq(k->goals[i].id, v->goal)) continue;
		TAKE_OUT(k->goals, k->n_goals, i);
		return;
	}
}

static void apply_person(struct arena *a, struct kase *k, const struct ev_person_added *v)
{
	struct person_state p = { v->person, v };
	PUSH(a, k->persons, k->n_persons, p);
}

/* ---- the switch ----------------------------------------------------------------------------------------------------- */

static void apply_head(struct arena *a, struct kase *k, const struct event *e)
{
	const void *v = e->data;
	if (e->kind == EV_CASE_OPENED) apply_opened(k, e);
	else if (e->kind == EV_PHASE_CHANGED) apply_phase(k, e);
	else if (e->kind == EV_DANGER_KNOWN) {
		k->danger = ((const struct ev_danger_known *)v)->danger;
		k->danger_at = e->noted;
	} else if (e->kind == EV_THREAT_LEVEL) {
		const struct ev_threat_level *t = v;
		k->threat = t->level;
		k->threat_until = t->until;
		k->threat_assessed = t->assessed;
	} else if (e->kind == EV_JOINT_SIGNED) apply_signed(k, e);
	else if (e->kind == EV_PLAN_AGREED) {
		k->plan_agreed = true;
		k->plan_agreed_on = ((const struct ev_plan_agreed *)v)->on;
	} else if (e->kind == EV_CONSENT_STATE) apply_consent(a, k, v);
	else if (e->kind == EV_OFFICERS) apply_officers(k, v);
	else if (e->kind == EV_MEMBER_NAMED) apply_member(a, k, v);
	else if (e->kind == EV_MEMBER_LEFT) apply_left(k, v);
	else if (e->kind == EV_TASK_CREATED) apply_task(a, k, e);
	else if (e->kind == EV_TASK_DONE) apply_task_done(k, e);
	else if (e->kind == EV_TASK_TICKED) apply_task_ticked(k, e);
	else if (e->kind == EV_TASK_REOPENED) apply_task_reopened(k, v);
	else apply_acute(k, e);
}

static void apply_social(struct arena *a, struct kase *k, const struct event *e)
{
	const void *v = e->data;
	if (e->kind == EV_ACUTE_MEASURE) PUSH(a, k->acute_measures, k->n_acute_measures, (const struct ev_acute_measure *)v);
	else if (e->kind == EV_CONTACT_DONE) {
		k->last_contact = when(e, ((const struct ev_contact_done *)v)->at);
		k->last_mood = ((const struct ev_contact_done *)v)->mood;
	} else if (e->kind == EV_CONTACT_ATTEMPTED) k->last_attempt = when(e, ((const struct ev_contact_attempted *)v)->at);
	else if (e->kind == EV_POLICE_REQUESTED) {
		k->police_request = v;
		k->police_requested_at = e->noted;
		k->n_police_requests++;
	} else if (e->kind == EV_JOINT_WRITTEN) {
		k->joint = v;
		k->joint_at = e->noted;
		k->joint_author = e->author_name;
	} else if (e->kind == EV_POSITION) {
		k->position = v;
		k->position_at = e->noted;
		k->position_author = e->author_name;
	}
}

static void apply_risk(struct kase *k, const struct event *e)
{
	const void *v = e->data;
	if (e->kind == EV_THREAT_REPORTED) {
		k->last_threat_danger = ((const struct ev_threat_reported *)v)->danger;
		k->last_threat_at = when(e, ((const struct ev_threat_reported *)v)->at);
	} else if (e->kind == EV_SUMMARY_ACCEPTED) {
		k->summary = v;
		k->summary_at = e->noted;
		k->other_case = k->summary->from_case;
	} else if (e->kind == EV_SIGNATURE_ACCEPTED) {
		k->signature = v;
		k->other_case = k->signature->from_case;
	} else if (e->kind == EV_REQUEST_ACCEPTED) {
		k->request = v;
		k->request_at = e->noted;
		k->other_case = k->request->from_case;
	} else if (e->kind == EV_JOINT_RECEIVED) {
		k->joint_received = v;
		k->other_case = k->joint_received->from_case;
	} else if (e->kind == EV_THREAT_ASSESSED) k->threat_assessment = v;
	else if (e->kind == EV_RISK_ANALYSIS) k->risk_analysis_on = ((const struct ev_risk_analysis *)v)->made;
	else if (e->kind == EV_SUMMARY_HANDED) {
		k->summary_handed = v;
		k->summary_handed_at = e->noted;
	}
}

static void apply_known(struct arena *a, struct kase *k, const struct event *e)
{
	const void *v = e->data;
	/* A new kind does not compile without its line here (-Wswitch-enum). */
	switch (e->kind) {
	case EV_UNKNOWN: break;
	case EV_CASE_OPENED: case EV_PHASE_CHANGED: case EV_DANGER_KNOWN: case EV_ACUTE_STARTED:
	case EV_ACUTE_REVIEWED: case EV_ACUTE_ENDED: case EV_THREAT_LEVEL: case EV_JOINT_SIGNED:
	case EV_PLAN_AGREED: case EV_CONSENT_STATE: case EV_OFFICERS: case EV_MEMBER_NAMED:
	case EV_MEMBER_LEFT: case EV_TASK_CREATED: case EV_TASK_DONE: case EV_TASK_TICKED: case EV_TASK_REOPENED:
		apply_head(a, k, e);
		break;
	case EV_IDENTITY: k->identity = v; break;
	case EV_PROTECTION_CHECKED: k->protection = v; break;
	case EV_INTAKE: k->intake = v; break;
	case EV_DANGER_TOLD: k->danger_told = v; break;
	case EV_CONFLICT_DECLARED: apply_conflict(a, k, v); break;
	case EV_ACUTE_MEASURE: case EV_CONTACT_DONE: case EV_CONTACT_ATTEMPTED: case EV_POLICE_REQUESTED:
	case EV_JOINT_WRITTEN: case EV_POSITION: apply_social(a, k, e); break;
	case EV_NOTE: case EV_CORRECTION: break;
	case EV_MEETING_BOOKED: apply_booked(a, k, v); break;
	case EV_MEETING_HELD: apply_held(a, k, e); break;
	case EV_INITIAL_ASSESSED: k->initial = v; break;
	case EV_MOTIVATION_ASSESSED: k->motivation = v; break;
	case EV_MOTIVATION_PHASE: k->motivation_phase = v; break;
	case EV_INVESTIGATION_OPENED: case EV_DECISION_PROPOSED: case EV_DECISION_MADE:
	case EV_DECISION_COMPLETED: case EV_INVESTIGATION_ENDED:
		/* The investigation's id stands first in each of them. */
		apply_investigation(a, k, e, record_key(event_row(e->kind), v));
		break;
	case EV_PLANNING_STARTED: k->planning = v; break;
	case EV_GOAL: apply_goal(a, k, v); break;
	case EV_GOAL_REMOVED: apply_goal_removed(k, e); break;
	case EV_CONTACT_LEAD: k->contact_lead = v; break;
	case EV_CADENCE: k->cadence = ((const struct ev_cadence *)v)->cadence; break;
	case EV_PLAN_WORDS: k->plan_words = v; break;
	case EV_THREAT_REPORTED: case EV_SUMMARY_ACCEPTED: case EV_SIGNATURE_ACCEPTED: case EV_REQUEST_ACCEPTED:
	case EV_JOINT_RECEIVED: case EV_RISK_ANALYSIS: case EV_THREAT_ASSESSED: case EV_SUMMARY_HANDED:
		apply_risk(k, e);
		break;
	case EV_PERSON_ADDED: apply_person(a, k, v); break;
	}
}

void case_apply(struct arena *a, struct kase *k, const struct event *e)
{
	const struct record_row *r = event_row(e->kind);
	struct event bare = *e;
	if (r && !e->data) return;
	if (r) bare.data = record_without_prose(a, r, e->data);
	keep(a, k, &bare, r);
	if (r) apply_known(a, k, &bare);
}

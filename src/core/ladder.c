/* core/ladder.c — tasks with their rungs: who is reminded, when, and who comes next. */
#include "core/work.h"

struct instant hours_from(struct instant t, int hours)
{
	return (struct instant){ t.us + INT64_C(3600000000) * hours };
}

struct instant after_working_days(struct day today, int n)
{
	for (int i = 0; i < n; i++) today = next_working_day(today);
	return instant_at(today, 17, 0);
}

/* The same working day when it is still morning, else the next one. */
static struct instant workday_due(const struct profile *p, struct instant made)
{
	struct day today = instant_day(made);
	bool same = day_is_working(today) && instant_civil(made).hour < p->workday_noon;
	return instant_at(same ? today : next_working_day(today), 17, 0);
}

/* The watchdog's pace: the one agreed on, or under acute protection the profile's when that is closer. */
static enum cadence contact_pace(const struct work *w)
{
	enum cadence pace = w->cadence;
	if (w->acute && (pace == CADENCE_NONE || cadence_days(pace) > cadence_days(w->profile->contact_acute)))
		pace = w->profile->contact_acute;
	return pace;
}

/* When a task that began to run at `made` is due by the profile; unset for one whose day a person has chosen. */
static struct instant profile_due(const struct work *w, enum task_kind kind, struct instant made)
{
	const struct profile *p = w->profile;
	const struct task_row *row = task_row(kind);
	struct day day = instant_day(made);
	struct instant received = instant_is_set(w->k->received) ? w->k->received : made;
	if (row->due == TASK_DUE_NEXT_DAY) return instant_at(day_add(instant_day(received), p->first_meeting_days), 23, 59);
	if (row->due == TASK_DUE_WORKDAY) return workday_due(p, made);
	if (kind == TASK_ANSWER_THREAT) return hours_from(made, p->threat_answer_hours);
	if (kind == TASK_FOLLOW_WORRY) return hours_from(made, p->worry_answer_hours);
	if (kind == TASK_CHILD_CONCERN) return hours_from(made, p->child_concern_hours);
	if (kind == TASK_POLICE_ANSWER) return after_working_days(day, p->police_answer_days);
	if (kind == TASK_POLICE_SIGNATURE) return after_working_days(day, p->signature_days);
	if (kind == TASK_DECIDE) return after_working_days(day, p->decide_days);
	if (kind == TASK_FOLLOW_PLAN) return instant_at(day_add(day, p->follow_plan_days), 17, 0);
	if (kind == TASK_CONTACT && contact_pace(w) != CADENCE_NONE)
		return instant_at(day_add(day, cadence_days(contact_pace(w))), 18, 0);
	return INSTANT_UNSET;
}

/* ---- who ------------------------------------------------------------------------------------------------------- */

static struct person staff_with(const struct work *w, uint64_t roles, struct id16 not_this)
{
	for (size_t i = 0; i < w->f->n_staff; i++)
		if ((w->f->staff[i].roles & roles) && !id_eq(w->f->staff[i].user, not_this))
			return (struct person){ w->f->staff[i].user, w->f->staff[i].name };
	return (struct person){ .name = STR_UNSET };
}

static struct person assignee_of(const struct work *w, const struct task_row *row)
{
	const struct ev_contact_lead *lead = w->lead;
	if (row->who == TASK_FOR_MANAGER) return staff_with(w, ROLE_BIT(MANAGER), (struct id16){ { 0 } });
	if (row->who == TASK_FOR_LEAD && lead && !id_is_zero(lead->lead.id)) return lead->lead;
	if (!id_is_zero(w->officer.id)) return w->officer;
	return w->f->actor.role == ROLE_MANAGER ? (struct person){ .name = STR_UNSET } : work_actor(w);
}

/* The second officer, a coordinator, a colleague. */
struct person colleague_of(const struct work *w, struct id16 not_this)
{
	uint64_t team = w->controller == CONTROLLER_POLICE ? POLICE_TEAM : TEAM;
	if (!id_is_zero(w->second.id) && !id_eq(w->second.id, not_this)) return w->second;
	struct person p = team == TEAM ? staff_with(w, ROLE_BIT(COORDINATOR), not_this) : (struct person){ .name = STR_UNSET };
	return person_is_set(p) ? p : staff_with(w, team, not_this);
}

/* Who comes next when the first does not: the contact's deputy, for a manager the officer, else a colleague. */
static struct person deputy_of(const struct work *w, const struct task_row *row, struct id16 first)
{
	const struct ev_contact_lead *lead = w->lead;
	if (row->who == TASK_FOR_LEAD && lead && !id_is_zero(lead->deputy.id) && !id_eq(lead->deputy.id, first)) return lead->deputy;
	if (row->who == TASK_FOR_MANAGER && !id_is_zero(w->officer.id)) return w->officer;
	return colleague_of(w, first);
}

/* ---- rungs ------------------------------------------------------------------------------------------------------- */

struct ladder { struct ev_task_created *task; uint8_t severity; bool fast, danger; size_t n; };

static void rung_add(struct work *w, struct ladder *l, struct id16 who, struct instant due, uint8_t step)
{
	struct id16 *places[3] = { &l->task->rung1, &l->task->rung2, &l->task->rung3 };
	if (w->d->n_rungs >= w->most_rungs || l->n >= COUNT_OF(places)) {
		w->full = true;
		return;
	}
	struct rung r = { .id = work_id(w), .assignee = who, .due = due, .severity = l->severity,
	                  .task = l->task->kind, .task_id = l->task->task, .step = step };
	*places[l->n++] = r.id;
	w->d->rungs[w->d->n_rungs++] = r;
}

static struct instant next_step(const struct work *w, const struct ladder *l, struct instant due)
{
	if (l->danger) return hours_from(due, 1);
	if (l->fast) return hours_from(due, w->profile->escalation_hours);
	return instant_at(next_working_day(instant_day(due)), 8, 0);
}

/* A task due on a day off lies with the desk from the morning of that day, one of danger at once. */
static struct instant desk_due(const struct work *w, const struct ladder *l, struct instant last)
{
	struct instant morning = instant_at(instant_day(l->task->due), 8, 0);
	if (l->danger) return w->f->now;
	if (l->task->cover != YESNO_YES) return last;
	return morning.us > w->f->now.us ? morning : w->f->now;
}

static void rungs_of(struct work *w, struct ladder *l, const struct task_row *row)
{
	struct person first = l->task->assignee, deputy = deputy_of(w, row, first.id);
	struct instant due = l->task->due;
	if (!id_is_zero(first.id)) rung_add(w, l, first.id, due, 0);
	if (!id_is_zero(first.id) && !id_is_zero(deputy.id)) {
		due = next_step(w, l, due);
		rung_add(w, l, deputy.id, due, 1);
	}
	if (!id_is_zero(first.id)) due = next_step(w, l, due);
	rung_add(w, l, w->f->desk, desk_due(w, l, due), 2);
}

void task_make(struct work *w, const struct task_wish *t)
{
	const struct task_row *row = task_row(t->kind);
	struct ev_task_created *v = NEW(w, task_created);
	if (!v) return;
	v->task = id_is_zero(t->id) ? work_id(w) : t->id;
	v->kind = t->kind;
	v->about = t->about;
	v->what = t->what;
	v->due = instant_is_set(t->due) ? t->due : profile_due(w, t->kind, w->f->now);
	if (t->made.us != 0 && instant_is_set(t->made)) v->made = t->made;
	v->profile = w->profile->version;
	v->danger = t->danger ? YESNO_YES : YESNO_NO;
	v->assignee = person_is_set(t->assignee) ? t->assignee : assignee_of(w, row);
	struct ladder l = { .task = v, .fast = row->fast, .danger = t->danger, .severity = t->danger ? 3 : row->severity };
	if (row->fast && !day_is_working(instant_day(v->due))) v->cover = YESNO_YES;
	rungs_of(w, &l, row);
	work_emit(w, EV_TASK_CREATED, v);
	if (w->n_made < COUNT_OF(w->made)) w->made[w->n_made++] = t->kind;
}

/* ---- open and closed ---------------------------------------------------------------------------------------------- */

static bool is_closed(const struct work *w, struct id16 task)
{
	for (size_t i = 0; i < w->n_closed; i++)
		if (id_eq(w->closed[i], task)) return true;
	return false;
}

bool task_is_open(const struct work *w, enum task_kind kind)
{
	for (size_t i = 0; i < w->n_made; i++)
		if (w->made[i] == kind) return true;
	for (size_t i = 0; i < w->k->n_tasks; i++)
		if (w->k->tasks[i].kind == kind && !is_closed(w, w->k->tasks[i].id)) return true;
	return false;
}

void task_need(struct work *w, enum task_kind kind)
{
	if (!task_is_open(w, kind)) task_make(w, &(struct task_wish){ .kind = kind, .due = INSTANT_UNSET });
}

static void rungs_cancel(struct work *w, const struct task_state *t)
{
	for (size_t i = 0; i < COUNT_OF(t->rungs); i++) {
		if (id_is_zero(t->rungs[i])) continue;
		if (w->d->n_cancelled >= w->most_cancelled) {
			w->full = true;
			return;
		}
		w->d->cancelled[w->d->n_cancelled++] = t->rungs[i];
	}
	if (w->n_closed < COUNT_OF(w->closed)) w->closed[w->n_closed++] = t->id;
}

void task_close(struct work *w, const struct task_state *t, enum task_outcome how)
{
	struct ev_task_done *v = NEW(w, task_done);
	if (!v || is_closed(w, t->id)) return;
	v->task = t->id;
	v->kind = t->kind;
	v->outcome = how;
	work_emit(w, EV_TASK_DONE, v);
	rungs_cancel(w, t);
}

void task_tick(struct work *w, const struct task_state *t)
{
	struct ev_task_ticked *v = NEW(w, task_ticked);
	if (!v) return;
	*v = (struct ev_task_ticked){ .task = t->id, .kind = t->kind, .due = t->due, .assignee = t->assignee, .what = t->what,
		.about = t->about, .made = t->made, .danger = t->danger ? YESNO_YES : YESNO_NO };
	work_emit(w, EV_TASK_TICKED, v);
	rungs_cancel(w, t);
}

void task_fulfil(struct work *w, enum task_kind kind, struct id16 about)
{
	for (size_t i = 0; i < w->k->n_tasks; i++) {
		const struct task_state *t = &w->k->tasks[i];
		if (t->kind == kind && (id_is_zero(about) || id_eq(about, t->about))) task_close(w, t, TASK_FULFILLED);
	}
}

void task_move(struct work *w, const struct task_state *t, struct person to)
{
	task_close(w, t, id_eq(t->assignee.id, to.id) ? TASK_REPLACED : TASK_HANDED_OVER);
	task_make(w, &(struct task_wish){ .kind = t->kind, .due = t->due, .about = t->about, .what = t->what, .assignee = to,
		.made = t->made });
}

/* ---- another profile ------------------------------------------------------------------------------------------------ */

static void rung_move(struct work *w, struct id16 id, struct instant due)
{
	struct decision *d = w->d;
	if (id_is_zero(id)) return;
	d->moved[d->n_moved++] = (struct rung_move){ id, due };
}

/* The ladder as it was made: the first, the deputy, the desk; without a first, or a deputy, the others move up. */
static void rungs_redate(struct work *w, const struct task_state *t, struct ladder *l)
{
	struct instant due = l->task->due;
	size_t n = 0;
	while (n < COUNT_OF(t->rungs) && !id_is_zero(t->rungs[n])) n++;
	if (n == 0) return;
	if (n >= 2) rung_move(w, t->rungs[0], due);
	if (n == 3) {
		due = next_step(w, l, due);
		rung_move(w, t->rungs[1], due);
	}
	if (n >= 2) due = next_step(w, l, due);
	/* In danger the desk has had it from the first moment. */
	if (!l->danger) rung_move(w, t->rungs[n - 1], desk_due(w, l, due));
}

void task_redate(struct work *w, const struct task_state *t)
{
	const struct task_row *row = task_row(t->kind);
	struct instant due = profile_due(w, t->kind, t->made);
	struct ev_task_created *v = NEW(w, task_created);
	if (!v) return;
	*v = (struct ev_task_created){
		.task = t->id, .kind = t->kind, .due = instant_is_set(due) ? due : t->due, .assignee = t->assignee, .what = t->what,
		.about = t->about, .rung1 = t->rungs[0], .rung2 = t->rungs[1], .rung3 = t->rungs[2], .made = t->made,
		.profile = w->profile->version, .danger = t->danger ? YESNO_YES : YESNO_NO };
	if (row->fast && !day_is_working(instant_day(v->due))) v->cover = YESNO_YES;
	struct ladder l = { .task = v, .fast = row->fast, .danger = t->danger };
	rungs_redate(w, t, &l);
	work_emit(w, EV_TASK_CREATED, v);
}

void contact_renew(struct work *w)
{
	for (size_t i = 0; i < w->k->n_tasks; i++)
		if (w->k->tasks[i].kind == TASK_CONTACT) task_close(w, &w->k->tasks[i], TASK_REPLACED);
	if (contact_pace(w) != CADENCE_NONE) task_make(w, &(struct task_wish){ .kind = TASK_CONTACT, .due = INSTANT_UNSET });
}

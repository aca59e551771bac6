/* core/decide.c — the walk that every command takes: role, dossier, phase, guards, and then its act. */
#include "core/work.h"

/* ---- building blocks (work.h) ---------------------------------------------------------------------------------------- */

struct id16 work_id(struct work *w)
{
	if (w->fresh < w->f->n_fresh) return w->f->fresh[w->fresh++];
	w->full = true;
	return (struct id16){ { 0 } };
}

struct person work_actor(const struct work *w)
{
	return (struct person){ w->f->actor.user, w->f->actor.name };
}

void *work_record(struct work *w, enum record_id r)
{
	void *data = record_new(w->a, &record_rows[r]);
	if (!data) w->full = true;
	return data;
}

struct event *work_emit(struct work *w, enum event_kind k, const void *data)
{
	/* The last place is never read: it takes what does not fit, and the work is marked full. */
	if (w->d->n_events >= w->most_events || !data) {
		w->full = true;
		return &w->d->events[w->most_events];
	}
	struct event *e = &w->d->events[w->d->n_events++];
	*e = (struct event){ .kind = k, .compartment = (uint16_t)event_home(k, w->controller), .noted = INSTANT_UNSET,
	                     .happened = INSTANT_UNSET, .author_name = w->f->actor.name,
	                     .author_title = w->f->actor.title, .data = data };
	return e;
}

void work_package(struct work *w, enum package_kind p, enum event_kind k, const void *data)
{
	struct event e = { .kind = k, .compartment = COMPARTMENT_RISK, .noted = INSTANT_UNSET, .happened = INSTANT_UNSET, .data = data };
	struct str payload = event_encode(w->a, &e);
	struct package *one = ARENA_NEW(w->a, struct package);
	if (!one || !payload.p) {
		w->full = true;
		return;
	}
	*one = (struct package){ .kind = p, .to_case = w->k->other_case, .to_compartment = COMPARTMENT_RISK, .payload = payload };
	w->d->packages = one;
	w->d->n_packages = 1;
}

void work_phase(struct work *w, enum phase p)
{
	struct ev_phase_changed *v = NEW(w, phase_changed);
	if (!v) return;
	v->phase = p;
	work_emit(w, EV_PHASE_CHANGED, v);
}

/* ---- the walk ------------------------------------------------------------------------------------------------------------ */

typedef void (*act)(struct work *w, const void *in);
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	static void run_##name(struct work *w, const void *in) { act_##name(w, in); }
#define TAKES(command, record)
#define GUARD(command, guard)
#define END(name)
#include "tables/commands.def"
#undef COMMAND
static const act acts[CMD_COUNT] = {
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) [CMD_##id] = run_##name,
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END
};

/* Why this person may not give the command here at all; REFUSAL_NONE when nothing but a guard can stop it. */
static enum refusal_id not_here(enum phase phase, const struct command_row *row, const struct actor *who)
{
	uint32_t needed = row->reads[who->controller_kind == CONTROLLER_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL];
	if (!(row->dossiers & (UINT32_C(1) << who->controller_kind))) return REFUSAL_WRONG_DOSSIER;
	if (!(row->roles & (UINT64_C(1) << who->role))) return REFUSAL_WRONG_ROLE;
	if (!(row->phases & PHASE_BIT(phase))) return REFUSAL_WRONG_PHASE;
	if ((needed | IN(HEAD)) & ~who->held) return REFUSAL_NOT_HELD;
	return REFUSAL_NONE;
}

static struct refusal first_refusal(const struct kase *k, const struct command_row *row, const void *in, const struct facts *f)
{
	struct guard_case c = { k, f, row->id, in };
	enum refusal_id stop = not_here(k->phase, row, &f->actor);
	if (stop != REFUSAL_NONE) return (struct refusal){ stop, NULL };
	for (size_t i = 0; i < row->n_guards; i++) {
		const struct guard_row *g = &guard_rows[row->guards[i]];
		if (!guard_passes(row->guards[i], &c)) return (struct refusal){ g->refusal, g->field };
	}
	return (struct refusal){ REFUSAL_NONE, NULL };
}

static enum err begin(struct work *w, bool steady)
{
	struct decision *d = w->d;
	w->most_events = steady ? 1 : WORK_EVENTS;
	w->most_rungs = steady ? 0 : WORK_RUNGS;
	w->most_cancelled = steady ? 0 : WORK_CANCELLED;
	d->events = ARENA_ARRAY(w->a, struct event, w->most_events + 1);
	d->rungs = ARENA_ARRAY(w->a, struct rung, w->most_rungs);
	d->cancelled = ARENA_ARRAY(w->a, struct id16, w->most_cancelled);
	return d->events && d->rungs && d->cancelled ? OK : ERR_FULL;
}

static struct decision no_decision(struct refusal r)
{
	return (struct decision){ .refused = true, .refusal = r };
}

static struct work work_on(struct arena *a, const struct kase *k, const struct facts *f, struct decision *d)
{
	return (struct work){ .a = a, .k = k, .f = f, .profile = f->profile, .controller = f->actor.controller_kind,
	                      .officer = k->officer, .second = k->second, .lead = k->contact_lead,
	                      .cadence = k->plan_agreed ? k->cadence : CADENCE_NONE, .acute = k->acute, .d = d };
}

enum err case_decide(struct arena *a, const struct kase *k, enum command_id c, const void *input,
                     const struct facts *f, struct decision *ret)
{
	const struct command_row *row = command_row(c);
	struct decision d = { .refused = false };
	struct profile generic;
	if (!row) return ERR_INVALID;
	struct refusal r = first_refusal(k, row, input, f);
	if (r.id != REFUSAL_NONE) {
		*ret = no_decision(r);
		return OK;
	}
	if (!f->profile && profile_generic(a, &generic) != OK) return ERR_FULL;
	struct work w = work_on(a, k, f, &d);
	if (!f->profile) w.profile = &generic;
	if (begin(&w, row->flags & COMMAND_STEADY) != OK) return ERR_FULL;
	acts[c](&w, input);
	if (w.full || arena_is_full(a)) return ERR_FULL;
	assert_always(d.n_events > 0);
	*ret = d;
	return OK;
}

enum err command_entry(struct arena *a, enum command_id c, const void *input, const struct facts *f, struct event *ret)
{
	const struct command_row *row = command_row(c);
	struct decision d = { .refused = false };
	if (!row || !(row->flags & COMMAND_STEADY) || row->n_guards > 0) return ERR_INVALID;
	const struct kase *blank = case_new(a);
	if (!blank) return ERR_FULL;
	struct work w = work_on(a, blank, f, &d);
	if (begin(&w, true) != OK) return ERR_FULL;
	acts[c](&w, input);
	if (w.full || arena_is_full(a)) return ERR_FULL;
	assert_always(d.n_events == 1);
	*ret = d.events[0];
	return OK;
}

bool command_entry_allowed(enum command_id c, const struct summary *s, const struct actor *who)
{
	const struct command_row *row = command_row(c);
	return row && (row->flags & COMMAND_STEADY) && row->n_guards == 0 && not_here(s->phase, row, who) == REFUSAL_NONE;
}

/* ---- another profile ------------------------------------------------------------------------------------------------------ */

/* The pace of the contact stands in the plan: whoever does not hold it leaves that task to the next. */
static bool can_redate(const struct task_state *t, const struct profile *p, uint32_t held)
{
	return t->profile != p->version && (t->kind != TASK_CONTACT || (held & IN(PLAN)));
}

bool case_is_stale(const struct kase *k, const struct profile *p, uint32_t held)
{
	for (size_t i = 0; i < k->n_tasks; i++)
		if (can_redate(&k->tasks[i], p, held)) return true;
	return false;
}

enum err case_redate(struct arena *a, const struct kase *k, const struct facts *f, struct decision *ret)
{
	struct decision d = { .refused = false };
	struct work w = work_on(a, k, f, &d);
	if (begin(&w, false) != OK) return ERR_FULL;
	d.moved = ARENA_ARRAY(a, struct rung_move, COUNT_OF(k->tasks->rungs) * k->n_tasks + 1);
	if (!d.moved) return ERR_FULL;
	for (size_t i = 0; i < k->n_tasks; i++)
		if (can_redate(&k->tasks[i], f->profile, f->actor.held)) task_redate(&w, &k->tasks[i]);
	if (w.full || arena_is_full(a)) return ERR_FULL;
	*ret = d;
	return OK;
}

uint32_t command_reads(enum command_id c, enum controller_kind kind)
{
	const struct command_row *row = command_row(c);
	return row ? row->reads[kind] : 0;
}

uint32_t command_opens(enum command_id c)
{
	return command_wants_staff(c) ? 0 : IN(HEAD) | command_reads(c, CONTROLLER_SOCIAL) | command_reads(c, CONTROLLER_POLICE);
}

bool command_wants_staff(enum command_id c)
{
	const struct command_row *row = command_row(c);
	return row && (row->flags & COMMAND_PEOPLE) != 0;
}

/* Guards that hide the button too: without their fact the act has nothing to be about. The others are shown, so
 * that whoever tries hears what is missing. */
static bool hides(enum guard_id g)
{
	return g == GUARD_acute_on || g == GUARD_joint_written || g == GUARD_joint_not_signed;
}

bool command_offered(const struct kase *k, enum command_id c, const struct actor *who)
{
	const struct command_row *row = command_row(c);
	struct facts f = { .actor = *who };
	struct guard_case g = { k, &f, c, NULL };
	if (!row || (row->flags & COMMAND_PACKAGE) || not_here(k->phase, row, who) != REFUSAL_NONE) return false;
	for (size_t i = 0; i < row->n_guards; i++)
		if (hides(row->guards[i]) && !guard_passes(row->guards[i], &g)) return false;
	return true;
}

bool choice_offered(const struct choice_list *l, unsigned number, const struct actor *who)
{
	const struct ground_row *ground = l == &list_disclosure_ground ? ground_row((enum disclosure_ground)number) : NULL;
	return l != &list_disclosure_ground || (ground && (ground->from & (UINT32_C(1) << who->controller_kind)));
}

/* tests/core/test_walk.c — every state × command × role; who may do what is the golden file walk.golden.
 *
 * A state is: a phase, bare or with every fact there is, with acute protection on or off. A change of a rule shows
 * as a readable difference in the golden file: `test_core_walk --write FILE` writes it anew. On the way it is shown
 * that a refusal leaves no trace, that a guard reads only what its row names, and that urgent acts are never refused. */
#include "fill.h"
#include "core/work.h"
#include <stdio.h>
#include <string.h>

static struct arena *a;
static size_t failures;

static void fail(const char *what, const char *where)
{
	fprintf(stderr, "walk: %s: %s\n", what, where);
	failures++;
}

/* ---- states -------------------------------------------------------------------------------------------------------------- */

static uint64_t ids;

static struct id16 new_id(void)
{
	struct id16 id = { { 0x77 } };
	ids++;
	memcpy(id.b + 1, &ids, sizeof ids);
	return id;
}

static void put_by(struct world *w, enum side s, enum event_kind kind, const void *data, struct id16 author)
{
	enum controller_kind c = s == SIDE_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL;
	struct dossier *d = &w->side[s];
	struct event e = { .kind = kind, .compartment = (uint16_t)event_home(kind, c), .noted = w->now, .author = author, .happened = INSTANT_UNSET, .data = data };
	e.seq = ++d->seq[e.compartment];
	d->entries[d->n_entries++] = (struct entry){ e.compartment, e.seq, event_encode(a, &e) };
	case_apply(a, d->live, &e);
}

static void put(struct world *w, enum side s, enum event_kind kind, const void *data)
{
	put_by(w, s, kind, data, (struct id16){ { 0 } });
}

#define MAKE(name) ((struct ev_##name *)record_new(a, &record_rows[RECORD_##name]))

static void put_tasks(struct world *w, enum side s)
{
	struct ev_task_created *t = MAKE(task_created);
	t->task = new_id();
	t->kind = TASK_OTHER;
	t->due = w->now;
	t->what = STR("ord");
	put(w, s, EV_TASK_CREATED, t);
}

/* A task that this person has ticked off. */
static void put_tick(struct world *w, enum side s, struct id16 who)
{
	struct ev_task_ticked *t = MAKE(task_ticked);
	t->task = new_id();
	t->kind = TASK_OTHER;
	t->due = w->now;
	t->what = STR("ord");
	put_by(w, s, EV_TASK_TICKED, t, who);
}

static void put_social_facts(struct world *w)
{
	struct ev_joint_written *j = MAKE(joint_written);
	struct ev_joint_signed *s = MAKE(joint_signed), *p = MAKE(joint_signed);
	struct ev_meeting_held *m = MAKE(meeting_held);
	struct ev_meeting_booked *b = MAKE(meeting_booked);
	struct ev_position *position = MAKE(position);
	struct ev_consent_state *consent = MAKE(consent_state);
	memset(j->document.b, 7, sizeof j->document.b);
	s->side = CONTROLLER_SOCIAL;
	p->side = CONTROLLER_POLICE;
	s->document = p->document = j->document;
	m->meeting = new_id();
	m->kind = b->kind = MEETING_COORDINATION;
	m->at = b->at = w->now;
	m->parties = b->parties = UINT64_MAX;
	m->requirements = m->summary_shown = YESNO_YES;
	b->meeting = new_id();
	position->included = YESNO_YES;
	consent->party = PARTY_POLICE;
	consent->state = CONSENT_YES;
	put(w, SIDE_SOCIAL, EV_JOINT_WRITTEN, j);
	put(w, SIDE_SOCIAL, EV_JOINT_SIGNED, s);
	put(w, SIDE_SOCIAL, EV_JOINT_SIGNED, p);
	put(w, SIDE_SOCIAL, EV_MEETING_HELD, m);
	put(w, SIDE_SOCIAL, EV_MEETING_BOOKED, b);
	put(w, SIDE_SOCIAL, EV_POSITION, position);
	put(w, SIDE_SOCIAL, EV_CONSENT_STATE, consent);
}

static void put_investigations(struct world *w)
{
	for (int i = 0; i < 2; i++) {
		struct ev_investigation_opened *o = MAKE(investigation_opened);
		struct ev_decision_proposed *p = MAKE(decision_proposed);
		struct ev_decision_made *d = MAKE(decision_made);
		o->investigation = p->investigation = d->investigation = new_id();
		o->kind = INVESTIGATION_HOUSING;
		p->hearing = HEARING_DONE;
		d->outcome = OUTCOME_GRANTED;
		d->urgent = YESNO_YES;
		put(w, SIDE_SOCIAL, EV_INVESTIGATION_OPENED, o);
		if (i == 0) put(w, SIDE_SOCIAL, EV_DECISION_MADE, d);
		else put(w, SIDE_SOCIAL, EV_DECISION_PROPOSED, p);
	}
}

static void put_plan(struct world *w)
{
	struct ev_goal *g = MAKE(goal);
	struct ev_contact_lead *l = MAKE(contact_lead);
	struct ev_cadence *c = MAKE(cadence);
	struct ev_summary_accepted *s = MAKE(summary_accepted);
	g->goal = new_id();
	g->area = NEED_HOUSING;
	l->lead = (struct person){ w->staff[2].user, w->staff[2].name };
	l->deputy = (struct person){ w->staff[0].user, w->staff[0].name };
	c->cadence = CADENCE_DAILY;
	s->from_case = new_id();
	s->version = 1;
	put(w, SIDE_SOCIAL, EV_GOAL, g);
	put(w, SIDE_SOCIAL, EV_CONTACT_LEAD, l);
	put(w, SIDE_SOCIAL, EV_CADENCE, c);
	put(w, SIDE_SOCIAL, EV_SUMMARY_ACCEPTED, s);
}

static void put_police_facts(struct world *w)
{
	struct ev_request_accepted *r = MAKE(request_accepted);
	struct ev_joint_received *j = MAKE(joint_received);
	r->from_case = j->from_case = new_id();
	memset(j->document.b, 7, sizeof j->document.b);
	put(w, SIDE_POLICE, EV_REQUEST_ACCEPTED, r);
	put(w, SIDE_POLICE, EV_JOINT_RECEIVED, j);
}

struct place { enum phase phase; bool ready, acute; };

static struct world *make_state(const struct place *at)
{
	struct world *w = world_new(a);
	ids = 0;
	for (size_t s = 0; s < SIDES && at->phase != PHASE_NONE; s++) {
		struct ev_case_opened *o = MAKE(case_opened);
		struct ev_phase_changed *p = MAKE(phase_changed);
		o->controller = s == SIDE_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL;
		p->phase = at->phase;
		put(w, (enum side)s, EV_CASE_OPENED, o);
		put(w, (enum side)s, EV_PHASE_CHANGED, p);
		if (at->ready) put_tasks(w, (enum side)s);
	}
	if (at->phase != PHASE_NONE && at->acute) {
		struct ev_acute_started *v = MAKE(acute_started);
		v->since = v->review = instant_day(w->now);
		put(w, SIDE_SOCIAL, EV_ACUTE_STARTED, v);
	}
	if (at->phase == PHASE_NONE || !at->ready) return w;
	put_social_facts(w);
	put_investigations(w);
	put_plan(w);
	put_police_facts(w);
	return w;
}

/* ---- one try --------------------------------------------------------------------------------------------------------------- */

/* The same case to somebody who holds only these compartments. */
static struct kase *masked(struct world *w, enum side s, uint32_t bits)
{
	struct kase *k = case_new(a);
	for (size_t i = 0; i < w->side[s].n_entries; i++) {
		const struct entry *n = &w->side[s].entries[i];
		struct event e;
		if (!(bits & COMPARTMENT_BIT(n->compartment))) continue;
		assert_always(event_decode(a, n->compartment, n->seq, n->payload, &e) == OK);
		case_apply(a, k, &e);
	}
	return k;
}

static void check_guards(struct world *w, size_t person, const struct command_row *c, const void *input)
{
	enum side s = world_side(w, person);
	struct facts f = world_facts(w, person);
	enum controller_kind kind = s == SIDE_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL;
	for (size_t i = 0; i < c->n_guards; i++) {
		const struct guard_row *g = &guard_rows[c->guards[i]];
		struct guard_case whole = { w->side[s].live, &f, c->id, input };
		struct guard_case part = whole;
		part.k = masked(w, s, g->reads[kind] | IN(HEAD));
		if (guard_passes(c->guards[i], &whole) != guard_passes(c->guards[i], &part)) fail("a guard reads more than its row names", g->name);
		if (g->reads[kind] & ~c->reads[kind]) fail("a guard reads what its command does not declare", g->name);
	}
}

static void check_writes(const struct world *w, size_t person, const struct command_row *c)
{
	enum side s = world_side(w, person);
	uint32_t held = role_compartments(w->roles[person], s == SIDE_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL);
	for (size_t i = 0; i < w->side[s].n_last; i++)
		if (!(held & COMPARTMENT_BIT(w->side[s].last[i].compartment))) fail("an event goes where its author holds nothing", c->name);
}

static const char *try_one(const struct place *at, size_t person, const struct command_row *c)
{
	struct world *w = make_state(at);
	enum side s = world_side(w, person);
	struct kase *k = w->side[s].live;
	struct field_value values[FILL_MAX];
	const void *input = NULL;
	struct outcome o;
	if (at->ready) put_tick(w, s, w->staff[person].user);
	struct str before = world_dump(a, k);
	bool may = at->phase != PHASE_NONE && (c->roles & (UINT64_C(1) << w->roles[person])) != 0;
	if (c->flags & COMMAND_PACKAGE) {
		input = fill_package(a, k, c->id);
		if (may) check_guards(w, person, c, input);
		o = world_decide(w, person, c->id, input);
	} else {
		struct facts f = world_facts(w, person);
		struct field_error *errors = NULL;
		size_t n_errors = 0, n = fill_form(a, w, k, c->id, NULL, values);
		assert_always(command_parse(a, c->id, values, n, &f, &input, &errors, &n_errors) == OK);
		if (n_errors > 0) return at->ready ? errors[0].field : "no thing to pick";
		if (may) check_guards(w, person, c, input);
		o = world_decide(w, person, c->id, input);
	}
	assert_always(o.fault == OK);
	if (!o.refused) {
		check_writes(w, person, c);
		return NULL;
	}
	if (!str_eq(before, world_dump(a, k)) || o.n_events > 0) fail("a refusal leaves a trace", c->name);
	const char *rule = refusal_row(o.refusal.id)->rule;
	bool team = (TEAM & (UINT64_C(1) << w->roles[person])) != 0;
	bool open_phase = (OPEN_CASE & PHASE_BIT(at->phase)) != 0;
	if ((c->flags & COMMAND_URGENT) && team && open_phase && c->id != CMD_REGISTER_INTAKE) fail("an urgent act is refused", rule);
	return rule;
}

/* People of the cast by role: anna, bo, david, eva. */
static const size_t tried[] = { 0, 1, 3, 4 };

static void walk(FILE *out)
{
	for (unsigned p = PHASE_NONE; p <= PHASE_CLOSED; p++)
		for (int state = 0; state < 4; state++) {
			struct place at = { (enum phase)p, (state & 1) != 0, (state & 2) != 0 };
			if (p == PHASE_NONE && state > 0) continue;
			for (size_t i = 0; i < n_command_rows; i++) {
				const struct command_row *c = &command_rows[i];
				struct buf line = buf_new(a, 512);
				for (size_t t = 0; t < COUNT_OF(tried); t++)
					if (!try_one(&at, tried[t], c)) buf_format(&line, " %s", role_rows[world_new(a)->roles[tried[t]]].code);
				if (buf_view(&line).n > 0)
					fprintf(out, "%s %s %s: %s:%.*s\n", p ? choice_by_number(&list_phase, p)->code : "none", at.ready ? "ready" : "bare",
					        at.acute ? "acute" : "calm", c->name, STR_FMT(buf_view(&line)));
				arena_reset(a);
			}
		}
}

static int compare(const char *golden, FILE *fresh)
{
	FILE *old = fopen(golden, "r");
	char x[512], y[512];
	int line = 0, differences = 0;
	if (!old) return 1;
	rewind(fresh);
	for (;;) {
		char *p = fgets(x, sizeof x, old), *q = fgets(y, sizeof y, fresh);
		line++;
		if (!p && !q) break;
		if (p && q && strcmp(x, y) == 0) continue;
		fprintf(stderr, "%s:%d: was: %snow: %s", golden, line, p ? x : "(end)\n", q ? y : "(end)\n");
		if (++differences > 10 || !p || !q) break;
	}
	fclose(old);
	return differences;
}

int main(int argc, char **argv)
{
	bool write = argc == 3 && strcmp(argv[1], "--write") == 0;
	FILE *out = write ? fopen(argv[2], "w") : tmpfile();
	a = arena_new((size_t)512 << 20);
	if (!a || !out || argc < 2) return 2;
	walk(out);
	int differences = write ? 0 : compare(argv[1], out);
	fclose(out);
	arena_free(a);
	printf("walk: %zu failures, %d differences\n", failures, differences);
	return failures || differences ? 1 : 0;
}

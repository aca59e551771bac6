/* main/tend.c — does what is long overdue in the demo's cases, so that Min dag looks like a day at work. */
#include "main/tend.h"
#include "main/print.h"
#include "core/state.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define CASES_MOST 64
#define CHORES_MOST 24
#define FIELDS_MOST 6
#define ROUNDS 3 /* what was done may ask for something new */

struct chore {
	enum command_id command;
	struct field_value field[FIELDS_MOST];
	size_t n;
};

static void add(struct chore *c, const char *name, struct str text)
{
	if (c->n < FIELDS_MOST)
		c->field[c->n++] = (struct field_value){ name, text };
}

static enum meeting_kind kind_of(const struct kase *k, struct id16 meeting)
{
	for (size_t i = 0; i < k->n_meetings; i++)
		if (id_eq(k->meetings[i].id, meeting))
			return k->meetings[i].kind;
	return MEETING_NONE;
}

static void meeting_chore(struct arena *a, const struct kase *k, const struct task_state *t, struct chore *c)
{
	const struct choice *kind = choice_by_number(&list_meeting_kind, kind_of(k, t->about));
	if (!kind)
		return;
	c->command = CMD_HOLD_MEETING;
	add(c, "meeting", id_str(a, t->about));
	add(c, "kind", str_c(kind->code));
	add(c, "parties", STR("person"));
	add(c, "parties", STR("social_services"));
	add(c, "words", STR("Vi gick igenom läget. Alla vet vad som händer härnäst."));
}

/* What would have closed the task; CMD_NONE when it is left for whoever tries the demo. */
static struct chore chore_of(struct arena *a, const struct kase *k, const struct task_state *t)
{
	struct chore c = { .command = CMD_NONE };
	if (task_row(t->kind)->tickable && t->kind != TASK_HOLD_MEETING) {
		c.command = CMD_COMPLETE_TASK;
		add(&c, "task", id_str(a, t->id));
	} else if (t->kind == TASK_HOLD_MEETING) {
		meeting_chore(a, k, t, &c);
	} else if (t->kind == TASK_CONTACT) {
		c.command = CMD_CONTACT_DONE;
		add(&c, "mood", STR("same"));
	} else if (t->kind == TASK_COMPLETE_DECISION) {
		c.command = CMD_COMPLETE_DECISION;
		add(&c, "investigation", id_str(a, t->about));
		add(&c, "ground", STR("sol_9_5"));
		add(&c, "reasons", STR("Hotet gjorde att personen behövde sova på en säker plats samma natt."));
		add(&c, "hearing", STR("urgent"));
	}
	return c;
}

/* A refused chore is let be: somebody else's task, or a rule that wants more. */
static bool do_chore(struct play *p, size_t who, struct id16 case_id, const struct chore *c)
{
	struct session s;
	struct act_result r;
	struct act_wish w = { .case_id = case_id, .command = c->command, .values = c->field, .n_values = c->n,
	                      .act = str_c(command_row(c->command)->name) };
	enum err e = flow_act(p->house->flow, p->scratch, &p->players[who].cookie, &w, &s, &r);
	return e == OK && r.saved;
}

static size_t chores_of(struct play *p, size_t who, struct id16 case_id, struct chore *out)
{
	struct session s;
	struct opened_case o;
	struct open_wish w = { .case_id = case_id, .purpose = PURPOSE_CASE_WORK, .act = STR("tend"), .as_of = DAY_UNSET };
	size_t n = 0;
	if (flow_open(p->house->flow, p->scratch, &p->players[who].cookie, &w, &s, &o) != OK)
		return 0;
	for (size_t i = 0; i < o.state->n_tasks && n < CHORES_MOST; i++) {
		const struct task_state *t = &o.state->tasks[i];
		if (t->due.us > o.now.us - 2 * DAY_US)
			continue;
		struct chore c = chore_of(p->scratch, o.state, t);
		if (c.command != CMD_NONE)
			out[n++] = c;
	}
	return n;
}

static void tend_case(struct play *p, size_t who, struct id16 case_id)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct chore *chores = ARENA_ARRAY(p->scratch, struct chore, CHORES_MOST);
		size_t n = chores ? chores_of(p, who, case_id, chores) : 0, done = 0;
		for (size_t i = 0; i < n; i++)
			done += do_chore(p, who, case_id, &chores[i]);
		arena_reset(p->scratch);
		if (done == 0)
			return;
	}
}

bool tend_cases(struct play *p, const size_t *who, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct my_case *cases = NULL;
		struct session s;
		struct id16 ids[CASES_MOST];
		size_t n_cases = 0, kept = 0;
		bool more;
		if (!p->players[who[i]].in)
			continue;
		enum err e = flow_my_cases(p->house->flow, p->scratch, &p->players[who[i]].cookie, &s, &cases, &n_cases, &more);
		if (e != OK) {
			warn_with("Demons ärenden gick inte att sköta (%s).", err_name(e));
			return false;
		}
		for (size_t k = 0; k < n_cases && kept < CASES_MOST; k++)
			if (!cases[k].via_desk)
				ids[kept++] = cases[k].case_id;
		arena_reset(p->scratch);
		for (size_t k = 0; k < kept; k++)
			tend_case(p, who[i], ids[k]);
	}
	return true;
}

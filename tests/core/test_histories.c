/* tests/core/test_histories.c — properties on random histories of two dossiers, each from a seed.
 *
 *   H1  the same seed gives the same state (a decision depends on its inputs alone)
 *   H2  replaying the journal, whole or through snapshots at any place, gives the live state
 *   H3  a refusal or a typing error leaves no trace
 *   H4  every event lies where its author's role may hold keys, and noted time only grows
 *   H5  the reminders that wait are exactly those of the open tasks, and the last of each ladder is the desk's
 *   H6  acute protection never ends except by its own act
 * Some steps are guided along the ordinary way, so that histories come far; the others are any command at all. */
#include "fill.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t failures, accepted_by_command[CMD_COUNT];

static void fail(uint64_t seed, size_t step, const char *what, const char *detail)
{
	fprintf(stderr, "seed %llu step %zu: %s: %s\n", (unsigned long long)seed, step, what, detail);
	failures++;
}

/* The ordinary way, with who goes it. A package kind stands as a negative number. */
static const struct { int command; size_t person; } way[] = {
	{ CMD_REGISTER_INTAKE, 0 }, { CMD_TAKE_CASE, 0 }, { CMD_RECORD_CONSENT, 0 }, { CMD_REQUEST_POLICE, 0 },
	{ -PACKAGE_REQUEST, 3 }, { CMD_ASSESS_THREAT, 3 }, { CMD_HAND_OVER_SUMMARY, 3 }, { -PACKAGE_SUMMARY, 0 },
	{ CMD_WRITE_JOINT_ASSESSMENT, 0 }, { CMD_SIGN_JOINT_ASSESSMENT, 0 }, { -PACKAGE_JOINT_ASSESSMENT, 3 },
	{ CMD_SIGN_JOINT_ASSESSMENT, 3 }, { -PACKAGE_SIGNATURE, 0 }, { CMD_BOOK_MEETING, 0 }, { CMD_REQUEST_DECISION, 0 },
	{ CMD_HOLD_MEETING, 0 }, { CMD_SIGN_POSITION, 0 }, { CMD_START_PLANNING, 0 }, { CMD_ADD_GOAL, 0 },
	{ CMD_NAME_CONTACT_LEAD, 0 }, { CMD_SET_CADENCE, 0 }, { CMD_AGREE_PLAN, 0 },
};

struct history { struct world *w; struct dice dice; uint64_t seed; size_t next; };

static size_t special(enum command_id c, struct field_value *v, size_t n)
{
	/* Where the first choice is another meeting, or another way to the plan. */
	if (c == CMD_BOOK_MEETING || c == CMD_HOLD_MEETING) v[n++] = (struct field_value){ "kind", STR("coordination") };
	if (c == CMD_START_PLANNING) v[n++] = (struct field_value){ "way", STR("no_decision_needed") };
	return n;
}

static struct outcome guided(struct history *h, size_t *ret_person)
{
	struct field_value values[FILL_MAX + 4];
	size_t person = way[h->next].person;
	int c = way[h->next].command;
	struct kase *k = h->w->side[world_side(h->w, person)].live;
	*ret_person = person;
	if (c < 0) return world_accept(h->w, person, (enum package_kind)-c);
	size_t n = special((enum command_id)c, values, 0);
	n += fill_form(h->w->a, h->w, k, (enum command_id)c, NULL, values + n);
	return world_do(h->w, person, (enum command_id)c, values, n);
}

static struct outcome any(struct history *h, size_t *ret_person, enum command_id *ret_command)
{
	struct field_value values[FILL_MAX];
	size_t person = dice_below(&h->dice, WORLD_STAFF);
	const struct command_row *c = &command_rows[dice_below(&h->dice, n_command_rows)];
	struct kase *k = h->w->side[world_side(h->w, person)].live;
	*ret_person = person;
	*ret_command = c->id;
	if (c->flags & COMMAND_PACKAGE) return world_accept(h->w, person, (enum package_kind)(1 + dice_below(&h->dice, 4)));
	size_t n = fill_form(h->w->a, h->w, k, c->id, &h->dice, values);
	return world_do(h->w, person, c->id, values, n);
}

/* ---- the properties --------------------------------------------------------------------------------------------------------- */

static void check_places(struct history *h, size_t step, size_t person)
{
	enum side s = world_side(h->w, person);
	uint32_t held = role_compartments(h->w->roles[person], s == SIDE_POLICE ? CONTROLLER_POLICE : CONTROLLER_SOCIAL);
	struct instant last = INSTANT_UNSET;
	for (size_t i = 0; i < h->w->side[s].n_last; i++) {
		const struct event *e = &h->w->side[s].last[i];
		if (!(held & COMPARTMENT_BIT(e->compartment))) fail(h->seed, step, "H4 place", event_title(e->kind));
		if (instant_is_set(last) && e->noted.us <= last.us) fail(h->seed, step, "H4 time goes back", event_title(e->kind));
		last = e->noted;
	}
}

static bool waits(const struct dossier *d, struct id16 rung)
{
	for (size_t i = 0; i < d->n_rungs; i++)
		if (id_eq(d->rungs[i].id, rung)) return true;
	return false;
}

static void check_rungs(struct history *h, size_t step, enum side s)
{
	const struct dossier *d = &h->w->side[s];
	struct facts f = world_facts(h->w, s == SIDE_POLICE ? 3 : 0);
	size_t n = 0;
	for (size_t i = 0; i < d->live->n_tasks; i++)
		for (size_t r = 0; r < 3; r++) {
			if (id_is_zero(d->live->tasks[i].rungs[r])) continue;
			n++;
			if (!waits(d, d->live->tasks[i].rungs[r])) fail(h->seed, step, "H5 a task's reminder is gone", task_row(d->live->tasks[i].kind)->title);
		}
	if (n != d->n_rungs) fail(h->seed, step, "H5 a reminder without a task", "");
	for (size_t i = 0; i < d->n_rungs; i++)
		if ((d->rungs[i].step == 2) != id_eq(d->rungs[i].assignee, f.desk)) fail(h->seed, step, "H5 the desk is not the last", "");
}

static void check_replay(struct history *h, size_t step)
{
	for (size_t s = 0; s < SIDES; s++) {
		struct dossier *d = &h->w->side[s];
		struct str live = world_dump(h->w->a, d->live);
		if (!str_eq(live, world_dump(h->w->a, world_replay(h->w, (enum side)s)))) fail(h->seed, step, "H2 replay", "");
		size_t cut = dice_below(&h->dice, d->n_entries + 1);
		if (!str_eq(live, world_dump(h->w->a, world_replay_cut(h->w, (enum side)s, cut)))) fail(h->seed, step, "H2 snapshot", "");
	}
}

static void one_step(struct history *h, size_t step)
{
	size_t person = 0;
	enum command_id c = CMD_NONE;
	bool follow = h->next < COUNT_OF(way) && dice_below(&h->dice, 3) == 0;
	bool acute = h->w->side[SIDE_SOCIAL].live->acute;
	struct str before[SIDES];
	bool look = dice_below(&h->dice, 4) == 0;
	for (size_t s = 0; s < SIDES && look; s++) before[s] = world_dump(h->w->a, h->w->side[s].live);
	struct outcome o = follow ? guided(h, &person) : any(h, &person, &c);
	bool saved = o.fault == OK && !o.refused && o.n_errors == 0;
	if (o.fault != OK && o.fault != ERR_NOT_FOUND) fail(h->seed, step, "fault", err_name(o.fault));
	if (follow) h->next += saved || o.fault == ERR_NOT_FOUND || dice_below(&h->dice, 4) == 0;
	if (saved) {
		check_places(h, step, person);
		accepted_by_command[follow && way[h->next - 1].command > 0 ? (size_t)way[h->next - 1].command : (size_t)c]++;
	}
	for (size_t s = 0; s < SIDES && look && !saved; s++)
		if (!str_eq(before[s], world_dump(h->w->a, h->w->side[s].live))) fail(h->seed, step, "H3 a refusal leaves a trace", "");
	if (acute && !h->w->side[SIDE_SOCIAL].live->acute && c != CMD_END_ACUTE) fail(h->seed, step, "H6 protection ended by another act", "");
	check_rungs(h, step, world_side(h->w, person));
	h->w->now.us += (int64_t)dice_below(&h->dice, 50) * INT64_C(1800000000);
}

static struct str run(struct arena *a, uint64_t seed, size_t steps)
{
	struct history h = { .w = world_new(a), .dice = { seed }, .seed = seed };
	for (size_t i = 0; i < steps; i++) {
		one_step(&h, i);
		if (i % 40 == 39) check_replay(&h, i);
	}
	check_replay(&h, steps);
	struct buf b = buf_new(a, 8 * 1024 * 1024);
	for (size_t s = 0; s < SIDES; s++) buf_str(&b, world_dump(a, h.w->side[s].live));
	return buf_view(&b);
}

int main(int argc, char **argv)
{
	uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 60, first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct arena *a = arena_new((size_t)1 << 30), *b = arena_new((size_t)1 << 30);
	size_t never = 0;
	if (!a || !b) return 2;
	for (uint64_t seed = first; seed < first + seeds && failures < 20; seed++) {
		struct str once = run(a, seed, 240);
		if (seed % 10 == 0 && !str_eq(once, run(b, seed, 240))) fail(seed, 0, "H1 another state from the same seed", "");
		arena_reset(a);
		arena_reset(b);
	}
	for (size_t i = 0; i < n_command_rows; i++)
		if (accepted_by_command[command_rows[i].id] == 0 && !(command_rows[i].flags & COMMAND_PACKAGE)) {
			never++;
			fprintf(stderr, "never accepted in any history: %s\n", command_rows[i].name);
		}
	printf("histories: %llu seeds, %zu failures, %zu commands never accepted\n", (unsigned long long)seeds, failures, never);
	arena_free(a);
	arena_free(b);
	return failures ? 1 : 0;
}

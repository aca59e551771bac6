/* tests/core/test_cases.c — runs the fixtures tests/core/NN_*.case, texts that a jurist can read.
 *
 *   case WORDS                              a new world; people: anna (samordnare), bo and cecilia
 *                                           (socialsekreterare), david and frida (polis), eva (chef)
 *   given it is 2026-11-23 10:00            Swedish time
 *   given anna bo hold the case             and nobody else; without it everybody of the side does
 *   given the story WORD                    the steps of a story block in the file it stands in or 00_stories.case
 *   given the profile says NAME = VALUE     the generic profile but for that, from now on
 *   when anna opens the case                dates made by another profile are made anew
 *   when anna does COMMAND                  and below it, indented, `field: value` lines
 *   when david takes in the KIND            the newest package of that kind
 *   then accepted | then refused RULE [at FIELD] | then wrong FIELD "words"
 *   then phase is WORD | acute is on/off | plan is agreed/not agreed | danger is known/not known
 *   then acute says "..." | threat says "..."
 *   then task "TITLE" is due 2026-11-24 23:59 for anna/desk | then no task "TITLE"
 *   then reminder 0 of "TITLE" goes to anna/desk at 2026-11-24 23:59 [, danger]
 *   then event KIND in COMPARTMENT | then no event KIND | then timeline says "..."
 *   then nothing is written                 by the opening
 *   then anna is offered COMMAND | then anna is not offered COMMAND
 *   then the police dossier ...             the sentence is about that dossier
 * A value may name a thing: @task TITLE, @ticked, @meeting KIND, @goal 1, @investigation KIND, @entry KIND, @anna.
 * After each case: the journal folded again, and folded through snapshots at every place, gives the same state. */
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 6000
#define VALUES_MAX 40

struct text { struct str lines[LINES_MAX]; int numbers[LINES_MAX]; size_t n; const char *name; };
struct run {
	struct arena *a;
	struct world *w;
	const struct text *text;
	size_t at;
	struct outcome last;
	bool have_last, seen_no;
	size_t actor;
	size_t cases, failures;
	struct str title;
	bool failed;
};
static bool refusal_hit[256], command_hit[CMD_COUNT];
static struct text stories;

static void fail(struct run *r, const char *what, struct str detail)
{
	fprintf(stderr, "%s:%d: %s: %.*s\n    in: %.*s\n", r->text->name, r->text->numbers[r->at], what, (int)detail.n,
	        detail.p ? detail.p : "", (int)r->title.n, r->title.p ? r->title.p : "");
	r->failed = true;
}

static struct str word(struct str *s)
{
	*s = str_trim(*s);
	size_t n = str_find(*s, ' ');
	struct str w = str_cut(*s, 0, n);
	*s = str_trim(str_cut(*s, n, s->n));
	return w;
}

static struct str quoted(struct str *s)
{
	*s = str_trim(*s);
	if (s->n == 0 || s->p[0] != '"') return STR_UNSET;
	struct str rest = str_cut(*s, 1, s->n);
	size_t n = str_find(rest, '"');
	*s = str_trim(str_cut(rest, n + 1, rest.n));
	return str_cut(rest, 0, n);
}

static bool skip(struct str *s, const char *words)
{
	struct str w = str_c(words);
	if (!str_starts(*s, w)) return false;
	*s = str_trim(str_cut(*s, w.n, s->n));
	return true;
}

static bool parse_time(struct str s, struct instant *ret)
{
	struct day d;
	if (s.n < 16 || day_parse_iso(str_cut(s, 0, 10), &d) != OK) return false;
	*ret = instant_at(d, (s.p[11] - '0') * 10 + s.p[12] - '0', (s.p[14] - '0') * 10 + s.p[15] - '0');
	return true;
}

static bool contains(struct str hay, struct str needle)
{
	return needle.n == 0 || (hay.n >= needle.n && memmem(hay.p, hay.n, needle.p, needle.n) != NULL);
}

/* ---- values that name things ------------------------------------------------------------------------------------------ */

static struct str thing_value(struct run *r, const struct kase *k, struct str s)
{
	struct str what = word(&s);
	for (size_t i = 0; i < WORLD_STAFF; i++)
		if (str_eq(str_cut(what, 1, what.n), r->w->names[i])) return id_str(r->a, r->w->staff[i].user);
	for (size_t i = 0; str_eq_c(what, "@task") && i < k->n_tasks; i++)
		if (str_eq(task_text(r->a, k, &k->tasks[i]), s)) return id_str(r->a, k->tasks[i].id);
	if (str_eq_c(what, "@ticked") && k->ticked) return id_str(r->a, k->ticked->task);
	for (size_t i = 0; str_eq_c(what, "@meeting") && i < k->n_meetings; i++)
		if (str_eq_c(s, choice_by_number(&list_meeting_kind, k->meetings[i].kind)->code)) return id_str(r->a, k->meetings[i].id);
	if (str_eq_c(what, "@goal") && s.n == 1 && (size_t)(s.p[0] - '1') < k->n_goals) return id_str(r->a, k->goals[s.p[0] - '1'].id);
	for (size_t i = k->n_investigations; str_eq_c(what, "@investigation") && i-- > 0;)
		if (str_eq_c(s, choice_by_number(&list_investigation_kind, k->investigations[i].opened->kind)->code))
			return id_str(r->a, k->investigations[i].id);
	const struct dossier *d = &r->w->side[world_side(r->w, r->actor)];
	for (size_t i = d->n_entries; str_eq_c(what, "@entry") && i-- > 0;) {
		struct event e;
		if (event_decode(r->a, d->entries[i].compartment, d->entries[i].seq, d->entries[i].payload, &e) == OK &&
		    str_eq_c(s, event_row(e.kind)->name))
			return event_entry(r->a, &e);
	}
	fail(r, "no such thing", what);
	return STR("00000000000000000000000000000001");
}

/* ---- when -------------------------------------------------------------------------------------------------------------- */

static void settle(struct run *r)
{
	if (!r->have_last || r->seen_no) return;
	r->have_last = false;
	if (r->last.fault != OK) fail(r, "fault", str_c(err_name(r->last.fault)));
	else if (r->last.n_errors > 0) fail(r, r->last.errors[0].field, r->last.errors[0].text);
	else if (r->last.refused) fail(r, "refused", str_c(refusal_row(r->last.refusal.id)->rule));
}

static size_t read_values(struct run *r, struct field_value values[VALUES_MAX], struct kase *k)
{
	size_t n = 0;
	while (r->at + 1 < r->text->n && n < VALUES_MAX) {
		struct str line = r->text->lines[r->at + 1], trimmed = str_trim(line);
		if (line.n == 0 || (line.p[0] != ' ' && line.p[0] != '\t') || trimmed.n == 0) break;
		r->at++;
		size_t colon = str_find(trimmed, ':');
		struct str value = str_trim(str_cut(trimmed, colon + 1, trimmed.n));
		if (value.n > 0 && value.p[0] == '@') value = thing_value(r, k, value);
		if (str_starts(value, STR("*"))) {
			/* "*5000" is a text of five thousand letters. */
			size_t count = (size_t)atol(arena_c(r->a, str_cut(value, 1, value.n)));
			char *p = arena_take(r->a, count);
			memset(p, 'x', count);
			value = (struct str){ p, count };
		}
		values[n++] = (struct field_value){ arena_c(r->a, str_cut(trimmed, 0, colon)), value };
	}
	return n;
}

static void when(struct run *r, struct str s)
{
	struct field_value values[VALUES_MAX];
	settle(r);
	r->actor = world_person(r->w, word(&s));
	if (r->actor == WORLD_STAFF) {
		fail(r, "unknown person", s);
		r->actor = 0;
	}
	struct kase *k = r->w->side[world_side(r->w, r->actor)].live;
	r->have_last = true;
	r->seen_no = false;
	if (skip(&s, "takes in the ")) {
		enum package_kind kind = PACKAGE_NONE;
		for (unsigned i = 1; package_row((enum package_kind)i); i++)
			if (str_eq_c(s, package_row((enum package_kind)i)->code)) kind = (enum package_kind)i;
		r->last = world_accept(r->w, r->actor, kind);
		if (r->last.fault == OK && !r->last.refused) command_hit[package_row(kind)->accept] = true;
		return;
	}
	if (skip(&s, "opens the case")) {
		r->last = world_open(r->w, r->actor);
		return;
	}
	const struct command_row *c = skip(&s, "does ") ? command_by_name(s) : NULL;
	size_t n = read_values(r, values, k);
	if (!c) {
		fail(r, "unknown command", s);
		r->have_last = false;
		return;
	}
	r->last = world_do(r->w, r->actor, c->id, values, n);
	if (r->last.fault == OK && r->last.n_errors == 0 && !r->last.refused) command_hit[c->id] = true;
}

/* ---- then -------------------------------------------------------------------------------------------------------------- */

static void then_refused(struct run *r, struct str s)
{
	struct str rule = word(&s);
	bool no = r->have_last && r->last.fault == OK && r->last.n_errors == 0 && r->last.refused;
	r->seen_no = true;
	if (!no) {
		fail(r, "was not refused, expected", rule);
		return;
	}
	const struct refusal_row *row = refusal_row(r->last.refusal.id);
	if (!str_eq_c(rule, row->rule)) fail(r, "refused by another rule", str_c(row->rule));
	else refusal_hit[row->id] = true;
	if (skip(&s, "at ") && (!r->last.refusal.field || !str_eq_c(s, r->last.refusal.field)))
		fail(r, "at another field", str_c(r->last.refusal.field ? r->last.refusal.field : "none"));
}

static void then_wrong(struct run *r, struct str s)
{
	struct str field = word(&s), words = quoted(&s);
	r->seen_no = true;
	for (size_t i = 0; r->have_last && i < r->last.n_errors; i++)
		if (str_eq_c(field, r->last.errors[i].field)) {
			if (!contains(r->last.errors[i].text, words)) fail(r, "other words", r->last.errors[i].text);
			return;
		}
	fail(r, "no complaint at", field);
}

static struct str short_of(const struct run *r, struct id16 user, enum side side)
{
	struct facts f = world_facts(r->w, side == SIDE_POLICE ? 3 : 0);
	for (size_t i = 0; i < WORLD_STAFF; i++)
		if (id_eq(r->w->staff[i].user, user)) return r->w->names[i];
	return id_is_zero(user) || id_eq(user, f.desk) ? STR("desk") : STR("nobody");
}

static const struct task_state *task_named(struct run *r, const struct kase *k, struct str title)
{
	for (size_t i = 0; i < k->n_tasks; i++)
		if (str_eq(task_text(r->a, k, &k->tasks[i]), title) || str_eq_c(title, task_row(k->tasks[i].kind)->title)) return &k->tasks[i];
	return NULL;
}

static void then_task(struct run *r, enum side side, struct str s)
{
	struct kase *k = r->w->side[side].live;
	struct str title = quoted(&s);
	const struct task_state *t = task_named(r, k, title);
	struct instant due;
	if (!t) {
		fail(r, "no such task", title);
		return;
	}
	if (skip(&s, "is due ")) {
		if (!parse_time(s, &due)) fail(r, "no time", s);
		else if (due.us != t->due.us) fail(r, "due at another time", instant_iso(r->a, t->due));
		s = str_trim(str_cut(s, 16, s.n));
	}
	if (skip(&s, "for ") && !str_eq(s, short_of(r, t->assignee.id, side)))
		fail(r, "for somebody else", short_of(r, t->assignee.id, side));
}

static void then_reminder(struct run *r, enum side side, struct str s)
{
	struct dossier *d = &r->w->side[side];
	struct str step = word(&s);
	skip(&s, "of ");
	const struct task_state *t = task_named(r, d->live, quoted(&s));
	struct instant due;
	skip(&s, "goes to ");
	struct str who = word(&s);
	skip(&s, "at ");
	if (!t || !parse_time(s, &due)) {
		fail(r, "no such task or time", s);
		return;
	}
	bool danger = contains(s, STR("danger"));
	for (size_t i = 0; i < d->n_rungs; i++) {
		const struct rung *g = &d->rungs[i];
		if (!id_eq(g->task_id, t->id) || g->step != step.p[0] - '0') continue;
		if (g->due.us != due.us) fail(r, "reminder at another time", instant_iso(r->a, g->due));
		if (!str_eq(who, short_of(r, g->assignee, side))) fail(r, "reminder to somebody else", short_of(r, g->assignee, side));
		if (danger != (g->severity == 3)) fail(r, "another severity", STR(""));
		return;
	}
	fail(r, "no reminder at that step", step);
}

static void then_event(struct run *r, enum side side, struct str s, bool wanted)
{
	struct str name = word(&s);
	bool found = false;
	skip(&s, "in ");
	for (size_t i = 0; i < r->w->side[side].n_last; i++) {
		const struct event *e = &r->w->side[side].last[i];
		const struct compartment_row *c = compartment_row(e->compartment);
		if (e->kind == EV_UNKNOWN || !str_eq_c(name, event_row(e->kind)->name)) continue;
		if (s.n == 0 || (c && strncasecmp(c->code, s.p, s.n) == 0)) found = true;
	}
	if (found != wanted) fail(r, wanted ? "no such event" : "there is such an event", name);
}

static void then_timeline(struct run *r, enum side side, struct str s)
{
	struct str words = quoted(&s);
	struct buf all = buf_new(r->a, 64 * 1024);
	for (size_t i = 0; i < r->w->side[side].n_last; i++) {
		struct str text = event_text(r->a, &r->w->side[side].last[i]);
		if (contains(text, words)) return;
		buf_str(&all, text);
		buf_lit(&all, " | ");
	}
	fail(r, "the timeline says", buf_view(&all));
}

static void then_offered(struct run *r, struct str s)
{
	size_t who = world_person(r->w, word(&s));
	bool wanted = !skip(&s, "is not offered ");
	if (wanted) skip(&s, "is offered ");
	const struct command_row *c = command_by_name(s);
	struct facts f = world_facts(r->w, who < WORLD_STAFF ? who : 0);
	if (!c || command_offered(r->w->side[world_side(r->w, who)].live, c->id, &f.actor) != wanted) fail(r, "offered is otherwise", s);
}

static void check(struct run *r, bool good, struct str detail)
{
	if (!good) fail(r, "is not so", detail);
}

static void then(struct run *r, struct str s)
{
	enum side side = SIDE_SOCIAL;
	struct str all = s;
	if (skip(&s, "refused ")) { then_refused(r, s); return; }
	if (skip(&s, "wrong ")) { then_wrong(r, s); return; }
	settle(r);
	if (skip(&s, "the police dossier")) side = SIDE_POLICE;
	struct kase *k = r->w->side[side].live;
	struct day today = instant_day(r->w->now);
	if (str_eq_c(s, "accepted")) return;
	if (skip(&s, "phase is ")) {
		const struct choice *c = choice_by_number(&list_phase, k->phase);
		check(r, c && (str_eq_c(s, c->text) || str_eq_c(s, c->code)), all);
	} else if (skip(&s, "acute is ")) check(r, k->acute == str_eq_c(s, "on"), all);
	else if (skip(&s, "plan is ")) check(r, k->plan_agreed == str_eq_c(s, "agreed"), all);
	else if (skip(&s, "danger is ")) check(r, (k->danger == DANGER_YES) == str_eq_c(s, "known"), all);
	else if (skip(&s, "acute says ")) check(r, str_eq(acute_text(r->a, k, today), quoted(&s)), acute_text(r->a, k, today));
	else if (skip(&s, "threat says ")) check(r, str_eq(threat_text(r->a, k, today), quoted(&s)), threat_text(r->a, k, today));
	else if (skip(&s, "nothing is written")) check(r, r->last.fault == OK && r->last.n_events == 0, all);
	else if (skip(&s, "no task ")) check(r, !task_named(r, k, quoted(&s)), all);
	else if (skip(&s, "task ")) then_task(r, side, s);
	else if (skip(&s, "reminder ")) then_reminder(r, side, s);
	else if (skip(&s, "no event ")) then_event(r, side, s, false);
	else if (skip(&s, "event ")) then_event(r, side, s, true);
	else if (skip(&s, "timeline says ")) then_timeline(r, side, s);
	else if (contains(s, STR("offered "))) then_offered(r, s);
	else fail(r, "unknown sentence", s);
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

static void line(struct run *r, struct str s);

static void story(struct run *r, const struct text *t, struct str name)
{
	const struct text *old = r->text;
	size_t at = r->at;
	for (size_t i = 0; i < t->n; i++) {
		struct str s = str_trim(t->lines[i]);
		if (!skip(&s, "story ") || !str_eq(s, name)) continue;
		r->text = t;
		for (r->at = i + 1; r->at < t->n; r->at++) {
			s = str_trim(t->lines[r->at]);
			if (str_starts(s, STR("story ")) || str_starts(s, STR("case "))) break;
			line(r, s);
		}
		if (r->at >= t->n) r->at = t->n - 1;
		settle(r);
		r->text = old;
		r->at = at;
		return;
	}
	fail(r, "no such story", name);
}

/* anna bo hold the case */
static void hold(struct run *r, struct str s)
{
	settle(r);
	r->w->holders = 0;
	while (s.n > 0 && !str_starts(s, STR("hold the case"))) {
		size_t n = str_find(s, ' '), who = world_person(r->w, str_cut(s, 0, n));
		if (who == WORLD_STAFF) {
			fail(r, "nobody of this name", s);
			return;
		}
		r->w->holders |= UINT64_C(1) << who;
		s = str_trim(str_cut(s, n, s.n));
	}
	if (!str_eq_c(s, "hold the case")) fail(r, "unknown line", s);
}

static void line(struct run *r, struct str s)
{
	if (s.n == 0 || s.p[0] == '#') return;
	if (skip(&s, "given it is ")) {
		settle(r);
		if (!parse_time(s, &r->w->now)) fail(r, "no time", s);
	} else if (skip(&s, "given the story ")) {
		settle(r);
		story(r, &stories, s);
	} else if (skip(&s, "given the profile says ")) {
		settle(r);
		if (!world_profile(r->w, s)) fail(r, "no such setting", s);
	} else if (skip(&s, "when ")) when(r, s);
	else if (skip(&s, "then ")) then(r, s);
	else if (skip(&s, "given ")) hold(r, s);
	else fail(r, "unknown line", s);
}

static void end_case(struct run *r)
{
	if (!r->w) return;
	settle(r);
	for (size_t side = 0; side < SIDES; side++) {
		struct dossier *d = &r->w->side[side];
		struct str live = world_dump(r->a, d->live);
		if (!str_eq(live, world_dump(r->a, world_replay(r->w, (enum side)side)))) fail(r, "replay is another state", STR(""));
		for (size_t cut = 0; cut <= d->n_entries; cut++)
			if (!str_eq(live, world_dump(r->a, world_replay_cut(r->w, (enum side)side, cut)))) {
				fail(r, "a snapshot gives another state", STR(""));
				break;
			}
	}
	r->cases++;
	r->failures += r->failed;
	printf("%s %.*s\n", r->failed ? "not ok" : "ok", (int)r->title.n, r->title.p);
	r->w = NULL;
}

static void run_text(struct run *r, const struct text *t)
{
	r->text = t;
	for (r->at = 0; r->at < t->n; r->at++) {
		struct str s = str_trim(t->lines[r->at]);
		if (skip(&s, "case ")) {
			end_case(r);
			arena_reset(r->a);
			r->w = world_new(r->a);
			r->title = s;
			r->failed = r->have_last = false;
		} else if (skip(&s, "story ")) {
			end_case(r);
			r->w = NULL;
		} else if (r->w) line(r, s);
	}
	if (r->at > 0) r->at--;
	end_case(r);
}

static bool read_text(struct arena *a, const char *path, struct text *t)
{
	FILE *f = fopen(path, "rb");
	char *all = arena_take(a, 256 * 1024);
	if (!f || !all) return false;
	struct str s = { all, fread(all, 1, 256 * 1024, f) };
	fclose(f);
	t->n = 0;
	t->name = path;
	for (int number = 1; s.n > 0 && t->n < LINES_MAX; number++) {
		size_t end = str_find(s, '\n');
		t->lines[t->n] = str_cut(s, 0, end);
		t->numbers[t->n++] = number;
		s = str_cut(s, end < s.n ? end + 1 : s.n, s.n);
	}
	return true;
}

/* Every way to say no, and every command, stands in a fixture. The three that the walk covers are named here. */
static size_t uncovered(void)
{
	size_t n = 0;
	for (size_t i = 0; i < n_refusal_rows; i++)
		if (!refusal_hit[refusal_rows[i].id] && ++n) fprintf(stderr, "no fixture is refused by %s\n", refusal_rows[i].rule);
	for (size_t i = 0; i < n_command_rows; i++)
		if (!command_hit[command_rows[i].id] && ++n) fprintf(stderr, "no fixture accepts %s\n", command_rows[i].name);
	return n;
}

int main(int argc, char **argv)
{
	static struct text t;
	struct arena *texts = arena_new(16 * 1024 * 1024);
	struct run r = { .a = arena_new((size_t)1 << 30) };
	size_t missing = 0;
	if (!texts || !r.a || argc < 3 || !read_text(texts, argv[1], &stories)) return 2;
	for (int i = 2; i < argc; i++) {
		if (!read_text(texts, argv[i], &t)) return 2;
		run_text(&r, &t);
	}
	if (getenv("PART") == NULL) missing = uncovered();
	printf("%zu cases, %zu failed, %zu not covered\n", r.cases, r.failures, missing);
	arena_free(r.a);
	arena_free(texts);
	return r.failures || missing ? 1 : 0;
}

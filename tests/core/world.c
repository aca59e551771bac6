/* tests/core/world.c — a small world for tests of the core. */
#include "world.h"
#include "core/record.h"
#include <stdio.h>
#include <string.h>

/* Longer histories are not folded again for every act. */
#define CHECKED_ENTRIES 150

static const struct { const char *word, *name, *title; enum role role; } cast[WORLD_STAFF] = {
	{ "anna", "Anna Lind", "samordnare", ROLE_COORDINATOR },
	{ "bo", "Bo Ek", "socialsekreterare", ROLE_SOCIAL_WORKER },
	{ "cecilia", "Cecilia Berg", "socialsekreterare", ROLE_SOCIAL_WORKER },
	{ "david", "David Holm", "polis", ROLE_POLICE },
	{ "eva", "Eva Dahl", "chef", ROLE_MANAGER },
	{ "frida", "Frida Sten", "polis", ROLE_POLICE },
};

static struct id16 id_of(uint64_t a, uint64_t b)
{
	struct id16 id;
	for (size_t i = 0; i < 8; i++) {
		id.b[i] = (uint8_t)(a >> (8 * i));
		id.b[8 + i] = (uint8_t)(b >> (8 * i));
	}
	return id;
}

struct world *world_new(struct arena *a)
{
	struct world *w = ARENA_NEW(a, struct world);
	assert_always(w);
	w->a = a;
	assert_always(profile_generic(a, &w->profile) == OK);
	for (size_t i = 0; i < WORLD_STAFF; i++) {
		w->names[i] = str_c(cast[i].word);
		w->roles[i] = cast[i].role;
		w->staff[i] = (struct staff){ id_of(0xabcd, i + 1), str_c(cast[i].name), str_c(cast[i].title), UINT64_C(1) << cast[i].role };
	}
	for (size_t s = 0; s < SIDES; s++) w->side[s].live = case_new(a);
	assert_always(instant_parse_iso(STR("2026-11-23T09:00:00.000000Z"), &w->now) == OK);
	return w;
}

size_t world_person(const struct world *w, struct str short_name)
{
	size_t i = 0;
	while (i < WORLD_STAFF && !str_eq(w->names[i], short_name)) i++;
	return i;
}

enum side world_side(const struct world *w, size_t person)
{
	return w->roles[person] == ROLE_POLICE ? SIDE_POLICE : SIDE_SOCIAL;
}

struct facts world_facts(struct world *w, size_t person)
{
	bool police = world_side(w, person) == SIDE_POLICE;
	struct id16 *fresh = ARENA_ARRAY(w->a, struct id16, DECIDE_FRESH);
	enum controller_kind kind = police ? CONTROLLER_POLICE : CONTROLLER_SOCIAL;
	assert_always(fresh);
	struct id16 *holders = ARENA_ARRAY(w->a, struct id16, WORLD_STAFF);
	size_t n_holders = 0;
	assert_always(holders);
	for (size_t i = 0; i < WORLD_STAFF; i++)
		if (w->holders ? w->holders >> i & 1 : world_side(w, i) == world_side(w, person)) holders[n_holders++] = w->staff[i].user;
	for (size_t i = 0; i < DECIDE_FRESH; i++) fresh[i] = id_of(0xf1e5, ++w->counter);
	return (struct facts){
		.now = w->now, .case_id = id_of(0xca5e, police ? 2 : 1),
		.authority = police ? STR("Polismyndigheten") : STR("Socialnämnden i Exempelstad"),
		.actor = { .user = w->staff[person].user, .name = w->staff[person].name, .title = w->staff[person].title,
		           .role = w->roles[person], .held = role_compartments(w->roles[person], kind), .controller_kind = kind },
		.desk = id_of(0xde5c, police ? 2 : 1), .profile = &w->profile, .fresh = fresh, .n_fresh = DECIDE_FRESH,
		.staff = w->no_staff ? NULL : w->staff, .n_staff = w->no_staff ? 0 : WORLD_STAFF,
		.holders = holders, .n_holders = n_holders,
	};
}

/* Puts `noted` and `author` in front, as the vault does. */
static struct str stamped(struct world *w, const struct facts *f, struct str payload)
{
	struct buf b = buf_new(w->a, 256 * 1024);
	struct instant t = w->now.us > w->last_noted.us ? w->now : (struct instant){ w->last_noted.us + 1 };
	struct str noted = instant_iso(w->a, t), author = id_str(w->a, f->actor.user);
	w->last_noted = t;
	buf_format(&b, "noted:%zu:%.*s\nauthor:%zu:%.*s\n", noted.n, STR_FMT(noted), author.n, STR_FMT(author));
	buf_str(&b, payload);
	assert_always(!buf_is_full(&b));
	return buf_view(&b);
}

static void save(struct world *w, struct dossier *d, const struct facts *f, const struct decision *decided)
{
	d->n_last = 0;
	for (size_t i = 0; i < decided->n_events; i++) {
		struct event e = decided->events[i];
		struct str payload = event_encode(w->a, &e);
		assert_always(payload.p && d->n_entries < WORLD_ENTRIES);
		struct entry *n = &d->entries[d->n_entries++];
		*n = (struct entry){ e.compartment, ++d->seq[e.compartment], stamped(w, f, payload) };
		assert_always(event_decode(w->a, n->compartment, n->seq, n->payload, &d->last[d->n_last]) == OK);
		case_apply(w->a, d->live, &d->last[d->n_last++]);
	}
	for (size_t i = 0; i < decided->n_cancelled; i++)
		for (size_t r = 0; r < d->n_rungs; r++)
			if (id_eq(d->rungs[r].id, decided->cancelled[i])) d->rungs[r--] = d->rungs[--d->n_rungs];
	for (size_t i = 0; i < decided->n_rungs && d->n_rungs < WORLD_RUNGS; i++) d->rungs[d->n_rungs++] = decided->rungs[i];
	for (size_t i = 0; i < decided->n_moved; i++)
		for (size_t r = 0; r < d->n_rungs; r++)
			if (id_eq(d->rungs[r].id, decided->moved[i].id)) d->rungs[r].due = decided->moved[i].due;
	for (size_t i = 0; i < decided->n_packages && w->n_packages < WORLD_PACKAGES; i++) w->packages[w->n_packages++] = decided->packages[i];
}

/* The state as who acts has it in hand: what command_opens tells, the rest unopened. */
static struct kase *in_hand(struct world *w, const struct dossier *d, enum command_id c)
{
	uint32_t opened = command_opens(c);
	struct kase *k = case_new(w->a);
	for (size_t i = 0; i < d->n_entries; i++) {
		struct event e;
		if (!(opened >> d->entries[i].compartment & 1)) continue;
		assert_always(event_decode(w->a, d->entries[i].compartment, d->entries[i].seq, d->entries[i].payload, &e) == OK);
		case_apply(w->a, k, &e);
	}
	return k;
}

static struct str decision_text(struct world *w, const struct decision *d)
{
	struct buf b = buf_new(w->a, 1024 * 1024);
	buf_format(&b, "refused %d %u %s\n", d->refused, d->refused ? d->refusal.id : 0, d->refused && d->refusal.field ? d->refusal.field : "");
	for (size_t i = 0; !d->refused && i < d->n_events; i++) {
		buf_format(&b, "event %u\n", d->events[i].compartment);
		buf_str(&b, event_encode(w->a, &d->events[i]));
	}
	for (size_t i = 0; !d->refused && i < d->n_rungs; i++)
		buf_format(&b, "rung %02x%02x task %u step %u for %02x due %lld severity %u\n", d->rungs[i].id.b[8], d->rungs[i].id.b[9], d->rungs[i].task,
		           d->rungs[i].step, d->rungs[i].assignee.b[8], (long long)d->rungs[i].due.us, d->rungs[i].severity);
	for (size_t i = 0; !d->refused && i < d->n_cancelled; i++) buf_format(&b, "cancelled %02x%02x\n", d->cancelled[i].b[8], d->cancelled[i].b[9]);
	for (size_t i = 0; !d->refused && i < d->n_packages; i++) {
		buf_format(&b, "package %u\n", d->packages[i].kind);
		buf_str(&b, d->packages[i].payload);
	}
	assert_always(!buf_is_full(&b));
	return buf_view(&b);
}

/* The decision must be the same without what the act does not open. */
static void same_in_hand(struct world *w, const struct dossier *d, enum command_id c, const void *input, const struct facts *f,
                         const struct decision *whole)
{
	struct decision part = { .refused = false };
	struct kase *k = in_hand(w, d, c);
	assert_always(case_decide(w->a, k, c, input, f, &part) == OK);
	struct str a = decision_text(w, whole), b = decision_text(w, &part);
	if (str_eq(a, b)) return;
	(void)fprintf(stderr, "%s decides otherwise without what it does not open:\n%.*s--- in hand\n%.*s", command_row(c)->name, STR_FMT(a), STR_FMT(b));
	assert_always(!"the command opens too little");
}

static struct str list_text(struct world *w, const struct kase *k)
{
	struct summary s;
	case_summary(w->a, k, &s);
	return summary_encode(w->a, &s);
}

/* A steady command's decision is known before the case is. */
static void as_foreseen(struct world *w, enum command_id c, const void *input, const struct facts *f,
                        const struct decision *whole)
{
	struct facts less = { .now = f->now, .actor = { .user = f->actor.user, .controller_kind = f->actor.controller_kind },
	                      .desk = f->desk, .profile = f->profile, .case_id = f->case_id, .authority = f->authority };
	struct event e;
	assert_always(command_entry(w->a, c, input, &less, &e) == OK);
	assert_always(whole->n_events == 1 && whole->n_rungs + whole->n_cancelled + whole->n_packages == 0);
	struct event decided = whole->events[0];
	decided.author_name = decided.author_title = e.author_name = e.author_title = STR_UNSET;
	assert_always(e.compartment == decided.compartment && str_eq(event_encode(w->a, &e), event_encode(w->a, &decided)));
}

struct outcome world_decide(struct world *w, size_t person, enum command_id c, const void *input)
{
	struct dossier *d = &w->side[world_side(w, person)];
	struct facts f = world_facts(w, person);
	struct decision decided = { .refused = false };
	struct outcome o = { .fault = case_decide(w->a, d->live, c, input, &f, &decided) };
	if (o.fault != OK) return o;
	if (d->n_entries < CHECKED_ENTRIES && command_opens(c) != 0) same_in_hand(w, d, c, input, &f, &decided);
	o.refused = decided.refused;
	o.refusal = decided.refusal;
	o.n_events = decided.n_events;
	/* What lists show is enough to know whether it is allowed. */
	bool steady = (command_row(c)->flags & COMMAND_STEADY) != 0;
	struct str before = list_text(w, d->live);
	struct summary shown;
	assert_always(summary_decode(w->a, before, &shown) == OK);
	assert_always(!steady || command_entry_allowed(c, &shown, &f.actor) == !o.refused);
	if (o.refused) return o;
	if (steady) as_foreseen(w, c, input, &f, &decided);
	save(w, d, &f, &decided);
	/* No list shows it. */
	assert_always(!steady || str_eq(before, list_text(w, d->live)));
	return o;
}

bool world_profile(struct world *w, struct str setting)
{
	struct str text = profile_generic_text(), name = str_trim(str_cut(setting, 0, str_find(setting, '=')));
	struct buf b = buf_new(w->a, 64 * 1024);
	struct profile_fault fault;
	while (text.n > 0) {
		size_t end = str_find(text, '\n');
		struct str line = str_cut(text, 0, end);
		text = str_cut(text, end < text.n ? end + 1 : end, text.n);
		buf_str(&b, str_eq(str_trim(str_cut(line, 0, str_find(line, '='))), name) ? setting : line);
		buf_char(&b, '\n');
	}
	return profile_parse(w->a, buf_view(&b), &w->profile, &fault) == OK;
}

struct outcome world_open(struct world *w, size_t person)
{
	struct dossier *d = &w->side[world_side(w, person)];
	struct facts f = world_facts(w, person);
	struct decision decided = { .refused = false };
	struct outcome o = { .fault = OK };
	f.staff = NULL;
	f.n_staff = f.n_fresh = 0;
	d->n_last = 0;
	if (!case_is_stale(d->live, &w->profile, f.actor.held)) return o;
	if ((o.fault = case_redate(w->a, d->live, &f, &decided)) != OK) return o;
	o.n_events = decided.n_events;
	save(w, d, &f, &decided);
	assert_always(!case_is_stale(d->live, &w->profile, f.actor.held));
	return o;
}

struct outcome world_do(struct world *w, size_t person, enum command_id c, const struct field_value *v, size_t n)
{
	struct facts f = world_facts(w, person);
	const void *input = NULL;
	struct outcome o = { .fault = OK };
	o.fault = command_parse(w->a, c, v, n, &f, &input, &o.errors, &o.n_errors);
	if (o.fault != OK || o.n_errors > 0) return o;
	return world_decide(w, person, c, input);
}

struct outcome world_accept(struct world *w, size_t person, enum package_kind kind)
{
	struct outcome o = { .fault = ERR_NOT_FOUND };
	for (size_t i = w->n_packages; i-- > 0;) {
		struct package_view v;
		const void *input = NULL;
		uint8_t deposit[32];
		if (w->packages[i].kind != kind) continue;
		memset(deposit, (int)i + 1, sizeof deposit);
		assert_always(package_decode(w->a, w->packages[i].payload, &v) == OK);
		assert_always(package_input(w->a, &v, deposit, &input) == OK);
		return world_decide(w, person, v.accept, input);
	}
	return o;
}

/* ---- the state as text -------------------------------------------------------------------------------------------------- */

static void dump_record(struct arena *a, struct buf *b, const char *name, enum event_kind k, const void *data)
{
	struct event e = { .kind = k, .noted = INSTANT_UNSET, .happened = INSTANT_UNSET, .data = data };
	buf_format(b, "%s: ", name);
	if (data) buf_str(b, event_encode(a, &e));
	buf_char(b, '\n');
}

static void dump_head(struct buf *b, const struct kase *k)
{
	buf_format(b, "controller %u phase %u alias %.*s received %lld opened %lld\n", k->controller, k->phase, (int)k->alias.n,
	           k->alias.p ? k->alias.p : "", (long long)k->received.us, (long long)k->opened_at.us);
	for (size_t i = 0; i < COUNT_OF(k->phase_since); i++) buf_format(b, "since %d ", k->phase_since[i].n);
	buf_format(b, "\ndanger %u %lld acute %d %d %d reviews %u threat %u %d %d agreed %d %d taken %d\n", k->danger,
	           (long long)k->danger_at.us, k->acute, k->acute_since.n, k->acute_review.n, k->acute_reviews, k->threat,
	           k->threat_until.n, k->threat_assessed.n, k->plan_agreed, k->plan_agreed_on.n, k->taken);
	buf_format(b, "signed %d %d %02x %02x\n", k->signed_social_on.n, k->signed_police_on.n, k->signed_social.b[0], k->signed_police.b[0]);
	buf_format(b, "officer %.*s second %.*s\n", (int)k->officer.name.n, k->officer.name.p ? k->officer.name.p : "",
	           (int)k->second.name.n, k->second.name.p ? k->second.name.p : "");
	for (size_t i = 0; i < k->n_members; i++) buf_format(b, "member %02x\n", k->members[i].person.id.b[8]);
	for (size_t i = 0; i < k->n_tasks; i++)
		buf_format(b, "task %u due %lld for %02x id %02x%02x rung %02x cover %d made %lld profile %lld danger %d\n", k->tasks[i].kind, (long long)k->tasks[i].due.us,
		           k->tasks[i].assignee.id.b[8], k->tasks[i].id.b[8], k->tasks[i].id.b[9], k->tasks[i].rungs[0].b[8], k->tasks[i].cover,
		           (long long)k->tasks[i].made.us, (long long)k->tasks[i].profile, k->tasks[i].danger);
	if (k->ticked)
		buf_format(b, "ticked %u id %02x%02x by %02x left %d for %02x due %lld at %lld\n", k->ticked->kind, k->ticked->task.b[8], k->ticked->task.b[9],
		           k->ticked_by.b[8], k->ticked_left, k->ticked->assignee.id.b[8], (long long)k->ticked->due.us, (long long)k->ticked_at.us);
	for (size_t i = 0; i < k->n_consents; i++) buf_format(b, "consent %u %u %d\n", k->consents[i].party, k->consents[i].state, k->consents[i].until.n);
}

static void dump_lists(struct arena *a, struct buf *b, const struct kase *k)
{
	for (size_t i = 0; i < k->n_conflicts; i++) buf_format(b, "conflict %02x %u\n", k->conflicts[i].who.id.b[8], k->conflicts[i].conflict);
	for (size_t i = 0; i < k->n_acute_measures; i++) dump_record(a, b, "measure", EV_ACUTE_MEASURE, k->acute_measures[i]);
	for (size_t i = 0; i < k->n_meetings; i++)
		buf_format(b, "meeting %02x %u at %lld parties %llx held %d %u %u place %.*s\n", k->meetings[i].id.b[8], k->meetings[i].kind,
		           (long long)k->meetings[i].at.us, (unsigned long long)k->meetings[i].parties, k->meetings[i].held, k->meetings[i].requirements,
		           k->meetings[i].summary_shown, (int)k->meetings[i].place.n, k->meetings[i].place.p ? k->meetings[i].place.p : "");
	for (size_t i = 0; i < k->n_goals; i++) dump_record(a, b, "goal", EV_GOAL, k->goals[i].goal);
	for (size_t i = 0; i < k->n_persons; i++) dump_record(a, b, "person", EV_PERSON_ADDED, k->persons[i].person);
	for (size_t i = 0; i < k->n_investigations; i++) {
		const struct investigation_state *v = &k->investigations[i];
		buf_format(b, "investigation step %u at %lld\n", v->step, (long long)v->decided_at.us);
		dump_record(a, b, "opened", EV_INVESTIGATION_OPENED, v->opened);
		dump_record(a, b, "proposed", EV_DECISION_PROPOSED, v->proposed);
		dump_record(a, b, "decided", EV_DECISION_MADE, v->decided);
		dump_record(a, b, "completed", EV_DECISION_COMPLETED, v->completed);
		dump_record(a, b, "ended", EV_INVESTIGATION_ENDED, v->ended);
	}
}

static void dump_records(struct arena *a, struct buf *b, const struct kase *k)
{
	dump_record(a, b, "acute_ended", EV_ACUTE_ENDED, k->acute_ended);
	dump_record(a, b, "identity", EV_IDENTITY, k->identity);
	dump_record(a, b, "protection", EV_PROTECTION_CHECKED, k->protection);
	dump_record(a, b, "intake", EV_INTAKE, k->intake);
	dump_record(a, b, "danger_told", EV_DANGER_TOLD, k->danger_told);
	dump_record(a, b, "initial", EV_INITIAL_ASSESSED, k->initial);
	dump_record(a, b, "motivation", EV_MOTIVATION_ASSESSED, k->motivation);
	dump_record(a, b, "motivation_phase", EV_MOTIVATION_PHASE, k->motivation_phase);
	dump_record(a, b, "police_request", EV_POLICE_REQUESTED, k->police_request);
	dump_record(a, b, "joint", EV_JOINT_WRITTEN, k->joint);
	dump_record(a, b, "position", EV_POSITION, k->position);
	dump_record(a, b, "planning", EV_PLANNING_STARTED, k->planning);
	dump_record(a, b, "contact_lead", EV_CONTACT_LEAD, k->contact_lead);
	dump_record(a, b, "plan_words", EV_PLAN_WORDS, k->plan_words);
	dump_record(a, b, "summary", EV_SUMMARY_ACCEPTED, k->summary);
	dump_record(a, b, "signature", EV_SIGNATURE_ACCEPTED, k->signature);
	dump_record(a, b, "request", EV_REQUEST_ACCEPTED, k->request);
	dump_record(a, b, "joint_received", EV_JOINT_RECEIVED, k->joint_received);
	dump_record(a, b, "assessment", EV_THREAT_ASSESSED, k->threat_assessment);
	dump_record(a, b, "handed", EV_SUMMARY_HANDED, k->summary_handed);
	buf_format(b, "contact %lld attempt %lld mood %u requests %zu at %lld joint %lld by %.*s position %lld by %.*s\n",
	           (long long)k->last_contact.us, (long long)k->last_attempt.us, k->last_mood, k->n_police_requests,
	           (long long)k->police_requested_at.us, (long long)k->joint_at.us, (int)k->joint_author.n,
	           k->joint_author.p ? k->joint_author.p : "", (long long)k->position_at.us, (int)k->position_author.n,
	           k->position_author.p ? k->position_author.p : "");
	buf_format(b, "cadence %u threat %u %lld summary %lld other %02x request %lld analysis %d handed %lld\n", k->cadence,
	           k->last_threat_danger, (long long)k->last_threat_at.us, (long long)k->summary_at.us, k->other_case.b[8],
	           (long long)k->request_at.us, k->risk_analysis_on.n, (long long)k->summary_handed_at.us);
}

struct str world_dump(struct arena *a, const struct kase *k)
{
	struct buf b = buf_new(a, 4 * 1024 * 1024);
	struct summary s;
	dump_head(&b, k);
	dump_lists(a, &b, k);
	dump_records(a, &b, k);
	case_summary(a, k, &s);
	buf_str(&b, summary_encode(a, &s));
	for (uint16_t c = 0; c < 32; c++)
		if (k->n_kept[c] > 0) {
			buf_format(&b, "--- %u\n", c);
			buf_str(&b, snapshot_encode(a, k, c));
		}
	assert_always(!buf_is_full(&b));
	return buf_view(&b);
}

static void apply_from(struct world *w, enum side s, struct kase *k, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct event e;
		const struct entry *n = &w->side[s].entries[i];
		assert_always(event_decode(w->a, n->compartment, n->seq, n->payload, &e) == OK);
		case_apply(w->a, k, &e);
	}
}

struct kase *world_replay(struct world *w, enum side s)
{
	struct kase *k = case_new(w->a);
	apply_from(w, s, k, 0, w->side[s].n_entries);
	return k;
}

struct kase *world_replay_cut(struct world *w, enum side s, size_t cut)
{
	struct kase *first = case_new(w->a), *k = case_new(w->a);
	apply_from(w, s, first, 0, cut);
	/* The order of compartments must not matter. */
	for (int c = 31; c >= 0; c--) {
		struct str snapshot = snapshot_encode(w->a, first, (uint16_t)c);
		assert_always(snapshot.p && snapshot_apply(w->a, k, (uint16_t)c, snapshot) == OK);
	}
	apply_from(w, s, k, cut, w->side[s].n_entries);
	return k;
}

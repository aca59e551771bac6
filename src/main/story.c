/* main/story.c — the steps of a made-up life, and their order in time. */
#include "main/cohort.h"
#include "sys/terminal.h"
#include "tables/tables.h"
#include <stdlib.h>
#include <string.h>

enum by_whom { BY_COORDINATOR, BY_SECOND, BY_POLICE };
enum step_kind { IN_SOCIAL_CASE, IN_POLICE_CASE, TAKE_BY_POLICE, TAKE_BY_SOCIAL };
enum { ACUTE_ONLY = 1, AT_ONCE = 2, RELOCATION_ONLY = 4, NO_RELOCATION = 8, ACUTE_ENDED = 16, ANY_HOUR = 32 };
struct step {
	enum stage stage;       /* belongs to lives that come at least so far */
	enum by_whom by;
	enum step_kind kind;
	enum command_id command;
	enum package_kind package;
	unsigned hours;         /* after the step before, at least */
	unsigned flags;
	const char *fields;
};
#define ACT(stage, by, command, hours, flags, fields) \
	{ STAGE_##stage, BY_##by, IN_SOCIAL_CASE, CMD_##command, (enum package_kind)0, hours, flags, fields }
#define POLICE(stage, command, hours, flags, fields) \
	{ STAGE_##stage, BY_POLICE, IN_POLICE_CASE, CMD_##command, (enum package_kind)0, hours, flags, fields }
#define TAKE_POLICE(stage, package) \
	{ STAGE_##stage, BY_POLICE, TAKE_BY_POLICE, (enum command_id)0, PACKAGE_##package, 0, AT_ONCE, NULL }
#define TAKE_SOCIAL(stage, package) \
	{ STAGE_##stage, BY_COORDINATOR, TAKE_BY_SOCIAL, (enum command_id)0, PACKAGE_##package, 0, AT_ONCE, NULL }

static const struct step steps[] = {
	ACT(INTAKE, COORDINATOR, REGISTER_INTAKE, 0, ANY_HOUR,
	    "source={a}|channel={b}|safe_way=Ring kontakten mellan 10 och 12. Lämna inga meddelanden.|name={c}|alias={d}|"
	    "number={e}|municipality={f}|danger={g}|words={h}"),
	ACT(INTAKE, COORDINATOR, START_ACUTE, 1, ACUTE_ONLY | ANY_HOUR,
	    "reason=Personen kan inte sova hemma i natt.|measures=acute_housing,financial_aid|housing=yes|ground=sol_9_5|"
	    "hearing=urgent|police_asked=yes"),
	ACT(TAKEN, COORDINATOR, TAKE_CASE, 16, 0, "officer={me}|second={second}"),
	ACT(TAKEN, COORDINATOR, DECLARE_CONFLICT, 1, 0, "conflict=no"),
	ACT(TAKEN, SECOND, DECLARE_CONFLICT, 2, 0, "conflict=no"),
	ACT(TAKEN, COORDINATOR, CHECK_PROTECTED_IDENTITY, 2, 0, "protection=none_found"),
	ACT(ASSESSED, COORDINATOR, HOLD_MEETING, 24, 0,
	    "kind=first|parties=person,social_services|requirements=no|words=Vi gick igenom vad stödet är och vad det inte är."),
	ACT(ASSESSED, COORDINATOR, ASSESS_INITIAL, 3, 0,
	    "needs=housing,money,protection|wants=Jag vill bo någonstans där ingen letar efter mig och ha något att göra om dagarna.|"
	    "situation=Bor tillfälligt hos en släkting. Har inga inkomster. Säger sig ha lämnat gruppen.|children=none"),
	ACT(POLICE, COORDINATOR, RECORD_CONSENT, 20, 0, "party=police|state=yes"),
	ACT(POLICE, COORDINATOR, REQUEST_POLICE, 1, 0,
	    "text=Personen har kontaktat oss och vill lämna gruppen. Vi behöver veta vilket hot som finns mot personen.|"
	    "purpose=Bedöma hotet mot personen|ground=osl_10_1|send_name=yes"),
	TAKE_POLICE(POLICE, REQUEST),
	POLICE(POLICE, WRITE_RISK_ANALYSIS, 24, 0,
	       "analysis=Påhittad riskanalys. Personen har haft en begränsad roll.|picture=Påhittad kunskapsbild."),
	POLICE(POLICE, ASSESS_THREAT, 4, 0, "level=raised|until={day+120}|basis=both|words=Påhittade skäl."),
	POLICE(POLICE, HAND_OVER_SUMMARY, 1, 0,
	       "text=Hotet bedöms som förhöjt på hemorten. Undvik centrum och kvällstid. Ring oss före varje resa.|"
	       "ground=osl_10_27|balance=Personens skydd väger tyngre än sekretessen."),
	TAKE_SOCIAL(POLICE, SUMMARY),
	ACT(JOINT, COORDINATOR, HOLD_MEETING, 30, 0,
	    "kind=joint|parties=person,social_services,police|words=Alla fick samma bild. Personen berättade själv vad som är svårast."),
	ACT(JOINT, COORDINATOR, WRITE_JOINT_ASSESSMENT, 4, 0,
	    "needs=Ett säkert boende, försörjning och någon att ringa.|threat=Förhöjt hot på hemorten enligt polisen.|"
	    "support=Boende på annan ort, kontakt varje vecka och hjälp med skulder."),
	ACT(JOINT, COORDINATOR, SIGN_JOINT_ASSESSMENT, 1, 0, ""),
	TAKE_POLICE(JOINT, JOINT_ASSESSMENT),
	POLICE(JOINT, SIGN_JOINT_ASSESSMENT, 20, 0, ""),
	TAKE_SOCIAL(JOINT, SIGNATURE),
	ACT(JOINT, COORDINATOR, ASSESS_MOTIVATION, 22, 0,
	    "motivation=decided|wants=Vill bli klar med det gamla och börja jobba.|hinders=Är rädd att vännerna ska höra av sig."),
	ACT(DECIDED, COORDINATOR, BOOK_MEETING, 4, 0,
	    "kind=coordination|at={day+4} 10.00|parties=person,social_services,police,employment_service|place=Rum 4"),
	ACT(DECIDED, COORDINATOR, REQUEST_DECISION, 1, 0, ""),
	ACT(DECIDED, COORDINATOR, HOLD_MEETING, 100, 0,
	    "kind=coordination|parties=person,social_services,police,employment_service|requirements=yes|summary_shown=yes|"
	    "words=Personen är beredd. Vi kom överens om vad som händer om det blir svårt."),
	ACT(DECIDED, COORDINATOR, SIGN_POSITION, 3, 0,
	    "included=yes|role=samordnare|reason=Personen vill och behöver stöd, och hotet är bekräftat.|"
	    "support=Boende, ekonomi och kontakt. Socialtjänsten ansvarar."),
	ACT(DECIDED, COORDINATOR, OPEN_INVESTIGATION, 2, 0,
	    "kind=housing|start=application|words=Ansöker om boende på annan ort."),
	ACT(DECIDED, SECOND, PROPOSE_DECISION, 48, 0,
	    "investigation={inquiry}|proposal=Bevilja skyddat boende i sex månader.|hearing=heard"),
	ACT(DECIDED, SECOND, DECIDE_INVESTIGATION, 24, 0,
	    "investigation={inquiry}|outcome=granted|content=Skyddat boende i sex månader.|ground=sol_9_5"),
	ACT(PLANNING, COORDINATOR, START_PLANNING, 20, 0, "way=support_decided|told=yes|acute_goes_on=yes"),
	ACT(PLANNING, COORDINATOR, ADD_GOAL, 30, RELOCATION_ONLY,
	    "area=housing|words=Jag bor i en egen lägenhet i en annan stad.|measures=relocation,long_term_housing,move_belongings|"
	    "who=Samordnaren söker boende, personen packar|when={day+60}"),
	ACT(PLANNING, COORDINATOR, ADD_GOAL, 30, NO_RELOCATION,
	    "area=housing|words=Jag bor kvar men med nytt lås och någon att ringa.|measures=long_term_housing,home_support|"
	    "who=Samordnaren och hyresvärden|when={day+60}"),
	ACT(PLANNING, COORDINATOR, ADD_GOAL, 1, 0,
	    "area=work|words=Jag har ett jobb att gå till på morgonen.|measures=work,studies|who=Arbetsförmedlingen|when={day+90}"),
	ACT(AGREED, COORDINATOR, ADD_GOAL, 20, 0,
	    "area=debt|words=Jag vet vad jag är skyldig och har en plan.|measures=debt,financial_advice|when={day+90}"),
	ACT(AGREED, COORDINATOR, NAME_CONTACT_LEAD, 2, 0, "lead={lead}|deputy={me}|phone=070-1740601"),
	ACT(AGREED, COORDINATOR, SET_CADENCE, 1, 0, "cadence=weekly"),
	ACT(AGREED, COORDINATOR, AGREE_PLAN, 40, 0,
	    "own_words=Jag vill vakna utan att vara rädd. Blir det svårt ringer jag, även på natten.|with_social=yes|consent_shown=yes"),
	ACT(AGREED, COORDINATOR, END_ACUTE, 24, ACUTE_ENDED, "follows=measure|owner={me}|from={day+0}"),
	ACT(AGREED, COORDINATOR, CONTACT_DONE, 100, 0, "mood=same|words=Kort samtal. Letar arbete."),
};

static const char *const note_texts[] = {
	"kind=contact|source=person|said=Har sovit bättre. Vill träffas på torsdag.|judged=Läget är stabilt.",
	"kind=contact|source=own|seen=Kom i tid, såg trött ut.|judged=Behöver lugn och ro ett tag.",
	"kind=measure|source=provider|said=Boendet fungerar. Han lagar mat med de andra.",
	"kind=meeting|source=own|seen=Alla var på plats.|said=Vill börja träna igen.|judged=God kraft i planen.",
	"kind=other|text=Ansökan om bistånd är inskickad. Svar väntas inom två veckor.",
	"kind=contact|source=relative|said=Systern är orolig men tycker att det går åt rätt håll.",
};
static const char *const danger_words[] = { "", "Vågar inte gå hem efter att ha fått ett meddelande i går kväll." };

/* ---- when ------------------------------------------------------------------------------------------------------- */

struct moment {
	int64_t at;
	uint32_t life, step;     /* step COUNT_OF(steps) and up: a note */
};
struct running { struct id16 social, police; };

/* Ordinary work is done on working days between nine and four; an intake and acute help at any hour. */
static int64_t workable(int64_t us, bool any_hour)
{
	struct instant t = { us };
	if (any_hour)
		return us;
	struct civil c = instant_civil(t);
	struct day d = instant_day(t);
	if (c.hour >= 16)
		d = day_add(d, 1);
	if (d.n == instant_day(t).n && c.hour >= 9 && day_is_working(d))
		return us;
	d = on_or_after_working_day(d);
	return instant_at(d, 9, c.minute).us + c.second * INT64_C(1000000);
}

static bool happens(const struct life *l, const struct step *s)
{
	if (s->stage > l->stage || ((s->flags & ACUTE_ONLY) && !l->acute) || ((s->flags & ACUTE_ENDED) && !l->acute_ended))
		return false;
	if (s->flags & RELOCATION_ONLY)
		return l->relocation;
	return !(s->flags & NO_RELOCATION) || !l->relocation;
}

static size_t plan_life(const struct life *l, uint32_t index, int64_t until, struct moment *ret)
{
	struct random_source r = { l->seed };
	int64_t at = l->begin.us, taken = 0;
	size_t n = 0;
	for (uint32_t i = 0; i < COUNT_OF(steps); i++) {
		const struct step *s = &steps[i];
		if (!happens(l, s))
			continue;
		unsigned minutes = random_below(&r, 60 + s->hours * 10);
		if (!(s->flags & AT_ONCE))
			at = workable(at + ((int64_t)s->hours * 60 + minutes) * 60000000, (s->flags & ANY_HOUR) != 0);
		if (at > until)
			return n;
		if (s->command == CMD_TAKE_CASE && s->kind == IN_SOCIAL_CASE)
			taken = at;
		ret[n++] = (struct moment){ at, index, i };
	}
	/* Notes are spread over what is left of the time, from the day the case was taken. */
	int64_t from = taken ? taken : l->begin.us, last = until;
	for (uint32_t k = 0; k < l->notes && last > from; k++) {
		int64_t gap = (last - from) / (l->notes + 1);
		int64_t note = workable(from + gap * (k + 1) + (int64_t)random_below(&r, 3600) * 1000000, false);
		if (note < until)
			ret[n++] = (struct moment){ note, index, (uint32_t)COUNT_OF(steps) + random_below(&r, COUNT_OF(note_texts)) };
	}
	return n;
}

int64_t story_length(const struct life *l)
{
	static struct moment moments[COUNT_OF(steps)];
	struct life bare = *l;
	bare.notes = 0;
	bare.begin = (struct instant){ 0 };
	size_t n = plan_life(&bare, 0, INT64_MAX, moments);
	return n > 0 ? moments[n - 1].at : 0;
}

static int by_time(const void *x, const void *y)
{
	const struct moment *a = x, *b = y;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->life != b->life)
		return a->life < b->life ? -1 : 1;
	return a->step < b->step ? -1 : a->step > b->step;
}

/* ---- happening -------------------------------------------------------------------------------------------------- */

static size_t player_of(const struct life *l, enum by_whom by)
{
	return by == BY_POLICE ? l->police : by == BY_SECOND ? l->second : l->coordinator;
}

static bool write_note(struct play *p, const struct life *l, struct running *run, uint32_t text)
{
	struct play_act act = { .who = l->coordinator, .command = CMD_NOTE, .case_id = run->social,
	                        .fields = note_texts[text] };
	return play_do(p, &act, NULL);
}

static bool do_step(struct play *p, const struct life *l, struct running *run, const struct step *s)
{
	struct id16 second = p->players[l->second].user;
	struct play_act act = { .who = player_of(l, s->by), .command = s->command, .fields = s->fields, .second = second,
	                        .lead = second, .deputy = p->players[l->coordinator].user,
	                        .text = { l->source, l->channel, l->name, l->alias, l->number, l->town, l->danger,
	                                  str_c(danger_words[str_eq_c(l->danger, "yes")]) } };
	struct id16 made = { { 0 } };
	switch (s->kind) {
	case TAKE_BY_POLICE:
		return play_accept(p, act.who, s->package, &run->police);
	case TAKE_BY_SOCIAL:
		return play_accept(p, act.who, s->package, &made);
	case IN_POLICE_CASE:
		act.case_id = run->police;
		return play_do(p, &act, NULL);
	case IN_SOCIAL_CASE:
		act.case_id = run->social;
		if (!play_do(p, &act, &made))
			return false;
		if (s->command == CMD_REGISTER_INTAKE)
			run->social = made;
		return true;
	}
	return false;
}

/* What must follow at once happens at the same moment, before anyone else's act. */
static bool happen(struct play *p, const struct life *lives, struct running *running, const struct moment *m)
{
	const struct life *l = &lives[m->life];
	struct running *run = &running[m->life];
	if (!play_clock(p, (struct instant){ m->at }))
		return false;
	if (m->step >= COUNT_OF(steps))
		return id_is_zero(run->social) || write_note(p, l, run, m->step - (uint32_t)COUNT_OF(steps));
	return do_step(p, l, run, &steps[m->step]);
}

bool cohort_play(struct play *p, const struct life *lives, size_t n, struct instant until, const char *what)
{
	size_t room = 0, total = 0;
	for (size_t i = 0; i < n; i++)
		room += COUNT_OF(steps) + lives[i].notes;
	struct moment *moments = ARENA_ARRAY(p->house->arena, struct moment, room + 1);
	struct running *running = ARENA_ARRAY(p->house->arena, struct running, n + 1);
	if (!moments || !running) {
		warn_with("Minnet räcker inte för så många ärenden.");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		total += plan_life(&lives[i], (uint32_t)i, until.us, moments + total);
	qsort(moments, total, sizeof *moments, by_time);
	for (size_t i = 0; i < total; i++) {
		if (!happen(p, lives, running, &moments[i]))
			return false;
		progress_show(what, i + 1, total);
	}
	progress_end();
	return true;
}

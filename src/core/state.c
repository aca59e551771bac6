/* core/state.c — questions about a case's state, and the sentences that show it. */
#include "core/state.h"
#include "core/record.h"

bool joint_signed_by(const struct kase *k, enum controller_kind side)
{
	const struct hash32 *document = NULL;
	const struct hash32 *by = side == CONTROLLER_POLICE ? &k->signed_police : &k->signed_social;
	if (k->controller == CONTROLLER_POLICE) document = k->joint_received ? &k->joint_received->document : NULL;
	else document = k->joint ? &k->joint->document : NULL;
	return document && !hash_is_zero(document) && hash_eq(document, by);
}

int acute_day(const struct kase *k, struct day on)
{
	if (!k->acute || !day_is_set(k->acute_since) || on.n < k->acute_since.n) return 0;
	return on.n - k->acute_since.n + 1;
}

struct str acute_text(struct arena *a, const struct kase *k, struct day today)
{
	int day = acute_day(k, today);
	if (!k->acute) return STR_UNSET;
	if (day_is_set(k->acute_review) && today.n > k->acute_review.n)
		return arena_format(a, "Akut skydd pågår. Dag %d. Skydd och betalning fortsätter. Skriv skäl och nytt datum.", day);
	struct str review = day_is_set(k->acute_review) ? day_short(a, k->acute_review) : STR("");
	return arena_format(a, "Akut skydd pågår. Dag %d. Omprövas senast %.*s.", day, STR_FMT(review));
}

struct str threat_text(struct arena *a, const struct kase *k, struct day today)
{
	const char *level = choice_text(&list_threat_class, k->threat);
	if (k->threat == THREAT_NOT_ASSESSED) {
		if (!instant_is_set(k->police_requested_at))
			return STR("Hotbilden är inte bedömd än. Räkna med hög hotbild tills dess.");
		struct str asked = day_short(a, instant_day(k->police_requested_at));
		return arena_format(a, "Hotbilden är inte bedömd än. Polisen fick frågan %.*s. Räkna med hög hotbild tills dess.", STR_FMT(asked));
	}
	struct str by = day_is_set(k->threat_assessed) ? day_short(a, k->threat_assessed) : STR("");
	if (k->threat == THREAT_NONE_KNOWN)
		return arena_format(a, "%s. Polisen %.*s. Stödet beror inte på hotbilden.", level, STR_FMT(by));
	if (!day_is_set(k->threat_until)) return arena_format(a, "%s. Polisen %.*s.", level, STR_FMT(by));
	struct str until = day_short(a, k->threat_until);
	if (today.n > k->threat_until.n)
		return arena_format(a, "%s. Polisen %.*s. Bedömningen gällde till %.*s. Räkna med samma hotbild tills polisen har bedömt igen.",
		                    level, STR_FMT(by), STR_FMT(until));
	return arena_format(a, "%s. Polisen %.*s. Gäller till %.*s.", level, STR_FMT(by), STR_FMT(until));
}

const struct meeting_state *meeting_of_kind(const struct kase *k, enum meeting_kind kind, bool held)
{
	for (size_t i = k->n_meetings; i-- > 0;)
		if (k->meetings[i].kind == kind && k->meetings[i].held == held) return &k->meetings[i];
	return NULL;
}

const struct meeting_state *coordination_held(const struct kase *k)
{
	for (size_t i = k->n_meetings; i-- > 0;) {
		const struct meeting_state *m = &k->meetings[i];
		if (m->held && m->kind == MEETING_COORDINATION && (m->parties & (UINT64_C(1) << PARTY_PERSON))) return m;
	}
	return NULL;
}

const struct meeting_state *next_meeting(const struct kase *k)
{
	for (size_t i = 0; i < k->n_meetings; i++)
		if (!k->meetings[i].held) return &k->meetings[i];
	return NULL;
}

const struct investigation_state *investigation_by_id(const struct kase *k, struct id16 id)
{
	for (size_t i = 0; i < k->n_investigations; i++)
		if (id_eq(k->investigations[i].id, id)) return &k->investigations[i];
	return NULL;
}

const struct task_state *task_by_id(const struct kase *k, struct id16 id)
{
	for (size_t i = 0; i < k->n_tasks; i++)
		if (id_eq(k->tasks[i].id, id)) return &k->tasks[i];
	return NULL;
}

#define UNDO_HOURS 24

bool tick_may_be_undone(const struct kase *k, struct id16 user, struct instant now)
{
	return k->ticked && id_eq(k->ticked_by, user) && instant_is_set(k->ticked_at) &&
	       now.us - k->ticked_at.us <= UNDO_HOURS * INT64_C(3600000000);
}

struct str ticked_text(struct arena *a, const struct kase *k)
{
	struct task_state t = { .kind = k->ticked->kind, .what = k->ticked->what, .about = k->ticked->about };
	return task_text(a, k, &t);
}

struct str task_text(struct arena *a, const struct kase *k, const struct task_state *t)
{
	if (t->kind == TASK_OTHER && t->what.n > 0) return t->what;
	if (t->kind == TASK_HOLD_MEETING)
		for (size_t i = 0; i < k->n_meetings; i++)
			if (id_eq(k->meetings[i].id, t->about)) return str_c(choice_text(&list_meeting_kind, k->meetings[i].kind));
	const struct investigation_state *v = investigation_by_id(k, t->about);
	const char *title = task_row(t->kind)->title;
	if (v) return arena_format(a, "%s: %s", title, choice_text(&list_investigation_kind, v->opened->kind));
	return str_c(title);
}

enum consent_state consent_of(const struct kase *k, enum party p)
{
	for (size_t i = 0; i < k->n_consents; i++)
		if (k->consents[i].party == p) return k->consents[i].state;
	return CONSENT_NOT_ASKED;
}

/* ---- what may be picked --------------------------------------------------------------------------------------------- */

static struct option option_of(struct arena *a, struct id16 id, struct str text)
{
	return (struct option){ id_str(a, id), text };
}

static struct str meeting_option(struct arena *a, const struct meeting_state *m)
{
	struct str at = instant_short(a, m->at);
	return arena_format(a, "%s, %.*s", choice_text(&list_meeting_kind, m->kind), STR_FMT(at));
}

static struct str investigation_option(struct arena *a, const struct investigation_state *v)
{
	struct str at = day_is_set(v->opened->received) ? day_short(a, v->opened->received) : STR("");
	return arena_format(a, "%s, %.*s", choice_text(&list_investigation_kind, v->opened->kind), STR_FMT(at));
}

enum err case_options(struct arena *a, const struct kase *k, enum thing t, struct option **ret, size_t *ret_n)
{
	size_t n = 0, most = k->n_tasks + k->n_meetings + k->n_goals + k->n_investigations + 1;
	struct option *o = ARENA_ARRAY(a, struct option, most);
	if (!o) return ERR_FULL;
	for (size_t i = 0; t == THING_TASK && i < k->n_tasks; i++)
		o[n++] = option_of(a, k->tasks[i].id, task_text(a, k, &k->tasks[i]));
	if (t == THING_TICKED && k->ticked) o[n++] = option_of(a, k->ticked->task, ticked_text(a, k));
	for (size_t i = 0; t == THING_MEETING && i < k->n_meetings; i++)
		if (!k->meetings[i].held) o[n++] = option_of(a, k->meetings[i].id, meeting_option(a, &k->meetings[i]));
	for (size_t i = 0; t == THING_GOAL && i < k->n_goals; i++)
		o[n++] = option_of(a, k->goals[i].id, k->goals[i].goal->words);
	for (size_t i = 0; t == THING_INVESTIGATION && i < k->n_investigations; i++)
		if (k->investigations[i].step != INVESTIGATION_CLOSED)
			o[n++] = option_of(a, k->investigations[i].id, investigation_option(a, &k->investigations[i]));
	if (arena_is_full(a)) return ERR_FULL;
	*ret = o;
	*ret_n = n;
	return OK;
}

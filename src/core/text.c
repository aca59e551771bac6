/* core/text.c — an event in readable Swedish: one line for the timeline, every field for the full view. */
#include "core/state.h"
#include "core/record.h"

#define SENTENCE 600u

static struct str joined_choices(struct arena *a, const struct field_row *f, uint64_t bits)
{
	struct buf b = buf_new(a, 2048);
	for (size_t i = 0; i < f->list->n; i++) {
		if (!(bits & (UINT64_C(1) << f->list->rows[i].number))) continue;
		if (buf_view(&b).n > 0) buf_lit(&b, ", ");
		buf_str(&b, str_c(f->list->rows[i].text));
	}
	return buf_view(&b);
}

static struct str number_shown(struct arena *a, struct str twelve)
{
	if (twelve.n != 12) return twelve;
	return arena_format(a, "%.*s-%.*s", 8, twelve.p, 4, twelve.p + 8);
}

static struct str shown(struct arena *a, const struct field_row *f, const void *data)
{
	struct hash32 h;
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: return field_str(f, data);
	case FIELD_NUMBER12: return number_shown(a, field_str(f, data));
	case FIELD_CHOICE: case FIELD_YESNO: return str_c(choice_text(f->list, field_choice(f, data)));
	case FIELD_CHOICES: return joined_choices(a, f, field_choices(f, data));
	case FIELD_DAY: return day_short_year(a, field_day(f, data));
	case FIELD_MOMENT: return instant_short(a, field_moment(f, data));
	case FIELD_NUMBER: return arena_format(a, "%lld", (long long)field_number(f, data));
	case FIELD_PERSON: return field_person(f, data).name;
	case FIELD_HASH: h = field_hash(f, data); return str_cut(hash_hex(a, &h), 0, 16);
	case FIELD_ENTRY: return arena_format(a, "%u.%llu", field_entry(f, data).compartment,
	                                      (unsigned long long)field_entry(f, data).seq);
	case FIELD_PICK: case FIELD_ID: return STR_UNSET;
	}
	return STR_UNSET;
}

/* Name and number stand behind a button of their own, with its own line in the log (UX 5); never in a list. */
static bool behind_button(const struct event *e, const struct field_row *f)
{
	return (e->kind == EV_IDENTITY || e->kind == EV_REQUEST_ACCEPTED) &&
	       (f->type == FIELD_NUMBER12 || str_eq_c(STR("name"), f->name) || str_eq_c(STR("birth"), f->name));
}

enum err event_fields(struct arena *a, const struct event *e, struct shown_field **ret, size_t *ret_n)
{
	const struct record_row *r = event_row(e->kind);
	size_t n = 0;
	struct shown_field *out = ARENA_ARRAY(a, struct shown_field, r ? r->n_fields : 1);
	if (!out) return ERR_FULL;
	for (size_t i = 0; r && i < r->n_fields; i++) {
		const struct field_row *f = &r->fields[i];
		if (f->label[0] == '\0' || !field_is_set(f, e->data) || behind_button(e, f)) continue;
		struct str text = shown(a, f, e->data);
		if (text.n > 0) out[n++] = (struct shown_field){ f->name, f->label, text };
	}
	if (arena_is_full(a)) return ERR_FULL;
	*ret = out;
	*ret_n = n;
	return OK;
}

struct str event_entry(struct arena *a, const struct event *e)
{
	return arena_format(a, "%u.%llu", e->compartment, (unsigned long long)e->seq);
}

/* Ends a text as a sentence ends. */
static void sentence(struct buf *b, struct str s)
{
	s = str_trim(s);
	if (s.n == 0) return;
	if (buf_view(b).n > 0) buf_char(b, ' ');
	size_t room = SENTENCE > buf_view(b).n + 8 ? SENTENCE - buf_view(b).n - 8 : 0;
	bool cut = s.n > room;
	size_t n = cut ? room : s.n;
	while (cut && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
	buf_str(b, str_cut(s, 0, n));
	if (cut) buf_lit(b, "…");
	else if (s.p[s.n - 1] != '.' && s.p[s.n - 1] != '?') buf_char(b, '.');
}

/* Kinds whose sentence is more than the fields in a row; unset for the rest. */
static struct str task_words(struct arena *a, const struct ev_task_created *t)
{
	struct str due = instant_short(a, t->due);
	struct str who = t->assignee.name.n > 0 ? t->assignee.name : STR("jouren");
	struct str words = t->kind == TASK_NONE ? STR("Uppgift") : str_c(task_row(t->kind)->title);
	if (t->kind == TASK_OTHER && t->what.n > 0) words = t->what;
	return arena_format(a, "%.*s. Klart senast %.*s. Ansvarig: %.*s.", STR_FMT(words), STR_FMT(due), STR_FMT(who));
}

static struct str task_then(struct arena *a, enum task_kind kind, struct str what, const char *then)
{
	struct str words = kind == TASK_NONE ? STR("Uppgift") : str_c(task_row(kind)->title);
	if (kind == TASK_OTHER && what.n > 0) words = what;
	return arena_format(a, "%.*s. %s.", STR_FMT(words), then);
}

static struct str acute_words(struct arena *a, const struct ev_acute_started *v)
{
	struct str since = day_short(a, v->since), review = day_short(a, v->review);
	return arena_format(a, "Akut skydd från %.*s. Omprövas senast %.*s. Beslutat av %.*s.", STR_FMT(since), STR_FMT(review),
	                    STR_FMT(v->decider.name));
}

static struct str officer_words(struct arena *a, const struct ev_officers *v)
{
	if (v->second.name.n == 0) return arena_format(a, "Handläggare: %.*s.", STR_FMT(v->officer.name));
	return arena_format(a, "Handläggare: %.*s. Andra handläggare: %.*s.", STR_FMT(v->officer.name), STR_FMT(v->second.name));
}

static struct str lead_words(struct arena *a, const struct ev_contact_lead *v)
{
	if (v->deputy.name.n == 0) return arena_format(a, "Kontakt i ärendet: %.*s.", STR_FMT(v->lead.name));
	return arena_format(a, "Kontakt i ärendet: %.*s. Ersättare: %.*s.", STR_FMT(v->lead.name), STR_FMT(v->deputy.name));
}

static struct str own_text(struct arena *a, const struct event *e)
{
	if (e->kind == EV_PHASE_CHANGED)
		return arena_format(a, "Ärendet är i fasen %s.", phase_word(((const struct ev_phase_changed *)e->data)->phase));
	if (e->kind == EV_IDENTITY) return STR("Uppgifterna om personen är inskrivna. Namn och nummer visas med knappen överst.");
	if (e->kind == EV_TASK_CREATED) return task_words(a, e->data);
	if (e->kind == EV_ACUTE_STARTED) return acute_words(a, e->data);
	if (e->kind == EV_OFFICERS) return officer_words(a, e->data);
	if (e->kind == EV_CONTACT_LEAD) return lead_words(a, e->data);
	if (e->kind == EV_TASK_DONE) {
		const struct ev_task_done *t = e->data;
		return arena_format(a, "%s. %s.", t->kind == TASK_NONE ? "Uppgift" : task_row(t->kind)->title,
		                    choice_text(&list_task_outcome, t->outcome));
	}
	if (e->kind == EV_TASK_TICKED) {
		const struct ev_task_ticked *t = e->data;
		return task_then(a, t->kind, t->what, choice_text(&list_task_outcome, TASK_TICKED));
	}
	if (e->kind == EV_TASK_REOPENED) {
		const struct ev_task_reopened *t = e->data;
		return task_then(a, t->kind, t->what, "Var inte klar");
	}
	return STR_UNSET;
}

/* A text stands for itself when it is the only one; of several each says what it is: Sett, Sagt, Bedömt. */
static bool says_its_label(const struct record_row *r, const struct field_row *f, bool first)
{
	size_t texts = 0, n = __builtin_strlen(f->label);
	for (size_t i = 0; i < r->n_fields; i++) texts += r->fields[i].type == FIELD_TEXT;
	if (f->type == FIELD_LINE) return str_eq_c(STR("alias"), f->name) || str_eq_c(STR("sender"), f->name);
	if (f->type == FIELD_TEXT) return texts > 1 && f->label[n - 1] != '?' && !str_eq_c(STR("text"), f->name);
	if (f->type == FIELD_CHOICE && first) return f->list == &list_danger_now;
	return true;
}

/* What the sentence does not need: the full view has it. */
static bool only_in_full(const struct field_row *f)
{
	return str_eq_c(STR("version"), f->name) || str_eq_c(STR("sent"), f->name) || str_eq_c(STR("role"), f->name);
}

struct str event_text(struct arena *a, const struct event *e)
{
	const struct record_row *r = event_row(e->kind);
	struct buf b = buf_new(a, 2 * SENTENCE);
	if (!r) return STR("Skrivet av en nyare version av programmet. Texten finns kvar.");
	struct str own = own_text(a, e);
	if (own.n > 0) return own;
	for (size_t i = 0; i < r->n_fields && buf_view(&b).n < SENTENCE - 8; i++) {
		const struct field_row *f = &r->fields[i];
		size_t n = __builtin_strlen(f->label);
		if (f->type == FIELD_HASH || f->type == FIELD_ENTRY || only_in_full(f) || behind_button(e, f) || n == 0 || !field_is_set(f, e->data)) continue;
		struct str text = shown(a, f, e->data);
		if (text.n == 0) continue;
		if (says_its_label(r, f, buf_view(&b).n == 0))
			text = arena_format(a, "%s%s %.*s", f->label, f->label[n - 1] == '?' ? "" : ":", STR_FMT(text));
		sentence(&b, text);
	}
	if (buf_view(&b).n == 0 || buf_is_full(&b)) return str_c(r->title);
	return buf_view(&b);
}

bool event_is_bookkeeping(const struct event *e)
{
	return e->kind == EV_TASK_CREATED || e->kind == EV_TASK_DONE || e->kind == EV_TASK_TICKED || e->kind == EV_TASK_REOPENED || e->kind == EV_DANGER_KNOWN ||
	       e->kind == EV_THREAT_LEVEL || e->kind == EV_CASE_OPENED || e->kind == EV_PLAN_AGREED;
}

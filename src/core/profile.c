/* core/profile.c — reads a programme's profile from its text and says in plain words what is wrong with it. */
#include "core/profile.h"
#include <string.h>

static const char generic_text[] = {
#include "core/generic_profile.inc"
	0
};

struct str profile_generic_text(void)
{
	return (struct str){ generic_text, sizeof generic_text - 1 };
}

enum setting_kind { SET_WORDS, SET_COUNT, SET_CADENCE, SET_NIGHT, SET_COMMANDS };
struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	int min, max;
	const char *unit;     /* of SET_COUNT, in the singular */
};
#define AT_OF(member) offsetof(struct profile, member)
static const struct setting settings[] = {
	{ "profile", SET_WORDS, AT_OF(name), 0, 0, NULL },
	{ "programme", SET_WORDS, AT_OF(programme), 0, 0, NULL },
	{ "first meeting", SET_COUNT, AT_OF(first_meeting_days), 0, 1, "day" },
	{ "contact", SET_CADENCE, AT_OF(contact), 0, 0, NULL },
	{ "contact in acute", SET_CADENCE, AT_OF(contact_acute), 0, 0, NULL },
	{ "acute review", SET_COUNT, AT_OF(acute_review_days), 1, 28, "day" },
	{ "escalation", SET_COUNT, AT_OF(escalation_hours), 1, 72, "hour" },
	{ "answer to threat", SET_COUNT, AT_OF(threat_answer_hours), 1, 24, "hour" },
	{ "answer to worry", SET_COUNT, AT_OF(worry_answer_hours), 1, 24, "hour" },
	{ "report of child concern", SET_COUNT, AT_OF(child_concern_hours), 1, 24, "hour" },
	{ "answer from police", SET_COUNT, AT_OF(police_answer_days), 1, 30, "day" },
	{ "signature from police", SET_COUNT, AT_OF(signature_days), 1, 30, "day" },
	{ "decision", SET_COUNT, AT_OF(decide_days), 1, 60, "day" },
	{ "follow-up of plan", SET_COUNT, AT_OF(follow_plan_days), 1, 180, "day" },
	{ "same day before", SET_COUNT, AT_OF(workday_noon), 8, 16, "o'clock" },
	{ "second at night", SET_NIGHT, AT_OF(night_first), 0, 0, NULL },
	{ "alone", SET_COMMANDS, AT_OF(alone), 0, 0, NULL },
};
_Static_assert(CMD_COUNT <= 64, "commands one person may give alone are bits of 64");

struct reading {
	struct arena *a;
	struct profile *p;
	int line;
	struct profile_fault *fault;
};

static enum err wrong(const struct reading *r, struct str text)
{
	*r->fault = (struct profile_fault){ r->line, text.p ? text : STR("Raden går inte att läsa.") };
	return ERR_INVALID;
}

static enum err read_count(const struct reading *r, const struct setting *s, struct str value)
{
	size_t i = 0;
	int v = 0;
	while (i < value.n && i < 4 && value.p[i] >= '0' && value.p[i] <= '9') v = v * 10 + (value.p[i++] - '0');
	struct str unit = str_trim(str_cut(value, i, value.n));
	bool plural = unit.n > 1 && unit.p[unit.n - 1] == 's' && str_eq_c(str_cut(unit, 0, unit.n - 1), s->unit);
	if (i == 0 || (!str_eq_c(unit, s->unit) && !plural))
		return wrong(r, arena_format(r->a, "Skriv ett tal och sedan \"%s\", till exempel: %s = %d %s.", s->unit, s->name, s->max, s->unit));
	if (v < s->min || v > s->max)
		return wrong(r, arena_format(r->a, "Talet för \"%s\" ska vara mellan %d och %d.", s->name, s->min, s->max));
	memcpy((char *)r->p + s->offset, &v, sizeof v);
	return OK;
}

static enum err read_cadence(const struct reading *r, const struct setting *s, struct str value)
{
	const struct choice *c = choice_by_code(&list_cadence, value);
	if (!c)
		return wrong(r, arena_format(r->a, "\"%.*s\" är ingen takt. Skriv daily, several_a_week, weekly eller fortnightly.", STR_FMT(value)));
	enum cadence v = (enum cadence)c->number;
	memcpy((char *)r->p + s->offset, &v, sizeof v);
	return OK;
}

/* Takes the next word of a list with commas. */
static struct str take_word(struct str *rest)
{
	size_t comma = str_find(*rest, ',');
	struct str word = str_trim(str_cut(*rest, 0, comma));
	*rest = str_cut(*rest, comma < rest->n ? comma + 1 : rest->n, rest->n);
	return word;
}

static enum err read_night(const struct reading *r, struct str value)
{
	enum night_second order[2] = { 0 };
	for (size_t i = 0; i < 2; i++) {
		struct str word = take_word(&value);
		if (str_eq_c(word, "duty_manager")) order[i] = NIGHT_DUTY_MANAGER;
		else if (str_eq_c(word, "police_desk")) order[i] = NIGHT_POLICE_DESK;
		else return wrong(r, STR("Skriv duty_manager och police_desk med komma mellan, i den ordning de ska frågas."));
	}
	if (value.n > 0 || order[0] == order[1]) return wrong(r, STR("Skriv duty_manager och police_desk en gång var."));
	r->p->night_first = order[0];
	r->p->night_then = order[1];
	return OK;
}

static enum err read_commands(const struct reading *r, struct str value)
{
	while (value.n > 0) {
		struct str word = take_word(&value);
		const struct command_row *c = command_by_name(word);
		if (!c) return wrong(r, arena_format(r->a, "\"%.*s\" är inget kommando.", STR_FMT(word)));
		r->p->alone |= UINT64_C(1) << c->id;
	}
	return OK;
}

static enum err read_setting(const struct reading *r, const struct setting *s, struct str value)
{
	struct str copy;
	switch (s->kind) {
	case SET_COUNT: return read_count(r, s, value);
	case SET_CADENCE: return read_cadence(r, s, value);
	case SET_NIGHT: return read_night(r, value);
	case SET_COMMANDS: return read_commands(r, value);
	case SET_WORDS: break;
	}
	if (value.n > 80) return wrong(r, STR("Texten är för lång. Högst 80 tecken."));
	copy = arena_str(r->a, value);
	memcpy((char *)r->p + s->offset, &copy, sizeof copy);
	return OK;
}

static enum err read_line(const struct reading *r, struct str line, bool seen[COUNT_OF(settings)])
{
	size_t equals = str_find(line, '=');
	struct str name = str_trim(str_cut(line, 0, equals)), value = str_trim(str_cut(line, equals + 1, line.n));
	if (equals >= line.n) return wrong(r, STR("Skriv namn, likhetstecken och värde."));
	if (value.n == 0) return wrong(r, arena_format(r->a, "\"%.*s\" saknar värde.", STR_FMT(name)));
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		if (!str_eq_c(name, settings[i].name)) continue;
		if (seen[i]) return wrong(r, arena_format(r->a, "\"%.*s\" står redan på en annan rad.", STR_FMT(name)));
		seen[i] = true;
		return read_setting(r, &settings[i], value);
	}
	return wrong(r, arena_format(r->a, "\"%.*s\" är ingen inställning.", STR_FMT(name)));
}

/* FNV-1a over the values in the order of the table. */
static int64_t version_of(const struct profile *p)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		int64_t v = 0;
		int count;
		enum cadence pace;
		if (settings[i].kind == SET_COUNT) {
			memcpy(&count, (const char *)p + settings[i].offset, sizeof count);
			v = count;
		} else if (settings[i].kind == SET_CADENCE) {
			memcpy(&pace, (const char *)p + settings[i].offset, sizeof pace);
			v = cadence_days(pace);
		} else {
			continue;
		}
		h = (h ^ (uint64_t)v) * UINT64_C(0x100000001b3);
	}
	return (int64_t)(h % INT32_MAX) + 1;
}

enum err profile_parse(struct arena *a, struct str text, struct profile *ret, struct profile_fault *ret_fault)
{
	struct profile p = { .name = STR_UNSET };
	struct reading r = { .a = a, .p = &p, .fault = ret_fault };
	bool seen[COUNT_OF(settings)] = { false };
	*ret_fault = (struct profile_fault){ 0, STR_UNSET };
	r.line = 1;
	if (!str_is_text(text)) return wrong(&r, STR("Filen är inte text i UTF-8."));
	for (r.line = 0; text.n > 0;) {
		size_t end = str_find(text, '\n');
		struct str line = str_trim(str_cut(text, 0, end));
		text = str_cut(text, end < text.n ? end + 1 : text.n, text.n);
		r.line++;
		if (line.n == 0 || line.p[0] == '#') continue;
		enum err e = read_line(&r, line, seen);
		if (e != OK) return e;
	}
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (!seen[i]) return wrong(&r, arena_format(a, "Inställningen \"%s\" saknas.", settings[i].name));
	if (arena_is_full(a)) return ERR_FULL;
	p.version = version_of(&p);
	*ret = p;
	return OK;
}

enum err profile_generic(struct arena *a, struct profile *ret)
{
	struct profile_fault fault;
	return profile_parse(a, profile_generic_text(), ret, &fault);
}

bool profile_alone(const struct profile *p, enum command_id c)
{
	return (p->alone & (UINT64_C(1) << c)) != 0;
}

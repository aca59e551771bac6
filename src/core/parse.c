/* core/parse.c — typed values become a command's struct; everything wrong is said at once, at its field. */
#include "core/core.h"
#include "core/record.h"
#include <string.h>

#define ERRORS_MAX FORM_FIELDS_MAX

struct parsing {
	struct arena *a;
	const struct field_value *values;
	size_t n_values;
	const struct facts *facts;
	char *input;
	struct field_error *errors;
	size_t n_errors;
	const struct form_field *f; /* the field being read */
};

static void complain(struct parsing *p, struct str text)
{
	if (p->n_errors < ERRORS_MAX) p->errors[p->n_errors++] = (struct field_error){ p->f->name, text };
}

static void complain_c(struct parsing *p, const char *text)
{
	complain(p, str_c(text));
}

static struct str find_value(const struct parsing *p, const char *name, const char *suffix)
{
	struct str base = str_c(name);
	struct str end = str_c(suffix);
	for (size_t i = 0; i < p->n_values; i++) {
		struct str field = str_c(p->values[i].field);
		if (field.n == base.n + end.n && str_starts(field, base) && str_eq(str_cut(field, base.n, field.n), end))
			return str_trim(p->values[i].text);
	}
	return STR_UNSET;
}

static void put(struct parsing *p, const void *value)
{
	/* The row's offset is within its record; the form field's is within the whole input. */
	field_put(p->f->row, p->input + p->f->offset - p->f->row->offset, value);
}

static void missing(struct parsing *p)
{
	const char *label = p->f->label;
	size_t n = strlen(label);
	bool question = n > 0 && label[n - 1] == '?';
	bool pick = p->f->type == FIELD_CHOICE || p->f->type == FIELD_YESNO || p->f->type == FIELD_CHOICES ||
	            p->f->type == FIELD_PICK || p->f->type == FIELD_PERSON || p->f->type == FIELD_ENTRY;
	if (p->f->type == FIELD_CHOICES) complain(p, arena_format(p->a, "Välj minst en: %s", label));
	else if (question) complain(p, arena_format(p->a, pick ? "Välj ett svar: %s" : "Skriv ett svar: %s", label));
	else complain(p, arena_format(p->a, pick ? "Välj: %s." : "Fyll i: %s.", label));
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

/* Line ends become \n in texts and spaces in lines. */
static struct str tidy(struct parsing *p, struct str s)
{
	char *out = arena_take(p->a, s.n + 1);
	size_t n = 0;
	if (!out) return STR_UNSET;
	for (size_t i = 0; i < s.n; i++) {
		bool line_end = s.p[i] == '\r' || s.p[i] == '\n';
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') continue;
		if (!line_end && s.p[i] != '\t') out[n++] = s.p[i];
		else if (p->f->type == FIELD_LINE) out[n++] = ' ';
		else out[n++] = line_end ? '\n' : '\t';
	}
	return (struct str){ out, n };
}

static void read_text(struct parsing *p, struct str s)
{
	size_t points = str_points(s);
	if ((int64_t)points > p->f->max) {
		complain(p, arena_format(p->a, "Texten är för lång: %zu tecken. Högst %lld.", points, (long long)p->f->max));
		return;
	}
	struct str tidied = tidy(p, s);
	put(p, &tidied);
}

static void read_number12(struct parsing *p, struct str s)
{
	struct personal_number n;
	enum number_fault fault = number_parse(s, instant_day(p->facts->now), &n);
	if (fault != NUMBER_OK) {
		complain(p, number_fault_text(fault));
		return;
	}
	struct str digits = arena_str(p->a, (struct str){ n.digits, sizeof n.digits });
	put(p, &digits);
}

/* ---- choices ----------------------------------------------------------------------------------------------------------- */

static const struct choice *yes_or_no(struct str s)
{
	static const char *const yes[] = { "ja", "true", "on", "1" }, *const no[] = { "nej", "false", "0" };
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (str_eq_c(s, yes[i])) return choice_by_number(&list_yesno, YESNO_YES);
	for (size_t i = 0; i < COUNT_OF(no); i++)
		if (str_eq_c(s, no[i])) return choice_by_number(&list_yesno, YESNO_NO);
	return NULL;
}

static void read_choice(struct parsing *p, struct str s)
{
	const struct choice *c = choice_by_code(p->f->choices, s);
	if (!c && p->f->type == FIELD_YESNO) c = yes_or_no(s);
	if (!c) {
		complain_c(p, "Välj ett av alternativen.");
		return;
	}
	unsigned number = c->number;
	put(p, &number);
}

/* Ticked boxes come as the same name again and again, from the API as codes with spaces or commas. */
static bool read_choices(struct parsing *p)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < p->n_values; i++) {
		if (!str_eq_c(str_c(p->values[i].field), p->f->name)) continue;
		struct str rest = str_trim(p->values[i].text);
		while (rest.n > 0) {
			size_t end = 0;
			while (end < rest.n && rest.p[end] != ' ' && rest.p[end] != ',') end++;
			struct str word = str_cut(rest, 0, end);
			const struct choice *c = choice_by_code(p->f->choices, word);
			rest = str_trim(str_cut(rest, end < rest.n ? end + 1 : rest.n, rest.n));
			if (word.n == 0) continue;
			if (!c) {
				complain_c(p, "Välj bland alternativen.");
				return true;
			}
			bits |= UINT64_C(1) << c->number;
		}
	}
	put(p, &bits);
	return bits != 0;
}

/* ---- days and moments ------------------------------------------------------------------------------------------------------ */

static bool day_fits(struct parsing *p, struct day d)
{
	struct day today = instant_day(p->facts->now);
	if (p->f->when == WHEN_PAST && d.n > today.n) complain_c(p, "Datumet kan inte ligga i framtiden.");
	else if (p->f->when == WHEN_FUTURE && d.n < today.n) complain_c(p, "Datumet har redan varit. Välj i dag eller senare.");
	else return true;
	return false;
}

static bool small_number(struct str s, int *ret)
{
	int v = 0;
	if (s.n == 0 || s.n > 4) return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9') return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = v;
	return true;
}

/* Day, month and year as three fields; false when none of them was sent. */
static bool three_fields(struct parsing *p, struct day *ret, bool *ret_bad)
{
	struct str d = find_value(p, p->f->name, "_day"), m = find_value(p, p->f->name, "_month"), y = find_value(p, p->f->name, "_year");
	int day = 0, month = 0, year = 0;
	*ret_bad = false;
	if (d.n + m.n + y.n == 0) return false;
	struct civil now = day_civil(instant_day(p->facts->now));
	if (y.n == 0) year = now.year;
	else if (!small_number(y, &year)) *ret_bad = true;
	if (year < 100) year += 2000;
	if (!small_number(d, &day) || !small_number(m, &month) || *ret_bad || day_make(year, month, day, ret) != OK) *ret_bad = true;
	return true;
}

static bool parse_day(struct parsing *p, struct str s, struct day *ret)
{
	bool bad = false;
	if (s.n == 0) {
		if (!three_fields(p, ret, &bad)) return false;
	} else if (str_eq_c(s, "i dag") || str_eq_c(s, "idag")) {
		*ret = instant_day(p->facts->now);
	} else if (str_eq_c(s, "i morgon") || str_eq_c(s, "imorgon")) {
		*ret = day_add(instant_day(p->facts->now), 1);
	} else {
		bad = day_parse_free(s, instant_day(p->facts->now), p->f->when == WHEN_PAST, ret) != OK;
	}
	if (bad) complain_c(p, "Datumet finns inte. Skriv till exempel 24 november 2026.");
	return !bad;
}

/* "10", "10.30", "10:30", "1030". */
static bool parse_clock(struct str s, int *ret_hour, int *ret_minute)
{
	char digits[4];
	size_t n = 0, before = 0;
	if (str_starts(s, STR("kl."))) s = str_trim(str_cut(s, 3, s.n));
	else if (str_starts(s, STR("kl"))) s = str_trim(str_cut(s, 2, s.n));
	for (size_t i = 0; i < s.n; i++) {
		bool mark = s.p[i] == ':' || s.p[i] == '.';
		if (mark && before == 0 && n > 0) before = n;
		else if (s.p[i] >= '0' && s.p[i] <= '9' && n < 4) digits[n++] = s.p[i];
		else return false;
	}
	if (before == 0) before = n > 2 ? n - 2 : n;
	int hour = 0, minute = 0;
	for (size_t i = 0; i < before; i++) hour = hour * 10 + (digits[i] - '0');
	for (size_t i = before; i < n; i++) minute = minute * 10 + (digits[i] - '0');
	if (n == 0 || before > 2 || (n > before && n - before != 2) || hour > 23 || minute > 59) return false;
	*ret_hour = hour;
	*ret_minute = minute;
	return true;
}

/* Splits "24 nov kl. 10.00", "2026-11-24T10:00" or "2026-11-24 10:00" at its last blank or T. */
static void split_moment(struct str s, struct str *ret_day, struct str *ret_clock)
{
	size_t at = s.n;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || (s.p[i] == 'T' && i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')) at = i;
	*ret_day = str_trim(str_cut(s, 0, at));
	*ret_clock = str_trim(str_cut(s, at < s.n ? at + 1 : s.n, s.n));
	size_t n = ret_day->n;
	if (n > 2 && (str_eq_c(str_cut(*ret_day, n - 2, n), "kl"))) *ret_day = str_trim(str_cut(*ret_day, 0, n - 2));
	else if (n > 3 && (str_eq_c(str_cut(*ret_day, n - 3, n), "kl."))) *ret_day = str_trim(str_cut(*ret_day, 0, n - 3));
}

static void moment_fits(struct parsing *p, struct instant t)
{
	/* A clock may run a little ahead of ours. */
	int64_t slack = INT64_C(5) * 60 * 1000000;
	if (p->f->when == WHEN_PAST && t.us > p->facts->now.us + slack) complain_c(p, "Tiden kan inte ligga i framtiden.");
	else if (p->f->when == WHEN_FUTURE && instant_day(t).n < instant_day(p->facts->now).n) complain_c(p, "Tiden har redan varit. Välj en tid framåt.");
	else put(p, &t);
}

static bool read_moment(struct parsing *p, struct str s)
{
	struct str day_text = s, clock = find_value(p, p->f->name, "_time");
	struct day d = instant_day(p->facts->now);
	struct instant t;
	int hour = 0, minute = 0;
	if (s.n > 0 && instant_parse_iso(s, &t) == OK) {
		moment_fits(p, t);
		return true;
	}
	if (s.n == 0) day_text = find_value(p, p->f->name, "_date");
	else if (clock.n == 0) split_moment(s, &day_text, &clock);
	bool parts = find_value(p, p->f->name, "_day").n > 0;
	if (day_text.n == 0 && clock.n == 0 && !parts) return false;
	if ((day_text.n > 0 || parts) && !parse_day(p, day_text, &d)) return true;
	if (!parse_clock(clock, &hour, &minute)) {
		complain_c(p, clock.n > 0 ? "Klockslaget finns inte. Skriv till exempel 10.30." : "Skriv också klockslaget, till exempel 10.30.");
		return true;
	}
	moment_fits(p, instant_at(d, hour, minute));
	return true;
}

/* ---- people and things ------------------------------------------------------------------------------------------------------ */

static bool person_by(const struct parsing *p, struct str s, struct person *ret)
{
	struct id16 id = { { 0 } };
	bool is_id = id_parse(s, &id) == OK;
	for (size_t i = 0; i < p->facts->n_staff; i++) {
		const struct staff *one = &p->facts->staff[i];
		if (p->f->roles != 0 && !(one->roles & p->f->roles)) continue;
		if (is_id ? id_eq(one->user, id) : str_eq(one->name, s)) {
			*ret = (struct person){ one->user, one->name };
			return true;
		}
	}
	if (!is_id || !id_eq(id, p->facts->actor.user)) return false;
	*ret = (struct person){ id, p->facts->actor.name };
	return true;
}

static void read_person(struct parsing *p, struct str s)
{
	struct person v = { .name = STR_UNSET };
	struct id16 id;
	if (!person_by(p, s, &v)) {
		if (!p->f->free || id_parse(s, &id) == OK) {
			complain_c(p, "Välj en person i listan.");
			return;
		}
		if (str_points(s) > 120) {
			complain_c(p, "Namnet är för långt. Högst 120 tecken.");
			return;
		}
		v.name = tidy(p, s);
	}
	put(p, &v);
}

static void read_id(struct parsing *p, struct str s)
{
	struct id16 id;
	if (id_parse(s, &id) != OK) complain_c(p, "Välj i listan.");
	else put(p, &id);
}

static void read_entry(struct parsing *p, struct str s)
{
	struct entry_ref r = { 0, 0 };
	size_t dot = str_find(s, '.');
	uint64_t parts[2] = { 0, 0 };
	bool bad = dot == 0 || dot + 1 >= s.n || s.n > 18;
	for (size_t i = 0; i < s.n && !bad; i++) {
		if (i == dot) continue;
		bad = s.p[i] < '0' || s.p[i] > '9';
		parts[i > dot] = parts[i > dot] * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (bad || parts[0] > 31 || parts[1] == 0) {
		complain_c(p, "Välj händelsen i tidslinjen och tryck på Rätta.");
		return;
	}
	r = (struct entry_ref){ (uint16_t)parts[0], parts[1] };
	put(p, &r);
}

static void read_count(struct parsing *p, struct str s)
{
	int64_t v = 0;
	bool bad = s.n == 0 || s.n > 12;
	for (size_t i = 0; i < s.n && !bad; i++) {
		bad = s.p[i] < '0' || s.p[i] > '9';
		v = v * 10 + (s.p[i] - '0');
	}
	if (bad || v < p->f->min || v > p->f->max)
		complain(p, arena_format(p->a, "Skriv ett tal mellan %lld och %lld.", (long long)p->f->min, (long long)p->f->max));
	else put(p, &v);
}

/* ---- one field -------------------------------------------------------------------------------------------------------------- */

/* True when something was typed, right or wrong. */
static bool read_field(struct parsing *p)
{
	struct str s = find_value(p, p->f->name, "");
	struct day d;
	if (p->f->type == FIELD_CHOICES) return read_choices(p);
	if (p->f->type == FIELD_MOMENT) return read_moment(p, s);
	if (p->f->type == FIELD_DAY) {
		size_t before = p->n_errors;
		if (parse_day(p, s, &d) && day_fits(p, d)) put(p, &d);
		else return s.n > 0 || p->n_errors > before;
		return true;
	}
	if (s.n == 0) return false;
	switch (p->f->type) {
	case FIELD_LINE: case FIELD_TEXT: read_text(p, s); break;
	case FIELD_NUMBER12: read_number12(p, s); break;
	case FIELD_CHOICE: case FIELD_YESNO: read_choice(p, s); break;
	case FIELD_NUMBER: read_count(p, s); break;
	case FIELD_PERSON: read_person(p, s); break;
	case FIELD_PICK: case FIELD_ID: read_id(p, s); break;
	case FIELD_ENTRY: read_entry(p, s); break;
	case FIELD_CHOICES: case FIELD_DAY: case FIELD_MOMENT: case FIELD_HASH: break;
	}
	return true;
}

static bool all_text(struct parsing *p)
{
	bool good = true;
	for (size_t i = 0; i < p->n_values; i++) {
		struct str field = str_c(p->values[i].field);
		if (str_starts(field, str_c(p->f->name)) && !str_is_text(p->values[i].text)) good = false;
	}
	if (!good) complain_c(p, "Texten innehåller tecken som inte går att spara. Skriv om den.");
	return good;
}

/* No single field of a note must be written, but one of them: told at the first. */
static void note_says_something(struct parsing *p, const struct form_field *fields, size_t n)
{
	const struct form_field *first = NULL;
	for (size_t i = 0; i < n; i++) {
		if (fields[i].type != FIELD_TEXT) continue;
		if (find_value(p, fields[i].name, "").n > 0) return;
		if (!first) first = &fields[i];
	}
	if (!first) return;
	p->f = first;
	complain_c(p, "Skriv vad som hände i minst ett av fälten.");
}

enum err command_parse(struct arena *a, enum command_id c, const struct field_value *v, size_t n,
                       const struct facts *f, const void **ret_input,
                       struct field_error **ret_errors, size_t *ret_n_errors)
{
	const struct command_row *row = command_row(c);
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n_fields = command_fields(c, fields);
	if (!row || (row->flags & COMMAND_PACKAGE)) return ERR_INVALID;
	struct parsing p = { .a = a, .values = v, .n_values = n, .facts = f, .input = arena_take(a, row->size),
	                     .errors = ARENA_ARRAY(a, struct field_error, ERRORS_MAX) };
	if (!p.input || !p.errors) return ERR_FULL;
	for (size_t i = 0; i < row->n_parts; i++) record_clear(&record_rows[row->parts[i].record], p.input + row->parts[i].offset);
	for (size_t i = 0; i < n_fields; i++) {
		size_t before = p.n_errors;
		p.f = &fields[i];
		if (!all_text(&p)) continue;
		if (!read_field(&p) && p.n_errors == before && fields[i].required) missing(&p);
	}
	if (c == CMD_NOTE) note_says_something(&p, fields, n_fields);
	if (arena_is_full(a)) return ERR_FULL;
	*ret_input = p.input;
	*ret_errors = p.errors;
	*ret_n_errors = p.n_errors;
	return OK;
}

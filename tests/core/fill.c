/* tests/core/fill.c — fills a command's form. */
#include "fill.h"
#include "core/record.h"
#include <string.h>

uint64_t dice_next(struct dice *d)
{
	d->state += 0x9e3779b97f4a7c15;
	uint64_t z = d->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t dice_below(struct dice *d, size_t n)
{
	return n > 0 ? (size_t)(dice_next(d) % n) : 0;
}

/* Where the first choice of a list does not fit. */
static const struct { const char *field, *code; } fitting[] = {
	{ "ground", "osl_10_1" }, { "conflict", "no" }, { "children", "none" }, { "kind", NULL }, { "party", "police" },
	{ "level", "high" }, { "state", "yes" },
};

static struct str choice_value(struct arena *a, const struct form_field *f, struct dice *d)
{
	(void)a;
	if (d) return str_c(f->choices->rows[dice_below(d, f->choices->n)].code);
	for (size_t i = 0; i < COUNT_OF(fitting); i++)
		if (fitting[i].code && str_eq_c(str_c(f->name), fitting[i].field) && choice_by_code(f->choices, str_c(fitting[i].code)))
			return str_c(fitting[i].code);
	return str_c(f->choices->rows[0].code);
}

static struct str choices_value(struct arena *a, const struct form_field *f, struct dice *d)
{
	struct buf b = buf_new(a, 2048);
	for (size_t i = 0; i < f->choices->n; i++) {
		if (d && dice_below(d, 2) == 0) continue;
		buf_str(&b, str_c(f->choices->rows[i].code));
		buf_char(&b, ' ');
	}
	return buf_view(&b);
}

static struct str day_value(struct world *w, const struct form_field *f, struct dice *d)
{
	struct day today = instant_day(w->now);
	int step = d ? (int)dice_below(d, 40) : 12;
	return day_iso(w->a, day_add(today, f->when == WHEN_PAST ? -(step % 5) : step));
}

static struct str moment_value(struct world *w, const struct form_field *f, struct dice *d)
{
	int64_t hours = d ? (int64_t)dice_below(d, 72) : 26;
	int64_t us = hours * INT64_C(3600000000);
	return instant_iso(w->a, (struct instant){ f->when == WHEN_PAST ? w->now.us - us : w->now.us + us });
}

static struct str person_value(struct world *w, const struct form_field *f, struct dice *d, size_t nth)
{
	for (size_t i = 0; i < WORLD_STAFF; i++) {
		size_t who = ((d ? dice_below(d, WORLD_STAFF) : nth + 1) + i) % WORLD_STAFF;
		if (f->roles == 0 || (w->staff[who].roles & f->roles)) return id_str(w->a, w->staff[who].user);
	}
	return STR("");
}

static struct str pick_value(struct arena *a, const struct kase *k, const struct form_field *f, struct dice *d)
{
	struct option *o = NULL;
	size_t n = 0;
	if (case_options(a, k, f->thing, &o, &n) != OK || n == 0) return d ? STR("00000000000000000000000000000007") : STR("");
	return o[d ? dice_below(d, n) : n - 1].value;
}

static struct str text_value(struct arena *a, struct dice *d)
{
	static const char *const words[] = { "ord", "Å ä ö: inget", "rad ett\nrad två", "kind:4:note\n", "\"citat\" & <b>", "12:34:56" };
	return d ? str_c(words[dice_below(d, COUNT_OF(words))]) : arena_str(a, STR("ord"));
}

static struct str value_of(struct arena *a, struct world *w, const struct kase *k, const struct form_field *f, struct dice *d, size_t nth)
{
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: return text_value(a, d);
	case FIELD_CHOICE: case FIELD_YESNO: return choice_value(a, f, d);
	case FIELD_CHOICES: return choices_value(a, f, d);
	case FIELD_DAY: return day_value(w, f, d);
	case FIELD_MOMENT: return moment_value(w, f, d);
	case FIELD_NUMBER: return STR("1");
	case FIELD_PERSON: return person_value(w, f, d, nth);
	case FIELD_PICK: case FIELD_ID: return pick_value(a, k, f, d);
	case FIELD_NUMBER12: return STR("19900101-9802");
	case FIELD_ENTRY: return STR("0.1");
	case FIELD_HASH: break;
	}
	return STR("");
}

size_t fill_form(struct arena *a, struct world *w, const struct kase *k, enum command_id c, struct dice *d,
                 struct field_value values[FILL_MAX])
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n_fields = command_fields(c, fields), n = 0, people = 0;
	for (size_t i = 0; i < n_fields && n < FILL_MAX; i++) {
		const struct form_field *f = &fields[i];
		if (d && !f->required && dice_below(d, 3) == 0) continue;
		/* An unbooked meeting is the one that always fits. */
		if (!d && f->type == FIELD_PICK && !f->required) continue;
		values[n++] = (struct field_value){ f->name, value_of(a, w, k, f, d, people) };
		people += f->type == FIELD_PERSON;
	}
	return n;
}

const void *fill_package(struct arena *a, const struct kase *k, enum command_id c)
{
	const struct command_row *row = command_row(c);
	const struct record_row *r = &record_rows[row->parts[0].record];
	char *input = arena_take(a, row->size);
	struct id16 from = { { 9, 9 } };
	struct str sender = STR("David Holm, polis, Polismyndigheten");
	int64_t version = 1000000;
	void *data = input + row->parts[0].offset;
	assert_always(input);
	record_clear(r, data);
	field_put(record_field(r, STR("from_case")), data, &from);
	field_put(record_field(r, STR("sender")), data, &sender);
	if (c == CMD_ACCEPT_SIGNATURE && k->joint) field_put(record_field(r, STR("document")), data, &k->joint->document);
	if (c == CMD_ACCEPT_SUMMARY) field_put(record_field(r, STR("version")), data, &version);
	return input;
}

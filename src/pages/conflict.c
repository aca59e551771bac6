/* pages/conflict.c — two saved the same part: what stands in the case now, beside what was typed. */
#include "pages/case.h"
#include "pages/forms.h"

#define CONFLICT_FIELDS 12

/* A code as people read it; any other text as it is. */
static struct str as_read(const struct form_field *f, struct str value)
{
	for (size_t i = 0; f->choices && i < f->choices->n; i++)
		if (str_eq_c(value, f->choices->rows[i].code))
			return str_c(f->choices->rows[i].text);
	return value;
}

static struct str choices_read(struct arena *a, const struct form_field *f, uint64_t bits)
{
	struct buf b = buf_new(a, 1024);
	for (size_t i = 0; i < f->choices->n; i++)
		if (bits & (UINT64_C(1) << f->choices->rows[i].number)) {
			buf_str(&b, b.n ? STR(", ") : STR(""));
			buf_str(&b, str_c(f->choices->rows[i].text));
		}
	return buf_view(&b);
}

static uint64_t typed_bits(const struct request *r, const struct form_field *f)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < f->choices->n; i++)
		for (size_t k = 0; request_field_n(r, f->name, k).p; k++)
			if (str_eq_c(request_field_n(r, f->name, k), f->choices->rows[i].code))
				bits |= UINT64_C(1) << f->choices->rows[i].number;
	return bits;
}

/* Fields whose value is known in the case and differs from the typed one. */
static size_t differing(struct request *r, enum command_id c, const struct kase *k, struct tpl_conflict_fields *out)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(c, fields), kept = 0;
	const void *now = form_start(r, c, k);
	for (size_t i = 0; now && i < n && kept < CONFLICT_FIELDS; i++) {
		const struct form_field *f = &fields[i];
		struct str theirs, mine;
		if (f->type == FIELD_PERSON || f->type == FIELD_PICK || f->type == FIELD_DAY || f->type == FIELD_MOMENT)
			continue;
		if (f->type == FIELD_CHOICES) {
			theirs = choices_read(r->arena, f, start_choices(f, now));
			mine = choices_read(r->arena, f, typed_bits(r, f));
		} else {
			theirs = as_read(f, start_text(r->arena, f, now));
			mine = as_read(f, typed(r, f->name));
		}
		if (theirs.n && !str_eq(theirs, mine))
			out[kept++] = (struct tpl_conflict_fields){ str_c(f->label), theirs, mine };
	}
	return kept;
}

static struct str typed_text(struct request *r, enum command_id c)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(c, fields);
	struct buf b = buf_new(r->arena, 16384);
	for (size_t i = 0; i < n; i++) {
		const struct form_field *f = &fields[i];
		struct str s = f->type == FIELD_CHOICES ? choices_read(r->arena, f, typed_bits(r, f)) : as_read(f, typed(r, f->name));
		if (s.n == 0 || f->type == FIELD_PICK || f->type == FIELD_PERSON || f->type == FIELD_ENTRY)
			continue;
		buf_str(&b, b.n ? STR("\n") : STR(""));
		buf_str(&b, s);
	}
	return buf_view(&b);
}

/* Nothing to lay field beside field: then what the other wrote, as the timeline has it. */
static size_t whole_entry(struct request *r, const struct opened_case *o, enum command_id c, const struct act_result *res,
                          struct tpl_conflict_fields *out)
{
	for (size_t i = 0; i < o->n_newest; i++) {
		const struct event *e = &o->newest[i];
		if (e->noted.us != res->conflict_at.us || event_is_bookkeeping(e))
			continue;
		out[0] = (struct tpl_conflict_fields){ str_c(event_title(e->kind)), event_text(r->arena, e), typed_text(r, c) };
		return 1;
	}
	return 0;
}

struct html_part conflict_part(struct request *r, const struct opened_case *o, enum command_id c, const struct act_result *res)
{
	struct arena *a = r->arena;
	struct str who = res->conflict_name.p && res->conflict_name.n ? res->conflict_name : STR("Någon annan");
	bool timed = instant_is_set(res->conflict_at) && res->conflict_at.us > 0;
	struct tpl_conflict_fields *fields = LIST_OF(a, conflict_fields, CONFLICT_FIELDS);
	size_t n = fields ? differing(r, c, o->state, fields) : 0;
	if (fields && n == 0)
		n = whole_entry(r, o, c, res, fields);
	return PART(a, conflict, .title = arena_format(a, "%.*s sparade samma del %.*s.", STR_FMT(who),
	                                               STR_FMT(timed ? instant_clock(a, res->conflict_at) : STR("nyss"))),
	            .text = STR("Din text finns kvar nedan. Jämför och spara igen."), .fields = fields, .n_fields = n);
}

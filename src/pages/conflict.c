/* pages/conflict.c — two saved the same part: what stands in the case now, beside what was typed. */
#include "pages/case.h"
#include "pages/forms.h"
#include "flow/version.h"

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

/* What has come between in what the act reads, as the timeline has it; nothing when it is no longer among the newest. */
static struct html_part came_between(struct request *r, const struct opened_case *o, enum command_id c)
{
	const struct controller_info *own = flow_controller(r->flow, r->session.who.controller);
	uint32_t reads = own ? command_reads(c, own->kind) : 0;
	struct event *entries = ARENA_ARRAY(r->arena, struct event, o->n_newest + 1);
	struct version shown;
	size_t n = 0;
	if (version_decode(r->on, &shown) != OK)
		shown = (struct version){ .held = 0 };
	for (size_t i = 0; entries && i < o->n_newest; i++) {
		const struct event *e = &o->newest[i];
		if ((reads >> e->compartment & 1) && e->seq > shown.seq[e->compartment] && !event_is_bookkeeping(e))
			entries[n++] = *e;
	}
	return n == 0 ? HTML_UNSET : card_of(r->arena, TOKEN("emellan"), STR("Sparat sedan du öppnade formuläret"),
	                                     path_case_timeline(r->arena, o->case_id), STR("Alla händelser"),
	                                     timeline_of(r->arena, entries, n, true));
}

struct html_part conflict_part(struct request *r, const struct opened_case *o, enum command_id c, const struct act_result *res)
{
	struct arena *a = r->arena;
	struct str who = res->conflict_name.p && res->conflict_name.n ? res->conflict_name : STR("Någon annan");
	bool timed = instant_is_set(res->conflict_at) && res->conflict_at.us > 0;
	struct tpl_conflict_fields *fields = LIST_OF(a, conflict_fields, CONFLICT_FIELDS);
	size_t n = fields ? differing(r, c, o->state, fields) : 0;
	struct html_part texts = PART(a, conflict, .title = arena_format(a, "%.*s sparade samma del %.*s.", STR_FMT(who),
	                                                                 STR_FMT(timed ? instant_clock(a, res->conflict_at) : STR("nyss"))),
	                              .text = STR("Din text finns kvar nedan. Jämför och spara igen."), .fields = fields, .n_fields = n);
	struct html_part between = came_between(r, o, c);
	struct tpl_stack_parts *parts = between.fill ? LIST_OF(a, stack_parts, 2) : NULL;
	if (!parts)
		return texts;
	parts[0].part = texts;
	parts[1].part = between;
	return PART(a, stack, .parts = parts, .n_parts = 2);
}

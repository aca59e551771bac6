/* tables/choices.c — the rows of every choice list and the look-ups over them. */
#include "tables/tables.h"

#define LIST(name, zero) static const struct choice name##_rows[] = {
#define ITEM(list, constant, number, code, text) { number, code, text },
#define LIST_END(name) };
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END

#define LIST(name, zero) const struct choice_list list_##name = { #name, name##_rows, COUNT_OF(name##_rows) };
#define ITEM(list, constant, number, code, text)
#define LIST_END(name)
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END

const struct choice_list *const choice_lists[] = {
#define LIST(name, zero) &list_##name,
#define ITEM(list, constant, number, code, text)
#define LIST_END(name)
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END
};
const size_t n_choice_lists = COUNT_OF(choice_lists);

const struct choice *choice_by_number(const struct choice_list *l, unsigned number)
{
	/* Most lists are numbered 1..n in order. */
	if (number > 0 && number <= l->n && l->rows[number - 1].number == number) return &l->rows[number - 1];
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].number == number) return &l->rows[i];
	return NULL;
}

const struct choice *choice_by_code(const struct choice_list *l, struct str code)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq_c(code, l->rows[i].code)) return &l->rows[i];
	return NULL;
}

const char *choice_text(const struct choice_list *l, unsigned number)
{
	const struct choice *c = choice_by_number(l, number);
	return c ? c->text : "";
}

unsigned phase_step(enum phase p)
{
	switch (p) {
	case PHASE_NONE: return 0;
#define PHASE(id, number, code, step, word) case PHASE_##id: return step;
#include "tables/phases.def"
#undef PHASE
	}
	return 0;
}

const char *phase_word(enum phase p)
{
	return choice_text(&list_phase, p);
}

const char *phase_step_word(unsigned step)
{
#define PHASE(id, number, code, row_step, word) if (step == (row_step)) return word;
#include "tables/phases.def"
#undef PHASE
	return "";
}

int threat_level_number(enum threat_class c)
{
	return (int)c - 1;
}

int cadence_days(enum cadence c)
{
	switch (c) {
	case CADENCE_NONE: return 0;
#define CADENCE(id, number, code, days, text) case CADENCE_##id: return days;
#include "tables/cadences.def"
#undef CADENCE
	}
	return 0;
}

/* tables/lists.c — the rows of the smaller lists: compartments, roles, routes, law, refusals, tasks, packages. */
#include "tables/tables.h"

#define STD false
#define RED true
const struct compartment_row compartment_rows[] = {
#define COMPARTMENT(id, number, class, owner, name) { COMPARTMENT_##id, class, #id, owner, name },
#include "tables/compartments.def"
#undef COMPARTMENT
};
const size_t n_compartment_rows = COUNT_OF(compartment_rows);

const struct compartment_row *compartment_row(unsigned number)
{
	for (size_t i = 0; i < n_compartment_rows; i++)
		if (compartment_rows[i].id == number) return &compartment_rows[i];
	return NULL;
}

const struct role_row role_rows[ROLE_COUNT] = {
#define ROLE(name, bit, word, text) [ROLE_##name] = { ROLE_##name, word, text },
#include "tables/roles.def"
#undef ROLE
};

enum err role_by_code(struct str code, enum role *ret)
{
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (!str_eq_c(code, role_rows[i].code)) continue;
		*ret = role_rows[i].id;
		return OK;
	}
	return ERR_INVALID;
}

const char *purpose_name(unsigned number)
{
	switch (number) {
#define PURPOSE(id, row_number, name) case row_number: return name;
#include "tables/purposes.def"
#undef PURPOSE
	default: return "okänt";
	}
}

const char *table_name(enum table t)
{
	switch (t) {
	case TABLE_NONE: return "";
#define TABLE(id, number, name) case TABLE_##id: return name;
#include "tables/rows.def"
#undef TABLE
	}
	return "";
}

const uint64_t power_roles[POWER_COUNT] = {
#define POWER(id, roles) [POWER_##id] = (roles),
#include "tables/routes.def"
};

const struct route_row route_rows[ROUTE_COUNT] = {
#define ROUTE(id, verb, address, who, why) \
	[ROUTE_##id] = { #id, METHOD_##verb, address, POWER_##who, PURPOSE_##why },
#include "tables/routes.def"
};

uint64_t route_roles(enum route r)
{
	return power_roles[route_rows[r].power];
}

#define OPEN "9999-12-31"
#define LAW true
#define PROCESS false
const struct basis_row basis_rows[] = {
#define BASIS(name, number, kind, cite, from_day, to_day, words) \
	{ BASIS_##name, kind, #name, cite, from_day, to_day, words },
#include "tables/law.def"
#undef BASIS
};
const size_t n_basis_rows = COUNT_OF(basis_rows);

const struct basis_row *basis_on(enum basis id, struct day on)
{
	const struct basis_row *newest = NULL;
	for (size_t i = 0; i < n_basis_rows; i++) {
		const struct basis_row *b = &basis_rows[i];
		struct day from = DAY_UNSET, to = DAY_UNSET;
		if (b->id != id) continue;
		newest = b;
		if (!day_is_set(on)) continue;
		if (day_parse_iso(str_c(b->from), &from) != OK || day_parse_iso(str_c(b->to), &to) != OK) continue;
		if (on.n >= from.n && on.n <= to.n) return b;
	}
	return day_is_set(on) ? NULL : newest;
}

const struct refusal_row refusal_rows[] = {
#define REFUSAL(id, number, rule, basis, text, remedy) { REFUSAL_##id, rule, BASIS_##basis, text, remedy },
#include "tables/refusals.def"
#undef REFUSAL
};
const size_t n_refusal_rows = COUNT_OF(refusal_rows);

const struct refusal_row *refusal_row(enum refusal_id id)
{
	size_t i = 0;
	while (i < n_refusal_rows && refusal_rows[i].id != id) i++;
	assert_always(i < n_refusal_rows);
	return &refusal_rows[i];
}

#define FROM(id) (UINT32_C(1) << CONTROLLER_##id)
#define NOTHING GROUND_NEEDS_NOTHING
#define BALANCE GROUND_NEEDS_BALANCE
#define SECOND GROUND_NEEDS_SECOND
#define DUTY GROUND_NEEDS_DUTY
static const struct ground_row ground_rows[] = {
#define GROUND(id, number, code, basis, from, needs, text) { GROUND_##id, BASIS_##basis, from, needs },
#include "tables/grounds.def"
#undef GROUND
};

const struct ground_row *ground_row(enum disclosure_ground g)
{
	for (size_t i = 0; i < COUNT_OF(ground_rows); i++)
		if (ground_rows[i].id == g) return &ground_rows[i];
	return NULL;
}

enum basis social_ground_basis(enum social_ground g)
{
	switch (g) {
	case SOCIAL_GROUND_NONE: return BASIS_NONE;
	case SOCIAL_GROUND_11_1: return BASIS_SOL_11_1;
	case SOCIAL_GROUND_12_1: return BASIS_SOL_12_1;
	case SOCIAL_GROUND_9_5: return BASIS_SOL_9_5;
	case SOCIAL_GROUND_13_7: return BASIS_SOL_13_7;
	case SOCIAL_GROUND_13_10: return BASIS_SOL_13_10;
	}
	return BASIS_NONE;
}

uint32_t role_compartments(enum role r, enum controller_kind k)
{
#define RIGHT(role, controller, bits) if (r == ROLE_##role && k == CONTROLLER_##controller) return bits;
#include "tables/rights.def"
#undef RIGHT
	return 0;
}

#define NEXT_DAY TASK_DUE_NEXT_DAY
#define WORKDAY TASK_DUE_WORKDAY
#define GIVEN TASK_DUE_GIVEN
#define OFFICER TASK_FOR_OFFICER
#define MANAGER TASK_FOR_MANAGER
#define LEAD TASK_FOR_LEAD
#define FAST true
#define SLOW false
#define YES true
#define NO false
static const struct task_row task_rows[] = {
#define TASK(name, number, word, text, due_rule, for_whom, grade, ladder, hand) \
	{ TASK_##name, word, text, due_rule, for_whom, grade, ladder, hand },
#include "tables/tasks.def"
#undef TASK
};

const struct task_row *task_row(enum task_kind t)
{
	size_t i = 0;
	while (i < COUNT_OF(task_rows) && task_rows[i].id != t) i++;
	assert_always(i < COUNT_OF(task_rows));
	return &task_rows[i];
}

static const struct package_row package_rows[] = {
#define PACKAGE(name, number, word, command, words) { PACKAGE_##name, word, words, CMD_##command },
#include "tables/packages.def"
#undef PACKAGE
};

const struct package_row *package_row(enum package_kind p)
{
	for (size_t i = 0; i < COUNT_OF(package_rows); i++)
		if (package_rows[i].id == p) return &package_rows[i];
	return NULL;
}

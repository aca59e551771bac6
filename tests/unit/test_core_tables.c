/* tests/unit/test_core_tables.c — completeness of the tables: numbers, names, references, limits, intervals. */
#include "core/work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define EACH_RECORD(r) for (const struct record_row *r = record_rows; r < record_rows + RECORD_COUNT; r++)
#define EACH_COMMAND(c) for (const struct command_row *c = command_rows; c < command_rows + n_command_rows; c++)

static void test_choice_lists(void **state)
{
	(void)state;
	for (size_t l = 0; l < n_choice_lists; l++) {
		const struct choice_list *list = choice_lists[l];
		assert_true(list->n > 0);
		for (size_t i = 0; i < list->n; i++) {
			assert_in_range(list->rows[i].number, 1, 63);
			assert_true(strlen(list->rows[i].code) > 0 && strlen(list->rows[i].code) < 40 && strlen(list->rows[i].text) > 1);
			for (size_t j = 0; j < i; j++) {
				assert_int_not_equal(list->rows[i].number, list->rows[j].number);
				assert_string_not_equal(list->rows[i].code, list->rows[j].code);
				/* Several phases share a word of the phase bar. */
				if (list != &list_phase) assert_string_not_equal(list->rows[i].text, list->rows[j].text);
			}
			assert_ptr_equal(choice_by_number(list, list->rows[i].number), &list->rows[i]);
			assert_ptr_equal(choice_by_code(list, str_c(list->rows[i].code)), &list->rows[i]);
		}
		assert_null(choice_by_number(list, 0));
		assert_null(choice_by_code(list, STR("")));
	}
}

static void test_inventory_numbers(void **state)
{
	(void)state;
	assert_int_equal(list_intake_source.n, 11);  /* inv.I1 to inv.I11 */
	assert_int_equal(list_measure.n, 38);        /* inv.M1 to inv.M38 */
	assert_int_equal(list_closing_reason.n, 9);  /* inv.X1 to inv.X9 */
	assert_int_equal(list_threat_class.n, 5);
	assert_int_equal(threat_level_number(THREAT_NOT_ASSESSED), -1);
	assert_int_equal(threat_level_number(THREAT_NONE_KNOWN), 0);
	assert_int_equal(threat_level_number(THREAT_VERY_HIGH), 4);
}

static void test_events(void **state)
{
	(void)state;
	EACH_RECORD(r) {
		if (r->title) {
			assert_ptr_equal(event_row(r->kind), r);
			assert_ptr_equal(event_row_by_name(str_c(r->name)), r);
			assert_true(r->home != COMPARTMENT_NOWHERE || r->police_home != COMPARTMENT_NOWHERE);
		} else assert_null(event_row_by_name(str_c(r->name)));
		EACH_RECORD(s) if (s != r) {
			assert_string_not_equal(s->name, r->name);
			if (s->title && r->title) assert_int_not_equal(s->kind, r->kind);
		}
	}
	assert_null(event_row_by_name(STR("")));
	assert_null(event_row_by_name(STR("notes")));
	assert_null(event_row((enum event_kind)200));
	assert_string_equal(event_title((enum event_kind)200), "Okänd händelse");
}

/* The worst case of a record in bytes: four for each character, and what stands around it. */
static size_t most_bytes(const struct record_row *r)
{
	size_t n = 512;
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field_row *f = &r->fields[i];
		n += strlen(f->name) + 16;
		if (f->type == FIELD_LINE || f->type == FIELD_TEXT) n += 4 * (size_t)f->max;
		else if (f->type == FIELD_PERSON) n += 33 + 480;
		else if (f->type == FIELD_CHOICES) for (size_t j = 0; j < f->list->n; j++) n += strlen(f->list->rows[j].code) + 1;
		else n += 64;
	}
	return n;
}

static void test_fields(void **state)
{
	(void)state;
	static const char *const words[] = { "event", "noted", "author", "seq", "happened", "author_name", "author_title", "source_class" };
	EACH_RECORD(r) {
		bool keyed = false;
		assert_true(most_bytes(r) < 60 * 1024); /* an envelope holds 64 KiB */
		for (size_t i = 0; i < r->n_fields; i++) {
			const struct field_row *f = &r->fields[i];
			for (size_t w = 0; w < COUNT_OF(words); w++) assert_string_not_equal(f->name, words[w]);
			for (size_t j = 0; j < i; j++) assert_string_not_equal(f->name, r->fields[j].name);
			assert_true((f->type == FIELD_CHOICE || f->type == FIELD_CHOICES || f->type == FIELD_YESNO) == (f->list != NULL));
			assert_true((f->flags & FIELD_SET) || strlen(f->label) > 2);
			assert_true(f->type != FIELD_LINE || f->max <= 500);
			assert_true(!(f->flags & FIELD_PROSE) || f->type == FIELD_TEXT || f->type == FIELD_LINE);
			assert_ptr_equal(record_field(r, str_c(f->name)), f);
			keyed = keyed || (f->flags & FIELD_KEY);
		}
		assert_true(r->keep != KEEP_EACH || keyed);
	}
}

static void test_commands(void **state)
{
	(void)state;
	size_t number = 0;
	EACH_COMMAND(c) {
		assert_int_equal(c->id, ++number);
		assert_ptr_equal(command_row(c->id), c);
		assert_ptr_equal(command_by_name(str_c(c->name)), c);
		assert_true(strlen(c->button) > 2 && strlen(c->heading) > 2);
		assert_true(c->phases != 0 && c->roles != 0 && c->dossiers != 0);
		/* What may not be refused has nothing that refuses it (C5). */
		if (c->flags & COMMAND_URGENT) assert_int_equal(c->n_guards, 0);
		struct form_field fields[FORM_FIELDS_MAX];
		size_t n = command_fields(c->id, fields);
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < i; j++) assert_string_not_equal(fields[i].name, fields[j].name);
		for (size_t i = 0; i < c->n_guards; i++) {
			const char *field = guard_rows[c->guards[i]].field;
			bool found = field == NULL;
			for (size_t j = 0; j < n; j++) found = found || strcmp(fields[j].name, field) == 0;
			assert_true(found);
		}
	}
	assert_null(command_row(CMD_NONE));
	assert_null(command_by_name(STR("close_case")));
	assert_string_equal(command_title(CMD_NONE), "");
}

/* DECISIONS 11: reads ⊆ compartments of every role that may give the command. */
static void test_rights(void **state)
{
	(void)state;
	EACH_COMMAND(c)
		for (unsigned k = CONTROLLER_SOCIAL; k <= CONTROLLER_POLICE; k++)
			for (unsigned role = 0; role < ROLE_COUNT; role++) {
				uint32_t held = role_compartments((enum role)role, (enum controller_kind)k);
				if (!(c->roles & (UINT64_C(1) << role)) || !(c->dossiers & (UINT32_C(1) << k)) || held == 0) continue;
				assert_int_equal((c->reads[k] | IN(HEAD)) & ~held, 0);
			}
	assert_int_equal(role_compartments(ROLE_MANAGER, CONTROLLER_SOCIAL), IN(HEAD));
	assert_int_equal(role_compartments(ROLE_POLICE, CONTROLLER_SOCIAL), 0);
	assert_int_equal(role_compartments(ROLE_POLICE, CONTROLLER_POLICE), IN(HEAD) | IN(IDENTITY) | IN(RISK));
	assert_int_equal(role_compartments(ROLE_REVIEWER, CONTROLLER_SOCIAL), 0);
	assert_int_equal(role_compartments(ROLE_ADMINISTRATOR, CONTROLLER_SOCIAL), 0);
	assert_int_equal(role_compartments(ROLE_COORDINATOR, CONTROLLER_SOCIAL) & (IN(PLACE) | IN(HEALTH) | IN(CHILD)), 0);
}

static void test_refusals_and_guards(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_refusal_rows; i++) {
		const struct refusal_row *r = &refusal_rows[i];
		assert_non_null(basis_on(r->basis, DAY_UNSET));
		assert_true(strlen(r->text) > 10 && strlen(r->remedy) > 10);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(r->id, refusal_rows[j].id);
			assert_string_not_equal(r->rule, refusal_rows[j].rule);
		}
	}
	for (size_t g = 0; g < GUARD_COUNT; g++) {
		bool used = false;
		EACH_COMMAND(c) for (size_t i = 0; i < c->n_guards; i++) used = used || c->guards[i] == g;
		assert_true(used);
		assert_non_null(refusal_row(guard_rows[g].refusal));
	}
}

static bool cited(enum basis b)
{
	for (size_t i = 0; i < n_refusal_rows; i++)
		if (refusal_rows[i].basis == b) return true;
	for (size_t i = 0; i < list_disclosure_ground.n; i++)
		if (ground_row((enum disclosure_ground)list_disclosure_ground.rows[i].number)->basis == b) return true;
	for (size_t i = 0; i < list_social_ground.n; i++)
		if (social_ground_basis((enum social_ground)list_social_ground.rows[i].number) == b) return true;
	return false;
}

static void test_law(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_basis_rows; i++) {
		const struct basis_row *b = &basis_rows[i];
		struct day from, to;
		assert_int_equal(day_parse_iso(str_c(b->from), &from), OK);
		assert_int_equal(day_parse_iso(str_c(b->to), &to), OK);
		assert_true(from.n < to.n);
		if (!cited(b->id)) fail_msg("no rule cites %s", b->code);
		for (size_t j = 0; j < i; j++) {
			struct day other_from, other_to;
			if (basis_rows[j].id != b->id) continue;
			assert_int_equal(day_parse_iso(str_c(basis_rows[j].from), &other_from), OK);
			assert_int_equal(day_parse_iso(str_c(basis_rows[j].to), &other_to), OK);
			assert_true(from.n > other_to.n || to.n < other_from.n);
		}
	}
	struct day before, first;
	assert_int_equal(day_make(2025, 11, 30, &before), OK);
	assert_int_equal(day_make(2025, 12, 1, &first), OK);
	assert_null(basis_on(BASIS_OSL_10_15A, before));
	assert_non_null(basis_on(BASIS_OSL_10_15A, first));
}

static void test_tasks_and_phases(void **state)
{
	(void)state;
	for (size_t i = 0; i < list_task_kind.n; i++) {
		const struct task_row *t = task_row((enum task_kind)list_task_kind.rows[i].number);
		assert_in_range(t->severity, 1, 3);
		/* The title fits in a summary of at most 256 bytes. */
		assert_true(strlen(t->title) <= 72);
	}
	unsigned steps[PHASE_STEPS + 1] = { 0 };
	for (size_t i = 0; i < list_phase.n; i++) {
		unsigned step = phase_step((enum phase)list_phase.rows[i].number);
		assert_in_range(step, 1, PHASE_STEPS);
		assert_string_equal(phase_step_word(step), phase_word((enum phase)list_phase.rows[i].number));
		steps[step]++;
	}
	for (unsigned s = 1; s <= PHASE_STEPS; s++) assert_true(steps[s] > 0);
	assert_string_equal(phase_word(PHASE_MOTIVATION), "Bedömning");
	for (unsigned p = 1; package_row((enum package_kind)p); p++)
		assert_true(command_row(package_row((enum package_kind)p)->accept)->flags & COMMAND_PACKAGE);
}

/* The words that the screens avoid (UX 4.1). */
static void avoided(const char *text)
{
	static const char *const words[] = { "klient", "brukare", "gängmedlem", "missbrukare", "falska motiv", "dold agenda",
		"snedsteg", "skyddad identitet", "vänligen", "ogiltig", "obligatorisk", "vidta", "avseende", " samt " };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcasestr(text, words[i])) fail_msg("\"%s\" holds \"%s\"", text, words[i]);
}

static void test_words(void **state)
{
	(void)state;
	EACH_RECORD(r) {
		if (r->title) avoided(r->title);
		for (size_t i = 0; i < r->n_fields; i++) {
			avoided(r->fields[i].label);
			avoided(r->fields[i].hint);
		}
	}
	EACH_COMMAND(c) {
		avoided(c->button);
		avoided(c->heading);
	}
	for (size_t i = 0; i < n_refusal_rows; i++) {
		avoided(refusal_rows[i].text);
		avoided(refusal_rows[i].remedy);
	}
	for (size_t l = 0; l < n_choice_lists; l++)
		for (size_t i = 0; i < choice_lists[l]->n; i++) avoided(choice_lists[l]->rows[i].text);
}

static void test_routes(void **state)
{
	(void)state;
	for (size_t i = 1; i < ROUTE_COUNT; i++) {
		assert_true(route_rows[i].pattern[0] == '/');
		assert_int_not_equal(route_rows[i].purpose, PURPOSE_NONE);
		for (size_t j = 1; j < i; j++)
			assert_false(route_rows[i].method == route_rows[j].method && strcmp(route_rows[i].pattern, route_rows[j].pattern) == 0);
	}
	assert_int_equal(route_roles(ROUTE_log_show), ROLE_BIT(REVIEWER));
	assert_int_equal(route_roles(ROUTE_home), 0);
	enum role role;
	assert_int_equal(role_by_code(STR("police"), &role), OK);
	assert_int_equal(role, ROLE_POLICE);
	assert_int_equal(role_by_code(STR("polis"), &role), ERR_INVALID);
	assert_string_equal(purpose_name(PURPOSE_MY_DAY), "min dag");
	assert_string_equal(purpose_name(999), "okänt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice_lists), cmocka_unit_test(test_inventory_numbers), cmocka_unit_test(test_events),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_commands), cmocka_unit_test(test_rights),
		cmocka_unit_test(test_refusals_and_guards), cmocka_unit_test(test_law), cmocka_unit_test(test_tasks_and_phases),
		cmocka_unit_test(test_words), cmocka_unit_test(test_routes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tables/commands.c — the rows of every command: its parts, guards and the fields of its form. */
#include "tables/tables.h"

#define IN_SOCIAL (UINT32_C(1) << CONTROLLER_SOCIAL)
#define IN_POLICE (UINT32_C(1) << CONTROLLER_POLICE)
#define IN_BOTH (IN_SOCIAL | IN_POLICE)
#define COMMUTES COMMAND_COMMUTES
#define URGENT COMMAND_URGENT
#define PACKAGE COMMAND_PACKAGE
#define PEOPLE COMMAND_PEOPLE
#define STEADY COMMAND_STEADY

/* Lists begin with a filler, so that a command without parts or guards is a valid array too. */
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	static const struct command_part name##_parts[] = { { RECORD_COUNT, 0 },
#define TAKES(command, record) { RECORD_##record, offsetof(struct cmd_##command, record) },
#define GUARD(command, guard)
#define END(name) };
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END

#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	static const enum guard_id name##_guards[] = { GUARD_COUNT,
#define TAKES(command, record)
#define GUARD(command, guard) GUARD_##guard,
#define END(name) };
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END

const struct command_row command_rows[] = {
#define COMMAND(constant, number, word, button_text, heading_text, role_bits, dossier, phase_bits, social, police, bits) \
	{ .id = CMD_##constant, .name = #word, .button = button_text, .heading = heading_text, .roles = role_bits, \
	  .dossiers = dossier, .phases = phase_bits, .reads = { 0, social, police }, .flags = bits, \
	  .size = sizeof(struct cmd_##word), .parts = word##_parts + 1, .n_parts = COUNT_OF(word##_parts) - 1, \
	  .guards = word##_guards + 1, .n_guards = COUNT_OF(word##_guards) - 1 },
#define TAKES(command, record)
#define GUARD(command, guard)
#define END(name)
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END
};
const size_t n_command_rows = COUNT_OF(command_rows);

const struct guard_row guard_rows[GUARD_COUNT] = {
#define GUARDED(word, social, police, refusal_name, field_name) \
	[GUARD_##word] = { #word, { 0, social, police }, REFUSAL_##refusal_name, field_name },
#include "tables/guards.def"
#undef GUARDED
};

const struct command_row *command_row(enum command_id c)
{
	size_t i = (size_t)c;
	/* Numbered in order; a test sees to it. */
	if (i >= 1 && i <= n_command_rows && command_rows[i - 1].id == c) return &command_rows[i - 1];
	return NULL;
}

const struct command_row *command_by_name(struct str name)
{
	for (size_t i = 0; i < n_command_rows; i++)
		if (str_eq_c(name, command_rows[i].name)) return &command_rows[i];
	return NULL;
}

struct str act_text(struct str word)
{
	const struct command_row *c = command_by_name(word);
	static const struct { const char *word, *text; } rows[] = {
#define ACT_WORD(word, text) { #word, text },
#include "tables/acts.def"
	};
	if (c)
		return str_c(c->heading);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (str_eq_c(word, rows[i].word))
			return str_c(rows[i].text);
	return STR_UNSET;
}

enum command_id refusal_remedy(enum refusal_id r)
{
	switch ((int)r) {
#define REMEDY(refusal, command) case REFUSAL_##refusal: return CMD_##command;
#include "tables/remedies.def"
	default: return CMD_NONE;
	}
}

const char *command_submit(enum command_id c)
{
	const struct command_row *row = command_row(c);
	switch ((int)c) {
#define SUBMIT(command, words) case CMD_##command: return words;
#include "tables/receipts.def"
	default: return row ? row->button : "";
	}
}

const char *command_receipt(enum command_id c)
{
	switch (c) {
#define RECEIPT(command, text) case CMD_##command: return text;
#include "tables/receipts.def"
	case CMD_NONE: case CMD_COUNT: break;
	}
	return "";
}

const char *command_title(enum command_id c)
{
	const struct command_row *r = command_row(c);
	return r ? r->heading : "";
}

static struct form_field form_field_of(const struct field_row *f, uint32_t base)
{
	return (struct form_field){
		.name = f->name, .label = f->label, .hint = f->hint, .type = f->type,
		.required = (f->flags & FIELD_REQUIRED) != 0, .free = (f->flags & FIELD_FREE) != 0,
		.min = f->min, .max = f->max, .choices = f->list, .when = f->when, .thing = f->thing,
		.roles = f->roles, .offset = base + f->offset, .row = f,
	};
}

size_t command_fields(enum command_id c, struct form_field ret[FORM_FIELDS_MAX])
{
	const struct command_row *r = command_row(c);
	if (!r || (r->flags & COMMAND_PACKAGE)) return 0;
	size_t n = 0;
	for (size_t p = 0; p < r->n_parts; p++) {
		const struct record_row *record = &record_rows[r->parts[p].record];
		for (size_t i = 0; i < record->n_fields; i++) {
			if (record->fields[i].flags & FIELD_SET) continue;
			assert_always(n < FORM_FIELDS_MAX);
			ret[n++] = form_field_of(&record->fields[i], r->parts[p].offset);
		}
	}
	return n;
}

const char *command_standing_hint(enum command_id c)
{
	const struct command_row *r = command_row(c);
	if (!r || (r->flags & COMMAND_PACKAGE)) return NULL;
	for (size_t p = 0; p < r->n_parts; p++) {
		const struct record_row *record = &record_rows[r->parts[p].record];
		if (record->home != COMPARTMENT_SOCIAL && record->home != COMPARTMENT_RISK) continue;
		for (size_t i = 0; i < record->n_fields; i++)
			if (record->fields[i].type == FIELD_TEXT && !(record->fields[i].flags & FIELD_SET))
				return "Ingen behöver berätta om brott. Den som vill berätta hänvisas till polisen.";
	}
	return NULL;
}

/* tables/tables.h — the domain as data: the C types and look-ups of every list in this folder.
 *
 * Each list is written once, in a .def file; here it becomes enums, structs, names and rows. The generator
 * tools/tblc includes the same files and prints the documentation and the codec's name table.
 * Runs in: every process.   Depends on: base.   Never: I/O, clock, decisions.
 *
 * Invariants
 *   B1  zero is "not chosen" in every choice list; numbers and codes are unique and never reused.
 *   B2  an event's fields, its struct, its codec, its form and its documentation come from the same rows. */
#pragma once
#include "base/base.h"

/* ---- small lists ------------------------------------------------------------------------------------------- */

enum compartment {
#define COMPARTMENT(id, number, class, owner, name) COMPARTMENT_##id = number,
#include "tables/compartments.def"
#undef COMPARTMENT
	COMPARTMENT_NOWHERE = 255
};
#define COMPARTMENT_BIT(c) (UINT32_C(1) << (c))
#define IN(id) COMPARTMENT_BIT(COMPARTMENT_##id)
struct compartment_row { enum compartment id; bool red; const char *code, *owner, *name; };
extern const struct compartment_row compartment_rows[];
extern const size_t n_compartment_rows;
/* NULL for a number without a row (a site's own compartment). */
const struct compartment_row *compartment_row(unsigned number);

enum role {
#define ROLE(id, bit, code, title) ROLE_##id = bit,
#include "tables/roles.def"
#undef ROLE
	ROLE_COUNT
};
#define ROLE_BIT(id) (UINT64_C(1) << ROLE_##id)
#define ROLE_ANY UINT64_MAX
/* Who works in cases at all; the two teams. */
#define TEAM (ROLE_BIT(COORDINATOR) | ROLE_BIT(SOCIAL_WORKER))
#define POLICE_TEAM ROLE_BIT(POLICE)
#define CASE_ROLES (TEAM | POLICE_TEAM)
struct role_row { enum role id; const char *code, *title; };
extern const struct role_row role_rows[ROLE_COUNT];
/* ERR_INVALID for a word that is no role. */
MUST enum err role_by_code(struct str code, enum role *ret);

enum purpose {
	PURPOSE_NONE,
#define PURPOSE(id, number, name) PURPOSE_##id = number,
#include "tables/purposes.def"
#undef PURPOSE
};
/* Never NULL; "okänt" for a number without a row. */
const char *purpose_name(unsigned number);

enum slot {
	SLOT_NONE,
#define SLOT(id, number) SLOT_##id = number,
#include "tables/slots.def"
#undef SLOT
};

enum table {
	TABLE_NONE,
#define TABLE(id, number, name) TABLE_##id = number,
#include "tables/rows.def"
#undef TABLE
};
const char *table_name(enum table t);

enum method { METHOD_GET, METHOD_POST, METHOD_DELETE };
enum route {
	ROUTE_NONE,
#define ROUTE(id, method, pattern, power, purpose) ROUTE_##id,
#include "tables/routes.def"
	ROUTE_COUNT
};
enum power {
#define POWER(id, roles) POWER_##id,
#include "tables/routes.def"
	POWER_COUNT
};
struct route_row {
	const char *name;
	enum method method;
	const char *pattern;
	enum power power;
	enum purpose purpose;
};
/* 0 = anyone, ROLE_ANY = whoever is logged in, else any of the bits. */
extern const uint64_t power_roles[POWER_COUNT];
uint64_t route_roles(enum route r);
extern const struct route_row route_rows[ROUTE_COUNT];

/* ---- choice lists ------------------------------------------------------------------------------------------- */

#define LIST(name, zero) enum name { zero = 0,
#define ITEM(list, constant, number, code, text) constant = (number),
#define LIST_END(name) };
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END

struct choice { unsigned number; const char *code, *text; };
struct choice_list { const char *name; const struct choice *rows; size_t n; };
#define LIST(name, zero) extern const struct choice_list list_##name;
#define ITEM(list, constant, number, code, text)
#define LIST_END(name)
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END
extern const struct choice_list *const choice_lists[];
extern const size_t n_choice_lists;
/* NULL when the list has no such number or code. */
const struct choice *choice_by_number(const struct choice_list *l, unsigned number);
const struct choice *choice_by_code(const struct choice_list *l, struct str code);
/* The Swedish text, "" for zero and for unknown numbers. */
const char *choice_text(const struct choice_list *l, unsigned number);

#define PHASE_BIT(p) (UINT32_C(1) << (p))
#define AT(id) PHASE_BIT(PHASE_##id)
#define OPEN_CASE (AT(INTAKE) | AT(INITIAL) | AT(MOTIVATION) | AT(DECISION_PENDING) | AT(PLANNING) | \
                   AT(STABILISING) | AT(ESTABLISHING))
#define PLAN_PHASES (AT(INITIAL) | AT(MOTIVATION) | AT(DECISION_PENDING) | AT(PLANNING) | AT(STABILISING))
/* The place of a phase in the phase bar, 1..6 (0 for PHASE_NONE), and the bar's words. */
unsigned phase_step(enum phase p);
#define PHASE_STEPS 6
const char *phase_word(enum phase p);
const char *phase_step_word(unsigned step);
/* The level 0..4 of a threat class, -1 when not assessed. */
int threat_level_number(enum threat_class c);
/* Days between contacts; 0 for CADENCE_NONE. */
int cadence_days(enum cadence c);

/* ---- law, refusals, grounds --------------------------------------------------------------------------------- */

enum basis {
	BASIS_NONE,
#define BASIS(id, number, kind, citation, from, to, text) BASIS_##id = number,
#include "tables/law.def"
#undef BASIS
};
struct basis_row { enum basis id; bool law; const char *code, *citation, *from, *to, *text; };
extern const struct basis_row basis_rows[];
extern const size_t n_basis_rows;
/* The row of a basis in force on a day, or NULL. With an unset day: the newest row. */
const struct basis_row *basis_on(enum basis id, struct day on);

enum refusal_id {
	REFUSAL_NONE,
#define REFUSAL(id, number, rule, basis, text, remedy) REFUSAL_##id = number,
#include "tables/refusals.def"
#undef REFUSAL
};
struct refusal_row { enum refusal_id id; const char *rule; enum basis basis; const char *text, *remedy; };
extern const struct refusal_row refusal_rows[];
extern const size_t n_refusal_rows;
/* Never NULL for a refusal of the table. */
const struct refusal_row *refusal_row(enum refusal_id id);

enum ground_needs { GROUND_NEEDS_NOTHING, GROUND_NEEDS_BALANCE, GROUND_NEEDS_SECOND, GROUND_NEEDS_DUTY };
struct ground_row { enum disclosure_ground id; enum basis basis; uint32_t from; enum ground_needs needs; };
/* NULL for GROUND_NONE. `from` has bit 1 << CONTROLLER_X. */
const struct ground_row *ground_row(enum disclosure_ground g);
/* The statute row behind a provision of a decision. */
enum basis social_ground_basis(enum social_ground g);

/* Compartments a role may be granted in the dossiers of a controller (DECISIONS 49); 0: none. */
uint32_t role_compartments(enum role r, enum controller_kind k);

/* ---- tasks -------------------------------------------------------------------------------------------------- */

enum task_due { TASK_DUE_NEXT_DAY, TASK_DUE_WORKDAY, TASK_DUE_GIVEN };
enum task_who { TASK_FOR_OFFICER, TASK_FOR_MANAGER, TASK_FOR_LEAD };
struct task_row {
	enum task_kind id;
	const char *code, *title;
	enum task_due due;
	enum task_who who;
	uint8_t severity;
	bool fast, tickable;
};
/* Never NULL for a task of the table. */
const struct task_row *task_row(enum task_kind t);

/* ---- records: events and parts of forms --------------------------------------------------------------------- */

#define NUMBER_UNSET INT64_MIN
/* A member of staff, or (FREE) somebody outside: then the id is zero. Unset: no name and a zero id. */
struct person { struct id16 id; struct str name; };
struct hash32 { uint8_t b[32]; };
/* A journal entry by compartment and seq; seq 0 is unset. */
struct entry_ref { uint16_t compartment; uint64_t seq; };

enum field_type {
	FIELD_LINE, FIELD_TEXT, FIELD_CHOICE, FIELD_CHOICES, FIELD_DAY, FIELD_MOMENT, FIELD_YESNO, FIELD_NUMBER,
	FIELD_PERSON, FIELD_PICK, FIELD_ID, FIELD_HASH, FIELD_NUMBER12, FIELD_ENTRY
};
enum field_when { WHEN_ANY, WHEN_PAST, WHEN_FUTURE };
/* What a field of type PICK picks among; core/options.h lists them for a case. */
enum thing { THING_TASK, THING_MEETING, THING_GOAL, THING_INVESTIGATION, THING_TICKED };
#define FIELD_REQUIRED 1U
#define FIELD_SET 2U
#define FIELD_KEY 4U
#define FIELD_PROSE 8U
#define FIELD_FREE 16U

/* The struct of each record: struct ev_note { enum note_kind kind; ... }. Types: LINE, TEXT, NUMBER12 struct str ·
 * CHOICE its enum · CHOICES uint64_t, bit 1 << number · DAY struct day · MOMENT struct instant · YESNO enum yesno ·
 * NUMBER int64_t · PERSON struct person · PICK, ID struct id16 · HASH struct hash32 · ENTRY struct entry_ref. */
#define EVENT(kind, number, name, home, police_home, keep, title) struct ev_##name {
#define PART(name) struct ev_##name {
#define FIELD(record, field, type, flags, label, hint) type field;
#define END(name) };
#define LINE(max) struct str
#define TEXT(max) struct str
#define CHOICE(list) enum list
#define CHOICES(list) uint64_t
#define DAY(when) struct day
#define MOMENT(when) struct instant
#define YESNO enum yesno
#define NUMBER(min, max) int64_t
#define PERSON(roles) struct person
#define PICK(thing) struct id16
#define ID struct id16
#define HASH struct hash32
#define NUMBER12 struct str
#define ENTRY struct entry_ref
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
#undef LINE
#undef TEXT
#undef CHOICE
#undef CHOICES
#undef DAY
#undef MOMENT
#undef YESNO
#undef NUMBER
#undef PERSON
#undef PICK
#undef ID
#undef HASH
#undef NUMBER12
#undef ENTRY

enum event_kind {
	EV_UNKNOWN = 0, /* written by a newer program: data is the raw payload (struct str) */
#define EVENT(kind, number, name, home, police_home, keep, title) EV_##kind = number,
#define PART(name)
#define FIELD(record, field, type, flags, label, hint)
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
};

enum record_id {
#define EVENT(kind, number, name, home, police_home, keep, title) RECORD_##name,
#define PART(name) RECORD_##name,
#define FIELD(record, field, type, flags, label, hint)
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
	RECORD_COUNT
};

struct field_row {
	const char *name, *label, *hint;
	uint8_t name_n;                  /* length of the name */
	enum field_type type;
	unsigned flags;
	uint32_t offset;                 /* in the record's struct */
	int64_t min, max;                /* LINE, TEXT: 0 and characters; NUMBER: limits */
	const struct choice_list *list;  /* CHOICE, CHOICES, YESNO */
	enum field_when when;            /* DAY, MOMENT */
	enum thing thing;                /* PICK */
	uint64_t roles;                  /* PERSON: whom the list shows; 0 everyone */
};
enum keep { KEEP_NEVER, KEEP_LAST, KEEP_EACH, KEEP_ALL };
struct record_row {
	const char *name, *title;        /* title NULL for a part */
	enum event_kind kind;            /* EV_UNKNOWN for a part */
	enum compartment home, police_home;
	enum keep keep;
	uint32_t size;                   /* of its struct */
	const struct field_row *fields;
	size_t n_fields;
};
extern const struct record_row record_rows[RECORD_COUNT];
/* NULL when no such kind or name. */
const struct record_row *event_row(enum event_kind k);
const struct record_row *event_row_by_name(struct str name);
/* The Swedish title of a kind; "Okänd händelse" for one this program does not know. */
const char *event_title(enum event_kind k);
/* Where a kind is stored in the dossiers of a controller. */
enum compartment event_home(enum event_kind k, enum controller_kind c);
const struct field_row *record_field(const struct record_row *r, struct str name);

/* ---- commands ------------------------------------------------------------------------------------------------ */

enum command_id {
	CMD_NONE,
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) CMD_##id = number,
#define TAKES(command, record)
#define GUARD(command, guard)
#define END(name)
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END
	CMD_COUNT
};

/* The input of each command: struct cmd_register_intake { char empty; struct ev_intake intake; ... }. */
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	struct cmd_##name { char empty;
#define TAKES(command, record) struct ev_##record record;
#define GUARD(command, guard)
#define END(name) };
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END

enum guard_id {
#define GUARDED(name, reads, police_reads, refusal, field) GUARD_##name,
#include "tables/guards.def"
#undef GUARDED
	GUARD_COUNT
};
struct guard_row { const char *name; uint32_t reads[3]; /* by controller kind */ enum refusal_id refusal; const char *field; };
extern const struct guard_row guard_rows[GUARD_COUNT];

#define COMMAND_COMMUTES 1U
#define COMMAND_URGENT 2U
#define COMMAND_PACKAGE 4U
#define COMMAND_PEOPLE 8U
#define COMMAND_STEADY 16U
#define COMMAND_PARTS 4
struct command_part { enum record_id record; uint32_t offset; };
struct command_row {
	enum command_id id;
	const char *name, *button, *heading;
	uint64_t roles;
	uint32_t dossiers;               /* bit 1 << CONTROLLER_X */
	uint32_t phases;                 /* bit 1 << PHASE_X */
	uint32_t reads[3];               /* by controller kind */
	unsigned flags;
	uint32_t size;                   /* of struct cmd_NAME */
	const struct command_part *parts; size_t n_parts;
	const enum guard_id *guards; size_t n_guards;
};
/* NULL for a number or name without a row. */
const struct command_row *command_row(enum command_id c);
const struct command_row *command_by_name(struct str name);
/* Heading of its page; "" for no command. */
const char *command_title(enum command_id c);
/* What was done, in Swedish, by the word that the log has for it; unset for a word without a row. */
struct str act_text(struct str word);
/* The act that lifts a refusal; CMD_NONE where words must do. */
enum command_id refusal_remedy(enum refusal_id r);
/* The words of the button under its form; "" for no command. */
const char *command_submit(enum command_id c);
/* The sentence that says it is done; "" for no command. */
const char *command_receipt(enum command_id c);
/* Iterate over all: i from 0 to n_command_rows - 1. */
extern const struct command_row command_rows[];
extern const size_t n_command_rows;

/* A field of a command's form, in order; fields that the decision sets itself are left out. */
struct form_field {
	const char *name, *label, *hint;
	enum field_type type;
	bool required, free;
	int64_t min, max;
	const struct choice_list *choices;
	enum field_when when;
	enum thing thing;
	uint64_t roles;
	uint32_t offset;                 /* in struct cmd_NAME */
	const struct field_row *row;
};
#define FORM_FIELDS_MAX 24
/* How many there are; at most FORM_FIELDS_MAX, a test sees to it. None for a command that takes a package. */
size_t command_fields(enum command_id c, struct form_field ret[FORM_FIELDS_MAX]);

/* Stands under the texts of a form of the social file (inv.Q2, scenario 21); NULL where there are none. */
const char *command_standing_hint(enum command_id c);

/* ---- packages ------------------------------------------------------------------------------------------------ */

enum package_kind {
	PACKAGE_NONE,
#define PACKAGE(id, number, code, command, text) PACKAGE_##id = number,
#include "tables/packages.def"
#undef PACKAGE
};
struct package_row { enum package_kind id; const char *code, *text; enum command_id accept; };
/* NULL for a number without a row. */
const struct package_row *package_row(enum package_kind p);

/* tables/records.c — the rows of every event and form part, with the place of each field in its struct. */
#include "tables/tables.h"

#define REQUIRED FIELD_REQUIRED
#define SET FIELD_SET
#define KEY FIELD_KEY
#define PROSE FIELD_PROSE
#define FREE FIELD_FREE

#define EVENT(kind, number, name, home, police_home, keep, title) static const struct field_row name##_fields[] = {
#define PART(name) static const struct field_row name##_fields[] = {
#define FIELD(record, field, field_type, field_flags, field_label, field_hint) \
	{ .name = #field, .name_n = sizeof(#field) - 1, .label = field_label, .hint = field_hint, .flags = field_flags, \
	  .offset = offsetof(struct ev_##record, field), field_type },
#define END(name) };
#define LINE(limit) .type = FIELD_LINE, .max = (limit)
#define TEXT(limit) .type = FIELD_TEXT, .max = (limit)
#define CHOICE(name) .type = FIELD_CHOICE, .list = &list_##name
#define CHOICES(name) .type = FIELD_CHOICES, .list = &list_##name
#define DAY(w) .type = FIELD_DAY, .when = WHEN_##w
#define MOMENT(w) .type = FIELD_MOMENT, .when = WHEN_##w
#define YESNO .type = FIELD_YESNO, .list = &list_yesno
#define NUMBER(low, high) .type = FIELD_NUMBER, .min = (low), .max = (high)
#define PERSON(bits) .type = FIELD_PERSON, .roles = (bits)
#define PICK(name) .type = FIELD_PICK, .thing = THING_##name
#define ID .type = FIELD_ID
#define HASH .type = FIELD_HASH
#define NUMBER12 .type = FIELD_NUMBER12
#define ENTRY .type = FIELD_ENTRY
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

const struct record_row record_rows[RECORD_COUNT] = {
#define EVENT(event_kind, number, record, home_id, police_id, keep_id, text) \
	[RECORD_##record] = { #record, text, EV_##event_kind, COMPARTMENT_##home_id, COMPARTMENT_##police_id, \
	                      KEEP_##keep_id, sizeof(struct ev_##record), record##_fields, COUNT_OF(record##_fields) },
#define PART(record) \
	[RECORD_##record] = { #record, NULL, EV_UNKNOWN, COMPARTMENT_NOWHERE, COMPARTMENT_NOWHERE, KEEP_NEVER, \
	                      sizeof(struct ev_##record), record##_fields, COUNT_OF(record##_fields) },
#define FIELD(record, field, field_type, field_flags, field_label, field_hint)
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
};

const struct record_row *event_row(enum event_kind k)
{
	switch (k) {
	case EV_UNKNOWN: return NULL;
#define EVENT(kind, number, name, home, police_home, keep, title) case EV_##kind: return &record_rows[RECORD_##name];
#define PART(name)
#define FIELD(record, field, field_type, field_flags, field_label, field_hint)
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
	}
	return NULL;
}

/* NAME_SLOTS, NAME_FACTOR and name_slots[]: a perfect hash over the names of events, made by tools/tblc. */
#include "tables/event_names.inc"

const struct record_row *event_row_by_name(struct str name)
{
	if (name.n == 0) return NULL;
	uint32_t h = (uint32_t)name.n;
	for (size_t i = 0; i < name.n; i++) h = h * NAME_FACTOR + (uint8_t)name.p[i];
	uint8_t slot = name_slots[(h >> 7) % NAME_SLOTS];
	if (slot == 0) return NULL;
	const struct record_row *r = &record_rows[slot - 1];
	return str_eq_c(name, r->name) ? r : NULL;
}

const char *event_title(enum event_kind k)
{
	const struct record_row *r = event_row(k);
	return r ? r->title : "Okänd händelse";
}

enum compartment event_home(enum event_kind k, enum controller_kind c)
{
	const struct record_row *r = event_row(k);
	if (!r) return COMPARTMENT_NOWHERE;
	return c == CONTROLLER_POLICE ? r->police_home : r->home;
}

const struct field_row *record_field(const struct record_row *r, struct str name)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (str_eq_c(name, r->fields[i].name)) return &r->fields[i];
	return NULL;
}

/* core/record.h — a record's struct seen through its row: field values by type, unset values, copies.
 *
 * Runs in: web, verbs.   Depends on: base, tables.   Never: decides anything. Private to core. */
#pragma once
#include "tables/tables.h"

/* A value of any field type, read out of or to be put into a record's struct. */
struct field_slot { const struct field_row *row; void *at; };

/* A zeroed struct with days, moments and numbers unset. NULL: the arena is full. */
void *record_new(struct arena *a, const struct record_row *r);
/* The same into memory of r->size bytes. */
void record_clear(const struct record_row *r, void *data);
void *record_copy(struct arena *a, const struct record_row *r, const void *data);
/* A copy without prose; the same pointer when there is nothing to leave out. */
const void *record_without_prose(struct arena *a, const struct record_row *r, const void *data);
/* The key field's value as an id (zero when the kind has none). */
struct id16 record_key(const struct record_row *r, const void *data);

bool field_is_set(const struct field_row *f, const void *data);
struct str field_str(const struct field_row *f, const void *data);
unsigned field_choice(const struct field_row *f, const void *data);
uint64_t field_choices(const struct field_row *f, const void *data);
struct day field_day(const struct field_row *f, const void *data);
struct instant field_moment(const struct field_row *f, const void *data);
int64_t field_number(const struct field_row *f, const void *data);
struct person field_person(const struct field_row *f, const void *data);
struct id16 field_id(const struct field_row *f, const void *data);
struct hash32 field_hash(const struct field_row *f, const void *data);
struct entry_ref field_entry(const struct field_row *f, const void *data);
/* Puts a value of the field's own C type. */
void field_put(const struct field_row *f, void *data, const void *value);

bool person_is_set(struct person p);
bool hash_is_zero(const struct hash32 *h);
bool hash_eq(const struct hash32 *a, const struct hash32 *b);
struct str hash_hex(struct arena *a, const struct hash32 *h);

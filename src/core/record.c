/* core/record.c — a record's struct seen through its row. */
#include "core/record.h"
#include <string.h>

static size_t value_size(enum field_type t)
{
	switch (t) {
	case FIELD_LINE: case FIELD_TEXT: case FIELD_NUMBER12: return sizeof(struct str);
	case FIELD_CHOICE: case FIELD_YESNO: return sizeof(unsigned);
	case FIELD_CHOICES: return sizeof(uint64_t);
	case FIELD_DAY: return sizeof(struct day);
	case FIELD_MOMENT: return sizeof(struct instant);
	case FIELD_NUMBER: return sizeof(int64_t);
	case FIELD_PERSON: return sizeof(struct person);
	case FIELD_PICK: case FIELD_ID: return sizeof(struct id16);
	case FIELD_HASH: return sizeof(struct hash32);
	case FIELD_ENTRY: return sizeof(struct entry_ref);
	}
	return 0;
}
_Static_assert(sizeof(enum yesno) == sizeof(unsigned), "choices are read as unsigned");

static const void *at_of(const struct field_row *f, const void *data)
{
	return (const char *)data + f->offset;
}

void field_put(const struct field_row *f, void *data, const void *value)
{
	memcpy((char *)data + f->offset, value, value_size(f->type));
}

#define READER(name, type) \
	type name(const struct field_row *f, const void *data) \
	{ \
		type v; \
		memcpy(&v, at_of(f, data), sizeof v); \
		return v; \
	}
READER(field_str, struct str)
READER(field_choice, unsigned)
READER(field_choices, uint64_t)
READER(field_day, struct day)
READER(field_moment, struct instant)
READER(field_number, int64_t)
READER(field_person, struct person)
READER(field_id, struct id16)
READER(field_hash, struct hash32)
READER(field_entry, struct entry_ref)
#undef READER

void record_clear(const struct record_row *r, void *data)
{
	static const struct day no_day = { INT32_MIN };
	static const struct instant no_moment = { INT64_MIN };
	static const int64_t no_number = NUMBER_UNSET;
	memset(data, 0, r->size);
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field_row *f = &r->fields[i];
		if (f->type == FIELD_DAY) field_put(f, data, &no_day);
		if (f->type == FIELD_MOMENT) field_put(f, data, &no_moment);
		if (f->type == FIELD_NUMBER) field_put(f, data, &no_number);
	}
}

void *record_new(struct arena *a, const struct record_row *r)
{
	void *data = arena_take(a, r->size);
	if (data) record_clear(r, data);
	return data;
}

void *record_copy(struct arena *a, const struct record_row *r, const void *data)
{
	void *copy = arena_take(a, r->size);
	if (copy) memcpy(copy, data, r->size);
	return copy;
}

const void *record_without_prose(struct arena *a, const struct record_row *r, const void *data)
{
	static const struct str unset = { NULL, 0 };
	void *copy = NULL;
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field_row *f = &r->fields[i];
		if (!(f->flags & FIELD_PROSE) || !field_is_set(f, data)) continue;
		if (!copy) copy = record_copy(a, r, data);
		if (!copy) return data;
		field_put(f, copy, &unset);
	}
	return copy ? copy : data;
}

struct id16 record_key(const struct record_row *r, const void *data)
{
	struct id16 key = { { 0 } };
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field_row *f = &r->fields[i];
		if (!(f->flags & FIELD_KEY)) continue;
		if (f->type == FIELD_ID || f->type == FIELD_PICK) return field_id(f, data);
		if (f->type == FIELD_PERSON) return field_person(f, data).id;
		if (f->type == FIELD_CHOICE) key.b[0] = (uint8_t)field_choice(f, data);
		return key;
	}
	return key;
}

bool person_is_set(struct person p)
{
	return !id_is_zero(p.id) || p.name.n > 0;
}

bool hash_is_zero(const struct hash32 *h)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < sizeof h->b; i++) sum |= h->b[i];
	return sum == 0;
}

bool hash_eq(const struct hash32 *a, const struct hash32 *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct str hash_hex(struct arena *a, const struct hash32 *h)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_take(a, 64);
	if (!p) return STR_UNSET;
	for (size_t i = 0; i < 32; i++) {
		p[2 * i] = digits[h->b[i] >> 4];
		p[2 * i + 1] = digits[h->b[i] & 15];
	}
	return (struct str){ p, 64 };
}

bool field_is_set(const struct field_row *f, const void *data)
{
	struct hash32 h;
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: case FIELD_NUMBER12: return field_str(f, data).n > 0;
	case FIELD_CHOICE: case FIELD_YESNO: return field_choice(f, data) != 0;
	case FIELD_CHOICES: return field_choices(f, data) != 0;
	case FIELD_DAY: return day_is_set(field_day(f, data));
	case FIELD_MOMENT: return instant_is_set(field_moment(f, data));
	case FIELD_NUMBER: return field_number(f, data) != NUMBER_UNSET;
	case FIELD_PERSON: return person_is_set(field_person(f, data));
	case FIELD_PICK: case FIELD_ID: return !id_is_zero(field_id(f, data));
	case FIELD_HASH: h = field_hash(f, data); return !hash_is_zero(&h);
	case FIELD_ENTRY: return field_entry(f, data).seq != 0;
	}
	return false;
}

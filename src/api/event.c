/* api/event.c — an event's fields in JSON, by the types of its row in tables/events.def. */
#include "api/api.h"
#include <string.h>

/* The person's name and number are asked for by name, with a reason (UX 5), never read in passing. */
static bool is_withheld(const struct record_row *r, const struct field_row *f)
{
	bool about_person = r->kind == EV_IDENTITY || r->kind == EV_REQUEST_ACCEPTED;

	return f->type == FIELD_NUMBER12 || (about_person && strcmp(f->name, "name") == 0);
}

static void put_choices(struct json *j, const char *name, const struct choice_list *l, uint64_t set)
{
	if (set == 0)
		return;
	json_put_open(j, name, '[');
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].number < 64 && (set >> l->rows[i].number & 1) != 0)
			json_str(j, str_c(l->rows[i].code));
	json_close(j);
}

static void put_hash(struct json *j, const char *name, const struct hash32 *h)
{
	struct id16 a, b;

	memcpy(a.b, h->b, 16);
	memcpy(b.b, h->b + 16, 16);
	if (id_is_zero(a) && id_is_zero(b))
		return;
	struct str first = id_str(j->a, a), second = id_str(j->a, b);

	if (first.p != NULL && second.p != NULL)
		json_put(j, name, arena_format(j->a, "%.*s%.*s", STR_FMT(first), STR_FMT(second)));
}

static void put_entry(struct json *j, const char *name, struct entry_ref e)
{
	if (e.seq != 0)
		json_put(j, name, arena_format(j->a, "%u.%llu", e.compartment, (unsigned long long)e.seq));
}

static void put_field(struct json *j, const struct field_row *f, const void *data)
{
	const void *at = (const char *)data + f->offset;

	switch (f->type) {
	case FIELD_LINE:
	case FIELD_TEXT:
		json_put(j, f->name, *(const struct str *)at);
		break;
	case FIELD_CHOICE:
	case FIELD_YESNO:
		api_put_choice(j, f->name, f->list, *(const unsigned *)at);
		break;
	case FIELD_CHOICES:
		put_choices(j, f->name, f->list, *(const uint64_t *)at);
		break;
	case FIELD_DAY:
		json_put_day(j, f->name, *(const struct day *)at);
		break;
	case FIELD_MOMENT:
		json_put_instant(j, f->name, *(const struct instant *)at);
		break;
	case FIELD_NUMBER:
		if (*(const int64_t *)at != NUMBER_UNSET)
			json_put_i64(j, f->name, *(const int64_t *)at);
		break;
	case FIELD_PERSON:
		api_put_person(j, f->name, *(const struct person *)at);
		break;
	case FIELD_PICK:
	case FIELD_ID:
		json_put_id(j, f->name, *(const struct id16 *)at);
		break;
	case FIELD_HASH:
		put_hash(j, f->name, at);
		break;
	case FIELD_ENTRY:
		put_entry(j, f->name, *(const struct entry_ref *)at);
		break;
	case FIELD_NUMBER12:
		break;
	}
}

static void put_fields(struct json *j, const struct record_row *row, const void *data)
{
	json_put_open(j, "fields", '{');
	for (size_t i = 0; i < row->n_fields; i++)
		if (!is_withheld(row, &row->fields[i]))
			put_field(j, &row->fields[i], data);
	json_close(j);
}

void api_put_event(struct json *j, const struct event *e)
{
	const struct record_row *row = event_row(e->kind);
	const struct compartment_row *home = compartment_row(e->compartment);

	json_open(j, '{');
	json_put(j, "entry", event_entry(j->a, e));
	json_put_c(j, "kind", row == NULL ? "unknown" : row->name);
	json_put_c(j, "title", event_title(e->kind));
	json_put_c(j, "compartment", home == NULL ? NULL : home->code);
	json_put_instant(j, "noted", e->noted);
	json_put_instant(j, "happened", e->happened);
	json_put_open(j, "author", '{');
	json_put_id(j, "id", e->author);
	json_put(j, "name", e->author_name);
	json_put(j, "title", e->author_title);
	json_close(j);
	api_put_choice(j, "source", &list_source_class, e->source);
	if (row != NULL && e->data != NULL)
		put_fields(j, row, e->data);
	json_close(j);
}

/* store/row.c — canonical bytes, names and tags of rows, one code for all tables. */
#include "crypto/row_digest.h"
#include "store/shape.h"
#include "store/store.h"
#include <string.h>

/* What one value may add: the kind, a length or a number, the bytes. */
enum { CELL_HEAD = 9, TABLE_HEAD = 2 };
/* Key columns are ids and numbers, and a login or name at most. */
enum { KEY_MAX = 256 };

int64_t event_place(struct id16 case_id, int64_t compartment, int64_t seq)
{
	uint64_t place = 0;
	assert_always(compartment >= 0 && compartment < EVENT_COMPARTMENTS);
	seq = seq < 0 ? 0 : seq > EVENT_SEQ_MAX ? EVENT_SEQ_MAX : seq;
	for (int i = 0; i < 5; i++)
		place = place << 8 | case_id.b[i];
	place = place >> 1 << 25 | (uint64_t)compartment << 20 | (uint64_t)seq;
	return (int64_t)place;
}

static const void *at(const struct cell_shape *c, const void *row)
{
	return (const char *)row + c->offset;
}

static struct str blob_at(const struct cell_shape *c, const void *row)
{
	struct str s;
	memcpy(&s, at(c, row), sizeof s);
	return s;
}

static size_t room_for(const struct table_shape *t, size_t n, const void *row)
{
	size_t room = TABLE_HEAD;
	for (size_t i = 0; i < n; i++)
		room += CELL_HEAD + (t->cells[i].kind == CELL_BLOB ? blob_at(&t->cells[i], row).n : sizeof(struct id16));
	return room;
}

static void add_cell(struct buf *b, const struct cell_shape *c, const void *row)
{
	struct i64_maybe v = { .set = true };
	struct id16 id;
	switch (c->kind) {
	case CELL_ID:
		memcpy(&id, at(c, row), sizeof id);
		row_digest_id(b, id);
		return;
	case CELL_I64:
		if (c->nullable)
			memcpy(&v, at(c, row), sizeof v);
		else
			memcpy(&v.v, at(c, row), sizeof v.v);
		if (v.set)
			row_digest_i64(b, v.v);
		else
			row_digest_blob(b, STR_UNSET);
		return;
	case CELL_BLOB:
		row_digest_blob(b, blob_at(c, row));
		return;
	}
	assert_always(!"a cell of no kind");
}

static void add_cells(struct buf *b, const struct table_shape *t, size_t n, const void *row)
{
	row_digest_begin(b, t->table);
	for (size_t i = 0; i < n; i++)
		add_cell(b, &t->cells[i], row);
}

struct id16 row_name_of(const struct table_shape *t, const void *row)
{
	char room[KEY_MAX];
	struct buf b = buf_over(room, sizeof room);
	add_cells(&b, t, t->n_key, row);
	assert_always(!buf_is_full(&b));
	return row_digest_name(buf_view(&b));
}

struct str row_clear_of(struct arena *a, const struct table_shape *t, const void *row)
{
	struct buf b = buf_new(a, room_for(t, t->n - 1, row));
	if (arena_is_full(a))
		return STR_UNSET;
	add_cells(&b, t, t->n - 1, row);
	return buf_view(&b);
}

static uint64_t version_of(const struct table_shape *t, const void *row)
{
	int64_t v = 1;
	if (t->version >= 0)
		memcpy(&v, at(&t->cells[t->version], row), sizeof v);
	return (uint64_t)v;
}

enum err row_ref_of(struct arena *a, const struct table_shape *t, const void *row, struct row_ref *ret)
{
	struct row_ref r = { .row = row_name_of(t, row), .version = version_of(t, row), .late = t->late };
	struct buf b = buf_new(a, room_for(t, t->n, row));
	add_cells(&b, t, t->n, row);
	if (buf_is_full(&b))
		return ERR_FULL;
	row_digest_tag(buf_view(&b), r.tag);
	*ret = r;
	return OK;
}

void row_gone_of(const struct table_shape *t, const void *row, struct row_ref *ret)
{
	*ret = (struct row_ref){ .row = row_name_of(t, row), .version = version_of(t, row) + 1, .late = t->late };
}

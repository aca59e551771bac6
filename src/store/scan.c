/* store/scan.c — reads whole tables for verify, and copies the database for backup. */
#include "store/store_i.h"
#include <string.h>

enum { ROW_MAX = 512, ROW_ARENA = 16 << 20 };

static const struct table_shape *shape_of(enum table t)
{
	for (size_t i = 0; i < store_n_tables; i++)
		if (store_tables[i]->table == t)
			return store_tables[i];
	return NULL;
}

const char *store_table_name(enum table t)
{
	const struct table_shape *shape = shape_of(t);
	return shape ? shape->name : "";
}

int store_next_table(int t)
{
	int next = 0;
	for (size_t i = 0; i < store_n_tables; i++) {
		int n = store_tables[i]->table;
		if (n > t && (next == 0 || n < next))
			next = n;
	}
	return next;
}

struct scan {
	const struct table_shape *shape;
	struct arena *arena;
	enum err (*each)(void *ctx, const struct row_ref *r);
	void *ctx;
};

static enum err name_row(void *ctx, const void *row)
{
	struct scan *s = ctx;
	struct row_ref r;
	enum err e;
	arena_reset(s->arena);
	if ((e = row_ref_of(s->arena, s->shape, row, &r)) != OK)
		return e;
	return s->each(s->ctx, &r);
}

enum err store_scan(struct db *db, enum table t, enum err (*each)(void *ctx, const struct row_ref *r), void *ctx)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(ROW_ARENA);
	struct scan s = { .shape = shape_of(t), .arena = a, .each = each, .ctx = ctx };
	_Alignas(16) char row[ROW_MAX];
	if (!a)
		return ERR_SYSTEM;
	assert_always(s.shape && s.shape->size <= sizeof row);
	return db_each(db, s.shape, row, name_row, &s);
}

enum err store_check(struct db *db, void (*tell)(void *ctx, struct str finding), void *ctx)
{
	return db_check(db, tell, ctx);
}

/* The first statement of a transaction fixes what it sees; an empty answer does as well as any. */
static enum err fix_snapshot(struct db *db)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(4096);
	struct q_applied_has_row *rows;
	size_t n;
	return a ? q_applied_has(db, a, -1, &rows, &n) : ERR_SYSTEM;
}

enum err store_backup(struct store *s, const char *to, enum err (*in_snapshot)(void *ctx), void *ctx)
{
	struct db *db = store_reader(s);
	enum err e;
	if (!db)
		return ERR_IO;
	if ((e = fix_snapshot(db)) == OK && in_snapshot)
		e = in_snapshot(ctx);
	if (e == OK)
		e = db_copy(db, to);
	store_reader_done(s, db);
	return e;
}

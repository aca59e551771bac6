/* store/sqlite_run.c — prepares the statements, binds values, steps rows into memory. */
#include "store/sqlite_i.h"
#include <string.h>

enum { FIRST_ROWS = 8 };

static const char *const fixed_text[FIXED_COUNT] = {
	[FIXED_BEGIN_READ] = "BEGIN",
	[FIXED_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[FIXED_COMMIT] = "COMMIT",
	[FIXED_ROLLBACK] = "ROLLBACK",
	[FIXED_SAVEPOINT] = "SAVEPOINT job",
	[FIXED_RELEASE] = "RELEASE job",
	[FIXED_ROLLBACK_TO] = "ROLLBACK TO job",
};

static enum err prepare(struct db *db, const char *text, sqlite3_stmt **ret)
{
	int rc = sqlite3_prepare_v3(db->c, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);
	return sqlite_err(rc);
}

static enum err prepare_fixed(struct db *db)
{
	enum err e = OK;
	for (int i = 0; i < FIXED_COUNT && e == OK; i++) {
		bool writes = i == FIXED_BEGIN_WRITE || i >= FIXED_SAVEPOINT;
		if (!writes || db->role == DB_WRITER)
			e = prepare(db, fixed_text[i], &db->fixed[i]);
	}
	return e;
}

enum err sqlite_prepare_all(struct db *db)
{
	enum err e;
	if (db->role != DB_READER && db->role != DB_WRITER)
		return OK;
	if ((e = prepare_fixed(db)) != OK)
		return e;
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		const struct statement_text *t = &store_statements[i];
		if (t->writes && db->role != DB_WRITER)
			continue;
		if ((e = prepare(db, t->sqlite, &db->statements[i])) != OK)
			return e;
		assert_always((size_t)sqlite3_bind_parameter_count(db->statements[i]) == t->n_values);
		assert_always(t->writes || !t->n || (size_t)sqlite3_column_count(db->statements[i]) == t->n);
		assert_always(!sqlite3_stmt_readonly(db->statements[i]) == t->writes);
	}
	return OK;
}

void sqlite_finalize_all(struct db *db)
{
	for (int i = 0; i < FIXED_COUNT; i++)
		(void)sqlite3_finalize(db->fixed[i]);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(db->statements[i]);
}

static sqlite3_stmt *ready(struct db *db, enum statement s, const struct value *v, size_t n)
{
	sqlite3_stmt *st = db->statements[s];
	int rc = SQLITE_OK;
	assert_always(st && n == store_statements[s].n_values);
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
		int at = (int)i + 1;
		switch (v[i].kind) {
		case VALUE_NULL:
			rc = sqlite3_bind_null(st, at);
			break;
		case VALUE_I64:
			rc = sqlite3_bind_int64(st, at, v[i].i);
			break;
		case VALUE_BYTES:
			rc = v[i].n ? sqlite3_bind_blob64(st, at, v[i].p, v[i].n, SQLITE_STATIC) : sqlite3_bind_zeroblob(st, at, 0);
			break;
		}
	}
	assert_always(rc == SQLITE_OK || rc == SQLITE_TOOBIG || rc == SQLITE_NOMEM);
	db->work.statements++;
	return rc == SQLITE_OK ? st : NULL;
}

/* Ends a run; the engine's code of the whole run is the reset's. */
static enum err finish(struct db *db, sqlite3_stmt *st, enum err e)
{
	int rc = sqlite3_reset(st);
	db->work.steps += (uint64_t)sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1);
	return e != OK ? e : sqlite_err(rc);
}

/* Bytes stay the engine's until the next step. The value may be looked at as it is because a connection has no mutex of
 * its own (SQLITE_OPEN_NOMUTEX); asking the statement for each thing about a column costs twice as much. */
static enum err take_cell(sqlite3_stmt *st, int i, const struct cell_shape *c, void *to)
{
	sqlite3_value *v = sqlite3_column_value(st, i);
	int type = sqlite3_value_type(v);
	struct i64_maybe number = { .set = type == SQLITE_INTEGER };
	struct str s = STR_UNSET;
	if (type == SQLITE_NULL ? !c->nullable : type != (c->kind == CELL_I64 ? SQLITE_INTEGER : SQLITE_BLOB))
		return ERR_CORRUPT;
	if (type == SQLITE_BLOB) {
		const void *p = sqlite3_value_blob(v);
		s.n = (size_t)sqlite3_value_bytes(v);
		if (!p && s.n)
			return ERR_SYSTEM;
		s.p = s.n ? p : "";
	}
	switch (c->kind) {
	case CELL_ID:
		if (s.n != sizeof(struct id16))
			return ERR_CORRUPT;
		memcpy(to, s.p, sizeof(struct id16));
		break;
	case CELL_I64:
		number.v = number.set ? sqlite3_value_int64(v) : 0;
		if (c->nullable)
			memcpy(to, &number, sizeof number);
		else
			memcpy(to, &number.v, sizeof number.v);
		break;
	case CELL_BLOB:
		memcpy(to, &s, sizeof s);
		break;
	}
	return OK;
}

static enum err take_row(sqlite3_stmt *st, const struct cell_shape *cells, size_t n, char *row, struct store_work *w)
{
	enum err e = OK;
	for (size_t i = 0; i < n && e == OK; i++) {
		e = take_cell(st, (int)i, &cells[i], row + cells[i].offset);
		if (e == OK && cells[i].kind == CELL_BLOB)
			w->bytes += ((const struct str *)(const void *)(row + cells[i].offset))->n;
	}
	w->rows++;
	return e;
}

static enum err keep_bytes(struct arena *a, const struct cell_shape *cells, size_t n, char *row)
{
	for (size_t i = 0; i < n; i++) {
		struct str s;
		if (cells[i].kind != CELL_BLOB)
			continue;
		memcpy(&s, row + cells[i].offset, sizeof s);
		if (!s.p)
			continue;
		s = arena_str(a, s);
		if (!s.p)
			return ERR_FULL;
		memcpy(row + cells[i].offset, &s, sizeof s);
	}
	return OK;
}

struct rows {
	char *p;
	size_t n, cap;
};

static enum err more_room(struct arena *a, struct rows *r, size_t size)
{
	size_t cap = r->cap ? 2 * r->cap : FIRST_ROWS;
	char *p = arena_take_array(a, cap, size);
	if (!p)
		return ERR_FULL;
	if (r->n)
		memcpy(p, r->p, r->n * size);
	r->p = p;
	r->cap = cap;
	return OK;
}

enum err db_read(struct db *db, enum statement s, const struct value *v, size_t n_values, struct arena *a,
                 void **ret_rows, size_t *ret_n)
{
	const struct statement_text *t = &store_statements[s];
	sqlite3_stmt *st = db ? ready(db, s, v, n_values) : NULL;
	struct rows r = { 0 };
	enum err e = st ? OK : db ? ERR_TOO_LARGE : ERR_IO;
	while (e == OK && sqlite3_step(st) == SQLITE_ROW) {
		if (r.n == r.cap && (e = more_room(a, &r, t->size)) != OK)
			break;
		if ((e = take_row(st, t->cells, t->n, r.p + r.n * t->size, &db->work)) == OK)
			e = keep_bytes(a, t->cells, t->n, r.p + r.n * t->size);
		r.n++;
	}
	if (st)
		e = finish(db, st, e);
	if (e != OK)
		return e;
	*ret_rows = r.p;
	*ret_n = r.n;
	return OK;
}

enum err db_write(struct db *db, enum statement s, const struct value *v, size_t n_values, int64_t *ret_changed)
{
	sqlite3_stmt *st = ready(db, s, v, n_values);
	enum err e;
	if (!st)
		return ERR_TOO_LARGE;
	assert_always(db_in_transaction(db));
	assert_always(sqlite3_step(st) != SQLITE_ROW);
	if ((e = finish(db, st, OK)) != OK)
		return e;
	if (ret_changed)
		*ret_changed = sqlite3_changes64(db->c);
	return OK;
}

enum err db_write_one(struct db *db, enum statement s, const struct value *v, size_t n_values)
{
	int64_t changed;
	enum err e = db_write(db, s, v, n_values, &changed);
	if (e != OK)
		return e;
	return changed == 1 ? OK : ERR_CONFLICT;
}

enum err db_each(struct db *db, const struct table_shape *t, void *row, enum err (*each)(void *ctx, const void *row),
                 void *ctx)
{
	sqlite3_stmt *st = ready(db, (enum statement)t->scan, NULL, 0);
	enum err e = OK;
	while (e == OK && sqlite3_step(st) == SQLITE_ROW) {
		if ((e = take_row(st, t->cells, t->n, row, &db->work)) == OK)
			e = each(ctx, row);
	}
	return finish(db, st, e);
}

void db_work_add(const struct db *db, struct store_work *w)
{
	w->statements += db->work.statements;
	w->rows += db->work.rows;
	w->steps += db->work.steps;
	w->bytes += db->work.bytes;
}

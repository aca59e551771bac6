/* store/driver.h — what the store asks of a database engine.
 *
 * One connection is a `struct db`; it belongs to one thread at a time. Another engine is another file that
 * implements this header and reads `neutral` texts; the statements and the migrations stay as they are.
 * Runs in: web, verbs.   Depends on: base, store/shape.h.   Never: takes SQL text from outside store/sql.
 *
 * Invariants
 *   V1  a statement that does not prepare ends db_open, not a visit.
 *   V2  an error inside a transaction leaves it either open and unchanged since the last savepoint, or gone
 *       (db_in_transaction says which). */
#pragma once
#include "store/shape.h"
#include "store/statements.h"
#include "store/store.h"

/* ---- statements ---- */

enum value_kind { VALUE_NULL, VALUE_I64, VALUE_BYTES };
struct value {
	enum value_kind kind;
	int64_t i;
	const void *p; /* must live until the call returns */
	size_t n;
};
static inline struct value value_i64(int64_t v)
{
	return (struct value){ .kind = VALUE_I64, .i = v };
}
static inline struct value value_i64_maybe(struct i64_maybe v)
{
	return v.set ? value_i64(v.v) : (struct value){ .kind = VALUE_NULL };
}
static inline struct value value_id(const struct id16 *v)
{
	return (struct value){ .kind = VALUE_BYTES, .p = v->b, .n = sizeof v->b };
}
static inline struct value value_blob_maybe(struct str s)
{
	return s.p ? (struct value){ .kind = VALUE_BYTES, .p = s.p, .n = s.n } : (struct value){ .kind = VALUE_NULL };
}
static inline struct value value_blob(struct str s)
{
	assert_always(s.p);
	return value_blob_maybe(s);
}

struct statement_text {
	const char *name;
	bool writes, may_scan;
	size_t n_values;
	const char *neutral; /* $n */
	const char *sqlite;  /* ?n */
	const struct cell_shape *cells; /* of a row that is read */
	size_t n, size;
};
extern const struct statement_text store_statements[STATEMENT_COUNT];
/* Lines of each migration, without comments, in neutral words. */
extern const char *const *const store_migrations[];
extern const int store_newest_version;

/* Rows into the arena. */
MUST enum err db_read(struct db *db, enum statement s, const struct value *v, size_t n_values, struct arena *a,
                      void **ret_rows, size_t *ret_n);
/* ERR_CONFLICT: a key is taken. ret_changed may be NULL. */
MUST enum err db_write(struct db *db, enum statement s, const struct value *v, size_t n_values, int64_t *ret_changed);
/* ERR_CONFLICT unless exactly one row changed. */
MUST enum err db_write_one(struct db *db, enum statement s, const struct value *v, size_t n_values);
/* One row at a time, into `row` (a struct of the table's size); bytes live until the next row. */
MUST enum err db_each(struct db *db, const struct table_shape *t, void *row,
                      enum err (*each)(void *ctx, const void *row), void *ctx);

/* ---- connections ---- */

enum db_role {
	DB_WRITER,     /* all statements */
	DB_READER,     /* reading statements; the engine refuses anything else */
	DB_KEEPER,     /* no statements: checkpoints */
	DB_MIGRATOR    /* no statements: schema */
};
/* The connection lives in `a`. ERR_NOT_FOUND: no file. ERR_CORRUPT: not a database of this program. */
MUST enum err db_open(struct arena *a, const char *path, enum db_role role, struct db **ret);
/* Gives back what the engine holds. NULL is fine. */
void db_close(struct db *db);
MUST enum err db_create(struct arena *a, const char *path, struct db **ret);

MUST enum err db_begin(struct db *db, bool write);
MUST enum err db_commit(struct db *db);
void db_rollback(struct db *db);
MUST enum err db_savepoint(struct db *db);
MUST enum err db_release(struct db *db);
MUST enum err db_rollback_to(struct db *db);
bool db_in_transaction(const struct db *db);

/* The newest migration that has run, 0 for none. */
MUST enum err db_version(struct db *db, int *ret);
/* Runs one migration in a transaction of its own. */
MUST enum err db_migrate(struct db *db, int version, const char *const *script, int64_t now_us);

/* ---- upkeep ---- */

/* Pages waiting in the engine's journal since the last look. */
size_t db_waiting(const struct db *db);
enum checkpoint {
	CHECKPOINT_BESIDE, /* as far as readers allow, while others write */
	CHECKPOINT_ANEW,   /* all of it, and the next write begins the journal anew; ERR_BUSY when readers are in the way */
	CHECKPOINT_EMPTY   /* waits for readers and empties the journal */
};
/* Moves what is committed into the main file. The last two on the writing connection alone. */
MUST enum err db_checkpoint(struct db *db, enum checkpoint how);
/* Copies the state that the open read transaction sees into a new file. */
MUST enum err db_copy(struct db *db, const char *to);
/* The engine's own word on its pages and indexes: calls `tell` once for each finding. */
MUST enum err db_check(struct db *db, void (*tell)(void *ctx, struct str finding), void *ctx);
void db_work_add(const struct db *db, struct store_work *w);

/* store/store.h — the database: prepared statements, one writer, rows as the log names them.
 *
 * Runs in: web, verbs.   Depends on: base, tables, crypto/hash.   Never: opens an envelope, formats HTML.
 *
 * SQL stands in store/sql/ alone; tools/sqlc turns each statement into a typed function q_NAME declared in
 * the generated store/statements.h:
 *     -- name:  grant_row
 *     -- takes: id holder, id case_id
 *     -- gives: 0..1 row grants
 * becomes  enum err q_grant_row(struct db *db, struct arena *a, struct id16 holder, struct id16 case_id,
 *                               struct row_grants **ret, size_t *ret_n);
 * Whole rows are the structs of the generated store/rows.h, made from the migrations, each with row_name_T,
 * row_clear_T, row_ref_T and row_gone_T: what the log is told about it.
 *
 * Invariants
 *   D1  every statement is prepared when the store opens; a typo never reaches a visitor.
 *   D2  store_tx commits all of fn's statements or none; it returns OK only after the commit is durable.
 *   D3  tags: every row written is named to the log through row_ref_T (or by the vault from row_clear_T);
 *       store_scan recomputes them.
 *   D4  statements that answer a person begin with that person's own grants: no access and no such case do the
 *       same work (DECISIONS 37). */
#pragma once
#include "base/base.h"
#include "store/row.h"
#include "store/statements.h"

struct store;
struct db; /* one connection with its prepared statements, used by one thread at a time */

struct store_options {
	const char *directory; /* the database is DIRECTORY/avstamp.db */
	int readers;           /* reading connections, default 3, at most 32 */
	bool create;           /* make a new database; ERR_EXISTS when there is one */
	bool migrate;          /* run the migrations that are missing */
	bool read_only;        /* no writer: for verify and backup beside a running server */
	bool alone;            /* one thread alone uses it: one connection, and everything is done in that thread */
};
/* Starts two threads (the writer and the checkpoints) unless `alone`, so the walls go up before. A store of a child process is
 * opened in the child.
 * ERR_NOT_FOUND: no database. ERR_INVALID: a newer program wrote it, or it is older and `migrate` is not set
 * (store_version says which). ERR_CORRUPT: not a database of this program. */
MUST enum err store_open(const struct store_options *o, struct store **ret);
/* Waits for what is being written. NULL is fine. */
void store_close(struct store *s);
/* The schema version in a directory and the one this program writes. */
MUST enum err store_version(const char *directory, int *ret_have, int *ret_newest);

/* A reading connection inside one read transaction, until given back. Blocks while all are out, so a thread takes
 * one at a time. NULL when the database cannot be read; reading statements then answer ERR_IO, and giving NULL
 * back is fine. */
struct db *store_reader(struct store *s);
void store_reader_done(struct store *s, struct db *db);
/* The same for who is about to write: the writing connection itself when nobody has it. Its pages stay its own from one
 * commit to the next, while every commit makes the others read theirs anew. */
struct db *store_reader_to_write(struct store *s);

/* Run fn in the writer thread, inside the group that is being committed. fn's error rolls back only its own
 * statements and is returned; when the group cannot be made durable all of it is ERR_IO. May be called from any
 * thread but the writer's; returns after the group's commit. */
MUST enum err store_tx(struct store *s, enum err (*fn)(struct db *db, void *ctx), void *ctx);

/* ---- verify and backup ---------------------------------------------------------------------------------- */

/* Every row of a table as the log should name it, in no particular order. `each` ends the scan with its error.
 * ERR_CORRUPT: bytes that are no row of this table. */
MUST enum err store_scan(struct db *db, enum table t, enum err (*each)(void *ctx, const struct row_ref *r), void *ctx);
/* The engine's check of pages and indexes (rows that a scan sees and an index does not). No finding: all well. */
MUST enum err store_check(struct db *db, void (*tell)(void *ctx, struct str finding), void *ctx);
/* "grants" */
const char *store_table_name(enum table t);
/* The next table after `t` (0: the first); 0 after the last. */
int store_next_table(int t);

/* A consistent copy of the running database in the new file `to`, durable when it returns. `in_snapshot` is
 * called when the copy's moment is fixed and before anything is copied: every row in the copy was logged before. */
MUST enum err store_backup(struct store *s, const char *to, enum err (*in_snapshot)(void *ctx), void *ctx);
/* Moves the journal into the main file; after it the main file alone holds everything (for a clean stop). */
MUST enum err store_checkpoint(struct store *s);

/* What a connection has done since it was opened. Two requests that must not be told apart add the same
 * (DECISIONS 37). */
struct store_work {
	uint64_t statements, rows, steps, bytes; /* steps: instructions of the engine; bytes: of values read */
};
struct store_work store_work(const struct db *db);

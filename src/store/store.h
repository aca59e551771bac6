/* store/store.h — the database: prepared statements, one writer, rows as the log names them.
 *
 * Runs in: web, verbs.   Depends on: base, crypto/hash.   Never: opens an envelope, formats HTML.
 *
 * SQL stands in store/sql/ alone; tools/sqlc turns each statement into a typed function q_NAME declared in
 * the generated store/statements.h:
 *     -- name:  case_by_id
 *     -- takes: id case_id, id user
 *     -- gives: 0..n (id controller, i64 shred_slot, blob? accepted)
 * becomes  struct q_case_by_id_row { struct id16 controller; int64_t shred_slot; struct str accepted; };
 *          enum err q_case_by_id(struct db *db, struct arena *a, struct id16 case_id, struct id16 user,
 *                                struct q_case_by_id_row **ret_rows, size_t *ret_n);
 * A statement that gives nothing returns the number of changed rows in *ret_changed.
 *
 * Invariants
 *   D1  every statement is prepared when the store opens; a typo never reaches a visitor.
 *   D2  store_tx commits all of fn's statements or none; it returns OK only after the commit is durable.
 *   D3  tags: every row written is named to the log through store_row_*; verify recomputes them. */
#pragma once
#include "base/base.h"

struct store;
struct db; /* one connection with its prepared statements */

struct store_options {
	const char *directory;
	int readers;          /* reading connections, default 4 */
	bool create;          /* make a new database and run all migrations */
};
MUST enum err store_open(const struct store_options *o, struct store **ret);
void store_close(struct store *s);

/* A reading connection inside one read transaction, until given back. Blocks while all are out. */
struct db *store_reader(struct store *s);
void store_reader_done(struct store *s, struct db *db);

/* Run fn in the writer thread, inside the group that is being committed. fn's error rolls back only its own
 * statements. May be called from any thread; returns after the group's commit. */
MUST enum err store_tx(struct store *s, enum err (*fn)(struct db *db, void *ctx), void *ctx);

/* ---- rows as the log names them ------------------------------------------------------------------------- */

/* Canonical bytes of a row's clear columns: table number, then each column in schema order. */
struct row_clear { struct buf b; };
struct row_clear row_clear_begin(struct arena *a, enum table t);
void row_i64(struct row_clear *r, int64_t v);
void row_id(struct row_clear *r, struct id16 id);
void row_blob(struct row_clear *r, struct str s);   /* unset = NULL */
struct str row_clear_view(const struct row_clear *r);
/* The row's name in the log: BLAKE2b-128 over table number and primary key columns. */
struct id16 row_name(enum table t, const void *key, size_t n);
/* Tag of a whole row (all columns in `clear`), for rows without an envelope sealed in the same message. */
void row_tag(struct str clear, uint8_t tag[16]);
#include "store/statements.h"

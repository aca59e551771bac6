/* main/batch.h — rows that a verb writes for the system itself: noted by the vault, committed, reported.
 *
 * Runs in: verbs.   Depends on: store, wire.   Never: seals anything.
 *
 * Invariants
 *   T1  no row is committed that the log does not name. */
#pragma once
#include "store/store.h"
#include "wire/vault_client.h"

struct batch_step {
	enum err (*run)(struct db *db, const void *row);
	const void *row;
};
struct batch {
	struct arena *a;
	struct row_ref *refs;
	struct batch_step *steps;
	size_t n, room;
	enum err fault; /* the first one; later additions do nothing */
};
struct batch batch_new(struct arena *a, size_t room);
/* Each copies the row; what it points at must live until batch_run. */
void batch_controller(struct batch *b, const struct row_controllers *r);
void batch_user(struct batch *b, const struct row_users *r);
void batch_case(struct batch *b, const struct row_cases *r);
void batch_stream(struct batch *b, const struct row_streams *r);
void batch_grant(struct batch *b, const struct row_grants *r);
/* Rows that have an envelope already (their intent is `sealed`, from a `seal`). */
void batch_directory(struct batch *b, const struct row_directory *r);
void batch_event(struct batch *b, const struct row_events *r);
/* Notes the rows, commits them in one transaction, reports the outcome. With `sealed` != 0 the rows were named in
 * that intent already and are not noted again. */
MUST enum err batch_run(struct batch *b, struct store *s, struct vault_client *v, struct str act, uint64_t sealed);

/* vault/late_find.h — the late rows that no LATE entry names yet, out of the end of a log.
 *
 * Runs in: vault.   Depends on: crypto/log_reader.h.   Never: writes.
 *
 * From the newest entry back to the last LATE entry but one that names rows: the last one may have been written when
 * what follows it was torn off. */
#pragma once
#include "base/row_ref.h"
#include "crypto/key.h"
#include "crypto/log_reader.h"

#define LATE_ROWS_MAX 4096u
#define LATE_ROW_BYTES 48u /* of a row in a blob: intent u64, row 16, version u64, tag 16 */

/* committed: its intent was done; else nobody knows yet. */
struct late_row { struct row_ref ref; uint64_t intent; bool committed; };
/* Where a blob is sealed to: itself, under the key in keys/late. */
extern const struct envelope_at late_blob_at;

struct late_find {
	struct arena *arena;          /* what is opened is left there */
	const struct key32 *keys[2];  /* slots of keys/late */
	struct stream_key *stream;    /* scratch */
	struct late_row *rows;        /* room for LATE_ROWS_MAX; each row once */
	size_t n;
};
/* The reader stands at the log's end. Rows of intents that were lost, or undone by a restore, are left out. */
MUST enum err late_find(struct late_find *f, struct log_reader *r);

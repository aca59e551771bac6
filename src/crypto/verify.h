/* crypto/verify.h — checks a log from beginning to end, without any key.
 *
 * Runs in: verbs.   Depends on: crypto/log_reader.h, crypto/checkpoint.h.   Never: writes, needs a secret.
 *
 * Invariants
 *   Y1  an entry below the newest checkpoint that differs by one byte from what was signed gives a finding.
 *   Y2  findings come through the callback; the highest code is the answer. Code 0 is information. */
#pragma once
#include "crypto/log_entry.h"
#include "crypto/trust.h"

enum verify_code {
	VERIFY_OK = 0,        /* information: gaps between boots, writes lost by a restore */
	VERIFY_ALTERED = 1,
	VERIFY_TRUNCATED = 2,
	VERIFY_FORK = 3,
	VERIFY_SIGNATURE = 4,
	VERIFY_HEARTBEAT = 5,
	VERIFY_ROW = 6,       /* found by the store's comparison with verify_row */
	VERIFY_INTENT = 7
};
struct verify_finding {
	enum verify_code code;
	uint64_t entry;     /* first entry concerned */
	uint64_t entry_end; /* one past the last; entry + 1 for a single one */
	const char *what;   /* an English sentence, static */
	uint64_t count;     /* of writes lost by a restore; else 0 */
	int64_t from_us, to_us; /* times around a gap; else 0 */
};
/* A row that waits for its LATE entry, as the vault reads it from keys/late and the log (DECISIONS 30). */
struct verify_promise { uint64_t intent; struct log_row row; };
struct verify_options {
	int dir_fd;                     /* log directory */
	const uint8_t *fingerprint;     /* read during verify_log: 32 bytes of the trust, or NULL: leaf 0 is believed and that is reported */
	struct str since;               /* a checkpoint note kept elsewhere, or unset */
	/* While the system runs: the log's size when the database's read transaction began. Rows that an entry from
	 * there on touches count as OPEN. UINT64_MAX: nothing moves. */
	uint64_t moving_from;
	/* Entries from here on say nothing of rows, because the database is looked at as it was before them. UINT64_MAX:
	 * all count. 0 is UINT64_MAX. */
	uint64_t rows_until;
	/* Sorted by intent: they count as if their intents named them. */
	const struct verify_promise *promises;
	size_t n_promises;
	void (*found)(void *ctx, const struct verify_finding *f);
	void (*progress)(void *ctx, uint64_t entries); /* may be NULL */
	void *ctx;
};
struct verify;
/* Walk the log. On OK *ret holds the newest row tags and must be freed; findings have been given. ERR_IO, ERR_FULL,
 * ERR_INVALID when `since` is no checkpoint. */
MUST enum err verify_log(const struct verify_options *o, struct verify **ret);
void verify_free(struct verify *v);
void verify_freep(struct verify **v);
/* The highest code so far. */
enum verify_code verify_worst(const struct verify *v);
void verify_report(struct verify *v, const struct verify_finding *f);
uint64_t verify_entries(const struct verify *v);
/* Entries covered by the newest good checkpoint. */
uint64_t verify_covered(const struct verify *v);
const struct trust *verify_trust(const struct verify *v);

/* ---- what the log says of the rows ---------------------------------------------------------------------- */

/* What the log allows a row to be. SETTLED: exactly `version` and `tag` (deleted: zero tag). OPEN: an intent that
 * touches it has no outcome yet, so the new as well as the old state is right: verify_row_may tells. UNKNOWN: the
 * log never names it. */
enum verify_row_state { VERIFY_ROW_UNKNOWN, VERIFY_ROW_SETTLED, VERIFY_ROW_OPEN };
struct verify_row { enum verify_row_state state; uint64_t entry, version; uint8_t tag[16]; };
struct verify_row verify_row(const struct verify *v, struct id16 row);
/* Is a row with this tag (zero: no such row) what the log allows? Marks the row as seen. *ret_entry names the
 * entry that says otherwise. */
bool verify_row_may(struct verify *v, struct id16 row, const uint8_t tag[16], uint64_t *ret_entry);
/* May the database say that this intent was committed? Not one that the log does not have, or calls lost. */
bool verify_intent_may(const struct verify *v, uint64_t intent);
/* After every row of the database was asked for: rows the log knows, that are not deleted, and were never asked
 * for. Calls `missing` for each. */
void verify_rows_unseen(struct verify *v, void (*missing)(void *ctx, const struct verify_row *r, struct id16 row), void *ctx);

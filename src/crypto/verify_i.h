/* crypto/verify_i.h — the inside of verify: the table of rows, the stream of checkpoints, the walk.
 *
 * Runs in: verbs.   Depends on: crypto/verify.h.   Never: included outside crypto. */
#pragma once
#include "crypto/checkpoint.h"
#include "crypto/verify.h"

/* A growing array outside the arena: its size follows the log's. */
struct big { void *p; size_t n, cap, item; };
/* Pointer to a new zeroed item at the end, NULL when the system has no memory. */
void *big_add(struct big *b);
void big_free(struct big *b);

/* ---- verify_rows.c ------------------------------------------------------------------------------------------ */

struct row_slot {
	struct id16 row;
	uint64_t version, seq;
	uint64_t told;      /* the entry that made it so: its outcome's, or the same as seq */
	uint8_t tag[16];
	bool taken, settled, open, seen;
};
struct row_pending { struct log_row row; };
struct row_intent { uint64_t seq; size_t first, n; };
struct row_mark { uint64_t seq; bool lost; }; /* of every intent, in order */
struct rows {
	struct row_slot *slot; /* open addressing, cap a power of two */
	size_t cap, used;
	struct big pending, intents, marks;
	const struct verify_options *o;
};
/* `o` must live as long as the rows. */
MUST enum err rows_begin(struct rows *r, const struct verify_options *o);
void rows_free(struct rows *r);
/* What an entry says of rows: a write, an intent, an outcome. */
MUST enum err rows_take(struct rows *r, const struct log_entry *e);
/* NULL: the log has no such intent. */
struct row_mark *rows_mark(const struct rows *r, uint64_t seq);
const struct rows *verify_rows_of(const struct verify *v);
/* Rows of intents without outcome become open. */
MUST enum err rows_settle(struct rows *r);

/* ---- verify_notes.c ----------------------------------------------------------------------------------------- */

/* log/checkpoints, one note after the other. */
struct notes {
	int fd;
	const char *origin;
	const uint8_t *key;
	char window[16 * 1024];
	size_t n;          /* bytes in the window */
	uint64_t offset;   /* of the window in the file */
	size_t at;
};
MUST enum err notes_begin(struct notes *s, int dir_fd, const char *origin, const uint8_t key[32]);
void notes_end(struct notes *s);
/* ERR_NOT_FOUND: the end. ERR_INVALID: bytes that are no note, skipped up to the next beginning or the end.
 * ERR_CORRUPT: a note whose signature does not hold, also skipped. */
MUST enum err notes_next(struct notes *s, struct checkpoint *ret);
/* Size of the last note in the file that parses, unverified; 0 without one. */
uint64_t notes_last_size(const struct notes *s);

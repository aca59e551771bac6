/* crypto/log_writer.h — appends to the log, flushes it, signs its checkpoints.
 *
 * Runs in: vault.   Depends on: crypto/log_entry.h, crypto/secret.h.   Never: reads a clock, keeps a body key longer
 * than its interval.
 *
 * Append as many entries as a round has, flush once, then answer. A failed write or sync of the log ends the
 * process: what is on disk is then unknown, and a second try could lie (SECURITY 3.3).
 *
 * Invariants
 *   W1  after log_flush every entry appended before is on disk.
 *   W2  time never runs backwards from one entry to the next.
 *   W3  a log that is shorter than its own newest checkpoint, or differs from it, is not opened.
 *   W4  the room for the next megabyte is on disk before an entry is taken; ERR_LOG_FULL otherwise, and nothing was
 *       appended. Entries with `urgent` may use that reserve. */
#pragma once
#include "crypto/log_entry.h"
#include "crypto/secret.h"
#include "crypto/trust.h"

struct log;
struct log_options {
	int dir_fd;                  /* log/, copied; the caller closes its own */
	const struct key32 *sign;    /* seed of keys/log.key; copied */
	struct str trust_text;       /* keys/trust: must be leaf 0 */
	struct id16 boot;            /* of this start of the machine */
	uint16_t node;
	uint64_t segment_bytes;      /* 0: 64 MiB */
};
/* A new log with leaf 0 and a first checkpoint, all on disk. ERR_EXISTS when the directory has one. */
MUST enum err log_create(const struct log_options *o, int64_t time_us, uint64_t mono_ns, struct log **ret);
/* Opens, cuts off a torn tail, finds open intents. ERR_NOT_FOUND: no log. ERR_CORRUPT: shorter than its checkpoint,
 * altered, another trust, or a record is damaged that had been durable. */
MUST enum err log_open(const struct log_options *o, struct log **ret);
/* Flushes nothing: what was not flushed never happened. */
void log_close(struct log *l);
void log_closep(struct log **l);

/* What the caller knows of an entry; the writer adds seq, boot, node, time order, hashes. */
struct log_new {
	enum log_class class;
	enum log_outcome outcome;
	int64_t time_us;             /* raised to the entry before when it is behind */
	uint64_t mono_ns;
	uint64_t ref_seq;
	const struct log_row *rows;
	size_t n_rows;
	struct str clear_body;       /* stored as it is, or unset */
	const struct log_seal *seal; /* body to seal, or NULL */
	bool urgent;                 /* may use the reserve: lock, logout, denials, outcomes, stop */
};
/* A body for a controller's reviewers. */
struct log_seal {
	struct id16 controller;
	uint8_t review_key[32];      /* public; the interval's key is sealed to it */
	struct str body;
};
/* ERR_LOG_FULL, ERR_TOO_LARGE. May append a LOG_KEY entry in front. */
MUST enum err log_append(struct log *l, const struct log_new *e, uint64_t *ret_seq);
/* One write, one fdatasync; nothing to do when nothing was appended. */
void log_flush(struct log *l);
/* Entries appended, durable, and covered by the newest checkpoint. */
uint64_t log_size(const struct log *l);
uint64_t log_durable(const struct log *l);
uint64_t log_covered(const struct log *l);
int64_t log_newest_time(const struct log *l);
/* True when 256 entries or 60 seconds have passed since the newest checkpoint. */
bool log_checkpoint_due(const struct log *l, uint64_t mono_ns);
/* Flushes, signs and stores a checkpoint, wipes the interval's body keys. *ret_note lives in the log until the next. */
MUST enum err log_checkpoint(struct log *l, uint64_t mono_ns, struct str *ret_note);
/* The newest checkpoint's note. */
struct str log_note(const struct log *l);
/* Intents without an outcome, oldest first. Valid until the next append. */
const uint64_t *log_open_intents(const struct log *l, size_t *ret_n);
/* Bytes of a torn tail that log_open cut off; nothing in them had been answered for. */
uint64_t log_cut_bytes(const struct log *l);
/* Where the next record will stand, for a log_reader that begins at the newest entry. */
void log_end_place(const struct log *l, uint32_t *ret_segment, uint64_t *ret_offset);
/* After a restore: appends RESTORE (ref = size) and finds again which intents were open at that size. */
MUST enum err log_restored(struct log *l, uint64_t size, int64_t time_us, uint64_t mono_ns, struct str clear_body,
                           uint64_t *ret_seq);

/* ---- for the reviewer's screen --------------------------------------------------------------------------- */

/* The key of an interval, from a LOG_KEY entry's body and the review dossier's private key. ERR_DENIED: sealed to
 * another key. ret_controller: whose reviewers. */
MUST enum err log_key_open(struct str body, const struct key32 *review_private, struct id16 *ret_controller,
                           struct key32 *ret);
/* A sealed body. ERR_CORRUPT. */
MUST enum err log_body_open(struct arena *a, const struct log_entry *e, struct str body, const struct key32 *interval,
                            struct str *ret);

/* crypto/log_writer_i.h — the inside of the log writer; only its own files may see it.
 *
 * Runs in: vault.   Depends on: crypto/log_writer.h.   Never: included outside crypto. */
#pragma once
#include "crypto/checkpoint.h"
#include "crypto/files.h"
#include "crypto/log_reader.h"
#include "crypto/log_state.h"
#include "crypto/log_writer.h"
#include "crypto/secret_i.h"

#define LOG_BUFFER (2 * 1024 * 1024)
#define LOG_RESERVE (1024 * 1024)
#define LOG_KEYS 32
#define LOG_INTERVAL_ENTRIES 256
#define LOG_INTERVAL_NS UINT64_C(60000000000)

/* The body key of one controller's reviewers for one interval. */
struct interval {
	struct id16 controller;
	uint8_t review_key[32];
	struct key32 *key;
	uint64_t seq, mono_ns, used;
};

struct log {
	struct arena *a, *scratch;
	int dir_fd, fd, checkpoints_fd;
	struct key32 *sign;
	uint8_t public[32], fingerprint[32];
	char origin[CHECKPOINT_ORIGIN_MAX];
	struct id16 boot;
	uint16_t node;

	struct tree tree;
	uint64_t durable, covered, covered_mono_ns;
	int64_t time_us;
	uint32_t segment;
	uint64_t segment_bytes;
	uint64_t written, allocated; /* in the segment: bytes on disk, bytes of room */
	uint8_t *buffer;
	size_t buffer_n;
	uint64_t checkpoints_end, cut;

	uint64_t intents[LOG_INTENTS_MAX];
	size_t n_intents;
	struct interval intervals[LOG_KEYS];
	char note[CHECKPOINT_NOTE_MAX];
	size_t note_n;
};

/* log_files.c: segments and room */
MUST enum err log_segment_make(struct log *l, uint32_t number, uint64_t first_seq);
MUST enum err log_segment_continue(struct log *l, uint32_t number, uint64_t end);
/* Room for `n` more bytes, and the reserve beyond them unless urgent. May flush and begin a new segment. */
MUST enum err log_room(struct log *l, size_t n, bool urgent);
MUST enum err log_checkpoints_append(struct log *l, struct str note);

/* log_body.c: bodies under interval keys */
void log_intervals_wipe(struct log *l);
/* Body of `e` sealed for its reviewers; key_seq tells under which LOG_KEY entry. May append that entry. */
MUST enum err log_body_seal(struct log *l, const struct log_new *e, uint64_t *ret_key_seq, struct interval **ret);
/* nonce ‖ ciphertext ‖ tag into the scratch arena. */
MUST enum err log_body_encrypt(struct log *l, const struct log_entry *e, const struct interval *i, struct str plain, struct str *ret);

/* log_open.c */
void log_intent_note(struct log *l, const struct log_entry *e);
/* The intents open when the log had `size` entries. */
MUST enum err log_intents_at(struct log *l, uint64_t size);

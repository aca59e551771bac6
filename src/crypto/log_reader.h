/* crypto/log_reader.h — reads the entries of a log directory, forwards and backwards.
 *
 * Runs in: vault, verbs.   Depends on: crypto/log_entry.h.   Never: writes, believes what it reads (crypto/verify.h
 * does the checking; a reader only refuses what is malformed).
 *
 * log/000001.avl, 000002.avl ... each begin with 32 bytes: "AVLS", suite u8, 3 zero, number u64, first seq u64,
 * 8 zero. Records follow without gaps; zero bytes after the last one are preallocated room. */
#pragma once
#include "crypto/log_entry.h"

#define LOG_SEGMENT_HEAD 32
#define LOG_SEGMENT_NAME 16

struct log_reader;
/* An entry as stored. clear and body live until the next call on the reader. */
struct log_record {
	struct log_entry entry;
	struct tree_hash leaf;
	struct str clear, body;
	uint32_t segment;
	uint64_t offset, size; /* of the record in its segment */
};

/* dir_fd: an open log directory, still the caller's. Takes about 1 MiB from `a`. */
MUST enum err log_reader_new(struct arena *a, int dir_fd, struct log_reader **ret);
void log_reader_close(struct log_reader *r);
void log_reader_closep(struct log_reader **r);
/* Stand before entry `seq`. ERR_NOT_FOUND when the log is shorter. */
MUST enum err log_reader_seek(struct log_reader *r, uint64_t seq);
/* Stand before the first entry of that moment or later; at the end when there is none. The segment it is in is read from its
 * beginning. */
MUST enum err log_reader_seek_time(struct log_reader *r, int64_t time_us);
/* Stand before the record at a known place. */
MUST enum err log_reader_at(struct log_reader *r, uint32_t segment, uint64_t offset);
/* The entry after or before where the reader stands. ERR_NOT_FOUND: end or beginning. ERR_CORRUPT: malformed or
 * torn; the reader does not move. */
MUST enum err log_reader_next(struct log_reader *r, struct log_record *ret);
MUST enum err log_reader_prev(struct log_reader *r, struct log_record *ret);
/* Past a record that does not read, when its lengths still make sense. ERR_CORRUPT when they do not. *ret_leaf is the leaf
 * of what stands there. */
MUST enum err log_reader_skip(struct log_reader *r, struct tree_hash *ret_leaf);
/* Where the reader stands. */
void log_reader_place(const struct log_reader *r, uint32_t *ret_segment, uint64_t *ret_offset);
void log_segment_name(uint32_t number, char ret[LOG_SEGMENT_NAME]);

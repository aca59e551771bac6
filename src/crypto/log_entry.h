/* crypto/log_entry.h — AVL1, one entry of the log: clear part, body, and the record on disk.
 *
 * Runs in: every process.   Depends on: crypto/tree.h, tables/log_classes.def.   Never: opens a body.
 *
 * Layout in docs/FORMATS.md. The leaf of an entry is tree_leaf of its clear part; the clear part holds the hash
 * of the stored body, so a body can be erased after its time without breaking the tree.
 *
 * Invariants
 *   L1  log_entry_parse(log_entry_bytes(e)) == e; every other length, magic, suite or enum is refused. */
#pragma once
#include "crypto/tree.h"

enum log_class {
#define LOG_CLASS(id, number, name) LOG_##id = number,
#include "tables/log_classes.def"
};
enum log_outcome {
	LOG_NONE = 0,
	LOG_INTENT = 1, /* rows are about to be written; an OUTCOME entry must follow */
	LOG_DONE = 2,
	LOG_DENIED = 3,
	LOG_FAILED = 4,
	LOG_LOST = 5 /* an intent whose rows were never committed */
};
enum log_body { LOG_BODY_NONE = 0, LOG_BODY_SEALED = 1, LOG_BODY_CLEAR = 2 };

#define LOG_ENTRY_FIXED 112
#define LOG_ROW_BYTES 40
#define LOG_ROWS_MAX 8192
#define LOG_BODY_MAX 65536
#define LOG_CLEAR_MAX (LOG_ENTRY_FIXED + LOG_ROWS_MAX * LOG_ROW_BYTES)
/* A record on disk: clear length u32, body length u32, the first 12 bytes of the leaf hash (they tell a torn write from
 * a whole one), clear part, body, and the record's whole length u32, so that a log can be read backwards. */
#define LOG_RECORD_HEAD 20
#define LOG_RECORD_TAIL 4
#define LOG_RECORD_CHECK 12
#define LOG_RECORD_MAX (LOG_RECORD_HEAD + LOG_CLEAR_MAX + LOG_BODY_MAX + LOG_RECORD_TAIL)

struct log_row {
	struct id16 row;
	uint64_t version;
	uint8_t tag[16]; /* zero: the row was deleted */
};
struct log_entry {
	enum log_class class;
	enum log_outcome outcome;
	enum log_body body;
	uint64_t seq;
	int64_t time_us;   /* never behind the entry before */
	uint64_t mono_ns;  /* the boot's monotonic clock */
	struct id16 boot;
	uint16_t node;
	uint32_t n_rows, body_n;
	uint64_t ref_seq;  /* OUTCOME: the intent; START, STOP, RESTORE: a size of the log */
	uint64_t key_seq;  /* the LOG_KEY entry whose key seals the body */
	uint64_t durable;  /* entries that were on disk when this one was appended */
	uint8_t body_hash[32]; /* BLAKE2b-256 of the stored body; zero without one */
	const uint8_t *rows;   /* n_rows * 40 bytes; read with log_entry_row */
};

size_t log_entry_size(const struct log_entry *e);
/* Writes log_entry_size(e) bytes. */
void log_entry_bytes(const struct log_entry *e, uint8_t *ret);
/* `ret->rows` points into `clear`. ERR_CORRUPT. */
MUST enum err log_entry_parse(struct str clear, struct log_entry *ret);
struct log_row log_entry_row(const struct log_entry *e, uint32_t i);
void log_row_bytes(const struct log_row *r, uint8_t ret[LOG_ROW_BYTES]);
void log_body_hash(struct str body, uint8_t ret[32]);
/* Swedish name of a class, or unset for a number that is none. */
struct str log_class_name(enum log_class c);

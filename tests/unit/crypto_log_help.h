/* tests/unit/crypto_log_help.h — a small log to try things on.
 *
 * Runs in: tests.   Never: part of a program. */
#pragma once
#include "crypto_help.h"

struct logged {
	uint64_t moving_from; /* for verify; 0: nothing moves */
	int dir_fd;
	struct key32 *key;
	struct log_options options;
	struct arena *a;
	int64_t time_us;
	uint64_t mono_ns;
};
/* A trust, its keys and an empty directory; no log yet. */
void logged_begin(struct logged *w);
void logged_end(struct logged *w);
void logged_trust(struct trust *t, const uint8_t log_key[32]);
struct log *logged_create(struct logged *w);
struct log *logged_open(struct logged *w);
/* Appends an entry one second later. */
uint64_t logged_add(struct logged *w, struct log *l, enum log_class c, enum log_outcome o, uint64_t ref);
/* An intent that writes one row. */
uint64_t logged_save(struct logged *w, struct log *l, uint8_t row, uint64_t version);
struct log_row row_of(uint8_t row, uint64_t version);
void logged_checkpoint(struct logged *w, struct log *l);
/* n entries of all kinds, a checkpoint every `every`, a stop at the end; closes the log. */
void logged_history(struct logged *w, unsigned n, unsigned every);

/* Findings of one run of verify. */
struct findings {
	enum verify_code worst;
	unsigned count[8];
	struct verify_finding list[6];
	unsigned n;
	uint64_t entries, covered;
};
struct findings verify_run(struct logged *w, int dir_fd, struct str since, struct verify **ret);

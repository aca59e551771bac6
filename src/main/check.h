/* main/check.h — the log and the database checked against each other, without any key (`verify`).
 *
 * Runs in: verbs (verify, restore).   Depends on: crypto/hash, store.   Never: writes. */
#pragma once
#include "base/base.h"
#include "crypto/verify.h"

struct check_wish {
	const char *directory;
	const uint8_t *fingerprint; /* 32 bytes, or NULL */
	struct str since;           /* a checkpoint note, or unset */
	bool running;               /* somebody writes meanwhile */
	int admin;                  /* connection to the serve that writes, or -1 */
	/* Of a directory in which nobody runs: rows that wait for the log (main/promises.h); unknown when they cannot be
	 * read. */
	const struct verify_promise *promises;
	size_t n_promises;
	bool promises_unknown;
	int lock_fd;                /* closed when the moment stands; -1: none */
	bool quiet;                 /* only findings are printed */
};
/* Prints the findings in Swedish and returns verify's exit code; EXIT_FAILED after a sentence when the check itself
 * could not be made. */
int check_run(struct arena *a, const struct check_wish *w);
/* Entries in a log directory, by its newest segment alone. ERR_NOT_FOUND: no log. */
MUST enum err check_log_size(struct arena *a, const char *directory, uint64_t *ret);
/* The same, and the newest entry's time. */
MUST enum err check_log_end(struct arena *a, const char *directory, uint64_t *ret_size, struct instant *ret_time);

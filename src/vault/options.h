/* vault/options.h — what the vault is told when it starts.
 *
 * Runs in: vault.   Depends on: base, sys/walls.h.   Never: secrets (they would stand in the process list). */
#pragma once
#include "base/base.h"
#include "sys/walls.h"

/* Ceilings that no setting passes (DECISIONS 8). */
#define LOCK_MINUTES_MAX 15
#define SESSION_MINUTES_MAX (12 * 60)

struct vault_options {
	int fd;                    /* the socket to web */
	const char *directory;
	enum wall_mode walls;
	bool simulated;            /* a demo's or a simulation's directory */
	bool init;                 /* may make keys/ and shred/ */
	int64_t lock_us;           /* idle time until a session locks */
	int64_t wipe_us;           /* from the lock until its key is wiped */
	int64_t session_us;        /* from login until its key is wiped */
	uint32_t lookups_a_day;    /* of the number index, a user */
	bool promises;             /* only tells which rows wait for the log, on fd, and ends (vault/promises.h) */
	bool served_clock;         /* test builds alone: the clock may be put in any directory */
	bool any_deposit_key;      /* tests alone, never an argument: what a vault without the proofs would do */
};
/* The defaults: 5 minutes, 15 minutes, 8 hours. */
struct vault_options options_default(void);
/* False, with one sentence on stderr, when the arguments are wrong. */
bool options_parse(int argc, char **argv, struct vault_options *ret);

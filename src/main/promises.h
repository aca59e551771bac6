/* main/promises.h — the rows that wait for their place in the log while no service runs, asked of the vault's program.
 *
 * Runs in: verify.   Depends on: sys, crypto/verify.h.   Never: touches keys/ itself. */
#pragma once
#include "crypto/verify.h"

/* Sorted by intent, in `a`. ERR_NOT_FOUND: there is no keys/late here (a copy), so nobody can tell. */
MUST enum err promises_read(struct arena *a, const char *directory, struct verify_promise **ret, size_t *ret_n);

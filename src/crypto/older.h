/* crypto/older.h — AVO1: the keys of a stream's older epochs, each sealed under the newest one's.
 *
 * Runs in: vault.   Depends on: crypto/secret.h, base/envelope_at.h.   Never: asymmetric operations.
 *
 * A grant holds one epoch a compartment, the newest; whoever has that key reads what was written before it too. Each
 * older key stands sealed for itself, so that one opening costs one small AEAD, however many epochs there were, and
 * a stream that never got a second epoch has no AVO1 at all. `ck` is the key of the epoch in `at`, and `at` gives
 * case, compartment and that epoch; the rest of it is not read. */
#pragma once
#include "base/envelope_at.h"
#include "crypto/secret.h"

#define OLDER_EPOCHS_MAX 1000u
/* Size for a stream whose newest epoch is this; at least 2. */
size_t older_bytes(uint32_t epoch);
#define OLDER_BYTES_MAX (12u + 48u * (OLDER_EPOCHS_MAX - 1u))

/* The key of an older epoch, 1..at->epoch-1. ERR_DENIED: no such epoch. ERR_CORRUPT: not under this key, or altered. */
MUST enum err older_open(struct str older, const struct key32 *ck, const struct envelope_at *at, uint32_t epoch,
                         struct key32 *ret);
/* The AVO1 of the next epoch: everything in `older` (unset at epoch 1) and `ck` itself, under `next`.
 * ret: older_bytes(at->epoch + 1). ERR_FULL: too many epochs. ERR_CORRUPT: as above, nothing is written then. */
MUST enum err older_next(struct str older, const struct key32 *ck, const struct envelope_at *at, const struct key32 *next,
                         uint8_t *ret);

/* vault/canary.h — the system user canary, whose key is bound to vault.key alone (DECISIONS 26).
 *
 * Runs in: vault.   Depends on: vault/vault.h.   Never: opens anything but what was granted to the canary.
 *
 * keys/canary is its AVU1. `restore` opens the canary's case to find out whether database, shred/ and keys/ belong
 * together. */
#pragma once
#include "vault/vault.h"

#define CANARY_SERIAL 1u
#define CANARY_FILE "canary"

/* Reads the public half, if there is a canary. ERR_CORRUPT, ERR_IO. */
MUST enum err canary_read(struct vault *v);

/* crypto/stream_proof.h — that a stream's deposit key was made by a vault of this installation.
 *
 * Runs in: vault.   Depends on: crypto/secret.h, base/envelope_at.h.   Never: says that a key is the newest.
 *
 * Deposit keys stand in the database, where whoever writes to it could put one of his own and read what is sealed to
 * it. The proof is a MAC under the vault key over the stream's place and the key, and stands beside the key. */
#pragma once
#include "base/envelope_at.h"
#include "crypto/secret.h"

#define STREAM_PROOF_BYTES 32

/* `at` gives controller, case, compartment and epoch; the rest is not read. */
void stream_proof(const struct key32 *vault_key, const struct envelope_at *at, const uint8_t deposit_key[32],
                  uint8_t ret[STREAM_PROOF_BYTES]);
bool stream_proof_good(const struct key32 *vault_key, const struct envelope_at *at, const uint8_t deposit_key[32],
                       const uint8_t proof[STREAM_PROOF_BYTES]);

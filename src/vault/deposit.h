/* vault/deposit.h — may something be sealed to this deposit key?
 *
 * Runs in: vault.   Depends on: vault/vault.h, crypto/stream_proof.h.   Never: takes a key on the database's word. */
#pragma once
#include "vault/vault.h"

/* The party that a standing dossier belongs to and which of the four it is, or NULL. */
const struct trust_party *deposit_standing(const struct vault *v, struct id16 dossier, int *ret_kind);
/* `at` gives controller, case and compartment. ERR_DENIED: no vault of this installation made this key for that place.
 * A standing dossier's key must be the newest too (ERR_CONFLICT), and one that is newer is remembered. ERR_IO. */
MUST enum err deposit_check(struct vault *v, const struct envelope_at *at, const struct deposit_key *key);
/* The key of a new stream with its proof. `at` as above, with the epoch. */
void deposit_make(const struct vault *v, const struct envelope_at *at, const struct stream_key *k,
                  struct deposit_key *ret);

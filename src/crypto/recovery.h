/* crypto/recovery.h — AVR2, AVK1, AVY1: what custodians can open.
 *
 * Runs in: vault.   Depends on: crypto/secret.h.   Never: keeps a custodian's key.
 *
 * A case's recovery key is sealed to each pair of custodians; every stream's key is sealed to the case's recovery
 * key. Two of three custodians open a case, one alone never.
 *
 * Invariants
 *   V1  one custodian's key opens nothing of an AVR2. */
#pragma once
#include "base/envelope_at.h"
#include "crypto/user_secrets.h"

#define CUSTODIANS 3
#define RECOVERY_BYTES 488
#define RECOVERY_WRAP_BYTES 80
#define CUSTODIAN_KEY_BYTES 136
#define CUSTODIAN_TEXT_MAX 400

/* A fresh recovery key for a case, sealed to three public keys of 32 bytes. The MAC under vault.key keeps a database writer from putting his own key in the
 * place of a case's. */
MUST enum err recovery_make(struct id16 controller, struct id16 case_id, const uint8_t *custodians,
                            const struct key32 *vault_key, uint8_t ret[RECOVERY_BYTES]);
/* ERR_CORRUPT: malformed, another case's, or not from this installation. */
MUST enum err recovery_public(struct str bytes, struct id16 controller, struct id16 case_id,
                              const struct key32 *vault_key, uint8_t ret_public[32]);
/* A stream's key sealed to the case's recovery key. */
void recovery_wrap(const uint8_t recovery_public[32], const struct key32 *ck, uint8_t ret[RECOVERY_WRAP_BYTES]);
/* With two custodians' private keys, in any order. Needs no vault key. ERR_DENIED: these two do not open it. */
MUST enum err recovery_open(struct str bytes, const struct key32 *one, const struct key32 *other, struct key32 *ret_private);
MUST enum err recovery_unwrap(const struct key32 *recovery_private, struct str wrap, struct key32 *ret_ck);

/* A custodian's key file: X25519 private key behind a passphrase, as text to carry away. */
MUST enum err custodian_make(struct arena *a, struct str passphrase, struct argon_cost cost,
                             uint8_t ret_public[32], struct str *ret_text);
/* ERR_CORRUPT: not a key file. ERR_LOGIN: another passphrase. */
MUST enum err custodian_open(struct str text, struct str passphrase, struct key32 *ret_private);

/* Bytes any one of n custodians can open (the key copy of `backup --keys`). `custodians`: n × 32 bytes, n ≤ 64. */
MUST enum err custodian_seal(struct arena *a, const uint8_t *custodians, size_t n, struct str plain, struct str *ret);
MUST enum err custodian_unseal(struct arena *a, struct str bytes, const struct key32 *custodian, struct str *ret);

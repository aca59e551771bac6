/* crypto/secret.h — keys in locked, guarded memory.
 *
 * Runs in: vault.   Depends on: base, libsodium.   Never: gives out a pointer to a key's bytes.
 *
 * Secrets are opaque, so they cannot be copied or printed by accident. They live in slots of guarded, locked
 * slabs (a guarded page pair for each key would cost a system call at every opening) and are wiped when freed.
 *
 * Invariants
 *   K1  a freed slot holds zeros before anyone gets it again. */
#pragma once
#include "base/base.h"

struct key32;

/* Outside a demo directory a page that cannot be locked is an error. Call before the first key; default: true. */
void secret_must_lock(bool must);
/* False when a page could not be locked (only without secret_must_lock). */
bool secret_is_locked(void);

/* A zero key. NULL: no locked memory left. */
struct key32 *key32_new(void);
void key32_free(struct key32 *k); /* wipes; NULL is fine */
void key32_freep(struct key32 **k);
void key32_random(struct key32 *k);
/* Moves 32 bytes in: `from` is wiped. */
void key32_take(struct key32 *k, uint8_t from[32]);
void key32_copy(struct key32 *to, const struct key32 *from);
bool key32_equal(const struct key32 *a, const struct key32 *b);
bool key32_is_zero(const struct key32 *k);
/* BLAKE2b-256(key, personal). */
void key32_derive(const struct key32 *k, const char *personal, struct key32 *ret);
/* HMAC-SHA-256 under a key derived with `personal`. Login names and the number index use it. */
void key32_hmac(const struct key32 *k, const char *personal, struct str s, uint8_t ret[32]);
/* X25519 public half of a private key. */
void key32_box_public(const struct key32 *secret, uint8_t ret[32]);
/* Ed25519 public half of a seed. */
void key32_sign_public(const struct key32 *seed, uint8_t ret[32]);

/* Who signs: a user with the key serial, or the system (zero user) with the log's key. */
struct signer {
	struct id16 user;
	uint32_t serial;
	const struct key32 *seed;
};
/* Ed25519 over bytes that begin with a format's magic. */
void signer_sign(const struct signer *s, struct str message, uint8_t ret[64]);

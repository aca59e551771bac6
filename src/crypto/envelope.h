/* crypto/envelope.h — AVE1 and AVB1: one sealed thing of the record, bound to its place.
 *
 * Runs in: vault.   Depends on: crypto/secret.h, base/envelope_at.h.   Never: writes to disk.
 *
 * AVE1 is symmetric, under the key of a stream or under a holder's own key. AVB1 is for whoever holds the private
 * half of a key (a rung for its assignee, a deposit): it can be written without being able to read, and carries
 * a MAC under vault.key, so that nobody but a vault of this installation can have written it.
 *
 * Invariants
 *   E1  an envelope opens only with the same controller, case, compartment, slot, epoch, seq, version and row.
 *   E2  sealed sizes are size classes and nothing else. */
#pragma once
#include "base/envelope_at.h"
#include "crypto/secret.h"

/* Longest plaintext: the largest class less the one byte of padding. */
#define ENVELOPE_PLAIN_MAX 65535
#define ENVELOPE_OVERHEAD 64
#define ENVELOPE_BOX_OVERHEAD 120

/* The key of one (case, compartment, epoch), or a holder's own key. */
struct stream_key;
struct stream_key *stream_key_new(void);
void stream_key_free(struct stream_key *k);
void stream_key_freep(struct stream_key **k);
/* `at` gives controller, case, compartment and epoch; the rest is not read. sk: the case's shred key. */
void stream_key_derive(const struct key32 *ck, const struct key32 *sk, const struct envelope_at *at, struct stream_key *ret);
/* The key a holder re-wraps its rungs with: derived from its secret (USK, or a standing dossier's). */
void stream_key_own(const struct key32 *holder_secret, struct stream_key *ret);
/* The stream's deposit pair. ret_secret may be NULL. Bug for an own key. */
void stream_key_deposit(const struct stream_key *k, uint8_t ret_public[32], struct key32 *ret_secret);
/* The private half alone, without asymmetric work. */
void stream_key_deposit_secret(const struct stream_key *k, struct key32 *ret);
/* HMAC-SHA-256 of twelve digits under the index dossier's key; the bucket is the first two bytes. */
void stream_key_index(const struct stream_key *k, struct str digits, uint8_t ret[32]);
/* The key commitment that stands in AVE1. */
void stream_key_id(const struct stream_key *k, uint8_t ret[16]);

/* The 96 bytes of associated data, for tests and documentation. kind: 1 record, 4 own. */
void envelope_aad(const struct envelope_at *at, uint8_t kind, uint8_t suite, uint16_t flags, uint8_t ret[96]);
/* Padded size of a plaintext, 0 when it is too long. */
size_t envelope_class(size_t plain_n);

/* ERR_TOO_LARGE, ERR_FULL (arena), ERR_DENIED (`at` is not this key's stream). */
MUST enum err envelope_seal(struct arena *a, const struct stream_key *k, const struct envelope_at *at,
                            struct str plain, struct str *ret);
/* ERR_DENIED: sealed with another key, or `at` is not this key's stream. ERR_CORRUPT: anything else. */
MUST enum err envelope_open(struct arena *a, const struct stream_key *k, const struct envelope_at *at,
                            struct str envelope, struct str *ret);

enum box_to { BOX_USER = 1, BOX_DEPOSIT = 2, BOX_STANDING = 3 };
MUST enum err envelope_box(struct arena *a, enum box_to to, const uint8_t recipient[32], const struct key32 *vault_key,
                           const struct envelope_at *at, struct str plain, struct str *ret);
/* ERR_CORRUPT: not for this key, not from this installation, moved or altered. */
MUST enum err envelope_unbox(struct arena *a, const struct key32 *recipient, const struct key32 *vault_key,
                             const struct envelope_at *at, struct str box, struct str *ret);
/* Which of the two forms is it? By magic; nothing is verified. */
bool envelope_is_box(struct str s);

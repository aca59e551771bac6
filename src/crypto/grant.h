/* crypto/grant.h — AVW2 and AVG1: one holder's keys to one dossier.
 *
 * Runs in: vault.   Depends on: crypto/secret.h, crypto/envelope.h.   Never: decides who may be granted what.
 *
 * AVW2 is sealed to the holder's public key and signed by the granter; it is verified once. AVG1 is the same content
 * under the holder's own key: one that opens has been verified (DECISIONS 17).
 *
 * Invariants
 *   G1  a grant's keys are out of reach before its signature was found good.
 *   G2  an AVW2 and an AVG1 have one size each, however many compartments are in them. */
#pragma once
#include "crypto/envelope.h"

#define GRANT_WRAPPED_BYTES 1176
#define GRANT_ACCEPTED_BYTES 1104
#define GRANT_ENTRIES 16

enum grant_class { GRANT_STD = 0, GRANT_RED = 1, GRANT_INDEX = 2, GRANT_AUDIT = 3 };
enum grant_form { GRANT_WRAPPED, GRANT_ACCEPTED };

struct grant_clear {
	enum grant_class class;
	struct id16 controller, case_id, holder; /* holder: a user or a standing dossier */
	uint32_t holder_serial; /* key serial; for a standing dossier the epoch of its key */
	uint32_t serial;        /* monotonic per case */
	uint32_t not_after;     /* year * 12 + month - 1, the last month it holds; 0 without end */
};
struct grant_entry {
	uint16_t compartment;
	uint32_t epoch;         /* from 1; an entry with epoch 0 is an empty place */
	uint16_t role, purpose, basis;
	struct id16 reference;
};

struct grant;
struct grant *grant_new(void); /* NULL: no locked memory */
void grant_free(struct grant *g);
void grant_freep(struct grant **g);
/* Start over with these clear fields and no entries. */
/* The same keys under the same checks. */
void grant_copy(struct grant *to, const struct grant *from);
void grant_begin(struct grant *g, const struct grant_clear *clear);
/* ERR_FULL beyond 16, ERR_EXISTS for the same compartment and epoch, ERR_INVALID for epoch 0. */
MUST enum err grant_add(struct grant *g, const struct grant_entry *e, const struct key32 *ck);

const struct grant_clear *grant_clear(const struct grant *g);
struct id16 grant_granter(const struct grant *g);
uint32_t grant_granter_serial(const struct grant *g);
size_t grant_count(const struct grant *g);
const struct grant_entry *grant_entry(const struct grant *g, size_t i);
const struct key32 *grant_key(const struct grant *g, size_t i);
/* Index of (compartment, epoch); epoch 0: the newest one. -1 when it is not held. */
int grant_find(const struct grant *g, uint16_t compartment, uint32_t epoch);
/* Moves an entry to another epoch and key. */
void grant_move(struct grant *g, size_t i, uint32_t epoch, const struct key32 *ck);
/* The serial of the holder's key that it will be accepted with. */
void grant_set_holder_serial(struct grant *g, uint32_t serial);
/* Bit c for each compartment c up to 30; bit 31 for any above. */
uint32_t grant_held(const struct grant *g);
/* The stream key of an entry, bound to the grant's controller and case. */
void grant_stream_key(const struct grant *g, size_t i, const struct key32 *sk, struct stream_key *ret);

/* Clear fields of either form, nothing verified. ERR_CORRUPT. */
MUST enum err grant_peek(struct str bytes, enum grant_form *ret_form, struct grant_clear *ret);
/* `month`: year * 12 + month - 1 of today. */
bool grant_is_current(const struct grant_clear *c, uint32_t month);

/* Seal to the holder and sign. The signer becomes the granter. */
void grant_wrap(const struct grant *g, const uint8_t holder_public[32], const struct signer *s,
                uint8_t ret[GRANT_WRAPPED_BYTES]);
/* The granter's public signing key: OK only for a key that was certified (or the system's). */
struct granter_lookup {
	enum err (*find)(void *ctx, struct id16 granter, uint32_t serial, uint8_t ret_key[32]);
	void *ctx;
};
/* Opens and verifies an AVW2. ERR_DENIED: the granter is unknown or the signature is not theirs. ERR_CORRUPT: not
 * sealed to this holder, or malformed. Holder and case are the caller's to compare (grant_clear). */
MUST enum err grant_unwrap(struct str bytes, const struct key32 *holder_secret, const struct granter_lookup *who,
                           struct grant *ret);
void grant_accept(const struct grant *g, const struct key32 *holder_secret, uint8_t ret[GRANT_ACCEPTED_BYTES]);
/* Symmetric alone. ERR_CORRUPT: not accepted by this holder, or altered. */
MUST enum err grant_open(struct str bytes, const struct key32 *holder_secret, struct grant *ret);

/* crypto/key_ring.h — the stream keys of a session's lists, kept from one opening to the next under its owner's key.
 *
 * Runs in: vault.   Depends on: crypto/envelope.h.   Never: leaves a key open after key_ring_lock.
 *
 * A list opens one summary of each of some hundred cases. Opening each grant anew costs more than the summaries; the
 * ring opens all those keys with one AEAD instead. What stands in it in the clear is which grant a key came from.
 *
 * Invariants
 *   R1  between key_ring_lock and key_ring_unlock the keys exist only sealed under the owner's private key, as the
 *       standing grants of a session do.
 *   R2  a key is given out only for the grant (case and mark), compartment and epoch it was put in for, and opens
 *       envelopes only: its deposit pair is not kept. */
#pragma once
#include "crypto/envelope.h"

#define KEY_RING_MOST 512u
struct key_ring;
struct ring_place {
	struct id16 case_id, holder;
	uint64_t mark;              /* web's word for one state of one grant row */
	uint32_t epoch, not_after, held;
	uint16_t compartment, role;
};

/* NULL when there is no memory. */
struct key_ring *key_ring_new(void);
void key_ring_free(struct key_ring *r);
/* Opens the keys into locked memory; one ring at a time. ERR_FULL, ERR_CORRUPT. */
MUST enum err key_ring_unlock(struct key_ring *r, const struct key32 *owner_secret);
/* The place and the key of (case, mark, compartment, epoch); false when it is not there. Unlocked only. */
bool key_ring_find(const struct key_ring *r, const struct ring_place *wanted, struct id16 controller, struct ring_place *ret,
                   struct stream_key *ret_key);
/* A full ring begins anew. Unlocked only. */
void key_ring_add(struct key_ring *r, const struct ring_place *p, const struct stream_key *k);
/* Seals what was added and wipes the open keys. */
void key_ring_lock(struct key_ring *r, const struct key32 *owner_secret);

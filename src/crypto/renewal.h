/* crypto/renewal.h — AVN1: new epochs for somebody who held the ones before.
 *
 * Runs in: vault.   Depends on: crypto/grant.h.   Never: tells what the holder holds.
 *
 * Whoever makes a new epoch cannot know which compartments a colleague holds: that stands sealed in the colleague's
 * own grant. So each new key is locked twice: under the key of the epoch before, and under a transfer key that is
 * sealed to the holder. Only a remaining holder of the old epoch opens both; who has left has no transfer key, and who
 * never held the compartment has no old one. The list is the same for every holder. A MAC under the vault key says
 * that a vault of this installation wrote it. A holder takes up his renewals at his next opening, in order.
 *
 * Invariants
 *   N1  a renewal adds no compartment to a grant; it moves one from an epoch to the next. */
#pragma once
#include "crypto/grant.h"

#define RENEWAL_BYTES(n) (176u + 54u * (n))
#define RENEWAL_BYTES_MAX RENEWAL_BYTES(GRANT_ENTRIES)
/* Most bytes of renewals that one grant may wait for. */
#define RENEWALS_MAX (64u << 10)

struct renewal_to {
	struct id16 controller, case_id, holder;
	uint32_t holder_serial; /* key serial; for a standing dossier the epoch of its key */
	uint8_t key[32];        /* the holder's public key */
};
struct renewal_entry {
	uint16_t compartment;
	uint32_t epoch;         /* the new one, from 2 */
	const struct key32 *before, *now;
};
/* n: 1..GRANT_ENTRIES. `transfer` is random, one a rotation. ret: RENEWAL_BYTES(n). ERR_INVALID: no public key. */
MUST enum err renewal_make(const struct renewal_to *to, const struct key32 *transfer, const struct renewal_entry *entries,
                           size_t n, const struct key32 *vault_key, uint8_t *ret);
/* The first of several one after another: its clear fields but the key, and its bytes. ERR_CORRUPT. */
MUST enum err renewal_peek(struct str renewals, struct renewal_to *ret, struct str *ret_first);
/* Moves the grant's entries on. What is not held, or has come further already, is passed over. The grant takes the
 * holder's key serial from it. ERR_DENIED: for another grant. ERR_CORRUPT: not for this key, not from this
 * installation, or altered; the grant is as it was. */
MUST enum err renewal_take(struct str first, const struct key32 *holder_secret, const struct key32 *vault_key,
                           struct grant *g);

/* vault/throttle.h — what repeated wrong attempts cost (SECURITY W14).
 *
 * Runs in: vault.   Depends on: base.   Never: locks an account because of somebody who does not know its passphrase.
 *
 * A wrong passphrase makes the *answer* late, longer each time: a right one is still let in at once. A right
 * passphrase with a wrong code blocks the account for a while, since only its owner or a thief gets there.
 *
 * Invariants
 *   R1  names that exist and names that do not are treated alike: the key is the typed name's HMAC. */
#pragma once
#include "base/base.h"

struct throttle;
struct throttle *throttle_new(struct arena *boot);
/* How long to hold the answer to this failure, in µs. `now`: the boot's clock. */
int64_t throttle_failed(struct throttle *t, const uint8_t account[32], int64_t now);
/* A right passphrase with a wrong code. */
void throttle_wrong_code(struct throttle *t, const uint8_t account[32], int64_t now);
/* Must a code be refused unseen? */
bool throttle_blocks_code(const struct throttle *t, const uint8_t account[32], int64_t now);
void throttle_succeeded(struct throttle *t, const uint8_t account[32]);

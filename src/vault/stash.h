/* vault/stash.h — keys that live for one round: taken when a request is decided, used when it is finished.
 *
 * Runs in: vault.   Depends on: crypto/key.h.   Never: outlives a round.
 *
 * Invariants
 *   H1  stash_empty wipes every key that was taken. */
#pragma once
#include "crypto/key.h"

struct stash;
MUST enum err stash_new(struct stash **ret);
/* NULL when there is no room for more. */
struct stream_key *stash_stream_key(struct stash *s);
struct key32 *stash_key(struct stash *s);
void stash_empty(struct stash *s);

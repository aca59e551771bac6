/* vault/open.h — the opening of a request that does more than open.
 *
 * Runs in: vault.   Depends on: vault/holder.h.   Never: opens a text before its entry is on disk. */
#pragma once
#include "vault/holder.h"

/* Finds the keys and writes the entry; the texts are opened by c->finish. The holder has entered. */
MUST enum err open_for(struct vault *v, struct holder *h, struct call *c, const struct vault_open *ask,
                       struct vault_open_reply *ret);

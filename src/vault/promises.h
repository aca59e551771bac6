/* vault/promises.h — which rows wait for their LATE entry, told to `verify` when no vault runs.
 *
 * Runs in: a vault of its own that serves nobody.   Depends on: vault/late.h.   Never: writes, tells a key.
 *
 * On the descriptor: a line `INTENT ROW VERSION TAG` for each, numbers decimal, the rest hex; then the end. */
#pragma once
#include "vault/options.h"

/* The exit code. */
int vault_promises(const struct vault_options *o);

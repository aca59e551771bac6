/* vault/start.h — taking up and laying down a data directory.
 *
 * Runs in: vault.   Depends on: vault/vault.h.   Never: answers a request. */
#pragma once
#include "vault/vault.h"

/* The process hardened, the directory open, the walls up, memory for a round; ends the process when it cannot. */
void vault_shut_in(struct vault *v, const struct vault_options *o);
/* Opens the directory and takes up the log; ends the process with one sentence when it cannot. */
void vault_start(struct vault *v, const struct vault_options *o);
/* Late rows, a STOP entry and a last checkpoint. */
void vault_stop(struct vault *v);
/* Reads the vault's own keys; in a fresh directory it makes them. Idempotent. */
MUST enum err vault_need_keys(struct vault *v);
/* Takes up the log under this trust, or begins it. */
MUST enum err vault_begin_log(struct vault *v, struct str trust_text, bool create);
/* vault/main.c without its arguments, for tests that fork. Returns the exit code. */
int vault_serve(const struct vault_options *o);

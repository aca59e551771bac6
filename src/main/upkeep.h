/* main/upkeep.h — acts of the operator that need the vault but no person: a checkpoint now, the key copy.
 *
 * Runs in: verbs, web.   Depends on: wire.   Never: opens a case.
 *
 * Over run/admin.sock they are admin requests like the others; both are in the log. */
#pragma once
#include "main/admin.h"
#include "main/house.h"

/* True when `act` is one of these; then *ret is the answer in admin's form. */
bool upkeep_run(struct vault_client *v, struct arena *a, struct str act, struct str *ret);

/* For verbs: from the running serve, or from the house's own vault when it has one. */
bool upkeep_checkpoint(struct house *h, uint64_t *ret_size, struct str *ret_note);
bool upkeep_keys_copy(struct house *h, struct str *ret_copy);

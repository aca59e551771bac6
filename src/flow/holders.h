/* flow/holders.h — who counts as a holder of a case: somebody who may hold more of it than its head.
 *
 * Runs in: web, verbs.   Depends on: store.   Never: opens a grant; what a person may hold stands in the certificate. */
#pragma once
#include "flow/flow.h"

/* A manager has head alone (DECISIONS 29), and so stands in for no colleague (DECISIONS 24). False without a certificate. */
bool keeps_cases(struct str certificate, enum controller_kind kind);
/* How many dossiers would be out of reach if this account were closed: cases that no colleague and no desk holds, and
 * standing dossiers that nobody else holds. month: year * 12 + month - 1. */
MUST enum err alone_in(struct db *db, struct arena *a, struct id16 user, struct str certificate, enum controller_kind kind,
                       int64_t month, size_t *ret);

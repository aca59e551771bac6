/* flow/same.h — "possible same person": what a number that is registered or corrected tells the other cases that may have it.
 *
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: tells whoever typed it anything (DECISIONS 35).
 *
 * Every other case in the number's bucket gets a package with the number's whole HMAC inside. When a member opens
 * it, it is compared with the case's own number: a false one is put aside unseen, a true one stands on Min dag and in Inkorg. */
#pragma once
#include "flow/rows.h"

/* Packages to the cases that share the bucket; the case itself is left out. */
MUST enum err plan_same(struct write_plan *p, const struct controller_info *own, const struct vault_index_reply *index);
/* Is this opened deposit such a package? */
bool is_same(struct str plain);
/* Does its HMAC belong to the number in this case? Opens the case. ERR_NOT_FOUND: not for this person to say, who lacks
 * the case or the index; it waits for a colleague. */
MUST enum err same_is_true(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                           struct id16 case_id, struct str plain, bool *ret);
/* What Inkorg shows of a true one. */
void same_item(struct arena *a, struct str plain, struct inbox_item *ret);

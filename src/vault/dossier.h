/* vault/dossier.h — what making, granting and rotating a dossier's keys have in common.
 *
 * Runs in: vault.   Depends on: vault/holder.h.   Never: grants more than the granter holds. */
#pragma once
#include "vault/holder.h"

/* Compartments are bits of a word; the last bit means any above. */
#define COMPARTMENTS 31u

/* Whom a wish names: the public key to seal to and the serial of that key. */
struct grantee { uint8_t key[32]; uint32_t serial; };
/* Certified by two officers of this party, or one of its standing dossiers with a good newest key. ERR_DENIED,
 * ERR_CONFLICT (an older key of a standing dossier). */
MUST enum err dossier_grantee(struct vault *v, const struct trust_party *party, const struct grant_wish *w,
                              struct grantee *ret);
/* The session's grant to a dossier: `own` opened into `room`, or with `own` unset the session's copy of a standing
 * dossier's. ERR_DENIED: to another one. */
MUST enum err dossier_own(struct vault *v, struct holder *h, struct id16 case_id, struct str own, struct str renewals,
                          struct grant *room, const struct grant **ret);
/* The entry that tells of new keys. */
MUST enum err dossier_log(struct vault *v, const struct holder *h, const struct vault_why *why, uint32_t compartments,
                          struct id16 about);

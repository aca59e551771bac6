/* vault/certificates.h — certificates the vault has been shown, and what they prove.
 *
 * Runs in: vault.   Depends on: crypto/certificate.h.   Never: believes one before two officers' signatures held.
 *
 * Invariants
 *   B1  of one user only the newest serial is kept, and a whole certificate is never pushed out by one that is not. */
#pragma once
#include "crypto/hash.h"

struct certificates;
MUST enum err certificates_new(const struct trust *trust, struct certificates **ret);
void certificates_free(struct certificates *c);
/* Remembers one. ERR_CORRUPT: not a certificate. ERR_FULL: no more room. */
MUST enum err certificates_load(struct certificates *c, struct str bytes);
/* A verified certificate and its controller. ERR_DENIED: unknown or not whole. Its time is not looked at. */
MUST enum err certificates_find(struct certificates *c, struct id16 user, struct certificate *ret,
                                struct id16 *ret_controller);
/* Which controller's two officers have signed? ERR_DENIED when none's have. */
MUST enum err certificate_controller(const struct trust *trust, const struct certificate *c, struct id16 *ret);
/* The party that lists this user as officer with this key, or NULL. */
const struct trust_party *officer_party(const struct trust *trust, struct id16 user, const uint8_t sign_public[32]);

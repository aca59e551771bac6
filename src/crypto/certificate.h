/* crypto/certificate.h — AVC1, a user's public keys and roles under two officers' signatures.
 *
 * Runs in: every process.   Depends on: crypto/trust.h.   Never: signs (crypto/officer.h does).
 *
 * 312 bytes; layout in docs/FORMATS.md. Both signatures cover bytes 0..183, so each officer signs also who the
 * other one is. A certificate is *whole* when both signatures stand. */
#pragma once
#include "crypto/trust.h"

#define CERTIFICATE_BYTES 312

struct certificate {
	struct id16 user;
	uint32_t serial, device_policy;
	uint8_t box_public[32];        /* X25519, for grants and rungs */
	uint8_t red_public[32];        /* zero in this version */
	uint8_t sign_public[32];       /* Ed25519 */
	struct instant not_before, not_after; /* not_after INSTANT_UNSET: without end */
	uint64_t roles;                /* bits of tables/roles.def */
	struct id16 officer[2];
	uint8_t signature[2][64];      /* zero while unsigned */
};

/* ERR_CORRUPT: another length, magic, suite or reserved byte. Nothing is verified. */
MUST enum err certificate_parse(struct str bytes, struct certificate *ret);
void certificate_bytes(const struct certificate *c, uint8_t ret[CERTIFICATE_BYTES]);
/* How many of the two signatures hold against the officers of `party`. Officers that are not the party's, or
 * the same officer twice, count for nothing. */
int certificate_signatures(const struct certificate *c, const struct trust_party *party);
/* OK: whole, of this controller, valid at `now`. ERR_DENIED: not whole or not in its time. */
MUST enum err certificate_verify(const struct certificate *c, const struct trust *t, struct id16 controller,
                                 struct instant now);

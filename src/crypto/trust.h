/* crypto/trust.h — who is believed: keys/trust, which is also leaf 0 of the log.
 *
 * Runs in: every process.   Depends on: base.   Never: holds a secret key.
 *
 * A text of lines in one fixed order, so that one trust has one spelling and one fingerprint:
 *     avstamp trust 1
 *     simulated no
 *     log <64 hex: Ed25519 public key that signs checkpoints>
 *     controller <32 hex> <name>
 *     officer <32 hex user> <64 hex Ed25519 key>      (twice)
 *     custodian <64 hex X25519 key>                   (three times)
 *     standing <32 hex> <32 hex> <32 hex> <32 hex>    (directory, desk, index, review)
 *     ... further controllers ...
 *     end
 *
 * Invariants
 *   U1  trust_text(trust_parse(t)) == t, byte for byte; every other text is refused.
 *   U2  no two officers of a controller are the same user or the same key, no two custodians the same key. */
#pragma once
#include "base/base.h"

#define TRUST_CONTROLLERS 16
#define TRUST_NAME 120
#define TRUST_TEXT_MAX (16 * 1024)
#define TRUST_OFFICERS 2
#define TRUST_CUSTODIANS 3

struct trust_party {
	struct id16 controller;
	char name[TRUST_NAME]; /* UTF-8, zero-terminated */
	struct id16 officer[TRUST_OFFICERS];
	uint8_t officer_key[TRUST_OFFICERS][32];
	uint8_t custodian[TRUST_CUSTODIANS][32];
	struct id16 standing[4];
};
struct trust {
	bool simulated;
	uint8_t log_key[32];
	size_t n;
	struct trust_party party[TRUST_CONTROLLERS];
};

/* ERR_INVALID: not a trust text. */
MUST enum err trust_parse(struct str text, struct trust *ret);
/* Unset when a name or number does not fit, or the arena is full. */
struct str trust_text(struct arena *a, const struct trust *t);
/* NULL when it is nobody's. */
const struct trust_party *trust_find(const struct trust *t, struct id16 controller);
/* SHA-256 of the text. */
void trust_fingerprint(struct str text, uint8_t ret[32]);
/* As people compare it: 16 groups of four hex digits. */
#define TRUST_FINGERPRINT_TEXT 79
void trust_fingerprint_text(const uint8_t fingerprint[32], char ret[TRUST_FINGERPRINT_TEXT]);
/* Reads it back, spaces, dashes, colons and capitals let be. ERR_INVALID. */
MUST enum err trust_fingerprint_parse(struct str s, uint8_t ret[32]);

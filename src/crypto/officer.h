/* crypto/officer.h — what officers sign: certificates (AVC1) and invitations (AVI1).
 *
 * Runs in: vault.   Depends on: crypto/secret.h, crypto/certificate.h.   Never: decides whom to believe.
 *
 * Invariants
 *   O1  an officer's signature goes only into the place that bears the officer's own id. */
#pragma once
#include "crypto/certificate.h"
#include "crypto/secret.h"

/* Puts the officer's signature into its place. ERR_DENIED: not one of the certificate's two officers.
 * ERR_EXISTS: already signed by this officer. */
MUST enum err certificate_sign(struct certificate *c, const struct signer *officer);

#define INVITATION_BYTES 168
/* 80 bits as 16 signs of ABCDEFGHJKLMNPQRSTUVWXYZ23456789 in groups of four. */
#define INVITATION_CODE 19

struct invitation {
	struct id16 user, controller, officer;
	uint64_t roles;
	struct instant expires;
	uint8_t code_hash[32];
};
/* Fresh code; the invitation holds only its hash. */
void invitation_make(struct invitation *i, const struct signer *officer, uint8_t ret[INVITATION_BYTES],
                     char ret_code[INVITATION_CODE]);
/* OK: signed by an officer of the controller, in time, and this is the code (spaces, dashes and small letters are let
 * be). ERR_CORRUPT: malformed. ERR_DENIED: signature or time. ERR_LOGIN: another code. */
MUST enum err invitation_open(struct str bytes, const struct trust *t, struct str code, struct instant now,
                              struct invitation *ret);

/* vault/totp.h — six digits of RFC 6238 (SHA-1, 30 seconds), each usable once.
 *
 * Runs in: vault.   Depends on: liboath.   Never: tells which of several faults it was.
 *
 * Invariants
 *   T1  a step that was accepted for a user, and every step before it, is refused from then on.
 *       When the machine's clock is behind the record, its steps are counted by themselves: the phones go by the true
 *       time, and nobody knows which of the two that is.
 *   T2  after a restart no step is accepted that a login before the restart may have used (DECISIONS 52). */
#pragma once
#include "base/base.h"

struct totp_steps;
struct totp_steps *totp_steps_new(struct arena *boot);
/* Steps up to that of `t` and the one after are spent for everybody. */
void totp_spent_until(struct totp_steps *s, struct instant t);
/* The same for the machine's clock, when that is behind. */
void totp_machine_spent_until(struct totp_steps *s, struct instant machine);
struct totp_clocks { struct instant reached, machine; };
/* Accepts the step of a clock, the one before and the one after. ERR_LOGIN otherwise. */
MUST enum err totp_accept(struct totp_steps *s, struct id16 user, const uint8_t *secret, size_t secret_n, struct str code,
                          struct totp_clocks now);
/* The digits of a step, for tests against the RFC's vectors. digits: 6..8. */
MUST enum err totp_code(const uint8_t *secret, size_t secret_n, uint64_t step, unsigned digits, char ret[9]);

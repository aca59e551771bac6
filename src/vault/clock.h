/* vault/clock.h — the only clock that notes anything (DECISIONS 6).
 *
 * Runs in: vault.   Depends on: base.   Never: runs backwards.
 *
 * Invariants
 *   C1  clock_note gives strictly increasing moments, never behind the newest log entry.
 *   C2  in a simulated directory the clock stands where it was put until it is let go; elsewhere it cannot be put. *   C3  when the machine's clock is set back, what is noted stands still at the newest entry until it has caught up, and
 *       clock_reached goes on: nothing that is due waits for the machine's clock.
 */
#pragma once
#include "base/base.h"

struct clock;
struct clock *clock_new(struct arena *boot);
/* Nothing is before this: the newest entry of the log. */
void clock_not_before(struct clock *k, int64_t us);
struct instant clock_now(const struct clock *k);
/* What the machine believes, also when that is before the newest entry. */
struct instant clock_machine(const struct clock *k);
/* The time that has surely been reached: the latest seen, and what has run since. Never before clock_now. */
struct instant clock_reached(struct clock *k);
/* The first of n moments to stamp with, one microsecond apart, not before `least`. */
struct instant clock_note(struct clock *k, struct instant least, size_t n);
/* Puts the clock forward. ERR_INVALID when that is backwards. An unset moment lets real time go on. */
MUST enum err clock_put(struct clock *k, struct instant at);
/* Time since the machine started, also while it slept: what idle times are measured with. */
int64_t clock_boot_us(void);
uint64_t clock_boot_ns(void);

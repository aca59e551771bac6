/* core/next.h — what usually comes next in a case, for the screen that proposes it.
 *
 * Runs in: web, tests.   Depends on: core/state.h.   Never: forces an order (inv.Q7): everything offered can be
 * done at any time, and what is proposed can be left. */
#pragma once
#include "core/core.h"

#define NEXT_MAX 4

/* The commands to propose, most urgent first; only such as command_offered allows. Returns how many. */
size_t case_next(const struct kase *k, const struct actor *who, enum command_id ret[NEXT_MAX]);
/* One sentence on why, for the first of them. */
const char *next_reason(const struct kase *k, enum command_id c);

/* main/tend.h — the demo's cases as a working day leaves them: old tasks done, a few waiting, one request at the police.
 *
 * Runs in: verbs.   Depends on: main/play.h, flow.   Never: outside the demo. */
#pragma once
#include "main/play.h"

/* Act for the players named: coordinators and the social workers beside them. False after a sentence. */
bool tend_cases(struct play *p, const size_t *who, size_t n);

/* flow/version.h — the version of a case as a reader sees it: one opaque string.
 *
 * Runs in: web, verbs.   Depends on: base.   Never: tells anything of a stream the reader does not hold.
 *
 * The string is the hex of (compartment u8, seq u32) for each stream in hand, in order of number
 * (DECISIONS 10). A cursor of the timeline is the same thing: where each stream was left. */
#pragma once
#include "base/base.h"

#define STREAMS_MAX 32

/* Newest seq of each compartment; 0 where the stream is empty. */
struct version { uint32_t seq[STREAMS_MAX]; uint32_t held; };

struct str version_encode(struct arena *a, const struct version *v);
/* ERR_INVALID for anything version_encode does not make. */
MUST enum err version_decode(struct str s, struct version *ret);
/* Has one of the compartments of `reads` moved between the two? Only compartments in both are compared. */
bool version_moved(const struct version *shown, const struct version *now, uint32_t reads);

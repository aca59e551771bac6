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
/* Has one of the compartments of `reads` that the reader holds `now` moved since `shown`? Of one that is not in `shown` he
 * has seen nothing, so its first entry is a move. */
bool version_moved(const struct version *shown, const struct version *now, uint32_t reads);
/* What to answer an act with: what its sender had seen, and what the act wrote where he had seen all before it. A stream in
 * which something came between stays as he saw it, so that his next act is told. `before`, `after`: the case around the act. */
struct version version_after(const struct version *shown, const struct version *before, const struct version *after);

/* base/envelope_at.h — the place an envelope was sealed for.
 *
 * Runs in: every process.   Depends on: base/id.h.   Never: holds a key. */
#pragma once
#include "base/id.h"

/* Everything the associated data of an envelope binds (DECISIONS 16). */
struct envelope_at {
	struct id16 controller, case_id; /* for rungs case_id is the assignee, for directory rows the directory */
	uint16_t compartment, slot;      /* slot: tables/slots.def */
	uint32_t epoch;
	uint64_t seq, version;
	struct id16 row;                 /* zero for events */
};

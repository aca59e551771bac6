/* flow/held.h — a case as its holder sees it in a list, before and after its summary is opened.
 *
 * Runs in: web, verbs.   Depends on: flow/rows.h.   Never: decides. */
#pragma once
#include "flow/rows.h"

/* A grant of the asker to a case, and what its summary says once it is opened. */
struct held_case {
	struct id16 case_id, holder;
	uint64_t mark;                /* names this state of the grant's row to the vault */
	uint32_t epoch, version;      /* of the summary */
	struct str envelope;
	struct summary summary;
	bool opened, unknown, via_standing;
};

/* Is this one of the authorities' standing dossiers, which are no cases? */
bool is_standing(const struct flow *f, struct id16 id);
/* Opens summaries with grants sent whole. `keep`: the session will list them again. */
MUST enum err open_whole(struct flow *f, struct arena *a, const struct vault_why *why, struct id16 controller,
                         struct held_case *const *wanted, size_t n, bool keep, struct session *ret_session);

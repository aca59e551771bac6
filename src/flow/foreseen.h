/* flow/foreseen.h — an act whose rows are sealed in the message that opens what it is decided on.
 *
 * A STEADY command writes the same entry whatever stands in the case, and whether it may be given shows in what lists show. So
 * its rows are planned from what stands in clear and what was typed; one message opens the summary and seals them, and one
 * flush brings both entries to the disk. When the summary does not allow it the intent is told as lost.
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: refuses anything: that is said by who has opened the case. */
#pragma once
#include "flow/internal.h"

/* ret->saved tells whether it is done. When it is not, and that is no error, the act is to go its ordinary way.
 * ERR_CONFLICT: somebody else wrote first. */
MUST enum err foreseen_act(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                           const struct act_wish *w, struct session *ret_session, struct act_result *ret);

/* flow/new_case.h — making a dossier, for an intake and for a request that reached a desk.
 *
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: used outside flow. */
#pragma once
#include "flow/internal.h"

/* Streams a new dossier of this kind begins with. */
uint32_t dossier_compartments(enum controller_kind kind);
/* Ask the vault for keys and add the dossier's rows to the plan; *ret is the empty case that the decision will be
 * written to, held by the session's user and the desk. */
MUST enum err new_case(struct write_plan *p, const struct controller_info *c, struct id16 case_id,
                       const struct vault_who *who, enum role role, struct instant now, struct loaded *ret);
/* The row of a stream that the vault has made; its bytes stay the reply's. */
struct row_streams stream_row(struct id16 case_id, const struct new_stream *s);
/* A fresh id, drawn again while its spoken code is taken inside the authority (DECISIONS 35). */
MUST enum err draw_case_id(struct flow *f, struct arena *a, struct id16 controller, struct id16 *ret);

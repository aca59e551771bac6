/* flow/rotation.h — new epochs for the streams of a dossier that somebody has left (DECISIONS 23, 24, 47).
 *
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: tells which dossiers wait.
 *
 * Invariants
 *   O1  the new streams' rows, every remaining holder's renewal, the leaver's deleted grant and the finished job stand in
 *       one transaction; two who try at once make one epoch, and the other one finds nothing left to do. */
#pragma once
#include "flow/internal.h"

/* One dossier as it stands before its new epoch. */
struct rotation {
	const struct controller_info *own;
	struct id16 case_id, leaver;     /* leaver: besides closed accounts; zero for none */
	int place;                       /* of a standing dossier in vault_who.standing; -1 for a case */
	struct row_cases *dossier;
	struct q_holders_of_case_row *holders; size_t n_holders;
	struct q_case_streams_row *streams; size_t n_streams;
	struct row_jobs *jobs; size_t n_jobs;
	struct row_summaries *summary;   /* NULL for a standing dossier */
	struct row_grants *mine;         /* the grant it is done with */
	struct str own_grant, renewals;  /* its keys as they stand in the row */
	uint32_t held, turn;             /* compartments in hand, and those that get a new epoch */
};
/* Reads all of it in one moment. `who`'s own grant goes before that of a desk. */
MUST enum err rotation_read(struct flow *f, struct arena *a, const struct vault_who *who, struct id16 case_id,
                            struct rotation *ret);
/* Asks the vault for the new keys and plans their rows. *ret_own: the grant to seal with from now on. Streams that are
 * not in hand are left to `jobs`. ERR_DENIED, ERR_CONFLICT. */
MUST enum err rotation_plan(struct write_plan *p, struct rotation *r, struct str *ret_own);
/* Must the case wait until its desk has its own new key? */
MUST enum err rotation_waits_for_desk(struct flow *f, struct arena *a, const struct rotation *r, bool *ret);
/* The desk beside a single named person (DECISIONS 24), when it does not hold the case already. `own`: a grant to give
 * from. */
MUST enum err rotation_plan_desk(struct write_plan *p, const struct rotation *r, struct str own);
/* Keys of the epochs before, for opening and rotating. */
MUST enum err rotation_older(struct arena *a, const struct rotation *r, struct older_keys **ret, size_t *ret_n);

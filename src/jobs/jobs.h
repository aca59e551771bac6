/* jobs/jobs.h — the clock's own work inside web: reminders that fall due, answers that grow old, a sign of life.
 *
 * Runs in: web.   Depends on: flow, store, wire.   Never: opens an envelope, sends content.
 *
 * Invariants
 *   K1  a rung fires at most once, however many clocks run (one conditional update, DECISIONS 34).
 *   K2  every row a job writes was noted by the vault before it is committed. */
#pragma once
#include "flow/flow.h"

struct jobs;
struct jobs_options {
	struct flow *flow;
	void (*alive)(void *ctx); /* called after each round that reached the database */
	void *ctx;
	int round_ms;             /* 0: 10 seconds */
};
MUST enum err jobs_start(const struct jobs_options *o, struct jobs **ret);
/* Ends the thread after the round it is in. NULL is fine. */
void jobs_stop(struct jobs *j);

/* One round, for tests and for the thread: what is due at `now`. *ret_fired counts the rungs this call fired.
 * ERR_IO, ERR_VAULT_GONE: the rest is done in the next round. */
MUST enum err jobs_round(struct flow *f, struct arena *a, struct instant now, size_t *ret_fired);

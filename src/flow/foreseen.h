/* flow/foreseen.h — a save that is sealed with the opening it will be decided on: one message and one flush fewer.
 *
 * What a STEADY command writes is known before anything is opened. It is decided all the same, on what was opened; only when
 * that gives the very entry that was foreseen are its envelopes used. Else its intent is told as lost.
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: writes anything that was not decided. */
#pragma once
#include "flow/internal.h"

struct foreseen {
	const struct act_wish *wish;
	struct loaded on;        /* as its clear columns have the case, and then as it will be */
	struct write_plan plan;
	const void *input;       /* as it was typed, good; NULL: not parsed, or something in it must be mended */
	struct event event;
	struct str entry;        /* its text */
	bool planned;            /* goes with the opening */
	bool owed;               /* its intent is in the log, and its outcome is not told yet */
};
/* NULL: this command is not foreseen, or there is no room. */
struct foreseen *foreseen_new(struct flow *f, struct arena *a, const struct act_wish *w);
/* Plans it on what stands in clear, when it can be foreseen there. A reason against it is no error. */
void foreseen_plan(struct foreseen *s, struct flow *f, struct arena *a, const struct cookie_secret *c,
                   const struct vault_who *who, const struct loaded *clear);
/* Opens and seals in one message; as vault_open to the caller. */
MUST enum err foreseen_open(struct foreseen *s, struct arena *a, const struct vault_open *ask, struct vault_open_reply *ret);
/* Is this what was decided? */
bool foreseen_is(const struct foreseen *s, struct arena *a, const struct decision *d);
/* Commits it. ERR_CONFLICT as plan_run. */
MUST enum err foreseen_save(struct foreseen *s, const struct loaded *l, struct act_result *ret);
/* Tells an outcome that is still owed as lost. NULL is fine. */
void foreseen_end(struct foreseen *s);

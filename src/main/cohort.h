/* main/cohort.h — made-up lives: who they are, what happens to them, and when.
 *
 * Runs in: verbs (demo, simulate).   Depends on: main/play.h.   Never: a real person's name or number: birth numbers
 * are 980 to 989, which the tax authority does not give out.
 *
 * Invariants
 *   L1  the same seed gives the same events at the same moments; only ids and keys differ.
 *   L2  acute housing falls to half of the lives and relocation to seven in ten of the agreed plans, to the nearest
 *       whole number, whatever the seed. */
#pragma once
#include "main/play.h"

struct random_source { uint64_t state; };
uint64_t random_next(struct random_source *r);
/* 0 .. n - 1; n > 0. */
uint32_t random_below(struct random_source *r, uint32_t n);

/* How far a life has come; each includes those before. */
enum stage { STAGE_INTAKE, STAGE_TAKEN, STAGE_ASSESSED, STAGE_POLICE, STAGE_JOINT, STAGE_DECIDED, STAGE_PLANNING,
             STAGE_AGREED, STAGE_COUNT };
struct life {
	enum stage stage;
	bool acute, acute_housing, acute_ended, relocation;
	struct instant begin;
	size_t coordinator, second, police; /* players */
	struct str alias, name, number, source, channel, danger, town;
	uint32_t notes;
	uint64_t seed;               /* of this life's own draws */
};
struct cohort_wish {
	uint64_t seed;
	size_t cases;
	uint32_t notes;
	struct instant from, until;
	const size_t *coordinators, *seconds, *police; /* players */
	size_t n_coordinators, n_seconds, n_police;
	const enum stage *stages;    /* of each life, or NULL: by the published shares */
	bool end_now;                /* lives end near `until` instead of anywhere in the time */
};
/* Draws lives; *ret lives in `a`. False when the memory is short. */
bool cohort_draw(struct arena *a, const struct cohort_wish *w, struct life **ret);
/* main/story.c: how long a life's steps take, in µs; weekends can add a few days. */
int64_t story_length(const struct life *l);
/* Lets them happen, in the order of time. */
bool cohort_play(struct play *p, const struct life *lives, size_t n, struct instant until, const char *what);
/* What anyone can count afterwards. */
void cohort_print(const struct life *lives, size_t n, const struct play *p);

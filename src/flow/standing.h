/* flow/standing.h — the four standing dossiers of an authority, and who needs which.
 *
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: used outside flow. */
#pragma once
#include "flow/internal.h"

#define STANDING_MAX 4

/* Dossiers that people of these roles need: directory everyone, desk and index who register, review reviewers. */
size_t standing_of_roles(const struct controller_info *c, uint64_t roles, struct id16 ret[STANDING_MAX]);
#define JOB_ROTATE 1
/* Each stream the user held, also through a desk, waits for a new epoch, made at the next login of another holder (DECISIONS 24). */
MUST enum err plan_rotation(struct write_plan *p, struct id16 user);
/* The same for many streams, written at once in several steps until few enough are left for plan_rotation. */
MUST enum err rotation_ahead(struct flow *f, struct arena *a, const struct vault_why *why, struct instant now,
                             struct id16 user);

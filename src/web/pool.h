/* web/pool.h — the arenas that wait for the next request.
 *
 * Runs in: web.   Depends on: base.   Never: gives back memory that a request holds.
 *
 * As many wait as requests were running at once; those that nobody has wanted between two looks go back to the system, so that
 * a busy minute does not keep its memory all day. */
#pragma once
#include "base/base.h"
#include <pthread.h>

#define ARENAS_KEPT 64
/* So many wait however quiet it is. */
#define ARENAS_SPARE 4

struct arena_pool {
	pthread_mutex_t lock;
	size_t ceiling;                  /* of each */
	struct arena *kept[ARENAS_KEPT]; /* the newest last; it is lent first */
	size_t n_kept, unwanted;         /* unwanted: the fewest that waited since the last look */
};

MUST enum err pool_start(struct arena_pool *p, size_t ceiling);
/* An empty arena, until it is given back. NULL when the system has no memory. */
struct arena *pool_lend(struct arena_pool *p);
void pool_give_back(struct arena_pool *p, struct arena *a);
/* Frees those that nobody has wanted since it looked last. */
void pool_look(struct arena_pool *p);
/* Frees all that wait; nobody may hold one any more. */
void pool_stop(struct arena_pool *p);

/* web/pool.c — arenas from one request to the next. */
#include "web/pool.h"
#include <string.h>

enum err pool_start(struct arena_pool *p, size_t ceiling)
{
	*p = (struct arena_pool){ .ceiling = ceiling };
	return pthread_mutex_init(&p->lock, NULL) == 0 ? OK : ERR_SYSTEM;
}

struct arena *pool_lend(struct arena_pool *p)
{
	struct arena *a = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->n_kept > 0)
		a = p->kept[--p->n_kept];
	if (p->n_kept < p->unwanted)
		p->unwanted = p->n_kept;
	pthread_mutex_unlock(&p->lock);
	return a != NULL ? a : arena_new(p->ceiling);
}

void pool_give_back(struct arena_pool *p, struct arena *a)
{
	arena_reset(a);
	pthread_mutex_lock(&p->lock);
	if (p->n_kept < ARENAS_KEPT) {
		p->kept[p->n_kept++] = a;
		a = NULL;
	}
	pthread_mutex_unlock(&p->lock);
	arena_free(a);
}

void pool_look(struct arena_pool *p)
{
	struct arena *gone[ARENAS_KEPT];
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->unwanted > ARENAS_SPARE ? p->unwanted - ARENAS_SPARE : 0;
	memcpy(gone, p->kept, n * sizeof gone[0]);
	p->n_kept -= n;
	memmove(p->kept, p->kept + n, p->n_kept * sizeof gone[0]);
	p->unwanted = p->n_kept;
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < n; i++)
		arena_free(gone[i]);
}

void pool_stop(struct arena_pool *p)
{
	for (size_t i = 0; i < p->n_kept; i++)
		arena_free(p->kept[i]);
	(void)pthread_mutex_destroy(&p->lock);
}

/* web/watch.c — absolute deadlines.
 *
 * The library's own timeout is one of inactivity: a client that sends a byte now and then lives for ever. Here a
 * thread looks every half second and shuts down what is overdue; the library then sees the end and cleans up. The same
 * look gives back memory that is no longer wanted. */
#include "web/inside.h"
#include <sys/socket.h>
#include <time.h>

int64_t watch_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void look(struct watch *w)
{
	int64_t now = watch_now_ms();

	for (size_t i = 0; i < w->n; i++) {
		struct watched *c = &w->all[i];

		if (c->fd < 0 || c->deadline_ms == 0 || c->deadline_ms > now)
			continue;
		(void)shutdown(c->fd, SHUT_RDWR);
		c->deadline_ms = 0;
	}
}

static void *watch_loop(void *arg)
{
	struct watch *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		struct timespec until;

		look(w);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += 500000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&w->wake, &w->lock, &until);
		pthread_mutex_unlock(&w->lock);
		pool_look(w->pool);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

enum err watch_start(struct watch *w, struct arena *a, size_t connections, struct arena_pool *pool)
{
	pthread_condattr_t monotonic;

	/* The library closes a socket a moment after it has counted it out, so there are a few more. */
	w->n = connections + 64;
	w->pool = pool;
	w->all = ARENA_ARRAY(a, struct watched, w->n);
	if (w->all == NULL)
		return ERR_FULL;
	for (size_t i = 0; i < w->n; i++) {
		w->all[i] = (struct watched){ .fd = -1, .next = w->free };
		w->free = &w->all[i];
	}
	if (pthread_condattr_init(&monotonic) != 0 || pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&w->wake, &monotonic) != 0 || pthread_mutex_init(&w->lock, NULL) != 0 ||
	    pthread_create(&w->thread, NULL, watch_loop, w) != 0)
		return ERR_SYSTEM;
	(void)pthread_condattr_destroy(&monotonic);
	return OK;
}

void watch_stop(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
}

struct watched *watch_add(struct watch *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	struct watched *c = w->free;

	if (c != NULL) {
		w->free = c->next;
		*c = (struct watched){ .fd = fd, .deadline_ms = watch_now_ms() + SECONDS_FOR_HEADER * 1000 };
	}
	pthread_mutex_unlock(&w->lock);
	return c;
}

void watch_set(struct watch *w, struct watched *c, int seconds)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	c->deadline_ms = seconds == 0 ? 0 : watch_now_ms() + (int64_t)seconds * 1000;
	pthread_mutex_unlock(&w->lock);
}

void watch_remove(struct watch *w, struct watched *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	*c = (struct watched){ .fd = -1, .next = w->free };
	w->free = c;
	pthread_mutex_unlock(&w->lock);
}

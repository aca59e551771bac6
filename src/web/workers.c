/* web/workers.c — the threads that run requests as straight code. */
#include "web/inside.h"
#include <limits.h>
#include <signal.h>

/* Stack between the loop's frame and the request's, so that the wipe, which begins below its own frame, reaches
 * all of the latter. */
#define PAD 1024

static struct flight *take(struct web *w)
{
	pthread_mutex_lock(&w->queue_lock);
	while (w->first == NULL && !w->stopping)
		pthread_cond_wait(&w->queue_wake, &w->queue_lock);
	struct flight *f = w->first;

	if (f != NULL) {
		w->first = f->next;
		if (w->first == NULL)
			w->last = NULL;
		f->next = NULL;
	}
	pthread_mutex_unlock(&w->queue_lock);
	return f;
}

__attribute__((noinline)) static void run(struct web *w, struct flight *f)
{
	f->x.secure = w->options.secure;
	f->x.body = buf_view(&f->body);
	if (f->x.body.p == NULL)
		f->x.body = STR("");
	dispatch(f->arena, w->options.flow, w->seen, &f->x);
	f->response = send_make(w, &f->x.answer);
}

__attribute__((noinline)) static void run_deeper(struct web *w, struct flight *f)
{
	volatile char pad[PAD];

	pad[0] = 0;
	pad[PAD - 1] = pad[0];
	run(w, f);
	pad[0] = pad[PAD - 1];
}

/* Overwrites the stack below, downwards, until it finds eight pages in a row that nobody has written to: no
 * frame of ours or of a library on this path is that large. */
__attribute__((noinline, no_sanitize("address"))) static void wipe_stack(uintptr_t lowest)
{
	enum { AT_ONCE = 8 };
	uintptr_t top = ((uintptr_t)__builtin_frame_address(0) - 512) & ~(uintptr_t)63;
	volatile uint64_t *p = (volatile uint64_t *)top;
	size_t clean = 0;

#ifdef TEST_NO_WIPE
	return;
#endif
	while (clean < 8 * 4096 / sizeof *p && (uintptr_t)p > lowest) {
		p -= AT_ONCE;
		clean += AT_ONCE;
		if ((p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7]) == 0)
			continue;
		clean = 0;
		for (size_t i = 0; i < AT_ONCE; i++)
			p[i] = 0;
	}
}

static uintptr_t stack_end(void)
{
	pthread_attr_t attr;
	void *low = NULL;
	size_t n = 0, guard = 0;

	assert_always(pthread_getattr_np(pthread_self(), &attr) == 0);
	assert_always(pthread_attr_getstack(&attr, &low, &n) == 0 && pthread_attr_getguardsize(&attr, &guard) == 0);
	(void)pthread_attr_destroy(&attr);
	return (uintptr_t)low + guard + 4096;
}

static void *work(void *arg)
{
	struct web *w = arg;
	struct flight *f;
	uintptr_t lowest = stack_end();

	while ((f = take(w)) != NULL) {
		struct MHD_Connection *c = f->connection;

		run_deeper(w, f);
		wipe_stack(lowest);
		f->stage = STAGE_ANSWERED;
		watch_set(&w->watch, f->watched, SECONDS_TO_SEND);
		MHD_resume_connection(c);
	}
	return NULL;
}

void workers_give(struct web *w, struct flight *f)
{
	pthread_mutex_lock(&w->queue_lock);
	if (w->last != NULL)
		w->last->next = f;
	else
		w->first = f;
	w->last = f;
	pthread_cond_signal(&w->queue_wake);
	pthread_mutex_unlock(&w->queue_lock);
}

enum err workers_start(struct web *w)
{
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_mutex_init(&w->queue_lock, NULL) != 0 || pthread_cond_init(&w->queue_wake, NULL) != 0 ||
	    pthread_attr_init(&attr) != 0 || pthread_attr_setstacksize(&attr, WORKER_STACK) != 0)
		return ERR_SYSTEM;
	w->workers = ARENA_ARRAY(w->arena, pthread_t, w->options.workers);
	if (w->workers == NULL)
		return ERR_FULL;
	/* A handler would run on the stack that is being wiped. */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (w->n_workers < w->options.workers &&
	       pthread_create(&w->workers[w->n_workers], &attr, work, w) == 0)
		w->n_workers++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return w->n_workers == w->options.workers ? OK : ERR_SYSTEM;
}

void workers_stop(struct web *w)
{
	pthread_mutex_lock(&w->queue_lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->queue_wake);
	pthread_mutex_unlock(&w->queue_lock);
	for (size_t i = 0; i < w->n_workers; i++)
		(void)pthread_join(w->workers[i], NULL);
	w->n_workers = 0;
}

/* web/turn.c — a request's turn: it is run as straight code on its connection's own thread, so many at once, and the
 * stack is wiped behind it. */
#include "web/inside.h"
#include <limits.h>

/* Stack between the caller's frame and the request's, so that the wipe, which begins below its own frame, reaches
 * all of the latter. */
#define PAD 1024

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
	uint64_t *p = (uint64_t *)top;
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
		memset(p, 0, AT_ONCE * sizeof *p);
		__asm__ volatile("" ::: "memory");
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

static _Thread_local uintptr_t lowest;

void turn_run(struct web *w, struct flight *f)
{
	if (lowest == 0)
		lowest = stack_end();
	while (sem_wait(&w->turns) != 0)
		continue;
	run_deeper(w, f);
	(void)sem_post(&w->turns);
	wipe_stack(lowest);
}

enum err turns_make(struct web *w)
{
	return sem_init(&w->turns, 0, (unsigned)w->options.workers) == 0 ? OK : ERR_SYSTEM;
}

/* base/arena.c — one reserved range of lazy pages per lifetime.
 *
 * The whole ceiling is reserved at birth; the kernel gives a page when it is first touched. Everything past
 * `used` is zero at all times (fresh pages are, and a reset writes zeros), so a take writes nothing. A page
 * that may not be touched stands after the end. The range is kept out of core dumps. */
#include "base/arena.h"
#include "base/err.h"
#include "base/format.h"
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 16u
#define PAGE 4096u
/* Pages up to here stay with the arena from one request to the next; more goes back to the system. */
#define KEPT (640u * 1024u)

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
/* Under the address sanitizer, bytes not handed out are forbidden ones, and pieces stand apart. */
#include <sanitizer/asan_interface.h>
#define FORBID(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define ALLOW(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define GAP 16u
#else
#define FORBID(p, n) ((void)(p), (void)(n))
#define ALLOW(p, n) ((void)(p), (void)(n))
#define GAP 0u
#endif

struct arena {
	size_t mapped;  /* bytes of the mapping, this header and the last page included */
	size_t ceiling; /* bytes that may be handed out */
	size_t charged; /* bytes handed out, rounded up; what the ceiling is about */
	size_t used;    /* where the next piece begins: charged plus the sanitizer's gaps */
	size_t newest;  /* where the newest piece begins */
	uint8_t *room;
	bool full;
};

#define HEADER ((sizeof(struct arena) + 63u) & ~(size_t)63u)

struct arena *arena_new(size_t ceiling)
{
	if (ceiling > SIZE_MAX / 4)
		return NULL;
	size_t room = GAP == 0 ? ceiling + ALIGNMENT : 2 * ceiling + 4 * ALIGNMENT;
	size_t body = (HEADER + room + PAGE - 1) & ~(size_t)(PAGE - 1);
	uint8_t *p = mmap(NULL, body + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + body, PAGE, PROT_NONE) != 0 || madvise(p, body, MADV_DONTDUMP) != 0) {
		(void)munmap(p, body + PAGE);
		return NULL;
	}
	struct arena *a = (struct arena *)(void *)p;

	*a = (struct arena){ .mapped = body + PAGE, .ceiling = ceiling, .room = p + HEADER };
	FORBID(a->room, body - HEADER);
	return a;
}

/* Off in the control of the memory test, which then must find what it looks for: there a reset leaves all as it was,
 * so a take has to write the zeros. */
static void made_new(void *p, size_t n)
{
#ifdef TEST_NO_WIPE
	memset(p, 0, n);
#else
	(void)p;
	(void)n;
#endif
}

static size_t rounded(size_t n)
{
	return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* The rounding of the last piece is not counted: a piece as large as the ceiling fits. */
static bool fits(const struct arena *a, size_t charged, size_t n)
{
	return charged <= a->ceiling && n <= a->ceiling - charged;
}

bool arena_has(const struct arena *a, size_t n)
{
	return !a->full && fits(a, a->charged, n == 0 ? 1 : n);
}

void *arena_take(struct arena *a, size_t n)
{
	if (n == 0)
		n = 1;
	if (!arena_has(a, n)) {
		a->full = true;
		return NULL;
	}
	uint8_t *p = a->room + a->used;

	a->newest = a->used;
	a->charged += rounded(n);
	a->used += rounded(n) + GAP;
	ALLOW(p, n);
	made_new(p, n);
	return p;
}

void *arena_take_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		total = SIZE_MAX;
	return arena_take(a, total);
}

bool arena_extend(struct arena *a, void *piece, size_t old_n, size_t n)
{
	assert_always(n >= old_n);
	if (a->full || a->used == 0 || piece != a->room + a->newest)
		return false;
	size_t before = a->charged - (a->used - a->newest - GAP);

	if (!fits(a, before, n))
		return false;
	a->charged = before + rounded(n);
	a->used = a->newest + rounded(n) + GAP;
	ALLOW(piece, n);
	made_new((uint8_t *)piece + old_n, n - old_n);
	return true;
}

struct str arena_str(struct arena *a, struct str s)
{
	if (s.p == NULL)
		return STR_UNSET;
	char *p = arena_take(a, s.n);

	if (p == NULL)
		return STR_UNSET;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

char *arena_c(struct arena *a, struct str s)
{
	char *p = s.n == SIZE_MAX ? NULL : arena_take(a, s.n + 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

/* A byte 0 stands behind it, as callers of arena_format may rely on. */
static struct str arena_str_and_end(struct arena *a, struct str s)
{
	char *p = arena_c(a, s);

	return p == NULL ? STR_UNSET : (struct str){ p, s.n };
}

struct str arena_format(struct arena *a, const char *format, ...)
{
	char small[256];
	va_list args, again;
	size_t plain_n = 0;

	va_start(args, format);
	va_copy(again, args);
	if (format_plain(small, sizeof small, &plain_n, format, args)) {
		struct str made = arena_str_and_end(a, (struct str){ small, plain_n });

		explicit_bzero(small, plain_n);
		va_end(again);
		va_end(args);
		return made;
	}
	va_end(args);
	va_copy(args, again);
	int n = vsnprintf(small, sizeof small, format, args);
	char *p = n < 0 ? NULL : arena_take(a, (size_t)n + 1);

	if (p != NULL && (size_t)n < sizeof small)
		memcpy(p, small, (size_t)n + 1);
	else if (p != NULL)
		(void)vsnprintf(p, (size_t)n + 1, format, again);
	explicit_bzero(small, n < 0 || (size_t)n >= sizeof small ? sizeof small : (size_t)n);
	va_end(again);
	va_end(args);
	return p == NULL ? STR_UNSET : (struct str){ p, (size_t)n };
}

bool arena_is_full(const struct arena *a)
{
	return a->full;
}

size_t arena_used(const struct arena *a)
{
	return a->charged < a->ceiling ? a->charged : a->ceiling;
}

static void wipe(struct arena *a)
{
	ALLOW(a->room, a->used);
#ifndef TEST_NO_WIPE
	explicit_bzero(a->room, a->used);
#endif
}

void arena_reset(struct arena *a)
{
	wipe(a);
	if (a->used > KEPT) {
		/* The pages are zero already; giving them back may fail without harm. */
		uint8_t *from = (uint8_t *)(void *)a + KEPT;

		(void)madvise(from, a->mapped - PAGE - KEPT, MADV_DONTNEED);
	}
	FORBID(a->room, a->used);
	a->charged = 0;
	a->used = 0;
	a->newest = 0;
	a->full = false;
}

void arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	wipe(a);
	ALLOW(a->room, a->mapped - PAGE - HEADER);
	(void)munmap(a, a->mapped);
}

void arena_freep(struct arena **a)
{
	arena_free(*a);
	*a = NULL;
}

/* web/free.c — what a library gives back to the heap is wiped first.
 *
 * The HTTP library, the TLS library, SQLite and jansson copy requests and texts into memory of their own. These
 * definitions stand before those of libc for the whole process. Under a sanitizer its own ones are kept. */
#include "web/inside.h"
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||        \
	__has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
void free_wipes(void)
{
}
#else
/* Off in the control of the memory test, which then must find what it looks for. */
static void wipe(void *p)
{
#ifndef TEST_NO_WIPE
	explicit_bzero(p, malloc_usable_size(p));
#else
	(void)p;
#endif
}

/* glibc's own names for its functions. */
void __libc_free(void *p);
void *__libc_malloc(size_t n);

__attribute__((visibility("default"))) void free(void *p)
{
	if (p == NULL)
		return;
	int kept = errno;

	wipe(p);
	__libc_free(p);
	errno = kept;
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t n)
{
	if (p == NULL)
		return __libc_malloc(n);
	if (n == 0) {
		free(p);
		return NULL;
	}
	size_t had = malloc_usable_size(p);

	if (n <= had && n >= had / 2)
		return p;
	void *q = __libc_malloc(n);

	if (q == NULL)
		return NULL;
	memcpy(q, p, n < had ? n : had);
	free(p);
	return q;
}

void free_wipes(void)
{
	void *p = __libc_malloc(1);

	free(p);
}
#endif

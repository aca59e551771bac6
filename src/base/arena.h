/* base/arena.h — one lifetime of memory: a request, a boot, a test.
 *
 * Runs in: every process.   Depends on: base/err.h.   Never: frees single pieces.
 *
 * Invariants
 *   A1  an arena never grows over its ceiling; a take that does not fit returns NULL and marks the arena
 *       *full*, and the mark stays until reset.
 *   A2  reset and destroy overwrite every byte that was handed out. */
#pragma once
#include "base/attr.h"
#include "base/str.h"

struct arena;

/* Make an arena that may hold `ceiling` bytes. NULL when the system has no memory. */
struct arena *arena_new(size_t ceiling);
/* Zeroed memory, aligned to 16. NULL marks the arena full. */
void *arena_take(struct arena *a, size_t n);
/* n * size with the overflow checked. */
void *arena_take_array(struct arena *a, size_t n, size_t size);
/* Make the newest piece longer where it stands. False, without a mark, when it is not the newest or does not fit. */
bool arena_extend(struct arena *a, void *piece, size_t old_n, size_t n);
#define ARENA_NEW(a, type) ((type *)arena_take((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_take_array((a), (n), sizeof(type)))
/* Copies, owned by the arena. A full arena gives an unset str. str_dup keeps unset unset. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_format(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
/* A zero-terminated copy, for the few C interfaces that want one. */
char *arena_c(struct arena *a, struct str s);
/* Whether a take of n bytes would succeed now. */
bool arena_has(const struct arena *a, size_t n);
bool arena_is_full(const struct arena *a);
size_t arena_used(const struct arena *a);
/* Wipe what was used and start over. */
void arena_reset(struct arena *a);
/* Wipe and give back. NULL is fine. */
void arena_free(struct arena *a);
void arena_freep(struct arena **a);

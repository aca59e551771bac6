/* base/str.h — views of text and the small tools for them.
 *
 * Runs in: every process.   Depends on: nothing.   Never: allocates, ends in a zero byte by promise.
 *
 * Invariants
 *   S1  a str with p == NULL is *unset*; showing or binding an unset str is a bug.
 *   S2  a str never owns its bytes. */
#pragma once
#include "base/attr.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* Only a literal is accepted: STR(variable) does not compile. */
#define STR(lit) ((struct str){ "" lit "", sizeof(lit) - 1 })
#define STR_UNSET ((struct str){ NULL, 0 })
#define STR_FMT(s) (int)(s).n, (s).p

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* Of constants: their length is known when the program is built. */
static inline bool str_eq_c(struct str a, const char *c)
{
	return str_eq(a, (struct str){ c, __builtin_strlen(c) });
}
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
/* Find a byte; s.n when it is not there. */
size_t str_find(struct str s, char c);
/* View of [from, to), clipped to s. */
struct str str_cut(struct str s, size_t from, size_t to);
/* Without leading and trailing space, tab, CR and LF. */
struct str str_trim(struct str s);
/* A zero-terminated string as a view; NULL gives unset. */
struct str str_c(const char *c);
/* Bytes that are valid UTF-8 without NUL and without control characters other than \t \r \n. */
bool str_is_text(struct str s);
/* Valid UTF-8 code points in s; only call on text. */
size_t str_points(struct str s);

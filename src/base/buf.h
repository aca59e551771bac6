/* base/buf.h — a builder of bytes in an arena, with a ceiling given at birth.
 *
 * Runs in: every process.   Depends on: base/arena.h.   Never: writes past its ceiling.
 *
 * Invariants
 *   B1  after an overflow nothing more is added and buf_is_full stays true.
 *   B2  memory is taken as the text grows, so a high ceiling costs nothing. */
#pragma once
#include "base/arena.h"
#include <string.h>

struct buf {
	char *p;
	size_t n, cap, ceiling;
	struct arena *a; /* NULL: over memory of the caller, which does not grow */
	bool full;
};

struct buf buf_new(struct arena *a, size_t ceiling);
/* A builder over memory the caller owns. */
struct buf buf_over(void *p, size_t n);
/* Room for n bytes that the caller writes at once; NULL when b is full. */
uint8_t *buf_take(struct buf *b, size_t n);
static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	uint8_t *to = n == 0 ? NULL : buf_take(b, n);

	if (to != NULL)
		memcpy(to, p, n);
}
static inline void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}
#define buf_lit(b, lit) buf_add((b), "" lit "", sizeof(lit) - 1)
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t v);
/* A formatted piece of 256 bytes or more needs one byte of room beyond its length. */
void buf_format(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Big-endian numbers. */
#define BUF_NUMBER(name, type, swap)                                                                                   \
	static inline void name(struct buf *b, type v)                                                                 \
	{                                                                                                              \
		uint8_t *to = buf_take(b, sizeof v);                                                                   \
		v = (type)swap(v);                                                                                     \
		if (to != NULL)                                                                                        \
			memcpy(to, &v, sizeof v);                                                                      \
	}
BUF_NUMBER(buf_u8, uint8_t, )
BUF_NUMBER(buf_u16, uint16_t, __builtin_bswap16)
BUF_NUMBER(buf_u32, uint32_t, __builtin_bswap32)
BUF_NUMBER(buf_u64, uint64_t, __builtin_bswap64)
#undef BUF_NUMBER
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the machine's order is turned round");
bool buf_is_full(const struct buf *b);
/* What was built; unset after an overflow, so that a cut text is never taken for a whole one. */
struct str buf_view(const struct buf *b);

/* A reader of big-endian bytes. A short read marks it bad and gives zeros from then on. */
struct cursor {
	const uint8_t *p;
	size_t n, at;
	bool bad;
};
static inline struct cursor cursor_over(const void *p, size_t n)
{
	return (struct cursor){ .p = p, .n = n, .bad = p == NULL && n > 0 };
}

/* The next n bytes, or NULL with the mark. */
static inline const uint8_t *cur_take(struct cursor *c, size_t n)
{
	if (c->bad || n > c->n - c->at) {
		c->bad = true;
		return NULL;
	}
	const uint8_t *p = c->p + c->at;

	c->at += n;
	return p;
}

#define CURSOR_NUMBER(name, type, swap)                                                                                \
	static inline type name(struct cursor *c)                                                                      \
	{                                                                                                              \
		const uint8_t *p = cur_take(c, sizeof(type));                                                          \
		type v = 0;                                                                                            \
		if (p != NULL)                                                                                         \
			memcpy(&v, p, sizeof v);                                                                       \
		return (type)swap(v);                                                                                  \
	}
CURSOR_NUMBER(cur_u8, uint8_t, )
CURSOR_NUMBER(cur_u16, uint16_t, __builtin_bswap16)
CURSOR_NUMBER(cur_u32, uint32_t, __builtin_bswap32)
CURSOR_NUMBER(cur_u64, uint64_t, __builtin_bswap64)
#undef CURSOR_NUMBER

/* A view of n bytes, or unset with the mark. */
static inline struct str cur_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = cur_take(c, n);

	if (p == NULL)
		return c->bad ? STR_UNSET : STR("");
	return (struct str){ (const char *)p, n };
}

/* Copies n bytes or marks bad and zeroes. */
static inline void cur_copy(struct cursor *c, void *to, size_t n)
{
	const uint8_t *p = cur_take(c, n);

	if (n == 0)
		return;
	if (p == NULL)
		memset(to, 0, n);
	else
		memcpy(to, p, n);
}

/* True when everything was read and nothing was short. */
static inline bool cur_done(const struct cursor *c)
{
	return !c->bad && c->at == c->n;
}

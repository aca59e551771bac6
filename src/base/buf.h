/* base/buf.h — a builder of bytes in an arena, with a ceiling given at birth.
 *
 * Runs in: every process.   Depends on: base/arena.h.   Never: writes past its ceiling.
 *
 * Invariants
 *   B1  after an overflow nothing more is added and buf_is_full stays true.
 *   B2  memory is taken as the text grows, so a high ceiling costs nothing. */
#pragma once
#include "base/arena.h"

struct buf {
	char *p;
	size_t n, cap, ceiling;
	struct arena *a; /* NULL: over memory of the caller, which does not grow */
	bool full;
};

struct buf buf_new(struct arena *a, size_t ceiling);
/* A builder over memory the caller owns. */
struct buf buf_over(void *p, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
#define buf_lit(b, lit) buf_add((b), "" lit "", sizeof(lit) - 1)
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t v);
/* A formatted piece of 256 bytes or more needs one byte of room beyond its length. */
void buf_format(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Big-endian numbers. */
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
bool buf_is_full(const struct buf *b);
/* What was built; unset after an overflow, so that a cut text is never taken for a whole one. */
struct str buf_view(const struct buf *b);

/* A reader of big-endian bytes. A short read marks it bad and gives zeros from then on. */
struct cursor {
	const uint8_t *p;
	size_t n, at;
	bool bad;
};
struct cursor cursor_over(const void *p, size_t n);
uint8_t cur_u8(struct cursor *c);
uint16_t cur_u16(struct cursor *c);
uint32_t cur_u32(struct cursor *c);
uint64_t cur_u64(struct cursor *c);
/* A view of n bytes, or unset with the mark. */
struct str cur_bytes(struct cursor *c, size_t n);
/* Copies n bytes or marks bad and zeroes. */
void cur_copy(struct cursor *c, void *to, size_t n);
/* True when everything was read and nothing was short. */
bool cur_done(const struct cursor *c);

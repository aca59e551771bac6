/* base/buf.c — building and reading bytes. */
#include "base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST 256u

struct buf buf_new(struct arena *a, size_t ceiling)
{
	size_t n = ceiling < FIRST ? ceiling : FIRST;
	char *p = arena_take(a, n);

	return (struct buf){ .p = p, .cap = p == NULL ? 0 : n, .ceiling = ceiling, .a = a, .full = p == NULL };
}

struct buf buf_over(void *p, size_t n)
{
	return (struct buf){ .p = p, .cap = n, .ceiling = n, .full = p == NULL };
}

/* Room for exactly `cap` bytes, in place where that is possible. */
static bool regrow(struct buf *b, size_t cap)
{
	if (arena_extend(b->a, b->p, b->cap, cap)) {
		b->cap = cap;
		return true;
	}
	/* Ask before taking, since a take that fails marks the whole arena. */
	if (!arena_has(b->a, cap))
		return false;
	char *p = arena_take(b->a, cap);

	if (p == NULL)
		return false;
	memcpy(p, b->p, b->n);
	b->p = p;
	b->cap = cap;
	return true;
}

/* Whether n more bytes may be written; the mark of fullness otherwise. */
static bool reserve(struct buf *b, size_t n)
{
	if (b->full || n > b->ceiling - b->n) {
		b->full = true;
		return false;
	}
	if (n <= b->cap - b->n)
		return true;
	size_t need = b->n + n, wish = need > b->ceiling / 2 ? b->ceiling : need * 2;

	if (b->a != NULL && (regrow(b, wish) || regrow(b, need)))
		return true;
	b->full = true;
	return false;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!reserve(b, n) || n == 0)
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_i64(struct buf *b, int64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (v < 0)
		digits[--at] = '-';
	buf_add(b, digits + at, sizeof digits - at);
}

void buf_format(struct buf *b, const char *format, ...)
{
	char small[256];
	va_list args, again;

	if (b->full)
		return;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(small, sizeof small, format, args);

	if (n >= 0 && (size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
	} else if (n >= 0 && reserve(b, (size_t)n + 1)) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	} else {
		b->full = true;
	}
	explicit_bzero(small, n >= 0 && (size_t)n < sizeof small ? (size_t)n : sizeof small);
	va_end(again);
	va_end(args);
}

static void add_big_endian(struct buf *b, uint64_t v, unsigned size)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(v >> (8 * (size - 1 - i)));
	buf_add(b, bytes, size);
}

void buf_u8(struct buf *b, uint8_t v)
{
	add_big_endian(b, v, 1);
}

void buf_u16(struct buf *b, uint16_t v)
{
	add_big_endian(b, v, 2);
}

void buf_u32(struct buf *b, uint32_t v)
{
	add_big_endian(b, v, 4);
}

void buf_u64(struct buf *b, uint64_t v)
{
	add_big_endian(b, v, 8);
}

bool buf_is_full(const struct buf *b)
{
	return b->full;
}

struct str buf_view(const struct buf *b)
{
	return b->full ? STR_UNSET : (struct str){ b->p, b->n };
}

struct cursor cursor_over(const void *p, size_t n)
{
	return (struct cursor){ .p = p, .n = n, .bad = p == NULL && n > 0 };
}

/* The next n bytes, or NULL with the mark. */
static const uint8_t *take(struct cursor *c, size_t n)
{
	if (c->bad || n > c->n - c->at) {
		c->bad = true;
		return NULL;
	}
	const uint8_t *p = c->p + c->at;

	c->at += n;
	return p;
}

static uint64_t read_big_endian(struct cursor *c, unsigned size)
{
	const uint8_t *p = take(c, size);
	uint64_t v = 0;

	for (unsigned i = 0; p != NULL && i < size; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t cur_u8(struct cursor *c)
{
	return (uint8_t)read_big_endian(c, 1);
}

uint16_t cur_u16(struct cursor *c)
{
	return (uint16_t)read_big_endian(c, 2);
}

uint32_t cur_u32(struct cursor *c)
{
	return (uint32_t)read_big_endian(c, 4);
}

uint64_t cur_u64(struct cursor *c)
{
	return read_big_endian(c, 8);
}

struct str cur_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = take(c, n);

	if (p == NULL)
		return c->bad ? STR_UNSET : STR("");
	return (struct str){ (const char *)p, n };
}

void cur_copy(struct cursor *c, void *to, size_t n)
{
	const uint8_t *p = take(c, n);

	if (n == 0)
		return;
	if (p == NULL)
		memset(to, 0, n);
	else
		memcpy(to, p, n);
}

bool cur_done(const struct cursor *c)
{
	return !c->bad && c->at == c->n;
}

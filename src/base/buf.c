/* base/buf.c — building and reading bytes. */
#include "base/buf.h"
#include "base/format.h"
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
	if (!b->full && n <= b->cap - b->n)
		return true;
	if (b->full || n > b->ceiling - b->n) {
		b->full = true;
		return false;
	}
	size_t need = b->n + n, wish = need > b->ceiling / 2 ? b->ceiling : need * 2;

	if (b->a != NULL && (regrow(b, wish) || regrow(b, need)))
		return true;
	b->full = true;
	return false;
}

uint8_t *buf_take(struct buf *b, size_t n)
{
	if (!reserve(b, n))
		return NULL;
	char *p = b->p + b->n;

	b->n += n;
	return (uint8_t *)p;
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
	size_t plain_n = 0;

	if (b->full)
		return;
	va_start(args, format);
	va_copy(again, args);
	if (format_plain(small, sizeof small, &plain_n, format, args)) {
		buf_add(b, small, plain_n);
		explicit_bzero(small, plain_n);
		va_end(again);
		va_end(args);
		return;
	}
	va_end(args);
	va_copy(args, again);
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

bool buf_is_full(const struct buf *b)
{
	return b->full;
}

struct str buf_view(const struct buf *b)
{
	return b->full ? STR_UNSET : (struct str){ b->p, b->n };
}

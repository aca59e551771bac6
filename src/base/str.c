/* base/str.c — comparing, cutting and checking views of text. */
#include "base/str.h"
#include <string.h>

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

size_t str_find(struct str s, char c)
{
	const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return hit == NULL ? s.n : (size_t)(hit - s.p);
}

struct str str_cut(struct str s, size_t from, size_t to)
{
	if (s.p == NULL)
		return s;
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){ s.p + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	size_t from = 0, to = s.n;

	while (from < to && is_blank(s.p[from]))
		from++;
	while (to > from && is_blank(s.p[to - 1]))
		to--;
	return str_cut(s, from, to);
}

struct str str_c(const char *c)
{
	return c == NULL ? STR_UNSET : (struct str){ c, strlen(c) };
}

/* Length of the character that starts at p, of which n > 0 bytes are there; 0 when it is no allowed text.
 * The bounds of the second byte refuse long spellings, surrogates and what lies over U+10FFFF (Unicode 15,
 * table 3-7); its lowest bound after C2 also refuses the control characters U+0080..U+009F. */
static size_t text_step(const uint8_t *p, size_t n)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\t' || p[0] == '\r' || p[0] == '\n';
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		len = 2;
		low = p[0] == 0xc2 ? 0xa0 : 0x80;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		len = 3;
		low = p[0] == 0xe0 ? 0xa0 : 0x80;
		high = p[0] == 0xed ? 0x9f : 0xbf;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		len = 4;
		low = p[0] == 0xf0 ? 0x90 : 0x80;
		high = p[0] == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (n < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Eight printable characters of ASCII? Each byte from 0x20 to 0x7e; may say no for others that are allowed. */
static bool plain_eight(const uint8_t *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return ((w | (w - 0x20 * ones) | (w + ones)) & 0x80 * ones) == 0;
}

bool str_is_text(struct str s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	for (size_t at = 0; at < s.n;) {
		if (s.n - at >= 8 && plain_eight(p + at)) {
			at += 8;
			continue;
		}
		size_t step = text_step(p + at, s.n - at);

		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

size_t str_points(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* base/id.c — spelling and reading ids and case codes. */
#include "base/id.h"
#include <string.h>

int id_cmp(struct id16 a, struct id16 b)
{
	int order = memcmp(a.b, b.b, sizeof a.b);

	return (order > 0) - (order < 0);
}

void id_hex(struct id16 a, char out[ID_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof a.b; i++) {
		out[2 * i] = digits[a.b[i] >> 4];
		out[2 * i + 1] = digits[a.b[i] & 15];
	}
}

struct str id_str(struct arena *a, struct id16 id)
{
	char *p = arena_take(a, ID_HEX);

	if (p == NULL)
		return STR_UNSET;
	id_hex(id, p);
	return (struct str){ p, ID_HEX };
}

/* One more than a digit's value; 0 for what is no digit. */
static const uint8_t hex_value[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

enum err id_parse(struct str s, struct id16 *ret)
{
	struct id16 id;

	if (s.n != ID_HEX)
		return ERR_INVALID;
	for (size_t i = 0; i < sizeof id.b; i++) {
		unsigned high = hex_value[(uint8_t)s.p[2 * i]], low = hex_value[(uint8_t)s.p[2 * i + 1]];

		if (high == 0 || low == 0)
			return ERR_INVALID;
		id.b[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	*ret = id;
	return OK;
}

/* ---- the code staff say aloud --------------------------------------------------------------------------- */

/* No vowels, so that no word comes out; no 0, 1, which are heard and read as letters. */
static const char signs[] = "BCDFGHJKLMNPQRSTVWXZ23456789";
#define SIGNS 28u
#define CODE_SIGNS 5u
#define CODES (SIGNS * SIGNS * SIGNS * SIGNS * SIGNS)
_Static_assert(sizeof signs - 1 == SIGNS, "the alphabet of case codes");
_Static_assert(2 + CODE_SIGNS == CASE_CODE_LEN, "the length of a case code");

uint32_t case_code_number(struct id16 case_id)
{
	uint32_t v = 0;

	for (size_t i = 0; i < sizeof v; i++)
		v = v << 8 | case_id.b[i];
	return v % CODES;
}

void case_code(struct id16 case_id, char out[CASE_CODE_LEN])
{
	uint32_t v = case_code_number(case_id);

	out[0] = 'K';
	out[1] = '-';
	for (size_t i = CASE_CODE_LEN; i > 2; i--) {
		out[i - 1] = signs[v % SIGNS];
		v /= SIGNS;
	}
}

struct str case_code_str(struct arena *a, struct id16 case_id)
{
	char *p = arena_take(a, CASE_CODE_LEN);

	if (p == NULL)
		return STR_UNSET;
	case_code(case_id, p);
	return (struct str){ p, CASE_CODE_LEN };
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Length of the blank or hyphen that s starts with, 0 when there is none. The hyphens are the three that a keyboard,
 * a phone and a word processor write: -, U+2011 and U+2013. */
static size_t filler(struct str s, bool *ret_hyphen)
{
	if (s.n == 0)
		return 0;
	if (s.p[0] == ' ' || s.p[0] == '\t')
		return 1;
	if (s.p[0] == '-') {
		*ret_hyphen = true;
		return 1;
	}
	if (!str_starts(s, STR("\xe2\x80\x91")) && !str_starts(s, STR("\xe2\x80\x93")))
		return 0;
	*ret_hyphen = true;
	return 3;
}

/* The signs without filler, in capitals; n + 1 when there are more than n. *ret_headed: the first sign is a K with a
 * hyphen after it, so it is no sign of the code: "K-4F7H" is a code with one sign too few, not the code K4F7H. */
static size_t squeeze(struct str s, char *out, size_t n, bool *ret_headed)
{
	size_t count = 0;

	*ret_headed = false;
	for (size_t at = 0; at < s.n;) {
		bool hyphen = false;
		size_t step = filler(str_cut(s, at, s.n), &hyphen);

		if (hyphen && count == 1 && out[0] == 'K')
			*ret_headed = true;
		if (step > 0) {
			at += step;
			continue;
		}
		if (count == n)
			return n + 1;
		out[count++] = upper(s.p[at++]);
	}
	return count;
}

enum err case_code_parse(struct str s, uint32_t *ret)
{
	char text[CODE_SIGNS + 1];
	bool headed;
	size_t n = squeeze(s, text, sizeof text, &headed);
	uint32_t v = 0;

	if (n == CODE_SIGNS + 1 && text[0] == 'K')
		headed = true;
	if (n != CODE_SIGNS + (headed ? 1 : 0))
		return ERR_INVALID;
	for (size_t i = headed ? 1 : 0; i < n; i++) {
		const char *hit = memchr(signs, text[i], SIGNS);

		if (hit == NULL)
			return ERR_INVALID;
		v = v * SIGNS + (uint32_t)(hit - signs);
	}
	*ret = v;
	return OK;
}

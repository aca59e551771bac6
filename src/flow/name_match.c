/* flow/name_match.c — compares names word by word after Unicode case folding. */
#include "flow/name_match.h"
#include <utf8proc.h>

static struct str folded(struct arena *a, struct str s)
{
	struct buf out = buf_new(a, s.n * 4 + 8);
	size_t at = 0;
	while (at < s.n) {
		utf8proc_int32_t c, fold[8];
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + at, (utf8proc_ssize_t)(s.n - at), &c);
		if (n <= 0)
			return STR_UNSET;
		int boundary = 0;
		utf8proc_ssize_t m = utf8proc_decompose_char(c, fold, 8, UTF8PROC_CASEFOLD, &boundary);
		for (utf8proc_ssize_t i = 0; i < m && i < 8; i++) {
			utf8proc_uint8_t bytes[4];
			buf_add(&out, bytes, (size_t)utf8proc_encode_char(fold[i], bytes));
		}
		at += (size_t)n;
	}
	return buf_is_full(&out) ? STR_UNSET : buf_view(&out);
}

static struct str next_word(struct str *rest)
{
	size_t from = 0, to;
	while (from < rest->n && (rest->p[from] == ' ' || rest->p[from] == '-'))
		from++;
	to = from;
	while (to < rest->n && rest->p[to] != ' ' && rest->p[to] != '-')
		to++;
	struct str word = str_cut(*rest, from, to);
	*rest = str_cut(*rest, to, rest->n);
	return word;
}

bool name_matches(struct arena *a, struct str name, struct str typed)
{
	if (!name.p || !typed.p)
		return false;
	struct str have = folded(a, name), want = folded(a, str_trim(typed));
	if (!have.p || !want.p)
		return false;
	size_t words = 0;
	for (struct str w = next_word(&want); w.n > 0; w = next_word(&want)) {
		bool found = false;
		struct str rest = have;
		for (struct str h = next_word(&rest); h.n > 0 && !found; h = next_word(&rest))
			found = str_starts(h, w);
		if (!found)
			return false;
		words++;
	}
	return words > 0;
}

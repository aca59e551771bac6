/* vault/text.c — written and read. */
#include "vault/text.h"

void text_line(struct buf *b, const char *name, struct str value)
{
	buf_format(b, "%s:%zu:", name, value.n);
	if (value.p != NULL) buf_str(b, value);
	buf_char(b, '\n');
}

/* Reads digits up to a colon; false for anything else or for more than seven digits. */
static bool length_at(struct str text, size_t *at, size_t *ret)
{
	size_t n = 0, digits = 0;
	while (*at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9' && digits < 7) {
		n = n * 10 + (size_t)(text.p[*at] - '0');
		(*at)++;
		digits++;
	}
	if (digits == 0 || *at == text.n || text.p[*at] != ':') return false;
	(*at)++;
	*ret = n;
	return true;
}

struct str text_field(struct str text, const char *name)
{
	for (size_t at = 0; at < text.n;) {
		struct str rest = str_cut(text, at, text.n);
		size_t colon = str_find(rest, ':'), n;
		if (colon == rest.n) return STR_UNSET;
		struct str found = str_cut(rest, 0, colon);
		at += colon + 1;
		if (!length_at(text, &at, &n) || n >= text.n - at || text.p[at + n] != '\n') return STR_UNSET;
		if (str_eq_c(found, name)) return str_cut(text, at, at + n);
		at += n + 1;
	}
	return STR_UNSET;
}

/* tests/web/text.c — words, quoted text, regular expressions. */
#include "runner.h"
#include <regex.h>
#include <string.h>

struct str next_word(struct str *rest)
{
	*rest = str_trim(*rest);
	size_t n = str_find(*rest, ' ');
	struct str word = str_cut(*rest, 0, n);

	*rest = str_trim(str_cut(*rest, n, rest->n));
	return word;
}

struct str read_text(struct arena *a, struct str s)
{
	s = str_trim(s);
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return s;
	char *p = arena_take(a, s.n);
	size_t n = 0;

	assert_always(p != NULL);
	for (size_t i = 1; i + 1 < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 2 < s.n) {
			c = s.p[++i];
			c = (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c);
		}
		p[n++] = c;
	}
	return (struct str){ p, n };
}

bool contains(struct str s, struct str part)
{
	return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n) != NULL);
}

struct str url_coded(struct arena *a, struct str s)
{
	struct buf b = buf_new(a, 8u << 20);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')
			buf_char(&b, (char)c);
		else
			buf_format(&b, "%%%02X", (unsigned)c);
	}
	return buf_view(&b);
}

bool first_match(struct arena *a, struct str s, struct str pattern, struct str *ret)
{
	regex_t re;
	regmatch_t m[10];
	const char *text = arena_c(a, s);

	if (text == NULL || regcomp(&re, arena_c(a, pattern), REG_EXTENDED) != 0)
		return false;
	bool found = regexec(&re, text, COUNT_OF(m), m, 0) == 0;

	if (found) {
		size_t which = re.re_nsub < COUNT_OF(m) && m[re.re_nsub].rm_so >= 0 ? re.re_nsub : 0;

		*ret = (struct str){ text + m[which].rm_so, (size_t)(m[which].rm_eo - m[which].rm_so) };
	}
	regfree(&re);
	return found;
}

struct str json_quoted(struct arena *a, struct str s)
{
	struct buf b = buf_new(a, 8u << 20);

	buf_char(&b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_format(&b, "\\%c", c);
		else if (c < 0x20)
			buf_format(&b, "\\u%04x", c);
		else
			buf_char(&b, (char)c);
	}
	buf_char(&b, '"');
	return buf_view(&b);
}

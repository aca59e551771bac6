/* view/path.c — joins, anchors and queries of addresses. */
#include "view/path_i.h"
#include <string.h>

static bool is_token_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ' ';
}

struct token token_checked(struct str s)
{
	assert_always(s.p != NULL && s.n > 0 && s.n <= 64);
	for (size_t i = 0; i < s.n; i++)
		assert_always(is_token_letter(s.p[i]));
	return (struct token){ s };
}

struct token token_name(const char *table_name)
{
	return token_checked(str_c(table_name));
}

struct token token_numbered(struct arena *a, struct token t, size_t n)
{
	assert_always(t.made.p != NULL);
	return (struct token){ arena_format(a, "%.*s-%zu", STR_FMT(t.made), n) };
}

struct str path__file(struct str name)
{
	assert_always(name.p != NULL && name.n > 0 && name.p[0] != '.');
	for (size_t i = 0; i < name.n; i++)
		assert_always((is_token_letter(name.p[i]) && name.p[i] != ' ') || name.p[i] == '.');
	return name;
}

static struct path joined(struct arena *a, const struct str *parts, size_t n)
{
	size_t length = 0, at = 0;
	for (size_t i = 0; i < n; i++)
		length += parts[i].n;
	char *p = arena_take(a, length);
	if (!p)
		return PATH_UNSET;
	for (size_t i = 0; i < n; i++) {
		memcpy(p + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (struct path){ { p, length } };
}

struct path path__join(struct arena *a, const struct path_part *parts, size_t n)
{
	enum { MOST = 8 };
	struct str text[MOST];
	char hex[MOST][ID_HEX];
	assert_always(n <= MOST);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].id) {
			id_hex(*parts[i].id, hex[i]);
			text[i] = (struct str){ hex[i], ID_HEX };
		} else {
			text[i] = parts[i].literal.p ? parts[i].literal : parts[i].name;
		}
		assert_always(text[i].p != NULL);
	}
	return joined(a, text, n);
}

struct path path_with_anchor(struct arena *a, struct path p, struct token anchor)
{
	assert_always(p.made.p != NULL && anchor.made.p != NULL);
	assert_always(str_find(p.made, '#') == p.made.n);
	return joined(a, (struct str[]){ p.made, STR("#"), anchor.made }, 3);
}

struct path path_with_query(struct arena *a, struct path p, struct token name, struct str value)
{
	static const char hex[] = "0123456789ABCDEF";
	assert_always(p.made.p != NULL && name.made.p != NULL && value.p != NULL);
	assert_always(str_find(p.made, '#') == p.made.n);
	char *coded = arena_take_array(a, value.n, 3);
	size_t n = 0;
	if (!coded)
		return PATH_UNSET;
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (is_token_letter((char)c) && c != ' ') {
			coded[n++] = (char)c;
			continue;
		}
		coded[n++] = '%';
		coded[n++] = hex[c >> 4];
		coded[n++] = hex[c & 15];
	}
	struct str sign = str_find(p.made, '?') == p.made.n ? STR("?") : STR("&");
	return joined(a, (struct str[]){ p.made, sign, name.made, STR("="), { coded, n } }, 5);
}

struct str path_text(struct path p)
{
	assert_always(p.made.p != NULL);
	return p.made;
}

/* web/form.c — the reader of forms and queries. */
#include "web/form.h"
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes into `out`, which has room for s.n bytes. False when an escape is broken or a byte has no place. */
static bool decode(struct str s, char *out, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(unsigned char)(high * 16 + low);
			i += 2;
		} else if ((unsigned char)c <= ' ' || (unsigned char)c >= 0x7f) {
			return false;
		}
		out[n++] = c;
	}
	*ret_n = n;
	return true;
}

/* One kind of line end; in place. */
static size_t line_ends(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\r') {
			if (i + 1 < n && p[i + 1] == '\n')
				i++;
			p[to++] = '\n';
		} else {
			p[to++] = p[i];
		}
	}
	return to;
}

static bool is_field_name(struct str s)
{
	if (s.n == 0 || s.n > FORM_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '-' || c == '.'))
			return false;
	}
	return true;
}

static enum err read_value(struct arena *a, struct str raw, struct str *ret)
{
	char *p = arena_take(a, raw.n);
	size_t n;

	if (p == NULL)
		return ERR_FULL;
	if (!decode(raw, p, &n))
		return ERR_INVALID;
	n = line_ends(p, n);
	if (n > FORM_VALUE_MAX)
		return ERR_TOO_LARGE;
	if (!str_is_text((struct str){ p, n }))
		return ERR_INVALID;
	*ret = (struct str){ p, n };
	return OK;
}

static enum err read_pair(struct arena *a, struct str pair, struct field *ret)
{
	size_t eq = str_find(pair, '=');
	struct field f;
	enum err e;

	if ((e = read_value(a, str_cut(pair, 0, eq), &f.name)) != OK)
		return e;
	if (!is_field_name(f.name))
		return ERR_INVALID;
	if ((e = read_value(a, eq < pair.n ? str_cut(pair, eq + 1, pair.n) : STR(""), &f.value)) != OK)
		return e;
	*ret = f;
	return OK;
}

static bool occurs(const struct field *f, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].name, name))
			return true;
	return false;
}

enum err form_parse(struct arena *a, struct str text, bool (*many)(struct str name), struct field **ret,
                    size_t *ret_n)
{
	size_t n = 0, count = text.n > 0;

	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == '&';
	if (count > FORM_PAIRS_MAX)
		return ERR_INVALID;
	struct field *fields = ARENA_ARRAY(a, struct field, count);

	if (fields == NULL)
		return ERR_FULL;
	for (size_t at = 0; n < count; n++) {
		struct str rest = str_cut(text, at, text.n);
		size_t end = str_find(rest, '&');
		enum err e;

		if ((e = read_pair(a, str_cut(rest, 0, end), &fields[n])) != OK)
			return e;
		if (occurs(fields, n, fields[n].name) && (many == NULL || !many(fields[n].name)))
			return ERR_INVALID;
		at += end + 1;
	}
	*ret = fields;
	*ret_n = n;
	return OK;
}

struct str form_field(const struct field *f, size_t n, const char *name, size_t nth)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(f[i].name, name) && nth-- == 0)
			return f[i].value;
	return STR_UNSET;
}

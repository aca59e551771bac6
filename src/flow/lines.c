/* flow/lines.c — writes and reads `name:length:value` lines. */
#include "flow/lines.h"

void line_str(struct buf *b, struct str name, struct str value)
{
	buf_str(b, name);
	buf_char(b, ':');
	buf_i64(b, (int64_t)value.n);
	buf_char(b, ':');
	if (value.n)
		buf_str(b, value);
	buf_char(b, '\n');
}

void line_id(struct buf *b, struct str name, struct id16 id)
{
	char hex[ID_HEX];
	id_hex(id, hex);
	line_str(b, name, (struct str){ hex, sizeof hex });
}

void line_i64(struct buf *b, struct str name, int64_t v)
{
	char digits[24];
	struct buf d = buf_over(digits, sizeof digits);
	buf_i64(&d, v);
	line_str(b, name, buf_view(&d));
}

static bool digits_to(struct str s, int64_t *ret)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	int64_t v = 0;
	if (s.n == (negative ? 1u : 0u))
		return false;
	for (size_t i = negative ? 1 : 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	*ret = negative ? -v : v;
	return true;
}

struct str line_get(struct str text, struct str name)
{
	while (text.n > 0) {
		size_t colon = str_find(text, ':');
		struct str rest = str_cut(text, colon + 1, text.n);
		size_t second = str_find(rest, ':');
		int64_t n = 0;
		if (colon == text.n || second == rest.n || !digits_to(str_cut(rest, 0, second), &n) || n < 0 ||
		    (uint64_t)n >= rest.n - second - 1)
			return STR_UNSET;
		struct str value = str_cut(rest, second + 1, second + 1 + (size_t)n);
		if (rest.p[second + 1 + (size_t)n] != '\n')
			return STR_UNSET;
		if (str_eq(str_cut(text, 0, colon), name))
			return value;
		text = str_cut(rest, second + 2 + (size_t)n, rest.n);
	}
	return STR_UNSET;
}

bool line_get_id(struct str text, struct str name, struct id16 *ret)
{
	struct str v = line_get(text, name);
	return v.p && id_parse(v, ret) == OK;
}

bool line_get_i64(struct str text, struct str name, int64_t *ret)
{
	struct str v = line_get(text, name);
	return v.p && digits_to(v, ret);
}

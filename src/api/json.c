/* api/json.c — writing JSON. */
#include "api/json.h"

enum { CEILING = 4 * 1024 * 1024 };

struct json json_new(struct arena *a)
{
	return (struct json){ .a = a, .b = buf_new(a, CEILING), .first = { true } };
}

struct str json_view(const struct json *j)
{
	assert_always(j->depth == 0 && !j->named);
	return buf_is_full(&j->b) ? STR_UNSET : buf_view(&j->b);
}

static void before_value(struct json *j)
{
	if (j->named) {
		j->named = false;
		return;
	}
	if (!j->first[j->depth])
		buf_char(&j->b, ',');
	j->first[j->depth] = false;
}

void json_open(struct json *j, char what)
{
	before_value(j);
	assert_always(j->depth + 1 < JSON_DEPTH);
	buf_char(&j->b, what);
	j->depth++;
	j->first[j->depth] = true;
	j->closes[j->depth] = what == '{' ? '}' : ']';
}

void json_close(struct json *j)
{
	assert_always(j->depth > 0 && !j->named);
	buf_char(&j->b, j->closes[j->depth]);
	j->depth--;
	if (j->depth == 0)
		buf_char(&j->b, '\n');
}

static void quoted(struct json *j, struct str s)
{
	size_t from = 0;

	buf_char(&j->b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(&j->b, s.p + from, i - from);
		from = i + 1;
		if (c == '\n')
			buf_lit(&j->b, "\\n");
		else if (c == '"' || c == '\\')
			buf_format(&j->b, "\\%c", c);
		else
			buf_format(&j->b, "\\u%04x", c);
	}
	buf_add(&j->b, s.p + from, s.n - from);
	buf_char(&j->b, '"');
}

void json_name(struct json *j, const char *name)
{
	before_value(j);
	quoted(j, str_c(name));
	buf_char(&j->b, ':');
	j->named = true;
}

void json_str(struct json *j, struct str s)
{
	assert_always(s.p != NULL);
	before_value(j);
	quoted(j, s);
}

void json_i64(struct json *j, int64_t n)
{
	before_value(j);
	buf_i64(&j->b, n);
}

void json_bool(struct json *j, bool b)
{
	before_value(j);
	buf_str(&j->b, b ? STR("true") : STR("false"));
}

void json_put_open(struct json *j, const char *name, char what)
{
	json_name(j, name);
	json_open(j, what);
}

void json_put(struct json *j, const char *name, struct str s)
{
	if (s.p == NULL)
		return;
	json_name(j, name);
	json_str(j, s);
}

void json_put_c(struct json *j, const char *name, const char *s)
{
	json_put(j, name, str_c(s));
}

void json_put_i64(struct json *j, const char *name, int64_t n)
{
	json_name(j, name);
	json_i64(j, n);
}

void json_put_bool(struct json *j, const char *name, bool b)
{
	json_name(j, name);
	json_bool(j, b);
}

void json_put_id(struct json *j, const char *name, struct id16 id)
{
	if (!id_is_zero(id))
		json_put(j, name, id_str(j->a, id));
}

void json_put_day(struct json *j, const char *name, struct day d)
{
	if (day_is_set(d))
		json_put(j, name, day_iso(j->a, d));
}

void json_put_instant(struct json *j, const char *name, struct instant t)
{
	if (instant_is_set(t))
		json_put(j, name, instant_iso(j->a, t));
}

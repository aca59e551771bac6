/* api/read.c — reading the JSON object that a call carries. */
#include "api/read.h"
#include <jansson.h>
#include <string.h>

bool read_is_shallow(struct str body)
{
	unsigned depth = 0;
	bool text = false;

	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];

		if (text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				text = false;
		} else if (c == '"') {
			text = true;
		} else if (c == '{' || c == '[') {
			if (++depth > READ_DEPTH)
				return false;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

/* Line ends as forms have them after reading; control characters are refused as there. */
static enum err take_text(struct arena *a, struct str from, struct str *ret)
{
	char *p = arena_take(a, from.n);
	size_t n = 0;

	if (p == NULL)
		return ERR_FULL;
	for (size_t i = 0; i < from.n; i++) {
		if (from.p[i] != '\r')
			p[n++] = from.p[i];
		else if (i + 1 == from.n || from.p[i + 1] != '\n')
			p[n++] = '\n';
	}
	*ret = (struct str){ p, n };
	return str_is_text(*ret) ? OK : ERR_INVALID;
}

static enum err scalar(struct arena *a, const json_t *v, struct str *ret)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return take_text(a, (struct str){ json_string_value(v), json_string_length(v) }, ret);
	case JSON_INTEGER:
		*ret = arena_format(a, "%lld", (long long)json_integer_value(v));
		return ret->p == NULL ? ERR_FULL : OK;
	case JSON_TRUE:
		*ret = STR("yes");
		return OK;
	case JSON_FALSE:
		*ret = STR("no");
		return OK;
	case JSON_NULL:
		*ret = STR("");
		return OK;
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_REAL:
		break;
	}
	return ERR_INVALID;
}

static enum err add(struct arena *a, struct json_fields *f, struct str name, const json_t *v)
{
	struct str text;
	enum err e;

	if (f->n == READ_FIELDS)
		return ERR_INVALID;
	if ((e = scalar(a, v, &text)) != OK)
		return e;
	f->values[f->n] = (struct field_value){ arena_c(a, name), text };
	return f->values[f->n++].field == NULL ? ERR_FULL : OK;
}

static enum err add_list(struct arena *a, struct json_fields *f, struct str name, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		enum err e;

		if (!json_is_string(v))
			return ERR_INVALID;
		if ((e = add(a, f, name, v)) != OK)
			return e;
	}
	return OK;
}

static enum err add_all(struct arena *a, json_t *object, struct json_fields *f)
{
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
		const json_t *v = json_object_iter_value(i);
		struct str name = str_c(json_object_iter_key(i));
		enum err e = json_is_array(v) ? add_list(a, f, name, v) : add(a, f, name, v);

		if (e != OK)
			return e;
	}
	return OK;
}

static void drop(json_t **v)
{
	json_decref(*v);
}

enum err read_object(struct arena *a, struct str body, struct json_fields *ret)
{
	struct json_fields f = { .values = ARENA_ARRAY(a, struct field_value, READ_FIELDS) };
	enum err e;

	if (f.values == NULL)
		return ERR_FULL;
	if (body.n == 0) {
		*ret = f;
		return OK;
	}
	if (!read_is_shallow(body))
		return ERR_INVALID;
	_cleanup_(drop) json_t *v = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);

	if (v == NULL || !json_is_object(v))
		return ERR_INVALID;
	if ((e = add_all(a, v, &f)) != OK)
		return e;
	*ret = f;
	return OK;
}

struct str read_take(struct json_fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->values[i].field, name) != 0)
			continue;
		struct str text = f->values[i].text;

		memmove(&f->values[i], &f->values[i + 1], (f->n - i - 1) * sizeof *f->values);
		f->n--;
		return text;
	}
	return STR_UNSET;
}

/* sys/conf.c — reads and writes avstamp.conf by the table in conf.def. */
#include "sys/conf.h"
#include <string.h>

struct key {
	const char *name, *comment;
	size_t offset;
	bool number;
	int64_t least, most;
};
static const struct key keys[] = {
#define WORD(key, standard, comment) { #key, comment, offsetof(struct conf, key), false, 0, 0 },
#define NUMBER(key, standard, least, most, comment) { #key, comment, offsetof(struct conf, key), true, least, most },
#include "sys/conf.def"
};
#define VALUE_MAX 1000

struct conf conf_standard(void)
{
	return (struct conf){
#define WORD(key, standard, comment) .key = standard,
#define NUMBER(key, standard, least, most, comment) .key = standard,
#include "sys/conf.def"
	};
}

static const struct key *key_of(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (str_eq_c(name, keys[i].name))
			return &keys[i];
	return NULL;
}

static bool read_number(struct str s, int64_t *ret)
{
	int64_t v = 0;
	if (s.n == 0 || s.n > 9)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = v;
	return true;
}

static struct str checked(struct arena *a, const struct key *k, struct str value)
{
	static const struct { const char *key, *one, *other; } choices[] = {
		{ "walls", "strict", "best-effort" },
		{ "behind_tls", "yes", "no" },
	};
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		if (strcmp(k->name, choices[i].key) != 0)
			continue;
		if (!str_eq_c(value, choices[i].one) && !str_eq_c(value, choices[i].other))
			return arena_format(a, "%s ska vara %s eller %s.", k->name, choices[i].one, choices[i].other);
	}
	return STR_UNSET;
}

enum err conf_set(struct arena *a, struct conf *c, struct str key, struct str value, struct str *ret_sentence)
{
	const struct key *k = key_of(key);
	if (!k) {
		*ret_sentence = arena_format(a, "Inställningen %.*s finns inte.", STR_FMT(str_cut(key, 0, 60)));
		return ERR_INVALID;
	}
	void *field = (char *)c + k->offset;
	if (k->number) {
		int64_t v;
		if (!read_number(value, &v) || v < k->least || v > k->most) {
			*ret_sentence = arena_format(a, "%s ska vara ett tal från %lld till %lld.", k->name,
			                             (long long)k->least, (long long)k->most);
			return ERR_INVALID;
		}
		memcpy(field, &v, sizeof v);
		return OK;
	}
	struct str wrong = value.n > VALUE_MAX || !str_is_text(value)
		? arena_format(a, "%s är för lång eller innehåller tecken som inte är text.", k->name)
		: checked(a, k, value);
	if (wrong.p) {
		*ret_sentence = wrong;
		return ERR_INVALID;
	}
	const char *copy = value.n > 0 ? arena_c(a, value) : "";
	if (!copy)
		return ERR_FULL;
	memcpy(field, &copy, sizeof(char *));
	return OK;
}

static struct str next_line(struct str *rest)
{
	size_t n = str_find(*rest, '\n');
	struct str line = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n < rest->n ? n + 1 : n, rest->n);
	return line;
}

static enum err parse_line(struct arena *a, struct conf *c, struct str line, struct str *ret_sentence)
{
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return OK;
	size_t at = str_find(line, '=');
	if (at == line.n) {
		*ret_sentence = STR("Raden saknar likhetstecken. Skriv nyckel = värde, eller börja raden med # för en kommentar.");
		return ERR_INVALID;
	}
	struct str key = str_trim(str_cut(line, 0, at));
	struct str value = str_trim(str_cut(line, at + 1, line.n));
	return conf_set(a, c, key, value, ret_sentence);
}

enum err conf_parse(struct arena *a, struct str text, struct conf *ret, struct conf_error *ret_error)
{
	struct conf c = conf_standard();
	int line = 0;
	for (struct str rest = text; rest.n > 0;) {
		struct str sentence = STR_UNSET;
		line++;
		enum err e = parse_line(a, &c, next_line(&rest), &sentence);
		if (e != OK) {
			*ret_error = (struct conf_error){ line, sentence };
			return e;
		}
	}
	*ret = c;
	return OK;
}

static void put_comment(struct buf *b, const char *comment)
{
	for (struct str rest = str_c(comment); rest.n > 0;) {
		struct str line = next_line(&rest);
		buf_format(b, "# %.*s\n", STR_FMT(line));
	}
}

struct str conf_text(struct arena *a, const struct conf *c)
{
	struct buf b = buf_new(a, 16384);
	buf_lit(&b, "# avstamp.conf läses när tjänsten startar. En okänd nyckel eller ett felaktigt värde stoppar starten.\n");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const char *field = (const char *)c + keys[i].offset;
		buf_lit(&b, "\n");
		put_comment(&b, keys[i].comment);
		if (keys[i].number) {
			int64_t v;
			memcpy(&v, field, sizeof v);
			buf_format(&b, "# Från %lld till %lld.\n%s = %lld\n", (long long)keys[i].least,
			           (long long)keys[i].most, keys[i].name, (long long)v);
		} else {
			const char *v;
			memcpy(&v, field, sizeof(char *));
			buf_format(&b, "%s = %s\n", keys[i].name, v);
		}
	}
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

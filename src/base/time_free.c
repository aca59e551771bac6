/* base/time_free.c — reading a date as people write it in a form. */
#include "base/time.h"
#include "base/time_words.h"

struct reader {
	struct str s;
	size_t at;
};

static bool at_end(const struct reader *r)
{
	return r->at == r->s.n;
}

static char peek(const struct reader *r)
{
	return at_end(r) ? '\0' : r->s.p[r->at];
}

static bool accept(struct reader *r, char c)
{
	if (at_end(r) || peek(r) != c)
		return false;
	r->at++;
	return true;
}

/* Blanks of a keyboard, and the hard space of a copied text. */
static void skip_blanks(struct reader *r)
{
	for (;;) {
		if (accept(r, ' ') || accept(r, '\t'))
			continue;
		if (!str_starts(str_cut(r->s, r->at, r->s.n), STR("\xc2\xa0")))
			return;
		r->at += 2;
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of least..most digits; -1 (and nothing read) when there is none such. */
static int read_number(struct reader *r, size_t least, size_t most)
{
	size_t from = r->at, to = from;
	int v = 0;

	while (to < r->s.n && is_digit(r->s.p[to]) && to - from <= most)
		v = v * 10 + (r->s.p[to++] - '0');
	if (to - from < least || to - from > most)
		return -1;
	r->at = to;
	return v;
}

#define WORD 16

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0xc3;
}

/* A word in small letters, å ä ö included; unset (and nothing read) when there is none. */
static struct str read_word(struct reader *r, char out[WORD])
{
	size_t n = 0, at = r->at;

	while (at < r->s.n && n < WORD) {
		uint8_t c = (uint8_t)r->s.p[at];
		bool second = n > 0 && (uint8_t)out[n - 1] == 0xc3;

		if (!is_letter(r->s.p[at]) && !second)
			break;
		if ((c >= 'A' && c <= 'Z') || (second && c >= 0x80 && c <= 0x9e))
			c = (uint8_t)(c + 0x20);
		out[n++] = (char)c;
		at++;
	}
	if (n == 0 || n == WORD)
		return STR_UNSET;
	r->at = at;
	return (struct str){ out, n };
}

/* The place 1..n in `words` of a word or of its beginning of at least three letters; 0 when it is none. */
static int place_of(struct str word, const char *const words[], int n)
{
	for (int i = 0; i < n; i++)
		if (word.n >= 3 && str_starts(str_c(words[i]), word))
			return i + 1;
	return 0;
}

struct parts { int weekday, day, month, year; }; /* 0: not said */

/* "tisdag", "tis", "den" in front; anything else is left unread. */
static void read_front(struct reader *r, struct parts *p)
{
	for (int i = 0; i < 2; i++) {
		char room[WORD];
		struct reader before = *r;
		struct str word = read_word(r, room);
		int weekday = word.p == NULL ? 0 : place_of(word, weekday_words, 7);

		if (weekday != 0 && p->weekday == 0) {
			p->weekday = weekday;
			(void)(accept(r, '.') || accept(r, ','));
		} else if (word.p == NULL || !str_eq(word, STR("den"))) {
			*r = before;
			return;
		}
		skip_blanks(r);
	}
}

static bool read_month(struct reader *r, struct parts *p)
{
	bool parted = accept(r, '/') || accept(r, '.');
	char room[WORD];

	skip_blanks(r);
	if (is_digit(peek(r))) {
		p->month = read_number(r, 1, 2);
		return parted && p->month > 0;
	}
	struct str word = read_word(r, room);

	p->month = word.p == NULL ? 0 : place_of(word, month_words, 12);
	return p->month > 0;
}

/* The rest of the text: nothing, the full stop of "nov.", or a year. */
static bool read_year(struct reader *r, struct parts *p)
{
	if (!accept(r, '.'))
		(void)(accept(r, '/') || accept(r, '-') || accept(r, ','));
	else if (at_end(r))
		return true;
	skip_blanks(r);
	p->year = read_number(r, 4, 4);
	return p->year > 0;
}

static bool read_parts(struct reader *r, struct parts *p)
{
	skip_blanks(r);
	read_front(r, p);
	p->day = read_number(r, 1, 2);
	if (p->day <= 0)
		return false;
	skip_blanks(r);
	if (!read_month(r, p))
		return false;
	skip_blanks(r);
	if (!at_end(r) && !read_year(r, p))
		return false;
	skip_blanks(r);
	return at_end(r);
}

/* The nearest year in the wanted direction in which the day exists; 29 February may be eight years away. */
static enum err nearest(const struct parts *p, struct day today, bool past, struct day *ret)
{
	int year = day_civil(today).year;

	for (int i = 0; i <= 8; i++) {
		struct day d;

		if (day_make(past ? year - i : year + i, p->month, p->day, &d) != OK)
			continue;
		if (past ? d.n <= today.n : d.n >= today.n) {
			*ret = d;
			return OK;
		}
	}
	return ERR_INVALID;
}

/* "idag", "i morgon", "i går": the days people do not write as dates. */
static bool read_relative(struct str s, struct day today, struct day *ret)
{
	static const struct { const char *word; int days; } words[] = {
		{ "idag", 0 }, { "imorgon", 1 }, { "igår", -1 }, { "dag", 0 }, { "morgon", 1 }, { "går", -1 },
	};
	struct reader r = { s, 0 };
	char room[WORD];
	struct str word = read_word(&r, room);
	bool parted = word.p != NULL && str_eq(word, STR("i"));

	if (parted) {
		skip_blanks(&r);
		word = read_word(&r, room);
	}
	if (word.p == NULL || !at_end(&r))
		return false;
	for (size_t i = parted ? 3 : 0; i < (parted ? 6u : 3u); i++) {
		if (str_eq_c(word, words[i].word)) {
			*ret = day_add(today, words[i].days);
			return true;
		}
	}
	return false;
}

/* "20261124" */
static enum err parse_compact(struct str s, struct day *ret)
{
	struct reader r = { s, 0 };
	int v = read_number(&r, 8, 8);

	if (v < 0 || !at_end(&r))
		return ERR_INVALID;
	return day_make(v / 10000, v / 100 % 100, v % 100, ret);
}

/* A date with all its parts, or one whose year is to be found. */
static enum err parse_any(struct str text, struct day today, bool past, struct day *ret)
{
	struct parts p = { 0 };
	struct reader r = { text, 0 };
	struct day d;
	enum err e;

	if (day_parse_iso(text, ret) == OK || parse_compact(text, ret) == OK || read_relative(text, today, ret))
		return OK;
	if (!read_parts(&r, &p))
		return ERR_INVALID;
	e = p.year > 0 ? day_make(p.year, p.month, p.day, &d) : nearest(&p, today, past, &d);
	if (e != OK)
		return e;
	/* A weekday that does not fit the date is a slip of the pen; which of the two is right we cannot know. */
	if (p.weekday != 0 && p.weekday != day_weekday(d))
		return ERR_INVALID;
	*ret = d;
	return OK;
}

enum err day_parse_free(struct str s, struct day today, bool past, struct day *ret)
{
	struct day d;
	enum err e = parse_any(str_trim(s), today, past, &d);

	if (e != OK)
		return e;
	/* "0226" is a slip of the pen too. */
	if (day_civil(d).year < 1000)
		return ERR_INVALID;
	*ret = d;
	return OK;
}

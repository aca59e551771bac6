/* view/html.c — the bytes of a page: room, escaping, numbers, days. */
#include "view/html_i.h"

enum { FIRST_ROOM = 32 * 1024 };

struct html *html_new(struct arena *a, size_t ceiling)
{
	struct html *h = ARENA_NEW(a, struct html);
	size_t first = ceiling < FIRST_ROOM ? ceiling : FIRST_ROOM;
	if (!h)
		return NULL;
	*h = (struct html){ .p = arena_take(a, first), .cap = first, .ceiling = ceiling, .arena = a };
	return h->p ? h : NULL;
}

struct str html_view(const struct html *h)
{
	return h->full ? STR_UNSET : (struct str){ h->p, h->n };
}

bool html_is_full(const struct html *h)
{
	return h->full;
}

bool html__room(struct html *h, size_t n)
{
	if (h->full)
		return false;
	size_t cap = h->cap;
	while (cap - h->n < n && cap < h->ceiling)
		cap = cap > h->ceiling / 2 ? h->ceiling : cap * 2;
	char *p = cap - h->n < n ? NULL : arena_take(h->arena, cap);
	if (!p) {
		h->full = true;
		h->cap = h->n;
		return false;
	}
	memcpy(p, h->p, h->n);
	h->p = p;
	h->cap = cap;
	return true;
}

/* Which of the five signs a byte is; 0 for all that pass as they are. */
static const uint8_t sign[256] = { ['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5 };
static const struct { char text[8]; size_t n; } escaped[] = {
	{ "", 0 }, { "&amp;", 5 }, { "&lt;", 4 }, { "&gt;", 4 }, { "&#34;", 5 }, { "&#39;", 5 },
};

typedef uint8_t sixteen __attribute__((vector_size(16)));

/* Is none of the five signs among these sixteen bytes? */
static bool passes(const char *p)
{
	sixteen v;
	uint64_t half[2];
	memcpy(&v, p, sizeof v);
	sixteen found = (sixteen)((v == '&') | (v == '<') | (v == '>') | (v == '"') | (v == '\''));
	memcpy(half, &found, sizeof half);
	return (half[0] | half[1]) == 0;
}

/* The whole text, the last sixteen bytes with what was looked at before them. */
static bool all_passes(struct str s)
{
	char few[sizeof(sixteen)] = { 0 };
	if (s.n < sizeof few) {
		memcpy(few, s.p, s.n);
		return passes(few);
	}
	for (size_t i = 0; i + sizeof few <= s.n; i += sizeof few)
		if (!passes(s.p + i))
			return false;
	return passes(s.p + s.n - sizeof few);
}

void html__str(struct html *h, struct str s)
{
	assert_always(s.p != NULL);
	if (all_passes(s)) {
		html__lit(h, s.p, s.n);
		return;
	}
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		while (s.n - i >= sizeof(sixteen) && passes(s.p + i))
			i += sizeof(sixteen);
		if (i == s.n)
			break;
		uint8_t k = sign[(uint8_t)s.p[i]];
		if (!k)
			continue;
		html__lit(h, s.p + from, i - from);
		html__lit(h, escaped[k].text, escaped[k].n);
		from = i + 1;
	}
	html__lit(h, s.p + from, s.n - from);
}

void html__i64(struct html *h, int64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		html__lit(h, "-", 1);
	html__lit(h, digits + at, sizeof digits - at);
}

void html__day(struct html *h, struct day d)
{
	static const char months[12][4] = { "jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec" };
	assert_always(day_is_set(d));
	struct civil c = day_civil(d);
	html__i64(h, c.day);
	html__lit(h, " ", 1);
	html__lit(h, months[c.month - 1], 3);
	html__lit(h, " ", 1);
	html__i64(h, c.year);
}

static void two(struct html *h, int v)
{
	char digits[2] = { (char)('0' + v / 10 % 10), (char)('0' + v % 10) };
	html__lit(h, digits, 2);
}

void html__day_iso(struct html *h, struct day d)
{
	assert_always(day_is_set(d));
	struct civil c = day_civil(d);
	two(h, c.year / 100);
	two(h, c.year);
	html__lit(h, "-", 1);
	two(h, c.month);
	html__lit(h, "-", 1);
	two(h, c.day);
}

void html__path(struct html *h, struct path p)
{
	html__str(h, p.made);
}

void html__token(struct html *h, struct token t)
{
	assert_always(t.made.p != NULL);
	html__lit(h, t.made.p, t.made.n);
}

void html__part(struct html *h, struct html_part part)
{
	assert_always(part.fill != NULL);
	part.fill(h, part.values);
}

static void hidden(struct html *h, struct str name, struct str value)
{
	html__lit(h, "<input type=\"hidden\" name=\"", 27);
	html__lit(h, name.p, name.n);
	html__lit(h, "\" value=\"", 9);
	html__str(h, value);
	html__lit(h, "\">", 2);
}

void html__form(struct html *h, struct form_keys keys)
{
	hidden(h, STR("_csrf"), keys.csrf);
	if (keys.token.p)
		hidden(h, STR("_token"), keys.token);
	if (keys.on.p)
		hidden(h, STR("_on"), keys.on);
}

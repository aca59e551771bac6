/* tests/web/page.c — reading our own pages: text, forms, links. They are well formed, so this is no general reader. */
#include "runner.h"
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; char sign; } entities[] = {
	{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&#34;", '"' }, { "&quot;", '"' }, { "&#39;", '\'' },
};

static struct str unescaped(struct arena *a, struct str s)
{
	struct buf b = buf_new(a, 8u << 20);

	for (size_t i = 0; i < s.n; i++) {
		bool done = false;

		for (size_t k = 0; s.p[i] == '&' && k < COUNT_OF(entities) && !done; k++) {
			if (!str_starts(str_cut(s, i, s.n), str_c(entities[k].name)))
				continue;
			buf_char(&b, entities[k].sign);
			i += strlen(entities[k].name) - 1;
			done = true;
		}
		if (!done)
			buf_char(&b, s.p[i]);
	}
	return buf_view(&b);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

struct str page_text(struct arena *a, struct str html)
{
	struct buf b = buf_new(a, 8u << 20);
	bool space = true;

	for (size_t i = 0; i < html.n; i++) {
		if (html.p[i] == '<') {
			i += str_find(str_cut(html, i, html.n), '>');
			if (!space)
				buf_char(&b, ' ');
			space = true;
		} else if (is_space(html.p[i])) {
			if (!space)
				buf_char(&b, ' ');
			space = true;
		} else {
			buf_char(&b, html.p[i]);
			space = false;
		}
	}
	return str_trim(unescaped(a, buf_view(&b)));
}

static size_t find(struct str s, size_t from, const char *what)
{
	const char *at = from >= s.n ? NULL : memmem(s.p + from, s.n - from, what, strlen(what));

	return at == NULL ? s.n : (size_t)(at - s.p);
}

/* Value of an attribute in a tag "<...>", unset when absent. */
static struct str attribute(struct arena *a, struct str tag, const char *name)
{
	struct str begin = arena_format(a, " %s=\"", name);
	size_t at = find(tag, 0, arena_c(a, begin));

	if (at == tag.n)
		return STR_UNSET;
	struct str rest = str_cut(tag, at + begin.n, tag.n);

	return unescaped(a, str_cut(rest, 0, str_find(rest, '"')));
}

static void take_hidden(struct arena *a, struct str inside, struct form *f)
{
	for (size_t at = find(inside, 0, "<input"); at < inside.n; at = find(inside, at + 1, "<input")) {
		struct str tag = str_cut(inside, at, find(inside, at, ">") + 1);
		struct str type = attribute(a, tag, "type"), name = attribute(a, tag, "name"), value = attribute(a, tag, "value");

		if (type.p != NULL && str_eq_c(type, "hidden") && name.p != NULL && f->n_hidden < COUNT_OF(f->hidden))
			f->hidden[f->n_hidden++] = (struct pair){ name, value.p == NULL ? STR("") : value };
	}
}

/* The button's own name and value go along when it is the one that is pressed. */
static bool take_button(struct arena *a, struct str inside, struct str text, struct form *f)
{
	for (size_t at = find(inside, 0, "<button"); at < inside.n; at = find(inside, at + 1, "<button")) {
		size_t end = find(inside, at, "</button>");
		struct str tag = str_cut(inside, at, find(inside, at, ">") + 1);

		if (!contains(page_text(a, str_cut(inside, at, end)), text))
			continue;
		struct str name = attribute(a, tag, "name"), value = attribute(a, tag, "value");

		if (name.p != NULL && value.p != NULL && f->n_hidden < COUNT_OF(f->hidden))
			f->hidden[f->n_hidden++] = (struct pair){ name, value };
		return true;
	}
	return false;
}

static bool find_form(struct arena *a, struct str html, const struct str *action, const struct str *button, struct form *ret)
{
	for (size_t at = find(html, 0, "<form"); at < html.n; at = find(html, at + 1, "<form")) {
		struct str whole = str_cut(html, at, find(html, at, "</form>"));
		struct form f = { .action = attribute(a, str_cut(whole, 0, str_find(whole, '>') + 1), "action") };

		if (f.action.p == NULL || (action != NULL && !str_eq(f.action, *action)))
			continue;
		take_hidden(a, whole, &f);
		if (button != NULL && !take_button(a, whole, *button, &f))
			continue;
		*ret = f;
		return true;
	}
	return false;
}

bool page_form_to(struct arena *a, struct str html, struct str action, struct form *ret)
{
	return find_form(a, html, &action, NULL, ret);
}

bool page_form_with(struct arena *a, struct str html, struct str button, struct form *ret)
{
	return find_form(a, html, NULL, &button, ret);
}

struct str page_link(struct arena *a, struct str html, struct str text)
{
	for (size_t at = find(html, 0, "<a "); at < html.n; at = find(html, at + 1, "<a ")) {
		struct str whole = str_cut(html, at, find(html, at, "</a>"));

		if (contains(page_text(a, whole), text))
			return attribute(a, str_cut(whole, 0, str_find(whole, '>') + 1), "href");
	}
	return STR_UNSET;
}

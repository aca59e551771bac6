/* base/time_text.c — moments and days as Swedish words and as ISO 8601, both ways. */
#include "base/time.h"
#include "base/time_words.h"
#include <string.h>

const char *const month_words[12] = {
	"januari", "februari", "mars", "april", "maj", "juni",
	"juli", "augusti", "september", "oktober", "november", "december",
};

const char *const weekday_words[7] = {
	"måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag",
};

/* Months of four letters or fewer are not cut: "juni", not "jun". */
static const char *const short_months[12] = {
	"jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sept", "okt", "nov", "dec",
};

struct str day_long(struct arena *a, struct day d)
{
	if (!day_is_set(d))
		return STR_UNSET;
	struct civil c = day_civil(d);

	return arena_format(a, "%s %d %s", weekday_words[day_weekday(d) - 1], c.day, month_words[c.month - 1]);
}

struct str day_short(struct arena *a, struct day d)
{
	if (!day_is_set(d))
		return STR_UNSET;
	struct civil c = day_civil(d);

	return arena_format(a, "%d %s", c.day, short_months[c.month - 1]);
}

struct str day_short_year(struct arena *a, struct day d)
{
	if (!day_is_set(d))
		return STR_UNSET;
	struct civil c = day_civil(d);

	return arena_format(a, "%d %s %d", c.day, short_months[c.month - 1], c.year);
}

struct str instant_short(struct arena *a, struct instant t)
{
	if (!instant_is_set(t))
		return STR_UNSET;
	struct civil c = instant_civil(t);

	return arena_format(a, "%d %s %02d.%02d", c.day, short_months[c.month - 1], c.hour, c.minute);
}

struct str instant_clock(struct arena *a, struct instant t)
{
	if (!instant_is_set(t))
		return STR_UNSET;
	struct civil c = instant_civil(t);

	return arena_format(a, "kl. %02d.%02d", c.hour, c.minute);
}

struct str day_iso(struct arena *a, struct day d)
{
	if (!day_is_set(d))
		return STR_UNSET;
	struct civil c = day_civil(d);

	return arena_format(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

struct str instant_iso(struct arena *a, struct instant t)
{
	if (!instant_is_set(t))
		return STR_UNSET;
	int64_t second = t.us / 1000000, rest = t.us % 1000000;

	if (rest < 0) {
		second--;
		rest += 1000000;
	}
	int64_t day = second / 86400, in_day = second % 86400;

	if (in_day < 0) {
		day--;
		in_day += 86400;
	}
	struct civil c = day_civil((struct day){ (int32_t)day });

	return arena_format(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, (int)(in_day / 3600),
		(int)(in_day / 60 % 60), (int)(in_day % 60), (int)rest);
}

/* n digits at `at` as a number, or -1. */
static int digits_at(struct str s, size_t at, size_t n)
{
	int v = 0;

	if (at > s.n || n > s.n - at)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

enum err day_parse_iso(struct str s, struct day *ret)
{
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return ERR_INVALID;
	return day_make(digits_at(s, 0, 4), digits_at(s, 5, 2), digits_at(s, 8, 2), ret);
}

enum err instant_parse_iso(struct str s, struct instant *ret)
{
	static const char shape[] = "0000-00-00T00:00:00.000000Z";
	struct day d;
	enum err e;

	if (s.n != sizeof shape - 1)
		return ERR_INVALID;
	for (size_t i = 0; i < s.n; i++)
		if (shape[i] != '0' && s.p[i] != shape[i])
			return ERR_INVALID;
	int hour = digits_at(s, 11, 2), minute = digits_at(s, 14, 2), second = digits_at(s, 17, 2);
	int rest = digits_at(s, 20, 6);

	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || rest < 0)
		return ERR_INVALID;
	if ((e = day_parse_iso(str_cut(s, 0, 10), &d)) != OK)
		return e;
	ret->us = ((d.n * INT64_C(24) + hour) * 60 + minute) * 60 * 1000000 + second * INT64_C(1000000) + rest;
	return OK;
}

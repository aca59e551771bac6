/* base/calendar.c — Swedish holidays by rule. */
#include "base/calendar.h"

/* Easter Sunday as days after 21 March, by the Gregorian computus: the age of the moon in the year's place of
 * the 19-year cycle, corrected by century, gives the paschal full moon; Easter is the Sunday after it. */
static int easter_after_equinox(int year)
{
	int golden = year % 19, century = year / 100;
	int moon = (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;

	/* The moon's month is 29.5 days: two epacts are moved so that no full moon falls after 18 April. */
	if (moon == 29 || (moon == 28 && golden > 10))
		moon--;
	int weekday = (year + year / 4 - century + century / 4 + moon + 2) % 7;

	return moon + 7 - weekday;
}

struct fixed { uint8_t month, day; int16_t from, before; const char *name; };

/* Days with a date. `from` and `before`: the years in which the law says so (0: no bound). */
static const struct fixed fixed_days[] = {
	{ 1, 1, 0, 0, "nyårsdagen" },
	{ 1, 6, 0, 0, "trettondedag jul" },
	{ 5, 1, 0, 0, "första maj" },
	{ 6, 6, 2005, 0, "nationaldagen" },
	{ 12, 24, 0, 0, "julafton" },
	{ 12, 25, 0, 0, "juldagen" },
	{ 12, 26, 0, 0, "annandag jul" },
	{ 12, 31, 0, 0, "nyårsafton" },
};

struct moving { int16_t after, from, before; const char *name; };

/* Days counted from Easter Sunday. Whit Monday gave way to the national day in 2005. */
static const struct moving moving_days[] = {
	{ -2, 0, 0, "långfredagen" },
	{ 0, 0, 0, "påskdagen" },
	{ 1, 0, 0, "annandag påsk" },
	{ 39, 0, 0, "Kristi himmelsfärdsdag" },
	{ 49, 0, 0, "pingstdagen" },
	{ 50, 0, 2005, "annandag pingst" },
};

static bool in_force(int year, int from, int before)
{
	return year >= from && (before == 0 || year < before);
}

/* Days that are a weekday within a week of dates. */
static const char *floating_name(struct civil c, int weekday)
{
	if (c.month == 6 && weekday == 5 && c.day >= 19 && c.day <= 25)
		return "midsommarafton";
	if (c.month == 6 && weekday == 6 && c.day >= 20 && c.day <= 26)
		return "midsommardagen";
	if (weekday == 6 && ((c.month == 10 && c.day == 31) || (c.month == 11 && c.day <= 6)))
		return "alla helgons dag";
	return NULL;
}

static const char *name_of(struct day d)
{
	struct civil c = day_civil(d);
	struct day equinox;

	for (size_t i = 0; i < COUNT_OF(fixed_days); i++) {
		const struct fixed *f = &fixed_days[i];

		if (f->month == c.month && f->day == c.day && in_force(c.year, f->from, f->before))
			return f->name;
	}
	if (day_make(c.year, 3, 21, &equinox) != OK)
		return NULL;
	int after = d.n - equinox.n - easter_after_equinox(c.year);

	for (size_t i = 0; i < COUNT_OF(moving_days); i++)
		if (moving_days[i].after == after && in_force(c.year, moving_days[i].from, moving_days[i].before))
			return moving_days[i].name;
	return floating_name(c, day_weekday(d));
}

struct str holiday_name(struct day d)
{
	return str_c(name_of(d));
}

bool day_is_working(struct day d)
{
	return day_weekday(d) <= 5 && name_of(d) == NULL;
}

struct day on_or_after_working_day(struct day d)
{
	while (day_is_set(d) && !day_is_working(d))
		d = day_add(d, 1);
	return d;
}

struct day next_working_day(struct day d)
{
	return on_or_after_working_day(day_add(d, 1));
}

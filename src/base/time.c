/* base/time.c — the civil calendar and Swedish time, by arithmetic alone. */
#include "base/time.h"

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

bool day_is_set(struct day d)
{
	return d.n != INT32_MIN;
}

bool instant_is_set(struct instant t)
{
	return t.us != INT64_MIN;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int64_t year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. The year is counted from March, so that the leap
 * day is its last; then the months' lengths repeat as 153 days in five months. */
static int64_t days_from(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The inverse, by the length of 400, 100, 4 years and one. */
static struct civil civil_from(int64_t days)
{
	int64_t d = days + 719468, cycle = floor_div(d, 146097);
	int64_t in_cycle = d - cycle * 146097;
	int64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
	int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * in_year + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9);

	return (struct civil){
		.year = (int32_t)(year + cycle * 400 + (month <= 2)),
		.month = (uint8_t)month,
		.day = (uint8_t)(in_year - (153 * m + 2) / 5 + 1),
	};
}

enum err day_make(int year, int month, int day, struct day *ret)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return ERR_INVALID;
	ret->n = (int32_t)days_from(year, month, day);
	return OK;
}

struct civil day_civil(struct day d)
{
	return civil_from(d.n);
}

/* The last Sunday of March or October at 01:00 UTC, in microseconds. Day 0 was a Thursday. */
static int64_t switch_at(int64_t year, int month)
{
	int64_t last = days_from(year, month, 31);
	int64_t after_sunday = (last + 4) - 7 * floor_div(last + 4, 7);

	return (last - after_sunday) * DAY + HOUR;
}

static bool is_summer(int64_t us)
{
	struct civil c = civil_from(floor_div(us, DAY));

	if (c.month == 3)
		return us >= switch_at(c.year, 3);
	if (c.month == 10)
		return us < switch_at(c.year, 10);
	return c.month > 3 && c.month < 10;
}

static int64_t wall(struct instant t)
{
	return t.us + (is_summer(t.us) ? 2 : 1) * HOUR;
}

struct day instant_day(struct instant t)
{
	if (!instant_is_set(t))
		return DAY_UNSET;
	return (struct day){ (int32_t)floor_div(wall(t), DAY) };
}

static struct civil civil_at(int64_t us)
{
	int64_t days = floor_div(us, DAY), second = (us - days * DAY) / SECOND;
	struct civil c = civil_from(days);

	c.hour = (uint8_t)(second / 3600);
	c.minute = (uint8_t)(second / 60 % 60);
	c.second = (uint8_t)(second % 60);
	return c;
}

struct civil instant_civil(struct instant t)
{
	return civil_at(wall(t));
}

struct instant instant_at(struct day d, int hour, int minute)
{
	/* Beyond these 270 000 years a moment does not fit its number; INT32_MIN, the unset day, lies there too. */
	if (d.n < -100000000 || d.n > 100000000)
		return INSTANT_UNSET;
	int64_t shown = d.n * DAY + hour * HOUR + minute * 60 * SECOND;
	int64_t as_summer = shown - 2 * HOUR;

	return (struct instant){ is_summer(as_summer) ? as_summer : shown - HOUR };
}

struct day day_add(struct day d, int n)
{
	int64_t sum = (int64_t)d.n + n;

	if (!day_is_set(d) || sum <= INT32_MIN || sum > INT32_MAX)
		return DAY_UNSET;
	return (struct day){ (int32_t)sum };
}

int day_weekday(struct day d)
{
	int64_t since_monday = (int64_t)d.n + 3;

	return (int)(since_monday - 7 * floor_div(since_monday, 7)) + 1;
}

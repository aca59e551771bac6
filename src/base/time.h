/* base/time.h — moments, days, and Swedish civil time.
 *
 * Runs in: every process.   Depends on: base/str.h.   Never: reads a clock.
 *
 * A moment is microseconds since 1970 in UTC. A day is a count of days since 1970-01-01 in the Swedish
 * calendar. Europe/Stockholm is computed by the rule in force since 1996 (summer time from the last Sunday
 * of March 01:00 UTC to the last Sunday of October 01:00 UTC); no time zone file is read. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct instant { int64_t us; };
struct day { int32_t n; };
#define DAY_UNSET ((struct day){ INT32_MIN })
#define INSTANT_UNSET ((struct instant){ INT64_MIN })

struct civil { int32_t year; uint8_t month, day, hour, minute, second; };

bool day_is_set(struct day d);
bool instant_is_set(struct instant t);
/* ERR_INVALID for a day that does not exist (31 February). */
MUST enum err day_make(int year, int month, int day, struct day *ret);
struct civil day_civil(struct day d);
struct day instant_day(struct instant t);
struct civil instant_civil(struct instant t);
/* The moment a Swedish wall clock shows; a skipped hour moves forward, a doubled hour is the first. */
struct instant instant_at(struct day d, int hour, int minute);
struct day day_add(struct day d, int n);
/* Monday 1 .. Sunday 7. */
int day_weekday(struct day d);

/* "tisdag 24 november", "24 nov", "24 nov 2026", "kl. 10.00", "22 nov 19.40". Owned by the arena. */
struct str day_long(struct arena *a, struct day d);
struct str day_short(struct arena *a, struct day d);
struct str day_short_year(struct arena *a, struct day d);
struct str instant_short(struct arena *a, struct instant t);
struct str instant_clock(struct arena *a, struct instant t);
/* "2026-11-24" and "2026-11-24T10:00:00.000000Z", both ways. */
struct str day_iso(struct arena *a, struct day d);
struct str instant_iso(struct arena *a, struct instant t);
MUST enum err day_parse_iso(struct str s, struct day *ret);
MUST enum err instant_parse_iso(struct str s, struct instant *ret);
/* What people write: "24/11", "24 nov", "24 november 2026", "2026-11-24", "20261124". A missing year is the
 * year that makes the day the nearest past one when `past`, else the nearest coming one. */
MUST enum err day_parse_free(struct str s, struct day today, bool past, struct day *ret);

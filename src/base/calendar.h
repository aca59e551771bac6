/* base/calendar.h — Swedish working days.
 *
 * Runs in: every process.   Depends on: base/time.h.   Never: reads a clock.
 *
 * Public holidays by lagen (1989:253) om allmänna helgdagar, plus the days treated like Sunday in the
 * counting of time by lagen (1930:173): Midsummer Eve, Christmas Eve and New Year's Eve. */
#pragma once
#include "base/time.h"

/* The Swedish name of a holiday, unset on an ordinary day (a plain Saturday or Sunday is unset too). */
struct str holiday_name(struct day d);
bool day_is_working(struct day d);
/* The first working day after d. */
struct day next_working_day(struct day d);
/* d itself when it is a working day, else the next. */
struct day on_or_after_working_day(struct day d);

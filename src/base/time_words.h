/* base/time_words.h — the Swedish names of months and weekdays, for writing and reading dates.
 *
 * Runs in: every process.   Depends on: nothing.   Never: used outside base. */
#pragma once

extern const char *const month_words[12];
extern const char *const weekday_words[7]; /* Monday first */

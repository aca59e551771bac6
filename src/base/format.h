/* base/format.h — the few directives that nearly every formatted text here uses, without the C library's general one.
 *
 * Runs in: every process.   Depends on: attr.h.   Never: is used but by arena_format and buf_format. */
#pragma once
#include "base/attr.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Writes at most `room` bytes, without an end mark. Knows %s %.*s %c %d %u %zu %% and a width with leading zeros for
 * numbers (%02d). False for anything else and when there is no room: then the caller takes the general way. The
 * arguments must not be used again. */
MUST bool format_plain(char *to, size_t room, size_t *ret_n, const char *format, va_list args);

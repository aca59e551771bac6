/* base/attr.h — the few compiler attributes the house uses. */
#pragma once

#define MUST __attribute__((warn_unused_result))
#define _cleanup_(f) __attribute__((cleanup(f)))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define COUNT_OF(x) (sizeof(x) / sizeof((x)[0]))

/* base/err.h — the house's one vocabulary of faults.
 *
 * Runs in: every process.   Depends on: tables/err.def (plain data).   Never: logs, prints.
 *
 * Three kinds of no: a refusal is data (core/core.h), a fault is an `enum err`, a bug is assert_always. */
#pragma once
#include "base/attr.h"
#include <stdbool.h>

enum err {
	OK = 0,
#define ERR(id, http, retry, text) ERR_##id,
#include "tables/err.def"
#undef ERR
	ERR_COUNT
};

/* Name of a fault as in tables/err.def, for logs and tests. Never NULL. */
const char *err_name(enum err e);
/* HTTP status that a fault answers with. */
int err_http(enum err e);
/* Whether the same request may succeed later without being changed. */
bool err_may_retry(enum err e);
/* The plain Swedish sentence of a fault. Never NULL, never names a person or a case. */
const char *err_text(enum err e);

/* Ends the process when `c` is false: a broken invariant is a bug, never an answer. On in production. */
#define assert_always(c) ((c) ? (void)0 : assert_failed(#c, __FILE__, __LINE__))
void assert_failed(const char *what, const char *file, int line) NORETURN;

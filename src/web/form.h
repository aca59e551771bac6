/* web/form.h — reading application/x-www-form-urlencoded text: the body of a form, or a query.
 *
 * Runs in: web.   Depends on: base.   Never: I/O; pure, so that the fuzzer can hold it.
 *
 * Invariants
 *   F1  a name occurs once, unless `many` says that it may occur several times.
 *   F2  values are valid UTF-8 without control characters but tab and line feed; CR LF and CR became LF.
 *   F3  nothing is decoded twice, and nothing is guessed: what is not well formed is refused whole. */
#pragma once
#include "base/base.h"

#define FORM_PAIRS_MAX 200
#define FORM_NAME_MAX 64
#define FORM_VALUE_MAX (256u * 1024u)

struct field {
	struct str name, value;
};
/* Fields in the order they came; owned by `a`. ERR_INVALID, ERR_TOO_LARGE (a value), ERR_FULL. */
MUST enum err form_parse(struct arena *a, struct str text, bool (*many)(struct str name), struct field **ret,
                         size_t *ret_n);
/* The one with this name, or unset. `nth` counts from 0 among those with the same name. */
struct str form_field(const struct field *f, size_t n, const char *name, size_t nth);

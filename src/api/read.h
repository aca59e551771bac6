/* api/read.h — reading the JSON object that a call carries.
 *
 * Runs in: web.   Depends on: base, core's field_value, jansson.   Never: keeps what jansson made.
 *
 * Invariants
 *   R1  one object, no name twice, no bytes after it, at most READ_DEPTH deep: looked at before the library
 *       recurses.
 *   R2  every value becomes typed text as a form would carry it: a string is itself, true and false are "yes" and
 *       "no", a whole number its digits, a list of strings the same name several times. Nothing else is taken. */
#pragma once
#include "core/core.h"

#define READ_DEPTH 4
#define READ_FIELDS 100

struct json_fields {
	struct field_value *values;
	size_t n;
};
/* ERR_INVALID: no such object. ERR_FULL. An empty body is an object without names. */
MUST enum err read_object(struct arena *a, struct str body, struct json_fields *ret);
/* Takes a field out: its text, or unset. */
struct str read_take(struct json_fields *f, const char *name);
/* Is nested less deep than READ_DEPTH? Pure; `read_object` asks it first. */
bool read_is_shallow(struct str body);

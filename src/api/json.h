/* api/json.h — writing JSON.
 *
 * Runs in: web.   Depends on: base.   Never: writes what is not text; commas and quotes are its business alone.
 *
 * Invariants
 *   J1  what comes out is well formed when every json_open has its json_close; an unset str is left out with its
 *       name.
 *   J2  after an overflow json_view is unset. */
#pragma once
#include "base/base.h"

#define JSON_DEPTH 16
struct json {
	struct arena *a;
	struct buf b;
	unsigned depth;
	char closes[JSON_DEPTH];
	bool first[JSON_DEPTH];
	bool named;                /* a name was written and waits for its value */
};

struct json json_new(struct arena *a);
struct str json_view(const struct json *j);
/* '{' or '['. */
void json_open(struct json *j, char what);
void json_close(struct json *j);
void json_name(struct json *j, const char *name);
void json_str(struct json *j, struct str s);
void json_i64(struct json *j, int64_t n);
void json_bool(struct json *j, bool b);
/* Name and value at once. Unset strings, days, moments and zero ids are left out. */
void json_put_open(struct json *j, const char *name, char what);
void json_put(struct json *j, const char *name, struct str s);
void json_put_c(struct json *j, const char *name, const char *s);
void json_put_i64(struct json *j, const char *name, int64_t n);
void json_put_bool(struct json *j, const char *name, bool b);
void json_put_id(struct json *j, const char *name, struct id16 id);
void json_put_day(struct json *j, const char *name, struct day d);
void json_put_instant(struct json *j, const char *name, struct instant t);

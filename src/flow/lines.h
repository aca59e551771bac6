/* flow/lines.h — `name:length:value` lines for what flow seals itself: rungs, packages, directory rows.
 *
 * Runs in: web, verbs.   Depends on: base.   Never: the events' codec (core has that). */
#pragma once
#include "base/base.h"

void line_str(struct buf *b, struct str name, struct str value);
void line_id(struct buf *b, struct str name, struct id16 id);
void line_i64(struct buf *b, struct str name, int64_t v);
/* The value of the first line of that name; unset when it is not there or a line before it is malformed. */
struct str line_get(struct str text, struct str name);
bool line_get_id(struct str text, struct str name, struct id16 *ret);
bool line_get_i64(struct str text, struct str name, int64_t *ret);

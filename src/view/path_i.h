/* view/path_i.h — what the generated address builders are made of. Included by generated code alone. */
#pragma once
#include "view/path.h"

struct path_part {
	struct str literal;      /* set, or else the next of the three */
	const struct id16 *id;
	struct str name;
};
/* Join the parts in the arena; unset when it is full. */
struct path path__join(struct arena *a, const struct path_part *parts, size_t n);
/* A static file's name: letters, digits, dot, dash. Anything else is a bug. */
struct str path__file(struct str name);

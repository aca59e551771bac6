/* view/html_i.h — writing into a page. Included by generated templates alone (tools/arrows).
 *
 * Runs in: web.   Depends on: base.   Never: is included by hand-written code outside view/html.c. */
#pragma once
#include "view/html.h"
#include "view/path.h"
#include <string.h>

struct html {
	char *p;
	size_t n, cap, ceiling;
	struct arena *arena;
	bool full;
};

/* Make room for n more bytes; false and full when they do not fit. */
bool html__room(struct html *h, size_t n);

static inline void html__lit(struct html *h, const char *p, size_t n)
{
	if (n > h->cap - h->n && !html__room(h, n))
		return;
	memcpy(h->p + h->n, p, n);
	h->n += n;
}

/* Escaped for text and for a quoted attribute. An unset str is a bug. */
void html__str(struct html *h, struct str s);
void html__i64(struct html *h, int64_t v);
/* "24 nov 2026" and "2026-11-24". An unset day is a bug. */
void html__day(struct html *h, struct day d);
void html__day_iso(struct html *h, struct day d);
void html__path(struct html *h, struct path p);
void html__token(struct html *h, struct token t);
void html__part(struct html *h, struct html_part part);
void html__form(struct html *h, struct form_keys keys);

/* view/html.h — a page being written. Nobody outside generated code can put text into it.
 *
 * Runs in: web.   Depends on: base.   Never: I/O; offers no function that takes text.
 *
 * A page is filled by the functions of view/templates.h, which tools/tplc makes from view/templates/.
 *
 * Invariants
 *   H1  every byte comes from a template or went through the escaping of its place.
 *   H2  after an overflow nothing more is added and html_is_full stays true. */
#pragma once
#include "base/base.h"

struct html;

/* A page in the arena that may become `ceiling` bytes. NULL when the arena is full. */
struct html *html_new(struct arena *a, size_t ceiling);
/* What was written; valid while the arena lives. Unset when the page is full. */
struct str html_view(const struct html *h);
bool html_is_full(const struct html *h);

/* A template with its values, to stand in an html slot. Made by part_NAME(&values) of view/templates.h; the
 * values must live until the page is rendered. */
struct html_part {
	void (*fill)(struct html *h, const void *values);
	const void *values;
};
#define HTML_UNSET ((struct html_part){ NULL, NULL })

/* The hidden fields that every POST form carries: `csrf` always, `token` (idempotency) and `on` (the version the
 * form was shown with) where the act takes them, else unset. */
struct form_keys { struct str csrf, token, on; };

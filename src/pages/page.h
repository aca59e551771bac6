/* pages/page.h — one screen being put together: its parts, and the frame round them.
 *
 * Runs in: web, on a worker's thread.   Depends on: web, view, flow.   Never: checks a right (the route table does),
 * decides anything (the core does). */
#pragma once
#include "base/base.h"
#include "view/html.h"
#include "view/path.h"
#include "view/shell.h"
#include "view/templates.h"
#include "web/request.h"

#define PAGE_PARTS 48

struct page {
	struct request *r;
	struct arena *a;
	int status;
	bool faulty, narrow, has_form;
	struct str title;
	struct html_part context;
	struct tpl_stack_parts parts[PAGE_PARTS];
	size_t n;
};

/* `title` is the screen's neutral name; it never holds a code, a name or a phase (UX 5). */
struct page page_begin(struct request *r, struct str title);
void page_add(struct page *p, struct html_part part);
/* Put the frame round the parts and answer. */
void page_send(struct page *p);

/* Values of a template, kept in the arena until the page is rendered. */
const void *page_keep(struct arena *a, const void *from, size_t n);
#define PART(a, name, ...) \
	part_##name(page_keep((a), &(const struct tpl_##name){ __VA_ARGS__ }, sizeof(struct tpl_##name)))
/* A list of a template: LIST_OF(a, tasks_rows, n) is zeroed room for n rows. */
#define LIST_OF(a, name, n) ARENA_ARRAY((a), struct tpl_##name, (n) + 1)

/* The hidden fields of a form; `on` unset for acts without a version. */
struct form_keys page_keys(struct request *r, struct str on);
/* Where a save leads: the page with the receipt of this act, and whether the case is not found by its number yet. */
struct path receipt_path(struct arena *a, struct path to, enum command_id done, bool unindexed);
void page_add_heading(struct page *p, struct str title, struct str lead, struct path href, struct str text);
void page_add_card(struct page *p, struct token id, struct str title, struct html_part body);
struct html_part card_of(struct arena *a, struct token id, struct str title, struct path href, struct str more,
                         struct html_part body);
/* The nightly check found something: that, and whom to call. */
void page_add_finding(struct page *p);
void page_add_empty(struct page *p, struct str title, struct str text, struct path href, struct str action);

/* What was typed in a field, or empty; never unset. */
struct str typed(const struct request *r, const char *name);
/* "i dag", "i morgon", "tis 24 nov", "24 nov 2026"; and how late or near a moment is: "3 dagar försenad". */
struct str due_text(struct arena *a, struct instant due, struct instant now);
struct str due_state(struct arena *a, struct instant due, struct instant now, struct token *ret_tone, bool *ret_late);
/* Of something that has a day and no hour: "3 dagar försenad", "I dag", "I morgon" or the day. */
struct str due_day(struct arena *a, struct day due, struct day today, struct token *ret_tone, bool *ret_late);

/* pages/case.h — the frame of a case's screens: identity bar, threat, protection, the case's parts.
 *
 * Runs in: web.   Depends on: pages/page.h, core/state.h.   Never: decides what may be done (core/next.h, core.h). */
#pragma once
#include "pages/page.h"
#include "core/next.h"

/* Open the case of the request for showing it; false when the answer has been given already. */
bool case_open(struct request *r, struct opened_case *ret);
bool case_open_at(struct request *r, struct str after, size_t limit, struct opened_case *ret);
/* The page of one part, with the case round it. `here` is the part's route. */
struct page case_page(struct request *r, const struct opened_case *o, struct str title, enum route here);
/* Who acts on the case, for what may be offered. */
struct actor case_actor(struct request *r, const struct opened_case *o);
bool offered(struct request *r, const struct opened_case *o, enum command_id c);
/* "Sparat kl. 13.20." after a save, from ?klart=. */
void add_receipt(struct page *p, const struct opened_case *o);
/* A button that leads to a command's form; nothing when it is not offered. */
struct link_row { enum command_id command; const char *look; };
struct html_part command_links_after(struct request *r, const struct opened_case *o, const struct link_row *rows, size_t n, struct str lead);
struct html_part command_links(struct request *r, const struct opened_case *o, const struct link_row *rows, size_t n);
/* Above the form that met another's save: what stands in the case now, and what was typed (DECISIONS 10). */
struct html_part conflict_part(struct request *r, const struct opened_case *o, enum command_id c, const struct act_result *res);
/* The timeline's rows of events. */
struct html_part timeline_of(struct arena *a, const struct event *events, size_t n, bool with_fields);
/* Bars of the threat meter: 0..4 on, and how many rows (0 when nothing is assessed). */
size_t threat_bars(enum threat_class c, bool on[4]);
struct token threat_tone(enum threat_class c);

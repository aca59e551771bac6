/* pages/timeline.c — Händelser: every entry with all its fields, page by page, filtered by kind, role and day. */
#include "pages/case.h"

#define PAGE_ENTRIES 20
#define FILTER_ENTRIES 200

struct filter { enum event_kind kind; struct str title; struct day from, to; bool on; };

static struct filter filter_of(struct request *r, struct day today)
{
	struct filter f = { .kind = EV_UNKNOWN, .from = DAY_UNSET, .to = DAY_UNSET };
	struct str kind = typed(r, "slag");
	const struct record_row *row = kind.n ? event_row_by_name(kind) : NULL;
	if (row)
		f.kind = row->kind;
	f.title = typed(r, "roll");
	if (day_parse_free(str_trim(typed(r, "fran")), today, true, &f.from) != OK)
		f.from = DAY_UNSET;
	if (day_parse_free(str_trim(typed(r, "till")), today, true, &f.to) != OK)
		f.to = DAY_UNSET;
	f.on = row || f.title.n || day_is_set(f.from) || day_is_set(f.to);
	return f;
}

static bool passes(const struct filter *f, const struct event *e)
{
	struct day d = instant_day(e->noted);
	if (f->kind != EV_UNKNOWN && e->kind != f->kind)
		return false;
	if (f->title.n && !str_eq(f->title, e->author_title))
		return false;
	return !(day_is_set(f->from) && d.n < f->from.n) && !(day_is_set(f->to) && d.n > f->to.n);
}

static size_t role_options(struct arena *a, const struct filter *f, struct tpl_timeline_filter_roles **ret)
{
	size_t n = 0;
	struct tpl_timeline_filter_roles *o = LIST_OF(a, timeline_filter_roles, ROLE_COUNT);
	for (unsigned i = 0; o && i < ROLE_COUNT; i++)
		if (ROLE_BIT(COORDINATOR) << i & (CASE_ROLES | ROLE_BIT(MANAGER)))
			o[n++] = (struct tpl_timeline_filter_roles){ token_name(role_rows[i].title), str_c(role_rows[i].title),
			                                             str_eq_c(f->title, role_rows[i].title) };
	*ret = o;
	return n;
}

static size_t kind_options(struct arena *a, const struct filter *f, struct tpl_timeline_filter_kinds **ret)
{
	static const enum event_kind kinds[] = { EV_NOTE, EV_CONTACT_DONE, EV_MEETING_HELD, EV_THREAT_REPORTED, EV_PHASE_CHANGED,
	                                         EV_ACUTE_MEASURE, EV_DECISION_MADE, EV_GOAL, EV_CORRECTION };
	struct tpl_timeline_filter_kinds *o = LIST_OF(a, timeline_filter_kinds, COUNT_OF(kinds));
	for (size_t i = 0; o && i < COUNT_OF(kinds); i++)
		o[i] = (struct tpl_timeline_filter_kinds){ token_name(event_row(kinds[i])->name), str_c(event_title(kinds[i])),
		                                           f->kind == kinds[i] };
	*ret = o;
	return o ? COUNT_OF(kinds) : 0;
}

static struct html_part filter_part(struct request *r, const struct filter *f)
{
	struct arena *a = r->arena;
	struct tpl_timeline_filter_kinds *kinds = NULL;
	struct tpl_timeline_filter_roles *roles = NULL;
	size_t nk = kind_options(a, f, &kinds), nr = role_options(a, f, &roles);
	return PART(a, timeline_filter, .action = path_case_timeline(a, r->case_id), .kinds = kinds, .n_kinds = nk,
	            .roles = roles, .n_roles = nr, .from = typed(r, "fran"), .to = typed(r, "till"),
	            .all_href = path_case_timeline(a, r->case_id));
}

void page_case_timeline(struct request *r)
{
	static const struct link_row links[] = { { CMD_NOTE, "pri" }, { CMD_CORRECT_ENTRY, "sec" } };
	struct opened_case o;
	struct str after = request_field(r, "efter");
	bool filtered = typed(r, "slag").n || typed(r, "roll").n || typed(r, "fran").n || typed(r, "till").n;
	size_t limit = filtered ? FILTER_ENTRIES : PAGE_ENTRIES;
	if (!case_open_at(r, after, limit, &o))
		return;
	struct page p = case_page(r, &o, STR("Händelser"), ROUTE_case_timeline);
	struct filter f = filter_of(r, instant_day(o.now));
	struct event *shown = ARENA_ARRAY(p.a, struct event, o.n_newest + 1);
	size_t n = 0;
	for (size_t i = 0; shown && i < o.n_newest; i++)
		if (!f.on || passes(&f, &o.newest[i]))
			shown[n++] = o.newest[i];
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	page_add(&p, filter_part(r, &f));
	if (n)
		page_add_card(&p, TOKEN("handelser"), STR("Händelser"), timeline_of(p.a, shown, n, true));
	else
		page_add_empty(&p, STR("Inga händelser med det här urvalet."), STR("Välj ett annat slag eller en annan tid."),
		               path_case_timeline(p.a, o.case_id), STR("Visa alla"));
	bool more = o.n_newest == limit;
	struct path next = more ? path_with_query(p.a, path_case_timeline(p.a, o.case_id), TOKEN("efter"),
	                                          flow_cursor(p.a, &o, &o.newest[o.n_newest - 1])) : PATH_UNSET;
	if (more || after.p)
		page_add(&p, PART(p.a, pager, .first_href = after.p ? path_case_timeline(p.a, o.case_id) : PATH_UNSET,
		                  .more_href = next, .more_text = STR("Visa äldre händelser")));
	page_send(&p);
}

/* pages/day.c — Min dag: what is late, what is due today, what comes. */
#include "pages/page.h"

#define DAY_ROWS 25

struct group { struct str title; struct token id; struct tpl_day_list_rows *rows; size_t n; };

static void add_row(struct request *r, struct group *g, const struct my_rung *m)
{
	struct arena *a = r->arena;
	struct tpl_day_list_rows *row = &g->rows[g->n++];
	*row = (struct tpl_day_list_rows){
		.href = id_is_zero(m->case_id) ? path_my_day() : path_case_show(a, m->case_id),
		.text = str_c(task_row(m->task)->title), .desk = m->desk,
		.code = m->code.p ? m->code : STR(""), .alias = m->alias.p && m->alias.n ? m->alias : STR_UNSET,
		.due = due_text(a, m->due, r->session.now) };
	row->state = due_state(a, m->due, r->session.now, &row->tone, &row->late);
}

static struct str lead_of(struct arena *a, const struct group g[3])
{
	if (g[0].n == DAY_ROWS)
		return arena_format(a, "De %d mest försenade visas här.", DAY_ROWS);
	if (g[0].n)
		return arena_format(a, g[0].n == 1 ? "%zu sak är försenad." : "%zu saker är försenade.", g[0].n);
	return g[1].n ? STR("Det här ska göras i dag.") : STR("Ingen uppgift måste göras i dag.");
}

/* Those without cases have their own first screen. */
static struct html_part no_cases(struct request *r)
{
	struct arena *a = r->arena;
	uint64_t roles = r->session.who.roles;
	if (roles & ROLE_BIT(OFFICER))
		return PART(a, empty, .title = STR("Du ansvarar för konton."), .text = STR("Bjud in, intyga och stäng konton under Konton."),
		            .action_href = path_accounts(), .action_text = STR("Till konton"));
	if (roles & ROLE_BIT(REVIEWER))
		return PART(a, empty, .title = STR("Du granskar loggen."), .text = STR("Loggen visar vem som har öppnat vad, när och varför."),
		            .action_href = path_log_show(), .action_text = STR("Till loggen"));
	if (route_allows(ROUTE_intake_show, roles))
		return PART(a, empty, .title = STR("Inget kvar i dag."), .text = STR("Nya uppgifter kommer när något händer i dina ärenden."),
		            .action_href = path_intake_show(), .action_text = STR("Ny aktualisering"));
	return PART(a, empty, .title = STR("Inget kvar i dag."), .text = STR("Nya uppgifter kommer när något händer i dina ärenden."),
	            .action_href = PATH_UNSET, .action_text = STR_UNSET);
}

/* What other authorities have handed over is nobody's reminder yet: the day says that it waits. */
static void add_inbox(struct page *p, size_t n)
{
	if (n > 0)
		page_add(p, PART(p->a, notice, .tone = TOKEN("info"),
		                 .title = arena_format(p->a, n == 1 ? "%zu sak väntar i inkorgen." : "%zu saker väntar i inkorgen.", n),
		                 .text = n == 1 ? STR("En annan myndighet har lämnat den till er.") : STR("Andra myndigheter har lämnat dem till er."), .href = path_inbox(), .link = STR("Till Inkorg")));
}

/* A number that one of the cases has was registered again (DECISIONS 35): something for today, until it is seen. */
static void add_same(struct request *r, struct group *g, const struct inbox_item *m)
{
	g->rows[g->n++] = (struct tpl_day_list_rows){
		.href = path_inbox(), .text = STR("Samma person kan ha aktualiserats igen"), .code = m->code, .alias = STR_UNSET,
		.due = arena_format(r->arena, "Kom %.*s", STR_FMT(instant_short(r->arena, m->sent))), .state = STR_UNSET };
}

/* Said to those who answer for the log and the accounts, until a check ends well. Never what was found. */
static void add_finding(struct page *p)
{
	if ((p->r->session.who.roles & (ROLE_BIT(REVIEWER) | ROLE_BIT(OFFICER) | ROLE_BIT(ADMINISTRATOR))) && flow_has_finding(p->r->flow))
		page_add_finding(p);
}

/* A colleague has left: the keys of what that person could read are changed. How many, never which. */
static void add_new_epochs(struct page *p, const struct new_epochs *k)
{
	struct arena *a = p->a;
	struct tpl_paragraphs_sections *rows = LIST_OF(a, paragraphs_sections, 2);
	size_t n = 0;
	if (!rows || (k->done == 0 && k->waiting == 0))
		return;
	if (k->done)
		rows[n++].text = arena_format(a, "%zu %s har fått nya nycklar sedan en kollega slutat. Det som skrivs från nu läses bara av "
		                              "dem som är kvar.", k->done, k->done == 1 ? "akt" : "akter");
	if (k->waiting)
		rows[n++].text = arena_format(a, "%zu %s väntar på nya nycklar. Det görs av sig självt när du eller en kollega med samma "
		                              "behörighet öppnar Min dag.", k->waiting, k->waiting == 1 ? "akt" : "akter");
	page_add_card(p, TOKEN("nycklar"), STR("Nya nycklar"), PART(a, paragraphs, .sections = rows, .n_sections = n));
}

void page_my_day(struct request *r)
{
	struct my_rung *rungs = NULL;
	struct new_epochs epochs;
	struct inbox_waiting inbox = { .packages = 0 };
	size_t n = 0;
	enum err e = flow_new_epochs(r->flow, r->arena, &r->cookie, &epochs);
	if (e == OK)
		e = flow_my_day(r->flow, r->arena, &r->cookie, DAY_ROWS, &r->session, &rungs, &n);
	if (e == OK && route_allows(ROUTE_inbox, r->session.who.roles))
		e = flow_inbox_waiting(r->flow, r->arena, &r->cookie, &inbox);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Min dag"));
	struct group g[3] = { { STR("Försenat"), TOKEN("sent"), LIST_OF(p.a, day_list_rows, n), 0 },
	                      { STR("I dag"), TOKEN("idag"), LIST_OF(p.a, day_list_rows, n + inbox.n_same), 0 },
	                      { STR("Kommande"), TOKEN("kommande"), LIST_OF(p.a, day_list_rows, n), 0 } };
	struct day today = instant_day(r->session.now);
	for (size_t i = 0; i < inbox.n_same && g[1].rows; i++)
		add_same(r, &g[1], &inbox.same[i]);
	for (size_t i = 0; i < n && g[1].rows && g[2].rows; i++) {
		struct group *to = rungs[i].due.us < r->session.now.us ? &g[0] : instant_day(rungs[i].due).n <= today.n ? &g[1] : &g[2];
		add_row(r, to, &rungs[i]);
	}
	bool may = route_allows(ROUTE_intake_show, r->session.who.roles);
	page_add_heading(&p, arena_format(p.a, "Min dag, %.*s", STR_FMT(day_long(p.a, today))), n + inbox.n_same ? lead_of(p.a, g) : STR_UNSET,
	                 may ? path_intake_show() : PATH_UNSET, may ? STR("Ny aktualisering") : STR_UNSET);
	add_finding(&p);
	add_inbox(&p, inbox.packages);
	for (size_t i = 0; i < COUNT_OF(g); i++)
		if (g[i].n)
			page_add_card(&p, g[i].id, g[i].title, PART(p.a, day_list, .labelled_by = g[i].id, .rows = g[i].rows, .n_rows = g[i].n));
	if (n + inbox.n_same == 0)
		page_add(&p, no_cases(r));
	add_new_epochs(&p, &epochs);
	page_send(&p);
}

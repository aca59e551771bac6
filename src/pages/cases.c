/* pages/cases.c — Ärenden: all I hold in one table; and the answer of a search. */
#include "pages/case.h"

static void case_row(struct request *r, const struct my_case *m, struct day today, struct tpl_cases_rows *row)
{
	struct arena *a = r->arena;
	const struct summary *s = &m->summary;
	struct tpl_cases_rows_bars *bars = LIST_OF(a, cases_rows_bars, 4);
	bool on[4];
	size_t n_bars = threat_bars(s->threat, on);
	for (size_t i = 0; bars && i < n_bars; i++)
		bars[i].on = on[i];
	int level = threat_level_number(s->threat);
	*row = (struct tpl_cases_rows){
		.href = path_case_show(a, m->case_id), .code = case_code_str(a, m->case_id),
		.alias = s->alias.p && s->alias.n ? s->alias : STR_UNSET, .note = m->via_desk ? STR("Hos jouren") : STR_UNSET,
		.phase_number = phase_step(s->phase), .phase = str_c(phase_word(s->phase)), .acute = s->acute,
		.threat = level < 0 ? STR("Inte bedömd") : str_c(choice_text(&list_threat_class, s->threat)),
		.threat_tone = threat_tone(s->threat), .bars = bars, .n_bars = bars ? n_bars : 0,
		.next = s->next_step.p && s->next_step.n ? s->next_step : STR_UNSET, .due = STR_UNSET, .due_tone = TOKEN("neutral") };
	if (day_is_set(s->next_due))
		row->due = due_day(a, s->next_due, today, &row->due_tone, &row->late);
}

static void add_more(struct page *p, struct str title, struct str text)
{
	page_add(p, PART(p->a, notice, .tone = TOKEN("info"), .title = title, .text = text, .href = PATH_UNSET, .link = STR_UNSET));
}

void page_my_cases(struct request *r)
{
	struct my_case *list = NULL;
	size_t n = 0;
	bool more = false;
	enum err e = flow_my_cases(r->flow, r->arena, &r->cookie, &r->session, &list, &n, &more);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Ärenden"));
	bool may = route_allows(ROUTE_intake_show, r->session.who.roles);
	struct tpl_cases_rows *rows = LIST_OF(p.a, cases_rows, n);
	struct day today = instant_day(r->session.now);
	for (size_t i = 0; rows && i < n; i++)
		case_row(r, &list[i], today, &rows[i]);
	page_add_heading(&p, STR("Ärenden"), STR("Du ser bara ärenden du arbetar med."), may ? path_intake_show() : PATH_UNSET,
	                 may ? STR("Ny aktualisering") : STR_UNSET);
	if (more)
		add_more(&p, STR("Alla ärenden får inte plats här."), STR("Dina egna visas först, sedan jourens. Sök på kod, personnummer eller namn för att hitta de andra."));
	if (n)
		page_add_card(&p, TOKEN("mina"), arena_format(p.a, "Mina ärenden (%zu)", n),
		              PART(p.a, cases, .caption = STR("Mina ärenden"), .rows = rows, .n_rows = n));
	else
		page_add_empty(&p, STR("Inga ärenden än."), STR("Ärenden syns här när någon har gett dig behörighet, eller när du registrerar ett."),
		               may ? path_intake_show() : PATH_UNSET, may ? STR("Ny aktualisering") : STR_UNSET);
	page_send(&p);
}

void page_find(struct request *r)
{
	struct found *hits = NULL;
	size_t n = 0;
	bool more = false;
	struct str query = str_trim(typed(r, "q"));
	enum err e = flow_find(r->flow, r->arena, &r->cookie, query, &r->session, &hits, &n, &more);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	uint32_t code;
	if (n == 1 && case_code_parse(query, &code) == OK) {
		respond_redirect(r, path_case_show(r->arena, hits[0].case_id));
		return;
	}
	struct page p = page_begin(r, STR("Sök"));
	struct tpl_found_rows *rows = LIST_OF(p.a, found_rows, n);
	for (size_t i = 0; rows && i < n; i++)
		rows[i] = (struct tpl_found_rows){ path_case_show(p.a, hits[i].case_id), case_code_str(p.a, hits[i].case_id),
			hits[i].summary.alias.p && hits[i].summary.alias.n ? hits[i].summary.alias : STR_UNSET,
			str_c(phase_word(hits[i].summary.phase)) };
	page_add_heading(&p, STR("Sök"), STR_UNSET, PATH_UNSET, STR_UNSET);
	if (more)
		add_more(&p, STR("Sökningen är inte fullständig."), STR("Ni har så många ärenden att inte alla kan sökas igenom på namn. Sök på kod eller personnummer om du inte hittar ärendet."));
	if (n)
		page_add_card(&p, TOKEN("traffar"), STR("Träffar bland dina ärenden"), PART(p.a, found, .rows = rows, .n_rows = n));
	else
		page_add_empty(&p, STR("Inget ärende hittades."), STR("Kontrollera koden, till exempel K-4F7HB. Du kan söka på kod, namn och nummer. "
		               "Du ser bara ärenden du arbetar med."), path_my_cases(), STR("Visa mina ärenden"));
	page_send(&p);
}

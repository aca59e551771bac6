/* pages/parts.c — Hotbild och skydd, Möten, Beslut and Personer: lists and facts of a case. */
#include "pages/case.h"

struct fact_list { struct arena *a; struct tpl_facts_rows *rows; size_t n; };

static struct fact_list facts_begin(struct arena *a, size_t most)
{
	return (struct fact_list){ .a = a, .rows = LIST_OF(a, facts_rows, most) };
}

static void fact(struct fact_list *f, struct str term, struct str text)
{
	if (f->rows && text.p && text.n)
		f->rows[f->n++] = (struct tpl_facts_rows){ term, text, false, PATH_UNSET };
}

static struct html_part facts_card(struct fact_list *f, struct token id, struct str title, struct str empty_title, struct str empty_text)
{
	struct html_part body = f->n ? PART(f->a, facts, .rows = f->rows, .n_rows = f->n)
		: PART(f->a, empty, .title = empty_title, .text = empty_text, .action_href = PATH_UNSET, .action_text = STR_UNSET);
	return card_of(f->a, id, title, PATH_UNSET, STR_UNSET, body);
}

/* ---- Hotbild och skydd: kept apart from the risk of new crimes (UX 3.2) ---- */

static struct html_part threat_card(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct fact_list f = facts_begin(a, 10);
	fact(&f, STR("Hotbild mot personen"), threat_text(a, k, instant_day(o->now)));
	if (k->summary) {
		fact(&f, STR("Polisen skriver"), k->summary->text);
		fact(&f, STR("Bygger på"), str_c(choice_text(&list_threat_basis, k->summary->basis)));
	}
	if (k->threat_assessment)
		fact(&f, STR("Bygger på"), str_c(choice_text(&list_threat_basis, k->threat_assessment->basis)));
	if (instant_is_set(k->last_threat_at) && k->last_threat_at.us > 0)
		fact(&f, STR("Senast rapporterat"), instant_short(a, k->last_threat_at));
	return facts_card(&f, TOKEN("hotbild"), STR("Hotbild"), STR("Hotbilden är inte bedömd än."), STR("Räkna med hög hotbild tills dess."));
}

static struct html_part acute_card(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct fact_list f = facts_begin(a, 4 + 2 * k->n_acute_measures);
	fact(&f, STR("Läge"), k->acute ? acute_text(a, k, instant_day(o->now)) : STR_UNSET);
	if (k->acute)
		fact(&f, STR("Beslutat av"), k->acute_decider.name);
	for (size_t i = 0; i < k->n_acute_measures; i++) {
		const struct ev_acute_measure *m = k->acute_measures[i];
		struct buf b = buf_new(a, 2048);
		for (size_t j = 0; j < list_measure.n; j++)
			if (m->measures & (UINT64_C(1) << list_measure.rows[j].number)) {
				buf_str(&b, b.n ? STR(", ") : STR(""));
				buf_str(&b, str_c(list_measure.rows[j].text));
			}
		fact(&f, STR("Varför"), m->reason);
		fact(&f, STR("Hjälp nu"), buf_view(&b));
	}
	return facts_card(&f, TOKEN("akut"), STR("Akut skydd"), STR("Inget akut skydd pågår."),
	                  STR("Akut skydd kan börja när som helst. Det väntar inte på någon bedömning."));
}

static struct html_part protection_card(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct fact_list f = facts_begin(a, 4);
	if (k->protection) {
		fact(&f, STR("Skyddade personuppgifter"), str_c(choice_text(&list_protection_kind, k->protection->protection)));
		fact(&f, STR("Kontrollerat"), day_is_set(k->protection->checked) ? day_short_year(a, k->protection->checked) : STR_UNSET);
	}
	if (k->identity)
		fact(&f, STR("Säkert sätt att nå personen"), k->identity->safe_way);
	return facts_card(&f, TOKEN("skydd"), STR("Skydd"), STR("Skyddet är inte kontrollerat än."), STR("Kontrollera om personen har skyddade personuppgifter."));
}

void page_case_risk(struct request *r)
{
	static const struct link_row links[] = {
		{ CMD_REPORT_THREAT, "dan" }, { CMD_START_ACUTE, "pri" }, { CMD_REVIEW_ACUTE, "pri" }, { CMD_END_ACUTE, "neu" },
		{ CMD_REQUEST_POLICE, "sec" }, { CMD_CHECK_PROTECTED_IDENTITY, "sec" }, { CMD_ASSESS_THREAT, "pri" },
		{ CMD_WRITE_RISK_ANALYSIS, "sec" }, { CMD_HAND_OVER_SUMMARY, "sec" },
	};
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Hotbild och skydd"), ROUTE_case_risk);
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	page_add(&p, threat_card(r, &o));
	if (case_actor(r, &o).controller_kind == CONTROLLER_SOCIAL) {
		page_add(&p, acute_card(r, &o));
		page_add(&p, protection_card(r, &o));
	}
	page_send(&p);
}

/* ---- tables ---- */

struct table_maker {
	struct arena *a;
	const struct str *columns;
	size_t n_columns, n, most;
	struct tpl_table_rows *rows;
	struct tpl_table_rows_cells *cells;
};

static struct table_maker table_begin(struct arena *a, const struct str *columns, size_t n_columns, size_t most)
{
	return (struct table_maker){ .a = a, .columns = columns, .n_columns = n_columns, .most = most,
	                             .rows = LIST_OF(a, table_rows, most), .cells = LIST_OF(a, table_rows_cells, most * n_columns) };
}

static void table_row(struct table_maker *t, const struct str *texts)
{
	if (!t->rows || !t->cells || t->n == t->most)
		return;
	struct tpl_table_rows_cells *c = t->cells + t->n * t->n_columns;
	for (size_t i = 0; i < t->n_columns; i++)
		c[i] = (struct tpl_table_rows_cells){ .column = t->columns[i], .text = texts[i].n ? texts[i] : STR_UNSET, .head = i == 0 };
	t->rows[t->n++] = (struct tpl_table_rows){ c, t->n_columns };
}

/* Makes a cell of the newest row a link. */
static void table_link(struct table_maker *t, size_t column, struct path href)
{
	if (t->n > 0 && t->cells)
		t->cells[(t->n - 1) * t->n_columns + column].href = href;
}

static struct html_part table_card(struct table_maker *t, struct token id, struct str title, struct str empty_title, struct str empty_text)
{
	struct tpl_table_columns *cols = LIST_OF(t->a, table_columns, t->n_columns);
	for (size_t i = 0; cols && i < t->n_columns; i++)
		cols[i].text = t->columns[i];
	struct html_part body = t->n && cols
		? PART(t->a, table, .caption = title, .columns = cols, .n_columns = t->n_columns, .rows = t->rows, .n_rows = t->n)
		: PART(t->a, empty, .title = empty_title, .text = empty_text, .action_href = PATH_UNSET, .action_text = STR_UNSET);
	return card_of(t->a, id, title, PATH_UNSET, STR_UNSET, body);
}

static struct str parties_text(struct arena *a, uint64_t parties)
{
	struct buf b = buf_new(a, 512);
	for (size_t i = 0; i < list_party.n; i++)
		if (parties & (UINT64_C(1) << list_party.rows[i].number)) {
			buf_str(&b, b.n ? STR(", ") : STR(""));
			buf_str(&b, str_c(list_party.rows[i].text));
		}
	return buf_view(&b);
}

void page_case_meetings(struct request *r)
{
	static const struct link_row links[] = { { CMD_BOOK_MEETING, "pri" }, { CMD_HOLD_MEETING, "sec" } };
	const struct str columns[] = { STR("Möte"), STR("När"), STR("Var"), STR("Vilka"), STR("Läge") };
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Möten"), ROUTE_case_meetings);
	const struct kase *k = o.state;
	struct table_maker t = table_begin(p.a, columns, COUNT_OF(columns), k->n_meetings);
	for (size_t i = 0; i < k->n_meetings; i++) {
		const struct meeting_state *m = &k->meetings[i];
		bool passed = !m->held && m->at.us < o.now.us;
		const struct str row[] = { str_c(choice_text(&list_meeting_kind, m->kind)), instant_short(p.a, m->at), m->place,
		                           parties_text(p.a, m->parties),
		                           m->held ? STR("Hållet") : passed ? STR("Bokat, skriv in mötet") : STR("Bokat") };
		table_row(&t, row);
		if (passed && offered(r, &o, CMD_HOLD_MEETING))
			table_link(&t, 4, path_command_show(p.a, o.case_id, token_name(command_row(CMD_HOLD_MEETING)->name)));
	}
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	page_add(&p, table_card(&t, TOKEN("moten"), STR("Möten"), STR("Inga möten än."), STR("Boka det första mötet. Personen ska mötas i dag eller i morgon.")));
	page_send(&p);
}

static struct str step_text(const struct investigation_state *i)
{
	switch (i->step) {
	case INVESTIGATION_OPEN: return STR("Pågår");
	case INVESTIGATION_PROPOSED: return STR("Förslag finns");
	case INVESTIGATION_DECIDED: return i->decided ? str_c(choice_text(&list_decision_outcome, i->decided->outcome)) : STR("Beslutad");
	case INVESTIGATION_CLOSED: break;
	}
	return STR("Avslutad utan beslut");
}

static struct html_part position_card(struct arena *a, const struct kase *k)
{
	struct fact_list f = facts_begin(a, 8);
	if (k->position) {
		fact(&f, STR("Ingår i verksamheten"), str_c(choice_text(&list_yesno, k->position->included)));
		fact(&f, STR("Undertecknat av"), k->position_author);
		fact(&f, STR("Roll"), k->position->role);
		fact(&f, STR("När"), instant_short(a, k->position_at));
		fact(&f, STR("Skäl"), k->position->reason);
		fact(&f, STR("Stöd"), k->position->support);
		fact(&f, STR("Vägen tillbaka"), k->position->way_back);
	}
	return facts_card(&f, TOKEN("stallning"), STR("Ställningstagande"), STR("Ingen har tagit ställning än."),
	                  STR("Ställningstagandet är inget beslut enligt SoL. Rätten till stöd finns alltid."));
}

void page_case_decisions(struct request *r)
{
	static const struct link_row links[] = {
		{ CMD_OPEN_INVESTIGATION, "pri" }, { CMD_PROPOSE_DECISION, "sec" }, { CMD_DECIDE_INVESTIGATION, "sec" },
		{ CMD_COMPLETE_DECISION, "sec" }, { CMD_END_INVESTIGATION, "neu" }, { CMD_REQUEST_DECISION, "sec" },
		{ CMD_SIGN_POSITION, "sec" }, { CMD_START_PLANNING, "sec" },
	};
	const struct str columns[] = { STR("Utredning"), STR("Kom in"), STR("Läge"), STR("Beslut") };
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Beslut"), ROUTE_case_decisions);
	const struct kase *k = o.state;
	struct table_maker t = table_begin(p.a, columns, COUNT_OF(columns), k->n_investigations);
	for (size_t i = 0; i < k->n_investigations; i++) {
		const struct investigation_state *v = &k->investigations[i];
		const struct str row[] = {
			v->opened ? str_c(choice_text(&list_investigation_kind, v->opened->kind)) : STR("Utredning"),
			v->opened && day_is_set(v->opened->received) ? day_short_year(p.a, v->opened->received) : STR(""),
			step_text(v), v->decided ? v->decided->content : STR("") };
		table_row(&t, row);
	}
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	page_add(&p, position_card(p.a, k));
	page_add(&p, table_card(&t, TOKEN("utredningar"), STR("Utredningar och beslut enligt SoL"), STR("Ingen utredning än."),
	                        STR("Personen kan ansöka om stöd när som helst. Det väntar inte på ställningstagandet.")));
	page_send(&p);
}

/* One row a person, with all that the person does in the case. */
static void team_row(struct table_maker *t, struct str name, struct str does)
{
	const struct str row[] = { name, does };
	if (name.n == 0)
		return;
	for (size_t i = 0; t->cells && i < t->n; i++) {
		struct str *had = &t->cells[i * t->n_columns + 1].text;
		if (!str_eq(t->cells[i * t->n_columns].text, name))
			continue;
		*had = arena_format(t->a, "%.*s. %.*s", STR_FMT(*had), STR_FMT(does));
		return;
	}
	table_row(t, row);
}

static struct html_part team_card(struct arena *a, const struct kase *k)
{
	const struct str columns[] = { STR("Vem"), STR("Uppgift") };
	struct table_maker t = table_begin(a, columns, COUNT_OF(columns), k->n_members + 4);
	team_row(&t, k->officer.name, STR("Handläggare"));
	team_row(&t, k->second.name, STR("Andra handläggare"));
	if (k->contact_lead) {
		team_row(&t, k->contact_lead->lead.name, STR("Kontakt i ärendet"));
		team_row(&t, k->contact_lead->deputy.name, STR("Ersättare för kontakten"));
	}
	for (size_t i = 0; i < k->n_members; i++)
		team_row(&t, k->members[i].person.name, k->members[i].function.n ? k->members[i].function : STR("Medlem"));
	return table_card(&t, TOKEN("grupp"), STR("Vi som arbetar i ärendet"), STR("Ingen är utsedd än."), STR("Jouren har ärendet tills någon är utsedd."));
}

static struct html_part around_card(struct arena *a, const struct kase *k)
{
	const struct str columns[] = { STR("Namn"), STR("Relation"), STR("Nås"), STR("Får vi kontakta?") };
	struct table_maker t = table_begin(a, columns, COUNT_OF(columns), k->n_persons);
	for (size_t i = 0; i < k->n_persons; i++) {
		const struct ev_person_added *e = k->persons[i].person;
		const struct str row[] = { e->name, str_c(choice_text(&list_relation, e->relation)), e->reach,
		                           str_c(choice_text(&list_yesno, e->may_contact)) };
		table_row(&t, row);
	}
	return table_card(&t, TOKEN("anhoriga"), STR("Anhöriga och kontakter"), STR("Ingen är inskriven än."),
	                  STR("Fråga personen vilka som är viktiga, och vilka vi får kontakta."));
}

void page_case_people(struct request *r)
{
	static const struct link_row links[] = {
		{ CMD_NAME_MEMBER, "pri" }, { CMD_REMOVE_MEMBER, "sec" }, { CMD_NAME_OFFICERS, "sec" }, { CMD_ADD_PERSON, "sec" }, { CMD_UPDATE_IDENTITY, "sec" },
		{ CMD_DECLARE_CONFLICT, "neu" },
	};
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Personer"), ROUTE_case_people);
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	page_add(&p, team_card(p.a, o.state));
	if (o.held & COMPARTMENT_BIT(COMPARTMENT_RELATIVES))
		page_add(&p, around_card(p.a, o.state));
	page_send(&p);
}

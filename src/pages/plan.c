/* pages/plan.c — Handlingsplan: the goals in the person's own words, who answers for what, and the agreement. */
#include "pages/case.h"
#include "pages/forms.h"

static size_t measures_of(struct arena *a, const struct ev_goal *g, struct tpl_plan_areas_measures **ret)
{
	struct tpl_plan_areas_measures *m = LIST_OF(a, plan_areas_measures, list_measure.n + 1);
	size_t n = 0;
	struct str who = g->who.p && g->who.n ? g->who : STR("Ansvarig inte utsedd");
	struct str when = day_is_set(g->when) ? day_short_year(a, g->when) : STR("");
	for (size_t i = 0; m && i < list_measure.n; i++)
		if (g->measures & (UINT64_C(1) << list_measure.rows[i].number))
			m[n++] = (struct tpl_plan_areas_measures){ str_c(list_measure.rows[i].text), who, when, STR_UNSET, TOKEN_UNSET };
	if (m && n == 0)
		m[n++] = (struct tpl_plan_areas_measures){ STR("Inget stöd valt än"), who, when, STR_UNSET, TOKEN_UNSET };
	*ret = m;
	return m ? n : 0;
}

static struct html_part goals_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct tpl_plan_areas *areas = LIST_OF(a, plan_areas, k->n_goals);
	bool may = offered(r, o, CMD_CHANGE_GOAL);
	for (size_t i = 0; areas && i < k->n_goals; i++) {
		const struct ev_goal *g = k->goals[i].goal;
		struct tpl_plan_areas_measures *m = NULL;
		size_t n = measures_of(a, g, &m);
		areas[i] = (struct tpl_plan_areas){
			.id = token_numbered(a, TOKEN("mal"), i), .title = str_c(choice_text(&list_need, g->area)),
			.words = g->words.p ? g->words : STR_UNSET, .note = STR_UNSET,
			.edit_href = may ? path_with_query(a, path_command_show(a, o->case_id, token_name(command_row(CMD_CHANGE_GOAL)->name)),
			                                   TOKEN("goal"), id_str(a, k->goals[i].id)) : PATH_UNSET,
			.measures = m, .n_measures = n };
	}
	return PART(a, plan, .areas = areas, .n_areas = areas ? k->n_goals : 0);
}

static struct html_part agreement_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct tpl_facts_rows *rows = LIST_OF(a, facts_rows, 8);
	size_t n = 0;
	if (!rows)
		return HTML_UNSET;
	rows[n++] = (struct tpl_facts_rows){ STR("Läge"), k->plan_agreed ? arena_format(a, "Överenskommen %.*s",
		STR_FMT(day_short_year(a, k->plan_agreed_on))) : STR("Inte överenskommen än"), true, PATH_UNSET };
	if (k->plan_words && k->plan_words->own_words.p)
		rows[n++] = (struct tpl_facts_rows){ STR("Med egna ord"), k->plan_words->own_words, false, PATH_UNSET };
	rows[n++] = (struct tpl_facts_rows){ STR("Kontakt i ärendet"), k->contact_lead && k->contact_lead->lead.name.n
		? k->contact_lead->lead.name : STR("Inte utsedd än"), false, PATH_UNSET };
	rows[n++] = (struct tpl_facts_rows){ STR("Ersättare"), k->contact_lead && k->contact_lead->deputy.name.n
		? k->contact_lead->deputy.name : STR("Inte utsedd än"), false, PATH_UNSET };
	rows[n++] = (struct tpl_facts_rows){ STR("Hur ofta"), k->cadence ? str_c(choice_text(&list_cadence, k->cadence))
		: STR("Inte bestämt än"), false, PATH_UNSET };
	return card_of(a, TOKEN("overens"), STR("Överenskommelsen"), PATH_UNSET, STR_UNSET,
	               PART(a, facts, .rows = rows, .n_rows = n));
}

static struct html_part consents_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct tpl_table_columns *cols = LIST_OF(a, table_columns, 3);
	struct tpl_table_rows *rows = LIST_OF(a, table_rows, k->n_consents);
	if (!cols || !rows)
		return HTML_UNSET;
	cols[0].text = STR("Vem");
	cols[1].text = STR("Samtycke");
	cols[2].text = STR("Gäller till");
	for (size_t i = 0; i < k->n_consents; i++) {
		const struct consent_row *c = &k->consents[i];
		struct tpl_table_rows_cells *cell = LIST_OF(a, table_rows_cells, 3);
		if (!cell)
			return HTML_UNSET;
		bool yes = c->state == CONSENT_YES;
		cell[0] = (struct tpl_table_rows_cells){ .column = cols[0].text, .text = str_c(choice_text(&list_party, c->party)), .head = true };
		cell[1] = (struct tpl_table_rows_cells){ .column = cols[1].text, .text = str_c(choice_text(&list_consent_state, c->state)),
		                                         .tone = yes ? TOKEN("success") : TOKEN("warning") };
		cell[2] = (struct tpl_table_rows_cells){ .column = cols[2].text,
		                                         .text = day_is_set(c->until) ? day_short_year(a, c->until) : STR("Tills vidare") };
		rows[i] = (struct tpl_table_rows){ cell, 3 };
	}
	struct html_part body = k->n_consents
		? PART(a, table, .caption = STR("Samtycken: vem får veta vad"), .columns = cols, .n_columns = 3, .rows = rows, .n_rows = k->n_consents)
		: PART(a, empty, .title = STR("Personen har inte fått frågan än."),
		       .text = STR("Dela inget förrän du har frågat eller har stöd i lag."), .action_href = PATH_UNSET, .action_text = STR_UNSET);
	bool may = offered(r, o, CMD_RECORD_CONSENT);
	return card_of(a, TOKEN("samtycken"), STR("Samtycken: vem får veta vad"),
	               may ? path_command_show(a, o->case_id, token_name(command_row(CMD_RECORD_CONSENT)->name)) : PATH_UNSET,
	               may ? STR("Ändra samtycken") : STR_UNSET, body);
}

/* What the plan lacks stands here as forms, so that one sitting with the person is one page. */
static void plan_forms(struct page *p, struct request *r, const struct opened_case *o)
{
	static const enum command_id forms[] = { CMD_NAME_CONTACT_LEAD, CMD_SET_CADENCE, CMD_ADD_GOAL, CMD_AGREE_PLAN };
	const struct kase *k = o->state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		enum command_id c = forms[i];
		bool wanted = c == CMD_NAME_CONTACT_LEAD ? !k->contact_lead || !k->contact_lead->deputy.name.n
		            : c == CMD_SET_CADENCE ? k->cadence == CADENCE_NONE : c == CMD_ADD_GOAL ? k->n_goals == 0
		            : !k->plan_agreed && k->n_goals > 0 && k->contact_lead && k->cadence;
		if (!wanted || !offered(r, o, c))
			continue;
		struct form_wish w = { .command = c, .case_id = o->case_id, .on = o->version, .back = TOKEN("plan"),
		                       .untitled = true, .options = { .state = k } };
		struct str title = arena_format(p->a, "Nästa steg: %s", command_title(c));
		page_add(p, card_of(p->a, token_name(command_row(c)->name), title, PATH_UNSET, STR_UNSET, command_form(r, &w)));
		p->has_form = true;
		return;
	}
}

void page_case_plan(struct request *r)
{
	static const struct link_row links[] = {
		{ CMD_ADD_GOAL, "pri" }, { CMD_REMOVE_GOAL, "neu" }, { CMD_NAME_CONTACT_LEAD, "sec" }, { CMD_SET_CADENCE, "sec" },
		{ CMD_AGREE_PLAN, "sec" },
	};
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Handlingsplan"), ROUTE_case_plan);
	struct tpl_columns_left *left = LIST_OF(p.a, columns_left, 2);
	struct tpl_columns_right *right = LIST_OF(p.a, columns_right, 3);
	add_receipt(&p, &o);
	plan_forms(&p, r, &o);
	page_add(&p, command_links(r, &o, links, COUNT_OF(links)));
	if (left && right) {
		left[0].part = o.state->n_goals ? goals_part(r, &o)
			: card_of(p.a, TOKEN("mal"), STR("Mål"), PATH_UNSET, STR_UNSET,
			          PART(p.a, empty, .title = STR("Planen har inga mål än."),
			               .text = STR("Skriv målen tillsammans med personen, med personens egna ord."),
			               .action_href = PATH_UNSET, .action_text = STR_UNSET));
		right[0].part = agreement_part(r, &o);
		right[1].part = consents_part(r, &o);
		page_add(&p, PART(p.a, columns, .left = left, .n_left = 1, .right = right, .n_right = 2));
	}
	page_send(&p);
}

/* pages/inbox.c — Inkorg: packages handed to my cases or my desk, to accept or put aside. */
#include "pages/page.h"

/* What the receiver must have read before it is taken in: every part of a joint assessment, the purpose of a request. */
static size_t facts_of_item(struct arena *a, const struct inbox_item *m, struct tpl_inbox_items_facts **ret)
{
	static const char *const shown[] = { "purpose", "needs", "threat", "support", "level", "until", "danger" };
	struct shown_field *fields = NULL;
	size_t n = 0, kept = 0;
	if (!m->event || event_fields(a, m->event, &fields, &n) != OK)
		return 0;
	*ret = LIST_OF(a, inbox_items_facts, n);
	for (size_t i = 0; *ret && i < n; i++)
		for (size_t k = 0; k < COUNT_OF(shown); k++)
			if (str_eq_c(str_c(fields[i].name), shown[k]))
				(*ret)[kept++] = (struct tpl_inbox_items_facts){ str_c(fields[i].label), fields[i].text };
	return kept;
}

static void item_row(struct request *r, const struct inbox_item *m, size_t i, struct tpl_inbox_items *row)
{
	struct arena *a = r->arena;
	const struct package_row *k = package_row(m->kind);
	struct str kind = k ? str_c(k->text) : STR("Möjligen samma person");
	struct tpl_inbox_items_facts *facts = NULL;
	struct str accept = k ? str_c(command_row(k->accept)->button) : STR("Jag har sett det");
	*row = (struct tpl_inbox_items){
		.id = token_numbered(a, TOKEN("paket"), i), .kind = kind, .tone = TOKEN("info"),
		.sender = m->sender.p ? m->sender : STR(""), .when = instant_short(a, m->sent),
		.target = m->desk ? STR("Jouren") : m->code, .ground = m->ground.p && m->ground.n ? m->ground : STR("Står inte i paketet"),
		.text = m->text.p && m->text.n && m->kind != PACKAGE_JOINT_ASSESSMENT ? m->text : STR_UNSET,
		.hash = m->document_hash.p && m->document_hash.n ? m->document_hash : STR_UNSET,
		.action = path_inbox_accept(a, m->deposit_id), .keys = page_keys(r, STR_UNSET), .accept = accept };
	row->n_facts = facts_of_item(a, m, &facts);
	row->facts = facts;
}

static void show_inbox(struct request *r, const struct refusal *refused, int status)
{
	struct inbox_item *items = NULL;
	size_t n = 0;
	enum err e = flow_inbox(r->flow, r->arena, &r->cookie, &r->session, &items, &n);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Inkorg"));
	struct tpl_inbox_items *rows = LIST_OF(p.a, inbox_items, n);
	for (size_t i = 0; rows && i < n; i++)
		item_row(r, &items[i], i, &rows[i]);
	p.status = status;
	page_add_heading(&p, STR("Inkorg"), STR("Det som andra myndigheter har lämnat till dina ärenden eller till jouren. Varje öppning loggas."),
	                 PATH_UNSET, STR_UNSET);
	if (refused) {
		const struct refusal_row *row = refusal_row(refused->id);
		const struct basis_row *basis = basis_on(row->basis, DAY_UNSET);
		page_add(&p, PART(p.a, refusal, .title = STR("Det går inte att ta emot än"), .text = str_c(row->text), .rule = str_c(row->rule),
		                  .basis = basis ? str_c(basis->citation) : STR_UNSET, .remedy = str_c(row->remedy), .remedy_href = PATH_UNSET,
		                  .remedy_link = STR_UNSET));
	}
	if (n)
		page_add(&p, PART(p.a, inbox, .items = rows, .n_items = rows ? n : 0));
	else
		page_add_empty(&p, STR("Inget nytt i inkorgen."), STR("Här syns begäran, sammanfattningar och underskrifter från andra myndigheter."),
		               path_my_day(), STR("Till Min dag"));
	page_send(&p);
}

void page_inbox(struct request *r)
{
	show_inbox(r, NULL, 200);
}

void page_inbox_accept(struct request *r)
{
	struct act_result res;
	bool accept = str_eq_c(typed(r, "svar"), "ta-emot");
	if (!accept && !str_eq_c(typed(r, "svar"), "lagg-undan")) {
		respond_err(r, ERR_INVALID);
		return;
	}
	enum err e = flow_accept(r->flow, r->arena, &r->cookie, r->deposit, accept, r->token, &r->session, &res);
	if (e != OK)
		respond_err(r, e);
	else if (!res.saved)
		show_inbox(r, &res.refusal, 422);
	else if (accept && !id_is_zero(res.case_id))
		respond_redirect(r, receipt_path(r->arena, path_case_show(r->arena, res.case_id), res.command, res.unindexed));
	else
		respond_redirect(r, path_inbox());
}

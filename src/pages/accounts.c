/* pages/accounts.c — Konton: invite, certify by two officers, give standing keys, close. */
#include "pages/page.h"

struct invite_form { bool done; struct str login, name, title, login_error, name_error, title_error, roles_error; size_t n_errors; };

static struct str state_of(struct arena *a, const struct account *c)
{
	if (c->disabled)
		return STR("Stängt");
	if (c->invited)
		return arena_format(a, "Inbjuden till %.*s", STR_FMT(day_short(a, instant_day(c->expires))));
	if (!c->certified)
		return arena_format(a, "Väntar på intyg (%d av 2)", c->signatures);
	return c->holds_standing ? STR("Klart") : STR("Väntar på nycklar");
}

static struct token tone_of(const struct account *c)
{
	if (c->disabled)
		return TOKEN("neutral");
	return c->certified && c->holds_standing ? TOKEN("success") : TOKEN("warning");
}

static struct str roles_text(struct arena *a, uint64_t roles)
{
	struct buf b = buf_new(a, 256);
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (roles & (UINT64_C(1) << i)) {
			buf_str(&b, b.n ? STR(", ") : STR(""));
			buf_str(&b, str_c(role_rows[i].title));
		}
	return buf_view(&b);
}

static struct html_part button(struct request *r, struct path action, const char *look, struct str text, struct str what)
{
	return PART(r->arena, button_form, .action = action, .keys = page_keys(r, STR_UNSET), .look = token_name(look), .small = true,
	            .text = text, .what = what);
}

/* One button a row: the next thing that is to be done with the account. */
static struct html_part next_button(struct request *r, const struct account *c)
{
	struct arena *a = r->arena;
	uint64_t roles = r->session.who.roles;
	if (c->disabled || c->invited)
		return HTML_UNSET;
	if (!c->certified && route_allows(ROUTE_account_certify, roles))
		return button(r, path_account_certify(a, c->user), "pri", STR("Intyga"), c->name);
	if (c->certified && !c->holds_standing && route_allows(ROUTE_account_standing, roles))
		return button(r, path_account_standing(a, c->user), "pri", STR("Ge nycklar"), c->name);
	if (route_allows(ROUTE_account_disable, roles) && !id_eq(c->user, r->session.user))
		return button(r, path_account_disable(a, c->user), "neu", STR("Stäng"), c->name);
	return HTML_UNSET;
}

static struct html_part accounts_table(struct request *r, const struct account *list, size_t n)
{
	static const char *const names[] = { "Namn", "Befattning", "Roller", "Läge", "Nästa" };
	struct arena *a = r->arena;
	struct tpl_table_columns *cols = LIST_OF(a, table_columns, COUNT_OF(names));
	struct tpl_table_rows *rows = LIST_OF(a, table_rows, n);
	for (size_t i = 0; cols && i < COUNT_OF(names); i++)
		cols[i].text = str_c(names[i]);
	for (size_t i = 0; rows && i < n; i++) {
		struct tpl_table_rows_cells *c = LIST_OF(a, table_rows_cells, COUNT_OF(names));
		if (!c)
			return HTML_UNSET;
		c[0] = (struct tpl_table_rows_cells){ .column = str_c(names[0]), .text = list[i].name, .head = true };
		c[1] = (struct tpl_table_rows_cells){ .column = str_c(names[1]), .text = list[i].title.p ? list[i].title : STR("") };
		c[2] = (struct tpl_table_rows_cells){ .column = str_c(names[2]), .text = roles_text(a, list[i].roles) };
		c[3] = (struct tpl_table_rows_cells){ .column = str_c(names[3]), .text = state_of(a, &list[i]), .tone = tone_of(&list[i]) };
		c[4] = (struct tpl_table_rows_cells){ .column = str_c(names[4]), .text = STR_UNSET, .part = next_button(r, &list[i]) };
		rows[i] = (struct tpl_table_rows){ c, COUNT_OF(names) };
	}
	return PART(a, table, .caption = STR("Konton"), .columns = cols, .n_columns = COUNT_OF(names), .rows = rows, .n_rows = n);
}

static struct html_part text_input(struct request *r, const struct invite_form *f, const char *name, const char *label, const char *hint,
                                   struct str error)
{
	return PART(r->arena, field_line, .id = token_name(name), .name = token_name(name), .label = str_c(label), .hint = str_c(hint),
	            .error = error, .value = f->done ? STR("") : typed(r, name), .type = TOKEN("text"), .look = TOKEN("w16"), .inputmode = TOKEN("text"),
	            .autocomplete = TOKEN("off"), .most = 80, .suffix = STR_UNSET);
}

static const enum role invitable[] = { ROLE_COORDINATOR, ROLE_SOCIAL_WORKER, ROLE_POLICE, ROLE_MANAGER, ROLE_OFFICER, ROLE_REVIEWER, ROLE_ADMINISTRATOR };

static uint64_t roles_typed(const struct request *r)
{
	uint64_t roles = 0;
	enum role role;
	for (size_t i = 0; request_field_n(r, "roll", i).p; i++)
		if (role_by_code(request_field_n(r, "roll", i), &role) == OK)
			roles |= UINT64_C(1) << role;
	return roles;
}

static struct html_part invite_form(struct request *r, const struct invite_form *f)
{
	struct arena *a = r->arena;
	struct tpl_form_fields *fields = LIST_OF(a, form_fields, 4);
	struct tpl_field_checks_options *o = LIST_OF(a, field_checks_options, COUNT_OF(invitable));
	struct tpl_form_errors *errors = LIST_OF(a, form_errors, 4);
	size_t n = 0;
	if (!fields || !o || !errors)
		return HTML_UNSET;
	for (size_t i = 0; i < COUNT_OF(invitable); i++)
		o[i] = (struct tpl_field_checks_options){ .id = i ? token_numbered(a, TOKEN("roll"), i) : TOKEN("roll"),
			.value = token_name(role_rows[invitable[i]].code), .text = str_c(role_rows[invitable[i]].title), .hint = STR_UNSET,
			.chosen = !f->done && (roles_typed(r) & (UINT64_C(1) << invitable[i])) != 0 };
	fields[0].field = text_input(r, f, "anvandare", "Användarnamn", "Det personen skriver när den loggar in.", f->login_error);
	fields[1].field = text_input(r, f, "namn", "Namn", "Som det ska synas för kollegor.", f->name_error);
	fields[2].field = text_input(r, f, "befattning", "Befattning", "Till exempel samordnare.", f->title_error);
	fields[3].field = PART(a, field_checks, .id = TOKEN("roll"), .name = TOKEN("roll"), .label = STR("Roller"), .hint = STR_UNSET,
	                       .error = f->roles_error, .beside = true, .options = o, .n_options = COUNT_OF(invitable));
	if (f->login_error.p)
		errors[n++] = (struct tpl_form_errors){ TOKEN("anvandare"), f->login_error };
	if (f->name_error.p)
		errors[n++] = (struct tpl_form_errors){ TOKEN("namn"), f->name_error };
	if (f->title_error.p)
		errors[n++] = (struct tpl_form_errors){ TOKEN("befattning"), f->title_error };
	if (f->roles_error.p)
		errors[n++] = (struct tpl_form_errors){ TOKEN("roll"), f->roles_error };
	return PART(a, form, .title = STR_UNSET, .intro = STR("Koden visas en gång och gäller i tre dygn. Lämna den personligen."),
	            .errors_title = n ? STR("Rätta det här innan du bjuder in") : STR_UNSET, .errors = errors, .n_errors = n,
	            .action = path_account_invite(), .keys = page_keys(r, STR_UNSET), .fields = fields, .n_fields = 4,
	            .submit = STR("Bjud in"), .submit_look = TOKEN("pri"), .cancel = PATH_UNSET);
}

static void show_accounts(struct request *r, struct html_part notice, const struct invite_form *f, int status)
{
	struct account *list = NULL;
	size_t n = 0;
	enum err e = flow_accounts(r->flow, r->arena, &r->cookie, &r->session, &list, &n);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Konton"));
	p.status = status;
	p.faulty = f->login_error.p || f->name_error.p || f->title_error.p || f->roles_error.p;
	page_add_heading(&p, STR("Konton"), STR("Två behörighetsansvariga intygar varje konto. Sedan ger en kollega nycklarna."), PATH_UNSET, STR_UNSET);
	page_add(&p, notice);
	page_add_card(&p, TOKEN("konton"), STR("Alla konton"), accounts_table(r, list, n));
	if (route_allows(ROUTE_account_invite, r->session.who.roles)) {
		p.has_form = true;
		page_add_card(&p, TOKEN("bjud-in"), STR("Bjud in en kollega"), invite_form(r, f));
	}
	page_send(&p);
}

static struct html_part note(struct arena *a, const char *tone, struct str title, struct str text)
{
	return PART(a, notice, .tone = token_name(tone), .title = title, .text = text, .href = PATH_UNSET, .link = STR_UNSET);
}

void page_accounts(struct request *r)
{
	struct invite_form f = { .n_errors = 0 };
	show_accounts(r, HTML_UNSET, &f, 200);
}

void page_account_invite(struct request *r)
{
	struct invite_form f = { .n_errors = 0 };
	struct invite_wish w = { .login = str_trim(typed(r, "anvandare")), .name = str_trim(typed(r, "namn")),
	                         .title = str_trim(typed(r, "befattning")), .roles = roles_typed(r) };
	struct str code;
	f.login_error = w.login.n < 2 ? STR("Skriv ett användarnamn med minst två tecken") : STR_UNSET;
	f.name_error = w.name.n == 0 ? STR("Skriv personens namn") : STR_UNSET;
	f.title_error = w.title.n == 0 ? STR("Skriv befattningen") : STR_UNSET;
	f.roles_error = w.roles == 0 ? STR("Välj minst en roll") : STR_UNSET;
	if (f.login_error.p || f.name_error.p || f.title_error.p || f.roles_error.p) {
		show_accounts(r, HTML_UNSET, &f, 400);
		return;
	}
	enum err e = flow_invite(r->flow, r->arena, &r->cookie, &w, &r->session, &code);
	if (e == ERR_EXISTS) {
		f.login_error = STR("Användarnamnet är upptaget. Välj ett annat.");
		show_accounts(r, HTML_UNSET, &f, 400);
	} else if (e != OK) {
		respond_err(r, e);
	} else {
		f.done = true;
		show_accounts(r, note(r->arena, "success", arena_format(r->arena, "Koden är %.*s", STR_FMT(code)),
		                      STR("Den visas bara nu. Lämna den till personen, som öppnar sidan Nytt konto och väljer en lösenfras.")), &f, 200);
	}
}

void page_account_certify(struct request *r)
{
	bool whole = false;
	struct invite_form f = { .n_errors = 0 };
	enum err e = flow_certify(r->flow, r->arena, &r->cookie, r->user, &r->session, &whole);
	if (e == ERR_EXISTS || e == ERR_DENIED)
		show_accounts(r, note(r->arena, "warning", STR("Du har redan intygat kontot."), STR("En annan behörighetsansvarig behöver intyga det också.")), &f, 409);
	else if (e != OK)
		respond_err(r, e);
	else
		show_accounts(r, note(r->arena, "success", whole ? STR("Kontot är intygat av två.") : STR("Du har intygat kontot."),
		                      whole ? STR("Ge nu nycklarna.") : STR("En behörighetsansvarig till behöver intyga.")), &f, 200);
}

void page_account_standing(struct request *r)
{
	struct invite_form f = { .n_errors = 0 };
	enum err e = flow_grant_standing(r->flow, r->arena, &r->cookie, r->user, &r->session);
	if (e == ERR_DENIED)
		show_accounts(r, note(r->arena, "warning", STR("Du har inte de nycklarna själv."), STR("Be en kollega som arbetar i ärenden att ge dem.")), &f, 409);
	else if (e != OK)
		respond_err(r, e);
	else
		show_accounts(r, note(r->arena, "success", STR("Nycklarna är givna."), STR("De gäller från nästa inloggning.")), &f, 200);
}

/* A closed account cannot be opened again: asked once more, with the name. */
static void ask_disable(struct request *r)
{
	struct account *list = NULL;
	size_t n = 0, i = 0;
	enum err e = flow_accounts(r->flow, r->arena, &r->cookie, &r->session, &list, &n);
	while (e == OK && i < n && !id_eq(list[i].user, r->user))
		i++;
	if (e != OK || i == n) {
		respond_err(r, e != OK ? e : ERR_NOT_FOUND);
		return;
	}
	struct page p = page_begin(r, STR("Stänga kontot?"));
	struct tpl_button_form_fields *yes = LIST_OF(p.a, button_form_fields, 1);
	struct tpl_links_rows *no = LIST_OF(p.a, links_rows, 1);
	if (!yes || !no) {
		respond_err(r, ERR_FULL);
		return;
	}
	yes[0] = (struct tpl_button_form_fields){ TOKEN("sakert"), STR("ja") };
	no[0] = (struct tpl_links_rows){ path_accounts(), TOKEN("neu"), HTML_UNSET, STR("Avbryt") };
	p.has_form = true;
	page_add_heading(&p, arena_format(p.a, "Stänga kontot för %.*s?", STR_FMT(list[i].name)),
	                 STR("Personen loggas ut genast och kan inte logga in igen. Ett stängt konto går inte att öppna. "
	                     "Det som personen har skrivit finns kvar."), PATH_UNSET, STR_UNSET);
	page_add(&p, PART(p.a, button_form, .action = path_account_disable(p.a, r->user), .keys = page_keys(r, STR_UNSET), .fields = yes,
	                  .n_fields = 1, .look = TOKEN("dan"), .text = STR("Stäng kontot"), .what = list[i].name));
	page_add(&p, PART(p.a, links, .lead = STR_UNSET, .rows = no, .n_rows = 1));
	page_send(&p);
}

void page_account_disable(struct request *r)
{
	struct invite_form f = { .n_errors = 0 };
	size_t last = 0;
	if (!str_eq_c(typed(r, "sakert"), "ja")) {
		ask_disable(r);
		return;
	}
	enum err e = flow_disable(r->flow, r->arena, &r->cookie, r->user, &r->session, &last);
	if (e != OK)
		respond_err(r, e);
	else if (last)
		show_accounts(r, note(r->arena, "danger", arena_format(r->arena, "Kontot kan inte stängas. Personen är ensam om %zu %s.", last,
		                      last == 1 ? "akt" : "akter"),
		                      STR("Ge först någon annan behörighet, eller låt två nyckelväktare öppna akterna.")), &f, 409);
	else
		show_accounts(r, note(r->arena, "success", STR("Kontot är stängt."), STR("Det gäller genast. Nycklarna byts när nästa kollega öppnar Min dag.")), &f, 200);
}

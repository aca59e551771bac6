/* pages/log.c — Logg: what the reviewer reads, newest first, page by page; all of it, of one case, one person, some days. */
#include "pages/page.h"
#include "crypto/log_entry.h"
#include "flow/lines.h"

static struct str value_of(struct str body, struct str name)
{
	struct str v = line_get(body, name);
	return v.p ? v : STR("");
}

/* All zeros: no case; the user's own id: a login; the standing dossiers are no cases either. */
static struct str case_shown(struct request *r, struct str hex, struct str user)
{
	static const char *const standing[] = { "Kontolistan", "Jouren", "Sökregistret", "Loggen" };
	const struct vault_who *me = &r->session.who;
	struct id16 id;
	if (id_parse(hex, &id) != OK || id_is_zero(id) || str_eq(hex, user))
		return STR("");
	for (size_t i = 0; i < COUNT_OF(standing); i++)
		if (id_eq(me->standing[i], id))
			return str_c(standing[i]);
	return case_code_str(r->arena, id);
}

static struct str act_shown(struct str word)
{
	struct str s = act_text(word);
	return s.p ? s : word;
}

static struct str who_shown(const struct account *people, size_t n, struct arena *a, struct str hex)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(id_str(a, people[i].user), hex))
			return people[i].name;
	/* Somebody of another authority, or a name that cannot be opened: the id is what the log holds. */
	return hex.n > 8 ? arena_format(a, "%.8s…", hex.p) : hex;
}

static struct str purpose_shown(struct str number)
{
	unsigned v = 0;
	for (size_t i = 0; i < number.n && number.p[i] >= '0' && number.p[i] <= '9' && v < 1000; i++)
		v = v * 10 + (unsigned)(number.p[i] - '0');
	return v ? str_c(purpose_name(v)) : STR("");
}

static void cell(struct tpl_table_rows_cells *c, const char *column, struct str text)
{
	*c = (struct tpl_table_rows_cells){ .column = str_c(column), .text = text.n ? text : STR_UNSET };
}

static const char *const columns[] = { "Nr", "När", "Vem", "Vad", "Ärende", "Syfte", "Slag", "Utfall" };

static struct str class_text(uint8_t class)
{
	switch (class) {
#define LOG_CLASS(id, number, name) case number: return STR(name);
#include "tables/log_classes.def"
#undef LOG_CLASS
	default: return STR("okänt");
	}
}

static struct str outcome_text(uint8_t outcome)
{
	switch (outcome) {
	case LOG_INTENT: return STR("påbörjat");
	case LOG_DONE: return STR("gjort");
	case LOG_DENIED: return STR("nekat");
	case LOG_FAILED: return STR("misslyckades");
	default: return STR("");
	}
}

struct people { const struct account *list; size_t n; };

static void entry_row(struct request *r, const struct review_entry *e, const struct people *p, struct tpl_table_rows *row)
{
	struct arena *a = r->arena;
	struct tpl_table_rows_cells *c = LIST_OF(a, table_rows_cells, COUNT_OF(columns));
	if (!c)
		return;
	struct str body = e->body.p ? e->body : STR(""), user = value_of(body, STR("user"));
	cell(&c[0], columns[0], arena_format(a, "%llu", (unsigned long long)e->seq));
	cell(&c[1], columns[1], instant_short(a, e->at));
	cell(&c[2], columns[2], who_shown(p->list, p->n, a, user));
	cell(&c[3], columns[3], act_shown(value_of(body, STR("act"))));
	cell(&c[4], columns[4], case_shown(r, value_of(body, STR("case")), user));
	cell(&c[5], columns[5], purpose_shown(value_of(body, STR("purpose"))));
	cell(&c[6], columns[6], class_text(e->event_class));
	cell(&c[7], columns[7], outcome_text(e->outcome));
	c[0].head = true;
	*row = (struct tpl_table_rows){ c, COUNT_OF(columns) };
}

/* ---- the choice: one case, one person, the days between; what was typed stays in the body of the request ---- */

struct choice_made {
	struct review_wish wish;
	struct str code, user, from, until; /* as typed */
	struct str code_error, user_error, from_error, until_error; /* unset when there is none */
	bool on;
};

#define NO_ERROR .code_error = STR_UNSET, .user_error = STR_UNSET, .from_error = STR_UNSET, .until_error = STR_UNSET

static bool is_wrong(const struct choice_made *c)
{
	return c->code_error.p || c->user_error.p || c->from_error.p || c->until_error.p;
}

/* Digits alone, else 0. */
static uint64_t number_of(struct str s)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.n && i < 18; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	return v;
}

/* From the first moment of one day to the last of the other. */
static void choose_days(struct choice_made *c)
{
	struct day from, until;
	bool has_from = c->from.n > 0, has_until = c->until.n > 0;
	if (has_from && day_parse_iso(c->from, &from) != OK)
		c->from_error = STR("Skriv dagen som 2026-03-01.");
	if (has_until && day_parse_iso(c->until, &until) != OK)
		c->until_error = STR("Skriv dagen som 2026-03-31.");
	if (c->from_error.p || c->until_error.p)
		return;
	if (has_from && has_until && until.n < from.n)
		c->until_error = STR("Den här dagen ligger före den första. Byt plats på dem.");
	if (has_from)
		c->wish.from = instant_at(from, 0, 0);
	if (has_until)
		c->wish.until = instant_at(day_add(until, 1), 0, 0);
}

static struct choice_made choice_of(struct request *r)
{
	struct choice_made c = { .wish = { .before = number_of(typed(r, "fore")) }, .code = str_trim(typed(r, "kod")),
	                         .user = str_trim(typed(r, "vem")), .from = str_trim(typed(r, "fran")), .until = str_trim(typed(r, "till")),
	                         NO_ERROR };
	c.on = c.code.n || c.user.n || c.from.n || c.until.n;
	choose_days(&c);
	c.wish.by_code = c.code.n > 0;
	if (c.wish.by_code && case_code_parse(c.code, &c.wish.code) != OK)
		c.code_error = STR("Skriv ärendets kod, till exempel K-4F7HB.");
	if (c.user.n && (id_parse(c.user, &c.wish.user) != OK || id_is_zero(c.wish.user)))
		c.user_error = STR("Välj någon i listan.");
	return c;
}

static struct html_part choice_part(struct request *r, const struct choice_made *c, const struct people *people)
{
	struct arena *a = r->arena;
	struct tpl_log_filter_people *o = LIST_OF(a, log_filter_people, people->n);
	size_t n = 0;
	for (size_t i = 0; o && i < people->n; i++)
		if (!people->list[i].invited)
			o[n++] = (struct tpl_log_filter_people){ id_str(a, people->list[i].user), people->list[i].name,
			                                         id_eq(people->list[i].user, c->wish.user) };
	return PART(a, log_filter, .action = path_log_show(), .keys = page_keys(r, STR_UNSET), .code = c->code,
	            .code_error = c->code_error, .who_error = c->user_error, .from = c->from, .from_error = c->from_error,
	            .until = c->until, .until_error = c->until_error, .people = o, .n_people = n,
	            .all_href = c->on ? path_log_show() : PATH_UNSET);
}

/* ---- the page ---- */

static struct html_part entries_table(struct request *r, const struct review_page *log, const struct people *people)
{
	struct arena *a = r->arena;
	struct tpl_table_columns *cols = LIST_OF(a, table_columns, COUNT_OF(columns));
	struct tpl_table_rows *rows = LIST_OF(a, table_rows, log->n);
	for (size_t i = 0; cols && i < COUNT_OF(columns); i++)
		cols[i].text = str_c(columns[i]);
	for (size_t i = 0; rows && i < log->n; i++)
		entry_row(r, &log->entries[i], people, &rows[i]);
	return PART(a, table, .caption = STR("Logg"), .columns = cols, .n_columns = cols ? COUNT_OF(columns) : 0, .rows = rows,
	            .n_rows = rows ? log->n : 0);
}

/* The next, older part of a choice: a button, so that the choice stays out of the address. */
static struct html_part older_button(struct request *r, const struct choice_made *c, struct str before)
{
	struct tpl_button_form_fields *f = LIST_OF(r->arena, button_form_fields, 5);
	size_t n = 0;
	if (f) {
		f[n++] = (struct tpl_button_form_fields){ TOKEN("kod"), c->code };
		f[n++] = (struct tpl_button_form_fields){ TOKEN("vem"), c->user };
		f[n++] = (struct tpl_button_form_fields){ TOKEN("fran"), c->from };
		f[n++] = (struct tpl_button_form_fields){ TOKEN("till"), c->until };
		f[n++] = (struct tpl_button_form_fields){ TOKEN("fore"), before };
	}
	return PART(r->arena, button_form, .action = path_log_show(), .keys = page_keys(r, STR_UNSET), .fields = f, .n_fields = n,
	            .look = TOKEN("sec"), .text = STR("Visa äldre"), .what = STR_UNSET);
}

static void add_older(struct page *p, const struct choice_made *c, uint64_t reached)
{
	if (reached <= 1)
		return;
	struct str before = arena_format(p->a, "%llu", (unsigned long long)reached);
	if (c->on)
		page_add(p, older_button(p->r, c, before));
	else
		page_add(p, PART(p->a, pager, .first_href = c->wish.before ? path_log_show() : PATH_UNSET,
		                 .more_href = path_with_query(p->a, path_log_show(), TOKEN("fore"), before),
		                 .more_text = STR("Visa äldre")));
}

/* A case that nobody has touched and one that does not exist read the same. */
static void add_nothing(struct page *p, const struct choice_made *c, uint64_t reached)
{
	if (!c->on)
		page_add_empty(p, STR("Inget i loggen här."), STR("Loggen fylls på när någon öppnar eller sparar."), path_log_show(), STR("Till de nyaste"));
	else if (reached > 1)
		page_add_empty(p, STR("Inget i den här delen av loggen stämmer med urvalet."), STR("Loggen är lång. Fortsätt leta med Visa äldre."), PATH_UNSET, STR_UNSET);
	else
		page_add_empty(p, STR("Inget i loggen stämmer med urvalet."), STR("Kontrollera koden, vem du har valt och dagarna. Listor som Min dag och Ärenden "
		               "öppnar många ärenden på en gång och står inte under ett visst ärende."), path_log_show(), STR("Visa alla"));
}

static void show_log(struct request *r, const struct choice_made *c)
{
	struct review_page log = { .n = 0 };
	struct people people = { NULL, 0 };
	struct account *accounts = NULL;
	bool wrong = is_wrong(c);
	enum err e = wrong ? OK : flow_review(r->flow, r->arena, &r->cookie, &c->wish, &r->session, &log);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Logg"));
	if (flow_accounts(r->flow, r->arena, &r->cookie, &r->session, &accounts, &people.n) == OK)
		people.list = accounts;
	else
		people.n = 0; /* ids instead of names */
	page_add_heading(&p, STR("Logg"), STR("Vem som har öppnat eller sparat vad, när och varför. Nyast först. Din läsning loggas också."), PATH_UNSET, STR_UNSET);
	if (flow_has_finding(r->flow))
		page_add_finding(&p);
	page_add(&p, choice_part(r, c, &people));
	if (wrong) {
		p.status = 400;
		p.faulty = true;
	} else if (log.n)
		page_add_card(&p, TOKEN("logg"), STR("Åtkomst"), entries_table(r, &log, &people));
	else
		add_nothing(&p, c, log.reached);
	add_older(&p, c, log.reached);
	page_send(&p);
}

/* The address holds how far one has read, never whom or what one looks for. */
void page_log_show(struct request *r)
{
	struct choice_made c = { .wish = { .before = number_of(typed(r, "fore")) }, .code = STR(""), .user = STR(""),
	                         .from = STR(""), .until = STR(""), NO_ERROR };
	show_log(r, &c);
}

void page_log_choice(struct request *r)
{
	struct choice_made c = choice_of(r);
	show_log(r, &c);
}

/* pages/log.c — Logg: what the reviewer reads, newest first, page by page. */
#include "pages/page.h"
#include "crypto/log_entry.h"
#include "flow/lines.h"

#define ENTRY_FACTS 8

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

static void show_log(struct request *r, uint64_t before)
{
	struct review_entry *entries = NULL;
	size_t n = 0;
	enum err e = flow_review(r->flow, r->arena, &r->cookie, before, &r->session, &entries, &n);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Logg"));
	struct account *accounts = NULL;
	size_t n_accounts = 0;
	if (flow_accounts(r->flow, r->arena, &r->cookie, &r->session, &accounts, &n_accounts) != OK)
		n_accounts = 0; /* ids instead of names */
	struct people people = { accounts, n_accounts };
	struct tpl_table_columns *cols = LIST_OF(p.a, table_columns, COUNT_OF(columns));
	struct tpl_table_rows *rows = LIST_OF(p.a, table_rows, n);
	for (size_t i = 0; cols && i < COUNT_OF(columns); i++)
		cols[i].text = str_c(columns[i]);
	for (size_t i = 0; rows && i < n; i++)
		entry_row(r, &entries[i], &people, &rows[i]);
	page_add_heading(&p, STR("Logg"), STR("Vem som har öppnat eller sparat vad, när och varför. Nyast först. Din läsning loggas också."), PATH_UNSET, STR_UNSET);
	if (flow_has_finding(r->flow))
		page_add_finding(&p);
	if (n && cols && rows)
		page_add_card(&p, TOKEN("logg"), STR("Åtkomst"), PART(p.a, table, .caption = STR("Logg"), .columns = cols,
		              .n_columns = COUNT_OF(columns), .rows = rows, .n_rows = n));
	else
		page_add_empty(&p, STR("Inget i loggen här."), STR("Loggen fylls på när någon öppnar eller sparar."), path_log_show(), STR("Till de nyaste"));
	if (n && entries[n - 1].seq > 1)
		page_add(&p, PART(p.a, pager, .first_href = before ? path_log_show() : PATH_UNSET,
		                  .more_href = path_with_query(p.a, path_log_show(), TOKEN("fore"),
		                                               arena_format(p.a, "%llu", (unsigned long long)entries[n - 1].seq)),
		                  .more_text = STR("Visa äldre")));
	page_send(&p);
}

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

void page_log_show(struct request *r)
{
	show_log(r, number_of(typed(r, "fore")));
}

/* pages/page.c — the frame of a screen and the small parts every screen uses. */
#include "pages/page.h"
#include <string.h>

#define PAGE_CEILING (512 * 1024)

const void *page_keep(struct arena *a, const void *from, size_t n)
{
	void *to = arena_take(a, n);
	if (to)
		memcpy(to, from, n);
	return to;
}

struct page page_begin(struct request *r, struct str title)
{
	return (struct page){ .r = r, .a = r->arena, .status = 200, .title = title, .context = HTML_UNSET };
}

void page_add(struct page *p, struct html_part part)
{
	if (part.fill && p->n < PAGE_PARTS)
		p->parts[p->n++].part = part;
}

struct path receipt_path(struct arena *a, struct path to, enum command_id done, bool unindexed)
{
	const struct command_row *c = command_row(done);
	if (c)
		to = path_with_query(a, to, TOKEN("klart"), str_c(c->name));
	if (unindexed)
		to = path_with_query(a, to, TOKEN("nummer"), STR("osokbart"));
	return c ? path_with_anchor(a, to, TOKEN("kvitto")) : to;
}

struct form_keys page_keys(struct request *r, struct str on)
{
	return (struct form_keys){ .csrf = request_csrf(r), .token = request_token(r), .on = on };
}

static size_t menu_of(const struct request *r, struct tpl_shell_menu *m)
{
	uint64_t roles = r->session.who.roles;
	size_t n = 0;
	m[n++] = (struct tpl_shell_menu){ path_my_day(), STR("Min dag"), r->route == ROUTE_my_day };
	if (route_allows(ROUTE_my_cases, roles))
		m[n++] = (struct tpl_shell_menu){ path_my_cases(), STR("Ärenden"), route_has_id(r->route) ||
		                                  r->route == ROUTE_my_cases || r->route == ROUTE_find };
	if (route_allows(ROUTE_intake_show, roles))
		m[n++] = (struct tpl_shell_menu){ path_intake_show(), STR("Ny aktualisering"),
		                                  r->route == ROUTE_intake_show || r->route == ROUTE_intake };
	if (route_allows(ROUTE_inbox, roles))
		m[n++] = (struct tpl_shell_menu){ path_inbox(), STR("Inkorg"), r->route == ROUTE_inbox };
	if (route_allows(ROUTE_accounts, roles))
		m[n++] = (struct tpl_shell_menu){ path_accounts(), STR("Konton"), r->route == ROUTE_accounts };
	if (route_allows(ROUTE_log_show, roles))
		m[n++] = (struct tpl_shell_menu){ path_log_show(), STR("Logg"), r->route == ROUTE_log_show };
	return n;
}

static struct str who_text(const struct request *r)
{
	const struct vault_who *w = &r->session.who;
	if (!w->name.p || w->name.n == 0)
		return STR("Inloggad");
	if (!w->title.p || w->title.n == 0)
		return w->name;
	return arena_format(r->arena, "%.*s, %.*s", STR_FMT(w->name), STR_FMT(w->title));
}

/* Seconds until the vault locks the screen; a page without a session has none. */
static int64_t lock_seconds(const struct request *r)
{
	int64_t left = (r->session.who.lock_at.us - r->session.now.us) / 1000000;
	return left > 0 ? left : 300;
}

void page_send(struct page *p)
{
	struct request *r = p->r;
	struct tpl_shell_menu menu[8];
	struct tpl_stack stack = { .narrow = p->narrow, .parts = p->parts, .n_parts = p->n };
	struct tpl_shell v = { .title = p->title, .faulty = p->faulty, .known = request_known(r),
	                       .context = p->context, .content = part_stack(&stack) };
	shell_defaults(&v, (enum shell_scheme)r->scheme, lock_seconds(r));
	v.user = STR("");
	v.keys = page_keys(r, STR_UNSET);
	v.menu = menu;
	if (v.known) {
		v.n_menu = menu_of(r, menu);
		v.user = who_text(r);
		v.can_find = route_allows(ROUTE_find, r->session.who.roles);
	}
	struct html *h = html_new(p->a, PAGE_CEILING);
	if (!h || arena_is_full(p->a)) {
		respond_err(r, ERR_FULL);
		return;
	}
	tpl_shell(h, &v);
	respond_html(r, p->status, h);
	if (v.known && !p->has_form)
		request_set_refresh(r);
}

void page_add_heading(struct page *p, struct str title, struct str lead, struct path href, struct str text)
{
	page_add(p, PART(p->a, heading, .title = title, .lead = lead, .action_href = href, .action_text = text));
}

struct html_part card_of(struct arena *a, struct token id, struct str title, struct path href, struct str more,
                         struct html_part body)
{
	return PART(a, card, .id = id, .title = title, .more_href = href, .more_text = more, .body = body);
}

void page_add_card(struct page *p, struct token id, struct str title, struct html_part body)
{
	page_add(p, card_of(p->a, id, title, PATH_UNSET, STR_UNSET, body));
}

void page_add_finding(struct page *p)
{
	struct tpl_paragraphs_sections *rows = LIST_OF(p->a, paragraphs_sections, 1);
	if (!rows)
		return;
	rows[0].text = STR("Kontrollen av loggen och databasen visade något som inte stämmer. Ring driften i dag, så tar de reda på vad med "
	                   "avstamp verify. Beskedet står kvar tills en kontroll går bra.");
	page_add_card(p, TOKEN("kontroll"), STR("Nattens kontroll"), PART(p->a, paragraphs, .sections = rows, .n_sections = 1));
}

void page_add_empty(struct page *p, struct str title, struct str text, struct path href, struct str action)
{
	page_add(p, PART(p->a, empty, .title = title, .text = text, .action_href = href, .action_text = action));
}

struct str typed(const struct request *r, const char *name)
{
	struct str s = request_field(r, name);
	return s.p ? s : STR("");
}

struct str due_text(struct arena *a, struct instant due, struct instant now)
{
	int days = instant_day(due).n - instant_day(now).n;
	struct civil c = instant_civil(due);
	bool end_of_day = c.hour == 23 && c.minute == 59;
	struct str day = days == 0 ? STR("I dag") : days == 1 ? STR("I morgon") : day_short(a, instant_day(due));
	if (end_of_day || (days != 0 && days != 1))
		return day;
	return arena_format(a, "%.*s %.*s", STR_FMT(day), STR_FMT(instant_clock(a, due)));
}

struct str due_state(struct arena *a, struct instant due, struct instant now, struct token *ret_tone, bool *ret_late)
{
	int days = instant_day(due).n - instant_day(now).n;
	*ret_late = due.us < now.us;
	*ret_tone = *ret_late ? TOKEN("danger") : days <= 0 ? TOKEN("warning") : TOKEN("neutral");
	if (*ret_late && days >= 0)
		return STR("Försenad");
	if (*ret_late)
		return arena_format(a, days == -1 ? "%d dag försenad" : "%d dagar försenad", -days);
	if (days == 0)
		return STR("I dag");
	return arena_format(a, days == 1 ? "Om %d dag" : "Om %d dagar", days);
}

struct str due_day(struct arena *a, struct day due, struct day today, struct token *ret_tone, bool *ret_late)
{
	int days = due.n - today.n;
	*ret_late = days < 0;
	*ret_tone = days < 0 ? TOKEN("danger") : days == 0 ? TOKEN("warning") : TOKEN("neutral");
	if (days < 0)
		return arena_format(a, days == -1 ? "%d dag försenad" : "%d dagar försenad", -days);
	return days == 0 ? STR("I dag") : days == 1 ? STR("I morgon") : day_short(a, due);
}

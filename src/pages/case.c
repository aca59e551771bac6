/* pages/case.c — opens a case for its screens and draws what stands round each of them. */
#include "pages/case.h"

bool case_open_at(struct request *r, struct str after, size_t limit, struct opened_case *ret)
{
	struct open_wish w = { .case_id = r->case_id, .purpose = request_purpose(r), .act = request_act(r),
	                       .reason = STR(""), .after = after, .limit = limit, .as_of = DAY_UNSET };
	enum err e = flow_open(r->flow, r->arena, &r->cookie, &w, &r->session, ret);
	if (e != OK)
		respond_err(r, e);
	return e == OK;
}

bool case_open(struct request *r, struct opened_case *ret)
{
	return case_open_at(r, STR_UNSET, 0, ret);
}

struct actor case_actor(struct request *r, const struct opened_case *o)
{
	const struct controller_info *c = flow_controller(r->flow, o->controller);
	return (struct actor){ .user = r->session.user, .name = r->session.who.name, .title = r->session.who.title,
	                       .role = o->role, .held = o->held,
	                       .controller_kind = c ? c->kind : CONTROLLER_SOCIAL };
}

bool offered(struct request *r, const struct opened_case *o, enum command_id c)
{
	struct actor who = case_actor(r, o);
	return command_offered(o->state, c, &who);
}

size_t threat_bars(enum threat_class c, bool on[4])
{
	int level = threat_level_number(c);
	for (int i = 0; i < 4; i++)
		on[i] = i < level;
	return level < 0 ? 0 : 4;
}

struct token threat_tone(enum threat_class c)
{
	int level = threat_level_number(c);
	return level >= 3 ? TOKEN("danger") : level >= 1 ? TOKEN("warning") : TOKEN("neutral");
}

static size_t facts_of_case(struct request *r, const struct opened_case *o, struct tpl_case_context_facts *f)
{
	const struct kase *k = o->state;
	struct arena *a = r->arena;
	size_t n = 0;
	if (k->identity && day_is_set(k->identity->birth))
		f[n++] = (struct tpl_case_context_facts){
			STR("Ålder"), arena_format(a, "%d år", age_at(k->identity->birth, instant_day(o->now))), true };
	f[n++] = (struct tpl_case_context_facts){ STR("Handläggare"), k->officer.name.p ? k->officer.name : STR("Inte utsedd än"), true };
	if (k->contact_lead && k->contact_lead->lead.name.p)
		f[n++] = (struct tpl_case_context_facts){ STR("Kontakt i ärendet"), k->contact_lead->lead.name, false };
	if (instant_is_set(k->received))
		f[n++] = (struct tpl_case_context_facts){ STR("Kom in"), day_short_year(a, instant_day(k->received)), false };
	return n;
}

static struct str threat_title(struct arena *a, const struct kase *k)
{
	if (threat_level_number(k->threat) < 0)
		return STR("Hotbild: inte bedömd än");
	return arena_format(a, "Hotbild: %s", choice_text(&list_threat_class, k->threat));
}

static struct str threat_detail(struct arena *a, const struct kase *k)
{
	if (threat_level_number(k->threat) < 0)
		return k->n_police_requests ? STR("Polisen har fått frågan. Räkna med hög hotbild.")
		                            : STR("Räkna med hög hotbild tills dess.");
	struct buf b = buf_new(a, 160);
	buf_lit(&b, "Polisen");
	if (day_is_set(k->threat_assessed)) {
		buf_char(&b, ' ');
		buf_str(&b, day_short(a, k->threat_assessed));
	}
	buf_char(&b, '.');
	if (day_is_set(k->threat_until)) {
		buf_lit(&b, " Gäller till ");
		buf_str(&b, day_short(a, k->threat_until));
		buf_char(&b, '.');
	}
	return buf_view(&b);
}

static void set_protection(const struct kase *k, struct tpl_case_context *v)
{
	v->protection = STR_UNSET;
	v->protection_text = STR("");
	if (!k->protection || k->protection->protection == PROTECTION_NONE_FOUND)
		return;
	v->protection = k->protection->protection == PROTECTION_REGISTRATION ? STR("Skyddad folkbokföring.") : STR("Sekretessmarkering.");
	v->protection_text = STR("Lämna aldrig ut uppgifter om adress, ort, arbetsplats eller bil. Kontakta personen bara på "
	                         "det säkra sättet. Ring inte anhöriga.");
}

/* Asked for by a button and logged as such; gone with the next page. */
static void set_revealed(struct arena *a, const struct kase *k, struct tpl_case_context *v)
{
	const struct ev_identity *id = k->identity;
	v->revealed = id->name.p && id->name.n ? id->name : STR("Namnet är inte känt");
	v->revealed_detail = STR("Numret är inte känt");
	if (id->number.n == 12)
		v->revealed_detail = arena_format(a, "%.8s-%.4s", id->number.p, id->number.p + 8);
}

static size_t parts_of(struct request *r, const struct opened_case *o, enum route here, struct tpl_case_context_parts *p)
{
	struct arena *a = r->arena;
	bool police = case_actor(r, o).controller_kind == CONTROLLER_POLICE;
	size_t n = 0;
	p[n++] = (struct tpl_case_context_parts){ path_case_show(a, o->case_id), STR("Översikt"), here == ROUTE_case_show };
	if (o->held & COMPARTMENT_BIT(COMPARTMENT_PLAN))
		p[n++] = (struct tpl_case_context_parts){ path_case_plan(a, o->case_id), STR("Handlingsplan"), here == ROUTE_case_plan };
	if (o->held & COMPARTMENT_BIT(COMPARTMENT_RISK))
		p[n++] = (struct tpl_case_context_parts){ path_case_risk(a, o->case_id), STR("Hotbild och skydd"), here == ROUTE_case_risk };
	if (o->held & (COMPARTMENT_BIT(COMPARTMENT_SOCIAL) | COMPARTMENT_BIT(COMPARTMENT_RISK)))
		p[n++] = (struct tpl_case_context_parts){ path_case_meetings(a, o->case_id), STR("Möten"), here == ROUTE_case_meetings };
	if (!police && (o->held & COMPARTMENT_BIT(COMPARTMENT_SOCIAL)))
		p[n++] = (struct tpl_case_context_parts){ path_case_decisions(a, o->case_id), STR("Beslut"), here == ROUTE_case_decisions };
	p[n++] = (struct tpl_case_context_parts){ path_case_people(a, o->case_id), STR("Personer"), here == ROUTE_case_people };
	p[n++] = (struct tpl_case_context_parts){ path_case_timeline(a, o->case_id), STR("Händelser"), here == ROUTE_case_timeline };
	return n;
}

static size_t quick_of(struct request *r, const struct opened_case *o, struct tpl_case_context_quick *q)
{
	struct arena *a = r->arena;
	size_t n = 0;
	static const struct { enum command_id c; const char *text; bool danger; } rows[] = {
		{ CMD_NOTE, "Anteckning", false }, { CMD_CONTACT_DONE, "Kontakt", false }, { CMD_REPORT_THREAT, "Rapportera hot", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!offered(r, o, rows[i].c))
			continue;
		struct html_part icon = rows[i].danger ? part_icon_warning() : i == 0 ? part_icon_pen() : part_icon_check();
		q[n++] = (struct tpl_case_context_quick){ path_command_show(a, o->case_id, token_name(command_row(rows[i].c)->name)),
		                                          str_c(rows[i].text), icon, rows[i].danger };
	}
	return n;
}

struct page case_page(struct request *r, const struct opened_case *o, struct str title, enum route here)
{
	struct page p = page_begin(r, title);
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct tpl_case_context *v = ARENA_NEW(a, struct tpl_case_context);
	struct tpl_case_context_facts *facts = LIST_OF(a, case_context_facts, 6);
	struct tpl_case_context_bars *bars = LIST_OF(a, case_context_bars, 4);
	struct tpl_case_context_parts *parts = LIST_OF(a, case_context_parts, 8);
	struct tpl_case_context_quick *quick = LIST_OF(a, case_context_quick, 4);
	if (!v || !facts || !bars || !parts || !quick)
		return p;
	bool on[4];
	v->code = case_code_str(a, o->case_id);
	v->alias = k->alias.p && k->alias.n ? k->alias : STR_UNSET;
	v->facts = facts;
	v->n_facts = facts_of_case(r, o, facts);
	v->threat_href = o->held & COMPARTMENT_BIT(COMPARTMENT_RISK) ? path_case_risk(a, o->case_id) : path_case_show(a, o->case_id);
	v->threat_tone = threat_tone(k->threat);
	v->bars = bars;
	v->n_bars = threat_bars(k->threat, on);
	for (size_t i = 0; i < v->n_bars; i++)
		bars[i].on = on[i];
	v->threat = threat_title(a, k);
	v->threat_detail = threat_detail(a, k);
	v->can_reveal = (o->held & COMPARTMENT_BIT(COMPARTMENT_IDENTITY)) && k->identity;
	v->revealed = STR_UNSET;
	if (r->route == ROUTE_case_reveal && v->can_reveal)
		set_revealed(a, k, v);
	v->reveal_action = path_case_reveal(a, o->case_id);
	v->reveal_keys = page_keys(r, STR_UNSET);
	set_protection(k, v);
	v->parts = parts;
	v->n_parts = parts_of(r, o, here, parts);
	v->quick = quick;
	v->n_quick = quick_of(r, o, quick);
	p.context = part_case_context(v);
	return p;
}

/* Where the newest entry is corrected: what is saved stays, so this is the way back from a slip. */
static struct path correct_newest(struct request *r, const struct opened_case *o)
{
	const struct command_row *c = command_row(CMD_CORRECT_ENTRY);
	size_t i = 0;
	while (i < o->n_newest && event_is_bookkeeping(&o->newest[i]))
		i++;
	if (i == o->n_newest || !offered(r, o, CMD_CORRECT_ENTRY))
		return PATH_UNSET;
	return path_with_query(r->arena, path_command_show(r->arena, o->case_id, token_name(c->name)), TOKEN("entry"),
	                       event_entry(r->arena, &o->newest[i]));
}

#define UNINDEXED \
	"Personnumret är sparat, men ärendet hittas ännu inte när någon söker på det, och ingen får veta om personen redan har ett " \
	"ärende. Spara uppgifterna om personen igen i morgon."

void add_receipt(struct page *p, const struct opened_case *o)
{
	struct str done = request_field(p->r, "klart");
	const struct command_row *c = done.p ? command_by_name(done) : NULL;
	if (!c)
		return;
	struct instant when = o->n_newest ? o->newest[0].noted : o->now;
	/* What was told in words may be put right at once; the rest has acts of its own. */
	bool words = c->id == CMD_NOTE || c->id == CMD_CONTACT_DONE || c->id == CMD_REPORT_THREAT;
	bool unindexed = str_eq_c(request_field(p->r, "nummer"), "osokbart");
	const struct command_row *again = command_row(CMD_UPDATE_IDENTITY);
	struct path href = PATH_UNSET;
	if (unindexed && offered(p->r, o, again->id))
		href = path_command_show(p->a, o->case_id, token_name(again->name));
	else if (words && !unindexed)
		href = correct_newest(p->r, o);
	page_add(p, PART(p->a, notice, .tone = unindexed ? TOKEN("warning") : TOKEN("success"), .href = href,
	                 .text = unindexed ? STR(UNINDEXED) : str_c(command_receipt(c->id)),
	                 .title = arena_format(p->a, "Sparat %.*s.", STR_FMT(instant_clock(p->a, when))),
	                 .link = unindexed ? str_c(again->heading) : words ? STR("Rätta") : STR_UNSET));
}

struct html_part command_links(struct request *r, const struct opened_case *o, const struct link_row *rows, size_t n)
{
	return command_links_after(r, o, rows, n, STR_UNSET);
}

struct html_part command_links_after(struct request *r, const struct opened_case *o, const struct link_row *rows, size_t n, struct str lead)
{
	struct arena *a = r->arena;
	struct tpl_links_rows *out = LIST_OF(a, links_rows, n);
	size_t kept = 0;
	for (size_t i = 0; out && i < n; i++) {
		const struct command_row *c = command_row(rows[i].command);
		if (!offered(r, o, rows[i].command))
			continue;
		out[kept++] = (struct tpl_links_rows){ path_command_show(a, o->case_id, token_name(c->name)), token_name(rows[i].look),
		                                       HTML_UNSET, str_c(c->button) };
	}
	return kept ? PART(a, links, .lead = lead, .rows = out, .n_rows = kept) : HTML_UNSET;
}

/* ---- timeline rows ---- */

static struct token mark_of(enum event_kind k)
{
	if (k == EV_THREAT_REPORTED || k == EV_ACUTE_STARTED)
		return TOKEN("dan");
	if (k == EV_CONSENT_STATE || k == EV_CORRECTION || k == EV_THREAT_LEVEL)
		return TOKEN("warn");
	return TOKEN("plain");
}

static void one_event(struct arena *a, const struct event *e, bool with_fields, size_t i, struct tpl_timeline_items *t)
{
	struct instant when = instant_is_set(e->happened) && e->happened.us > 0 ? e->happened : e->noted;
	bool later = e->noted.us - when.us > INT64_C(3600) * 1000000;
	struct shown_field *fields = NULL;
	size_t n = 0;
	*t = (struct tpl_timeline_items){
		.id = token_numbered(a, TOKEN("h"), i), .mark = mark_of(e->kind), .title = str_c(event_title(e->kind)),
		.iso = instant_iso(a, when), .when = instant_short(a, when),
		.by = e->author_title.n ? arena_format(a, "%.*s, %.*s", STR_FMT(e->author_name), STR_FMT(e->author_title)) : e->author_name,
		.text = event_text(a, e),
		.noted = later ? arena_format(a, "Skrivet %.*s", STR_FMT(instant_short(a, e->noted))) : STR_UNSET };
	if (!t->by.p)
		t->by = STR("");
	if (!with_fields || event_fields(a, e, &fields, &n) != OK)
		return;
	struct tpl_timeline_items_facts *f = LIST_OF(a, timeline_items_facts, n);
	for (size_t k = 0; f && k < n; k++)
		f[k] = (struct tpl_timeline_items_facts){ str_c(fields[k].label), fields[k].text };
	t->facts = f;
	t->n_facts = f ? n : 0;
	/* One text alone needs no label; several fields say what the sentence says. */
	if (n > 1 || (n == 1 && f && !str_eq(f[0].text, t->text)))
		t->text = STR_UNSET;
	else
		t->n_facts = 0;
}

struct html_part timeline_of(struct arena *a, const struct event *events, size_t n, bool with_fields)
{
	struct tpl_timeline_items *items = LIST_OF(a, timeline_items, n);
	for (size_t i = 0; items && i < n; i++)
		one_event(a, &events[i], with_fields, i, &items[i]);
	return PART(a, timeline, .items = items, .n_items = items ? n : 0);
}

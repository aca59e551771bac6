/* pages/overview.c — Översikt: what comes next, what is due, the shared picture, the newest entries. */
#include "pages/case.h"
#include "pages/forms.h"
#include "pages/picture.h"

#define TASKS_SHOWN 24
#define EVENTS_SHOWN 6

static struct str since_text(struct arena *a, const struct kase *k, unsigned step, bool done, bool now)
{
	struct day from = DAY_UNSET;
	for (unsigned p = 1; p < COUNT_OF(k->phase_since); p++)
		if (phase_step((enum phase)p) == step && day_is_set(k->phase_since[p]))
			from = k->phase_since[p];
	if (!day_is_set(from))
		return done ? STR("Klar") : now ? STR("Pågår") : STR("Inte påbörjad");
	struct str day = day_short(a, from);
	return done ? arena_format(a, "Började %.*s", STR_FMT(day)) : now ? arena_format(a, "Pågår sedan %.*s", STR_FMT(day)) : STR("");
}

static size_t head_actions(struct request *r, const struct opened_case *o, struct tpl_case_head_actions *out)
{
	static const struct { enum command_id c; const char *look; } rows[] = {
		{ CMD_NOTE, "pri" }, { CMD_CONTACT_DONE, "sec" }, { CMD_BOOK_MEETING, "sec" }, { CMD_ADD_TASK, "sec" },
		{ CMD_START_ACUTE, "sec" }, { CMD_REPORT_THREAT, "dan" },
	};
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct command_row *c = command_row(rows[i].c);
		if (!offered(r, o, rows[i].c) || (rows[i].c == CMD_START_ACUTE && o->state->acute))
			continue;
		struct html_part icon = rows[i].c == CMD_NOTE ? part_icon_pen() : rows[i].c == CMD_BOOK_MEETING ? part_icon_calendar()
			: rows[i].c == CMD_ADD_TASK ? part_icon_plus() : rows[i].c == CMD_CONTACT_DONE ? part_icon_check()
			: rows[i].c == CMD_START_ACUTE ? part_icon_shield() : part_icon_warning();
		out[n++] = (struct tpl_case_head_actions){ path_command_show(r->arena, o->case_id, token_name(c->name)),
		                                           str_c(c->button), token_name(rows[i].look), icon };
	}
	return n;
}

static struct html_part head_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	unsigned step = phase_step(k->phase);
	struct tpl_case_head_phases *ph = LIST_OF(a, case_head_phases, PHASE_STEPS);
	struct tpl_case_head_actions *acts = LIST_OF(a, case_head_actions, 8);
	if (!ph || !acts)
		return HTML_UNSET;
	for (unsigned s = 1; s <= PHASE_STEPS; s++) {
		bool done = s < step, now = s == step;
		ph[s - 1] = (struct tpl_case_head_phases){ .state = done ? TOKEN("done") : now ? TOKEN("now") : TOKEN("todo"),
			.done = done, .now = now, .number = s, .name = str_c(phase_step_word(s)), .detail = since_text(a, k, s, done, now) };
	}
	struct str acute = acute_text(a, k, instant_day(o->now));
	struct str lead = STR("Akut skydd pågår.");
	bool on = acute.p && k->acute;
	return PART(a, case_head, .acute = on ? STR("Akut skydd pågår") : STR_UNSET,
	            .acute_detail = on && str_starts(acute, lead) ? str_trim(str_cut(acute, lead.n, acute.n)) : STR(""),
	            .phases = ph, .n_phases = PHASE_STEPS,
	            .phase_line = arena_format(a, "Fas %u av %d: %s.", step, PHASE_STEPS, phase_step_word(step)),
	            .phase_detail = since_text(a, k, step, false, true), .actions = acts, .n_actions = head_actions(r, o, acts));
}

/* ---- next step ---- */

/* A form stands here at once; one that needs the whole staff list has its own page. */
static bool fits_here(enum command_id c)
{
	struct form_field f[FORM_FIELDS_MAX];
	size_t n = command_fields(c, f);
	for (size_t i = 0; i < n; i++)
		if (f[i].type == FIELD_PERSON && f[i].required && !f[i].free)
			return false;
	return true;
}

/* These two are mostly about somebody else, so the list of colleagues stands here at once. */
static void name_colleagues(struct request *r, struct form_wish *w)
{
	struct staff *staff = NULL;
	size_t n = 0;
	if (w->command != CMD_TAKE_CASE && w->command != CMD_NAME_CONTACT_LEAD)
		return;
	/* Without the list the form offers those of the case. */
	if (flow_staff(r->flow, r->arena, &r->cookie, &r->session, &staff, &n) != OK)
		return;
	w->options.staff = staff;
	w->options.n_staff = n;
}

static struct html_part next_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	struct actor who = case_actor(r, o);
	enum command_id next[NEXT_MAX];
	size_t n = case_next(o->state, &who, next);
	if (n == 0)
		return HTML_UNSET;
	struct tpl_stack_parts *parts = LIST_OF(a, stack_parts, 3);
	if (!parts)
		return HTML_UNSET;
	size_t k = 0;
	struct form_wish w = { .command = next[0], .case_id = o->case_id, .on = o->version, .inside = true, .untitled = true,
	                       .options = { .state = o->state, .newest = o->newest, .n_newest = o->n_newest },
	                       .intro = next_reason(o->state, next[0])[0] ? str_c(next_reason(o->state, next[0])) : STR_UNSET };
	name_colleagues(r, &w);
	struct link_row links[NEXT_MAX];
	size_t n_links = 0;
	bool here = fits_here(next[0]);
	if (here)
		parts[k++].part = command_form(r, &w);
	for (size_t i = here ? 1 : 0; i < n; i++)
		links[n_links++] = (struct link_row){ next[i], i == 0 ? "pri" : "sec" };
	struct html_part more = command_links_after(r, o, links, n_links, here ? STR("Andra steg:") : STR_UNSET);
	if (more.fill)
		parts[k++].part = more;
	return card_of(a, TOKEN("nasta"), here ? arena_format(a, "Nästa steg: %s", command_title(next[0])) : STR("Nästa steg"), PATH_UNSET, STR_UNSET,
	               PART(a, stack, .parts = parts, .n_parts = k));
}

/* ---- tasks ---- */

/* The act that closes the task, when this person may do it now. */
static enum command_id task_command(enum task_kind k)
{
	static const struct { enum task_kind task; enum command_id command; } rows[] = {
		{ TASK_FIRST_MEETING, CMD_HOLD_MEETING }, { TASK_NAME_OFFICER, CMD_TAKE_CASE }, { TASK_NAME_SECOND_OFFICER, CMD_NAME_OFFICERS },
		{ TASK_DECLARE_CONFLICT, CMD_DECLARE_CONFLICT }, { TASK_CHECK_PROTECTION, CMD_CHECK_PROTECTED_IDENTITY },
		{ TASK_ASK_POLICE, CMD_REQUEST_POLICE }, { TASK_COMPLETE_DECISION, CMD_COMPLETE_DECISION },
		{ TASK_ACUTE_REVIEW, CMD_REVIEW_ACUTE }, { TASK_CONTACT, CMD_CONTACT_DONE }, { TASK_HOLD_MEETING, CMD_HOLD_MEETING },
		{ TASK_MOTIVATION_CONTACT, CMD_START_MOTIVATION_PHASE }, { TASK_DECIDE, CMD_DECIDE_INVESTIGATION },
		{ TASK_REASSESS_THREAT, CMD_ASSESS_THREAT }, { TASK_HAND_OVER_SUMMARY, CMD_HAND_OVER_SUMMARY },
		{ TASK_SIGN_JOINT, CMD_SIGN_JOINT_ASSESSMENT }, { TASK_ASSESS_THREAT, CMD_ASSESS_THREAT },
		{ TASK_REPLACE_OFFICER, CMD_NAME_OFFICERS },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].task == k)
			return rows[i].command;
	return CMD_NONE;
}

/* The newest tick, to whoever made it, as long as it can be taken back (UX 3.3, task 9). */
static struct html_part undo_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	if (!offered(r, o, CMD_REOPEN_TASK) || !tick_may_be_undone(k, r->session.user, o->now))
		return HTML_UNSET;
	struct str text = ticked_text(a, k);
	struct tpl_button_form_fields *f = LIST_OF(a, button_form_fields, 1);
	if (f)
		f[0] = (struct tpl_button_form_fields){ TOKEN("task"), id_str(a, k->ticked->task) };
	struct html_part button = PART(a, button_form, .action = path_command(a, o->case_id, token_name(command_row(CMD_REOPEN_TASK)->name)),
	                               .keys = page_keys(r, STR_UNSET), .fields = f, .n_fields = f ? 1 : 0, .look = TOKEN("neu"), .small = true,
	                               .text = STR("Ångra"), .what = text);
	return PART(a, undo, .done = STR("Du markerade som klar:"), .text = text, .button = button);
}

/* The tasks, and below them the way back for the one that was ticked off last. */
static struct html_part with_undo(struct request *r, const struct opened_case *o, struct html_part body)
{
	struct html_part undo = undo_part(r, o);
	struct tpl_stack_parts *parts = undo.fill ? LIST_OF(r->arena, stack_parts, 2) : NULL;
	if (!parts)
		return body;
	parts[0].part = body;
	parts[1].part = undo;
	return PART(r->arena, stack, .parts = parts, .n_parts = 2);
}

static struct html_part tasks_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	size_t n = k->n_tasks < TASKS_SHOWN ? k->n_tasks : TASKS_SHOWN;
	struct tpl_tasks_rows *rows = LIST_OF(a, tasks_rows, n);
	bool may = offered(r, o, CMD_COMPLETE_TASK);
	for (size_t i = 0; rows && i < n; i++) {
		const struct task_state *t = &k->tasks[i];
		struct tpl_tasks_rows *row = &rows[i];
		bool mine = id_eq(t->assignee.id, r->session.user);
		enum command_id does = task_command(t->kind);
		row->href = does != CMD_NONE && offered(r, o, does)
			? path_command_show(a, o->case_id, token_name(command_row(does)->name)) : PATH_UNSET;
		row->text = task_text(a, k, t);
		/* Another authority's answer: it comes to the inbox, and it is theirs to give. */
		bool theirs = t->kind == TASK_POLICE_ANSWER || t->kind == TASK_POLICE_SIGNATURE;
		if (theirs && route_allows(ROUTE_inbox, r->session.who.roles))
			row->href = path_inbox();
		/* On paper nobody is "du". */
		row->owner = theirs ? STR("Polisen") : mine && r->route != ROUTE_case_print ? STR("Du") : t->assignee.name.n ? t->assignee.name : STR("Jouren");
		row->due = due_text(a, t->due, o->now);
		row->state = due_state(a, t->due, o->now, &row->tone, &row->late);
		if (!may || !task_row(t->kind)->tickable)
			continue;
		row->action = path_command(a, o->case_id, token_name(command_row(CMD_COMPLETE_TASK)->name));
		row->keys = page_keys(r, STR_UNSET);
		row->name = TOKEN("task");
		row->value = id_str(a, t->id);
		row->button = STR("Klar");
	}
	struct html_part body = n ? PART(a, tasks, .labelled_by = TOKEN("gora"), .rows = rows, .n_rows = rows ? n : 0)
	                          : PART(a, empty, .title = STR("Inget kvar att göra."), .text = STR("Nya uppgifter kommer när något händer i ärendet."),
	                                 .action_href = PATH_UNSET, .action_text = STR_UNSET);
	struct str more = k->n_tasks > n ? arena_format(a, "%zu uppgifter till", k->n_tasks - n) : STR_UNSET;
	struct path all = more.p && may ? path_command_show(a, o->case_id, token_name(command_row(CMD_COMPLETE_TASK)->name)) : PATH_UNSET;
	return card_of(a, TOKEN("gora"), STR("Att göra"), all, more, with_undo(r, o, body));
}

/* ---- the right column ---- */

static struct html_part meeting_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct meeting_state *m = next_meeting(o->state);
	struct tpl_facts_rows *rows = LIST_OF(a, facts_rows, 5);
	struct html_part body;
	if (m && rows) {
		size_t n = 0;
		bool passed = m->at.us < o->now.us;
		rows[n++] = (struct tpl_facts_rows){ STR("När"), instant_short(a, m->at), true, PATH_UNSET };
		rows[n++] = (struct tpl_facts_rows){ STR("Vad"), str_c(choice_text(&list_meeting_kind, m->kind)), false, PATH_UNSET };
		if (m->place.n)
			rows[n++] = (struct tpl_facts_rows){ STR("Var"), m->place, false, PATH_UNSET };
		if (passed)
			rows[n++] = (struct tpl_facts_rows){ STR("Läge"), STR("Inte inskrivet än"), false, PATH_UNSET };
		body = PART(a, facts, .rows = rows, .n_rows = n);
	} else {
		body = PART(a, empty, .title = STR("Inget möte bokat."), .text = STR("Boka ett möte när ni vet tid och plats."),
		            .action_href = offered(r, o, CMD_BOOK_MEETING)
		                ? path_command_show(a, o->case_id, token_name(command_row(CMD_BOOK_MEETING)->name)) : PATH_UNSET,
		            .action_text = offered(r, o, CMD_BOOK_MEETING) ? STR("Boka möte") : STR_UNSET);
	}
	return card_of(a, TOKEN("mote"), STR("Nästa möte"), path_case_meetings(a, o->case_id), STR("Alla möten"), body);
}

static struct html_part events_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	struct event shown[EVENTS_SHOWN];
	size_t n = 0;
	/* What only repeats another event of the same act stands under Händelser. */
	for (size_t i = 0; i < o->n_newest && n < EVENTS_SHOWN; i++)
		if (!event_is_bookkeeping(&o->newest[i]))
			shown[n++] = o->newest[i];
	struct html_part body = n ? timeline_of(a, shown, n, false)
		: PART(a, empty, .title = STR("Inga anteckningar än."),
		       .text = STR("Skriv den första om samtalet när personen hörde av sig."), .action_href = PATH_UNSET, .action_text = STR_UNSET);
	return card_of(a, TOKEN("handelser"), STR("Senaste händelser"), path_case_timeline(a, o->case_id), STR("Alla händelser"), body);
}

static void show_overview(struct request *r)
{
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Översikt"), ROUTE_case_show);
	struct tpl_columns_left *left = LIST_OF(p.a, columns_left, 4);
	struct tpl_columns_right *right = LIST_OF(p.a, columns_right, 4);
	size_t nl = 0, nr = 0;
	p.has_form = true;
	add_receipt(&p, &o);
	page_add(&p, head_part(r, &o));
	if (left && right) {
		struct html_part next = next_part(r, &o);
		if (next.fill)
			left[nl++].part = next;
		left[nl++].part = tasks_part(r, &o);
		left[nl++].part = picture_part(r, &o);
		right[nr++].part = meeting_part(r, &o);
		right[nr++].part = events_part(r, &o);
		right[nr++].part = PART(p.a, button_form, .action = path_case_print(p.a, o.case_id), .keys = page_keys(r, STR_UNSET),
		                        .look = TOKEN("neu"), .small = true, .text = STR("Skriv ut"), .what = STR("översikten"));
		page_add(&p, PART(p.a, columns, .left = left, .n_left = nl, .right = right, .n_right = nr));
	}
	page_send(&p);
}

void page_case_show(struct request *r)
{
	show_overview(r);
}

/* The same page with name and number; the opening is logged with its own purpose. */
void page_case_reveal(struct request *r)
{
	show_overview(r);
}

/* Printing is an act of its own: logged, marked with who and when, then the browser's dialog. */
void page_case_print(struct request *r)
{
	struct opened_case o;
	if (!case_open(r, &o))
		return;
	struct page p = case_page(r, &o, STR("Utskrift"), ROUTE_case_show);
	const struct vault_who *me = &r->session.who;
	page_add(&p, PART(p.a, print_head, .code = case_code_str(p.a, o.case_id),
	                  .line = arena_format(p.a, "%.*s skrev ut detta %.*s %.*s.", STR_FMT(me->name.p ? me->name : STR("")),
	                                       STR_FMT(day_short_year(p.a, instant_day(o.now))), STR_FMT(instant_clock(p.a, o.now))),
	                  .back = path_case_show(p.a, o.case_id)));
	page_add(&p, head_part(r, &o));
	page_add(&p, tasks_part(r, &o));
	page_add(&p, picture_part(r, &o));
	page_add(&p, meeting_part(r, &o));
	page_send(&p);
}

/* api/case.c — GET /cases/{id} and GET /cases/{id}/events. */
#include "api/api.h"

enum { EVENTS_PAGE = 50 };

static void put_held(struct json *j, uint32_t held)
{
	json_put_open(j, "held", '[');
	for (unsigned c = 0; c < 32; c++) {
		const struct compartment_row *row = (held >> c & 1) != 0 ? compartment_row(c) : NULL;

		if (row != NULL)
			json_str(j, str_c(row->code));
	}
	json_close(j);
}

static void put_members(struct json *j, const struct kase *k)
{
	json_put_open(j, "members", '[');
	for (size_t i = 0; i < k->n_members; i++) {
		json_open(j, '{');
		json_put_id(j, "id", k->members[i].person.id);
		json_put(j, "name", k->members[i].person.name);
		json_put(j, "function", k->members[i].function);
		json_close(j);
	}
	json_close(j);
}

static void put_tasks(struct json *j, const struct kase *k)
{
	json_put_open(j, "tasks", '[');
	for (size_t i = 0; i < k->n_tasks; i++) {
		const struct task_state *t = &k->tasks[i];

		json_open(j, '{');
		json_put_id(j, "id", t->id);
		json_put_c(j, "kind", task_row(t->kind)->code);
		json_put(j, "text", task_text(j->a, k, t));
		json_put_instant(j, "due", t->due);
		api_put_person(j, "assignee", t->assignee);
		json_put_id(j, "about", t->about);
		json_close(j);
	}
	json_close(j);
}

static void put_consents(struct json *j, const struct kase *k)
{
	json_put_open(j, "consents", '[');
	for (size_t i = 0; i < k->n_consents; i++) {
		json_open(j, '{');
		api_put_choice(j, "party", &list_party, k->consents[i].party);
		api_put_choice(j, "state", &list_consent_state, k->consents[i].state);
		json_put_day(j, "until", k->consents[i].until);
		json_close(j);
	}
	json_close(j);
}

/* The facts that still stand, by what a snapshot keeps of each compartment in hand. */
static void put_facts(struct json *j, const struct kase *k, uint32_t held)
{
	json_put_open(j, "facts", '[');
	for (unsigned c = 0; c < 32; c++)
		for (size_t i = 0; (held >> c & 1) != 0 && i < k->n_kept[c]; i++)
			api_put_event(j, k->kept[c][i].event);
	json_close(j);
}

static void put_events(struct json *j, const char *name, const struct opened_case *o)
{
	json_put_open(j, name, '[');
	for (size_t i = 0; i < o->n_newest; i++)
		api_put_event(j, &o->newest[i]);
	json_close(j);
}

static void put_offered(struct json *j, struct request *r, const struct opened_case *o)
{
	const struct controller_info *c = flow_controller(r->flow, o->controller);
	struct actor who = { .user = r->session.who.user, .name = r->session.who.name, .title = r->session.who.title,
			     .role = o->role, .held = o->held, .controller_kind = c == NULL ? CONTROLLER_SOCIAL : c->kind };

	json_put_open(j, "commands", '[');
	for (size_t i = 0; i < n_command_rows; i++)
		if (command_rows[i].id != CMD_REGISTER_INTAKE && command_offered(o->state, command_rows[i].id, &who))
			json_str(j, str_c(command_rows[i].name));
	json_close(j);
}

/* What a field that picks may pick here: the same list as the form shows. */
static enum err put_picks(struct json *j, const struct kase *k)
{
	static const struct { enum thing thing; const char *name; } things[] = {
		{ THING_TASK, "task" }, { THING_MEETING, "meeting" }, { THING_GOAL, "goal" }, { THING_INVESTIGATION, "investigation" },
		{ THING_TICKED, "ticked" },
	};

	json_put_open(j, "picks", '{');
	for (size_t i = 0; i < COUNT_OF(things); i++) {
		struct option *o;
		size_t n;
		enum err e = case_options(j->a, k, things[i].thing, &o, &n);

		if (e != OK)
			return e;
		json_put_open(j, things[i].name, '[');
		for (size_t m = 0; m < n; m++) {
			json_open(j, '{');
			json_put(j, "id", o[m].value);
			json_put(j, "text", o[m].text);
			json_close(j);
		}
		json_close(j);
	}
	json_close(j);
	return OK;
}

static enum err put_case(struct json *j, struct request *r, const struct opened_case *o, bool as_of)
{
	const struct kase *k = o->state;

	api_put_summary(j, o->case_id, &o->summary);
	if (!as_of)
		json_put(j, "version", o->version); /* of what it shows: nothing is decided on a past day */
	json_put_instant(j, "now", o->now);
	json_put_c(j, "role", role_rows[o->role].code);
	put_held(j, o->held);
	api_put_person(j, "officer", k->officer);
	api_put_person(j, "second", k->second);
	api_put_choice(j, "danger", &list_danger_now, k->danger);
	json_put_bool(j, "joint_signed_social", joint_signed_by(k, CONTROLLER_SOCIAL));
	json_put_bool(j, "joint_signed_police", joint_signed_by(k, CONTROLLER_POLICE));
	json_put_day(j, "plan_agreed_on", k->plan_agreed_on);
	put_members(j, k);
	put_consents(j, k);
	put_tasks(j, k);
	put_offered(j, r, o);
	put_facts(j, k, o->held);
	put_events(j, "newest", o);
	return put_picks(j, k);
}

static bool open_case(struct request *r, struct open_wish *w, struct opened_case *ret)
{
	w->case_id = r->case_id;
	w->purpose = request_purpose(r);
	w->act = request_act(r);
	w->reason = STR("");
	enum err e = flow_open(r->flow, r->arena, &r->cookie, w, &r->session, ret);

	if (e != OK)
		respond_err(r, e);
	return e == OK;
}

void page_api_case(struct request *r)
{
	struct open_wish w = { .extent = OPEN_PAGE, .as_of = DAY_UNSET };
	struct str as_of = request_field(r, "as_of");
	struct opened_case o;

	if (as_of.p != NULL && day_parse_iso(as_of, &w.as_of) != OK) {
		api_field_error(r, "as_of", STR("Skriv dagen som 2026-11-24."));
		return;
	}
	if (!open_case(r, &w, &o))
		return;
	struct json j = json_new(r->arena);
	enum err e;

	json_open(&j, '{');
	json_put_day(&j, "as_of", w.as_of);
	if ((e = put_case(&j, r, &o, day_is_set(w.as_of))) != OK) {
		respond_err(r, e);
		return;
	}
	json_close(&j);
	api_send(r, 200, &j);
}

void page_api_events(struct request *r)
{
	struct open_wish w = { .extent = OPEN_TIMELINE, .as_of = DAY_UNSET, .limit = EVENTS_PAGE };
	struct opened_case o;

	w.after = request_field(r, "after");
	if (!open_case(r, &w, &o))
		return;
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	if (w.after.n == 0)
		json_put(&j, "version", o.version); /* older pages do not show what has come since */
	put_events(&j, "events", &o);
	/* A whole page may have more behind it; a short one is the end. */
	if (o.n_newest == EVENTS_PAGE)
		json_put(&j, "next", flow_cursor(r->arena, &o, &o.newest[o.n_newest - 1]));
	json_close(&j);
	api_send(r, 200, &j);
}

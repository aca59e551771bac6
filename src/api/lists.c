/* api/lists.c — GET /tasks, /cases, /inbox and POST /inbox/{deposit}. */
#include "api/api.h"

enum { TASKS_MOST = 200 };

static void put_rung(struct json *j, const struct my_rung *t)
{
	const struct task_row *row = task_row(t->task);

	json_open(j, '{');
	json_put_id(j, "case", t->case_id);
	json_put(j, "code", t->code);
	json_put(j, "alias", t->alias);
	json_put_id(j, "task", t->task_id);
	json_put_c(j, "kind", row->code);
	json_put_c(j, "title", row->title);
	json_put_instant(j, "due", t->due);
	json_put_i64(j, "severity", t->severity);
	json_put_i64(j, "step", t->step);
	json_put_bool(j, "desk", t->desk);
	json_close(j);
}

static void put_same(struct json *j, const struct inbox_item *m)
{
	json_open(j, '{');
	json_put_id(j, "id", m->deposit_id);
	json_put_id(j, "case", m->case_id);
	json_put(j, "code", m->code);
	json_put_instant(j, "sent", m->sent);
	json_close(j);
}

void page_api_tasks(struct request *r)
{
	struct my_rung *list;
	struct new_epochs epochs;
	struct inbox_waiting inbox = { .packages = 0 };
	size_t n;
	enum err e = flow_new_epochs(r->flow, r->arena, &r->cookie, &epochs);

	if (e == OK)
		e = flow_my_day(r->flow, r->arena, &r->cookie, TASKS_MOST, &r->session, &list, &n);
	if (e == OK && route_allows(ROUTE_api_inbox, r->session.who.roles))
		e = flow_inbox_waiting(r->flow, r->arena, &r->cookie, &inbox);
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	json_put_instant(&j, "now", r->session.now);
	json_put_open(&j, "tasks", '[');
	for (size_t i = 0; i < n; i++)
		put_rung(&j, &list[i]);
	json_close(&j);
	json_put_open(&j, "same_person", '[');
	for (size_t i = 0; i < inbox.n_same; i++)
		put_same(&j, &inbox.same[i]);
	json_close(&j);
	json_put_i64(&j, "new_epochs_done", (int64_t)epochs.done);
	json_put_i64(&j, "new_epochs_waiting", (int64_t)epochs.waiting);
	json_close(&j);
	api_send(r, 200, &j);
}

void page_api_cases(struct request *r)
{
	struct my_case *list;
	size_t n;
	bool more;
	enum err e = flow_my_cases(r->flow, r->arena, &r->cookie, &r->session, &list, &n, &more);

	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	json_put_open(&j, "cases", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&j, '{');
		api_put_summary(&j, list[i].case_id, &list[i].summary);
		json_put_bool(&j, "via_desk", list[i].via_desk);
		json_close(&j);
	}
	json_close(&j);
	json_put_bool(&j, "more", more);
	json_close(&j);
	api_send(r, 200, &j);
}

static void put_item(struct json *j, const struct inbox_item *p)
{
	const struct package_row *row = package_row(p->kind);

	json_open(j, '{');
	json_put_id(j, "id", p->deposit_id);
	json_put_c(j, "kind", row == NULL ? "same_person" : row->code);
	json_put_c(j, "title", row == NULL ? NULL : row->text);
	if (!p->desk)
		json_put_id(j, "case", p->case_id);
	json_put(j, "code", p->code);
	json_put_bool(j, "desk", p->desk);
	json_put(j, "sender", p->sender);
	json_put(j, "ground", p->ground);
	json_put(j, "text", p->text);
	json_put(j, "document", p->document_hash);
	json_put_instant(j, "sent", p->sent);
	json_close(j);
}

void page_api_inbox(struct request *r)
{
	struct inbox_item *list;
	size_t n;
	enum err e = flow_inbox(r->flow, r->arena, &r->cookie, &r->session, &list, &n);

	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	json_put_open(&j, "packages", '[');
	for (size_t i = 0; i < n; i++)
		put_item(&j, &list[i]);
	json_close(&j);
	json_close(&j);
	api_send(r, 200, &j);
}

void page_api_inbox_accept(struct request *r)
{
	struct json_fields f;
	struct act_result o;
	enum err e;

	if (!api_body(r, &f))
		return;
	struct str accept = read_take(&f, "accept");

	if (accept.p == NULL || f.n > 0 || !(str_eq_c(accept, "yes") || str_eq_c(accept, "no"))) {
		api_field_error(r, "accept", STR("Svara true för att ta emot, false för att lägga åt sidan."));
		return;
	}
	e = flow_accept(r->flow, r->arena, &r->cookie, r->deposit, str_eq_c(accept, "yes"), r->token, &r->session, &o);
	if (e != OK)
		respond_err(r, e);
	else
		api_outcome(r, &o);
}

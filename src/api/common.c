/* api/common.c — outcomes of commands, people, summaries. */
#include "api/api.h"

void api_send(struct request *r, int status, const struct json *j)
{
	respond_json(r, status, json_view(j));
}

bool api_body(struct request *r, struct json_fields *ret)
{
	enum err e = read_object(r->arena, r->body, ret);

	if (e != OK)
		respond_err(r, e);
	return e == OK;
}

static void put_field_error(struct json *j, const char *field, struct str text)
{
	json_open(j, '{');
	json_put_c(j, "field", field);
	json_put(j, "text", text);
	json_close(j);
}

void api_field_error(struct request *r, const char *field, struct str text)
{
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	json_put_open(&j, "errors", '[');
	put_field_error(&j, field, text);
	json_close(&j);
	json_close(&j);
	api_send(r, 400, &j);
}

static void put_refusal(struct json *j, const struct refusal *no, struct instant now)
{
	const struct refusal_row *row = refusal_row(no->id);
	const struct basis_row *basis = basis_on(row->basis, instant_is_set(now) ? instant_day(now) : DAY_UNSET);

	json_put_open(j, "refusal", '{');
	json_put_c(j, "rule", row->rule);
	json_put_c(j, "basis", basis == NULL ? "" : basis->citation);
	json_put_c(j, "text", row->text);
	json_put_c(j, "remedy", row->remedy);
	json_put_c(j, "field", no->field);
	json_close(j);
}

static int put_not_saved(struct request *r, struct json *j, const struct act_result *o)
{
	if (o->conflict) {
		json_put(j, "version", o->version);
		json_put(j, "who", o->conflict_name);
		json_put_instant(j, "at", o->conflict_at);
		json_put_c(j, "text", err_text(ERR_CONFLICT));
		return 409;
	}
	if (o->n_errors == 0) {
		put_refusal(j, &o->refusal, r->session.now);
		return 422;
	}
	json_put_open(j, "errors", '[');
	for (size_t i = 0; i < o->n_errors; i++)
		put_field_error(j, o->errors[i].field == NULL ? "" : api_field_name(j->a, o->errors[i].field), o->errors[i].text);
	json_close(j);
	return 400;
}

void api_outcome(struct request *r, const struct act_result *o)
{
	struct json j = json_new(r->arena);
	int status = 201;

	json_open(&j, '{');
	if (o->saved) {
		json_put_id(&j, "id", o->case_id);
		json_put(&j, "code", case_code_str(r->arena, o->case_id));
		json_put(&j, "version", o->version);
		json_put_i64(&j, "events", (int64_t)o->n_events);
		json_put_instant(&j, "noted", o->noted);
		if (o->unindexed)
			json_put_bool(&j, "unindexed", true);
	} else {
		status = put_not_saved(r, &j, o);
	}
	json_close(&j);
	api_send(r, status, &j);
}

void api_put_choice(struct json *j, const char *name, const struct choice_list *l, unsigned number)
{
	const struct choice *c = number == 0 ? NULL : choice_by_number(l, number);

	if (c != NULL)
		json_put_c(j, name, c->code);
}

void api_put_person(struct json *j, const char *name, struct person p)
{
	if (p.name.p == NULL && id_is_zero(p.id))
		return;
	json_put_open(j, name, '{');
	json_put_id(j, "id", p.id);
	json_put(j, "name", p.name);
	json_close(j);
}

void api_put_who(struct json *j, struct flow *f, const struct session *s)
{
	const struct controller_info *c = flow_controller(f, s->who.controller);

	json_put_id(j, "user", s->who.user);
	json_put(j, "name", s->who.name);
	json_put(j, "title", s->who.title);
	json_put_open(j, "roles", '[');
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (role_rows[i].code != NULL && (s->who.roles >> i & 1) != 0)
			json_str(j, str_c(role_rows[i].code));
	json_close(j);
	if (c != NULL) {
		json_put_open(j, "organisation", '{');
		json_put_id(j, "id", c->id);
		json_put(j, "name", c->name);
		api_put_choice(j, "kind", &list_controller_kind, c->kind);
		json_close(j);
	}
	json_put_instant(j, "locks_at", s->who.lock_at);
	json_put_instant(j, "ends_at", s->who.end_at);
}

void api_put_summary(struct json *j, struct id16 case_id, const struct summary *s)
{
	json_put_id(j, "id", case_id);
	json_put(j, "code", case_code_str(j->a, case_id));
	json_put(j, "alias", s->alias);
	api_put_choice(j, "phase", &list_phase, s->phase);
	json_put_bool(j, "acute", s->acute);
	json_put_day(j, "acute_since", s->acute_since);
	json_put_day(j, "acute_review", s->acute_review);
	api_put_choice(j, "threat", &list_threat_class, s->threat);
	json_put_day(j, "threat_until", s->threat_until);
	json_put(j, "next_step", s->next_step);
	json_put_day(j, "next_due", s->next_due);
	json_put_bool(j, "danger_reported", s->danger_reported);
	json_put_bool(j, "plan_agreed", s->plan_agreed);
	json_put_bool(j, "desk_only", s->desk_only);
}

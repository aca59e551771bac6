/* api/command.c — POST /cases and POST /cases/{id}/commands: every act. */
#include "api/api.h"
#include "flow/version.h"
#include <string.h>

/* A form's field may be called as one of the call's own names; it is then sent as field_NAME. */
const char *api_field_name(struct arena *a, const char *field)
{
	if (strcmp(field, "on") != 0 && strcmp(field, "command") != 0)
		return field;
	struct str name = arena_format(a, "field_%s", field);

	return name.p == NULL ? field : name.p;
}

/* Back to the form's own names. */
static void form_names(struct json_fields *f)
{
	static const char begin[] = "field_";

	for (size_t i = 0; i < f->n; i++) {
		const char *name = f->values[i].field;

		if (strcmp(name, "field_on") == 0 || strcmp(name, "field_command") == 0)
			f->values[i].field = name + sizeof begin - 1;
	}
}

/* A name that the command's form does not have is told, instead of being left out in silence. */
static const char *unknown_field(enum command_id c, const struct json_fields *f)
{
	struct form_field form[FORM_FIELDS_MAX];
	size_t n = command_fields(c, form);

	for (size_t i = 0; i < f->n; i++) {
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known = known || strcmp(form[k].name, f->values[i].field) == 0;
		if (!known)
			return f->values[i].field;
	}
	return NULL;
}

/* A conflict names the version to decide on instead; it is read when the act did not bring it. */
static enum err read_version(struct request *r, struct act_result *o)
{
	struct open_wish w = { .case_id = r->case_id, .purpose = request_purpose(r), .act = request_act(r), .reason = STR(""),
			       .extent = OPEN_PAGE, .as_of = DAY_UNSET };
	struct opened_case opened;
	enum err e;

	if (!o->conflict || o->version.p != NULL)
		return OK;
	if ((e = flow_open(r->flow, r->arena, &r->cookie, &w, &r->session, &opened)) == OK)
		o->version = opened.version;
	return e;
}

static void act(struct request *r, enum command_id c, struct json_fields *f, struct str on)
{
	struct act_result o;

	form_names(f);
	const char *unknown = unknown_field(c, f);
	struct act_wish w = { .case_id = r->case_id, .command = c, .on = on.p == NULL ? r->on : on, .token = r->token,
			      .values = f->values, .n_values = f->n, .act = request_act(r) };

	if (unknown != NULL) {
		api_field_error(r, unknown, STR("Kommandot har inget sådant fält."));
		return;
	}
	enum err e = flow_act(r->flow, r->arena, &r->cookie, &w, &r->session, &o);

	if (e != OK || (e = read_version(r, &o)) != OK)
		respond_err(r, e);
	else
		api_outcome(r, &o);
}

void page_api_intake(struct request *r)
{
	struct json_fields f;

	if (api_body(r, &f))
		act(r, CMD_REGISTER_INTAKE, &f, STR(""));
}

void page_api_command(struct request *r)
{
	struct json_fields f;

	if (!api_body(r, &f))
		return;
	struct str name = read_take(&f, "command"), on = read_take(&f, "on");
	const struct command_row *row = name.p == NULL ? NULL : command_by_name(name);

	/* A new case has its own address, and what comes in a package is accepted in the inbox. */
	if (row == NULL || row->id == CMD_REGISTER_INTAKE || (row->flags & COMMAND_PACKAGE) != 0) {
		api_field_error(r, "command", STR("Det finns inget sådant kommando."));
		return;
	}
	struct version shown;

	if (((row->flags & COMMAND_COMMUTES) == 0 && (on.p == NULL || on.n == 0)) || version_decode(on, &shown) != OK) {
		api_field_error(r, "on", STR("Ange versionen som du har läst."));
		return;
	}
	act(r, row->id, &f, on);
}

/* api/schemas.c — the schemas of openapi.json. */
#include "api/openapi.h"
#include <string.h>

static void put_type(struct json *j, const char *type)
{
	json_put_c(j, "type", type);
}

static void put_enum(struct json *j, const struct choice_list *l)
{
	json_put_open(j, "enum", '[');
	for (size_t i = 0; i < l->n; i++)
		json_str(j, str_c(l->rows[i].code));
	json_close(j);
}

static void put_choices(struct json *j, const struct choice_list *l)
{
	put_type(j, "array");
	json_put_open(j, "items", '{');
	put_type(j, "string");
	put_enum(j, l);
	json_close(j);
}

/* What a field takes when it is sent. Days and moments also take what people write ("24 nov"). */
static void put_input(struct json *j, const struct form_field *f)
{
	switch (f->type) {
	case FIELD_CHOICES:
		put_choices(j, f->choices);
		return;
	case FIELD_NUMBER:
		put_type(j, "integer");
		json_put_i64(j, "minimum", f->min);
		json_put_i64(j, "maximum", f->max);
		return;
	case FIELD_CHOICE:
	case FIELD_YESNO:
		put_type(j, "string");
		put_enum(j, f->choices);
		return;
	case FIELD_LINE:
	case FIELD_TEXT:
		put_type(j, "string");
		json_put_i64(j, "maxLength", f->max);
		return;
	case FIELD_DAY:
	case FIELD_MOMENT:
	case FIELD_PERSON:
	case FIELD_PICK:
	case FIELD_ID:
	case FIELD_HASH:
	case FIELD_NUMBER12:
	case FIELD_ENTRY:
		break;
	}
	put_type(j, "string");
	if (f->type == FIELD_DAY || f->type == FIELD_MOMENT)
		json_put_c(j, "format", f->type == FIELD_DAY ? "date" : "date-time");
}

static void put_command_fields(struct json *j, const struct form_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_put_open(j, api_field_name(j->a, f[i].name), '{');
		put_input(j, &f[i]);
		json_put_c(j, "title", f[i].label);
		if (f[i].hint != NULL && f[i].hint[0] != 0)
			json_put_c(j, "description", f[i].hint);
		json_close(j);
	}
}

static void put_command(struct json *j, const struct command_row *c)
{
	struct form_field f[FORM_FIELDS_MAX];
	size_t n = command_fields(c->id, f);
	struct str name = arena_format(j->a, "command_%s", c->name);
	bool intake = c->id == CMD_REGISTER_INTAKE;

	if (name.p == NULL)
		return;
	json_put_open(j, arena_c(j->a, name), '{');
	put_type(j, "object");
	json_put_c(j, "title", c->heading);
	json_put_open(j, "properties", '{');
	if (!intake) {
		json_put_open(j, "command", '{');
		json_put_c(j, "const", c->name);
		json_close(j);
	}
	if (!intake && (c->flags & COMMAND_COMMUTES) == 0) {
		json_put_open(j, "on", '{');
		put_type(j, "string");
		json_close(j);
	}
	put_command_fields(j, f, n);
	json_close(j);
	json_put_open(j, "required", '[');
	if (!intake)
		json_str(j, STR("command"));
	for (size_t i = 0; i < n; i++)
		if (f[i].required)
			json_str(j, str_c(api_field_name(j->a, f[i].name)));
	json_close(j);
	json_put_bool(j, "additionalProperties", false);
	json_close(j);
}

static void put_commands(struct json *j)
{
	for (size_t i = 0; i < n_command_rows; i++)
		if ((command_rows[i].flags & COMMAND_PACKAGE) == 0)
			put_command(j, &command_rows[i]);
	json_put_open(j, "Command", '{');
	json_put_open(j, "oneOf", '[');
	for (size_t i = 0; i < n_command_rows; i++) {
		if ((command_rows[i].flags & COMMAND_PACKAGE) != 0 || command_rows[i].id == CMD_REGISTER_INTAKE)
			continue;
		json_open(j, '{');
		json_put(j, "$ref", arena_format(j->a, "#/components/schemas/command_%s", command_rows[i].name));
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

static void put_shown(struct json *j, const struct field_row *f)
{
	if (f->type == FIELD_CHOICES) {
		put_choices(j, f->list);
	} else if (f->type == FIELD_PERSON) {
		json_put_c(j, "$ref", "#/components/schemas/Person");
	} else {
		put_type(j, f->type == FIELD_NUMBER ? "integer" : "string");
		if (f->type == FIELD_CHOICE || f->type == FIELD_YESNO)
			put_enum(j, f->list);
	}
}

static void put_event_fields(struct json *j)
{
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const struct record_row *r = &record_rows[i];
		struct str name = arena_format(j->a, "event_%s", r->name);

		if (r->kind == EV_UNKNOWN || name.p == NULL)
			continue;
		json_put_open(j, arena_c(j->a, name), '{');
		put_type(j, "object");
		json_put_c(j, "title", r->title);
		json_put_open(j, "properties", '{');
		for (size_t k = 0; k < r->n_fields; k++) {
			json_put_open(j, r->fields[k].name, '{');
			put_shown(j, &r->fields[k]);
			json_close(j);
		}
		json_close(j);
		json_close(j);
	}
}

/* Objects of plain members: "name:type", where a type that is no JSON type names a schema, and a star a list. */
struct plain { const char *name; const char *members[24]; };
static const struct plain plains[] = {
	{ "Login", { "user:string", "passphrase:string", "totp:string" } },
	{ "Accept", { "accept:boolean" } },
	{ "Who", { "user:string", "name:string", "title:string", "roles:string*", "organisation:Organisation", "locks_at:string",
		   "ends_at:string" } },
	{ "Organisation", { "id:string", "name:string", "kind:string" } },
	{ "Person", { "id:string", "name:string", "title:string" } },
	{ "Task", { "case:string", "code:string", "alias:string", "task:string", "kind:string", "title:string", "due:string",
		    "severity:integer", "step:integer", "desk:boolean" } },
	{ "SamePerson", { "id:string", "case:string", "code:string", "sent:string" } },
	{ "Tasks", { "now:string", "tasks:Task*", "same_person:SamePerson*", "new_epochs_done:integer", "new_epochs_waiting:integer" } },
	{ "Summary", { "id:string", "code:string", "alias:string", "phase:string", "acute:boolean", "acute_since:string",
		       "acute_review:string", "threat:string", "threat_until:string", "next_step:string", "next_due:string",
		       "danger_reported:boolean", "plan_agreed:boolean", "desk_only:boolean", "via_desk:boolean" } },
	{ "Cases", { "cases:Summary*", "more:boolean" } },
	{ "Event", { "entry:string", "kind:string", "title:string", "compartment:string", "noted:string", "happened:string",
		     "author:Person", "source:string", "fields:object" } },
	{ "Events", { "version:string", "events:Event*", "next:string" } },
	{ "CaseTask", { "id:string", "kind:string", "text:string", "due:string", "assignee:Person", "about:string" } },
	{ "Consent", { "party:string", "state:string", "until:string" } },
	{ "Member", { "id:string", "name:string", "function:string" } },
	{ "Open", { "version:string", "now:string", "as_of:string", "role:string", "held:string*", "officer:Person",
		    "second:Person", "danger:string", "joint_signed_social:boolean", "joint_signed_police:boolean",
		    "plan_agreed_on:string", "members:Member*", "consents:Consent*", "tasks:CaseTask*", "commands:string*",
		    "facts:Event*", "newest:Event*", "picks:Picks" } },
	{ "Picks", { "task:Pick*", "meeting:Pick*", "goal:Pick*", "investigation:Pick*" } },
	{ "Pick", { "id:string", "text:string" } },
	{ "Package", { "id:string", "kind:string", "title:string", "case:string", "code:string", "desk:boolean", "sender:string",
		       "ground:string", "text:string", "document:string", "sent:string" } },
	{ "Inbox", { "packages:Package*" } },
	{ "Saved", { "id:string", "code:string", "version:string", "events:integer", "noted:string", "unindexed:boolean" } },
	{ "Conflict", { "version:string", "who:string", "at:string", "text:string" } },
	{ "FieldError", { "field:string", "text:string" } },
	{ "FieldErrors", { "errors:FieldError*" } },
	{ "Refused", { "refusal:Refusal" } },
	{ "FaultText", { "id:string", "text:string" } },
	{ "Fault", { "error:FaultText" } },
	{ "Any", { NULL } },
};

static void put_member_type(struct json *j, struct str type)
{
	bool many = type.p[type.n - 1] == '*';

	if (many) {
		put_type(j, "array");
		json_put_open(j, "items", '{');
		type.n--;
	}
	if (type.p[0] >= 'A' && type.p[0] <= 'Z')
		json_put(j, "$ref", arena_format(j->a, "#/components/schemas/%.*s", STR_FMT(type)));
	else
		json_put(j, "type", type);
	if (many)
		json_close(j);
}

static void put_plain(struct json *j, const struct plain *p)
{
	json_put_open(j, p->name, '{');
	put_type(j, "object");
	json_put_open(j, "properties", '{');
	for (size_t i = 0; i < COUNT_OF(p->members) && p->members[i] != NULL; i++) {
		struct str m = str_c(p->members[i]);
		size_t colon = str_find(m, ':');
		const char *name = arena_c(j->a, str_cut(m, 0, colon));

		if (name == NULL)
			break;
		json_put_open(j, name, '{');
		put_member_type(j, str_cut(m, colon + 1, m.n));
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

static void put_refusal(struct json *j)
{
	json_put_open(j, "Refusal", '{');
	put_type(j, "object");
	json_put_open(j, "properties", '{');
	json_put_open(j, "rule", '{');
	put_type(j, "string");
	json_put_open(j, "enum", '[');
	for (size_t i = 0; i < n_refusal_rows; i++)
		json_str(j, str_c(refusal_rows[i].rule));
	json_close(j);
	json_close(j);
	for (size_t i = 0; i < 4; i++) {
		static const char *const rest[] = { "basis", "text", "remedy", "field" };

		json_put_open(j, rest[i], '{');
		put_type(j, "string");
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

void openapi_schemas(struct json *j)
{
	json_put_open(j, "schemas", '{');
	for (size_t i = 0; i < COUNT_OF(plains); i++)
		put_plain(j, &plains[i]);
	json_put_open(j, "Case", '{');
	json_put_open(j, "allOf", '[');
	for (size_t i = 0; i < 2; i++) {
		json_open(j, '{');
		json_put_c(j, "$ref", i == 0 ? "#/components/schemas/Summary" : "#/components/schemas/Open");
		json_close(j);
	}
	json_close(j);
	json_close(j);
	put_refusal(j);
	put_commands(j);
	put_event_fields(j);
	json_close(j);
}

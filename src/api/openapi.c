/* api/openapi.c — GET /openapi.json: the routes, commands, fields, events and refusals of the tables as OpenAPI 3.1. */
#include "api/openapi.h"
#include <string.h>

static const char *const method_words[] = { [METHOD_GET] = "get", [METHOD_POST] = "post", [METHOD_DELETE] = "delete" };

static void put_ref(struct json *j, struct str name)
{
	json_put(j, "$ref", arena_format(j->a, "#/components/schemas/%.*s", STR_FMT(name)));
}

static void put_content(struct json *j, const char *description, const char *schema)
{
	json_put_c(j, "description", description);
	json_put_open(j, "content", '{');
	json_put_open(j, "application/json", '{');
	json_put_open(j, "schema", '{');
	put_ref(j, str_c(schema));
	json_close(j);
	json_close(j);
	json_close(j);
}

static void put_answer(struct json *j, const char *status, const char *description, const char *schema)
{
	json_put_open(j, status, '{');
	put_content(j, description, schema);
	json_close(j);
}

static bool is_act(enum route r)
{
	return r == ROUTE_api_intake || r == ROUTE_api_command || r == ROUTE_api_inbox_accept;
}

static const char *answer_schema(enum route r)
{
	switch ((int)r) {
	case ROUTE_api_login:
	case ROUTE_api_me:
		return "Who";
	case ROUTE_api_tasks:
		return "Tasks";
	case ROUTE_api_cases:
		return "Cases";
	case ROUTE_api_case:
		return "Case";
	case ROUTE_api_events:
		return "Events";
	case ROUTE_api_inbox:
		return "Inbox";
	default:
		return "Any";
	}
}

static void put_answers(struct json *j, enum route r)
{
	json_put_open(j, "responses", '{');
	if (is_act(r)) {
		put_answer(j, "201", "Saved.", "Saved");
		put_answer(j, "400", "Fields that cannot be read.", "FieldErrors");
		put_answer(j, "409", "The case moved meanwhile; nothing was saved.", "Conflict");
		put_answer(j, "422", "A rule refused; nothing was saved.", "Refused");
	} else if (r == ROUTE_api_logout) {
		json_put_open(j, "204", '{');
		json_put_c(j, "description", "Logged out.");
		json_close(j);
	} else {
		put_answer(j, "200", "The answer.", answer_schema(r));
	}
	put_answer(j, "default", "A fault; `id` is a row of the table of faults.", "Fault");
	json_close(j);
}

static void put_parameter(struct json *j, const char *name, const char *in, bool required, const char *pattern)
{
	json_open(j, '{');
	json_put_c(j, "name", name);
	json_put_c(j, "in", in);
	json_put_bool(j, "required", required);
	json_put_open(j, "schema", '{');
	json_put_c(j, "type", "string");
	json_put_c(j, "pattern", pattern);
	json_close(j);
	json_close(j);
}

static void put_parameters(struct json *j, enum route r)
{
	const struct route_row *row = &route_rows[r];

	json_put_open(j, "parameters", '[');
	if (strstr(row->pattern, "{case}") != NULL)
		put_parameter(j, "case", "path", true, "^[0-9a-f]{32}$");
	if (strstr(row->pattern, "{deposit}") != NULL)
		put_parameter(j, "deposit", "path", true, "^[0-9a-f]{32}$");
	if (r == ROUTE_api_case)
		put_parameter(j, "as_of", "query", false, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
	if (r == ROUTE_api_events)
		put_parameter(j, "after", "query", false, NULL);
	if (row->method == METHOD_POST)
		put_parameter(j, "Idempotency-Key", "header", false, "^[!-~]{0,64}$");
	json_close(j);
}

static const char *body_schema(enum route r)
{
	switch ((int)r) {
	case ROUTE_api_login:
		return "Login";
	case ROUTE_api_intake:
		return "command_register_intake";
	case ROUTE_api_command:
		return "Command";
	case ROUTE_api_inbox_accept:
		return "Accept";
	default:
		return NULL;
	}
}

static void put_route(struct json *j, enum route r)
{
	const struct route_row *row = &route_rows[r];
	const char *body = body_schema(r);

	json_put_open(j, method_words[row->method], '{');
	json_put_c(j, "operationId", row->name);
	put_parameters(j, r);
	if (body != NULL) {
		json_put_open(j, "requestBody", '{');
		json_put_bool(j, "required", true);
		put_content(j, "One object.", body);
		json_close(j);
	}
	put_answers(j, r);
	json_put_open(j, "security", '[');
	if (!route_is_open(r)) {
		json_open(j, '{');
		json_put_open(j, "session", '[');
		json_close(j);
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

/* Rows with one pattern stand under one path, whatever their order in the table. */
static void put_paths(struct json *j)
{
	json_put_open(j, "paths", '{');
	for (enum route r = ROUTE_NONE + 1; r < ROUTE_COUNT; r++) {
		bool seen = false;

		for (enum route k = ROUTE_NONE + 1; k < r; k++)
			seen = seen || strcmp(route_rows[k].pattern, route_rows[r].pattern) == 0;
		if (seen || !route_is_api(r))
			continue;
		json_put_open(j, route_rows[r].pattern, '{');
		for (enum route k = r; k < ROUTE_COUNT; k++)
			if (strcmp(route_rows[k].pattern, route_rows[r].pattern) == 0)
				put_route(j, k);
		json_close(j);
	}
	json_close(j);
}

void page_api_openapi(struct request *r)
{
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	json_put_c(&j, "openapi", "3.1.0");
	json_put_open(&j, "info", '{');
	json_put_c(&j, "title", "Avstamp");
	json_put_c(&j, "version", "1");
	json_put_c(&j, "description", "The same routes, commands and refusals as the pages. A version is opaque and "
		   "says what its holder has seen: a command's answer tells the one it was sent `on`, with what the command "
		   "wrote. Without `on` nothing has been seen but that.");
	json_close(&j);
	put_paths(&j);
	json_put_open(&j, "components", '{');
	openapi_schemas(&j);
	json_put_open(&j, "securitySchemes", '{');
	json_put_open(&j, "session", '{');
	json_put_c(&j, "type", "apiKey");
	json_put_c(&j, "in", "cookie");
	json_put_c(&j, "name", request_is_secure(r) ? "__Host-s" : "s");
	json_close(&j);
	json_close(&j);
	json_close(&j);
	json_close(&j);
	api_send(r, 200, &j);
}

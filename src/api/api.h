/* api/api.h — what the calls share; private to the room.
 *
 * Runs in: web, on a worker's thread.   Depends on: web, flow, core, tables.   Never: decides, checks a right.
 *
 * The calls themselves are the functions page_api_* of web/request.h. Names and personal numbers of the person are
 * not given out here: they are shown by the page that asks for a reason and logs it. */
#pragma once
#include "api/json.h"
#include "api/read.h"
#include "core/state.h"
#include "web/request.h"

/* The call's JSON object; answers itself and gives false when there is none. */
bool api_body(struct request *r, struct json_fields *ret);
/* One field error as 400. */
void api_field_error(struct request *r, const char *field, struct str text);
/* 201, 409, 422 or 400 as INTERFACE has it. */
void api_outcome(struct request *r, const struct act_result *o);
void api_send(struct request *r, int status, const struct json *j);

/* The name of a command's field in a call. */
const char *api_field_name(struct arena *a, const char *field);

/* The kinds of things that several calls show. */
void api_put_who(struct json *j, struct flow *f, const struct session *s);
void api_put_summary(struct json *j, struct id16 case_id, const struct summary *s);
void api_put_event(struct json *j, const struct event *e);
void api_put_person(struct json *j, const char *name, struct person p);
void api_put_choice(struct json *j, const char *name, const struct choice_list *l, unsigned number);

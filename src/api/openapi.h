/* api/openapi.h — the two halves of openapi.json; private to the room.
 *
 * Runs in: web.   Depends on: tables.   Never: knows a field or a command by name. */
#pragma once
#include "api/api.h"

/* "schemas": {...}, from the tables of commands, events, choices and refusals. */
void openapi_schemas(struct json *j);

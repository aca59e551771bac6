/* web/route.h — finding the row of tables/routes.def that a request's address belongs to.
 *
 * Runs in: web.   Depends on: base, tables.   Never: I/O; pure, so that the fuzzer can hold it.
 *
 * Invariants
 *   R1  an address without a row does not exist.
 *   R2  an id that cannot be read finds its route with `bad` set: whoever may not use the route gets the same
 *       answer as for a readable one, and whoever may gets the same 404 as for an id that is not there. */
#pragma once
#include "base/base.h"
#include "tables/tables.h"

/* A method that no row has. */
#define METHOD_OTHER ((enum method)3)

/* What the braces of a pattern held. */
struct route_ids {
	struct id16 case_id, deposit, user, entry;
	struct str command, file; /* views of the path */
	bool bad;                 /* something in braces could not be read */
};
struct route_match {
	enum route route;          /* ROUTE_NONE: no such address for this method */
	struct route_ids ids;
	bool other_method;         /* the address exists, with another method */
};

enum method method_parse(struct str name);
/* `path` without query. */
struct route_match route_find(enum method m, struct str path);
/* The methods of an address, for a 405. NULL when the address does not exist. */
const char *route_methods(struct str path);
/* The page to show again for a form that was posted to `path`: the same address by GET, or the nearest one
 * above it. ROUTE_NONE when there is none. */
enum route route_form(struct str path, struct route_ids *ret_ids, struct str *ret_path);

bool route_is_api(enum route r);
/* The pattern names a thing: no access is "not found" (DECISIONS 38). */
bool route_has_id(enum route r);
/* Nobody needs to be logged in. */
bool route_is_open(enum route r);
/* The act itself asks the vault before it shows anything, so the power may be checked from memory. */
bool route_asks_vault(enum route r);
/* True when a person with these roles (bits of tables/roles.def) may use it. */
bool route_allows(enum route r, uint64_t roles);

/* web/route.h — the addresses of tables/routes.def as data, and finding one of them.
 *
 * Runs in: web.   Depends on: base, tables/routes.def.   Never: I/O; pure, so that the fuzzer can hold it.
 *
 * Invariants
 *   R1  an address without a row does not exist.
 *   R2  an id that cannot be read finds its route with `bad` set: whoever may not use the route gets the same
 *       answer as for a readable one, and whoever may gets the same 404 as for an id that is not there. */
#pragma once
#include "base/base.h"

enum method { METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_OTHER };

enum route_id {
#define ROUTE(id, method, pattern, power, purpose) AT_##id,
#include "tables/routes.def"
	AT_COUNT
};

struct route {
	enum route_id id;
	enum method method;
	const char *name;       /* as in routes.def; the `act` that the log gets */
	const char *pattern;
	uint64_t roles;         /* 0: anyone; ROUTE_ANY_ROLE: whoever is logged in */
	uint16_t purpose;       /* tables/purposes.def */
	bool api;
	bool has_id;            /* the pattern names a thing: no access is "not found" (DECISIONS 38) */
	/* The act itself asks the vault before it shows anything, so the power may be checked from memory. */
	bool asks_vault;
};
#define ROUTE_ANY_ROLE UINT64_MAX

/* What the braces of a pattern held. */
struct route_ids {
	struct id16 case_id, deposit, user, entry;
	struct str command, file; /* views of the path */
	bool bad;                 /* something in braces could not be read */
};
struct route_match {
	const struct route *route; /* NULL: no such address for this method */
	struct route_ids ids;
	bool other_method;         /* the address exists, with another method */
};

const struct route *route_at(enum route_id id);
enum method method_parse(struct str name);
/* `path` without query. */
struct route_match route_find(enum method m, struct str path);
/* The page to show again for a form that was posted to `path`: the same address by GET, or the nearest one
 * above it. NULL when there is none. */
const struct route *route_form(struct str path, struct route_ids *ret_ids, struct str *ret_path);
/* True when these roles may use the route; `roles` of nobody is 0. */
bool route_allows(const struct route *r, bool logged_in, uint64_t roles);

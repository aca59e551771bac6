/* view/path.h — addresses and names that a page may hold: made from the tables, never from text.
 *
 * Runs in: web.   Depends on: base, tables/routes.def.   Never: turns a string into an address.
 *
 * One builder per address of tables/routes.def outside the API is generated into view/paths.h:
 * `path_case_show(arena, case_id)`, `path_my_day()`. An address and its POST twin have one builder each.
 *
 * Invariants
 *   P1  a path begins with "/" and names a row of routes.def; what follows "?" is percent-coded.
 *   P2  a token is 1..64 of a-z A-Z 0-9 - _ and space. */
#pragma once
#include "base/base.h"

/* `made` is read by generated code only; fill a path or token through the functions here. */
struct path { struct str made; };
struct token { struct str made; };
#define PATH_UNSET ((struct path){ { NULL, 0 } })
#define TOKEN_UNSET ((struct token){ { NULL, 0 } })

/* A name in the program's text. Only a literal is accepted. */
#define TOKEN(lit) token_checked(STR(lit))
/* A name from a compiled table (a field, a command). Anything else than a token's letters is a bug and ends
 * the process. The bytes must outlive the page. */
struct token token_name(const char *table_name);
/* "name-3": a name with a number, for the parts of lists. Owned by the arena. */
struct token token_numbered(struct arena *a, struct token t, size_t n);
struct token token_checked(struct str s);

/* The same address with "#name", or with "?name=value" ("&" from the second on; value percent-coded).
 * A full arena gives an unset path. */
struct path path_with_anchor(struct arena *a, struct path p, struct token anchor);
struct path path_with_query(struct arena *a, struct path p, struct token name, struct str value);
/* For the web room's Location header. */
struct str path_text(struct path p);

#include "view/paths.h"

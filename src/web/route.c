/* web/route.c — addresses against patterns; the grammar of patterns is told in tables/routes.def. */
#include "web/route.h"
#include <string.h>

bool route_is_api(enum route r)
{
	return r != ROUTE_NONE && strncmp(route_rows[r].pattern, "/api/", 5) == 0;
}

bool route_has_id(enum route r)
{
	const char *brace = r == ROUTE_NONE ? NULL : strchr(route_rows[r].pattern, '{');

	return brace != NULL && strncmp(brace, "{file}", 6) != 0;
}

bool route_is_open(enum route r)
{
	return r != ROUTE_NONE && route_roles(r) == 0;
}

/* An act with one of these purposes begins with a message to the vault that opens rows for the session. */
bool route_asks_vault(enum route r)
{
	switch (route_rows[r].purpose) {
	case PURPOSE_CASE_WORK:
	case PURPOSE_MY_LIST:
	case PURPOSE_MY_DAY:
	case PURPOSE_FIND:
	case PURPOSE_INBOX:
	case PURPOSE_REVEAL:
	case PURPOSE_PRINT:
		return true;
	case PURPOSE_NONE:
	case PURPOSE_INTAKE:
	case PURPOSE_ACCOUNTS:
	case PURPOSE_LOG_REVIEW:
	case PURPOSE_UPKEEP:
		break;
	}
	return false;
}

bool route_allows(enum route r, uint64_t roles)
{
	uint64_t wanted = route_roles(r);

	if (r == ROUTE_NONE)
		return false;
	return wanted == 0 || wanted == ROLE_ANY || (wanted & roles) != 0;
}

enum method method_parse(struct str name)
{
	if (str_eq_c(name, "GET") || str_eq_c(name, "HEAD"))
		return METHOD_GET;
	if (str_eq_c(name, "POST"))
		return METHOD_POST;
	if (str_eq_c(name, "DELETE"))
		return METHOD_DELETE;
	return METHOD_OTHER;
}

static bool is_name(struct str s)
{
	if (s.n == 0 || s.n > 64)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '-' || c == '.'))
			return false;
	}
	return true;
}

static void take_id(struct str part, struct id16 *to, struct route_ids *ids)
{
	if (id_parse(part, to) != OK)
		ids->bad = true;
}

/* One part of an address against one in braces. */
static bool take_brace(struct str brace, struct str part, struct route_ids *ids)
{
	if (part.n == 0)
		return false;
	if (str_eq_c(brace, "{case}"))
		take_id(part, &ids->case_id, ids);
	else if (str_eq_c(brace, "{deposit}"))
		take_id(part, &ids->deposit, ids);
	else if (str_eq_c(brace, "{user}"))
		take_id(part, &ids->user, ids);
	else if (str_eq_c(brace, "{entry}"))
		take_id(part, &ids->entry, ids);
	else if (str_eq_c(brace, "{command}"))
		ids->command = part;
	else if (str_eq_c(brace, "{file}"))
		ids->file = part;
	else
		return false;
	if ((ids->command.p != NULL && !is_name(ids->command)) || (ids->file.p != NULL && !is_name(ids->file)))
		ids->bad = true;
	return true;
}

static struct str next_part(struct str *rest)
{
	size_t n = str_find(*rest, '/');
	struct str part = str_cut(*rest, 0, n);

	*rest = n < rest->n ? str_cut(*rest, n + 1, rest->n) : (struct str){ rest->p + rest->n, 0 };
	return part;
}

static size_t count_slashes(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* What stands before the first brace must stand in the address too: most patterns end here. */
static bool begins_alike(const char *pattern, struct str path)
{
	for (size_t i = 0; pattern[i] != 0 && pattern[i] != '{'; i++)
		if (i == path.n || pattern[i] != path.p[i])
			return false;
	return true;
}

static bool matches(const char *pattern_c, struct str path, struct route_ids *ret)
{
	if (!begins_alike(pattern_c, path))
		return false;

	struct str pattern = str_c(pattern_c), left = path;
	struct route_ids ids = { 0 };

	if (count_slashes(pattern) != count_slashes(path))
		return false;
	while (pattern.n > 0) {
		struct str want = next_part(&pattern), part = next_part(&left);

		if (want.n > 0 && want.p[0] == '{' ? !take_brace(want, part, &ids) : !str_eq(want, part))
			return false;
	}
	if (left.n > 0)
		return false;
	*ret = ids;
	return true;
}

/* A fixed address wins over one with braces ("/arenden/nytt" is no case), whatever the order of the rows. */
struct route_match route_find(enum method m, struct str path)
{
	struct route_match found = { 0 };
	struct route_ids ids;

	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT; i++) {
		if (route_rows[i].method != m || (found.route != ROUTE_NONE && route_has_id(i)) ||
		    !matches(route_rows[i].pattern, path, &ids))
			continue;
		found.route = i;
		found.ids = ids;
		if (!route_has_id(i))
			return found;
	}
	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT && found.route == ROUTE_NONE && !found.other_method; i++)
		found.other_method = route_rows[i].method != m && matches(route_rows[i].pattern, path, &ids);
	return found;
}

const char *route_methods(struct str path)
{
	static const char *const spelt[8] = {
		NULL, "GET, HEAD", "POST", "GET, HEAD, POST", "DELETE", "GET, HEAD, DELETE", "POST, DELETE",
		"GET, HEAD, POST, DELETE",
	};
	unsigned set = 0;
	struct route_ids ids;

	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT; i++)
		if (matches(route_rows[i].pattern, path, &ids))
			set |= 1u << (unsigned)route_rows[i].method;
	return spelt[set & 7];
}

enum route route_form(struct str path, struct route_ids *ret_ids, struct str *ret_path)
{
	while (path.n > 1) {
		struct route_match m = route_find(METHOD_GET, path);

		if (m.route != ROUTE_NONE && !m.ids.bad && !route_is_api(m.route)) {
			*ret_ids = m.ids;
			*ret_path = path;
			return m.route;
		}
		size_t n = path.n - 1;

		while (n > 0 && path.p[n] != '/')
			n--;
		path.n = n;
	}
	return ROUTE_NONE;
}

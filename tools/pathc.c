/* tools/pathc.c — writes one builder per address of tables/routes.def: view/paths.h and its source.
 *
 * pathc OUT.h OUT.c
 *
 * The API has no links, so its rows get no builder. {case} {deposit} {user} {entry} become ids, {command} a
 * token, {file} the name of a static file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTE(id, method, pattern, power, purpose) { #id, pattern },
static const struct route { const char *id, *pattern; } routes[] = {
#include "tables/routes.def"
};

static const char *parameter_type(const char *name)
{
	static const char *const ids[] = { "case", "deposit", "user", "entry" };
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (strcmp(name, ids[i]) == 0)
			return "struct id16 ";
	if (strcmp(name, "command") == 0)
		return "struct token ";
	if (strcmp(name, "file") == 0)
		return "struct str ";
	fprintf(stderr, "pathc: {%s} is no part that an address may have\n", name);
	exit(1);
}

/* The next {name} of a pattern; false when there is none. */
static int parameter(const char **at, char *ret_name, size_t room)
{
	const char *open = strchr(*at, '{');
	const char *close = open ? strchr(open, '}') : NULL;
	if (!close)
		return 0;
	snprintf(ret_name, room, "%.*s", (int)(close - open - 1), open + 1);
	*at = close + 1;
	return 1;
}

static void signature(FILE *f, const struct route *r)
{
	char name[64];
	const char *at = r->pattern;
	fprintf(f, "struct path path_%s(", r->id);
	if (!strchr(at, '{'))
		fputs("void", f);
	else
		fputs("struct arena *a", f);
	while (parameter(&at, name, sizeof name))
		fprintf(f, ", %s%s_", parameter_type(name), name);
	fputc(')', f);
}

static void parts(FILE *f, const struct route *r)
{
	const char *at = r->pattern;
	fputs("\tconst struct path_part parts[] = {\n", f);
	for (const char *open; (open = strchr(at, '{')) != NULL;) {
		char name[64];
		fprintf(f, "\t\t{ .literal = STR(\"%.*s\") },\n", (int)(open - at), at);
		parameter(&at, name, sizeof name);
		const char *type = parameter_type(name);
		if (strcmp(type, "struct id16 ") == 0)
			fprintf(f, "\t\t{ .id = &%s_ },\n", name);
		else if (strcmp(type, "struct token ") == 0)
			fprintf(f, "\t\t{ .name = %s_.made },\n", name);
		else
			fprintf(f, "\t\t{ .name = path__file(%s_) },\n", name);
	}
	if (*at)
		fprintf(f, "\t\t{ .literal = STR(\"%s\") },\n", at);
	fputs("\t};\n\treturn path__join(a, parts, COUNT_OF(parts));\n", f);
}

int main(int argc, char **argv)
{
	FILE *header = argc == 3 ? fopen(argv[1], "wb") : NULL, *source = header ? fopen(argv[2], "wb") : NULL;
	if (!source) {
		fprintf(stderr, "usage: pathc OUT.h OUT.c\n");
		return 2;
	}
	fputs("/* view/paths.h — written by tools/pathc from tables/routes.def; not to be edited. */\n#pragma once\n", header);
	fputs("/* Written by tools/pathc from tables/routes.def; not to be edited. */\n#include \"view/path_i.h\"\n", source);
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (strncmp(routes[i].pattern, "/api/", 5) == 0)
			continue;
		signature(header, &routes[i]);
		fputs(";\n", header);
		fputc('\n', source);
		signature(source, &routes[i]);
		fputs("\n{\n", source);
		if (strchr(routes[i].pattern, '{'))
			parts(source, &routes[i]);
		else
			fprintf(source, "\treturn (struct path){ STR(\"%s\") };\n", routes[i].pattern);
		fputs("}\n", source);
	}
	if (fclose(header) != 0 || fclose(source) != 0) {
		fprintf(stderr, "pathc: writing failed\n");
		return 1;
	}
	return 0;
}

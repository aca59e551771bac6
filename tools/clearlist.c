/* tools/clearlist.c — writes docs/CLEAR.md from the marks in the migration files.
 *
 *     clearlist OUT.md 0001.sql [0002.sql ...] */
#include "schema.h"
#include <stdio.h>
#include <string.h>

static struct schema schema;

static const char *type_word(enum column_type t)
{
	switch (t) {
	case TYPE_ID: return "16 bytes";
	case TYPE_I64: return "number";
	case TYPE_BLOB: return "bytes";
	}
	return "";
}

static void print_table(FILE *f, const struct schema_table *t)
{
	fprintf(f, "\n## %s\n\n", t->name);
	if (t->outside[0])
		fprintf(f, "Outside the log: %s.\n\n", t->outside);
	else
		fprintf(f, "Table %d of the log's row digests.\n\n", t->number);
	fprintf(f, "| column | holds | mark | why, or what is inside |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct schema_column *c = &t->columns[i];
		fprintf(f, "| %s%s | %s%s | %s | %s |\n", c->name, c->key ? " (key)" : "", type_word(c->type),
		        c->nullable ? ", may be empty" : "", c->sealed ? "**sealed**" : "clear", c->reason);
	}
}

static void print_all(FILE *f)
{
	size_t clear = 0, sealed = 0;
	for (size_t t = 0; t < schema.n; t++) {
		for (size_t c = 0; c < schema.tables[t].n; c++)
			*(schema.tables[t].columns[c].sealed ? &sealed : &clear) += 1;
	}
	fprintf(f,
		"# What a reader of the database sees\n\n"
		"This page is generated from the marks in `src/store/migrations` by `tools/clearlist`; a column without a "
		"mark fails the build, and a test fails when this page is not the one the marks give. It is the closed list "
		"of clear columns: whoever steals the disk, a backup or the database administrator's password sees these and "
		"the sizes of the sealed ones (in classes), and nothing else.\n\n"
		"%zu clear columns, %zu sealed, in %zu tables.\n\n"
		"## What the clear columns tell together\n\n"
		"- Who works on which opaque case, and since when by order of rows; never who the case is about.\n"
		"- That a case has a child or a health stream (the compartment's number).\n"
		"- The sets of assignees of rungs per day, matched with grants, often name the case to an analyst; that no "
		"case stands in a rung hides it from a casual look only.\n"
		"- Each person's address for notices without content, because the clock must send without a key.\n",
		clear, sealed, schema.n);
	for (size_t t = 0; t < schema.n; t++)
		print_table(f, &schema.tables[t]);
}

int main(int argc, char **argv)
{
	FILE *f;
	if (argc < 3) {
		fputs("use: clearlist OUT.md 0001.sql ...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		schema_read(&schema, argv[i]);
	schema_finish(&schema);
	f = open_out(argv[1]);
	print_all(f);
	close_out(f, argv[1]);
	return 0;
}

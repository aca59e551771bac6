/* tools/sqlc_write.c — the writing half of sqlc: C text from statements and tables. */
#include "sqlc.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *head = "generated from store/sql and store/migrations by tools/sqlc";

static const char *field_type(enum field_kind k, bool nullable)
{
	switch (k) {
	case FIELD_ID: return "struct id16 ";
	case FIELD_I64: return nullable ? "struct i64_maybe " : "int64_t ";
	case FIELD_BLOB: return "struct str ";
	case FIELD_ROW: case FIELD_ASKER: break;
	}
	return "";
}

static enum field_kind kind_of(enum column_type t)
{
	return t == TYPE_ID ? FIELD_ID : t == TYPE_I64 ? FIELD_I64 : FIELD_BLOB;
}

static const char *cell_word(enum field_kind k)
{
	return k == FIELD_ID ? "CELL_ID" : k == FIELD_I64 ? "CELL_I64" : "CELL_BLOB";
}

/* ---- rows ---- */

/* The vault finishes a row whose one sealed column stands last. */
static bool is_finished_by_vault(const struct schema_table *t)
{
	size_t sealed = 0;
	for (size_t i = 0; i < t->n; i++)
		sealed += t->columns[i].sealed;
	return sealed == 1 && t->columns[t->n - 1].sealed;
}

static void write_row_struct(FILE *f, const struct schema_table *t)
{
	fprintf(f, "\n/* One row of %s; an unset str is NULL. */\nstruct row_%s {\n", t->name, t->name);
	for (size_t i = 0; i < t->n; i++) {
		const struct schema_column *c = &t->columns[i];
		fprintf(f, "\t%s%s;%s\n", field_type(kind_of(c->type), c->nullable), c->name,
		        c->sealed ? " /* sealed */" : c->nullable ? " /* may be unset */" : "");
	}
	fprintf(f, "};\n");
}

void write_rows_header(const struct schema *s, const char *path)
{
	FILE *f = open_out(path);
	fprintf(f, "/* store/rows.h — a struct for each table and its names for the log; %s.\n *\n"
	        " * row_name_T   name of the row in the log, from its key columns.\n"
	        " * row_clear_T  canonical bytes of all columns but the last, sealed one: the vault adds the envelope.\n"
	        " * row_ref_T    name, version and tag of a whole row, for rows that web knows to the last byte;\n"
	        " *              ERR_FULL when the arena has no room for its bytes.\n"
	        " * row_gone_T   the same for a row that is deleted: version one higher, tag zero. */\n"
	        "#pragma once\n#include \"store/row.h\"\n", head);
	for (size_t i = 0; i < s->n; i++) {
		const char *n = s->tables[i].name;
		if (!s->tables[i].number)
			continue;
		write_row_struct(f, &s->tables[i]);
		fprintf(f, "struct id16 row_name_%s(const struct row_%s *r);\n", n, n);
		if (is_finished_by_vault(&s->tables[i]))
			fprintf(f, "struct str row_clear_%s(struct arena *a, const struct row_%s *r);\n", n, n);
		fprintf(f, "MUST enum err row_ref_%s(struct arena *a, const struct row_%s *r, struct row_ref *ret);\n", n, n);
		fprintf(f, "void row_gone_%s(const struct row_%s *r, struct row_ref *ret);\n", n, n);
	}
	close_out(f, path);
}

static void write_shape(FILE *f, const char *of, const char *prefix, const struct schema_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct schema_column *c = &t->columns[i];
		fprintf(f, "\t{ %s, %s, offsetof(%s, %s%s) },\n", cell_word(kind_of(c->type)),
		        c->nullable ? "true" : "false", of, prefix, c->name);
	}
}

static void write_table_functions(FILE *f, const struct schema_table *t)
{
	const char *n = t->name;
	fprintf(f, "struct id16 row_name_%s(const struct row_%s *r)\n{\n\treturn row_name_of(&table_%s, r);\n}\n\n", n, n, n);
	if (is_finished_by_vault(t))
		fprintf(f, "struct str row_clear_%s(struct arena *a, const struct row_%s *r)\n{\n"
		        "\treturn row_clear_of(a, &table_%s, r);\n}\n\n", n, n, n);
	fprintf(f, "enum err row_ref_%s(struct arena *a, const struct row_%s *r, struct row_ref *ret)\n{\n"
	        "\treturn row_ref_of(a, &table_%s, r, ret);\n}\n\n", n, n, n);
	fprintf(f, "void row_gone_%s(const struct row_%s *r, struct row_ref *ret)\n{\n"
	        "\trow_gone_of(&table_%s, r, ret);\n}\n\n", n, n, n);
}

static void write_table(FILE *f, const struct schema_table *t)
{
	char of[NAME_MAX_LEN + 16];
	size_t keys = 0;
	int version = -1;
	snprintf(of, sizeof of, "struct row_%s", t->name);
	for (size_t i = 0; i < t->n; i++) {
		keys += t->columns[i].key;
		if (strcmp(t->columns[i].name, "version") == 0)
			version = (int)i;
	}
	fprintf(f, "static const struct cell_shape cells_%s[] = {\n", t->name);
	write_shape(f, of, "", t);
	fprintf(f, "};\nstatic const struct table_shape table_%s = {\n"
	        "\t.table = %d, .name = \"%s\", .cells = cells_%s, .n = %zu, .n_key = %zu, .version = %d,\n"
	        "\t.late = %s, .size = sizeof(%s), .scan = STMT_scan_%s,\n};\n", t->name, t->number, t->name, t->name, t->n,
	        keys, version, t->late ? "true" : "false", of, t->name);
	write_table_functions(f, t);
}

void write_rows_source(const struct schema *s, const char *path)
{
	FILE *f = open_out(path);
	fprintf(f, "/* store/rows.c — the tables' shapes; %s. */\n"
	        "#include \"store/rows.h\"\n#include \"store/shape.h\"\n#include \"store/statements.h\"\n\n", head);
	for (size_t i = 0; i < s->n; i++)
		if (s->tables[i].number)
			write_table(f, &s->tables[i]);
	fprintf(f, "const struct table_shape *const store_tables[] = {\n");
	for (size_t i = 0; i < s->n; i++)
		if (s->tables[i].number)
			fprintf(f, "\t&table_%s,\n", s->tables[i].name);
	fprintf(f, "};\nconst size_t store_n_tables = sizeof store_tables / sizeof store_tables[0];\n");
	close_out(f, path);
}

/* ---- statements ---- */

static bool gives_rows(const struct statement *s)
{
	return s->gives == GIVES_MAYBE || s->gives == GIVES_MANY;
}

/* A statement that gives one row of a table uses the table's struct. */
static bool is_plain_row(const struct statement *s)
{
	return s->n_fields == 1 && s->fields[0].kind == FIELD_ROW;
}

static void row_type(const struct statement *s, char type[2 * NAME_MAX_LEN])
{
	if (is_plain_row(s))
		snprintf(type, 2 * NAME_MAX_LEN, "struct row_%s", s->fields[0].table->name);
	else
		snprintf(type, 2 * NAME_MAX_LEN, "struct q_%s_row", s->name);
}

static void write_signature(FILE *f, const struct statement *s)
{
	char type[2 * NAME_MAX_LEN];
	row_type(s, type);
	fprintf(f, "enum err q_%s(struct db *db", s->name);
	if (gives_rows(s))
		fprintf(f, ", struct arena *a");
	for (size_t i = 0; i < s->n_takes; i++) {
		const struct field *t = &s->takes[i];
		if (t->kind == FIELD_ROW)
			fprintf(f, ", const struct row_%s *%s", t->table->name, t->name);
		else if (t->kind == FIELD_ASKER)
			fprintf(f, ", struct asker %s", t->name);
		else
			fprintf(f, ", %s%s", field_type(t->kind, t->nullable), t->name);
	}
	if (gives_rows(s))
		fprintf(f, ", %s **ret, size_t *ret_n", type);
	else if (s->gives == GIVES_CHANGED)
		fprintf(f, ", int64_t *ret_changed");
	fprintf(f, ")");
}

static void write_declaration(FILE *f, const struct statement *s)
{
	fprintf(f, "\n");
	if (gives_rows(s) && !is_plain_row(s)) {
		fprintf(f, "struct q_%s_row {\n", s->name);
		for (size_t i = 0; i < s->n_fields; i++) {
			const struct field *d = &s->fields[i];
			if (d->kind == FIELD_ROW)
				fprintf(f, "\tstruct row_%s %s;\n", d->table->name, d->name);
			else
				fprintf(f, "\t%s%s;%s\n", field_type(d->kind, d->nullable), d->name, d->nullable ? " /* may be unset */" : "");
		}
		fprintf(f, "};\n");
	}
	if (s->comment[0]) {
		fprintf(f, "/* ");
		for (const char *p = s->comment; *p; p++)
			if (*p == '\n')
				fputs("\n * ", f);
			else
				fputc(*p, f);
		fprintf(f, " */\n");
	}
	fprintf(f, "MUST ");
	write_signature(f, s);
	fprintf(f, ";\n");
}

void write_statements_header(const struct statements *s, const struct schema *schema, const char *path)
{
	FILE *f = open_out(path);
	fprintf(f, "/* store/statements.h — one function a statement; %s.\n *\n"
	        " * Rows live in the arena; no row is NULL and 0. A statement that writes either counts the changed rows\n"
	        " * (`ret_changed` may be NULL) or demands exactly one: ERR_CONFLICT otherwise, as when a key is taken.\n"
	        " * ERR_IO, ERR_CORRUPT, ERR_FULL (the arena) are faults. */\n"
	        "#pragma once\n#include \"store/rows.h\"\n\nstruct db;\nenum statement {\n", head);
	for (size_t i = 0; i < s->n; i++)
		fprintf(f, "\tSTMT_%s,\n", s->s[i].name);
	for (size_t i = 0; i < schema->n; i++)
		if (schema->tables[i].number)
			fprintf(f, "\tSTMT_scan_%s,\n", schema->tables[i].name);
	fprintf(f, "\tSTATEMENT_COUNT\n};\n");
	for (size_t i = 0; i < s->n; i++)
		write_declaration(f, &s->s[i]);
	close_out(f, path);
}

static void write_text(FILE *f, const char *sql, char mark)
{
	fputs("\t\t\"", f);
	for (const char *p = sql; *p; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', f);
		fputc(*p == '$' ? mark : *p, f);
	}
	fputs("\"", f);
}

static void write_values(FILE *f, const struct statement *s)
{
	fprintf(f, "\tconst struct value v[] = {\n");
	for (size_t i = 0; i < s->n_takes; i++) {
		const struct field *t = &s->takes[i];
		if (t->kind == FIELD_ASKER) {
			for (size_t k = 0; k < 5; k++)
				fprintf(f, "\t\tvalue_id(&%s.id[%zu]),\n", t->name, k);
		} else if (t->kind == FIELD_ROW) {
			for (size_t k = 0; k < t->table->n; k++) {
				const struct schema_column *c = &t->table->columns[k];
				enum field_kind kind = kind_of(c->type);
				fprintf(f, "\t\tvalue_%s%s(%s%s->%s),\n", kind == FIELD_ID ? "id" : kind == FIELD_I64 ? "i64" : "blob",
				        c->nullable ? "_maybe" : "", kind == FIELD_ID ? "&" : "", t->name, c->name);
			}
		} else {
			fprintf(f, "\t\tvalue_%s%s(%s%s),\n", t->kind == FIELD_ID ? "id" : t->kind == FIELD_I64 ? "i64" : "blob",
			        t->nullable ? "_maybe" : "", t->kind == FIELD_ID ? "&" : "", t->name);
		}
	}
	fprintf(f, "\t};\n");
}

static void write_function(FILE *f, const struct statement *s)
{
	char type[2 * NAME_MAX_LEN];
	const char *v = s->n_takes ? "v, COUNT_OF(v)" : "NULL, 0";
	row_type(s, type);
	write_signature(f, s);
	fprintf(f, "\n{\n");
	if (s->n_takes)
		write_values(f, s);
	switch (s->gives) {
	case GIVES_ONE:
		fprintf(f, "\treturn db_write_one(db, STMT_%s, %s);\n", s->name, v);
		break;
	case GIVES_CHANGED:
		fprintf(f, "\treturn db_write(db, STMT_%s, %s, ret_changed);\n", s->name, v);
		break;
	case GIVES_MANY: case GIVES_MAYBE:
		fprintf(f, "\tvoid *rows;\n\tsize_t n;\n\tenum err e;\n\tif ((e = db_read(db, STMT_%s, %s, a, &rows, &n)) != OK)\n"
		        "\t\treturn e;\n%s\t*ret = rows;\n\t*ret_n = n;\n\treturn OK;\n", s->name, v,
		        s->gives == GIVES_MAYBE ? "\tassert_always(n <= 1);\n" : "");
		break;
	}
	fprintf(f, "}\n\n");
}

static void write_statement_shape(FILE *f, const struct statement *s)
{
	char type[2 * NAME_MAX_LEN], prefix[NAME_MAX_LEN + 2];
	if (!gives_rows(s))
		return;
	row_type(s, type);
	fprintf(f, "static const struct cell_shape given_%s[] = {\n", s->name);
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *d = &s->fields[i];
		if (d->kind == FIELD_ROW) {
			snprintf(prefix, sizeof prefix, "%s%s", is_plain_row(s) ? "" : d->name, is_plain_row(s) ? "" : ".");
			write_shape(f, type, prefix, d->table);
		} else {
			fprintf(f, "\t{ %s, %s, offsetof(%s, %s) },\n", cell_word(d->kind), d->nullable ? "true" : "false", type, d->name);
		}
	}
	fprintf(f, "};\n");
}

static void write_statement_entry(FILE *f, const struct statement *s)
{
	char type[2 * NAME_MAX_LEN];
	size_t n = 0, values = 0;
	for (size_t i = 0; i < s->n_fields; i++)
		n += field_width(&s->fields[i]);
	for (size_t i = 0; i < s->n_takes; i++)
		values += field_width(&s->takes[i]);
	fprintf(f, "\t[STMT_%s] = { .name = \"%s\", .writes = %s, .may_scan = %s, .n_values = %zu,\n\t\t.neutral =\n", s->name,
	        s->name, gives_rows(s) ? "false" : "true", s->scans[0] ? "true" : "false", values);
	write_text(f, s->sql, '$');
	fprintf(f, ",\n\t\t.sqlite =\n");
	write_text(f, s->sql, '?');
	if (gives_rows(s)) {
		row_type(s, type);
		fprintf(f, ",\n\t\t.cells = given_%s, .n = %zu, .size = sizeof(%s)", s->name, n, type);
	}
	fprintf(f, " },\n");
}

/* Each table's own scan, in schema order, for the log's digests. */
static void write_scan_entry(FILE *f, const struct schema_table *t)
{
	static char sql[SQL_MAX];
	size_t used = 0;
	for (size_t i = 0; i < t->n; i++)
		used += (size_t)snprintf(sql + used, sizeof sql - used, "%s%s", i ? ", " : "SELECT ", t->columns[i].name);
	(void)snprintf(sql + used, sizeof sql - used, " FROM %s", t->name);
	fprintf(f, "\t[STMT_scan_%s] = { .name = \"scan_%s\", .may_scan = true,\n\t\t.neutral =\n", t->name, t->name);
	write_text(f, sql, '$');
	fprintf(f, ",\n\t\t.sqlite =\n");
	write_text(f, sql, '?');
	fprintf(f, " },\n");
}

void write_statements_source(const struct statements *s, const struct schema *schema, const char *path)
{
	FILE *f = open_out(path);
	fprintf(f, "/* store/statements.c — statement texts and their typed functions; %s. */\n"
	        "#include \"store/statements.h\"\n#include \"store/driver.h\"\n\n", head);
	for (size_t i = 0; i < s->n; i++)
		write_statement_shape(f, &s->s[i]);
	fprintf(f, "const struct statement_text store_statements[STATEMENT_COUNT] = {\n");
	for (size_t i = 0; i < s->n; i++)
		write_statement_entry(f, &s->s[i]);
	for (size_t i = 0; i < schema->n; i++)
		if (schema->tables[i].number)
			write_scan_entry(f, &schema->tables[i]);
	fprintf(f, "};\n\n");
	for (size_t i = 0; i < s->n; i++)
		write_function(f, &s->s[i]);
	close_out(f, path);
}

/* ---- migrations ---- */

/* Comments stay behind: they would only make the stored schema longer. */
static void write_script(FILE *f, const char *text, size_t number)
{
	fprintf(f, "static const char *const script_%zu[] = {\n", number);
	while (*text) {
		size_t n = strcspn(text, "\n"), end = 0;
		while (end < n && strncmp(text + end, "--", 2) != 0)
			end++;
		while (end > 0 && text[end - 1] == ' ')
			end--;
		if (memchr(text, '"', end) || memchr(text, '\\', end))
			fail_at("migrations", 0, "no quotes in a migration: %.*s", (int)end, text);
		if (end)
			fprintf(f, "\t\"%.*s\\n\",\n", (int)end, text);
		text += n + (text[n] == '\n');
	}
	fprintf(f, "\tNULL\n};\n");
}

void write_migrations(const char *const *paths, size_t n, const char *out)
{
	FILE *f = open_out(out);
	fprintf(f, "/* store/migrations.c — the migration files, line by line; %s. */\n#include \"store/driver.h\"\n\n", head);
	for (size_t i = 0; i < n; i++) {
		const char *base = strrchr(paths[i], '/');
		base = base ? base + 1 : paths[i];
		if (strtoul(base, NULL, 10) != i + 1)
			fail_at(paths[i], 0, "migrations are numbered 0001.sql, 0002.sql, ... without gaps");
		write_script(f, read_whole(paths[i]), i + 1);
	}
	fprintf(f, "const char *const *const store_migrations[] = {\n");
	for (size_t i = 0; i < n; i++)
		fprintf(f, "\tscript_%zu,\n", i + 1);
	fprintf(f, "};\nconst int store_newest_version = %zu;\n", n);
	close_out(f, out);
}

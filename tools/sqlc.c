/* tools/sqlc.c — the statement compiler: store/sql/ and the migrations become typed C.
 *
 *     sqlc OUTDIR 0001.sql [0002.sql ...] -- a.sql [b.sql ...]
 *
 * writes rows.h rows.c statements.h statements.c migrations.c. A statement is a block of comment lines, then its
 * text up to the semicolon at a line's end:
 *     -- name:  grant_row
 *     -- takes: id holder, i64? fired, blob? notice, row users, asker who   | none
 *     -- gives: 0..1 (id case_id, row grants grant) | 0..n row users | one | changed
 *     -- scans: why this statement may read a whole table          (only where it does)
 * `one` means: exactly one row changes, anything else is ERR_CONFLICT. `$n` counts values: a row has one a column,
 * an asker five (the user and four standing dossiers). Every value must be used. */
#include "sqlc.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const char *path;
	int line;
	const char *p;
	const struct schema *schema;
};

size_t field_width(const struct field *f)
{
	if (f->kind == FIELD_ROW)
		return f->table->n;
	return f->kind == FIELD_ASKER ? 5 : 1;
}

static const char *skip_space(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

static const char *take_word(const struct input *in, const char *p, char word[NAME_MAX_LEN])
{
	size_t n = 0;
	p = skip_space(p);
	while (islower((unsigned char)p[n]) || isdigit((unsigned char)p[n]) || p[n] == '_')
		n++;
	if (n == 0 || n >= NAME_MAX_LEN)
		fail_at(in->path, in->line, "a name is missing or too long at: %s", p);
	memcpy(word, p, n);
	word[n] = 0;
	return p + n;
}

static const char *take_field(const struct input *in, const char *p, struct field *f)
{
	static const struct { const char *word; enum field_kind kind; } kinds[] = {
		{ "id", FIELD_ID }, { "i64", FIELD_I64 }, { "blob", FIELD_BLOB }, { "row", FIELD_ROW },
		{ "asker", FIELD_ASKER } };
	char word[NAME_MAX_LEN];
	size_t i = 0;
	p = take_word(in, p, word);
	while (i < sizeof kinds / sizeof kinds[0] && strcmp(kinds[i].word, word) != 0)
		i++;
	if (i == sizeof kinds / sizeof kinds[0])
		fail_at(in->path, in->line, "unknown type %s", word);
	f->kind = kinds[i].kind;
	if (*p == '?') {
		f->nullable = true;
		p++;
		if (f->kind != FIELD_I64 && f->kind != FIELD_BLOB)
			fail_at(in->path, in->line, "%s? does not exist", word);
	}
	p = take_word(in, p, f->name);
	if (f->kind == FIELD_ROW) {
		f->table = schema_find(in->schema, f->name);
		if (!f->table || !f->table->number)
			fail_at(in->path, in->line, "there is no table of rows %s", f->name);
		if (*skip_space(p) && !strchr(",)", *skip_space(p)))
			p = take_word(in, p, f->name);
	}
	return skip_space(p);
}

/* A list of fields up to the end of the text or a closing parenthesis. */
static const char *take_fields(const struct input *in, const char *p, struct field *fields, size_t *n)
{
	for (;;) {
		if (*n == FIELDS_MAX)
			fail_at(in->path, in->line, "too many fields");
		p = take_field(in, p, &fields[(*n)++]);
		for (size_t i = 0; i + 1 < *n; i++)
			if (strcmp(fields[i].name, fields[*n - 1].name) == 0)
				fail_at(in->path, in->line, "field %s stands twice", fields[i].name);
		if (*p != ',')
			return p;
		p++;
	}
}

static void take_takes(const struct input *in, const char *p, struct statement *s)
{
	if (strcmp(p, "none") == 0)
		return;
	p = take_fields(in, p, s->takes, &s->n_takes);
	if (*p)
		fail_at(in->path, in->line, "takes: not understood from: %s", p);
}

static void take_gives(const struct input *in, const char *p, struct statement *s)
{
	bool parenthesis;
	if (strcmp(p, "one") == 0 || strcmp(p, "changed") == 0) {
		s->gives = *p == 'o' ? GIVES_ONE : GIVES_CHANGED;
		return;
	}
	if (strncmp(p, "0..1 ", 5) == 0)
		s->gives = GIVES_MAYBE;
	else if (strncmp(p, "0..n ", 5) == 0)
		s->gives = GIVES_MANY;
	else
		fail_at(in->path, in->line, "gives: one, changed, 0..1 (...) or 0..n (...)");
	p = skip_space(p + 5);
	parenthesis = *p == '(';
	p = take_fields(in, p + parenthesis, s->fields, &s->n_fields);
	for (size_t i = 0; i < s->n_fields; i++)
		if (s->fields[i].kind == FIELD_ASKER)
			fail_at(in->path, in->line, "an asker is only taken");
	if (parenthesis ? strcmp(p, ")") != 0 : (*p || s->n_fields != 1 || s->fields[0].kind != FIELD_ROW))
		fail_at(in->path, in->line, "gives: `row TABLE` or a list in parentheses");
}

/* The next line without its end; NULL at the end of the file. */
static const char *next_line(struct input *in)
{
	static char line[2048];
	size_t n;
	if (!*in->p)
		return NULL;
	n = strcspn(in->p, "\n");
	in->line++;
	if (n >= sizeof line)
		fail_at(in->path, in->line, "the line is too long");
	memcpy(line, in->p, n);
	line[n] = 0;
	in->p += n + (in->p[n] == '\n');
	return line;
}

static void append(const struct input *in, char *to, size_t cap, const char *text, const char *between)
{
	size_t have = strlen(to), sep = have ? strlen(between) : 0, n = strlen(text);
	if (have + sep + n + 1 > cap)
		fail_at(in->path, in->line, "the text is too long");
	memcpy(to + have, between, sep);
	memcpy(to + have + sep, text, n + 1);
}

/* Every $n is a value taken, and every value taken is used. */
static void check_parameters(const struct input *in, const struct statement *s)
{
	size_t width = 0;
	bool used[FIELDS_MAX * COLUMNS_MAX] = { false };
	for (size_t i = 0; i < s->n_takes; i++)
		width += field_width(&s->takes[i]);
	for (const char *p = s->sql; (p = strchr(p, '$')); p++) {
		unsigned long n = strtoul(p + 1, NULL, 10);
		if (n < 1 || n > width)
			fail_at(in->path, s->line, "%s: $%lu is not taken", s->name, n);
		used[n - 1] = true;
	}
	for (size_t i = 0; i < width; i++)
		if (!used[i])
			fail_at(in->path, s->line, "%s: $%zu is taken and never used", s->name, i + 1);
	if (strpbrk(s->sql, "?'\";"))
		fail_at(in->path, s->line, "%s: no literal text, no ?, one statement", s->name);
}

static void take_header(const struct input *in, const char *line, struct statement *s, bool seen[3])
{
	static const char *const words[] = { "-- name:", "-- takes:", "-- gives:", "-- scans:" };
	size_t i = 0;
	const char *text;
	while (i < 4 && strncmp(line, words[i], strlen(words[i])) != 0)
		i++;
	if (i == 4) {
		append(in, s->comment, sizeof s->comment, skip_space(line + 2), "\n");
		return;
	}
	text = skip_space(line + strlen(words[i]));
	if (i < 3 && seen[i])
		fail_at(in->path, in->line, "%s stands twice (does a statement end in `;` at its line's end?)", words[i]);
	if (i < 3)
		seen[i] = true;
	if (i == 0 && *take_word(in, text, s->name))
		fail_at(in->path, in->line, "a name is one word");
	else if (i == 1)
		take_takes(in, text, s);
	else if (i == 2)
		take_gives(in, text, s);
	else if (i == 3)
		append(in, s->scans, sizeof s->scans, text, " ");
}

static void end_statement(const struct input *in, struct statements *out, struct statement *s, const bool seen[3])
{
	if (!seen[0] || !seen[1] || !seen[2])
		fail_at(in->path, in->line, "a statement needs name:, takes: and gives:");
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->s[i].name, s->name) == 0)
			fail_at(in->path, s->line, "%s stands twice", s->name);
	check_parameters(in, s);
	out->n++;
}

void statements_read(struct statements *out, const struct schema *schema, const char *path)
{
	struct input in = { .path = path, .p = read_whole(path), .schema = schema };
	struct statement *s = NULL;
	bool seen[3];
	const char *line;
	while ((line = next_line(&in))) {
		size_t n = strlen(line);
		if (n == 0) {
			/* A comment that stands alone speaks of the file. */
			if (s && !seen[0] && !s->sql[0])
				s = NULL;
			continue;
		}
		if (!s) {
			if (out->n == STATEMENTS_MAX)
				fail_at(path, in.line, "too many statements");
			s = &out->s[out->n];
			memset(s, 0, sizeof *s);
			memset(seen, 0, sizeof seen);
			s->path = path;
			s->line = in.line;
		}
		if (strncmp(line, "--", 2) == 0) {
			take_header(&in, line, s, seen);
			continue;
		}
		append(&in, s->sql, sizeof s->sql, skip_space(line), " ");
		if (line[n - 1] == ';') {
			s->sql[strlen(s->sql) - 1] = 0;
			end_statement(&in, out, s, seen);
			s = NULL;
		}
	}
	if (s)
		fail_at(path, in.line, "ends in the middle of a statement");
}

static char *path_in(const char *directory, const char *name)
{
	static char path[5][1024];
	static int next;
	char *p = path[next++ % 5];
	if (snprintf(p, 1024, "%s/%s", directory, name) >= 1024)
		fail_at(directory, 0, "the path is too long");
	return p;
}

int main(int argc, char **argv)
{
	static struct schema schema;
	static struct statements statements;
	int i = 2;
	if (argc < 5) {
		fputs("use: sqlc OUTDIR 0001.sql ... -- statements.sql ...\n", stderr);
		return 2;
	}
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		schema_read(&schema, argv[i]);
	schema_finish(&schema);
	write_migrations((const char *const *)argv + 2, (size_t)i - 2, path_in(argv[1], "migrations.c"));
	for (i++; i < argc; i++)
		statements_read(&statements, &schema, argv[i]);
	write_rows_header(&schema, path_in(argv[1], "rows.h"));
	write_rows_source(&schema, path_in(argv[1], "rows.c"));
	write_statements_header(&statements, &schema, path_in(argv[1], "statements.h"));
	write_statements_source(&statements, &schema, path_in(argv[1], "statements.c"));
	return 0;
}

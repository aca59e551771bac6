/* tools/schema.c — reads the migration files, line by line, and refuses what it does not know. */
#include "schema.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One pool for every file: the tool reads some 100 KiB and ends. */
static char pool[4u << 20];
static size_t pool_used;

void fail_at(const char *path, int line, const char *format, ...)
{
	va_list v;
	fprintf(stderr, "%s:%d: ", path, line);
	va_start(v, format);
	vfprintf(stderr, format, v);
	va_end(v);
	fputc('\n', stderr);
	exit(1);
}

char *read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *start = pool + pool_used;
	size_t n;
	if (!f)
		fail_at(path, 0, "cannot be read");
	n = fread(start, 1, sizeof pool - pool_used - 1, f);
	if (ferror(f) || !feof(f))
		fail_at(path, 0, "cannot be read, or too large");
	fclose(f);
	if (memchr(start, 0, n))
		fail_at(path, 0, "holds a zero byte");
	start[n] = 0;
	pool_used += n + 1;
	return start;
}

void *open_out(const char *path)
{
	FILE *f = fopen(path, "we");
	if (!f)
		fail_at(path, 0, "cannot be written");
	return f;
}

void close_out(void *file, const char *path)
{
	if (ferror((FILE *)file) || fclose((FILE *)file))
		fail_at(path, 0, "cannot be written");
}

struct reader {
	const char *path;
	int line;
	struct schema *s;
	struct schema_table *table; /* inside its parentheses, else NULL */
	char outside[REASON_MAX_LEN];
	bool in_statement;          /* an index that goes on over lines */
};

static void copy_text(const struct reader *r, char *to, size_t cap, const char *from, size_t n)
{
	if (n >= cap)
		fail_at(r->path, r->line, "\"%.*s\" is too long", (int)n, from);
	memcpy(to, from, n);
	to[n] = 0;
}

static const char *skip_space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static const char *take_name(const struct reader *r, const char *p, char name[NAME_MAX_LEN])
{
	size_t n = 0;
	p = skip_space(p);
	while (islower((unsigned char)p[n]) || isdigit((unsigned char)p[n]) || p[n] == '_')
		n++;
	if (n == 0)
		fail_at(r->path, r->line, "a name in lower case is missing");
	copy_text(r, name, NAME_MAX_LEN, p, n);
	return p + n;
}

/* The mark behind a column; both words need something behind them. */
static void take_mark(const struct reader *r, const char *line, struct schema_column *c)
{
	const char *mark = strstr(line, "-- clear: ");
	size_t n;
	if (!mark) {
		mark = strstr(line, "-- sealed: ");
		c->sealed = true;
	}
	if (!mark)
		fail_at(r->path, r->line, "column %s has no mark: say `-- clear: reason` or `-- sealed: what`", c->name);
	mark = strchr(mark, ':') + 2;
	n = strlen(mark);
	if (n == 0)
		fail_at(r->path, r->line, "column %s: the mark gives no reason", c->name);
	copy_text(r, c->reason, sizeof c->reason, mark, n);
}

static const char *take_type(const struct reader *r, const char *p, struct schema_column *c)
{
	static const struct { const char *word; enum column_type type; } types[] = {
		{ "{id}", TYPE_ID }, { "{i64}", TYPE_I64 }, { "{blob}", TYPE_BLOB } };
	p = skip_space(p);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strncmp(p, types[i].word, strlen(types[i].word)) == 0) {
			c->type = types[i].type;
			return p + strlen(types[i].word);
		}
	}
	fail_at(r->path, r->line, "column %s: the type is {id}, {i64} or {blob}", c->name);
}

static void take_column(struct reader *r, struct schema_table *t, const char *p)
{
	struct schema_column *c;
	const char *line = p, *comment, *at;
	if (t->n == COLUMNS_MAX)
		fail_at(r->path, r->line, "table %s has too many columns", t->name);
	c = &t->columns[t->n++];
	p = take_name(r, p, c->name);
	p = take_type(r, p, c);
	take_mark(r, line, c);
	comment = strstr(p, "--");
	at = strstr(p, "NOT NULL");
	c->nullable = !at || at > comment;
	at = strstr(p, "PRIMARY KEY");
	c->key = at && at < comment;
	if (c->key && c->nullable)
		fail_at(r->path, r->line, "column %s: a key is never NULL", c->name);
}

static void take_key(const struct reader *r, struct schema_table *t, const char *p)
{
	char name[NAME_MAX_LEN];
	p = strchr(p, '(') + 1;
	for (size_t at = 0;; at++) {
		size_t i = 0;
		p = take_name(r, p, name);
		while (i < t->n && strcmp(t->columns[i].name, name) != 0)
			i++;
		if (i != at)
			fail_at(r->path, r->line, "key column %s must stand first in table %s, in the key's order", name, t->name);
		t->columns[i].key = true;
		p = skip_space(p);
		if (*p == ')')
			return;
		if (*p++ != ',')
			fail_at(r->path, r->line, "the key is (column, column)");
	}
}

static void begin_table(struct reader *r, const char *p)
{
	struct schema_table *t;
	if (r->s->n == TABLES_MAX)
		fail_at(r->path, r->line, "too many tables");
	t = &r->s->tables[r->s->n];
	p = take_name(r, p, t->name);
	if (schema_find(r->s, t->name))
		fail_at(r->path, r->line, "table %s stands twice", t->name);
	if (strcmp(p, " (") != 0)
		fail_at(r->path, r->line, "write `CREATE TABLE %s (` alone on its line", t->name);
	memcpy(t->outside, r->outside, sizeof t->outside);
	r->outside[0] = 0;
	r->table = t;
	r->s->n++;
}

static void end_table(struct reader *r, const char *p)
{
	if (strcmp(p, ") {strict};") != 0 && strcmp(p, ") {clustered};") != 0)
		fail_at(r->path, r->line, "a table ends in `) {strict};` or `) {clustered};`");
	if (r->table->n == 0 || !r->table->columns[0].key)
		fail_at(r->path, r->line, "table %s: the key's columns stand first", r->table->name);
	r->table = NULL;
}

static void add_column(struct reader *r, const char *p)
{
	char name[NAME_MAX_LEN];
	struct schema_table *t = NULL;
	p = take_name(r, p, name);
	for (size_t i = 0; i < r->s->n; i++)
		if (strcmp(r->s->tables[i].name, name) == 0)
			t = &r->s->tables[i];
	if (!t)
		fail_at(r->path, r->line, "there is no table %s", name);
	p = skip_space(p);
	if (strncmp(p, "ADD COLUMN ", 11) != 0)
		fail_at(r->path, r->line, "a table is only altered by ADD COLUMN");
	take_column(r, t, p + 11);
}

static void take_line(struct reader *r, const char *line)
{
	const char *p = skip_space(line);
	if (r->in_statement) {
		r->in_statement = !strchr(p, ';');
	} else if (*p == 0) {
		return;
	} else if (strncmp(p, "-- outside the log: ", 20) == 0) {
		copy_text(r, r->outside, sizeof r->outside, p + 20, strlen(p + 20));
	} else if (strncmp(p, "--", 2) == 0) {
		return;
	} else if (r->table) {
		if (*p == ')')
			end_table(r, p);
		else if (strncmp(p, "PRIMARY KEY (", 13) == 0)
			take_key(r, r->table, p);
		else
			take_column(r, r->table, p);
	} else if (strncmp(p, "CREATE TABLE ", 13) == 0) {
		begin_table(r, p + 13);
	} else if (strncmp(p, "ALTER TABLE ", 12) == 0) {
		add_column(r, p + 12);
	} else if (strncmp(p, "CREATE INDEX ", 13) == 0 || strncmp(p, "CREATE UNIQUE INDEX ", 20) == 0) {
		r->in_statement = !strchr(p, ';');
	} else {
		fail_at(r->path, r->line, "a migration may not say: %s", p);
	}
}

void schema_read(struct schema *s, const char *path)
{
	struct reader r = { .path = path, .s = s };
	char *text = read_whole(path);
	static char line[1024];
	while (*text) {
		size_t n = strcspn(text, "\n");
		r.line++;
		copy_text(&r, line, sizeof line, text, n);
		take_line(&r, line);
		text += n + (text[n] == '\n');
	}
	if (r.table || r.in_statement)
		fail_at(path, r.line, "ends in the middle of a statement");
}

const struct schema_table *schema_find(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->tables[i].name, name) == 0)
			return &s->tables[i];
	return NULL;
}

void schema_finish(struct schema *s)
{
	static const struct { const char *name; int number; } rows[] = {
#define TABLE(id, number, name) { name, number },
#include "tables/rows.def"
#undef TABLE
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t k = 0;
		while (k < s->n && strcmp(s->tables[k].name, rows[i].name) != 0)
			k++;
		if (k == s->n)
			fail_at("tables/rows.def", 0, "table %s is in no migration", rows[i].name);
		s->tables[k].number = rows[i].number;
		s->tables[k].late = strcmp(rows[i].name, "rungs") == 0 || strcmp(rows[i].name, "deposits") == 0;
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct schema_table *t = &s->tables[i];
		if ((t->number != 0) == (t->outside[0] != 0))
			fail_at("migrations", 0, "table %s: either tables/rows.def numbers it or `-- outside the log: reason` "
			        "stands before it", t->name);
	}
}

/* tools/sqlc.h — the statements as sqlc has read them, between its reading and its writing half.
 *
 * Runs in: the build.   Depends on: tools/schema.h.   Never: changes what a statement says. */
#pragma once
#include "schema.h"

enum { STATEMENTS_MAX = 160, FIELDS_MAX = 24, SQL_MAX = 4096 };

/* What is taken or given. A row stands for all columns of its table, an asker for five ids. */
enum field_kind { FIELD_ID, FIELD_I64, FIELD_BLOB, FIELD_ROW, FIELD_ASKER };
struct field {
	enum field_kind kind;
	bool nullable;
	char name[NAME_MAX_LEN];
	const struct schema_table *table; /* FIELD_ROW */
};
enum gives { GIVES_CHANGED, GIVES_ONE, GIVES_MAYBE, GIVES_MANY };
struct statement {
	char name[NAME_MAX_LEN];
	char comment[800];
	char scans[REASON_MAX_LEN]; /* why it may read a whole table, or empty */
	struct field takes[FIELDS_MAX], fields[FIELDS_MAX];
	size_t n_takes, n_fields;
	enum gives gives;
	char sql[SQL_MAX];
	const char *path;
	int line;
};
struct statements {
	struct statement s[STATEMENTS_MAX];
	size_t n;
};

/* How many values a field stands for. */
size_t field_width(const struct field *f);
void statements_read(struct statements *out, const struct schema *schema, const char *path);

void write_rows_header(const struct schema *s, const char *path);
void write_rows_source(const struct schema *s, const char *path);
void write_statements_header(const struct statements *s, const struct schema *schema, const char *path);
void write_statements_source(const struct statements *s, const struct schema *schema, const char *path);
void write_migrations(const char *const *paths, size_t n, const char *out);

/* tools/schema.h — the database as the migration files describe it.
 *
 * Runs in: the build.   Depends on: libc, tables/rows.def.   Never: accepts a column without a mark.
 *
 * The grammar is one line a column, so that the marks can be read without a SQL parser:
 *     -- outside the log: reason                      (only for tables that tables/rows.def does not name)
 *     CREATE TABLE name (
 *       column {id|i64|blob} [NOT NULL] [PRIMARY KEY] [UNIQUE],   -- clear: reason  |  -- sealed: what
 *       PRIMARY KEY (column, column)
 *     ) {strict|clustered};
 *     ALTER TABLE name ADD COLUMN column {type};      -- clear: reason
 *     CREATE [UNIQUE] INDEX ... ;
 * Anything else ends the tool with file, line and the reason. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { NAME_MAX_LEN = 48, REASON_MAX_LEN = 200, COLUMNS_MAX = 16, TABLES_MAX = 48 };
enum column_type { TYPE_ID, TYPE_I64, TYPE_BLOB };

struct schema_column {
	char name[NAME_MAX_LEN];
	char reason[REASON_MAX_LEN];
	enum column_type type;
	bool nullable, key, sealed;
};
struct schema_table {
	char name[NAME_MAX_LEN];
	char outside[REASON_MAX_LEN]; /* why it is not a row of the record, or empty */
	struct schema_column columns[COLUMNS_MAX];
	size_t n;
	int number; /* of tables/rows.def, 0 when outside */
	bool late;
};
struct schema {
	struct schema_table tables[TABLES_MAX];
	size_t n;
};

/* Reads one migration file into the schema. Ends the tool on any fault. */
void schema_read(struct schema *s, const char *path);
/* After the last file: numbers from tables/rows.def; every table is in one of the two groups. */
void schema_finish(struct schema *s);
const struct schema_table *schema_find(const struct schema *s, const char *name);

/* Ends the tool with "path:line: message". */
void fail_at(const char *path, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
/* The whole file, zero-terminated, in memory of the tool's pool. */
char *read_whole(const char *path);
/* Opens a file for writing or ends the tool. */
void *open_out(const char *path);
void close_out(void *file, const char *path);

/* tests/faults/counted/count_web.c — what web does: statements and the engine's instructions, JSON texts read. */
#include "counts.h"
#include <jansson.h>
#include <sqlite3.h>

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);
int __real_sqlite3_stmt_status(sqlite3_stmt *s, int op, int reset);
int __wrap_sqlite3_stmt_status(sqlite3_stmt *s, int op, int reset);
json_t *__real_json_loadb(const char *p, size_t n, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *p, size_t n, size_t flags, json_error_t *error);

int __wrap_sqlite3_step(sqlite3_stmt *s)
{
	COUNT(sql_steps, 1);
	return __real_sqlite3_step(s);
}

int __wrap_sqlite3_stmt_status(sqlite3_stmt *s, int op, int reset)
{
	int n = __real_sqlite3_stmt_status(s, op, reset);

	if (op == SQLITE_STMTSTATUS_VM_STEP)
		COUNT(sql_work, n);
	return n;
}

json_t *__wrap_json_loadb(const char *p, size_t n, size_t flags, json_error_t *error)
{
	COUNT(json_parses, 1);
	return __real_json_loadb(p, n, flags, error);
}

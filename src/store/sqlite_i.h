/* store/sqlite_i.h — a connection as the three files of the SQLite driver share it.
 *
 * Runs in: web, verbs.   Depends on: store/driver.h, sqlite3.   Never: is included outside store/sqlite*.c. */
#pragma once
#include "store/driver.h"
#include <sqlite3.h>

enum fixed { FIXED_BEGIN_READ, FIXED_BEGIN_WRITE, FIXED_COMMIT, FIXED_ROLLBACK, FIXED_SAVEPOINT, FIXED_RELEASE,
             FIXED_ROLLBACK_TO, FIXED_COUNT };
/* How long a connection waits for a lock that another one has. */
enum { SQLITE_WAIT_MS = 2000 };
struct db {
	sqlite3 *c;
	enum db_role role;
	size_t waiting;                       /* pages in the journal after the newest commit */
	struct store_work work;
	sqlite3_stmt *fixed[FIXED_COUNT];
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* The house's word for an engine's code. */
enum err sqlite_err(int rc);
/* Prepares what the role may run. */
MUST enum err sqlite_prepare_all(struct db *db);
void sqlite_finalize_all(struct db *db);
/* A number that a pragma answers. */
MUST enum err sqlite_pragma(struct db *db, const char *text, int64_t *ret);

/* store/sqlite.c — opens SQLite hardened, and its transactions.
 *
 * Debian's library is built with extensions, FTS and double-quoted literals on; everything that a case system
 * does not need is switched off here, and an authorizer allows each connection only its own kind of statement.
 * `synchronous=EXTRA` is set before `journal_mode=WAL`: otherwise the journal of that very switch can come back
 * after a power cut and undo the database (SECURITY 6.2). tests/power-cut shows it. */
#include "store/sqlite_i.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The control of tests/power-cut is built with NORMAL, which must lose. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "EXTRA"
#endif
#define APPLICATION_ID 0x41565354 /* AVST */
/* Seven entries of an ordinary note lie on a page: of three, every second note would split one, and the tree of a
 * hundred thousand would be nine pages deep. */
#define PAGE_SIZE "8192"
#define CACHE_PAGES 320
#define CACHE_KIB "2560" /* the same, as the pragma wants it */

static void configure_library(void)
{
	/* Statistics would put one mutex around every allocation of all connections. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_URI, 0);
	/* Each connection takes its pages at once and keeps them, instead of one by one from the heap. */
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, CACHE_PAGES);
	assert_always(sqlite3_initialize() == SQLITE_OK);
}

enum err sqlite_err(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE:
		return OK;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_UNIQUE ? ERR_CONFLICT : ERR_SYSTEM;
	case SQLITE_BUSY: case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT: case SQLITE_NOTADB: case SQLITE_FORMAT:
		return ERR_CORRUPT;
	case SQLITE_FULL: case SQLITE_IOERR: case SQLITE_CANTOPEN: case SQLITE_READONLY: case SQLITE_PERM:
	case SQLITE_PROTOCOL: case SQLITE_NOLFS:
		return ERR_IO;
	case SQLITE_TOOBIG:
		return ERR_TOO_LARGE;
	default:
		return ERR_SYSTEM;
	}
}

/* What a connection may do, decided when a statement is prepared. The journal is append-only for everyone. */
static int authorize(void *ctx, int action, const char *first, const char *second, const char *schema,
                     const char *trigger)
{
	const struct db *db = ctx;
	bool allowed = false;
	(void)schema;
	if (trigger)
		return SQLITE_DENY;
	switch (action) {
	case SQLITE_SELECT: case SQLITE_TRANSACTION:
		allowed = true;
		break;
	case SQLITE_READ:
		allowed = strncmp(first, "sqlite_", 7) != 0;
		break;
	case SQLITE_FUNCTION:
		allowed = strcmp(second, "coalesce") == 0 || strcmp(second, "max") == 0;
		break;
	case SQLITE_PRAGMA:
		allowed = strcmp(first, "integrity_check") == 0;
		break;
	case SQLITE_INSERT: case SQLITE_SAVEPOINT:
		allowed = db->role == DB_WRITER;
		break;
	case SQLITE_UPDATE: case SQLITE_DELETE:
		allowed = db->role == DB_WRITER && strcmp(first, "events") != 0;
		break;
	default:
		break;
	}
	return allowed ? SQLITE_OK : SQLITE_DENY;
}

static void harden(sqlite3 *c)
{
	static const struct { int option, value; } options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_LEGACY_FILE_FORMAT, 0 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
	};
	static const struct { int limit, value; } limits[] = {
		{ SQLITE_LIMIT_LENGTH, 8 << 20 }, { SQLITE_LIMIT_SQL_LENGTH, 64 << 10 }, { SQLITE_LIMIT_COLUMN, 64 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 32 }, { SQLITE_LIMIT_COMPOUND_SELECT, 8 }, { SQLITE_LIMIT_VDBE_OP, 25000 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 }, { SQLITE_LIMIT_ATTACHED, 0 }, { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 16 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 32 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 1 }, { SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(options); i++)
		assert_always(sqlite3_db_config(c, options[i].option, options[i].value, NULL) == SQLITE_OK);
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		(void)sqlite3_limit(c, limits[i].limit, limits[i].value);
}

static int take_number(void *ctx, int n, char **values, char **names)
{
	(void)names;
	if (n == 1 && values[0])
		*(int64_t *)ctx = strtoll(values[0], NULL, 10);
	return 0;
}

enum err sqlite_pragma(struct db *db, const char *text, int64_t *ret)
{
	int64_t v = -1;
	int rc = sqlite3_exec(db->c, text, take_number, &v, NULL);
	if (rc != SQLITE_OK)
		return sqlite_err(rc);
	*ret = v;
	return OK;
}

static int note_commit(void *ctx, sqlite3 *c, const char *name, int pages)
{
	(void)c;
	(void)name;
	((struct db *)ctx)->waiting = (size_t)pages;
	return SQLITE_OK;
}

static int is_wal(void *ctx, int n, char **values, char **names)
{
	(void)names;
	*(bool *)ctx = n == 1 && values[0] && strcmp(values[0], "wal") == 0;
	return 0;
}

static enum err settle(struct db *db)
{
	static const char *const each =
		"PRAGMA synchronous=" STORE_SYNCHRONOUS ";"
		"PRAGMA wal_autocheckpoint=0;"
		"PRAGMA mmap_size=0;"
		"PRAGMA temp_store=MEMORY;"
		"PRAGMA secure_delete=ON;";
	bool wal = false;
	int rc;
	(void)sqlite3_busy_timeout(db->c, SQLITE_WAIT_MS);
	if ((rc = sqlite3_exec(db->c, each, NULL, NULL, NULL)) != SQLITE_OK ||
	    (rc = sqlite3_exec(db->c, "PRAGMA cache_size=-" CACHE_KIB, NULL, NULL, NULL)) != SQLITE_OK ||
	    (rc = sqlite3_exec(db->c, "PRAGMA journal_mode=WAL", is_wal, &wal, NULL)) != SQLITE_OK)
		return sqlite_err(rc);
	if (!wal)
		return ERR_IO;
	/* Who writes looks at every cell of a page first, so that damage does not spread. Readers change nothing, and each
	 * commit makes them read their pages anew: there the look would cost a third of the reading. */
	rc = sqlite3_exec(db->c, db->role == DB_READER ? "PRAGMA query_only=ON" : "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : sqlite_err(rc);
}

static enum err connect(struct arena *a, const char *path, enum db_role role, struct db **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct db *db = ARENA_NEW(a, struct db);
	int rc;
	if (!db)
		return ERR_FULL;
	(void)pthread_once(&once, configure_library);
	db->role = role;
	rc = sqlite3_open_v2(path, &db->c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK) {
		db_close(db);
		return sqlite_err(rc);
	}
	/* A connection belongs to one thread at a time; sqlite_run.c relies on it for values of columns too. */
	assert_always(sqlite3_db_mutex(db->c) == NULL);
	harden(db->c);
	*ret = db;
	return OK;
}

static enum err open_checked(struct db *db)
{
	int64_t id = 0;
	enum err e;
	if ((e = sqlite_pragma(db, "PRAGMA application_id", &id)) != OK)
		return e;
	if (id != APPLICATION_ID)
		return ERR_CORRUPT;
	if ((e = settle(db)) != OK || db->role == DB_MIGRATOR)
		return e;
	(void)sqlite3_wal_hook(db->c, note_commit, db);
	(void)sqlite3_set_authorizer(db->c, authorize, db);
	return sqlite_prepare_all(db);
}

enum err db_open(struct arena *a, const char *path, enum db_role role, struct db **ret)
{
	struct stat st;
	struct db *db = NULL;
	enum err e;
	if (lstat(path, &st) < 0)
		return ERR_NOT_FOUND;
	if (!S_ISREG(st.st_mode))
		return ERR_CORRUPT;
	if ((e = connect(a, path, role, &db)) != OK)
		return e;
	if ((e = open_checked(db)) != OK) {
		db_close(db);
		return e;
	}
	*ret = db;
	return OK;
}

/* The name of the file in its directory must survive a power cut as the file does. */
static enum err sync_directory_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = arena_c(a, slash ? (struct str){ path, (size_t)(slash - path) + 1 } : STR("."));
	int fd, rc;
	if (!directory)
		return ERR_FULL;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	rc = fsync(fd);
	(void)close(fd);
	return rc == 0 ? OK : ERR_IO;
}

enum err db_create(struct arena *a, const char *path, struct db **ret)
{
	static const char *const first = "PRAGMA synchronous=" STORE_SYNCHRONOUS ";"
		"PRAGMA page_size=" PAGE_SIZE "; PRAGMA auto_vacuum=NONE; PRAGMA application_id=1096176468;";
	struct db *db = NULL;
	int rc, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err e;
	_Static_assert(APPLICATION_ID == 1096176468, "the number in the text is the same");
	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	(void)close(fd);
	if ((e = connect(a, path, DB_MIGRATOR, &db)) != OK)
		return e;
	rc = sqlite3_exec(db->c, first, NULL, NULL, NULL);
	if (rc != SQLITE_OK || (e = settle(db)) != OK || (e = sync_directory_of(a, path)) != OK) {
		db_close(db);
		return rc != SQLITE_OK ? sqlite_err(rc) : e;
	}
	*ret = db;
	return OK;
}

void db_close(struct db *db)
{
	if (!db || !db->c)
		return;
	sqlite_finalize_all(db);
	assert_always(sqlite3_close(db->c) == SQLITE_OK);
	db->c = NULL;
}

/* ---- transactions ---- */

static enum err run_fixed(struct db *db, enum fixed f)
{
	int rc = sqlite3_step(db->fixed[f]);
	(void)sqlite3_reset(db->fixed[f]);
	return sqlite_err(rc);
}

enum err db_begin(struct db *db, bool write)
{
	return run_fixed(db, write ? FIXED_BEGIN_WRITE : FIXED_BEGIN_READ);
}

enum err db_commit(struct db *db)
{
	return run_fixed(db, FIXED_COMMIT);
}

void db_rollback(struct db *db)
{
	if (!db_in_transaction(db))
		return;
	(void)run_fixed(db, FIXED_ROLLBACK);
	assert_always(!db_in_transaction(db));
}

enum err db_savepoint(struct db *db)
{
	return run_fixed(db, FIXED_SAVEPOINT);
}

enum err db_release(struct db *db)
{
	return run_fixed(db, FIXED_RELEASE);
}

enum err db_rollback_to(struct db *db)
{
	return run_fixed(db, FIXED_ROLLBACK_TO);
}

bool db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->c) == 0;
}

/* store/sqlite_keep.c — schema, checkpoints, copies and the engine's own check. */
#include "store/sqlite_i.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_MAX = 256 << 10, COPY_PAGES = 256 };
/* A commit waits no longer for readers than this: a copy that is being made may read for minutes. */
enum { BRIEFLY_MS = 20 };

/* ---- migrations ---- */

static const struct { const char *word, *text; } dialect[] = {
	{ "{i64}", "INTEGER" }, { "{blob}", "BLOB" }, { "{id}", "BLOB" },
	{ "{strict}", "STRICT" }, { "{clustered}", "STRICT, WITHOUT ROWID" },
};

static void translate(struct buf *b, const char *p)
{
	while (*p) {
		size_t i = 0;
		while (i < COUNT_OF(dialect) && strncmp(p, dialect[i].word, strlen(dialect[i].word)) != 0)
			i++;
		if (i < COUNT_OF(dialect)) {
			buf_str(b, str_c(dialect[i].text));
			p += strlen(dialect[i].word);
		} else {
			buf_char(b, *p++);
		}
	}
}

enum err db_version(struct db *db, int *ret)
{
	int64_t there, v = 0;
	enum err e = sqlite_pragma(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'", &there);
	if (e == OK && there > 0)
		e = sqlite_pragma(db, "SELECT coalesce(max(version), 0) FROM schema_version", &v);
	if (e != OK)
		return e;
	*ret = v < 0 || v > INT32_MAX ? INT32_MAX : (int)v;
	return OK;
}

static int insert_version(struct db *db, int version, int64_t now_us)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->c, "INSERT INTO schema_version (version, applied) VALUES (?1, ?2)", -1, &st, NULL);
	if (rc == SQLITE_OK) {
		(void)sqlite3_bind_int64(st, 1, version);
		(void)sqlite3_bind_int64(st, 2, now_us);
		(void)sqlite3_step(st);
	}
	return st ? sqlite3_finalize(st) : rc;
}

enum err db_migrate(struct db *db, int version, const char *const *script, int64_t now_us)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(SCRIPT_MAX + 4096);
	struct buf b;
	int rc;
	if (!a)
		return ERR_SYSTEM;
	b = buf_new(a, SCRIPT_MAX);
	for (; *script; script++)
		translate(&b, *script);
	buf_char(&b, 0);
	if (buf_is_full(&b))
		return ERR_FULL;
	rc = sqlite3_exec(db->c, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->c, buf_view(&b).p, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = insert_version(db, version, now_us);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->c, "COMMIT", NULL, NULL, NULL);
	if (db_in_transaction(db))
		(void)sqlite3_exec(db->c, "ROLLBACK", NULL, NULL, NULL);
	return sqlite_err(rc);
}

/* ---- checkpoints ---- */

size_t db_waiting(const struct db *db)
{
	return db->waiting;
}

enum err db_checkpoint(struct db *db, enum checkpoint how)
{
	static const int modes[] = { SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART, SQLITE_CHECKPOINT_TRUNCATE };
	int rc;
	if (how == CHECKPOINT_ANEW)
		(void)sqlite3_busy_timeout(db->c, BRIEFLY_MS);
	rc = sqlite3_wal_checkpoint_v2(db->c, NULL, modes[how], NULL, NULL);
	if (how == CHECKPOINT_ANEW)
		(void)sqlite3_busy_timeout(db->c, SQLITE_WAIT_MS);
	if (rc == SQLITE_OK && how != CHECKPOINT_BESIDE)
		db->waiting = 0;
	return sqlite_err(rc);
}

/* ---- copies ---- */

static int copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc;
	if (!b)
		return sqlite3_extended_errcode(to);
	do {
		rc = sqlite3_backup_step(b, COPY_PAGES);
	} while (rc == SQLITE_OK);
	return sqlite3_backup_finish(b);
}

static enum err sync_copy(int fd, const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	char *name = arena_c(a, slash ? (struct str){ path, (size_t)(slash - path) + 1 } : STR("."));
	int directory;
	bool durable;
	if (!name || fsync(fd) < 0)
		return ERR_IO;
	directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return ERR_IO;
	durable = fsync(directory) == 0;
	(void)close(directory);
	return durable ? OK : ERR_IO;
}

enum err db_copy(struct db *db, const char *to)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8192);
	sqlite3 *target = NULL;
	int rc, fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err e;
	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	if (!a) {
		(void)close(fd);
		return ERR_SYSTEM;
	}
	rc = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		rc = copy_pages(db->c, target);
	(void)sqlite3_close(target);
	e = rc == SQLITE_OK ? sync_copy(fd, to, a) : sqlite_err(rc);
	if (e != OK)
		(void)unlink(to);
	(void)close(fd);
	return e;
}

/* ---- check ---- */

struct telling {
	void (*tell)(void *ctx, struct str finding);
	void *ctx;
};

static int take_finding(void *ctx, int n, char **values, char **names)
{
	const struct telling *t = ctx;
	(void)names;
	if (n == 1 && values[0] && strcmp(values[0], "ok") != 0)
		t->tell(t->ctx, str_c(values[0]));
	return 0;
}

enum err db_check(struct db *db, void (*tell)(void *ctx, struct str finding), void *ctx)
{
	struct telling t = { tell, ctx };
	return sqlite_err(sqlite3_exec(db->c, "PRAGMA integrity_check", take_finding, &t, NULL));
}

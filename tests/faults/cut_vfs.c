/* tests/faults/cut_vfs.c — a SQLite file layer that writes down everything the database asks of the disk. */
#include "cut_vfs.h"
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

enum { OPS_MAX = 1 << 18 };

static struct {
	pthread_mutex_t lock;
	struct arena *arena;
	struct op *ops;
	size_t n;
	const char *database;
	bool there[FILE_COUNT], fresh[FILE_COUNT]; /* has a name; the name was never synced */
} rec = { .lock = PTHREAD_MUTEX_INITIALIZER };

static sqlite3_vfs *real;

struct file {
	sqlite3_file base;
	int watched; /* enum cut_file, or -1 */
	sqlite3_file *real;
};

static struct file *of(sqlite3_file *f)
{
	return (struct file *)(void *)f;
}

static void record(enum op_kind kind, enum cut_file file, uint64_t offset, const void *p, size_t n)
{
	struct op *op;
	if (!rec.database)
		return;
	assert_always(rec.n < OPS_MAX);
	op = &rec.ops[rec.n++];
	*op = (struct op){ .kind = kind, .file = file, .offset = offset, .n = n };
	if (n) {
		uint8_t *copy = arena_take(rec.arena, n);
		assert_always(copy);
		memcpy(copy, p, n);
		op->bytes = copy;
	}
}

static void lock(void)
{
	assert_always(pthread_mutex_lock(&rec.lock) == 0);
}

static void unlock(void)
{
	assert_always(pthread_mutex_unlock(&rec.lock) == 0);
}

/* Which of the three files a path is, or -1. */
static int watched(const char *path)
{
	size_t n = rec.database ? strlen(rec.database) : 0;
	if (!path || n == 0 || strncmp(path, rec.database, n) != 0)
		return -1;
	if (path[n] == 0)
		return FILE_MAIN;
	return strcmp(path + n, "-journal") == 0 ? FILE_JOURNAL : strcmp(path + n, "-wal") == 0 ? FILE_WAL : -1;
}

/* ---- files ---- */

static int file_close(sqlite3_file *f)
{
	return of(f)->real->pMethods->xClose(of(f)->real);
}

static int file_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return of(f)->real->pMethods->xRead(of(f)->real, p, n, at);
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc;
	lock();
	rc = of(f)->real->pMethods->xWrite(of(f)->real, p, n, at);
	if (rc == SQLITE_OK && of(f)->watched >= 0)
		record(OP_WRITE, (enum cut_file)of(f)->watched, (uint64_t)at, p, (size_t)n);
	unlock();
	return rc;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	int rc;
	lock();
	rc = of(f)->real->pMethods->xTruncate(of(f)->real, n);
	if (rc == SQLITE_OK && of(f)->watched >= 0)
		record(OP_TRUNCATE, (enum cut_file)of(f)->watched, (uint64_t)n, NULL, 0);
	unlock();
	return rc;
}

static int file_sync(sqlite3_file *f, int flags)
{
	int w = of(f)->watched;
	(void)flags;
	if (w < 0)
		return SQLITE_OK;
	lock();
	record(OP_SYNC, (enum cut_file)w, 0, NULL, 0);
	if (rec.fresh[w])
		record(OP_SYNC_DIRECTORY, (enum cut_file)w, 0, NULL, 0);
	rec.fresh[w] = false;
	unlock();
	return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return of(f)->real->pMethods->xFileSize(of(f)->real, ret);
}

static int file_lock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xLock(of(f)->real, level);
}

static int file_unlock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xUnlock(of(f)->real, level);
}

static int file_reserved(sqlite3_file *f, int *ret)
{
	return of(f)->real->pMethods->xCheckReservedLock(of(f)->real, ret);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	/* Space is made by writing alone, so that the record has it. */
	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
		return SQLITE_OK;
	return of(f)->real->pMethods->xFileControl(of(f)->real, op, arg);
}

static int file_sector(sqlite3_file *f)
{
	return of(f)->real->pMethods->xSectorSize(of(f)->real);
}

static int file_device(sqlite3_file *f)
{
	return of(f)->real->pMethods->xDeviceCharacteristics(of(f)->real);
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return of(f)->real->pMethods->xShmMap(of(f)->real, page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return of(f)->real->pMethods->xShmLock(of(f)->real, offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f)
{
	of(f)->real->pMethods->xShmBarrier(of(f)->real);
}

static int file_shm_unmap(sqlite3_file *f, int remove)
{
	return of(f)->real->pMethods->xShmUnmap(of(f)->real, remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2, /* no mapped files: every read and write passes here */
	.xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate, .xSync = file_sync,
	.xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock, .xCheckReservedLock = file_reserved,
	.xFileControl = file_control, .xSectorSize = file_sector, .xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map, .xShmLock = file_shm_lock, .xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap,
};

/* ---- names ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	int rc;
	(void)vfs;
	lock();
	of(f)->watched = watched(path);
	of(f)->real = (sqlite3_file *)(void *)((char *)f + sizeof(struct file));
	rc = real->xOpen(real, path, of(f)->real, flags, ret_flags);
	f->pMethods = rc == SQLITE_OK ? &methods : NULL;
	if (rc == SQLITE_OK && of(f)->watched >= 0 && !rec.there[of(f)->watched]) {
		record(OP_CREATE, (enum cut_file)of(f)->watched, 0, NULL, 0);
		rec.there[of(f)->watched] = rec.fresh[of(f)->watched] = true;
	}
	unlock();
	return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	int rc, w;
	(void)vfs;
	lock();
	rc = real->xDelete(real, path, 0);
	w = watched(path);
	if (rc == SQLITE_OK && w >= 0 && rec.there[w]) {
		record(OP_DELETE, (enum cut_file)w, 0, NULL, 0);
		rec.there[w] = false;
		if (sync)
			record(OP_SYNC_DIRECTORY, (enum cut_file)w, 0, NULL, 0);
	}
	unlock();
	return rc;
}

void cut_vfs_install(struct arena *a)
{
	static sqlite3_vfs vfs;
	assert_always(sqlite3_initialize() == SQLITE_OK);
	real = sqlite3_vfs_find(NULL);
	assert_always(real);
	vfs = *real;
	vfs.zName = "powercut";
	vfs.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	rec.arena = a;
	rec.ops = ARENA_ARRAY(a, struct op, OPS_MAX);
	assert_always(rec.ops && sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

void cut_vfs_watch(const char *database)
{
	lock();
	rec.database = database;
	/* The store makes the main file and syncs its directory before the engine sees it. */
	rec.there[FILE_MAIN] = true;
	unlock();
}

void cut_vfs_ack(uint64_t number)
{
	lock();
	record(OP_ACK, FILE_MAIN, number, NULL, 0);
	unlock();
}

const struct op *cut_vfs_stop(size_t *ret_n)
{
	lock();
	rec.database = NULL;
	*ret_n = rec.n;
	unlock();
	return rec.ops;
}

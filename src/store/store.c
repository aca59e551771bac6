/* store/store.c — opens the database, lends reading connections, keeps the journal short. */
#include "store/store.h"
#include "store/store_i.h"
#include <time.h>

/* Pages in the journal. Each time it has grown by the first number a checkpoint runs beside the writer. Readers that overlap
 * could let it grow for ever: from the second number on the writer itself carries over what the checkpoint beside it has left,
 * and begins the journal anew. Nobody can commit meanwhile, so it does that when little is left, if it can. */
#ifndef STORE_CHECKPOINT_PAGES
#define STORE_CHECKPOINT_PAGES 1000
#endif
#define STORE_JOURNAL_PAGES (4 * STORE_CHECKPOINT_PAGES)
#define STORE_LITTLE_PAGES (STORE_CHECKPOINT_PAGES / 8)

enum { READERS = 3, ARENA = 256 << 10, STACK = 512 << 10 };

static const char *path_of(struct arena *a, const char *directory)
{
	return arena_format(a, "%s/avstamp.db%c", directory, 0).p;
}

static int64_t clock_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Brings the schema to the newest version, or refuses. */
static enum err settle_version(struct arena *a, const char *path, const struct store_options *o)
{
	struct db *db = NULL;
	int have = 0;
	enum err e = o->create ? db_create(a, path, &db) : db_open(a, path, DB_MIGRATOR, &db);
	if (e != OK)
		return e;
	e = db_version(db, &have);
	if (e == OK && (have > store_newest_version || (have < store_newest_version && !o->create && !o->migrate)))
		e = ERR_INVALID;
	for (int v = have + 1; e == OK && v <= store_newest_version; v++)
		e = db_migrate(db, v, store_migrations[v - 1], clock_us());
	db_close(db);
	return e;
}

enum err store_version(const char *directory, int *ret_have, int *ret_newest)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(ARENA);
	const char *path = a ? path_of(a, directory) : NULL;
	struct db *db = NULL;
	int have;
	enum err e;
	if (!path)
		return ERR_SYSTEM;
	if ((e = db_open(a, path, DB_MIGRATOR, &db)) != OK)
		return e;
	if ((e = db_version(db, &have)) == OK) {
		*ret_have = have;
		*ret_newest = store_newest_version;
	}
	db_close(db);
	return e;
}

static enum err open_connections(struct store *s, const char *path)
{
	enum err e = OK;
	s->readers = ARENA_ARRAY(s->arena, struct db *, s->n_readers + 1);
	s->free = ARENA_ARRAY(s->arena, struct db *, s->n_readers + 1);
	if (!s->readers || !s->free)
		return ERR_FULL;
	for (size_t i = 0; i < s->n_readers && e == OK; i++) {
		e = db_open(s->arena, path, DB_READER, &s->readers[i]);
		s->free[i] = s->readers[i];
	}
	s->n_free = s->n_readers;
	if (e != OK || s->read_only)
		return e;
	if ((e = db_open(s->arena, path, DB_WRITER, &s->writer)) != OK || s->alone)
		return e;
	return db_open(s->arena, path, DB_KEEPER, &s->keeper);
}

enum err store_checkpoint_now(struct store *s, struct db *db, enum checkpoint how)
{
	enum err e;
	(void)pthread_mutex_lock(&s->checkpoint);
	e = db_checkpoint(db, how);
	(void)pthread_mutex_unlock(&s->checkpoint);
	return e;
}

/* Checkpoints run beside the writer, so that no commit waits for one. */
static void *keep(void *ctx)
{
	struct store *s = ctx;
	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		while (!s->keep_wanted && !s->stopping)
			(void)pthread_cond_wait(&s->keep_work, &s->lock);
		if (s->stopping)
			break;
		s->keep_wanted = false;
		(void)pthread_mutex_unlock(&s->lock);
		/* A failure costs nothing but room: everything stays in the journal. */
		enum err ignored = store_checkpoint_now(s, s->keeper, CHECKPOINT_BESIDE);
		(void)ignored;
		(void)pthread_mutex_lock(&s->lock);
		s->kept = !s->keep_wanted;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

void store_after_commit(struct store *s)
{
	size_t pages = db_waiting(s->writer);
	if (pages < s->asked_at)
		s->asked_at = 0; /* it has begun anew */
	size_t left = pages - s->asked_at;
	bool ask = left >= STORE_CHECKPOINT_PAGES, anew = false;
	if (s->alone) {
		anew = ask;
	} else if (ask || pages >= STORE_JOURNAL_PAGES) {
		(void)pthread_mutex_lock(&s->lock);
		if (!ask && s->kept) {
			anew = left <= STORE_LITTLE_PAGES || pages >= 2 * STORE_JOURNAL_PAGES;
			ask = !anew;
		}
		if (ask || anew)
			s->kept = false;
		if (ask) {
			s->keep_wanted = true;
			(void)pthread_cond_signal(&s->keep_work);
		}
		(void)pthread_mutex_unlock(&s->lock);
	}
	if (ask)
		s->asked_at = pages;
	if (!anew)
		return;
	/* Readers in the way: again when the journal has grown so much more. */
	enum err ignored = store_checkpoint_now(s, s->writer, CHECKPOINT_ANEW);
	(void)ignored;
}

static enum err start_threads(struct store *s)
{
	pthread_attr_t attr;
	enum err e = OK;
	if (pthread_attr_init(&attr) != 0)
		return ERR_SYSTEM;
	(void)pthread_attr_setstacksize(&attr, STACK);
	if (pthread_create(&s->writer_thread, &attr, store_write_loop, s) != 0)
		e = ERR_SYSTEM;
	s->writer_runs = e == OK;
	if (e == OK && pthread_create(&s->keeper_thread, &attr, keep, s) != 0)
		e = ERR_SYSTEM;
	s->keeper_runs = e == OK;
	(void)pthread_attr_destroy(&attr);
	return e;
}

static enum err open_all(struct store *s, const struct store_options *o)
{
	const char *path = path_of(s->arena, o->directory);
	enum err e;
	if (!path)
		return ERR_FULL;
	if ((e = settle_version(s->arena, path, o)) != OK || (e = open_connections(s, path)) != OK)
		return e;
	return s->read_only || s->alone ? OK : start_threads(s);
}

enum err store_open(const struct store_options *o, struct store **ret)
{
	struct arena *a = arena_new(ARENA);
	struct store *s = a ? ARENA_NEW(a, struct store) : NULL;
	enum err e;
	if (!s) {
		arena_free(a);
		return ERR_SYSTEM;
	}
	s->arena = a;
	s->n_readers = o->readers < 1 ? READERS : o->readers > 32 ? 32 : (size_t)o->readers;
	s->read_only = o->read_only;
	s->alone = o->alone && !o->read_only;
	if (s->alone)
		s->n_readers = 0;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_mutex_init(&s->checkpoint, NULL);
	(void)pthread_cond_init(&s->write_work, NULL);
	(void)pthread_cond_init(&s->keep_work, NULL);
	(void)pthread_cond_init(&s->reader_free, NULL);
	if ((e = open_all(s, o)) != OK) {
		store_close(s);
		return e;
	}
	*ret = s;
	return OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	(void)pthread_cond_broadcast(&s->write_work);
	(void)pthread_cond_broadcast(&s->keep_work);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->writer_runs)
		(void)pthread_join(s->writer_thread, NULL);
	if (s->keeper_runs)
		(void)pthread_join(s->keeper_thread, NULL);
	for (size_t i = 0; s->readers && i < s->n_readers; i++)
		db_close(s->readers[i]);
	if (s->keeper_runs || (s->alone && s->writer)) {
		enum err ignored = db_checkpoint(s->writer, CHECKPOINT_EMPTY);
		(void)ignored;
	}
	db_close(s->keeper);
	db_close(s->writer);
	(void)pthread_cond_destroy(&s->reader_free);
	(void)pthread_cond_destroy(&s->keep_work);
	(void)pthread_cond_destroy(&s->write_work);
	(void)pthread_mutex_destroy(&s->checkpoint);
	(void)pthread_mutex_destroy(&s->lock);
	arena_free(s->arena);
}

enum err store_checkpoint(struct store *s)
{
	return s->read_only ? OK : store_write_job(s, NULL, NULL);
}

/* ---- readers ---- */

static void give_back(struct store *s, struct db *db)
{
	(void)pthread_mutex_lock(&s->lock);
	s->free[s->n_free++] = db;
	(void)pthread_cond_signal(&s->reader_free);
	(void)pthread_mutex_unlock(&s->lock);
}

struct db *store_reader(struct store *s)
{
	struct db *db;
	if (s->alone)
		return db_begin(s->writer, false) == OK ? s->writer : NULL;
	(void)pthread_mutex_lock(&s->lock);
	while (s->n_free == 0)
		(void)pthread_cond_wait(&s->reader_free, &s->lock);
	db = s->free[--s->n_free];
	(void)pthread_mutex_unlock(&s->lock);
	if (db_begin(db, false) == OK)
		return db;
	db_rollback(db);
	give_back(s, db);
	return NULL;
}

struct db *store_reader_to_write(struct store *s)
{
	if (s->alone || s->read_only)
		return store_reader(s);
	(void)pthread_mutex_lock(&s->lock);
	bool free = !s->writing && !s->first;
	s->writing |= free;
	(void)pthread_mutex_unlock(&s->lock);
	if (!free)
		return store_reader(s);
	if (db_begin(s->writer, false) == OK)
		return s->writer;
	db_rollback(s->writer);
	store_written(s);
	return NULL;
}

void store_reader_done(struct store *s, struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	if (s->alone)
		return;
	if (db == s->writer)
		store_written(s);
	else
		give_back(s, db);
}

struct store_work store_work(const struct db *db)
{
	struct store_work w = { 0 };
	db_work_add(db, &w);
	return w;
}

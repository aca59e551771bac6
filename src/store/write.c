/* store/write.c — the writer: whatever waits is committed as one group.
 *
 * Who finds nobody writing writes for himself, and wakes no thread for it; what has come meanwhile is the writer
 * thread's.
 *
 * A job lives on its caller's stack until the caller is told. Each runs in a savepoint of the group's
 * transaction; its error rolls back its own statements only. Nobody is told OK before the commit is durable. */
#include "store/store_i.h"
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

enum { GROUP_MAX = 256 };

struct job {
	enum err (*fn)(struct db *db, void *ctx);
	void *ctx;
	enum err result;
	sem_t told;
	struct job *next;
};

/* ---- asking ---- */

#ifdef AVSTAMP_TEST
/* The control of the kill loop: answers before the commit and must lose (DECISIONS 43). */
static bool acknowledges_early(void)
{
	return getenv("TEST_ACK_EARLY") != NULL;
}
#else
static bool acknowledges_early(void)
{
	return false;
}
#endif

static enum err write_here(struct store *s, struct job *j);
static void run_all(struct store *s, struct job *jobs);

enum err store_write_job(struct store *s, enum err (*fn)(struct db *db, void *ctx), void *ctx)
{
	struct job j = { .fn = fn, .ctx = ctx, .result = ERR_SYSTEM };
	if (s->alone)
		return write_here(s, &j);
	assert_always(s->writer_runs && !pthread_equal(pthread_self(), s->writer_thread));
	assert_always(sem_init(&j.told, 0, 0) == 0);
	(void)pthread_mutex_lock(&s->lock);
	assert_always(!s->stopping);
	/* Who writes for himself cannot be answered early. */
	bool mine = fn && !s->writing && !s->first && !acknowledges_early();
	if (mine) {
		s->writing = true;
	} else {
		if (!s->first)
			s->last = &s->first;
		*s->last = &j;
		s->last = &j.next;
		if (!s->writing)
			(void)pthread_cond_signal(&s->write_work);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (mine) {
		run_all(s, &j);
		store_written(s);
	}
	while (sem_wait(&j.told) != 0)
		continue;
	(void)sem_destroy(&j.told);
	return j.result;
}

void store_written(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->writing = false;
	if (s->first || s->stopping)
		(void)pthread_cond_signal(&s->write_work);
	(void)pthread_mutex_unlock(&s->lock);
}

enum err store_tx(struct store *s, enum err (*fn)(struct db *db, void *ctx), void *ctx)
{
	assert_always(fn);
	return store_write_job(s, fn, ctx);
}

/* ---- doing ---- */

static void tell(struct job *j, const struct job *to)
{
	while (j != to) {
		struct job *next = j->next; /* the job is gone once its caller knows */
		(void)sem_post(&j->told);
		j = next;
	}
}

/* Runs one job; false when its error took the whole transaction with it. */
static bool run_job(struct db *w, struct job *j, bool alone)
{
	enum err e = alone ? OK : db_savepoint(w);
	if (e == OK)
		e = j->fn(w, j->ctx);
	j->result = e;
	if (!db_in_transaction(w))
		return false;
	if (alone)
		return e == OK; /* a lone job needs no savepoint: nothing else is rolled back with it */
	if (e != OK && db_rollback_to(w) != OK)
		return false;
	return db_release(w) == OK;
}

static void fail_all(struct job *from, const struct job *to, enum err e)
{
	for (; from != to; from = from->next)
		if (from->result == OK)
			from->result = e;
}

/* Commits jobs from `first` on and tells them; returns the job to go on with when one took the transaction with
 * it. */
static struct job *run_group(struct db *w, struct job *first)
{
	struct job *j = first;
	bool alone = first->next == NULL, whole = true;
	enum err e = db_begin(w, true);
	if (e != OK) {
		for (; j; j = j->next)
			j->result = e;
		tell(first, NULL);
		return NULL;
	}
	for (; j && whole; j = j->next)
		whole = run_job(w, j, alone);
	if (whole && acknowledges_early()) {
		struct timespec t = { .tv_nsec = 2000000 };
		tell(first, j);
		(void)nanosleep(&t, NULL);
		first = j;
	}
	if (!whole || db_commit(w) != OK) {
		db_rollback(w);
		fail_all(first, j, ERR_IO);
	}
	tell(first, j);
	return j;
}

static void run_all(struct store *s, struct job *jobs)
{
	while (jobs)
		jobs = run_group(s->writer, jobs);
	store_after_commit(s);
}

/* The only thread there is writes for itself; a transaction of reading that was not given back would be in the way. */
static enum err write_here(struct store *s, struct job *j)
{
	assert_always(!db_in_transaction(s->writer));
	if (!j->fn)
		return store_checkpoint_now(s, s->writer, CHECKPOINT_EMPTY);
	assert_always(sem_init(&j->told, 0, 0) == 0);
	run_all(s, j);
	(void)sem_destroy(&j->told);
	return j->result;
}

/* Takes the jobs that wait: all up to a checkpoint, or a checkpoint alone. */
static struct job *take_jobs(struct store *s)
{
	struct job *first = s->first, *end = first;
	size_t n = 1;
	if (!first)
		return NULL;
	while (end->next && first->fn && end->next->fn && n < GROUP_MAX) {
		end = end->next;
		n++;
	}
	s->first = end->next;
	end->next = NULL;
	return first;
}

void *store_write_loop(void *store)
{
	struct store *s = store;
	for (;;) {
		struct job *jobs;
		(void)pthread_mutex_lock(&s->lock);
		while (s->writing || (!s->first && !s->stopping))
			(void)pthread_cond_wait(&s->write_work, &s->lock);
		jobs = take_jobs(s);
		s->writing = jobs != NULL;
		(void)pthread_mutex_unlock(&s->lock);
		if (!jobs)
			return NULL;
		if (jobs->fn) {
			run_all(s, jobs);
		} else {
			jobs->result = store_checkpoint_now(s, s->writer, CHECKPOINT_EMPTY);
			tell(jobs, NULL);
		}
		store_written(s);
	}
}

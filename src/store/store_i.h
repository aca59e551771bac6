/* store/store_i.h — the store's insides, shared by its own files.
 *
 * Runs in: web, verbs.   Depends on: store/driver.h.   Never: is included outside the room store. */
#pragma once
#include "store/driver.h"
#include "store/store.h"
#include <pthread.h>

struct job;
struct store {
	struct arena *arena;
	bool read_only, alone;
	pthread_mutex_t lock;             /* everything below it */
	pthread_cond_t write_work, keep_work, reader_free;
	struct job *first, **last;        /* what waits for the writer, in order */
	struct db **free;
	size_t n_free;
	bool stopping, keep_wanted;
	bool kept;                        /* the keeper has carried over what it was woken for */
	bool writing;                     /* somebody has the writing connection */
	size_t asked_at;                  /* pages in the journal when the keeper was last woken; the writer's alone */
	pthread_mutex_t checkpoint;       /* one at a time: the engine would answer the second with busy */
	struct db **readers, *writer, *keeper;
	size_t n_readers;
	pthread_t writer_thread, keeper_thread;
	bool writer_runs, keeper_runs;
};

void *store_write_loop(void *store);
/* The writing connection is free again. */
void store_written(struct store *s);
/* Runs fn in the writer thread, or here in a store that is alone; a NULL fn is a checkpoint. */
MUST enum err store_write_job(struct store *s, enum err (*fn)(struct db *db, void *ctx), void *ctx);
MUST enum err store_checkpoint_now(struct store *s, struct db *db, enum checkpoint how);
/* In the writer thread, when a group is committed. */
void store_after_commit(struct store *s);

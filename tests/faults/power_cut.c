/* tests/faults/power_cut.c — cuts the power under the real store, many thousand times.
 *
 *     power_cut [--control] IMAGES [SEED]
 *
 * Three threads write through store_tx while everything the engine asks of the disk is recorded: the making of
 * the database, group commits, failing jobs, checkpoints. Then the record is stopped at IMAGES random places;
 * for each, a disk is made as a power cut may leave it (cut_disk.h) and opened again. Every transaction that was
 * answered must be there, every other one whole or not at all, and the engine must find nothing wrong.
 *
 * --control is for the program built with synchronous=NORMAL: it succeeds only when answered transactions are
 * lost. A campaign whose control loses nothing shows nothing. */
#include "cut_disk.h"
#include "store/store.h"
#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 3, WRITES = 120, SIZE_STEP = 173, SIZE_MOST = 3000, REOPEN_EVERY = 97 };
#define MADE UINT64_MAX

static struct id16 case_of(uint32_t thread)
{
	struct id16 id = { { 0xca } };
	id.b[1] = (uint8_t)thread;
	return id;
}

static size_t size_of_event(uint32_t thread, int64_t k)
{
	return 64 + ((size_t)k * SIZE_STEP + thread * 11u) % SIZE_MOST;
}

static uint8_t fill_of_event(uint32_t thread, int64_t k)
{
	return (uint8_t)(k * 7 + thread);
}

/* ---- the work ---- */

struct worker {
	struct store *store;
	struct arena *arena;
	uint32_t thread;
	int64_t k;
	bool fails;
	pthread_t id;
};

/* One transaction over four tables, as a save is: an event, the summary, two more rows; the first one makes the stream. */
static enum err write_rows(struct db *db, void *ctx)
{
	const struct worker *w = ctx;
	size_t n = size_of_event(w->thread, w->k);
	char *bytes = arena_take(w->arena, n);
	struct row_events e = { .place = event_place(case_of(w->thread), 0, w->k), .case_id = case_of(w->thread), .seq = w->k, .epoch = 1,
	                        .envelope = { bytes, n } };
	struct row_summaries s = { .place = case_place(e.case_id), .case_id = e.case_id, .epoch = 1, .version = w->k, .envelope = { bytes, 64 } };
	struct row_streams stream = { .place = event_place(e.case_id, 0, 1), .case_id = e.case_id, .epoch = 1, .deposit_key = { bytes, 32 }, .proof = { bytes, 32 },
	                              .recovery_wrap = { bytes, 80 } };
	int64_t intent = (int64_t)w->thread * 1000000 + 2 * w->k;
	enum err err;
	assert_always(bytes);
	memset(bytes, fill_of_event(w->thread, w->k), n);
	if (w->k == 1 && (err = q_stream_insert(db, &stream)) != OK)
		return err;
	if ((err = q_event_insert(db, &e)) != OK || (err = q_summary_put(db, &s)) != OK ||
	    (err = q_applied_insert(db, intent)) != OK || (err = q_applied_insert(db, intent + 1)) != OK)
		return err;
	return w->fails ? ERR_DENIED : OK;
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	for (w->k = 1; w->k <= WRITES; w->k++) {
		w->fails = w->k % 7 == 3;
		if (w->fails)
			assert_always(store_tx(w->store, write_rows, w) == ERR_DENIED);
		w->fails = false;
		assert_always(store_tx(w->store, write_rows, w) == OK);
		cut_vfs_ack((uint64_t)w->thread << 32 | (uint64_t)w->k);
		arena_reset(w->arena);
	}
	return NULL;
}

static void run_store(const char *directory)
{
	struct store_options o = { .directory = directory, .create = true, .readers = 1 };
	struct worker workers[THREADS];
	struct store *s = NULL;
	assert_always(store_open(&o, &s) == OK);
	cut_vfs_ack(MADE);
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .store = s, .thread = i, .arena = arena_new(64 << 10) };
		assert_always(workers[i].arena && pthread_create(&workers[i].id, NULL, work, &workers[i]) == 0);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		assert_always(pthread_join(workers[i].id, NULL) == 0);
		arena_free(workers[i].arena);
	}
	store_close(s);
}

/* ---- the judgement ---- */

struct verdict { size_t corrupt, lost, torn, whole; };
enum finding { FINDING_WHOLE, FINDING_LOST, FINDING_TORN, FINDING_CORRUPT };

static int take_word(void *ctx, int n, char **values, char **names)
{
	(void)names;
	*(bool *)ctx = n == 1 && values[0] && strcmp(values[0], "ok") == 0;
	return 0;
}

static int64_t number_of(sqlite3 *c, const char *sql, struct id16 id, int64_t from, int64_t to)
{
	sqlite3_stmt *st = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(c, sql, -1, &st, NULL) != SQLITE_OK)
		return -1;
	(void)sqlite3_bind_blob(st, sqlite3_bind_parameter_index(st, ":id"), id.b, sizeof id.b, SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":from"), from);
	(void)sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":to"), to);
	if (sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return v;
}

/* Events 1..n of a thread's stream with the bytes that were written; -1 when any differs. */
static int64_t events_of(sqlite3 *c, uint32_t thread)
{
	struct id16 id = case_of(thread);
	sqlite3_stmt *st = NULL;
	int64_t n = 0;
	if (sqlite3_prepare_v2(c, "SELECT seq, envelope FROM events WHERE case_id = ?1 AND compartment = 0 ORDER BY seq", -1, &st,
	                       NULL) != SQLITE_OK)
		return -1;
	(void)sqlite3_bind_blob(st, 1, id.b, sizeof id.b, SQLITE_STATIC);
	while (n >= 0 && sqlite3_step(st) == SQLITE_ROW) {
		const uint8_t *p = sqlite3_column_blob(st, 1);
		size_t size = (size_t)sqlite3_column_bytes(st, 1);
		n++;
		if (sqlite3_column_int64(st, 0) != n || size != size_of_event(thread, n))
			n = -1;
		for (size_t i = 0; n > 0 && i < size; i++)
			if (p[i] != fill_of_event(thread, n))
				n = -1;
	}
	return sqlite3_finalize(st) == SQLITE_OK ? n : -1;
}

static enum finding judge_thread(sqlite3 *c, uint32_t thread, int64_t acked)
{
	int64_t n = events_of(c, thread), base = (int64_t)thread * 1000000;
	int64_t version = number_of(c, "SELECT coalesce(max(version), 0) FROM summaries WHERE case_id = :id AND :from <= :to",
	                            case_of(thread), 0, 1);
	int64_t rows = number_of(c, "SELECT count(*) FROM applied WHERE intent BETWEEN :from AND :to AND length(:id) = 16",
	                         case_of(thread), base, base + 2 * WRITES + 2);
	if (n < 0 || version != n || rows != 2 * n)
		return FINDING_TORN;
	return n < acked ? FINDING_LOST : FINDING_WHOLE;
}

static enum finding judge(const char *path, const int64_t acked[THREADS])
{
	enum finding worst = FINDING_WHOLE;
	bool ok = false;
	sqlite3 *c = NULL;
	if (sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE, "unix") != SQLITE_OK ||
	    sqlite3_exec(c, "PRAGMA integrity_check", take_word, &ok, NULL) != SQLITE_OK || !ok)
		worst = FINDING_CORRUPT;
	/* A database without its tables has lost everything that was answered. */
	if (worst == FINDING_WHOLE &&
	    number_of(c, "SELECT count(*) FROM sqlite_schema WHERE name = 'events' AND :id IS NOT NULL AND :from = :to", case_of(0), 0,
	              0) != 1)
		worst = FINDING_LOST;
	for (uint32_t i = 0; i < THREADS && worst == FINDING_WHOLE; i++)
		worst = judge_thread(c, i, acked[i]);
	(void)sqlite3_close(c);
	return worst;
}

/* Now and then the store itself opens what is left and goes on writing. */
static bool goes_on(const char *directory)
{
	struct store_options o = { .directory = directory, .readers = 1 };
	struct worker w = { .thread = THREADS, .k = 1, .arena = arena_new(64 << 10) };
	bool good = store_open(&o, &w.store) == OK;
	good = good && store_tx(w.store, write_rows, &w) == OK;
	store_close(w.store);
	arena_free(w.arena);
	return good;
}

/* ---- the campaign ---- */

static int by_place(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	return x < y ? -1 : x > y;
}

static size_t place_of_making(const struct op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ops[i].kind == OP_ACK && ops[i].offset == MADE)
			return i + 1;
	assert_always(!"the database was made");
	return n;
}

static void count(struct verdict *v, enum finding f)
{
	switch (f) {
	case FINDING_WHOLE: v->whole++; break;
	case FINDING_LOST: v->lost++; break;
	case FINDING_TORN: v->torn++; break;
	case FINDING_CORRUPT: v->corrupt++; break;
	}
}

static struct verdict campaign(struct arena *a, const struct op *ops, size_t n, size_t images, uint64_t seed,
                               const char *directory)
{
	struct verdict v = { 0 };
	struct disk *d = disk_new(a, ops, n, seed);
	size_t *places = ARENA_ARRAY(a, size_t, images), made = place_of_making(ops, n), seen = 0;
	int64_t acked[THREADS] = { 0 };
	char path[256];
	assert_always(places && snprintf(path, sizeof path, "%s/avstamp.db", directory) < (int)sizeof path);
	for (size_t i = 0; i < images; i++)
		places[i] = made + (size_t)((disk_random(d) >> 16) % (n - made + 1));
	qsort(places, images, sizeof *places, by_place);
	for (size_t i = 0; i < images; i++) {
		enum finding f;
		for (; seen < places[i]; seen++)
			if (ops[seen].kind == OP_ACK && ops[seen].offset != MADE)
				acked[ops[seen].offset >> 32] = (int64_t)(ops[seen].offset & UINT32_MAX);
		disk_play(d, places[i]);
		disk_image(d, directory);
		f = judge(path, acked);
		if (f == FINDING_WHOLE && i % REOPEN_EVERY == 0 && !goes_on(directory))
			f = FINDING_CORRUPT;
		count(&v, f);
		if (isatty(2) && i % 100 == 0)
			(void)fprintf(stderr, "\r%zu of %zu", i, images);
	}
	if (isatty(2))
		(void)fprintf(stderr, "\r");
	return v;
}

static void empty_directory(const char *directory, bool itself)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	assert_always(d);
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	(void)closedir(d);
	if (itself)
		(void)rmdir(directory);
}

static void make_directory(char directory[64])
{
	/* Images need no real disk. */
	const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	assert_always(snprintf(directory, 64, "%s/avstamp-power-cut-XXXXXX", memory) < 64 && mkdtemp(directory));
}

int main(int argc, char **argv)
{
	bool control = argc > 1 && strcmp(argv[1], "--control") == 0;
	size_t images = argc > 1 + control ? strtoul(argv[1 + control], NULL, 10) : 0, n;
	uint64_t seed = argc > 2 + control ? strtoull(argv[2 + control], NULL, 10) : 1;
	struct arena *a = arena_new((size_t)1 << 30);
	char directory[64], path[128];
	const struct op *ops;
	struct verdict v;
	if (images == 0 || !a) {
		fputs("use: power_cut [--control] IMAGES [SEED]\n", stderr);
		return 2;
	}
	make_directory(directory);
	assert_always(snprintf(path, sizeof path, "%s/avstamp.db", directory) < (int)sizeof path);
	cut_vfs_install(a);
	cut_vfs_watch(path);
	run_store(directory);
	ops = cut_vfs_stop(&n);
	empty_directory(directory, false);
	v = campaign(a, ops, n, images, seed, directory);
	empty_directory(directory, true);
	arena_free(a);
	printf("%s: %zu operations recorded, %zu images: %zu corrupt, %zu half written, %zu lost an answered transaction\n",
	       control ? "control, synchronous=NORMAL" : "synchronous=EXTRA", n, images, v.corrupt, v.torn, v.lost);
	if (control)
		return v.lost > 0 ? 0 : 1;
	return v.corrupt || v.torn || v.lost ? 1 : 0;
}

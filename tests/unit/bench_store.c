/* tests/unit/bench_store.c — what opening a case and other hot reads cost in the store alone.
 *
 *     bench_store [CASES [THREADS]]      processor time, no verdict: `make bench` is the judge of speed */
#include "store_fixture.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { STREAMS = 5, ROUNDS = 4, BATCH = 500, OPENINGS = 20000, USERS_PER = 40 };

/* Processor time of all threads, so that a busy machine does not change the figures much. */
static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reading system calls of this process so far. */
static double reads(void)
{
	char line[64];
	double n = 0;
	FILE *io = fopen("/proc/self/io", "re");
	while (io && fgets(line, sizeof line, io))
		if (strncmp(line, "syscr: ", 7) == 0)
			n = strtod(line + 7, NULL);
	if (io)
		(void)fclose(io);
	return n;
}

struct batch {
	struct arena *arena;
	uint32_t first, last;
	int round; /* 0: the cases themselves, then one event a stream each */
};

static enum err grant_of(struct db *db, struct arena *a, uint32_t n, uint32_t user, int64_t serial)
{
	struct row_grants g = { .holder = id_of('u', user), .case_id = id_of('c', n), .place = case_place(id_of('c', n)), .serial = serial, .version = 1,
	                        .wrapped = bytes_of(a, 0x77, 1224), .accepted = bytes_of(a, 0x78, 1064) };
	return q_grant_insert(db, &g);
}

static enum err write_batch(struct db *db, void *ctx)
{
	const struct batch *b = ctx;
	enum err e = OK;
	for (uint32_t n = b->first; n < b->last && e == OK; n++) {
		struct small_case c = { .arena = b->arena, .number = n, .n_streams = STREAMS };
		if (b->round == 0) {
			e = write_case(db, &c);
			for (uint32_t k = 0; k < 3 && e == OK; k++)
				e = grant_of(db, b->arena, n, 10 + (n / USERS_PER) * 3 + k, 3 + (int64_t)k);
			continue;
		}
		for (int64_t s = 0; s < STREAMS && e == OK; s++)
			e = append_event(db, b->arena, id_of('c', n), s, b->round, 424);
	}
	return e;
}

static void fill(struct fixture *f, uint32_t cases)
{
	for (int round = 0; round <= ROUNDS; round++)
		for (uint32_t n = 0; n < cases; n += BATCH) {
			struct batch b = { .arena = f->arena, .first = n, .last = n + BATCH < cases ? n + BATCH : cases, .round = round };
			assert_always(store_tx(f->store, write_batch, &b) == OK);
			arena_reset(f->arena);
		}
	assert_always(store_checkpoint(f->store) == OK);
}

static size_t open_case(struct store *s, struct arena *a, uint32_t n, uint32_t user)
{
	struct db *db = store_reader(s);
	struct asker who = { .id = { id_of('u', user), id_of('d', 90), id_of('d', 91) } };
	struct row_grants *head;
	struct q_case_streams_row *streams;
	struct q_events_after_row *tail;
	size_t n_head, n_streams, n_tail, rows = 0;
	assert_always(q_case_by_id(db, a, id_of('c', n), who, &head, &n_head) == OK);
	if (n_head) {
		assert_always(q_case_streams(db, a, id_of('c', n), case_place(id_of('c', n)), UINT32_MAX, &streams, &n_streams) == OK);
		for (size_t i = 0; i < n_streams; i++) {
			assert_always(q_events_after(db, a, id_of('c', n), event_place(id_of('c', n), streams[i].compartment, 0),
			                              event_place(id_of('c', n), streams[i].compartment, EVENT_SEQ_MAX), 4096, &tail, &n_tail) == OK);
			rows += n_tail;
		}
	}
	store_reader_done(s, db);
	arena_reset(a);
	return rows;
}

struct reader {
	struct store *store;
	uint32_t cases, seed;
	bool hot;
	pthread_t thread;
};

static void *read_cases(void *ctx)
{
	struct reader *r = ctx;
	struct arena *a = arena_new(4 << 20);
	uint32_t x = r->seed * 2654435761u + 1;
	assert_always(a);
	for (int i = 0; i < OPENINGS; i++) {
		x = x * 1664525u + 1013904223u;
		uint32_t n = r->hot ? 7 : (x >> 8) % r->cases;
		assert_always(open_case(r->store, a, n, 10 + (n / USERS_PER) * 3) == STREAMS * ROUNDS);
	}
	arena_free(a);
	return NULL;
}

static void measure_opening(struct fixture *f, uint32_t cases, size_t threads, bool hot)
{
	struct reader r[16];
	double start = now(), before = reads(), seconds;
	for (size_t i = 0; i < threads; i++) {
		r[i] = (struct reader){ .store = f->store, .cases = cases, .seed = (uint32_t)i + 1, .hot = hot };
		assert_always(pthread_create(&r[i].thread, NULL, read_cases, &r[i]) == 0);
	}
	for (size_t i = 0; i < threads; i++)
		assert_always(pthread_join(r[i].thread, NULL) == 0);
	seconds = now() - start;
	printf("open %s case, %d events in %d streams, %zu threads: %.1f us, %.1f reads\n", hot ? "one" : "any",
	       STREAMS * ROUNDS, STREAMS, threads, seconds * 1e6 / (OPENINGS * (double)threads), (reads() - before) / (OPENINGS * (double)threads));
}

static __attribute__((noinline)) void measure_list(struct fixture *f, uint32_t cases)
{
	struct arena *a = arena_new(4 << 20);
	double start = now();
	size_t rows = 0;
	enum { LISTS = 500 };
	for (uint32_t i = 0; i < LISTS; i++) {
		struct db *db = store_reader(f->store);
		struct q_my_cases_row *list;
		size_t n;
		uint32_t user = 10 + (i * 7919u % (cases / USERS_PER)) * 3;
		assert_always(q_my_cases(db, a, asker_only(id_of('u', user)), 200, &list, &n) == OK);
		rows += n;
		store_reader_done(f->store, db);
		arena_reset(a);
	}
	printf("my cases, %.0f rows: %.1f us\n", (double)rows / LISTS, (now() - start) * 1e6 / LISTS);
	arena_free(a);
}

struct one { struct arena *arena; uint32_t number; };
static enum err write_one(struct db *db, void *ctx)
{
	const struct one *o = ctx;
	return append_event(db, o->arena, id_of('c', o->number), 0, ROUNDS + 1, 424);
}

static void measure_writing(struct fixture *f)
{
	enum { WRITES = 1000 };
	double start = now();
	for (uint32_t i = 0; i < WRITES; i++) {
		struct one o = { .arena = f->arena, .number = i };
		assert_always(store_tx(f->store, write_one, &o) == OK);
		arena_reset(f->arena);
	}
	printf("append one event, alone: %.1f us\n", (now() - start) * 1e6 / WRITES);
}

int main(int argc, char **argv)
{
	struct fixture f = { 0 };
	struct stat st;
	char path[128];
	uint32_t cases = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
	size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 2;
	if (cases < 1000 || threads < 1 || threads > 16) {
		fputs("use: bench_store [CASES (1000 or more) [THREADS (1..16)]]\n", stderr);
		return 2;
	}
	fixture_open(&f);
	fill(&f, cases);
	(void)snprintf(path, sizeof path, "%s/avstamp.db", f.directory);
	assert_always(stat(path, &st) == 0);
	printf("%.1f kB a case (5 grants, %d events of 424 B, no snapshots)\n", (double)st.st_size / cases / 1e3, STREAMS * ROUNDS);
	measure_opening(&f, cases, 1, true);
	measure_opening(&f, cases, 1, false);
	measure_opening(&f, cases, threads, false);
	measure_list(&f, cases);
	measure_writing(&f);
	fixture_close(&f);
	return 0;
}

/* tests/verbs/clocks.c — two clocks work on one directory at once: every due rung fires exactly once.
 *
 * Its argument is the directory. Prints how many were due, how many fired, and how often one clock found the other had been first. Stands beside
 * avstamp-vault, which it starts. */
#include "jobs/jobs.h"
#include "main/house.h"
#include <pthread.h>
#include <stdio.h>

#define CLOCKS 2
#define ROUNDS_MAX 1000
#define ALL 1000000

static struct house h = { .lock_fd = -1 };
static pthread_barrier_t together;

struct clock_worker { pthread_t thread; size_t fired, rounds; enum err fault; };

static void *work(void *ctx)
{
	struct clock_worker *w = ctx;
	struct arena *a = arena_new(8u << 20);
	size_t fired = 1, idle = 0;
	pthread_barrier_wait(&together);
	/* A round that fired nothing may have lost a race; three in a row are the end. */
	while (w->fault == OK && idle < 3 && w->rounds++ < ROUNDS_MAX) {
		fired = 0;
		w->fault = jobs_round(h.flow, a, h.hello.now, &fired);
		w->fired += fired;
		idle = fired == 0 ? idle + 1 : 0;
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static size_t count_due(void)
{
	struct arena *a = arena_new(256u << 20);
	struct row_rungs *rows;
	size_t n = 0;
	struct db *db = store_reader(h.store);
	enum err e = q_rungs_due(db, a, h.hello.now.us, ALL, &rows, &n);
	store_reader_done(h.store, db);
	arena_free(a);
	return e == OK ? n : SIZE_MAX;
}

int main(int argc, char **argv)
{
	struct clock_worker workers[CLOCKS] = { { .fired = 0 } };
	if (argc != 2 || !house_open(&h, argv[1], HOUSE_LOCK | HOUSE_STORE | HOUSE_VAULT | HOUSE_FLOW))
		return 2;
	size_t due = count_due(), fired = 0, rounds = 0;
	bool good = pthread_barrier_init(&together, NULL, CLOCKS) == 0;
	for (size_t i = 0; i < CLOCKS; i++)
		good = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0 && good;
	for (size_t i = 0; i < CLOCKS; i++) {
		pthread_join(workers[i].thread, NULL);
		good = good && workers[i].fault == OK;
		fired += workers[i].fired;
		rounds += workers[i].rounds;
	}
	size_t left = count_due();
	printf("%zu due, %zu fired, %zu left, %zu rounds\n", due, fired, left, rounds);
	house_close(&h);
	return good && due > 100 && fired == due && left == 0 ? 0 : 1;
}

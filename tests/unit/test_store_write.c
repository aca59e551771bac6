/* tests/unit/test_store_write.c — the writer: groups, failing jobs, readers beside it, a full disk. */
#include "store_fixture.h"
#include "store/driver.h"
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

enum { JOBS = 24 };

static int set_up(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof f);
	fixture_open(&f);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(*state);
	return 0;
}

/* ---- a group ---- */

struct work {
	struct store *store;
	int64_t number;
	bool fails;
	enum err got;
	pthread_t thread;
};

static enum err insert_two(struct db *db, void *ctx)
{
	const struct work *w = ctx;
	enum err e;
	if ((e = q_applied_insert(db, 2 * w->number)) != OK || (e = q_applied_insert(db, 2 * w->number + 1)) != OK)
		return e;
	return w->fails ? ERR_DENIED : OK;
}

static void *write_two(void *ctx)
{
	struct work *w = ctx;
	w->got = store_tx(w->store, insert_two, w);
	return NULL;
}

struct gate {
	struct store *store;
	sem_t inside, open;
	enum err got;
};

static enum err wait_inside(struct db *db, void *ctx)
{
	struct gate *g = ctx;
	(void)db;
	assert_always(sem_post(&g->inside) == 0 && sem_wait(&g->open) == 0);
	return OK;
}

static void *hold(void *ctx)
{
	struct gate *g = ctx;
	g->got = store_tx(g->store, wait_inside, g);
	return NULL;
}

static size_t count_applied(struct fixture *f, int64_t *ret_first)
{
	struct db *db = store_reader(f->store);
	struct q_applied_all_row *rows;
	size_t n;
	assert_non_null(db);
	assert_int_equal(q_applied_all(db, f->arena, &rows, &n), OK);
	if (ret_first)
		*ret_first = n ? rows[0].intent : -1;
	store_reader_done(f->store, db);
	return n;
}

static void a_failing_job_rolls_back_alone(void **state)
{
	struct fixture *f = *state;
	struct gate gate = { .store = f->store };
	struct work work[JOBS];
	pthread_t holder;
	struct db *db;
	assert_int_equal(sem_init(&gate.inside, 0, 0), 0);
	assert_int_equal(sem_init(&gate.open, 0, 0), 0);
	assert_int_equal(pthread_create(&holder, NULL, hold, &gate), 0);
	assert_int_equal(sem_wait(&gate.inside), 0);
	/* While the writer is held, everything that comes waits and becomes one group. */
	for (int i = 0; i < JOBS; i++) {
		work[i] = (struct work){ .store = f->store, .number = i, .fails = i % 3 == 1, .got = ERR_SYSTEM };
		assert_int_equal(pthread_create(&work[i].thread, NULL, write_two, &work[i]), 0);
	}
	assert_int_equal(sem_post(&gate.open), 0);
	assert_int_equal(pthread_join(holder, NULL), 0);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(pthread_join(work[i].thread, NULL), 0);
	assert_int_equal(gate.got, OK);
	db = store_reader(f->store);
	for (int i = 0; i < JOBS; i++) {
		struct q_applied_has_row *row;
		size_t n;
		assert_int_equal(work[i].got, work[i].fails ? ERR_DENIED : OK);
		assert_int_equal(q_applied_has(db, f->arena, 2 * i + 1, &row, &n), OK);
		assert_int_equal(n, work[i].fails ? 0 : 1);
	}
	store_reader_done(f->store, db);
}

static void a_lone_failing_job_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct work w = { .number = 5, .fails = true };
	assert_int_equal(store_tx(f->store, insert_two, &w), ERR_DENIED);
	assert_int_equal(count_applied(f, NULL), 0);
	w.fails = false;
	assert_int_equal(store_tx(f->store, insert_two, &w), OK);
	assert_int_equal(count_applied(f, NULL), 2);
}

static void a_taken_key_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct work w = { .number = 5 };
	assert_int_equal(store_tx(f->store, insert_two, &w), OK);
	assert_int_equal(store_tx(f->store, insert_two, &w), ERR_CONFLICT);
	assert_int_equal(count_applied(f, NULL), 2);
}

/* ---- optimistic locks ---- */

struct append {
	struct arena *arena;
	int64_t seq;
};

static enum err append(struct db *db, void *ctx)
{
	const struct append *a = ctx;
	return append_event(db, a->arena, id_of('c', 1), 0, a->seq, 64);
}

static enum err put_stream(struct db *db, void *ctx)
{
	const int64_t epoch = *(const int64_t *)ctx;
	const struct row_streams r = { .place = event_place(id_of('c', 1), 0, epoch), .case_id = id_of('c', 1), .epoch = epoch, .deposit_key = STR("key"),
	                               .proof = STR("proof"), .recovery_wrap = STR("wrap") };
	return q_stream_insert(db, &r);
}

static void a_stream_has_no_gap_and_no_double(void **state)
{
	struct fixture *f = *state;
	struct append a = { .arena = f->arena, .seq = 1 };
	int64_t epoch = 1;
	assert_int_equal(store_tx(f->store, append, &a), ERR_CONFLICT); /* no stream yet */
	assert_int_equal(store_tx(f->store, put_stream, &epoch), OK);
	assert_int_equal(store_tx(f->store, append, &a), OK);
	assert_int_equal(store_tx(f->store, append, &a), ERR_CONFLICT);
	a.seq = 3;
	assert_int_equal(store_tx(f->store, append, &a), ERR_CONFLICT);
	a.seq = 2;
	assert_int_equal(store_tx(f->store, append, &a), OK);
	/* Sealed in an epoch that has ended meanwhile. */
	epoch = 2;
	a.seq = 3;
	assert_int_equal(store_tx(f->store, put_stream, &epoch), OK);
	assert_int_equal(store_tx(f->store, append, &a), ERR_CONFLICT);
	assert_int_equal(store_tx(f->store, put_stream, &epoch), ERR_CONFLICT);
}

static enum err put_summary(struct db *db, void *ctx)
{
	return q_summary_put(db, ctx);
}

static void a_version_is_the_next_one_or_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct row_summaries s = { .place = case_place(id_of('c', 1)), .case_id = id_of('c', 1), .epoch = 1, .version = 1, .envelope = STR("one") };
	assert_int_equal(store_tx(f->store, put_summary, &s), OK);
	assert_int_equal(store_tx(f->store, put_summary, &s), ERR_CONFLICT);
	s.version = 3;
	assert_int_equal(store_tx(f->store, put_summary, &s), ERR_CONFLICT);
	s.version = 2;
	assert_int_equal(store_tx(f->store, put_summary, &s), OK);
	/* Of another case whose id begins alike: never over this one. */
	for (s.version = 1; s.version <= 3; s.version += 2) {
		struct row_summaries other = s;
		other.case_id.b[15] ^= 1;
		assert_int_equal(store_tx(f->store, put_summary, &other), ERR_CONFLICT);
	}
}

struct firing {
	struct id16 rung;
	int64_t fired[2];
};

static enum err fire_twice(struct db *db, void *ctx)
{
	struct firing *g = ctx;
	struct row_rungs r = { .rung_id = g->rung, .assignee = id_of('u', 1), .due = 10, .severity = 2, .version = 1,
	                       .payload = STR("sealed") };
	enum err e;
	if ((e = q_rung_insert(db, &r)) != OK || (e = q_rung_fire(db, g->rung, 11, 2, &g->fired[0])) != OK)
		return e;
	return q_rung_fire(db, g->rung, 12, 3, &g->fired[1]);
}

static void a_rung_fires_once(void **state)
{
	struct fixture *f = *state;
	struct firing g = { .rung = id_of('r', 1), .fired = { -1, -1 } };
	assert_int_equal(store_tx(f->store, fire_twice, &g), OK);
	assert_int_equal(g.fired[0], 1);
	assert_int_equal(g.fired[1], 0);
}

/* ---- readers beside the writer ---- */

struct watch {
	struct store *store;
	_Atomic bool *stop;
	size_t looked;
	bool torn;
	pthread_t thread;
};

static void *watch(void *ctx)
{
	struct watch *w = ctx;
	_cleanup_(arena_freep) struct arena *a = arena_new(1 << 20);
	while (!*w->stop || w->looked == 0) {
		struct db *db = store_reader(w->store);
		struct q_applied_all_row *rows;
		size_t first, second;
		if (!db || q_applied_all(db, a, &rows, &first) != OK || q_applied_all(db, a, &rows, &second) != OK ||
		    first != second || first % 2)
			w->torn = true;
		if (db)
			store_reader_done(w->store, db);
		arena_reset(a);
		w->looked++;
	}
	return NULL;
}

static void readers_see_whole_transactions_only(void **state)
{
	struct fixture *f = *state;
	_Atomic bool stop = false;
	struct watch watches[6]; /* more than there are connections */
	for (size_t i = 0; i < COUNT_OF(watches); i++) {
		watches[i] = (struct watch){ .store = f->store, .stop = &stop };
		assert_int_equal(pthread_create(&watches[i].thread, NULL, watch, &watches[i]), 0);
	}
	for (int i = 0; i < 300; i++) {
		struct work w = { .number = i, .fails = i % 7 == 3 };
		assert_int_equal(store_tx(f->store, insert_two, &w), w.fails ? ERR_DENIED : OK);
	}
	stop = true;
	for (size_t i = 0; i < COUNT_OF(watches); i++) {
		assert_int_equal(pthread_join(watches[i].thread, NULL), 0);
		assert_false(watches[i].torn);
		assert_true(watches[i].looked > 0);
	}
}

/* ---- many who write ---- */

enum { WRITERS = 12, EACH = 60 };

struct crowd {
	struct store *store;
	int64_t from;
	size_t wrong;
	pthread_t thread;
};

static void *write_each(void *ctx)
{
	struct crowd *c = ctx;
	for (int64_t i = 0; i < EACH; i++) {
		struct work w = { .store = c->store, .number = c->from + i, .fails = i % 7 == 3 };
		c->wrong += store_tx(c->store, insert_two, &w) != (w.fails ? ERR_DENIED : OK);
	}
	return NULL;
}

/* Some write for themselves, some in the writer thread's group, and checkpoints come between. No reader: a checkpoint waits for
 * those, at most two seconds. */
static void everybody_writes_at_once(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		crowd[i] = (struct crowd){ .store = f->store, .from = i * EACH };
		assert_int_equal(pthread_create(&crowd[i].thread, NULL, write_each, &crowd[i]), 0);
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(store_checkpoint(f->store), OK);
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(crowd[i].thread, NULL), 0);
		assert_int_equal(crowd[i].wrong, 0);
	}
	/* Of each sixty, nine fail. */
	assert_int_equal(count_applied(f, NULL), WRITERS * (EACH - 9) * 2);
}

/* ---- a full disk ---- */

struct big {
	struct arena *arena;
	uint32_t number;
	size_t n;
};

static enum err insert_big(struct db *db, void *ctx)
{
	const struct big *b = ctx;
	struct row_idempotency r = { .user_id = id_of('u', b->number), .token = id_of('t', b->number), .stored = 1,
	                             .answer = bytes_of(b->arena, 3, b->n) };
	return q_idempotency_insert(db, &r);
}

static void limit_files(struct fixture *f, size_t more)
{
	char path[128];
	struct stat st;
	struct rlimit l;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	(void)snprintf(path, sizeof path, "%s/avstamp.db-wal", f->directory);
	assert_int_equal(stat(path, &st), 0);
	l.rlim_cur = more ? (rlim_t)st.st_size + more : l.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static size_t count_big(struct fixture *f)
{
	struct db *db = store_reader(f->store);
	struct row_idempotency *rows;
	size_t n;
	assert_non_null(db);
	assert_int_equal(q_idempotency_old(db, f->arena, 2, 10000, &rows, &n), OK);
	store_reader_done(f->store, db);
	return n;
}

static void count_finding(void *ctx, struct str finding)
{
	(void)finding;
	(*(size_t *)ctx)++;
}

static void check_whole(struct fixture *f, size_t expected)
{
	struct db *db;
	size_t findings = 0;
	assert_int_equal(count_big(f), expected);
	db = store_reader(f->store);
	assert_int_equal(store_check(db, count_finding, &findings), OK);
	assert_int_equal(findings, 0);
	store_reader_done(f->store, db);
}

static void a_full_disk_loses_nothing_that_was_answered(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena, .n = 5000 };
	size_t answered = 0;
	enum err e = OK;
	(void)signal(SIGXFSZ, SIG_IGN);
	limit_files(f, 200 << 10);
	while (e == OK && b.number < 200) {
		b.number++;
		e = store_tx(f->store, insert_big, &b);
		answered += e == OK;
	}
	assert_int_equal(e, ERR_IO);
	assert_true(answered > 5);
	check_whole(f, answered);
	limit_files(f, 0);
	assert_int_equal(store_tx(f->store, insert_big, &b), OK);
	check_whole(f, answered + 1);
	fixture_reopen(f);
	check_whole(f, answered + 1);
}

/* A job larger than the cache fails in the middle and takes the transaction with it. */
static void a_full_disk_in_the_middle_leaves_nothing_half(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena, .number = 1, .n = 1000 };
	assert_int_equal(store_tx(f->store, insert_big, &b), OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	limit_files(f, 64 << 10);
	b.number = 2;
	b.n = 6 << 20;
	assert_int_equal(store_tx(f->store, insert_big, &b), ERR_IO);
	check_whole(f, 1);
	limit_files(f, 0);
	assert_int_equal(store_tx(f->store, insert_big, &b), OK);
	check_whole(f, 2);
}

/* ---- checkpoints ---- */

static _Atomic size_t flushes;

/* The engine's flushes, counted: this program's own name comes before the C library's. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
	flushes++;
	return (int)syscall(SYS_fdatasync, fd);
}

static uint64_t journal_bytes(const struct fixture *f)
{
	char path[128];
	struct stat st;
	(void)snprintf(path, sizeof path, "%s/avstamp.db-wal", f->directory);
	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

/* Commits `n` values of `size` bytes while some reader is always in the middle of a transaction, as under load. */
static void write_under_readers(struct fixture *f, struct big *b, int n, size_t size)
{
	struct db *reader = store_reader(f->store), *next;
	b->n = size;
	for (int i = 0; i < n; i++) {
		b->number++;
		assert_int_equal(store_tx(f->store, insert_big, b), OK);
		next = store_reader(f->store);
		(void)count_applied(f, NULL);
		store_reader_done(f->store, reader);
		reader = next;
	}
	store_reader_done(f->store, reader);
}

/* A journal that readers keep from beginning anew is not copied out after each commit. */
static void a_long_journal_costs_no_flush_a_commit(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena };
	write_under_readers(f, &b, 20, 600 << 10);
	size_t before = flushes;
	write_under_readers(f, &b, 400, 10);
	/* One a commit, and those of one checkpoint that may still run. */
	assert_in_range(flushes - before, 400, 420);
	check_whole(f, 420);
}

/* Nor does it grow without end: the writer begins it anew as soon as nobody reads the old one. */
static void a_long_journal_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena };
	uint64_t most = 0;
	for (int i = 0; i < 9; i++) {
		write_under_readers(f, &b, 10, 600 << 10);
		most = most > journal_bytes(f) ? most : journal_bytes(f);
		arena_reset(f->arena);
	}
	/* Fifty-three megabytes were written. */
	assert_in_range(most, 8 << 20, 46 << 20);
	check_whole(f, 90);
}

static void what_is_too_large_is_said(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena, .number = 1, .n = 9 << 20 };
	assert_int_equal(store_tx(f->store, insert_big, &b), ERR_TOO_LARGE);
	b.n = 10;
	assert_int_equal(store_tx(f->store, insert_big, &b), OK);
}

/* ---- the journal stays short ---- */

static void the_journal_is_moved_into_the_file(void **state)
{
	struct fixture *f = *state;
	struct big b = { .arena = f->arena, .n = 3000 }; /* some 2000 pages and more */
	char path[128];
	struct stat wal, file;
	for (b.number = 1; b.number <= 1200; b.number++)
		assert_int_equal(store_tx(f->store, insert_big, &b), OK);
	(void)snprintf(path, sizeof path, "%s/avstamp.db-wal", f->directory);
	assert_int_equal(stat(path, &wal), 0);
	assert_true(wal.st_size < 80 << 20);
	assert_int_equal(store_checkpoint(f->store), OK);
	assert_int_equal(stat(path, &wal), 0);
	assert_int_equal(wal.st_size, 0);
	(void)snprintf(path, sizeof path, "%s/avstamp.db", f->directory);
	assert_int_equal(stat(path, &file), 0);
	assert_true(file.st_size > 3 << 20);
}

/* The same holds where one thread does everything over one connection. */
static int set_up_alone(void **state)
{
	if (set_up(state) != 0)
		return -1;
	struct fixture *f = *state;
	f->alone = true;
	fixture_reopen(f);
	return 0;
}

static void alone_what_was_written_is_there_for_others(void **state)
{
	struct fixture *f = *state;
	struct work w = { .number = 5 };
	assert_int_equal(count_applied(f, NULL), 0);
	assert_int_equal(store_tx(f->store, insert_two, &w), OK);
	assert_int_equal(count_applied(f, NULL), 2);
	f->alone = false;
	fixture_reopen(f);
	assert_int_equal(count_applied(f, NULL), 2);
	w.number = 9;
	assert_int_equal(store_tx(f->store, insert_two, &w), OK);
	assert_int_equal(count_applied(f, NULL), 4);
}

int main(void)
{
#define ALONE(name) cmocka_unit_test_setup_teardown(name, set_up_alone, tear_down)
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_failing_job_rolls_back_alone),
		CASE(a_lone_failing_job_leaves_nothing),
		CASE(a_taken_key_is_a_conflict),
		CASE(a_stream_has_no_gap_and_no_double),
		CASE(a_version_is_the_next_one_or_a_conflict),
		CASE(a_rung_fires_once),
		CASE(readers_see_whole_transactions_only),
		CASE(everybody_writes_at_once),
		CASE(a_full_disk_loses_nothing_that_was_answered),
		CASE(a_full_disk_in_the_middle_leaves_nothing_half),
		CASE(a_long_journal_costs_no_flush_a_commit),
		CASE(a_long_journal_begins_anew),
		CASE(what_is_too_large_is_said),
		CASE(the_journal_is_moved_into_the_file),
		ALONE(a_lone_failing_job_leaves_nothing),
		ALONE(a_taken_key_is_a_conflict),
		ALONE(a_stream_has_no_gap_and_no_double),
		ALONE(a_version_is_the_next_one_or_a_conflict),
		ALONE(a_full_disk_in_the_middle_leaves_nothing_half),
		ALONE(what_is_too_large_is_said),
		ALONE(the_journal_is_moved_into_the_file),
		ALONE(alone_what_was_written_is_there_for_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

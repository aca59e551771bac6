/* tests/unit/test_crypto_log.c — the log writer and reader: order, recovery, room, sealed bodies. */
#include "crypto_log_help.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void there_and_back(void **state)
{
	(void)state;
	struct logged w;
	struct log_reader *r = NULL;
	struct log_record rec;
	uint64_t n = 0;
	logged_begin(&w);
	w.options.segment_bytes = 8192;
	logged_history(&w, 300, 20);
	struct arena *a = help_arena();
	assert_int_equal(log_reader_new(a, w.dir_fd, &r), OK);
	int64_t time = 0;
	while (log_reader_next(r, &rec) == OK) {
		assert_int_equal(rec.entry.seq, n);
		assert_true(rec.entry.time_us >= time);
		time = rec.entry.time_us;
		n++;
	}
	assert_true(n > 300 && rec.segment > 3);
	assert_int_equal(log_reader_next(r, &rec), ERR_NOT_FOUND);
	for (uint64_t i = n; i-- > 0;) {
		assert_int_equal(log_reader_prev(r, &rec), OK);
		assert_int_equal(rec.entry.seq, i);
	}
	assert_int_equal(log_reader_prev(r, &rec), ERR_NOT_FOUND);
	for (uint64_t i = 0; i < n; i += 37) {
		assert_int_equal(log_reader_seek(r, i), OK);
		assert_int_equal(log_reader_next(r, &rec), OK);
		assert_int_equal(rec.entry.seq, i);
	}
	assert_int_equal(log_reader_seek(r, n), OK);
	assert_int_equal(log_reader_prev(r, &rec), OK);
	assert_int_equal(rec.entry.seq, n - 1);
	assert_int_equal(log_reader_seek(r, n + 1), ERR_NOT_FOUND);
	/* By the moment: before the first entry of it or later. */
	int64_t newest = rec.entry.time_us;
	for (uint64_t i = 0; i < n; i += 37) {
		assert_int_equal(log_reader_seek(r, i), OK);
		assert_int_equal(log_reader_next(r, &rec), OK);
		int64_t then = rec.entry.time_us;
		assert_int_equal(log_reader_seek_time(r, then), OK);
		assert_int_equal(log_reader_next(r, &rec), OK);
		assert_true(rec.entry.time_us == then && rec.entry.seq <= i);
		assert_int_equal(log_reader_prev(r, &rec), OK);
		if (log_reader_prev(r, &rec) == OK)
			assert_true(rec.entry.time_us < then);
	}
	assert_int_equal(log_reader_seek_time(r, 0), OK);
	assert_int_equal(log_reader_prev(r, &rec), ERR_NOT_FOUND);
	assert_int_equal(log_reader_seek_time(r, newest + 1), OK);
	assert_int_equal(log_reader_next(r, &rec), ERR_NOT_FOUND);
	assert_int_equal(log_reader_prev(r, &rec), OK);
	assert_int_equal(rec.entry.seq, n - 1);
	log_reader_close(r);
	arena_free(a);
	logged_end(&w);
}

static void time_is_raised(void **state)
{
	(void)state;
	struct logged w;
	uint64_t seq = 0;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	int64_t newest = log_newest_time(l);
	assert_int_equal(log_append(l, &(struct log_new){ .class = LOG_OPEN, .time_us = newest - 1000000 }, &seq), OK);
	assert_int_equal(log_newest_time(l), newest);
	assert_int_equal(seq, 1);
	assert_int_equal(log_size(l), 2);
	assert_int_equal(log_durable(l), 1);
	log_flush(l);
	assert_int_equal(log_durable(l), 2);
	log_close(l);
	logged_end(&w);
}

static void not_flushed_never_happened(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	log_flush(l);
	logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	log_close(l);
	l = logged_open(&w);
	assert_int_equal(log_size(l), 2);
	struct log *second = NULL;
	assert_int_equal(log_create(&w.options, 1, 1, &second), ERR_EXISTS);
	log_close(l);
	int empty = help_directory();
	struct log_options o = w.options;
	o.dir_fd = empty;
	assert_int_equal(log_open(&o, &second), ERR_NOT_FOUND);
	logged_end(&w);
}

static void open_intents(void **state)
{
	(void)state;
	struct logged w;
	size_t n = 0;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	uint64_t a = logged_save(&w, l, 1, 1), b = logged_save(&w, l, 2, 1);
	logged_checkpoint(&w, l);
	uint64_t c = logged_save(&w, l, 3, 1);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, a);
	log_flush(l);
	log_close(l);
	for (int state_lost = 0; state_lost < 2; state_lost++) {
		if (state_lost == 1)
			assert_int_equal(unlinkat(w.dir_fd, "state", 0), 0);
		l = logged_open(&w);
		const uint64_t *open = log_open_intents(l, &n);
		assert_int_equal(n, 2);
		assert_int_equal(open[0], b);
		assert_int_equal(open[1], c);
		log_close(l);
	}
	logged_end(&w);
}

/* ---- torn tails and damage --------------------------------------------------------------------------------------- */

static uint64_t end_of(struct logged *w)
{
	uint32_t segment;
	uint64_t end;
	struct log *l = logged_open(w);
	log_end_place(l, &segment, &end);
	assert_int_equal(segment, 1);
	log_close(l);
	return end;
}

static void torn_tail(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	logged_history(&w, 20, 9);
	uint64_t before = end_of(&w);
	struct log *l = logged_open(&w);
	uint64_t size = log_size(l);
	for (int i = 0; i < 3; i++)
		logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	log_flush(l); /* one group of three, as a crash may leave it */
	log_close(l);
	uint64_t after = end_of(&w);
	int dir = help_directory();
	for (uint64_t cut = before; cut < after; cut += 13) {
		for (int how = 0; how < 2; how++) {
			static uint8_t junk[64];
			memset(junk, how == 0 ? 0 : 0xa5, sizeof(junk));
			help_copy_directory(w.dir_fd, dir);
			int fd = openat(dir, "000001.avl", O_RDWR);
			for (uint64_t at = cut; at < after; at += sizeof(junk))
				assert_true(pwrite(fd, junk, sizeof(junk), (off_t)at) > 0);
			close(fd);
			struct log_options o = w.options;
			o.dir_fd = dir;
			struct log *again = NULL;
			assert_int_equal(log_open(&o, &again), OK);
			assert_in_range(log_size(again), size, size + 2);
			if (how == 1)
				assert_true(log_cut_bytes(again) > 0);
			struct logged v = w;
			v.options = o;
			logged_add(&v, again, LOG_START, LOG_NONE, log_size(again));
			logged_checkpoint(&v, again);
			log_close(again);
			assert_int_equal(verify_run(&w, dir, STR_UNSET, NULL).worst, VERIFY_OK);
		}
	}
	logged_end(&w);
}

static void damage_is_no_torn_tail(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	logged_history(&w, 20, 9);
	uint64_t before = end_of(&w);
	struct log *l = logged_open(&w);
	for (int i = 0; i < 3; i++) {
		logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
		log_flush(l); /* each was answered for before the next was appended */
	}
	log_close(l);
	int dir = help_directory();
	for (int how = 0; how < 2; how++) {
		uint8_t junk[40];
		memset(junk, how == 0 ? 0 : 0xa5, sizeof(junk));
		help_copy_directory(w.dir_fd, dir);
		int fd = openat(dir, "000001.avl", O_RDWR);
		assert_int_equal(pwrite(fd, junk, sizeof(junk), (off_t)before), sizeof(junk));
		close(fd);
		struct log_options o = w.options;
		struct log *again = NULL;
		o.dir_fd = dir;
		assert_int_equal(log_open(&o, &again), ERR_CORRUPT);
	}
	logged_end(&w);
}

static void damaged_state(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	logged_history(&w, 50, 9);
	struct log *l = logged_open(&w);
	uint64_t size = log_size(l);
	log_close(l);
	struct arena *a = help_arena();
	struct str s = STR_UNSET;
	assert_int_equal(file_read_small(a, w.dir_fd, "state", LOG_CLEAR_MAX, &s), OK);
	int fd = openat(w.dir_fd, "state", O_RDWR);
	for (size_t i = 0; i < s.n; i += 5) {
		uint8_t c = (uint8_t)(s.p[i] ^ 1);
		assert_int_equal(pwrite(fd, &c, 1, (off_t)i), 1);
		l = logged_open(&w);
		assert_int_equal(log_size(l), size);
		log_close(l);
		assert_int_equal(pwrite(fd, s.p + i, 1, (off_t)i), 1);
	}
	close(fd);
	/* The newest of the two copies of the checkpoint counts; without any the log is not opened. */
	assert_int_equal(unlinkat(w.dir_fd, "checkpoint", 0), 0);
	l = logged_open(&w);
	assert_int_equal(log_covered(l), size);
	log_close(l);
	fd = openat(w.dir_fd, "checkpoints", O_RDWR);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	assert_int_equal(log_open(&w.options, &l), ERR_CORRUPT);
	arena_free(a);
	logged_end(&w);
}

/* ---- room ------------------------------------------------------------------------------------------------------------ */

static void disk_full_in_child(struct logged *w)
{
	struct log *l = logged_open(w);
	static struct log_row rows[2000];
	uint64_t seq = 0, n = 0;
	struct rlimit limit = { 6 * 1024 * 1024, 6 * 1024 * 1024 };
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(2);
	struct log_new big = { .class = LOG_SAVE, .time_us = w->time_us, .rows = rows, .n_rows = COUNT_OF(rows) };
	enum err e;
	while ((e = log_append(l, &big, &seq)) == OK && n++ < 1000)
		log_flush(l);
	if (e != ERR_LOG_FULL || n < 10)
		_exit(3);
	struct log_new small = { .class = LOG_OPEN, .time_us = w->time_us };
	while ((e = log_append(l, &small, &seq)) == OK && n++ < 100000)
		continue;
	uint64_t size = log_size(l);
	if (e != ERR_LOG_FULL || log_append(l, &small, &seq) != ERR_LOG_FULL || log_size(l) != size)
		_exit(4);
	/* Lock, logout and denials still have their reserve. */
	for (int i = 0; i < 1000; i++)
		if (log_append(l, &(struct log_new){ .class = LOG_LOGIN, .time_us = w->time_us, .urgent = true }, &seq) != OK)
			_exit(5);
	log_flush(l);
	struct str note = STR_UNSET;
	if (log_checkpoint(l, 1, &note) != OK)
		_exit(6);
	log_close(l);
	_exit(0);
}

static void disk_full(void **state)
{
	(void)state;
	struct logged w;
	int status = 0;
	logged_begin(&w);
	logged_history(&w, 20, 9);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		disk_full_in_child(&w);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	struct log *l = logged_open(&w);
	log_close(l);
	logged_end(&w);
}

static void failed_write_in_child(struct logged *w)
{
	struct log *l = logged_open(w);
	char name[64];
	int null = open("/dev/full", O_WRONLY);
	/* The segment's own descriptor becomes one that refuses every write. */
	for (int fd = 3; fd < 64; fd++) {
		char link[64];
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t n = readlink(link, name, sizeof(name) - 1);
		if (n > 0 && memmem(name, (size_t)n, "000001.avl", 10) != NULL)
			dup2(null, fd);
	}
	logged_add(w, l, LOG_OPEN, LOG_NONE, 0);
	dup2(null, STDERR_FILENO);
	log_flush(l);
	_exit(0);
}

static void failed_write_ends_the_process(void **state)
{
	(void)state;
	struct logged w;
	int status = 0;
	logged_begin(&w);
	logged_history(&w, 5, 9);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		failed_write_in_child(&w);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	logged_end(&w);
}

static void too_large(void **state)
{
	(void)state;
	struct logged w;
	uint64_t seq = 0;
	static char text[70000];
	static struct log_row rows[LOG_ROWS_MAX + 1];
	logged_begin(&w);
	struct log *l = logged_create(&w);
	struct log_new n = { .class = LOG_ADMIN, .clear_body = { text, sizeof(text) } };
	assert_int_equal(log_append(l, &n, &seq), ERR_TOO_LARGE);
	n = (struct log_new){ .class = LOG_SAVE, .rows = rows, .n_rows = LOG_ROWS_MAX + 1 };
	assert_int_equal(log_append(l, &n, &seq), ERR_TOO_LARGE);
	n.n_rows = LOG_ROWS_MAX;
	assert_int_equal(log_append(l, &n, &seq), OK);
	struct log_seal seal = { .controller = id_of(1), .body = { text, 65000 } };
	struct key32 *k = key_of(0x33);
	key32_box_public(k, seal.review_key);
	key32_free(k);
	n = (struct log_new){ .class = LOG_OPEN, .seal = &seal };
	assert_int_equal(log_append(l, &n, &seq), ERR_TOO_LARGE);
	seal.body.n = 60000;
	assert_int_equal(log_append(l, &n, &seq), OK);
	logged_checkpoint(&w, l);
	log_close(l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	logged_end(&w);
}

/* ---- bodies -------------------------------------------------------------------------------------------------------------- */

static void bodies(void **state)
{
	(void)state;
	struct logged w;
	struct log_reader *r = NULL;
	struct log_record rec;
	struct id16 whose = { { 0 } };
	uint64_t first = 0, second = 0, third = 0;
	logged_begin(&w);
	struct key32 *review = key_of(0x33), *other = key_of(0x34), *interval = key32_new();
	struct log_seal seal = { .controller = id_of(1), .body = STR("vem:5:karin\n") };
	key32_box_public(review, seal.review_key);
	struct log *l = logged_create(&w);
	struct log_new n = { .class = LOG_OPEN, .time_us = w.time_us, .mono_ns = 1, .seal = &seal };
	assert_int_equal(log_append(l, &n, &first), OK);
	assert_int_equal(log_append(l, &n, &second), OK);
	assert_int_equal(first, 2); /* the interval's key stands before */
	assert_int_equal(second, 3);
	logged_checkpoint(&w, l);
	assert_int_equal(log_append(l, &n, &third), OK);
	assert_int_equal(third, 5); /* a new interval, a new key */
	n.mono_ns += UINT64_C(61000000000);
	assert_int_equal(log_append(l, &n, &third), OK);
	assert_int_equal(third, 7); /* also without a checkpoint after a minute */
	for (int i = 0; i < 256; i++)
		assert_int_equal(log_append(l, &n, &third), OK);
	assert_int_equal(third, 8 + 256); /* and after 256 entries */
	log_flush(l);
	log_close(l);

	struct arena *a = help_arena();
	struct str plain = STR_UNSET;
	assert_int_equal(log_reader_new(a, w.dir_fd, &r), OK);
	assert_int_equal(log_reader_seek(r, 1), OK);
	assert_int_equal(log_reader_next(r, &rec), OK);
	assert_int_equal(rec.entry.class, LOG_LOG_KEY);
	assert_int_equal(log_key_open(rec.body, other, &whose, interval), ERR_DENIED);
	assert_int_equal(log_key_open(rec.body, review, &whose, interval), OK);
	assert_true(id_eq(whose, id_of(1)));
	assert_int_equal(log_reader_next(r, &rec), OK);
	assert_int_equal(rec.entry.key_seq, 1);
	assert_null(memmem(rec.body.p, rec.body.n, "karin", 5));
	assert_int_equal(log_body_open(a, &rec.entry, rec.body, interval, &plain), OK);
	assert_true(str_eq(plain, seal.body));
	struct log_entry moved = rec.entry;
	moved.seq++;
	assert_int_equal(log_body_open(a, &moved, rec.body, interval, &plain), ERR_CORRUPT);
	assert_int_equal(log_body_open(a, &rec.entry, rec.body, other, &plain), ERR_CORRUPT);
	assert_int_equal(log_reader_seek(r, 5), OK);
	assert_int_equal(log_reader_next(r, &rec), OK);
	assert_int_equal(log_body_open(a, &rec.entry, rec.body, interval, &plain), ERR_CORRUPT); /* next interval */
	log_reader_close(r);
	arena_free(a);
	key32_free(review);
	key32_free(other);
	key32_free(interval);
	logged_end(&w);
}

/* ---- a crash between any two steps: the directory as it was at every moment -------------------------------------------- */

static void between_segments(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	w.options.segment_bytes = 8192;
	logged_history(&w, 60, 9);
	/* The vault died after making a segment and before cutting the room off the one before. */
	uint32_t segment = 0;
	uint64_t end = 0;
	struct log *l = logged_open(&w);
	log_end_place(l, &segment, &end);
	log_close(l);
	assert_true(segment >= 2);
	char name[LOG_SEGMENT_NAME];
	struct stat st;
	log_segment_name(segment - 1, name);
	int fd = openat(w.dir_fd, name, O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(ftruncate(fd, st.st_size + 1000000), 0);
	assert_int_equal(unlinkat(w.dir_fd, "state", 0), 0);
	l = logged_open(&w);
	log_close(l);
	struct stat now;
	assert_int_equal(fstat(fd, &now), 0);
	assert_int_equal(now.st_size, st.st_size);
	close(fd);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	logged_end(&w);
}

/* A state that still knows of entries which are gone must not make the log look whole (W3). */
static void cut_behind_the_state(void **state)
{
	(void)state;
	struct logged w;
	struct log *l = NULL;
	logged_begin(&w);
	logged_history(&w, 30, 9);
	uint64_t end = end_of(&w);
	int fd = openat(w.dir_fd, "000001.avl", O_RDWR);
	assert_int_equal(ftruncate(fd, (off_t)end - 100), 0);
	assert_int_equal(log_open(&w.options, &l), ERR_CORRUPT);
	assert_int_equal(ftruncate(fd, (off_t)end + 100), 0); /* zeros where the last entries were */
	assert_int_equal(log_open(&w.options, &l), ERR_CORRUPT);
	close(fd);
	logged_end(&w);
}

/* A start reads what follows the state, not the whole log: it does not even look at a damaged old entry. */
static void quick_start(void **state)
{
	(void)state;
	struct logged w;
	struct log *l = NULL;
	logged_begin(&w);
	logged_history(&w, 30, 9);
	int fd = openat(w.dir_fd, "000001.avl", O_RDWR);
	assert_int_equal(pwrite(fd, "x", 1, 2000), 1);
	close(fd);
	assert_int_equal(log_open(&w.options, &l), OK);
	log_close(l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_ALTERED);
	assert_int_equal(unlinkat(w.dir_fd, "state", 0), 0);
	assert_int_equal(log_open(&w.options, &l), ERR_CORRUPT);
	logged_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(time_is_raised), cmocka_unit_test(not_flushed_never_happened),
		cmocka_unit_test(open_intents), cmocka_unit_test(torn_tail), cmocka_unit_test(damage_is_no_torn_tail),
		cmocka_unit_test(damaged_state), cmocka_unit_test(disk_full), cmocka_unit_test(failed_write_ends_the_process),
		cmocka_unit_test(too_large), cmocka_unit_test(cut_behind_the_state), cmocka_unit_test(quick_start), cmocka_unit_test(bodies), cmocka_unit_test(between_segments),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto log", tests, NULL, NULL);
}

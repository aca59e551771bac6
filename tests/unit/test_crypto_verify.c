/* tests/unit/test_crypto_verify.c — what verify must find, and what it must not. */
#include "crypto_log_help.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void clean_log(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	logged_history(&w, 200, 10);
	struct findings f = verify_run(&w, w.dir_fd, STR_UNSET, NULL);
	assert_int_equal(f.worst, VERIFY_OK);
	assert_true(f.entries > 200);
	assert_int_equal(f.covered, f.entries);
	logged_end(&w);
}

/* ---- flipped bytes, cut tails, moved records ------------------------------------------------------------------- */

static bool has_zero_room(int fd, off_t at)
{
	char b[64];
	if (pread(fd, b, sizeof(b), at) < 1)
		return true;
	for (size_t i = 0; i < sizeof(b); i++)
		if (b[i] != 0)
			return false;
	return true;
}

static void flip_file(struct logged *w, const char *name, uint64_t end)
{
	int fd = openat(w->dir_fd, name, O_RDWR);
	struct stat st;
	unsigned missed = 0;
	fstat(fd, &st);
	off_t size = end != 0 ? (off_t)end : st.st_size;
	for (off_t i = 0; i < size; i += 1 + (size > 3000 ? i % 6 : 0)) {
		uint8_t b, c;
		assert_int_equal(pread(fd, &b, 1, i), 1);
		c = (uint8_t)(b ^ (1u << (i % 8)));
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
		struct findings f = verify_run(w, w->dir_fd, STR_UNSET, NULL);
		if (f.worst == VERIFY_OK) {
			missed++;
			print_error("%s byte %lld is not seen\n", name, (long long)i);
		}
		assert_int_equal(pwrite(fd, &b, 1, i), 1);
	}
	assert_int_equal(missed, 0);
	close(fd);
}

static void every_byte(void **state)
{
	(void)state;
	struct logged w;
	uint32_t segment = 0;
	uint64_t end = 0;
	logged_begin(&w);
	w.options.segment_bytes = 4096;
	logged_history(&w, 45, 7);
	struct log *l = logged_open(&w);
	log_end_place(l, &segment, &end);
	log_close(l);
	assert_true(segment > 1);
	for (uint32_t s = 1; s <= segment; s++) {
		char name[LOG_SEGMENT_NAME];
		log_segment_name(s, name);
		flip_file(&w, name, s == segment ? end : 0);
	}
	flip_file(&w, "checkpoint", 0);
	flip_file(&w, "checkpoints", 0);
	flip_file(&w, "state", 0);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	/* The control: a flip in the empty room behind the last record changes nothing that was signed. */
	char name[LOG_SEGMENT_NAME];
	log_segment_name(segment, name);
	int fd = openat(w.dir_fd, name, O_RDWR);
	assert_true(has_zero_room(fd, (off_t)end));
	assert_int_equal(pwrite(fd, "x", 1, (off_t)end + 30), 1);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	close(fd);
	logged_end(&w);
}

/* The file of one segment with records [from, to) taken out, and put in again at `at` (SIZE_MAX: not). */
static void move_record(struct logged *w, const uint64_t *place, size_t from, size_t to, size_t at, int dir_fd)
{
	struct str s = STR_UNSET;
	struct arena *a = arena_new(70 * 1024 * 1024);
	help_copy_directory(w->dir_fd, dir_fd);
	assert_int_equal(file_read_small(a, w->dir_fd, "000001.avl", 64 * 1024 * 1024, &s), OK);
	char *p = arena_take(a, 2 * s.n);
	size_t n = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (at != SIZE_MAX && i == place[at]) {
			memcpy(p + n, s.p + place[from], place[to] - place[from]);
			n += place[to] - place[from];
		}
		if (i < s.n && (i < place[from] || i >= place[to] || (at != SIZE_MAX && at >= from && at <= to)))
			p[n++] = s.p[i];
	}
	assert_int_equal(file_write_soon(dir_fd, "000001.avl", (struct str){ p, n }), OK);
	arena_free(a);
}

static size_t places(struct logged *w, uint64_t *ret)
{
	struct log_reader *r = NULL;
	struct log_record rec;
	struct arena *a = help_arena();
	size_t n = 0;
	assert_int_equal(log_reader_new(a, w->dir_fd, &r), OK);
	while (log_reader_next(r, &rec) == OK) {
		ret[n++] = rec.offset;
		ret[n] = rec.offset + rec.size;
	}
	log_reader_close(r);
	arena_free(a);
	return n;
}

static void moved_records(void **state)
{
	(void)state;
	struct logged w;
	uint64_t place[128];
	logged_begin(&w);
	logged_history(&w, 40, 9);
	size_t n = places(&w, place);
	int dir = help_directory();
	for (size_t i = 1; i < n; i += 3) {
		move_record(&w, place, i, i + 1, SIZE_MAX, dir); /* taken out */
		assert_int_not_equal(verify_run(&w, dir, STR_UNSET, NULL).worst, VERIFY_OK);
		move_record(&w, place, i, i + 1, i, dir); /* doubled */
		assert_int_not_equal(verify_run(&w, dir, STR_UNSET, NULL).worst, VERIFY_OK);
		move_record(&w, place, i, i + 1, i > 3 ? i - 3 : n - 1, dir); /* moved */
		assert_int_not_equal(verify_run(&w, dir, STR_UNSET, NULL).worst, VERIFY_OK);
	}
	logged_end(&w);
}

static void cut_tails(void **state)
{
	(void)state;
	struct logged w;
	uint64_t place[128];
	logged_begin(&w);
	logged_history(&w, 30, 9);
	struct log *l = logged_open(&w);
	uint64_t covered = log_covered(l);
	logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	log_flush(l);
	log_close(l);
	size_t n = places(&w, place);
	int dir = help_directory();
	for (size_t i = 1; i < n; i++) {
		help_copy_directory(w.dir_fd, dir);
		int fd = openat(dir, "000001.avl", O_RDWR);
		assert_int_equal(ftruncate(fd, (off_t)place[i]), 0);
		close(fd);
		struct findings f = verify_run(&w, dir, STR_UNSET, NULL);
		assert_int_equal(f.worst, i < covered ? VERIFY_TRUNCATED : VERIFY_OK);
		struct log_options o = w.options;
		struct log *again = NULL;
		o.dir_fd = dir;
		enum err e = log_open(&o, &again);
		assert_int_equal(e, i < covered ? ERR_CORRUPT : OK);
		log_close(again);
	}
	logged_end(&w);
}

/* ---- forks and checkpoints kept elsewhere ---------------------------------------------------------------------- */

static void forks(void **state)
{
	(void)state;
	static struct logged w, v;
	static char kept[CHECKPOINT_NOTE_MAX];
	logged_begin(&w);
	logged_history(&w, 30, 9);
	int old = help_directory(), other = help_directory();
	help_copy_directory(w.dir_fd, old);
	/* The history goes on in two ways. */
	struct log *l = logged_open(&w);
	logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	logged_checkpoint(&w, l);
	struct str note = log_note(l);
	memcpy(kept, note.p, note.n);
	note = (struct str){ kept, note.n };
	log_close(l);
	help_copy_directory(old, other);
	v = w;
	v.options.dir_fd = other;
	l = logged_open(&v);
	logged_add(&v, l, LOG_LOGIN, LOG_NONE, 0);
	logged_checkpoint(&v, l);
	log_close(l);
	assert_int_equal(verify_run(&w, w.dir_fd, note, NULL).worst, VERIFY_OK);
	assert_int_equal(verify_run(&w, other, STR_UNSET, NULL).worst, VERIFY_OK);
	assert_int_equal(verify_run(&w, other, note, NULL).worst, VERIFY_FORK);
	assert_int_equal(verify_run(&w, old, note, NULL).worst, VERIFY_TRUNCATED);
	/* Control: an older checkpoint of the common history is fine with both. */
	struct arena *a = help_arena();
	struct str common = STR_UNSET;
	assert_int_equal(file_read_small(a, old, "checkpoint", CHECKPOINT_NOTE_MAX, &common), OK);
	assert_int_equal(verify_run(&w, w.dir_fd, common, NULL).worst, VERIFY_OK);
	assert_int_equal(verify_run(&w, other, common, NULL).worst, VERIFY_OK);
	arena_free(a);
	logged_end(&w);
}

static void other_keys(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	logged_history(&w, 10, 9);
	/* Somebody writes a whole log of his own: everything in it is right, but not the fingerprint. */
	struct logged v = w;
	uint8_t public[32];
	v.dir_fd = v.options.dir_fd = help_directory();
	v.key = key_of(0x71);
	v.options.sign = v.key;
	struct trust *t = ARENA_NEW(w.a, struct trust);
	key32_sign_public(v.key, public);
	logged_trust(t, public);
	v.options.trust_text = trust_text(w.a, t);
	logged_history(&v, 10, 9);
	assert_int_equal(verify_run(&v, v.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	assert_int_equal(verify_run(&w, v.dir_fd, STR_UNSET, NULL).worst, VERIFY_SIGNATURE);
	struct log *l = NULL;
	struct log_options o = w.options;
	o.dir_fd = v.dir_fd;
	assert_int_equal(log_open(&o, &l), ERR_CORRUPT);
	o.trust_text = v.options.trust_text;
	assert_int_equal(log_open(&o, &l), ERR_CORRUPT);
	key32_free(v.key);
	logged_end(&w);
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static void heartbeats(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_START, LOG_NONE, 1);
	w.mono_ns += UINT64_C(88000000000);
	logged_add(&w, l, LOG_HEARTBEAT, LOG_NONE, 0);
	logged_checkpoint(&w, l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	/* A new start after hours is no gap, neither in the same boot nor in another. */
	w.mono_ns += UINT64_C(9000000000000);
	w.time_us += INT64_C(9000000000);
	logged_add(&w, l, LOG_START, LOG_NONE, log_size(l));
	logged_checkpoint(&w, l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	w.mono_ns += UINT64_C(90000000000);
	uint64_t late = logged_add(&w, l, LOG_OPEN, LOG_NONE, 0);
	logged_checkpoint(&w, l);
	struct findings f = verify_run(&w, w.dir_fd, STR_UNSET, NULL);
	assert_int_equal(f.worst, VERIFY_HEARTBEAT);
	assert_int_equal(f.count[VERIFY_HEARTBEAT], 1);
	for (unsigned i = 0; i < f.n; i++)
		if (f.list[i].code == VERIFY_HEARTBEAT)
			assert_int_equal(f.list[i].entry, late);
	log_close(l);
	logged_end(&w);
}

static void intents(void **state)
{
	(void)state;
	struct logged w;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_START, LOG_NONE, 1);
	uint64_t intent = logged_save(&w, l, 1, 1);
	logged_checkpoint(&w, l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK); /* still in the air */
	logged_add(&w, l, LOG_START, LOG_NONE, log_size(l));
	logged_checkpoint(&w, l);
	struct findings f = verify_run(&w, w.dir_fd, STR_UNSET, NULL);
	assert_int_equal(f.worst, VERIFY_INTENT);
	logged_add(&w, l, LOG_OUTCOME, LOG_LOST, intent);
	logged_checkpoint(&w, l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	log_close(l);
	logged_end(&w);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static bool may(struct verify *v, uint8_t row, uint64_t version)
{
	uint64_t entry = 0;
	struct log_row r = row_of(row, version);
	return verify_row_may(v, r.row, r.tag, &entry);
}

static unsigned missed;
static void missing(void *ctx, const struct verify_row *r, struct id16 row)
{
	(void)ctx;
	(void)r;
	(void)row;
	missed++;
}

static void rows(void **state)
{
	(void)state;
	struct logged w;
	struct verify *v = NULL;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_START, LOG_NONE, 1);
	uint64_t a = logged_save(&w, l, 1, 1), b = logged_save(&w, l, 1, 2), c = logged_save(&w, l, 2, 1);
	uint64_t d = logged_save(&w, l, 3, 1), gone = logged_save(&w, l, 4, 1);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, b); /* outcomes may come in any order */
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, a);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, gone);
	logged_add(&w, l, LOG_OUTCOME, LOG_LOST, c);
	uint64_t deleted = logged_save(&w, l, 4, 0); /* version 0: a zero tag */
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, deleted);
	for (uint64_t i = 1; i < 40; i++) /* enough for the table of open intents to be compacted */
		logged_add(&w, l, LOG_OUTCOME, i % 2 == 0 ? LOG_DONE : LOG_LOST, logged_save(&w, l, 5, i));
	logged_checkpoint(&w, l);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, &v).worst, VERIFY_OK);
	assert_true(may(v, 1, 2));
	assert_false(may(v, 1, 1)); /* rolled back */
	assert_false(may(v, 1, 3)); /* newer than the log */
	assert_false(may(v, 1, 0)); /* deleted behind the log's back */
	assert_true(may(v, 2, 0)); /* lost: it never came to be */
	assert_false(may(v, 2, 1));
	assert_true(may(v, 3, 0) && may(v, 3, 1)); /* in the air: both */
	assert_false(may(v, 3, 2));
	assert_true(may(v, 4, 0));
	assert_false(may(v, 4, 1));
	assert_true(may(v, 5, 38));
	assert_false(may(v, 5, 39));
	assert_false(may(v, 6, 1)); /* nobody ever wrote it */
	assert_int_equal(verify_row(v, row_of(1, 2).row).state, VERIFY_ROW_SETTLED);
	assert_int_equal(verify_row(v, row_of(3, 1).row).state, VERIFY_ROW_OPEN);
	assert_int_equal(verify_row(v, row_of(6, 1).row).state, VERIFY_ROW_UNKNOWN);
	missed = 0;
	verify_rows_unseen(v, missing, NULL);
	assert_int_equal(missed, 0);
	verify_free(v);
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, &v).worst, VERIFY_OK);
	verify_rows_unseen(v, missing, NULL);
	assert_int_equal(missed, 2); /* rows 1 and 5; 2 was lost, 3 is open, 4 is deleted */
	verify_free(v);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, d);
	logged_checkpoint(&w, l);
	verify_run(&w, w.dir_fd, STR_UNSET, &v);
	assert_false(may(v, 3, 0));
	verify_free(v);
	log_close(l);
	logged_end(&w);
}

static void restored(void **state)
{
	(void)state;
	struct logged w;
	struct verify *v = NULL;
	static struct findings f;
	uint64_t seq = 0;
	size_t n = 0;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_START, LOG_NONE, 1);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, logged_save(&w, l, 1, 1));
	uint64_t air = logged_save(&w, l, 2, 1);
	uint64_t backup = log_size(l);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, air); /* after the snapshot: the copy may not have it */
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, logged_save(&w, l, 1, 2));
	uint64_t never = logged_save(&w, l, 3, 1);
	logged_checkpoint(&w, l);
	verify_run(&w, w.dir_fd, STR_UNSET, &v);
	assert_false(may(v, 1, 1)); /* without the restore's entry the old row is an attack: 6 */
	verify_free(v);
	assert_int_equal(log_restored(l, backup, w.time_us, w.mono_ns, STR("snapshot:1:x\n"), &seq), OK);
	const uint64_t *open = log_open_intents(l, &n);
	assert_int_equal(n, 1);
	assert_int_equal(open[0], air);
	logged_checkpoint(&w, l);
	log_close(l);
	l = logged_open(&w);
	open = log_open_intents(l, &n);
	assert_true(n == 1 && open[0] == air);
	logged_add(&w, l, LOG_START, LOG_NONE, log_size(l));
	logged_add(&w, l, LOG_OUTCOME, LOG_LOST, air);
	logged_checkpoint(&w, l);
	f = verify_run(&w, w.dir_fd, STR_UNSET, &v);
	assert_int_equal(f.worst, VERIFY_OK);
	bool told = false;
	for (unsigned i = 0; i < f.n; i++)
		if (f.list[i].count > 0) {
			told = true;
			assert_int_equal(f.list[i].entry, backup);
			assert_int_equal(f.list[i].entry_end, seq);
			assert_int_equal(f.list[i].count, 2);
		}
	assert_true(told);
	assert_true(may(v, 1, 1) && !may(v, 1, 2) && may(v, 2, 0) && !may(v, 2, 1) && may(v, 3, 0) && !may(v, 3, 1));
	verify_free(v);
	(void)never;
	log_close(l);
	logged_end(&w);
}

/* The database was read while the service ran: the commit fell between an intent and its outcome. */
static void a_running_service(void **state)
{
	(void)state;
	struct logged w;
	struct verify *v = NULL;
	logged_begin(&w);
	struct log *l = logged_create(&w);
	logged_add(&w, l, LOG_START, LOG_NONE, 1);
	uint64_t old = logged_save(&w, l, 1, 1);
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, old);
	uint64_t during = logged_save(&w, l, 2, 1);
	uint64_t read_at = during + 1; /* rows were read when the log had this size */
	logged_add(&w, l, LOG_OUTCOME, LOG_DONE, during);
	logged_checkpoint(&w, l);
	w.moving_from = read_at;
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, &v).worst, VERIFY_OK);
	assert_true(may(v, 2, 0) && may(v, 2, 1)); /* before or after the commit */
	assert_true(may(v, 1, 1));
	assert_false(may(v, 1, 0));                /* settled long before: must be there */
	verify_free(v);
	w.moving_from = 0;                         /* the control: a stopped service has no excuse */
	assert_int_equal(verify_run(&w, w.dir_fd, STR_UNSET, &v).worst, VERIFY_OK);
	assert_false(may(v, 2, 0));
	verify_free(v);
	log_close(l);
	logged_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_log), cmocka_unit_test(every_byte), cmocka_unit_test(moved_records), cmocka_unit_test(cut_tails),
		cmocka_unit_test(forks), cmocka_unit_test(other_keys), cmocka_unit_test(heartbeats), cmocka_unit_test(intents),
		cmocka_unit_test(rows), cmocka_unit_test(a_running_service), cmocka_unit_test(restored),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto verify", tests, NULL, NULL);
}

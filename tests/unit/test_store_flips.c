/* tests/unit/test_store_flips.c — a flipped bit in the database is reported, or changes no answer (DECISIONS 33).
 *
 * A small database with something in every table of the log is written once. For each flip one bit of the file is
 * turned and the file opened again: what verify does without a key (all tables against the names and tags that
 * the log was told, and the engine's own check) must speak up whenever any reading statement answers otherwise
 * than before. FLIPS=n for more. The table `applied` stands outside the log and is not asked. */
#include "store_fixture.h"
#include "crypto/bytes.h"
#include "store/driver.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { FILE_MAX = 1 << 20, ROOM = 4 << 20, REFS = 128, CASES = 3 };

/* Values to ask with, by letter: c case, u user, o authority or its dossier, p deposit, r rung, t token, l login,
 * A asker, n small number, w large number, m every compartment, f and g before and at the last of a case's places, s the place
 * of one of its streams. */
static const struct { int statement; const char *takes; } battery[] = {
	{ STMT_case_row, "c" }, { STMT_code_taken, "on" }, { STMT_place_taken, "fg" }, { STMT_case_by_id, "cA" },
	{ STMT_held_ids, "Aw" }, { STMT_my_cases, "Aw" }, { STMT_my_case_marks, "Aw" }, { STMT_grant_whole, "uc" }, { STMT_standing_grants, "ucooo" }, { STMT_grant_row, "uc" },
	{ STMT_grants_of_case, "c" }, { STMT_holders_beside, "uw" }, { STMT_case_streams, "cfm" },
	{ STMT_case_epochs, "cfn" }, { STMT_stream_newest, "cs" }, { STMT_events_after, "cfgw" },
	{ STMT_events_before, "cfgw" }, { STMT_summary_row, "fc" }, { STMT_summary_mark, "fc" }, { STMT_my_rungs, "uow" },
	{ STMT_rung_row, "r" }, { STMT_rungs_of_other_profile, "n" }, { STMT_rungs_due, "ww" }, { STMT_next_due, "" }, { STMT_my_jobs, "Aw" },
	{ STMT_jobs_of_case, "c" }, { STMT_bucket_row, "onc" }, { STMT_bucket_mine, "onA" }, { STMT_bucket_others, "onA" }, { STMT_streams_held, "uw" }, { STMT_stream_epoch, "cs" }, { STMT_holders_of_case, "c" },
	{ STMT_deposits_waiting, "Aw" }, { STMT_deposits_new, "Aw" }, { STMT_deposit_for, "pA" },
	{ STMT_deposit_row, "p" }, { STMT_controllers, "" },
	{ STMT_user_by_login, "l" }, { STMT_user_by_id, "u" }, { STMT_users_of, "o" }, { STMT_certificates, "" },
	{ STMT_invitation_by_login, "l" }, { STMT_invitation_by_id, "u" }, { STMT_invitations_of, "o" },
	{ STMT_directory_rows, "o" }, { STMT_directory_row, "ou" }, { STMT_idempotency_answer, "ut" },
	{ STMT_idempotency_old, "ww" },
};

static void every_reading_statement_is_asked(void **state)
{
	(void)state;
	for (int s = 0; s < STATEMENT_COUNT; s++) {
		const struct statement_text *t = &store_statements[s];
		bool asked = t->writes || strncmp(t->name, "scan_", 5) == 0 || strncmp(t->name, "applied_", 8) == 0;
		for (size_t i = 0; i < COUNT_OF(battery); i++)
			asked = asked || battery[i].statement == s;
		if (!asked)
			fail_msg("%s stands in store/sql and not in the battery of this test", t->name);
	}
}

/* ---- asking ---- */

struct answers {
	struct arena *arena;
	struct db *db;
	struct buf all;
	struct asker asker;
};

static void fold_row(struct buf *b, const struct statement_text *t, const char *row)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *at = row + t->cells[i].offset;
		struct str s;
		switch (t->cells[i].kind) {
		case CELL_ID:
			buf_add(b, at, sizeof(struct id16));
			break;
		case CELL_I64:
			buf_add(b, at, t->cells[i].nullable ? 1 : sizeof(int64_t));
			if (t->cells[i].nullable)
				buf_add(b, at + offsetof(struct i64_maybe, v), sizeof(int64_t));
			break;
		case CELL_BLOB:
			memcpy(&s, at, sizeof s);
			buf_u64(b, s.p ? s.n : UINT64_MAX);
			buf_str(b, s.p ? s : STR(""));
			break;
		}
	}
}

static void ask(struct answers *a, int statement, const struct value *v, size_t n)
{
	const struct statement_text *t = &store_statements[statement];
	void *rows = NULL;
	size_t n_rows = 0;
	enum err e = db_read(a->db, (enum statement)statement, v, n, a->arena, &rows, &n_rows);
	buf_u8(&a->all, (uint8_t)e);
	buf_u64(&a->all, n_rows);
	for (size_t i = 0; e == OK && i < n_rows; i++)
		fold_row(&a->all, t, (const char *)rows + i * t->size);
}

static void choose(struct answers *a, int statement, const char *takes, struct value *v, size_t n)
{
	static const struct { char letter, kind; uint32_t n; } ids[] = {
		{ 'c', 'c', 1 }, { 'c', 'c', 2 }, { 'c', 'c', 3 }, { 'u', 'u', 1 }, { 'u', 'u', 2 }, { 'u', 'd', 1 },
		{ 'o', 'o', 1 }, { 'p', 'p', 1 }, { 'p', 'p', 2 }, { 'r', 'r', 1 }, { 'r', 'r', 2 }, { 't', 't', 1 } };
	const char letter = *takes;
	if (!letter) {
		ask(a, statement, v, n);
		return;
	}
	if (letter == 'A') {
		for (size_t i = 0; i < 5; i++)
			v[n + i] = value_id(&a->asker.id[i]);
		choose(a, statement, takes + 1, v, n + 5);
		return;
	}
	for (int64_t i = 0; letter == 'n' && i <= 3; i++) {
		v[n] = value_i64(i);
		choose(a, statement, takes + 1, v, n + 1);
	}
	for (uint32_t i = 1; (letter == 'f' || letter == 'g') && i <= CASES; i++) {
		v[n] = value_i64(letter == 'f' ? case_place(id_of('c', i)) : case_place_last(id_of('c', i)));
		choose(a, statement, takes + 1, v, n + 1);
	}
	for (uint32_t i = 0; letter == 's' && i < CASES * 3; i++) {
		v[n] = value_i64(event_place(id_of('c', i / 3 + 1), i % 3, 0));
		choose(a, statement, takes + 1, v, n + 1);
	}
	if (letter == 'w' || letter == 'm' || letter == 'l') {
		v[n] = letter == 'l' ? value_blob(STR("login-1")) : value_i64(letter == 'w' ? 100000 : UINT32_MAX);
		choose(a, statement, takes + 1, v, n + 1);
	}
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		struct id16 id = id_of((uint8_t)ids[i].kind, ids[i].n);
		if (ids[i].letter != letter)
			continue;
		v[n] = value_id(&id);
		choose(a, statement, takes + 1, v, n + 1);
	}
}

/* A hash of every answer. */
static void ask_all(struct answers *a, uint8_t ret[16])
{
	struct value v[16];
	a->all = buf_new(a->arena, ROOM);
	for (int who = 0; who < 2; who++) {
		a->asker = (struct asker){ .id = { id_of('u', 1), id_of('x', 1), id_of(who ? 'd' : 'x', 1) } };
		for (size_t i = 0; i < COUNT_OF(battery); i++)
			choose(a, battery[i].statement, battery[i].takes, v, 0);
	}
	assert_false(buf_is_full(&a->all));
	bytes_blake16("test.answers", buf_view(&a->all), ret);
}

/* ---- verifying ---- */

struct log {
	struct row_ref refs[REFS];
	size_t n, seen, strangers, findings;
};

static enum err note(void *ctx, const struct row_ref *r)
{
	struct log *log = ctx;
	assert_always(log->n < REFS);
	log->refs[log->n++] = *r;
	return OK;
}

static enum err look_up(void *ctx, const struct row_ref *r)
{
	struct log *log = ctx;
	for (size_t i = 0; i < log->n; i++)
		if (id_eq(log->refs[i].row, r->row) && log->refs[i].version == r->version &&
		    memcmp(log->refs[i].tag, r->tag, sizeof r->tag) == 0) {
			log->seen++;
			return OK;
		}
	log->strangers++;
	return OK;
}

static void count_finding(void *ctx, struct str finding)
{
	(void)finding;
	((struct log *)ctx)->findings++;
}

static bool rows_agree(struct log *log, struct db *db)
{
	bool agree = true;
	log->seen = log->strangers = 0;
	for (int t = store_next_table(0); t; t = store_next_table(t))
		agree = store_scan(db, (enum table)t, look_up, log) == OK && agree;
	return agree && log->strangers == 0 && log->seen == log->n;
}

static bool engine_agrees(struct log *log, struct db *db)
{
	log->findings = 0;
	return store_check(db, count_finding, log) == OK && log->findings == 0;
}

/* ---- the database ---- */

static enum err write_rest(struct db *db, void *ctx)
{
	struct arena *a = ctx;
	const struct id16 o = id_of('o', 1), u = id_of('u', 1), c = id_of('c', 1);
	struct row_controllers k = { .controller = o, .directory = o, .desk = id_of('d', 1), .kind = 1, .name = STR("Nämnden") };
	struct row_users v = { .user_id = u, .controller = o, .login = STR("login-1"), .version = 1, .secrets = bytes_of(a, 1, 240) };
	struct row_invitations i = { .user_id = id_of('u', 2), .controller = o, .login = STR("login-2"), .version = 1,
	                             .invitation = bytes_of(a, 2, 200) };
	struct row_snapshots n = { .place = event_place(c, 1, 0), .case_id = c, .compartment = 1, .seq = 2, .epoch = 1, .version = 1, .envelope = bytes_of(a, 3, 700) };
	struct row_rungs r = { .rung_id = id_of('r', 1), .assignee = u, .due = 5, .severity = 1, .version = 1,
	                       .payload = bytes_of(a, 4, 200) };
	struct row_deposits d = { .deposit_id = id_of('p', 1), .case_id = c, .compartment = 1, .epoch = 1, .version = 1,
	                          .payload = bytes_of(a, 5, 500) };
	struct row_buckets b = { .controller = o, .bucket = 2, .case_id = c };
	struct row_idempotency t = { .user_id = u, .token = id_of('t', 1), .stored = 9, .answer = STR("/arenden") };
	struct row_directory w = { .directory = o, .user_id = u, .epoch = 1, .version = 1, .envelope = bytes_of(a, 6, 256) };
	struct row_jobs j = { .job_id = id_of('j', 1), .kind = 1, .case_id = c, .version = 1 };
	enum err e;
	v.certificate = i.invitation;
	if ((e = q_controller_insert(db, &k)) != OK || (e = q_user_insert(db, &v)) != OK ||
	    (e = q_invitation_insert(db, &i)) != OK || (e = q_snapshot_put(db, &n)) != OK || (e = q_rung_insert(db, &r)) != OK ||
	    (e = q_deposit_insert(db, &d, event_place(d.case_id, d.compartment, 0))) != OK || (e = q_bucket_insert(db, &b)) != OK ||
	    (e = q_idempotency_insert(db, &t)) != OK || (e = q_directory_put(db, &w)) != OK)
		return e;
	return q_job_insert(db, &j);
}

struct image {
	struct fixture f;
	char path[128];
	uint8_t bytes[FILE_MAX];
	size_t n;
};

static void write_image(const struct image *m)
{
	int fd = open(m->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, m->bytes, m->n), (ssize_t)m->n);
	assert_int_equal(close(fd), 0);
}

static void make_image(struct image *m)
{
	int fd;
	ssize_t n;
	fixture_open(&m->f);
	for (uint32_t i = 1; i <= CASES; i++) {
		struct small_case c = { .arena = m->f.arena, .number = i, .n_streams = 2, .n_events = 4, .envelope = 300 };
		assert_int_equal(store_tx(m->f.store, write_case, &c), OK);
	}
	assert_int_equal(store_tx(m->f.store, write_rest, m->f.arena), OK);
	store_close(m->f.store);
	m->f.store = NULL;
	(void)snprintf(m->path, sizeof m->path, "%s/avstamp.db", m->f.directory);
	fd = open(m->path, O_RDONLY | O_CLOEXEC);
	n = read(fd, m->bytes, sizeof m->bytes);
	assert_true(n > 0 && n < FILE_MAX);
	(void)close(fd);
	m->n = (size_t)n;
}

/* ---- the campaign ---- */

struct tally { size_t flips, harmful, unopened, by_rows, by_rows_alone, by_engine_alone, missed; };

static void judge_flip(struct image *m, struct log *log, const uint8_t expected[16], struct tally *t, struct arena *a)
{
	struct answers answers = { .arena = a };
	uint8_t got[16];
	bool rows, engine, changed;
	t->flips++;
	arena_reset(a);
	if (db_open(a, m->path, DB_READER, &answers.db) != OK) {
		t->unopened++;
		return;
	}
	ask_all(&answers, got);
	changed = memcmp(got, expected, sizeof got) != 0;
	rows = rows_agree(log, answers.db);
	engine = engine_agrees(log, answers.db);
	db_close(answers.db);
	t->harmful += changed;
	t->by_rows += changed && !rows;
	t->by_rows_alone += changed && !rows && engine;
	t->by_engine_alone += changed && rows && !engine;
	t->missed += changed && rows && engine;
}

static size_t flips_wanted(void)
{
	const char *s = getenv("FLIPS");
	size_t n = s ? strtoul(s, NULL, 10) : 0;
	return n ? n : 250;
}

static void a_flipped_bit_is_reported_or_changes_nothing(void **state)
{
	static struct image m;
	static struct log log;
	struct tally t = { 0 };
	struct arena *a = arena_new(64 << 20);
	struct answers whole = { .arena = a };
	uint8_t expected[16];
	uint64_t x = 88172645463325252ULL;
	(void)state;
	make_image(&m);
	assert_int_equal(db_open(a, m.path, DB_READER, &whole.db), OK);
	ask_all(&whole, expected);
	for (int table = store_next_table(0); table; table = store_next_table(table))
		assert_int_equal(store_scan(whole.db, (enum table)table, note, &log), OK);
	assert_true(rows_agree(&log, whole.db) && engine_agrees(&log, whole.db));
	db_close(whole.db);
	for (size_t i = flips_wanted(); i > 0; i--) {
		size_t at;
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		at = (size_t)((x >> 20) % m.n);
		m.bytes[at] ^= (uint8_t)(1u << (x & 7));
		write_image(&m);
		judge_flip(&m, &log, expected, &t, a);
		if (t.missed)
			fail_msg("a flip of bit %d at %zu changes an answer and nobody says so", (int)(x & 7), at);
		m.bytes[at] ^= (uint8_t)(1u << (x & 7));
	}
	print_message("%zu flips: %zu do not open, %zu change an answer; of those the row check alone sees %zu, the engine's "
	              "alone %zu\n", t.flips, t.unopened, t.harmful, t.by_rows_alone, t.by_engine_alone);
	/* The control: without the row check some would go unseen. */
	assert_true(t.by_rows_alone > 0);
	arena_free(a);
	fixture_close(&m.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reading_statement_is_asked),
		cmocka_unit_test(a_flipped_bit_is_reported_or_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/test_store_rows.c — names and tags of rows, scans, backups. */
#include "store_fixture.h"
#include "crypto/row_digest.h"
#include "store/driver.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { REFS = 64 };

struct world {
	struct fixture f;
	struct row_ref refs[REFS];
	size_t n, seen[REFS], strangers;
};

static int set_up(void **state)
{
	static struct world w;
	memset(&w, 0, sizeof w);
	fixture_open(&w.f);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(&((struct world *)*state)->f);
	return 0;
}

/* ---- names and tags ---- */

static void the_vault_can_finish_a_tag(void **state)
{
	struct world *w = *state;
	struct arena *a = w->f.arena;
	struct row_events e = { .case_id = id_of('c', 1), .compartment = 3, .seq = 9, .epoch = 2, .envelope = STR("sealed") };
	struct row_rungs r = { .rung_id = id_of('r', 1), .assignee = id_of('u', 1), .due = 7, .severity = 1, .version = 4,
	                       .payload = STR("sealed too") };
	struct row_ref ref;
	uint8_t tag[16];
	assert_int_equal(row_ref_events(a, &e, &ref), OK);
	row_digest_tag_sealed(row_clear_events(a, &e), e.envelope, tag);
	assert_memory_equal(tag, ref.tag, sizeof tag);
	assert_int_equal(ref.version, 1);
	assert_false(ref.late);
	assert_int_equal(row_ref_rungs(a, &r, &ref), OK);
	row_digest_tag_sealed(row_clear_rungs(a, &r), r.payload, tag);
	assert_memory_equal(tag, ref.tag, sizeof tag);
	assert_int_equal(ref.version, 4);
	assert_true(ref.late);
}

static struct row_ref ref_of(struct arena *a, const struct row_rungs *r)
{
	struct row_ref ref;
	assert_int_equal(row_ref_rungs(a, r, &ref), OK);
	return ref;
}

static void every_column_is_in_the_tag(void **state)
{
	struct arena *a = ((struct world *)*state)->f.arena;
	const struct row_rungs r = { .rung_id = id_of('r', 1), .assignee = id_of('u', 1), .due = 7, .severity = 1, .version = 4,
	                             .payload = STR("sealed") };
	struct row_rungs v[7];
	struct row_ref first = ref_of(a, &r), ref;
	for (size_t i = 0; i < COUNT_OF(v); i++)
		v[i] = r;
	v[0].rung_id.b[15] ^= 1;
	v[1].assignee.b[0] ^= 1;
	v[2].due++;
	v[3].severity = 2;
	v[4].fired = (struct i64_maybe){ true, 0 };
	v[5].version++;
	v[6].payload = STR("Sealed");
	for (size_t i = 0; i < COUNT_OF(v); i++) {
		ref = ref_of(a, &v[i]);
		assert_memory_not_equal(ref.tag, first.tag, sizeof ref.tag);
		assert_int_equal(id_eq(ref.row, first.row), i != 0);
	}
	ref = ref_of(a, &r);
	assert_memory_equal(ref.tag, first.tag, sizeof ref.tag);
	assert_int_equal(ref.version, first.version);
}

static void a_deleted_row_has_no_tag(void **state)
{
	const struct row_rungs r = { .rung_id = id_of('r', 1), .assignee = id_of('u', 1), .version = 4, .payload = STR("x") };
	static const uint8_t zero[16];
	struct row_ref gone;
	(void)state;
	row_gone_rungs(&r, &gone);
	assert_memory_equal(gone.tag, zero, sizeof zero);
	assert_int_equal(gone.version, 5);
	assert_true(id_eq(gone.row, row_name_rungs(&r)));
}

static void a_full_arena_gives_no_tag(void **state)
{
	_cleanup_(arena_freep) struct arena *small = arena_new(64);
	const struct row_rungs r = { .rung_id = id_of('r', 1), .payload = bytes_of(((struct world *)*state)->f.arena, 1, 500) };
	struct row_ref ref;
	assert_int_equal(row_ref_rungs(small, &r, &ref), ERR_FULL);
}

/* ---- scans ---- */

#define WRITE(T, put, ...) do { \
	struct row_##T row_ = { __VA_ARGS__ }; \
	if ((e = put(db, &row_)) != OK || (e = row_ref_##T(w->f.arena, &row_, &w->refs[w->n++])) != OK) \
		return e; \
} while (0)

static enum err put_deposit(struct db *db, const struct row_deposits *r)
{
	return q_deposit_insert(db, r, event_place(r->case_id, r->compartment, 0));
}

/* One row, or two, in every table. */
static enum err write_everywhere(struct db *db, void *ctx)
{
	struct world *w = ctx;
	const struct id16 o = id_of('o', 1), u = id_of('u', 1), c = id_of('c', 1);
	const struct str b = bytes_of(w->f.arena, 5, 300);
	enum err e;
	WRITE(controllers, q_controller_insert, .controller = o, .kind = 1, .municipality = 980, .name = STR("Socialnämnden"));
	WRITE(users, q_user_insert, .user_id = u, .controller = o, .login = b, .serial = 1, .version = 1, .secrets = b);
	WRITE(users, q_user_insert, .user_id = id_of('u', 2), .controller = o, .login = STR("h"), .serial = 1, .version = 3,
	      .certificate = b, .notice = STR("n@exempel.se"), .secrets = b);
	WRITE(invitations, q_invitation_insert, .user_id = id_of('u', 3), .controller = o, .login = b, .version = 1,
	      .invitation = b);
	WRITE(cases, q_case_insert, .case_id = c, .controller = o, .code = 5, .version = 1, .recovery = b);
	WRITE(streams, q_stream_insert, .place = event_place(c, 2, 1), .case_id = c, .compartment = 2, .epoch = 1, .deposit_key = b, .proof = b, .recovery_wrap = b);
	WRITE(grants, q_grant_insert, .holder = u, .case_id = c, .serial = 1, .version = 1, .wrapped = b);
	WRITE(grants, q_grant_insert, .holder = o, .case_id = c, .serial = 2, .version = 2, .wrapped = b, .accepted = b);
	WRITE(events, q_event_insert, .place = event_place(c, 2, 1), .case_id = c, .compartment = 2, .seq = 1, .epoch = 1, .envelope = b);
	WRITE(snapshots, q_snapshot_put, .place = event_place(c, 2, 0), .case_id = c, .compartment = 2, .seq = 1, .epoch = 1, .version = 1, .envelope = b);
	WRITE(summaries, q_summary_put, .place = case_place(c), .case_id = c, .epoch = 1, .version = 1, .envelope = b);
	WRITE(rungs, q_rung_insert, .rung_id = id_of('r', 1), .assignee = u, .due = 1, .severity = 1, .version = 1, .payload = b);
	WRITE(rungs, q_rung_insert, .rung_id = id_of('r', 2), .assignee = u, .due = 1, .severity = 1, .fired = { true, 9 },
	      .version = 2, .payload = STR(""));
	WRITE(deposits, put_deposit, .deposit_id = id_of('p', 1), .case_id = c, .compartment = 2, .epoch = 1, .version = 1,
	      .payload = b);
	WRITE(buckets, q_bucket_insert, .controller = o, .bucket = 65535, .case_id = c);
	WRITE(idempotency, q_idempotency_insert, .user_id = u, .token = id_of('t', 1), .stored = 1, .answer = STR("/arenden"));
	WRITE(directory, q_directory_put, .directory = o, .user_id = u, .epoch = 1, .version = 1, .envelope = b);
	WRITE(jobs, q_job_insert, .job_id = id_of('j', 1), .kind = 1, .case_id = c, .compartment = 2, .version = 1);
	return OK;
}

static enum err look_up(void *ctx, const struct row_ref *r)
{
	struct world *w = ctx;
	for (size_t i = 0; i < w->n; i++)
		if (id_eq(w->refs[i].row, r->row) && memcmp(w->refs[i].tag, r->tag, 16) == 0 &&
		    w->refs[i].version == r->version && w->refs[i].late == r->late) {
			w->seen[i]++;
			return OK;
		}
	w->strangers++;
	return OK;
}

/* True when a scan of all tables finds each row that was told, once, and no other. */
static bool scan_agrees(struct world *w, struct db *db)
{
	bool agrees = true;
	memset(w->seen, 0, sizeof w->seen);
	w->strangers = 0;
	for (int t = store_next_table(0); t; t = store_next_table(t))
		agrees = agrees && store_scan(db, (enum table)t, look_up, w) == OK;
	for (size_t i = 0; i < w->n; i++)
		agrees = agrees && w->seen[i] == 1;
	return agrees && w->strangers == 0;
}

static void a_scan_finds_what_was_told(void **state)
{
	struct world *w = *state;
	struct db *db;
	assert_int_equal(store_tx(w->f.store, write_everywhere, w), OK);
	db = store_reader(w->f.store);
	assert_true(scan_agrees(w, db));
	/* The controls: one row more or less told, one bit of a tag. */
	w->n--;
	assert_false(scan_agrees(w, db));
	w->n++;
	w->refs[3].tag[7] ^= 1;
	assert_false(scan_agrees(w, db));
	w->refs[3].tag[7] ^= 1;
	w->refs[2].version++;
	assert_false(scan_agrees(w, db));
	store_reader_done(w->f.store, db);
}

static void every_table_of_the_log_is_scanned(void **state)
{
	size_t n = 0;
	(void)state;
	for (int t = store_next_table(0); t; t = store_next_table(t)) {
		assert_true(store_table_name((enum table)t)[0] != 0);
		n++;
	}
	assert_int_equal(n, store_n_tables);
	assert_string_equal(store_table_name(TABLE_GRANTS), "grants");
}

static enum err stop_at_once(void *ctx, const struct row_ref *r)
{
	(void)r;
	++*(int *)ctx;
	return ERR_DENIED;
}

static void a_scan_stops_with_its_listener(void **state)
{
	struct world *w = *state;
	int calls = 0;
	struct db *db;
	assert_int_equal(store_tx(w->f.store, write_everywhere, w), OK);
	db = store_reader(w->f.store);
	assert_int_equal(store_scan(db, TABLE_USERS, stop_at_once, &calls), ERR_DENIED);
	assert_int_equal(calls, 1);
	assert_true(scan_agrees(w, db));
	store_reader_done(w->f.store, db);
}

/* ---- backup ---- */

struct moment {
	struct world *w;
	int calls;
};

static enum err write_one(struct db *db, void *ctx)
{
	(void)ctx;
	return q_applied_insert(db, 77);
}

/* Something is written after the copy's moment and must not be in it. */
static enum err write_meanwhile(void *ctx)
{
	struct moment *m = ctx;
	m->calls++;
	return store_tx(m->w->f.store, write_one, NULL);
}

static enum err refuse(void *ctx)
{
	(void)ctx;
	return ERR_LOG_FULL;
}

static size_t applied_in(struct store *s, struct arena *a)
{
	struct db *db = store_reader(s);
	struct q_applied_all_row *rows;
	size_t n;
	assert_non_null(db);
	assert_int_equal(q_applied_all(db, a, &rows, &n), OK);
	store_reader_done(s, db);
	return n;
}

static void a_backup_is_the_moment_it_says(void **state)
{
	struct world *w = *state;
	struct moment m = { .w = w };
	char directory[] = "/tmp/avstamp-copy-XXXXXX", path[64];
	struct store_options o = { .directory = directory };
	struct store *copy = NULL;
	struct stat st;
	struct db *db;
	assert_int_equal(store_tx(w->f.store, write_everywhere, w), OK);
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof path, "%s/avstamp.db", directory);
	assert_int_equal(store_backup(w->f.store, path, write_meanwhile, &m), OK);
	assert_int_equal(m.calls, 1);
	assert_int_equal(applied_in(w->f.store, w->f.arena), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(store_open(&o, &copy), OK);
	assert_int_equal(applied_in(copy, w->f.arena), 0);
	db = store_reader(copy);
	assert_true(scan_agrees(w, db));
	store_reader_done(copy, db);
	store_close(copy);
	/* A copy never overwrites, and a refusal inside leaves none. */
	assert_int_equal(store_backup(w->f.store, path, NULL, NULL), ERR_EXISTS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_backup(w->f.store, path, refuse, NULL), ERR_LOG_FULL);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(store_backup(w->f.store, "/nonexistent-directory/x.db", NULL, NULL), ERR_IO);
	(void)snprintf(path, sizeof path, "%s/avstamp.db-wal", directory);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/avstamp.db-shm", directory);
	(void)unlink(path);
	assert_int_equal(rmdir(directory), 0);
}

static void a_read_only_store_sees_the_running_one(void **state)
{
	struct world *w = *state;
	struct store_options o = { .directory = w->f.directory, .read_only = true, .readers = 1 };
	struct store *second = NULL;
	struct db *db;
	assert_int_equal(store_open(&o, &second), OK);
	assert_int_equal(store_tx(w->f.store, write_everywhere, w), OK);
	db = store_reader(second);
	assert_true(scan_agrees(w, db));
	store_reader_done(second, db);
	store_close(second);
	assert_int_equal(store_tx(w->f.store, write_one, NULL), OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_vault_can_finish_a_tag),
		CASE(every_column_is_in_the_tag),
		CASE(a_deleted_row_has_no_tag),
		CASE(a_full_arena_gives_no_tag),
		CASE(a_scan_finds_what_was_told),
		CASE(every_table_of_the_log_is_scanned),
		CASE(a_scan_stops_with_its_listener),
		CASE(a_backup_is_the_moment_it_says),
		CASE(a_read_only_store_sees_the_running_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/test_store.c — opening, refusing, hardening, reading back. */
#include "store_fixture.h"
#include "store/sqlite_i.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

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

static const char *path_in(const struct fixture *f, const char *name)
{
	static char path[256];
	assert_true(snprintf(path, sizeof path, "%s/%s", f->directory, name) < (int)sizeof path);
	return path;
}

/* A connection of another program, for looking and for harm. */
static sqlite3 *stranger(const struct fixture *f)
{
	sqlite3 *c = NULL;
	assert_int_equal(sqlite3_open_v2(path_in(f, "avstamp.db"), &c, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	return c;
}

static void harm(const struct fixture *f, const char *sql)
{
	sqlite3 *c = stranger(f);
	assert_int_equal(sqlite3_exec(c, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(c), SQLITE_OK);
}

static void a_new_database_is_private_and_whole(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int have, newest;
	assert_int_equal(stat(path_in(f, "avstamp.db"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path_in(f, "avstamp.db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(store_version(f->directory, &have, &newest), OK);
	assert_int_equal(have, store_newest_version);
	assert_int_equal(newest, store_newest_version);
}

static void a_second_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .directory = f->directory, .create = true };
	struct store *s = NULL;
	assert_int_equal(store_open(&o, &s), ERR_EXISTS);
	assert_null(s);
}

static void no_database_is_not_found(void **state)
{
	struct store_options o = { .directory = "/nonexistent-directory" };
	struct store *s = NULL;
	(void)state;
	assert_int_equal(store_open(&o, &s), ERR_NOT_FOUND);
	o.create = true;
	assert_int_equal(store_open(&o, &s), ERR_IO);
	assert_null(s);
}

static void a_foreign_file_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .directory = f->directory };
	struct store *s = NULL;
	store_close(f->store);
	f->store = NULL;
	harm(f, "PRAGMA application_id = 7");
	assert_int_equal(store_open(&o, &s), ERR_CORRUPT);
	assert_int_equal(unlink(path_in(f, "avstamp.db")), 0);
	assert_int_equal(symlink("/etc/passwd", path_in(f, "avstamp.db")), 0);
	assert_int_equal(store_open(&o, &s), ERR_CORRUPT);
	assert_null(s);
}

static void a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .directory = f->directory, .migrate = true };
	struct store *s = NULL;
	int have, newest;
	store_close(f->store);
	f->store = NULL;
	harm(f, "INSERT INTO schema_version VALUES (999, 0)");
	assert_int_equal(store_open(&o, &s), ERR_INVALID);
	assert_null(s);
	assert_int_equal(store_version(f->directory, &have, &newest), OK);
	assert_int_equal(have, 999);
	harm(f, "DELETE FROM schema_version WHERE version = 999");
	assert_int_equal(store_open(&o, &s), OK);
	store_close(s);
}

static void an_older_schema_waits_for_migrate(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .directory = f->directory };
	struct store *s = NULL;
	sqlite3 *c;
	store_close(f->store);
	f->store = NULL;
	/* An empty database of ours: the program stopped between the file and the first migration. */
	assert_int_equal(unlink(path_in(f, "avstamp.db")), 0);
	(void)unlink(path_in(f, "avstamp.db-wal"));
	assert_int_equal(sqlite3_open(path_in(f, "avstamp.db"), &c), SQLITE_OK);
	assert_int_equal(sqlite3_exec(c, "PRAGMA application_id=1096176468; PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(c), SQLITE_OK);
	assert_int_equal(store_open(&o, &s), ERR_INVALID);
	o.migrate = true;
	assert_int_equal(store_open(&o, &s), OK);
	store_close(s);
}

static void a_failing_migration_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = { "CREATE TABLE half (a {i64} NOT NULL PRIMARY KEY) {strict};\n", "CREATE TABLE (;\n",
	                                   NULL };
	static const char *const good[] = { "CREATE TABLE whole (a {id} NOT NULL PRIMARY KEY, b {blob}) {clustered};\n", NULL };
	struct db *db = NULL;
	int v;
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(db_open(f->arena, path_in(f, "avstamp.db"), DB_MIGRATOR, &db), OK);
	assert_int_not_equal(db_migrate(db, store_newest_version + 1, bad, 1), OK);
	assert_int_equal(db_version(db, &v), OK);
	assert_int_equal(v, store_newest_version);
	assert_int_equal(db_migrate(db, store_newest_version + 1, good, 1), OK);
	assert_int_equal(db_version(db, &v), OK);
	assert_int_equal(v, store_newest_version + 1);
	db_close(db);
	harm(f, "CREATE TABLE half (a)"); /* the name is free */
}

/* ---- hardening ---- */

static int take_text(void *ctx, int n, char **values, char **names)
{
	(void)n;
	(void)names;
	(void)snprintf(ctx, 32, "%s", values[0] ? values[0] : "");
	return 0;
}

static void the_file_is_in_the_mode_that_survives(void **state)
{
	struct fixture *f = *state;
	sqlite3 *c = stranger(f);
	char text[32];
	assert_int_equal(sqlite3_exec(c, "PRAGMA journal_mode", take_text, text, NULL), SQLITE_OK);
	assert_string_equal(text, "wal");
	assert_int_equal(sqlite3_exec(c, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'",
	                              take_text, text, NULL), SQLITE_OK);
	assert_string_equal(text, "0");
	assert_int_equal(sqlite3_exec(c, "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')", take_text, text,
	                              NULL), SQLITE_OK);
	assert_string_equal(text, "0");
	(void)sqlite3_close(c);
}

static void a_reader_cannot_be_made_to_write(void **state)
{
	struct fixture *f = *state;
	static const char *const harmful[] = {
		"DELETE FROM grants", "UPDATE users SET disabled = 0", "DROP TABLE events", "ATTACH '/etc/passwd' AS x",
		"PRAGMA query_only=0", "PRAGMA writable_schema=1", "PRAGMA synchronous=OFF", "SELECT load_extension('x')",
		"SELECT * FROM sqlite_schema", "CREATE TABLE x (a)", "SELECT randomblob(10)",
		"INSERT INTO applied VALUES (1)", "SELECT fts3_tokenizer('simple')",
	};
	struct db *db = store_reader(f->store);
	sqlite3_stmt *st;
	assert_non_null(db);
	for (size_t i = 0; i < COUNT_OF(harmful); i++)
		if (sqlite3_prepare_v2(db->c, harmful[i], -1, &st, NULL) == SQLITE_OK)
			fail_msg("prepared: %s", harmful[i]);
	/* No one is asked about VACUUM when it is prepared; it fails when it runs. */
	assert_int_not_equal(sqlite3_exec(db->c, "VACUUM", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db->c, "COMMIT; VACUUM", NULL, NULL, NULL), SQLITE_OK);
	/* The control: what it may do does prepare. */
	assert_int_equal(sqlite3_prepare_v2(db->c, "SELECT intent FROM applied", -1, &st, NULL), SQLITE_OK);
	(void)sqlite3_finalize(st);
	store_reader_done(f->store, db);
}

static enum err try_harm(struct db *db, void *ctx)
{
	static const char *const harmful[] = { "DELETE FROM events", "UPDATE events SET epoch = 2", "DROP TABLE events",
		"PRAGMA synchronous=OFF", "ATTACH 'x' AS x", "CREATE INDEX x ON events (epoch)", "PRAGMA journal_mode=DELETE" };
	sqlite3_stmt *st;
	(void)ctx;
	for (size_t i = 0; i < COUNT_OF(harmful); i++)
		if (sqlite3_prepare_v2(db->c, harmful[i], -1, &st, NULL) == SQLITE_OK)
			return ERR_SYSTEM;
	return sqlite3_prepare_v2(db->c, "DELETE FROM rungs", -1, &st, NULL) == SQLITE_OK &&
	       sqlite3_finalize(st) == SQLITE_OK ? OK : ERR_SYSTEM;
}

static void the_journal_is_append_only_for_the_writer(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_tx(f->store, try_harm, NULL), OK);
}

static void a_double_quoted_text_is_no_literal(void **state)
{
	struct fixture *f = *state;
	struct db *db = store_reader(f->store);
	sqlite3_stmt *st;
	assert_int_not_equal(sqlite3_prepare_v2(db->c, "SELECT \"no such column\" FROM applied", -1, &st, NULL),
	                     SQLITE_OK);
	store_reader_done(f->store, db);
}

/* ---- reading back ---- */

static void what_is_written_is_read(void **state)
{
	struct fixture *f = *state;
	struct small_case c = { .arena = f->arena, .number = 7, .n_streams = 3, .n_events = 5, .envelope = 200 };
	struct row_grants *head;
	struct q_case_streams_row *streams;
	struct q_events_after_row *tail;
	size_t n;
	struct db *db;
	assert_int_equal(store_tx(f->store, write_case, &c), OK);
	db = store_reader(f->store);
	assert_int_equal(q_case_by_id(db, f->arena, id_of('c', 7), asker_only(id_of('u', 1)), &head, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(head->shred_slot, 7);
	assert_int_equal(head->wrapped.n, 1200);
	assert_null(head->accepted.p);
	struct q_summary_mark_row *mark;
	assert_int_equal(q_summary_mark(db, f->arena, case_place(id_of('c', 7)), id_of('c', 7), &mark, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(mark->version, 1);
	assert_int_equal(q_case_streams(db, f->arena, id_of('c', 7), case_place(id_of('c', 7)), UINT32_MAX, &streams, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(streams[2].seq, 5);
	assert_false(streams[2].snapshot_seq.set);
	assert_int_equal(q_case_streams(db, f->arena, id_of('c', 7), case_place(id_of('c', 7)), INT64_C(1) << streams[1].compartment, &streams, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(q_case_streams(db, f->arena, id_of('c', 7), case_place(id_of('c', 7)), 0, &streams, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(q_events_after(db, f->arena, id_of('c', 7), event_place(id_of('c', 7), 1, 3),
	                                event_place(id_of('c', 7), 1, EVENT_SEQ_MAX), 100, &tail, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(tail[0].seq, 4);
	assert_int_equal(tail[1].envelope.n, 200);
	assert_int_equal((unsigned char)tail[1].envelope.p[199], 5);
	store_reader_done(f->store, db);
}

/* Two ids that begin alike share their places: neither sees the other's events, and the second cannot write over them. */
static enum err write_event(struct db *db, void *ctx)
{
	return q_event_insert(db, ctx);
}

static enum err write_stream(struct db *db, void *ctx)
{
	return q_stream_insert(db, ctx);
}

static size_t events_seen(struct fixture *f, struct id16 case_id, int64_t *ret_newest)
{
	struct q_case_epochs_row *epochs;
	struct q_events_after_row *after;
	struct q_events_before_row *before;
	struct q_place_taken_row *taken;
	size_t n, n_before;
	struct db *db = store_reader(f->store);
	assert_int_equal(q_case_epochs(db, f->arena, case_id, case_place(case_id), 3, &epochs, &n), OK);
	assert_true(n == 0 || epochs[n - 1].seq == 0);
	assert_int_equal(q_case_epochs(db, f->arena, case_id, case_place(case_id), 2, &epochs, &n), OK);
	*ret_newest = n ? epochs[n - 1].seq : 0;
	assert_int_equal(q_events_after(db, f->arena, case_id, event_place(case_id, 2, 0), event_place(case_id, 2, EVENT_SEQ_MAX), 9, &after, &n), OK);
	assert_int_equal(q_events_before(db, f->arena, case_id, event_place(case_id, 2, 0), event_place(case_id, 2, EVENT_SEQ_MAX), 9, &before,
	                                 &n_before), OK);
	assert_int_equal(n, n_before);
	assert_int_equal(q_place_taken(db, f->arena, case_place(case_id), case_place_last(case_id), &taken, &n_before), OK);
	assert_int_equal(n_before, 1);
	store_reader_done(f->store, db);
	return n;
}

static void ids_that_begin_alike_are_kept_apart(void **state)
{
	struct fixture *f = *state;
	struct id16 one = id_of('c', 7), other = one;
	int64_t newest;
	other.b[15] ^= 1;
	assert_int_equal(event_place(one, 2, 1), event_place(other, 2, 1));
	struct row_streams stream = { .place = event_place(one, 2, 1), .case_id = one, .compartment = 2, .epoch = 1, .deposit_key = STR("key"), .proof = STR("proof"),
	                              .recovery_wrap = STR("wrap") };
	struct row_events e = { .place = event_place(one, 2, 1), .case_id = one, .compartment = 2, .seq = 1, .epoch = 1, .envelope = STR("sealed") };
	assert_int_equal(store_tx(f->store, write_stream, &stream), OK);
	stream.case_id = other;
	assert_int_equal(store_tx(f->store, write_stream, &stream), ERR_CONFLICT);
	assert_int_equal(store_tx(f->store, write_event, &e), OK);
	assert_int_equal(events_seen(f, one, &newest), 1);
	assert_int_equal(newest, 1);
	assert_int_equal(events_seen(f, other, &newest), 0);
	assert_int_equal(newest, 0);
	e.case_id = other;
	assert_int_equal(store_tx(f->store, write_event, &e), ERR_CONFLICT);
	/* Not behind the other's either. */
	e.seq = 2;
	e.place = event_place(other, 2, 2);
	assert_int_equal(store_tx(f->store, write_event, &e), ERR_CONFLICT);
	e.case_id = one;
	assert_int_equal(store_tx(f->store, write_event, &e), OK);
	assert_int_equal(events_seen(f, other, &newest), 0);
}

static enum err write_snapshot(struct db *db, void *ctx)
{
	return q_snapshot_put(db, ctx);
}

static void keys_and_snapshots_lie_where_their_keys_say(void **state)
{
	struct fixture *f = *state;
	struct id16 id = id_of('c', 7);
	struct row_streams stream = { .place = event_place(id, 2, 3), .case_id = id, .compartment = 2, .epoch = 1, .deposit_key = STR("key"),
	                              .proof = STR("proof"), .recovery_wrap = STR("wrap") };
	struct row_snapshots snapshot = { .place = event_place(id, 1, 0), .case_id = id, .compartment = 2, .seq = 1, .epoch = 1, .version = 1,
	                                  .envelope = STR("sealed") };
	assert_int_equal(store_tx(f->store, write_stream, &stream), ERR_CONFLICT);
	stream.place = event_place(id, 2, 1);
	assert_int_equal(store_tx(f->store, write_stream, &stream), OK);
	assert_int_equal(store_tx(f->store, write_snapshot, &snapshot), ERR_CONFLICT);
	snapshot.place = event_place(id, 2, 0);
	assert_int_equal(store_tx(f->store, write_snapshot, &snapshot), OK);
	/* One whose id begins alike does not write over it. */
	snapshot.case_id.b[15] ^= 1;
	snapshot.version = 2;
	assert_int_equal(store_tx(f->store, write_snapshot, &snapshot), ERR_CONFLICT);
}

static void an_event_lies_where_its_key_says(void **state)
{
	struct fixture *f = *state;
	struct small_case c = { .arena = f->arena, .number = 7, .n_streams = 3, .n_events = 2, .envelope = 64 };
	struct row_events e = { .case_id = id_of('c', 7), .compartment = 1, .seq = 3, .epoch = 1, .envelope = STR("sealed") };
	assert_int_equal(store_tx(f->store, write_case, &c), OK);
	/* In another stream, under another number, in another case. */
	const int64_t wrong[] = { event_place(e.case_id, 2, 3), event_place(e.case_id, 1, 4), event_place(id_of('c', 8), 1, 3) };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		e.place = wrong[i];
		assert_int_equal(store_tx(f->store, write_event, &e), ERR_CONFLICT);
	}
	e.place = event_place(e.case_id, 1, 3);
	assert_int_equal(store_tx(f->store, write_event, &e), OK);
	/* Streams lie behind one another in the order of their numbers, and a number nobody can have is the nearest one. */
	assert_true(event_place(e.case_id, 1, EVENT_SEQ_MAX) + 1 == event_place(e.case_id, 2, 0));
	assert_true(event_place(e.case_id, 1, INT64_MAX) == event_place(e.case_id, 1, EVENT_SEQ_MAX));
	assert_true(event_place(e.case_id, 1, INT64_MIN) == event_place(e.case_id, 1, 0));
	assert_true(case_place(e.case_id) == event_place(e.case_id, 0, 0));
	assert_true(case_place_last(e.case_id) - case_place(e.case_id) == (1 << 25) - 1);
}

static void own_grant_comes_before_the_desk(void **state)
{
	struct fixture *f = *state;
	struct small_case c = { .arena = f->arena, .number = 7 };
	struct asker both = { .id = { id_of('u', 1), id_of('x', 9), id_of('d', 1) } };
	struct asker desk = { .id = { id_of('u', 2), id_of('x', 9), id_of('d', 1) } };
	struct row_grants *head;
	size_t n;
	struct db *db;
	assert_int_equal(store_tx(f->store, write_case, &c), OK);
	db = store_reader(f->store);
	assert_int_equal(q_case_by_id(db, f->arena, id_of('c', 7), both, &head, &n), OK);
	assert_int_equal(n, 1);
	assert_true(id_eq(head->holder, id_of('u', 1)));
	assert_int_equal(q_case_by_id(db, f->arena, id_of('c', 7), desk, &head, &n), OK);
	assert_int_equal(n, 1);
	assert_true(id_eq(head->holder, id_of('d', 1)));
	store_reader_done(f->store, db);
}

static void an_empty_arena_is_full_and_the_connection_lives(void **state)
{
	struct fixture *f = *state;
	struct small_case c = { .arena = f->arena, .number = 7 };
	_cleanup_(arena_freep) struct arena *small = arena_new(256);
	struct row_grants *head = NULL;
	size_t n = 99;
	struct db *db;
	assert_int_equal(store_tx(f->store, write_case, &c), OK);
	db = store_reader(f->store);
	assert_int_equal(q_case_by_id(db, small, id_of('c', 7), asker_only(id_of('u', 1)), &head, &n), ERR_FULL);
	assert_null(head);
	assert_int_equal(n, 99);
	assert_int_equal(q_case_by_id(db, f->arena, id_of('c', 7), asker_only(id_of('u', 1)), &head, &n), OK);
	assert_int_equal(n, 1);
	store_reader_done(f->store, db);
}

static void no_connection_is_an_answer_too(void **state)
{
	struct fixture *f = *state;
	struct q_applied_all_row *rows = NULL;
	size_t n = 99;
	assert_int_equal(q_applied_all(NULL, f->arena, &rows, &n), ERR_IO);
	assert_int_equal(n, 99);
	store_reader_done(f->store, NULL);
}

static void a_row_of_the_wrong_shape_is_corrupt(void **state)
{
	struct fixture *f = *state;
	struct small_case c = { .arena = f->arena, .number = 7 };
	struct row_grants *head;
	size_t n;
	struct db *db;
	assert_int_equal(store_tx(f->store, write_case, &c), OK);
	harm(f, "UPDATE grants SET controller = x'0102'");
	db = store_reader(f->store);
	assert_int_equal(q_case_by_id(db, f->arena, id_of('c', 7), asker_only(id_of('u', 1)), &head, &n), ERR_CORRUPT);
	store_reader_done(f->store, db);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_new_database_is_private_and_whole),
		CASE(a_second_database_is_refused),
		CASE(no_database_is_not_found),
		CASE(a_foreign_file_is_refused),
		CASE(a_newer_schema_is_refused),
		CASE(an_older_schema_waits_for_migrate),
		CASE(a_failing_migration_leaves_nothing),
		CASE(the_file_is_in_the_mode_that_survives),
		CASE(a_reader_cannot_be_made_to_write),
		CASE(the_journal_is_append_only_for_the_writer),
		CASE(a_double_quoted_text_is_no_literal),
		CASE(what_is_written_is_read),

		CASE(ids_that_begin_alike_are_kept_apart),

		CASE(keys_and_snapshots_lie_where_their_keys_say),
		CASE(an_event_lies_where_its_key_says),
		CASE(own_grant_comes_before_the_desk),
		CASE(an_empty_arena_is_full_and_the_connection_lives),
		CASE(no_connection_is_an_answer_too),
		CASE(a_row_of_the_wrong_shape_is_corrupt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

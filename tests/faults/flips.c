/* tests/faults/flips.c — tampering (DECISIONS 33): flipped bytes of database and log, swapped rows, an old database put
 * back, a cut tail.
 *
 *   flips PROGRAM [FLIPS]     SEED=n in the environment repeats a run's choices
 *
 * A flip in the database must be reported by verify, or every row of every table, the order of every index and the schema
 * must read as before. A flip in the log, up to its newest checkpoint, must be reported.
 * The control: the walk through the log alone, without the check of rows, says nothing of changed rows. */
#include "crypto/log_reader.h"
#include "crypto/verify.h"
#include "help.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct world w;
static const char *directory;
static size_t wrong;

static const char *in(const char *name)
{
	return arena_c(w.a, arena_format(w.a, "%s/%s", directory, name));
}

static int verified(const char *since, struct str *ret_said)
{
	const char *const words[] = { "--quiet", since == NULL ? NULL : "--since", since, NULL };

	return run_verb(&w, ret_said, "verify", directory, words);
}

/* ---- what statements can see ---- */

static uint64_t mixed(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Every value of every row in the order given; 0 stands for "cannot be read". */
static uint64_t seen_by(sqlite3 *db, const char *sql, uint64_t h)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			int type = sqlite3_column_type(s, i);
			const void *p = sqlite3_column_blob(s, i);
			int n = sqlite3_column_bytes(s, i);

			h = mixed(mixed(h, &type, sizeof type), &n, sizeof n);
			h = p == NULL ? h : mixed(h, p, (size_t)n);
		}
		rc = SQLITE_OK;
	}
	if (rc != SQLITE_DONE && getenv("AVSTAMP_AROUND") != NULL)
		(void)printf("  %s: %s\n", sql, sqlite3_errmsg(db));
	(void)sqlite3_finalize(s);
	return rc == SQLITE_DONE ? h : 0;
}

static const char *index_query(sqlite3 *db, struct arena *a, const char *table, const char *name, const char *sql)
{
	const char *where = sql == NULL ? NULL : strstr(sql, "WHERE");
	sqlite3_stmt *s = NULL;
	struct buf b = buf_new(a, 8192);
	bool first = true;

	buf_format(&b, "select * from \"%s\" indexed by \"%s\" %s order by ", table, name, where == NULL ? "" : where);
	(void)sqlite3_prepare_v2(db, "select name from pragma_index_info(?)", -1, &s, NULL);
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
	while (sqlite3_step(s) == SQLITE_ROW) {
		buf_format(&b, "%s\"%s\"", first ? "" : ",", (const char *)sqlite3_column_text(s, 0));
		first = false;
	}
	(void)sqlite3_finalize(s);
	return arena_c(a, buf_view(&b));
}

static uint64_t answers(void)
{
	struct arena *a = arena_new(16u << 20);
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	int rc = sqlite3_open_v2(in("avstamp.db"), &db, SQLITE_OPEN_READONLY, NULL);

	/* Small and capital letters are the same to SQL, and the schema has no text in quotes. */
	h = rc == SQLITE_OK ? seen_by(db, "select type, lower(name), lower(tbl_name), rootpage, lower(sql) from sqlite_master order by lower(name)", h) : 0;
	if (h != 0)
		rc = sqlite3_prepare_v2(db, "select type, name, tbl_name, sql from sqlite_master where type in ('table', 'index') order by name", -1, &s, NULL);
	while (h != 0 && rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(s, 0), *name = (const char *)sqlite3_column_text(s, 1);
		bool table = strcmp(type, "table") == 0;

		h = seen_by(db, table ? arena_c(a, arena_format(a, "select * from \"%s\"", name))
				      : index_query(db, a, (const char *)sqlite3_column_text(s, 2), name, (const char *)sqlite3_column_text(s, 3)), h);
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	arena_free(a);
	return h;
}

/* What a flip that was missed changed: the rows that are there before or after alone. */
static void show_changed(const char *whole)
{
	const char *const list[] = { "sh", "-c",
		arena_c(w.a, arena_format(w.a, "for f in %s %s/avstamp.db; do sqlite3 \"file:$f?immutable=1\" .dump > $f.txt; done; diff %s.txt %s/avstamp.db.txt | cut -c1-400 | head -8",
					  whole, directory, whole, directory)), NULL };
	struct str said;

	(void)run_program(w.a, list, STR(""), &said);
	(void)printf("%.*s", STR_FMT(said));
}

/* ---- the control: without the check of rows ---- */

static void nothing(void *ctx, const struct verify_finding *f)
{
	(void)ctx;
	(void)f;
}

static int log_alone(void)
{
	int fd = open(in("log"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct verify_options o = { .dir_fd = fd, .moving_from = UINT64_MAX, .found = nothing };
	struct verify *v = NULL;
	int code = verify_log(&o, &v) == OK ? (int)verify_worst(v) : -1;

	verify_free(v);
	(void)close(fd);
	return code;
}

/* ---- flips ---- */

static bool flip(const char *path, uint64_t at, uint8_t bit)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t b = 0;
	bool done = fd >= 0 && pread(fd, &b, 1, (off_t)at) == 1;

	b ^= bit;
	done = done && pwrite(fd, &b, 1, (off_t)at) == 1;
	(void)close(fd);
	return done;
}

/* Bytes of records in the newest segment; zeros follow. The demo's log has one. */
static uint64_t log_bytes(void)
{
	struct arena *a = arena_new(16u << 20);
	int fd = open(in("log"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct log_reader *r = NULL;
	struct log_record record;
	uint64_t end = 0;

	if (a == NULL || log_reader_new(a, fd, &r) != OK || log_reader_at(r, 1, LOG_SEGMENT_HEAD) != OK)
		give_up("the log cannot be read");
	while (log_reader_next(r, &record) == OK)
		end = record.offset + record.size;
	log_reader_close(r);
	(void)close(fd);
	arena_free(a);
	return end;
}

static void flips(int count, uint64_t seed, const char *whole)
{
	struct stat s;
	const char *database = in("avstamp.db"), *log = in("log/000001.avl");
	uint64_t before = answers(), began = seed, size, in_log = log_bytes();
	int reported = 0, harmless = 0, database_flips = 0, missed_by_control = 0;

	if (stat(database, &s) != 0 || before == 0 || verified(NULL, NULL) != 0)
		give_up("the directory is not whole before the first flip");
	size = (uint64_t)s.st_size;
	for (int i = 0; i < count; i++) {
		bool first = i % 2 == 0;
		const char *path = first ? database : log;
		uint64_t at = draw(&seed, first ? size : in_log);
		uint8_t bit = (uint8_t)(1u << draw(&seed, 8));

		if (!flip(path, at, bit))
			give_up("no flip");
		int code = verified(NULL, NULL);
		bool same = first && answers() == before;

		database_flips += first;
		reported += code > 0;
		harmless += code == 0 && same;
		missed_by_control += first && !same && log_alone() == 0;
		if (code < 0 || (code == 0 && !same)) {
			wrong++;
			(void)printf("  %s byte %llu bit %02x: %s\n", first ? "database" : "log", (unsigned long long)at, bit,
				     code < 0 ? "verify fell over" : "neither reported nor without effect");
			if (first)
				show_changed(whole);
		}
		if (!flip(path, at, bit))
			give_up("no flip back");
	}
	if (answers() != before || verified(NULL, NULL) != 0)
		give_up("the directory is not whole after the last flip back");
	(void)printf("flips: %d (%d database, %d log): %d reported, %d without effect, %zu neither; without the row check %d would be missed; seed %llu\n",
		     count, database_flips, count - database_flips, reported, harmless, wrong, missed_by_control, (unsigned long long)began);
	if (missed_by_control == 0) {
		(void)printf("FAILED the control missed nothing\n");
		wrong++;
	}
}

/* ---- whole rows ---- */

static void run_sql(const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	if (sqlite3_open(in("avstamp.db"), &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK || sqlite3_changes(db) == 0)
		give_up("%s: %s", sql, why == NULL ? "no row" : why);
	(void)sqlite3_close(db);
}

static void expect_code(const char *what, int code, int wanted)
{
	(void)printf("%s: verify ends with %d\n", what, code);
	wrong += code != wanted;
}

static void put_back(const char *name, const char *from)
{
	remove_tree(in(name));
	if (!copy_tree(w.a, from, in(name)))
		give_up("%s cannot be put back", name);
	remove_tree(in("avstamp.db-wal"));
	remove_tree(in("avstamp.db-shm"));
}

static void swaps(const char *good)
{
	run_sql("create temp table pair as select e.case_id c, e.compartment k, e.seq s, e.envelope v, row_number() over () n from events e"
		" where compartment = 0 and seq = 1 limit 2;"
		"update events set envelope = (select v from pair where c <> events.case_id) where seq = 1 and compartment = 0 and case_id in (select c from pair)");
	expect_code("two events' envelopes swapped", verified(NULL, NULL), 6);
	put_back("avstamp.db", good);
	run_sql("create temp table pair as select holder h, case_id c, wrapped v, accepted a from grants where holder ="
		" (select holder from grants group by holder having count(*) > 1 limit 1) limit 2;"
		"update grants set wrapped = (select v from pair where c <> grants.case_id), accepted = (select a from pair where c <> grants.case_id)"
		" where holder in (select h from pair) and case_id in (select c from pair)");
	expect_code("two cases' grants swapped", verified(NULL, NULL), 6);
	put_back("avstamp.db", good);
	run_sql("delete from events where seq = 2 and case_id = (select min(case_id) from events where seq = 2)");
	expect_code("a row deleted", verified(NULL, NULL), 6);
	put_back("avstamp.db", good);
	run_sql("update applied set intent = intent + 1000000 where intent = (select max(intent) from applied)");
	expect_code("a write that was never intended", verified(NULL, NULL), 6);
	put_back("avstamp.db", good);
}

static void write_more(void)
{
	struct client maria = { .name = STR("maria") };

	if (!house_start(&w.house) || !person_login(&w, &maria, "coordinator") || case_begin(&w, &maria, "Rödhaken").p == NULL || !house_stop(&w.house))
		give_up("nothing more could be written");
}

int main(int argc, char **argv)
{
	const char *given = getenv("SEED");

	if (argc < 2)
		give_up("flips PROGRAM [FLIPS]");
	world_begin(&w, argv[1]);
	directory = w.house.directory;
	if (!house_stop(&w.house))
		give_up("the demo does not stop");
	const char *old_database = beside(&w, "old.db"), *old_log = beside(&w, "old.log"), *new_database = beside(&w, "new.db"),
		   *new_log = beside(&w, "new.log"), *since = beside(&w, "since");

	if (!copy_tree(w.a, in("avstamp.db"), old_database) || !copy_tree(w.a, in("log"), old_log))
		give_up("no copy");
	flips(count_argument(argc, argv, 2, 200), given != NULL ? strtoull(given, NULL, 10) : (uint64_t)getpid() * 7919u, old_database);
	swaps(old_database);
	expect_code("put right again", verified(NULL, NULL), 0);
	write_more();
	if (!copy_tree(w.a, in("avstamp.db"), new_database) || !copy_tree(w.a, in("log"), new_log) || !copy_tree(w.a, in("log/checkpoint"), since))
		give_up("no copy");
	expect_code("after further work", verified(since, NULL), 0);
	put_back("avstamp.db", old_database);
	expect_code("an old database under a newer log", verified(NULL, NULL), 6);
	put_back("log", old_log);
	expect_code("old database and old log, with --since", verified(since, NULL), 2);
	expect_code("control: the same without --since", verified(NULL, NULL), 0);
	put_back("log", new_log);
	put_back("avstamp.db", new_database);
	expect_code("put right again", verified(since, NULL), 0);
	(void)printf("tampering: %zu findings are missing\n", wrong);
	world_end(&w);
	return wrong > 0;
}

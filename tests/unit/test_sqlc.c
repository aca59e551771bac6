/* tests/unit/test_sqlc.c — the statement compiler and the list of clear columns refuse what they do not know.
 *
 * Called with the paths of sqlc, of clearlist and of all migrations. */
#include "base/base.h"
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { WORDS = 32 };
static const char *sqlc, *clearlist;
static char **migrations;
static int n_migrations;
static char directory[] = "/tmp/avstamp-sqlc-XXXXXX";

static const char *path_of(const char *name)
{
	static char paths[8][64];
	static size_t next;
	char *p = paths[next++ % COUNT_OF(paths)];
	assert_true(snprintf(p, sizeof paths[0], "%s/%s", directory, name) < (int)sizeof paths[0]);
	return p;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Runs a tool; its words go to `said`. */
static int run(char *const argv[], char said[2048])
{
	posix_spawn_file_actions_t actions;
	int status, fd;
	pid_t pid;
	ssize_t n;
	char *const environment[] = { NULL };
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 2, path_of("said"), O_WRONLY | O_CREAT | O_TRUNC, 0600), 0);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, argv, environment), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)posix_spawn_file_actions_destroy(&actions);
	fd = open(path_of("said"), O_RDONLY | O_CLOEXEC);
	n = read(fd, said, 2047);
	assert_true(n >= 0);
	said[n] = 0;
	(void)close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *writable(const char *s)
{
	char *copy = strdup(s);
	assert_non_null(copy);
	return copy;
}

/* Runs `tool first [all migrations] words...`; a NULL word ends them. */
static int run_words(const char *tool, const char *first, bool all, const char *const *words, char said[2048])
{
	char *argv[WORDS] = { writable(tool), writable(first) };
	int n = 2, rc;
	for (int i = 0; all && i < n_migrations; i++)
		argv[n++] = writable(migrations[i]);
	for (; *words; words++)
		argv[n++] = writable(*words);
	rc = run(argv, said);
	while (n > 0)
		free(argv[--n]);
	return rc;
}

static int run_clearlist(const char *text, bool all, char said[2048])
{
	const char *const words[] = { path_of("more.sql"), NULL };
	write_file("more.sql", text);
	return run_words(clearlist, path_of("OUT.md"), all, words, said);
}

static int run_sqlc(const char *statements, char said[2048])
{
	const char *const words[] = { "--", path_of("s.sql"), NULL };
	write_file("s.sql", statements);
	return run_words(sqlc, directory, true, words, said);
}

struct bad { const char *text, *word; };

static void a_migration_without_marks_is_refused(void **state)
{
	static const struct bad bad[] = {
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY\n) {strict};\n", "column a has no mark" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY,\n) {strict};\n", "column a has no mark" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY -- clear: \n) {strict};\n", "gives no reason" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY -- secret: x\n) {strict};\n", "column a has no mark" },
		{ "CREATE TABLE t (\n  a TEXT NOT NULL PRIMARY KEY -- clear: x\n) {strict};\n", "the type is" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY -- clear: x\n);\n", "a table ends in" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL -- clear: x\n) {strict};\n", "the key's columns stand first" },
		{ "CREATE TABLE t (\n  a {id} PRIMARY KEY -- clear: x\n) {strict};\n", "a key is never NULL" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY -- clear: x\n", "middle of a statement" },
		{ "CREATE VIEW v AS SELECT 1;\n", "may not say" },
		{ "CREATE TRIGGER t AFTER INSERT ON x BEGIN END;\n", "may not say" },
		{ "ALTER TABLE none ADD COLUMN a {i64}; -- clear: x\n", "there is no table" },
		{ "CREATE TABLE t (\n  a {id} NOT NULL PRIMARY KEY -- clear: x\n) {strict};\n", "is in no migration" },
	};
	char said[2048];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(run_clearlist(bad[i].text, false, said), 1);
		if (!strstr(said, bad[i].word))
			fail_msg("%zu: expected \"%s\", got: %s", i, bad[i].word, said);
	}
}

static void a_column_added_later_needs_a_mark_too(void **state)
{
	char said[2048];
	(void)state;
	assert_int_equal(run_clearlist("ALTER TABLE cases ADD COLUMN extra {i64};\n", true, said), 1);
	assert_non_null(strstr(said, "column extra has no mark"));
	assert_int_equal(run_clearlist("CREATE TABLE stray (\n  a {id} NOT NULL PRIMARY KEY -- clear: x\n) {strict};\n", true,
	                               said), 1);
	assert_non_null(strstr(said, "outside the log"));
	/* The control. */
	assert_int_equal(run_clearlist("ALTER TABLE cases ADD COLUMN extra {i64}; -- clear: a reason\n", true, said), 0);
}

#define HEAD "-- name:  x\n-- takes: id case_id\n-- gives: 0..1 (i64 code)\n"
static void a_statement_that_is_not_understood_is_refused(void **state)
{
	static const struct bad bad[] = {
		{ "SELECT 1;\n", "needs name:, takes: and gives:" },
		{ "-- name:  x\n-- takes: none\nSELECT 1;\n", "needs name:, takes: and gives:" },
		{ HEAD "SELECT code FROM cases WHERE case_id = $2;\n", "$2 is not taken" },
		{ HEAD "SELECT code FROM cases;\n", "$1 is taken and never used" },
		{ HEAD "SELECT code FROM cases WHERE case_id = ?1;\n", "never used" },
		{ HEAD "SELECT code FROM cases WHERE case_id = $1 AND code = 'x';\n", "no literal text" },
		{ HEAD "SELECT code FROM cases WHERE case_id = $1; DELETE FROM cases;\n", "one statement" },
		{ HEAD "SELECT code FROM cases WHERE case_id = $1\n", "middle of a statement" },
		{ HEAD HEAD "SELECT code FROM cases WHERE case_id = $1;\n", "stands twice" },
		{ HEAD "SELECT $1;\n\n" HEAD "SELECT $1;\n", "x stands twice" },
		{ "-- name:  x\n-- takes: text a\n-- gives: one\nSELECT $1;\n", "unknown type text" },
		{ "-- name:  x\n-- takes: id? a\n-- gives: one\nSELECT $1;\n", "id? does not exist" },
		{ "-- name:  x\n-- takes: row nothing\n-- gives: one\nSELECT $1;\n", "there is no table of rows nothing" },
		{ "-- name:  x\n-- takes: row applied\n-- gives: one\nSELECT $1;\n", "there is no table of rows applied" },
		{ "-- name:  x\n-- takes: id a\n-- gives: some\nSELECT $1;\n", "gives: one, changed" },
		{ "-- name:  x\n-- takes: id a\n-- gives: 0..n i64 code\nSELECT $1;\n", "gives: `row TABLE` or a list" },
		{ "-- name:  x\n-- takes: id a\n-- gives: 0..n (asker who)\nSELECT $1;\n", "an asker is only taken" },
		{ "-- name:  x\n-- takes: id a, i64 a\n-- gives: one\nSELECT $1, $2;\n", "field a stands twice" },
	};
	char said[2048];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(run_sqlc(bad[i].text, said), 1);
		if (!strstr(said, bad[i].word))
			fail_msg("%zu: expected \"%s\", got: %s", i, bad[i].word, said);
	}
	/* The control. */
	assert_int_equal(run_sqlc(HEAD "SELECT code FROM cases WHERE case_id = $1;\n", said), 0);
	assert_string_equal(said, "");
}

static int leave(void **state)
{
	static const char *const names[] = { "said", "OUT.md", "more.sql", "s.sql", "rows.h", "rows.c",
	                                     "statements.h", "statements.c", "migrations.c" };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		(void)unlink(path_of(names[i]));
	return rmdir(directory);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_migration_without_marks_is_refused),
		cmocka_unit_test(a_column_added_later_needs_a_mark_too),
		cmocka_unit_test(a_statement_that_is_not_understood_is_refused),
	};
	if (argc < 4 || argc > WORDS - 4 || !mkdtemp(directory)) {
		fputs("use: test_sqlc SQLC CLEARLIST 0001.sql ...\n", stderr);
		return 2;
	}
	sqlc = argv[1];
	clearlist = argv[2];
	migrations = argv + 3;
	n_migrations = argc - 3;
	return cmocka_run_group_tests(tests, NULL, leave);
}

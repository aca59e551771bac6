/* tests/faults/moments.c — database and log looked at in the middle of work: verify between a kill and the next start, and
 * backups that are taken while reminders are written.
 *
 *   moments PROGRAM kill            what the log promises is told as not yet covered; what is altered is found
 *   moments PROGRAM backup [N]      N backups beside writers; each restored directory verifies
 *   moments PROGRAM verify [N]      N checks beside writers end with 0 */
#include "help.h"
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 3

static struct world w;
static size_t wrong;

static void told(const char *what, int code, int wanted, struct str said, const char *sentence)
{
	bool well = code == wanted && (sentence == NULL || contains(said, str_c(sentence)));

	(void)printf("%s: %s, exit %d\n", what, well ? "as it should" : "WRONG", code);
	if (!well)
		(void)printf("%.*s", STR_FMT(said));
	wrong += !well;
}

static sqlite3 *database(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(arena_c(w.a, arena_format(w.a, "%s/avstamp.db", w.house.directory)), &db) != SQLITE_OK)
		give_up("no database");
	return db;
}

static void run_sql(const char *sql)
{
	sqlite3 *db = database();
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK || sqlite3_changes(db) == 0)
		give_up("%s: %s", sql, why == NULL ? "no row" : why);
	(void)sqlite3_close(db);
}

static int64_t number_of(const char *sql)
{
	sqlite3 *db = database();
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return n;
}

static int verified(struct str *ret_said)
{
	return run_verb(&w, ret_said, "verify", w.house.directory, NULL);
}

/* ---- a kill ---- */

/* The directory as it was, with a change; verify must name it. */
static void altered(const char *what, const char *aside, const char *sql)
{
	struct str said;

	remove_tree(w.house.directory);
	if (!copy_tree(w.a, aside, w.house.directory))
		give_up("no copy back");
	run_sql(sql);
	told(what, verified(&said), 6, said, "Databasen och loggen skiljer sig");
}

static void after_a_kill(void)
{
	struct client maria = { .name = STR("maria") };
	const char *aside = beside(&w, "aside");
	struct str said;

	/* The reminders that are due at the start have fired, and a checkpoint has named everything. */
	pause_for(3000);
	told("verify beside the service", verified(&said), 0, said, "Allt st");
	int64_t before = number_of("select count(*) from rungs");

	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login");
	for (int i = 0; i < 3; i++)
		if (case_begin(&w, &maria, "Stenskvättan").n != 32)
			give_up("no case");
	/* What became of the last save is told to the vault with the next question. */
	if (api_call(&w, w.a, &maria, "/api/v1/cases", NULL) != 200)
		give_up("no list");
	if (number_of("select count(*) from rungs") <= before)
		give_up("a case without a reminder");
	(void)kill(w.house.parent, SIGKILL);
	(void)waitpid(w.house.parent, NULL, 0);
	w.house.parent = 0;
	pause_for(300);
	told("verify after a kill", verified(&said), 0, said, "inte täckta av loggen");
	if (!copy_tree(w.a, w.house.directory, aside))
		give_up("no copy");
}

static void kills(void)
{
	struct str said;
	const char *aside = beside(&w, "aside");

	after_a_kill();
	/* The newest rungs are those that wait: a new case's are noted last. */
	altered("a waiting reminder altered", aside, "update rungs set due = due + 1 where rung_id = (select rung_id from rungs order by rowid desc limit 1)");
	altered("a waiting reminder deleted", aside, "delete from rungs where rung_id = (select rung_id from rungs order by rowid desc limit 1)");
	altered("a reminder nobody promised", aside, "create temp table r as select * from rungs order by rowid desc limit 1; update r set rung_id = randomblob(16);"
		"insert into rungs select * from r");
	altered("an older reminder altered", aside, "update rungs set due = due + 1 where rung_id = (select rung_id from rungs order by rowid limit 1)");
	remove_tree(w.house.directory);
	if (!copy_tree(w.a, aside, w.house.directory))
		give_up("no copy back");
	/* A copy without the keys: nobody can tell what was promised, and that is said. */
	remove_tree(arena_c(w.a, arena_format(w.a, "%s/keys/late", w.house.directory)));
	told("verify of a copy without keys/late", verified(&said), 6, said, "keys/late går inte att läsa");
	remove_tree(w.house.directory);
	if (!copy_tree(w.a, aside, w.house.directory) || !house_start(&w.house) || !house_stop(&w.house))
		give_up("the demo does not start again");
	told("verify after the next start", verified(&said), 0, said, "Allt st");
	if (contains(said, STR("inte täckta")))
		wrong++;
}

/* ---- beside writers ---- */

NORETURN static void write_for_ever(void)
{
	struct client c = { .name = STR("writer") };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		w.a = arena_new(1u << 30);
		if (!person_try_login(&w, w.a, &c, "coordinator"))
			pause_for(100);
		for (int i = 0; c.status == 200 || (c.status == 201 && i < 2000); i++)
			(void)case_begin(&w, &c, "Stenskvättan");
		c.n_cookies = 0;
		arena_free(w.a);
	}
}

static void begin_writers(pid_t pids[WRITERS])
{
	(void)fflush(NULL);
	for (int i = 0; i < WRITERS; i++)
		if ((pids[i] = fork()) == 0)
			write_for_ever();
	int64_t had = number_of("select count(*) from cases");

	while (number_of("select count(*) from cases") < had + 5)
		pause_for(50);
}

static void end_writers(const pid_t pids[WRITERS])
{
	for (int i = 0; i < WRITERS; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
}

static void backups(int count)
{
	const char *aside = beside(&w, "aside");
	const char *const replace[] = { "--replace", NULL };
	const char *copies[200];
	pid_t pids[WRITERS];
	struct str said;

	begin_writers(pids);
	for (int i = 0; i < count && i < 200; i++) {
		copies[i] = beside(&w, arena_c(w.a, arena_format(w.a, "copy%d", i)));
		const char *const to[] = { copies[i], NULL };
		int code = run_verb(&w, &said, "backup", w.house.directory, to);

		if (code != 0)
			told("backup beside writers", code, 0, said, NULL);
	}
	int64_t written = number_of("select count(*) from cases");

	end_writers(pids);
	if (!house_stop(&w.house) || !copy_tree(w.a, w.house.directory, aside))
		give_up("the demo does not stop");
	for (int i = 0; i < count && i < 200; i++) {
		const char *list[] = { w.house.program, "restore", copies[i], "--dir", w.house.directory, replace[0], NULL };
		int code = run_program(w.a, list, STR(""), &said);

		if (code != 0)
			told("restore of a backup taken beside writers", code, 0, said, NULL);
		remove_tree(w.house.directory);
		if (!copy_tree(w.a, aside, w.house.directory))
			give_up("no copy back");
	}
	(void)printf("%d backups beside writers (%lld cases), %zu wrong\n", count, (long long)written, wrong);
}

static void checks(int count)
{
	pid_t pids[WRITERS];
	struct str said;

	begin_writers(pids);
	for (int i = 0; i < count; i++) {
		int code = verified(&said);

		if (code != 0)
			told("verify beside writers", code, 0, said, NULL);
		if (contains(said, STR("kunde inte hålla stilla")))
			told("the quiet moment", 1, 0, said, NULL);
	}
	end_writers(pids);
	(void)printf("%d checks beside writers (%lld cases), %zu wrong\n", count, (long long)number_of("select count(*) from cases"), wrong);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	if (argc < 3)
		give_up("moments PROGRAM kill|backup|verify [N]");
	world_begin(&w, argv[1]);
	if (strcmp(what, "kill") == 0)
		kills();
	else if (strcmp(what, "backup") == 0)
		backups(count_argument(argc, argv, 3, 4));
	else
		checks(count_argument(argc, argv, 3, 6));
	(void)printf("moments %s: %zu wrong\n", what, wrong);
	world_end(&w);
	return wrong > 0;
}

/* tests/faults/nightly.c — the nightly check of log and database runs by itself beside the service, and what it finds reaches
 * somebody: doctor, the reviewer and the officers, without a word of what was found.
 *
 *   nightly PROGRAM */
#include "help.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct world w;
static size_t wrong;

static void holds(const char *what, bool is, struct str seen)
{
	(void)printf("%s: %s\n", what, is ? "as it should" : "WRONG");
	if (!is)
		(void)printf("%.*s\n", STR_FMT(str_cut(seen, 0, 1500)));
	wrong += !is;
}

static const char *in(const char *name)
{
	return arena_c(w.a, arena_format(w.a, "%s/%s", w.house.directory, name));
}

/* The check runs in the hour that it is now. */
static void choose_hour(void)
{
	struct civil c = instant_civil((struct instant){ (int64_t)time(NULL) * 1000000 });
	struct str conf;

	/* The hour may not turn before the service looks at its clock. */
	while (c.minute == 59) {
		pause_for(1000);
		c = instant_civil((struct instant){ (int64_t)time(NULL) * 1000000 });
	}
	conf = read_whole(w.a, in("avstamp.conf"));
	FILE *f = fopen(in("avstamp.conf"), "we");
	struct str rest = conf;
	bool there = false;

	while (f != NULL && rest.n > 0) {
		size_t n = str_find(rest, '\n');
		struct str line = str_cut(rest, 0, n);

		rest = str_cut(rest, n + 1, rest.n);
		there = there || contains(line, STR("verify_hour"));
		if (contains(line, STR("verify_hour")))
			(void)fprintf(f, "verify_hour = %d\n", c.hour);
		else
			(void)fprintf(f, "%.*s\n", STR_FMT(line));
	}
	if (f == NULL || (!there && fprintf(f, "verify_hour = %d\n", c.hour) < 0) || fclose(f) != 0)
		give_up("no avstamp.conf");
}

/* Starts the service and waits for its check; what stands in run/verified. */
static struct str checked(void)
{
	struct str said = STR_UNSET;

	if (w.house.parent > 0 && !house_stop(&w.house))
		give_up("it does not stop");
	(void)unlink(in("run/verified"));
	choose_hour();
	if (!house_start(&w.house))
		give_up("it does not start");
	for (int i = 0; i < 240 && (said = read_whole(w.a, in("run/verified"))).n < 3; i++)
		pause_for(250);
	pause_for(200);
	return said.p == NULL ? STR("") : said;
}

static void run_sql(const char *sql)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(in("avstamp.db"), &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK || sqlite3_changes(db) != 1)
		give_up("%s", sql);
	(void)sqlite3_close(db);
}

/* Does this page tell it to this person? */
static bool tells(const char *role, const char *page)
{
	struct client c = { .name = str_c(role) };

	if (!person_login(&w, &c, role) || api_call(&w, w.a, &c, page, NULL) != 200)
		give_up("%s does not see %s: %d", role, page, c.status);
	return contains(c.body, STR("Nattens kontroll"));
}

int main(int argc, char **argv)
{
	struct str said;

	if (argc < 2)
		give_up("nightly PROGRAM");
	world_begin(&w, argv[1]);
	said = checked();
	holds("a check of its own ends well", str_starts(said, STR("0 ")), said);
	holds("nothing is told", !tells("reviewer", "/logg") && !tells("enrolment_officer", "/min-dag"), STR(""));
	if (!house_stop(&w.house))
		give_up("it does not stop");
	run_sql("update rungs set due = due + 1 where rowid = (select min(rowid) from rungs)");
	said = checked();
	holds("a changed row is found at night", str_starts(said, STR("6 ")), said);
	holds("the reviewer is told in the log", tells("reviewer", "/logg"), STR(""));
	holds("the officer is told", tells("enrolment_officer", "/min-dag"), STR(""));
	holds("a coordinator is not", !tells("coordinator", "/min-dag"), STR(""));
	(void)run_verb(&w, &said, "doctor", w.house.directory, NULL);
	holds("doctor tells", contains(said, STR("kontrollen slutade med 6")), said);
	said = read_whole(w.a, w.house.log_file);
	holds("the operator's journal tells", contains(said, STR("Nattens kontroll av loggen och databasen slutade med 6")), said);
	if (!house_stop(&w.house) || !house_start(&w.house))
		give_up("no restart");
	pause_for(300);
	holds("it is told after a restart too", tells("reviewer", "/logg"), STR(""));
	if (!house_stop(&w.house))
		give_up("it does not stop");
	run_sql("update rungs set due = due - 1 where rowid = (select min(rowid) from rungs)");
	said = checked();
	holds("put right: the check ends well", str_starts(said, STR("0 ")), said);
	holds("and is told no more", !tells("reviewer", "/logg"), STR(""));
	(void)printf("nightly: %zu wrong\n", wrong);
	world_end(&w);
	return wrong > 0;
}

/* tests/faults/epochs.c — new epochs while several people try at once, and while the service is killed in the middle.
 *
 *   epochs PROGRAM race        two people on two screens each: one epoch is made, and nobody sees a fault
 *   epochs PROGRAM kill [N]    somebody is taken off a case N times under kills: all of it happened, or nothing */
#include "help.h"
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct world w;
static size_t wrong;

static void holds(const char *what, bool it_does)
{
	(void)printf("%s: %s\n", what, it_does ? "as it should" : "WRONG");
	wrong += !it_does;
}

static int64_t number_of(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_open(arena_c(w.a, arena_format(w.a, "%s/avstamp.db", w.house.directory)), &db) == SQLITE_OK &&
	    sqlite3_busy_timeout(db, 5000) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return n;
}

static bool verified(void)
{
	struct str said;
	bool well = run_verb(&w, &said, "verify", w.house.directory, NULL) == 0;

	if (!well)
		(void)printf("%.*s", STR_FMT(said));
	return well;
}

/* Every row as the grants and rings need it: each epoch there, and the newest row with a key for each older one. */
#define BROKEN "select count(*) from streams s where (s.epoch > 1 and (s.older is null or length(s.older) <> 12 + 48 * (s.epoch - 1))) " \
	"or (s.epoch > 1 and not exists (select 1 from streams t where t.case_id = s.case_id and t.compartment = s.compartment and " \
	"t.epoch = s.epoch - 1))"

/* ---- several at once ---- */

/* One screen: Min dag some times over. The exit code tells how many dossiers it turned; 255 for a fault. */
static pid_t screen(struct client *c)
{
	(void)fflush(NULL);
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	int done = 0;
	for (int i = 0; i < 4; i++) {
		if (api_call(&w, w.a, c, "/api/v1/tasks", NULL) != 200)
			_exit(255);
		done += atoi(arena_c(w.a, api_value(w.a, c, "new_epochs_done")));
	}
	_exit(done);
}

static void race(void)
{
	struct client people[2] = { { .name = STR("maria") }, { .name = STR("samir") } };
	const char *const leave[] = { w.house.program, "user", "disable", "Karin Provsson", "--dir", w.house.directory, "--as", "olof",
				      "--no-code", NULL };
	struct str said;
	pid_t pid[4];
	int turned = 0, faults = 0;

	if (!person_login(&w, &people[0], "coordinator") || !person_login(&w, &people[1], "coordinator.2"))
		give_up("no login");
	holds("nothing waits before", number_of("select count(*) from jobs where done is null") == 0);
	if (run_program(w.a, leave, STR("olof-visar-avstamp\n"), &said) != 0)
		give_up("the account does not close: %.*s", STR_FMT(said));
	int64_t dossiers = number_of("select count(distinct case_id) from jobs where done is null");
	for (size_t i = 0; i < COUNT_OF(pid); i++)
		pid[i] = screen(&people[i % 2]);
	for (size_t i = 0; i < COUNT_OF(pid); i++) {
		int status = 0;
		(void)waitpid(pid[i], &status, 0);
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
		faults += code == 255;
		turned += code == 255 ? 0 : code;
	}
	int64_t left = number_of("select count(distinct case_id) from jobs where done is null");
	(void)printf("dossiers that waited: %lld, turned: %d, still waiting: %lld\n", (long long)dossiers, turned, (long long)left);
	holds("nobody sees a fault", faults == 0);
	holds("each is turned once", dossiers > 4 && turned + left == dossiers);
	holds("no stream has come two epochs on", number_of("select max(epoch) from streams") == 2);
	holds("every epoch leads back", number_of(BROKEN) == 0);
	holds("the leaver has no grant where it is done",
	      number_of("select count(*) from grants g join users u on u.user_id = g.holder where u.disabled and not exists "
			"(select 1 from jobs j where j.case_id = g.case_id and j.done is null)") == 0);
	holds("verify", verified());
}

/* ---- kills ---- */

static bool command(struct client *c, struct str id, struct str body)
{
	const char *path = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s", STR_FMT(id)));

	if (api_call(&w, w.a, c, path, NULL) != 200)
		return false;
	struct str on = api_value(w.a, c, "version");
	struct str whole = arena_format(w.a, "{%.*s,\"on\":\"%.*s\"}", STR_FMT(body), STR_FMT(on));
	int status = api_call(&w, w.a, c, arena_c(w.a, arena_format(w.a, "%s/commands", path)), arena_c(w.a, whole));
	return status == 200 || status == 201;
}

/* The parent gives up after many restarts in a minute, as it should; then it is started again here. */
static void bring_back(void)
{
	if (w.house.parent > 0 && waitpid(w.house.parent, NULL, WNOHANG) == w.house.parent)
		w.house.parent = 0;
	if (w.house.parent > 0 && house_wait(&w.house, 20))
		return;
	if (w.house.parent > 0)
		(void)house_stop(&w.house);
	for (int i = 0; i < 5; i++) {
		if (house_start(&w.house))
			return;
		pause_for(300);
	}
	give_up("the service does not come back");
}

static void kill_one(uint64_t *seed)
{
	static const char *const victims[] = { "vault", "web", "parent" };
	const char *who = victims[draw(seed, COUNT_OF(victims))];
	pid_t pid = house_pid(&w.house, str_c(who));

	if (pid > 0)
		(void)kill(pid, SIGKILL);
	if (strcmp(who, "parent") == 0) {
		(void)waitpid(pid, NULL, 0);
		w.house.parent = 0;
	}
	pause_for(200);
	bring_back();
}

static struct client maria;

static void log_in_again(void)
{
	maria.n_cookies = 0;
	for (int i = 0; i < 40 && !person_try_login(&w, w.a, &maria, "coordinator"); i++)
		pause_for(250);
	if (api_call(&w, w.a, &maria, "/api/v1/me", NULL) != 200)
		give_up("no login after a kill");
}

/* What the database says of the case: does Samir hold it, and in which epoch are its streams? */
static void look(struct str id, struct str samir, int64_t *ret_held, int64_t *ret_least, int64_t *ret_most)
{
	const char *of = arena_c(w.a, arena_format(w.a, "select count(*) from grants where case_id = x'%.*s' and holder = x'%.*s'",
						   STR_FMT(id), STR_FMT(samir)));
	const char *newest = arena_c(w.a, arena_format(w.a, "(select max(epoch) e from streams where case_id = x'%.*s' group by compartment)",
						       STR_FMT(id)));

	*ret_held = number_of(of);
	*ret_least = number_of(arena_c(w.a, arena_format(w.a, "select min(e) from %s", newest)));
	*ret_most = number_of(arena_c(w.a, arena_format(w.a, "select max(e) from %s", newest)));
}

static bool is_whole(int64_t held, int64_t least, int64_t most, int64_t before)
{
	return least == most && most == (held == 0 ? before + 1 : before);
}

static bool one_kill(struct str id, struct str samir, uint64_t *seed, bool *ret_happened)
{
	struct str member = arena_format(w.a, "\"member\":\"%.*s\"", STR_FMT(samir));
	struct str leave = arena_format(w.a, "\"command\":\"remove_member\",%.*s,\"why\":\"Igen.\"", STR_FMT(member));
	int64_t held, least, most, before;

	if (!command(&maria, id, arena_format(w.a, "\"command\":\"name_member\",%.*s", STR_FMT(member))))
		give_up("Samir does not become a member");
	look(id, samir, &held, &before, &most);
	if (held != 1 || before != most)
		return false;
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(!command(&maria, id, leave));
	}
	pause_for((int)draw(seed, 40));
	kill_one(seed);
	(void)waitpid(pid, NULL, 0);
	log_in_again();
	look(id, samir, &held, &least, &most);
	*ret_happened = held == 0;
	return is_whole(held, least, most, before) && number_of(BROKEN) == 0;
}

/* The grant deleted by hand, and no new epoch: the same look must find it torn. */
static void control(struct str id, struct str samir)
{
	int64_t held, least, most, before;

	if (!command(&maria, id, arena_format(w.a, "\"command\":\"name_member\",\"member\":\"%.*s\"", STR_FMT(samir))))
		give_up("Samir does not become a member");
	look(id, samir, &held, &before, &most);
	(void)number_of(arena_c(w.a, arena_format(w.a, "delete from grants where case_id = x'%.*s' and holder = x'%.*s'", STR_FMT(id),
						  STR_FMT(samir))));
	look(id, samir, &held, &least, &most);
	holds("control: half of it is seen", held == 0 && !is_whole(held, least, most, before));
	holds("control: verify sees it too", !verified());
}

static void kills(int n)
{
	struct client samir = { .name = STR("samir") };
	uint64_t seed = 7;
	int torn = 0, happened = 0;

	if (!person_login(&w, &samir, "coordinator.2") || api_call(&w, w.a, &samir, "/api/v1/me", NULL) != 200)
		give_up("no login");
	struct str user = arena_str(w.a, api_value(w.a, &samir, "user"));
	log_in_again();
	struct str id = case_begin(&w, &maria, "Stenskvättan");
	for (int i = 0; i < n; i++) {
		bool did = false;
		torn += !one_kill(id, user, &seed, &did);
		happened += did;
		if (i % 10 == 9)
			holds("verify beside the service", verified());
	}
	(void)printf("kills: %d, done before: %d, not at all: %d, torn: %d\n", n, happened, n - happened - torn, torn);
	holds("all or nothing", torn == 0);
	holds("both kinds were seen", n < 10 || (happened > 0 && happened < n));
	/* What is there opens: the whole timeline, across all epochs. */
	struct str path = arena_format(w.a, "/api/v1/cases/%.*s/events", STR_FMT(id));
	holds("the case opens", api_call(&w, w.a, &maria, arena_c(w.a, path), NULL) == 200);
	holds("verify", verified());
	control(id, user);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		give_up("epochs PROGRAM race | kill [N]");
	world_begin(&w, argv[1]);
	if (strcmp(argv[2], "race") == 0)
		race();
	else
		kills(count_argument(argc, argv, 3, 20));
	(void)printf("epochs: %zu wrong\n", wrong);
	world_end(&w);
	return wrong > 0;
}

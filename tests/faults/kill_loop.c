/* tests/faults/kill_loop.c — parent, web and vault are killed at random moments under load: nothing that was
 * acknowledged is lost, and verify has nothing to say (DECISIONS 43).
 *
 *   kill-loop PROGRAM [KILLS] [must-lose]     must-lose: the control, which answers before the commit
 *   SEED=n in the environment repeats a run's choices. */
#include "help.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 4
#define ROUND_NOTES 65536

/* Shared with the writers. `acked` counts notes from 1; a number is only given again when it was never acknowledged. */
struct board {
	_Atomic int stop;
	struct writer { char case_id[33]; _Atomic uint64_t acked, tried; } writers[WRITERS];
};
static struct board *board;
static uint64_t lost;
static bool must_lose;

/* A note a call, and the next number when it was acknowledged. Logs in again when the session is gone. */
NORETURN static void write_for_ever(struct world *w, int me)
{
	struct writer *mine = &board->writers[me];
	struct client c = { .name = STR("writer") };
	char path[100];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(path, sizeof path, "/api/v1/cases/%s/commands", mine->case_id);
	struct arena *login = arena_new(64u << 20), *a = arena_new(64u << 20);

	while (!board->stop) {
		uint64_t n = mine->acked + 1;
		struct str body = arena_format(a, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"w%d n%llu.\"}", me, (unsigned long long)n);

		mine->tried = n;
		int status = c.n_cookies == 0 ? 401 : api_call(w, a, &c, path, arena_c(a, body));

		if (status == 201) {
			mine->acked = n;
		} else if (status == 401) {
			arena_reset(login);
			c.n_cookies = 0;
			if (!person_try_login(w, login, &c, "coordinator"))
				pause_for(50);
		} else {
			pause_for(20);
		}
		/* Cookies live in the login's arena or, renewed by an answer, in this one: then the login is repeated. */
		for (size_t i = 0; i < c.n_cookies; i++)
			c.cookies[i].value = arena_str(login, c.cookies[i].value), c.cookies[i].name = arena_str(login, c.cookies[i].name);
		if (arena_used(login) > (32u << 20)) {
			arena_reset(login);
			c.n_cookies = 0;
		}
		arena_reset(a);
	}
	_exit(0);
}

/* Marks the notes of a writer that stand in the case, newest first, until `down_to` is passed. */
static bool read_back(struct world *w, struct client *c, int who, uint64_t down_to, uint8_t *there)
{
	struct writer *one = &board->writers[who];
	struct arena *a = arena_new(256u << 20);
	struct str after = STR("");

	for (bool more = true; more;) {
		struct str path = arena_format(a, "/api/v1/cases/%s/events%s%.*s", one->case_id, after.n > 0 ? "?after=" : "", STR_FMT(after));

		if (api_call(w, a, c, arena_c(a, path), NULL) != 200) {
			arena_free(a);
			return false;
		}
		char key[16];
		int k = snprintf(key, sizeof key, "\"w%d n", who);
		uint64_t smallest = UINT64_MAX;

		for (const char *p = c->body.p; (p = memmem(p, (size_t)(c->body.p + c->body.n - p), key, (size_t)k)) != NULL; p++) {
			uint64_t n = strtoull(p + k, NULL, 10);

			if (n < smallest)
				smallest = n;
			if (n >= down_to && n - down_to < ROUND_NOTES)
				there[n - down_to] = 1;
		}
		after = api_value(a, c, "next");
		more = after.p != NULL && after.n > 0 && smallest > down_to;
	}
	arena_free(a);
	return true;
}

/* The parent gives up after many restarts in a minute, as it should; then it is started again here. */
static void bring_back(struct world *w)
{
	if (w->house.parent > 0 && waitpid(w->house.parent, NULL, WNOHANG) == w->house.parent)
		w->house.parent = 0;
	if (w->house.parent > 0 && house_wait(&w->house, 30))
		return;
	for (int i = 0; i < 5; i++) {
		if (w->house.parent > 0)
			(void)house_stop(&w->house);
		if (house_start(&w->house))
			return;
		pause_for(300);
	}
	struct str said = read_whole(w->a, w->house.log_file);

	(void)printf("%.*s\n", STR_FMT(said));
	give_up("the service does not come back");
}

/* Every note acknowledged since `from` is there. */
static void count_lost(struct world *w, struct client *c, const uint64_t from[WRITERS], const uint64_t upto[WRITERS])
{
	static uint8_t there[ROUND_NOTES];

	for (int i = 0; i < WRITERS; i++) {
		if (upto[i] <= from[i])
			continue;
		memset(there, 0, sizeof there);
		bool read = false;

		for (int k = 0; k < 100 && !read; k++) {
			read = c->n_cookies > 0 && read_back(w, c, i, from[i] + 1, there);
			if (read)
				break;
			/* The parent may have given up after the kill was over: it had killed too often in that minute. */
			bring_back(w);
			c->n_cookies = 0;
			if (!person_try_login(w, w->a, c, "coordinator"))
				pause_for(100);
		}
		if (!read)
			give_up("case %d cannot be read back: status %d", i, c->status);
		for (uint64_t n = from[i] + 1; n <= upto[i] && n - from[i] <= ROUND_NOTES; n++) {
			if (there[n - from[i] - 1])
				continue;
			lost++;
			(void)printf("  lost: writer %d note %llu was acknowledged and is not there\n", i, (unsigned long long)n);
		}
	}
}

static void verify(struct world *w, int kills)
{
	struct str said;
	static const char *const quiet[] = { "--quiet", NULL };
	int code = run_verb(w, &said, "verify", w->house.directory, quiet);

	if (code == 0)
		return;
	(void)printf("%.*s", STR_FMT(said));
	if (kills < 0)
		give_up("between a kill and the next start verify ends with %d", code);
	give_up("after %d kills verify ends with %d", kills, code);
}

static bool kill_one(struct world *w, const char *who)
{
	pid_t pid = house_pid(&w->house, str_c(who));

	if (pid <= 0 || kill(pid, SIGKILL) != 0)
		return false;
	if (strcmp(who, "parent") == 0) {
		(void)waitpid(pid, NULL, 0);
		w->house.parent = 0;
	}
	return true;
}

static void begin_cases(struct world *w, struct client *c)
{
	if (!person_login(w, c, "coordinator"))
		give_up("no login");
	for (int i = 0; i < WRITERS; i++) {
		struct str id = case_begin(w, c, "Sparven");

		if (id.n != 32)
			give_up("no case");
		memcpy(board->writers[i].case_id, id.p, 32);
	}
}

/* False when the victim was gone already. */
static bool one_kill(struct world *w, struct client *c, uint64_t *seed, uint64_t from[WRITERS], uint64_t by[3], bool check)
{
	static const char *const victims[] = { "parent", "web", "vault" };
	uint64_t before[WRITERS], upto[WRITERS], who = draw(seed, 3);
	int64_t give = clock_ms() + 20000, look = clock_ms() + 2000;
	bool moved = false;

	/* Somebody has written since the last one, then a random moment more. */
	for (int i = 0; i < WRITERS; i++)
		before[i] = board->writers[i].acked;
	while (!moved && clock_ms() < give) {
		for (int i = 0; i < WRITERS; i++)
			moved = moved || board->writers[i].acked > before[i] + 1;
		pause_for(2);
		if (clock_ms() < look)
			continue;
		bring_back(w);
		look = clock_ms() + 2000;
	}
	pause_for((int)draw(seed, 120));
	struct timespec fine = { .tv_nsec = (long)draw(seed, 4000000) };

	(void)nanosleep(&fine, NULL);
	bool hit = kill_one(w, victims[who]);

	by[who] += hit;
	/* Between a kill and the next start the log's promises stand for what it does not name yet. The control breaks
	 * them by answering early, and goes on until an acknowledged note is missed. */
	if (hit && who == 0 && check && !must_lose)
		verify(w, -1);
	bring_back(w);
	if (!check)
		return hit;
	for (int i = 0; i < WRITERS; i++)
		upto[i] = board->writers[i].acked;
	count_lost(w, c, from, upto);
	memcpy(from, upto, sizeof upto);
	return hit;
}

int main(int argc, char **argv)
{
	static struct world w;
	int kills = count_argument(argc, argv, 2, 20), done = 0;
	const char *given = getenv("SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)getpid() * 1000003u, began = seed, by[3] = { 0 }, from[WRITERS] = { 0 };
	struct client c = { .name = STR("reader") };
	pid_t writers[WRITERS];
	uint64_t acked = 0;

	must_lose = argc > 3 && strcmp(argv[3], "must-lose") == 0;
	if (argc < 2)
		give_up("kill-loop PROGRAM [KILLS] [must-lose]");
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world_begin(&w, argv[1]);
	/* The demo is filled by the ordinary way: a filling reads what it has just written. */
	if (must_lose && (!house_stop(&w.house) || setenv("TEST_ACK_EARLY", "1", 1) != 0 || !house_start(&w.house)))
		give_up("the control does not start");
	begin_cases(&w, &c);
	for (int i = 0; i < WRITERS; i++)
		if ((writers[i] = fork()) == 0)
			write_for_ever(&w, i);
	while (done < kills && !(must_lose && lost > 0)) {
		if (!one_kill(&w, &c, &seed, from, by, done % 5 == 4 || done + 1 == kills || must_lose))
			continue;
		done++;
		if (!must_lose && (done % 25 == 0 || done == kills))
			verify(&w, done);
	}
	board->stop = 1;
	for (int i = 0; i < WRITERS; i++) {
		(void)waitpid(writers[i], NULL, 0);
		acked += board->writers[i].acked;
	}
	(void)printf("kill-loop: %d kills (parent %llu, web %llu, vault %llu), %llu notes acknowledged, %llu lost, seed %llu%s\n", done,
		     (unsigned long long)by[0], (unsigned long long)by[1], (unsigned long long)by[2], (unsigned long long)acked,
		     (unsigned long long)lost, (unsigned long long)began, must_lose ? " (control: answers before the commit)" : "");
	world_end(&w);
	return must_lose ? lost == 0 : lost > 0;
}

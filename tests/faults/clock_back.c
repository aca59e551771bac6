/* tests/faults/clock_back.c — the machine's clock is set back a day, while the service runs and between a stop and a start:
 * no time goes back in the record, what is due comes in time, people can log in, and doctor says what is wrong.
 *
 *   clock-back PROGRAM      a build for tests: the clock is put a day forward first, and then let go */
#include "help.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DAY_US (INT64_C(86400) * 1000000)

static struct world w;
static size_t wrong;

static void holds(const char *what, bool is)
{
	(void)printf("%s: %s\n", what, is ? "as it should" : "WRONG");
	wrong += !is;
}

/* A word to run/admin.sock; the answer begins with "ok". */
static bool admin(const char *act)
{
	union { struct sockaddr_un in; struct sockaddr any; } at = { .in = { .sun_family = AF_UNIX } };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[64] = "";
	size_t n = strlen(w.house.directory);
	struct str line = arena_format(w.a, "act %s\n\n", act);

	if (n + 16 >= sizeof at.in.sun_path)
		return false;
	memcpy(at.in.sun_path, w.house.directory, n);
	memcpy(at.in.sun_path + n, "/run/admin.sock", 16);
	bool well = connect(fd, &at.any, sizeof at.in) == 0 && write(fd, line.p, line.n) == (ssize_t)line.n && read(fd, answer, 63) > 1 &&
		    memcmp(answer, "ok", 2) == 0;

	(void)close(fd);
	return well;
}

static void put_clock(int64_t us)
{
	struct str at = instant_iso(w.a, (struct instant){ us });

	if (!admin(us == 0 ? "clock real" : arena_c(w.a, arena_format(w.a, "clock %.*s", STR_FMT(at)))))
		give_up("the clock cannot be put: is this a build for tests?");
}

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t number_of(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_open(arena_c(w.a, arena_format(w.a, "%s/avstamp.db", w.house.directory)), &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return n;
}

/* Writes a note and returns when it was noted, microseconds; the newest time in the case. */
static int64_t note(struct client *c, struct str id, const char *text)
{
	const char *path = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/commands", STR_FMT(id)));
	struct str body = arena_format(w.a, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"%s\"}", text), at;
	struct instant noted = { 0 };

	if (api_call(&w, w.a, c, path, arena_c(w.a, body)) != 201 ||
	    api_call(&w, w.a, c, arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/events", STR_FMT(id))), NULL) != 200)
		give_up("%s: status %d %.*s", text, c->status, STR_FMT(c->body));
	/* Newest first. */
	if (!first_match(w.a, c->body, STR("\"noted\":\"([^\"]*)\""), &at) || instant_parse_iso(at, &noted) != OK)
		give_up("no time in %.*s", STR_FMT(c->body));
	return noted.us;
}

/* A reminder that is due two seconds after the clock is let go fires, though the machine is a day behind. */
static void due_in_time(struct client *c, struct str id)
{
	int64_t due = number_of(arena_c(w.a, arena_format(w.a, "select min(due) from rungs where fired is null and due > %lld", (long long)(now_us() + DAY_US))));
	const char *fired = arena_c(w.a, arena_format(w.a, "select count(*) from rungs where due = %lld and fired is null", (long long)due));

	if (due <= 0)
		give_up("no reminder is due");
	put_clock(due - 2000000);
	(void)note(c, id, "strax"); /* somebody has seen that time */
	put_clock(0);
	for (int i = 0; i < 60 && number_of(fired) > 0; i++)
		pause_for(500);
	holds("what is due fires in time", number_of(fired) == 0);
}

int main(int argc, char **argv)
{
	struct client maria = { .name = STR("maria") };
	struct str said;

	if (argc < 2)
		give_up("clock-back PROGRAM");
	world_begin(&w, argv[1]);
	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login");
	struct str id = case_begin(&w, &maria, "Stenskvättan");

	int64_t first = note(&maria, id, "ett");

	put_clock(now_us() + DAY_US);
	int64_t ahead = note(&maria, id, "två");

	put_clock(0);
	int64_t back = note(&maria, id, "tre"), again = note(&maria, id, "fyra");

	holds("a day forward", ahead > first + DAY_US / 2);
	holds("set back while serving: no time goes back", back > ahead && again > back && again < ahead + DAY_US);
	maria.n_cookies = 0;
	holds("set back while serving: one can log in", person_login(&w, &maria, "coordinator"));
	holds("set back while serving: a new case", case_begin(&w, &maria, "Sävsparven").n == 32);
	due_in_time(&maria, id);
	int64_t last = note(&maria, id, "fem");

	if (!house_stop(&w.house) || !house_start(&w.house))
		give_up("it does not start a day before its log");
	maria.n_cookies = 0;
	holds("set back between stop and start: one can log in", person_login(&w, &maria, "coordinator"));
	holds("set back between stop and start: no time goes back", note(&maria, id, "sex") > last);
	holds("verify", run_verb(&w, &said, "verify", w.house.directory, NULL) == 0);
	(void)run_verb(&w, &said, "doctor", w.house.directory, NULL);
	holds("doctor says it", contains(said, STR("minuter efter loggens nyaste post")));
	(void)printf("clock-back: %zu wrong\n", wrong);
	world_end(&w);
	return wrong > 0;
}

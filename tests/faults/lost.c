/* tests/faults/lost.c — the connection is lost in the middle of a save, and the vault is killed under load.
 *
 *   lost PROGRAM connection [N]   half a body writes nothing; a whole one whose answer nobody read is saved once
 *   lost PROGRAM vault [N]        N kills under load: a Swedish 503 page, and the service is back within two seconds
 *   lost PROGRAM crowd [N]        the same with more who ask than the vault reads for at once, and writers among them; it comes back */
#include "help.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASKERS 4
#define CROWD 24
#define BACK_MS 2000
#if defined(__SANITIZE_ADDRESS__)
#define SLOW 4 /* the program's sanitizers make everything so much slower */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 4
#endif
#endif
#ifndef SLOW
#define SLOW 1
#endif

static struct world w;
static size_t wrong;
static int askers = ASKERS;
static char case_path[80]; /* of the case that the crowd's writers write in */

static void holds(const char *what, bool is, struct str seen)
{
	(void)printf("%s: %s\n", what, is ? "as it should" : "WRONG");
	if (!is)
		(void)printf("%.*s\n", STR_FMT(str_cut(seen, 0, 1500)));
	wrong += !is;
}

/* ---- a connection that is lost ---- */

/* Sends the first `n` bytes and closes at once, in the hard way when `reset`. */
static void send_and_leave(struct str bytes, size_t n, bool reset)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)w.house.port) };
	struct linger hard = { 1, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)(const void *)&at, sizeof at) != 0 || send(fd, bytes.p, n, MSG_NOSIGNAL) != (ssize_t)n)
		give_up("no connection");
	if (reset) {
		/* The request is read before the connection breaks. */
		pause_for(50);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	}
	(void)close(fd);
}

static struct str request_of(const struct client *c, struct str id, const char *token, const char *text)
{
	struct str body = arena_format(w.a, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"%s\"}", text);
	struct buf b = buf_new(w.a, 8192);

	buf_format(&b, "POST /api/v1/cases/%.*s/commands HTTP/1.1\r\nHost: localhost:%d\r\n", STR_FMT(id), w.house.port);
	buf_format(&b, "Connection: close\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %zu\r\nCookie: ", token, body.n);
	for (size_t i = 0; i < c->n_cookies; i++)
		buf_format(&b, "%s%.*s=%.*s", i > 0 ? "; " : "", STR_FMT(c->cookies[i].name), STR_FMT(c->cookies[i].value));
	buf_lit(&b, "\r\n\r\n");
	buf_str(&b, body);
	return buf_view(&b);
}

static size_t times(struct client *c, struct str id, const char *text)
{
	size_t n = 0;

	if (api_call(&w, w.a, c, arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/events", STR_FMT(id))), NULL) != 200)
		give_up("no events: %d", c->status);
	for (struct str rest = c->body; contains(rest, str_c(text)); n++) {
		const char *at = memmem(rest.p, rest.n, text, strlen(text));

		rest = str_cut(rest, (size_t)(at - rest.p) + strlen(text), rest.n);
	}
	return n;
}

/* Sends the same save again, whole, and reads the answer. */
static int again(struct client *c, struct str bytes)
{
	return http_raw(&w.house, w.a, c, bytes) ? c->status : 0;
}

static void connections(int count)
{
	struct client c = { .name = STR("maria") };
	size_t half = 0, unread = 0, twice = 0;

	if (!person_login(&w, &c, "coordinator"))
		give_up("no login");
	struct str id = case_begin(&w, &c, "Stenskvättan");

	for (int i = 0; i < count; i++) {
		char token[40], text[40];

		(void)snprintf(token, sizeof token, "half-token-%08d", i);
		(void)snprintf(text, sizeof text, "Halv mening %d.", i);
		struct str bytes = request_of(&c, id, token, text);

		/* Everywhere in the request but its last byte. */
		send_and_leave(bytes, bytes.n - 1 - (size_t)i * (bytes.n - 40) / (size_t)count, i % 2 == 1);
		pause_for(20);
		half += times(&c, id, text);
		(void)snprintf(token, sizeof token, "whole-token-%08d", i);
		(void)snprintf(text, sizeof text, "Hel mening %d.", i);
		bytes = request_of(&c, id, token, text);
		send_and_leave(bytes, bytes.n, true);
		/* The sender does not know and sends it again, with the same key. */
		int status = again(&c, bytes);

		unread += status == 201 || status == 200;
		twice += times(&c, id, text) != 1;
	}
	holds("half a request writes nothing", half == 0, STR(""));
	holds("a save whose answer was lost is answered when it is sent again", unread == (size_t)count, c.body);
	holds("and stands once", twice == 0, STR(""));
	holds("the service lives", api_call(&w, w.a, &c, "/api/v1/me", NULL) == 200, c.body);
	(void)printf("lost connections: %d half, %d whole\n", count, count);
}

/* ---- the vault ---- */

/* Of a crowd every third writes a note; everybody else reads a list. */
static bool ask(int me, struct client *c, struct arena *a)
{
	if (askers == CROWD && me % 3 == 0)
		return api_call(&w, a, c, case_path, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"Ringde.\"}") == 201;
	return api_call(&w, a, c, "/api/v1/cases", NULL) == 200;
}

NORETURN static void load(int me)
{
	struct client c = { .name = STR("load") };
	struct arena *login = arena_new(64u << 20), *a = arena_new(64u << 20);
	char role[20];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(role, sizeof role, "coordinator%s", me % 3 == 1 ? ".2" : "");
	for (;;) {
		arena_reset(login);
		c.n_cookies = 0;
		if (!person_try_login(&w, login, &c, role))
			pause_for(50);
		for (int i = 0; i < 2000 && c.n_cookies > 0 && ask(me, &c, a); i++) {
			for (size_t k = 0; k < c.n_cookies; k++)
				c.cookies[k].value = arena_str(login, c.cookies[k].value), c.cookies[k].name = arena_str(login, c.cookies[k].name);
			arena_reset(a);
		}
	}
}

/* Milliseconds from the kill until somebody has logged in and sees his list. */
static int64_t one_kill(size_t *pages)
{
	struct client c = { .name = STR("maria") };
	pid_t vault = house_pid(&w.house, STR("vault"));
	int64_t from = clock_ms();

	if (!person_try_login(&w, w.a, &c, "manager") || vault <= 0 || kill(vault, SIGKILL) != 0)
		give_up("no kill");
	from = clock_ms();
	/* Whoever asks meanwhile sees a sentence, or must log in again. */
	for (int i = 0; i < 50 && clock_ms() - from < 200; i++) {
		int status = api_call(&w, w.a, &c, "/arenden", NULL);

		*pages += status == 503 && contains(c.body, STR("Tjänsten startar om.")) && contains(c.body, STR("lang=\"sv\""));
		if (status != 503 && status != 401 && status != 303 && status != 200)
			holds("a page while the vault is away", false, c.body);
	}
	while (clock_ms() - from < 20000) {
		c.n_cookies = 0;
		if (person_try_login(&w, w.a, &c, "manager") && api_call(&w, w.a, &c, "/api/v1/cases", NULL) == 200)
			return clock_ms() - from;
		pause_for(10);
	}
	return -1;
}

static void vaults(int count)
{
	pid_t pids[CROWD];
	int64_t worst = 0;
	size_t pages = 0;

	(void)fflush(NULL);
	for (int i = 0; i < askers; i++)
		if ((pids[i] = fork()) == 0)
			load(i);
	pause_for(1000);
	for (int i = 0; i < count; i++) {
		int64_t took = one_kill(&pages);

		(void)printf("  back after %lld ms\n", (long long)took);
		worst = took < 0 ? INT64_MAX : took > worst ? took : worst;
		/* The parent gives up after six restarts in a minute, as it should. */
		pause_for(count > 5 ? 12000 : 300);
	}
	for (int i = 0; i < askers; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	if (askers == CROWD)
		holds("back", worst != INT64_MAX, STR(""));
	else
		holds("back within two seconds", worst <= BACK_MS * SLOW, STR(""));
	(void)printf("vault killed under load: %d times, back after at most %lld ms, %zu Swedish 503 pages\n", count, (long long)worst, pages);
	holds("somebody saw the page", pages > 0, STR(""));
}

static void gather_crowd(void)
{
	struct client maria = { .name = STR("maria") };
	struct str id = person_login(&w, &maria, "coordinator") ? case_begin(&w, &maria, "Rödhaken") : STR_UNSET;

	if (id.p == NULL)
		give_up("no case");
	(void)snprintf(case_path, sizeof case_path, "/api/v1/cases/%.*s/commands", STR_FMT(id));
	askers = CROWD;
}

int main(int argc, char **argv)
{
	bool connection = argc > 2 && strcmp(argv[2], "connection") == 0;
	struct str said;

	if (argc < 3)
		give_up("lost PROGRAM connection|vault|crowd [N]");
	world_begin(&w, argv[1]);
	if (strcmp(argv[2], "crowd") == 0)
		gather_crowd();
	if (connection)
		connections(count_argument(argc, argv, 3, 20));
	else
		vaults(count_argument(argc, argv, 3, 3));
	if (!house_stop(&w.house))
		give_up("it does not stop");
	holds("verify", run_verb(&w, &said, "verify", w.house.directory, NULL) == 0, said);
	(void)printf("lost %s: %zu wrong\n", argv[2], wrong);
	world_end(&w);
	return wrong > 0;
}

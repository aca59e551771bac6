/* main/serve.c — the parent's loop. */
#include "main/serve.h"
#include "main/admin.h"
#include "main/metrics.h"
#include "main/run_socket.h"
#include "sys/users.h"
#include "web/server.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAIN_MS 15000
#define VAULT_END_MS 5000
#define SILENCE_MS 90000       /* web must say that it lives */
#define RESTARTS 6             /* of one process within the window below: then give up */
#define RESTART_WINDOW_MS 60000
#define TICK_MS 15000

struct serve {
	const struct serve_wish *wish;
	struct house *house;
	int signals, control, listen, admin, metrics, notify;
	struct sockaddr_un notify_to;
	pid_t web, vault, verify;
	int64_t restarts[RESTARTS];
	size_t next_restart;
	int64_t heard;             /* last word of web */
	bool ready, stopping;
	int code;
	int32_t verified_day;      /* of the last nightly check */
	char verified;             /* what it found, as web is told: F something, G nothing, 0 not known */
};

/* ---- starting ------------------------------------------------------------------------------------------- */

static bool start_web(struct serve *s, int vault_fd)
{
	int pair[2];
	if (pair_make(pair) != OK)
		return false;
	const char *arguments[] = { "avstamp", "web-process", "--dir", s->house->directory.c, "--listen",
	                            s->house->conf.listen, s->wish->demo ? "--demo" : NULL, NULL };
	struct spawn_fd fds[] = { { vault_fd, FD_VAULT }, { pair[1], FD_CONTROL }, { s->listen, FD_LISTEN },
	                          { s->admin, FD_ADMIN }, { s->metrics, FD_METRICS }, { s->house->lock_fd, FD_LOCK } };
	struct spawn how = { .program = s->house->programs.self.c, .arguments = arguments, .fds = fds,
	                     .n_fds = COUNT_OF(fds) };
	bool good = process_spawn(&how, &s->web) == OK;
	close(pair[1]);
	if (!good) {
		close(pair[0]);
		return false;
	}
	if (s->control >= 0)
		close(s->control);
	s->control = pair[0];
	s->heard = running_ms();
	return true;
}

static bool start_both(struct serve *s)
{
	int pair[2];
	if (pair_make(pair) != OK)
		return false;
	bool good = vault_spawn(s->house, pair[1], &s->vault) && start_web(s, pair[0]);
	close(pair[0]);
	return good;
}

/* The new vault's socket goes to web, which keeps all its connections. */
static bool start_vault_again(struct serve *s)
{
	int pair[2];
	if (pair_make(pair) != OK)
		return false;
	bool good = vault_spawn(s->house, pair[1], &s->vault) && fd_send(s->control, 'V', pair[0]) == OK;
	close(pair[0]);
	return good;
}

/* False when this has happened too often lately. */
static bool may_restart(struct serve *s)
{
	int64_t now = running_ms();
	int64_t oldest = s->restarts[s->next_restart % RESTARTS];
	if (oldest != 0 && now - oldest < RESTART_WINDOW_MS)
		return false;
	s->restarts[s->next_restart++ % RESTARTS] = now;
	return true;
}

static void give_up(struct serve *s, const char *why)
{
	warn_with("%s", why);
	s->code = EXIT_FAILED;
	s->stopping = true;
}

/* ---- what happened to a child --------------------------------------------------------------------------- */

static void vault_ended(struct serve *s)
{
	s->vault = 0;
	if (s->stopping)
		return;
	if (!s->ready || !may_restart(s)) {
		give_up(s, "Valvet slutade gång på gång. Orsaken står ovanför; kontrollera med avstamp doctor.");
		return;
	}
	warn_with("Valvet slutade och startas igen. Alla får logga in på nytt.");
	if (!start_vault_again(s))
		give_up(s, "Valvet gick inte att starta igen.");
}

static void web_ended(struct serve *s)
{
	s->web = 0;
	if (s->stopping)
		return;
	if (!s->ready || !may_restart(s)) {
		give_up(s, s->ready ? "Webbprocessen slutade gång på gång. Kontrollera med avstamp doctor."
		                    : "Tjänsten startade inte.");
		return;
	}
	warn_with("Webbprocessen slutade och startas igen. Alla får logga in på nytt.");
	if (s->vault > 0)
		process_end(s->vault, VAULT_END_MS);
	s->vault = 0;
	if (!start_both(s))
		give_up(s, "Webbprocessen gick inte att starta igen.");
}

/* Web shows those who answer for the log and the accounts that something was found, not what. */
static void tell_web(struct serve *s)
{
	if (s->verified && s->control >= 0 && s->ready)
		(void)!send(s->control, &s->verified, 1, MSG_NOSIGNAL);
}

/* What the last check before this start ended with. */
static void read_verified(struct serve *s)
{
	struct path p;
	struct str text;
	if (path_join(s->house->directory.c, "run/verified", &p) == OK && file_read(s->house->arena, p.c, 256, &text) == OK && text.n > 1)
		s->verified = text.p[0] == '0' && text.p[1] == ' ' ? 'G' : 'F';
}

static void verify_ended(struct serve *s, int status)
{
	s->verify = 0;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
	struct path p;
	struct arena *a = arena_new(8192);
	if (a && path_join(s->house->directory.c, "run/verified", &p) == OK) {
		struct str line = arena_format(a, "%d %.*s\n", code, STR_FMT(instant_iso(a, real_time())));
		if (file_write(p.c, line, 0600) != OK)
			warn_with("%s går inte att skriva.", p.c);
	}
	arena_free(a);
	s->verified = code == 0 ? 'G' : 'F';
	tell_web(s);
	if (code != 0)
		warn_with("Nattens kontroll av loggen och databasen slutade med %d. Kör avstamp verify --dir %s.", code,
		          s->house->directory.c);
}

static void reap(struct serve *s)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->vault)
			vault_ended(s);
		else if (pid == s->web)
			web_ended(s);
		else if (pid == s->verify)
			verify_ended(s, status);
	}
}

/* ---- the loop ------------------------------------------------------------------------------------------- */

static void tell_manager(struct serve *s, const char *what)
{
	union { const struct sockaddr_un *in; const struct sockaddr *any; } to = { .in = &s->notify_to };
	if (s->notify >= 0)
		(void)!sendto(s->notify, what, strlen(what), MSG_NOSIGNAL, to.any, sizeof s->notify_to);
}

static void hear_web(struct serve *s)
{
	char what = 0;
	int fd = -1;
	if (fd_receive(s->control, &what, &fd) != OK) {
		close(s->control);
		s->control = -1;
		return;
	}
	if (fd >= 0)
		close(fd);
	s->heard = running_ms();
	if (what == 'R') {
		bool first = !s->ready;
		s->ready = true;
		tell_web(s);
		if (!first)
			return;
		tell_manager(s, "READY=1");
		if (s->wish->ready)
			s->wish->ready(s->wish->ctx, s->house->conf.listen);
	}
}

static void hear_signal(struct serve *s)
{
	struct signalfd_siginfo info;
	if (read(s->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(s);
	else
		s->stopping = true;
}

/* Once a night, in a process of its own that can read the log and the database and nothing else. */
static void start_verify(struct serve *s)
{
	struct instant now = real_time();
	struct day today = instant_day(now);
	if (s->verify > 0 || today.n == s->verified_day || instant_civil(now).hour != s->house->conf.verify_hour)
		return;
	s->verified_day = today.n;
	const char *arguments[] = { "avstamp", "verify", "--dir", s->house->directory.c, "--quiet", NULL };
	struct spawn how = { .program = s->house->programs.self.c, .arguments = arguments };
	if (process_spawn(&how, &s->verify) != OK)
		warn_with("Nattens kontroll gick inte att starta.");
}

static void watch(struct serve *s)
{
	if (s->web > 0 && running_ms() - s->heard > SILENCE_MS) {
		warn_with("Webbprocessen har inte svarat på %d sekunder och startas om.", SILENCE_MS / 1000);
		kill(s->web, SIGKILL);
		s->heard = running_ms();
	}
	start_verify(s);
}

static void loop(struct serve *s)
{
	while (!s->stopping) {
		struct pollfd watched[] = { { s->signals, POLLIN, 0 }, { s->control, POLLIN, 0 } };
		int n = poll(watched, s->control >= 0 ? 2 : 1, TICK_MS);
		if (n < 0 && errno != EINTR)
			give_up(s, "Tjänsten kan inte vänta på händelser.");
		if (watched[1].revents && s->control >= 0)
			hear_web(s);
		if (watched[0].revents)
			hear_signal(s);
		watch(s);
	}
}

static void stop(struct serve *s)
{
	tell_manager(s, "STOPPING=1");
	if (s->control >= 0) {
		char quit = 'Q';
		(void)!send(s->control, &quit, 1, MSG_NOSIGNAL);
	}
	if (s->web > 0 && !process_end(s->web, DRAIN_MS) && s->ready)
		s->code = EXIT_FAILED;
	if (s->vault > 0)
		process_end(s->vault, VAULT_END_MS);
	if (s->verify > 0)
		process_end(s->verify, 0);
}

/* ---- before the loop ------------------------------------------------------------------------------------ */

static void open_notify(struct serve *s)
{
	const char *where = getenv("NOTIFY_SOCKET");
	s->notify = -1;
	if (!where || strlen(where) >= sizeof s->notify_to.sun_path || (where[0] != '/' && where[0] != '@'))
		return;
	s->notify_to.sun_family = AF_UNIX;
	memcpy(s->notify_to.sun_path, where, strlen(where) + 1);
	if (where[0] == '@')
		s->notify_to.sun_path[0] = '\0';
	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static bool open_signals(struct serve *s)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return false;
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals >= 0;
}

static bool raise_walls(struct house *h, bool demo)
{
	const char *const programs[] = { h->programs.self.c, h->programs.vault.c, NULL };
	/* What is not set is an empty path, and no place. */
	const char *const also[] = { h->conf.tls_certificate, h->conf.tls_key, h->conf.profile, NULL };
	struct wall_options o = { .who = WALL_PARENT, .mode = WALLS_STRICT, .directory = h->directory.c,
	                          .programs = programs, .also_read = also };
	(void)wall_mode_parse(str_c(h->conf.walls), &o.mode);
	if (demo && o.mode == WALLS_STRICT)
		o.mode = WALLS_BEST_EFFORT;
	struct wall_report report = { 0 };
	enum err e = walls_raise(&o, &report);
	if (e != OK) {
		warn_with("Kärnan saknar %s, så processerna kan inte stängas in. Sätt walls = best-effort i avstamp.conf "
		          "om ni tar den risken.", report.landlock == 0 ? "Landlock" : "filter för systemanrop");
		return false;
	}
	if (o.mode == WALLS_BEST_EFFORT && (report.landlock == 0 || !report.filter))
		fprintf(stderr, "%sMurarna är inte hela: %s%s%s\n", isatty(2) ? "\033[31m" : "",
		        report.landlock == 0 ? "Landlock saknas. " : "", report.filter ? "" : "Systemanrop filtreras inte. ",
		        isatty(2) ? "\033[0m" : "");
	return true;
}

static bool refused(const struct serve_wish *w)
{
	struct house *h = w->house;
	struct str no = serve_refuses(h->arena, &h->conf, w->demo);
	if (no.p) {
		warn_with("%.*s", STR_FMT(no));
		return true;
	}
	if (h->simulated && !w->demo) {
		warn_with("%s är fylld med påhittade uppgifter. Starta den med avstamp demo --dir %s.", h->directory.c,
		          h->directory.c);
		return true;
	}
	return false;
}

static bool open_in_run(const struct house *h, const char *name, mode_t mode, int *ret)
{
	enum err e = run_socket_listen(h->directory.c, name, mode, ret);
	if (e != OK)
		warn_with("%s/run/%s går inte att öppna, %s.", h->directory.c, name, why_failed(e));
	return e == OK;
}

/* Started as root, vault and web get a user each. The parent stays root, to start them again; it reads no request. */
static bool settle_users(struct serve *s)
{
	struct house *h = s->house;
	struct users u;
	if (geteuid() != 0 || s->wish->demo)
		return true;
	enum err e = users_find(h->conf.web_user, h->conf.vault_user, &u);
	if (e != OK) {
		warn_with("Användarna %s och %s finns inte båda två, så valvet och webben delar på root. Kör avstamp doctor.",
		          h->conf.web_user, h->conf.vault_user);
		return true;
	}
	if ((e = users_settle(h->directory.c, &u)) != OK) {
		warn_with("Filerna i %s går inte att lämna över till valvets och webbens användare, %s.", h->directory.c,
		          why_failed(e));
		return false;
	}
	struct path p;
	return path_join(h->directory.c, "run/" METRICS_SOCKET, &p) == OK && chown(p.c, 0, u.web_group) == 0;
}

static bool begin(struct serve *s)
{
	struct house *h = s->house;
	enum err e = web_listen(h->conf.listen, &s->listen);
	if (e != OK) {
		warn_with("Det går inte att lyssna på %s: %s.", h->conf.listen, strerror(errno));
		return false;
	}
	if (!open_in_run(h, ADMIN_SOCKET, 0600, &s->admin) || !open_in_run(h, METRICS_SOCKET, 0660, &s->metrics))
		return false;
	read_verified(s);
	open_notify(s);
	if (!open_signals(s) || !house_database_files(h->directory.c) || !settle_users(s) || !raise_walls(h, s->wish->demo))
		return false;
	if (!start_both(s)) {
		warn_with("Tjänsten gick inte att starta.");
		return false;
	}
	return true;
}

int serve_run(const struct serve_wish *w)
{
	struct serve s = { .wish = w, .house = w->house, .control = -1, .listen = -1, .admin = -1, .metrics = -1, .signals = -1,
	                   .verified_day = INT32_MIN };
	if (refused(w))
		return EXIT_FAILED;
	s.house->demo = w->demo;
	if (begin(&s))
		loop(&s);
	else
		s.code = EXIT_FAILED;
	s.stopping = true;
	stop(&s);
	run_socket_unlink(s.house->directory.c, ADMIN_SOCKET);
	run_socket_unlink(s.house->directory.c, METRICS_SOCKET);
	fd_closep(&s.listen);
	fd_closep(&s.admin);
	fd_closep(&s.metrics);
	return s.code;
}

static void say_ready(void *ctx, const char *address)
{
	(void)ctx;
	printf("Avstamp svarar på %s.\n", address);
	fflush(stdout);
}

static int run(int argc, char **argv)
{
	const char *directory = NULL, *listen = NULL;
	const struct option_row rows[] = { { .name = "--dir", .text = &directory }, { .name = "--listen", .text = &listen } };
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	if (!directory)
		return fail_with(EXIT_USE, "--dir KATALOG saknas. Se avstamp help serve.");
	_cleanup_(house_closep) struct house h = { .lock_fd = -1 };
	if (!house_open(&h, directory, HOUSE_LOCK))
		return EXIT_FAILED;
	if (listen)
		h.conf.listen = listen;
	struct serve_wish w = { .house = &h, .ready = say_ready };
	return serve_run(&w);
}

const struct verb verb_serve = {
	.name = "serve", .run = run, .line = "kör systemet",
	.help =
		"avstamp serve --dir KATALOG [--listen ADRESS]\n\n"
		"Kör systemet tills det får SIGTERM; då besvaras det som pågår och allt stängs.\n"
		"Programmet startar två processer: webben, som har databasen men inga nycklar, och valvet,\n"
		"som har nycklarna och loggen men inget nätverk. Inställningarna står i KATALOG/avstamp.conf.\n\n"
		"Startas tjänsten som root blir webben användaren avstamp och valvet avstamp-vault, när de finns: då äger\n"
		"valvet keys/, shred/ och log/, och webben kan inte läsa dem ens utan murar. Föräldern förblir root för att\n"
		"kunna starta om dem; den läser ingen begäran.\n\n"
		"KATALOG/run/metrics.sock svarar på GET /metrics med driftens mätvärden i Prometheus textformat: antal\n"
		"svar, sparade ändringar, avslag, sessioner, loggposter och valvets omstarter. Där står aldrig vem eller\n"
		"vilket ärende. Tjänstens adress har ingen sådan sida. Prova med\n\n"
		"  curl --unix-socket KATALOG/run/metrics.sock http://localhost/metrics\n\n"
		"  --listen ADRESS   127.0.0.1:8080, [::1]:8080 eller unix:/sökväg; går före avstamp.conf.\n"
		"                    Utanför den egna datorn krävs TLS.\n",
};

/* main/web_process.c — the process `web`: walls first, then database, vault, server, jobs. */
#include "jobs/jobs.h"
#include "main/admin.h"
#include "main/house.h"
#include "main/metrics.h"
#include "main/serve.h"
#include "sys/users.h"
#include "web/server.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_SECONDS 10
#define PEM_MAX (256u << 10)

struct web_process {
	struct house house;
	struct web *web;
	struct jobs *jobs;
	pthread_t admin, metrics;
	bool demo;
	const char *certificate, *key;
};

static void tell_parent(void *ctx)
{
	(void)ctx;
	char alive = 'H';
	(void)!send(FD_CONTROL, &alive, 1, MSG_NOSIGNAL);
}

static bool read_pem(struct web_process *w, const char *path, const char **ret)
{
	struct str text;
	*ret = NULL;
	if (path[0] == '\0')
		return true;
	enum err e = file_read(w->house.arena, path, PEM_MAX, &text);
	if (e != OK) {
		warn_with("%s går inte att läsa, %s.", path, why_failed(e));
		return false;
	}
	*ret = arena_c(w->house.arena, text);
	return *ret != NULL;
}

static bool raise_walls(struct web_process *w)
{
	struct house *h = &w->house;
	struct wall_options o = { .who = WALL_WEB, .mode = WALLS_STRICT, .directory = h->directory.c };
	(void)wall_mode_parse(str_c(h->conf.walls), &o.mode);
	if (w->demo && o.mode == WALLS_STRICT)
		o.mode = WALLS_BEST_EFFORT;
	struct wall_report report;
	if (walls_raise(&o, &report) == OK)
		return true;
	warn_with("Webbprocessen går inte att stänga in i denna kärna. Se avstamp doctor.");
	return false;
}

/* Settings and the TLS key have been read as root, for the last time. */
static bool leave_root(struct web_process *w)
{
	if (users_become_owner(w->house.directory.c, "avstamp.db") == OK)
		return true;
	warn_with("Webbprocessen kan inte bli användaren som äger %s/avstamp.db.", w->house.directory.c);
	return false;
}

static bool start_flow(struct web_process *w)
{
	struct house *h = &w->house;
	if (!house_store(h, false))
		return false;
	size_t weak = 0;
	if (!w->demo && (house_weak_accounts(h, &weak) != OK || weak > 0)) {
		warn_with("Konton med lösenfraser i demons svaga form: %zu. De hör inte hemma i en riktig katalog.", weak);
		return false;
	}
	if (vault_client_new(FD_VAULT, &h->vault) != OK) {
		warn_with("Webbprocessen når inte valvet.");
		return false;
	}
	h->slot_ms = (int)h->conf.answer_slot_ms;
	return house_flow(h);
}

static bool start_server(struct web_process *w)
{
	struct house *h = &w->house;
	struct serve_names names;
	if (!serve_names(h->arena, &h->conf, &names)) {
		warn_with("hosts i avstamp.conf är tom. Ange namnet som står i webbläsarens adressfält.");
		return false;
	}
	bool tls = w->certificate != NULL;
	struct web_options o = {
		.flow = h->flow, .listen_fd = FD_LISTEN, .hosts = names.hosts, .redirect_host = names.redirect,
		.secure = tls || strcmp(h->conf.behind_tls, "yes") == 0,
		.tls_certificate = w->certificate, .tls_key = w->key,
		.workers = (size_t)h->conf.workers, .connections = (size_t)h->conf.connections,
		.per_address = (size_t)h->conf.per_address,
	};
	enum err e = web_start(&o, &w->web);
	if (e != OK)
		warn_with("Webbservern startade inte (%s).", err_name(e));
	return e == OK;
}

static void *serve_admin(void *ctx)
{
	struct web_process *w = ctx;
	struct pollfd p = { FD_ADMIN, POLLIN, 0 };
	for (;;)
		if (poll(&p, 1, -1) > 0)
			admin_accept(FD_ADMIN, w->house.flow);
	return NULL;
}

static void *serve_metrics(void *ctx)
{
	struct web_process *w = ctx;
	struct pollfd p = { FD_METRICS, POLLIN, 0 };
	for (;;)
		if (poll(&p, 1, -1) > 0)
			metrics_accept(FD_METRICS, w->web);
	return NULL;
}

static bool start_threads(struct web_process *w)
{
	struct jobs_options o = { .flow = w->house.flow, .alive = tell_parent };
	if (jobs_start(&o, &w->jobs) != OK || pthread_create(&w->admin, NULL, serve_admin, w) != 0 ||
	    pthread_create(&w->metrics, NULL, serve_metrics, w) != 0) {
		warn_with("Webbprocessens trådar startade inte. Är minnet slut?");
		return false;
	}
	return true;
}

/* Words of the parent: V and a descriptor is a new vault, F and G what the nightly check found (something, nothing), Q or
 * silence is the end. */
static void obey(struct web_process *w)
{
	for (;;) {
		char what = 0;
		int fd = -1;
		if (fd_receive(FD_CONTROL, &what, &fd) != OK || what == 'Q')
			return;
		if (what == 'F' || what == 'G')
			flow_tell_finding(w->house.flow, what == 'F');
		if (what != 'V' || fd < 0)
			continue;
		vault_client_replace(w->house.vault, fd);
		enum err e = flow_vault_ready(w->house.flow);
		if (e != OK)
			warn_with("Det nya valvet svarar inte (%s).", err_name(e));
	}
}

static int run(int argc, char **argv)
{
	const char *directory = NULL, *listen = NULL;
	static struct web_process w = { .house = { .lock_fd = -1 } };
	const struct option_row rows[] = {
		{ .name = "--dir", .text = &directory }, { .name = "--listen", .text = &listen },
		{ .name = "--demo", .flag = &w.demo },
	};
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	/* Only the parent can have given these descriptors. */
	int kind = 0;
	socklen_t size = sizeof kind;
	if (!directory || !listen || getsockopt(FD_CONTROL, SOL_SOCKET, SO_TYPE, &kind, &size) != 0)
		return fail_with(EXIT_USE, "web-process startas av avstamp serve.");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	if (!house_settings(&w.house, directory))
		return EXIT_FAILED;
	w.house.conf.listen = listen;
	if (!read_pem(&w, w.house.conf.tls_certificate, &w.certificate) || !read_pem(&w, w.house.conf.tls_key, &w.key))
		return EXIT_FAILED;
	if (!leave_root(&w) || !raise_walls(&w) || !start_flow(&w) || !start_server(&w) || !start_threads(&w))
		return EXIT_FAILED;
	char ready = 'R';
	(void)!send(FD_CONTROL, &ready, 1, MSG_NOSIGNAL);
	obey(&w);
	web_stop(w.web, DRAIN_SECONDS);
	jobs_stop(w.jobs);
	/* Everything is committed when store_close returns; the rest ends with the process. */
	store_close(w.house.store);
	vault_client_flush(w.house.vault);
	_exit(EXIT_WELL);
}

const struct verb verb_web_process = { .name = "web-process", .run = run };

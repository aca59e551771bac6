/* bench/drive.c — runs one operation with N clients for some seconds and prints one JSON line.
 *
 *     drive PORT FILE.cases OPERATION [clients=N] [seconds=S] [warm=S] [server=PID] [only=CASE] [notes=N] [officers=N] [most=N]
 *
 * `most` ends the run after so many requests, for operations that have a budget a day and user. */
#include "drive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/epoll.h>
#include <unistd.h>

struct tally {
	float *ms;
	size_t n, room, all, errors;
	double bytes;
	char wrong[100];
};

static void stop(const char *why)
{
	(void)fprintf(stderr, "drive: %s\n", why);
	exit(1);
}

static void read_cases(struct drive *d, const char *path)
{
	FILE *f = fopen(path, "re");
	if (f == NULL || fscanf(f, "users %zu", &d->users) != 1 || d->users == 0)
		stop("no list of cases");
	size_t room = 0;
	struct case_line l;
	while (fscanf(f, "%zu %32s %15s %15s", &l.officer, l.id, l.code, l.number) == 4) {
		if (d->cases == room) {
			room = room ? room * 2 : 1024;
			d->list = realloc(d->list, room * sizeof *d->list);
			if (d->list == NULL)
				stop("memory");
		}
		d->list[d->cases++] = l;
	}
	(void)fclose(f);
	if (d->cases == 0)
		stop("no cases");
}

static void set(struct drive *d, const char *option)
{
	const char *eq = strchr(option, '=');
	double v = eq ? strtod(eq + 1, NULL) : 0;
	size_t n = eq ? (size_t)(eq - option) : 0;
	if (n == 7 && strncmp(option, "clients", n) == 0)
		d->clients = (size_t)v;
	else if (n == 7 && strncmp(option, "seconds", n) == 0)
		d->seconds = v;
	else if (n == 4 && strncmp(option, "warm", n) == 0)
		d->warm = v;
	else if (n == 6 && strncmp(option, "server", n) == 0)
		d->server = (long)v;
	else if (n == 4 && strncmp(option, "only", n) == 0)
		d->only = (long)v;
	else if (n == 5 && strncmp(option, "notes", n) == 0)
		d->notes = (size_t)v;
	else if (n == 8 && strncmp(option, "officers", n) == 0)
		d->officers = (size_t)v;
	else if (n == 4 && strncmp(option, "most", n) == 0)
		d->most = (size_t)v;
	else
		stop(option);
}

/* One of the user's own cases, any of them: the cases of an officer stand side by side in the list. */
static struct case_line *pick(const struct drive *d, const struct client *c)
{
	if (d->only >= 0)
		return &d->list[(size_t)d->only % d->cases];
	if (strcmp(d->operation, "limit") == 0)
		return &d->list[(size_t)random() % d->cases];
	return &d->list[c->first + (size_t)random() % c->own];
}

/* Deals out the officers that have cases. */
static void deal(const struct drive *d, struct client *clients, size_t n)
{
	size_t at = d->only >= 0 ? (size_t)d->only % d->cases : 0;
	for (size_t i = 0; i < n; i++) {
		struct client *c = &clients[i];
		while (d->only < 0 && at > 0 && d->list[at].officer == d->list[at - 1].officer)
			at = (at + 1) % d->cases;
		c->first = at;
		c->user = d->list[at].officer;
		for (c->own = 0; at + c->own < d->cases && d->list[at + c->own].officer == c->user; c->own++)
			;
		if (d->only < 0)
			at = (at + c->own) % d->cases;
	}
}

/* The next of the officers that take turns on this connection. */
static void take_turn(const struct drive *d, struct client *c)
{
	const struct client *next = &d->sessions[c->place + d->clients * (c->turn++ % d->officers)];
	memcpy(c->cookie, next->cookie, sizeof c->cookie);
	memcpy(c->csrf, next->csrf, sizeof c->csrf);
	c->user = next->user;
	c->first = next->first;
	c->own = next->own;
}

static void begin(const struct drive *d, struct client *c)
{
	if (d->officers > 1)
		take_turn(d, c);
	c->at = pick(d, c);
	ask_write(d, c);
	c->in_n = c->whole = c->out_done = 0;
	c->began = clock_now();
	c->busy = true;
}

static void count(const struct drive *d, struct tally *t, struct client *c, double from, bool broken)
{
	const char *wrong = broken ? "the connection broke" : ask_wrong(d, c);
	double now = clock_now();
	c->busy = false;
	t->all++;
	if (wrong) {
		t->errors++;
		(void)snprintf(t->wrong, sizeof t->wrong, "%s", wrong);
		return;
	}
	if (now < from)
		return;
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 65536;
		t->ms = realloc(t->ms, t->room * sizeof *t->ms);
		if (t->ms == NULL)
			stop("memory");
	}
	t->ms[t->n++] = (float)((now - c->began) * 1e3);
	t->bytes += (double)c->whole;
}

static void step(const struct drive *d, struct tally *t, struct client *c, double from, double until)
{
	for (;;) {
		int done = http_step(c);
		if (done == 0)
			return;
		count(d, t, c, from, done < 0);
		if (done < 0 || t->errors > 100 || (d->most && t->all + d->clients > d->most) || clock_now() >= until)
			return;
		begin(d, c);
	}
}

static void loop(const struct drive *d, struct client *clients, struct tally *t, double from, double until)
{
	struct epoll_event events[64];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < d->clients; i++) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.ptr = &clients[i] };
		if (epoll_ctl(ep, EPOLL_CTL_ADD, clients[i].fd, &e) != 0)
			stop("epoll");
		begin(d, &clients[i]);
		step(d, t, &clients[i], from, until);
	}
	for (size_t busy = 1; busy > 0 && clock_now() < until + 60;) {
		int n = epoll_wait(ep, events, 64, 200);
		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;
			if (c->busy)
				step(d, t, c, from, until);
		}
		busy = 0;
		for (size_t i = 0; i < d->clients; i++)
			busy += clients[i].busy;
	}
	(void)close(ep);
}

static int by_size(const void *a, const void *b)
{
	const float *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static double part(const struct tally *t, double p)
{
	return t->n ? (double)t->ms[(size_t)((double)(t->n - 1) * p)] : 0;
}

static void measure(const struct drive *d, struct client *clients)
{
	struct tally t = { 0 };
	double t0 = clock_now(), server = clock_of_processes(d->server), machine = clock_of_machine(), own = clock_own();
	loop(d, clients, &t, t0 + d->warm, t0 + d->warm + d->seconds);
	double wall = clock_now() - t0;
	server = clock_of_processes(d->server) - server;
	machine = clock_of_machine() - machine;
	own = clock_own() - own;
	qsort(t.ms, t.n, sizeof *t.ms, by_size);
	size_t good = t.all - t.errors;
	(void)printf("{\"operation\":\"%s\",\"clients\":%zu,\"done\":%zu,\"errors\":%zu,\"rate\":%.1f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,"
	             "\"p99_ms\":%.3f,\"cpu_us\":%.1f,\"bytes\":%.0f,\"driver_us\":%.1f,\"others\":%.2f%s%s%s}\n",
	             d->operation, d->clients, good, t.errors, (double)t.n / (wall - d->warm < d->seconds ? wall - d->warm : d->seconds), part(&t, .5), part(&t, .9), part(&t, .99),
	             good ? server * 1e6 / (double)good : 0, t.n ? t.bytes / (double)t.n : 0, good ? own * 1e6 / (double)good : 0,
	             (machine - server - own) / wall, t.errors ? ",\"wrong\":\"" : "", t.wrong, t.errors ? "\"" : "");
	free(t.ms);
	if (t.errors > 0 || good == 0)
		exit(1);
}

int main(int argc, char **argv)
{
	struct drive d = { .clients = 1, .seconds = 3, .warm = 0.5, .only = -1, .notes = 20, .officers = 1 };
	if (argc < 4 || !ask_known(argv[3]))
		stop("drive PORT FILE.cases OPERATION [clients=N] [seconds=S] [warm=S] [server=PID] [only=CASE] [notes=N] [officers=N] [most=N]");
	d.port = (unsigned)strtoul(argv[1], NULL, 10);
	d.operation = argv[3];
	for (int i = 4; i < argc; i++)
		set(&d, argv[i]);
	read_cases(&d, argv[2]);
	size_t sessions = d.clients * d.officers;
	struct client *clients = calloc(d.clients, sizeof *clients);
	d.sessions = calloc(sessions, sizeof *d.sessions);
	if (clients == NULL || d.sessions == NULL || sessions == 0)
		stop("memory");
	srandom((unsigned)(clock_now() * 1e6));
	deal(&d, d.sessions, sessions);
	for (size_t i = 0; i < sessions; i++) {
		if (!http_connect(&d, &d.sessions[i]) || !ask_prepare(&d, &d.sessions[i]))
			stop("the server does not answer");
		(void)close(d.sessions[i].fd);
	}
	/* The server closes a connection that has been idle while the others logged in. */
	for (size_t i = 0; i < d.clients; i++) {
		clients[i] = d.sessions[i];
		clients[i].place = i;
		if (!http_connect(&d, &clients[i]))
			stop("the server does not take the connection");
	}
	/* What the first looks at the lists have left to write is written. */
	(void)nanosleep(&(struct timespec){ .tv_nsec = (long)(d.warm * 999999999) }, NULL);
	measure(&d, clients);
	for (size_t i = 0; i < sessions; i++) {
		if (!http_connect(&d, &d.sessions[i]) || !ask_leave(&d, &d.sessions[i]))
			stop("somebody cannot log out");
		(void)close(d.sessions[i].fd);
	}
	return 0;
}

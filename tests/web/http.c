/* tests/web/http.c — a small HTTP client: one request a connection, cookies kept, nothing hidden. */
#include "runner.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (8u << 20)
#define PATIENCE_MS 60000

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&to, sizeof to) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* A server that refuses a long body may close before it has read it all: then its answer counts, not our sending. */
static void say(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t k = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (k <= 0)
			return;
		s = str_cut(s, (size_t)k, s.n);
	}
}

static struct str hear(int fd, struct arena *a)
{
	struct buf b = buf_new(a, ANSWER_MAX);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	static _Thread_local char piece[65536]; /* more than a frame may hold */

	while (poll(&p, 1, PATIENCE_MS) > 0) {
		ssize_t k = recv(fd, piece, sizeof piece, 0);

		if (k <= 0)
			break;
		buf_add(&b, piece, (size_t)k);
	}
	return buf_view(&b);
}

static void forget(struct client *c, size_t i)
{
	c->cookies[i] = c->cookies[--c->n_cookies];
}

static void take_cookie(struct client *c, struct str line)
{
	size_t eq = str_find(line, '=');
	struct str name = str_trim(str_cut(line, 0, eq));
	struct str value = str_cut(line, eq + 1, str_find(line, ';'));

	for (size_t i = 0; i < c->n_cookies; i++)
		if (str_eq(c->cookies[i].name, name)) {
			forget(c, i);
			break;
		}
	if (contains(line, STR("Max-Age=0")) || value.n == 0 || c->n_cookies == COUNT_OF(c->cookies))
		return;
	c->cookies[c->n_cookies++] = (struct cookie){ name, value };
}

struct str http_header(const struct client *c, const char *name, size_t n)
{
	struct str rest = c->head;
	size_t length = strlen(name);

	while (rest.n > 0) {
		size_t end = str_find(rest, '\n');
		struct str line = str_trim(str_cut(rest, 0, end));

		rest = str_cut(rest, end + 1, rest.n);
		if (line.n > length && line.p[length] == ':' && strncasecmp(line.p, name, length) == 0 && n-- == 0)
			return str_trim(str_cut(line, length + 1, line.n));
	}
	return STR_UNSET;
}

static struct str unchunked(struct arena *a, struct str s)
{
	struct buf b = buf_new(a, ANSWER_MAX);

	for (;;) {
		size_t end = str_find(s, '\n');
		char *after;
		size_t n = strtoul(arena_c(a, str_cut(s, 0, end)), &after, 16);

		if (n == 0 || end + 1 + n > s.n)
			return buf_view(&b);
		buf_str(&b, str_cut(s, end + 1, end + 1 + n));
		s = str_cut(s, end + 1 + n + 2, s.n);
	}
}

static bool take_answer(struct arena *a, struct client *c, struct str all)
{
	const char *gap = all.n == 0 ? NULL : memmem(all.p, all.n, "\r\n\r\n", 4);

	c->status = 0;
	c->head = STR("");
	c->body = STR("");
	if (gap == NULL || all.n < 12)
		return false;
	c->head = str_cut(all, 0, (size_t)(gap - all.p) + 2);
	c->body = str_cut(all, (size_t)(gap - all.p) + 4, all.n);
	c->status = atoi(all.p + 9);
	struct str coding = http_header(c, "Transfer-Encoding", 0), length = http_header(c, "Content-Length", 0);

	if (coding.p != NULL && str_eq_c(coding, "chunked"))
		c->body = unchunked(a, c->body);
	for (size_t i = 0; http_header(c, "Set-Cookie", i).p != NULL; i++)
		take_cookie(c, http_header(c, "Set-Cookie", i));
	/* An answer that was cut is no answer. */
	return length.p == NULL || c->status == 304 || c->body.n == 0 || strtoul(length.p, NULL, 10) == c->body.n;
}

bool http_raw(struct house *h, struct arena *a, struct client *c, struct str bytes)
{
	int fd = dial(h->port);

	if (fd < 0)
		return take_answer(a, c, STR(""));
	say(fd, bytes);
	struct str all = hear(fd, a);

	(void)close(fd);
	return take_answer(a, c, all);
}

bool http_call(struct house *h, struct arena *a, struct client *c, const struct call *q)
{
	struct buf b = buf_new(a, ANSWER_MAX);
	struct str path = str_cut(q->path, 0, str_find(q->path, '#'));

	buf_format(&b, "%.*s %.*s HTTP/1.1\r\nConnection: close\r\n", STR_FMT(q->method), STR_FMT(path));
	if (!q->no_host)
		buf_format(&b, "Host: localhost:%d\r\n", h->port);
	if (c->n_cookies > 0) {
		buf_lit(&b, "Cookie: ");
		for (size_t i = 0; i < c->n_cookies; i++)
			buf_format(&b, "%s%.*s=%.*s", i > 0 ? "; " : "", STR_FMT(c->cookies[i].name), STR_FMT(c->cookies[i].value));
		buf_lit(&b, "\r\n");
	}
	buf_str(&b, q->headers);
	if (q->type.p != NULL)
		buf_format(&b, "Content-Type: %.*s\r\n", STR_FMT(q->type));
	if (q->body.p != NULL)
		buf_format(&b, "Content-Length: %zu\r\n", q->body.n);
	buf_lit(&b, "\r\n");
	if (q->body.p != NULL)
		buf_str(&b, q->body);
	assert_always(!buf_is_full(&b));
	c->path = path;
	return http_raw(h, a, c, buf_view(&b));
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t http_drip(struct house *h, struct str start, int seconds)
{
	int fd = dial(h->port);
	int64_t began = now_ms(), ended = -1;
	char c;

	if (fd < 0)
		return -1;
	say(fd, start);
	while (ended < 0 && now_ms() - began < (int64_t)seconds * 1000) {
		struct timespec t = { .tv_nsec = 500000000 };

		(void)nanosleep(&t, NULL);
		say(fd, STR("a"));
		if (recv(fd, &c, 1, MSG_DONTWAIT) == 0)
			ended = now_ms() - began;
	}
	(void)close(fd);
	return ended;
}

/* bench/http.c — a small HTTP/1.1 client: answers with Content-Length over a kept connection, nothing else. */
#include "drive.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MOST (1u << 20)

bool http_connect(const struct drive *d, struct client *c)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)d->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->in == NULL) {
		c->in = malloc(ANSWER_MOST + 1);
		c->in_room = ANSWER_MOST;
	}
	if (fd < 0 || c->in == NULL || connect(fd, (const struct sockaddr *)(const void *)&at, sizeof at) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	c->fd = fd;
	return true;
}

/* Where the body begins, or 0 while the head is not whole. */
static size_t head_end(const struct client *c)
{
	const char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
	return end == NULL ? 0 : (size_t)(end - c->in) + 4;
}

bool http_header(const struct client *c, const char *name, char *ret, size_t room)
{
	size_t n = strlen(name);
	for (const char *line = strstr(c->in, "\r\n"); line != NULL && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':')
			continue;
		const char *value = line + 3 + n + strspn(line + 3 + n, " ");
		size_t length = strcspn(value, "\r");
		if (length >= room)
			return false;
		memcpy(ret, value, length);
		ret[length] = 0;
		return true;
	}
	return false;
}

static int take(struct client *c)
{
	char number[24];
	if (c->whole == 0) {
		size_t body = head_end(c);
		if (body == 0)
			return 0;
		c->in[c->in_n] = 0;
		if (!http_header(c, "Content-Length", number, sizeof number))
			return http_status(c) == 204 ? (int)(c->whole = body) != 0 : -1;
		c->whole = body + strtoul(number, NULL, 10);
		if (c->whole > c->in_room)
			return -1;
	}
	return c->in_n >= c->whole;
}

int http_step(struct client *c)
{
	while (c->out_done < c->out_n) {
		ssize_t n = send(c->fd, c->out + c->out_done, c->out_n - c->out_done, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		c->out_done += (size_t)n;
	}
	for (;;) {
		ssize_t n = recv(c->fd, c->in + c->in_n, c->in_room - c->in_n, 0);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		if (n == 0)
			return -1;
		c->in_n += (size_t)n;
		c->in[c->in_n] = 0;
		int done = take(c);
		if (done != 0)
			return done;
	}
}

bool http_wait(struct client *c)
{
	c->in_n = c->whole = c->out_done = 0;
	for (;;) {
		int done = http_step(c);
		if (done != 0)
			return done > 0;
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		if (poll(&p, 1, 60000) <= 0)
			return false;
	}
}

int http_status(const struct client *c)
{
	return c->in_n > 12 ? atoi(c->in + 9) : 0;
}

const char *http_body(const struct client *c, size_t *ret_n)
{
	size_t at = head_end(c);
	*ret_n = c->whole - at;
	return c->in + at;
}

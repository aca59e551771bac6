/* tools/fetch.c — fetches one page over plain HTTP, for ./demo --once on a machine without curl.
 *
 *   fetch [--wait SECONDS] [--while PID] http://HOST:PORT/PATH
 *   fetch --any http://HOST:PORT/
 *
 * Follows redirects on the same machine. Prints the status and the size of the page; ends with 0 when the status is
 * 200. --wait: tries until someone answers; --while: gives up as soon as the process PID has ended. --any: only asks
 * whether somebody listens. */
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct address {
	char host[128], port[8], path[512];
};

static bool copy(char *to, size_t room, const char *from, size_t n)
{
	if (n >= room)
		return false;
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

static bool read_address(const char *url, struct address *a)
{
	if (strncmp(url, "http://", 7) != 0)
		return false;
	const char *host = url + 7, *path = host + strcspn(host, "/");
	const char *colon = memchr(host, ':', (size_t)(path - host));
	const char *host_end = colon == NULL ? path : colon;

	return copy(a->host, sizeof a->host, host, (size_t)(host_end - host)) &&
		(colon == NULL ? copy(a->port, sizeof a->port, "80", 2) :
			copy(a->port, sizeof a->port, colon + 1, (size_t)(path - colon - 1))) &&
		copy(a->path, sizeof a->path, *path == '\0' ? "/" : path, *path == '\0' ? 1 : strlen(path));
}

/* A connected socket, or -1 when nobody listens. */
static int reach(const struct address *a)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found;
	struct timeval patience = { .tv_sec = 30 };
	int fd = -1;

	if (getaddrinfo(a->host, a->port, &want, &found) != 0)
		return -1;
	for (struct addrinfo *i = found; i != NULL && fd < 0; i = i->ai_next) {
		fd = socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, i->ai_protocol);
		if (fd >= 0 && connect(fd, i->ai_addr, i->ai_addrlen) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

struct answer {
	char head[8192]; /* the beginning, with a zero byte */
	size_t n, body;  /* bytes in all, and after the head */
	int status;
};

static bool ask(const struct address *a, struct answer *ret)
{
	static char more[4096];
	char request[1024];
	int fd = reach(a);

	if (fd < 0)
		return false;
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n", a->path, a->host,
		a->port);
	bool sent = n > 0 && (size_t)n < sizeof request && send_all(fd, request, (size_t)n);
	size_t kept = 0;

	ret->n = 0;
	while (sent) {
		ssize_t got = recv(fd, more, sizeof more, 0);

		if (got <= 0)
			break;
		size_t keep = sizeof ret->head - 1 - kept;

		keep = keep < (size_t)got ? keep : (size_t)got;
		memcpy(ret->head + kept, more, keep);
		kept += keep;
		ret->n += (size_t)got;
	}
	(void)close(fd);
	ret->head[kept] = '\0';
	const char *end = strstr(ret->head, "\r\n\r\n");

	if (end == NULL || sscanf(ret->head, "HTTP/1.%*c %3d", &ret->status) != 1)
		return false;
	ret->body = ret->n - (size_t)(end + 4 - ret->head);
	return true;
}

/* The path or address that a redirect names, made absolute; false when there is none. */
static bool follow(const struct answer *answer, struct address *a)
{
	const char *at = strcasestr(answer->head, "\r\nLocation:");

	if (answer->status < 300 || answer->status > 399 || at == NULL)
		return false;
	at += strlen("\r\nLocation:");
	at += strspn(at, " ");
	char to[600];

	if (!copy(to, sizeof to, at, strcspn(at, "\r")))
		return false;
	return to[0] == '/' ? copy(a->path, sizeof a->path, to, strlen(to)) : read_address(to, a);
}

/* Whether the process has ended; one that nobody has waited for yet has ended too. */
static bool has_ended(long pid)
{
	char name[64], line[512];

	if (pid <= 0)
		return false;
	(void)snprintf(name, sizeof name, "/proc/%ld/stat", pid);
	FILE *f = fopen(name, "re");

	if (f == NULL)
		return true;
	const char *end = fgets(line, sizeof line, f) == NULL ? NULL : strrchr(line, ')');

	(void)fclose(f);
	return end == NULL || strncmp(end, ") Z", 3) == 0;
}

static int fetch(const char *url, long wait, long pid)
{
	static struct answer answer;
	struct address a;
	struct timespec nap = { .tv_nsec = 2000000 };
	time_t until = time(NULL) + wait;

	if (!read_address(url, &a)) {
		(void)fprintf(stderr, "fetch: %s is no address of the form http://HOST:PORT/PATH.\n", url);
		return 2;
	}
	while (!ask(&a, &answer)) {
		if (has_ended(pid) || time(NULL) >= until) {
			(void)fprintf(stderr, "fetch: nobody answers on %s.\n", url);
			return 1;
		}
		(void)nanosleep(&nap, NULL);
	}
	for (int i = 0; i < 5 && follow(&answer, &a); i++)
		if (!ask(&a, &answer))
			return 1;
	(void)printf("http://%s:%s%s %d, %zu bytes\n", a.host, a.port, a.path, answer.status, answer.body);
	return answer.status == 200 ? 0 : 1;
}

static int listens(const char *url)
{
	struct address a;
	int fd = read_address(url, &a) ? reach(&a) : -1;

	if (fd < 0)
		return 1;
	(void)close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	long wait = 0, pid = 0;
	int at = 1;

	if (argc == 3 && strcmp(argv[1], "--any") == 0)
		return listens(argv[2]);

	for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
		if (strcmp(argv[at], "--wait") == 0)
			wait = strtol(argv[at + 1], NULL, 10);
		else if (strcmp(argv[at], "--while") == 0)
			pid = strtol(argv[at + 1], NULL, 10);
		else
			break;
	}
	if (at + 1 != argc || strncmp(argv[at], "--", 2) == 0) {
		(void)fprintf(stderr, "usage: fetch [--wait SECONDS] [--while PID] http://HOST:PORT/PATH\n");
		return 2;
	}
	return fetch(argv[at], wait, pid);
}

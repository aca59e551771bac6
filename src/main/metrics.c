/* main/metrics.c — a very small HTTP: one request, one answer, the connection ends. */
#include "main/metrics.h"
#include "main/run_socket.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_SECONDS 2
#define HEAD_BYTES 4096
#define ARENA_BYTES (64u << 10)

static struct str answer(struct arena *a, const char *status, struct str body)
{
	return arena_format(a,
	                    "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	                    "Cache-Control: no-store\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%.*s",
	                    status, body.n, STR_FMT(body));
}

struct str metrics_answer(struct web *w, struct arena *a, struct str head)
{
	struct str line = str_cut(head, 0, str_find(head, '\n'));
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	size_t space = str_find(line, ' ');
	struct str method = str_cut(line, 0, space), rest = str_cut(line, space < line.n ? space + 1 : line.n, line.n);
	struct str target = str_cut(rest, 0, str_find(rest, ' ')), version = str_cut(rest, target.n, rest.n);
	if (!str_eq_c(version, " HTTP/1.1") && !str_eq_c(version, " HTTP/1.0"))
		return answer(a, "400 Bad Request", STR("Begäran går inte att läsa.\n"));
	if (!str_eq_c(target, "/metrics"))
		return answer(a, "404 Not Found", STR("Här finns bara /metrics.\n"));
	if (!str_eq_c(method, "GET"))
		return answer(a, "405 Method Not Allowed", STR("Här går det bara att läsa.\n"));
	struct str lines = web_metrics(w, a);
	return lines.p ? answer(a, "200 OK", lines) : answer(a, "503 Service Unavailable", STR("Minnet räcker inte.\n"));
}

/* The head's end, with and without carriage returns. */
static bool ends(struct str s)
{
	return (s.n >= 4 && str_eq_c(str_cut(s, s.n - 4, s.n), "\r\n\r\n")) ||
	       (s.n >= 2 && str_eq_c(str_cut(s, s.n - 2, s.n), "\n\n"));
}

static enum err hear(int fd, struct buf *b)
{
	char block[512];
	while (!ends(buf_view(b))) {
		ssize_t n = recv(fd, block, sizeof block, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		buf_add(b, block, (size_t)n);
		if (buf_is_full(b))
			return ERR_TOO_LARGE;
	}
	return OK;
}

void metrics_accept(int listen_fd, struct web *w)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	struct arena *a = fd < 0 ? NULL : arena_new(ARENA_BYTES);
	if (a) {
		struct buf head = buf_new(a, HEAD_BYTES);
		run_socket_patience(fd, PATIENCE_SECONDS);
		enum err e = hear(fd, &head);
		if (e == OK || e == ERR_TOO_LARGE)
			(void)!run_socket_send(fd, metrics_answer(w, a, e == OK ? buf_view(&head) : STR("")));
	}
	arena_free(a);
	if (fd >= 0)
		close(fd);
}

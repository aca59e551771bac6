/* main/admin.c — run/admin.sock: both ends of it. */
#include "main/admin.h"
#include "sys/files.h"
#include "sys/process.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SECONDS 60

struct str admin_value(const struct admin_request *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq_c(r->field[i].name, name))
			return r->field[i].value;
	return STR_UNSET;
}

void admin_set(struct admin_request *r, const char *name, struct str value)
{
	assert_always(r->n < ADMIN_FIELDS);
	r->field[r->n].name = str_c(name);
	r->field[r->n++].value = value;
}

struct str admin_encode(struct arena *a, const struct admin_request *r)
{
	struct buf b = buf_new(a, ADMIN_BYTES);
	for (size_t i = 0; i < r->n; i++) {
		if (r->field[i].value.n == 0)
			continue;
		buf_str(&b, r->field[i].name);
		buf_lit(&b, " ");
		buf_str(&b, r->field[i].value);
		buf_lit(&b, "\n");
	}
	buf_lit(&b, "\n");
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

enum err admin_decode(struct str bytes, struct admin_request *ret)
{
	struct admin_request r = { .n = 0 };
	while (bytes.n > 0) {
		size_t n = str_find(bytes, '\n');
		struct str line = str_cut(bytes, 0, n);
		bytes = str_cut(bytes, n < bytes.n ? n + 1 : n, bytes.n);
		if (line.n == 0)
			break;
		size_t space = str_find(line, ' ');
		if (space == 0 || space == line.n || r.n == ADMIN_FIELDS || !str_is_text(line))
			return ERR_INVALID;
		r.field[r.n].name = str_cut(line, 0, space);
		r.field[r.n++].value = str_cut(line, space + 1, line.n);
	}
	if (r.n == 0)
		return ERR_INVALID;
	*ret = r;
	return OK;
}

static enum err address_of(const char *directory, struct sockaddr_un *ret)
{
	struct path p;
	enum err e;
	if ((e = path_join(directory, "run/admin.sock", &p)) != OK)
		return e;
	size_t n = strlen(p.c);
	if (n >= sizeof ret->sun_path)
		return ERR_TOO_LARGE;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, p.c, n + 1);
	return OK;
}

enum err admin_listen(const char *directory, int *ret_fd)
{
	union { struct sockaddr_un in; struct sockaddr any; } at;
	enum err e;
	if ((e = address_of(directory, &at.in)) != OK)
		return e;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	unlink(at.in.sun_path); /* of a predecessor that was killed; the lock says that it is gone */
	mode_t before = umask(0177);
	int bound = bind(fd, &at.any, sizeof at.in);
	umask(before);
	if (bound != 0 || listen(fd, 4) != 0) {
		e = err_of_errno();
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return OK;
}

void admin_unlink(const char *directory)
{
	struct path p;
	if (path_join(directory, "run/admin.sock", &p) == OK)
		unlink(p.c);
}

/* Until the empty line, or the end of the stream when `to_end`. */
static enum err receive(int fd, struct buf *b, bool to_end)
{
	char block[1024];
	enum err e = OK;
	for (;;) {
		ssize_t n = recv(fd, block, sizeof block, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			e = ERR_IO;
		if (n <= 0)
			break;
		buf_add(b, block, (size_t)n);
		struct str all = buf_view(b);
		if (buf_is_full(b))
			e = ERR_TOO_LARGE;
		if (e != OK || (!to_end && all.n >= 2 && memcmp(all.p + all.n - 2, "\n\n", 2) == 0))
			break;
	}
	wipe(block, sizeof block);
	return e;
}

static enum err send_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		s = str_cut(s, (size_t)n, s.n);
	}
	return OK;
}

enum err admin_connect(const char *directory, int *ret_fd)
{
	union { struct sockaddr_un in; struct sockaddr any; } at;
	enum err e;
	if ((e = address_of(directory, &at.in)) != OK)
		return e;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	if (connect(fd, &at.any, sizeof at.in) != 0) {
		e = errno == ECONNREFUSED ? ERR_NOT_FOUND : err_of_errno();
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return OK;
}

enum err admin_ask_over(struct arena *a, int fd, struct str request, struct str *ret_answer)
{
	struct buf b = buf_new(a, 1u << 18);
	enum err e;
	if ((e = send_all(fd, request)) != OK || (e = receive(fd, &b, true)) != OK)
		return e;
	*ret_answer = buf_view(&b);
	return OK;
}

enum err admin_ask(struct arena *a, const char *directory, struct str request, struct str *ret_answer)
{
	_cleanup_(fd_closep) int fd = -1;
	enum err e;
	if ((e = admin_connect(directory, &fd)) != OK)
		return e;
	return admin_ask_over(a, fd, request, ret_answer);
}

/* The socket's mode already keeps others out; this also holds where modes do not. */
static bool is_owner(int fd)
{
	struct ucred who;
	socklen_t n = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && (who.uid == 0 || who.uid == geteuid());
}

static void answer(int fd, struct flow *f)
{
	struct arena *a = arena_new(4u << 20);
	if (!a)
		return;
	struct buf b = buf_new(a, ADMIN_BYTES);
	struct admin_request r;
	struct str reply = STR("no Begäran går inte att läsa.\n");
	if (receive(fd, &b, false) == OK && admin_decode(buf_view(&b), &r) == OK)
		reply = admin_run(f, a, &r);
	(void)!send_all(fd, reply);
	arena_free(a);
}

void admin_accept(int listen_fd, struct flow *f)
{
	_cleanup_(fd_closep) int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || !is_owner(fd))
		return;
	struct timeval patience = { PATIENCE_SECONDS, 0 };
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	answer(fd, f);
}

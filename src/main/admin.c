/* main/admin.c — run/admin.sock: both ends of it. */
#include "main/admin.h"
#include "main/quiet.h"
#include "main/run_socket.h"
#include "sys/files.h"
#include "sys/process.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
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

enum err admin_receive(int fd, struct buf *b, bool to_end)
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

enum err admin_connect(const char *directory, int *ret_fd)
{
	union { struct sockaddr_un in; struct sockaddr any; } at;
	enum err e;
	if ((e = run_socket_address(directory, ADMIN_SOCKET, &at.in)) != OK)
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
	if ((e = run_socket_send(fd, request)) != OK || (e = admin_receive(fd, &b, true)) != OK)
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
	bool good = admin_receive(fd, &b, false) == OK && admin_decode(buf_view(&b), &r) == OK;
	if (good && str_eq_c(admin_value(&r, "act"), QUIET_ACT)) {
		quiet_serve(fd, a, f);
	} else {
		if (good)
			reply = admin_run(f, a, &r);
		(void)!run_socket_send(fd, reply);
	}
	arena_free(a);
}

void admin_accept(int listen_fd, struct flow *f)
{
	_cleanup_(fd_closep) int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || !is_owner(fd))
		return;
	run_socket_patience(fd, PATIENCE_SECONDS);
	answer(fd, f);
}

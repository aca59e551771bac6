/* main/run_socket.c — sockets in run/. */
#include "main/run_socket.h"
#include "sys/files.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define WAITING 4

enum err run_socket_address(const char *directory, const char *name, struct sockaddr_un *ret)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/run/%s", directory, name);
	if (n < 0 || (size_t)n >= sizeof at.sun_path)
		return ERR_TOO_LARGE;
	*ret = at;
	return OK;
}

enum err run_socket_listen(const char *directory, const char *name, mode_t mode, int *ret_fd)
{
	union { struct sockaddr_un in; struct sockaddr any; } at;
	enum err e;
	if ((e = run_socket_address(directory, name, &at.in)) != OK)
		return e;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	unlink(at.in.sun_path);
	mode_t before = umask(0777 & ~mode);
	int bound = bind(fd, &at.any, sizeof at.in);
	umask(before);
	if (bound != 0 || listen(fd, WAITING) != 0) {
		e = err_of_errno();
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return OK;
}

void run_socket_unlink(const char *directory, const char *name)
{
	struct sockaddr_un at;
	if (run_socket_address(directory, name, &at) == OK)
		unlink(at.sun_path);
}

void run_socket_patience(int fd, int seconds)
{
	struct timeval patience = { seconds, 0 };
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

enum err run_socket_send(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		bytes = str_cut(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

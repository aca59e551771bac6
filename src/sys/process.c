/* sys/process.c — children, descriptors over sockets, the lock. */
#include "sys/process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4u
#endif
#define FIRST_FREE 40

int64_t running_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct instant real_time(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (struct instant){ (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 };
}

void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* First out of the way of every target number, then into place. */
static void place_fds(const struct spawn *s)
{
	int away[SPAWN_FDS_MAX];
	for (size_t i = 0; i < s->n_fds; i++)
		if ((away[i] = fcntl(s->fds[i].from, F_DUPFD, FIRST_FREE)) < 0)
			_exit(127);
	if (s->output > 0 && dup2(s->output, 1) < 0)
		_exit(127);
	if (syscall(SYS_close_range, 3, FIRST_FREE - 1, 0) != 0)
		_exit(127);
	for (size_t i = 0; i < s->n_fds; i++)
		if (dup2(away[i], s->fds[i].to) < 0)
			_exit(127);
	if (syscall(SYS_close_range, FIRST_FREE, ~0u, 0) != 0)
		_exit(127);
}

NORETURN static void become(const struct spawn *s, pid_t parent)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
		_exit(127);
	(void)!setpgid(0, 0); /* Ctrl-C is for the parent, which ends its children in order */
	place_fds(s);
	union { const char *const *in; char *const *out; } arguments = { .in = s->arguments };
	execv(s->program, arguments.out);
	_exit(127);
}

enum err process_spawn(const struct spawn *s, pid_t *ret)
{
	assert_always(s->n_fds <= SPAWN_FDS_MAX);
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return ERR_SYSTEM;
	if (pid == 0)
		become(s, parent);
	*ret = pid;
	return OK;
}

bool process_end(pid_t pid, int ms)
{
	int64_t until = running_ms() + ms;
	int status = 0;
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (got < 0 && errno != EINTR)
			return false;
		if (running_ms() >= until)
			break;
		sleep_ms(5);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return false;
}

/* A caller must not have to wait for room while the vault flushes: then few would be in the group that follows. What the
 * system allows of it is enough. */
#define PAIR_BYTES (4 << 20)

enum err pair_make(int ret[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret) != 0)
		return ERR_SYSTEM;
	for (int i = 0; i < 2; i++)
		(void)setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &(int){ PAIR_BYTES }, sizeof(int));
	return OK;
}

union control { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; };

enum err fd_send(int over, char what, int fd)
{
	union control control = { .room = { 0 } };
	struct iovec part = { &what, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
	                    .msg_controllen = sizeof control.room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	ssize_t n;
	while ((n = sendmsg(over, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return n == 1 ? OK : ERR_IO;
}

enum err fd_receive(int over, char *ret_what, int *ret_fd)
{
	union control control = { .room = { 0 } };
	char what = 0;
	struct iovec part = { &what, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
	                    .msg_controllen = sizeof control.room };
	ssize_t n;
	while ((n = recvmsg(over, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (n <= 0)
		return n == 0 ? ERR_NOT_FOUND : ERR_IO;
	int fd = -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	*ret_what = what;
	*ret_fd = fd;
	return OK;
}

static enum err lock_open(const char *directory, int flags, int *ret)
{
	struct path p;
	enum err e;
	if ((e = path_join(directory, "run/lock", &p)) != OK)
		return e;
	int fd = open(p.c, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_of_errno();
	*ret = fd;
	return OK;
}

enum err lock_take(const char *directory, int ms, int *ret_fd)
{
	int fd = -1;
	enum err e;
	if ((e = lock_open(directory, O_RDWR | O_CREAT, &fd)) != OK)
		return e;
	int64_t until = running_ms() + ms;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		bool held = errno == EWOULDBLOCK;
		if (!held || running_ms() >= until) {
			close(fd);
			return held ? ERR_EXISTS : ERR_IO;
		}
		sleep_ms(20);
	}
	char text[24];
	int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || n < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		close(fd);
		return ERR_IO;
	}
	*ret_fd = fd;
	return OK;
}

pid_t lock_holder(const char *directory)
{
	_cleanup_(fd_closep) int fd = -1;
	char text[24] = "";
	if (lock_open(directory, O_RDWR, &fd) != OK || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (pread(fd, text, sizeof text - 1, 0) <= 0)
		return 0;
	long pid = strtol(text, NULL, 10);
	return pid > 0 ? (pid_t)pid : 0;
}

enum err programs_find(struct programs *ret)
{
	struct programs p;
	ssize_t n = readlink("/proc/self/exe", p.self.c, sizeof p.self.c - 1);
	if (n <= 0 || (size_t)n >= sizeof p.self.c - 1)
		return ERR_SYSTEM;
	p.self.c[n] = '\0';
	struct path directory = p.self;
	char *slash = strrchr(directory.c, '/');
	if (!slash)
		return ERR_SYSTEM;
	*slash = '\0';
	static const char *const places[] = { "avstamp-vault", "../libexec/avstamp/avstamp-vault" };
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		enum err e;
		if ((e = path_join(directory.c, places[i], &p.vault)) != OK)
			return e;
		if (access(p.vault.c, X_OK) == 0) {
			*ret = p;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

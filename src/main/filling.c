/* main/filling.c — fills beside, flushes once, renames. */
#include "main/filling.h"
#include "sys/filter.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Holds for this process and the vault it starts, until both are gone. Without filters the filling only takes
 * longer. */
static void skip_flushes(void)
{
	static const int flushes[] = { SYS_fsync, SYS_fdatasync };
	static struct filter f = { .otherwise = FILTER_ALLOW };
	filter_verdict_of(&f, FILTER_PRETEND, flushes, COUNT_OF(flushes));
	if (filter_install(&f) != OK)
		warn_with("Fyllningen går långsammare: kärnan har inga filter för systemanrop.");
}

NORETURN static void child(pid_t parent, const char *path, bool (*fill)(void *ctx, const char *path), void *ctx)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
		_exit(EXIT_FAILED);
	skip_flushes();
	bool good = fill(ctx, path);
	fflush(NULL);
	_exit(good ? EXIT_WELL : EXIT_FAILED);
}

static bool flush_all(const char *path)
{
	_cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && syncfs(fd) == 0;
}

static bool wait_for(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WELL;
}

bool filling_run(const char *directory, bool (*fill)(void *ctx, const char *path), void *ctx)
{
	struct path path;
	size_t length = strlen(directory);
	while (length > 1 && directory[length - 1] == '/')
		length--;
	int n = snprintf(path.c, sizeof path.c, "%.*s.filling", (int)length, directory);
	if (n < 0 || (size_t)n >= sizeof path.c) {
		warn_with("Katalogens namn är för långt.");
		return false;
	}
	if (file_exists(path.c) && lock_holder(path.c) != 0) {
		warn_with("%s fylls just nu av någon annan.", directory);
		return false;
	}
	(void)nftw(path.c, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* left by one that was interrupted */
	fflush(NULL);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		child(parent, path.c, fill, ctx);
	if (pid < 0 || !wait_for(pid))
		return false;
	if (!flush_all(path.c) || rename(path.c, directory) != 0) {
		warn_with("%s går inte att skapa: %s.", directory, strerror(errno));
		return false;
	}
	return true;
}

/* sys/files.c — reading, and writing so that it stays. */
#include "sys/files.h"
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum err err_of_errno(void)
{
	switch (errno) {
	case ENOENT: case ENOTDIR: return ERR_NOT_FOUND;
	case EEXIST: case ENOTEMPTY: return ERR_EXISTS;
	case ENOSPC: case EDQUOT: return ERR_LOG_FULL;
	case EACCES: case EPERM: case EROFS: return ERR_DENIED;
	default: return ERR_IO;
	}
}

enum err path_join(const char *directory, const char *name, struct path *ret)
{
	struct path p;
	int n = snprintf(p.c, sizeof p.c, "%s/%s", directory, name);
	if (n < 0 || (size_t)n >= sizeof p.c)
		return ERR_TOO_LARGE;
	memcpy(ret->c, p.c, (size_t)n + 1);
	return OK;
}

static enum err put_path(const char *s, struct path *ret)
{
	size_t n = strlen(s);
	if (n >= sizeof ret->c)
		return ERR_TOO_LARGE;
	memcpy(ret->c, s, n + 1);
	return OK;
}

enum err path_real(const char *path, struct path *ret)
{
	static char whole[4096]; /* PATH_MAX, as realpath asks; too large for a frame */
	if (realpath(path, whole))
		return put_path(whole, ret);
	if (errno != ENOENT)
		return err_of_errno();
	struct path up;
	enum err e;
	if ((e = put_path(path, &up)) != OK)
		return e;
	size_t n = strlen(up.c);
	while (n > 1 && up.c[n - 1] == '/')
		up.c[--n] = '\0';
	char *slash = strrchr(up.c, '/');
	const char *last = slash ? slash + 1 : up.c;
	struct path name;
	if ((e = put_path(last, &name)) != OK)
		return e;
	if (slash)
		slash[slash == up.c] = '\0';
	if (!realpath(slash ? up.c : ".", whole))
		return err_of_errno();
	return path_join(strcmp(whole, "/") == 0 ? "" : whole, name.c, ret);
}

bool path_is_in(const char *inner, const char *outer)
{
	size_t n = strlen(outer);
	return strncmp(inner, outer, n) == 0 && (inner[n] == '\0' || inner[n] == '/' || (n == 1 && outer[0] == '/'));
}

bool file_exists(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0;
}

void fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

enum err file_read(struct arena *a, const char *path, size_t limit, struct str *ret)
{
	_cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_of_errno();
	struct stat s;
	if (fstat(fd, &s) != 0)
		return err_of_errno();
	if (!S_ISREG(s.st_mode))
		return ERR_IO;
	if ((uint64_t)s.st_size > limit)
		return ERR_TOO_LARGE;
	size_t n = (size_t)s.st_size, at = 0;
	char *p = arena_take(a, n + 1);
	if (!p)
		return ERR_FULL;
	while (at < n) {
		ssize_t got = read(fd, p + at, n - at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_of_errno();
		if (got == 0)
			break;
		at += (size_t)got;
	}
	*ret = (struct str){ p, at };
	return OK;
}

enum err fd_write(int fd, struct str bytes)
{
	size_t at = 0;
	while (at < bytes.n) {
		ssize_t put = write(fd, bytes.p + at, bytes.n - at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_of_errno();
		at += (size_t)put;
	}
	return OK;
}

static enum err parent_of(const char *path, struct path *ret)
{
	enum err e;
	if ((e = put_path(path, ret)) != OK)
		return e;
	char *slash = strrchr(ret->c, '/');
	if (!slash)
		return put_path(".", ret);
	slash[slash == ret->c] = '\0';
	return OK;
}

enum err directory_sync(const char *path)
{
	_cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return err_of_errno();
	return OK;
}

static enum err sync_parent(const char *path)
{
	struct path up;
	enum err e;
	if ((e = parent_of(path, &up)) != OK)
		return e;
	return directory_sync(up.c);
}

static enum err put_new(const char *path, struct str bytes, mode_t mode)
{
	_cleanup_(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_of_errno();
	enum err e = fd_write(fd, bytes);
	if (e == OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
		e = err_of_errno();
	if (e != OK)
		unlink(path);
	return e;
}

enum err file_create(const char *path, struct str bytes, mode_t mode)
{
	enum err e;
	if ((e = put_new(path, bytes, mode)) != OK)
		return e;
	return sync_parent(path);
}

enum err file_write(const char *path, struct str bytes, mode_t mode)
{
	struct path beside;
	int n = snprintf(beside.c, sizeof beside.c, "%s.new", path);
	if (n < 0 || (size_t)n >= sizeof beside.c)
		return ERR_TOO_LARGE;
	unlink(beside.c); /* left by a power cut */
	enum err e;
	if ((e = put_new(beside.c, bytes, mode)) != OK)
		return e;
	if (rename(beside.c, path) != 0) {
		e = err_of_errno();
		unlink(beside.c);
		return e;
	}
	return sync_parent(path);
}

static enum err copy_bytes(int in, int out, uint64_t limit)
{
	static char block[65536];
	enum err e;
	while (limit > 0) {
		size_t want = limit < sizeof block ? (size_t)limit : sizeof block;
		ssize_t got = read(in, block, want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_of_errno();
		if (got == 0)
			break;
		if ((e = fd_write(out, (struct str){ block, (size_t)got })) != OK)
			return e;
		limit -= (uint64_t)got;
	}
	return OK;
}

enum err file_copy(const char *from, const char *to, uint64_t limit, mode_t mode)
{
	_cleanup_(fd_closep) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0)
		return err_of_errno();
	_cleanup_(fd_closep) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (out < 0)
		return err_of_errno();
	enum err e = copy_bytes(in, out, limit);
	if (e == OK && (fchmod(out, mode) != 0 || fsync(out) != 0))
		e = err_of_errno();
	if (e != OK) {
		unlink(to);
		return e;
	}
	return sync_parent(to);
}

enum err directory_make(const char *path, mode_t mode)
{
	if (mkdir(path, mode) != 0)
		return err_of_errno();
	if (chmod(path, mode) != 0)
		return err_of_errno();
	return sync_parent(path);
}

static int name_order(const void *x, const void *y)
{
	const struct str *a = x, *b = y;
	return str_cmp(*a, *b);
}

static void directory_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

enum err directory_names(struct arena *a, const char *path, size_t limit, struct str **ret, size_t *ret_n)
{
	_cleanup_(directory_closep) DIR *d = opendir(path);
	if (!d)
		return err_of_errno();
	struct str *names = ARENA_ARRAY(a, struct str, limit);
	if (!names)
		return ERR_FULL;
	size_t n = 0;
	for (struct dirent *one; (one = readdir(d));) {
		if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
			continue;
		if (n == limit)
			return ERR_TOO_LARGE;
		names[n] = arena_str(a, str_c(one->d_name));
		if (!names[n++].p)
			return ERR_FULL;
	}
	qsort(names, n, sizeof *names, name_order);
	*ret = names;
	*ret_n = n;
	return OK;
}

enum err disk_free(const char *path, uint64_t *ret)
{
	struct statvfs s;
	if (statvfs(path, &s) != 0)
		return err_of_errno();
	*ret = (uint64_t)s.f_bavail * s.f_frsize;
	return OK;
}

enum err random_bytes(void *p, size_t n)
{
	char *at = p;
	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_SYSTEM;
		at += got;
		n -= (size_t)got;
	}
	return OK;
}

void wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

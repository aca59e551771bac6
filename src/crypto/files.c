/* crypto/files.c — whole small files, read and written so that they survive a power cut. */
#include "crypto/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void file_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

enum err file_write_at(int fd, const void *p, size_t n, uint64_t offset)
{
	const uint8_t *at = p;
	while (n > 0) {
		ssize_t k = pwrite(fd, at, n, (off_t)offset);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) ? ERR_LOG_FULL : ERR_IO;
		at += k;
		n -= (size_t)k;
		offset += (uint64_t)k;
	}
	return OK;
}

enum err file_read_at(int fd, void *p, size_t n, uint64_t offset, size_t *ret_n)
{
	uint8_t *at = p;
	size_t got = 0;
	while (got < n) {
		ssize_t k = pread(fd, at + got, n - got, (off_t)(offset + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return ERR_IO;
		if (k == 0)
			break;
		got += (size_t)k;
	}
	*ret_n = got;
	return OK;
}

static enum err write_new(int dir_fd, const char *name, struct str bytes, bool sync)
{
	_cleanup_(file_closep) int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err e;
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_LOG_FULL : ERR_IO;
	if ((e = file_write_at(fd, bytes.p, bytes.n, 0)) != OK)
		return e;
	return sync && fsync(fd) != 0 ? ERR_IO : OK;
}

static enum err write_file(int dir_fd, const char *name, struct str bytes, bool sync, bool sync_name)
{
	char temporary[64];
	enum err e;
	int n = snprintf(temporary, sizeof(temporary), "%s.new", name);
	assert_always(n > 0 && (size_t)n < sizeof(temporary));
	if ((e = write_new(dir_fd, temporary, bytes, sync)) != OK) {
		unlinkat(dir_fd, temporary, 0);
		return e;
	}
	if (renameat(dir_fd, temporary, dir_fd, name) != 0)
		return ERR_IO;
	return sync_name && fsync(dir_fd) != 0 ? ERR_IO : OK;
}

enum err file_write_durable(int dir_fd, const char *name, struct str bytes)
{
	return write_file(dir_fd, name, bytes, true, true);
}

enum err file_write_whole(int dir_fd, const char *name, struct str bytes)
{
	return write_file(dir_fd, name, bytes, true, false);
}

enum err file_write_soon(int dir_fd, const char *name, struct str bytes)
{
	return write_file(dir_fd, name, bytes, false, false);
}

enum err file_read_small(struct arena *a, int dir_fd, const char *name, size_t max, struct str *ret)
{
	_cleanup_(file_closep) int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	size_t got = 0;
	enum err e;
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return ERR_IO;
	if ((uint64_t)st.st_size > max)
		return ERR_TOO_LARGE;
	size_t n = (size_t)st.st_size;
	char *p = arena_take(a, n + 1);
	if (p == NULL)
		return ERR_FULL;
	if ((e = file_read_at(fd, p, n, 0, &got)) != OK)
		return e;
	*ret = (struct str){ p, got };
	return OK;
}

/* crypto/log_files.c — the log's segments: room on disk before it is needed, and the file of all checkpoints. */
#include "crypto/log_writer_i.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Room comes as written zeros, not as reserved blocks: a flush into blocks that were written before needs no
 * journal commit of the file system, so every fdatasync of the log is one write. */
static enum err zeros(int fd, uint64_t from, uint64_t to)
{
	static const uint8_t zero[64 * 1024];
	enum err e;
	if (from >= to)
		return OK;
	int bad = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
	if (bad != 0)
		return bad == ENOSPC || bad == EDQUOT || bad == EFBIG ? ERR_LOG_FULL : ERR_IO;
	for (; from < to; from += sizeof(zero)) {
		size_t n = to - from < sizeof(zero) ? (size_t)(to - from) : sizeof(zero);
		if ((e = file_write_at(fd, zero, n, from)) != OK)
			return e;
	}
	return OK;
}

static void segment_head(uint32_t number, uint64_t first_seq, uint8_t ret[LOG_SEGMENT_HEAD])
{
	struct buf b = buf_over(ret, LOG_SEGMENT_HEAD);
	buf_lit(&b, "AVLS");
	buf_u8(&b, 1);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_u64(&b, number);
	buf_u64(&b, first_seq);
	buf_u64(&b, 0);
	assert_always(b.n == LOG_SEGMENT_HEAD);
}

/* Under another name until it is whole: a crash never leaves half a segment behind. */
static enum err segment_write(struct log *l, const char *name, uint32_t number, uint64_t first_seq, int *ret_fd)
{
	uint8_t head[LOG_SEGMENT_HEAD];
	enum err e;
	_cleanup_(file_closep) int fd = openat(l->dir_fd, "segment.new", O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_LOG_FULL : ERR_IO;
	segment_head(number, first_seq, head);
	if ((e = zeros(fd, 0, LOG_SEGMENT_HEAD + 2 * LOG_RESERVE)) == OK)
		e = file_write_at(fd, head, sizeof(head), 0);
	if (e == OK && fsync(fd) != 0)
		e = ERR_IO;
	if (e == OK && renameat2(l->dir_fd, "segment.new", l->dir_fd, name, RENAME_NOREPLACE) != 0)
		e = errno == EEXIST ? ERR_EXISTS : ERR_IO;
	if (e == OK && fsync(l->dir_fd) != 0)
		return ERR_IO;
	if (e != OK) {
		unlinkat(l->dir_fd, "segment.new", 0);
		return e;
	}
	*ret_fd = fd;
	fd = -1;
	return OK;
}

enum err log_segment_make(struct log *l, uint32_t number, uint64_t first_seq)
{
	char name[LOG_SEGMENT_NAME];
	int fd = -1;
	enum err e;
	log_segment_name(number, name);
	if ((e = segment_write(l, name, number, first_seq, &fd)) != OK)
		return e;
	file_closep(&l->fd);
	l->fd = fd;
	l->segment = number;
	l->written = LOG_SEGMENT_HEAD;
	l->allocated = LOG_SEGMENT_HEAD + 2 * LOG_RESERVE;
	return OK;
}

enum err log_segment_continue(struct log *l, uint32_t number, uint64_t end)
{
	char name[LOG_SEGMENT_NAME];
	enum err e;
	log_segment_name(number, name);
	int fd = openat(l->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	file_closep(&l->fd);
	l->fd = fd;
	l->segment = number;
	l->written = end;
	l->allocated = end;
	/* Without room the vault still starts: log_append then says ERR_LOG_FULL. */
	if (ftruncate(fd, (off_t)end) != 0)
		return ERR_IO;
	if ((e = zeros(fd, end, end + 2 * LOG_RESERVE)) == OK)
		l->allocated = end + 2 * LOG_RESERVE;
	else if (e != ERR_LOG_FULL)
		return e;
	return fsync(fd) == 0 ? OK : ERR_IO;
}

static enum err next_segment(struct log *l)
{
	int old = -1;
	enum err e;
	log_flush(l);
	uint64_t end = l->written;
	if ((old = fcntl(l->fd, F_DUPFD_CLOEXEC, 3)) < 0)
		return ERR_IO;
	e = log_segment_make(l, l->segment + 1, l->tree.size);
	if (e == OK && (ftruncate(old, (off_t)end) != 0 || fsync(old) != 0))
		e = ERR_IO;
	file_closep(&old);
	return e;
}

enum err log_room(struct log *l, size_t n, bool urgent)
{
	enum err e;
	if (l->buffer_n + n > LOG_BUFFER)
		log_flush(l);
	if (l->written + l->buffer_n + n > l->segment_bytes && l->written + l->buffer_n > LOG_SEGMENT_HEAD)
		if ((e = next_segment(l)) != OK && !(urgent && e == ERR_LOG_FULL))
			return e;
	uint64_t end = l->written + l->buffer_n + n;
	if (end + LOG_RESERVE <= l->allocated)
		return OK;
	uint64_t to = end + 2 * LOG_RESERVE;
	if ((e = zeros(l->fd, l->allocated, to)) == OK) {
		l->allocated = to;
		return OK;
	}
	return urgent && e == ERR_LOG_FULL && end <= l->allocated ? OK : e;
}

enum err log_checkpoints_append(struct log *l, struct str note)
{
	enum err e = file_write_at(l->checkpoints_fd, note.p, note.n, l->checkpoints_end);
	if (e == OK && fdatasync(l->checkpoints_fd) != 0)
		e = ERR_IO;
	if (e != OK) {
		if (ftruncate(l->checkpoints_fd, (off_t)l->checkpoints_end) != 0)
			return ERR_IO;
		return e;
	}
	l->checkpoints_end += note.n;
	return OK;
}

/* crypto/files.h — whole small files, read and written so that they survive a power cut.
 *
 * Runs in: vault, verbs.   Depends on: base.   Never: follows a symbolic link. */
#pragma once
#include "base/base.h"

/* Under a new name, fsync, rename, fsync of the directory; mode 0600. ERR_IO, ERR_LOG_FULL when the disk is full. */
MUST enum err file_write_durable(int dir_fd, const char *name, struct str bytes);
/* The bytes are on disk before the name is theirs, but the name may go back to the old file in a power cut. */
MUST enum err file_write_whole(int dir_fd, const char *name, struct str bytes);
/* The same without waiting for the disk: after a power cut the file may be old, new or empty. */
MUST enum err file_write_soon(int dir_fd, const char *name, struct str bytes);
/* Whole file of at most `max` bytes. ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_IO, ERR_FULL. */
MUST enum err file_read_small(struct arena *a, int dir_fd, const char *name, size_t max, struct str *ret);

/* All n bytes at an offset. write: ERR_LOG_FULL when the disk is full, ERR_IO. read: *ret_n < n at the end of the file. */
MUST enum err file_write_at(int fd, const void *p, size_t n, uint64_t offset);
MUST enum err file_read_at(int fd, void *p, size_t n, uint64_t offset, size_t *ret_n);
void file_closep(int *fd);

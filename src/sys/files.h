/* sys/files.h — files that are on the disk when the call returns.
 *
 * Runs in: parent, verbs.   Depends on: base.   Never: prints; errno is left for the caller's sentence.
 * (Not `file.h`: the system has a <sys/file.h>, and src/ is on the path of both.)
 *
 * Faults: ERR_NOT_FOUND no such file, ERR_EXISTS, ERR_TOO_LARGE, ERR_LOG_FULL no space on the disk, ERR_DENIED,
 * ERR_IO for the rest. */
#pragma once
#include "base/base.h"
#include <sys/types.h>

#define PATH_LIMIT 768
struct path { char c[PATH_LIMIT]; };

/* "directory/name". ERR_TOO_LARGE. */
MUST enum err path_join(const char *directory, const char *name, struct path *ret);
/* The path without links and dots; the last part need not exist. */
MUST enum err path_real(const char *path, struct path *ret);
/* True when `inner` is `outer` or lies in it; both as path_real gives them. */
bool path_is_in(const char *inner, const char *outer);
bool file_exists(const char *path);
/* The whole of a file of at most `limit` bytes. */
MUST enum err file_read(struct arena *a, const char *path, size_t limit, struct str *ret);
/* Written beside, flushed, renamed over, directory flushed: after a power cut it is the old or the new one. */
MUST enum err file_write(const char *path, struct str bytes, mode_t mode);
/* A file that must not be there yet. */
MUST enum err file_create(const char *path, struct str bytes, mode_t mode);
/* Bytes of `from` up to `limit` (UINT64_MAX: all) into a new file `to`, flushed. */
MUST enum err file_copy(const char *from, const char *to, uint64_t limit, mode_t mode);
MUST enum err directory_make(const char *path, mode_t mode);
MUST enum err directory_sync(const char *path);
/* Names in a directory, sorted, without "." and "..". */
MUST enum err directory_names(struct arena *a, const char *path, size_t limit, struct str **ret, size_t *ret_n);
/* Free bytes on the disk of a path. */
MUST enum err disk_free(const char *path, uint64_t *ret);
/* Writes all of it, however often the kernel takes less. */
MUST enum err fd_write(int fd, struct str bytes);
void fd_closep(int *fd);
MUST enum err random_bytes(void *p, size_t n);
/* Overwrites memory in a way the compiler keeps. */
void wipe(void *p, size_t n);
/* The fault that errno means. */
enum err err_of_errno(void);

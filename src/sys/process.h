/* sys/process.h — starting other programs, handing over descriptors, and the lock of a data directory.
 *
 * Runs in: parent, verbs, web.   Depends on: base.   Never: prints. */
#pragma once
#include "base/base.h"
#include "sys/files.h"
#include <sys/types.h>

/* A descriptor of ours becomes number `to` in the child; all others are closed there but 0, 1 and 2. */
struct spawn_fd { int from, to; };
#define SPAWN_FDS_MAX 8
struct spawn {
	const char *program;
	const char *const *arguments; /* NULL-terminated, the first is the name */
	const struct spawn_fd *fds;
	size_t n_fds;
	int output;                   /* becomes 1 in the child when > 0 */
};
/* Call from the main thread: the child is killed when that thread ends. ERR_SYSTEM. */
MUST enum err process_spawn(const struct spawn *s, pid_t *ret);
/* Waits up to `ms` for a child to end; then kills it and waits. True when it ended by itself with status 0. */
bool process_end(pid_t pid, int ms);

MUST enum err pair_make(int ret[2]);
/* One byte and one descriptor. */
MUST enum err fd_send(int over, char what, int fd);
/* *ret_fd is -1 when none came. ERR_NOT_FOUND at the end of the stream. */
MUST enum err fd_receive(int over, char *ret_what, int *ret_fd);

/* The directory's one lock. Waits up to `ms` for a predecessor that is ending. ERR_EXISTS: someone runs here. */
MUST enum err lock_take(const char *directory, int ms, int *ret_fd);
/* The pid written by whoever holds the lock, 0 when nobody does. */
pid_t lock_holder(const char *directory);

/* Where this program and the vault's stand. */
struct programs { struct path self, vault; };
MUST enum err programs_find(struct programs *ret);
/* Milliseconds of a clock that never goes back. */
int64_t running_ms(void);
/* Microseconds UTC; only for what is printed, never for the record. */
struct instant real_time(void);
void sleep_ms(int ms);

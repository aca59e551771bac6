/* bench/slow_sync.c — a disk that takes its time: every flush takes 2 ms more. Linked into programs for measuring alone.
 *
 * The disks of virtual machines often answer a flush in 20 µs because nothing reaches a durable medium. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGER_NS 2000000

static int flush_slowly(long call, int fd)
{
	struct timespec t = { .tv_nsec = LONGER_NS };
	(void)nanosleep(&t, NULL);
	return (int)syscall(call, fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	return flush_slowly(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	return flush_slowly(SYS_fdatasync, fd);
}

/* bench/slow_sync.c — a disk that takes its time: every flush takes SLOW_SYNC_US microseconds more (LD_PRELOAD).
 *
 * The disks of virtual machines often answer a flush in 20 µs because nothing reaches a durable medium. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long delay_us = -1;

static void wait_a_while(void)
{
	if (delay_us < 0) {
		const char *s = getenv("SLOW_SYNC_US");
		delay_us = s ? strtol(s, NULL, 10) : 2000;
	}
	struct timespec t = { .tv_sec = delay_us / 1000000, .tv_nsec = delay_us % 1000000 * 1000 };
	(void)nanosleep(&t, NULL);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	wait_a_while();
	return (int)syscall(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	wait_a_while();
	return (int)syscall(SYS_fdatasync, fd);
}

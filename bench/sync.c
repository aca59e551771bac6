/* bench/sync.c — how long this disk takes for one flush of 4 KiB: prints the median of 300, in microseconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TIMES 300

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	static const char page[4096];
	double us[TIMES];
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	for (int i = 0; i < TIMES; i++) {
		struct timespec a, b;
		if (pwrite(fd, page, sizeof page, (off_t)(i % 64) * 4096) != (ssize_t)sizeof page)
			return 1;
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		if (fdatasync(fd) != 0)
			return 1;
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		us[i] = (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
	}
	(void)unlink(argv[1]);
	qsort(us, TIMES, sizeof *us, by_size);
	(void)printf("%.0f\n", us[TIMES / 2]);
	return 0;
}

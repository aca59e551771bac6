/* bench/clock.c — processor time of this process, of the server's processes, and of the machine. */
#include "drive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t id)
{
	struct timespec t;
	return clock_gettime(id, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec / 1e9 : 0;
}

double clock_now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double clock_own(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double clock_of_processes(long pid)
{
	char path[64], line[2048];
	clockid_t id;
	if (pid <= 0 || clock_getcpuclockid((pid_t)pid, &id) != 0)
		return 0;
	double sum = seconds(id);
	(void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return sum;
	if (fgets(line, sizeof line, f) != NULL) {
		char *rest = line, *end;
		for (long child; (child = strtol(rest, &end, 10)) > 0 && end != rest; rest = end)
			sum += clock_of_processes(child);
	}
	(void)fclose(f);
	return sum;
}

double clock_of_machine(void)
{
	double v[8] = { 0 }, sum = 0;
	FILE *f = fopen("/proc/stat", "re");
	if (f == NULL)
		return 0;
	int n = fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7);
	(void)fclose(f);
	for (int i = 0; i < n; i++)
		sum += i == 3 || i == 4 ? 0 : v[i]; /* idle and waiting for the disk */
	return sum / (double)sysconf(_SC_CLK_TCK);
}

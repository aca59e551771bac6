/* vault/clock.c — real or simulated time. */
#include "vault/clock.h"
#include <time.h>

struct clock {
	bool put;
	int64_t put_at;     /* simulated: where it stands */
	int64_t least;      /* newest entry of the log */
	int64_t last_noted;
	int64_t reached, reached_boot; /* the latest moment that was surely reached, and when on the boot's clock */
};

struct clock *clock_new(struct arena *boot)
{
	return ARENA_NEW(boot, struct clock);
}

static int64_t read_us(clockid_t which)
{
	struct timespec t;
	assert_always(clock_gettime(which, &t) == 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_boot_us(void)
{
	return read_us(CLOCK_BOOTTIME);
}

uint64_t clock_boot_ns(void)
{
	struct timespec t;
	assert_always(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void clock_not_before(struct clock *k, int64_t us)
{
	if (us > k->least) k->least = us;
}

struct instant clock_machine(const struct clock *k)
{
	return (struct instant){ k->put ? k->put_at : read_us(CLOCK_REALTIME) };
}

struct instant clock_now(const struct clock *k)
{
	int64_t us = clock_machine(k).us;
	if (us < k->least) us = k->least;
	if (us < k->last_noted) us = k->last_noted;
	return (struct instant){ us };
}

struct instant clock_reached(struct clock *k)
{
	int64_t boot = clock_boot_us(), now = clock_now(k).us;
	int64_t us = k->reached_boot == 0 || k->put ? now : k->reached + (boot - k->reached_boot);
	k->reached = us > now ? us : now;
	k->reached_boot = boot;
	return (struct instant){ k->reached };
}

struct instant clock_note(struct clock *k, struct instant least, size_t n)
{
	struct instant t = clock_now(k);
	if (t.us < least.us) t.us = least.us;
	if (t.us <= k->last_noted) t.us = k->last_noted + 1;
	/* Before a restart the newest entry's time may have been stamped with. */
	if (t.us <= k->least) t.us = k->least + 1;
	if (n > 0) k->last_noted = t.us + (int64_t)n - 1;
	return t;
}

enum err clock_put(struct clock *k, struct instant at)
{
	if (!instant_is_set(at)) {
		k->put = false;
		return OK;
	}
	if (at.us < k->least || at.us < k->last_noted) return ERR_INVALID;
	k->put = true;
	k->put_at = at.us;
	return OK;
}

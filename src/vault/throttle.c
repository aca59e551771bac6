/* vault/throttle.c — a bounded memory of wrong attempts. */
#include "vault/throttle.h"
#include <string.h>

#define ACCOUNTS 1024u
#define FREE_FAILURES 3
#define FIRST_HOLD_US INT64_C(250000)
#define LONGEST_HOLD_US INT64_C(8000000)
#define FIRST_BLOCK_US INT64_C(2000000)
#define LONGEST_BLOCK_US INT64_C(900000000)
#define FORGET_US INT64_C(3600000000)

struct account {
	uint8_t name[32];
	int64_t newest; /* 0: a free place */
	unsigned failures, wrong_codes;
	int64_t blocked_until;
};
struct throttle { struct account accounts[ACCOUNTS]; };

struct throttle *throttle_new(struct arena *boot)
{
	return ARENA_NEW(boot, struct throttle);
}

static const struct account *look(const struct throttle *t, const uint8_t name[32])
{
	for (size_t i = 0; i < ACCOUNTS; i++)
		if (t->accounts[i].newest != 0 && memcmp(t->accounts[i].name, name, 32) == 0) return &t->accounts[i];
	return NULL;
}

/* The account's place. When all are taken the one that was quiet longest gives way, but one with wrong codes only
 * to nobody else: its block must not be washed out by a flood of names. */
static struct account *place_of(struct throttle *t, const uint8_t name[32], int64_t now)
{
	struct account *best = NULL;
	for (size_t i = 0; i < ACCOUNTS; i++) {
		struct account *a = &t->accounts[i];
		if (a->newest != 0 && memcmp(a->name, name, 32) == 0) {
			if (now - a->newest > FORGET_US) a->failures = a->wrong_codes = 0;
			return a;
		}
		bool guarded = a->wrong_codes > 0 && now - a->newest < FORGET_US;
		if (!guarded && (best == NULL || a->newest < best->newest)) best = a;
	}
	if (best == NULL) best = &t->accounts[0];
	*best = (struct account){ 0 };
	memcpy(best->name, name, 32);
	return best;
}

static int64_t doubled(int64_t first, unsigned times, int64_t most)
{
	int64_t us = first;
	for (unsigned i = 0; i < times && us < most; i++) us *= 2;
	return us < most ? us : most;
}

int64_t throttle_failed(struct throttle *t, const uint8_t name[32], int64_t now)
{
	struct account *a = place_of(t, name, now);
	a->newest = now;
	a->failures++;
	if (a->failures <= FREE_FAILURES) return 0;
	return doubled(FIRST_HOLD_US, a->failures - FREE_FAILURES - 1, LONGEST_HOLD_US);
}

void throttle_wrong_code(struct throttle *t, const uint8_t name[32], int64_t now)
{
	struct account *a = place_of(t, name, now);
	a->newest = now;
	a->wrong_codes++;
	if (a->wrong_codes > FREE_FAILURES)
		a->blocked_until = now + doubled(FIRST_BLOCK_US, a->wrong_codes - FREE_FAILURES - 1, LONGEST_BLOCK_US);
}

bool throttle_blocks_code(const struct throttle *t, const uint8_t name[32], int64_t now)
{
	const struct account *a = look(t, name);
	return a != NULL && now < a->blocked_until;
}

void throttle_succeeded(struct throttle *t, const uint8_t name[32])
{
	const struct account *found = look(t, name);
	if (found == NULL) return;
	t->accounts[found - t->accounts] = (struct account){ 0 };
}

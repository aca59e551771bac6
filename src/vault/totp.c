/* vault/totp.c — one-time codes and the memory of those that were used. */
#include "vault/totp.h"
#include <liboath/oath.h>
#include <string.h>

#define STEP_US INT64_C(30000000)
#define DIGITS 6
#define USERS 8192u
#define KEPT 4u /* of the last steps, so that none is good once by each clock */

struct totp_user { struct id16 user; uint64_t step, machine_step, used[KEPT]; size_t n_used; };
struct totp_steps {
	uint64_t floor, machine_floor;
	size_t n;
	struct totp_user users[USERS];
};

struct totp_steps *totp_steps_new(struct arena *boot)
{
	return ARENA_NEW(boot, struct totp_steps);
}

static uint64_t step_of(struct instant t)
{
	return t.us <= 0 ? 0 : (uint64_t)(t.us / STEP_US);
}

void totp_spent_until(struct totp_steps *s, struct instant t)
{
	uint64_t step = step_of(t) + 1;
	if (step > s->floor) s->floor = step;
}

void totp_machine_spent_until(struct totp_steps *s, struct instant machine)
{
	s->machine_floor = step_of(machine) + 1;
}

enum err totp_code(const uint8_t *secret, size_t secret_n, uint64_t step, unsigned digits, char ret[9])
{
	char key[64];
	if (secret_n > sizeof key) return ERR_INVALID;
	memcpy(key, secret, secret_n);
	int made = oath_hotp_generate(key, secret_n, step, digits, false, OATH_HOTP_DYNAMIC_TRUNCATION, ret);
	explicit_bzero(key, sizeof key);
	return made == OATH_OK ? OK : ERR_SYSTEM;
}

/* The user's place; when the table is full, the user with the oldest step gives way and becomes the floor. */
static struct totp_user *place_of(struct totp_steps *s, struct id16 user)
{
	struct totp_user *oldest = &s->users[0];
	for (size_t i = 0; i < s->n; i++) {
		if (id_eq(s->users[i].user, user)) return &s->users[i];
		if (s->users[i].step < oldest->step) oldest = &s->users[i];
	}
	if (s->n < USERS) oldest = &s->users[s->n++];
	else if (oldest->step > s->floor) s->floor = oldest->step;
	*oldest = (struct totp_user){ .user = user };
	return oldest;
}

/* Compares all digits, whatever differs. */
static bool same_digits(const char *a, const char *b)
{
	unsigned difference = 0;
	for (size_t i = 0; i < DIGITS; i++) difference |= (unsigned)(a[i] ^ b[i]);
	return difference == 0;
}

/* The step near `now` that has these digits, 0 for none. */
static enum err step_near(const uint8_t *secret, size_t secret_n, struct str code, struct instant now, uint64_t *ret)
{
	uint64_t middle = step_of(now), found = 0;
	for (uint64_t step = middle ? middle - 1 : 0; step <= middle + 1; step++) {
		char want[9];
		enum err e = totp_code(secret, secret_n, step, DIGITS, want);
		if (e != OK) return e;
		if (same_digits(want, code.p)) found = step;
		explicit_bzero(want, sizeof want);
	}
	*ret = found;
	return OK;
}

static bool take_step(struct totp_user *u, uint64_t found, uint64_t floor, uint64_t *newest)
{
	if (found == 0 || found <= floor || found <= *newest) return false;
	for (size_t i = 0; i < KEPT; i++)
		if (u->used[i] == found) return false;
	*newest = found;
	u->used[u->n_used++ % KEPT] = found;
	return true;
}

enum err totp_accept(struct totp_steps *s, struct id16 user, const uint8_t *secret, size_t secret_n, struct str code,
                     struct totp_clocks now)
{
	if (code.p == NULL || code.n != DIGITS) return ERR_LOGIN;
	uint64_t by_reached = 0, by_machine = 0;
	bool behind = now.machine.us + STEP_US < now.reached.us;
	enum err e = step_near(secret, secret_n, code, now.reached, &by_reached);
	if (e == OK) e = step_near(secret, secret_n, code, behind ? now.machine : now.reached, &by_machine);
	if (e != OK) return e;
	struct totp_user *u = place_of(s, user);
	if (take_step(u, by_reached, s->floor, &u->step)) return OK;
	return behind && take_step(u, by_machine, s->machine_floor, &u->machine_step) ? OK : ERR_LOGIN;
}

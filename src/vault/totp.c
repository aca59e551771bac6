/* vault/totp.c — one-time codes and the memory of those that were used. */
#include "vault/totp.h"
#include <liboath/oath.h>
#include <string.h>

#define STEP_US INT64_C(30000000)
#define DIGITS 6
#define USERS 8192u

struct totp_user { struct id16 user; uint64_t step; };
struct totp_steps {
	uint64_t floor;
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
	*oldest = (struct totp_user){ user, 0 };
	return oldest;
}

/* Compares all digits, whatever differs. */
static bool same_digits(const char *a, const char *b)
{
	unsigned difference = 0;
	for (size_t i = 0; i < DIGITS; i++) difference |= (unsigned)(a[i] ^ b[i]);
	return difference == 0;
}

enum err totp_accept(struct totp_steps *s, struct id16 user, const uint8_t *secret, size_t secret_n, struct str code,
                     struct instant now)
{
	if (code.p == NULL || code.n != DIGITS) return ERR_LOGIN;
	uint64_t middle = step_of(now), found = 0;
	for (uint64_t step = middle ? middle - 1 : 0; step <= middle + 1; step++) {
		char want[9];
		enum err e = totp_code(secret, secret_n, step, DIGITS, want);
		if (e != OK) return e;
		if (same_digits(want, code.p)) found = step;
		explicit_bzero(want, sizeof want);
	}
	struct totp_user *u = place_of(s, user);
	if (found == 0 || found <= s->floor || found <= u->step) return ERR_LOGIN;
	u->step = found;
	return OK;
}

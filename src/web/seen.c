/* web/seen.c — which sessions were seen lately, and with which roles.
 *
 * It spares pages that ask the vault anyway a second message. It is never the last word: a page whose act did not
 * get the vault's answer is not sent, and the roles in that answer are checked again (web/dispatch.c). */
#include "crypto/bytes.h"
#include "web/answer.h"
#include <pthread.h>
#include <string.h>

enum { WAYS = 4, SETS = 512 };

struct seen_one {
	uint8_t key[16]; /* a hash: the secret itself is nowhere kept */
	uint64_t roles;
	uint64_t used;
};
struct seen_sessions {
	pthread_mutex_t lock;
	uint64_t clock;
	struct seen_one sets[SETS][WAYS];
};

struct seen_sessions *seen_new(struct arena *a)
{
	struct seen_sessions *s = ARENA_NEW(a, struct seen_sessions);

	if (s != NULL && pthread_mutex_init(&s->lock, NULL) != 0)
		return NULL;
	return s;
}

static struct seen_one *set_of(struct seen_sessions *s, const struct cookie_secret *c, uint8_t key[16])
{
	bytes_blake16("avstamp-seen", (struct str){ (const char *)c->b, sizeof c->b }, key);
	return s->sets[((size_t)key[0] << 8 | key[1]) % SETS];
}

void seen_note(struct seen_sessions *s, const struct cookie_secret *c, uint64_t roles)
{
	uint8_t key[16];
	struct seen_one *set = set_of(s, c, key), *place = set;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < WAYS; i++) {
		if (memcmp(set[i].key, key, sizeof key) == 0) {
			place = &set[i];
			break;
		}
		if (set[i].used < place->used)
			place = &set[i];
	}
	memcpy(place->key, key, sizeof key);
	place->roles = roles;
	place->used = ++s->clock;
	pthread_mutex_unlock(&s->lock);
}

bool seen_find(struct seen_sessions *s, const struct cookie_secret *c, uint64_t *ret_roles)
{
	uint8_t key[16];
	struct seen_one *set = set_of(s, c, key);
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < WAYS && !found; i++) {
		if (set[i].used == 0 || memcmp(set[i].key, key, sizeof key) != 0)
			continue;
		set[i].used = ++s->clock;
		*ret_roles = set[i].roles;
		found = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

void seen_forget(struct seen_sessions *s, const struct cookie_secret *c)
{
	uint8_t key[16];
	struct seen_one *set = set_of(s, c, key);

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < WAYS; i++)
		if (memcmp(set[i].key, key, sizeof key) == 0)
			set[i] = (struct seen_one){ 0 };
	pthread_mutex_unlock(&s->lock);
}

/* flow/who.c — a bounded table from the hash of a session's secret to its owner. */
#include "flow/who.h"
#include "crypto/bytes.h"
#include <pthread.h>
#include <string.h>

#define SLOTS 1024
#define PROBES 8

struct entry {
	uint8_t hash[32];
	struct vault_who who;
	bool used;
};
struct who_cache {
	pthread_mutex_t lock;
	struct entry slot[SLOTS];
};

enum err who_cache_new(struct arena *boot, struct who_cache **ret)
{
	struct who_cache *w = ARENA_NEW(boot, struct who_cache);
	if (!w)
		return ERR_FULL;
	assert_always(pthread_mutex_init(&w->lock, NULL) == 0);
	*ret = w;
	return OK;
}

static void hash_of(const struct cookie_secret *c, uint8_t hash[32])
{
	bytes_blake32("avh.web.who.v1", (struct str){ (const char *)c->b, sizeof c->b }, hash);
}

static size_t start_of(const uint8_t hash[32])
{
	return ((size_t)hash[0] << 8 | hash[1]) % SLOTS;
}

/* The entry of this hash, or NULL. */
static struct entry *find(struct who_cache *w, const uint8_t hash[32])
{
	for (size_t i = 0; i < PROBES; i++) {
		struct entry *e = &w->slot[(start_of(hash) + i) % SLOTS];
		if (e->used && bytes_equal(e->hash, hash, 32))
			return e;
	}
	return NULL;
}

void who_forget_all(struct who_cache *w)
{
	assert_always(pthread_mutex_lock(&w->lock) == 0);
	memset(w->slot, 0, sizeof w->slot);
	assert_always(pthread_mutex_unlock(&w->lock) == 0);
}

void who_forget(struct who_cache *w, const struct cookie_secret *c)
{
	uint8_t hash[32];
	hash_of(c, hash);
	assert_always(pthread_mutex_lock(&w->lock) == 0);
	struct entry *e = find(w, hash);
	if (e)
		memset(e, 0, sizeof *e);
	assert_always(pthread_mutex_unlock(&w->lock) == 0);
}

void who_remember(struct who_cache *w, const struct cookie_secret *c, const struct vault_who *who)
{
	uint8_t hash[32];
	hash_of(c, hash);
	assert_always(pthread_mutex_lock(&w->lock) == 0);
	struct entry *e = find(w, hash);
	for (size_t i = 0; !e && i < PROBES; i++) {
		struct entry *free_one = &w->slot[(start_of(hash) + i) % SLOTS];
		if (!free_one->used)
			e = free_one;
	}
	if (!e)
		e = &w->slot[start_of(hash)];
	memcpy(e->hash, hash, 32);
	e->who = *who;
	e->who.name = STR_UNSET;
	e->who.title = STR_UNSET;
	e->used = true;
	assert_always(pthread_mutex_unlock(&w->lock) == 0);
}

bool who_recall(struct who_cache *w, const struct cookie_secret *c, struct vault_who *ret)
{
	uint8_t hash[32];
	hash_of(c, hash);
	assert_always(pthread_mutex_lock(&w->lock) == 0);
	struct entry *e = find(w, hash);
	if (e)
		*ret = e->who;
	assert_always(pthread_mutex_unlock(&w->lock) == 0);
	return e != NULL;
}

/* crypto/secret.c — keys in locked, guarded memory: slabs of equal slots, a bit for each. */
#include "crypto/secret.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define SLAB_BYTES (32 * 1024)
#define SLABS_MAX 512
#define SLOTS_MAX (SLAB_BYTES / 64)

struct slab {
	uint8_t *p;
	size_t slot, used;
	uint64_t taken[SLOTS_MAX / 64];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slab slabs[SLABS_MAX];
static size_t n_slabs;
static bool must_lock = true, is_locked = true;

void secret_must_lock(bool must)
{
	must_lock = must;
}

bool secret_is_locked(void)
{
	return is_locked;
}

static size_t slot_size(size_t n)
{
	assert_always(n > 0 && n <= SECRET_MAX);
	return n <= 64 ? 64 : n <= 256 ? 256 : SECRET_MAX;
}

void *secret_pages(size_t n)
{
	void *p = sodium_malloc(n);
	if (p == NULL)
		return NULL;
	if (sodium_mlock(p, n) != 0) {
		if (must_lock) {
			sodium_free(p);
			return NULL;
		}
		is_locked = false;
	}
	memset(p, 0, n);
	return p;
}

static struct slab *slab_new(size_t slot)
{
	uint8_t *p = n_slabs == SLABS_MAX ? NULL : secret_pages(SLAB_BYTES);
	if (p == NULL)
		return NULL;
	struct slab *s = &slabs[n_slabs++];
	*s = (struct slab){ .p = p, .slot = slot };
	return s;
}

static void *slab_take(struct slab *s)
{
	size_t slots = SLAB_BYTES / s->slot;
	for (size_t w = 0; w * 64 < slots; w++) {
		if (s->taken[w] == UINT64_MAX)
			continue;
		size_t bit = (size_t)__builtin_ctzll(~s->taken[w]);
		if (w * 64 + bit >= slots)
			return NULL;
		s->taken[w] |= UINT64_C(1) << bit;
		s->used++;
		return s->p + (w * 64 + bit) * s->slot;
	}
	return NULL;
}

void *secret_take(size_t n)
{
	size_t slot = slot_size(n);
	void *p = NULL;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_slabs && p == NULL; i++)
		if (slabs[i].slot == slot && slabs[i].used < SLAB_BYTES / slot)
			p = slab_take(&slabs[i]);
	if (p == NULL) {
		struct slab *s = slab_new(slot);
		p = s == NULL ? NULL : slab_take(s);
	}
	pthread_mutex_unlock(&lock);
	return p;
}

void secret_give(void *p)
{
	if (p == NULL)
		return;
	uint8_t *at = p;
	bool found = false;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_slabs && !found; i++) {
		struct slab *s = &slabs[i];
		if (at < s->p || at >= s->p + SLAB_BYTES)
			continue;
		size_t k = (size_t)(at - s->p) / s->slot;
		assert_always((s->taken[k / 64] >> (k % 64) & 1) != 0);
		sodium_memzero(at, s->slot);
		s->taken[k / 64] &= ~(UINT64_C(1) << (k % 64));
		s->used--;
		found = true;
	}
	pthread_mutex_unlock(&lock);
	assert_always(found);
}

struct key32 *key32_new(void)
{
	return secret_take(sizeof(struct key32));
}

void key32_free(struct key32 *k)
{
	secret_give(k);
}

void key32_freep(struct key32 **k)
{
	key32_free(*k);
	*k = NULL;
}

void key32_random(struct key32 *k)
{
	randombytes_buf(k->b, sizeof(k->b));
}

void key32_take(struct key32 *k, uint8_t from[32])
{
	memcpy(k->b, from, sizeof(k->b));
	sodium_memzero(from, 32);
}

void key32_copy(struct key32 *to, const struct key32 *from)
{
	memcpy(to->b, from->b, sizeof(to->b));
}

bool key32_equal(const struct key32 *a, const struct key32 *b)
{
	return sodium_memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool key32_is_zero(const struct key32 *k)
{
	return sodium_is_zero(k->b, sizeof(k->b)) == 1;
}

void key32_derive(const struct key32 *k, const char *personal, struct key32 *ret)
{
	KEY_TEMP out = { { 0 } };
	blake_parts(out.b, sizeof(out.b), k->b, personal, NULL, 0);
	key32_copy(ret, &out);
}

void key32_hmac(const struct key32 *k, const char *personal, struct str s, uint8_t ret[32])
{
	KEY_TEMP sub = { { 0 } };
	key32_derive(k, personal, &sub);
	crypto_auth_hmacsha256(ret, (const uint8_t *)s.p, s.n, sub.b);
}

void key32_box_public(const struct key32 *secret, uint8_t ret[32])
{
	assert_always(crypto_scalarmult_base(ret, secret->b) == 0);
}

void key32_sign_public(const struct key32 *seed, uint8_t ret[32])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(ret, secret, seed->b);
	sodium_memzero(secret, sizeof(secret));
}

void signer_sign(const struct signer *s, struct str message, uint8_t ret[64])
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(public, secret, s->seed->b);
	crypto_sign_detached(ret, NULL, (const uint8_t *)message.p, message.n, secret);
	sodium_memzero(secret, sizeof(secret));
}

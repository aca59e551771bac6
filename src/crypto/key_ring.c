/* crypto/key_ring.c — a session's ring of stream keys: places in the clear, keys sealed as one. */
#include "crypto/key_ring.h"
#include "crypto/bytes_i.h"
#include "crypto/envelope_i.h"
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>

#define HOMES (2 * KEY_RING_MOST)
enum { NONCE = 24, TAG = 16 };

struct ring_key { uint8_t dk[32], id[16]; };

struct key_ring {
	size_t n;
	bool unlocked, changed;
	uint16_t home[HOMES]; /* by mark and case: number of the place plus one, 0 for none */
	struct ring_place place[KEY_RING_MOST];
	uint8_t nonce[NONCE];
	uint8_t sealed[KEY_RING_MOST * sizeof(struct ring_key) + TAG];
};

/* The keys of the one ring that is unlocked. */
static struct ring_key *open_keys;

static bool room_for_keys(void)
{
	if (open_keys == NULL)
		open_keys = secret_pages(KEY_RING_MOST * sizeof(*open_keys));
	return open_keys != NULL;
}

struct key_ring *key_ring_new(void)
{
	struct key_ring *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return NULL;
	(void)madvise(r, sizeof(*r), MADV_DONTDUMP);
	(void)madvise(r, sizeof(*r), MADV_WIPEONFORK);
	return r;
}

void key_ring_free(struct key_ring *r)
{
	if (r == NULL)
		return;
	assert_always(!r->unlocked);
	sodium_memzero(r, sizeof(*r));
	(void)munmap(r, sizeof(*r));
}

static void ring_secret(const struct key32 *owner_secret, struct key32 *ret)
{
	key32_derive(owner_secret, "avh.ring.v1", ret);
}

enum err key_ring_unlock(struct key_ring *r, const struct key32 *owner_secret)
{
	KEY_TEMP own = { { 0 } };
	if (!room_for_keys())
		return ERR_FULL;
	ring_secret(owner_secret, &own);
	if (r->n > 0 && crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)open_keys, NULL, NULL, r->sealed,
	                                                           r->n * sizeof(*open_keys) + TAG, NULL, 0, r->nonce, own.b) != 0)
		return ERR_CORRUPT;
	r->unlocked = true;
	return OK;
}

static size_t home_of(const struct ring_place *p)
{
	uint64_t h;
	memcpy(&h, p->case_id.b, sizeof(h));
	return (size_t)((h ^ p->mark * UINT64_C(0x9e3779b97f4a7c15)) % HOMES);
}

static bool same(const struct ring_place *x, const struct ring_place *y)
{
	return x->mark == y->mark && x->compartment == y->compartment && x->epoch == y->epoch && id_eq(x->case_id, y->case_id);
}

bool key_ring_find(const struct key_ring *r, const struct ring_place *wanted, struct id16 controller, struct ring_place *ret,
                   struct stream_key *ret_key)
{
	assert_always(r->unlocked);
	for (size_t i = home_of(wanted); r->home[i] != 0; i = (i + 1) % HOMES) {
		size_t at = r->home[i] - 1u;
		const struct ring_place *p = &r->place[at];
		if (!same(p, wanted))
			continue;
		*ret = *p;
		*ret_key = (struct stream_key){ .kind = KIND_RECORD, .controller = controller, .case_id = p->case_id,
			                        .compartment = p->compartment, .epoch = p->epoch };
		memcpy(ret_key->dk.b, open_keys[at].dk, 32);
		memcpy(ret_key->id, open_keys[at].id, 16);
		return true;
	}
	return false;
}

void key_ring_add(struct key_ring *r, const struct ring_place *p, const struct stream_key *k)
{
	assert_always(r->unlocked && k->kind == KIND_RECORD);
	if (r->n == KEY_RING_MOST) {
		r->n = 0;
		memset(r->home, 0, sizeof(r->home));
	}
	size_t i = home_of(p);
	for (; r->home[i] != 0; i = (i + 1) % HOMES)
		if (same(&r->place[r->home[i] - 1u], p))
			return;
	struct ring_key *key = &open_keys[r->n];
	memcpy(key->dk, k->dk.b, 32);
	memcpy(key->id, k->id, 16);
	r->place[r->n++] = *p;
	r->home[i] = (uint16_t)r->n;
	r->changed = true;
}

void key_ring_lock(struct key_ring *r, const struct key32 *owner_secret)
{
	KEY_TEMP own = { { 0 } };
	assert_always(r->unlocked);
	if (r->changed) {
		ring_secret(owner_secret, &own);
		randombytes_buf(r->nonce, sizeof(r->nonce));
		crypto_aead_xchacha20poly1305_ietf_encrypt(r->sealed, NULL, (const uint8_t *)open_keys, r->n * sizeof(*open_keys), NULL, 0,
		                                           NULL, r->nonce, own.b);
	}
	sodium_memzero(open_keys, r->n * sizeof(*open_keys));
	r->unlocked = r->changed = false;
}

/* crypto/tree.c — the RFC 6962 Merkle tree, grown leaf by leaf. */
#include "crypto/tree.h"
#include <sodium.h>

struct tree_hash tree_leaf(struct str bytes)
{
	struct tree_hash h;
	crypto_hash_sha256_state st;
	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t[]){ 0 }, 1);
	crypto_hash_sha256_update(&st, (const uint8_t *)bytes.p, bytes.n);
	crypto_hash_sha256_final(&st, h.b);
	return h;
}

static struct tree_hash node(const struct tree_hash *left, const struct tree_hash *right)
{
	struct tree_hash h;
	crypto_hash_sha256_state st;
	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t[]){ 1 }, 1);
	crypto_hash_sha256_update(&st, left->b, sizeof(left->b));
	crypto_hash_sha256_update(&st, right->b, sizeof(right->b));
	crypto_hash_sha256_final(&st, h.b);
	return h;
}

void tree_add(struct tree *t, struct tree_hash leaf)
{
	unsigned i = 0;
	assert_always(t->size < UINT64_MAX);
	for (; (t->size >> i & 1) != 0; i++)
		leaf = node(&t->peak[i], &leaf);
	t->peak[i] = leaf;
	t->size++;
}

struct tree_hash tree_root(const struct tree *t)
{
	struct tree_hash h = { 0 };
	bool have = false;
	if (t->size == 0)
		crypto_hash_sha256(h.b, NULL, 0);
	for (unsigned i = 0; i < 64; i++) {
		if ((t->size >> i & 1) == 0)
			continue;
		h = have ? node(&t->peak[i], &h) : t->peak[i];
		have = true;
	}
	return h;
}

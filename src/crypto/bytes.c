/* crypto/bytes.c — hashes without a key, equal in constant time, randomness. */
#include "crypto/bytes.h"
#include "crypto/bytes_i.h"
#include <sodium.h>
#include <string.h>

enum err crypto_start(void)
{
	return sodium_init() < 0 ? ERR_SYSTEM : OK;
}

void bytes_sha256(struct str s, uint8_t ret[32])
{
	crypto_hash_sha256(ret, (const uint8_t *)s.p, s.n);
}

void blake_parts(uint8_t *out, size_t out_n, const uint8_t *key, const char *personal, const struct part *parts, size_t n)
{
	crypto_generichash_blake2b_state st;
	uint8_t padded[crypto_generichash_blake2b_PERSONALBYTES] = { 0 };
	size_t len = strlen(personal);
	assert_always(len <= sizeof(padded));
	memcpy(padded, personal, len);
	assert_always(crypto_generichash_blake2b_init_salt_personal(&st, key, key == NULL ? 0 : 32, out_n, NULL, padded) == 0);
	for (size_t i = 0; i < n; i++)
		crypto_generichash_blake2b_update(&st, parts[i].p, parts[i].n);
	crypto_generichash_blake2b_final(&st, out, out_n);
	if (key != NULL)
		sodium_memzero(&st, sizeof(st));
}

void bytes_blake16(const char *personal, struct str s, uint8_t ret[16])
{
	blake_parts(ret, 16, NULL, personal, &(struct part){ s.p, s.n }, 1);
}

void bytes_blake32(const char *personal, struct str s, uint8_t ret[32])
{
	blake_parts(ret, 32, NULL, personal, &(struct part){ s.p, s.n }, 1);
}

bool bytes_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool bytes_are_zero(const void *p, size_t n)
{
	return sodium_is_zero(p, n) == 1;
}

void bytes_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void bytes_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

struct id16 bytes_random_id(void)
{
	struct id16 id;
	randombytes_buf(id.b, sizeof(id.b));
	return id;
}

/* crypto/envelope.c — AVE1: keys of a stream, size classes, seal and open. */
#include "crypto/envelope.h"
#include "crypto/bytes_i.h"
#include "crypto/envelope_i.h"
#include <sodium.h>
#include <string.h>

enum { SUITE = 1, HEAD = 48, TAG = 16, FLAG_PADDED = 1 };

struct stream_key *stream_key_new(void)
{
	return secret_take(sizeof(struct stream_key));
}

void stream_key_free(struct stream_key *k)
{
	secret_give(k);
}

void stream_key_freep(struct stream_key **k)
{
	stream_key_free(*k);
	*k = NULL;
}

void stream_key_derive(const struct key32 *ck, const struct key32 *sk, const struct envelope_at *at, struct stream_key *ret)
{
	uint8_t place[22];
	struct buf b = buf_over(place, sizeof(place));
	buf_add(&b, at->case_id.b, 16);
	buf_u16(&b, at->compartment);
	buf_u32(&b, at->epoch);
	struct part parts[] = { { sk->b, sizeof(sk->b) }, { place, sizeof(place) } };
	*ret = (struct stream_key){ .kind = KIND_RECORD, .controller = at->controller, .case_id = at->case_id,
		                    .compartment = at->compartment, .epoch = at->epoch };
	blake_parts(ret->dk.b, 32, ck->b, "avh.dk.v1", parts, COUNT_OF(parts));
	blake_parts(ret->deposit_seed.b, 32, ck->b, "avh.deposit.v1", parts, COUNT_OF(parts));
	blake_parts(ret->id, 16, ck->b, "avh.ckid.v1", NULL, 0);
}

void stream_key_own(const struct key32 *holder_secret, struct stream_key *ret)
{
	*ret = (struct stream_key){ .kind = KIND_OWN };
	key32_derive(holder_secret, "avh.own.v1", &ret->dk);
	blake_parts(ret->id, 16, ret->dk.b, "avh.ckid.v1", NULL, 0);
}

void stream_key_deposit(const struct stream_key *k, uint8_t ret_public[32], struct key32 *ret_secret)
{
	KEY_TEMP secret = { { 0 } };
	assert_always(k->kind == KIND_RECORD);
	assert_always(crypto_box_seed_keypair(ret_public, secret.b, k->deposit_seed.b) == 0);
	if (ret_secret != NULL)
		key32_copy(ret_secret, &secret);
}

void stream_key_deposit_secret(const struct stream_key *k, struct key32 *ret)
{
	/* What crypto_box_seed_keypair makes of a seed: the first half of its SHA-512. */
	uint8_t hash[crypto_hash_sha512_BYTES];
	assert_always(k->kind == KIND_RECORD);
	crypto_hash_sha512(hash, k->deposit_seed.b, sizeof(k->deposit_seed.b));
	memcpy(ret->b, hash, sizeof(ret->b));
	sodium_memzero(hash, sizeof(hash));
}

void stream_key_index(const struct stream_key *k, struct str digits, uint8_t ret[32])
{
	KEY_TEMP sub = { { 0 } };
	crypto_auth_hmacsha256_state st;
	key32_derive(&k->dk, "avh.index.v1", &sub);
	crypto_auth_hmacsha256_init(&st, sub.b, sizeof(sub.b));
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)"pnr1", 4);
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)digits.p, digits.n);
	crypto_auth_hmacsha256_final(&st, ret);
	sodium_memzero(&st, sizeof(st));
}

void stream_key_id(const struct stream_key *k, uint8_t ret[16])
{
	memcpy(ret, k->id, sizeof(k->id));
}

void envelope_aad(const struct envelope_at *at, uint8_t kind, uint8_t suite, uint16_t flags, uint8_t ret[96])
{
	struct { uint16_t compartment, slot; uint32_t epoch; uint64_t seq, version; } be = {
		__builtin_bswap16(at->compartment), __builtin_bswap16(at->slot), __builtin_bswap32(at->epoch),
		__builtin_bswap64(at->seq), __builtin_bswap64(at->version),
	};
	_Static_assert(sizeof(be) == 24, "no room between the numbers");
	memcpy(ret, "avh.aad.rec.v1\0", 16);
	memcpy(ret + 16, at->controller.b, 16);
	memcpy(ret + 32, at->case_id.b, 16);
	memcpy(ret + 48, &be, sizeof(be));
	ret[72] = kind;
	ret[73] = suite;
	ret[74] = (uint8_t)(flags >> 8);
	ret[75] = (uint8_t)flags;
	memcpy(ret + 76, at->row.b, 16);
	memset(ret + 92, 0, 4);
}

static const uint32_t classes[] = {
	64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 12288, 16384, 20480, 24576, 28672,
	32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440, 65536,
};

size_t envelope_class(size_t plain_n)
{
	for (size_t i = 0; i < COUNT_OF(classes); i++)
		if (plain_n < classes[i])
			return classes[i];
	return 0;
}

bool pad_is_class(size_t n)
{
	return n > 0 && envelope_class(n - 1) == n;
}

void pad_to(uint8_t *out, size_t padded, struct str plain)
{
	assert_always(plain.n < padded);
	if (plain.n > 0)
		memcpy(out, plain.p, plain.n);
	out[plain.n] = 0x80;
	memset(out + plain.n + 1, 0, padded - plain.n - 1);
}

size_t pad_length(const uint8_t *p, size_t padded)
{
	while (padded > 0 && p[padded - 1] == 0)
		padded--;
	return padded > 0 && p[padded - 1] == 0x80 ? padded - 1 : SIZE_MAX;
}

static bool is_streams(const struct stream_key *k, const struct envelope_at *at)
{
	return k->kind == KIND_OWN || (id_eq(k->controller, at->controller) && id_eq(k->case_id, at->case_id) &&
	                               k->compartment == at->compartment && k->epoch == at->epoch);
}

enum err envelope_seal(struct arena *a, const struct stream_key *k, const struct envelope_at *at, struct str plain, struct str *ret)
{
	uint8_t aad[96];
	size_t padded = envelope_class(plain.n);
	if (padded == 0)
		return ERR_TOO_LARGE;
	if (!is_streams(k, at))
		return ERR_DENIED;
	uint8_t *out = arena_take(a, HEAD + padded + TAG);
	if (out == NULL)
		return ERR_FULL;
	struct buf b = buf_over(out, HEAD);
	buf_lit(&b, "AVE1");
	buf_u8(&b, k->kind);
	buf_u8(&b, SUITE);
	buf_u16(&b, FLAG_PADDED);
	buf_add(&b, k->id, sizeof(k->id));
	randombytes_buf(out + 24, 24);
	pad_to(out + HEAD, padded, plain);
	envelope_aad(at, k->kind, SUITE, FLAG_PADDED, aad);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD, NULL, out + HEAD, padded, aad, sizeof(aad), NULL, out + 24, k->dk.b);
	*ret = (struct str){ (const char *)out, HEAD + padded + TAG };
	return OK;
}

enum err envelope_open(struct arena *a, const struct stream_key *k, const struct envelope_at *at, struct str envelope, struct str *ret)
{
	uint8_t aad[96];
	struct cursor c = cursor_over(envelope.p, envelope.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t kind = cur_u8(&c), suite = cur_u8(&c);
	uint16_t flags = cur_u16(&c);
	struct str id = cur_bytes(&c, 16), nonce = cur_bytes(&c, 24);
	if (c.bad || envelope.n < HEAD + TAG || !str_eq(magic, STR("AVE1")) || suite != SUITE || flags != FLAG_PADDED ||
	    !pad_is_class(envelope.n - HEAD - TAG))
		return ERR_CORRUPT;
	if (kind != k->kind || !is_streams(k, at) || sodium_memcmp(id.p, k->id, sizeof(k->id)) != 0)
		return ERR_DENIED;
	size_t padded = envelope.n - HEAD - TAG;
	uint8_t *out = arena_take(a, padded);
	if (out == NULL)
		return ERR_FULL;
	envelope_aad(at, kind, suite, flags, aad);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, (const uint8_t *)envelope.p + HEAD, padded + TAG, aad,
	                                               sizeof(aad), (const uint8_t *)nonce.p, k->dk.b) != 0)
		return ERR_CORRUPT;
	size_t n = pad_length(out, padded);
	if (n == SIZE_MAX)
		return ERR_CORRUPT;
	*ret = (struct str){ (const char *)out, n };
	return OK;
}

/* crypto/custodian.c — AVK1, a custodian's key file, and AVY1, bytes that any one custodian can open. */
#include "crypto/bytes_i.h"
#include "crypto/recovery.h"
#include "crypto/secret_i.h"
#include <string.h>

enum { SUITE = 1, KEY_HEAD = 88, NONCE = 24, TAG = 16, COPY_HEAD = 16, COPY_KEY = 112, COPY_MAX = 4 * 1024 * 1024 };
_Static_assert(KEY_HEAD + 32 + TAG == CUSTODIAN_KEY_BYTES, "AVK1 has one size");

#define BEGIN "-----BEGIN AVSTAMP CUSTODIAN KEY-----\n"
#define END "-----END AVSTAMP CUSTODIAN KEY-----\n"
#define LINE 64

/* ---- AVK1: magic, suite, 3 zero, public 32, ops, KiB, salt 16, nonce 24 | private 32, tag ------------------------- */

static void key_head(const uint8_t public[32], struct argon_cost cost, uint8_t ret[KEY_HEAD])
{
	struct buf b = buf_over(ret, KEY_HEAD);
	uint8_t random[16 + NONCE];
	randombytes_buf(random, sizeof(random));
	buf_lit(&b, "AVK1");
	buf_u8(&b, SUITE);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_add(&b, public, 32);
	buf_u32(&b, cost.ops);
	buf_u32(&b, cost.kib);
	buf_add(&b, random, sizeof(random));
	assert_always(b.n == KEY_HEAD && !buf_is_full(&b));
}

static enum err key_stretch(const uint8_t head[KEY_HEAD], struct str passphrase, struct argon_cost cost, struct key32 *ret)
{
	KEY_TEMP stretched = { { 0 } };
	if (passphrase.n > PASSPHRASE_MAX)
		return ERR_INVALID;
	if (crypto_pwhash(stretched.b, 32, passphrase.p == NULL ? "" : passphrase.p, passphrase.n, head + 48, cost.ops,
	                  (size_t)cost.kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_BUSY;
	key32_derive(&stretched, "avh.custodian.v1", ret);
	return OK;
}

static struct str armor(struct arena *a, const uint8_t bytes[CUSTODIAN_KEY_BYTES])
{
	char text[sodium_base64_ENCODED_LEN(CUSTODIAN_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	struct buf b = buf_new(a, CUSTODIAN_TEXT_MAX);
	sodium_bin2base64(text, sizeof(text), bytes, CUSTODIAN_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
	buf_lit(&b, BEGIN);
	for (struct str rest = str_c(text); rest.n > 0; rest = str_cut(rest, LINE, rest.n)) {
		buf_str(&b, str_cut(rest, 0, LINE));
		buf_char(&b, '\n');
	}
	buf_lit(&b, END);
	sodium_memzero(text, sizeof(text));
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

enum err custodian_make(struct arena *a, struct str passphrase, struct argon_cost cost, uint8_t ret_public[32], struct str *ret_text)
{
	uint8_t public[32], bytes[CUSTODIAN_KEY_BYTES];
	KEY_TEMP secret = { { 0 } };
	KEY_TEMP k = { { 0 } };
	enum err e;
	crypto_box_keypair(public, secret.b);
	key_head(public, cost, bytes);
	if ((e = key_stretch(bytes, passphrase, cost, &k)) != OK)
		return e;
	crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + KEY_HEAD, NULL, secret.b, 32, bytes, KEY_HEAD, NULL,
	                                           bytes + KEY_HEAD - NONCE, k.b);
	struct str text = armor(a, bytes);
	if (text.p == NULL)
		return ERR_FULL;
	memcpy(ret_public, public, 32);
	*ret_text = text;
	return OK;
}

static bool unarmor(struct str text, uint8_t ret[CUSTODIAN_KEY_BYTES])
{
	size_t n = 0;
	const char *end = NULL;
	text = str_trim(text);
	if (!str_starts(text, STR(BEGIN)))
		return false;
	text = str_cut(text, sizeof(BEGIN) - 1, text.n);
	return sodium_base642bin(ret, CUSTODIAN_KEY_BYTES, text.p, text.n, "\r\n", &n, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       n == CUSTODIAN_KEY_BYTES && str_eq(str_cut(text, (size_t)(end - text.p), text.n), str_cut(STR(END), 0, sizeof(END) - 2));
}

enum err custodian_open(struct str text, struct str passphrase, struct key32 *ret_private)
{
	uint8_t bytes[CUSTODIAN_KEY_BYTES], public[32];
	KEY_TEMP k = { { 0 } };
	KEY_TEMP secret = { { 0 } };
	enum err e;
	if (!unarmor(text, bytes))
		return ERR_CORRUPT;
	struct cursor c = cursor_over(bytes, sizeof(bytes));
	struct str magic = cur_bytes(&c, 4);
	uint32_t suite = cur_u32(&c);
	(void)cur_bytes(&c, 32);
	struct argon_cost cost = { .ops = cur_u32(&c) };
	cost.kib = cur_u32(&c);
	if (!str_eq(magic, STR("AVK1")) || suite != (uint32_t)SUITE << 24 || cost.ops < 1 || cost.ops > 10 || cost.kib < 8 ||
	    cost.kib > 1024 * 1024)
		return ERR_CORRUPT;
	if ((e = key_stretch(bytes, passphrase, cost, &k)) != OK)
		return e;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret.b, NULL, NULL, bytes + KEY_HEAD, 32 + TAG, bytes, KEY_HEAD,
	                                               bytes + KEY_HEAD - NONCE, k.b) != 0)
		return ERR_LOGIN;
	key32_box_public(&secret, public);
	if (memcmp(public, bytes + 8, 32) != 0)
		return ERR_CORRUPT;
	key32_copy(ret_private, &secret);
	return OK;
}

/* ---- AVY1: magic, suite, n, 2 zero, length u32, 4 zero | n × (public 32, sealed key 80) | nonce | bytes, tag ---- */

static enum err copy_keys(const uint8_t *custodians, size_t n, const struct key32 *k, uint8_t *out)
{
	for (size_t i = 0; i < n; i++, out += COPY_KEY) {
		memcpy(out, custodians + i * 32, 32);
		if (crypto_box_seal(out + 32, k->b, 32, custodians + i * 32) != 0)
			return ERR_INVALID;
	}
	return OK;
}

enum err custodian_seal(struct arena *a, const uint8_t *custodians, size_t n, struct str plain, struct str *ret)
{
	KEY_TEMP k = { { 0 } };
	enum err e;
	if (n == 0 || n > 64)
		return ERR_INVALID;
	if (plain.n > COPY_MAX)
		return ERR_TOO_LARGE;
	size_t head = COPY_HEAD + n * COPY_KEY, total = head + NONCE + plain.n + TAG;
	uint8_t *out = arena_take(a, total);
	if (out == NULL)
		return ERR_FULL;
	struct buf b = buf_over(out, COPY_HEAD);
	buf_lit(&b, "AVY1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)n);
	buf_u16(&b, 0);
	buf_u32(&b, (uint32_t)plain.n);
	buf_u32(&b, 0);
	key32_random(&k);
	if ((e = copy_keys(custodians, n, &k, out + COPY_HEAD)) != OK)
		return e;
	randombytes_buf(out + head, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + head + NONCE, NULL, (const uint8_t *)plain.p, plain.n, out, head, NULL,
	                                           out + head, k.b);
	*ret = (struct str){ (const char *)out, total };
	return OK;
}

static enum err copy_key_open(const uint8_t *keys, size_t n, const struct key32 *custodian, struct key32 *ret)
{
	uint8_t public[32];
	key32_box_public(custodian, public);
	for (size_t i = 0; i < n; i++, keys += COPY_KEY)
		if (memcmp(keys, public, 32) == 0)
			return crypto_box_seal_open(ret->b, keys + 32, 80, public, custodian->b) == 0 ? OK : ERR_CORRUPT;
	return ERR_DENIED;
}

enum err custodian_unseal(struct arena *a, struct str bytes, const struct key32 *custodian, struct str *ret)
{
	KEY_TEMP k = { { 0 } };
	const uint8_t *p = (const uint8_t *)bytes.p;
	enum err e;
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), n = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	uint32_t plain_n = cur_u32(&c), zeros = cur_u32(&c);
	size_t head = COPY_HEAD + (size_t)n * COPY_KEY;
	if (c.bad || !str_eq(magic, STR("AVY1")) || suite != SUITE || n == 0 || n > 64 || zero != 0 || zeros != 0 || plain_n > COPY_MAX ||
	    bytes.n != head + NONCE + plain_n + TAG)
		return ERR_CORRUPT;
	if ((e = copy_key_open(p + COPY_HEAD, n, custodian, &k)) != OK)
		return e;
	uint8_t *out = arena_take(a, plain_n + 1);
	if (out == NULL)
		return ERR_FULL;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + head + NONCE, plain_n + TAG, p, head, p + head, k.b) != 0)
		return ERR_CORRUPT;
	*ret = (struct str){ (const char *)out, plain_n };
	return OK;
}

/* crypto/recovery.c — AVR2: a case's recovery key, sealed to every pair of three custodians. */
#include "crypto/recovery.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"
#include <string.h>

enum { SUITE = 1, HEAD = 72, PAIR = 128, INNER = 80, MAC = 32, PAIRS = 3 };
_Static_assert(HEAD + PAIRS * PAIR + MAC == RECOVERY_BYTES, "AVR2 has one size");

static const struct { uint8_t i, j; } pairs[PAIRS] = { { 0, 1 }, { 0, 2 }, { 1, 2 } };

static void head_bytes(struct id16 controller, struct id16 case_id, const uint8_t public[32], uint8_t ret[HEAD])
{
	struct buf b = buf_over(ret, HEAD);
	buf_lit(&b, "AVR2");
	buf_u8(&b, SUITE);
	buf_u8(&b, CUSTODIANS);
	buf_u16(&b, 0);
	buf_add(&b, controller.b, 16);
	buf_add(&b, case_id.b, 16);
	buf_add(&b, public, 32);
	assert_always(b.n == HEAD && !buf_is_full(&b));
}

static void recovery_mac(const struct key32 *vault_key, const uint8_t bytes[RECOVERY_BYTES], uint8_t ret[MAC])
{
	KEY_TEMP sub = { { 0 } };
	key32_derive(vault_key, "avh.recovery.mac", &sub);
	blake_parts(ret, MAC, sub.b, "avh.recovery.mac", &(struct part){ bytes, RECOVERY_BYTES - MAC }, 1);
}

/* What custodian i opens first and custodian j then. */
static enum err pair_seal(const struct key32 *secret, const uint8_t one[32], const uint8_t other[32], uint8_t ret[PAIR])
{
	uint8_t inner[INNER];
	if (crypto_box_seal(inner, secret->b, 32, other) != 0 || crypto_box_seal(ret, inner, sizeof(inner), one) != 0)
		return ERR_INVALID;
	return OK;
}

enum err recovery_make(struct id16 controller, struct id16 case_id, const uint8_t *custodians,
                       const struct key32 *vault_key, uint8_t ret[RECOVERY_BYTES])
{
	uint8_t public[32], out[RECOVERY_BYTES];
	KEY_TEMP secret = { { 0 } };
	enum err e;
	crypto_box_keypair(public, secret.b);
	head_bytes(controller, case_id, public, out);
	for (size_t p = 0; p < PAIRS; p++)
		if ((e = pair_seal(&secret, custodians + pairs[p].i * 32, custodians + pairs[p].j * 32, out + HEAD + p * PAIR)) != OK)
			return e;
	recovery_mac(vault_key, out, out + RECOVERY_BYTES - MAC);
	memcpy(ret, out, sizeof(out));
	return OK;
}

static bool head_read(struct str bytes, struct id16 *ret_controller, struct id16 *ret_case, const uint8_t **ret_public)
{
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), n = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, ret_controller->b, 16);
	cur_copy(&c, ret_case->b, 16);
	struct str public = cur_bytes(&c, 32);
	*ret_public = (const uint8_t *)public.p;
	return !c.bad && bytes.n == RECOVERY_BYTES && str_eq(magic, STR("AVR2")) && suite == SUITE && n == CUSTODIANS && zero == 0;
}

enum err recovery_public(struct str bytes, struct id16 controller, struct id16 case_id, const struct key32 *vault_key, uint8_t ret_public[32])
{
	struct id16 whose = { { 0 } }, which = { { 0 } };
	const uint8_t *public = NULL;
	uint8_t mac[MAC];
	if (!head_read(bytes, &whose, &which, &public) || !id_eq(whose, controller) || !id_eq(which, case_id))
		return ERR_CORRUPT;
	recovery_mac(vault_key, (const uint8_t *)bytes.p, mac);
	if (sodium_memcmp(mac, bytes.p + RECOVERY_BYTES - MAC, MAC) != 0)
		return ERR_CORRUPT;
	memcpy(ret_public, public, 32);
	return OK;
}

void recovery_wrap(const uint8_t recovery_public[32], const struct key32 *ck, uint8_t ret[RECOVERY_WRAP_BYTES])
{
	assert_always(crypto_box_seal(ret, ck->b, 32, recovery_public) == 0);
}

static bool pair_open(const uint8_t pair[PAIR], const struct key32 *one, const struct key32 *other, const uint8_t public[32], struct key32 *ret)
{
	uint8_t inner[INNER], first[32], second[32], check[32];
	key32_box_public(one, first);
	key32_box_public(other, second);
	bool good = crypto_box_seal_open(inner, pair, PAIR, first, one->b) == 0 &&
	            crypto_box_seal_open(ret->b, inner, INNER, second, other->b) == 0;
	sodium_memzero(inner, sizeof(inner));
	if (good)
		key32_box_public(ret, check);
	return good && memcmp(check, public, 32) == 0;
}

enum err recovery_open(struct str bytes, const struct key32 *one, const struct key32 *other, struct key32 *ret_private)
{
	struct id16 controller = { { 0 } }, case_id = { { 0 } };
	const uint8_t *public = NULL;
	KEY_TEMP secret = { { 0 } };
	if (!head_read(bytes, &controller, &case_id, &public))
		return ERR_CORRUPT;
	for (size_t p = 0; p < PAIRS; p++) {
		const uint8_t *pair = (const uint8_t *)bytes.p + HEAD + p * PAIR;
		if (pair_open(pair, one, other, public, &secret) || pair_open(pair, other, one, public, &secret)) {
			key32_copy(ret_private, &secret);
			return OK;
		}
	}
	return ERR_DENIED;
}

enum err recovery_unwrap(const struct key32 *recovery_private, struct str wrap, struct key32 *ret_ck)
{
	uint8_t public[32];
	KEY_TEMP ck = { { 0 } };
	if (wrap.n != RECOVERY_WRAP_BYTES)
		return ERR_CORRUPT;
	key32_box_public(recovery_private, public);
	if (crypto_box_seal_open(ck.b, (const uint8_t *)wrap.p, wrap.n, public, recovery_private->b) != 0)
		return ERR_DENIED;
	key32_copy(ret_ck, &ck);
	return OK;
}

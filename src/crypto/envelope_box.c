/* crypto/envelope_box.c — AVB1: sealed to a public key by a vault of this installation.
 *
 * Layout: magic 4, suite, recipient kind, flags u16, box seal over (BLAKE2b-256 of the associated data ‖ padded
 * plaintext), and a MAC 32 under vault.key over associated data and everything before it. */
#include "crypto/bytes_i.h"
#include "crypto/envelope_i.h"
#include <sodium.h>
#include <string.h>

enum { SUITE = 1, HEAD = 8, BIND = 32, MAC = 32, FLAG_PADDED = 1, SEAL = crypto_box_SEALBYTES };
_Static_assert(HEAD + SEAL + BIND + MAC == ENVELOPE_BOX_OVERHEAD, "AVB1 has a fixed overhead");

static void box_mac(const struct key32 *vault_key, const uint8_t aad[96], const uint8_t *p, size_t n, uint8_t ret[MAC])
{
	KEY_TEMP sub = { { 0 } };
	key32_derive(vault_key, "avh.box.mac.v1", &sub);
	struct part parts[] = { { aad, 96 }, { p, n } };
	blake_parts(ret, MAC, sub.b, "avh.box.mac.v1", parts, COUNT_OF(parts));
}

static void box_bind(const uint8_t aad[96], uint8_t ret[BIND])
{
	blake_parts(ret, BIND, NULL, "avh.box.at.v1", &(struct part){ aad, 96 }, 1);
}

enum err envelope_box(struct arena *a, enum box_to to, const uint8_t recipient[32], const struct key32 *vault_key,
                      const struct envelope_at *at, struct str plain, struct str *ret)
{
	uint8_t aad[96];
	size_t padded = envelope_class(plain.n);
	if (padded == 0)
		return ERR_TOO_LARGE;
	size_t total = ENVELOPE_BOX_OVERHEAD + padded;
	uint8_t *out = arena_take(a, total), *inner = arena_take(a, BIND + padded);
	if (out == NULL || inner == NULL)
		return ERR_FULL;
	struct buf b = buf_over(out, HEAD);
	buf_lit(&b, "AVB1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)to);
	buf_u16(&b, FLAG_PADDED);
	envelope_aad(at, (uint8_t)to, SUITE, FLAG_PADDED, aad);
	box_bind(aad, inner);
	pad_to(inner + BIND, padded, plain);
	int bad = crypto_box_seal(out + HEAD, inner, BIND + padded, recipient);
	sodium_memzero(inner, BIND + padded);
	if (bad != 0)
		return ERR_INVALID;
	box_mac(vault_key, aad, out, total - MAC, out + total - MAC);
	*ret = (struct str){ (const char *)out, total };
	return OK;
}

static bool box_head(struct str box, enum box_to *ret)
{
	struct cursor c = cursor_over(box.p, box.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), to = cur_u8(&c);
	uint16_t flags = cur_u16(&c);
	if (c.bad || !str_eq(magic, STR("AVB1")) || suite != SUITE || to < BOX_USER || to > BOX_STANDING || flags != FLAG_PADDED)
		return false;
	*ret = (enum box_to)to;
	return box.n > ENVELOPE_BOX_OVERHEAD && pad_is_class(box.n - ENVELOPE_BOX_OVERHEAD);
}

enum err envelope_unbox(struct arena *a, const struct key32 *recipient, const struct key32 *vault_key,
                        const struct envelope_at *at, struct str box, struct str *ret)
{
	enum box_to to = BOX_USER;
	uint8_t aad[96], mac[MAC], bind[BIND], public[32];
	if (!box_head(box, &to))
		return ERR_CORRUPT;
	const uint8_t *p = (const uint8_t *)box.p;
	size_t padded = box.n - ENVELOPE_BOX_OVERHEAD;
	envelope_aad(at, (uint8_t)to, SUITE, FLAG_PADDED, aad);
	box_mac(vault_key, aad, p, box.n - MAC, mac);
	if (sodium_memcmp(mac, p + box.n - MAC, MAC) != 0)
		return ERR_CORRUPT;
	uint8_t *out = arena_take(a, BIND + padded);
	if (out == NULL)
		return ERR_FULL;
	key32_box_public(recipient, public);
	if (crypto_box_seal_open(out, p + HEAD, box.n - HEAD - MAC, public, recipient->b) != 0)
		return ERR_CORRUPT;
	box_bind(aad, bind);
	size_t n = pad_length(out + BIND, padded);
	if (sodium_memcmp(bind, out, BIND) != 0 || n == SIZE_MAX)
		return ERR_CORRUPT;
	*ret = (struct str){ (const char *)out + BIND, n };
	return OK;
}

bool envelope_is_box(struct str s)
{
	return str_starts(s, STR("AVB1"));
}

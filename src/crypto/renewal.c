/* crypto/renewal.c — AVN1: magic 4, suite, n u8, 2 zero, controller 16, case 16, holder 16, holder's key serial u32,
 * 4 zero, box of the transfer key 80; n entries of compartment u16, epoch u32 and the sealed key 48; MAC 32. */
#include "crypto/renewal.h"
#include "crypto/bytes_i.h"
#include "crypto/grant_i.h"
#include <string.h>

enum { SUITE = 1, CLEAR = 64, BOX = 80, ENTRY = 54, MAC = 32 };
_Static_assert(CLEAR + BOX + MAC == RENEWAL_BYTES(0) && ENTRY == RENEWAL_BYTES(1) - RENEWAL_BYTES(0), "AVN1");
static const uint8_t nonce[24];

static void mac_of(const struct key32 *vault_key, const uint8_t *p, size_t n, uint8_t ret[MAC])
{
	KEY_TEMP sub = { { 0 } };
	key32_derive(vault_key, "avh.next.mac", &sub);
	blake_parts(ret, MAC, sub.b, "avh.next.mac", &(struct part){ p, n }, 1);
}

/* The key that one new epoch is locked with: it seals one key in one rotation, so the nonce is zero. */
static void lock_of(const struct key32 *before, const struct key32 *transfer, struct id16 case_id, uint16_t compartment,
                    uint32_t epoch, struct key32 *ret)
{
	uint8_t place[22];
	struct buf b = buf_over(place, sizeof(place));
	buf_add(&b, case_id.b, 16);
	buf_u16(&b, compartment);
	buf_u32(&b, epoch);
	struct part parts[] = { { transfer->b, sizeof(transfer->b) }, { place, sizeof(place) } };
	blake_parts(ret->b, sizeof(ret->b), before->b, "avh.next.v1", parts, COUNT_OF(parts));
}

enum err renewal_make(const struct renewal_to *to, const struct key32 *transfer, const struct renewal_entry *entries,
                      size_t n, const struct key32 *vault_key, uint8_t *ret)
{
	assert_always(n > 0 && n <= GRANT_ENTRIES);
	struct buf b = buf_over(ret, RENEWAL_BYTES(n));
	buf_lit(&b, "AVN1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)n);
	buf_u16(&b, 0);
	buf_add(&b, to->controller.b, 16);
	buf_add(&b, to->case_id.b, 16);
	buf_add(&b, to->holder.b, 16);
	buf_u32(&b, to->holder_serial);
	buf_u32(&b, 0);
	if (crypto_box_seal(ret + CLEAR, transfer->b, sizeof(transfer->b), to->key) != 0)
		return ERR_INVALID;
	b.n += BOX;
	for (size_t i = 0; i < n; i++) {
		KEY_TEMP lock = { { 0 } };
		lock_of(entries[i].before, transfer, to->case_id, entries[i].compartment, entries[i].epoch, &lock);
		buf_u16(&b, entries[i].compartment);
		buf_u32(&b, entries[i].epoch);
		crypto_aead_xchacha20poly1305_ietf_encrypt(ret + b.n, NULL, entries[i].now->b, 32, NULL, 0, NULL, nonce, lock.b);
		b.n += ENTRY - 6;
	}
	assert_always(b.n == RENEWAL_BYTES(n) - MAC);
	mac_of(vault_key, ret, b.n, ret + b.n);
	return OK;
}

enum err renewal_peek(struct str renewals, struct renewal_to *ret, struct str *ret_first)
{
	struct renewal_to to = { .holder_serial = 0 };
	struct cursor c = cursor_over(renewals.p, renewals.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), n = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, to.controller.b, 16);
	cur_copy(&c, to.case_id.b, 16);
	cur_copy(&c, to.holder.b, 16);
	to.holder_serial = cur_u32(&c);
	uint32_t rest = cur_u32(&c);
	if (c.bad || !str_eq(magic, STR("AVN1")) || suite != SUITE || n == 0 || n > GRANT_ENTRIES || zero != 0 || rest != 0 ||
	    renewals.n < RENEWAL_BYTES(n))
		return ERR_CORRUPT;
	*ret = to;
	*ret_first = str_cut(renewals, 0, RENEWAL_BYTES(n));
	return OK;
}

static enum err take_entry(const uint8_t *p, const struct key32 *transfer, struct grant *g)
{
	KEY_TEMP lock = { { 0 } }, now = { { 0 } };
	struct cursor c = cursor_over(p, ENTRY);
	uint16_t compartment = cur_u16(&c);
	uint32_t epoch = cur_u32(&c);
	int i = epoch < 2 ? -1 : grant_find(g, compartment, epoch - 1);
	if (i < 0)
		return OK;
	lock_of(&g->ck[i], transfer, g->clear.case_id, compartment, epoch, &lock);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(now.b, NULL, NULL, p + 6, ENTRY - 6, NULL, 0, nonce, lock.b) != 0)
		return ERR_CORRUPT;
	g->entry[i].epoch = epoch;
	key32_copy(&g->ck[i], &now);
	return OK;
}

static enum err take_all(struct str first, const struct key32 *holder_secret, const struct renewal_to *to, struct grant *g)
{
	KEY_TEMP transfer = { { 0 } };
	uint8_t public[32];
	const uint8_t *p = (const uint8_t *)first.p;
	key32_box_public(holder_secret, public);
	if (crypto_box_seal_open(transfer.b, p + CLEAR, BOX, public, holder_secret->b) != 0)
		return ERR_CORRUPT;
	for (size_t i = 0; i < p[5]; i++) {
		enum err e = take_entry(p + CLEAR + BOX + i * ENTRY, &transfer, g);
		if (e != OK)
			return e;
	}
	g->clear.holder_serial = to->holder_serial;
	return OK;
}

enum err renewal_take(struct str first, const struct key32 *holder_secret, const struct key32 *vault_key, struct grant *g)
{
	struct renewal_to to = { .holder_serial = 0 };
	struct str whole = STR_UNSET;
	uint8_t mac[MAC];
	enum err e;
	assert_always(g->good);
	if ((e = renewal_peek(first, &to, &whole)) != OK)
		return e;
	if (whole.n != first.n)
		return ERR_CORRUPT;
	mac_of(vault_key, (const uint8_t *)first.p, first.n - MAC, mac);
	if (sodium_memcmp(mac, first.p + first.n - MAC, MAC) != 0)
		return ERR_CORRUPT;
	if (!id_eq(to.controller, g->clear.controller) || !id_eq(to.case_id, g->clear.case_id) || !id_eq(to.holder, g->clear.holder))
		return ERR_DENIED;
	_cleanup_(grant_freep) struct grant *moved = grant_new();
	if (moved == NULL)
		return ERR_FULL;
	memcpy(moved, g, sizeof(*g));
	if ((e = take_all(first, holder_secret, &to, moved)) != OK)
		return e;
	memcpy(g, moved, sizeof(*g));
	return OK;
}

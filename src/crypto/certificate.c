/* crypto/certificate.c — AVC1: read, write, verify. */
#include "crypto/certificate.h"
#include <sodium.h>
#include <string.h>

enum { SUITE = 1, SIGNED = 184 };

static int64_t time_of(uint64_t v)
{
	return v == 0 ? INT64_MIN : (int64_t)v;
}

enum err certificate_parse(struct str bytes, struct certificate *ret)
{
	struct certificate k = { 0 };
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), flags = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, k.user.b, 16);
	k.serial = cur_u32(&c);
	k.device_policy = cur_u32(&c);
	cur_copy(&c, k.box_public, 32);
	cur_copy(&c, k.red_public, 32);
	cur_copy(&c, k.sign_public, 32);
	uint64_t before = cur_u64(&c), after = cur_u64(&c);
	k.roles = cur_u64(&c);
	for (int i = 0; i < 2; i++)
		cur_copy(&c, k.officer[i].b, 16);
	for (int i = 0; i < 2; i++)
		cur_copy(&c, k.signature[i], 64);
	if (!cur_done(&c) || !str_eq(magic, STR("AVC1")) || suite != SUITE || flags != 0 || zero != 0 || before > INT64_MAX ||
	    after > INT64_MAX || sodium_is_zero(k.red_public, 32) != 1)
		return ERR_CORRUPT;
	k.not_before.us = (int64_t)before;
	k.not_after.us = time_of(after);
	*ret = k;
	return OK;
}

void certificate_bytes(const struct certificate *k, uint8_t ret[CERTIFICATE_BYTES])
{
	struct buf b = buf_over(ret, CERTIFICATE_BYTES);
	buf_lit(&b, "AVC1");
	buf_u8(&b, SUITE);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_add(&b, k->user.b, 16);
	buf_u32(&b, k->serial);
	buf_u32(&b, k->device_policy);
	buf_add(&b, k->box_public, 32);
	buf_add(&b, k->red_public, 32);
	buf_add(&b, k->sign_public, 32);
	buf_u64(&b, instant_is_set(k->not_before) ? (uint64_t)k->not_before.us : 0);
	buf_u64(&b, instant_is_set(k->not_after) ? (uint64_t)k->not_after.us : 0);
	buf_u64(&b, k->roles);
	for (int i = 0; i < 2; i++)
		buf_add(&b, k->officer[i].b, 16);
	assert_always(b.n == SIGNED);
	for (int i = 0; i < 2; i++)
		buf_add(&b, k->signature[i], 64);
	assert_always(b.n == CERTIFICATE_BYTES && !buf_is_full(&b));
}

int certificate_signatures(const struct certificate *k, const struct trust_party *party)
{
	uint8_t bytes[CERTIFICATE_BYTES];
	int good = 0;
	if (id_eq(k->officer[0], k->officer[1]))
		return 0;
	certificate_bytes(k, bytes);
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < TRUST_OFFICERS; j++)
			if (id_eq(k->officer[i], party->officer[j]) &&
			    crypto_sign_verify_detached(k->signature[i], bytes, SIGNED, party->officer_key[j]) == 0)
				good++;
	return good;
}

enum err certificate_verify(const struct certificate *k, const struct trust *t, struct id16 controller, struct instant now)
{
	const struct trust_party *party = trust_find(t, controller);
	if (party == NULL || certificate_signatures(k, party) != 2)
		return ERR_DENIED;
	if (now.us < k->not_before.us || (instant_is_set(k->not_after) && now.us > k->not_after.us))
		return ERR_DENIED;
	return OK;
}

/* crypto/officer.c — what officers sign: certificates (AVC1) and invitations (AVI1). */
#include "crypto/officer.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"
#include <string.h>

enum { SUITE = 1, CERTIFICATE_SIGNED = 184, INVITATION_SIGNED = INVITATION_BYTES - 64, CODE_SIGNS = 16 };

enum err certificate_sign(struct certificate *k, const struct signer *officer)
{
	uint8_t bytes[CERTIFICATE_BYTES];
	int place = id_eq(k->officer[0], officer->user) ? 0 : id_eq(k->officer[1], officer->user) ? 1 : -1;
	if (place < 0 || id_eq(k->officer[0], k->officer[1]))
		return ERR_DENIED;
	if (sodium_is_zero(k->signature[place], 64) != 1)
		return ERR_EXISTS;
	certificate_bytes(k, bytes);
	signer_sign(officer, (struct str){ (const char *)bytes, CERTIFICATE_SIGNED }, k->signature[place]);
	return OK;
}

static const char signs[33] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static void code_hash(struct id16 user, const char code[CODE_SIGNS], uint8_t ret[32])
{
	struct part parts[] = { { user.b, 16 }, { code, CODE_SIGNS } };
	blake_parts(ret, 32, NULL, "avh.invite.v1", parts, COUNT_OF(parts));
}

/* Sixteen signs of the alphabet, without what people put between them. */
static bool code_read(struct str s, char ret[CODE_SIGNS])
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '\0' || strchr(signs, c) == NULL || n == CODE_SIGNS)
			return false;
		ret[n++] = c;
	}
	return n == CODE_SIGNS;
}

static void invitation_bytes(const struct invitation *i, uint8_t ret[INVITATION_BYTES])
{
	struct buf b = buf_over(ret, INVITATION_SIGNED);
	buf_lit(&b, "AVI1");
	buf_u8(&b, SUITE);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_add(&b, i->user.b, 16);
	buf_add(&b, i->controller.b, 16);
	buf_u64(&b, i->roles);
	buf_u64(&b, (uint64_t)i->expires.us);
	buf_add(&b, i->officer.b, 16);
	buf_add(&b, i->code_hash, 32);
	assert_always(b.n == INVITATION_SIGNED && !buf_is_full(&b));
}

void invitation_make(struct invitation *i, const struct signer *officer, uint8_t ret[INVITATION_BYTES], char ret_code[INVITATION_CODE])
{
	uint8_t random[CODE_SIGNS];
	char code[CODE_SIGNS];
	randombytes_buf(random, sizeof(random));
	for (size_t k = 0, at = 0; k < CODE_SIGNS; k++) {
		code[k] = signs[random[k] & 31];
		if (k > 0 && k % 4 == 0)
			ret_code[at++] = '-';
		ret_code[at++] = code[k];
	}
	i->officer = officer->user;
	code_hash(i->user, code, i->code_hash);
	invitation_bytes(i, ret);
	signer_sign(officer, (struct str){ (const char *)ret, INVITATION_SIGNED }, ret + INVITATION_SIGNED);
	sodium_memzero(code, sizeof(code));
	sodium_memzero(random, sizeof(random));
}

static enum err invitation_parse(struct str bytes, struct invitation *ret)
{
	struct invitation i = { 0 };
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), flags = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, i.user.b, 16);
	cur_copy(&c, i.controller.b, 16);
	i.roles = cur_u64(&c);
	i.expires.us = (int64_t)cur_u64(&c);
	cur_copy(&c, i.officer.b, 16);
	cur_copy(&c, i.code_hash, 32);
	if (c.bad || bytes.n != INVITATION_BYTES || !str_eq(magic, STR("AVI1")) || suite != SUITE || flags != 0 || zero != 0)
		return ERR_CORRUPT;
	*ret = i;
	return OK;
}

static bool officer_signed(const struct trust_party *party, const struct invitation *i, struct str bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	for (int j = 0; party != NULL && j < TRUST_OFFICERS; j++)
		if (id_eq(party->officer[j], i->officer))
			return crypto_sign_verify_detached(p + INVITATION_SIGNED, p, INVITATION_SIGNED, party->officer_key[j]) == 0;
	return false;
}

enum err invitation_open(struct str bytes, const struct trust *t, struct str code, struct instant now, struct invitation *ret)
{
	struct invitation i = { 0 };
	char typed[CODE_SIGNS];
	uint8_t hash[32];
	enum err e;
	if ((e = invitation_parse(bytes, &i)) != OK)
		return e;
	if (!officer_signed(trust_find(t, i.controller), &i, bytes) || now.us > i.expires.us)
		return ERR_DENIED;
	if (!code_read(code, typed))
		return ERR_LOGIN;
	code_hash(i.user, typed, hash);
	if (sodium_memcmp(hash, i.code_hash, sizeof(hash)) != 0)
		return ERR_LOGIN;
	*ret = i;
	return OK;
}

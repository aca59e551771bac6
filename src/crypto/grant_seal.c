/* crypto/grant_seal.c — AVW2: sealed to the holder and signed; AVG1: the same, accepted under the holder's own key. */
#include "crypto/bytes_i.h"
#include "crypto/grant_i.h"
#include <sodium.h>
#include <string.h>

enum { SEALED = GRANT_PLAIN + crypto_box_SEALBYTES, NONCE = 24, TAG = 16 };
_Static_assert(GRANT_CLEAR + SEALED + 64 == GRANT_WRAPPED_BYTES, "AVW2 has one size");
_Static_assert(GRANT_CLEAR + NONCE + GRANT_PLAIN + TAG == GRANT_ACCEPTED_BYTES, "AVG1 has one size");

/* What is signed: the clear part and the hash of the sealed part. */
static void signed_bytes(const uint8_t wrapped[GRANT_WRAPPED_BYTES], uint8_t ret[GRANT_CLEAR + 32])
{
	memcpy(ret, wrapped, GRANT_CLEAR);
	blake_parts(ret + GRANT_CLEAR, 32, NULL, "avh.grant.v2", &(struct part){ wrapped + GRANT_CLEAR, SEALED }, 1);
}

/* 992 bytes of keys in the open, in locked memory for the time of one call. */
static void plain_give(uint8_t **p)
{
	secret_give(*p);
}
#define PLAIN_TEMP _cleanup_(plain_give) uint8_t

void grant_wrap(const struct grant *g, const uint8_t holder_public[32], const struct signer *s, uint8_t ret[GRANT_WRAPPED_BYTES])
{
	PLAIN_TEMP *plain = secret_take(GRANT_PLAIN);
	uint8_t message[GRANT_CLEAR + 32];
	assert_always(plain != NULL && g->good);
	grant_clear_bytes(&g->clear, "AVW2", ret);
	grant_plain_bytes(g, s->user, s->serial, plain);
	assert_always(crypto_box_seal(ret + GRANT_CLEAR, plain, GRANT_PLAIN, holder_public) == 0);
	signed_bytes(ret, message);
	signer_sign(s, (struct str){ (const char *)message, sizeof(message) }, ret + GRANT_CLEAR + SEALED);
}

static enum err unwrap_to(struct str bytes, const struct key32 *holder_secret, const struct granter_lookup *who, struct grant *g)
{
	uint8_t public[32], granter_key[32], message[GRANT_CLEAR + 32];
	const uint8_t *p = (const uint8_t *)bytes.p;
	enum grant_form form;
	struct grant_clear clear = { 0 };
	enum err e;
	if ((e = grant_peek(bytes, &form, &clear)) != OK)
		return e;
	if (form != GRANT_WRAPPED)
		return ERR_CORRUPT;
	PLAIN_TEMP *plain = secret_take(GRANT_PLAIN);
	if (plain == NULL)
		return ERR_FULL;
	key32_box_public(holder_secret, public);
	if (crypto_box_seal_open(plain, p + GRANT_CLEAR, SEALED, public, holder_secret->b) != 0)
		return ERR_CORRUPT;
	grant_begin(g, &clear);
	if (!grant_plain_read(plain, g))
		return ERR_CORRUPT;
	if (who->find(who->ctx, g->granter, g->granter_serial, granter_key) != OK)
		return ERR_DENIED;
	signed_bytes(p, message);
	if (crypto_sign_verify_detached(p + GRANT_CLEAR + SEALED, message, sizeof(message), granter_key) != 0)
		return ERR_DENIED;
	return OK;
}

enum err grant_unwrap(struct str bytes, const struct key32 *holder_secret, const struct granter_lookup *who, struct grant *ret)
{
	_cleanup_(grant_freep) struct grant *g = grant_new();
	enum err e;
	if (g == NULL)
		return ERR_FULL;
	if ((e = unwrap_to(bytes, holder_secret, who, g)) != OK)
		return e;
	memcpy(ret, g, sizeof(*ret));
	return OK;
}

void grant_accept(const struct grant *g, const struct key32 *holder_secret, uint8_t ret[GRANT_ACCEPTED_BYTES])
{
	PLAIN_TEMP *plain = secret_take(GRANT_PLAIN);
	KEY_TEMP own = { { 0 } };
	assert_always(plain != NULL && g->good);
	key32_derive(holder_secret, "avh.grant.own.v1", &own);
	grant_clear_bytes(&g->clear, "AVG1", ret);
	randombytes_buf(ret + GRANT_CLEAR, NONCE);
	grant_plain_bytes(g, g->granter, g->granter_serial, plain);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret + GRANT_CLEAR + NONCE, NULL, plain, GRANT_PLAIN, ret, GRANT_CLEAR, NULL,
	                                           ret + GRANT_CLEAR, own.b);
}

static enum err open_to(struct str bytes, const struct key32 *holder_secret, struct grant *g)
{
	KEY_TEMP own = { { 0 } };
	const uint8_t *p = (const uint8_t *)bytes.p;
	enum grant_form form;
	struct grant_clear clear = { 0 };
	enum err e;
	if ((e = grant_peek(bytes, &form, &clear)) != OK)
		return e;
	if (form != GRANT_ACCEPTED)
		return ERR_CORRUPT;
	PLAIN_TEMP *plain = secret_take(GRANT_PLAIN);
	if (plain == NULL)
		return ERR_FULL;
	key32_derive(holder_secret, "avh.grant.own.v1", &own);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, p + GRANT_CLEAR + NONCE, GRANT_PLAIN + TAG, p, GRANT_CLEAR,
	                                               p + GRANT_CLEAR, own.b) != 0)
		return ERR_CORRUPT;
	grant_begin(g, &clear);
	return grant_plain_read(plain, g) ? OK : ERR_CORRUPT;
}

enum err grant_open(struct str bytes, const struct key32 *holder_secret, struct grant *ret)
{
	_cleanup_(grant_freep) struct grant *g = grant_new();
	enum err e;
	if (g == NULL)
		return ERR_FULL;
	if ((e = open_to(bytes, holder_secret, g)) != OK)
		return e;
	memcpy(ret, g, sizeof(*ret));
	return OK;
}

/* crypto/older.c — AVO1: magic 4, suite, 3 zero, n u32; then 48 bytes for each epoch 1..n.
 *
 * The key of a piece is derived from the newest epoch's key, the place and the piece's epoch; it seals one key once
 * and never again, so the nonce is zero. */
#include "crypto/older.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"
#include <string.h>

enum { SUITE = 1, HEAD = 12, PIECE = 48 };
static const uint8_t nonce[24];

size_t older_bytes(uint32_t epoch)
{
	assert_always(epoch >= 2 && epoch <= OLDER_EPOCHS_MAX);
	return HEAD + (size_t)PIECE * (epoch - 1);
}

static void head_of(uint32_t n, uint8_t ret[HEAD])
{
	struct buf b = buf_over(ret, HEAD);
	buf_lit(&b, "AVO1");
	buf_u8(&b, SUITE);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_u32(&b, n);
}

static void piece_key(const struct key32 *ck, const struct envelope_at *at, uint32_t epoch, struct key32 *ret)
{
	uint8_t place[26];
	struct buf b = buf_over(place, sizeof(place));
	buf_add(&b, at->case_id.b, 16);
	buf_u16(&b, at->compartment);
	buf_u32(&b, at->epoch);
	buf_u32(&b, epoch);
	blake_parts(ret->b, sizeof(ret->b), ck->b, "avh.older.v1", &(struct part){ place, sizeof(place) }, 1);
}

static void piece_seal(const struct key32 *ck, const struct envelope_at *at, uint32_t epoch, const struct key32 *key,
                       uint8_t *older)
{
	KEY_TEMP one = { { 0 } };
	piece_key(ck, at, epoch, &one);
	crypto_aead_xchacha20poly1305_ietf_encrypt(older + HEAD + (size_t)PIECE * (epoch - 1), NULL, key->b, sizeof(key->b),
	                                           older, HEAD, NULL, nonce, one.b);
}

enum err older_open(struct str older, const struct key32 *ck, const struct envelope_at *at, uint32_t epoch, struct key32 *ret)
{
	KEY_TEMP one = { { 0 } }, key = { { 0 } };
	uint8_t head[HEAD];
	if (at->epoch < 2 || epoch == 0 || epoch >= at->epoch)
		return ERR_DENIED;
	if (at->epoch > OLDER_EPOCHS_MAX || older.p == NULL || older.n != older_bytes(at->epoch))
		return ERR_CORRUPT;
	head_of(at->epoch - 1, head);
	if (memcmp(head, older.p, HEAD) != 0)
		return ERR_CORRUPT;
	piece_key(ck, at, epoch, &one);
	const uint8_t *piece = (const uint8_t *)older.p + HEAD + (size_t)PIECE * (epoch - 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(key.b, NULL, NULL, piece, PIECE, head, HEAD, nonce, one.b) != 0)
		return ERR_CORRUPT;
	key32_copy(ret, &key);
	return OK;
}

enum err older_next(struct str older, const struct key32 *ck, const struct envelope_at *at, const struct key32 *next, uint8_t *ret)
{
	KEY_TEMP key = { { 0 } };
	struct envelope_at then = *at;
	then.epoch++;
	if (then.epoch > OLDER_EPOCHS_MAX)
		return ERR_FULL;
	head_of(at->epoch, ret);
	for (uint32_t epoch = 1; epoch < at->epoch; epoch++) {
		enum err e = older_open(older, ck, at, epoch, &key);
		if (e != OK) {
			sodium_memzero(ret, older_bytes(then.epoch));
			return e;
		}
		piece_seal(next, &then, epoch, &key, ret);
	}
	piece_seal(next, &then, at->epoch, ck, ret);
	return OK;
}

/* crypto/log_body.c — bodies of entries, under a key of their interval that only reviewers can open afterwards.
 *
 * The body of a LOG_KEY entry, 136 bytes: "AVLK", suite, 3 zero, controller 16, the reviewers' public key 32, and
 * the interval's key in a sealed box of 80. A sealed body is nonce 24, ciphertext of the padded text, tag 16. */
#include "crypto/bytes_i.h"
#include "crypto/envelope_i.h"
#include "crypto/log_writer_i.h"
#include <string.h>

enum { KEY_BODY = 136, NONCE = 24, TAG = 16, AAD = 48 };

void log_intervals_wipe(struct log *l)
{
	for (size_t i = 0; i < LOG_KEYS; i++) {
		key32_free(l->intervals[i].key);
		l->intervals[i] = (struct interval){ 0 };
	}
}

static struct interval *interval_find(struct log *l, const struct log_seal *s, uint64_t mono_ns)
{
	for (size_t i = 0; i < LOG_KEYS; i++) {
		struct interval *v = &l->intervals[i];
		if (v->key != NULL && id_eq(v->controller, s->controller) && memcmp(v->review_key, s->review_key, 32) == 0 &&
		    v->used < LOG_INTERVAL_ENTRIES && mono_ns - v->mono_ns < LOG_INTERVAL_NS)
			return v;
	}
	return NULL;
}

/* A free place, or the one with the oldest key. */
static struct interval *interval_place(struct log *l)
{
	struct interval *oldest = &l->intervals[0];
	for (size_t i = 0; i < LOG_KEYS; i++) {
		if (l->intervals[i].key == NULL)
			return &l->intervals[i];
		if (l->intervals[i].seq < oldest->seq)
			oldest = &l->intervals[i];
	}
	key32_free(oldest->key);
	*oldest = (struct interval){ 0 };
	return oldest;
}

static enum err interval_begin(struct log *l, const struct log_new *e, struct interval **ret)
{
	uint8_t body[KEY_BODY];
	uint64_t seq = 0;
	enum err bad;
	_cleanup_(key32_freep) struct key32 *key = key32_new();
	if (key == NULL)
		return ERR_FULL;
	key32_random(key);
	struct buf b = buf_over(body, sizeof(body));
	buf_lit(&b, "AVLK");
	buf_u8(&b, 1);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_add(&b, e->seal->controller.b, 16);
	buf_add(&b, e->seal->review_key, 32);
	if (crypto_box_seal(body + b.n, key->b, 32, e->seal->review_key) != 0)
		return ERR_INVALID;
	struct log_new entry = { .class = LOG_LOG_KEY, .time_us = e->time_us, .mono_ns = e->mono_ns, .urgent = e->urgent,
		                 .clear_body = { (const char *)body, sizeof(body) } };
	if ((bad = log_append(l, &entry, &seq)) != OK)
		return bad;
	struct interval *v = interval_place(l);
	*v = (struct interval){ .controller = e->seal->controller, .key = key, .seq = seq, .mono_ns = e->mono_ns };
	memcpy(v->review_key, e->seal->review_key, 32);
	key = NULL;
	*ret = v;
	return OK;
}

enum err log_body_seal(struct log *l, const struct log_new *e, uint64_t *ret_key_seq, struct interval **ret)
{
	struct interval *v = interval_find(l, e->seal, e->mono_ns);
	enum err bad;
	if (v == NULL && (bad = interval_begin(l, e, &v)) != OK)
		return bad;
	*ret_key_seq = v->seq;
	*ret = v;
	return OK;
}

static void body_aad(const struct log_entry *e, uint8_t ret[AAD])
{
	struct buf b = buf_over(ret, AAD);
	buf_add(&b, "avh.aad.log.v1\0", 16);
	buf_u64(&b, e->seq);
	buf_u64(&b, (uint64_t)e->time_us);
	buf_u64(&b, e->key_seq);
	buf_u8(&b, (uint8_t)e->class);
	buf_u8(&b, (uint8_t)e->outcome);
	buf_u16(&b, 0);
	buf_u32(&b, 0);
	assert_always(b.n == AAD);
}

enum err log_body_encrypt(struct log *l, const struct log_entry *e, const struct interval *i, struct str plain, struct str *ret)
{
	uint8_t aad[AAD];
	size_t padded = envelope_class(plain.n);
	if (padded == 0 || NONCE + padded + TAG > LOG_BODY_MAX)
		return ERR_TOO_LARGE;
	uint8_t *out = arena_take(l->scratch, NONCE + padded + TAG);
	if (out == NULL)
		return ERR_FULL;
	randombytes_buf(out, NONCE);
	pad_to(out + NONCE, padded, plain);
	body_aad(e, aad);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, out + NONCE, padded, aad, sizeof(aad), NULL, out, i->key->b);
	*ret = (struct str){ (const char *)out, NONCE + padded + TAG };
	return OK;
}

enum err log_key_open(struct str body, const struct key32 *review_private, struct id16 *ret_controller, struct key32 *ret)
{
	struct id16 controller = { { 0 } };
	KEY_TEMP key = { { 0 } };
	uint8_t public[32];
	struct cursor c = cursor_over(body.p, body.n);
	struct str magic = cur_bytes(&c, 4);
	uint32_t suite = cur_u32(&c);
	cur_copy(&c, controller.b, 16);
	struct str to = cur_bytes(&c, 32), box = cur_bytes(&c, 80);
	if (!cur_done(&c) || !str_eq(magic, STR("AVLK")) || suite != UINT32_C(1) << 24)
		return ERR_CORRUPT;
	key32_box_public(review_private, public);
	if (memcmp(public, to.p, 32) != 0)
		return ERR_DENIED;
	if (crypto_box_seal_open(key.b, (const uint8_t *)box.p, box.n, public, review_private->b) != 0)
		return ERR_CORRUPT;
	key32_copy(ret, &key);
	*ret_controller = controller;
	return OK;
}

enum err log_body_open(struct arena *a, const struct log_entry *e, struct str body, const struct key32 *interval, struct str *ret)
{
	uint8_t aad[AAD];
	const uint8_t *p = (const uint8_t *)body.p;
	if (e->body != LOG_BODY_SEALED || body.n != e->body_n || body.n < NONCE + TAG || !pad_is_class(body.n - NONCE - TAG))
		return ERR_CORRUPT;
	size_t padded = body.n - NONCE - TAG;
	uint8_t *out = arena_take(a, padded);
	if (out == NULL)
		return ERR_FULL;
	body_aad(e, aad);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + NONCE, padded + TAG, aad, sizeof(aad), p, interval->b) != 0)
		return ERR_CORRUPT;
	size_t n = pad_length(out, padded);
	if (n == SIZE_MAX)
		return ERR_CORRUPT;
	*ret = (struct str){ (const char *)out, n };
	return OK;
}

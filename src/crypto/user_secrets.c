/* crypto/user_secrets.c — AVU1: a user's private keys behind passphrase and vault key. */
#include "crypto/user_secrets.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"
#include <sodium.h>
#include <string.h>

enum { SUITE = 1, HEAD = 128, PLAIN = 96, TAG = 16, NONCE = 24 };
_Static_assert(HEAD + PLAIN + TAG == USER_SECRETS_BYTES, "AVU1 has one size");
_Static_assert(NONCE + PLAIN + TAG == SESSION_BOX_BYTES, "a session box has one size");

struct user_secrets {
	struct key32 box, seed;
	uint8_t totp_n, totp[TOTP_SECRET_BYTES];
};

bool argon_is_weak(struct argon_cost c)
{
	return c.ops < ARGON_STRONG.ops || c.kib < ARGON_STRONG.kib;
}

struct user_secrets *user_secrets_new(void)
{
	return secret_take(sizeof(struct user_secrets));
}

void user_secrets_free(struct user_secrets *u)
{
	secret_give(u);
}

void user_secrets_freep(struct user_secrets **u)
{
	user_secrets_free(*u);
	*u = NULL;
}

void user_secrets_make(struct user_secrets *u, bool with_totp)
{
	key32_random(&u->box);
	key32_random(&u->seed);
	memset(u->totp, 0, sizeof(u->totp));
	u->totp_n = with_totp ? TOTP_SECRET_BYTES : 0;
	if (with_totp)
		randombytes_buf(u->totp, sizeof(u->totp));
}

const struct key32 *user_secrets_box(const struct user_secrets *u)
{
	return &u->box;
}

const struct key32 *user_secrets_seed(const struct user_secrets *u)
{
	return &u->seed;
}

size_t user_secrets_totp(const struct user_secrets *u, uint8_t ret[TOTP_SECRET_BYTES])
{
	memcpy(ret, u->totp, TOTP_SECRET_BYTES);
	return u->totp_n;
}

struct secrets_head secrets_head_new(enum secrets_method m, struct id16 user, uint32_t serial, struct argon_cost cost)
{
	struct secrets_head h = { .method = m, .user = user, .serial = serial };
	if (m == SECRETS_PASSPHRASE)
		h.cost = cost;
	randombytes_buf(h.salt, sizeof(h.salt));
	return h;
}

static void head_bytes(const struct secrets_head *h, const uint8_t nonce[NONCE], uint8_t ret[HEAD])
{
	static const uint8_t zero[32];
	struct buf b = buf_over(ret, HEAD);
	buf_lit(&b, "AVU1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)h->method);
	buf_u16(&b, 0);
	buf_add(&b, h->user.b, 16);
	buf_u32(&b, h->serial);
	buf_u32(&b, h->cost.ops);
	buf_u32(&b, h->cost.kib);
	buf_u32(&b, 0);
	buf_add(&b, h->salt, sizeof(h->salt));
	buf_add(&b, zero, sizeof(zero));
	buf_add(&b, nonce, NONCE);
	assert_always(b.n == HEAD && !buf_is_full(&b));
}

static bool cost_is_sane(const struct secrets_head *h)
{
	if (h->method == SECRETS_CANARY)
		return h->cost.ops == 0 && h->cost.kib == 0;
	return h->method == SECRETS_PASSPHRASE && h->cost.ops >= 1 && h->cost.ops <= 10 && h->cost.kib >= 8 &&
	       h->cost.kib <= 1024 * 1024;
}

enum err secrets_head_parse(struct str bytes, struct secrets_head *ret)
{
	struct secrets_head h = { 0 };
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), method = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, h.user.b, 16);
	h.serial = cur_u32(&c);
	h.cost.ops = cur_u32(&c);
	h.cost.kib = cur_u32(&c);
	uint32_t pepper = cur_u32(&c);
	cur_copy(&c, h.salt, sizeof(h.salt));
	struct str credential = cur_bytes(&c, 32);
	if (c.bad || bytes.n != USER_SECRETS_BYTES || !str_eq(magic, STR("AVU1")) || suite != SUITE || zero != 0 || pepper != 0 ||
	    sodium_is_zero((const uint8_t *)credential.p, credential.n) != 1)
		return ERR_CORRUPT;
	if (method != SECRETS_PASSPHRASE && method != SECRETS_CANARY)
		return ERR_CORRUPT;
	h.method = (enum secrets_method)method;
	if (!cost_is_sane(&h))
		return ERR_CORRUPT;
	*ret = h;
	return OK;
}

enum err user_kek(const struct secrets_head *h, struct str passphrase, const struct key32 *vault_key, struct key32 *ret)
{
	KEY_TEMP stretched = { { 0 } };
	KEY_TEMP out = { { 0 } };
	uint8_t who[20];
	struct buf b = buf_over(who, sizeof(who));
	buf_add(&b, h->user.b, 16);
	buf_u32(&b, h->serial);
	const char *personal = "avh.kek.pass.v1";
	if (h->method == SECRETS_CANARY) {
		personal = "avh.kek.can.v1";
		key32_copy(&stretched, vault_key);
	} else {
		if (!cost_is_sane(h) || passphrase.n > PASSPHRASE_MAX)
			return ERR_INVALID;
		/* libsodium's Argon2id takes 16 bytes of salt: the first half. The whole salt is bound as associated data. */
		if (crypto_pwhash(stretched.b, sizeof(stretched.b), passphrase.p == NULL ? "" : passphrase.p, passphrase.n,
		                  h->salt, h->cost.ops, (size_t)h->cost.kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
			return ERR_BUSY;
	}
	struct part parts[] = { { who, sizeof(who) }, { vault_key->b, 32 } };
	blake_parts(out.b, 32, stretched.b, personal, parts, COUNT_OF(parts));
	key32_copy(ret, &out);
	return OK;
}

static void plain_bytes(const struct user_secrets *u, uint8_t ret[PLAIN])
{
	struct buf b = buf_over(ret, PLAIN);
	memset(ret, 0, PLAIN);
	buf_add(&b, u->box.b, 32);
	buf_add(&b, u->seed.b, 32);
	buf_u8(&b, u->totp_n);
	buf_add(&b, u->totp, sizeof(u->totp));
	assert_always(!buf_is_full(&b));
}

static bool plain_read(uint8_t p[PLAIN], struct user_secrets *ret)
{
	if ((p[64] != 0 && p[64] != TOTP_SECRET_BYTES) || sodium_is_zero(p + 85, 11) != 1)
		return false;
	key32_take(&ret->box, p);
	key32_take(&ret->seed, p + 32);
	ret->totp_n = p[64];
	memcpy(ret->totp, p + 65, sizeof(ret->totp));
	return true;
}

void user_secrets_seal(const struct user_secrets *u, const struct secrets_head *h, const struct key32 *kek, uint8_t ret[USER_SECRETS_BYTES])
{
	uint8_t nonce[NONCE], plain[PLAIN];
	randombytes_buf(nonce, sizeof(nonce));
	head_bytes(h, nonce, ret);
	plain_bytes(u, plain);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret + HEAD, NULL, plain, PLAIN, ret, HEAD, NULL, nonce, kek->b);
	sodium_memzero(plain, sizeof(plain));
}

enum err user_secrets_open(struct str bytes, const struct key32 *kek, struct user_secrets *ret)
{
	struct secrets_head h = { 0 };
	uint8_t plain[PLAIN];
	enum err e;
	if ((e = secrets_head_parse(bytes, &h)) != OK)
		return e;
	const uint8_t *p = (const uint8_t *)bytes.p;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, p + HEAD, PLAIN + TAG, p, HEAD, p + HEAD - NONCE, kek->b) != 0)
		return ERR_LOGIN;
	bool good = plain_read(plain, ret);
	sodium_memzero(plain, sizeof(plain));
	return good ? OK : ERR_CORRUPT;
}

static void session_key(const struct key32 *vault_key, const uint8_t cookie[32], struct id16 session, struct key32 *ret)
{
	struct part parts[] = { { cookie, 32 }, { session.b, 16 } };
	blake_parts(ret->b, 32, vault_key->b, "avh.session.v1", parts, COUNT_OF(parts));
}

void session_box_seal(const struct user_secrets *u, const struct key32 *vault_key, const uint8_t cookie[32],
                      struct id16 session, uint8_t ret[SESSION_BOX_BYTES])
{
	KEY_TEMP k = { { 0 } };
	uint8_t plain[PLAIN];
	session_key(vault_key, cookie, session, &k);
	plain_bytes(u, plain);
	randombytes_buf(ret, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE, NULL, plain, PLAIN, session.b, 16, NULL, ret, k.b);
	sodium_memzero(plain, sizeof(plain));
}

enum err session_box_open(const uint8_t box[SESSION_BOX_BYTES], const struct key32 *vault_key, const uint8_t cookie[32],
                          struct id16 session, struct user_secrets *ret)
{
	KEY_TEMP k = { { 0 } };
	uint8_t plain[PLAIN];
	session_key(vault_key, cookie, session, &k);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box + NONCE, PLAIN + TAG, session.b, 16, box, k.b) != 0)
		return ERR_NO_SESSION;
	bool good = plain_read(plain, ret);
	sodium_memzero(plain, sizeof(plain));
	return good ? OK : ERR_NO_SESSION;
}

void login_name_hmac(const struct key32 *vault_key, struct str name, uint8_t ret[32])
{
	key32_hmac(vault_key, "avh.login.v1", name, ret);
}

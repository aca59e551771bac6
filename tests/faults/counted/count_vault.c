/* tests/faults/counted/count_vault.c — what the vault does: messages and their bytes, envelopes, asymmetric operations,
 * entries of the log. */
#include "counts.h"
#include "crypto/log_writer.h"
#include "vault/line.h"
#include <sodium.h>

#define ASYMMETRIC(name, parameters, arguments)   \
	int __real_##name parameters;             \
	int __wrap_##name parameters;             \
	int __wrap_##name parameters              \
	{                                         \
		COUNT(asymmetric, 1);             \
		return __real_##name arguments;   \
	}
typedef unsigned char u8;
typedef unsigned long long u64;
ASYMMETRIC(crypto_box_seal, (u8 *c, const u8 *m, u64 n, const u8 *pk), (c, m, n, pk))
ASYMMETRIC(crypto_box_seal_open, (u8 *m, const u8 *c, u64 n, const u8 *pk, const u8 *sk), (m, c, n, pk, sk))
ASYMMETRIC(crypto_box_keypair, (u8 *pk, u8 *sk), (pk, sk))
ASYMMETRIC(crypto_box_seed_keypair, (u8 *pk, u8 *sk, const u8 *seed), (pk, sk, seed))
ASYMMETRIC(crypto_sign_detached, (u8 *s, u64 *sn, const u8 *m, u64 n, const u8 *sk), (s, sn, m, n, sk))
ASYMMETRIC(crypto_sign_verify_detached, (const u8 *s, const u8 *m, u64 n, const u8 *pk), (s, m, n, pk))
ASYMMETRIC(crypto_sign_seed_keypair, (u8 *pk, u8 *sk, const u8 *seed), (pk, sk, seed))
ASYMMETRIC(crypto_scalarmult_base, (u8 *q, const u8 *n), (q, n))

int __real_crypto_aead_xchacha20poly1305_ietf_encrypt(u8 *c, u64 *cn, const u8 *m, u64 n, const u8 *ad, u64 adn, const u8 *ns, const u8 *np, const u8 *k);
int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt(u8 *c, u64 *cn, const u8 *m, u64 n, const u8 *ad, u64 adn, const u8 *ns, const u8 *np, const u8 *k);
int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt(u8 *c, u64 *cn, const u8 *m, u64 n, const u8 *ad, u64 adn, const u8 *ns, const u8 *np, const u8 *k)
{
	COUNT(aead_seal, 1);
	return __real_crypto_aead_xchacha20poly1305_ietf_encrypt(c, cn, m, n, ad, adn, ns, np, k);
}

int __real_crypto_aead_xchacha20poly1305_ietf_decrypt(u8 *m, u64 *mn, u8 *ns, const u8 *c, u64 n, const u8 *ad, u64 adn, const u8 *np, const u8 *k);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(u8 *m, u64 *mn, u8 *ns, const u8 *c, u64 n, const u8 *ad, u64 adn, const u8 *np, const u8 *k);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(u8 *m, u64 *mn, u8 *ns, const u8 *c, u64 n, const u8 *ad, u64 adn, const u8 *np, const u8 *k)
{
	COUNT(aead_open, 1);
	return __real_crypto_aead_xchacha20poly1305_ietf_decrypt(m, mn, ns, c, n, ad, adn, np, k);
}

bool __real_line_next(struct line *l, struct line_message *ret);
bool __wrap_line_next(struct line *l, struct line_message *ret);
bool __wrap_line_next(struct line *l, struct line_message *ret)
{
	if (!__real_line_next(l, ret))
		return false;
	COUNT(messages, 1);
	COUNT(bytes_in, ret->bytes.n);
	return true;
}

bool __real_line_send(struct line *l, uint32_t number, unsigned type, struct str bytes);
bool __wrap_line_send(struct line *l, uint32_t number, unsigned type, struct str bytes);
bool __wrap_line_send(struct line *l, uint32_t number, unsigned type, struct str bytes)
{
	COUNT(bytes_out, bytes.n);
	return __real_line_send(l, number, type, bytes);
}

enum err __real_log_append(struct log *l, const struct log_new *e, uint64_t *ret_seq);
enum err __wrap_log_append(struct log *l, const struct log_new *e, uint64_t *ret_seq);
enum err __wrap_log_append(struct log *l, const struct log_new *e, uint64_t *ret_seq)
{
	COUNT(log_entries, 1);
	return __real_log_append(l, e, ret_seq);
}

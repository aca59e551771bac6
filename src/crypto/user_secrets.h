/* crypto/user_secrets.h — AVU1: a user's private keys behind passphrase and vault key.
 *
 * Runs in: vault.   Depends on: crypto/secret.h.   Never: keeps a passphrase.
 *
 * The slow half (user_kek) needs no session and may run in another thread.
 *
 * Invariants
 *   P1  an AVU1 without keys/vault.key opens with no passphrase. */
#pragma once
#include "crypto/secret.h"

#define USER_SECRETS_BYTES 240
#define TOTP_SECRET_BYTES 20
#define PASSPHRASE_MAX 1024

/* Cost of Argon2id. */
struct argon_cost { uint32_t ops, kib; };
#define ARGON_STRONG ((struct argon_cost){ 3, 128 * 1024 })
#define ARGON_DEMO ((struct argon_cost){ 2, 19 * 1024 })
bool argon_is_weak(struct argon_cost c); /* below ARGON_STRONG: serve refuses it outside a demo directory */

enum secrets_method { SECRETS_PASSPHRASE = 2, SECRETS_CANARY = 5 };

/* Clear head of an AVU1, plain values. */
struct secrets_head {
	enum secrets_method method;
	struct id16 user;
	uint32_t serial;
	struct argon_cost cost; /* zero for a canary */
	uint8_t salt[32];
};

struct user_secrets;
struct user_secrets *user_secrets_new(void);
void user_secrets_free(struct user_secrets *u);
void user_secrets_freep(struct user_secrets **u);
/* Fresh key pairs, and a TOTP secret when asked for. */
void user_secrets_make(struct user_secrets *u, bool with_totp);
const struct key32 *user_secrets_box(const struct user_secrets *u);  /* X25519 private key */
const struct key32 *user_secrets_seed(const struct user_secrets *u); /* Ed25519 seed */
/* 0 or TOTP_SECRET_BYTES bytes. */
size_t user_secrets_totp(const struct user_secrets *u, uint8_t ret[TOTP_SECRET_BYTES]);

/* A head for a new blob, with a fresh salt. cost is ignored for a canary. */
struct secrets_head secrets_head_new(enum secrets_method m, struct id16 user, uint32_t serial, struct argon_cost cost);
/* ERR_CORRUPT: length, magic, suite, method, reserved bytes, or a cost above 10 passes or 1 GiB. */
MUST enum err secrets_head_parse(struct str bytes, struct secrets_head *ret);
/* KEK = BLAKE2b-256(key = argon2id(passphrase), user ‖ serial ‖ vault key). Slow: this is where Argon2id runs.
 * ERR_BUSY when its memory cannot be had. The passphrase is unset for a canary. */
MUST enum err user_kek(const struct secrets_head *h, struct str passphrase, const struct key32 *vault_key, struct key32 *ret);
void user_secrets_seal(const struct user_secrets *u, const struct secrets_head *h, const struct key32 *kek,
                       uint8_t ret[USER_SECRETS_BYTES]);
/* ERR_LOGIN: does not open (wrong passphrase, wrong vault key or altered: nobody can tell which). ERR_CORRUPT: not an
 * AVU1. */
MUST enum err user_secrets_open(struct str bytes, const struct key32 *kek, struct user_secrets *ret);

/* A session's secrets between requests: under BLAKE2b-256(key = vault key, cookie ‖ session). Memory only. */
#define SESSION_BOX_BYTES 136
void session_box_seal(const struct user_secrets *u, const struct key32 *vault_key, const uint8_t cookie[32],
                      struct id16 session, uint8_t ret[SESSION_BOX_BYTES]);
/* ERR_NO_SESSION when the cookie is not the one. */
MUST enum err session_box_open(const uint8_t box[SESSION_BOX_BYTES], const struct key32 *vault_key,
                               const uint8_t cookie[32], struct id16 session, struct user_secrets *ret);

/* HMAC of a login name under the vault key. The caller has folded the name to lower case. */
void login_name_hmac(const struct key32 *vault_key, struct str name, uint8_t ret[32]);

/* crypto/key_files.h — the vault's own keys on disk: keys/vault.key, keys/log.key, keys/shred.key, keys/trust.
 *
 * Runs in: vault.   Depends on: crypto/secret.h, crypto/trust.h.   Never: follows a link, overwrites a key.
 *
 * Every write is durable: a new name, fsync, rename, fsync of the directory. */
#pragma once
#include "crypto/files.h"
#include "crypto/secret.h"
#include "crypto/trust.h"

enum key_file { KEY_FILE_VAULT = 1, KEY_FILE_LOG = 2, KEY_FILE_SHRED = 3 };
#define KEY_FILE_BYTES 56

/* Name inside keys/. */
const char *key_file_name(enum key_file f);
/* Makes a random key and its file. ERR_EXISTS when there is one. */
MUST enum err key_file_make(int keys_fd, enum key_file f, struct key32 *ret);
/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
MUST enum err key_file_read(int keys_fd, enum key_file f, struct key32 *ret);
/* ERR_EXISTS when there is a trust already. */
MUST enum err trust_file_write(int keys_fd, struct str text);
/* ERR_NOT_FOUND: a fresh directory. */
MUST enum err trust_file_read(struct arena *a, int keys_fd, struct str *ret_text, struct trust *ret);

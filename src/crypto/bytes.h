/* crypto/bytes.h — hashes without a key, equal in constant time, randomness.
 *
 * Runs in: every process.   Depends on: base, libsodium.   Never: holds a key.
 *
 * The domain strings (`personal`) are at most 16 bytes and keep two uses of BLAKE2b apart. */
#pragma once
#include "base/base.h"

/* Once at the start of a process, before anything else of crypto. */
MUST enum err crypto_start(void);

void bytes_sha256(struct str s, uint8_t ret[32]);
void bytes_blake16(const char *personal, struct str s, uint8_t ret[16]);
void bytes_blake32(const char *personal, struct str s, uint8_t ret[32]);
/* Takes the same time wherever the difference stands. */
bool bytes_equal(const void *a, const void *b, size_t n);
bool bytes_are_zero(const void *p, size_t n);
/* Overwrites in a way the compiler may not leave out. */
void bytes_wipe(void *p, size_t n);
void bytes_random(void *p, size_t n);
struct id16 bytes_random_id(void);

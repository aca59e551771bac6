/* crypto/bytes_i.h — BLAKE2b over several pieces; the room's own.
 *
 * Runs in: every process.   Depends on: base.   Never: included outside crypto. */
#pragma once
#include "base/base.h"

struct part { const void *p; size_t n; };
/* key: 32 bytes or NULL. personal: at most 16 bytes, filled with zeros. */
void blake_parts(uint8_t *out, size_t out_n, const uint8_t *key, const char *personal, const struct part *parts, size_t n);

/* core/digest.h — BLAKE2b-256 (RFC 7693) of a document, so that two dossiers can sign the same words.
 *
 * Runs in: web, verbs.   Depends on: tables.   Never: holds a key or state. Private to core. A second way to the same
 * number is libsodium's crypto_generichash; a test compares. */
#pragma once
#include "tables/tables.h"

struct hash32 digest_of(const void *p, size_t n);

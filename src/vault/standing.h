/* vault/standing.h — the public keys of the standing dossiers, as the vault itself made them (keys/standing).
 *
 * Runs in: vault.   Depends on: crypto/key_files.h.   Never: takes a key from the database's word.
 *
 * web gives the desk's and the review dossier's public keys from the database; whoever can write there could put a
 * key of his own. So the vault keeps those it made, and refuses others.
 *
 * Invariants
 *   D1  a key once written for (dossier, epoch) is never replaced. */
#pragma once
#include "crypto/key_files.h"

#define STANDING_KEYS_MAX (TRUST_CONTROLLERS * 4u * 4u)
struct standing_key { struct id16 dossier; uint32_t epoch; uint8_t key[32]; };

struct standing;
/* Reads the file; a missing one is an empty list. ERR_CORRUPT, ERR_IO. */
MUST enum err standing_open(struct arena *boot, int keys_fd, struct standing **ret);
/* Adds and writes the file; on disk when it returns. ERR_EXISTS, ERR_FULL, ERR_IO. */
MUST enum err standing_add(struct standing *s, const struct standing_key *key);
/* The newest epoch's key. ERR_NOT_FOUND. */
MUST enum err standing_newest(const struct standing *s, struct id16 dossier, struct standing_key *ret);
bool standing_is(const struct standing *s, struct id16 dossier, const uint8_t key[32]);

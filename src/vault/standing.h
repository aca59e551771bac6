/* vault/standing.h — the public keys of the standing dossiers, as the vault itself made them (keys/standing).
 *
 * Runs in: vault.   Depends on: crypto/key_files.h.   Never: takes a key from the database's word.
 *
 * web gives the desk's and the review dossier's public keys from the database, each with its proof that the vault made
 * it. The file says besides which is the newest, so that nobody who writes the database can go back to a key that
 * somebody who has left still knows.
 *
 * Invariants
 *   D1  a dossier has one key here, the newest; only a newer epoch takes its place (during init and restore: any).
 *   D2  nothing stands here that the vault has not made. */
#pragma once
#include "crypto/key_files.h"
#include "crypto/older.h"

#define STANDING_KEYS_MAX (TRUST_CONTROLLERS * 4u)
struct standing_key { struct id16 dossier; uint32_t epoch; uint8_t key[32]; };

struct standing;
/* Reads the file; a missing one is an empty list. ERR_CORRUPT, ERR_IO. */
MUST enum err standing_open(struct arena *boot, int keys_fd, struct standing **ret);
/* Takes a key and writes the file when it is new; on disk when it returns. ERR_CONFLICT: an older epoch than the one
 * it has (unless `back`). ERR_DENIED: another key of the same epoch. ERR_FULL, ERR_IO. */
MUST enum err standing_take(struct standing *s, const struct standing_key *key, bool back);
/* The sealed keys of a dossier's older epochs (AVO1), in memory alone: whoever holds the newest key opens them.
 * Too long ones are not kept. */
void standing_keep_older(struct standing *s, struct id16 dossier, uint32_t epoch, struct str older);
/* Those under the key of this epoch, or unset. */
struct str standing_older(const struct standing *s, struct id16 dossier, uint32_t epoch);
/* The newest epoch's key. ERR_NOT_FOUND. */
MUST enum err standing_newest(const struct standing *s, struct id16 dossier, struct standing_key *ret);

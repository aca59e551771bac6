/* crypto/shred.h — shred/keys: one small key a case, whose destruction destroys the case everywhere.
 *
 * Runs in: vault.   Depends on: crypto/secret.h.   Never: goes into an ordinary backup.
 *
 * 64-byte slots: case check 16, sealed key 32, tag 16; nonce = generation ‖ slot number. Slot 0 is the head of the
 * file. A slot is written once a generation, so no nonce is used twice. The head also holds the month in which the
 * file was last written anew, as the caller counts months (0: unknown, by a program that did not write it).
 *
 * Invariants
 *   H1  shred_add returns after the slot is on disk.
 *   H2  after shred_destroy the old 64 bytes are nowhere in the file; after shred_renew in no generation. */
#pragma once
#include "crypto/secret.h"

struct shred;
/* Opens shred/keys, making it in `month` when the directory is empty and that is not 0. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO.
 * The file key is only used, not kept by pointer: it is copied. */
MUST enum err shred_open(int shred_fd, const struct key32 *file_key, uint32_t month, struct shred **ret);
void shred_close(struct shred *s);
void shred_closep(struct shred **s);
/* A fresh shred key for a case in a random free slot. */
MUST enum err shred_add(struct shred *s, struct id16 case_id, uint32_t *ret_slot, struct key32 *ret);
/* ERR_NOT_FOUND: no key of this case there (destroyed, or another case's). */
MUST enum err shred_read(const struct shred *s, uint32_t slot, struct id16 case_id, struct key32 *ret);
/* Overwrites with random bytes, on disk when it returns. ERR_NOT_FOUND as above. */
MUST enum err shred_destroy(struct shred *s, uint32_t slot, struct id16 case_id);
/* Writes a new generation: keys that open keep their slots, all else becomes free; the old file is overwritten. */
MUST enum err shred_renew(struct shred *s, uint32_t month);
uint32_t shred_month(const struct shred *s);
/* The generation, and how many slots are in use. */
void shred_stand(const struct shred *s, uint64_t *ret_generation, size_t *ret_used, size_t *ret_slots);

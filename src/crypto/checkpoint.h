/* crypto/checkpoint.h — C2SP tlog-checkpoint: size and root of the log as a signed note.
 *
 * Runs in: every process.   Depends on: crypto/tree.h.   Never: signs (crypto/log_writer.h does).
 *
 *     avstamp/3f2a91bc0d4e5f60/log
 *     1234
 *     <base64 of the root>
 *
 *     — avstamp/3f2a91bc0d4e5f60/log <base64 of key id ‖ Ed25519 signature>
 */
#pragma once
#include "crypto/tree.h"

#define CHECKPOINT_ORIGIN_MAX 128
#define CHECKPOINT_NOTE_MAX 1024

struct checkpoint {
	char origin[CHECKPOINT_ORIGIN_MAX]; /* zero-terminated */
	uint64_t size;
	struct tree_hash root;
};
/* `avstamp/<first 16 hex digits of the trust fingerprint>/log` (`node` 0) or `.../log/<node>`. */
void checkpoint_origin(const uint8_t fingerprint[32], uint16_t node, char ret[CHECKPOINT_ORIGIN_MAX]);
/* First four bytes of SHA-256(name ‖ 0A ‖ 01 ‖ key), as signed notes name a key. */
uint32_t checkpoint_key_id(const char *name, const uint8_t key[32]);
/* The text that is signed, without signature lines. */
struct str checkpoint_body(struct arena *a, const struct checkpoint *c);
/* The whole note from body and signature. */
struct str checkpoint_note(struct arena *a, const struct checkpoint *c, const uint8_t key[32], const uint8_t signature[64]);
/* Reads exactly one note. ERR_INVALID: not a checkpoint. ERR_CORRUPT: no signature line of `name` and `key` that
 * verifies. Further signature lines (cosignatures) are let be. */
MUST enum err checkpoint_open(struct str note, const char *name, const uint8_t key[32], struct checkpoint *ret);
/* A signed note of any text: *ret_text is what was signed. ERR_INVALID, ERR_CORRUPT as above. */
MUST enum err note_open(struct str note, const char *name, const uint8_t key[32], struct str *ret_text);
/* Reads size, root and origin without trusting them. */
MUST enum err checkpoint_parse(struct str note, struct checkpoint *ret);

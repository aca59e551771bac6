/* crypto/stream_proof.c — BLAKE2b under a key derived from the vault key, over place and deposit key. */
#include "crypto/stream_proof.h"
#include "crypto/bytes_i.h"
#include "crypto/secret_i.h"

void stream_proof(const struct key32 *vault_key, const struct envelope_at *at, const uint8_t deposit_key[32],
                  uint8_t ret[STREAM_PROOF_BYTES])
{
	KEY_TEMP sub = { { 0 } };
	uint8_t place[38];
	struct buf b = buf_over(place, sizeof(place));
	buf_add(&b, at->controller.b, 16);
	buf_add(&b, at->case_id.b, 16);
	buf_u16(&b, at->compartment);
	buf_u32(&b, at->epoch);
	assert_always(b.n == sizeof(place));
	key32_derive(vault_key, "avh.stream.mac", &sub);
	struct part parts[] = { { place, sizeof(place) }, { deposit_key, 32 } };
	blake_parts(ret, STREAM_PROOF_BYTES, sub.b, "avh.stream.mac", parts, COUNT_OF(parts));
}

bool stream_proof_good(const struct key32 *vault_key, const struct envelope_at *at, const uint8_t deposit_key[32],
                       const uint8_t proof[STREAM_PROOF_BYTES])
{
	uint8_t right[STREAM_PROOF_BYTES];
	stream_proof(vault_key, at, deposit_key, right);
	return sodium_memcmp(right, proof, sizeof(right)) == 0;
}

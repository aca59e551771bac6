/* crypto/envelope_i.h — the inside of a stream key and the padding; only files of crypto may see it.
 *
 * Runs in: vault.   Depends on: crypto/envelope.h.   Never: included outside crypto. */
#pragma once
#include "crypto/envelope.h"
#include "crypto/secret_i.h"

enum { KIND_RECORD = 1, KIND_OWN = 4 };

struct stream_key {
	struct key32 dk, deposit_seed;
	uint8_t id[16];
	uint8_t kind;
	struct id16 controller, case_id;
	uint16_t compartment;
	uint32_t epoch;
};

/* Copies `plain` into `out` (`padded` bytes, a class) with 80 00 .. behind it. */
void pad_to(uint8_t *out, size_t padded, struct str plain);
/* Length without padding; SIZE_MAX when there is none. */
size_t pad_length(const uint8_t *p, size_t padded);
bool pad_is_class(size_t n);

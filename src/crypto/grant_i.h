/* crypto/grant_i.h — the inside of a grant; only files of crypto may see it.
 *
 * Runs in: vault.   Depends on: crypto/grant.h.   Never: included outside crypto. */
#pragma once
#include "crypto/envelope_i.h"
#include "crypto/grant.h"

#define GRANT_PLAIN 992
#define GRANT_CLEAR 72
#define GRANT_ENTRY 60

struct grant {
	struct grant_clear clear;
	struct id16 granter;
	uint32_t granter_serial;
	size_t n;
	struct grant_entry entry[GRANT_ENTRIES];
	struct key32 ck[GRANT_ENTRIES];
	bool good; /* made here or verified: G1 */
};
_Static_assert(sizeof(struct grant) <= SECRET_MAX, "a grant lives in one slot");

void grant_clear_bytes(const struct grant_clear *c, const char magic[4], uint8_t ret[GRANT_CLEAR]);
void grant_plain_bytes(const struct grant *g, struct id16 granter, uint32_t serial, uint8_t ret[GRANT_PLAIN]);
/* Wipes what it has read. False when malformed. */
bool grant_plain_read(uint8_t plain[GRANT_PLAIN], struct grant *ret);

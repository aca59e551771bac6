/* base/id.h — random 128-bit names of things, and their two spellings.
 *
 * Runs in: every process.   Depends on: base/str.h.   Never: makes randomness (ids come in as values).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <string.h>

/* Distinct types, so that two ids cannot be swapped unseen. */
struct id16 { uint8_t b[16]; };
struct case_id { struct id16 id; };
struct user_id { struct id16 id; };

#define ID_HEX 32
static inline bool id_eq(struct id16 a, struct id16 b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}
static inline bool id_is_zero(struct id16 a)
{
	return id_eq(a, (struct id16){ { 0 } });
}
int id_cmp(struct id16 a, struct id16 b);
/* 32 lower-case hex digits into out (no zero byte). */
void id_hex(struct id16 a, char out[ID_HEX]);
struct str id_str(struct arena *a, struct id16 id);
/* ERR_INVALID unless exactly 32 hex digits. */
MUST enum err id_parse(struct str s, struct id16 *ret);

/* The code staff say aloud: K- and 5 of BCDFGHJKLMNPQRSTVWXZ23456789, from the first 32 bits of the case id
 * modulo 28^5 (DECISIONS 35). */
#define CASE_CODE_LEN 7
void case_code(struct id16 case_id, char out[CASE_CODE_LEN]);
struct str case_code_str(struct arena *a, struct id16 case_id);
/* Reads a code as people write it (k-4f7hb, "4F7HB"); on OK *ret is the number 0..28^5-1. */
MUST enum err case_code_parse(struct str s, uint32_t *ret);
uint32_t case_code_number(struct id16 case_id);

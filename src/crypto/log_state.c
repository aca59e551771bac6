/* crypto/log_state.c — log/state as bytes: AVLT. */
#include "crypto/log_state.h"
#include "crypto/bytes.h"
#include <string.h>

struct str log_state_bytes(struct arena *a, const struct log_state *s)
{
	struct buf b = buf_new(a, LOG_STATE_MAX);
	uint8_t hash[32];
	buf_lit(&b, "AVLT");
	buf_u8(&b, 1);
	buf_u8(&b, 0);
	buf_u16(&b, (uint16_t)s->n_intents);
	buf_u64(&b, s->tree.size);
	buf_u32(&b, s->segment);
	buf_u32(&b, 0);
	buf_u64(&b, s->offset);
	buf_u64(&b, (uint64_t)s->time_us);
	for (unsigned i = 0; i < 64; i++)
		if ((s->tree.size >> i & 1) != 0)
			buf_add(&b, s->tree.peak[i].b, 32);
	for (size_t i = 0; i < s->n_intents; i++)
		buf_u64(&b, s->intents[i]);
	bytes_blake32("avh.log.state.v1", buf_view(&b), hash);
	buf_add(&b, hash, sizeof(hash));
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

static bool hash_holds(struct str bytes)
{
	uint8_t hash[32];
	if (bytes.n < 32)
		return false;
	bytes_blake32("avh.log.state.v1", str_cut(bytes, 0, bytes.n - 32), hash);
	return memcmp(hash, bytes.p + bytes.n - 32, 32) == 0;
}

enum err log_state_parse(struct arena *a, struct str bytes, struct log_state *ret)
{
	struct log_state s = { 0 };
	if (!hash_holds(bytes))
		return ERR_CORRUPT;
	struct cursor c = cursor_over(bytes.p, bytes.n - 32);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), zero = cur_u8(&c);
	s.n_intents = cur_u16(&c);
	s.tree.size = cur_u64(&c);
	s.segment = cur_u32(&c);
	uint32_t zeros = cur_u32(&c);
	s.offset = cur_u64(&c);
	s.time_us = (int64_t)cur_u64(&c);
	for (unsigned i = 0; i < 64; i++)
		if ((s.tree.size >> i & 1) != 0)
			cur_copy(&c, s.tree.peak[i].b, 32);
	if (c.bad || !str_eq(magic, STR("AVLT")) || suite != 1 || zero != 0 || zeros != 0 || s.n_intents > LOG_INTENTS_MAX)
		return ERR_CORRUPT;
	uint64_t *intents = ARENA_ARRAY(a, uint64_t, s.n_intents + 1);
	if (intents == NULL)
		return ERR_FULL;
	for (size_t i = 0; i < s.n_intents; i++)
		intents[i] = cur_u64(&c);
	if (!cur_done(&c))
		return ERR_CORRUPT;
	s.intents = intents;
	*ret = s;
	return OK;
}

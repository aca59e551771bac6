/* crypto/log_state.h — log/state: where the log stood at its newest checkpoint, so that a start need not read it all.
 *
 * Runs in: vault, verbs.   Depends on: crypto/tree.h.   Never: believed by itself — its root must be the checkpoint's,
 * and whoever finds it missing or damaged reads the whole log instead. */
#pragma once
#include "crypto/tree.h"

#define LOG_INTENTS_MAX 4096
#define LOG_STATE_MAX (128 + 64 * 32 + LOG_INTENTS_MAX * 8)
#define LOG_STATE_NAME "state"

struct log_state {
	struct tree tree;
	uint32_t segment;   /* place of the record that follows */
	uint64_t offset;
	int64_t time_us;    /* of the newest entry */
	const uint64_t *intents; /* open ones, oldest first */
	size_t n_intents;
};
/* Bytes, unset when the arena is full. */
struct str log_state_bytes(struct arena *a, const struct log_state *s);
/* ERR_CORRUPT. intents live in `a`. */
MUST enum err log_state_parse(struct arena *a, struct str bytes, struct log_state *ret);

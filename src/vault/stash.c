/* vault/stash.c — lists of keys to wipe at the end of the round. */
#include "vault/stash.h"

#define MOST 8192u

struct stash {
	size_t n_stream, n_plain;
	struct stream_key *stream[MOST];
	struct key32 *plain[MOST];
};

enum err stash_new(struct stash **ret)
{
	static struct stash one;
	*ret = &one;
	return OK;
}

struct stream_key *stash_stream_key(struct stash *s)
{
	if (s->n_stream == MOST) return NULL;
	struct stream_key *k = stream_key_new();
	if (k != NULL) s->stream[s->n_stream++] = k;
	return k;
}

struct key32 *stash_key(struct stash *s)
{
	if (s->n_plain == MOST) return NULL;
	struct key32 *k = key32_new();
	if (k != NULL) s->plain[s->n_plain++] = k;
	return k;
}

void stash_empty(struct stash *s)
{
	while (s->n_stream > 0) stream_key_free(s->stream[--s->n_stream]);
	while (s->n_plain > 0) key32_free(s->plain[--s->n_plain]);
}

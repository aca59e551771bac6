/* vault/standing.c — keys/standing: magic, then 52 bytes a dossier, then a hash of it all. */
#include "vault/standing.h"
#include "crypto/bytes.h"
#include <string.h>

#define NAME "standing"
#define MAGIC "AVS1"
#define ONE 52u
#define HASH 32u

/* Untouched pages cost nothing; few dossiers ever have a second epoch. */
static struct older { struct id16 dossier; uint32_t epoch; size_t n; uint8_t bytes[OLDER_BYTES_MAX]; } older[STANDING_KEYS_MAX];

struct standing {
	int keys_fd;
	size_t n;
	struct standing_key keys[STANDING_KEYS_MAX];
};

static void hash_of(const char *p, size_t n, uint8_t ret[HASH])
{
	bytes_blake32("avh.standing.v1", (struct str){ p, n }, ret);
}

static enum err parse(struct str text, struct standing *s)
{
	if (text.n < 4 + HASH || (text.n - 4 - HASH) % ONE != 0) return ERR_CORRUPT;
	uint8_t hash[HASH];
	hash_of(text.p, text.n - HASH, hash);
	if (memcmp(text.p, MAGIC, 4) != 0 || memcmp(text.p + text.n - HASH, hash, HASH) != 0) return ERR_CORRUPT;
	size_t n = (text.n - 4 - HASH) / ONE;
	if (n > STANDING_KEYS_MAX) return ERR_CORRUPT;
	struct cursor c = cursor_over(text.p + 4, n * ONE);
	for (size_t i = 0; i < n; i++) {
		cur_copy(&c, s->keys[i].dossier.b, 16);
		s->keys[i].epoch = cur_u32(&c);
		cur_copy(&c, s->keys[i].key, 32);
	}
	if (!cur_done(&c)) return ERR_CORRUPT;
	s->n = n;
	return OK;
}

enum err standing_open(struct arena *boot, int keys_fd, struct standing **ret)
{
	struct standing *s = ARENA_NEW(boot, struct standing);
	struct str text;
	if (s == NULL) return ERR_FULL;
	s->keys_fd = keys_fd;
	enum err e = file_read_small(boot, keys_fd, NAME, 4 + HASH + STANDING_KEYS_MAX * ONE, &text);
	if (e == OK) e = parse(text, s);
	else if (e == ERR_NOT_FOUND) e = OK;
	if (e == OK) *ret = s;
	return e;
}

static enum err store(const struct standing *s)
{
	struct arena *a = arena_new(4 + STANDING_KEYS_MAX * ONE + HASH + 64);
	if (a == NULL) return ERR_SYSTEM;
	struct buf b = buf_new(a, 4 + s->n * ONE + HASH);
	buf_lit(&b, MAGIC);
	for (size_t i = 0; i < s->n; i++) {
		buf_add(&b, s->keys[i].dossier.b, 16);
		buf_u32(&b, s->keys[i].epoch);
		buf_add(&b, s->keys[i].key, 32);
	}
	uint8_t hash[HASH];
	hash_of(b.p, b.n, hash);
	buf_add(&b, hash, HASH);
	enum err e = buf_is_full(&b) ? ERR_FULL : file_write_durable(s->keys_fd, NAME, buf_view(&b));
	arena_free(a);
	return e;
}

static struct standing_key *find(struct standing *s, struct id16 dossier)
{
	for (size_t i = 0; i < s->n; i++)
		if (id_eq(s->keys[i].dossier, dossier)) return &s->keys[i];
	return NULL;
}

enum err standing_take(struct standing *s, const struct standing_key *key, bool back)
{
	struct standing_key *have = find(s, key->dossier), before;
	if (have != NULL && have->epoch == key->epoch)
		return memcmp(have->key, key->key, sizeof key->key) == 0 ? OK : ERR_DENIED;
	if (have != NULL && have->epoch > key->epoch && !back) return ERR_CONFLICT;
	if (have == NULL && s->n == STANDING_KEYS_MAX) return ERR_FULL;
	if (have == NULL) have = &s->keys[s->n++];
	before = *have;
	*have = *key;
	enum err e = store(s);
	if (e == OK) return OK;
	/* Nothing is believed that is not on disk. */
	*have = before;
	if (before.epoch == 0) s->n--;
	return e;
}

enum err standing_newest(const struct standing *s, struct id16 dossier, struct standing_key *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!id_eq(s->keys[i].dossier, dossier)) continue;
		*ret = s->keys[i];
		return OK;
	}
	return ERR_NOT_FOUND;
}

void standing_keep_older(struct standing *s, struct id16 dossier, uint32_t epoch, struct str bytes)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!id_eq(s->keys[i].dossier, dossier) || s->keys[i].epoch != epoch) continue;
		struct older *o = &older[i];
		o->dossier = dossier;
		o->epoch = epoch;
		o->n = bytes.n <= sizeof o->bytes ? bytes.n : 0;
		if (o->n > 0) memcpy(o->bytes, bytes.p, o->n);
	}
}

struct str standing_older(const struct standing *s, struct id16 dossier, uint32_t epoch)
{
	for (size_t i = 0; i < s->n; i++)
		if (older[i].n > 0 && id_eq(older[i].dossier, dossier) && older[i].epoch == epoch)
			return (struct str){ (const char *)older[i].bytes, older[i].n };
	return STR_UNSET;
}

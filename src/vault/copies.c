/* vault/copies.c — custodians' key files, the key copy of a backup, and what a restore leaves in the log. */
#include "vault/canary.h"
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/journal.h"
#include <string.h>

#define COPY_MAX (48u << 10)
/* The trust comes last: a copy that was written in part leaves the directory fresh. */
static const char *const key_names[] = { "vault.key", "log.key", "shred.key", "standing", CANARY_FILE, "trust" };

enum err decide_custodian(struct vault *v, struct call *c, const struct vault_custodian *ask,
                          struct vault_custodian_reply *ret)
{
	(void)c;
	if (!v->fresh || !v->options.init) return ERR_DENIED;
	if (ask->passphrase.p == NULL || ask->passphrase.n == 0) return ERR_INVALID;
	if (ask->demo_strength && !v->options.simulated) return ERR_DENIED;
	return custodian_make(v->round, ask->passphrase, ask->demo_strength ? ARGON_DEMO : ARGON_STRONG, ret->key, &ret->text);
}

/* ---- the key copy ---- */

/* name length u8, name, u32 length, bytes; a file that is not there is left out. */
static enum err collect(struct vault *v, struct buf *b)
{
	for (size_t i = 0; i < COUNT_OF(key_names); i++) {
		struct str bytes;
		enum err e = file_read_small(v->round, v->keys_fd, key_names[i], COPY_MAX, &bytes);
		if (e == ERR_NOT_FOUND) continue;
		if (e != OK) return e;
		buf_u8(b, (uint8_t)strlen(key_names[i]));
		buf_str(b, str_c(key_names[i]));
		buf_u32(b, (uint32_t)bytes.n);
		buf_str(b, bytes);
	}
	return buf_is_full(b) ? ERR_FULL : OK;
}

static enum err make_copy(struct vault *v, struct str *ret)
{
	struct buf b = buf_new(v->round, COPY_MAX);
	uint8_t *keys = arena_take(v->round, v->trust.n * TRUST_CUSTODIANS * 32);
	if (keys == NULL) return ERR_FULL;
	for (size_t i = 0; i < v->trust.n; i++)
		memcpy(keys + i * TRUST_CUSTODIANS * 32, v->trust.party[i].custodian, TRUST_CUSTODIANS * 32);
	enum err e = collect(v, &b);
	if (e != OK) return e;
	return custodian_seal(v->round, keys, v->trust.n * TRUST_CUSTODIANS, buf_view(&b), ret);
}

enum err decide_keys_copy(struct vault *v, struct call *c, const struct vault_keys_copy *ask,
                          struct vault_keys_copy_reply *ret)
{
	(void)c;
	struct holder h;
	uint64_t seq;
	enum err e = holder_enter(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	struct journal_line line = { .class = LOG_ADMIN, .outcome = LOG_DONE, .why = &ask->why, .user = holder_user(&h),
	                             .controller = v->trust.party[0].controller };
	e = journal_append(v, &line, &seq);
	if (e == OK) e = make_copy(v, &ret->copy);
	holder_leave(&h);
	return e;
}

static const char *known_name(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(key_names); i++)
		if (str_eq_c(name, key_names[i])) return key_names[i];
	return NULL;
}

static enum err write_files(struct vault *v, struct str plain, struct str *ret_trust)
{
	struct cursor c = cursor_over(plain.p, plain.n);
	struct str trust = STR_UNSET;
	while (c.at < c.n && !c.bad) {
		const char *name = known_name(cur_bytes(&c, cur_u8(&c)));
		struct str bytes = cur_bytes(&c, cur_u32(&c));
		if (c.bad || name == NULL) return ERR_CORRUPT;
		if (strcmp(name, "trust") == 0) trust = bytes;
		enum err e = file_write_durable(v->keys_fd, name, bytes);
		if (e != OK) return e;
	}
	if (trust.p == NULL) return ERR_CORRUPT;
	*ret_trust = trust;
	return OK;
}

static enum err unseal(struct vault *v, const struct vault_keys_restore *ask, struct str *ret)
{
	_cleanup_(key32_freep) struct key32 *custodian = key32_new();
	if (custodian == NULL) return ERR_FULL;
	enum err e = custodian_open(ask->custodian, ask->passphrase, custodian);
	return e == OK ? custodian_unseal(v->round, ask->copy, custodian, ret) : e;
}

enum err decide_keys_restore(struct vault *v, struct call *c, const struct vault_keys_restore *ask,
                             struct vault_keys_restore_reply *ret)
{
	(void)c;
	struct str plain, trust;
	uint8_t fingerprint[32];
	char text[TRUST_FINGERPRINT_TEXT];
	if (!v->fresh || !v->options.init) return ERR_DENIED;
	if (v->vault_key != NULL) return ERR_EXISTS;
	if (ask->copy.p == NULL || ask->custodian.p == NULL || ask->passphrase.p == NULL) return ERR_INVALID;
	enum err e = unseal(v, ask, &plain);
	if (e == OK) e = write_files(v, plain, &trust);
	if (e != OK) return e;
	trust_fingerprint(trust, fingerprint);
	trust_fingerprint_text(fingerprint, text);
	ret->fingerprint = arena_str(v->round, (struct str){ text, sizeof text });
	return ret->fingerprint.p ? OK : ERR_FULL;
}

/* ---- the leaf of a restore ---- */

/* Only while the directory is being set up: in a running system this leaf would excuse any lost row. */
enum err decide_restored(struct vault *v, struct call *c, const struct vault_restored *ask,
                         struct vault_restored_reply *ret)
{
	(void)c;
	char hex[ID_HEX];
	if (!v->options.init) return ERR_DENIED;
	uint64_t before = log_size(v->log);
	if (ask->size > before) return ERR_INVALID;
	id_hex(ask->snapshot, hex);
	struct str body = arena_format(v->round, "snapshot:%d:%.*s\n", ID_HEX, ID_HEX, hex);
	if (body.p == NULL) return ERR_FULL;
	enum err e = log_restored(v->log, ask->size, clock_now(v->clock).us, clock_boot_ns(), body, &ret->entry);
	if (e != OK) return e;
	ret->lost = before - ask->size;
	return OK;
}

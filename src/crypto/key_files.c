/* crypto/key_files.c — the vault's own keys on disk. */
#include "crypto/key_files.h"
#include "crypto/bytes.h"
#include "crypto/secret_i.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { SUITE = 1 };

const char *key_file_name(enum key_file f)
{
	switch (f) {
	case KEY_FILE_VAULT: return "vault.key";
	case KEY_FILE_LOG: return "log.key";
	case KEY_FILE_SHRED: return "shred.key";
	}
	assert_failed("key file", __FILE__, __LINE__);
}

static bool exists(int dir_fd, const char *name)
{
	struct stat st;
	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Head, key, and a check against a damaged disk (not against an attacker, who could write another key). */
static void file_bytes(enum key_file f, const struct key32 *k, uint8_t ret[KEY_FILE_BYTES])
{
	struct buf b = buf_over(ret, KEY_FILE_BYTES);
	uint8_t check[16];
	buf_lit(&b, "AVV1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)f);
	buf_u16(&b, 0);
	buf_add(&b, k->b, 32);
	bytes_blake16("avh.keyfile.v1", buf_view(&b), check);
	buf_add(&b, check, sizeof(check));
	assert_always(b.n == KEY_FILE_BYTES && !buf_is_full(&b));
}

enum err key_file_make(int keys_fd, enum key_file f, struct key32 *ret)
{
	uint8_t bytes[KEY_FILE_BYTES];
	if (exists(keys_fd, key_file_name(f)))
		return ERR_EXISTS;
	KEY_TEMP k = { { 0 } };
	key32_random(&k);
	file_bytes(f, &k, bytes);
	enum err e = file_write_durable(keys_fd, key_file_name(f), (struct str){ (const char *)bytes, sizeof(bytes) });
	sodium_memzero(bytes, sizeof(bytes));
	if (e == OK)
		key32_copy(ret, &k);
	return e;
}

enum err key_file_read(int keys_fd, enum key_file f, struct key32 *ret)
{
	uint8_t want[KEY_FILE_BYTES];
	struct str s = STR_UNSET;
	struct arena *a = arena_new(1024);
	enum err e = a == NULL ? ERR_FULL : file_read_small(a, keys_fd, key_file_name(f), 256, &s);
	if (e == ERR_TOO_LARGE || (e == OK && s.n != KEY_FILE_BYTES))
		e = ERR_CORRUPT;
	if (e == OK) {
		KEY_TEMP k = { { 0 } };
		memcpy(k.b, s.p + 8, 32);
		file_bytes(f, &k, want);
		e = sodium_memcmp(want, s.p, sizeof(want)) == 0 ? OK : ERR_CORRUPT;
		if (e == OK)
			key32_copy(ret, &k);
		sodium_memzero(want, sizeof(want));
	}
	arena_free(a);
	return e;
}

enum err trust_file_write(int keys_fd, struct str text)
{
	return exists(keys_fd, "trust") ? ERR_EXISTS : file_write_durable(keys_fd, "trust", text);
}

enum err trust_file_read(struct arena *a, int keys_fd, struct str *ret_text, struct trust *ret)
{
	struct str text = STR_UNSET;
	enum err e;
	if ((e = file_read_small(a, keys_fd, "trust", TRUST_TEXT_MAX, &text)) != OK)
		return e;
	if (trust_parse(text, ret) != OK)
		return ERR_CORRUPT;
	*ret_text = text;
	return OK;
}

/* crypto/shred.c — shred/keys: one small key a case in a file of 64-byte slots. */
#include "crypto/shred.h"
#include "crypto/bytes_i.h"
#include "crypto/files.h"
#include "crypto/secret_i.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOT = 64, CHECK = 16, TAG = 16, SUITE = 2, SUITE_WITHOUT_MONTH = 1, FIRST_SLOTS = 1024, GENERATION = 16 };
#define NAME "keys"

struct shred {
	int dir_fd, fd;
	struct key32 file_key;
	uint8_t generation[GENERATION]; /* counter u64 ‖ 8 random: a restored copy never shares a nonce with its heirs */
	uint32_t slots, month;
	uint8_t suite;
	size_t used;
	const uint8_t *map;
};

/* ---- bytes of slots ------------------------------------------------------------------------------------- */

static void head_bytes(const struct shred *s, uint8_t ret[SLOT])
{
	struct buf b = buf_over(ret, 32);
	buf_lit(&b, "AVSK");
	buf_u8(&b, s->suite);
	buf_u8(&b, 0);
	buf_u16(&b, 0);
	buf_add(&b, s->generation, GENERATION);
	buf_u32(&b, s->slots);
	buf_u32(&b, s->month);
	assert_always(b.n == 32);
	blake_parts(ret + 32, 32, s->file_key.b, "avh.shred.head", &(struct part){ ret, 32 }, 1);
}

static void slot_check(const struct shred *s, struct id16 case_id, uint8_t ret[CHECK])
{
	blake_parts(ret, CHECK, s->file_key.b, "avh.shred.check", &(struct part){ case_id.b, 16 }, 1);
}

static void slot_nonce(const struct shred *s, uint32_t slot, uint8_t ret[24])
{
	struct buf b = buf_over(ret, 24);
	buf_add(&b, s->generation, GENERATION);
	buf_u64(&b, slot);
}

static void slot_seal(const struct shred *s, uint32_t slot, const uint8_t check[CHECK], const struct key32 *k, uint8_t ret[SLOT])
{
	uint8_t nonce[24];
	slot_nonce(s, slot, nonce);
	memcpy(ret, check, CHECK);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret + CHECK, NULL, k->b, 32, check, CHECK, NULL, nonce, s->file_key.b);
}

static bool slot_open(const struct shred *s, uint32_t slot, const uint8_t bytes[SLOT], struct key32 *ret)
{
	uint8_t nonce[24];
	slot_nonce(s, slot, nonce);
	return crypto_aead_xchacha20poly1305_ietf_decrypt(ret->b, NULL, NULL, bytes + CHECK, 32 + TAG, bytes, CHECK, nonce, s->file_key.b) == 0;
}

static const uint8_t *slot_at(const struct shred *s, uint32_t slot)
{
	return s->map + (size_t)slot * SLOT;
}

static bool slot_is_free(const struct shred *s, uint32_t slot)
{
	return sodium_is_zero(slot_at(s, slot), SLOT) == 1;
}

/* ---- the file ----------------------------------------------------------------------------------------------- */

static void unmap(struct shred *s)
{
	if (s->map != NULL)
		munmap((void *)(uintptr_t)s->map, (size_t)s->slots * SLOT);
	s->map = NULL;
	file_closep(&s->fd);
}

static enum err map(struct shred *s)
{
	struct stat st;
	uint8_t want[SLOT];
	s->fd = openat(s->dir_fd, NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (fstat(s->fd, &st) != 0)
		return ERR_IO;
	if (st.st_size < 2 * SLOT || st.st_size % SLOT != 0 || st.st_size / SLOT > UINT32_MAX)
		return ERR_CORRUPT;
	s->slots = (uint32_t)(st.st_size / SLOT);
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED)
		return ERR_IO;
	s->map = p;
	memcpy(s->generation, s->map + 8, GENERATION);
	struct cursor c = cursor_over(s->map + 28, 4);
	s->month = cur_u32(&c);
	s->suite = s->map[4];
	if (s->suite != SUITE && (s->suite != SUITE_WITHOUT_MONTH || s->month != 0))
		return ERR_CORRUPT;
	head_bytes(s, want);
	if (sodium_memcmp(want, s->map, SLOT) != 0)
		return ERR_CORRUPT;
	s->used = 0;
	for (uint32_t i = 1; i < s->slots; i++)
		s->used += slot_is_free(s, i) ? 0 : 1;
	return OK;
}

/* Slots that open under `old` go to the same place of the new file; `old` is NULL for the first file. */
static enum err fill(int fd, const struct shred *s, const struct shred *old)
{
	uint8_t bytes[SLOT], check[CHECK];
	enum err e;
	head_bytes(s, bytes);
	if ((e = file_write_at(fd, bytes, SLOT, 0)) != OK)
		return e;
	if (ftruncate(fd, (off_t)s->slots * SLOT) != 0)
		return ERR_IO;
	for (uint32_t i = 1; old != NULL && i < old->slots; i++) {
		KEY_TEMP k = { { 0 } };
		if (slot_is_free(old, i) || !slot_open(old, i, slot_at(old, i), &k))
			continue;
		/* The check is the same in every generation, so carrying it over needs no list of cases. */
		memcpy(check, slot_at(old, i), CHECK);
		slot_seal(s, i, check, &k, bytes);
		if ((e = file_write_at(fd, bytes, SLOT, (uint64_t)i * SLOT)) != OK)
			return e;
	}
	return fsync(fd) == 0 ? OK : ERR_IO;
}

static enum err generation_write(const struct shred *s, const struct shred *old)
{
	_cleanup_(file_closep) int fd = openat(s->dir_fd, NAME ".new", O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err e;
	if (fd < 0)
		return ERR_IO;
	if ((e = fill(fd, s, old)) != OK) {
		unlinkat(s->dir_fd, NAME ".new", 0);
		return e;
	}
	if (renameat(s->dir_fd, NAME ".new", s->dir_fd, NAME) != 0 || fsync(s->dir_fd) != 0)
		return ERR_IO;
	return OK;
}

static void generation_next(struct shred *s, const struct shred *old)
{
	struct cursor c = cursor_over(old == NULL ? s->generation : old->generation, 8);
	uint64_t n = old == NULL ? 1 : cur_u64(&c) + 1;
	struct buf b = buf_over(s->generation, 8);
	buf_u64(&b, n);
	randombytes_buf(s->generation + 8, GENERATION - 8);
}

/* ---- the public face -------------------------------------------------------------------------------------------- */

enum err shred_open(int shred_fd, const struct key32 *file_key, uint32_t month, struct shred **ret)
{
	_cleanup_(shred_closep) struct shred *s = secret_take(sizeof(*s));
	enum err e;
	if (s == NULL)
		return ERR_FULL;
	s->fd = -1;
	s->dir_fd = fcntl(shred_fd, F_DUPFD_CLOEXEC, 3);
	if (s->dir_fd < 0)
		return ERR_IO;
	key32_copy(&s->file_key, file_key);
	e = map(s);
	if (e == ERR_NOT_FOUND && month != 0) {
		s->slots = FIRST_SLOTS;
		s->suite = SUITE;
		s->month = month;
		generation_next(s, NULL);
		if ((e = generation_write(s, NULL)) == OK)
			e = map(s);
	}
	if (e != OK)
		return e;
	unlinkat(s->dir_fd, NAME ".new", 0);
	*ret = s;
	s = NULL;
	return OK;
}

void shred_close(struct shred *s)
{
	if (s == NULL)
		return;
	unmap(s);
	file_closep(&s->dir_fd);
	secret_give(s);
}

void shred_closep(struct shred **s)
{
	shred_close(*s);
	*s = NULL;
}

static enum err slot_write(struct shred *s, uint32_t slot, const uint8_t bytes[SLOT])
{
	enum err e;
	if ((e = file_write_at(s->fd, bytes, SLOT, (uint64_t)slot * SLOT)) != OK)
		return e;
	/* After a failed sync nothing is known about the slot (SECURITY 3.3). */
	assert_always(fdatasync(s->fd) == 0);
	return OK;
}

/* A new generation with `slots` places. */
static enum err renew_to(struct shred *s, uint32_t slots, uint32_t month)
{
	struct shred *next = secret_take(sizeof(*next));
	enum err e;
	if (next == NULL)
		return ERR_FULL;
	*next = (struct shred){ .dir_fd = s->dir_fd, .fd = -1, .slots = slots, .month = month, .suite = SUITE };
	key32_copy(&next->file_key, &s->file_key);
	generation_next(next, s);
	if ((e = generation_write(next, s)) == OK)
		e = map(next);
	if (e == OK) {
		static const uint8_t zero[SLOT];
		uint8_t junk[SLOT];
		for (uint32_t i = 0; i < s->slots; i++) {
			randombytes_buf(junk, sizeof(junk));
			(void)(file_write_at(s->fd, slot_is_free(s, i) ? zero : junk, SLOT, (uint64_t)i * SLOT) == OK);
		}
		(void)(fdatasync(s->fd) == 0);
		unmap(s);
		memcpy(s, next, sizeof(*s));
	} else {
		unmap(next);
	}
	secret_give(next);
	return e;
}

enum err shred_add(struct shred *s, struct id16 case_id, uint32_t *ret_slot, struct key32 *ret)
{
	uint8_t check[CHECK], bytes[SLOT];
	KEY_TEMP k = { { 0 } };
	enum err e;
	if (s->used * 2 >= s->slots) {
		if (s->slots > UINT32_MAX / 4)
			return ERR_FULL;
		if ((e = renew_to(s, s->slots * 2, s->month)) != OK)
			return e;
	}
	uint32_t slot = 0;
	while (slot == 0 || !slot_is_free(s, slot))
		slot = randombytes_uniform(s->slots);
	key32_random(&k);
	slot_check(s, case_id, check);
	slot_seal(s, slot, check, &k, bytes);
	if ((e = slot_write(s, slot, bytes)) != OK)
		return e;
	s->used++;
	key32_copy(ret, &k);
	*ret_slot = slot;
	return OK;
}

static bool is_cases(const struct shred *s, uint32_t slot, struct id16 case_id)
{
	uint8_t check[CHECK];
	if (slot == 0 || slot >= s->slots)
		return false;
	slot_check(s, case_id, check);
	return sodium_memcmp(check, slot_at(s, slot), CHECK) == 0;
}

enum err shred_read(const struct shred *s, uint32_t slot, struct id16 case_id, struct key32 *ret)
{
	KEY_TEMP k = { { 0 } };
	if (!is_cases(s, slot, case_id) || !slot_open(s, slot, slot_at(s, slot), &k))
		return ERR_NOT_FOUND;
	key32_copy(ret, &k);
	return OK;
}

enum err shred_destroy(struct shred *s, uint32_t slot, struct id16 case_id)
{
	uint8_t junk[SLOT];
	if (!is_cases(s, slot, case_id))
		return ERR_NOT_FOUND;
	randombytes_buf(junk, sizeof(junk));
	return slot_write(s, slot, junk);
}

enum err shred_renew(struct shred *s, uint32_t month)
{
	return renew_to(s, s->slots, month);
}

uint32_t shred_month(const struct shred *s)
{
	return s->month;
}

void shred_stand(const struct shred *s, uint64_t *ret_generation, size_t *ret_used, size_t *ret_slots)
{
	struct cursor c = cursor_over(s->generation, 8);
	*ret_generation = cur_u64(&c);
	*ret_used = s->used;
	*ret_slots = s->slots - 1;
}

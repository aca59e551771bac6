/* tests/unit/test_crypto_shred.c — shred keys are there when they were promised and nowhere once destroyed; key files. */
#include "crypto_help.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MONTH = 2026 * 12 + 10 };

static struct str whole(struct arena *a, int dir)
{
	struct str s = STR_UNSET;
	assert_int_equal(file_read_small(a, dir, "keys", 4 * 1024 * 1024, &s), OK);
	return s;
}

static void there_and_gone(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *other = key_of(0xf1), *made = key32_new(), *got = key32_new();
	struct shred *s = NULL;
	uint32_t slot = 0, slot2 = 0;
	int dir = help_directory();
	assert_int_equal(shred_open(dir, file, 0, &s), ERR_NOT_FOUND);
	assert_int_equal(shred_open(dir, file, MONTH, &s), OK);
	assert_int_equal(shred_add(s, id_of(1), &slot, made), OK);
	assert_int_equal(shred_add(s, id_of(2), &slot2, got), OK);
	assert_int_not_equal(slot, slot2);
	assert_false(key32_equal(made, got));
	assert_int_equal(shred_read(s, slot, id_of(1), got), OK);
	assert_true(key32_equal(made, got));
	assert_int_equal(shred_read(s, slot, id_of(2), got), ERR_NOT_FOUND); /* another case's slot */
	assert_int_equal(shred_read(s, 0, id_of(1), got), ERR_NOT_FOUND);
	assert_int_equal(shred_read(s, 1u << 30, id_of(1), got), ERR_NOT_FOUND);
	shred_close(s);
	assert_int_equal(shred_open(dir, other, 0, &s), ERR_CORRUPT);
	assert_int_equal(shred_open(dir, file, 0, &s), OK);
	assert_int_equal(shred_read(s, slot, id_of(1), got), OK);

	struct str before = whole(a, dir);
	struct str bytes = str_cut(before, (size_t)slot * 64, (size_t)slot * 64 + 64);
	assert_non_null(memmem(before.p, before.n, bytes.p, 64)); /* control */
	assert_int_equal(shred_destroy(s, slot, id_of(2)), ERR_NOT_FOUND);
	assert_int_equal(shred_destroy(s, slot, id_of(1)), OK);
	assert_int_equal(shred_read(s, slot, id_of(1), got), ERR_NOT_FOUND);
	assert_int_equal(shred_destroy(s, slot, id_of(1)), ERR_NOT_FOUND);
	struct str after = whole(a, dir);
	assert_null(memmem(after.p, after.n, bytes.p + 16, 48));
	assert_int_equal(shred_read(s, slot2, id_of(2), got), OK);
	shred_close(s);
	arena_free(a);
}

static void generations(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *first = key32_new(), *got = key32_new(), *k = key32_new();
	struct shred *s = NULL;
	uint32_t slot = 0, gone = 0, n = 0;
	uint64_t generation = 0, next = 0;
	size_t used = 0, slots = 0;
	int dir = help_directory();
	assert_int_equal(shred_open(dir, file, MONTH, &s), OK);
	assert_int_equal(shred_add(s, id_of(1), &slot, first), OK);
	assert_int_equal(shred_add(s, id_of(2), &gone, k), OK);
	struct str old = whole(a, dir);
	assert_int_equal(shred_destroy(s, gone, id_of(2)), OK);
	shred_stand(s, &generation, &used, &slots);
	assert_int_equal(used, 2);
	int old_fd = openat(dir, "keys", O_RDONLY);
	assert_int_equal(shred_renew(s, MONTH + 1), OK);
	shred_stand(s, &next, &used, &slots);
	assert_int_equal(next, generation + 1);
	assert_int_equal(used, 1); /* the destroyed slot is free again */
	assert_int_equal(shred_read(s, slot, id_of(1), got), OK);
	assert_true(key32_equal(first, got));
	struct str now = whole(a, dir);
	assert_memory_not_equal(now.p + (size_t)slot * 64 + 16, old.p + (size_t)slot * 64 + 16, 48); /* a new nonce */
	/* The old file is overwritten, not only unlinked. */
	char b[64];
	assert_int_equal(pread(old_fd, b, sizeof(b), (off_t)slot * 64), 64);
	assert_memory_not_equal(b, old.p + (size_t)slot * 64, 64);
	close(old_fd);
	/* It grows, and everybody keeps the slot that stands in the case's row. */
	for (; n < 700; n++) {
		struct id16 id = id_of(9);
		uint32_t any = 0;
		memcpy(id.b, &n, sizeof(n));
		assert_int_equal(shred_add(s, id, &any, k), OK);
	}
	size_t more = 0;
	shred_stand(s, &next, &used, &more);
	assert_true(more > slots);
	assert_int_equal(used, 701);
	shred_close(s);
	assert_int_equal(shred_open(dir, file, 0, &s), OK);
	assert_int_equal(shred_read(s, slot, id_of(1), got), OK);
	assert_true(key32_equal(first, got));
	shred_close(s);
	arena_free(a);
}

static void moved_and_damaged(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *k = key32_new();
	struct shred *s = NULL;
	uint32_t one = 0, two = 0;
	int dir = help_directory();
	assert_int_equal(shred_open(dir, file, MONTH, &s), OK);
	assert_int_equal(shred_add(s, id_of(1), &one, k), OK);
	assert_int_equal(shred_add(s, id_of(2), &two, k), OK);
	struct str bytes = whole(a, dir);
	int fd = openat(dir, "keys", O_RDWR);
	assert_int_equal(pwrite(fd, bytes.p + (size_t)one * 64, 64, (off_t)two * 64), 64);
	assert_int_equal(shred_read(s, two, id_of(1), k), ERR_NOT_FOUND); /* sealed for another slot */
	assert_int_equal(pwrite(fd, bytes.p + (size_t)two * 64, 64, (off_t)two * 64), 64);
	assert_int_equal(shred_read(s, two, id_of(2), k), OK);
	for (off_t i = 0; i < 64; i++) {
		char c = (char)(bytes.p[(size_t)two * 64 + (size_t)i] ^ 4);
		assert_int_equal(pwrite(fd, &c, 1, (off_t)two * 64 + i), 1);
		assert_int_equal(shred_read(s, two, id_of(2), k), ERR_NOT_FOUND);
		assert_int_equal(pwrite(fd, bytes.p + (size_t)two * 64 + i, 1, (off_t)two * 64 + i), 1);
	}
	shred_close(s);
	for (off_t i = 0; i < 64; i++) {
		char c = (char)(bytes.p[i] ^ 4);
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
		assert_int_equal(shred_open(dir, file, MONTH, &s), ERR_CORRUPT);
		assert_int_equal(pwrite(fd, bytes.p + i, 1, i), 1);
	}
	assert_int_equal(ftruncate(fd, (off_t)bytes.n - 64), 0);
	assert_int_equal(shred_open(dir, file, MONTH, &s), ERR_CORRUPT);
	close(fd);
	arena_free(a);
}

static void restored_copies_share_no_nonce(void **state)
{
	(void)state;
	/* Two heirs of one copy each begin a generation: their generations must differ. */
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *k = key32_new();
	struct shred *s = NULL;
	uint32_t slot = 0;
	int one = help_directory(), two = help_directory();
	assert_int_equal(shred_open(one, file, MONTH, &s), OK);
	assert_int_equal(shred_add(s, id_of(1), &slot, k), OK);
	shred_close(s);
	help_copy_directory(one, two);
	struct str heads[2];
	for (int i = 0; i < 2; i++) {
		assert_int_equal(shred_open(i == 0 ? one : two, file, 0, &s), OK);
		assert_int_equal(shred_renew(s, MONTH + 1), OK);
		assert_int_equal(shred_read(s, slot, id_of(1), k), OK);
		shred_close(s);
		heads[i] = whole(a, i == 0 ? one : two);
	}
	assert_memory_equal(heads[0].p + 8, heads[1].p + 8, 8);
	assert_memory_not_equal(heads[0].p + 16, heads[1].p + 16, 8);
	arena_free(a);
}

/* ---- key files ---------------------------------------------------------------------------------------------- */

static void key_files(void **state)
{
	(void)state;
	_cleanup_(key32_freep) struct key32 *made = key32_new(), *got = key32_new();
	struct stat st;
	int dir = help_directory();
	assert_int_equal(key_file_read(dir, KEY_FILE_VAULT, got), ERR_NOT_FOUND);
	assert_int_equal(key_file_make(dir, KEY_FILE_VAULT, made), OK);
	assert_int_equal(key_file_make(dir, KEY_FILE_VAULT, got), ERR_EXISTS);
	assert_int_equal(key_file_read(dir, KEY_FILE_VAULT, got), OK);
	assert_true(key32_equal(made, got));
	assert_int_equal(fstatat(dir, "vault.key", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	int fd = openat(dir, "vault.key", O_RDWR);
	for (off_t i = 0; i < KEY_FILE_BYTES; i++) {
		char b, c;
		assert_int_equal(pread(fd, &b, 1, i), 1);
		c = (char)(b ^ 1);
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
		assert_int_equal(key_file_read(dir, KEY_FILE_VAULT, got), ERR_CORRUPT);
		assert_int_equal(pwrite(fd, &b, 1, i), 1);
	}
	assert_int_equal(ftruncate(fd, KEY_FILE_BYTES - 1), 0);
	assert_int_equal(key_file_read(dir, KEY_FILE_VAULT, got), ERR_CORRUPT);
	close(fd);
	/* One key is not another, and no link leads elsewhere. */
	assert_int_equal(key_file_make(dir, KEY_FILE_LOG, made), OK);
	assert_int_equal(renameat(dir, "log.key", dir, "shred.key"), 0);
	assert_int_equal(key_file_read(dir, KEY_FILE_SHRED, got), ERR_CORRUPT);
	assert_int_equal(symlinkat("shred.key", dir, "log.key"), 0);
	assert_int_equal(key_file_read(dir, KEY_FILE_LOG, got), ERR_IO);
	assert_int_equal(key_file_make(dir, KEY_FILE_LOG, got), ERR_EXISTS);
}

static void key_file_vector(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *k = key32_new();
	struct str s = STR_UNSET;
	int dir = help_directory();
	chosen(8);
	assert_int_equal(key_file_make(dir, KEY_FILE_VAULT, k), OK);
	assert_int_equal(file_read_small(a, dir, "vault.key", 256, &s), OK);
	vector_begin("avv1");
	vector_add("file", s.p, s.n);
	vector_end();
	struct shred *sh = NULL;
	uint32_t slot = 0;
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *sk = key32_new();
	assert_int_equal(shred_open(dir, file, MONTH, &sh), OK);
	assert_int_equal(shred_add(sh, id_of(1), &slot, sk), OK);
	shred_close(sh);
	s = whole(a, dir);
	uint8_t number[4] = { (uint8_t)(slot >> 24), (uint8_t)(slot >> 16), (uint8_t)(slot >> 8), (uint8_t)slot };
	vector_begin("shred-slot-2");
	vector_add("head", s.p, 64);
	vector_add("slot_number", number, 4);
	vector_add("slot", s.p + (size_t)slot * 64, 64);
	vector_end();
	unchosen();
	arena_free(a);
}

/* A file of the first suite: read, and written anew in the second. */
static void an_older_file_is_read(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *file = key_of(0xf0), *sk = key32_new(), *again = key32_new();
	struct str head = vector_field(a, "shred-slot", "head"), slot = vector_field(a, "shred-slot", "slot");
	struct str number = vector_field(a, "shred-slot", "slot_number");
	struct shred *s = NULL;
	int dir = help_directory();
	uint32_t at = (uint32_t)(uint8_t)number.p[2] << 8 | (uint8_t)number.p[3];
	char *bytes = arena_take(a, (size_t)1024 * 64);
	memset(bytes, 0, (size_t)1024 * 64);
	memcpy(bytes, head.p, 64);
	memcpy(bytes + (size_t)at * 64, slot.p, 64);
	assert_int_equal(file_write_soon(dir, "keys", (struct str){ bytes, (size_t)1024 * 64 }), OK);
	assert_int_equal(shred_open(dir, file, 0, &s), OK);
	assert_int_equal(shred_month(s), 0);
	assert_int_equal(shred_read(s, at, id_of(1), sk), OK);
	assert_int_equal(shred_renew(s, MONTH), OK);
	assert_int_equal(shred_read(s, at, id_of(1), again), OK);
	assert_true(key32_equal(sk, again));
	shred_close(s);
	assert_int_equal(shred_open(dir, file, 0, &s), OK);
	assert_int_equal(shred_month(s), MONTH);
	assert_int_equal(whole(a, dir).p[4], 2);
	shred_close(s);
	/* Nothing may stand in the first suite's reserved bytes. */
	bytes[31] = 1;
	assert_int_equal(file_write_soon(dir, "keys", (struct str){ bytes, (size_t)1024 * 64 }), OK);
	assert_int_equal(shred_open(dir, file, 0, &s), ERR_CORRUPT);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_gone), cmocka_unit_test(generations), cmocka_unit_test(moved_and_damaged),
		cmocka_unit_test(restored_copies_share_no_nonce), cmocka_unit_test(key_files), cmocka_unit_test(key_file_vector),
		cmocka_unit_test(an_older_file_is_read),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto shred", tests, NULL, NULL);
}

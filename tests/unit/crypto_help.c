/* tests/unit/crypto_help.c — what the tests of crypto share. */
#include "crypto_help.h"
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t seed[32];
static uint64_t calls;
static bool fixed;

static void some_bytes(void *const buf, const size_t n)
{
	uint8_t s[32];
	if (!fixed) {
		randombytes_sysrandom_implementation.buf(buf, n);
		return;
	}
	memcpy(s, seed, sizeof(s));
	memcpy(s, &calls, sizeof(calls));
	calls++;
	randombytes_buf_deterministic(buf, n, s);
}

static uint32_t some_number(void)
{
	uint32_t v;
	some_bytes(&v, sizeof(v));
	return v;
}

static const char *my_name(void)
{
	return "chosen";
}

static struct randombytes_implementation implementation = {
	.implementation_name = my_name, .random = some_number, .buf = some_bytes,
};

void help_start(void)
{
	randombytes_set_implementation(&implementation);
	secret_must_lock(false);
	if (crypto_start() != OK)
		exit(2);
}

void chosen(uint8_t n)
{
	memset(seed, n, sizeof(seed));
	calls = 0;
	fixed = true;
}

void unchosen(void)
{
	fixed = false;
}

struct arena *help_arena(void)
{
	struct arena *a = arena_new(8 * 1024 * 1024);
	assert_non_null(a);
	return a;
}

void bytes_of(uint8_t n, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(n * 16 + i);
}

struct id16 id_of(uint8_t n)
{
	struct id16 id;
	bytes_of(n, id.b, sizeof(id.b));
	return id;
}

struct key32 *key_of(uint8_t n)
{
	uint8_t b[32];
	struct key32 *k = key32_new();
	assert_non_null(k);
	memset(b, n, sizeof(b));
	key32_take(k, b);
	return k;
}

/* ---- vectors --------------------------------------------------------------------------------------------- */

static char text[256 * 1024], path[512];
static size_t text_n;

void vector_begin(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s.txt", AVSTAMP_VECTORS, name);
	text_n = 0;
}

void vector_add(const char *field, const void *p, size_t n)
{
	const uint8_t *b = p;
	text_n += (size_t)snprintf(text + text_n, sizeof(text) - text_n, "%s:", field);
	for (size_t i = 0; i < n; i++)
		text_n += (size_t)snprintf(text + text_n, sizeof(text) - text_n, "%s%02x", i % 32 == 0 ? (n > 32 ? "\n " : " ") : "", b[i]);
	text_n += (size_t)snprintf(text + text_n, sizeof(text) - text_n, "\n");
	assert_true(text_n < sizeof(text));
}

static size_t load(char *out, size_t cap)
{
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return 0;
	size_t n = fread(out, 1, cap, f);
	fclose(f);
	return n;
}

void vector_end(void)
{
	static char have[sizeof(text)];
	if (getenv("AVSTAMP_WRITE_VECTORS") != NULL) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fwrite(text, 1, text_n, f);
		fclose(f);
	}
	size_t n = load(have, sizeof(have));
	if (n != text_n || memcmp(have, text, n) != 0)
		fail_msg("%s is not what the program writes", path);
}

struct str vector_field(struct arena *a, const char *name, const char *field)
{
	static char have[sizeof(text)];
	vector_begin(name);
	size_t n = load(have, sizeof(have) - 1), at = 0;
	have[n] = '\0';
	char wanted[64];
	snprintf(wanted, sizeof(wanted), "\n%s:", field);
	const char *p = strncmp(have, wanted + 1, strlen(wanted + 1)) == 0 ? have : strstr(have, wanted);
	assert_non_null(p);
	p += p == have ? strlen(wanted + 1) : strlen(wanted);
	uint8_t *out = arena_take(a, strlen(p) + 1);
	for (; *p != '\0' && !(*p == '\n' && p[1] != ' '); p++) {
		unsigned v;
		if (*p == ' ' || *p == '\n')
			continue;
		assert_int_equal(sscanf(p, "%2x", &v), 1);
		out[at++] = (uint8_t)v;
		p++;
	}
	return (struct str){ (const char *)out, at };
}

/* ---- changes --------------------------------------------------------------------------------------------- */

void refuse_all_changes(struct str s, enum err (*open)(struct str s, void *ctx), void *ctx)
{
	static uint8_t copy[128 * 1024];
	assert_true(s.n < sizeof(copy));
	memcpy(copy, s.p, s.n);
	assert_int_equal(open((struct str){ (const char *)copy, s.n }, ctx), OK);
	for (size_t i = 0; i < s.n; i++) {
		for (unsigned bit = 1; bit < 256; bit = bit == 1 ? 0x80 : 256) {
			copy[i] ^= (uint8_t)bit;
			if (open((struct str){ (const char *)copy, s.n }, ctx) == OK)
				fail_msg("byte %zu of %zu may be changed", i, s.n);
			copy[i] ^= (uint8_t)bit;
		}
	}
	for (size_t n = 0; n < s.n; n++)
		if (open((struct str){ (const char *)copy, n }, ctx) == OK)
			fail_msg("%zu of %zu bytes are enough", n, s.n);
	copy[s.n] = 0;
	assert_int_not_equal(open((struct str){ (const char *)copy, s.n + 1 }, ctx), OK);
	assert_int_equal(open((struct str){ (const char *)copy, s.n }, ctx), OK);
}

/* ---- directories ------------------------------------------------------------------------------------------- */

static struct { int fd; char path[64]; } directories[256];
static size_t n_directories;

static void empty(const char *where)
{
	DIR *d = opendir(where);
	struct dirent *e;
	char name[512];
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", where, e->d_name);
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlink(name);
	}
	if (d != NULL)
		closedir(d);
}

static void clean(void)
{
	for (size_t i = 0; i < n_directories; i++) {
		empty(directories[i].path);
		rmdir(directories[i].path);
	}
}

int help_directory(void)
{
	if (n_directories == 0)
		atexit(clean);
	assert_true(n_directories < COUNT_OF(directories));
	char *p = directories[n_directories].path;
	snprintf(p, sizeof(directories[0].path), "/tmp/avstamp-test-XXXXXX");
	assert_non_null(mkdtemp(p));
	int fd = open(p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	directories[n_directories++].fd = fd;
	return fd;
}

const char *help_directory_path(int fd)
{
	for (size_t i = n_directories; i-- > 0;)
		if (directories[i].fd == fd)
			return directories[i].path;
	return NULL;
}

void help_copy_directory(int from, int to)
{
	DIR *d = opendir(help_directory_path(from));
	struct dirent *e;
	struct arena *a = arena_new(80 * 1024 * 1024);
	empty(help_directory_path(to));
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		struct str s = STR_UNSET;
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(file_read_small(a, from, e->d_name, 70 * 1024 * 1024, &s), OK);
		assert_int_equal(file_write_soon(to, e->d_name, s), OK);
		arena_reset(a);
	}
	closedir(d);
	arena_free(a);
}

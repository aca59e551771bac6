/* crypto/checkpoint.c — C2SP tlog-checkpoint: size and root of the log as a signed note. */
#include "crypto/checkpoint.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ED25519 = 1, SIGNATURE_LINE = 4 + 64 };
#define DASH "\xe2\x80\x94 "

void checkpoint_origin(const uint8_t fingerprint[32], uint16_t node, char ret[CHECKPOINT_ORIGIN_MAX])
{
	char hex[17];
	sodium_bin2hex(hex, sizeof(hex), fingerprint, 8);
	if (node == 0)
		snprintf(ret, CHECKPOINT_ORIGIN_MAX, "avstamp/%s/log", hex);
	else
		snprintf(ret, CHECKPOINT_ORIGIN_MAX, "avstamp/%s/log/%u", hex, (unsigned)node);
}

uint32_t checkpoint_key_id(const char *name, const uint8_t key[32])
{
	crypto_hash_sha256_state st;
	uint8_t h[32];
	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t *)name, strlen(name));
	crypto_hash_sha256_update(&st, (const uint8_t[]){ '\n', ED25519 }, 2);
	crypto_hash_sha256_update(&st, key, 32);
	crypto_hash_sha256_final(&st, h);
	struct cursor c = cursor_over(h, 4);
	return cur_u32(&c);
}

struct str checkpoint_body(struct arena *a, const struct checkpoint *c)
{
	char root[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	sodium_bin2base64(root, sizeof(root), c->root.b, 32, sodium_base64_VARIANT_ORIGINAL);
	return arena_format(a, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
}

struct str checkpoint_note(struct arena *a, const struct checkpoint *c, const uint8_t key[32], const uint8_t signature[64])
{
	char text[sodium_base64_ENCODED_LEN(SIGNATURE_LINE, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t bytes[SIGNATURE_LINE];
	struct buf b = buf_over(bytes, sizeof(bytes));
	buf_u32(&b, checkpoint_key_id(c->origin, key));
	buf_add(&b, signature, 64);
	sodium_bin2base64(text, sizeof(text), bytes, sizeof(bytes), sodium_base64_VARIANT_ORIGINAL);
	struct str body = checkpoint_body(a, c);
	if (body.p == NULL)
		return STR_UNSET;
	return arena_format(a, "%.*s\n" DASH "%s %s\n", STR_FMT(body), c->origin, text);
}

/* The last empty line parts text and signatures. */
static bool note_split(struct str note, struct str *ret_text, struct str *ret_signatures)
{
	if (note.n < 3 || note.n > CHECKPOINT_NOTE_MAX || note.p[note.n - 1] != '\n')
		return false;
	for (size_t i = note.n - 1; i > 0; i--) {
		if (note.p[i] != '\n' || note.p[i - 1] != '\n')
			continue;
		*ret_text = str_cut(note, 0, i);
		*ret_signatures = str_cut(note, i + 1, note.n);
		return ret_signatures->n > 0;
	}
	return false;
}

/* Exactly n bytes in the one spelling that base64 has for them; the library alone takes some others too. */
static bool base64_read(struct str code, uint8_t *ret, size_t n)
{
	char again[sodium_base64_ENCODED_LEN(SIGNATURE_LINE, sodium_base64_VARIANT_ORIGINAL)];
	size_t got = 0;
	assert_always(n <= SIGNATURE_LINE);
	if (sodium_base642bin(ret, n, code.p, code.n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 || got != n)
		return false;
	sodium_bin2base64(again, sizeof(again), ret, n, sodium_base64_VARIANT_ORIGINAL);
	return str_eq_c(code, again);
}

/* One line `— name base64`: does it hold for this name and key? */
static bool line_holds(struct str line, struct str text, const char *name, const uint8_t key[32])
{
	uint8_t bytes[SIGNATURE_LINE];
	if (!str_starts(line, STR(DASH)))
		return false;
	line = str_cut(line, sizeof(DASH) - 1, line.n);
	size_t space = str_find(line, ' ');
	if (!str_eq_c(str_cut(line, 0, space), name))
		return false;
	struct str code = str_cut(line, space + 1, line.n);
	if (!base64_read(code, bytes, sizeof(bytes)))
		return false;
	struct cursor c = cursor_over(bytes, sizeof(bytes));
	if (cur_u32(&c) != checkpoint_key_id(name, key))
		return false;
	return crypto_sign_verify_detached(bytes + 4, (const uint8_t *)text.p, text.n, key) == 0;
}

enum err note_open(struct str note, const char *name, const uint8_t key[32], struct str *ret_text)
{
	struct str text = STR_UNSET, rest = STR_UNSET;
	bool good = false;
	if (!note_split(note, &text, &rest))
		return ERR_INVALID;
	while (rest.n > 0) {
		size_t n = str_find(rest, '\n');
		struct str line = str_cut(rest, 0, n);
		if (!str_starts(line, STR(DASH)))
			return ERR_INVALID;
		good = line_holds(line, text, name, key) || good;
		rest = str_cut(rest, n + 1, rest.n);
	}
	if (!good)
		return ERR_CORRUPT;
	*ret_text = text;
	return OK;
}

static struct str take_line(struct str *s)
{
	size_t n = str_find(*s, '\n');
	struct str line = str_cut(*s, 0, n);
	*s = str_cut(*s, n + 1, s->n);
	return line;
}

static bool read_size(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

/* A name without spaces and control characters, as signed notes want it. */
static bool is_origin(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] <= ' ' || s.p[i] == '+' || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && s.n < CHECKPOINT_ORIGIN_MAX;
}

static bool read_text(struct str text, struct checkpoint *ret)
{
	struct checkpoint c = { 0 };
	struct str origin = take_line(&text), size = take_line(&text), root = take_line(&text);
	if (!is_origin(origin) || !read_size(size, &c.size) || text.n != 0)
		return false;
	if (!base64_read(root, c.root.b, sizeof(c.root.b)))
		return false;
	memcpy(c.origin, origin.p, origin.n);
	*ret = c;
	return true;
}

enum err checkpoint_parse(struct str note, struct checkpoint *ret)
{
	struct str text = STR_UNSET, signatures = STR_UNSET;
	if (!note_split(note, &text, &signatures) || !read_text(text, ret))
		return ERR_INVALID;
	return OK;
}

enum err checkpoint_open(struct str note, const char *name, const uint8_t key[32], struct checkpoint *ret)
{
	struct checkpoint c = { 0 };
	struct str text = STR_UNSET;
	enum err e;
	if ((e = checkpoint_parse(note, &c)) != OK)
		return e;
	if ((e = note_open(note, name, key, &text)) != OK)
		return e;
	if (strcmp(c.origin, name) != 0)
		return ERR_CORRUPT;
	*ret = c;
	return OK;
}

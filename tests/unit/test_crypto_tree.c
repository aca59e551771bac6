/* tests/unit/test_crypto_tree.c — the Merkle tree against its definition, signed notes against published ones, trust. */
#include "crypto_help.h"
#include <sodium.h>
#include <stdio.h>

#define MOST 500
static struct tree_hash leaves[MOST];

static struct tree_hash hash_node(struct tree_hash l, struct tree_hash r)
{
	uint8_t b[65] = { 1 };
	struct tree_hash h;
	memcpy(b + 1, l.b, 32);
	memcpy(b + 33, r.b, 32);
	crypto_hash_sha256(h.b, b, sizeof(b));
	return h;
}

/* RFC 6962 section 2.1, word for word. */
static struct tree_hash mth(size_t from, size_t n)
{
	size_t k = 1;
	if (n == 1)
		return leaves[from];
	while (k * 2 < n)
		k *= 2;
	return hash_node(mth(from, k), mth(from + k, n - k));
}

static void definition(void **state)
{
	(void)state;
	struct tree t = { 0 };
	for (size_t n = 1; n <= MOST; n++) {
		uint8_t b[4] = { (uint8_t)n, (uint8_t)(n >> 8), 7, 7 };
		leaves[n - 1] = tree_leaf(BYTES(b));
		tree_add(&t, leaves[n - 1]);
		struct tree_hash a = tree_root(&t), want = mth(0, n);
		assert_memory_equal(a.b, want.b, 32);
	}
	assert_int_equal(t.size, MOST);
	/* Control: another leaf, another root. */
	leaves[77].b[0] ^= 1;
	struct tree_hash a = tree_root(&t), other = mth(0, MOST);
	assert_memory_not_equal(a.b, other.b, 32);
}

static void published_tree(void **state)
{
	(void)state;
	/* The tree of the certificate transparency reference tests. */
	static const char *const input[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" };
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct tree t = { 0 };
	char hex[65];
	struct tree_hash h = tree_root(&t);
	assert_string_equal(sodium_bin2hex(hex, sizeof(hex), h.b, 32), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < COUNT_OF(input); i++) {
		uint8_t b[16];
		size_t n = 0;
		sodium_hex2bin(b, sizeof(b), input[i], strlen(input[i]), NULL, &n, NULL);
		tree_add(&t, tree_leaf((struct str){ (const char *)b, n }));
		h = tree_root(&t);
		assert_string_equal(sodium_bin2hex(hex, sizeof(hex), h.b, 32), roots[i]);
	}
}

/* ---- notes -------------------------------------------------------------------------------------------------- */

static const char neumann[] = "If you think cryptography is the answer to your problem,\n"
			      "then you don't know what your problem is.\n"
			      "\n"
			      "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void neumann_key(uint8_t ret[32])
{
	uint8_t b[33];
	size_t n = 0;
	const char *text = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	assert_int_equal(sodium_base642bin(b, sizeof(b), text, strlen(text), NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL), 0);
	assert_int_equal(n, 33);
	assert_int_equal(b[0], 1);
	memcpy(ret, b + 1, 32);
}

static enum err try_neumann(struct str s, void *ctx)
{
	struct str text = STR_UNSET;
	(void)ctx;
	uint8_t key[32];
	neumann_key(key);
	return note_open(s, "PeterNeumann", key, &text);
}

static void published_note(void **state)
{
	(void)state;
	uint8_t key[32];
	struct str text = STR_UNSET;
	neumann_key(key);
	assert_int_equal(checkpoint_key_id("PeterNeumann", key), 0xc74f20a3);
	assert_int_equal(note_open(str_c(neumann), "PeterNeumann", key, &text), OK);
	assert_int_equal(text.n, strlen("If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"));
	assert_int_equal(note_open(str_c(neumann), "EnochRoot", key, &text), ERR_CORRUPT);
	key[0] ^= 1;
	assert_int_equal(note_open(str_c(neumann), "PeterNeumann", key, &text), ERR_CORRUPT);
	refuse_all_changes(str_c(neumann), try_neumann, NULL);
}

static struct str sign(struct arena *a, const struct checkpoint *c, uint8_t public[32])
{
	struct key32 *k = key_of(0x70);
	uint8_t signature[64];
	key32_sign_public(k, public);
	signer_sign(&(struct signer){ .seed = k }, checkpoint_body(a, c), signature);
	key32_free(k);
	return checkpoint_note(a, c, public, signature);
}

static enum err try_checkpoint(struct str s, void *ctx)
{
	struct checkpoint c;
	return checkpoint_open(s, "avstamp/3f2a91bc0d4e5f60/log", ctx, &c);
}

static void checkpoints(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct checkpoint c = { .size = 12345 }, got = { 0 };
	uint8_t public[32], fp[32] = { 0x3f, 0x2a, 0x91, 0xbc, 0x0d, 0x4e, 0x5f, 0x60 };
	checkpoint_origin(fp, 0, c.origin);
	bytes_of(3, c.root.b, 32);
	struct str note = sign(a, &c, public);
	vector_begin("checkpoint");
	vector_add("key", public, 32);
	vector_add("note", note.p, note.n);
	vector_end();
	assert_int_equal(checkpoint_open(note, c.origin, public, &got), OK);
	assert_int_equal(got.size, 12345);
	assert_memory_equal(got.root.b, c.root.b, 32);
	assert_string_equal(got.origin, "avstamp/3f2a91bc0d4e5f60/log");
	refuse_all_changes(note, try_checkpoint, public);
	/* A second signature beside ours is let be; it does not replace ours. */
	struct str more = arena_format(a, "%.*s\xe2\x80\x94 witness AAAA\n", STR_FMT(note));
	assert_int_equal(checkpoint_open(more, c.origin, public, &got), OK);
	checkpoint_origin(fp, 2, c.origin);
	assert_string_equal(c.origin, "avstamp/3f2a91bc0d4e5f60/log/2");
	assert_int_equal(checkpoint_open(note, c.origin, public, &got), ERR_CORRUPT);
	arena_free(a);
}

static void strange_checkpoints(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "\n", "\n\n", "a\n1\n\n\xe2\x80\x94 a b\n", "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a b\n",
		"a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a b\n",
		"a\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a b\n",
		"a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n\n\xe2\x80\x94 a b\n",
		"a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n\n\xe2\x80\x94 a b\n",
		"a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n", "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
	};
	struct checkpoint c;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(checkpoint_parse(str_c(bad[i]), &c), ERR_INVALID);
	assert_int_equal(checkpoint_parse(STR("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a b\n"), &c), OK);
}

/* ---- trust ---------------------------------------------------------------------------------------------------- */

static void fill(struct trust *t)
{
	memset(t, 0, sizeof(*t));
	t->n = 2;
	for (uint8_t i = 0; i < 2; i++) {
		struct trust_party *p = &t->party[i];
		p->controller = id_of((uint8_t)(1 + i));
		snprintf(p->name, sizeof(p->name), "%s", i == 0 ? "Nämnden" : "Polisen");
		for (uint8_t j = 0; j < 2; j++) {
			p->officer[j] = id_of((uint8_t)(4 + j));
			bytes_of((uint8_t)(4 + j), p->officer_key[j], 32);
		}
		for (uint8_t j = 0; j < 3; j++)
			bytes_of((uint8_t)(7 + j), p->custodian[j], 32);
	}
}

static void trusts(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct trust *t = ARENA_NEW(a, struct trust), *u = ARENA_NEW(a, struct trust);
	fill(t);
	struct str text = trust_text(a, t);
	assert_int_equal(trust_parse(text, u), OK);
	assert_true(str_eq(trust_text(a, u), text));
	assert_ptr_equal(trust_find(u, id_of(2)), &u->party[1]);
	assert_null(trust_find(u, id_of(3)));
	t->party[1].officer[1] = t->party[1].officer[0];
	assert_null(trust_text(a, t).p); /* the same officer twice */
	fill(t);
	memcpy(t->party[0].officer_key[1], t->party[0].officer_key[0], 32);
	assert_null(trust_text(a, t).p); /* two names, one key */
	fill(t);
	memcpy(t->party[0].custodian[2], t->party[0].custodian[0], 32);
	assert_null(trust_text(a, t).p); /* the same custodian twice */
	fill(t);
	t->party[1].controller = t->party[0].controller;
	assert_null(trust_text(a, t).p);
	fill(t);
	memcpy(t->party[0].name, "a\nend", 6);
	assert_null(trust_text(a, t).p);
	fill(t);
	t->party[0].name[0] = '\0';
	assert_null(trust_text(a, t).p);
	t->n = 0;
	assert_null(trust_text(a, t).p);
	assert_int_equal(trust_parse(arena_format(a, "%.*s ", STR_FMT(text)), u), ERR_INVALID);
	assert_int_equal(trust_parse(str_cut(text, 0, text.n - 1), u), ERR_INVALID);
	arena_free(a);
}

static void fingerprints(void **state)
{
	(void)state;
	uint8_t fp[32], got[32];
	char shown[TRUST_FINGERPRINT_TEXT];
	bytes_of(3, fp, 32);
	trust_fingerprint_text(fp, shown);
	struct str s = { shown, sizeof(shown) };
	assert_true(str_starts(s, STR("3031 3233 ")));
	assert_int_equal(trust_fingerprint_parse(s, got), OK);
	assert_memory_equal(fp, got, 32);
	assert_int_equal(trust_fingerprint_parse(str_cut(s, 0, s.n - 1), got), ERR_INVALID);
	assert_int_equal(trust_fingerprint_parse(STR("xyz"), got), ERR_INVALID);
	assert_int_equal(trust_fingerprint_parse(STR("3031323334353637 38393A3B3C3D3E3F:40-41 42434445464748494a4b4c4d4e4f"), got), OK);
	assert_memory_equal(fp, got, 32);
}

static void digests_differ(void **state)
{
	(void)state;
	/* Two columns may not run into each other, nor NULL be an empty value. */
	struct arena *a = help_arena();
	struct str rows[5];
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = buf_new(a, 256);
		row_digest_begin(&b, i == 4 ? 2 : 1);
		row_digest_blob(&b, i == 0 ? STR("ab") : i == 1 ? STR("a") : i == 2 ? STR("") : STR_UNSET);
		row_digest_blob(&b, i == 0 ? STR("c") : i == 1 ? STR("bc") : STR("abc"));
		rows[i] = buf_view(&b);
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t j = 0; j < i; j++) {
			uint8_t x[16], y[16];
			row_digest_tag(rows[i], x);
			row_digest_tag(rows[j], y);
			assert_memory_not_equal(x, y, 16);
			assert_false(id_eq(row_digest_name(rows[i]), row_digest_name(rows[j])));
		}
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definition), cmocka_unit_test(published_tree), cmocka_unit_test(published_note),
		cmocka_unit_test(checkpoints), cmocka_unit_test(strange_checkpoints), cmocka_unit_test(trusts),
		cmocka_unit_test(fingerprints), cmocka_unit_test(digests_differ),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto tree", tests, NULL, NULL);
}

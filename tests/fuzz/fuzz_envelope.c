/* tests/fuzz/fuzz_envelope.c — any bytes as what the record keeps sealed: envelopes, boxes, grants, users' secrets, invitations,
 * recovery keys. Nothing that was not sealed with the key opens; what was sealed opens to the same bytes, and not when one
 * bit of it is another. */
#include "crypto/key.h"
#include "crypto/officer.h"
#include "crypto/recovery.h"
#include "crypto/secret_i.h"
#include "crypto/user_secrets.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct arena *a;
static struct key32 *key, *other, *scratch;
static struct stream_key *stream;
static struct grant *grant;
static const struct envelope_at at = { .compartment = 2, .epoch = 1, .seq = 7, .version = 1, .slot = 1 };

static void begin(void)
{
	uint8_t bytes[32];

	assert_always((a = arena_new(16u << 20)) != NULL && crypto_start() == OK);
	key = key32_new();
	other = key32_new();
	scratch = key32_new();
	stream = stream_key_new();
	grant = grant_new();
	assert_always(key != NULL && other != NULL && scratch != NULL && stream != NULL && grant != NULL);
	memset(bytes, 1, sizeof bytes);
	key32_take(key, bytes);
	memset(bytes, 2, sizeof bytes);
	key32_take(other, bytes);
	stream_key_derive(key, other, &at, stream);
}

/* data[0] the bit, data[1..2] the place: sealed, opened, bent, refused. */
static void round_trip(const uint8_t *data, size_t n)
{
	struct str plain = { (const char *)data + 3, n - 3 }, sealed, back;
	enum err e = envelope_seal(a, stream, &at, plain, &sealed);

	assert_always(e == OK || plain.n > ENVELOPE_PLAIN_MAX);
	if (e != OK)
		return;
	assert_always(envelope_open(a, stream, &at, sealed, &back) == OK && str_eq(back, plain));
	char *bent = arena_take(a, sealed.n);
	size_t place = ((size_t)data[1] << 8 | data[2]) % sealed.n;

	assert_always(bent != NULL);
	memcpy(bent, sealed.p, sealed.n);
	bent[place] = (char)(bent[place] ^ (1 << (data[0] & 7)));
	assert_always(envelope_open(a, stream, &at, (struct str){ bent, sealed.n }, &back) != OK);
	struct envelope_at moved = at;

	moved.seq++;
	assert_always(envelope_open(a, stream, &moved, sealed, &back) != OK);
}

static enum err nobody(void *ctx, struct id16 granter, uint32_t serial, uint8_t ret[32])
{
	(void)ctx;
	(void)granter;
	(void)serial;
	memset(ret, 3, 32);
	return OK;
}

static void grants(struct str s)
{
	const struct granter_lookup who = { .find = nobody };
	struct grant_clear clear;
	enum grant_form form;

	if (grant_peek(s, &form, &clear) == OK)
		assert_always(s.n == (form == GRANT_WRAPPED ? GRANT_WRAPPED_BYTES : GRANT_ACCEPTED_BYTES));
	assert_always(grant_open(s, key, grant) != OK);
	assert_always(grant_unwrap(s, key, &who, grant) != OK);
}

static void people(struct str s)
{
	static struct trust none;
	struct secrets_head head;
	struct invitation invited;
	struct user_secrets *secrets = user_secrets_new();

	assert_always(secrets != NULL);
	(void)!secrets_head_parse(s, &head);
	assert_always(user_secrets_open(s, key, secrets) != OK);
	assert_always(invitation_open(s, &none, STR("ABCDEFGHJKLMNPQR"), (struct instant){ 1 }, &invited) != OK);
	user_secrets_free(secrets);
}

static void recovery(struct str s)
{
	struct id16 id = { { 0 } };
	uint8_t public[32];
	struct str back;

	assert_always(recovery_public(s, id, id, key, public) != OK);
	assert_always(recovery_open(s, key, other, scratch) != OK);
	assert_always(recovery_unwrap(key, s, scratch) != OK);
	assert_always(custodian_unseal(a, s, key, &back) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = { (const char *)data + 1, n - 1 }, back;

	if (a == NULL)
		begin();
	if (n < 1)
		return 0;
	switch (data[0] % 6) {
	case 0: assert_always(envelope_open(a, stream, &at, s, &back) != OK); break;
	case 1: if (n > 4) round_trip(data + 1, n - 1); break;
	case 2: assert_always(envelope_unbox(a, key, other, &at, s, &back) != OK); break;
	case 3: grants(s); break;
	case 4: people(s); break;
	default: recovery(s); break;
	}
	arena_reset(a);
	return 0;
}

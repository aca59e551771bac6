/* tests/fuzz/fuzz_log.c — any bytes as an entry, a checkpoint, a trust, a certificate or a state of the log: what is
 * taken must be written to the same bytes again. */
#include "crypto/hash.h"
#include "crypto/log_state.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void same(const void *p, size_t n, struct str s)
{
	assert_always(n == s.n && memcmp(p, s.p, n) == 0);
}

static void entry(struct arena *a, struct str s)
{
	struct log_entry e;
	if (log_entry_parse(s, &e) != OK)
		return;
	uint8_t *out = arena_take(a, log_entry_size(&e));
	for (uint32_t i = 0; i < e.n_rows; i++)
		(void)log_entry_row(&e, i);
	if (out != NULL) {
		log_entry_bytes(&e, out);
		same(out, log_entry_size(&e), s);
	}
}

static void checkpoint(struct arena *a, struct str s)
{
	static const uint8_t key[32] = { 1 };
	struct checkpoint c;
	struct str text = STR_UNSET;
	assert_always(checkpoint_open(s, "avstamp", key, &c) != OK);
	assert_always(note_open(s, "avstamp", key, &text) != OK);
	if (checkpoint_parse(s, &c) != OK)
		return;
	struct str body = checkpoint_body(a, &c);
	assert_always(body.p == NULL || str_starts(s, body));
}

static void trust(struct arena *a, struct str s)
{
	struct trust *t = ARENA_NEW(a, struct trust);
	uint8_t fp[32];
	(void)!trust_fingerprint_parse(s, fp);
	if (t == NULL || trust_parse(s, t) != OK)
		return;
	struct str again = trust_text(a, t);
	same(again.p, again.n, s);
}

static void certificate(struct str s)
{
	struct certificate c;
	uint8_t out[CERTIFICATE_BYTES];
	if (certificate_parse(s, &c) != OK)
		return;
	certificate_bytes(&c, out);
	same(out, sizeof(out), s);
}

static void state(struct arena *a, struct str s)
{
	struct log_state st;
	if (log_state_parse(a, s, &st) != OK)
		return;
	struct str again = log_state_bytes(a, &st);
	same(again.p, again.n, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct arena *a;
	if (a == NULL) {
		a = arena_new(16u << 20);
		assert_always(a != NULL && crypto_start() == OK);
	}
	if (n < 1)
		return 0;
	struct str s = { (const char *)data + 1, n - 1 };
	switch (data[0] % 5) {
	case 0: entry(a, s); break;
	case 1: checkpoint(a, s); break;
	case 2: trust(a, s); break;
	case 3: certificate(s); break;
	default: state(a, s); break;
	}
	arena_reset(a);
	return 0;
}

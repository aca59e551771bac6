/* tests/fuzz/fuzz_wire.c — any bytes as any message: what decodes must encode to the same bytes again. */
#include "wire/codec.h"
#include "wire/frame.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2) return 0;
	unsigned type = data[0];
	const struct wire_shape *s = (data[1] & 1) ? wire_reply_shape(type) : wire_request_shape(type);
	struct frame f;
	if (n >= 2 + FRAME_HEADER) (void)!frame_parse(data + 2, &f);
	if (s == NULL) return 0;
	static struct arena *a;
	if (a == NULL) a = arena_new(64u << 20);
	void *value = arena_take(a, wire_struct_size(s));
	struct str bytes = { (const char *)data + 2, n - 2 };
	if (wire_decode(s, bytes, a, value) == OK) {
		struct buf b = buf_new(a, bytes.n);
		assert_always(wire_size(s, value) == bytes.n);
		assert_always(wire_encode(s, value, &b) == OK);
		assert_always(b.n == bytes.n && memcmp(b.p, bytes.p, bytes.n) == 0);
	}
	arena_reset(a);
	return 0;
}

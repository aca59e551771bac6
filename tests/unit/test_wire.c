/* tests/unit/test_wire.c — the codec and the frames: round trips of random messages, and every refusal.
 *
 * Random values are made from the same descriptions that the codec reads, so two messages are also compared
 * with bytes written down by hand: a description that is wrong in the same way twice shows there. */
#include "wire/frame.h"
#include "wire/shapes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t seed = 42;

static uint64_t draw(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

static void fill(const struct wire_shape *s, struct arena *a, uint8_t *base);

static void fill_bytes(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) p[i] = (uint8_t)draw(256);
}

static void fill_field(const struct wire_field *f, struct arena *a, uint8_t *base)
{
	uint8_t *to = base + f->at;
	if (f->kind == KIND_BOOL) *to = (uint8_t)draw(2);
	else if (f->kind == KIND_ERR) { enum err e = (enum err)draw(ERR_COUNT); memcpy(to, &e, sizeof e); }
	else if (f->kind == KIND_SEAL_TO) { enum seal_to t = (enum seal_to)(1 + draw(4)); memcpy(to, &t, sizeof t); }
	else if (f->kind == KIND_U8) fill_bytes(to, 1);
	else if (f->kind == KIND_U16) fill_bytes(to, 2);
	else if (f->kind == KIND_U32) fill_bytes(to, 4);
	else if (f->kind == KIND_U64 || f->kind == KIND_I64) fill_bytes(to, 8);
	else if (f->kind == KIND_BYTES) fill_bytes(to, f->max);
	else if (f->kind == KIND_PART) fill(f->sub, a, to);
	else if (f->kind == KIND_STR) {
		size_t n = draw(f->max < 100 ? f->max + 1 : 100);
		uint8_t *p = arena_take(a, n);
		fill_bytes(p, n);
		struct str s = draw(4) == 0 ? STR_UNSET : (struct str){ (char *)p, n };
		memcpy(to, &s, sizeof s);
	} else {
		size_t n = draw(4);
		uint8_t *p = n ? arena_take_array(a, n, wire_struct_size(f->sub)) : NULL;
		for (size_t i = 0; i < n; i++) fill(f->sub, a, p + i * wire_struct_size(f->sub));
		memcpy(to, &p, sizeof p);
		memcpy(base + f->count_at, &n, sizeof n);
	}
}

static void fill(const struct wire_shape *s, struct arena *a, uint8_t *base)
{
	for (size_t i = 0; i < s->n_fields; i++) fill_field(&s->fields[i], a, base);
}

static struct str encoded(const struct wire_shape *s, const void *value, struct arena *a)
{
	struct buf b = buf_new(a, wire_size(s, value));
	assert_int_equal(wire_encode(s, value, &b), OK);
	assert_int_equal(b.n, wire_size(s, value));
	return buf_view(&b);
}

static const struct wire_shape *shape_of(unsigned type, bool reply)
{
	return reply ? wire_reply_shape(type) : wire_request_shape(type);
}

static void round_trip_of_every_message(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned type = 1; type < WIRE_TYPES; type++) {
			for (int reply = 0; reply < 2; reply++) {
				const struct wire_shape *s = shape_of(type, reply);
				if (s == NULL) continue;
				struct arena *a = arena_new(1 << 20);
				void *x = arena_take(a, wire_struct_size(s)), *y = arena_take(a, wire_struct_size(s));
				fill(s, a, x);
				struct str bytes = encoded(s, x, a);
				assert_int_equal(wire_decode(s, bytes, a, y), OK);
				assert_true(str_eq(bytes, encoded(s, y, a)));
				arena_free(a);
			}
		}
	}
}

static void every_truncation_and_every_extra_byte_is_refused(void **state)
{
	(void)state;
	for (unsigned type = 1; type < WIRE_TYPES; type++) {
		for (int reply = 0; reply < 2; reply++) {
			const struct wire_shape *s = shape_of(type, reply);
			if (s == NULL) continue;
			struct arena *a = arena_new(16 << 20);
			void *x = arena_take(a, wire_struct_size(s)), *y = arena_take(a, wire_struct_size(s));
			fill(s, a, x);
			struct str bytes = encoded(s, x, a);
			for (size_t n = 0; n < bytes.n; n++)
				assert_int_equal(wire_decode(s, (struct str){ bytes.p, n }, a, y), ERR_INVALID);
			char *p = arena_take(a, bytes.n + 1);
			memcpy(p, bytes.p, bytes.n);
			assert_int_equal(wire_decode(s, (struct str){ p, bytes.n + 1 }, a, y), ERR_INVALID);
			arena_free(a);
		}
	}
}

static void bytes_written_by_hand(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct vault_session session = { .activity = true };
	memset(session.cookie.b, 0xc0, 32);
	struct str got = encoded(wire_request_shape(WIRE_session), &session, a);
	uint8_t want[33];
	memset(want, 0xc0, 32);
	want[32] = 1;
	assert_int_equal(got.n, sizeof want);
	assert_memory_equal(got.p, want, sizeof want);

	struct str envelope = STR("abc");
	struct vault_seal_reply reply = { .status = ERR_LOCKED, .intent = 0x0102, .noted = { -1 }, .envelopes = &envelope, .n_envelopes = 1 };
	got = encoded(wire_reply_shape(WIRE_seal), &reply, a);
	static const uint8_t seal[] = { 0, ERR_LOCKED, 0, 0, 0, 0, 0, 0, 1, 2, 255, 255, 255, 255, 255, 255, 255, 255,
		0, 0, 0, 1, 0, 0, 0, 3, 'a', 'b', 'c' };
	assert_int_equal(got.n, sizeof seal);
	assert_memory_equal(got.p, seal, sizeof seal);
	arena_free(a);
}

static void unset_and_empty_stay_apart(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct vault_login_name x = { STR("") }, y = { STR("x") };
	const struct wire_shape *s = wire_request_shape(WIRE_login_name);
	assert_int_equal(wire_decode(s, encoded(s, &x, a), a, &y), OK);
	assert_true(y.name.p != NULL && y.name.n == 0);
	x.name = STR_UNSET;
	assert_int_equal(wire_decode(s, encoded(s, &x, a), a, &y), OK);
	assert_null(y.name.p);
	arena_free(a);
}

static void choices_outside_their_list_are_refused(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	char bytes[256] = { 0 };
	const struct wire_shape *s = wire_reply_shape(WIRE_lock);
	struct vault_status_reply status;
	bytes[1] = (char)(ERR_COUNT - 1);
	assert_int_equal(wire_decode(s, (struct str){ bytes, 2 }, a, &status), OK);
	bytes[1] = (char)ERR_COUNT;
	assert_int_equal(wire_decode(s, (struct str){ bytes, 2 }, a, &status), ERR_INVALID);
	struct vault_session session;
	memset(bytes, 0, sizeof bytes);
	bytes[32] = 2;
	assert_int_equal(wire_decode(wire_request_shape(WIRE_session), (struct str){ bytes, 33 }, a, &session), ERR_INVALID);
	struct seal_item item = { .to = SEAL_STREAM };
	struct vault_seal seal = { .items = &item, .n_items = 1 };
	s = wire_request_shape(WIRE_seal);
	struct str good = encoded(s, &seal, a);
	char *p = arena_take(a, good.n);
	memcpy(p, good.p, good.n);
	/* cookie, purpose, act, asked, reason, grant, slot, not_before, count: then the item's first byte. */
	size_t at = 32 + 2 + 4 + 16 + 4 + 4 + 4 + 8 + 4;
	assert_int_equal(p[at], SEAL_STREAM);
	for (int wrong = 0; wrong < 256; wrong++) {
		p[at] = (char)wrong;
		enum err e = wire_decode(s, (struct str){ p, good.n }, a, &seal);
		assert_int_equal(e, wrong >= 1 && wrong <= 4 ? OK : ERR_INVALID);
	}
	arena_free(a);
}

static void counts_are_not_believed(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	/* outcome: count of done is huge, but only a few bytes follow. */
	static const uint32_t counts[] = { 2, 100, 65536, 65537, 0x20000000, 0x80000000, 0xffffffff };
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct buf b = buf_new(a, 64);
		buf_u32(&b, counts[i]);
		buf_u64(&b, 7);
		buf_u32(&b, 0);
		struct vault_outcome o;
		size_t before = arena_used(a);
		assert_int_equal(wire_decode(wire_request_shape(WIRE_outcome), buf_view(&b), a, &o), ERR_INVALID);
		assert_true(arena_used(a) - before < 4096);
	}
	arena_free(a);
}

static void limits_hold_both_ways(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	char text[65];
	memset(text, 'a', sizeof text);
	struct vault_index index = { .number = { text, 17 } };
	struct buf b = buf_new(a, 4096);
	assert_int_equal(wire_encode(wire_request_shape(WIRE_index), &index, &b), ERR_TOO_LARGE);
	index.number.n = 16;
	struct str good = encoded(wire_request_shape(WIRE_index), &index, a);
	char *p = arena_take(a, good.n + 1);
	memcpy(p, good.p, good.n);
	p[good.n - 17]++; /* the length of the number becomes 17 and the byte is there */
	assert_int_equal(wire_decode(wire_request_shape(WIRE_index), (struct str){ p, good.n + 1 }, a, &index), ERR_INVALID);
	struct buf small = buf_over(text, 10);
	assert_int_equal(wire_encode(wire_request_shape(WIRE_index), &index, &small), ERR_FULL);
	arena_free(a);
}

static void a_small_arena_is_full_not_wrong(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20), *tiny = arena_new(512);
	struct opened_group groups[64] = { 0 };
	struct vault_open_reply reply = { .groups = groups, .n_groups = COUNT_OF(groups) }, out = { .entry = 77 };
	struct str bytes = encoded(wire_reply_shape(WIRE_open), &reply, a);
	assert_int_equal(wire_decode(wire_reply_shape(WIRE_open), bytes, tiny, &out), ERR_FULL);
	assert_int_equal(out.entry, 77);
	arena_free(a);
	arena_free(tiny);
}

static void unknown_numbers_have_no_shape(void **state)
{
	(void)state;
	assert_null(wire_request_shape(0));
	assert_null(wire_request_shape(WIRE_TYPES));
	assert_null(wire_request_shape(0xffff));
	assert_null(wire_reply_shape(WIRE_outcome));
	assert_non_null(wire_request_shape(WIRE_outcome));
}

static void frames_cut_and_join(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, FRAME_PAYLOAD_MAX - 1, FRAME_PAYLOAD_MAX, FRAME_PAYLOAD_MAX + 1, 4u << 20 };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		size_t sum = 0, frames = frame_count(sizes[i]);
		for (size_t k = 0; k < frames; k++) {
			uint8_t bytes[FRAME_HEADER];
			struct frame out = frame_of(sizes[i], k, 9, 3), in;
			frame_write(&out, bytes);
			assert_int_equal(frame_parse(bytes, &in), OK);
			assert_true(in.number == 9 && in.type == 3 && in.length == out.length);
			assert_int_equal((in.flags & FRAME_MORE) != 0, k + 1 < frames);
			sum += in.length;
		}
		assert_int_equal(sum, sizes[i]);
	}
}

static void bad_frame_headers_are_refused(void **state)
{
	(void)state;
	struct frame f;
	static const uint8_t too_long[FRAME_HEADER] = { 0, 0, 0xff, 0xf1, 0, 0, 0, 1, 0, 1, 0, 0 };
	static const uint8_t longest[FRAME_HEADER] = { 0, 0, 0xff, 0xf0, 0, 0, 0, 1, 0, 1, 0, 0 };
	static const uint8_t flag[FRAME_HEADER] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 2 };
	static const uint8_t short_more[FRAME_HEADER] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1 };
	assert_int_equal(frame_parse(longest, &f), OK);
	assert_int_equal(frame_parse(too_long, &f), ERR_INVALID);
	assert_int_equal(frame_parse(flag, &f), ERR_INVALID);
	assert_int_equal(frame_parse(short_more, &f), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip_of_every_message),
		cmocka_unit_test(every_truncation_and_every_extra_byte_is_refused),
		cmocka_unit_test(bytes_written_by_hand),
		cmocka_unit_test(unset_and_empty_stay_apart),
		cmocka_unit_test(choices_outside_their_list_are_refused),
		cmocka_unit_test(counts_are_not_believed),
		cmocka_unit_test(limits_hold_both_ways),
		cmocka_unit_test(a_small_arena_is_full_not_wrong),
		cmocka_unit_test(unknown_numbers_have_no_shape),
		cmocka_unit_test(frames_cut_and_join),
		cmocka_unit_test(bad_frame_headers_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/codec.c — the one encoder and the one decoder of every message. */
#include "wire/shapes.h"
#include <string.h>

#define UNSET_LENGTH 0xffffffffu

static const void *pointer_at(const uint8_t *base, size_t at)
{
	const void *p;
	memcpy(&p, base + at, sizeof p);
	return p;
}

static size_t count_of(const uint8_t *base, const struct wire_field *f)
{
	size_t n;
	memcpy(&n, base + f->count_at, sizeof n);
	return n;
}

size_t wire_struct_size(const struct wire_shape *s)
{
	return s->size;
}

/* TOO_LONG when a limit of the description is passed. Sums of such sizes stay above any message. */
#define TOO_LONG (SIZE_MAX / 2)

/* What a field takes beyond its least. */
static size_t size_beyond(const struct wire_field *f, const uint8_t *base)
{
	if (f->kind == KIND_STR) {
		struct str s;
		memcpy(&s, base + f->at, sizeof s);
		if (s.p == NULL) return 0;
		return s.n > f->max ? TOO_LONG : s.n;
	}
	if (f->kind == KIND_PART) return wire_size(f->sub, base + f->at) - f->sub->memo->least;
	size_t n = count_of(base, f), sum = 0;
	const uint8_t *p = pointer_at(base, f->at);
	if (n > f->max) return TOO_LONG;
	for (size_t i = 0; i < n && sum < TOO_LONG; i++) sum += wire_size(f->sub, p + i * f->sub->size);
	return sum;
}

size_t wire_size(const struct wire_shape *s, const void *value)
{
	const struct wire_memo *m = s->memo;
	size_t sum = m->least;
	for (size_t i = 0; i < m->n_more && sum < TOO_LONG; i++) sum += size_beyond(&s->fields[m->more[i]], value);
	return sum < TOO_LONG ? sum : TOO_LONG;
}

static uint8_t *put_u16(uint8_t *p, uint16_t v)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof v);
	return p + sizeof v;
}

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof v);
	return p + sizeof v;
}

static uint8_t *put_u64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof v);
	return p + sizeof v;
}

static uint8_t *put_str(uint8_t *p, const uint8_t *from)
{
	struct str s;
	memcpy(&s, from, sizeof s);
	if (s.p == NULL) return put_u32(p, UNSET_LENGTH);
	p = put_u32(p, (uint32_t)s.n);
	if (s.n > 0) memcpy(p, s.p, s.n);
	return p + s.n;
}

static uint8_t *put_shape(const struct wire_shape *s, const uint8_t *base, uint8_t *p);

static uint8_t *put_array(const struct wire_field *f, const uint8_t *base, uint8_t *p)
{
	size_t n = count_of(base, f);
	const uint8_t *from = pointer_at(base, f->at);
	p = put_u32(p, (uint32_t)n);
	for (size_t i = 0; i < n; i++) p = put_shape(f->sub, from + i * f->sub->size, p);
	return p;
}

static uint8_t *put_field(const struct wire_field *f, const uint8_t *base, uint8_t *p)
{
	union { uint16_t u16; uint32_t u32; uint64_t u64; bool flag; enum err e; enum seal_to to; } v;
	const uint8_t *from = base + f->at;
	switch (f->kind) {
	case KIND_U8: *p = *from; return p + 1;
	case KIND_U16: memcpy(&v.u16, from, 2); return put_u16(p, v.u16);
	case KIND_U32: memcpy(&v.u32, from, 4); return put_u32(p, v.u32);
	case KIND_U64:
	case KIND_I64: memcpy(&v.u64, from, 8); return put_u64(p, v.u64);
	case KIND_BOOL: memcpy(&v.flag, from, sizeof v.flag); *p = v.flag ? 1 : 0; return p + 1;
	case KIND_ERR: memcpy(&v.e, from, sizeof v.e); return put_u16(p, (uint16_t)v.e);
	case KIND_SEAL_TO: memcpy(&v.to, from, sizeof v.to); *p = (uint8_t)v.to; return p + 1;
	case KIND_BYTES: memcpy(p, from, f->max); return p + f->max;
	case KIND_STR: return put_str(p, from);
	case KIND_PART: return put_shape(f->sub, from, p);
	case KIND_ARRAY: return put_array(f, base, p);
	}
	assert_always(false);
}

static uint8_t *put_shape(const struct wire_shape *s, const uint8_t *base, uint8_t *p)
{
	for (size_t i = 0; i < s->n_fields; i++) p = put_field(&s->fields[i], base, p);
	return p;
}

static enum err encode(const struct wire_shape *s, const void *value, size_t n, struct buf *b)
{
	uint8_t *p = buf_take(b, n);
	if (p == NULL) return ERR_FULL;
	assert_always(put_shape(s, value, p) == p + n);
	return OK;
}

enum err wire_encode(const struct wire_shape *s, const void *value, struct buf *b)
{
	size_t n = wire_size(s, value);
	return n >= TOO_LONG ? ERR_TOO_LARGE : encode(s, value, n, b);
}

enum err wire_encode_new(const struct wire_shape *s, const void *value, struct arena *a, struct buf *ret)
{
	size_t n = wire_size(s, value);
	if (n > WIRE_MESSAGE_MAX) return ERR_TOO_LARGE;
	*ret = buf_new(a, n);
	return encode(s, value, n, ret);
}

static enum err decode_shape(const struct wire_shape *s, struct cursor *c, struct arena *a, uint8_t *base);

static enum err decode_str(const struct wire_field *f, struct cursor *c, uint8_t *base)
{
	uint32_t n = cur_u32(c);
	struct str s = STR_UNSET;
	if (c->bad) return ERR_INVALID;
	if (n != UNSET_LENGTH) {
		if (n > f->max || n > c->n - c->at) return ERR_INVALID;
		s = cur_bytes(c, n);
	}
	memcpy(base + f->at, &s, sizeof s);
	return OK;
}

static enum err decode_array(const struct wire_field *f, struct cursor *c, struct arena *a, uint8_t *base)
{
	size_t n = cur_u32(c);
	if (c->bad || n > f->max || n > (c->n - c->at) / f->sub->memo->least) return ERR_INVALID;
	uint8_t *p = NULL;
	if (n > 0) {
		p = arena_take_array(a, n, f->sub->size);
		if (p == NULL) return ERR_FULL;
	}
	for (size_t i = 0; i < n; i++) {
		enum err e = decode_shape(f->sub, c, a, p + i * f->sub->size);
		if (e != OK) return e;
	}
	const void *stored = p;
	memcpy(base + f->at, &stored, sizeof stored);
	memcpy(base + f->count_at, &n, sizeof n);
	return OK;
}

static enum err decode_choice(const struct wire_field *f, struct cursor *c, uint8_t *to)
{
	if (f->kind == KIND_BOOL) {
		uint8_t v = cur_u8(c);
		if (v > 1) return ERR_INVALID;
		bool flag = v == 1;
		memcpy(to, &flag, sizeof flag);
	} else if (f->kind == KIND_ERR) {
		uint16_t v = cur_u16(c);
		if (v >= ERR_COUNT) return ERR_INVALID;
		enum err e = (enum err)v;
		memcpy(to, &e, sizeof e);
	} else {
		uint8_t v = cur_u8(c);
		if (v < SEAL_STREAM || v > SEAL_STANDING) return ERR_INVALID;
		enum seal_to seal = (enum seal_to)v;
		memcpy(to, &seal, sizeof seal);
	}
	return OK;
}

static void decode_number(const struct wire_field *f, struct cursor *c, uint8_t *to)
{
	union { uint16_t u16; uint32_t u32; uint64_t u64; } v;
	switch (f->kind) {
	case KIND_U8: *to = cur_u8(c); return;
	case KIND_U16: v.u16 = cur_u16(c); memcpy(to, &v.u16, 2); return;
	case KIND_U32: v.u32 = cur_u32(c); memcpy(to, &v.u32, 4); return;
	case KIND_U64:
	case KIND_I64: v.u64 = cur_u64(c); memcpy(to, &v.u64, 8); return;
	case KIND_BYTES: cur_copy(c, to, f->max); return;
	case KIND_BOOL:
	case KIND_ERR:
	case KIND_SEAL_TO:
	case KIND_STR:
	case KIND_PART:
	case KIND_ARRAY: break;
	}
	assert_always(false);
}

static enum err decode_field(const struct wire_field *f, struct cursor *c, struct arena *a, uint8_t *base)
{
	switch (f->kind) {
	case KIND_STR: return decode_str(f, c, base);
	case KIND_ARRAY: return decode_array(f, c, a, base);
	case KIND_PART: return decode_shape(f->sub, c, a, base + f->at);
	case KIND_BOOL:
	case KIND_ERR:
	case KIND_SEAL_TO: return decode_choice(f, c, base + f->at);
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
	case KIND_U64:
	case KIND_I64:
	case KIND_BYTES: decode_number(f, c, base + f->at); return OK;
	}
	assert_always(false);
}

/* Calls itself only as deep as the descriptions nest, which is fixed when the program is built. */
static enum err decode_shape(const struct wire_shape *s, struct cursor *c, struct arena *a, uint8_t *base)
{
	for (size_t i = 0; i < s->n_fields; i++) {
		enum err e = decode_field(&s->fields[i], c, a, base);
		if (e != OK) return e;
		if (c->bad) return ERR_INVALID;
	}
	return OK;
}

enum err wire_decode(const struct wire_shape *s, struct str bytes, struct arena *a, void *ret)
{
	if (bytes.p == NULL || bytes.n > WIRE_MESSAGE_MAX) return ERR_INVALID;
	struct cursor c = cursor_over(bytes.p, bytes.n);
	uint8_t *scratch = arena_take(a, s->size);
	if (scratch == NULL) return ERR_FULL;
	enum err e = decode_shape(s, &c, a, scratch);
	if (e != OK) return e;
	if (!cur_done(&c)) return ERR_INVALID;
	memcpy(ret, scratch, s->size);
	return OK;
}

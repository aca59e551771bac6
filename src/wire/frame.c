/* wire/frame.c — frame headers, written and read. */
#include "wire/frame.h"

void frame_write(const struct frame *f, uint8_t out[FRAME_HEADER])
{
	struct buf b = buf_over(out, FRAME_HEADER);
	buf_u32(&b, f->length);
	buf_u32(&b, f->number);
	buf_u16(&b, f->type);
	buf_u16(&b, f->flags);
	assert_always(!buf_is_full(&b) && b.n == FRAME_HEADER);
}

enum err frame_parse(const uint8_t in[FRAME_HEADER], struct frame *ret)
{
	struct cursor c = cursor_over(in, FRAME_HEADER);
	struct frame f = { 0 };
	f.length = cur_u32(&c);
	f.number = cur_u32(&c);
	f.type = cur_u16(&c);
	f.flags = cur_u16(&c);
	if (f.length > FRAME_PAYLOAD_MAX || (f.flags & ~FRAME_MORE) != 0) return ERR_INVALID;
	if ((f.flags & FRAME_MORE) && f.length != FRAME_PAYLOAD_MAX) return ERR_INVALID;
	*ret = f;
	return OK;
}

size_t frame_count(size_t n)
{
	return n == 0 ? 1 : (n + FRAME_PAYLOAD_MAX - 1) / FRAME_PAYLOAD_MAX;
}

struct frame frame_of(size_t n, size_t i, uint32_t number, uint16_t type)
{
	size_t frames = frame_count(n);
	assert_always(i < frames);
	size_t at = i * FRAME_PAYLOAD_MAX;
	bool last = i + 1 == frames;
	return (struct frame){
		.length = (uint32_t)(last ? n - at : FRAME_PAYLOAD_MAX),
		.number = number,
		.type = type,
		.flags = last ? 0 : FRAME_MORE,
	};
}

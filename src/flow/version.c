/* flow/version.c — encodes and compares the versions a reader holds. */
#include "flow/version.h"

#define ENTRY_HEX 10

static void add_hex(struct buf *b, uint64_t v, int digits)
{
	static const char hex[] = "0123456789abcdef";
	for (int i = digits - 1; i >= 0; i--)
		buf_char(b, hex[(v >> (4 * i)) & 15]);
}

struct str version_encode(struct arena *a, const struct version *v)
{
	struct buf b = buf_new(a, STREAMS_MAX * ENTRY_HEX);
	for (unsigned c = 0; c < STREAMS_MAX; c++) {
		if (!(v->held & (UINT32_C(1) << c)))
			continue;
		add_hex(&b, c, 2);
		add_hex(&b, v->seq[c], 8);
	}
	return buf_view(&b);
}

static bool read_hex(const char *p, int digits, uint32_t *ret)
{
	uint32_t v = 0;
	for (int i = 0; i < digits; i++) {
		char ch = p[i];
		uint32_t d;
		if (ch >= '0' && ch <= '9')
			d = (uint32_t)(ch - '0');
		else if (ch >= 'a' && ch <= 'f')
			d = (uint32_t)(ch - 'a') + 10;
		else
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

enum err version_decode(struct str s, struct version *ret)
{
	struct version v = { .held = 0 };
	if (s.n % ENTRY_HEX != 0 || s.n > (size_t)STREAMS_MAX * ENTRY_HEX)
		return ERR_INVALID;
	int64_t last = -1;
	for (size_t i = 0; i < s.n; i += ENTRY_HEX) {
		uint32_t c, seq;
		if (!read_hex(s.p + i, 2, &c) || !read_hex(s.p + i + 2, 8, &seq))
			return ERR_INVALID;
		if (c >= STREAMS_MAX || (int64_t)c <= last)
			return ERR_INVALID;
		last = (int64_t)c;
		v.held |= UINT32_C(1) << c;
		v.seq[c] = seq;
	}
	*ret = v;
	return OK;
}

bool version_moved(const struct version *shown, const struct version *now, uint32_t reads)
{
	uint32_t read = now->held & reads;
	for (unsigned c = 0; c < STREAMS_MAX; c++)
		if ((read & (UINT32_C(1) << c)) && shown->seq[c] != now->seq[c])
			return true;
	return false;
}

struct version version_after(const struct version *shown, const struct version *before, const struct version *after)
{
	struct version v = *shown;
	for (unsigned c = 0; c < STREAMS_MAX; c++) {
		if (after->seq[c] == before->seq[c])
			continue;
		v.held |= UINT32_C(1) << c;
		if (shown->seq[c] == before->seq[c])
			v.seq[c] = after->seq[c];
	}
	v.held &= after->held;
	return v;
}

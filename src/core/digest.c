/* core/digest.c — BLAKE2b-256 without a key (RFC 7693). */
#include "core/digest.h"
#include <string.h>

static const uint64_t start[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
static const uint8_t order[12][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
};

static uint64_t turn(uint64_t v, unsigned n)
{
	return (v >> n) | (v << (64 - n));
}

static void mix(uint64_t v[16], const uint8_t at[4], uint64_t x, uint64_t y)
{
	uint64_t *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];
	*a += *b + x; *d = turn(*d ^ *a, 32);
	*c += *d; *b = turn(*b ^ *c, 24);
	*a += *b + y; *d = turn(*d ^ *a, 16);
	*c += *d; *b = turn(*b ^ *c, 63);
}

static void block(uint64_t h[8], const uint8_t bytes[128], uint64_t total, bool last)
{
	static const uint8_t places[8][4] = { { 0, 4, 8, 12 }, { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	                                      { 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 } };
	uint64_t v[16], m[16];
	for (size_t i = 0; i < 16; i++) {
		m[i] = 0;
		for (size_t j = 8; j-- > 0;) m[i] = (m[i] << 8) | bytes[8 * i + j];
	}
	memcpy(v, h, 8 * sizeof h[0]);
	memcpy(v + 8, start, sizeof start);
	v[12] ^= total;
	if (last) v[14] = ~v[14];
	for (size_t round = 0; round < 12; round++)
		for (size_t i = 0; i < 8; i++) mix(v, places[i], m[order[round][2 * i]], m[order[round][2 * i + 1]]);
	for (size_t i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

struct hash32 digest_of(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	uint64_t h[8], total = 0;
	uint8_t rest[128] = { 0 };
	struct hash32 out;
	memcpy(h, start, sizeof h);
	h[0] ^= 0x01010000 ^ 32;
	while (n - total > 128) {
		total += 128;
		block(h, bytes + total - 128, total, false);
	}
	if (n > total) memcpy(rest, bytes + total, (size_t)(n - total));
	block(h, rest, n, true);
	for (size_t i = 0; i < 32; i++) out.b[i] = (uint8_t)(h[i / 8] >> (8 * (i % 8)));
	return out;
}

/* crypto/row_digest.c — how the log names a row of the database and what stands in it. */
#include "crypto/row_digest.h"
#include "crypto/bytes_i.h"

enum { COLUMN_NULL = 0, COLUMN_NUMBER = 1, COLUMN_BYTES = 2 };

void row_digest_begin(struct buf *b, uint16_t table)
{
	buf_u16(b, table);
}

void row_digest_i64(struct buf *b, int64_t v)
{
	buf_u8(b, COLUMN_NUMBER);
	buf_u64(b, (uint64_t)v);
}

void row_digest_blob(struct buf *b, struct str s)
{
	if (s.p == NULL) {
		buf_u8(b, COLUMN_NULL);
		return;
	}
	assert_always(s.n <= UINT32_MAX);
	buf_u8(b, COLUMN_BYTES);
	buf_u32(b, (uint32_t)s.n);
	buf_str(b, s);
}

void row_digest_id(struct buf *b, struct id16 id)
{
	row_digest_blob(b, (struct str){ (const char *)id.b, sizeof(id.b) });
}

struct id16 row_digest_name(struct str key)
{
	struct id16 id;
	blake_parts(id.b, sizeof(id.b), NULL, "avh.row.name.v1", &(struct part){ key.p, key.n }, 1);
	return id;
}

void row_digest_tag(struct str row, uint8_t ret[16])
{
	blake_parts(ret, 16, NULL, "avh.row.tag.v1", &(struct part){ row.p, row.n }, 1);
}

void row_digest_tag_sealed(struct str clear, struct str sealed, uint8_t ret[16])
{
	uint8_t head[5];
	struct buf b = buf_over(head, sizeof(head));
	assert_always(sealed.p != NULL && sealed.n <= UINT32_MAX);
	buf_u8(&b, COLUMN_BYTES);
	buf_u32(&b, (uint32_t)sealed.n);
	struct part parts[] = { { clear.p, clear.n }, { head, sizeof(head) }, { sealed.p, sealed.n } };
	blake_parts(ret, 16, NULL, "avh.row.tag.v1", parts, COUNT_OF(parts));
}

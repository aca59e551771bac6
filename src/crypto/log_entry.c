/* crypto/log_entry.c — AVL1: the clear part of an entry as bytes. */
#include "crypto/log_entry.h"
#include "crypto/bytes_i.h"
#include <string.h>

enum { SUITE = 1 };

static bool class_exists(uint8_t c)
{
	switch (c) {
#define LOG_CLASS(id, number, name) case number:
#include "tables/log_classes.def"
		return true;
	default:
		return false;
	}
}

struct str log_class_name(enum log_class c)
{
	switch (c) {
#define LOG_CLASS(id, number, name) case LOG_##id: return STR(name);
#include "tables/log_classes.def"
	default:
		return STR_UNSET;
	}
}

size_t log_entry_size(const struct log_entry *e)
{
	return LOG_ENTRY_FIXED + (size_t)e->n_rows * LOG_ROW_BYTES;
}

void log_entry_bytes(const struct log_entry *e, uint8_t *ret)
{
	struct buf b = buf_over(ret, log_entry_size(e));
	assert_always(e->n_rows <= LOG_ROWS_MAX && e->body_n <= LOG_BODY_MAX);
	buf_lit(&b, "AVL1");
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)e->class);
	buf_u8(&b, (uint8_t)e->outcome);
	buf_u8(&b, (uint8_t)e->body);
	buf_u64(&b, e->seq);
	buf_u64(&b, (uint64_t)e->time_us);
	buf_u64(&b, e->mono_ns);
	buf_add(&b, e->boot.b, 16);
	buf_u16(&b, e->node);
	buf_u16(&b, (uint16_t)e->n_rows);
	buf_u32(&b, e->body_n);
	buf_u64(&b, e->ref_seq);
	buf_u64(&b, e->key_seq);
	buf_u64(&b, e->durable);
	buf_add(&b, e->body_hash, 32);
	assert_always(b.n == LOG_ENTRY_FIXED);
	if (e->n_rows > 0)
		buf_add(&b, e->rows, (size_t)e->n_rows * LOG_ROW_BYTES);
	assert_always(b.n == log_entry_size(e) && !buf_is_full(&b));
}

static bool entry_is_sane(const struct log_entry *e)
{
	bool has_body = e->body != LOG_BODY_NONE;
	static const uint8_t zero[32];
	return e->n_rows <= LOG_ROWS_MAX && e->body_n <= LOG_BODY_MAX && has_body == (e->body_n > 0) &&
	       (has_body || memcmp(e->body_hash, zero, 32) == 0) && (e->body == LOG_BODY_SEALED) == (e->key_seq != 0) &&
	       e->durable <= e->seq && e->time_us >= 0 && e->key_seq <= e->seq;
}

enum err log_entry_parse(struct str clear, struct log_entry *ret)
{
	struct log_entry e = { 0 };
	struct cursor c = cursor_over(clear.p, clear.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), class = cur_u8(&c), outcome = cur_u8(&c), body = cur_u8(&c);
	e.seq = cur_u64(&c);
	e.time_us = (int64_t)cur_u64(&c);
	e.mono_ns = cur_u64(&c);
	cur_copy(&c, e.boot.b, 16);
	e.node = cur_u16(&c);
	e.n_rows = cur_u16(&c);
	e.body_n = cur_u32(&c);
	e.ref_seq = cur_u64(&c);
	e.key_seq = cur_u64(&c);
	e.durable = cur_u64(&c);
	cur_copy(&c, e.body_hash, 32);
	struct str rows = cur_bytes(&c, (size_t)e.n_rows * LOG_ROW_BYTES);
	if (!cur_done(&c) || !str_eq(magic, STR("AVL1")) || suite != SUITE || !class_exists(class) || outcome > LOG_LOST ||
	    body > LOG_BODY_CLEAR)
		return ERR_CORRUPT;
	e.class = (enum log_class)class;
	e.outcome = (enum log_outcome)outcome;
	e.body = (enum log_body)body;
	if (!entry_is_sane(&e))
		return ERR_CORRUPT;
	e.rows = (const uint8_t *)rows.p;
	*ret = e;
	return OK;
}

struct log_row log_entry_row(const struct log_entry *e, uint32_t i)
{
	struct log_row r = { 0 };
	assert_always(i < e->n_rows);
	struct cursor c = cursor_over(e->rows + (size_t)i * LOG_ROW_BYTES, LOG_ROW_BYTES);
	cur_copy(&c, r.row.b, 16);
	r.version = cur_u64(&c);
	cur_copy(&c, r.tag, 16);
	return r;
}

void log_row_bytes(const struct log_row *r, uint8_t ret[LOG_ROW_BYTES])
{
	struct buf b = buf_over(ret, LOG_ROW_BYTES);
	buf_add(&b, r->row.b, 16);
	buf_u64(&b, r->version);
	buf_add(&b, r->tag, 16);
}

void log_body_hash(struct str body, uint8_t ret[32])
{
	blake_parts(ret, 32, NULL, "avh.log.body.v1", &(struct part){ body.p, body.n }, 1);
}

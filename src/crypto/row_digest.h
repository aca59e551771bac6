/* crypto/row_digest.h — how the log names a row of the database and what stands in it.
 *
 * Runs in: every process.   Depends on: base.   Never: knows a table's columns (store does).
 *
 * The canonical bytes of a row are its table number (u16) and then each column in schema order:
 *   NULL        00
 *   a number    01, i64 big-endian
 *   bytes       02, length u32, the bytes
 * Name = BLAKE2b-128(table u16 ‖ primary key columns in the same form), personal "avh.row.name.v1".
 * Tag  = BLAKE2b-128(all bytes), personal "avh.row.tag.v1". A deleted row has the zero tag.
 *
 * Invariants
 *   R1  two different rows never have the same canonical bytes. */
#pragma once
#include "base/base.h"

void row_digest_begin(struct buf *b, uint16_t table);
void row_digest_i64(struct buf *b, int64_t v);
void row_digest_id(struct buf *b, struct id16 id);
/* Unset = NULL. */
void row_digest_blob(struct buf *b, struct str s);

/* `key`: canonical bytes of the table number and the primary key columns. */
struct id16 row_digest_name(struct str key);
/* `row`: the whole row. */
void row_digest_tag(struct str row, uint8_t ret[16]);
/* `clear`: the row without its last column, which is the sealed one; `sealed`: that column's bytes. */
void row_digest_tag_sealed(struct str clear, struct str sealed, uint8_t ret[16]);

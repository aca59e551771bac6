/* wire/codec.h — messages as bytes: one description a struct, read by one encoder and one decoder.
 *
 * Runs in: web, vault, verbs.   Depends on: wire/messages.h.   Never: does I/O, recurses on what the bytes say.
 *
 * Encoding: numbers big-endian; bool one byte 0 or 1; a str is u32 length (0xffffffff = unset) and its bytes;
 * an array is u32 count and its elements; fixed byte arrays stand as they are. Nothing is optional, nothing
 * may be left over. docs/FORMATS.md shows it.
 *
 * Invariants
 *   C1  decode(encode(x)) == x, and encode(decode(b)) == b for every b that decodes.
 *   C2  no count and no length of the bytes is believed before that many bytes are there.
 *   C3  decoded strings are views of the bytes given; arrays live in the arena. */
#pragma once
#include "wire/messages.h"

enum wire_type {
#define MESSAGE(name, number, reply) WIRE_##name = (number),
#define MESSAGE_ONE_WAY(name, number) WIRE_##name = (number),
#include "wire/wire.def"
	WIRE_TYPES
};
/* The answer to a request of type t has type t | WIRE_REPLY. */
#define WIRE_REPLY 0x8000u
#define WIRE_MESSAGE_MAX (4u << 20)
#define WIRE_ROWS_MAX 4096u

struct wire_shape; /* the description of one struct, opaque */

/* NULL for a number that is no message (or, for replies, for a one-way message). */
const struct wire_shape *wire_request_shape(unsigned type);
const struct wire_shape *wire_reply_shape(unsigned type);
size_t wire_struct_size(const struct wire_shape *s);

/* Bytes that `value` will take; more than any message when it passes a limit of its description. */
size_t wire_size(const struct wire_shape *s, const void *value);
/* Appends value to b. ERR_TOO_LARGE when a limit of the description is passed, ERR_FULL when b is full. */
MUST enum err wire_encode(const struct wire_shape *s, const void *value, struct buf *b);
/* The same into a buffer in the arena, as long as the value. ERR_TOO_LARGE also for more than WIRE_MESSAGE_MAX. */
MUST enum err wire_encode_new(const struct wire_shape *s, const void *value, struct arena *a, struct buf *ret);
/* ERR_INVALID for bytes that are not exactly one value; ERR_FULL when the arena is full. *ret is written only
 * on OK. */
MUST enum err wire_decode(const struct wire_shape *s, struct str bytes, struct arena *a, void *ret);

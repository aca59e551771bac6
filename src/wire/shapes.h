/* wire/shapes.h — private to wire: how a struct is described to the codec. */
#pragma once
#include "wire/codec.h"

enum wire_kind {
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_I64,
	KIND_BOOL,
	KIND_ERR,     /* enum err */
	KIND_SEAL_TO, /* enum seal_to */
	KIND_BYTES,   /* max: how many */
	KIND_STR,     /* max: longest */
	KIND_PART,    /* a struct inside; sub */
	KIND_ARRAY,   /* pointer and count; sub, max: most elements */
};

struct wire_field {
	enum wire_kind kind;
	uint16_t at;       /* offset in the struct */
	uint16_t count_at; /* KIND_ARRAY: offset of the size_t count */
	uint32_t max;
	const struct wire_shape *sub;
};

/* What follows from the fields; filled before main. */
struct wire_memo {
	uint32_t least; /* bytes of the shortest value; 0: not yet filled */
	uint8_t n_more, more[15]; /* the fields that can take more than their least */
};

struct wire_shape {
	const struct wire_field *fields;
	uint16_t n_fields;
	uint16_t size; /* sizeof the struct */
	struct wire_memo *memo;
};

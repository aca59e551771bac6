/* wire/frame.h — the stream between web and vault as frames.
 *
 * Runs in: web, vault, verbs.   Depends on: base.   Never: does I/O.
 *
 * A frame is u32 payload length, u32 request number, u16 type, u16 flags, then the payload. A message longer
 * than one frame is cut; every frame of it but the last carries FRAME_MORE, and nothing stands between them.
 *
 * Invariants
 *   F1  a header that passes frame_parse has a payload of at most FRAME_PAYLOAD_MAX bytes. */
#pragma once
#include "base/base.h"

#define FRAME_HEADER 12u
#define FRAME_PAYLOAD_MAX (65536u - 16u)
#define FRAME_MORE 1u

struct frame {
	uint32_t length, number;
	uint16_t type, flags;
};

void frame_write(const struct frame *f, uint8_t out[FRAME_HEADER]);
/* ERR_INVALID for a length over the maximum, an unknown flag, or a frame that says more follows without being full. */
MUST enum err frame_parse(const uint8_t in[FRAME_HEADER], struct frame *ret);
/* Frames that a message of n bytes needs; at least one. */
size_t frame_count(size_t n);
/* The i-th frame of a message of n bytes; its payload starts at i * FRAME_PAYLOAD_MAX. */
struct frame frame_of(size_t n, size_t i, uint32_t number, uint16_t type);

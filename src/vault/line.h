/* vault/line.h — the socket to web: whole messages in, whole messages out.
 *
 * Runs in: vault.   Depends on: wire/codec.h, wire/frame.h.   Never: interprets a message.
 *
 * Invariants
 *   N1  bytes that are not frames of messages end the process (bug on the other side).
 *   N2  what has been read is wiped when its round ends. */
#pragma once
#include "wire/codec.h"

struct line;

/* A whole message; `bytes` is a view into the line, valid until line_round_end. */
struct line_message {
	uint32_t number;
	uint16_t type;
	struct str bytes;
};

/* fd stays the caller's. */
MUST enum err line_new(int fd, struct line **ret);
/* Reads all that waits without blocking. False when the other side is gone. */
bool line_read(struct line *l);
/* The next whole message of this round; false when there is none yet. */
bool line_next(struct line *l, struct line_message *ret);
/* Wipes the messages handed out and keeps what is not whole yet. */
void line_round_end(struct line *l);
/* Queues one message; `bytes` must stay until line_flush, and many answers cost one system call. False when the
 * other side is gone. */
bool line_send(struct line *l, uint32_t number, unsigned type, struct str bytes);
/* Sends what was queued. */
bool line_flush(struct line *l);
void line_free(struct line *l);

/* vault/line.c — frames of the socket joined to messages, in one buffer and without copying whole ones. */
#include "vault/line.h"
#include "vault/fatal.h"
#include "wire/frame.h"
#include "wire/send.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Twice the longest message with its headers: a long one never keeps the next from being read. */
#define BUFFER (2 * (WIRE_MESSAGE_MAX + 4096u))
/* Frames that one call of sendmsg takes. */
#define QUEUED_FRAMES 128u

struct line {
	int fd;
	size_t have; /* bytes read */
	size_t at;   /* bytes handed out */
	bool gone;
	size_t n_queued;
	uint8_t headers[QUEUED_FRAMES][FRAME_HEADER];
	struct iovec out[2 * QUEUED_FRAMES];
	uint8_t bytes[BUFFER];
};

enum err line_new(int fd, struct line **ret)
{
	struct line *l = mmap(NULL, sizeof *l, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l == MAP_FAILED) return ERR_SYSTEM;
	(void)madvise(l, sizeof *l, MADV_DONTDUMP);
	l->fd = fd;
	*ret = l;
	return OK;
}

bool line_read(struct line *l)
{
	while (l->have < sizeof l->bytes) {
		ssize_t n = recv(l->fd, l->bytes + l->have, sizeof l->bytes - l->have, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR) continue;
		if (n < 0) return errno == EAGAIN;
		if (n == 0) return false;
		l->have += (size_t)n;
		/* A short read has emptied the socket; what comes now is for the next round. */
		if (l->have < sizeof l->bytes) return true;
	}
	return true;
}

/* Moves the payloads of a message of several frames together. True when all its frames are here. */
static bool join_frames(struct line *l, const struct frame *first, size_t *ret_end, size_t *ret_length)
{
	size_t at = l->at, sum = 0;
	struct frame f;
	do {
		if (l->have - at < FRAME_HEADER) return false;
		if (frame_parse(l->bytes + at, &f) != OK || f.number != first->number || f.type != first->type)
			fatal("a frame is malformed");
		at += FRAME_HEADER;
		if (l->have - at < f.length) return false;
		at += f.length;
		sum += f.length;
		if (sum > WIRE_MESSAGE_MAX) fatal("a message is too long");
	} while (f.flags & FRAME_MORE);
	*ret_end = at;
	*ret_length = sum;
	uint8_t *to = l->bytes + l->at + FRAME_HEADER;
	for (at = l->at; at < *ret_end; at += FRAME_HEADER + f.length) {
		if (frame_parse(l->bytes + at, &f) != OK) fatal("a frame is malformed");
		memmove(to, l->bytes + at + FRAME_HEADER, f.length);
		to += f.length;
	}
	return true;
}

bool line_next(struct line *l, struct line_message *ret)
{
	struct frame f;
	size_t end, length;
	if (l->have - l->at < FRAME_HEADER) return false;
	if (frame_parse(l->bytes + l->at, &f) != OK) fatal("a frame is malformed");
	if (f.flags & FRAME_MORE) {
		if (!join_frames(l, &f, &end, &length)) return false;
	} else {
		length = f.length;
		end = l->at + FRAME_HEADER + length;
		if (end > l->have) return false;
	}
	*ret = (struct line_message){ f.number, f.type, { (const char *)l->bytes + l->at + FRAME_HEADER, length } };
	l->at = end;
	return true;
}

void line_round_end(struct line *l)
{
	if (l->at == 0) return;
	size_t left = l->have - l->at;
	memmove(l->bytes, l->bytes + l->at, left);
	explicit_bzero(l->bytes + left, l->have - left);
	l->have = left;
	l->at = 0;
}

bool line_flush(struct line *l)
{
	if (l->n_queued > 0 && !l->gone && !wire_send(l->fd, l->out, 2 * l->n_queued)) l->gone = true;
	l->n_queued = 0;
	return !l->gone;
}

bool line_send(struct line *l, uint32_t number, unsigned type, struct str bytes)
{
	size_t frames = frame_count(bytes.n);
	for (size_t i = 0; i < frames; i++) {
		if (l->n_queued == QUEUED_FRAMES && !line_flush(l)) return false;
		struct frame f = frame_of(bytes.n, i, number, (uint16_t)type);
		struct iovec *io = &l->out[2 * l->n_queued];
		frame_write(&f, l->headers[l->n_queued]);
		io[0] = (struct iovec){ l->headers[l->n_queued], FRAME_HEADER };
		/* An iovec has no const; sendmsg only reads. */
		io[1].iov_base = (void *)((uintptr_t)bytes.p + i * FRAME_PAYLOAD_MAX);
		io[1].iov_len = f.length;
		l->n_queued++;
	}
	return !l->gone;
}

void line_free(struct line *l)
{
	if (l == NULL) return;
	explicit_bzero(l->bytes, l->have);
	(void)munmap(l, sizeof *l);
}

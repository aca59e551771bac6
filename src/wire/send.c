/* wire/send.c — puts bytes on the socket between web and vault, from either end. */
#include "wire/send.h"
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

bool wire_send(int fd, struct iovec *io, size_t n)
{
	while (n > 0) {
		struct msghdr m = { .msg_iov = io, .msg_iovlen = n };
		ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR) continue;
		if (sent < 0) return false;
		size_t left = (size_t)sent;
		for (; n > 0 && left >= io->iov_len; io++, n--) left -= io->iov_len;
		if (n > 0) {
			io->iov_base = (uint8_t *)io->iov_base + left;
			io->iov_len -= left;
		}
	}
	return true;
}

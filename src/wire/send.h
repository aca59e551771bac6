/* wire/send.h — puts bytes on the socket between web and vault, from either end.
 *
 * Runs in: web, vault, verbs.   Depends on: libc.   Never: reads. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* All of it, waiting for room; `io` is used up on the way. False: the other end is gone. No signal is raised. */
bool wire_send(int fd, struct iovec *io, size_t n);

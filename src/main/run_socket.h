/* main/run_socket.h — a listening Unix socket in run/, and what both ends of one need.
 *
 * Runs in: parent (makes it), web (serves it), verbs.   Depends on: sys.   Never: a socket outside run/. */
#pragma once
#include "base/base.h"
#include <sys/types.h>
#include <sys/un.h>

/* DIRECTORY/run/NAME as an address. ERR_TOO_LARGE. */
MUST enum err run_socket_address(const char *directory, const char *name, struct sockaddr_un *ret);
/* Bound with these rights and listening; one left behind by a killed predecessor is replaced, so the directory's lock
 * must be held. Before the walls of a process that may not make sockets. */
MUST enum err run_socket_listen(const char *directory, const char *name, mode_t mode, int *ret_fd);
void run_socket_unlink(const char *directory, const char *name);
/* Waiting for the other end, and being waited for, ends after so many seconds. */
void run_socket_patience(int fd, int seconds);
/* ERR_IO when the other end is gone. */
MUST enum err run_socket_send(int fd, struct str bytes);

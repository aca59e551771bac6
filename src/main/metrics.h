/* main/metrics.h — run/metrics.sock: what a monitoring system may know of a running service.
 *
 * Runs in: web.   Depends on: web, main/run_socket.h.   Never: tells of anyone or of any case; answers over TCP
 * (DECISIONS 47).
 *
 * The parent makes the socket before its walls go up and hands it to each web process, which may make none. */
#pragma once
#include "web/server.h"

/* In run/, for the owner and the directory's group. */
#define METRICS_SOCKET "metrics.sock"
/* The answer to a request's head: GET /metrics gives the counts, anything else a sentence. Lives in `a`. */
struct str metrics_answer(struct web *w, struct arena *a, struct str head);
/* One connection on the listening socket, from beginning to end. */
void metrics_accept(int listen_fd, struct web *w);

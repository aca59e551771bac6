/* web/server.h — the HTTP server: sockets, threads, deadlines.
 *
 * Runs in: web.   Depends on: libmicrohttpd, flow.   Never: decides, logs personal data.
 *
 * A connection has a thread of its own, which parses, runs a whole request as straight code when it is its turn, and
 * sends the answer from the request's arena: nothing is handed from thread to thread.
 *
 * Invariants
 *   S1  one arena a request, from its first byte to the last byte of its answer; wiped before it is used again.
 *   S2  the stack a request was run on is wiped after it.
 *   S3  no connection lives past its absolute deadline while the server waits for the client. */
#pragma once
#include "base/base.h"

struct flow;
struct web;

struct web_options {
	struct flow *flow;
	int listen_fd;             /* bound and listening; owned by the server from web_start on */
	const char *const *hosts;  /* Host headers that are ours, such as "localhost:8080"; NULL-terminated */
	const char *redirect_host; /* a further Host that is sent on to hosts[0] (127.0.0.1:8080 in the demo), or NULL */
	bool secure;               /* browsers reach us by TLS (ours, or that of nginx): cookie __Host-s, HSTS */
	const char *tls_certificate, *tls_key; /* PEM texts, or NULL for plain */
	size_t workers;            /* requests that are run at once; 0: 64 */
	size_t connections;        /* 0: 1000 */
	size_t per_address;        /* 0: 64; connections of one address; ignored on a Unix socket */
};
/* "127.0.0.1:8080", "[::1]:8080" or "unix:/path". Call before the walls go up. */
MUST enum err web_listen(const char *where, int *ret_fd);
MUST enum err web_start(const struct web_options *o, struct web **ret);
/* What this process has done so far, as lines of Prometheus' text format: counts alone, no route, no id and no name.
 * Lives in `a`. Safe from any thread. */
struct str web_metrics(struct web *w, struct arena *a);
/* Refuses new connections, answers what is in flight (at most `seconds`), ends all threads, frees. */
void web_stop(struct web *w, int seconds);

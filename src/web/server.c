/* web/server.c — starting and stopping the server; the listening socket. */
#include "web/inside.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_WORKERS = 64, DEFAULT_CONNECTIONS = 1000, DEFAULT_PER_ADDRESS = 200, BACKLOG = 512 };

static enum err bind_and_listen(int fd, const struct sockaddr *a, socklen_t n, int *ret_fd)
{
	if (bind(fd, a, n) != 0 || listen(fd, BACKLOG) != 0) {
		int why = errno;

		(void)close(fd);
		return why == EADDRINUSE ? ERR_EXISTS : ERR_IO;
	}
	*ret_fd = fd;
	return OK;
}

/* Whoever reaches the socket's directory may connect, as whoever is on the machine may connect to 127.0.0.1: the umask of the
 * service would leave root alone, and nginx is another user. */
static enum err listen_unix(const char *path, int *ret_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if (n == 0 || n >= sizeof a.sun_path)
		return ERR_INVALID;
	memcpy(a.sun_path, path, n);
	(void)unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return ERR_SYSTEM;
	enum err e = bind_and_listen(fd, (const struct sockaddr *)(const void *)&a, sizeof a, ret_fd);

	if (e == OK && chmod(path, 0666) != 0) {
		(void)close(fd);
		e = ERR_IO;
	}
	return e;
}

/* "a.b.c.d:port" or "[v6]:port"; names are not looked up. */
static enum err parse_address(const char *where, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	char host[64];
	const char *colon = strrchr(where, ':');
	char *end;

	if (colon == NULL || colon == where || (size_t)(colon - where) >= sizeof host || colon[1] == 0)
		return ERR_INVALID;
	unsigned long port = strtoul(colon + 1, &end, 10);
	size_t n = (size_t)(colon - where);

	if (*end != 0 || port > 65535)
		return ERR_INVALID;
	memcpy(host, where, n);
	host[n] = 0;
	*ret = (struct sockaddr_storage){ 0 };
	if (host[0] == '[' && n > 2 && host[n - 1] == ']') {
		struct sockaddr_in6 *a = (struct sockaddr_in6 *)(void *)ret;

		host[n - 1] = 0;
		a->sin6_family = AF_INET6;
		a->sin6_port = htons((uint16_t)port);
		*ret_n = sizeof *a;
		return inet_pton(AF_INET6, host + 1, &a->sin6_addr) == 1 ? OK : ERR_INVALID;
	}
	struct sockaddr_in *a = (struct sockaddr_in *)(void *)ret;

	a->sin_family = AF_INET;
	a->sin_port = htons((uint16_t)port);
	*ret_n = sizeof *a;
	return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->sin_addr) == 1 ? OK : ERR_INVALID;
}

enum err web_listen(const char *where, int *ret_fd)
{
	struct sockaddr_storage a;
	socklen_t n;
	int fd, on = 1;
	enum err e;

	if (strncmp(where, "unix:", 5) == 0)
		return listen_unix(where + 5, ret_fd);
	if ((e = parse_address(where, &a, &n)) != OK)
		return e;
	if ((fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return ERR_SYSTEM;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	return bind_and_listen(fd, (const struct sockaddr *)(const void *)&a, n, ret_fd);
}

static void defaults(struct web_options *o)
{
	if (o->workers == 0)
		o->workers = DEFAULT_WORKERS;
	if (o->connections == 0)
		o->connections = DEFAULT_CONNECTIONS;
	if (o->per_address == 0)
		o->per_address = DEFAULT_PER_ADDRESS;
}

static enum err prepare(struct web *w, const struct web_options *o)
{
	struct answer busy;

	w->options = *o;
	w->began_ms = watch_now_ms();
	defaults(&w->options);
	w->rules = (struct head_rules){ .hosts = o->hosts, .redirect_host = o->redirect_host, .secure = o->secure };
	if (o->hosts == NULL || o->hosts[0] == NULL)
		return ERR_INVALID;
	(void)snprintf(w->origin, sizeof w->origin, "%s://%s", o->secure ? "https" : "http", o->hosts[0]);
	answer_plain(&busy, 503, ERR_BUSY);
	w->busy = send_make(w, &busy);
	w->seen = seen_new(w->arena);
	if (w->busy == NULL || w->seen == NULL || pool_start(&w->pool, ARENA_CEILING) != OK)
		return ERR_FULL;
	return OK;
}

static enum err start_library(struct web *w)
{
	const struct web_options *o = &w->options;
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_USE_ITC;
	union { const char *from; void *to; } key = { .from = o->tls_key }, certificate = { .from = o->tls_certificate },
		priorities = { .from = "NORMAL:-VERS-ALL:+VERS-TLS1.3" };
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, key.to },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.to },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.to },
		{ MHD_OPTION_END, 0, NULL },
	};
	sigset_t all, before;
	bool with_tls = o->tls_key != NULL && o->tls_certificate != NULL;

	if (with_tls)
		flags |= MHD_USE_TLS;
	/* A signal's handler would run on a stack that is being wiped; a new thread takes over its maker's mask. */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	w->daemon = MHD_start_daemon(flags, 0, NULL, NULL, reading_request, w,
		MHD_OPTION_LISTEN_SOCKET, o->listen_fd,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)o->per_address,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SECONDS_IDLE,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)4096,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, reading_uri, w,
		MHD_OPTION_UNESCAPE_CALLBACK, reading_unescape, w,
		MHD_OPTION_NOTIFY_COMPLETED, reading_done, w,
		MHD_OPTION_NOTIFY_CONNECTION, reading_connection, w,
		MHD_OPTION_ARRAY, with_tls ? tls : tls + COUNT_OF(tls) - 1,
		MHD_OPTION_END);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return w->daemon != NULL ? OK : ERR_SYSTEM;
}

enum err web_start(const struct web_options *o, struct web **ret)
{
	struct arena *a = arena_new(1024u * 1024u);
	struct web *w = a == NULL ? NULL : ARENA_NEW(a, struct web);
	enum err e;

	if (w == NULL) {
		arena_free(a);
		return ERR_FULL;
	}
	free_wipes();
	w->arena = a;
	if ((e = prepare(w, o)) != OK || (e = watch_start(&w->watch, a, w->options.connections, &w->pool)) != OK ||
	    (e = turns_make(w)) != OK || (e = start_library(w)) != OK)
		return e;
	*ret = w;
	return OK;
}

static void wait_for_flights(struct web *w, int seconds)
{
	for (int i = 0; i < seconds * 50 && atomic_load(&w->in_flight) > 0; i++) {
		struct timespec t = { .tv_nsec = 20000000 };

		(void)nanosleep(&t, NULL);
	}
}

void web_stop(struct web *w, int seconds)
{
	MHD_socket fd = MHD_quiesce_daemon(w->daemon);

	if (fd != MHD_INVALID_SOCKET)
		(void)close(fd);
	wait_for_flights(w, seconds);
	MHD_stop_daemon(w->daemon);
	watch_stop(&w->watch);
	MHD_destroy_response(w->busy);
	pool_stop(&w->pool);
	arena_free(w->arena);
}

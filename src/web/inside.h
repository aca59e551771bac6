/* web/inside.h — the server's own parts: exchanges in flight, their turns, deadlines, sending.
 *
 * Runs in: web.   Depends on: libmicrohttpd.   Never: seen outside this room. */
#pragma once
#include "web/answer.h"
#include "web/pool.h"
#include "web/server.h"
#include <microhttpd.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define BODY_MAX (1024u * 1024u)
/* So much of a body that is too large is read and thrown away, so that the browser can show our answer. */
#define BODY_READ_MAX (8u * 1024u * 1024u)
#define ARENA_CEILING (6u * 1024u * 1024u)
#define CONNECTION_MEMORY (24u * 1024u)
#define THREAD_STACK (256u * 1024u)

/* Seconds. A connection is never older than its deadline while the server waits for the client. */
#define SECONDS_FOR_HEADER 10
#define SECONDS_FOR_BODY 10
#define SECONDS_IDLE 15
#define SECONDS_TO_SEND 30

/* One connection's deadline. */
struct watched {
	int fd;               /* -1: free */
	int64_t deadline_ms;  /* 0: none, the server is working */
	struct watched *next; /* of the free ones */
};
struct watch {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool stopping;
	struct watched *all, *free;
	size_t n;
	struct arena_pool *pool;
};
/* Milliseconds of a clock that never goes back. */
int64_t watch_now_ms(void);
MUST enum err watch_start(struct watch *w, struct arena *a, size_t connections, struct arena_pool *pool);
void watch_stop(struct watch *w);
struct watched *watch_add(struct watch *w, int fd);
void watch_set(struct watch *w, struct watched *c, int seconds); /* 0: none */
void watch_remove(struct watch *w, struct watched *c);

enum stage { STAGE_NEW, STAGE_BODY, STAGE_ANSWERED };

/* One request in flight; lives in its own arena. */
struct flight {
	struct exchange x;
	struct arena *arena;
	struct web *web;
	struct MHD_Connection *connection;
	struct watched *watched;
	struct str uri;
	enum stage stage;
	bool bad_uri;
	struct buf body;
	size_t body_seen;
	struct MHD_Response *response;
};

struct web {
	struct arena *arena;
	struct web_options options;
	struct head_rules rules;
	struct MHD_Daemon *daemon;
	struct watch watch;
	struct arena_pool pool;
	struct seen_sessions *seen;
	struct MHD_Response *busy; /* when there is no memory for a request */
	char origin[300];          /* "https://host" for redirects to the canonical host */
	sem_t turns;               /* how many more requests may be run now */
	_Atomic size_t in_flight;
	_Atomic uint64_t answers[6]; /* by the first digit of the status */
	int64_t began_ms;            /* on a clock that never goes back */
};

MUST enum err turns_make(struct web *w);
/* Runs a whole request when its turn comes; its response is in the flight. */
void turn_run(struct web *w, struct flight *f);

/* The library's response for an answer; its body stays where it is. NULL without memory. */
struct MHD_Response *send_make(struct web *w, const struct answer *a);

/* web/reading.c: the library's callbacks. */
void *reading_uri(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result reading_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_n, void **con_cls);
void reading_done(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode code);
void reading_connection(void *cls, struct MHD_Connection *c, void **context,
                        enum MHD_ConnectionNotificationCode code);
size_t reading_unescape(void *cls, struct MHD_Connection *c, char *s);

/* web/free.c: memory that libraries give back is wiped first. */
void free_wipes(void);

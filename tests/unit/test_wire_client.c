/* tests/unit/test_wire_client.c — the client of the vault against a vault that is only a thread: many callers,
 * long messages, an end in the middle, a new vault, answers nobody asked for. */
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/vault_client.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum manner { ANSWER, REVERSED, SILENT, WRONG_NUMBER, WRONG_TYPE, BAD_FRAME, HALF_AN_ANSWER };

struct fake {
	int fd;
	enum manner manner;
	pthread_t thread;
	size_t plain_n;  /* bytes of the plaintext in each answer to open */
	unsigned dies_at; /* after so many messages the next answer is half one, and the last; 0: never */
	atomic_uint seen;
};

static bool read_all(int fd, void *p, size_t n)
{
	for (uint8_t *at = p; n > 0;) {
		ssize_t k = read(fd, at, n);
		if (k <= 0) return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

static bool read_message(int fd, uint8_t *bytes, struct frame *first, struct str *ret)
{
	uint8_t header[FRAME_HEADER];
	size_t n = 0;
	struct frame f;
	do {
		if (!read_all(fd, header, sizeof header)) return false;
		assert_always(frame_parse(header, &f) == OK);
		if (!read_all(fd, bytes + n, f.length)) return false;
		n += f.length;
	} while (f.flags & FRAME_MORE);
	*first = f;
	*ret = (struct str){ (const char *)bytes, n };
	return true;
}

static bool send_all(int fd, const void *p, size_t n)
{
	for (const uint8_t *at = p; n > 0;) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);
		if (k <= 0) return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* With `cut`, ends that many bytes before the end of the first frame; false then, and when the other end has gone. */
static bool write_answer(int fd, uint32_t number, unsigned type, struct str bytes, size_t cut)
{
	size_t frames = frame_count(bytes.n);
	for (size_t i = 0; i < frames; i++) {
		uint8_t header[FRAME_HEADER];
		struct frame f = frame_of(bytes.n, i, number, (uint16_t)type);
		frame_write(&f, header);
		size_t n = f.length > cut ? f.length - cut : 0;
		if (!send_all(fd, header, sizeof header) || !send_all(fd, bytes.p + i * FRAME_PAYLOAD_MAX, n) || cut > 0) return false;
	}
	return true;
}

/* The answer holds what was asked for, so that a mixed-up answer is noticed. */
static struct str answer_to(struct fake *f, unsigned type, struct str bytes, struct arena *a)
{
	union { struct vault_session_reply session; struct vault_open_reply open; } r;
	struct opened_group group = { 0 };
	struct opened_item item = { 0 };
	memset(&r, 0, sizeof r);
	if (type == WIRE_session) {
		struct vault_session ask;
		assert_always(wire_decode(wire_request_shape(type), bytes, a, &ask) == OK);
		memcpy(r.session.who.user.b, ask.cookie.b, 16);
		if (!ask.activity) r.session.status = ERR_LOCKED;
	} else {
		struct vault_open ask;
		assert_always(wire_decode(wire_request_shape(type), bytes, a, &ask) == OK);
		char *plain = arena_take(a, f->plain_n);
		memset(plain, ask.why.cookie.b[0], f->plain_n);
		item.plain = (struct str){ plain, f->plain_n };
		struct opened_item *items = arena_take_array(a, 40, sizeof *items);
		for (size_t i = 0; i < 40; i++) items[i] = item;
		group.items = items;
		group.n_items = 40;
		r.open.groups = &group;
		r.open.n_groups = 1;
	}
	struct buf b = buf_new(a, wire_size(wire_reply_shape(type), &r));
	assert_always(wire_encode(wire_reply_shape(type), &r, &b) == OK);
	return buf_view(&b);
}

static void *fake_vault(void *context)
{
	struct fake *f = context;
	struct arena *a = arena_new(64u << 20);
	struct arena *rooms = arena_new(16u << 20);
	uint8_t *room[2] = { arena_take(rooms, 5u << 20), arena_take(rooms, 5u << 20) };
	struct { struct frame frame; struct str bytes; } waiting[2];
	size_t n = 0;
	while (read_message(f->fd, room[n], &waiting[n].frame, &waiting[n].bytes)) {
		struct frame q = waiting[n].frame;
		bool last = (++f->seen >= f->dies_at && f->dies_at > 0) || f->manner == HALF_AN_ANSWER;
		if (f->manner == SILENT || q.number == 0) {
			arena_reset(a);
			continue;
		}
		if (f->manner == BAD_FRAME) {
			assert_always(send(f->fd, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, MSG_NOSIGNAL) == 12);
			continue;
		}
		if (f->manner == REVERSED && ++n < 2) continue;
		for (size_t i = f->manner == REVERSED ? 2 : 1; i > 0; i--) {
			q = waiting[i - 1].frame;
			struct str bytes = answer_to(f, q.type, waiting[i - 1].bytes, a);
			last |= !write_answer(f->fd, q.number + (f->manner == WRONG_NUMBER ? 256 : 0),
			                      (q.type | WIRE_REPLY) + (f->manner == WRONG_TYPE ? 1u : 0u), bytes, last);
		}
		n = 0;
		arena_reset(a);
		if (last) break;
	}
	(void)shutdown(f->fd, SHUT_RDWR);
	(void)close(f->fd);
	arena_free(a);
	arena_free(rooms);
	return NULL;
}

static int begin(struct fake *f, enum manner manner)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	*f = (struct fake){ .fd = pair[1], .manner = manner, .plain_n = 100 };
	assert_int_equal(pthread_create(&f->thread, NULL, fake_vault, f), 0);
	return pair[0];
}

static enum err ask_session(struct vault_client *v, struct arena *a, uint8_t who, bool activity, struct vault_session_reply *ret)
{
	struct vault_session ask = { .activity = activity };
	memset(ask.cookie.b, who, sizeof ask.cookie.b);
	return vault_session(v, a, &ask, ret);
}

/* ---- tests ---- */

static void an_answer_comes_back_also_with_a_status(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	struct arena *a = arena_new(8u << 20);
	struct vault_session_reply r;
	assert_int_equal(vault_client_new(begin(&f, ANSWER), &v), OK);
	assert_true(vault_client_alive(v));
	assert_int_equal(ask_session(v, a, 5, true, &r), OK);
	assert_int_equal(r.who.user.b[7], 5);
	assert_int_equal(ask_session(v, a, 6, false, &r), ERR_LOCKED);
	assert_int_equal(r.who.user.b[7], 6);
	struct vault_outcome none = { 0 };
	assert_int_equal(vault_outcome(v, &none), OK);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
	assert_int_equal(f.seen, 3);
	arena_free(a);
}

static void long_messages_go_both_ways(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	struct arena *a = arena_new(32u << 20);
	int fd = begin(&f, ANSWER);
	f.plain_n = 60000; /* forty of them: 2.4 MB */
	assert_int_equal(vault_client_new(fd, &v), OK);
	struct open_item *items = ARENA_ARRAY(a, struct open_item, 50);
	char *bytes = arena_take(a, 70000);
	memset(bytes, 'e', 70000);
	for (size_t i = 0; i < 50; i++) items[i].envelope = (struct str){ bytes, 70000 };
	struct open_group group = { .items = items, .n_items = 50 };
	struct vault_open ask = { .why = { .act = STR("x"), .reason = STR("") }, .groups = &group, .n_groups = 1 };
	memset(ask.why.cookie.b, 'k', sizeof ask.why.cookie.b);
	struct vault_open_reply r;
	assert_int_equal(vault_open(v, a, &ask, &r), OK);
	assert_int_equal(r.groups[0].n_items, 40);
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(r.groups[0].items[i].plain.n, 60000);
		assert_int_equal(r.groups[0].items[i].plain.p[59999], 'k');
	}
	/* Too much is refused before a byte is sent. */
	group.n_items = 50;
	struct open_group twice[2] = { group, group };
	ask.groups = twice;
	ask.n_groups = 2;
	assert_int_equal(vault_open(v, a, &ask, &r), ERR_TOO_LARGE);
	/* An arena too small for the answer: that call alone fails. */
	struct arena *small = arena_new(200000);
	ask.n_groups = 0;
	assert_int_equal(vault_open(v, small, &ask, &r), ERR_FULL);
	assert_int_equal(vault_open(v, a, &ask, &r), OK);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
	arena_free(a);
	arena_free(small);
}

struct caller { struct vault_client *v; uint8_t me; unsigned calls; bool until_gone; enum err worst; pthread_t thread; };

static void *call_many(void *context)
{
	struct caller *c = context;
	struct arena *a = arena_new(1u << 20);
	for (unsigned i = 0; i < c->calls; i++) {
		struct vault_session_reply r;
		enum err e = ask_session(c->v, a, c->me, true, &r);
		if (e != OK) c->worst = e;
		else if (r.who.user.b[0] != c->me) c->worst = ERR_CORRUPT;
		arena_reset(a);
		if (c->until_gone && e == ERR_VAULT_GONE) break;
	}
	arena_free(a);
	return NULL;
}

static void many_threads(enum manner manner)
{
	struct fake f;
	struct vault_client *v;
	struct caller callers[16], helper;
	assert_int_equal(vault_client_new(begin(&f, manner), &v), OK);
	/* Answers in pairs need a second question to the last: the helper asks without end, until the vault goes. */
	helper = (struct caller){ .v = v, .me = 99, .calls = manner == REVERSED ? UINT32_MAX : 0, .until_gone = true };
	assert_int_equal(pthread_create(&helper.thread, NULL, call_many, &helper), 0);
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		callers[i] = (struct caller){ .v = v, .me = (uint8_t)(i + 1), .calls = 500 };
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_many, &callers[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
		assert_int_equal(callers[i].worst, OK);
	}
	(void)shutdown(f.fd, SHUT_RDWR);
	assert_int_equal(pthread_join(helper.thread, NULL), 0);
	assert_true(helper.worst == OK || helper.worst == ERR_VAULT_GONE);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
}

static void many_threads_get_their_own_answers(void **state)
{
	(void)state;
	many_threads(ANSWER);
	many_threads(REVERSED);
}

/* Questions and answers of a size that fills the socket both ways: the vault, which has one thread, then waits until
 * somebody takes its answers before it reads on, so a caller that is still writing must not be relied on to read. */
static void *call_large(void *context)
{
	struct caller *c = context;
	struct arena *a = arena_new(8u << 20);
	static char bytes[60000];
	struct open_item items[4];
	for (size_t i = 0; i < COUNT_OF(items); i++) items[i] = (struct open_item){ .envelope = { bytes, sizeof bytes } };
	struct open_group group = { .items = items, .n_items = COUNT_OF(items) };
	struct vault_open ask = { .why = { .act = STR("x"), .reason = STR("") }, .groups = &group, .n_groups = 1 };
	memset(ask.why.cookie.b, c->me, sizeof ask.why.cookie.b);
	for (unsigned i = 0; i < c->calls; i++) {
		struct vault_open_reply r;
		enum err e = vault_open(c->v, a, &ask, &r);
		if (e != OK) c->worst = e;
		else if (r.groups[0].items[39].plain.p[0] != (char)c->me) c->worst = ERR_CORRUPT;
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static void large_messages_of_many_threads_do_not_wait_for_each_other(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	struct caller callers[24];
	int fd = begin(&f, ANSWER);
	f.plain_n = 6000; /* forty of them */
	assert_int_equal(vault_client_new(fd, &v), OK);
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		callers[i] = (struct caller){ .v = v, .me = (uint8_t)(i + 1), .calls = 60 };
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_large, &callers[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
		assert_int_equal(callers[i].worst, OK);
	}
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
}

static void a_peer_that_breaks_the_rules_is_gone(void **state)
{
	(void)state;
	static const enum manner manners[] = { WRONG_NUMBER, WRONG_TYPE, BAD_FRAME, HALF_AN_ANSWER };
	for (size_t i = 0; i < COUNT_OF(manners); i++) {
		struct fake f;
		struct vault_client *v;
		struct arena *a = arena_new(1u << 20);
		struct vault_session_reply r;
		assert_int_equal(vault_client_new(begin(&f, manners[i]), &v), OK);
		assert_int_equal(ask_session(v, a, 1, true, &r), ERR_VAULT_GONE);
		assert_false(vault_client_alive(v));
		assert_int_equal(ask_session(v, a, 1, true, &r), ERR_VAULT_GONE);
		vault_client_free(v);
		assert_int_equal(pthread_join(f.thread, NULL), 0);
		arena_free(a);
	}
}

/* ---- a client that is alone ---- */

static void alone_it_reads_for_itself(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	struct arena *a = arena_new(8u << 20);
	struct vault_session_reply r;
	assert_int_equal(vault_client_new_alone(begin(&f, ANSWER), &v), OK);
	for (unsigned i = 1; i <= 600; i++) { /* more than there are slots */
		assert_int_equal(ask_session(v, a, (uint8_t)(i % 200 + 1), i % 2, &r), i % 2 ? OK : ERR_LOCKED);
		assert_int_equal(r.who.user.b[7], i % 200 + 1);
		arena_reset(a);
	}
	f.plain_n = 60000;
	struct vault_open ask = { .why = { .act = STR("x"), .reason = STR("") }, .n_groups = 0 };
	struct vault_open_reply opened;
	assert_int_equal(vault_open(v, a, &ask, &opened), OK);
	assert_int_equal(opened.groups[0].items[39].plain.n, 60000);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
	assert_int_equal(f.seen, 601);
	arena_free(a);
}

/* What needs no answer goes with the next call, before it; what is left goes at the end. */
static void alone_nothing_said_is_lost(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	struct arena *a = arena_new(1u << 20);
	struct vault_session_reply r;
	static uint64_t many[2000];
	struct vault_outcome few = { .done = many, .n_done = 1 }, large = { .done = many, .n_done = 2000 };
	assert_int_equal(vault_client_new_alone(begin(&f, ANSWER), &v), OK);
	assert_int_equal(vault_outcome(v, &few), OK);
	assert_int_equal(vault_outcome(v, &few), OK);
	(void)usleep(20000);
	assert_int_equal(f.seen, 0);
	assert_int_equal(ask_session(v, a, 1, true, &r), OK);
	assert_int_equal(f.seen, 3);
	for (int i = 0; i < 1000; i++) assert_int_equal(vault_outcome(v, &few), OK); /* more than wait at once */
	assert_int_equal(vault_outcome(v, &large), OK); /* larger than all that may wait */
	assert_int_equal(vault_outcome(v, &few), OK);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
	assert_int_equal(f.seen, 3 + 1002);
	arena_free(a);
}

static void *flush_once(void *v)
{
	vault_client_flush(v);
	return NULL;
}

static void do_nothing(int number)
{
	(void)number;
}

/* The socket has no room for all of what waits when signals come, as when the machine goes to sleep and wakes. */
static void what_waits_is_sent_whole_whatever_interrupts(void **state)
{
	(void)state;
	struct fake f = { .manner = ANSWER };
	struct vault_client *v;
	struct sigaction wakes = { .sa_handler = do_nothing };
	static uint64_t many[50];
	struct vault_outcome outcome = { .done = many, .n_done = COUNT_OF(many) };
	pthread_t flusher;
	int pair[2], room = 1, n = 8; /* some 3 400 bytes */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
	assert_int_equal(sigaction(SIGUSR1, &wakes, NULL), 0);
	assert_int_equal(vault_client_new_alone(pair[0], &v), OK);
	for (int i = 0; i < 2 * n; i++) {
		if (i == n) vault_client_flush(v);
		assert_int_equal(vault_outcome(v, &outcome), OK);
	}
	assert_int_equal(pthread_create(&flusher, NULL, flush_once, v), 0);
	for (int i = 0; i < 20; i++) {
		(void)usleep(5000);
		(void)pthread_kill(flusher, SIGUSR1);
	}
	f.fd = pair[1];
	assert_int_equal(pthread_create(&f.thread, NULL, fake_vault, &f), 0);
	assert_int_equal(pthread_join(flusher, NULL), 0);
	assert_int_equal(vault_outcome(v, &outcome), OK);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
	assert_int_equal(f.seen, 2 * n + 1);
}

static void alone_a_peer_that_breaks_the_rules_is_gone(void **state)
{
	(void)state;
	static const enum manner manners[] = { WRONG_NUMBER, WRONG_TYPE, BAD_FRAME, HALF_AN_ANSWER };
	for (size_t i = 0; i < COUNT_OF(manners); i++) {
		struct fake f;
		struct vault_client *v;
		struct arena *a = arena_new(1u << 20);
		struct vault_session_reply r;
		struct vault_outcome none = { 0 };
		assert_int_equal(vault_client_new_alone(begin(&f, manners[i]), &v), OK);
		assert_int_equal(ask_session(v, a, 1, true, &r), ERR_VAULT_GONE);
		assert_false(vault_client_alive(v));
		assert_int_equal(ask_session(v, a, 1, true, &r), ERR_VAULT_GONE);
		assert_int_equal(vault_outcome(v, &none), ERR_VAULT_GONE);
		vault_client_free(v);
		assert_int_equal(pthread_join(f.thread, NULL), 0);
		arena_free(a);
	}
}

static void a_new_vault_takes_over(void **state)
{
	(void)state;
	struct fake silent, good;
	struct vault_client *v;
	struct arena *a = arena_new(1u << 20);
	struct vault_session_reply r;
	assert_int_equal(vault_client_new(begin(&silent, SILENT), &v), OK);
	struct caller callers[40];
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		callers[i] = (struct caller){ .v = v, .me = (uint8_t)(i + 1), .calls = 1 };
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_many, &callers[i]), 0);
	}
	while (silent.seen < COUNT_OF(callers)) (void)usleep(1000);
	vault_client_replace(v, begin(&good, ANSWER));
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
		assert_int_equal(callers[i].worst, ERR_VAULT_GONE);
	}
	assert_int_equal(pthread_join(silent.thread, NULL), 0);
	assert_true(vault_client_alive(v));
	assert_int_equal(ask_session(v, a, 9, true, &r), OK);
	assert_int_equal(r.who.user.b[0], 9);
	assert_int_equal(good.seen, 1); /* no call of the old vault reached the new one */
	vault_client_free(v);
	assert_int_equal(pthread_join(good.thread, NULL), 0);
	arena_free(a);
}

/* ---- vaults that die while everybody calls ---- */

#define VAULTS 25

struct crowd { struct vault_client *v; atomic_bool stop; };
struct one { struct crowd *crowd; uint8_t me; unsigned answered, gone, wrong; pthread_t thread; };

static void count_one(struct one *o, enum err e, bool own)
{
	if (e == ERR_VAULT_GONE) o->gone++;
	else if (e == OK && own) o->answered++;
	else o->wrong++;
}

/* A short question, a long answer, something said without a question, in turn. */
static void *call_through(void *context)
{
	struct one *o = context;
	struct arena *a = arena_new(8u << 20);
	uint64_t done[3] = { o->me };
	struct vault_outcome outcome = { .done = done, .n_done = COUNT_OF(done) };
	struct vault_open ask = { .why = { .act = STR("x"), .reason = STR("") } };
	memset(ask.why.cookie.b, o->me, sizeof ask.why.cookie.b);
	for (unsigned i = 0; !o->crowd->stop; i++) {
		struct vault_session_reply r;
		struct vault_open_reply opened;
		unsigned gone = o->gone;
		if (i % 8 == 7) {
			enum err e = vault_open(o->crowd->v, a, &ask, &opened);
			count_one(o, e, e == OK && opened.groups[0].items[39].plain.p[0] == (char)o->me);
		} else {
			enum err e = ask_session(o->crowd->v, a, o->me, true, &r);
			count_one(o, e, e == OK && r.who.user.b[15] == o->me);
		}
		if (i % 3 == 0) count_one(o, vault_outcome(o->crowd->v, &outcome), true);
		if (o->gone != gone) (void)usleep(500);
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

/* Each vault but the last dies in the middle of an answer. Whoever was told "gone" asks the next one; nobody waits for ever,
 * and nobody gets another's answer, also not one meant for the vault before. */
static void vaults_that_die_under_many_threads(void **state)
{
	(void)state;
	static struct fake fakes[VAULTS];
	static struct one ones[32];
	struct crowd crowd = { 0 };
	unsigned gone = 0;
	int fd = begin(&fakes[0], ANSWER);
	fakes[0].plain_n = 4000;
	fakes[0].dies_at = 40;
	assert_int_equal(vault_client_new(fd, &crowd.v), OK);
	for (size_t i = 0; i < COUNT_OF(ones); i++) {
		ones[i] = (struct one){ .crowd = &crowd, .me = (uint8_t)(i + 1) };
		assert_int_equal(pthread_create(&ones[i].thread, NULL, call_through, &ones[i]), 0);
	}
	for (unsigned i = 1; i < VAULTS; i++) {
		/* Every other one is replaced before its end has been seen. */
		if (i % 2) assert_int_equal(pthread_join(fakes[i - 1].thread, NULL), 0);
		else while (fakes[i - 1].seen < fakes[i - 1].dies_at) (void)usleep(100);
		fd = begin(&fakes[i], ANSWER);
		fakes[i].plain_n = 4000;
		fakes[i].dies_at = i + 1 < VAULTS ? 40 + 97 * (i % 7) : 0;
		vault_client_replace(crowd.v, fd);
		if (i % 2 == 0) assert_int_equal(pthread_join(fakes[i - 1].thread, NULL), 0);
	}
	while (fakes[VAULTS - 1].seen < 2000) (void)usleep(1000);
	assert_true(vault_client_alive(crowd.v));
	crowd.stop = true;
	for (size_t i = 0; i < COUNT_OF(ones); i++) {
		assert_int_equal(pthread_join(ones[i].thread, NULL), 0);
		assert_int_equal(ones[i].wrong, 0);
		assert_true(ones[i].answered > 0);
		gone += ones[i].gone;
	}
	assert_true(gone >= VAULTS - 1); /* at least whose answer was half one */
	vault_client_free(crowd.v);
	assert_int_equal(pthread_join(fakes[VAULTS - 1].thread, NULL), 0);
}

static void more_callers_than_slots_wait_their_turn(void **state)
{
	(void)state;
	struct fake f;
	struct vault_client *v;
	static struct caller callers[300];
	assert_int_equal(vault_client_new(begin(&f, ANSWER), &v), OK);
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		callers[i] = (struct caller){ .v = v, .me = (uint8_t)(i % 200 + 1), .calls = 3 };
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_many, &callers[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
		assert_int_equal(callers[i].worst, OK);
	}
	assert_int_equal(f.seen, 900);
	vault_client_free(v);
	assert_int_equal(pthread_join(f.thread, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_back_also_with_a_status),
		cmocka_unit_test(long_messages_go_both_ways),
		cmocka_unit_test(many_threads_get_their_own_answers),
		cmocka_unit_test(large_messages_of_many_threads_do_not_wait_for_each_other),
		cmocka_unit_test(a_peer_that_breaks_the_rules_is_gone),
		cmocka_unit_test(alone_it_reads_for_itself),
		cmocka_unit_test(alone_nothing_said_is_lost),
		cmocka_unit_test(what_waits_is_sent_whole_whatever_interrupts),
		cmocka_unit_test(alone_a_peer_that_breaks_the_rules_is_gone),
		cmocka_unit_test(a_new_vault_takes_over),
		cmocka_unit_test(vaults_that_die_under_many_threads),
		cmocka_unit_test(more_callers_than_slots_wait_their_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/vault_client.c — calls to the vault from many threads over one socket.
 *
 * A caller takes one of 256 slots and writes its frames under the writing lock. Of those who wait one reads: it puts
 * answers straight into the arenas of their callers and wakes them, until its own has come; then it passes the reading
 * on to another who waits. So an answer wakes nobody but the one it is for. What needs no answer waits for the next
 * call, or is sent by the watching thread, which also tells everyone when the connection has ended. Nothing is allocated
 * for a call but what its own arena gives. A client made for one thread alone has no such thread. */
#include "wire/vault_client.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/send.h"
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS 256u
#define SAID_ON_STACK 512u
#define QUEUE_BYTES 4096u
#define QUEUE_MS 200
#define FRAMES_MAX (WIRE_MESSAGE_MAX / FRAME_PAYLOAD_MAX + 1)

/* SLOT_SENDING: its caller may still be writing, and must not be relied on to read: the vault may be waiting for somebody
 * to take its answers before it reads on. SLOT_READ: waits as SLOT_WAITING does, and is to read for all. */
enum slot_state { SLOT_FREE, SLOT_SENDING, SLOT_WAITING, SLOT_READ, SLOT_DONE, SLOT_GONE };

struct slot {
	_Atomic uint32_t state; /* enum slot_state, a futex word */
	_Atomic uint32_t number; /* of calls taken later it is larger */
	uint16_t type;
	struct arena *arena;    /* the caller's; only whoever reads uses it while the caller waits */
	struct str answer;
	enum err fault;
};

struct vault_client {
	pthread_mutex_t reading; /* guards fd and what is read from it; taken before `writing` */
	pthread_mutex_t writing; /* guards fd and what is sent over it, and what is queued */
	int fd;                  /* -1 while there is no vault; changed with both locks held */
	pthread_mutex_t lock;    /* guards all below it up to the thread */
	pthread_cond_t slot_free, changed;
	uint16_t free_slots[SLOTS];
	size_t n_free;
	uint32_t generation;
	bool alive, stopping;
	bool alone;       /* one thread alone calls, and reads for itself */
	/* What needs no answer waits here and goes with the next call. */
	size_t n_queued;
	uint8_t queued[QUEUE_BYTES];
	uint64_t adopted; /* connections so far */
	int next_fd;
	pthread_t thread;
	struct slot slots[SLOTS];
	_Atomic uint32_t waiting; /* callers between sending and their answer */
	/* Of whoever reads. */
	size_t have;
	uint8_t in[FRAME_HEADER + FRAME_PAYLOAD_MAX];
	size_t assembled;
	uint8_t message[WIRE_MESSAGE_MAX];
};

static void futex_wait(_Atomic uint32_t *word, uint32_t value)
{
	(void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void lock(pthread_mutex_t *m)
{
	assert_always(pthread_mutex_lock(m) == 0);
}

static void unlock(pthread_mutex_t *m)
{
	assert_always(pthread_mutex_unlock(m) == 0);
}

/* ---- the reading thread ---- */

static void slot_finish(const struct vault_client *v, struct slot *s, enum slot_state to)
{
	atomic_store_explicit(&s->state, to, memory_order_release);
	if (!v->alone) futex_wake(&s->state);
}

/* A whole answer has come; false when nobody asked for it. */
static bool is_waiting(uint32_t state)
{
	return state == SLOT_SENDING || state == SLOT_WAITING || state == SLOT_READ;
}

static bool deliver(struct vault_client *v, const struct frame *f, const uint8_t *bytes, size_t n)
{
	struct slot *s = &v->slots[f->number % SLOTS];
	if (!is_waiting(atomic_load_explicit(&s->state, memory_order_acquire))) return false;
	if (s->number != f->number || f->type != (s->type | WIRE_REPLY)) return false;
	s->fault = OK;
	s->answer = arena_str(s->arena, (struct str){ (const char *)bytes, n });
	if (s->answer.p == NULL) s->fault = ERR_FULL;
	slot_finish(v, s, SLOT_DONE);
	return true;
}

/* Handles the frame that stands first in v->in; false for bytes that are not an answer. */
static bool take_frame(struct vault_client *v, const struct frame *f)
{
	const uint8_t *payload = v->in + FRAME_HEADER;
	if (v->assembled == 0 && !(f->flags & FRAME_MORE)) return deliver(v, f, payload, f->length);
	if (f->length > sizeof v->message - v->assembled) return false;
	memcpy(v->message + v->assembled, payload, f->length);
	v->assembled += f->length;
	if (f->flags & FRAME_MORE) return true;
	bool known = deliver(v, f, v->message, v->assembled);
	explicit_bzero(v->message, v->assembled);
	v->assembled = 0;
	return known;
}

/* Handles every whole frame in v->in and keeps the rest. */
static bool take_frames(struct vault_client *v)
{
	for (;;) {
		struct frame f;
		if (v->have < FRAME_HEADER) return true;
		if (frame_parse(v->in, &f) != OK) return false;
		size_t whole = FRAME_HEADER + f.length;
		if (v->have < whole) return true;
		if (!take_frame(v, &f)) return false;
		memmove(v->in, v->in + whole, v->have - whole);
		explicit_bzero(v->in + v->have - whole, whole);
		v->have -= whole;
	}
}

/* Reads what is there, waiting for the first of it; false at the end of the connection or of its good sense. */
static bool read_some(struct vault_client *v, int fd)
{
	ssize_t n;
	do n = recv(fd, v->in + v->have, sizeof v->in - v->have, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0) return false;
	v->have += (size_t)n;
	return take_frames(v);
}

/* The connection has ended: nobody may write to it, everyone who waits is told. Under the reading lock, or alone. */
static void bury(struct vault_client *v)
{
	lock(&v->writing);
	v->n_queued = 0;
	(void)shutdown(v->fd, SHUT_RDWR);
	(void)close(v->fd);
	v->fd = -1;
	lock(&v->lock);
	v->alive = false;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = &v->slots[i];
		if (is_waiting(atomic_load_explicit(&s->state, memory_order_acquire))) slot_finish(v, s, SLOT_GONE);
	}
	pthread_cond_broadcast(&v->changed);
	pthread_cond_broadcast(&v->slot_free);
	unlock(&v->lock);
	unlock(&v->writing);
	explicit_bzero(v->in, v->have);
	explicit_bzero(v->message, v->assembled);
	v->have = v->assembled = 0;
}

/* Whoever of those who wait has asked last; NULL when nobody does. */
static struct slot *newest_waiting(struct vault_client *v)
{
	struct slot *newest = NULL;
	/* Slots are taken from the end, so the busy ones stand there. */
	uint32_t left = atomic_load(&v->waiting);
	for (size_t i = SLOTS; i-- > 0 && left > 0;) {
		struct slot *s = &v->slots[i];
		if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_WAITING) continue;
		left--;
		if (newest == NULL || (int32_t)(s->number - newest->number) > 0) newest = s;
	}
	return newest;
}

/* One of those who wait, but for `own` of them, reads on: called by whoever has given the reading lock back, for
 * somebody may have found it taken and sleep. Who begins to wait after this has looked takes the lock itself. The newest
 * has longest to wait for its own answer, so the reading is passed on seldom: each time wakes somebody for another. */
static void pass_reading_on(struct vault_client *v, uint32_t own)
{
	struct slot *s;
	if (atomic_load(&v->waiting) <= own) return;
	while ((s = newest_waiting(v)) != NULL) {
		uint32_t expected = SLOT_WAITING;
		if (!atomic_compare_exchange_strong(&s->state, &expected, SLOT_READ)) continue;
		futex_wake(&s->state);
		return;
	}
}

/* Waits for the next vault; -1 when the client ends. */
static int next_vault(struct vault_client *v)
{
	lock(&v->lock);
	while (v->next_fd < 0 && !v->stopping) pthread_cond_wait(&v->changed, &v->lock);
	int fd = v->stopping ? -1 : v->next_fd;
	if (fd >= 0) v->next_fd = -1;
	unlock(&v->lock);
	if (fd < 0) return -1;
	lock(&v->reading);
	lock(&v->writing);
	v->fd = fd;
	lock(&v->lock);
	v->alive = true;
	v->adopted++;
	pthread_cond_broadcast(&v->changed);
	unlock(&v->lock);
	unlock(&v->writing);
	unlock(&v->reading);
	pass_reading_on(v, 0);
	return fd;
}

/* Whatever still waits for a call that has not come. Under the writing lock, or alone. */
static void send_queued(struct vault_client *v)
{
	struct iovec all = { v->queued, v->n_queued };
	v->n_queued = 0;
	if (all.iov_len > 0 && v->fd >= 0 && !wire_send(v->fd, &all, 1)) (void)shutdown(v->fd, SHUT_RDWR);
}

/* Returns when the other end has closed. */
static void watch(struct vault_client *v, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	for (int n;;) {
		n = poll(&p, 1, QUEUE_MS);
		if (n > 0 || (n < 0 && errno != EINTR)) return;
		lock(&v->writing);
		send_queued(v);
		unlock(&v->writing);
	}
}

static void *watching_thread(void *context)
{
	struct vault_client *v = context;
	for (int fd; (fd = next_vault(v)) >= 0;) {
		watch(v, fd);
		lock(&v->reading);
		/* Answers that came before the end still count. */
		while (read_some(v, fd))
			;
		bury(v);
		unlock(&v->reading);
	}
	return NULL;
}

/* ---- who reads ---- */

/* Reads for all until the slot has its answer, or somebody else reads: then sleeps once. Who was chosen says so before
 * it tries the lock: whoever holds it then will find it waiting when it passes the reading on. */
static void read_or_sleep(struct vault_client *v, struct slot *s)
{
	uint32_t chosen = SLOT_READ;
	(void)atomic_compare_exchange_strong(&s->state, &chosen, SLOT_WAITING);
	if (pthread_mutex_trylock(&v->reading) != 0) {
		futex_wait(&s->state, SLOT_WAITING);
		return;
	}
	bool good = true;
	while (good && v->fd >= 0 && is_waiting(atomic_load_explicit(&s->state, memory_order_acquire))) good = read_some(v, v->fd);
	/* The watching thread sees that, and buries the connection. */
	if (!good) (void)shutdown(v->fd, SHUT_RDWR);
	unlock(&v->reading);
	if (good) pass_reading_on(v, 1);
	else futex_wait(&s->state, SLOT_WAITING);
}

/* ---- birth and end ---- */

static struct vault_client *client_make(void)
{
	struct vault_client *v = mmap(NULL, sizeof *v, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED) return NULL;
	(void)madvise(v, sizeof *v, MADV_DONTDUMP);
	v->fd = v->next_fd = -1;
	v->n_free = SLOTS;
	for (size_t i = 0; i < SLOTS; i++) v->free_slots[i] = (uint16_t)i;
	bool ready = pthread_mutex_init(&v->reading, NULL) == 0 && pthread_mutex_init(&v->writing, NULL) == 0 &&
	             pthread_mutex_init(&v->lock, NULL) == 0 &&
	             pthread_cond_init(&v->slot_free, NULL) == 0 && pthread_cond_init(&v->changed, NULL) == 0;
	if (ready) return v;
	(void)munmap(v, sizeof *v);
	return NULL;
}

enum err vault_client_new_alone(int fd, struct vault_client **ret)
{
	struct vault_client *v = client_make();
	if (v == NULL) return ERR_SYSTEM;
	v->fd = fd;
	v->alive = v->alone = true;
	*ret = v;
	return OK;
}

enum err vault_client_new(int fd, struct vault_client **ret)
{
	struct vault_client *v = client_make();
	if (v == NULL) return ERR_SYSTEM;
	v->next_fd = fd;
	if (pthread_create(&v->thread, NULL, watching_thread, v) != 0) {
		(void)munmap(v, sizeof *v);
		return ERR_SYSTEM;
	}
	lock(&v->lock);
	while (v->adopted == 0) pthread_cond_wait(&v->changed, &v->lock);
	unlock(&v->lock);
	*ret = v;
	return OK;
}

void vault_client_replace(struct vault_client *v, int fd)
{
	assert_always(!v->alone);
	lock(&v->writing);
	if (v->fd >= 0) (void)shutdown(v->fd, SHUT_RDWR);
	unlock(&v->writing);
	lock(&v->lock);
	if (v->next_fd >= 0) (void)close(v->next_fd);
	v->next_fd = fd;
	uint64_t before = v->adopted;
	pthread_cond_broadcast(&v->changed);
	while (v->adopted == before && !v->stopping) pthread_cond_wait(&v->changed, &v->lock);
	unlock(&v->lock);
}

bool vault_client_alive(struct vault_client *v)
{
	lock(&v->lock);
	bool alive = v->alive;
	unlock(&v->lock);
	return alive;
}

void vault_client_flush(struct vault_client *v)
{
	lock(&v->writing);
	send_queued(v);
	unlock(&v->writing);
}

void vault_client_free(struct vault_client *v)
{
	if (v == NULL) return;
	vault_client_flush(v);
	lock(&v->lock);
	v->stopping = true;
	pthread_cond_broadcast(&v->changed);
	pthread_cond_broadcast(&v->slot_free);
	unlock(&v->lock);
	lock(&v->writing);
	if (v->fd >= 0) (void)shutdown(v->fd, SHUT_RDWR);
	unlock(&v->writing);
	if (!v->alone) (void)pthread_join(v->thread, NULL);
	else if (v->alive) bury(v);
	if (v->next_fd >= 0) (void)close(v->next_fd);
	(void)pthread_mutex_destroy(&v->reading);
	(void)pthread_mutex_destroy(&v->writing);
	(void)pthread_mutex_destroy(&v->lock);
	(void)pthread_cond_destroy(&v->slot_free);
	(void)pthread_cond_destroy(&v->changed);
	(void)munmap(v, sizeof *v);
}

/* ---- a call ---- */

/* NULL when there is no vault. Waits while all slots are taken. */
static struct slot *slot_take(struct vault_client *v, unsigned type, struct arena *a)
{
	lock(&v->lock);
	while (v->n_free == 0 && v->alive && !v->stopping) pthread_cond_wait(&v->slot_free, &v->lock);
	if (!v->alive || v->stopping) {
		unlock(&v->lock);
		return NULL;
	}
	uint16_t index = v->free_slots[--v->n_free];
	struct slot *s = &v->slots[index];
	v->generation = (v->generation + 1) % (UINT32_MAX / SLOTS);
	s->number = (v->generation + 1) * SLOTS + index;
	s->type = (uint16_t)type;
	s->arena = a;
	s->answer = STR_UNSET;
	s->fault = OK;
	atomic_store_explicit(&s->state, SLOT_SENDING, memory_order_release);
	unlock(&v->lock);
	return s;
}

static void slot_give_back(struct vault_client *v, struct slot *s)
{
	lock(&v->lock);
	s->arena = NULL;
	atomic_store_explicit(&s->state, SLOT_FREE, memory_order_release);
	v->free_slots[v->n_free++] = (uint16_t)(s - v->slots);
	pthread_cond_signal(&v->slot_free);
	unlock(&v->lock);
}

/* Sends what is queued, then one message whole. A broken connection is shut, so that it is buried when it is read. */
static void send_message(struct vault_client *v, uint32_t number, unsigned type, char *bytes, size_t n)
{
	uint8_t headers[FRAMES_MAX][FRAME_HEADER];
	struct iovec io[1 + 2 * FRAMES_MAX];
	size_t frames = frame_count(n);
	assert_always(frames <= FRAMES_MAX);
	for (size_t i = 0; i < frames; i++) {
		struct frame f = frame_of(n, i, number, (uint16_t)type);
		frame_write(&f, headers[i]);
		io[1 + 2 * i] = (struct iovec){ headers[i], FRAME_HEADER };
		io[2 + 2 * i] = (struct iovec){ bytes + i * FRAME_PAYLOAD_MAX, f.length };
	}
	size_t skip = v->n_queued == 0;
	io[0] = (struct iovec){ v->queued, v->n_queued };
	v->n_queued = 0;
	if (!wire_send(v->fd, io + skip, 1 + 2 * frames - skip)) (void)shutdown(v->fd, SHUT_RDWR);
}

/* False when it does not fit. */
static bool queue_message(struct vault_client *v, unsigned type, const char *bytes, size_t n)
{
	if (n > QUEUE_BYTES - FRAME_HEADER || v->n_queued > QUEUE_BYTES - FRAME_HEADER - n) return false;
	struct frame f = frame_of(n, 0, 0, (uint16_t)type);
	frame_write(&f, v->queued + v->n_queued);
	memcpy(v->queued + v->n_queued + FRAME_HEADER, bytes, n);
	v->n_queued += FRAME_HEADER + n;
	return true;
}

/* Until the slot has its answer, or none can come. */
static uint32_t await(struct vault_client *v, struct slot *s)
{
	uint32_t state, sent = SLOT_SENDING;
	(void)atomic_fetch_add(&v->waiting, 1);
	(void)atomic_compare_exchange_strong(&s->state, &sent, SLOT_WAITING);
	while (is_waiting(state = atomic_load_explicit(&s->state, memory_order_acquire))) {
		if (!v->alone) read_or_sleep(v, s);
		else if (!read_some(v, v->fd)) bury(v);
	}
	(void)atomic_fetch_sub(&v->waiting, 1);
	return state;
}

static enum err call(struct vault_client *v, struct arena *a, unsigned type, const void *ask, void *ret)
{
	const struct wire_shape *shape = wire_request_shape(type);
	assert_always(shape != NULL);
	struct buf b;
	enum err e = wire_encode_new(shape, ask, a, &b);
	if (e != OK) return e;
	struct slot *s = slot_take(v, type, a);
	if (s == NULL) {
		explicit_bzero(b.p, b.n);
		return ERR_VAULT_GONE;
	}
	/* The state is looked at under the writing lock: a slot that was told "gone" must not reach a new vault. */
	lock(&v->writing);
	if (v->fd >= 0 && is_waiting(atomic_load_explicit(&s->state, memory_order_acquire)))
		send_message(v, s->number, type, b.p, b.n);
	unlock(&v->writing);
	explicit_bzero(b.p, b.n);
	uint32_t state = await(v, s);
	struct str answer = s->answer;
	e = state == SLOT_GONE ? ERR_VAULT_GONE : s->fault;
	slot_give_back(v, s);
	if (e == OK && wire_decode(wire_reply_shape(type), answer, a, ret) != OK)
		e = arena_is_full(a) ? ERR_FULL : ERR_SYSTEM;
	return e;
}

static enum err say_bytes(struct vault_client *v, unsigned type, struct buf *b)
{
	enum err e = OK;
	lock(&v->writing);
	if (v->fd < 0) e = ERR_VAULT_GONE;
	else if (!queue_message(v, type, b->p, b->n)) send_message(v, 0, type, b->p, b->n);
	unlock(&v->writing);
	explicit_bzero(b->p, b->n);
	return e;
}

/* The usual one is a few numbers and needs no arena. */
static enum err say(struct vault_client *v, unsigned type, const void *what)
{
	char small[SAID_ON_STACK];
	const struct wire_shape *shape = wire_request_shape(type);
	assert_always(shape != NULL);
	struct buf b = buf_over(small, sizeof small);
	if (wire_size(shape, what) <= sizeof small) {
		enum err e = wire_encode(shape, what, &b);
		return e != OK ? e : say_bytes(v, type, &b);
	}
	struct arena *a = arena_new(WIRE_MESSAGE_MAX + 4096);
	if (a == NULL) return ERR_SYSTEM;
	enum err e = wire_encode_new(shape, what, a, &b);
	if (e == OK) e = say_bytes(v, type, &b);
	arena_free(a);
	return e;
}

/* Every answer begins with its status (checked in shapes.c). */
#define MESSAGE(name, number, reply) \
	enum err vault_##name(struct vault_client *v, struct arena *a, const struct vault_##name *ask, \
	                      struct vault_##reply *ret) \
	{ \
		enum err e = call(v, a, (number), ask, ret); \
		return e != OK ? e : ret->status; \
	}
#define MESSAGE_ONE_WAY(name, number) \
	enum err vault_##name(struct vault_client *v, const struct vault_##name *say_it) \
	{ \
		return say(v, (number), say_it); \
	}
#include "wire/wire.def"

/* vault/loop.c — the rounds: read all that waits, decide, flush once, finish, answer (DECISIONS 3). */
#include "vault/argon.h"
#include "vault/clock.h"
#include "vault/fatal.h"
#include "vault/journal.h"
#include "vault/line.h"
#include "vault/sessions.h"
#include "vault/stash.h"
#include "vault/vault.h"
#include <errno.h>
#include <poll.h>
#include <string.h>

#define CALLS_A_ROUND 64u
/* No further request is taken into a round that has used this much of its arena. */
#define ROUND_BYTES (32u << 20)
#define HEARTBEAT_US INT64_C(60000000)
#define HELD 64u

/* An answer that is kept back: a wrong attempt. */
struct held { uint32_t number; uint16_t type; enum err status; int64_t due; };

struct round {
	struct call calls[CALLS_A_ROUND];
	size_t n;
	bool more; /* whole requests were left for the next round */
	bool asks; /* somebody waits for an answer */
};
static struct held held[HELD];
static size_t n_held;

static enum err decide(struct vault *v, struct call *c)
{
	switch (c->type) {
#define MESSAGE(name, number, answer) \
	case (number): return decide_##name(v, c, c->ask, c->reply);
#define MESSAGE_ONE_WAY(name, number) \
	case (number): decide_##name(v, c->ask); return OK;
#include "wire/wire.def"
	}
	fatal("a message of no known kind");
}

/* Before there is a trust, only what makes one. */
static bool is_for_a_fresh_directory(unsigned type)
{
	return type == WIRE_hello || type == WIRE_login_name || type == WIRE_enrol || type == WIRE_trust ||
	       type == WIRE_clock || type == WIRE_custodian || type == WIRE_keys_restore;
}

static void set_status(struct call *c, enum err e)
{
	memcpy(c->reply, &e, sizeof e);
}

static enum err status_of(const struct call *c)
{
	enum err e;
	memcpy(&e, c->reply, sizeof e);
	return e;
}

/* A refusal says nothing besides itself, but a session's answer tells also whose screen is locked. */
static void clear_refused(struct call *c, enum err e)
{
	if (c->type != WIRE_session && c->type != WIRE_unlock)
		memset(c->reply, 0, wire_struct_size(wire_reply_shape(c->type)));
	c->finish = NULL;
	set_status(c, e);
}

static void decide_call(struct vault *v, struct round *r, struct call *c)
{
	const struct wire_shape *request = wire_request_shape(c->type), *reply = wire_reply_shape(c->type);
	if (request == NULL) fatal("a message of no known kind");
	void *ask = arena_take(v->round, wire_struct_size(request));
	c->reply = reply ? arena_take(v->round, wire_struct_size(reply)) : NULL;
	if (ask == NULL || (reply != NULL && c->reply == NULL)) fatal("a round is too small");
	enum err e = wire_decode(request, c->bytes, v->round, ask);
	if (e == ERR_INVALID) fatal("a message that cannot be read");
	c->ask = ask;
	if (e == OK) e = v->fresh && !is_for_a_fresh_directory(c->type) ? ERR_DENIED : decide(v, c);
	if (reply == NULL || c->later) return;
	r->asks = true;
	set_status(c, e);
	if (e != OK) clear_refused(c, e);
}

static void take_requests(struct vault *v, struct round *r)
{
	struct line_message m;
	r->more = true;
	while (r->n < CALLS_A_ROUND - 16 && arena_used(v->round) < ROUND_BYTES) {
		if (!line_next(v->line, &m)) {
			r->more = false;
			return;
		}
		struct call *c = &r->calls[r->n++];
		*c = (struct call){ .number = m.number, .type = m.type, .bytes = m.bytes };
		decide_call(v, r, c);
	}
}

static void take_jobs(struct vault *v, struct round *r)
{
	struct argon_job *j;
	while (v->argon != NULL && r->n < CALLS_A_ROUND && (j = argon_done(v->argon)) != NULL) {
		struct call *c = &r->calls[r->n++];
		*c = (struct call){ .number = j->number, .type = j->type, .job = j };
		c->bytes = (struct str){ (const char *)j->request, j->request_n };
		decide_call(v, r, c);
	}
}

/* ---- answers ---- */

static void send_answer(struct vault *v, const struct call *c)
{
	const struct wire_shape *shape = wire_reply_shape(c->type);
	struct buf b;
	enum err e = wire_encode_new(shape, c->reply, v->round, &b);
	if (e != OK) {
		memset(c->reply, 0, wire_struct_size(shape));
		e = ERR_FULL;
		memcpy(c->reply, &e, sizeof e);
		struct arena *small = arena_new(4096);
		assert_always(small != NULL);
		b = buf_new(small, 4096);
		if (wire_encode(shape, c->reply, &b) != OK) fatal("an empty answer does not fit");
		if (!line_send(v->line, c->number, c->type | WIRE_REPLY, buf_view(&b)) || !line_flush(v->line))
			v->web_gone = true;
		arena_free(small);
		return;
	}
	if (!line_send(v->line, c->number, c->type | WIRE_REPLY, buf_view(&b))) v->web_gone = true;
}

static bool hold(const struct call *c)
{
	if (c->hold_us <= 0 || n_held == HELD) return false;
	held[n_held++] = (struct held){ c->number, c->type, status_of(c), clock_boot_us() + c->hold_us };
	return true;
}

static void answer(struct vault *v, struct round *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct call *c = &r->calls[i];
		if (c->reply == NULL || c->later) continue;
		if (status_of(c) == OK && c->finish != NULL) c->finish(v, c);
		if (!v->web_gone && !hold(c)) send_answer(v, c);
	}
}

static void answer_held(struct vault *v)
{
	int64_t now = clock_boot_us();
	size_t kept = 0;
	for (size_t i = 0; i < n_held; i++) {
		if (held[i].due > now) {
			held[kept++] = held[i];
			continue;
		}
		struct call c = { .number = held[i].number, .type = held[i].type };
		c.reply = arena_take(v->round, wire_struct_size(wire_reply_shape(c.type)));
		if (c.reply == NULL) fatal("a round is too small");
		set_status(&c, held[i].status);
		if (!v->web_gone) send_answer(v, &c);
	}
	n_held = kept;
}

/* ---- upkeep ---- */

static void tick(struct vault *v)
{
	int64_t now = clock_boot_us();
	sessions_tick(v->sessions, now);
	if (v->log == NULL) return;
	uint64_t seq;
	struct str note;
	if (now - v->last_entry_us >= HEARTBEAT_US &&
	    journal_leaf(v, LOG_HEARTBEAT, LOG_NONE, 0, &seq) != OK)
		v->last_entry_us = now; /* the disk is full; the gap will be seen, which is right */
	vault_renew_shred(v);
	if (!log_checkpoint_due(v->log, clock_boot_ns())) return;
	enum err e = journal_checkpoint(v, &note);
	/* On a full disk it is tried again at the next tick; until there is room nothing is opened. */
	if (e != OK && e != ERR_LOG_FULL) fatal("a checkpoint could not be written");
}

static bool run_round(struct vault *v, bool jobs)
{
	static struct round r;
	r.n = 0;
	r.asks = false;
	if (jobs) take_jobs(v, &r);
	take_requests(v, &r);
	tick(v);
	/* What nobody waits for (outcomes) goes to the disk with the next group, or when nothing has come for a second
	 * (DECISIONS 31). */
	if (v->log != NULL && (r.asks || r.n == 0)) log_flush(v->log);
	answer(v, &r);
	answer_held(v);
	if (!line_flush(v->line)) v->web_gone = true;
	for (size_t i = 0; i < r.n; i++) argon_give_back(v->argon, r.calls[i].job);
	stash_empty(v->stash);
	line_round_end(v->line);
	arena_reset(v->round);
	return r.more;
}

static int wait_ms(bool more)
{
	if (more) return 0;
	int64_t ms = 1000, now = clock_boot_us();
	for (size_t i = 0; i < n_held; i++) {
		int64_t left = (held[i].due - now) / 1000 + 1;
		if (left < ms) ms = left < 0 ? 0 : left;
	}
	return (int)ms;
}

void vault_loop(struct vault *v)
{
	bool more = false;
	n_held = 0;
	while (!v->web_gone && !v->stop_asked) {
		struct pollfd p[3] = {
			{ .fd = v->options.fd, .events = POLLIN },
			{ .fd = v->signal_fd, .events = POLLIN },
			{ .fd = v->argon ? argon_fd(v->argon) : -1, .events = POLLIN },
		};
		if (poll(p, COUNT_OF(p), wait_ms(more)) < 0 && errno != EINTR) fatal("poll failed");
		if (p[0].revents != 0 && !line_read(v->line)) v->web_gone = true;
		if (p[1].revents & POLLIN) v->stop_asked = true;
		bool jobs = p[2].revents != 0;
		do more = run_round(v, jobs);
		while (more && (v->web_gone || v->stop_asked));
	}
}

/* vault/review.c — the log opened for its reviewers: all of it, one person's acts, or the acts on one case. */
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/journal.h"
#include "vault/stash.h"
#include "vault/text.h"
#include <string.h>

#define ENTRIES_MOST 200u
/* Entries looked at for one answer; the page goes on from the oldest. */
#define LOOKED_AT_MOST 20000u
#define READER_ARENA (4u << 20)
/* Room for one body. */
#define BODY_ARENA (64u << 10)

struct reviewing {
	struct vault *v;
	struct id16 controller;
	/* Private halves of the review dossier's epochs, the newest first. */
	struct key32 *const *review_keys;
	size_t n_keys;
	struct log_reader *back, *keys;
	uint64_t size;                   /* entries from here on are not shown */
	uint64_t interval_seq;           /* the LOG_KEY entry whose key stands below */
	struct key32 *interval;
	bool interval_ours;
	struct arena *body;              /* of the entry in hand; what is answered is copied */
};

/* With the key of whichever epoch it was sealed to. */
static bool interval_open(struct reviewing *r, struct str body)
{
	struct id16 controller;
	for (size_t i = 0; i < r->n_keys; i++) {
		enum err e = log_key_open(body, r->review_keys[i], &controller, r->interval);
		if (e != ERR_DENIED) return e == OK && id_eq(controller, r->controller);
	}
	return false;
}

/* The interval's key, if it was sealed to these reviewers. */
static bool interval_key(struct reviewing *r, uint64_t seq)
{
	struct log_record record;
	if (seq == r->interval_seq) return r->interval_ours;
	r->interval_seq = seq;
	r->interval_ours = log_reader_seek(r->keys, seq) == OK && log_reader_next(r->keys, &record) == OK &&
	                   record.entry.class == LOG_LOG_KEY && interval_open(r, record.body);
	return r->interval_ours;
}

/* Entries that are about somebody's act, or about a start, a stop or a restore. */
static bool worth_showing(const struct log_entry *e)
{
	switch (e->class) {
	case LOG_OPEN:
	case LOG_SAVE:
	case LOG_KEY:
	case LOG_LOGIN:
	case LOG_ADMIN:
	case LOG_SHRED:
	case LOG_START:
	case LOG_STOP:
	case LOG_RESTORE: return true;
	case LOG_TRUST:
	case LOG_LOG_KEY:
	case LOG_OUTCOME:
	case LOG_LATE:
	case LOG_HEARTBEAT: return false;
	}
	return false;
}

/* False when the entry is another controller's. */
static bool show(struct reviewing *r, const struct log_record *record, struct review_entry *out)
{
	const struct log_entry *e = &record->entry;
	*out = (struct review_entry){ .seq = e->seq, .at = { e->time_us }, .event_class = (uint8_t)e->class,
	                              .outcome = (uint8_t)e->outcome, .body = STR("") };
	if (e->body != LOG_BODY_SEALED) return true;
	if (!interval_key(r, e->key_seq)) return false;
	return log_body_open(r->body, e, record->body, r->interval, &out->body) == OK;
}

/* Is not all of the log asked for? */
static bool is_chosen(const struct vault_review *ask)
{
	return !id_is_zero(ask->user) || !id_is_zero(ask->why.asked) || ask->from.us != 0 || ask->until.us != 0;
}

/* Of the case with the same code; a person's own id there is a login. */
static bool is_of_case(struct str hex, struct id16 user, struct id16 wanted)
{
	struct id16 id;
	return id_parse(hex, &id) == OK && !id_is_zero(id) && !id_eq(id, user) &&
	       case_code_number(id) == case_code_number(wanted);
}

/* Does the entry belong to what was asked for? One without a body belongs to nobody and no case. */
static bool is_wanted(const struct vault_review *ask, const struct review_entry *e)
{
	struct id16 user = { { 0 } };
	bool by_user = !id_is_zero(ask->user), by_case = !id_is_zero(ask->why.asked);
	if (!by_user && !by_case) return true;
	if (id_parse(text_field(e->body, "user"), &user) != OK) return false;
	if (by_user && !id_eq(user, ask->user)) return false;
	struct str about = e->event_class == LOG_SHRED ? text_field(e->body, "about") : STR_UNSET;
	return !by_case || is_of_case(text_field(e->body, "case"), user, ask->why.asked) || is_of_case(about, user, ask->why.asked);
}

/* Adds the entry to the answer if it is one to show. */
static enum err take(struct reviewing *r, const struct vault_review *ask, const struct log_record *record, struct vault_review_reply *ret)
{
	struct review_entry *out = &ret->entries[ret->n];
	arena_reset(r->body);
	if (!worth_showing(&record->entry) || !show(r, record, out) || !is_wanted(ask, out)) return OK;
	if (out->body.n > 0 && (out->body = arena_str(r->v->round, out->body)).p == NULL) return ERR_FULL;
	ret->n++;
	return OK;
}

/* Before the newest entry that is asked for, and its number plus one. */
static enum err begin_at(struct reviewing *r, const struct vault_review *ask, uint64_t *ret)
{
	struct log_record record;
	*ret = ask->before == 0 || ask->before > r->size ? r->size : ask->before;
	if (ask->before == 0 && ask->until.us != 0) {
		enum err e = log_reader_seek_time(r->back, ask->until.us);
		if (e == OK && (e = log_reader_next(r->back, &record)) == OK && record.entry.seq < *ret) *ret = record.entry.seq;
		if (e != OK && e != ERR_NOT_FOUND) return e;
	}
	return log_reader_seek(r->back, *ret);
}

static enum err walk(struct reviewing *r, const struct vault_review *ask, struct vault_review_reply *ret)
{
	size_t most = ask->count < ENTRIES_MOST ? ask->count : ENTRIES_MOST;
	ret->entries = ARENA_ARRAY(r->v->round, struct review_entry, most + 1);
	if (ret->entries == NULL) return ERR_FULL;
	struct log_record record;
	enum err e = begin_at(r, ask, &ret->reached);
	for (size_t i = 0; e == OK && ret->n < most && i < LOOKED_AT_MOST; i++) {
		if ((e = log_reader_prev(r->back, &record)) != OK) break;
		if (record.entry.time_us < ask->from.us) {
			ret->reached = 0;
			return OK;
		}
		ret->reached = record.entry.seq;
		e = take(r, ask, &record, ret);
	}
	if (e != ERR_NOT_FOUND) return e;
	ret->reached = 0;
	return OK;
}

struct review_work {
	const struct vault_review *ask;
	struct vault_review_reply *ret;
	struct key32 **keys;
	size_t n_keys;
	struct id16 controller;
	uint64_t own;                    /* entry of this reading */
};

/* The private halves stand in the session's copy of the grant and under it; they must outlive the flush, so they are
 * copied. */
static enum err review_keys_of(struct vault *v, struct holder *h, struct review_work *w)
{
	const struct trust_party *party = trust_find(&v->trust, holder_controller(h));
	if (party == NULL) return ERR_DENIED;
	struct id16 dossier = party->standing[STANDING_REVIEW];
	uint32_t newest = holder_standing_epoch(h, dossier);
	if (newest == 0) return ERR_DENIED;
	w->keys = ARENA_ARRAY(v->round, struct key32 *, newest);
	if (w->keys == NULL) return ERR_FULL;
	for (uint32_t epoch = newest; epoch > 0; epoch--) {
		const struct key32 *key;
		enum err e = holder_private(v, h, dossier, epoch, &key);
		if (e != OK) return e;
		struct key32 *copy = stash_key(v->stash);
		if (copy == NULL) return ERR_FULL;
		key32_copy(copy, key);
		w->keys[w->n_keys++] = copy;
	}
	return OK;
}

static void finish_review(struct vault *v, struct call *c)
{
	struct review_work *w = c->work;
	_cleanup_(arena_freep) struct arena *a = arena_new(READER_ARENA);
	_cleanup_(arena_freep) struct arena *body = arena_new(BODY_ARENA);
	struct reviewing r = { .v = v, .controller = w->controller, .review_keys = w->keys, .n_keys = w->n_keys,
	                       /* A choice is answered without the question itself, or it would never be empty. */
	                       .size = is_chosen(w->ask) ? w->own : log_durable(v->log), .interval_seq = UINT64_MAX, .body = body,
	                       .interval = stash_key(v->stash) };
	enum err e = a == NULL || body == NULL || r.interval == NULL ? ERR_FULL : log_reader_new(a, v->log_fd, &r.back);
	if (e == OK) e = log_reader_new(a, v->log_fd, &r.keys);
	if (e == OK) e = walk(&r, w->ask, w->ret);
	if (r.back != NULL) log_reader_close(r.back);
	if (r.keys != NULL) log_reader_close(r.keys);
	w->ret->status = e;
	if (e != OK) w->ret->n = 0;
}

enum err decide_review(struct vault *v, struct call *c, const struct vault_review *ask, struct vault_review_reply *ret)
{
	struct holder h;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	struct review_work *w = ARENA_NEW(v->round, struct review_work);
	if (w == NULL) e = ERR_FULL;
	else *w = (struct review_work){ .ask = ask, .ret = ret, .controller = holder_controller(&h) };
	if (e == OK) e = review_keys_of(v, &h, w);
	struct journal_line line = { .class = LOG_OPEN, .outcome = e == OK ? LOG_DONE : LOG_DENIED, .why = &ask->why,
	                             .user = holder_user(&h), .controller = holder_controller(&h), .about = ask->user, .rows = ask->count,
	                             .urgent = e != OK };
	uint64_t seq;
	enum err logged = journal_append(v, &line, &seq);
	if (e == OK) e = logged;
	if (e == OK) w->own = seq;
	c->work = w;
	c->finish = finish_review;
	holder_leave(&h);
	return e;
}

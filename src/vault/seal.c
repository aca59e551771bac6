/* vault/seal.c — sealing: stamps, envelopes, tags, and the intent that names every row before it is written. */
#include "crypto/bytes.h"
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/deposit.h"
#include "vault/holder.h"
#include "vault/journal.h"
#include "vault/late.h"
#include "vault/open.h"
#include "vault/slots.h"
#include "vault/stash.h"
#include "vault/text.h"
#include <string.h>

/* Of the lines themselves, besides the name and the title in them. */
#define STAMP_BYTES 160u

struct sealing {
	struct vault *v;
	struct holder *h;
	const struct vault_seal *ask;
	struct grant *grant;      /* NULL: none was given */
	struct key32 *shred;
	struct stream_key *stream[GRANT_ENTRIES];
	struct instant next_stamp;
	struct vault_who who;     /* the author as the directory has him; without a user until it was needed */
	struct row_ref *rows;     /* the items' rows and the request's own */
	size_t n_rows;
	uint32_t compartments;    /* sealed for */
};

/* When, and by whom: the sealing side's word, not the asker's. */
static struct str stamped(struct sealing *s, struct str plain)
{
	struct arena *a = s->v->round;
	if (!holder_is_system(s->h) && id_is_zero(s->who.user)) holder_who(s->v, s->h->session, s->h, &s->who);
	struct buf b = buf_new(a, plain.n + s->who.name.n + s->who.title.n + STAMP_BYTES);
	char hex[ID_HEX];
	id_hex(holder_user(s->h), hex);
	text_line(&b, "noted", instant_iso(a, s->next_stamp));
	text_line(&b, "author", (struct str){ hex, ID_HEX });
	if (s->who.name.n > 0) text_line(&b, "author_name", s->who.name);
	if (s->who.title.n > 0) text_line(&b, "author_title", s->who.title);
	buf_str(&b, plain);
	s->next_stamp.us++;
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

/* ---- one kind of recipient each ---- */

static enum err to_stream(struct sealing *s, const struct seal_item *item, struct str plain, struct str *ret)
{
	if (s->grant == NULL) return ERR_DENIED;
	const struct grant_clear *clear = grant_clear(s->grant);
	const struct envelope_at *at = &item->at;
	if (!id_eq(at->case_id, clear->case_id) || !id_eq(at->controller, clear->controller)) return ERR_DENIED;
	int i = grant_find(s->grant, at->compartment, 0);
	if (i < 0) return ERR_DENIED;
	/* What is new is read only by those who are left: never an older epoch than the writer knows of. */
	if (at->epoch != grant_entry(s->grant, (size_t)i)->epoch) return ERR_CONFLICT;
	if (s->stream[i] == NULL) {
		s->stream[i] = stash_stream_key(s->v->stash);
		if (s->stream[i] == NULL) return ERR_FULL;
		grant_stream_key(s->grant, (size_t)i, s->shred, s->stream[i]);
	}
	s->compartments |= UINT32_C(1) << (at->compartment < 31 ? at->compartment : 31);
	return envelope_seal(s->v->round, s->stream[i], at, plain, ret);
}

/* A rung, for its assignee; the desk's are deposits. */
static enum err to_user(struct sealing *s, const struct seal_item *item, struct str plain, struct str *ret)
{
	struct vault *v = s->v;
	if (item->at.slot != SLOT_RUNG || !id_eq(item->at.case_id, item->recipient)) return ERR_INVALID;
	struct certificate c;
	struct id16 controller;
	enum err e = certificates_find(v->certificates, item->recipient, &c, &controller);
	if (e != OK) return e;
	if (!id_eq(controller, item->at.controller)) return ERR_DENIED;
	return envelope_box(v->round, BOX_USER, c.box_public, v->vault_key, &item->at, plain, ret);
}

static enum err to_deposit(struct sealing *s, const struct seal_item *item, struct str plain, struct str *ret)
{
	struct vault *v = s->v;
	const struct deposit_key *key = &item->to_key;
	bool standing = deposit_standing(v, item->at.case_id, NULL) != NULL;
	bool fits = item->at.slot == SLOT_DEPOSIT || (item->at.slot == SLOT_RUNG && standing);
	if (!fits || item->at.epoch != key->epoch) return ERR_INVALID;
	enum err e = deposit_check(v, &item->at, key);
	return e == OK ? envelope_box(v->round, BOX_DEPOSIT, key->key, v->vault_key, &item->at, plain, ret) : e;
}

static enum err to_standing(struct sealing *s, const struct seal_item *item, struct str plain, struct str *ret)
{
	struct stream_key *k;
	uint32_t newest = holder_standing_epoch(s->h, item->at.case_id);
	if (newest == 0) return ERR_DENIED;
	if (item->at.epoch != newest) return ERR_CONFLICT;
	enum err e = holder_standing_stream(s->v, s->h, item->at.case_id, newest, &k);
	if (e != OK) return e;
	return envelope_seal(s->v->round, k, &item->at, plain, ret);
}

/* ---- the items ---- */

static enum err seal_item(struct sealing *s, const struct seal_item *item, struct str *ret)
{
	struct str plain = item->plain;
	if (plain.p == NULL || item->clear_row.p == NULL) return ERR_INVALID;
	if (item->stamp) plain = stamped(s, plain);
	if (plain.p == NULL) return ERR_FULL;
	enum err e = ERR_INVALID;
	struct str envelope;
	switch (item->to) {
	case SEAL_STREAM: e = to_stream(s, item, plain, &envelope); break;
	case SEAL_USER: e = to_user(s, item, plain, &envelope); break;
	case SEAL_DEPOSIT: e = to_deposit(s, item, plain, &envelope); break;
	case SEAL_STANDING: e = to_standing(s, item, plain, &envelope); break;
	}
	if (e != OK) return e;
	struct row_ref *row = &s->rows[s->n_rows++];
	*row = (struct row_ref){ .row = item->log_row, .version = item->at.version, .late = item->late };
	row_digest_tag_sealed(item->clear_row, envelope, row->tag);
	*ret = envelope;
	return OK;
}

static size_t late_of(const struct vault_seal *ask)
{
	size_t n = 0;
	for (size_t i = 0; i < ask->n_items; i++) n += ask->items[i].late;
	for (size_t i = 0; i < ask->n_rows; i++) n += ask->rows[i].late;
	return n;
}

static enum err seal_items(struct sealing *s, struct vault_seal_reply *ret)
{
	const struct vault_seal *ask = s->ask;
	struct arena *a = s->v->round;
	size_t stamps = 0;
	for (size_t i = 0; i < ask->n_items; i++) stamps += ask->items[i].stamp;
	ret->envelopes = ARENA_ARRAY(a, struct str, ask->n_items + 1);
	s->rows = ARENA_ARRAY(a, struct row_ref, ask->n_items + ask->n_rows + 1);
	if (ret->envelopes == NULL || s->rows == NULL) return ERR_FULL;
	s->next_stamp = ret->noted = clock_note(s->v->clock, ask->not_before, stamps);
	for (size_t i = 0; i < ask->n_items; i++) {
		enum err e = seal_item(s, &ask->items[i], &ret->envelopes[i]);
		if (e != OK) return e;
	}
	ret->n_envelopes = ask->n_items;
	for (size_t i = 0; i < ask->n_rows; i++) s->rows[s->n_rows++] = ask->rows[i];
	return OK;
}

static enum err open_grant(struct sealing *s)
{
	if (s->ask->grant.p == NULL) return OK;
	s->grant = grant_new();
	s->shred = stash_key(s->v->stash);
	if (s->grant == NULL || s->shred == NULL) return ERR_FULL;
	return holder_open_case(s->v, s->h, s->ask->grant, STR_UNSET, s->ask->shred_slot, s->grant, s->shred, NULL);
}

/* The intent, with the tags of all rows, is in the log before an envelope is answered (DECISIONS 31). */
static enum err intend(struct vault *v, const struct holder *h, const struct vault_why *why, uint32_t compartments,
                       const struct row_ref *rows, size_t n, uint64_t *ret_intent)
{
	struct journal_line line = { .class = LOG_SAVE, .outcome = LOG_INTENT, .why = why, .user = holder_user(h),
	                             .controller = holder_controller(h), .compartments = compartments, .rows = n,
	                             .written = rows, .n_written = n };
	enum err e = journal_append(v, &line, ret_intent);
	return e == OK ? late_add(v, rows, n, *ret_intent) : e;
}

static enum err seal_for(struct sealing *s, struct vault_seal_reply *ret)
{
	const struct vault_seal *ask = s->ask;
	if (ask->n_items + ask->n_rows > WIRE_ROWS_MAX) return ERR_TOO_LARGE;
	if (!late_has_room(s->v, late_of(ask))) return ERR_BUSY;
	enum err e = seal_items(s, ret);
	if (e == OK) e = intend(s->v, s->h, &ask->why, s->compartments, s->rows, s->n_rows, &ret->intent);
	return e;
}

/* With the holder that has entered. What is not sealed whole is not sealed at all. */
static enum err seal_with(struct vault *v, struct holder *h, const struct vault_seal *ask, struct vault_seal_reply *ret)
{
	struct sealing s = { .v = v, .h = h, .ask = ask };
	enum err e = open_grant(&s);
	if (e == OK) e = seal_for(&s, ret);
	grant_free(s.grant);
	return e;
}

enum err decide_seal(struct vault *v, struct call *c, const struct vault_seal *ask, struct vault_seal_reply *ret)
{
	(void)c;
	struct holder h;
	enum err e = holder_enter(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = seal_with(v, &h, ask, ret);
	holder_leave(&h);
	return e;
}

enum err decide_open_seal(struct vault *v, struct call *c, const struct vault_open_seal *ask,
                          struct vault_open_seal_reply *ret)
{
	struct holder h;
	if (!bytes_equal(ask->open.why.cookie.b, ask->seal.why.cookie.b, sizeof ask->open.why.cookie.b)) return ERR_INVALID;
	enum err e = holder_enter_person(v, &ask->open.why.cookie, &h);
	if (e != OK) return e;
	/* The keys of the save open the case too. */
	struct sealing s = { .v = v, .h = &h, .ask = &ask->seal };
	enum err sealed = open_grant(&s);
	if (sealed == OK && s.grant != NULL) holder_know(&h, ask->seal.grant, s.grant, s.shred);
	e = open_for(v, &h, c, &ask->open, &ret->opened);
	s.who = ret->opened.who;
	if (e == OK && sealed == OK) sealed = seal_for(&s, &ret->sealed);
	if (e != OK || sealed != OK) ret->sealed = (struct vault_seal_reply){ .status = e != OK ? e : sealed };
	grant_free(s.grant);
	holder_leave(&h);
	return e;
}

/* ---- rows without envelopes, and what became of intents ---- */

enum err decide_note(struct vault *v, struct call *c, const struct vault_note *ask, struct vault_note_reply *ret)
{
	(void)c;
	struct holder h;
	size_t late = 0;
	for (size_t i = 0; i < ask->n_rows; i++) late += ask->rows[i].late;
	if (!late_has_room(v, late)) return ERR_BUSY;
	enum err e = holder_enter(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = intend(v, &h, &ask->why, 0, ask->rows, ask->n_rows, &ret->intent);
	ret->now = clock_now(v->clock);
	holder_leave(&h);
	return e;
}

static bool is_open_intent(const struct vault *v, uint64_t seq)
{
	size_t n;
	const uint64_t *open = log_open_intents(v->log, &n);
	for (size_t i = 0; i < n; i++)
		if (open[i] == seq) return true;
	return false;
}

void decide_outcome(struct vault *v, const struct vault_outcome *said)
{
	uint64_t seq;
	for (size_t i = 0; i < said->n_done; i++) {
		if (!is_open_intent(v, said->done[i])) continue;
		late_done(v, said->done[i]);
		if (journal_leaf(v, LOG_OUTCOME, LOG_DONE, said->done[i], &seq) != OK) return;
	}
	for (size_t i = 0; i < said->n_lost; i++) {
		if (!is_open_intent(v, said->lost[i])) continue;
		late_lost(v, said->lost[i]);
		if (journal_leaf(v, LOG_OUTCOME, LOG_LOST, said->lost[i], &seq) != OK) return;
	}
}

/* vault/journal.c — entries of the log and their bodies. */
#include "vault/journal.h"
#include "vault/clock.h"
#include "vault/late.h"
#include "vault/standing.h"
#include "vault/text.h"
#include <string.h>

#define BODY_MAX 8192u

static void line_id(struct buf *b, const char *name, struct id16 id)
{
	char hex[ID_HEX];
	id_hex(id, hex);
	text_line(b, name, (struct str){ hex, ID_HEX });
}

static void line_number(struct buf *b, const char *name, uint32_t n)
{
	char text[16];
	struct buf t = buf_over(text, sizeof text);
	buf_format(&t, "%010u", n);
	text_line(b, name, buf_view(&t));
}

static struct str body_of(struct vault *v, const struct journal_line *l)
{
	static const struct vault_why none = { .act = { "", 0 }, .reason = { "", 0 } };
	const struct vault_why *why = l->why ? l->why : &none;
	struct buf b = buf_new(v->round, BODY_MAX);
	line_id(&b, "user", l->user);
	line_id(&b, "case", why->asked);
	line_number(&b, "compartments", l->compartments);
	line_number(&b, "purpose", why->purpose);
	line_number(&b, "rows", (uint32_t)l->rows);
	line_id(&b, "about", l->about);
	text_line(&b, "act", why->act.p ? why->act : STR(""));
	text_line(&b, "reason", why->reason.p ? why->reason : STR(""));
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

static bool review_key_of(const struct vault *v, struct id16 controller, uint8_t ret[32])
{
	const struct trust_party *party = trust_find(&v->trust, controller);
	struct standing_key k;
	if (party == NULL || standing_newest(v->standing, party->standing[3], &k) != OK) return false;
	memcpy(ret, k.key, 32);
	return true;
}

static enum err append(struct vault *v, struct log_new *e, uint64_t *ret_seq)
{
	if (v->log == NULL) return ERR_SYSTEM;
	e->time_us = clock_now(v->clock).us;
	e->mono_ns = clock_boot_ns();
	uint64_t seq = 0;
	enum err failed = log_append(v->log, e, &seq);
	if (failed != OK) return failed;
	v->last_entry_us = clock_boot_us();
	clock_not_before(v->clock, log_newest_time(v->log));
	*ret_seq = seq;
	return OK;
}

enum err journal_append(struct vault *v, const struct journal_line *l, uint64_t *ret_seq)
{
	struct log_new e = { .class = l->class, .outcome = l->outcome, .urgent = l->urgent };
	struct log_seal seal = { .controller = l->controller };
	if (review_key_of(v, l->controller, seal.review_key)) {
		seal.body = body_of(v, l);
		if (seal.body.p == NULL) return ERR_TOO_LARGE;
		e.seal = &seal;
	}
	if (l->n_written > 0) {
		struct log_row *rows = ARENA_ARRAY(v->round, struct log_row, l->n_written);
		if (rows == NULL) return ERR_FULL;
		size_t n = 0;
		for (size_t i = 0; i < l->n_written; i++) {
			if (l->written[i].late) continue;
			rows[n] = (struct log_row){ .row = l->written[i].row, .version = l->written[i].version };
			memcpy(rows[n++].tag, l->written[i].tag, sizeof rows[0].tag);
		}
		e.rows = rows;
		e.n_rows = n;
	}
	return append(v, &e, ret_seq);
}

enum err journal_leaf(struct vault *v, enum log_class class, enum log_outcome outcome, uint64_t ref, uint64_t *ret_seq)
{
	struct log_new e = { .class = class, .outcome = outcome, .ref_seq = ref, .urgent = true };
	return append(v, &e, ret_seq);
}

enum err journal_blob(struct vault *v, enum log_class class, struct str clear_body)
{
	struct log_new e = { .class = class, .outcome = LOG_NONE, .clear_body = clear_body };
	uint64_t seq;
	return append(v, &e, &seq);
}

enum err journal_rows(struct vault *v, enum log_class class, const struct log_row *rows, size_t n)
{
	struct log_new e = { .class = class, .outcome = LOG_DONE, .rows = rows, .n_rows = n, .urgent = true };
	uint64_t seq;
	return append(v, &e, &seq);
}

enum err journal_checkpoint(struct vault *v, struct str *ret_note)
{
	enum err e = late_write(v);
	if (e != OK) return e;
	struct str note;
	e = log_checkpoint(v->log, clock_boot_ns(), &note);
	if (e == OK) *ret_note = note;
	return e;
}

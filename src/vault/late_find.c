/* vault/late_find.c — reads back from the newest entry, opens the sealed rows, leaves out what is written or lost. */
#include "vault/late_find.h"
#include <string.h>

#define LOOKED_AT_MOST 100000u
#define OUTCOMES_MAX 65536u

const struct envelope_at late_blob_at = { .compartment = 0xfffe };

struct said { uint64_t intent; bool done; };

struct search {
	struct late_find *f;
	struct said *said;
	size_t n_said;
	struct id16 *covered;    /* by the newest LATE entry, once that was passed */
	size_t n_covered;
	uint64_t covered_at;
	size_t passed;           /* LATE entries that name rows */
	uint64_t until;          /* entries from here on were undone by a restore */
};

/* False: not said. */
static bool outcome_of(const struct search *s, uint64_t intent, bool *ret_done)
{
	for (size_t i = 0; i < s->n_said; i++) {
		if (s->said[i].intent != intent) continue;
		*ret_done = s->said[i].done;
		return true;
	}
	return false;
}

/* A row is named when all that was intended with it is committed, so what the entry names has no older wish. */
static bool is_covered(const struct search *s, const struct late_row *r)
{
	for (size_t i = 0; r->intent < s->covered_at && i < s->n_covered; i++)
		if (id_eq(s->covered[i], r->ref.row)) return true;
	return false;
}

static bool is_known(const struct late_find *f, const struct late_row *r)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->rows[i].intent == r->intent && id_eq(f->rows[i].ref.row, r->ref.row) && f->rows[i].ref.version == r->ref.version)
			return true;
	return false;
}

static void take_rows(struct search *s, struct str plain)
{
	struct late_find *f = s->f;
	struct cursor c = cursor_over(plain.p, plain.n);
	while (c.n - c.at >= LATE_ROW_BYTES && f->n < LATE_ROWS_MAX) {
		struct late_row r = { .intent = cur_u64(&c), .ref.late = true };
		cur_copy(&c, r.ref.row.b, 16);
		r.ref.version = cur_u64(&c);
		cur_copy(&c, r.ref.tag, 16);
		bool said = outcome_of(s, r.intent, &r.committed);
		if ((said && !r.committed) || is_covered(s, &r) || is_known(f, &r)) continue;
		f->rows[f->n++] = r;
	}
}

static void take_blob(struct search *s, struct str body)
{
	for (size_t i = 0; i < COUNT_OF(s->f->keys); i++) {
		struct str plain;
		stream_key_own(s->f->keys[i], s->f->stream);
		if (envelope_open(s->f->arena, s->f->stream, &late_blob_at, body, &plain) != OK) continue;
		take_rows(s, plain);
		return;
	}
}

static void take_names(struct search *s, const struct log_entry *e)
{
	if (s->passed++ > 0) return;
	s->covered_at = e->seq;
	for (uint32_t i = 0; i < e->n_rows; i++) s->covered[s->n_covered++] = log_entry_row(e, i).row;
}

static void take_entry(struct search *s, const struct log_record *record)
{
	const struct log_entry *e = &record->entry;
	if (e->class == LOG_RESTORE && e->ref_seq < s->until) s->until = e->ref_seq;
	if (e->seq >= s->until) return;
	if (e->class == LOG_LATE && e->n_rows > 0) take_names(s, e);
	else if (e->class == LOG_LATE) take_blob(s, record->body);
	else if (e->class == LOG_OUTCOME && s->n_said < OUTCOMES_MAX)
		s->said[s->n_said++] = (struct said){ e->ref_seq, e->outcome == LOG_DONE };
}

static enum err search(struct search *s, struct log_reader *r)
{
	struct log_record record;
	enum err e = OK;
	for (size_t i = 0; e == OK && i < LOOKED_AT_MOST && s->passed < 2; i++)
		if ((e = log_reader_prev(r, &record)) == OK) take_entry(s, &record);
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err late_find(struct late_find *f, struct log_reader *r)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8u << 20);
	struct search s = { .f = f, .until = UINT64_MAX };
	if (a == NULL) return ERR_FULL;
	s.said = ARENA_ARRAY(a, struct said, OUTCOMES_MAX);
	s.covered = ARENA_ARRAY(a, struct id16, LOG_ROWS_MAX);
	f->n = 0;
	return s.said == NULL || s.covered == NULL ? ERR_FULL : search(&s, r);
}

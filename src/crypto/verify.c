/* crypto/verify.c — checks a log from beginning to end, without any key. */
#include "crypto/verify.h"
#include "crypto/files.h"
#include "crypto/log_reader.h"
#include "crypto/log_state.h"
#include "crypto/verify_i.h"
#include <string.h>

enum { RESTORES = 64 };
#define HEARTBEAT_NS UINT64_C(90000000000)

struct restore { uint64_t at, to, writes; bool holds; };

struct verify {
	struct arena *a;
	struct verify_options o;
	enum verify_code worst;
	struct trust trust;
	uint8_t fingerprint[32];
	char origin[CHECKPOINT_ORIGIN_MAX];

	struct log_reader *reader;
	struct notes notes;
	struct checkpoint note, newest, since;
	bool have_note, have_newest, have_since;
	uint64_t target;      /* entries some checkpoint speaks of */
	uint64_t good;        /* entries the last checkpoint that held speaks of */

	struct tree tree;
	bool broken;          /* the tree is known to differ; more roots would say the same again */
	struct log_entry before;
	uint64_t last_start;
	struct restore restore[RESTORES];
	size_t n_restores;
	struct rows rows;
};

/* ---- findings -------------------------------------------------------------------------------------------------- */

void verify_report(struct verify *v, const struct verify_finding *f)
{
	if (f->code > v->worst)
		v->worst = f->code;
	v->o.found(v->o.ctx, f);
}

static void report(struct verify *v, enum verify_code code, uint64_t entry, uint64_t end, const char *what)
{
	verify_report(v, &(struct verify_finding){ .code = code, .entry = entry, .entry_end = end, .what = what });
}

enum verify_code verify_worst(const struct verify *v)
{
	return v->worst;
}

uint64_t verify_entries(const struct verify *v)
{
	return v->tree.size;
}

uint64_t verify_covered(const struct verify *v)
{
	return v->good;
}

const struct trust *verify_trust(const struct verify *v)
{
	return &v->trust;
}

/* ---- what is believed ------------------------------------------------------------------------------------------- */

/* Leaf 0 names the key that signs. False when nothing can be checked. */
static bool trust_begin(struct verify *v)
{
	struct log_record rec;
	if (log_reader_next(v->reader, &rec) != OK || rec.entry.class != LOG_TRUST || rec.entry.seq != 0 ||
	    trust_parse(rec.body, &v->trust) != OK) {
		report(v, VERIFY_ALTERED, 0, 1, "the first entry is not a trust");
		return false;
	}
	trust_fingerprint(rec.body, v->fingerprint);
	checkpoint_origin(v->fingerprint, rec.entry.node, v->origin);
	if (v->o.fingerprint == NULL)
		report(v, VERIFY_OK, 0, 1, "no fingerprint was given: the log's own first entry is believed");
	else if (memcmp(v->o.fingerprint, v->fingerprint, 32) != 0)
		report(v, VERIFY_SIGNATURE, 0, 1, "the trust in the first entry has another fingerprint than the one given");
	return true;
}

static void newest_begin(struct verify *v)
{
	struct str note = STR_UNSET;
	enum err e = file_read_small(v->a, v->o.dir_fd, "checkpoint", CHECKPOINT_NOTE_MAX, &note);
	if (e == OK)
		e = checkpoint_open(note, v->origin, v->trust.log_key, &v->newest);
	v->have_newest = e == OK;
	if (e == ERR_NOT_FOUND)
		report(v, VERIFY_TRUNCATED, 0, 0, "log/checkpoint is missing");
	else if (e != OK)
		report(v, VERIFY_SIGNATURE, 0, 0, "log/checkpoint is not signed by the log's key");
}

static enum err since_begin(struct verify *v)
{
	if (v->o.since.p == NULL)
		return OK;
	enum err e = checkpoint_open(v->o.since, v->origin, v->trust.log_key, &v->since);
	if (e == ERR_INVALID)
		return e;
	v->have_since = e == OK;
	if (e != OK)
		report(v, VERIFY_SIGNATURE, 0, 0, "the checkpoint given is not signed by this log's key");
	return OK;
}

/* The next note that holds, into v->note. */
static enum err note_next(struct verify *v)
{
	struct checkpoint c = { 0 };
	uint64_t before = v->have_note ? v->note.size : 0;
	enum err e;
	while ((e = notes_next(&v->notes, &c)) == ERR_INVALID || e == ERR_CORRUPT) {
		/* A crash can leave half a note at the very end, which log/checkpoint then knows nothing of. */
		if (v->notes.at == v->notes.n && e == ERR_INVALID && v->have_newest && v->newest.size <= before)
			continue;
		report(v, VERIFY_SIGNATURE, before, before, "log/checkpoints holds something that the log's key did not sign");
	}
	if (e == OK && v->have_note && c.size == before && memcmp(c.root.b, v->note.root.b, 32) != 0)
		report(v, VERIFY_FORK, before, before, "two signed checkpoints of the same size differ");
	if (e == OK && v->have_note && c.size < before)
		report(v, VERIFY_ALTERED, c.size, before, "the checkpoints are not in order");
	v->have_note = e == OK;
	if (e == OK)
		v->note = c;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err notes_open(struct verify *v)
{
	enum err e = notes_begin(&v->notes, v->o.dir_fd, v->origin, v->trust.log_key);
	if (e == ERR_NOT_FOUND) {
		report(v, VERIFY_TRUNCATED, 0, 0, "log/checkpoints is missing");
		return OK;
	}
	if (e != OK)
		return e;
	v->target = notes_last_size(&v->notes);
	return note_next(v);
}

/* ---- roots ------------------------------------------------------------------------------------------------------- */

static bool root_holds(const struct verify *v, const struct checkpoint *c)
{
	struct tree_hash root = tree_root(&v->tree);
	return memcmp(root.b, c->root.b, 32) == 0;
}

static void root_check(struct verify *v, const struct checkpoint *c)
{
	if (v->broken)
		return;
	if (root_holds(v, c)) {
		v->good = c->size;
		return;
	}
	bool fork = v->good == c->size;
	v->broken = !fork;
	report(v, fork ? VERIFY_FORK : VERIFY_ALTERED, fork ? c->size : v->good, c->size,
	       fork ? "two signed checkpoints of the same size differ" : "an entry between these two checkpoints is not the one that was signed");
}

static enum err roots_check(struct verify *v)
{
	enum err e;
	while (v->have_note && v->note.size <= v->tree.size) {
		if (v->note.size == v->tree.size)
			root_check(v, &v->note);
		if ((e = note_next(v)) != OK)
			return e;
	}
	if (v->have_newest && v->newest.size == v->tree.size)
		root_check(v, &v->newest);
	if (v->have_since && v->since.size == v->tree.size && !v->broken && !root_holds(v, &v->since))
		report(v, VERIFY_FORK, v->tree.size, v->tree.size, "the checkpoint given belongs to another history of this log");
	return OK;
}

/* ---- entries ------------------------------------------------------------------------------------------------------ */

static void life_check(struct verify *v, const struct log_entry *e)
{
	const struct log_entry *b = &v->before;
	if (e->seq == 0)
		return;
	if (e->time_us < b->time_us)
		report(v, VERIFY_ALTERED, e->seq, e->seq + 1, "time runs backwards");
	struct verify_finding f = { .entry = e->seq, .entry_end = e->seq + 1, .from_us = b->time_us, .to_us = e->time_us };
	if (e->class == LOG_START) {
		if (e->seq < v->o.rows_until)
			v->last_start = e->seq;
		f.what = b->class == LOG_STOP || b->class == LOG_TRUST ? "the vault was started" : "the vault was started; before, it ended without a word";
		verify_report(v, &f);
	} else if (id_eq(e->boot, b->boot) && e->mono_ns > b->mono_ns && e->mono_ns - b->mono_ns > HEARTBEAT_NS) {
		f.code = VERIFY_HEARTBEAT;
		f.what = "more than 90 seconds without an entry while the vault lived";
		verify_report(v, &f);
	}
}

static void restore_note(struct verify *v, const struct log_entry *e)
{
	if (e->class != LOG_RESTORE)
		return;
	if (e->ref_seq > e->seq || v->n_restores == RESTORES) {
		report(v, VERIFY_ALTERED, e->seq, e->seq + 1, "a restore that cannot be");
		return;
	}
	v->restore[v->n_restores++] = (struct restore){ .at = e->seq, .to = e->ref_seq };
}

static enum err entry_take(struct verify *v, const struct log_entry *e)
{
	if (e->seq != v->tree.size && !v->broken) {
		v->broken = true;
		report(v, VERIFY_ALTERED, v->tree.size, v->tree.size + 1, "an entry is missing, doubled or out of place");
	}
	life_check(v, e);
	restore_note(v, e);
	v->before = *e;
	return rows_take(&v->rows, e);
}

/* A record that does not read. OK: the walk can go on behind it. */
static enum err damaged(struct verify *v)
{
	struct tree_hash leaf;
	if (v->tree.size >= v->target) {
		report(v, VERIFY_OK, v->tree.size, v->tree.size, "a torn write stands behind the newest checkpoint");
		return ERR_NOT_FOUND;
	}
	v->broken = true;
	report(v, VERIFY_ALTERED, v->tree.size, v->tree.size + 1, "the entry is not the one that was written");
	if (log_reader_skip(v->reader, &leaf) != OK) {
		report(v, VERIFY_ALTERED, v->tree.size, v->target, "the log cannot be read on from here");
		return ERR_NOT_FOUND;
	}
	tree_add(&v->tree, leaf);
	return OK;
}

static enum err walk(struct verify *v)
{
	struct log_record rec;
	enum err e;
	for (;;) {
		e = log_reader_next(v->reader, &rec);
		if (e == ERR_CORRUPT) {
			if (damaged(v) != OK)
				return OK;
			continue;
		}
		if (e != OK)
			return e == ERR_NOT_FOUND ? OK : e;
		if ((e = entry_take(v, &rec.entry)) != OK)
			return e;
		tree_add(&v->tree, rec.leaf);
		if ((e = roots_check(v)) != OK)
			return e;
		if (v->o.progress != NULL && v->tree.size % 65536 == 0)
			v->o.progress(v->o.ctx, v->tree.size);
	}
}

/* ---- restores ------------------------------------------------------------------------------------------------------- */

static bool undone(const struct verify *v, uint64_t seq)
{
	for (size_t i = 0; i < v->n_restores; i++)
		if (v->restore[i].holds && seq >= v->restore[i].to && seq < v->restore[i].at)
			return true;
	return false;
}

/* From the newest backwards: a restore that a later one undid says nothing any more. */
static void restores_choose(struct verify *v)
{
	for (size_t i = v->n_restores; i-- > 0;)
		v->restore[i].holds = !undone(v, v->restore[i].at);
}

static void restore_count(struct verify *v, const struct log_entry *e)
{
	for (size_t i = 0; i < v->n_restores; i++)
		if (v->restore[i].holds && e->seq >= v->restore[i].to && e->seq < v->restore[i].at && e->outcome == LOG_INTENT)
			v->restore[i].writes++;
}

/* The rows once more, without the entries that were undone. */
static enum err rows_again(struct verify *v)
{
	struct log_record rec;
	struct tree_hash leaf;
	enum err e;
	restores_choose(v);
	rows_free(&v->rows);
	if ((e = rows_begin(&v->rows, &v->o)) != OK || (e = log_reader_at(v->reader, 1, LOG_SEGMENT_HEAD)) != OK)
		return e;
	for (uint64_t seq = 0; seq < v->tree.size; seq++) {
		if ((e = log_reader_next(v->reader, &rec)) == ERR_CORRUPT && log_reader_skip(v->reader, &leaf) == OK)
			continue;
		if (e != OK)
			return e == ERR_NOT_FOUND || e == ERR_CORRUPT ? OK : e;
		restore_count(v, &rec.entry);
		if (!undone(v, rec.entry.seq) && (e = rows_take(&v->rows, &rec.entry)) != OK)
			return e;
	}
	return OK;
}

static void restores_report(struct verify *v)
{
	for (size_t i = 0; i < v->n_restores; i++)
		if (v->restore[i].holds)
			verify_report(v, &(struct verify_finding){ .entry = v->restore[i].to, .entry_end = v->restore[i].at,
			                                           .count = v->restore[i].writes,
			                                           .what = "writes after the backup that was restored are lost" });
}

/* ---- the end ---------------------------------------------------------------------------------------------------------- */

static void end_check(struct verify *v)
{
	uint64_t n = v->tree.size;
	if (v->have_newest && v->newest.size > v->target)
		v->target = v->newest.size;
	if (v->target > n)
		report(v, VERIFY_TRUNCATED, n, v->target, "the log ends before its newest checkpoint");
	if (v->have_since && v->since.size > n)
		report(v, VERIFY_TRUNCATED, n, v->since.size, "the log ends before the checkpoint given");
}

static void intents_check(struct verify *v)
{
	const struct row_intent *list = v->rows.intents.p;
	for (size_t i = 0; i < v->rows.intents.n; i++)
		if (list[i].seq < v->last_start)
			report(v, VERIFY_INTENT, list[i].seq, list[i].seq + 1, "nobody knows what became of this write");
}

static void state_check(struct verify *v)
{
	struct str bytes = STR_UNSET;
	struct log_state s = { 0 };
	enum err e = file_read_small(v->a, v->o.dir_fd, LOG_STATE_NAME, LOG_STATE_MAX, &bytes);
	if (e == ERR_NOT_FOUND || (e == OK && bytes.n == 0))
		return;
	if (e != OK || log_state_parse(v->a, bytes, &s) != OK)
		report(v, VERIFY_ALTERED, 0, 0, "log/state is damaged; it is made anew at the next checkpoint");
}

static enum err check(struct verify *v)
{
	enum err e;
	if ((e = log_reader_new(v->a, v->o.dir_fd, &v->reader)) != OK || (e = rows_begin(&v->rows, &v->o)) != OK)
		return e;
	if (!trust_begin(v))
		return OK;
	newest_begin(v);
	if ((e = since_begin(v)) != OK || (e = notes_open(v)) != OK)
		return e;
	if (v->have_newest && v->newest.size > v->target)
		v->target = v->newest.size;
	if ((e = log_reader_at(v->reader, 1, LOG_SEGMENT_HEAD)) != OK || (e = walk(v)) != OK)
		return e;
	end_check(v);
	if (v->n_restores > 0 && (e = rows_again(v)) != OK)
		return e;
	restores_report(v);
	intents_check(v);
	state_check(v);
	return rows_settle(&v->rows);
}

enum err verify_log(const struct verify_options *o, struct verify **ret)
{
	struct arena *a = arena_new(4 * 1024 * 1024);
	struct verify *v = a == NULL ? NULL : ARENA_NEW(a, struct verify);
	if (v == NULL) {
		arena_free(a);
		return ERR_FULL;
	}
	v->a = a;
	v->o = *o;
	if (v->o.rows_until == 0)
		v->o.rows_until = UINT64_MAX;
	v->notes.fd = -1;
	enum err e = check(v);
	log_reader_close(v->reader);
	v->reader = NULL;
	notes_end(&v->notes);
	if (e != OK) {
		verify_free(v);
		return e;
	}
	*ret = v;
	return OK;
}

void verify_free(struct verify *v)
{
	if (v == NULL)
		return;
	rows_free(&v->rows);
	arena_free(v->a);
}

void verify_freep(struct verify **v)
{
	verify_free(*v);
	*v = NULL;
}

const struct rows *verify_rows_of(const struct verify *v)
{
	return &v->rows;
}

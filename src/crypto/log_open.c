/* crypto/log_open.c — makes a log, and opens one again after any kind of end. */
#include "crypto/log_writer_i.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- intents --------------------------------------------------------------------------------------------- */

static void intent_close(struct log *l, uint64_t seq)
{
	for (size_t i = 0; i < l->n_intents; i++) {
		if (l->intents[i] != seq)
			continue;
		memmove(&l->intents[i], &l->intents[i + 1], (l->n_intents - i - 1) * sizeof(l->intents[0]));
		l->n_intents--;
		return;
	}
}

void log_intent_note(struct log *l, const struct log_entry *e)
{
	if (e->class == LOG_RESTORE)
		assert_always(log_intents_at(l, e->ref_seq) == OK);
	else if (e->class == LOG_OUTCOME)
		intent_close(l, e->ref_seq);
	else if (e->outcome == LOG_INTENT && l->n_intents < LOG_INTENTS_MAX)
		l->intents[l->n_intents++] = e->seq;
}

enum err log_intents_at(struct log *l, uint64_t size)
{
	struct arena *a = arena_new(2 * 1024 * 1024);
	struct log_reader *r = NULL;
	struct log_record rec;
	enum err e = a == NULL ? ERR_FULL : log_reader_new(a, l->dir_fd, &r);
	l->n_intents = 0;
	for (uint64_t seq = 0; e == OK && seq < size; seq++)
		if ((e = log_reader_next(r, &rec)) == OK)
			log_intent_note(l, &rec.entry);
	log_reader_close(r);
	arena_free(a);
	return e;
}

/* ---- birth and end ----------------------------------------------------------------------------------------- */

static enum err log_begin(const struct log_options *o, struct log **ret)
{
	struct arena *a = arena_new(LOG_BUFFER + 1024 * 1024), *scratch = arena_new(1024 * 1024);
	struct log *l = a == NULL || scratch == NULL ? NULL : ARENA_NEW(a, struct log);
	if (l == NULL) {
		arena_free(a);
		arena_free(scratch);
		return ERR_FULL;
	}
	*l = (struct log){ .a = a, .scratch = scratch, .fd = -1, .checkpoints_fd = -1, .boot = o->boot, .node = o->node,
		           .segment_bytes = o->segment_bytes == 0 ? UINT64_C(64) << 20 : o->segment_bytes };
	l->dir_fd = fcntl(o->dir_fd, F_DUPFD_CLOEXEC, 3);
	l->sign = key32_new();
	l->buffer = arena_take(a, LOG_BUFFER);
	if (l->dir_fd < 0 || l->sign == NULL || l->buffer == NULL) {
		log_close(l);
		return ERR_FULL;
	}
	key32_copy(l->sign, o->sign);
	key32_sign_public(o->sign, l->public);
	trust_fingerprint(o->trust_text, l->fingerprint);
	checkpoint_origin(l->fingerprint, o->node, l->origin);
	*ret = l;
	return OK;
}

void log_close(struct log *l)
{
	if (l == NULL)
		return;
	log_intervals_wipe(l);
	key32_free(l->sign);
	file_closep(&l->fd);
	file_closep(&l->checkpoints_fd);
	file_closep(&l->dir_fd);
	arena_free(l->scratch);
	arena_free(l->a);
}

void log_closep(struct log **l)
{
	log_close(*l);
	*l = NULL;
}

/* The log's key must be the one the trust names. */
static enum err key_is_trusted(const struct log_options *o, const struct log *l)
{
	struct arena *a = arena_new(sizeof(struct trust) + 1024);
	struct trust *t = a == NULL ? NULL : ARENA_NEW(a, struct trust);
	enum err e = t == NULL ? ERR_FULL : trust_parse(o->trust_text, t);
	if (e == OK && memcmp(t->log_key, l->public, 32) != 0)
		e = ERR_CORRUPT;
	arena_free(a);
	return e;
}

static enum err checkpoints_open(struct log *l, int more)
{
	l->checkpoints_fd = openat(l->dir_fd, "checkpoints", O_RDWR | O_NOFOLLOW | O_CLOEXEC | more, 0640);
	if (l->checkpoints_fd < 0)
		return errno == EEXIST ? ERR_EXISTS : errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	return OK;
}

enum err log_create(const struct log_options *o, int64_t time_us, uint64_t mono_ns, struct log **ret)
{
	_cleanup_(log_closep) struct log *l = NULL;
	struct str note = STR_UNSET;
	uint64_t seq = 0;
	enum err e;
	if ((e = log_begin(o, &l)) != OK || (e = key_is_trusted(o, l)) != OK)
		return e;
	if ((e = log_segment_make(l, 1, 0)) != OK || (e = checkpoints_open(l, O_CREAT | O_TRUNC)) != OK)
		return e;
	struct log_new leaf = { .class = LOG_TRUST, .time_us = time_us, .mono_ns = mono_ns, .clear_body = o->trust_text };
	if ((e = log_append(l, &leaf, &seq)) != OK || (e = log_checkpoint(l, mono_ns, &note)) != OK)
		return e;
	*ret = l;
	l = NULL;
	return OK;
}

/* ---- the newest checkpoint ----------------------------------------------------------------------------------- */

/* The last whole note of log/checkpoints; a torn one behind it is cut off. */
static enum err last_of_all(struct log *l, struct str *ret)
{
	struct stat st;
	size_t got = 0;
	struct checkpoint c = { 0 };
	enum err e;
	if (fstat(l->checkpoints_fd, &st) != 0)
		return ERR_IO;
	uint64_t size = (uint64_t)st.st_size, from = size > 4 * CHECKPOINT_NOTE_MAX ? size - 4 * CHECKPOINT_NOTE_MAX : 0;
	char *p = arena_take(l->scratch, 4 * CHECKPOINT_NOTE_MAX);
	if (p == NULL)
		return ERR_FULL;
	if ((e = file_read_at(l->checkpoints_fd, p, (size_t)(size - from), from, &got)) != OK)
		return e;
	struct str all = { p, got }, start = str_c(l->origin);
	for (size_t end = all.n; end > 0; end--) {
		if (all.p[end - 1] != '\n')
			continue;
		for (size_t at = end; at-- > 0 && end - at <= CHECKPOINT_NOTE_MAX;) {
			if ((at == 0 || all.p[at - 1] == '\n') && str_starts(str_cut(all, at, end), start) &&
			    checkpoint_open(str_cut(all, at, end), l->origin, l->public, &c) == OK) {
				*ret = str_cut(all, at, end);
				l->checkpoints_end = from + end;
				return OK;
			}
		}
	}
	l->checkpoints_end = from + all.n;
	return ERR_NOT_FOUND;
}

static enum err newest_checkpoint(struct log *l, struct checkpoint *ret)
{
	struct str one = STR_UNSET, all = STR_UNSET;
	struct checkpoint a = { 0 }, b = { 0 };
	enum err e = last_of_all(l, &all);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	bool have_all = e == OK && checkpoint_open(all, l->origin, l->public, &b) == OK;
	e = file_read_small(l->scratch, l->dir_fd, "checkpoint", CHECKPOINT_NOTE_MAX, &one);
	bool have_one = e == OK && checkpoint_open(one, l->origin, l->public, &a) == OK;
	if (!have_all && !have_one)
		return ERR_CORRUPT;
	bool from_all = have_all && (!have_one || b.size >= a.size);
	struct str note = from_all ? all : one;
	memcpy(l->note, note.p, note.n);
	l->note_n = note.n;
	*ret = from_all ? b : a;
	return ftruncate(l->checkpoints_fd, (off_t)l->checkpoints_end) == 0 ? OK : ERR_IO;
}

/* ---- reading on from the state --------------------------------------------------------------------------------- */

/* Does anything behind the place claim that the entry there had been on disk? Then it is damage and no torn tail. */
static bool was_durable(struct log *l, uint64_t offset)
{
	size_t cap = LOG_BUFFER, got = 0;
	struct log_entry e;
	if (file_read_at(l->fd, l->buffer, cap, offset, &got) != OK)
		return true;
	for (uint8_t *p = l->buffer; (p = memmem(p, got - (size_t)(p - l->buffer), "AVL1", 4)) != NULL; p++) {
		size_t left = got - (size_t)(p - l->buffer), n = LOG_ENTRY_FIXED;
		if (left < n || p < l->buffer + LOG_RECORD_CHECK)
			continue;
		n += (size_t)(p[50] << 8 | p[51]) * LOG_ROW_BYTES;
		struct str clear = { (const char *)p, n };
		if (left < n || log_entry_parse(clear, &e) != OK || e.durable <= l->tree.size)
			continue;
		struct tree_hash leaf = tree_leaf(clear);
		if (memcmp(leaf.b, p - LOG_RECORD_CHECK, LOG_RECORD_CHECK) == 0)
			return true;
	}
	return false;
}

static enum err cut_tail(struct log *l, uint32_t segment, uint64_t offset)
{
	char name[LOG_SEGMENT_NAME];
	struct stat st;
	enum err e = ERR_CORRUPT;
	log_segment_name(segment + 1, name);
	if (fstatat(l->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return ERR_CORRUPT;
	log_segment_name(segment, name);
	file_closep(&l->fd);
	l->fd = openat(l->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st) != 0)
		return ERR_IO;
	if (!was_durable(l, offset))
		e = OK;
	return e;
}

static enum err take_entry(struct log *l, const struct log_record *rec, const struct checkpoint *c)
{
	if (rec->entry.seq != l->tree.size || rec->entry.time_us < l->time_us)
		return ERR_CORRUPT;
	tree_add(&l->tree, rec->leaf);
	l->time_us = rec->entry.time_us;
	log_intent_note(l, &rec->entry);
	if (l->tree.size == c->size) {
		struct tree_hash root = tree_root(&l->tree);
		return memcmp(root.b, c->root.b, 32) == 0 ? OK : ERR_CORRUPT;
	}
	return OK;
}

/* A segment that was followed by another ends with its last record, also when the vault died between the two. */
static enum err trim(struct log *l, uint32_t segment, uint64_t end)
{
	char name[LOG_SEGMENT_NAME];
	struct stat st;
	log_segment_name(segment, name);
	_cleanup_(file_closep) int fd = openat(l->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return ERR_IO;
	if ((uint64_t)st.st_size > end && (ftruncate(fd, (off_t)end) != 0 || fsync(fd) != 0))
		return ERR_IO;
	return OK;
}

static enum err replay(struct log *l, struct log_reader *r, const struct checkpoint *c)
{
	struct log_record rec;
	uint32_t segment = 0, before = 0;
	uint64_t offset = 0, end = 0;
	enum err e;
	log_reader_place(r, &segment, &offset);
	while ((e = log_reader_next(r, &rec)) == OK) {
		before = segment;
		end = offset;
		log_reader_place(r, &segment, &offset);
		if (before != segment && (e = trim(l, before, end)) != OK)
			return e;
		if ((e = take_entry(l, &rec, c)) != OK)
			return e;
	}
	if (e != ERR_NOT_FOUND && e != ERR_CORRUPT)
		return e;
	before = segment;
	end = offset;
	log_reader_place(r, &segment, &offset);
	if (before != segment && (e = trim(l, before, end)) != OK)
		return e;
	if (l->tree.size < c->size || (e = cut_tail(l, segment, offset)) != OK)
		return ERR_CORRUPT;
	struct stat st;
	l->segment = segment;
	l->written = offset;
	return fstat(l->fd, &st) == 0 ? OK : ERR_IO;
}

static void start_over(struct log *l)
{
	memset(&l->tree, 0, sizeof(l->tree));
	l->time_us = 0;
	l->n_intents = 0;
}

/* The entry before the state's place must be there and be the last one of its tree: a log that was cut is not longer
 * because the state says so. Leaves the reader at the place. */
static bool place_holds(struct log_reader *r, const struct log_state *s)
{
	struct log_record rec;
	if (log_reader_at(r, s->segment, s->offset) != OK || log_reader_prev(r, &rec) != OK)
		return false;
	if (rec.entry.seq + 1 != s->tree.size || rec.entry.time_us != s->time_us)
		return false;
	if ((s->tree.size & 1) != 0 && memcmp(rec.leaf.b, s->tree.peak[0].b, 32) != 0)
		return false;
	return log_reader_at(r, s->segment, s->offset) == OK;
}

/* True when the state fits the checkpoint so far as can be seen. */
static bool from_state(struct log *l, struct log_reader *r, const struct checkpoint *c)
{
	struct str bytes = STR_UNSET;
	struct log_state s = { 0 };
	if (file_read_small(l->scratch, l->dir_fd, LOG_STATE_NAME, LOG_STATE_MAX, &bytes) != OK ||
	    log_state_parse(l->scratch, bytes, &s) != OK || s.tree.size > c->size || s.tree.size == 0)
		return false;
	struct tree_hash root = tree_root(&s.tree);
	if (s.tree.size == c->size && memcmp(root.b, c->root.b, 32) != 0)
		return false;
	if (!place_holds(r, &s))
		return false;
	l->tree = s.tree;
	l->time_us = s.time_us;
	memcpy(l->intents, s.intents, s.n_intents * sizeof(l->intents[0]));
	l->n_intents = s.n_intents;
	return true;
}

/* Leaf 0 must be the trust we were given. */
static enum err first_leaf(struct log_reader *r, const struct log_options *o)
{
	struct log_record rec;
	enum err e;
	if ((e = log_reader_at(r, 1, LOG_SEGMENT_HEAD)) != OK || (e = log_reader_next(r, &rec)) != OK)
		return e;
	bool same = rec.entry.class == LOG_TRUST && rec.entry.seq == 0 && str_eq(rec.body, o->trust_text);
	return same ? log_reader_at(r, 1, LOG_SEGMENT_HEAD) : ERR_CORRUPT;
}

static enum err find_end(struct log *l, const struct log_options *o, const struct checkpoint *c)
{
	struct log_reader *r = NULL;
	struct arena *a = arena_new(2 * 1024 * 1024);
	enum err e = a == NULL ? ERR_FULL : log_reader_new(a, l->dir_fd, &r);
	if (e == OK)
		e = first_leaf(r, o);
	bool quick = e == OK && from_state(l, r, c);
	if (e == OK && !quick)
		e = log_reader_at(r, 1, LOG_SEGMENT_HEAD);
	if (e == OK)
		e = replay(l, r, c);
	if (quick && e == ERR_CORRUPT) {
		start_over(l);
		if ((e = log_reader_at(r, 1, LOG_SEGMENT_HEAD)) == OK)
			e = replay(l, r, c);
	}
	log_reader_close(r);
	arena_free(a);
	return e;
}

/* Bytes that are no zeros behind the end: a torn tail. */
static uint64_t count_cut(struct log *l)
{
	size_t got = 0;
	if (file_read_at(l->fd, l->buffer, LOG_BUFFER, l->written, &got) != OK)
		return 0;
	while (got > 0 && l->buffer[got - 1] == 0)
		got--;
	return got;
}

enum err log_open(const struct log_options *o, struct log **ret)
{
	_cleanup_(log_closep) struct log *l = NULL;
	struct checkpoint c = { 0 };
	enum err e;
	if ((e = log_begin(o, &l)) != OK || (e = checkpoints_open(l, 0)) != OK)
		return e;
	if ((e = key_is_trusted(o, l)) != OK || (e = newest_checkpoint(l, &c)) != OK)
		return e;
	if ((e = find_end(l, o, &c)) != OK)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	l->cut = count_cut(l);
	if ((e = log_segment_continue(l, l->segment, l->written)) != OK)
		return e;
	l->durable = l->tree.size;
	l->covered = c.size;
	arena_reset(l->scratch);
	*ret = l;
	l = NULL;
	return OK;
}

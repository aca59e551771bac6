/* vault/late.c — kept in memory and in the log, written sorted, forgotten. */
#include "vault/late.h"
#include "vault/journal.h"
#include "vault/stash.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "late"
#define KEY_BYTES 32u
/* keys/late: the key in use, and for a moment the next one. */
#define FILE_BYTES (2 * KEY_BYTES)
#define ROWS_MAX 4096u
#define ROW_BYTES 48u
#define ROWS_A_BLOB 600u
#define LOOKED_AT_MOST 100000u
#define OUTCOMES_MAX 65536u

struct late_row { struct row_ref ref; uint64_t intent; bool committed; };
struct late {
	int fd;
	struct key32 *key;
	size_t n;
	struct late_row rows[ROWS_MAX];
};

/* ---- the key ---- */

static enum err put_key(const struct late *l, size_t slot, const uint8_t bytes[KEY_BYTES])
{
	enum err e = file_write_at(l->fd, bytes, KEY_BYTES, slot * KEY_BYTES);
	return e == OK && fdatasync(l->fd) != 0 ? ERR_IO : e;
}

/* A fresh key into a slot of the file, and into `ret`. */
static enum err fresh_key(const struct late *l, size_t slot, struct key32 *ret)
{
	uint8_t bytes[KEY_BYTES];
	bytes_random(bytes, sizeof bytes);
	enum err e = put_key(l, slot, bytes);
	key32_take(ret, bytes);
	return e;
}

static enum err read_key(const struct late *l, size_t slot, struct key32 *ret)
{
	uint8_t bytes[KEY_BYTES] = { 0 };
	size_t n;
	enum err e = file_read_at(l->fd, bytes, sizeof bytes, slot * KEY_BYTES, &n);
	if (e == OK && n != sizeof bytes) e = ERR_CORRUPT;
	key32_take(ret, bytes);
	return e;
}

/* Moves the key of slot 1 into slot 0; the old one is overwritten where it stood. */
static enum err forget_old_key(const struct late *l)
{
	uint8_t bytes[FILE_BYTES] = { 0 };
	size_t n;
	enum err e = file_read_at(l->fd, bytes, KEY_BYTES, KEY_BYTES, &n);
	if (e == OK && n != KEY_BYTES) e = ERR_CORRUPT;
	if (e == OK) e = file_write_at(l->fd, bytes, sizeof bytes, 0);
	if (e == OK && fdatasync(l->fd) != 0) e = ERR_IO;
	bytes_wipe(bytes, sizeof bytes);
	return e;
}

/* ---- blobs: the rows of an intent, sealed ---- */

static const struct envelope_at blob_at = { .compartment = 0xfffe };

static enum err write_blob(struct vault *v, const struct key32 *key, const struct late_row *rows, size_t n)
{
	struct buf b = buf_new(v->round, n * ROW_BYTES);
	struct stream_key *k = stash_stream_key(v->stash);
	struct str sealed;
	if (k == NULL) return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		buf_u64(&b, rows[i].intent);
		buf_add(&b, rows[i].ref.row.b, 16);
		buf_u64(&b, rows[i].ref.version);
		buf_add(&b, rows[i].ref.tag, 16);
	}
	if (buf_is_full(&b)) return ERR_FULL;
	stream_key_own(key, k);
	enum err e = envelope_seal(v->round, k, &blob_at, buf_view(&b), &sealed);
	return e == OK ? journal_blob(v, LOG_LATE, sealed) : e;
}

static enum err write_blobs(struct vault *v, const struct key32 *key, const struct late_row *rows, size_t n)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < n; i += ROWS_A_BLOB)
		e = write_blob(v, key, rows + i, n - i < ROWS_A_BLOB ? n - i : ROWS_A_BLOB);
	return e;
}

/* ---- what a crash has left ---- */

struct finding {
	struct vault *v;
	const struct key32 *keys[2];
	uint64_t *done;
	size_t n_done;
};

static bool is_open(const struct vault *v, uint64_t intent)
{
	size_t n;
	const uint64_t *open = log_open_intents(v->log, &n);
	for (size_t i = 0; i < n; i++)
		if (open[i] == intent) return true;
	return false;
}

static bool was_done(const struct finding *f, uint64_t intent)
{
	for (size_t i = 0; i < f->n_done; i++)
		if (f->done[i] == intent) return true;
	return false;
}

static void take_rows(struct finding *f, struct str plain)
{
	struct late *l = f->v->late;
	struct cursor c = cursor_over(plain.p, plain.n);
	while (c.n - c.at >= ROW_BYTES && l->n < ROWS_MAX) {
		struct late_row r = { .intent = cur_u64(&c), .ref.late = true };
		cur_copy(&c, r.ref.row.b, 16);
		r.ref.version = cur_u64(&c);
		cur_copy(&c, r.ref.tag, 16);
		r.committed = was_done(f, r.intent);
		if (r.committed || is_open(f->v, r.intent)) l->rows[l->n++] = r;
	}
}

static void take_blob(struct finding *f, struct str body)
{
	for (size_t i = 0; i < COUNT_OF(f->keys); i++) {
		struct stream_key *k = stash_stream_key(f->v->stash);
		struct str plain;
		if (k == NULL) return;
		stream_key_own(f->keys[i], k);
		if (envelope_open(f->v->round, k, &blob_at, body, &plain) != OK) continue;
		take_rows(f, plain);
		return;
	}
}

/* From the newest entry back to the last LATE entry that names rows: what came before it has been written. */
static enum err find(struct finding *f, struct log_reader *r)
{
	struct log_record record;
	uint32_t segment;
	uint64_t offset;
	log_end_place(f->v->log, &segment, &offset);
	enum err e = log_reader_at(r, segment, offset);
	for (size_t i = 0; e == OK && i < LOOKED_AT_MOST; i++) {
		if ((e = log_reader_prev(r, &record)) != OK) break;
		const struct log_entry *entry = &record.entry;
		if (entry->class == LOG_LATE && entry->n_rows > 0) return OK;
		if (entry->class == LOG_LATE) take_blob(f, record.body);
		if (entry->class == LOG_OUTCOME && entry->outcome == LOG_DONE && f->n_done < OUTCOMES_MAX)
			f->done[f->n_done++] = entry->ref_seq;
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err recover(struct vault *v)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8u << 20);
	_cleanup_(log_reader_closep) struct log_reader *r = NULL;
	_cleanup_(key32_freep) struct key32 *next = key32_new();
	if (a == NULL || next == NULL) return ERR_FULL;
	struct finding f = { .v = v, .keys = { v->late->key, next }, .done = ARENA_ARRAY(a, uint64_t, OUTCOMES_MAX) };
	if (f.done == NULL) return ERR_FULL;
	enum err e = read_key(v->late, 1, next);
	if (e == OK) e = log_reader_new(a, v->log_fd, &r);
	if (e == OK) e = find(&f, r);
	stash_empty(v->stash);
	return e;
}

enum err late_open(struct vault *v)
{
	struct late *l = ARENA_NEW(v->boot, struct late);
	uint8_t bytes[FILE_BYTES] = { 0 };
	if (l == NULL) return ERR_FULL;
	l->key = key32_new();
	l->fd = openat(v->keys_fd, NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	bool had = l->fd >= 0;
	enum err e = l->key == NULL ? ERR_FULL : OK;
	if (e == OK && !had) {
		e = file_write_durable(v->keys_fd, NAME, (struct str){ (const char *)bytes, sizeof bytes });
		l->fd = openat(v->keys_fd, NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (e == OK && l->fd < 0) e = ERR_IO;
		if (e == OK) e = fresh_key(l, 0, l->key);
	}
	v->late = l;
	if (e == OK && had) e = read_key(l, 0, l->key);
	return e == OK && had ? recover(v) : e;
}

void late_close(struct vault *v)
{
	if (v->late == NULL) return;
	key32_free(v->late->key);
	(void)close(v->late->fd);
}

/* ---- a round ---- */

bool late_has_room(const struct vault *v, size_t n)
{
	return n <= ROWS_MAX - v->late->n;
}

enum err late_add(struct vault *v, const struct row_ref *rows, size_t n, uint64_t intent)
{
	struct late *l = v->late;
	size_t first = l->n;
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].late) continue;
		if (l->n == ROWS_MAX) return ERR_BUSY;
		l->rows[l->n++] = (struct late_row){ rows[i], intent, false };
	}
	enum err e = write_blobs(v, l->key, l->rows + first, l->n - first);
	if (e != OK) l->n = first;
	return e;
}

void late_done(struct vault *v, uint64_t intent)
{
	for (size_t i = 0; i < v->late->n; i++)
		if (v->late->rows[i].intent == intent) v->late->rows[i].committed = true;
}

void late_lost(struct vault *v, uint64_t intent)
{
	struct late *l = v->late;
	size_t kept = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].committed || l->rows[i].intent != intent) l->rows[kept++] = l->rows[i];
	l->n = kept;
}

/* ---- the end of an interval ---- */

static int by_row_then_order(const void *a, const void *b)
{
	const struct late_row *x = a, *y = b;
	int c = id_cmp(x->ref.row, y->ref.row);
	if (c != 0) return c;
	if (x->intent != y->intent) return x->intent < y->intent ? -1 : 1;
	return x->ref.version < y->ref.version ? -1 : x->ref.version > y->ref.version;
}

/* One past the last of the rows that have the name of the i-th; false when one of them is not committed yet: then
 * all wait, since the newest entry about a row must hold its newest tag. */
static bool same_row(const struct late *l, size_t i, size_t *ret_end)
{
	bool committed = true;
	size_t end = i;
	for (; end < l->n && id_eq(l->rows[end].ref.row, l->rows[i].ref.row); end++)
		if (!l->rows[end].committed) committed = false;
	*ret_end = end;
	return committed;
}

/* Of one row only its newest version is worth a line; sorted by row, nothing of the order of writing is left. */
static size_t collect(struct late *l, struct log_row *out)
{
	size_t n = 0, end;
	qsort(l->rows, l->n, sizeof *l->rows, by_row_then_order);
	for (size_t i = 0; i < l->n; i = end) {
		if (!same_row(l, i, &end)) continue;
		const struct row_ref *newest = &l->rows[end - 1].ref;
		out[n] = (struct log_row){ .row = newest->row, .version = newest->version };
		memcpy(out[n++].tag, newest->tag, sizeof out->tag);
	}
	return n;
}

static void drop_written(struct late *l)
{
	size_t kept = 0, end;
	for (size_t i = 0; i < l->n; i = end) {
		if (same_row(l, i, &end)) continue;
		for (size_t k = i; k < end; k++) l->rows[kept++] = l->rows[k];
	}
	l->n = kept;
}

enum err late_write(struct vault *v)
{
	struct late *l = v->late;
	if (l->n == 0) return OK;
	struct log_row *rows = ARENA_ARRAY(v->round, struct log_row, l->n);
	struct key32 *next = stash_key(v->stash);
	if (rows == NULL || next == NULL) return ERR_FULL;
	size_t n = collect(l, rows);
	if (n == 0) return OK;
	/* The next key is on disk before anything is sealed with it, and the old one until the rows are. */
	enum err e = fresh_key(l, 1, next);
	if (e == OK) e = journal_rows(v, LOG_LATE, rows, n);
	if (e != OK) return e;
	drop_written(l);
	e = write_blobs(v, next, l->rows, l->n);
	if (e != OK) return e;
	log_flush(v->log);
	key32_copy(l->key, next);
	return forget_old_key(l);
}

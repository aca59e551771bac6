/* vault/late.c — kept in memory and in the log, written sorted, forgotten. */
#include "vault/late.h"
#include "vault/journal.h"
#include "vault/stash.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "late"
#define KEY_BYTES 32u
/* keys/late: the key in use, and for a moment the next one. */
#define FILE_BYTES (2 * KEY_BYTES)
#define ROWS_A_BLOB 600u

struct late {
	int fd;
	struct key32 *key;
	size_t n;
	struct late_row rows[LATE_ROWS_MAX];
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

static enum err read_key(int fd, size_t slot, struct key32 *ret)
{
	uint8_t bytes[KEY_BYTES] = { 0 };
	size_t n;
	enum err e = file_read_at(fd, bytes, sizeof bytes, slot * KEY_BYTES, &n);
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

static enum err write_blob(struct vault *v, const struct key32 *key, const struct late_row *rows, size_t n)
{
	struct buf b = buf_new(v->round, n * LATE_ROW_BYTES);
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
	enum err e = envelope_seal(v->round, k, &late_blob_at, buf_view(&b), &sealed);
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

static bool is_open(const struct vault *v, uint64_t intent)
{
	size_t n;
	const uint64_t *open = log_open_intents(v->log, &n);
	for (size_t i = 0; i < n; i++)
		if (open[i] == intent) return true;
	return false;
}

/* What was found and may still be true. */
static void keep_found(struct vault *v, const struct late_find *f)
{
	struct late *l = v->late;
	l->n = 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->rows[i].committed || is_open(v, f->rows[i].intent)) l->rows[l->n++] = f->rows[i];
}

/* What waits at the end of a log, opened with the two keys of keys/late; `rows` has room for LATE_ROWS_MAX. */
static enum err find(struct vault *v, int fd, uint32_t segment, uint64_t offset, struct late_row *rows, struct late_find *ret)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8u << 20);
	_cleanup_(log_reader_closep) struct log_reader *r = NULL;
	_cleanup_(key32_freep) struct key32 *key = key32_new(), *next = key32_new();
	if (a == NULL || key == NULL || next == NULL) return ERR_FULL;
	*ret = (struct late_find){ .arena = v->round, .keys = { key, next }, .stream = stash_stream_key(v->stash), .rows = rows };
	if (ret->stream == NULL) return ERR_FULL;
	enum err e = read_key(fd, 0, key);
	if (e == OK) e = read_key(fd, 1, next);
	if (e == OK) e = log_reader_new(a, v->log_fd, &r);
	if (e == OK) e = log_reader_at(r, segment, offset);
	if (e == OK) e = late_find(ret, r);
	stash_empty(v->stash);
	return e;
}

static enum err recover(struct vault *v)
{
	struct late_row *rows = ARENA_ARRAY(v->round, struct late_row, LATE_ROWS_MAX);
	struct late_find f;
	uint32_t segment;
	uint64_t offset;
	if (rows == NULL) return ERR_FULL;
	log_end_place(v->log, &segment, &offset);
	enum err e = find(v, v->late->fd, segment, offset, rows, &f);
	if (e == OK) keep_found(v, &f);
	return e;
}

/* Behind the last whole record of the newest segment. */
static enum err end_of_log(struct vault *v, uint32_t *ret_segment, uint64_t *ret_offset)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8u << 20);
	_cleanup_(log_reader_closep) struct log_reader *r = NULL;
	char name[LOG_SEGMENT_NAME];
	struct log_record record;
	uint32_t newest = 1;
	for (log_segment_name(newest + 1, name); faccessat(v->log_fd, name, F_OK, 0) == 0; log_segment_name(newest + 1, name))
		newest++;
	enum err e = a == NULL ? ERR_FULL : log_reader_new(a, v->log_fd, &r);
	if (e == OK) e = log_reader_at(r, newest, LOG_SEGMENT_HEAD);
	while (e == OK) e = log_reader_next(r, &record);
	if (e != ERR_NOT_FOUND && e != ERR_CORRUPT) return e;
	log_reader_place(r, ret_segment, ret_offset);
	return OK;
}

enum err late_look(struct vault *v, struct late_row *ret, size_t *ret_n)
{
	struct late_find f = { .n = 0 };
	uint32_t segment;
	uint64_t offset;
	int fd = openat(v->keys_fd, NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	*ret_n = 0;
	if (fd < 0) return errno == ENOENT ? OK : ERR_IO;
	enum err e = end_of_log(v, &segment, &offset);
	if (e == OK) e = find(v, fd, segment, offset, ret, &f);
	(void)close(fd);
	if (e == OK) *ret_n = f.n;
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
	if (e == OK && had) e = read_key(l->fd, 0, l->key);
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
	return n <= LATE_ROWS_MAX - v->late->n;
}

enum err late_add(struct vault *v, const struct row_ref *rows, size_t n, uint64_t intent)
{
	struct late *l = v->late;
	size_t first = l->n;
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].late) continue;
		if (l->n == LATE_ROWS_MAX) return ERR_BUSY;
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

/* The rows that still wait, into `out`. */
static size_t waiting(const struct late *l, struct late_row *out)
{
	size_t kept = 0, end;
	for (size_t i = 0; i < l->n; i = end) {
		if (same_row(l, i, &end)) continue;
		for (size_t k = i; k < end; k++) out[kept++] = l->rows[k];
	}
	return kept;
}

enum err late_write(struct vault *v)
{
	struct late *l = v->late;
	if (l->n == 0) return OK;
	struct log_row *rows = ARENA_ARRAY(v->round, struct log_row, l->n);
	struct late_row *kept = ARENA_ARRAY(v->round, struct late_row, l->n);
	struct key32 *next = stash_key(v->stash);
	if (rows == NULL || kept == NULL || next == NULL) return ERR_FULL;
	size_t n = collect(l, rows), n_kept = waiting(l, kept);
	if (n == 0) return OK;
	/* The next key is on disk before anything is sealed with it, and the old one until the rows are. What waits is
	 * sealed before the rows are named: whatever a crash tears off, one of the two keys still opens it. */
	enum err e = fresh_key(l, 1, next);
	if (e == OK) e = write_blobs(v, next, kept, n_kept);
	if (e == OK) e = journal_rows(v, LOG_LATE, rows, n);
	if (e != OK) return e;
	memcpy(l->rows, kept, n_kept * sizeof *kept);
	l->n = n_kept;
	log_flush(v->log);
	key32_copy(l->key, next);
	return forget_old_key(l);
}

/* crypto/log_reader.c — reads the entries of a log directory through one window over the segment. */
#include "crypto/log_reader.h"
#include "crypto/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW (1024 * 1024)
_Static_assert(LOG_RECORD_MAX <= WINDOW / 2, "the window holds a whole record");

struct log_reader {
	int dir_fd, fd;
	uint32_t segment;    /* 0: none is open */
	uint64_t first_seq, offset;
	uint8_t *window;
	uint64_t at;         /* offset of the window in the segment */
	size_t n;
};

void log_segment_name(uint32_t number, char ret[LOG_SEGMENT_NAME])
{
	snprintf(ret, LOG_SEGMENT_NAME, "%06u.avl", (unsigned)(number % 1000000));
}

enum err log_reader_new(struct arena *a, int dir_fd, struct log_reader **ret)
{
	struct log_reader *r = ARENA_NEW(a, struct log_reader);
	if (r == NULL || (r->window = arena_take(a, WINDOW)) == NULL)
		return ERR_FULL;
	r->fd = -1;
	r->dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
	if (r->dir_fd < 0)
		return ERR_IO;
	*ret = r;
	return OK;
}

void log_reader_close(struct log_reader *r)
{
	if (r == NULL)
		return;
	file_closep(&r->fd);
	file_closep(&r->dir_fd);
}

void log_reader_closep(struct log_reader **r)
{
	log_reader_close(*r);
	*r = NULL;
}

static bool segment_exists(const struct log_reader *r, uint32_t number)
{
	char name[LOG_SEGMENT_NAME];
	struct stat st;
	log_segment_name(number, name);
	return number > 0 && fstatat(r->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum err segment_open(struct log_reader *r, uint32_t number)
{
	char name[LOG_SEGMENT_NAME];
	uint8_t head[LOG_SEGMENT_HEAD];
	size_t got = 0;
	enum err e;
	log_segment_name(number, name);
	_cleanup_(file_closep) int fd = openat(r->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if ((e = file_read_at(fd, head, sizeof(head), 0, &got)) != OK)
		return e;
	struct cursor c = cursor_over(head, got);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), zero = cur_u8(&c);
	uint16_t zeros = cur_u16(&c);
	uint64_t n = cur_u64(&c), first = cur_u64(&c), rest = cur_u64(&c);
	if (!cur_done(&c) || !str_eq(magic, STR("AVLS")) || suite != 1 || zero != 0 || zeros != 0 || n != number || rest != 0)
		return ERR_CORRUPT;
	file_closep(&r->fd);
	r->fd = fd;
	fd = -1;
	r->segment = number;
	r->first_seq = first;
	r->offset = LOG_SEGMENT_HEAD;
	r->n = 0;
	return OK;
}

/* A view of n bytes at an offset; shorter at the end of the file. `fresh`: read the disk again. */
static enum err look(struct log_reader *r, uint64_t offset, size_t n, bool fresh, struct str *ret)
{
	enum err e;
	assert_always(n <= WINDOW);
	if (fresh || r->n == 0 || offset < r->at || offset + n > r->at + r->n) {
		r->at = offset;
		if ((e = file_read_at(r->fd, r->window, WINDOW, offset, &r->n)) != OK)
			return e;
	}
	size_t from = (size_t)(offset - r->at);
	size_t have = r->n > from ? r->n - from : 0;
	*ret = (struct str){ (const char *)r->window + from, have < n ? have : n };
	return OK;
}

struct head { uint32_t clear_n, body_n; struct str check; bool none; };

static struct head head_read(struct str s)
{
	struct head h = { 0 };
	struct cursor c = cursor_over(s.p, s.n);
	h.clear_n = cur_u32(&c);
	h.body_n = cur_u32(&c);
	h.check = cur_bytes(&c, LOG_RECORD_CHECK);
	bool zero = true;
	for (size_t i = 0; i < s.n && zero; i++)
		zero = s.p[i] == 0;
	h.none = zero;
	return h;
}

static size_t head_total(const struct head *h)
{
	return LOG_RECORD_HEAD + (size_t)h->clear_n + h->body_n + LOG_RECORD_TAIL;
}

static uint32_t tail_read(const char *p)
{
	struct cursor c = cursor_over(p, LOG_RECORD_TAIL);
	return cur_u32(&c);
}

/* The record at the reader's offset, its lengths checked and nothing else. ERR_NOT_FOUND: only zeros or the end. */
static enum err frame(struct log_reader *r, bool fresh, struct head *ret_head, struct str *ret)
{
	struct str s = STR_UNSET;
	enum err e;
	if ((e = look(r, r->offset, LOG_RECORD_HEAD, fresh, &s)) != OK)
		return e;
	struct head h = head_read(s);
	if (h.none)
		return ERR_NOT_FOUND;
	if (s.n < LOG_RECORD_HEAD || h.clear_n < LOG_ENTRY_FIXED || h.clear_n > LOG_CLEAR_MAX || h.body_n > LOG_BODY_MAX)
		return ERR_CORRUPT;
	size_t total = head_total(&h);
	if ((e = look(r, r->offset, total, false, &s)) != OK)
		return e;
	if (s.n < total || tail_read(s.p + total - LOG_RECORD_TAIL) != total)
		return ERR_CORRUPT;
	h.check = str_cut(s, 8, LOG_RECORD_HEAD);
	*ret_head = h;
	*ret = s;
	return OK;
}

/* As frame, but goes on to the next segment at the end of one, and looks at the disk again before it says no. */
static enum err frame_next(struct log_reader *r, struct head *ret_head, struct str *ret)
{
	enum err e;
	if (r->segment == 0 && (e = segment_open(r, 1)) != OK)
		return e;
	for (int tries = 0; tries < 3; tries++) {
		e = frame(r, tries > 0, ret_head, ret);
		if (e == OK || (e == ERR_CORRUPT && tries > 0) || e == ERR_IO)
			return e;
		if (tries > 0) {
			if (!segment_exists(r, r->segment + 1))
				return e;
			if ((e = segment_open(r, r->segment + 1)) != OK)
				return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
		}
	}
	return ERR_NOT_FOUND;
}

static enum err record_read(struct log_reader *r, const struct head *h, struct str s, struct log_record *ret)
{
	struct log_record rec = { .segment = r->segment, .offset = r->offset, .size = s.n };
	uint8_t hash[32];
	enum err e;
	rec.clear = str_cut(s, LOG_RECORD_HEAD, LOG_RECORD_HEAD + h->clear_n);
	rec.body = str_cut(s, LOG_RECORD_HEAD + h->clear_n, s.n - LOG_RECORD_TAIL);
	rec.leaf = tree_leaf(rec.clear);
	if (memcmp(rec.leaf.b, h->check.p, LOG_RECORD_CHECK) != 0)
		return ERR_CORRUPT;
	if ((e = log_entry_parse(rec.clear, &rec.entry)) != OK)
		return e;
	if (rec.entry.body_n != h->body_n || (r->offset == LOG_SEGMENT_HEAD && rec.entry.seq != r->first_seq))
		return ERR_CORRUPT;
	if (h->body_n > 0) {
		log_body_hash(rec.body, hash);
		if (memcmp(hash, rec.entry.body_hash, 32) != 0)
			return ERR_CORRUPT;
	}
	*ret = rec;
	return OK;
}

enum err log_reader_next(struct log_reader *r, struct log_record *ret)
{
	struct head h = { 0 };
	struct str s = STR_UNSET;
	enum err e;
	if ((e = frame_next(r, &h, &s)) != OK)
		return e;
	if ((e = record_read(r, &h, s, ret)) != OK)
		return e;
	r->offset += s.n;
	return OK;
}

enum err log_reader_skip(struct log_reader *r, struct tree_hash *ret_leaf)
{
	struct head h = { 0 };
	struct str s = STR_UNSET;
	if (frame_next(r, &h, &s) != OK)
		return ERR_CORRUPT;
	*ret_leaf = tree_leaf(str_cut(s, LOG_RECORD_HEAD, LOG_RECORD_HEAD + h.clear_n));
	r->offset += s.n;
	return OK;
}

/* To the end of the segment before, whose file ends with its last record. */
static enum err step_back(struct log_reader *r)
{
	struct stat st;
	enum err e;
	if (r->segment <= 1)
		return ERR_NOT_FOUND;
	if ((e = segment_open(r, r->segment - 1)) != OK)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	if (fstat(r->fd, &st) != 0)
		return ERR_IO;
	r->offset = (uint64_t)st.st_size;
	return OK;
}

enum err log_reader_prev(struct log_reader *r, struct log_record *ret)
{
	struct head h = { 0 };
	struct str s = STR_UNSET;
	enum err e;
	if (r->segment == 0)
		return ERR_NOT_FOUND;
	while (r->offset <= LOG_SEGMENT_HEAD)
		if ((e = step_back(r)) != OK)
			return e;
	uint64_t here = r->offset, from = here > WINDOW ? here - WINDOW : 0;
	uint64_t need = here > LOG_RECORD_MAX ? here - LOG_RECORD_MAX : 0;
	if (r->n == 0 || need < r->at || here > r->at + r->n)
		if ((e = look(r, from, (size_t)(here - from), true, &s)) != OK)
			return e;
	if ((e = look(r, here - LOG_RECORD_TAIL, LOG_RECORD_TAIL, false, &s)) != OK)
		return e;
	uint32_t total = s.n == LOG_RECORD_TAIL ? tail_read(s.p) : 0;
	if (total < LOG_RECORD_HEAD + LOG_ENTRY_FIXED + LOG_RECORD_TAIL || total > LOG_RECORD_MAX || total > here - LOG_SEGMENT_HEAD)
		return ERR_CORRUPT;
	r->offset = here - total;
	if ((e = frame(r, false, &h, &s)) == OK && s.n == total)
		e = record_read(r, &h, s, ret);
	else
		e = e == OK || e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	if (e != OK)
		r->offset = here;
	return e;
}

enum err log_reader_at(struct log_reader *r, uint32_t segment, uint64_t offset)
{
	enum err e;
	if (segment != r->segment && (e = segment_open(r, segment)) != OK)
		return e;
	r->offset = offset < LOG_SEGMENT_HEAD ? LOG_SEGMENT_HEAD : offset;
	return OK;
}

static uint32_t newest_segment(const struct log_reader *r)
{
	uint32_t last = 0;
	while (segment_exists(r, last + 1))
		last++;
	return last;
}

/* The moment of the entry at the reader's offset. */
static enum err peek_time(struct log_reader *r, struct str *ret_frame, int64_t *ret)
{
	struct head h = { 0 };
	struct log_entry entry;
	enum err e = frame_next(r, &h, ret_frame);
	if (e != OK)
		return e;
	if ((e = log_entry_parse(str_cut(*ret_frame, LOG_RECORD_HEAD, LOG_RECORD_HEAD + h.clear_n), &entry)) == OK)
		*ret = entry.time_us;
	return e;
}

enum err log_reader_seek_time(struct log_reader *r, int64_t time_us)
{
	uint32_t n = newest_segment(r);
	struct str s = STR_UNSET;
	int64_t at = 0;
	enum err e;
	if (n == 0)
		return ERR_NOT_FOUND;
	/* The newest segment that begins before it; one without an entry yet does not count. */
	for (;; n--) {
		if ((e = segment_open(r, n)) != OK)
			return e;
		if (n == 1)
			break;
		if ((e = peek_time(r, &s, &at)) == OK && at < time_us)
			break;
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
	}
	while ((e = peek_time(r, &s, &at)) == OK && at < time_us)
		r->offset += s.n;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err log_reader_seek(struct log_reader *r, uint64_t seq)
{
	struct head h = { 0 };
	struct str s = STR_UNSET;
	uint32_t last = newest_segment(r);
	enum err e;
	if (last == 0)
		return ERR_NOT_FOUND;
	for (;; last--) {
		if ((e = segment_open(r, last)) != OK)
			return e;
		if (r->first_seq <= seq || last == 1)
			break;
	}
	for (uint64_t at = r->first_seq; at < seq; at++) {
		if ((e = frame_next(r, &h, &s)) != OK)
			return e;
		r->offset += s.n;
	}
	return OK;
}

void log_reader_place(const struct log_reader *r, uint32_t *ret_segment, uint64_t *ret_offset)
{
	*ret_segment = r->segment == 0 ? 1 : r->segment;
	*ret_offset = r->segment == 0 ? LOG_SEGMENT_HEAD : r->offset;
}

/* crypto/verify_notes.c — the notes of log/checkpoints, one after the other, also past damaged ones. */
#include "crypto/files.h"
#include "crypto/verify_i.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define DASH "\xe2\x80\x94 "

enum err notes_begin(struct notes *s, int dir_fd, const char *origin, const uint8_t key[32])
{
	*s = (struct notes){ .origin = origin, .key = key };
	s->fd = openat(dir_fd, "checkpoints", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return s->fd >= 0 ? OK : errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

void notes_end(struct notes *s)
{
	file_closep(&s->fd);
}

/* What stands from `at` on, at least one whole note unless the file ends. */
static enum err fill(struct notes *s, struct str *ret)
{
	enum err e;
	size_t got = 0;
	if (s->n - s->at < 2 * CHECKPOINT_NOTE_MAX) {
		memmove(s->window, s->window + s->at, s->n - s->at);
		s->offset += s->at;
		s->n -= s->at;
		s->at = 0;
		if ((e = file_read_at(s->fd, s->window + s->n, sizeof(s->window) - s->n, s->offset + s->n, &got)) != OK)
			return e;
		s->n += got;
	}
	*ret = (struct str){ s->window + s->at, s->n - s->at };
	return OK;
}

/* Length of the note at the beginning of s: three lines, an empty one, lines that begin with a dash. 0: none. */
static size_t note_length(struct str s)
{
	size_t at = 0;
	bool signatures = false;
	for (int line = 0; at < s.n; line++) {
		struct str rest = str_cut(s, at, s.n);
		size_t n = str_find(rest, '\n');
		if (line >= 4 && !str_starts(rest, STR(DASH)))
			break;
		if (n == rest.n || (line == 3 && n != 0) || at + n + 1 > CHECKPOINT_NOTE_MAX)
			return 0;
		signatures = line >= 4;
		at += n + 1;
	}
	return signatures ? at : 0;
}

/* Where the next note seems to begin: the origin on a line of its own. */
static size_t next_start(const struct notes *s, struct str from)
{
	size_t len = strlen(s->origin);
	for (size_t i = 1; i + len < from.n; i++)
		if (from.p[i - 1] == '\n' && from.p[i + len] == '\n' && memcmp(from.p + i, s->origin, len) == 0)
			return i;
	return from.n;
}

enum err notes_next(struct notes *s, struct checkpoint *ret)
{
	struct str text = STR_UNSET;
	enum err e;
	if ((e = fill(s, &text)) != OK)
		return e;
	if (text.n == 0)
		return ERR_NOT_FOUND;
	size_t n = note_length(text);
	e = n == 0 ? ERR_INVALID : checkpoint_open(str_cut(text, 0, n), s->origin, s->key, ret);
	s->at += e == OK ? n : next_start(s, text);
	return e;
}

uint64_t notes_last_size(const struct notes *s)
{
	char tail[2 * CHECKPOINT_NOTE_MAX];
	struct stat st;
	struct checkpoint c = { 0 };
	size_t got = 0;
	uint64_t size = 0;
	if (fstat(s->fd, &st) != 0)
		return 0;
	uint64_t from = (uint64_t)st.st_size > sizeof(tail) ? (uint64_t)st.st_size - sizeof(tail) : 0;
	if (file_read_at(s->fd, tail, sizeof(tail), from, &got) != OK)
		return 0;
	struct str rest = { tail, got };
	for (size_t at = from == 0 ? 0 : next_start(s, rest); at < got;) {
		struct str text = str_cut(rest, at, got);
		size_t n = note_length(text);
		if (n > 0 && checkpoint_parse(str_cut(text, 0, n), &c) == OK && c.size > size)
			size = c.size;
		at += n > 0 ? n : next_start(s, text);
	}
	return size;
}

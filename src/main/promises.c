/* main/promises.c — runs `avstamp-vault --promises` and reads its lines. */
#include "main/promises.h"
#include "crypto/trust.h"
#include "sys/files.h"
#include "sys/process.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (1u << 20)
#define FD_ANSWER 3
#define END_MS 10000

static bool is_simulated(struct arena *a, const char *directory)
{
	struct path p;
	struct str text;
	struct trust *t = ARENA_NEW(a, struct trust);
	return t && path_join(directory, "keys/trust", &p) == OK && file_read(a, p.c, TRUST_TEXT_MAX, &text) == OK &&
	       trust_parse(text, t) == OK && t->simulated;
}

static enum err read_all(struct arena *a, int fd, struct str *ret)
{
	struct buf b = buf_new(a, TEXT_MAX);
	char piece[1024];
	ssize_t n;
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		buf_add(&b, piece, (size_t)n);
	}
	*ret = b.n == 0 ? STR("") : buf_view(&b);
	return buf_is_full(&b) ? ERR_TOO_LARGE : OK;
}

static enum err ask_vault(struct arena *a, const char *directory, struct str *ret)
{
	struct programs *programs = ARENA_NEW(a, struct programs);
	int pair[2];
	pid_t pid = 0;
	if (!programs || programs_find(programs) != OK || pair_make(pair) != OK)
		return ERR_SYSTEM;
	const char *arguments[] = { "avstamp-vault", "--promises", "--fd", "3", "--dir", directory, "--walls", "best-effort",
	                            is_simulated(a, directory) ? "--simulated" : NULL, NULL };
	struct spawn_fd fds[] = { { pair[1], FD_ANSWER } };
	struct spawn how = { .program = programs->vault.c, .arguments = arguments, .fds = fds, .n_fds = COUNT_OF(fds) };
	enum err e = process_spawn(&how, &pid);
	close(pair[1]);
	if (e == OK)
		e = read_all(a, pair[0], ret);
	close(pair[0]);
	if (pid > 0 && !process_end(pid, END_MS) && e == OK)
		e = ERR_IO;
	return e;
}

static struct str word(struct str *rest, char end)
{
	size_t n = str_find(*rest, end);
	struct str w = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n < rest->n ? n + 1 : n, rest->n);
	return w;
}

static bool number(struct arena *a, struct str s, uint64_t *ret)
{
	char *end = NULL;
	const char *c = arena_c(a, s);
	if (!c || s.n == 0)
		return false;
	*ret = strtoull(c, &end, 10);
	return *end == '\0';
}

static bool line_parse(struct arena *a, struct str line, struct verify_promise *ret)
{
	struct id16 tag;
	bool good = number(a, word(&line, ' '), &ret->intent) && id_parse(word(&line, ' '), &ret->row.row) == OK &&
	            number(a, word(&line, ' '), &ret->row.version) && id_parse(line, &tag) == OK;
	if (good)
		memcpy(ret->row.tag, tag.b, sizeof tag.b);
	return good;
}

static int by_intent(const void *a, const void *b)
{
	const struct verify_promise *x = a, *y = b;
	return x->intent < y->intent ? -1 : x->intent > y->intent;
}

enum err promises_read(struct arena *a, const char *directory, struct verify_promise **ret, size_t *ret_n)
{
	struct path p;
	struct str text;
	size_t lines = 0, n = 0;
	enum err e = path_join(directory, "keys/late", &p);
	if (e == OK && access(p.c, F_OK) != 0)
		return ERR_NOT_FOUND;
	if (e == OK)
		e = ask_vault(a, directory, &text);
	if (e != OK)
		return e;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	struct verify_promise *list = ARENA_ARRAY(a, struct verify_promise, lines + 1);
	if (!list)
		return ERR_FULL;
	while (text.n > 0 && n < lines)
		if (!line_parse(a, word(&text, '\n'), &list[n++]))
			return ERR_CORRUPT;
	qsort(list, n, sizeof *list, by_intent);
	*ret = list;
	*ret_n = n;
	return OK;
}

/* sys/terminal.c — progress and questions. */
#include "sys/terminal.h"
#include "sys/files.h"
#include "sys/process.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

bool terminal_is(int fd)
{
	return isatty(fd) == 1;
}

bool terminal_can_ask(void)
{
	return terminal_is(0) && terminal_is(2);
}

void progress_show(const char *what, uint64_t done, uint64_t of)
{
	static int64_t last;
	if (!terminal_is(2))
		return;
	int64_t now = running_ms();
	if (done < of && now - last < 100)
		return;
	last = now;
	fprintf(stderr, "\r%s %llu av %llu\033[K", what, (unsigned long long)done, (unsigned long long)of);
	fflush(stderr);
}

void progress_end(void)
{
	if (terminal_is(2))
		fputs("\r\033[K", stderr);
}

/* Byte by byte, so that nothing of a secret stays in a library's buffer. */
static enum err read_line(struct arena *a, struct str *ret)
{
	char line[LINE_MAX_BYTES];
	size_t n = 0;
	enum err e = OK;
	for (;;) {
		char c;
		ssize_t got = read(0, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 && n == 0)
			e = ERR_NOT_FOUND;
		if (got <= 0 || c == '\n')
			break;
		if (n == sizeof line) {
			e = ERR_TOO_LARGE;
			break;
		}
		line[n++] = c;
	}
	if (e == OK) {
		struct str copy = arena_str(a, str_trim((struct str){ line, n }));
		e = copy.p ? OK : ERR_FULL;
		if (e == OK)
			*ret = copy;
	}
	wipe(line, sizeof line);
	return e;
}

enum err ask_line(struct arena *a, const char *question, struct str *ret)
{
	fprintf(stderr, "%s ", question);
	fflush(stderr);
	return read_line(a, ret);
}

enum err ask_secret(struct arena *a, const char *question, struct str *ret)
{
	struct termios before, quiet;
	bool hidden = tcgetattr(0, &before) == 0;
	if (hidden) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		if (tcsetattr(0, TCSAFLUSH, &quiet) != 0)
			return ERR_IO;
	}
	enum err e = ask_line(a, question, ret);
	if (hidden) {
		tcsetattr(0, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	return e;
}

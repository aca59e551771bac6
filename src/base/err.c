/* base/err.c — names, statuses and sentences of the faults, from tables/err.def. */
#include "base/err.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct err_row {
	const char *name;
	int http;
	bool may_retry;
	const char *text;
};

static const struct err_row rows[ERR_COUNT] = {
	[OK] = { "OK", 200, false, "Klart." },
#define ERR(id, http, retry, text) [ERR_##id] = { #id, http, retry, text },
#include "tables/err.def"
#undef ERR
};

static const struct err_row *row_of(enum err e)
{
	assert_always((unsigned)e < ERR_COUNT);
	return &rows[e];
}

const char *err_name(enum err e)
{
	return row_of(e)->name;
}

int err_http(enum err e)
{
	return row_of(e)->http;
}

bool err_may_retry(enum err e)
{
	return row_of(e)->may_retry;
}

const char *err_text(enum err e)
{
	return row_of(e)->text;
}

static void say(const char *c)
{
	if (write(STDERR_FILENO, c, strlen(c)) < 0)
		return; /* nobody is left to tell */
}

void assert_failed(const char *what, const char *file, int line)
{
	char digits[12];
	size_t at = sizeof digits;

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + line % 10);
		line /= 10;
	} while (line > 0 && at > 0);
	say("bug: ");
	say(file);
	say(":");
	say(digits + at);
	say(": ");
	say(what);
	say("\n");
	abort();
}

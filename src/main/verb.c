/* main/verb.c — options and sentences. */
#include "main/verb.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(const char *before, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
static void say(const char *before, const char *format, va_list list)
{
	fflush(stdout);
	fputs(before, stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
}

int fail_with(int code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	say("avstamp: ", format, list);
	va_end(list);
	return code;
}

void warn_with(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	say("avstamp: ", format, list);
	va_end(list);
}

static bool read_number(const char *s, int64_t *ret)
{
	int64_t v = 0;
	size_t n = strlen(s);
	if (n == 0 || n > 12)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (s[i] - '0');
	}
	*ret = v;
	return true;
}

static const struct option_row *row_of(const char *name, size_t length, const struct option_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0)
			return &rows[i];
	return NULL;
}

static bool take_value(const struct option_row *row, const char *value)
{
	if (!value) {
		warn_with("%s behöver ett värde efter sig.", row->name);
		return false;
	}
	if (row->number && !read_number(value, row->number)) {
		warn_with("%s ska vara ett helt tal.", row->name);
		return false;
	}
	if (row->text)
		*row->text = value;
	return true;
}

bool options_read(int argc, char **argv, const struct option_row *rows, size_t n, const char **rest, size_t room,
                  size_t *ret_rest)
{
	size_t n_rest = 0;
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (n_rest == room) {
				warn_with("%s hör inte hit. Se avstamp help %s.", argv[i], argv[0]);
				return false;
			}
			rest[n_rest++] = argv[i];
			continue;
		}
		const char *equals = strchr(argv[i], '=');
		size_t length = equals ? (size_t)(equals - argv[i]) : strlen(argv[i]);
		const struct option_row *row = row_of(argv[i], length, rows, n);
		if (!row || (row->flag && equals)) {
			warn_with("%s är inget val för %s. Se avstamp help %s.", argv[i], argv[0], argv[0]);
			return false;
		}
		if (row->flag) {
			*row->flag = true;
			continue;
		}
		const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
		if (!take_value(row, value))
			return false;
	}
	if (ret_rest)
		*ret_rest = n_rest;
	return true;
}

const char *program_version(void)
{
	return AVSTAMP_VERSION;
}

const char *why_failed(enum err e)
{
	static const struct { enum err e; const char *words; } known[] = {
		{ ERR_NOT_FOUND, "den finns inte" },
		{ ERR_EXISTS, "den finns redan" },
		{ ERR_DENIED, "rättigheter saknas" },
		{ ERR_LOG_FULL, "disken är full" },
		{ ERR_TOO_LARGE, "den är för stor" },
		{ ERR_CORRUPT, "innehållet går inte att läsa" },
		{ ERR_VAULT_GONE, "valvet svarar inte" },
		{ ERR_FULL, "minnet räcker inte" },
		{ ERR_IO, "läsning eller skrivning misslyckades" },
	};
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (known[i].e == e)
			return known[i].words;
	return err_name(e);
}

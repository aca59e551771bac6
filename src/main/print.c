/* main/print.c — the three forms of a printed table. */
#include "main/print.h"
#include <stdio.h>
#include <string.h>

#define COLUMNS 16

bool print_format_parse(const char *s, enum print_format *ret)
{
	static const char *const names[] = { "text", "json", "csv" };
	if (!s) {
		*ret = PRINT_TEXT;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(s, names[i]) == 0) {
			*ret = (enum print_format)i;
			return true;
		}
	}
	return false;
}

static void put(struct str s)
{
	fwrite(s.p, 1, s.n, stdout);
}

void print_json_string(struct str s)
{
	putchar('"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_csv(struct str s)
{
	bool quote = memchr(s.p, ',', s.n) || memchr(s.p, '"', s.n);
	if (!quote) {
		put(s);
		return;
	}
	putchar('"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			putchar('"');
		putchar(s.p[i]);
	}
	putchar('"');
}

static struct str next(struct str *rest, char end)
{
	size_t n = str_find(*rest, end);
	struct str part = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n < rest->n ? n + 1 : n, rest->n);
	return part;
}

static size_t split(struct str line, struct str cells[COLUMNS])
{
	size_t n = 0;
	bool more = true;
	while (more && n < COLUMNS) {
		more = str_find(line, '\t') < line.n;
		cells[n++] = next(&line, '\t');
	}
	return n;
}

static void measure(struct str lines, size_t widths[COLUMNS])
{
	struct str cells[COLUMNS];
	while (lines.n > 0) {
		size_t n = split(next(&lines, '\n'), cells);
		for (size_t i = 0; i < n; i++) {
			size_t w = str_points(cells[i]);
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
}

static void print_text_row(const struct str *cells, size_t n, const size_t widths[COLUMNS])
{
	for (size_t i = 0; i < n; i++) {
		put(cells[i]);
		if (i + 1 < n)
			printf("%*s", (int)(widths[i] - str_points(cells[i]) + 2), "");
	}
	putchar('\n');
}

static void print_json_row(const struct str *heads, const struct str *cells, size_t n, bool first)
{
	fputs(first ? "{" : ",\n {", stdout);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar(',');
		print_json_string(heads[i]);
		putchar(':');
		print_json_string(cells[i]);
	}
	putchar('}');
}

static void print_csv_row(const struct str *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar(',');
		print_csv(cells[i]);
	}
	putchar('\n');
}

void print_table(struct str lines, enum print_format f)
{
	struct str heads[COLUMNS], cells[COLUMNS];
	size_t widths[COLUMNS] = { 0 };
	measure(lines, widths);
	size_t columns = split(next(&lines, '\n'), heads);
	if (f == PRINT_JSON)
		putchar('[');
	else if (f == PRINT_CSV)
		print_csv_row(heads, columns);
	else
		print_text_row(heads, columns, widths);
	for (bool first = true; lines.n > 0; first = false) {
		size_t n = split(next(&lines, '\n'), cells);
		n = n < columns ? n : columns;
		if (f == PRINT_JSON)
			print_json_row(heads, cells, n, first);
		else if (f == PRINT_CSV)
			print_csv_row(cells, n);
		else
			print_text_row(cells, n, widths);
	}
	if (f == PRINT_JSON)
		fputs("]\n", stdout);
}

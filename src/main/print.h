/* main/print.h — tables printed as text, JSON or CSV (`--format`).
 *
 * Runs in: verbs.   Depends on: base.   Never: writes to stderr. */
#pragma once
#include "base/base.h"

enum print_format { PRINT_TEXT, PRINT_JSON, PRINT_CSV };
/* "text", "json", "csv"; NULL is text. */
bool print_format_parse(const char *s, enum print_format *ret);
/* Lines of values with tabs between; the first line has the column names. */
void print_table(struct str lines, enum print_format f);
/* A JSON string with its quotes. */
void print_json_string(struct str s);

/* tools/lint.c — the house's own rules that no compiler knows.
 *
 *   lint FILE...        the files of the project; prints FILE:LINE: what is wrong and ends with 1
 *   lint --self-test    every rule against a line that breaks it and one that does not
 *
 * Rules: banned calls; memory from base/arena.c alone; SQL in store/sql alone; no tag in a C string; files of at most 600
 * lines (tests 1000) and functions of at most 60; each file says first what it is, each header of src/ where it runs and what it
 * never does. A C file is read with its comments blanked, and its strings apart from its code. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LINES 600
#define TEST_LINES 1000
#define FUNCTION_LINES 60
#define TEXT_MAX (1 << 20)

static char source[TEXT_MAX];  /* as it stands */
static char code[TEXT_MAX];    /* comments and strings blanked */
static char strings[TEXT_MAX]; /* everything but the inside of strings blanked */
static const char *path;
static int complaints;
static bool quiet;

static void complain(int line, const char *what, const char *word)
{
	complaints++;
	if (!quiet)
		(void)printf("%s:%d: %s%s%s\n", path, line, what, *word == '\0' ? "" : ": ", word);
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && strcmp(s + n - m, with) == 0;
}

static int line_at(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* ---- taking a C file apart ------------------------------------------------------------------------------ */

enum part { CODE, BLOCK, LINE, TEXT, SIGN };

static enum part next_part(enum part now, const char *p)
{
	switch (now) {
	case CODE:
		if (starts(p, "/*"))
			return BLOCK;
		if (starts(p, "//"))
			return LINE;
		return *p == '"' ? TEXT : *p == '\'' ? SIGN : CODE;
	case BLOCK: return p[0] == '/' && p[-1] == '*' ? CODE : BLOCK;
	case LINE: return *p == '\n' ? CODE : LINE;
	case TEXT: return *p == '"' ? CODE : TEXT;
	case SIGN: return *p == '\'' ? CODE : SIGN;
	}
	return now;
}

/* Whether an odd number of backslashes stands before place i. */
static bool is_escaped(size_t i)
{
	size_t n = 0;

	while (n < i && source[i - n - 1] == '\\')
		n++;
	return n % 2 == 1;
}

/* Fills `code` and `strings` with what is theirs; line breaks stand in both. */
static void take_apart(void)
{
	enum part now = CODE;
	size_t opened = 0;

	for (size_t i = 0; source[i] != '\0'; i++) {
		enum part then = now;

		if (now == BLOCK && i < opened + 3 && source[i] == '/')
			then = now; /* the slash of the opening itself */
		else if ((now != TEXT && now != SIGN) || !is_escaped(i))
			then = next_part(now, source + i);
		if (now == CODE && then == BLOCK)
			opened = i;
		bool is_line = source[i] == '\n';

		code[i] = now == CODE && then == CODE ? source[i] : is_line ? '\n' : ' ';
		/* A quote inside a string is blanked, so that each quote left begins or ends one. */
		if (now == TEXT && then == TEXT && source[i] != '"')
			strings[i] = source[i];
		else
			strings[i] = is_line ? '\n' : (now == TEXT) != (then == TEXT) ? '"' : ' ';
		now = then;
		code[i + 1] = strings[i + 1] = '\0';
	}
}

/* ---- rules ---------------------------------------------------------------------------------------------- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next place from `from` where `word` stands by itself with an opening bracket after it. */
static const char *find_call(const char *from, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(from, word); p != NULL; p = strstr(p + 1, word)) {
		const char *after = p + n + strspn(p + n, " \t");
		bool member = p > code && (p[-1] == '.' || (p - 1 > code && p[-1] == '>' && p[-2] == '-'));

		if ((p == code || !is_word(p[-1])) && !member && *after == '(')
			return p;
	}
	return NULL;
}

static void refuse_calls(const char *const words[], size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		for (const char *p = find_call(code, words[i]); p != NULL; p = find_call(p + 1, words[i]))
			complain(line_at(code, p), what, words[i]);
}

static void rule_banned(void)
{
	static const char *const words[] = {
		"strcpy", "strcat", "strncpy", "strncat", "stpcpy", "sprintf", "vsprintf", "gets", "strtok", "atoi",
		"atol", "atoll", "atof", "gmtime", "localtime", "asctime", "ctime", "alloca", "system", "popen", "rand", "srand",
		"random", "tmpnam", "mktemp", "tempnam", "readdir_r", "bcopy", "bzero",
	};

	if (!starts(path, "tests/") && !starts(path, "bench/"))
		refuse_calls(words, sizeof words / sizeof words[0], "banned call");
}

static void rule_memory(void)
{
	static const char *const words[] = {
		"malloc", "calloc", "realloc", "reallocarray", "free", "strdup", "strndup", "asprintf", "vasprintf",
		"posix_memalign", "aligned_alloc",
	};

	static const char *const excepted[] = {
		"src/base/arena.c",
		"src/web/free.c",             /* makes the libraries' own memory be wiped */
		"src/main/founding_people.c", /* gives back what liboath allocated */
	};

	for (size_t i = 0; i < sizeof excepted / sizeof excepted[0]; i++)
		if (strcmp(path, excepted[i]) == 0)
			return;
	if (starts(path, "src/"))
		refuse_calls(words, sizeof words / sizeof words[0], "memory comes from base/arena.c alone");
}

/* Strings that begin as a statement does. Settings of a connection (PRAGMA, BEGIN, COMMIT ...) are no statements; the
 * driver asks for the schema's version before any statement can be prepared. */
static void rule_sql(void)
{
	static const char *const words[] = {
		"SELECT ", "INSERT ", "UPDATE ", "DELETE FROM ", "CREATE ", "DROP ", "ALTER ", "REPLACE INTO ", "select ", "insert into ",
		"delete from ", "create table ",
	};

	if (!starts(path, "src/") || starts(path, "src/store/sqlite"))
		return;
	for (const char *p = strchr(strings, '"'); p != NULL; p = strchr(p + 1, '"'))
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (starts(p + 1, words[i]))
				complain(line_at(strings, p), "SQL stands in src/store/sql alone", words[i]);
}

/* "<name>", "<name ", "</name>"; but "</a/x>" is an address in a header. */
static bool is_tag(const char *p)
{
	bool closing = p[1] == '/';
	const char *name = p + (closing ? 2 : 1), *after = name;

	while (isalnum((unsigned char)*after))
		after++;
	if (*name == '!')
		return true;
	return isalpha((unsigned char)*name) && (*after == '>' || (!closing && (*after == '/' || isspace((unsigned char)*after))));
}

/* Room view is where templates become HTML. */
static void rule_tags(void)
{
	if (!starts(path, "src/") || starts(path, "src/view/"))
		return;
	for (const char *p = strchr(strings, '<'); p != NULL; p = strchr(p + 1, '<'))
		if (is_tag(p))
			complain(line_at(strings, p), "a tag in a C string: HTML comes from templates alone", "");
}

static void rule_lengths(void)
{
	int line = 1, opened = 0;

	for (const char *p = code; *p != '\0'; p++) {
		bool first = p == code || p[-1] == '\n';

		if (first && *p == '{')
			opened = line;
		if (first && *p == '}' && opened != 0) {
			if (line - opened + 1 > FUNCTION_LINES)
				complain(opened, "a function of more than 60 lines", "");
			opened = 0;
		}
		line += *p == '\n';
	}
	if (line - 1 > (starts(path, "tests/") ? TEST_LINES : FILE_LINES))
		complain(line - 1, "a file of more than 600 lines (a test: 1000)", "");
}

/* "src/base/str.h" presents itself as "base/str.h"; files of other folders with their whole path. */
static void rule_first_line(void)
{
	const char *name = starts(path, "src/") ? path + 4 : path;
	const char *rest = starts(source, "/* ") ? source + 3 : "";

	if (!starts(rest, name) || !starts(rest + strlen(name), " — ")) {
		complain(1, "the first line says what the file is: /* PATH — SENTENCE", name);
		return;
	}
	if (!starts(path, "src/") || !ends(path, ".h"))
		return;
	const char *pragma = strstr(source, "#pragma once");
	const char *runs = strstr(source, "Runs in:"), *never = strstr(source, "Never:");

	if (pragma == NULL)
		complain(1, "a header needs #pragma once", "");
	else if (line_at(source, pragma) > 3 && (runs == NULL || runs > pragma || never == NULL || never > pragma))
		complain(1, "a header says where it runs (Runs in:) and what it never does (Never:)", "");
}

static void check(void)
{
	take_apart();
	rule_banned();
	rule_memory();
	rule_sql();
	rule_tags();
	rule_lengths();
	rule_first_line();
}

/* ---- the rules' own test -------------------------------------------------------------------------------- */

static int complaints_of(const char *name, const char *text)
{
	path = name;
	(void)snprintf(source, sizeof source, "%s", text);
	complaints = 0;
	check();
	return complaints;
}

static int self_test(void)
{
#define HEAD "/* a.c — a file. */\n"
	static const struct { const char *path, *text; int wanted; } cases[] = {
		{ "src/a.c", HEAD "int x = f(1);\n", 0 },
		{ "src/a.c", HEAD "int x = atoi(p);\n", 1 },
		{ "src/a.c", HEAD "int x = a->atoi(p); my_atoi(p); /* atoi(p) */ g(\"atoi(p)\");\n", 0 },
		{ "src/a.c", HEAD "// strcpy(a, b)\nstrcpy (a, b);\n", 1 },
		{ "src/a.c", HEAD "p = malloc(3); free(p);\n", 2 },
		{ "src/a.c", HEAD "p = sodium_malloc(3); sodium_free(p);\n", 0 },
		{ "src/base/arena.c", "/* base/arena.c — memory. */\np = malloc(3);\n", 0 },
		{ "src/a.c", HEAD "q(\"SELECT 1\"); q(\"PRAGMA x\"); /* \"SELECT 2\" */\n", 1 },
		{ "src/a.c", HEAD "q(\"say \\\"SELECT 1\\\"\");\n", 0 },
		{ "src/a.c", HEAD "q(\"x<b>\"); q(\"</p>\"); if (a <b) f('<'); q(\"<3>\"); q(\"</a/x>\"); q(\"<a href=\");\n", 3 },
		{ "src/view/a.c", "/* view/a.c — a file. */\nq(\"<b>\");\n", 0 },
		{ "src/a.c", "int x;\n", 1 },
		{ "src/a.c", "/* b.c — another file. */\n", 1 },
		{ "src/a.h", "/* a.h — a header.\n *\n * Runs in: web.\n * Never: x. */\n#pragma once\n", 0 },
		{ "src/a.h", "/* a.h — a header.\n *\n * Says\n * little. */\n#pragma once\n", 1 },
		{ "src/a.h", "/* a.h — a header.\n * Runs in: web.   Never: x. */\n", 1 },
		{ "src/a.h", "/* a.h — a small header. */\n#pragma once\n", 0 },
		{ "src/a.c", HEAD "c = '\"'; q(\"a\"); atoi(p); c = '\\''; d = \"\\\\\"; atoi(p);\n", 2 },
	};
	int wrong = 0;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		quiet = true;
		int found = complaints_of(cases[i].path, cases[i].text);

		if (found != cases[i].wanted) {
			(void)printf("self-test %zu: %d complaints instead of %d\n%s", i, found, cases[i].wanted, cases[i].text);
			wrong++;
		}
	}
	for (int lines = FUNCTION_LINES - 2; lines <= FUNCTION_LINES - 1; lines++) {
		char text[400] = HEAD "int f(void)\n{\n";

		for (int i = 0; i < lines; i++)
			memcpy(text + strlen(text), ";\n", 3);
		memcpy(text + strlen(text), "}\n", 3);
		wrong += complaints_of("src/a.c", text) != (lines == FUNCTION_LINES - 1);
	}
	(void)printf("lint: self-test, %d wrong\n", wrong);
	return wrong != 0;
#undef HEAD
}

static bool read_source(const char *name)
{
	FILE *f = fopen(name, "re");
	size_t n = 0;

	if (f != NULL) {
		n = fread(source, 1, sizeof source - 1, f);
		(void)fclose(f);
	}
	source[n] = '\0';
	return f != NULL && n < sizeof source - 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
		return self_test();
	for (int i = 1; i < argc; i++) {
		path = argv[i];
		if (!read_source(path))
			complain(0, "cannot be read", "");
		else
			check();
	}
	(void)printf("lint: %d files, %d complaints\n", argc - 1, complaints);
	return complaints != 0;
}

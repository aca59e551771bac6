/* tools/tplc.c — compiles HTML templates into C at build time, so that a slot in a wrong place never builds.
 *
 * tplc OUT.h OUT.c TEMPLATE.html ...
 *
 * A template begins with its declarations and goes on with its HTML:
 *
 *     @page case_show
 *     @param str title
 *     @list rows
 *     @param path rows.href
 *     <h1>{{title}}</h1>{{#each rows}}<a href="{{rows.href}}">visa</a>{{/each}}
 *
 * Slots: str i64 day bool path token html form. Blocks: {{#if x}} {{#if !x}} {{else}} {{/if}},
 * {{#each list}} {{/each}}. {{> name}} puts another template without slots here. {{! a comment }}.
 * White space that holds a line break and touches a tag or a block is dropped, elsewhere it is one space. */
#include "tplc.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct template templates[TEMPLATE_MAX];
int n_templates;

static char text[FILE_MAX_LEN + 1];
static size_t text_len;
static const char *file_now = "tplc";
static int line_now;
static const char *out_header, *out_source;

static const char *const type_names[SLOT_TYPES] = {
	[SLOT_STR] = "str", [SLOT_I64] = "i64", [SLOT_DAY] = "day", [SLOT_BOOL] = "bool", [SLOT_PATH] = "path",
	[SLOT_TOKEN] = "token", [SLOT_HTML] = "html", [SLOT_FORM] = "form", [SLOT_LIST] = "list",
};

void refuse(const char *format, ...)
{
	va_list args;
	fprintf(stderr, "%s:%d: ", file_now, line_now);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (out_header)
		remove(out_header);
	if (out_source)
		remove(out_source);
	exit(1);
}

static void file_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	file_now = path;
	line_now = 1;
	if (!f)
		refuse("cannot be opened");
	text_len = fread(text, 1, FILE_MAX_LEN, f);
	if (!feof(f))
		refuse("is larger than %d bytes", FILE_MAX_LEN);
	fclose(f);
	text[text_len] = 0;
	if (strlen(text) != text_len)
		refuse("holds a zero byte");
}

struct template *template_find(const char *name)
{
	for (int i = 0; i < n_templates; i++)
		if (strcmp(templates[i].name, name) == 0)
			return &templates[i];
	return NULL;
}

static struct decl *decl_find(struct template *t, const char *name)
{
	for (int i = 0; i < t->n_decls; i++)
		if (strcmp(t->decls[i].name, name) == 0)
			return &t->decls[i];
	return NULL;
}

static bool name_is_good(const char *s)
{
	if (!islower((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_' &&
		    !(*s == '.' && islower((unsigned char)s[1])))
			return false;
	return true;
}

static void decl_add(struct template *t, enum slot_type type, const char *name)
{
	struct decl *d = &t->decls[t->n_decls];
	if (t->n_decls == DECL_MAX)
		refuse("more than %d slots", DECL_MAX);
	if (!name_is_good(name) || strlen(name) >= sizeof d->name)
		refuse("'%s' is no name for a slot", name);
	if (decl_find(t, name))
		refuse("slot '%s' is declared twice", name);
	memcpy(d->name, name, strlen(name) + 1);
	d->parent = -1;
	d->leaf = d->name;
	char *dot = strrchr(d->name, '.');
	if (dot) {
		d->leaf = dot + 1;
		*dot = 0;
		const struct decl *list = decl_find(t, d->name);
		if (!list || list->type != SLOT_LIST)
			refuse("'%s' is no list declared above", d->name);
		d->parent = (int)(list - t->decls);
		*dot = '.';
	}
	d->type = type;
	d->line = line_now;
	t->n_decls++;
}

/* The next word of a declaration line, ended by a zero byte. */
static char *word(char **at)
{
	char *p = *at + strspn(*at, " \t");
	char *end = p + strcspn(p, " \t");
	*at = *end ? end + 1 : end;
	*end = 0;
	return p;
}

static void declaration(struct template *t, char *line)
{
	char *what = word(&line);
	if (strcmp(what, "@#") == 0) {
		size_t n = strlen(t->about);
		if ((size_t)snprintf(t->about + n, sizeof t->about - n, "%s%s", n ? "\n * " : "", line) >= sizeof t->about - n)
			refuse("too much is said about the template");
		return;
	}
	char *first = word(&line), *second = word(&line);
	if (strcmp(what, "@page") == 0) {
		if (t->name[0])
			refuse("a second @page");
		if (!name_is_good(first) || strlen(first) >= sizeof t->name)
			refuse("'%s' is no name for a template", first);
		if (template_find(first))
			refuse("template '%s' exists already", first);
		memcpy(t->name, first, strlen(first) + 1);
	} else if (strcmp(what, "@list") == 0) {
		decl_add(t, SLOT_LIST, first);
	} else if (strcmp(what, "@param") == 0) {
		for (int i = 0; i < SLOT_TYPES; i++)
			if (i != SLOT_LIST && strcmp(type_names[i], first) == 0) {
				decl_add(t, (enum slot_type)i, second);
				return;
			}
		refuse("'%s' is no type of a slot", first);
	} else {
		refuse("'%s' is no declaration", what);
	}
}

static void declarations(const char *path)
{
	if (n_templates == TEMPLATE_MAX)
		refuse("more than %d templates", TEMPLATE_MAX);
	struct template *t = &templates[n_templates];
	file_read(path);
	if (strlen(path) >= sizeof t->file)
		refuse("has too long a name");
	memcpy(t->file, path, strlen(path) + 1);
	char *at = text;
	while (*at == '@') {
		char *end = at + strcspn(at, "\n");
		bool last = *end == 0;
		*end = 0;
		declaration(t, at);
		at = last ? end : end + 1;
		line_now++;
	}
	t->body = (size_t)(at - text);
	t->body_line = line_now;
	t->includes = strstr(at, "{{>") != NULL;
	if (!t->name[0])
		refuse("begins without @page");
	const char *base = strrchr(path, '/');
	base = base ? base + 1 : path;
	if (strncmp(base, t->name, strlen(t->name)) != 0 || strcmp(base + strlen(t->name), ".html") != 0)
		refuse("holds the template '%s' under another name", t->name);
	n_templates++;
}

/* ---- the body ---- */

struct block {
	bool each, has_else;
	struct decl *list;
	struct place before;
	int line;
};
static struct block blocks[STACK_MAX];
static int n_blocks;

static bool list_is_open(const struct template *t, int list)
{
	for (int i = 0; i < n_blocks; i++)
		if (blocks[i].each && blocks[i].list == &t->decls[list])
			return true;
	return false;
}

static struct decl *slot_here(struct template *t, const char *name)
{
	struct decl *d = decl_find(t, name);
	if (!d)
		refuse("unknown slot '%s'", name);
	if (d->parent >= 0 && !list_is_open(t, d->parent))
		refuse("slot '%s' stands outside {{#each %s}}", name, t->decls[d->parent].name);
	d->used = true;
	return d;
}

static struct block *block_push(struct place *p)
{
	if (n_blocks == STACK_MAX)
		refuse("blocks nested deeper than %d", STACK_MAX);
	place_block_begin(p);
	struct block *b = &blocks[n_blocks++];
	*b = (struct block){ .before = *p, .line = line_now };
	return b;
}

static void block_if(struct template *t, struct place *p, const char *name)
{
	bool negated = *name == '!';
	struct decl *d = slot_here(t, name + negated);
	if (d->type == SLOT_I64)
		refuse("{{#if %s}}: a number is neither true nor false", d->name);
	if (d->type == SLOT_FORM)
		refuse("{{#if %s}}: the keys of a form are always set", d->name);
	block_push(p);
	write_if(d, negated);
}

static void block_each(struct template *t, struct place *p, const char *name)
{
	struct decl *d = slot_here(t, name);
	if (d->type != SLOT_LIST)
		refuse("{{#each %s}}: '%s' is no list", name, name);
	if (list_is_open(t, (int)(d - t->decls)))
		refuse("{{#each %s}} stands inside itself", name);
	struct block *b = block_push(p);
	b->each = true;
	b->list = d;
	write_each(t, d);
}

static void block_else(struct place *p)
{
	if (n_blocks == 0 || blocks[n_blocks - 1].each || blocks[n_blocks - 1].has_else)
		refuse("{{else}} without {{#if}}");
	struct block *b = &blocks[n_blocks - 1];
	place_block_same(p, &b->before, "{{#if}}");
	b->has_else = true;
	*p = b->before;
	write_else();
}

static void block_end(struct place *p, bool each)
{
	if (n_blocks == 0 || blocks[n_blocks - 1].each != each)
		refuse("{{/%s}} without {{#%s}}", each ? "each" : "if", each ? "each" : "if");
	place_block_same(p, &blocks[n_blocks - 1].before, each ? "{{#each}}" : "{{#if}}");
	n_blocks--;
	write_block_end();
}

static void include(struct place *p, const char *name)
{
	const struct template *t = template_find(name);
	if (!t)
		refuse("unknown template '%s'", name);
	place_include(p, name);
	if (t->n_decls)
		refuse("template '%s' has slots: give it to an html slot instead", name);
	if (t->includes)
		refuse("template '%s' takes in others itself", name);
	write_include(t);
}

static void directive(struct template *t, struct place *p, const char *s)
{
	write_literal_end();
	if (strncmp(s, "#if ", 4) == 0)
		block_if(t, p, s + 4);
	else if (strncmp(s, "#each ", 6) == 0)
		block_each(t, p, s + 6);
	else if (strcmp(s, "else") == 0)
		block_else(p);
	else if (strcmp(s, "/if") == 0)
		block_end(p, false);
	else if (strcmp(s, "/each") == 0)
		block_end(p, true);
	else if (strncmp(s, "> ", 2) == 0)
		include(p, s + 2);
	else {
		struct decl *d = slot_here(t, s);
		place_slot(p, d);
		write_slot(d, p->where == IN_VALUE);
	}
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Is the thing that begins here a tag or a block (and not a slot)? */
static bool is_edge(const char *at)
{
	return *at == 0 || *at == '<' ||
	       (at[0] == '{' && at[1] == '{' && (strchr("#/!>", at[2]) || strncmp(at + 2, "else}}", 6) == 0));
}

/* White space at `at`: its length, and what of it is written. */
static size_t space(struct place *p, const char *at, bool after_edge, bool *ret_one)
{
	size_t n = 0;
	bool breaks = false;
	while (is_space(at[n]))
		breaks |= at[n++] == '\n';
	if (p->where == IN_TAG)
		*ret_one = at[n] != '>' && at[n] != '/' && !(at[n] == '{' && at[n + 1] == '{');
	else
		*ret_one = !(breaks && (after_edge || is_edge(at + n)));
	return n;
}

static const char *braces(struct template *t, struct place *p, const char *at)
{
	char inner[128];
	const char *end = strstr(at, "}}");
	if (!end)
		refuse("'{{' without '}}'");
	size_t n = (size_t)(end - at) - 2;
	if (at[2] != '!') {
		if (n >= sizeof inner)
			refuse("'{{' without '}}'");
		memcpy(inner, at + 2, n);
		inner[n] = 0;
		directive(t, p, inner);
	}
	for (; at < end; at++)
		line_now += *at == '\n';
	return end + 2;
}

static void body(struct template *t)
{
	struct place p;
	place_start(&p);
	n_blocks = 0;
	line_now = t->body_line;
	const char *at = text + t->body;
	bool after_edge = true;
	while (*at) {
		if (at[0] == '{' && at[1] == '{') {
			after_edge = is_edge(at);
			at = braces(t, &p, at);
			continue;
		}
		if (is_space(*at) && !place_keeps_space(&p)) {
			bool one;
			size_t n = space(&p, at, after_edge, &one);
			if (one && place_byte(&p, " "))
				write_literal_byte(' ');
			for (; n; n--, at++)
				line_now += *at == '\n';
			continue;
		}
		line_now += *at == '\n';
		if (place_byte(&p, at))
			write_literal_byte(*at);
		after_edge = *at == '>';
		at++;
	}
	if (n_blocks) {
		line_now = blocks[n_blocks - 1].line;
		refuse("a block opened here is never closed");
	}
	place_end(&p);
}

static void compile(struct template *t)
{
	file_read(t->file);
	write_function_begin(t);
	body(t);
	write_function_end();
	for (int i = 0; i < t->n_decls; i++)
		if (!t->decls[i].used) {
			line_now = t->decls[i].line;
			refuse("slot '%s' is never used", t->decls[i].name);
		}
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: tplc OUT.h OUT.c TEMPLATE.html ...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++)
		declarations(argv[i]);
	FILE *header = fopen(argv[1], "wb"), *source = fopen(argv[2], "wb");
	if (!header || !source) {
		fprintf(stderr, "tplc: cannot write %s or %s\n", argv[1], argv[2]);
		return 1;
	}
	out_header = argv[1];
	out_source = argv[2];
	const char *slash = strrchr(argv[1], '/');
	write_begin(header, source, slash ? slash + 1 : argv[1]);
	for (int i = 0; i < n_templates; i++)
		write_struct(&templates[i]);
	for (int i = 0; i < n_templates; i++)
		compile(&templates[i]);
	write_end();
	if (fclose(header) != 0 || fclose(source) != 0) {
		fprintf(stderr, "tplc: writing failed\n");
		return 1;
	}
	return 0;
}

/* tools/tplc_write.c — the C that the template compiler writes. */
#include "tplc.h"
#include <string.h>

static FILE *header, *source;
static char literal[FILE_MAX_LEN];
static size_t n_literal;
static int depth;

static const char *const c_types[SLOT_TYPES] = {
	[SLOT_STR] = "struct str ", [SLOT_I64] = "int64_t ", [SLOT_DAY] = "struct day ", [SLOT_BOOL] = "bool ",
	[SLOT_PATH] = "struct path ", [SLOT_TOKEN] = "struct token ", [SLOT_HTML] = "struct html_part ",
	[SLOT_FORM] = "struct form_keys ", [SLOT_LIST] = "",
};

static void indent(void)
{
	for (int i = 0; i <= depth; i++)
		fputc('\t', source);
}

void write_begin(FILE *to_header, FILE *to_source, const char *name)
{
	header = to_header;
	source = to_source;
	fprintf(header, "/* view/%s — written by tools/tplc from the templates; not to be edited. */\n"
		"#pragma once\n#include \"view/html.h\"\n#include \"view/path.h\"\n\n", name);
	fprintf(source, "/* Written by tools/tplc from the templates; not to be edited. */\n"
		"#include \"view/%s\"\n#include \"view/html_i.h\"\n", name);
}

/* The C name of a list's element: dots become underscores. */
static void write_list_name(FILE *f, const struct template *t, const struct decl *d)
{
	fprintf(f, "struct tpl_%s_", t->name);
	for (const char *c = d->name; *c; c++)
		fputc(*c == '.' ? '_' : *c, f);
}

static void write_members(const struct template *t, int parent)
{
	bool any = false;
	for (int i = 0; i < t->n_decls; i++) {
		const struct decl *d = &t->decls[i];
		if (d->parent != parent)
			continue;
		any = true;
		if (d->type == SLOT_LIST) {
			fputs("\tconst ", header);
			write_list_name(header, t, d);
			fprintf(header, " *%s;\n\tsize_t n_%s;\n", d->leaf, d->leaf);
		} else {
			fprintf(header, "\t%s%s;\n", c_types[d->type], d->leaf);
		}
	}
	if (!any)
		fputs("\tchar empty;\n", header);
}

void write_struct(const struct template *t)
{
	if (t->about[0])
		fprintf(header, "/* %s */\n", t->about);
	/* Children are declared after their lists, so the last list comes first. */
	for (int i = t->n_decls - 1; i >= 0; i--)
		if (t->decls[i].type == SLOT_LIST) {
			write_list_name(header, t, &t->decls[i]);
			fputs(" {\n", header);
			write_members(t, i);
			fputs("};\n", header);
		}
	fprintf(header, "struct tpl_%s {\n", t->name);
	write_members(t, -1);
	fputs("};\n", header);
	fprintf(header, "void tpl_%s(struct html *h, const struct tpl_%s *v);\n", t->name, t->name);
	if (t->n_decls)
		fprintf(header, "/* `v` must live until the page is rendered. */\n"
			"struct html_part part_%s(const struct tpl_%s *v);\n\n", t->name, t->name);
	else
		fprintf(header, "struct html_part part_%s(void);\n\n", t->name);
}

void write_function_begin(const struct template *t)
{
	fprintf(source, "\nstatic void fill_%s(struct html *h, const void *p)\n{\n\ttpl_%s(h, p);\n}\n", t->name, t->name);
	if (t->n_decls)
		fprintf(source, "struct html_part part_%s(const struct tpl_%s *v)\n{\n"
			"\treturn (struct html_part){ fill_%s, v };\n}\n", t->name, t->name, t->name);
	else
		fprintf(source, "struct html_part part_%s(void)\n{\n\treturn (struct html_part){ fill_%s, NULL };\n}\n",
			t->name, t->name);
	fprintf(source, "void tpl_%s(struct html *h, const struct tpl_%s *v)\n{\n", t->name, t->name);
	if (!t->n_decls)
		fputs("\t(void)v;\n", source);
	depth = 0;
	n_literal = 0;
}

void write_literal_byte(char c)
{
	if (n_literal == sizeof literal)
		refuse("a literal is larger than %zu bytes", sizeof literal);
	literal[n_literal++] = c;
}

void write_literal_end(void)
{
	if (!n_literal)
		return;
	indent();
	fprintf(source, "html__lit(h, \"");
	for (size_t i = 0; i < n_literal; i++) {
		unsigned char c = (unsigned char)literal[i];
		if (c == '"' || c == '\\')
			fprintf(source, "\\%c", c);
		else if (c == '?' || c < 32 || c > 126)
			fprintf(source, "\\%03o", c);
		else
			fputc(c, source);
	}
	fprintf(source, "\", %zu);\n", n_literal);
	n_literal = 0;
}

/* What a slot belongs to: the page itself, or the current row of its list. */
static void write_owner(const struct decl *d)
{
	if (d->parent < 0)
		fputs("v->", source);
	else
		fprintf(source, "row%d->", d->parent);
}

static void write_value(const struct decl *d)
{
	write_owner(d);
	fputs(d->leaf, source);
}

void write_slot(const struct decl *d, bool attribute)
{
	static const char *const calls[SLOT_TYPES] = {
		[SLOT_STR] = "html__str", [SLOT_I64] = "html__i64", [SLOT_DAY] = "html__day", [SLOT_PATH] = "html__path",
		[SLOT_TOKEN] = "html__token", [SLOT_HTML] = "html__part", [SLOT_FORM] = "html__form",
	};
	const char *call = calls[d->type];
	if (d->type == SLOT_DAY && attribute)
		call = "html__day_iso";
	indent();
	fprintf(source, "%s(h, ", call);
	write_value(d);
	fputs(");\n", source);
}

void write_include(const struct template *t)
{
	indent();
	fprintf(source, "tpl_%s(h, NULL);\n", t->name);
}

void write_if(const struct decl *d, bool negated)
{
	static const char *const set[SLOT_TYPES] = {
		[SLOT_STR] = ".p != NULL", [SLOT_PATH] = ".made.p != NULL", [SLOT_TOKEN] = ".made.p != NULL",
		[SLOT_HTML] = ".fill != NULL", [SLOT_BOOL] = "", [SLOT_LIST] = " > 0",
	};
	indent();
	fputs(negated ? "if (!(" : "if (", source);
	if (d->type == SLOT_DAY) {
		fputs("day_is_set(", source);
		write_value(d);
		fputs(")", source);
	} else if (d->type == SLOT_LIST) {
		write_owner(d);
		fprintf(source, "n_%s > 0", d->leaf);
	} else {
		write_value(d);
		fputs(set[d->type], source);
	}
	fputs(negated ? ")) {\n" : ") {\n", source);
	depth++;
}

void write_else(void)
{
	depth--;
	indent();
	fputs("} else {\n", source);
	depth++;
}

void write_each(const struct template *t, const struct decl *d)
{
	int i = (int)(d - t->decls);
	indent();
	fprintf(source, "for (size_t i%d = 0; i%d < ", i, i);
	write_owner(d);
	fprintf(source, "n_%s; i%d++) {\n", d->leaf, i);
	depth++;
	indent();
	fputs("const ", source);
	write_list_name(source, t, d);
	fprintf(source, " *row%d = &", i);
	write_value(d);
	fprintf(source, "[i%d];\n", i);
}

void write_block_end(void)
{
	depth--;
	indent();
	fputs("}\n", source);
}

void write_function_end(void)
{
	write_literal_end();
	fputs("}\n", source);
}

void write_end(void)
{
	header = NULL;
	source = NULL;
}

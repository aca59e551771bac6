/* tools/tplc.h — the template compiler's shared parts: what a template declares and where a slot may stand.
 *
 * Runs in: the build.   Depends on: libc, tables/routes.def.   Never: is linked into the program.
 *
 * tplc.c reads templates and their blocks, tplc_place.c knows the grammar of HTML and refuses what may not
 * stand in a place, tplc_write.c writes the C. All memory is static: the compiler ends when a limit is met. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define NAME_MAX_LEN 64
#define DECL_MAX 96
#define TEMPLATE_MAX 160
#define STACK_MAX 48
#define FILE_MAX_LEN (256 * 1024)

enum slot_type { SLOT_STR, SLOT_I64, SLOT_DAY, SLOT_BOOL, SLOT_PATH, SLOT_TOKEN, SLOT_HTML, SLOT_FORM, SLOT_LIST, SLOT_TYPES };

struct decl {
	char name[NAME_MAX_LEN];   /* dotted, as written */
	const char *leaf;          /* its last part */
	enum slot_type type;
	int parent;                /* index of the list it belongs to, or -1 */
	int line;
	bool used;
};

struct template {
	char file[256];
	char name[NAME_MAX_LEN];
	struct decl decls[DECL_MAX];
	int n_decls;
	bool includes;             /* its body takes in other templates */
	char about[1500];          /* its @# lines, for the header */
	size_t body;               /* offset of the HTML in the file */
	int body_line;
};

extern struct template templates[TEMPLATE_MAX];
extern int n_templates;

/* ---- tplc.c ---- */
struct template *template_find(const char *name);
/* Prints file:line: sentence and ends the build. */
void refuse(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- tplc_place.c: where we stand in the HTML ---- */
enum where { IN_TEXT, IN_TAG, IN_VALUE, IN_RAW /* textarea and title */, IN_COMMENT };
enum attribute_class { A_TEXT, A_NAME, A_NUMBER, A_URL, A_BARE, A_LITERAL, A_REFUSED };
struct attribute { const char *name; enum attribute_class class; };
struct element { const char *name; unsigned flags; const char *required; };
struct place {
	enum where where;
	const struct element *tag;           /* the tag being read */
	const struct attribute *attribute;   /* the attribute being read */
	char attribute_name[NAME_MAX_LEN];
	char value[512];                     /* the literal part of the value read so far */
	size_t n_value;
	int n_value_slots;
	const struct element *stack[STACK_MAX];
	int depth;
	char seen[512];                      /* " name=value " of the tag's attributes */
	int form_depth;                      /* depth of the open POST form, 0 = none */
	bool form_has_keys;
	bool fresh_textarea;                 /* nothing written since <textarea> */
};
void place_start(struct place *p);
/* Read one byte of literal HTML. The caller writes it to the output when this returns true. */
bool place_byte(struct place *p, const char *at);
void place_slot(struct place *p, const struct decl *d);
void place_include(struct place *p, const char *name);
/* A block begins, changes to its else, or ends here; `before` is where it began. */
void place_block_begin(struct place *p);
void place_block_same(const struct place *p, const struct place *before, const char *what);
void place_end(const struct place *p);
/* True where white space is kept as written. */
bool place_keeps_space(const struct place *p);

/* ---- tplc_write.c ---- */
/* `name` is the header's own, included as "view/NAME". */
void write_begin(FILE *header, FILE *source, const char *name);
void write_struct(const struct template *t);
void write_function_begin(const struct template *t);
void write_literal_byte(char c);
/* Flush the literal collected so far. */
void write_literal_end(void);
void write_slot(const struct decl *d, bool attribute);
void write_include(const struct template *t);
void write_if(const struct decl *d, bool negated);
void write_else(void);
void write_each(const struct template *t, const struct decl *d);
void write_block_end(void);
void write_function_end(void);
void write_end(void);

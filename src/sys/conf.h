/* sys/conf.h — avstamp.conf: `key = value` lines, comments with #, every key of conf.def.
 *
 * Runs in: parent, verbs.   Depends on: base.   Never: guesses; an unknown key or a bad value is an error. */
#pragma once
#include "base/base.h"

struct conf {
#define WORD(key, standard, comment) const char *key;
#define NUMBER(key, standard, least, most, comment) int64_t key;
#include "sys/conf.def"
};
/* What is wrong, as one Swedish sentence with the line. */
struct conf_error { int line; struct str sentence; };

struct conf conf_standard(void);
/* Values live in `a`. ERR_INVALID with *ret_error filled. */
MUST enum err conf_parse(struct arena *a, struct str text, struct conf *ret, struct conf_error *ret_error);
/* Sets one key as a line of the file would; for options of the command line. */
MUST enum err conf_set(struct arena *a, struct conf *c, struct str key, struct str value, struct str *ret_sentence);
/* The file that `init` writes: every key with its comment and the values of `c`. */
struct str conf_text(struct arena *a, const struct conf *c);

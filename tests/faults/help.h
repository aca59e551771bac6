/* tests/faults/help.h — what the campaigns share: a demo of their own, the API as a person uses it, verbs, files.
 *
 * Runs in: tests.   Depends on: tests/web/runner.h.   Never: knows a page.
 *
 * Exit codes: 0 what was asked for holds, 1 it does not, 77 this machine cannot answer. */
#pragma once
#include "../web/runner.h"

enum { SKIPPED = 77 };

struct world {
	struct house house;
	struct arena *a;
};
/* Starts a demo (w->house.custodians may be set before); ends the program with 1 when that fails. AVSTAMP_KEEP keeps the directory at the end. */
void world_begin(struct world *w, const char *program);
void world_end(struct world *w);

/* False, after a line, when the login is refused. */
bool person_login(struct world *w, struct client *c, const char *role);
/* Without a word when it fails: for places where the service may be away. */
bool person_try_login(struct world *w, struct arena *a, struct client *c, const char *role);
/* One call of the API; the status, 0 without a whole answer. `body` NULL: a GET. */
int api_call(struct world *w, struct arena *a, struct client *c, const char *path, const char *body);
/* A string or number of the last answer's object, unset when absent. */
struct str api_value(struct arena *a, const struct client *c, const char *name);
/* A new case with this alias: its id, or unset after a line. */
struct str case_begin(struct world *w, struct client *c, const char *alias);

/* Runs a program and waits: its exit code (-1 when it did not end by itself); *ret_said holds what it printed. */
int run_program(struct arena *a, const char *const *arguments, struct str input, struct str *ret_said);
/* avstamp VERB --dir DIRECTORY and further words. */
int run_verb(struct world *w, struct str *ret_said, const char *verb, const char *directory, const char *const *more);
bool copy_tree(struct arena *a, const char *from, const char *to);
void remove_tree(const char *path);
struct str read_whole(struct arena *a, const char *path);
/* A folder beside the demo's data, for what a campaign makes. */
const char *beside(struct world *w, const char *name);

void pause_for(int ms);
int64_t clock_ms(void);
/* Uniform below n; the same seed gives the same numbers. */
uint64_t draw(uint64_t *seed, uint64_t n);
int count_argument(int argc, char **argv, int at, int otherwise);
NORETURN void give_up(const char *format, ...) PRINTF_LIKE(1, 2);

/* main/verb.h — what every verb of the command line shares: options, sentences, exit codes.
 *
 * Runs in: verbs, parent, web.   Depends on: base, sys.   Never: prints anything of a person.
 *
 * Exit codes: 0 well, 1 the thing failed, 2 wrong use (verify has its own, wrong use there is 64). */
#pragma once
#include "base/base.h"
#include "sys/files.h"

enum { EXIT_WELL = 0, EXIT_FAILED = 1, EXIT_USE = 2, EXIT_USE_OF_VERIFY = 64 };

struct verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb's name */
	const char *line;                  /* what it does, for the list; NULL: not in the list */
	const char *help;                  /* the whole page of `avstamp help VERB` */
};
extern const struct verb verb_demo, verb_init, verb_serve, verb_user, verb_verify, verb_backup, verb_restore,
	verb_simulate, verb_doctor, verb_web_process;

/* One option: exactly one of the three places is set. */
struct option_row {
	const char *name;  /* "--dir" */
	const char **text; /* takes a value */
	int64_t *number;   /* takes a whole number, not negative */
	bool *flag;
};
/* Reads all options; what is no option goes to `rest` (at most `room`). False after one sentence on stderr. */
bool options_read(int argc, char **argv, const struct option_row *rows, size_t n, const char **rest, size_t room,
                  size_t *ret_rest);
/* Prints "avstamp: SENTENCE" on stderr and returns `code`. */
int fail_with(int code, const char *format, ...) PRINTF_LIKE(2, 3);
void warn_with(const char *format, ...) PRINTF_LIKE(1, 2);
/* "0.1.0" */
const char *program_version(void);
/* Why an operation on files failed, in a few Swedish words. */
const char *why_failed(enum err e);

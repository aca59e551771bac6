/* main/answers.h — what `init` must know, from a file or from the terminal.
 *
 * Runs in: verbs.   Depends on: main/founding.h.   Never: writes an answer down. */
#pragma once
#include "main/founding.h"

#define ANSWER_CONTROLLERS 4
struct answers {
	struct founding founding;
	const char *keys_folder;
};
/* Lines `key = value`; see avstamp help init. False after a sentence with the line. */
bool answers_read(struct arena *a, const char *path, struct answers *ret);
/* Asks at the terminal. */
bool answers_ask(struct arena *a, struct answers *ret);
/* Is it complete and usable? False after a sentence. */
bool answers_check(const struct answers *w);

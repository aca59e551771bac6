/* sys/terminal.h — the operator's terminal: progress, questions, passphrases that are not shown.
 *
 * Runs in: verbs.   Depends on: base.   Never: writes to a pipe what is meant for a person's eyes. */
#pragma once
#include "base/base.h"

bool terminal_is(int fd);
/* Both standard input and standard error are a terminal: questions can be asked. */
bool terminal_can_ask(void);
/* A line of progress on standard error that replaces itself; nothing in a pipe. */
void progress_show(const char *what, uint64_t done, uint64_t of);
void progress_end(void);
/* Asks on standard error and reads one line (trimmed). ERR_NOT_FOUND at the end of input. */
MUST enum err ask_line(struct arena *a, const char *question, struct str *ret);
/* Without echo. The caller wipes the arena. */
MUST enum err ask_secret(struct arena *a, const char *question, struct str *ret);

/* main/deep.h — `verify --deep`: derived rows against the events, in a member's own session.
 *
 * Runs in: verbs.   Depends on: flow, core.   Never: shows content. */
#pragma once

/* Asks for the passphrase and the code of `login`. Returns the exit code of verify. */
int deep_run(const char *directory, const char *login);

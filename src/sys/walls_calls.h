/* sys/walls_calls.h — the system calls of each process, as filter rules.
 *
 * Runs in: every process.   Depends on: sys/filter.h.   Never: I/O. */
#pragma once
#include "sys/filter.h"
#include "sys/walls.h"

/* The filter of a process. It names the calling process, so it is made where it is installed. */
void walls_calls(enum wall who, struct filter *ret);

/* vault/fatal.h — how the vault ends when it must not go on.
 *
 * Runs in: vault.   Depends on: nothing.   Never: prints anything but fixed text. */
#pragma once
#include "base/attr.h"

/* One line on stderr, exit 70. `why` is a literal without any data. */
void fatal(const char *why) NORETURN;

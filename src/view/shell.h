/* view/shell.h — what is the same in the frame of every screen.
 *
 * Runs in: web.   Depends on: view, base.   Never: I/O. */
#pragma once
#include "view/assets.h"
#include "view/templates.h"

enum shell_scheme { SHELL_FOLLOW, SHELL_LIGHT, SHELL_DARK };

/* Fills style, script, font, icon and the appearance choice; all else is the page's. The clock of the lock is
 * set to the seconds given (the vault's setting), with a warning 30 s before. */
void shell_defaults(struct tpl_shell *v, enum shell_scheme scheme, int64_t lock_seconds);
/* The address of an embedded file. */
struct path asset_path(const struct asset *a);

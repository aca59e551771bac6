/* sys/users.h — a user of their own for vault and web, where the service is started as root (DECISIONS 2).
 *
 * The files say who runs: the vault is whoever owns keys/, web whoever owns the database. Between them stands the
 * directory's group, which may pass through it and read nothing.
 * Runs in: parent, web, vault, verbs.   Depends on: sys/files.h.   Never: prints; gives anybody more than he has. */
#pragma once
#include "base/base.h"
#include <sys/types.h>

struct users { uid_t web, vault; gid_t web_group, vault_group; };
/* Both by their names in the machine's list. ERR_NOT_FOUND: one of them is not there. ERR_INVALID: they are the same, or
 * root. Before the walls, which keep the list out of reach. */
MUST enum err users_find(const char *web, const char *vault, struct users *ret);
/* As root: gives keys/, shred/ and log/ with their files to the vault, the database to web, and the way to them to web's
 * group, of which the vault becomes a member when it starts. What root has made since the last start is handed over too. */
MUST enum err users_settle(const char *directory, const struct users *u);
/* From root to the owner of DIRECTORY/NAME, for good; nothing happens without root or where root owns it. The child's
 * promise to die with its parent is renewed, since the kernel forgets it here. ERR_SYSTEM: do not go on. */
MUST enum err users_become_owner(const char *directory, const char *name);

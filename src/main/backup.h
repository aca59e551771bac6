/* main/backup.h — what lies in a backup, for those who write and read one.
 *
 * Runs in: verbs.   Depends on: base.   Never: holds a key.
 *
 * BACKUP/avstamp.db, BACKUP/avstamp.conf, BACKUP/log/..., and BACKUP/backup, lines `name value`:
 *     avstamp backup 1
 *     snapshot <32 hex>     random name of this backup
 *     size <number>         entries in the log when the database's moment was fixed
 *     taken <time>          UTC
 *     checkpoint <number>   entries covered by the checkpoint that was copied */
#pragma once
#include "base/base.h"

struct manifest {
	struct id16 snapshot;
	uint64_t size, checkpoint;
	struct instant taken;
};
struct str manifest_text(struct arena *a, const struct manifest *m);
/* ERR_INVALID. */
MUST enum err manifest_parse(struct arena *a, struct str text, struct manifest *ret);

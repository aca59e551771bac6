/* main/filling.h — a made-up directory that is either whole or not there.
 *
 * Runs in: verbs (demo, simulate).   Depends on: sys.   Never: fills a directory for real use.
 *
 * The filling runs in a process of its own, beside the place where the directory will stand. Until it is whole it is
 * worth nothing, so there each flush to the disk is skipped; one flush of everything comes before it gets its name. */
#pragma once
#include "main/founding.h"

/* `fill` gets the path to fill and prints its own sentences. True when `directory` stands, whole and on the disk. */
bool filling_run(const char *directory, bool (*fill)(void *ctx, const char *path), void *ctx);

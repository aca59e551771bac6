/* tests/faults/cut_disk.h — the disk after a power cut: what the record leaves open is decided by chance.
 *
 * Runs in: tests.   Depends on: cut_vfs.h.   Never: drops what a sync had promised.
 *
 * Writes since a file's last sync are kept, dropped, torn at 512 bytes or garbage, each by itself and in any
 * order. Names are worse than any file system in use: a file that was made or deleted is so after the cut only if
 * its directory was synced, or by luck. */
#pragma once
#include "cut_vfs.h"

struct disk;
struct disk *disk_new(struct arena *a, const struct op *ops, size_t n, uint64_t seed);
/* Plays the record up to operation `at` (never backwards). */
void disk_play(struct disk *d, size_t at);
/* One possible state of the directory: files avstamp.db, -journal, -wal in `directory`. */
void disk_image(struct disk *d, const char *directory);
uint64_t disk_random(struct disk *d);

/* tests/faults/cut_vfs.h — a SQLite file layer that writes down everything the database asks of the disk.
 *
 * Runs in: tests.   Depends on: sqlite3, base.   Never: changes what is read or written.
 *
 * The real files are written through the library's own layer, but never synced: what a sync promises is decided
 * later, when images of the disk are made from the record. Calls of several threads are recorded in the order in
 * which they were carried out. */
#pragma once
#include "base/base.h"

enum op_kind {
	OP_CREATE,   /* a name appears, with a new file of length 0 */
	OP_WRITE,
	OP_TRUNCATE,
	OP_SYNC,     /* of a file; the first sync of a new journal syncs its directory too, as the library does */
	OP_DELETE,
	OP_SYNC_DIRECTORY,
	OP_ACK       /* the program told someone that a transaction is durable */
};
enum cut_file { FILE_MAIN, FILE_JOURNAL, FILE_WAL, FILE_COUNT };
struct op {
	enum op_kind kind;
	enum cut_file file;
	uint64_t offset; /* write: where; truncate: length; ack: number */
	const uint8_t *bytes;
	size_t n;
};

/* Becomes the default file layer, silent until told which database to watch. */
void cut_vfs_install(struct arena *a);
void cut_vfs_watch(const char *database);
void cut_vfs_ack(uint64_t number);
/* Stops recording; what was recorded until then. */
const struct op *cut_vfs_stop(size_t *ret_n);

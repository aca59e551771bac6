/* base/row_ref.h — a written row, as the access log names it.
 *
 * Runs in: every process.   Depends on: base/id.h.   Never: says what the row holds. */
#pragma once
#include "base/id.h"

struct row_ref {
	struct id16 row;   /* name of the row: store/row.h */
	uint64_t version;  /* 1 for tables without a version column */
	uint8_t tag[16];   /* over every column; zero when the row was deleted */
	bool late;         /* rungs and deposits: covered at the next checkpoint, sorted by name (DECISIONS 30) */
};

/* tests/unit/store_fixture.h — a database in a directory of its own, and small cases in it.
 *
 * Runs in: tests.   Depends on: store.   Never: holds a real person's anything. */
#pragma once
#include "store/store.h"

struct fixture {
	char directory[64];
	struct arena *arena;
	struct store *store;
	bool alone; /* reopened for one thread alone */
};
/* Makes a directory under TMPDIR and a database in it. */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
/* Closes and opens the same database again. */
void fixture_reopen(struct fixture *f);

struct id16 id_of(uint8_t kind, uint32_t n);
struct str bytes_of(struct arena *a, uint8_t fill, size_t n);

/* Rows of one small case: the case, two grants (user 1 and the desk), streams 0..n_streams-1. */
struct small_case {
	struct arena *arena;
	uint32_t number;
	int64_t n_streams, n_events; /* events in each stream */
	size_t envelope;             /* bytes each */
};
enum err write_case(struct db *db, void *small_case);
/* Appends event `seq` to stream `compartment`. */
enum err append_event(struct db *db, struct arena *a, struct id16 case_id, int64_t compartment, int64_t seq, size_t n);
struct asker asker_only(struct id16 user);

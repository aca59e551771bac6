/* tests/faults/counted/counts.h — counters that web, vault and the test share through one file.
 *
 * The file's name stands in AVSTAMP_COUNTS and is opened before the walls stand. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#define COUNTERS(X)                                                                                              \
	X(sql_steps) X(sql_work) X(json_parses) X(messages) X(bytes_in) X(bytes_out) X(aead_open) X(aead_seal)   \
	X(asymmetric) X(log_entries)
enum counter {
#define X(name) COUNT_##name,
	COUNTERS(X)
#undef X
	COUNTER_COUNT
};
struct counts { _Atomic uint64_t n[COUNTER_COUNT]; };
/* Points to nothing that is kept when there is no file. */
extern struct counts *counts;
/* Maps the file; the test makes it with `make`. */
struct counts *counts_map(const char *path, int make);
#define COUNT(name, by) ((void)atomic_fetch_add(&counts->n[COUNT_##name], (uint64_t)(by)))

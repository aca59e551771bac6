/* vault/late.h — rows of rungs and deposits, whose tags wait for the interval's end (DECISIONS 30).
 *
 * Runs in: vault.   Depends on: vault/journal.h.   Never: writes down in clear which of them belong together.
 *
 * In the log such rows stand sorted by name in one LATE entry an interval, so that no shared entry joins a rung to its
 * case. Until then they are in memory, and, should the vault be killed, in LATE entries without rows whose body is
 * sealed with the key in keys/late. That key is overwritten once the rows have been written: what was joined is
 * forgotten a minute later.
 *
 * Invariants
 *   T1  after any crash, a late row whose transaction was committed is named by a LATE entry.
 *   T2  the newest entry about a row holds its newest tag. */
#pragma once
#include "vault/late_find.h"
#include "vault/vault.h"

/* After the log was opened: reads the key, and the rows that a crash has left. */
MUST enum err late_open(struct vault *v);
void late_close(struct vault *v);
/* For a process that only looks: the rows that wait, into `ret` of LATE_ROWS_MAX. None when keys/late is not there. */
MUST enum err late_look(struct vault *v, struct late_row *ret, size_t *ret_n);
bool late_has_room(const struct vault *v, size_t n);
/* Keeps the late ones of these rows. Called when their intent has been appended, before the flush. */
MUST enum err late_add(struct vault *v, const struct row_ref *rows, size_t n, uint64_t intent);
void late_done(struct vault *v, uint64_t intent);
void late_lost(struct vault *v, uint64_t intent);
/* Writes those that are committed. */
MUST enum err late_write(struct vault *v);

/* vault/journal.h — what the vault writes into the log about an act.
 *
 * Runs in: vault.   Depends on: crypto/log_writer.h.   Never: puts a name, a number or a text of a case in clear.
 *
 * The sealed body is lines `name:length:value`: user, case, compartments, purpose, act, rows, about, reason; every
 * value but act and reason, which the asker gives, has one length, so that an entry of a refused opening is as large as
 * that of a granted one. */
#pragma once
#include "vault/vault.h"

struct journal_line {
	enum log_class class;
	enum log_outcome outcome;
	const struct vault_why *why; /* NULL: nothing to say of it */
	struct id16 user;            /* zero: the system */
	struct id16 controller;      /* whose reviewers may read the body; zero: no body */
	struct id16 about;           /* another user, or the start of an index HMAC */
	uint32_t compartments;
	size_t rows;
	const struct row_ref *written; /* rows that the entry names */
	size_t n_written;
	bool urgent;
};
/* ERR_LOG_FULL: then nothing may be opened, sealed or granted. */
MUST enum err journal_append(struct vault *v, const struct journal_line *l, uint64_t *ret_seq);
/* A leaf without a body. */
MUST enum err journal_leaf(struct vault *v, enum log_class class, enum log_outcome outcome, uint64_t ref, uint64_t *ret_seq);

/* An entry with bytes that are stored as they are, and one that only names rows (vault/late.h). */
MUST enum err journal_blob(struct vault *v, enum log_class class, struct str clear_body);
MUST enum err journal_rows(struct vault *v, enum log_class class, const struct log_row *rows, size_t n);

/* Writes the late rows whose transaction is known to be committed, then a checkpoint. */
MUST enum err journal_checkpoint(struct vault *v, struct str *ret_note);

/* vault/job.h — a request that waits for Argon2id and is decided again when it has run.
 *
 * Runs in: vault.   Depends on: vault/argon.h.   Never: keeps the request anywhere but in locked memory. */
#pragma once
#include "vault/argon.h"
#include "vault/start.h"

/* Takes a job and copies the request into it. ERR_BUSY, ERR_TOO_LARGE. */
MUST enum err job_begin(struct vault *v, const struct call *c, const uint8_t account[32], struct argon_job **ret);
/* Runs the job, or gives it back when adding its tasks has failed; returns `added`. */
MUST enum err job_run(struct vault *v, struct call *c, struct argon_job *j, enum err added);

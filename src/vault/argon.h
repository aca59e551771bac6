/* vault/argon.h — Argon2id beside the loop: two threads and a queue of eight.
 *
 * Runs in: vault.   Depends on: crypto/user_secrets.h.   Never: keeps a passphrase after its job.
 *
 * Invariants
 *   Q1  at most eight jobs wait and two run; a ninth is ERR_BUSY, and so is a fifth for one account, so that
 *       hammering one account leaves room for the others.
 *   Q2  a job that was given back holds zeros. */
#pragma once
#include "crypto/key.h"

#define ARGON_REQUEST_MAX 8192u
#define ARGON_TASKS 2

struct argon_task {
	struct secrets_head head;
	uint8_t passphrase[PASSPHRASE_MAX];
	size_t passphrase_n;
	struct key32 *kek;  /* the result */
	enum err result;
};
struct argon_job {
	int state;          /* argon.c's own */
	uint64_t order;
	uint32_t number;    /* of the request that waits */
	uint16_t type;
	uint8_t account[32];
	size_t n_tasks;
	struct argon_task task[ARGON_TASKS];
	size_t request_n;
	uint8_t request[ARGON_REQUEST_MAX];
};

struct argon;
/* Starts the threads. vault_key is used, not copied. */
MUST enum err argon_new(const struct key32 *vault_key, struct argon **ret);
/* Ends the threads after what they are doing. */
void argon_free(struct argon *q);
/* A job to fill and to hand to argon_run. ERR_BUSY. */
MUST enum err argon_take(struct argon *q, const uint8_t account[32], struct argon_job **ret);
MUST enum err argon_add_task(struct argon_job *j, const struct secrets_head *head, struct str passphrase);
void argon_run(struct argon *q, struct argon_job *j);
/* Readable when a job is done. */
int argon_fd(const struct argon *q);
/* The oldest job that is done, or NULL. */
struct argon_job *argon_done(struct argon *q);
/* Wipes. NULL is fine. */
void argon_give_back(struct argon *q, struct argon_job *j);

/* wire/vault_client.h — web's side of the socket to the vault: one call a message, safe from any thread.
 *
 * Runs in: web, verbs.   Depends on: wire/messages.h.   Never: logs, retries by itself.
 *
 * Invariants
 *   V1  a call returns only with the vault's answer or ERR_VAULT_GONE; after ERR_VAULT_GONE nothing is known
 *       about a write.
 *   V2  frame buffers are wiped after use. */
#pragma once
#include "wire/messages.h"

struct vault_client;

/* Speaks over fd (owned from now on) and starts the thread that reads answers. */
MUST enum err vault_client_new(int fd, struct vault_client **ret);
/* For a program that is alone with its vault and calls from one thread only: each call reads its own answer, and no
 * other thread is woken for it. What needs no answer goes with the next call, or at the end. Never replaced. */
MUST enum err vault_client_new_alone(int fd, struct vault_client **ret);
/* The vault was started again: calls in flight have ended with ERR_VAULT_GONE, new ones use `fd`. */
void vault_client_replace(struct vault_client *v, int fd);
bool vault_client_alive(struct vault_client *v);
/* Sends what waits for the next call. At the end of a process that does not free its client: an outcome that is never told
 * leaves its rows open to be put back. */
void vault_client_flush(struct vault_client *v);
void vault_client_free(struct vault_client *v);

/* One function a message, generated from wire.def. Fields of the answer live in `a`. The returned err is
 * that of the transport (ERR_VAULT_GONE, ERR_FULL, ERR_TOO_LARGE) or else the answer's own status; *ret is
 * filled whenever an answer came, also with a status other than OK. */
#define MESSAGE(name, number, reply) \
	MUST enum err vault_##name(struct vault_client *v, struct arena *a, const struct vault_##name *ask, \
	                           struct vault_##reply *ret);
#define MESSAGE_ONE_WAY(name, number) enum err vault_##name(struct vault_client *v, const struct vault_##name *say);
#include "wire/wire.def"

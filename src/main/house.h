/* main/house.h — a data directory opened by a verb: its settings, lock, database, vault and flow.
 *
 * Runs in: verbs, parent.   Depends on: sys, store, wire, flow.   Never: reads keys/ but for the public trust.
 *
 * Every function that can fail has already said why, in one sentence on stderr, when it returns false. */
#pragma once
#include "core/profile.h"
#include "flow/flow.h"
#include "main/verb.h"
#include "store/store.h"
#include "sys/conf.h"
#include "sys/process.h"
#include "sys/terminal.h"
#include "sys/walls.h"
#include "wire/vault_client.h"

enum {
	HOUSE_LOCK = 1,  /* nobody else may run here */
	HOUSE_STORE = 2,
	HOUSE_VAULT = 4, /* a vault of our own */
	HOUSE_FLOW = 8,
};
struct house {
	struct arena *arena;
	struct path directory;
	struct conf conf;
	struct profile profile;      /* of this installation */
	struct str profile_text;     /* unset: the built-in one */
	struct programs programs;
	int lock_fd;
	pid_t vault_pid;
	struct vault_client *vault;
	struct vault_hello_reply hello;
	struct store *store;
	struct flow *flow;
	bool simulated, fresh, demo;
	bool alone; /* one thread alone uses it, from the founding on: nothing waits for another thread */
	int slot_ms; /* of answers; only the process that answers people sets it */
};
/* `directory` NULL gives the sentence that --dir is missing. Zeroed house; close it also after false. */
bool house_open(struct house *h, const char *directory, unsigned want);
void house_close(struct house *h);
void house_closep(struct house *h);

/* The steps, for verbs that need another order. */
bool house_settings(struct house *h, const char *directory);
bool house_lock(struct house *h, int ms);
bool house_store(struct house *h, bool create);
bool house_vault(struct house *h);
void house_vault_end(struct house *h);
bool house_flow(struct house *h);
/* SQLite's two files beside the database must be there before a wall goes up that may open but not make files. */
bool house_database_files(const char *directory);
/* Accounts whose passphrase is kept behind less than the rule (only a demo may have them). */
MUST enum err house_weak_accounts(struct house *h, size_t *ret);
/* Arguments of a vault for this directory; *ret lives in the house's arena, NULL-terminated. */
bool vault_arguments(struct house *h, int fd, const char *const **ret);
/* Starts the vault's process with `fd` as its socket (closed here). */
bool vault_spawn(struct house *h, int fd, pid_t *ret);
/* Descriptor numbers in children. */
enum { FD_VAULT = 3, FD_CONTROL = 4, FD_LISTEN = 5, FD_ADMIN = 6, FD_LOCK = 7, FD_METRICS = 8 };

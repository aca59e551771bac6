/* flow/internal.h — what the files of flow share: a case as it was loaded, and the act that will be written.
 *
 * Runs in: web, verbs.   Depends on: flow/flow.h.   Never: included outside this room. */
#pragma once
#include "flow/flow.h"
#include "core/profile.h"
#include "flow/version.h"
#include "flow/who.h"
#include <pthread.h>

#define AGAIN 64
#define IDLE 1024
struct flow {
	struct store *store;
	struct vault_client *vault;
	struct arena *boot;
	struct controller_info *controllers;
	size_t n_controllers;
	struct who_cache *who;
	struct profile profile;
	pthread_mutex_t again[AGAIN];    /* by case: who lost a race decides again one at a time */
	_Atomic unsigned waiting[AGAIN]; /* how many have lost and not won yet; newcomers stand behind them */
	_Atomic uint32_t (*standing_epoch)[4]; /* by controller, in the order of vault_who.standing: the newest that is known */
	_Atomic uint64_t idle[IDLE];     /* who could do nothing for which waiting dossier (flow/waiting.c) */
	pthread_rwlock_t saving;         /* read: between seal and outcome; write: the quiet */
	_Atomic bool finding;            /* the nightly check found something */
	int slot_ms;
	_Atomic int64_t ahead_us;        /* the vault's clock before the machine's steady one, as it was last told; 0 before */
	_Atomic uint64_t saves, conflicts, refusals, vaults; /* for flow_counts */
	uint64_t writes;                 /* transactions since start, for tidying `applied` */
};

/* Holders whose grants count for a session: the user, then the standing dossiers it holds. */
struct asker asker_of(const struct vault_who *who);
/* Who asks: from memory, else from the vault. */
MUST enum err flow_who(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *ret);
/* What every answer of the vault teaches about its session. */
void session_fill(struct flow *f, const struct cookie_secret *c, const struct vault_who *who, struct instant now,
                  struct session *ret);
/* Wait for the next slot of answers (DECISIONS 37): time then tells nothing of what was found. */
void flow_wait_slot(const struct flow *f);
/* Tell the vault the newest key of a standing dossier (its place in vault_who.standing), and remember its epoch. */
MUST enum err flow_tell_standing(struct flow *f, struct arena *a, const struct controller_info *c, size_t place);
/* The dossier at a place of vault_who.standing. */
struct id16 standing_at(const struct controller_info *c, size_t place);
/* A session of before a new epoch takes up its new standing keys. */
void flow_freshen(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *who);
/* Load the certificates of all accounts into the vault (after a start and after a new one). */
MUST enum err flow_load_certificates(struct flow *f, struct arena *a);

struct stream_state {
	bool there, opened;              /* opened: its events were read too */
	uint32_t epoch;
	uint32_t snapshot_seq, snapshot_version;
	uint32_t seq;                    /* newest */
	struct str older;                /* keys of the epochs before, unset in the first */
};

/* What the same token was answered before; unset when it was not. */
struct earlier_answer { struct instant stored; struct str answer; };
MUST enum err read_earlier(struct db *db, struct arena *a, struct id16 user, struct id16 token, struct earlier_answer *ret);

#define SNAPSHOT_EVERY 16
/* A case opened for one request. */
struct loaded {
	struct id16 case_id, controller, holder;
	uint32_t shred_slot;
	struct str grant;                /* AVG1, or AVW2 before acceptance */
	struct stream_state stream[STREAMS_MAX];
	bool summary_read;               /* loaded to write: the next two are known */
	uint32_t summary_version;        /* 0: none yet */
	uint32_t summary_epoch;
	uint32_t held;
	enum role role;
	struct kase *state;
	struct event *events;            /* every event that was opened, oldest first */
	size_t n_events;
	struct version version;
	struct instant now;
	struct vault_who who;
	struct earlier_answer earlier;   /* to load_wish.token */
	bool summary_opened;             /* of load_wish.summary: the next one is known */
	struct summary shown;
};

struct load_wish {
	struct id16 case_id;
	uint16_t purpose;
	struct str act, reason;
	size_t newest;                   /* entries of each stream besides the tail */
	const struct version *before;    /* timeline: entries older than this */
	bool whole;                      /* every event, for as_of and verify --deep */
	uint32_t only;                   /* compartments to open, 0: all; the state then knows nothing of the others */
	bool summary;                    /* open what lists show, into loaded.shown */
	bool to_write;                   /* open also what is due for a snapshot, and read what a summary needs */
	struct id16 token;               /* idempotency: what it was answered before, zero for none */
};
/* Who asks is known from the session (flow_who); ERR_NOT_FOUND without access or without a case. */
MUST enum err case_load(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                        const struct load_wish *w, struct loaded *ret);

/* After an opening: dates the case's reminders anew when the profile has changed. On success *version is the case's new
 * one; a failure is left for the next opening. */
void redate(struct flow *f, struct arena *a, const struct cookie_secret *c, struct loaded *l, struct str *version);

/* Everything one transaction will write. */
struct write_plan {
	struct flow *flow;
	struct arena *arena;
	struct vault_why why;
	struct loaded *on;               /* the case written to */
	struct seal_item *items;
	size_t n_items, cap_items;
	struct row_ref *rows;
	size_t n_rows, cap_rows;
	struct planned *steps;           /* one a row, in the order they are written */
	size_t n_steps, cap_steps;
	struct str grant;
	struct instant not_before;
	bool unindexed;                  /* has a number that the index did not take */
	/* filled by plan_run */
	struct str *envelopes;
	uint64_t intent;
	struct instant noted;
};

/* One row to write: `run` binds the statement; `envelope` is the index of its sealed item or -1. */
struct planned {
	enum err (*run)(struct db *db, const struct planned *p, struct str envelope);
	const void *row;
	int envelope;
};

void plan_begin(struct write_plan *p, struct flow *f, struct arena *a, const struct vault_why *why, struct loaded *on);
/* A row with an envelope: `item` is completed (tag, name) by the caller. */
MUST enum err plan_sealed(struct write_plan *p, const struct seal_item *item,
                          enum err (*run)(struct db *, const struct planned *, struct str), const void *row);
MUST enum err plan_row(struct write_plan *p, const struct row_ref *ref,
                       enum err (*run)(struct db *, const struct planned *, struct str), const void *row);
/* Something that must hold inside the transaction; no row is named. */
MUST enum err plan_check(struct write_plan *p, enum err (*run)(struct db *, const struct planned *, struct str),
                         const void *row);
/* Seal, commit, report the outcome. ERR_CONFLICT: someone else wrote first; nothing is written. */
MUST enum err plan_run(struct write_plan *p);

/* Its parts, for what seals in a message that does more (flow/foreseen.c): what the vault is asked, what it has answered,
 * and then either of the last two, inside flow_saving_begin and _end. */
void plan_ask(const struct write_plan *p, struct vault_seal *ret);
void plan_sealed_as(struct write_plan *p, const struct vault_seal_reply *reply);
MUST enum err plan_commit(struct write_plan *p);
/* The intent becomes nothing. */
MUST enum err plan_lost(struct write_plan *p);

/* The events, rungs, packages and derived rows of a decision. */
MUST enum err plan_decision(struct write_plan *p, const struct decision *d, const struct facts *f);

/* The newest epoch of a stream: whose it is, and the key for depositing into it. ERR_NOT_FOUND. */
struct stream_to { struct id16 controller; struct deposit_key key; struct str older; };
MUST enum err stream_to(struct flow *f, struct arena *a, struct id16 case_id, unsigned compartment,
                        struct stream_to *ret);
MUST enum err random_ids(struct arena *a, size_t n, struct id16 **ret);
/* `v` are the values that were typed: whom they name is looked up with the others. */
MUST enum err facts_of(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct loaded *l,
                       enum command_id command, const struct field_value *v, size_t n_values, struct facts *ret);
/* Store what the vault re-wrapped at a first opening. A failure is left for the next opening. */
void keep_accepted(struct flow *f, struct arena *a, const struct vault_why *why, const struct row_grants *grant,
                   struct str accepted);
/* Do both officers' signatures stand on it? Not whether they are good: the vault checks that. */
bool certificate_whole(struct str bytes);
/* The login name's HMAC under the vault key, as the users table has it. */
MUST enum err flow_login_hmac(struct flow *f, struct arena *a, struct str typed, struct str *ret);

/* vault/sessions.h — who is logged in, and until when (DECISIONS 8).
 *
 * Runs in: vault.   Depends on: crypto/key.h.   Never: keeps a cookie's secret or an open private key.
 *
 * A session is found by BLAKE2b of its cookie's secret. What it holds of secrets is the session box and, under the
 * user's own key, the standing grants and the name: a copy of this memory opens nothing without the cookie.
 *
 * Invariants
 *   S1  a locked session opens nothing; one past its end does not exist.
 *   S2  the boxes of an ended session are overwritten. */
#pragma once
#include "crypto/key.h"
#include "wire/messages.h"

#define STANDING_COUNT 4
enum standing_kind { STANDING_DIRECTORY, STANDING_DESK, STANDING_INDEX, STANDING_REVIEW };
/* Compartment number of a standing dossier's private key in the session's copy of its grant (vault/holder.h). */
#define COMPARTMENT_HOLDER_KEY 0xffffu

struct session {
	bool used, locked, certified, has_totp;
	uint8_t name[32];           /* BLAKE2b of the cookie's secret */
	struct id16 id;             /* what the box is bound to */
	struct id16 user, controller;
	uint32_t serial;
	uint64_t roles;
	uint8_t login[32];          /* for the delays after wrong codes */
	int64_t started, active, locked_at; /* on the boot's clock */
	unsigned wrong_unlocks;
	uint8_t box[SESSION_BOX_BYTES];
	struct session_standing {
		struct id16 id;         /* zero: not held */
		uint32_t shred_slot;
		uint32_t epoch;         /* the newest in the grant */
		uint8_t grant[GRANT_ACCEPTED_BYTES];
	} standing[STANDING_COUNT];
	uint8_t profile[512];       /* name and title as an envelope under the user's own key */
	size_t profile_n;
	struct key_ring *ring;      /* keys of the user's lists; NULL until the first */
};

struct session_limits { int64_t lock_us, wipe_us, session_us; };
struct sessions;
MUST enum err sessions_new(const struct session_limits *limits, struct sessions **ret);
void sessions_free(struct sessions *s);
/* A place for a new session of the user, with a fresh cookie; the user's oldest session ends when there are too
 * many. ERR_BUSY when the table is full. */
MUST enum err session_begin(struct sessions *s, struct id16 user, int64_t now, struct cookie_secret *ret_cookie,
                            struct session **ret);
/* The living session of a cookie, locked if its time has come. ERR_NO_SESSION. Says nothing of the lock. */
MUST enum err session_find(struct sessions *s, const struct cookie_secret *cookie, int64_t now, struct session **ret);
void session_end(struct sessions *s, struct session *one);
void sessions_end_of(struct sessions *s, struct id16 user);
void session_lock(struct session *one, int64_t now);
/* Locks and wipes what is due. */
void sessions_tick(struct sessions *s, int64_t now);
/* Moments at which a session locks and ends, as µs from now on. */
int64_t session_locks_in(const struct sessions *s, const struct session *one, int64_t now);
int64_t session_ends_in(const struct sessions *s, const struct session *one, int64_t now);
/* Forgets every ring: a case's key has been destroyed. */
void sessions_drop_rings(struct sessions *s);
size_t sessions_count(const struct sessions *s);
/* Of these, the locked ones as of the newest tick. */
size_t sessions_locked(const struct sessions *s);

/* vault/holder.h — a person behind a cookie for the length of one request, and the keys they hold.
 *
 * Runs in: vault.   Depends on: vault/sessions.h, crypto/key.h.   Never: lets an open key stay after holder_leave.
 *
 * Invariants
 *   P1  holder_enter opens a session box only for a living, unlocked session. */
#pragma once
#include "vault/sessions.h"
#include "vault/vault.h"

struct holder {
	struct session *session;      /* NULL: the system itself */
	struct user_secrets *secrets;
	struct grant *standing[STANDING_COUNT]; /* opened when first needed */
	struct key_ring *ring;        /* the session's, unlocked when first needed */
	/* A case's grant that a request asks for twice, as it was sent and opened; the caller's own (holder_know). */
	const struct grant *known;
	const struct key32 *known_shred;
	struct str known_bytes;
};

/* ERR_NO_SESSION, ERR_LOCKED, ERR_FULL. A zero cookie is the system. Counts as activity of the session. */
MUST enum err holder_enter(struct vault *v, const struct cookie_secret *cookie, struct holder *ret);
/* As holder_enter, but the system is nobody: ERR_NO_SESSION. */
MUST enum err holder_enter_person(struct vault *v, const struct cookie_secret *cookie, struct holder *ret);
void holder_leave(struct holder *h);

bool holder_is_system(const struct holder *h);
struct id16 holder_user(const struct holder *h);        /* zero for the system */
struct id16 holder_controller(const struct holder *h);  /* zero for the system */
/* The holder's own private key (X25519). Bug for the system. */
const struct key32 *holder_secret(const struct holder *h);
/* Signs with the user's key, or the log's for the system. */
struct signer holder_signer(const struct vault *v, const struct holder *h);

/* Place of a standing dossier in the session, or -1. */
int holder_standing(const struct holder *h, struct id16 dossier);
/* Its grant, opened. ERR_DENIED: not held. ERR_CORRUPT. */
MUST enum err holder_standing_grant(struct holder *h, struct id16 dossier, struct grant **ret);
/* The private key that things sealed to the dossier (or the user) open with. epoch 0: the newest. `ret` lives in the
 * holder or in the round (stash). ERR_DENIED: neither the user nor a standing dossier they hold. */
MUST enum err holder_private(struct vault *v, struct holder *h, struct id16 id, uint32_t epoch, const struct key32 **ret);
/* The newest epoch of a standing dossier that the session has; 0 when it is not held. */
uint32_t holder_standing_epoch(const struct holder *h, struct id16 dossier);
/* The stream key of a standing dossier's compartment 0; epoch 0: the newest. The key is the round's (stash). */
MUST enum err holder_standing_stream(struct vault *v, struct holder *h, struct id16 dossier, uint32_t epoch,
                                     struct stream_key **ret);

/* Opens a grant in either form after every check but the case asked for: this controller, current, held by the user
 * or by a standing dossier of theirs. `renewals` (unset for none) are taken up in order. `accepted`, when not NULL,
 * gets the AVG1 of an AVW2 or of a grant that was renewed, and is left alone otherwise. ERR_DENIED, ERR_CORRUPT. */
MUST enum err holder_open_grant(struct vault *v, struct holder *h, struct str bytes, struct str renewals, struct grant *g,
                                struct str *accepted);
/* The same, and the shred key of its case. */
MUST enum err holder_open_case(struct vault *v, struct holder *h, struct str bytes, struct str renewals, uint32_t shred_slot,
                               struct grant *g, struct key32 *shred, struct str *accepted);
/* From now on these bytes are known to open to `g` and `shred`, which stay where they are until holder_leave. */
void holder_know(struct holder *h, struct str bytes, const struct grant *g, const struct key32 *shred);
/* As AVG1, for the grant's own holder. A grant that a standing dossier holds goes to that dossier's newest key. */
MUST enum err holder_accept(struct vault *v, struct holder *h, struct grant *g, struct str *ret);

/* The session's ring of list keys, unlocked until holder_leave. ERR_DENIED for the system, ERR_FULL. */
MUST enum err holder_ring(struct holder *h, struct key_ring **ret);

/* Is it the user, or a standing dossier they hold? */
bool holder_is_holder(const struct holder *h, struct id16 id);
/* Has the last month of a grant (0: none) not passed? */
bool holder_may_still(const struct vault *v, uint32_t not_after);

/* Fills what the vault knows of a session's owner; name and title are opened with the holder's keys (NULL: unset). */
void holder_who(struct vault *v, const struct session *s, const struct holder *h, struct vault_who *ret);
/* Keeps name and title in the session, under the user's own key. */
MUST enum err holder_keep_profile(struct vault *v, struct holder *h, struct str name, struct str title);

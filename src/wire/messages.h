/* wire/messages.h — what web and vault say to each other, as plain values.
 *
 * Runs in: web, vault, verbs.   Depends on: base.   Never: holds a key, does I/O.
 *
 * wire.def lists every message with its number; this header gives its fields; wire/codec.c turns them into
 * bytes and back with every length checked. A request struct is `vault_X`, its answer `vault_X_reply`.
 * Every answer begins with a status from tables/err.def.
 *
 * Invariants
 *   W1  the vault answers every request exactly once, in any order, named by the request's number.
 *   W2  a frame is at most 64 KiB; a message is at most 4 MiB, made of frames.
 *   W3  bytes that do not decode end the vault process (a peer that speaks otherwise is not our web). */
#pragma once
#include "base/base.h"
#include "base/row_ref.h" /* struct row_ref: a written row, as the log names it */
#include "base/envelope_at.h"

/* The 256-bit secret of a session. It exists in the browser's cookie and, while a request is handled, here. */
struct cookie_secret { uint8_t b[32]; };

/* Who, why and through which act; every message that opens or writes carries it and it is logged, sealed. */
struct vault_why {
	struct cookie_secret cookie; /* zero: the system itself */
	uint16_t purpose;            /* tables/purposes.def */
	struct str act;              /* id of the route, verb or job */
	struct id16 asked;           /* the case asked for, also when nothing was found */
	struct str reason;           /* what the person wrote, or empty */
};

/* What the vault knows of the session's owner. */
struct vault_who {
	struct id16 user, controller;
	uint64_t roles;              /* bits of tables/roles.def */
	struct str name, title;      /* from the directory, unset before attach */
	struct id16 standing[4];     /* directory, desk, index, review; zero when not held */
	uint32_t standing_epoch[4];  /* the newest epoch of each that the session has */
	struct instant lock_at, end_at;
};

/* ---- open ---------------------------------------------------------------------------------------------- */

struct open_item { struct envelope_at at; struct str envelope; };
/* Of a stream's newest row, when it is not the first: the sealed keys of the epochs before it (AVO1). */
struct older_keys { uint16_t compartment; uint32_t epoch; struct str keys; };
/* A group's items are opened with the keys of its grant (AVW2, or AVG1 once accepted). An unset grant means
 * the session's own keys: rungs sealed to the user, and rows or deposits of a standing dossier it holds. */
struct open_group {
	struct str grant;
	struct str renewals;  /* AVN1 one after another, what the grant has not taken up yet; unset for none */
	uint32_t shred_slot;
	/* Not 0: names this state of the grant's row, and the session's ring keeps the keys under it. With an unset grant
	 * the items are opened with keys the ring has; when it lacks one the answer is `unknown`, and the grant must be
	 * sent whole. */
	uint64_t mark;
	const struct older_keys *older; /* of streams whose older epochs stand among the items */
	size_t n_older;
	const struct open_item *items;
	size_t n_items;
};
struct vault_open {
	struct vault_why why;
	const struct open_group *groups;
	size_t n_groups;
};
struct opened_item {
	struct str plain;     /* unset: this compartment is not held, or the bytes do not open */
	struct str rewrapped; /* rungs and deposits at first opening: the symmetric form to store instead */
	enum err status;      /* OK, ERR_DENIED not held, ERR_CORRUPT */
};
struct opened_group {
	struct str accepted;  /* AVG1 to store, when the grant came as AVW2 or with renewals and was found good */
	uint32_t held;        /* bit c: compartment c is in the grant; the last bit (31) marks any above 30 */
	struct id16 holder;
	uint16_t role;
	bool unknown;         /* see open_group.mark */
	struct opened_item *items;
	size_t n_items;
};
struct vault_open_reply {
	enum err status;
	struct instant now;
	uint64_t entry; /* number of the log entry that made this opening durable */
	struct vault_who who;
	struct opened_group *groups;
	size_t n_groups;
};

/* A stream's key for writing without reading, as its newest row has it. The vault seals to it when `proof` says that
 * a vault of this installation made it for that place (crypto/stream_proof.h). */
struct deposit_key { uint32_t epoch; uint8_t key[32], proof[32]; };

/* ---- seal ---------------------------------------------------------------------------------------------- */

enum seal_to {
	SEAL_STREAM = 1,  /* the case's own key, from the grant */
	SEAL_USER = 2,    /* a named user's public key (rungs) */
	SEAL_DEPOSIT = 3, /* a stream's deposit key, or a standing dossier's for a rung: `to_key` */
	SEAL_STANDING = 4 /* a standing dossier the session holds (directory rows) */
};
struct seal_item {
	enum seal_to to;
	struct envelope_at at;
	struct id16 recipient;        /* SEAL_USER */
	struct deposit_key to_key;    /* SEAL_DEPOSIT */
	struct id16 log_row;          /* the row's name in the log */
	struct str clear_row;         /* store_row_clear(): the vault adds the envelope and computes the tag */
	struct str plain;
	bool stamp;                   /* begin the plaintext with the lines `noted`, `author`, `author_name` and `author_title` */
	bool late;
};
struct vault_seal {
	struct vault_why why;
	struct str grant;             /* keys for SEAL_STREAM, unset when there are none */
	uint32_t shred_slot;
	struct instant not_before;    /* `now` of the opening it was decided on */
	const struct seal_item *items;
	size_t n_items;
	const struct row_ref *rows;   /* the transaction's other rows */
	size_t n_rows;
};
struct vault_seal_reply {
	enum err status;
	uint64_t intent;              /* log entry; report its outcome with `outcome` */
	struct instant noted;         /* the stamp of the first stamped item; each next is 1 µs later */
	struct str *envelopes;        /* one an item */
	size_t n_envelopes;
};
/* Opens, and seals what will be decided if the case is as expected, so that both entries go to the disk in one flush.
 * The answer's own status is the opening's; whoever gets `sealed.status` OK owes an outcome for its intent, also when he
 * decides something else. Both by the same session. */
struct vault_open_seal { struct vault_open open; struct vault_seal seal; };
struct vault_open_seal_reply { enum err status; struct vault_open_reply opened; struct vault_seal_reply sealed; };
/* Rows written by the system or by a verb without sealing anything. */
struct vault_note { struct vault_why why; const struct row_ref *rows; size_t n_rows; };
struct vault_note_reply { enum err status; uint64_t intent; struct instant now; };
/* One way: what became of intents. */
struct vault_outcome { const uint64_t *done; size_t n_done; const uint64_t *lost; size_t n_lost; };

/* ---- sessions ------------------------------------------------------------------------------------------- */

struct vault_login_name { struct str name; };
struct vault_login_name_reply { enum err status; uint8_t hmac[32]; };
/* secrets: AVU1; certificate: AVC1 or unset for an account that two officers have not signed yet. Unset
 * secrets mean "no such account": the vault does the same work and answers ERR_LOGIN. */
/* login: the HMAC of the typed login name from login_name, so that delays after wrong attempts are the same for
 * names that exist and names that do not. */
struct vault_login { struct str secrets, certificate, passphrase, totp; bool disabled; uint8_t login[32]; };
struct vault_login_reply { enum err status; struct cookie_secret cookie; struct vault_who who; struct instant now; };
/* After login: the standing grants and the user's own directory row, kept in the session under the cookie. */
struct vault_attach {
	struct vault_why why;
	const struct open_group *standing; /* one an own standing grant; items: the own directory row */
	size_t n_standing;
};
struct vault_attach_reply { enum err status; struct vault_who who; struct str *accepted; size_t n_accepted; };
struct vault_lock { struct cookie_secret cookie; };
struct vault_unlock { struct cookie_secret cookie; struct str totp, passphrase, secrets; };
struct vault_logout { struct cookie_secret cookie; };
/* Is it alive? `activity` restarts the idle clock. */
struct vault_session { struct cookie_secret cookie; bool activity; };
struct vault_session_reply { enum err status; struct vault_who who; struct instant now; };
struct vault_status_reply { enum err status; };

/* ---- people and keys ------------------------------------------------------------------------------------ */

/* Signed by the officer of the session; `code` is shown once. */
struct vault_invite { struct vault_why why; struct id16 user, controller; uint64_t roles; struct instant expires; };
struct vault_invite_reply { enum err status; struct str invitation, code; };
/* Makes the key pairs behind a passphrase. With an unset invitation only during init and demo. */
struct vault_enrol { struct str invitation, code, passphrase; struct id16 user; bool with_totp; bool demo_strength; };
/* roles: those of the invitation, for the certificate; 0 when there was none (init). */
struct vault_enrol_reply { enum err status; struct str secrets, totp_secret; uint8_t box_public[32], sign_public[32]; uint64_t roles; };
struct vault_passphrase { struct cookie_secret cookie; struct str secrets, old_passphrase, new_passphrase; };
struct vault_passphrase_reply { enum err status; struct str secrets; };
/* The officer of the session signs; with the second officer's act the certificate is whole. */
struct vault_certify { struct vault_why why; struct str certificate; };
struct vault_certify_reply { enum err status; struct str certificate; bool whole; };
/* Certificates the vault may need as recipients or granters; verified on first use. */
struct vault_certificates { const struct str *certificates; size_t n; };

struct grant_wish {
	struct id16 holder;          /* a certified user, or a standing dossier when `standing` */
	bool standing;
	struct deposit_key to_key;   /* the standing dossier's */
	uint32_t compartments;       /* bit c */
	uint16_t role, purpose, basis;
	struct id16 reference;
	uint32_t serial;             /* per case, from the store */
	uint32_t not_after;          /* year * 12 + month - 1; 0 without end */
};
/* older: AVO1, unset in the first epoch. */
struct new_stream { uint16_t compartment; struct deposit_key deposit; struct str recovery_wrap, older; };
struct new_grant { struct id16 holder; struct str grant; /* AVW2 */ };
struct vault_new_case {
	struct vault_why why;
	struct id16 controller, case_id;
	uint32_t compartments;
	const struct grant_wish *grants; /* the first is the session's own; with init's system session: none own */
	size_t n_grants;
};
struct vault_new_case_reply {
	enum err status;
	uint32_t shred_slot;
	struct str own;                  /* AVG1 of the session's user, unset when not among the grants */
	struct str recovery;             /* AVR2: public half and the pairs sealed to the custodians */
	struct new_stream *streams; size_t n_streams;
	struct new_grant *grants; size_t n_grants;
};
struct vault_grant {
	struct vault_why why;
	struct id16 controller, case_id;
	struct str own;                  /* the granter's own grant, or unset for a standing dossier it holds */
	uint32_t shred_slot;
	struct grant_wish wish;          /* compartments the granter does not hold are refused */
};
struct vault_grant_reply { enum err status; struct str grant; };
/* A new stream in an old case (a compartment that was not there before). */
struct vault_new_stream { struct vault_why why; struct id16 controller, case_id; struct str own, recovery; uint32_t shred_slot; uint16_t compartment; };
struct vault_new_stream_reply { enum err status; struct new_stream stream; struct str own; };

/* A new epoch for streams of a dossier: their keys, under which the older ones stay readable, and what the other
 * remaining holders need to follow (crypto/renewal.h). Whoever has left is not among the holders. */
struct rotate_holder { struct id16 holder; bool standing; struct deposit_key to_key; /* the standing dossier's */ };
struct vault_rotate {
	struct vault_why why;
	struct id16 controller, case_id;
	struct str own, renewals;        /* own unset: a standing dossier the session holds */
	uint32_t shred_slot;
	struct str recovery;
	uint32_t compartments;           /* what is not held is refused */
	const struct older_keys *older;
	size_t n_older;
	const struct rotate_holder *holders; /* all but the owner of `own` */
	size_t n_holders;
};
struct vault_rotate_reply {
	enum err status;
	struct str own;                  /* AVG1 of the same holder as before */
	struct new_stream *streams; size_t n_streams;
	struct new_grant *renewals; size_t n_renewals; /* AVN1, to be put behind those that wait already */
};
/* An account was closed: its sessions end. Only for officers of its authority. */
struct vault_end_sessions { struct vault_why why; struct id16 user; };

/* ---- find, review, upkeep -------------------------------------------------------------------------------- */

/* 16-bit bucket of the keyed index, and the whole HMAC (only ever sealed), in each epoch of the index dossier, the
 * newest first: what is registered now goes into the newest, what was registered before is found in its own. */
struct vault_index {
	struct vault_why why;
	struct str number; /* 12 digits */
	uint8_t registers; /* 1: it goes into the index. Looking leaves a budget of its own for that. */
};
struct index_key { uint32_t epoch; uint16_t bucket; uint8_t hmac[32]; };
struct vault_index_reply { enum err status; struct index_key *keys; size_t n; };
/* Log entries for a reviewer, newest first, bodies opened with the review dossier's key; `before` 0: from the newest.
 * A body is lines `name:length:value`: user, case, compartments (ten digits, bit c), purpose, rows (ten digits each),
 * about (another user, a case or the start of an index HMAC), act, reason; empty for an entry without one.
 * `user`: only what that person did; why.asked: only what was done with the case of that id's code; zero: all. `from`, `until`:
 * only what was done from the one on and before the other, zero: no bound. The entry of this reading names user and case. `reached`: reading goes on before that entry, 0 when the oldest has been looked at. */
struct vault_review { struct vault_why why; uint64_t before; uint32_t count; struct id16 user; struct instant from, until; };
struct review_entry { uint64_t seq; struct instant at; uint8_t event_class, outcome; struct str body; };
struct vault_review_reply { enum err status; struct review_entry *entries; size_t n; uint64_t reached; };
/* Writes and signs a checkpoint now; `text` is the C2SP note. */
struct vault_checkpoint { uint32_t nothing; };
struct vault_checkpoint_reply { enum err status; uint64_t size; struct str text; };
/* How much there is of each thing, and nothing about any of them; leaves no entry in the log. */
struct vault_counts { uint32_t nothing; };
struct vault_counts_reply {
	enum err status;
	uint64_t sessions, locked;       /* living sessions, and how many of them are locked */
	uint64_t entries, covered;       /* of the log, and as far as the newest checkpoint reaches */
	uint64_t open_intents;
	uint64_t up_us;                  /* since this vault began */
};
/* First message on every connection. */
struct vault_hello { uint32_t protocol; };
struct vault_hello_reply {
	enum err status;
	bool simulated, fresh;           /* simulated: leaf 0 says so; fresh: keys/ has no trust yet (init) */
	struct instant now;
	struct id16 boot;
	uint64_t *open_intents; size_t n_open_intents;
	struct str fingerprint;          /* of keys/trust */
};
/* Only while `fresh`: officers, custodians and reviewers of every controller; becomes keys/trust and leaf 0. */
struct trust_controller {
	struct id16 controller;
	struct str name;
	struct id16 officers[2];
	uint8_t officer_keys[2][32];
	uint8_t custodian_keys[3][32];
	struct id16 standing[4];
};
struct vault_trust { const struct trust_controller *controllers; size_t n; bool simulated; };
struct vault_trust_reply { enum err status; struct str fingerprint; };
/* The newest key of a standing dossier, as the database has it: an epoch that the vault did not know of takes the
 * place of the one before. ERR_DENIED: no key of a vault of this installation, or another one than that epoch's.
 * ERR_CONFLICT: an older epoch (during init and restore the vault takes the database's word). */
struct vault_standing { struct id16 controller, dossier; struct deposit_key key; struct str older; };
/* Only in a simulated directory: puts the clock forward, and it stands there; an unset moment lets real time go on. */
struct vault_clock { struct instant now; };
/* The same without an answer, for a program that fills a simulated directory and puts the clock before every act. A
 * vault that may not be told the time, or is told a time that has been, ends. */
struct vault_tick { struct instant now; };
/* A session of the system user canary, whose key is bound to vault.key alone. */
struct vault_canary { uint32_t nothing; };
struct vault_canary_reply { enum err status; struct cookie_secret cookie; struct id16 user; struct str certificate; };
/* Destroys a case's shred key (overwritten with random bytes). */
struct vault_shred { struct vault_why why; struct id16 case_id; uint32_t shred_slot; };
/* Only while `fresh`: makes a custodian's key pair; `text` is the key file to carry away (crypto/recovery.h). */
struct vault_custodian { struct str passphrase; bool demo_strength; };
struct vault_custodian_reply { enum err status; uint8_t key[32]; struct str text; };
/* Everything in keys/ as one piece that any one custodian of this installation can open. Logged. */
struct vault_keys_copy { struct vault_why why; };
struct vault_keys_copy_reply { enum err status; struct str copy; };
/* Only while `fresh`: opens such a piece with a custodian's key file and passphrase and writes keys/ from it.
 * The log and shred/ are read at the vault's next start. */
struct vault_keys_restore { struct str copy, custodian, passphrase; };
struct vault_keys_restore_reply { enum err status; struct str fingerprint; };
/* After a restore: the signed leaf "restored from snapshot `snapshot` taken at log size `size`" (DECISIONS 27).
 * `lost` is the number of entries after it. The intents open at that size are told by the next hello. */
struct vault_restored { uint64_t size; struct id16 snapshot; };
struct vault_restored_reply { enum err status; uint64_t entry, lost; };

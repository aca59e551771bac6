/* flow/flow.h — one act from beginning to end: load, open, decide, seal, append.
 *
 * Runs in: web, verbs (demo, simulate).   Depends on: core, store, wire, tables, base.
 * Never: knows HTTP, formats HTML, decides anything the core should decide.
 *
 * Pages and API call the same functions, so every act and every refusal is the same in both.
 *
 * Invariants
 *   F1  "no access" and "no such case" run the same statements, the same vault message and give the same
 *       ERR_NOT_FOUND.
 *   F2  nothing is shown that the vault has not logged; nothing is acknowledged before it is committed. */
#pragma once
#include "core/core.h"
#include "core/state.h"
#include "store/store.h"
#include "wire/vault_client.h"

struct flow;
/* profile: the text of this installation's profile, which parses; unset: the built-in one. slot_ms: answers whose work cannot be equal (find by number, registering, a corrected number) wait for the next slot; 0: none. */
struct flow_options { struct store *store; struct vault_client *vault; const char *directory; int slot_ms;
                      struct str profile; };
MUST enum err flow_new(const struct flow_options *o, struct flow **ret);
void flow_free(struct flow *f);
/* After (re)connecting the vault: hello, reconcile open intents, load certificates and reviewers. */
MUST enum err flow_vault_ready(struct flow *f);
/* Between the intent of a write and its outcome stands every writer, also one that writes by itself. Not recursive. */
void flow_saving_begin(struct flow *f);
void flow_saving_end(struct flow *f);
/* Waits until nobody stands there, and keeps everybody out until the end: database and log then say the same. */
void flow_quiet_begin(struct flow *f);
void flow_quiet_end(struct flow *f);
/* What the nightly check of log and database ended with: the operator's answer in run/verified, told to web by the parent. */
void flow_tell_finding(struct flow *f, bool found);
bool flow_has_finding(const struct flow *f);
struct store *flow_store(struct flow *f);
struct vault_client *flow_vault(struct flow *f);
/* How often each thing has happened in this process; nothing about any of them. */
struct flow_counts {
	uint64_t saves;                /* transactions that were committed */
	uint64_t conflicts, refusals;  /* acts answered with "someone was first" and with a rule's no */
	uint64_t vaults;               /* vaults met: one, and one more for each restart */
};
struct flow_counts flow_counts(struct flow *f);
/* The vault's clock as it was last told, carried on by the machine's steady one: for reading what was typed, not for
 * what is written. Unset (0) before anybody has been told. Safe from any thread. */
struct instant flow_now(const struct flow *f);

/* Who asks, for one request. Filled by flow_begin from the cookie; name and title live in the arena. */
struct session {
	struct cookie_secret cookie;
	struct vault_who who;
	struct id16 user;
	struct instant now;
};
struct controller_info {
	struct id16 id, directory, desk, index, review;
	enum controller_kind kind;
	int32_t municipality;
	struct str name;
};
const struct controller_info *flow_controller(struct flow *f, struct id16 id);
size_t flow_controllers(struct flow *f, const struct controller_info **ret);

/* ---- sessions ---- */
struct login_wish { struct str user, passphrase, totp; };
MUST enum err flow_login(struct flow *f, struct arena *a, const struct login_wish *w, struct session *ret);
/* The vault's word on a cookie: OK, ERR_LOCKED (ret is filled), ERR_NO_SESSION. */
MUST enum err flow_session(struct flow *f, struct arena *a, const struct cookie_secret *c, bool activity, struct session *ret);
MUST enum err flow_lock(struct flow *f, struct arena *a, const struct cookie_secret *c);
MUST enum err flow_unlock(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str totp, struct str passphrase, struct session *ret);
MUST enum err flow_logout(struct flow *f, struct arena *a, const struct cookie_secret *c);

/* ---- a case ---- */
struct opened_case {
	struct id16 case_id, controller;
	uint32_t held;                 /* compartments in hand */
	enum role role;                /* role of the grant */
	const struct kase *state;
	struct summary summary;
	const struct event *newest; size_t n_newest;   /* the newest 20 entries of the streams in hand, newest first */
	struct str version;            /* opaque */
	struct instant now;
	struct grant_row *grant;       /* private to flow */
};
enum open_extent { OPEN_PAGE, OPEN_TIMELINE };
struct open_wish {
	struct id16 case_id;
	uint16_t purpose; struct str act, reason;
	enum open_extent extent;
	struct str after;              /* opaque cursor of the timeline, or unset */
	size_t limit;                  /* entries, default 20 */
	struct day as_of;              /* unset: now */
};
/* Fills *session too (one vault message). ERR_NOT_FOUND, ERR_LOCKED, ERR_NO_SESSION. */
MUST enum err flow_open(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct open_wish *w,
                        struct session *ret_session, struct opened_case *ret);
struct str flow_cursor(struct arena *a, const struct opened_case *o, const struct event *last);

/* The outcome of a command: a place to show, a refusal, field errors, or a conflict. */
struct act_result {
	bool saved;
	bool conflict;                 /* the version moved; `who` and `when` of the newest entry in it */
	struct str conflict_name; struct instant conflict_at;
	struct refusal refusal;        /* when !saved && !conflict && n_errors == 0 */
	struct field_error *errors; size_t n_errors;
	struct id16 case_id;
	enum command_id command;       /* that was done, when a package chose it */
	struct str version;            /* saved: act_wish.on and what the act wrote; a conflict: the case's, now */
	size_t n_events;
	struct instant noted;
	bool unindexed;                /* saved, but nobody finds the case by its number: to be saved again another day */
};
struct act_wish {
	struct id16 case_id;           /* zero for register_intake */
	enum command_id command;
	struct str on;                 /* version the form was shown with; unset: decided on the newest, whatever came between */
	struct str token;              /* idempotency: the form's hidden token or the header; may be empty */
	const struct field_value *values; size_t n_values;
	struct str act;                /* route id */
};
/* Open, parse, decide, seal, append. A returned err is a fault; everything a person can mend is in *ret. */
MUST enum err flow_act(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct act_wish *w,
                       struct session *ret_session, struct act_result *ret);

/* ---- lists ---- */
struct my_case { struct id16 case_id; struct summary summary; bool via_desk; };
/* The neediest first. Whoever holds more than a list has room for gets the own ones before the desk's, and *ret_more. */
MUST enum err flow_my_cases(struct flow *f, struct arena *a, const struct cookie_secret *c, struct session *ret_session,
                            struct my_case **ret, size_t *ret_n, bool *ret_more);
struct my_rung {
	struct id16 rung_id, case_id, task_id;
	struct instant due;
	uint8_t severity, step;
	enum task_kind task;
	bool desk;
	struct str alias, code;        /* of the case, unset for a rung without one */
};
MUST enum err flow_my_day(struct flow *f, struct arena *a, const struct cookie_secret *c, size_t limit,
                          struct session *ret_session, struct my_rung **ret, size_t *ret_n);
/* Find among what I hold, by code, number or name (DECISIONS 35). Always the same answer for the rest. *ret_more: so many
 * are held that not all were looked through for the name. */
struct found { struct id16 case_id; struct summary summary; };
MUST enum err flow_find(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str query,
                        struct session *ret_session, struct found **ret, size_t *ret_n, bool *ret_more);
/* Packages handed to my cases or my desk. */
struct inbox_item {
	struct id16 deposit_id, case_id;   /* case_id: the receiving case, or the desk */
	enum package_kind kind;
	struct str sender, ground, text, document_hash;
	struct instant sent;
	bool desk;
	bool same_person;                  /* no package of another authority: the same number was registered again */
	struct str code;
	const struct event *event;         /* what acceptance appends; NULL for same_person */
};
MUST enum err flow_inbox(struct flow *f, struct arena *a, const struct cookie_secret *c,
                         struct session *ret_session, struct inbox_item **ret, size_t *ret_n);
/* Accept or put aside: a command on the receiving case, or a new dossier for a desk (DECISIONS 14, 50). */
MUST enum err flow_accept(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 deposit,
                          bool accept, struct str token, struct session *ret_session, struct act_result *ret);
/* What waits in Inkorg: how many packages of other authorities, which are not opened for it; and each "possible same
 * person", which is when there is one: a true one is in the list, a false one is put aside without a word. */
struct inbox_waiting { size_t packages; struct inbox_item *same; size_t n_same; };
MUST enum err flow_inbox_waiting(struct flow *f, struct arena *a, const struct cookie_secret *c, struct inbox_waiting *ret);

/* ---- people ---- */
struct member { struct id16 user; struct str name, title; uint32_t compartments; };
MUST enum err flow_grant(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 case_id,
                         struct id16 user, enum role role, struct session *ret_session, struct act_result *ret);
MUST enum err flow_staff(struct flow *f, struct arena *a, const struct cookie_secret *c,
                         struct session *ret_session, struct staff **ret, size_t *ret_n);
struct account {
	struct id16 user; struct str name, title; uint64_t roles;
	bool invited, disabled, certified; int signatures; struct instant expires;
	bool holds_standing;
};
MUST enum err flow_accounts(struct flow *f, struct arena *a, const struct cookie_secret *c,
                            struct session *ret_session, struct account **ret, size_t *ret_n);
struct invite_wish { struct str login, name, title; uint64_t roles; };
MUST enum err flow_invite(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct invite_wish *w,
                          struct session *ret_session, struct str *ret_code);
/* The invited person: code and passphrase in, TOTP secret out (base32, shown once). */
MUST enum err flow_enrol(struct flow *f, struct arena *a, struct str login, struct str code, struct str passphrase,
                         struct str *ret_totp);
MUST enum err flow_certify(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                           struct session *ret_session, bool *ret_whole);
/* Give a certified user the standing keys of its roles, by a holder. */
MUST enum err flow_grant_standing(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                                  struct session *ret_session);
/* Makes the new epochs that wait since somebody left, as far as this person can and a few dossiers at a time; `waiting`:
 * how many of the dossiers in hand still wait. What others have done meanwhile is no fault. */
struct new_epochs { size_t done, waiting; };
MUST enum err flow_new_epochs(struct flow *f, struct arena *a, const struct cookie_secret *c, struct new_epochs *ret);
/* Refused with *ret_last_of > 0 when the user is the last holder of that many streams. */
MUST enum err flow_disable(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                           struct session *ret_session, size_t *ret_last_of);
/* The log, newest first, of entries older than `before` (0: from the newest): all of it, or what one person did (user), or
 * what was done with the case of a code; whether there is such a case is not asked. `from` and `until`: only what was done from
 * the one on and before the other, zero for no bound. `reached`: where to go on, 0 at the end. */
struct review_wish { uint64_t before; struct id16 user; bool by_code; uint32_t code; struct instant from, until; };
struct review_page { struct review_entry *entries; size_t n; uint64_t reached; };
MUST enum err flow_review(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct review_wish *w,
                          struct session *ret_session, struct review_page *ret);

/* core/core.h — the pure decision: what a case is, and what may happen to it.
 *
 * Runs in: web, verbs, tests.   Depends on: base, tables.   Never: I/O, clock, randomness, globals.
 *
 * A case is the fold of its events. Everything from outside comes in as values: the moment, fresh ids, the
 * actor, the profile. A decision is either a refusal or 1..n events; never both, never neither.
 *
 * Invariants
 *   C1  case_apply of a decided event equals what a replay of the journal gives.
 *   C2  a refusal changes nothing.
 *   C3  a guard reads only the compartments its command row declares, and head.
 *   C4  a guard marked (task) never refuses: it makes a task due the same or the next working day.
 *   C5  nothing that stands on an urgent path (intake, acute help, note, report of threat) can be refused for
 *       want of a form, a signature or another person. */
#pragma once
#include "base/base.h"
#include "tables/tables.h"

/* One journal event. `data` points at the kind's own struct (tables.h: struct ev_note for EV_NOTE ...). */
struct event {
	enum event_kind kind;
	uint16_t compartment;
	uint64_t seq;              /* 0 until appended */
	struct instant noted;      /* stamped by the vault; unset in a decision */
	struct instant happened;   /* when it took place; unset = when noted */
	struct id16 author;        /* stamped by the vault */
	struct str author_name, author_title;
	enum source_class source;
	const void *data;
};

struct profile;
struct kase;                       /* the fold; core/state.h has its fields for pages that show it */
struct kase *case_new(struct arena *a);
/* Fold one event. Unknown kinds (written by a newer program) are kept as unread and never an error. */
void case_apply(struct arena *a, struct kase *k, const struct event *e);

/* Payload bytes: `name:length:value\n` lines in UTF-8 (DECISIONS 17). The vault writes the lines `noted` and
 * `author` in front; decode reads them back. ERR_CORRUPT when a line is malformed, ERR_FULL for the arena. */
struct str event_encode(struct arena *a, const struct event *e);
MUST enum err event_decode(struct arena *a, uint16_t compartment, uint64_t seq, struct str plain, struct event *ret);
/* A stream's snapshot: the events of the compartment that still matter, never note texts. */
struct str snapshot_encode(struct arena *a, const struct kase *k, uint16_t compartment);
MUST enum err snapshot_apply(struct arena *a, struct kase *k, uint16_t compartment, struct str plain);
/* The sealed summary of a case in head, at most 256 bytes; what lists show. */
struct summary {
	struct str alias;
	enum phase phase;
	bool acute;
	struct day acute_since, acute_review;
	enum threat_class threat;      /* THREAT_NOT_ASSESSED is no level */
	struct day threat_until;
	struct str next_step;          /* text of the nearest task, or unset */
	struct day next_due;
	bool danger_reported, plan_agreed, desk_only;
};
struct str summary_encode(struct arena *a, const struct summary *s);
MUST enum err summary_decode(struct arena *a, struct str plain, struct summary *ret);
void case_summary(struct arena *a, const struct kase *k, struct summary *ret);

/* Who acts, and with which compartments in hand. */
struct actor {
	struct id16 user;
	struct str name, title;
	enum role role;                /* the role of the grant that opened the case */
	uint32_t held;                 /* compartments, bit c */
	enum controller_kind controller_kind; /* CONTROLLER_SOCIAL, CONTROLLER_POLICE */
};
/* Facts from outside that a decision may need. */
#define DECIDE_FRESH 80            /* ids a decision may use at most */
struct facts {
	struct instant now;
	struct id16 case_id;           /* of the case decided on; for a new one its fresh id */
	struct str authority;          /* the controller's name, for packages: "Socialnämnden i Exempelstad" */
	struct actor actor;
	struct id16 desk;              /* the controller's desk dossier: last rung of every ladder */
	const struct profile *profile; /* core/profile.h */
	const struct id16 *fresh;      /* random ids to use, in order; DECIDE_FRESH are always enough */
	size_t n_fresh;
	/* Staff the actor may name (from the directory), for fields of type PERSON, and whom ladders of reminders may
	 * reach (command_wants_staff). Without it the desk gets what a manager or a colleague would have got. */
	const struct staff *staff;
	size_t n_staff;
	/* Persons with an open account who hold more of the case than its head, for taking one of them off it. */
	const struct id16 *holders;
	size_t n_holders;
};
struct staff { struct id16 user; struct str name, title; uint64_t roles; };

/* Something the clock must do: one row each (DECISIONS 34). */
struct rung {
	struct id16 id, assignee;      /* assignee: a user, or the desk */
	struct instant due;
	uint8_t severity;              /* 1 note, 2 today, 3 danger */
	enum task_kind task;
	struct id16 task_id;           /* the task event it belongs to */
	uint8_t step;                  /* 0 first, 1 deputy, 2 desk */
};
/* A reminder that keeps everything but its time. */
struct rung_move { struct id16 id; struct instant due; };
/* A package to another dossier (DECISIONS 13, 50). */
struct package {
	enum package_kind kind;
	struct id16 to_case;           /* zero: the police desk */
	uint16_t to_compartment;
	struct str payload;            /* encoded like an event */
};
struct refusal {
	enum refusal_id id;            /* tables/refusals.def: rule, basis, Swedish text, remedy */
	const char *field;             /* field of the form it belongs to, or NULL */
};
struct decision {
	bool refused;
	struct refusal refusal;
	struct event *events; size_t n_events;
	struct rung *rungs; size_t n_rungs;
	struct id16 *cancelled; size_t n_cancelled;   /* rung ids that the new fact makes void */
	struct package *packages; size_t n_packages;
	struct rung_move *moved; size_t n_moved;      /* only of case_redate */
};
/* Decide a command. `input` is the command's own struct (tables.h: struct cmd_X), already parsed and within its
 * field limits. ERR_FULL when the arena is full; otherwise OK and *ret is a refusal or events. */
MUST enum err case_decide(struct arena *a, const struct kase *k, enum command_id c, const void *input,
                          const struct facts *f, struct decision *ret);
/* Reminders follow the profile they were dated by; when the profile has changed, a member's opening dates them anew
 * (DECISIONS 34). Is there a task here that whoever holds these compartments can date? Looks at open tasks alone. */
bool case_is_stale(const struct kase *k, const struct profile *p, uint32_t held);
/* New dates of those tasks by facts.profile: the tasks, their reminders and who has them stay. Any member may be the
 * actor. n_events is 0 when nothing is stale. Needs no fresh ids. ERR_FULL. */
MUST enum err case_redate(struct arena *a, const struct kase *k, const struct facts *f, struct decision *ret);
/* Compartments whose versions the command names in a dossier of such an authority; from its table row. */
uint32_t command_reads(enum command_id c, enum controller_kind kind);
/* Compartments that must be open for its decision; 0: every one held. What makes reminders may name people out of any
 * of them. */
uint32_t command_opens(enum command_id c);
/* The one entry of a STEADY command, without author or moment: what its decision holds in every state that does not refuse
 * it. ERR_INVALID for other commands, ERR_FULL. */
MUST enum err command_entry(struct arena *a, enum command_id c, const void *input, const struct facts *f, struct event *ret);
/* Does no state with this summary refuse the STEADY command to this actor? */
bool command_entry_allowed(enum command_id c, const struct summary *s, const struct actor *who);
/* Which commands this actor may give in this state now, for buttons: bit per command_id. Shows nothing that a
 * decision would refuse for state or role. */
bool command_offered(const struct kase *k, enum command_id c, const struct actor *who);

/* Makes reminders for other people than those the case names: load the directory into facts.staff. */
bool command_wants_staff(enum command_id c);
/* May this choice be taken in this person's dossiers? false: show it, if at all, as not available. */
bool choice_offered(const struct choice_list *l, unsigned number, const struct actor *who);

/* Forms: the same table rows seen from the screen and the API. */
struct field_error { const char *field; struct str text; };
struct field_value { const char *field; struct str text; }; /* what was typed, by field name */
/* Parse typed values into the command's struct. All errors are collected, each a clear Swedish sentence.
 * Returns OK with *ret_n_errors == 0 when *ret_input may be decided on. */
MUST enum err command_parse(struct arena *a, enum command_id c, const struct field_value *v, size_t n,
                            const struct facts *f, const void **ret_input,
                            struct field_error **ret_errors, size_t *ret_n_errors);

/* core/state.h — what a case is at this moment: the fold of its events, for those who show it.
 *
 * Runs in: web, verbs, tests.   Depends on: core/core.h.   Never: written to outside core/apply.c.
 *
 * Invariants
 *   K1  every member comes from one compartment alone, named in the comment; a reader without the compartment
 *       sees it unset.
 *   K2  no member holds prose that a snapshot leaves out (FIELD_PROSE); the words stand in the journal.
 *   K3  pointers are NULL and days unset until the fact is known. */
#pragma once
#include "core/core.h"

/* An event that still matters, with its key (zero when the kind has none). */
struct kept { const struct event *event; struct id16 key; };

struct task_state {
	struct id16 id;
	enum task_kind kind;
	struct instant due, created;
	struct person assignee;        /* a zero id: the desk */
	struct str what;               /* own words of a task made by hand, else unset */
	struct id16 about;             /* the meeting, investigation ... it belongs to, or zero */
	struct id16 rungs[3];          /* zero where there is no rung */
	bool cover;                    /* due on a day off: the desk has it too */
	struct instant made;           /* when it began to run, whoever has had it since */
	int64_t profile;               /* version of the profile that dated it */
	bool danger;
};
struct member_state { struct person person; struct str function; };
struct consent_row { enum party party; enum consent_state state; struct day until; };
struct meeting_state {
	struct id16 id;
	enum meeting_kind kind;
	struct instant at;
	uint64_t parties;              /* bit 1 << PARTY_X */
	struct str place;
	bool held;
	enum yesno requirements, summary_shown;
};
struct goal_state { struct id16 id; const struct ev_goal *goal; };
enum investigation_step { INVESTIGATION_OPEN, INVESTIGATION_PROPOSED, INVESTIGATION_DECIDED, INVESTIGATION_CLOSED };
struct investigation_state {
	struct id16 id;
	enum investigation_step step;
	const struct ev_investigation_opened *opened;
	const struct ev_decision_proposed *proposed;  /* NULL until then */
	const struct ev_decision_made *decided;
	const struct ev_decision_completed *completed;
	const struct ev_investigation_ended *ended;
	struct instant decided_at;
};
struct person_state { struct id16 id; const struct ev_person_added *person; };
struct conflict_state { struct person who; enum yesno conflict; };

struct kase {
	/* head */
	enum controller_kind controller;
	enum phase phase;
	struct day phase_since[16];    /* by enum phase; unset where the case has not been */
	struct str alias;              /* what lists show; unset when none was given */
	struct instant received, opened_at;
	enum danger_now danger;        /* shared fact "danger reported" is danger == DANGER_YES */
	struct instant danger_at;
	bool acute;
	struct day acute_since, acute_review;
	struct person acute_decider;
	unsigned acute_reviews;
	const struct ev_acute_ended *acute_ended;
	enum threat_class threat;      /* THREAT_NOT_ASSESSED is no level */
	struct day threat_until, threat_assessed;
	struct hash32 signed_social, signed_police;  /* documents signed; zero: none */
	struct day signed_social_on, signed_police_on;
	bool plan_agreed;
	struct day plan_agreed_on;
	struct person officer, second;
	bool taken;                    /* an officer is named; until then the desk holds the case */
	struct member_state *members; size_t n_members;
	struct task_state *tasks; size_t n_tasks;    /* open ones, in order of due */
	const struct ev_task_ticked *ticked;         /* the newest tick, until it is taken back */
	struct id16 ticked_by;
	struct instant ticked_at;
	bool ticked_left;              /* whose task it was has left the case since */
	struct consent_row *consents; size_t n_consents;

	/* identity */
	const struct ev_identity *identity;
	const struct ev_protection_checked *protection;

	/* social */
	const struct ev_intake *intake;
	const struct ev_danger_told *danger_told;
	struct conflict_state *conflicts; size_t n_conflicts; /* risk in a police dossier */
	const struct ev_acute_measure **acute_measures; size_t n_acute_measures;
	struct instant last_contact, last_attempt;
	enum contact_mood last_mood;
	struct meeting_state *meetings; size_t n_meetings;    /* by time; risk in a police dossier */
	const struct ev_initial_assessed *initial;
	const struct ev_motivation_assessed *motivation;
	const struct ev_motivation_phase *motivation_phase;
	const struct ev_police_requested *police_request;     /* the newest */
	struct instant police_requested_at;
	size_t n_police_requests;
	const struct ev_joint_written *joint;
	struct instant joint_at; struct str joint_author;
	const struct ev_position *position;
	struct instant position_at; struct str position_author;
	struct investigation_state *investigations; size_t n_investigations;
	const struct ev_planning_started *planning;

	/* plan */
	struct goal_state *goals; size_t n_goals;
	const struct ev_contact_lead *contact_lead;
	enum cadence cadence;
	const struct ev_plan_words *plan_words;

	/* risk */
	enum danger_now last_threat_danger;
	struct instant last_threat_at;
	const struct ev_summary_accepted *summary;
	struct instant summary_at;
	const struct ev_signature_accepted *signature;
	struct id16 other_case;        /* the other authority's dossier, zero until one of its packages was accepted */
	/* risk, police dossier */
	const struct ev_request_accepted *request;
	struct instant request_at;
	const struct ev_joint_received *joint_received;
	const struct ev_threat_assessed *threat_assessment;
	struct day risk_analysis_on;
	const struct ev_summary_handed *summary_handed;
	struct instant summary_handed_at;

	/* relatives */
	struct person_state *persons; size_t n_persons;

	/* what a snapshot keeps, by compartment 0..31 */
	struct kept *kept[32]; size_t n_kept[32];
};

/* Is the newest joint assessment signed by the socialtjänst, and by the police? */
bool joint_signed_by(const struct kase *k, enum controller_kind side);
/* Day n of the acute protection at a day: 1 on the first day. 0 when it is not on. */
int acute_day(const struct kase *k, struct day on);
/* "Akut skydd pågår. Dag 12. Omprövas senast 9 dec." and, when the review day has passed, "Akut skydd pågår.
 * Dag 29. Skydd och betalning fortsätter. Skriv skäl och nytt datum." Unset when it is not on. */
struct str acute_text(struct arena *a, const struct kase *k, struct day today);
/* "Hög (3 av 4). Polisen 18 nov. Gäller till 25 nov.", "Ingen hotbild känd (0 av 4). ..." or
 * "Hotbilden är inte bedömd än. ..." (UX 3.4). */
struct str threat_text(struct arena *a, const struct kase *k, struct day today);
/* The newest held or next coming meeting of a kind; NULL when there is none. */
const struct meeting_state *meeting_of_kind(const struct kase *k, enum meeting_kind kind, bool held);
/* The newest coordination meeting held with the person; NULL when none. */
const struct meeting_state *coordination_held(const struct kase *k);
/* The next meeting that has not been held; NULL when none. */
const struct meeting_state *next_meeting(const struct kase *k);
const struct investigation_state *investigation_by_id(const struct kase *k, struct id16 id);
const struct task_state *task_by_id(const struct kase *k, struct id16 id);
/* Whether this user may take back the newest tick at this moment; what was ticked is open again only as a task of the same id. */
bool tick_may_be_undone(const struct kase *k, struct id16 user, struct instant now);
/* The words of the task that was ticked last. */
struct str ticked_text(struct arena *a, const struct kase *k);
/* The words of a task: its own, or those of its kind, for a meeting with the kind of meeting. */
struct str task_text(struct arena *a, const struct kase *k, const struct task_state *t);
enum consent_state consent_of(const struct kase *k, enum party p);

/* What a field of type PICK may pick in this case, for the form: value (id in hex) and Swedish text. */
struct option { struct str value, text; };
MUST enum err case_options(struct arena *a, const struct kase *k, enum thing t, struct option **ret, size_t *ret_n);

/* Timeline: one or two readable Swedish sentences about an event, and all its fields with their labels. */
struct str event_text(struct arena *a, const struct event *e);
struct shown_field { const char *name, *label; struct str text; };
MUST enum err event_fields(struct arena *a, const struct event *e, struct shown_field **ret, size_t *ret_n);
/* Bookkeeping that repeats what another event of the same act says (tasks, shared facts): a short timeline may leave
 * it out. */
bool event_is_bookkeeping(const struct event *e);
/* Where in the timeline an event is named in addresses and corrections: "2.17". */
struct str event_entry(struct arena *a, const struct event *e);

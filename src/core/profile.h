/* core/profile.h — a programme's profile: what one municipality has decided about its way of working.
 *
 * A profile is a text file with its own small grammar (profiles/generic.profile shows every line). The generic
 * one is built in. Runs in: web, verbs, tests.   Depends on: base, tables.   Never: reads a file.
 *
 * Invariants
 *   P1  a profile that parses has every value; a wrong line is named by number in plain words.
 *   P2  nothing in a profile can put a form, a signature or a person between someone in danger and help. */
#pragma once
#include "base/base.h"
#include "tables/tables.h"

/* Who is asked when a second person is needed at night. */
enum night_second { NIGHT_DUTY_MANAGER = 1, NIGHT_POLICE_DESK };

struct profile {
	struct str name, programme;
	int first_meeting_days;        /* 0 the same day, 1 the next (inv.T1) */
	enum cadence contact, contact_acute;
	int acute_review_days;         /* 28: a review date, never a ceiling (inv.T2) */
	int escalation_hours;          /* between the rungs of a FAST ladder */
	int threat_answer_hours, worry_answer_hours, child_concern_hours;
	int police_answer_days, signature_days, decide_days; /* working days */
	int follow_plan_days;
	int workday_noon;              /* before this hour a WORKDAY task is due the same day */
	enum night_second night_first, night_then;
	/* Commands one authorised person may give alone, bit per command_id. */
	uint64_t alone;
	/* Of the settings that date a reminder, and of nothing else: the same values give the same number, however the
	 * text is written. 1 .. INT32_MAX. */
	int64_t version;
};
struct profile_fault { int line; struct str text; };
/* ERR_INVALID with *ret_fault filled; ERR_FULL; OK with *ret. Strings are views of `text` copied into `a`. */
MUST enum err profile_parse(struct arena *a, struct str text, struct profile *ret, struct profile_fault *ret_fault);
/* The built-in generic profile; never NULL, always parses. */
struct str profile_generic_text(void);
MUST enum err profile_generic(struct arena *a, struct profile *ret);
bool profile_alone(const struct profile *p, enum command_id c);

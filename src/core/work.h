/* core/work.h — a decision being made: events, tasks, rungs and packages as they are put together.
 *
 * Runs in: web, verbs.   Depends on: core/state.h.   Never: refuses (that was asked before). Private to core.
 *
 * Invariants
 *   W1  ids come from facts.fresh alone, in order; running out marks the work full.
 *   W2  an event goes to the compartment its row names for this kind of dossier. */
#pragma once
#include "core/state.h"
#include "core/profile.h"
#include "core/record.h"

/* The most that a decision may hold; of a steady command's, one entry. */
#define WORK_EVENTS 160
#define WORK_RUNGS 80
#define WORK_CANCELLED 400

struct work {
	struct arena *a;
	const struct kase *k;
	const struct facts *f;
	const struct profile *profile;
	enum controller_kind controller;
	struct person officer, second; /* as they will be after this decision */
	const struct ev_contact_lead *lead;
	enum cadence cadence;          /* the contact's pace after this decision */
	bool acute;
	size_t fresh;
	struct decision *d;
	size_t most_events, most_rungs, most_cancelled;
	bool full;
	struct id16 closed[64];        /* tasks this decision has closed */
	size_t n_closed;
	enum task_kind made[64];       /* and kinds it has made */
	size_t n_made;
};

struct id16 work_id(struct work *w);
struct person work_actor(const struct work *w);
/* A new struct of a record, with unset values. NULL marks the work full. */
void *work_record(struct work *w, enum record_id r);
#define NEW(w, name) ((struct ev_##name *)work_record((w), RECORD_##name))
/* Append an event; `data` is not copied. */
struct event *work_emit(struct work *w, enum event_kind k, const void *data);
void work_package(struct work *w, enum package_kind p, enum event_kind k, const void *data);
void work_phase(struct work *w, enum phase p);

/* Tasks and their ladders (core/ladder.c). */
struct task_wish {
	enum task_kind kind;
	struct instant due;            /* of tasks whose due rule is GIVEN */
	struct id16 about;
	struct str what;
	struct person assignee;        /* unset: by the task's row */
	bool danger;                   /* severity 3 and the desk at once */
	struct instant made;           /* of a task that goes on with somebody else; unset (0): now */
	struct id16 id;                /* of one that is open again; zero: a new one */
};
void task_make(struct work *w, const struct task_wish *t);
/* The same unless one of the kind is open, or this decision makes one. */
void task_need(struct work *w, enum task_kind kind);
/* Close every open task of a kind; with `about` set only those that are about it. */
void task_fulfil(struct work *w, enum task_kind kind, struct id16 about);
void task_close(struct work *w, const struct task_state *t, enum task_outcome how);
/* Closed by hand: the event holds what is needed to take it back. */
void task_tick(struct work *w, const struct task_state *t);
/* Closes it and makes it anew for somebody, with the ladder as it now is. */
void task_move(struct work *w, const struct task_state *t, struct person to);
/* Somebody of the team beside this one; unset when the directory names nobody. */
struct person colleague_of(const struct work *w, struct id16 not_this);
/* Dates it anew by the profile: the same task and reminders, other times. */
void task_redate(struct work *w, const struct task_state *t);
bool task_is_open(const struct work *w, enum task_kind kind);
/* The watchdog: closes the contact task and makes the next one by the pace in force, if there is one. */
void contact_renew(struct work *w);
struct instant hours_from(struct instant t, int hours);
/* 17.00 on the n-th working day after today. */
struct instant after_working_days(struct day today, int n);

/* One function a command, by name: act_note ... They only build; guards have already been asked. */
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	void act_##name(struct work *w, const struct cmd_##name *in);
#define TAKES(command, record)
#define GUARD(command, guard)
#define END(name)
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END

/* One function a guard: true when it lets the command through (core/guards.c). */
struct guard_case { const struct kase *k; const struct facts *f; enum command_id command; const void *in; };
bool guard_passes(enum guard_id g, const struct guard_case *c);

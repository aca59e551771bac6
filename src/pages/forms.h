/* pages/forms.h — a command's form, made from its row in the tables: fields, hints, choices, errors.
 *
 * Runs in: web.   Depends on: pages/page.h, core.   Never: validates (command_parse does). */
#pragma once
#include "pages/page.h"

#define FORM_PEOPLE 64

/* What a form may offer besides the table's own choices. */
struct form_options {
	const struct kase *state;            /* for fields that pick a task, a meeting, a goal ... */
	const struct staff *staff;           /* for fields that name staff; NULL: the case's own people */
	size_t n_staff;
	const struct event *newest;          /* for corrections */
	size_t n_newest;
};
struct form_wish {
	enum command_id command;
	struct id16 case_id;                 /* zero for the intake */
	struct str on;                       /* version it is shown with */
	struct form_options options;
	const struct field_error *errors;
	size_t n_errors;
	struct html_part notice;
	struct str title, intro;             /* unset: the command's own heading */
	bool top;                            /* the screen's only heading */
	bool inside;                         /* inside a card of a case page: optional fields on a page of their own */
	bool same_token;                     /* shown again with what was typed: keep its token, so that it saves once */
	bool untitled;                       /* the card round it has the heading */
	struct token back;                   /* page to return to, or unset */
};
struct html_part command_form(struct request *r, const struct form_wish *w);
/* What was typed, by the names of the command's fields: three numbers become a day, a choice and a clock a moment. */
const struct field_value *form_values(struct request *r, enum command_id c, struct instant now, size_t *ret_n);
/* What the case knows already, as an input of the command that nothing has been typed in; NULL without a case. */
const void *form_start(struct request *r, enum command_id c, const struct kase *k);
/* A field of it as the form writes it; "" and no bits where nothing is known. */
struct str start_text(struct arena *a, const struct form_field *f, const void *in);
uint64_t start_choices(const struct form_field *f, const void *in);
/* The name of a person who is not in the staff list. */
struct str start_name(const struct form_field *f, const void *in);
/* What usually follows at once, in the same sitting: its fields or its button stand in the first one's form. It is
 * decided by the core like any other command. CMD_NONE when nothing does. */
enum command_id form_follow(enum command_id c);
/* Has the following command been asked for in this request? */
bool form_follow_wanted(struct request *r, enum command_id c);
/* Does the form name staff, so that the directory must be opened? */
bool form_names_staff(enum command_id c);

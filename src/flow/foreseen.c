/* flow/foreseen.c — plans a STEADY command's rows before the case is opened, and keeps them if that was what was decided. */
#include "flow/foreseen.h"
#include "flow/act.h"
#include "flow/rows.h"

struct foreseen *foreseen_new(struct flow *f, struct arena *a, const struct act_wish *w)
{
	const struct command_row *row = command_row(w->command);
	if (!row || !(row->flags & COMMAND_STEADY) || flow_now(f).us == 0)
		return NULL;
	struct foreseen *s = ARENA_NEW(a, struct foreseen);
	if (s)
		s->wish = w;
	return s;
}

/* The facts that are known without a key. What is typed may be refused for others: then nothing is foreseen. */
static bool facts_before(struct flow *f, const struct vault_who *who, const struct loaded *clear, struct facts *ret)
{
	const struct controller_info *own = flow_controller(f, clear->controller);
	if (!own)
		return false;
	*ret = (struct facts){ .now = clear->now, .actor = { .user = who->user, .name = STR(""), .title = STR(""), .controller_kind = own->kind },
	                       .desk = own->desk, .profile = &f->profile, .case_id = clear->case_id, .authority = own->name };
	return true;
}

/* Nothing besides the entry is due in its stream. */
static bool stands_alone(const struct loaded *l, const struct event *e)
{
	if (e->compartment >= STREAMS_MAX)
		return false;
	const struct stream_state *s = &l->stream[e->compartment];
	return s->there && s->seq - s->snapshot_seq < SNAPSHOT_EVERY;
}

static enum err plan_entry(struct foreseen *s)
{
	struct loaded *l = &s->on;
	struct stream_state *stream = &l->stream[s->event.compartment];
	struct row_events row = { .case_id = l->case_id, .compartment = s->event.compartment, .seq = (int64_t)stream->seq + 1,
	                          .epoch = stream->epoch };
	enum err e = put_event(&s->plan, l->controller, &row, s->entry);
	stream->seq++;
	l->version.seq[s->event.compartment] = stream->seq;
	return e;
}

void foreseen_plan(struct foreseen *s, struct flow *f, struct arena *a, const struct cookie_secret *c,
                   const struct vault_who *who, const struct loaded *clear)
{
	const struct act_wish *w = s->wish;
	struct facts facts;
	const void *input = NULL;
	struct field_error *errors = NULL;
	size_t n_errors = 0;
	if (clear->earlier.answer.n > 0 || !(command_row(w->command)->roles & who->roles))
		return;
	s->on = *clear;
	s->on.now = flow_now(f);
	if (!facts_before(f, who, &s->on, &facts))
		return;
	if (command_parse(a, w->command, w->values, w->n_values, &facts, &input, &errors, &n_errors) != OK || n_errors > 0)
		return;
	s->input = input;
	if (command_entry(a, w->command, input, &facts, &s->event) != OK || !stands_alone(&s->on, &s->event))
		return;
	s->event.author_name = s->event.author_title = STR_UNSET;
	s->entry = event_encode(a, &s->event);
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_CASE_WORK, .act = w->act, .asked = w->case_id, .reason = STR("") };
	plan_begin(&s->plan, f, a, &why, &s->on);
	s->planned = s->entry.p && plan_entry(s) == OK && plan_token(&s->plan, w->token, who->user) == OK;
	/* The vault's own clock says when it was noted. */
	s->plan.not_before = (struct instant){ 0 };
}

enum err foreseen_open(struct foreseen *s, struct arena *a, const struct vault_open *ask, struct vault_open_reply *ret)
{
	struct flow *f = s->plan.flow;
	struct vault_open_seal both = { .open = *ask };
	struct vault_open_seal_reply reply = { .status = OK };
	plan_ask(&s->plan, &both.seal);
	flow_saving_begin(f);
	enum err e = vault_open_seal(f->vault, a, &both, &reply);
	*ret = reply.opened;
	s->owed = e == OK && reply.sealed.status == OK;
	if (s->owed)
		plan_sealed_as(&s->plan, &reply.sealed);
	else
		flow_saving_end(f);
	return e == OK ? reply.opened.status : e;
}

bool foreseen_is(const struct foreseen *s, struct arena *a, const struct decision *d)
{
	if (!s->owed || d->n_events != 1 || d->n_rungs + d->n_cancelled + d->n_packages > 0)
		return false;
	struct event e = d->events[0];
	e.author_name = e.author_title = STR_UNSET;
	struct str entry = event_encode(a, &e);
	return entry.p && e.compartment == s->event.compartment && str_eq(entry, s->entry);
}

static enum err outcome(struct foreseen *s, bool commit)
{
	struct flow *f = s->plan.flow;
	enum err e = commit ? plan_commit(&s->plan) : plan_lost(&s->plan);
	s->owed = false;
	flow_saving_end(f);
	return e;
}

enum err foreseen_save(struct foreseen *s, const struct loaded *l, struct act_result *ret)
{
	enum err e = outcome(s, true);
	if (e != OK)
		return e;
	s->on.version.held = l->held;
	ret->saved = true;
	ret->case_id = l->case_id;
	ret->version = version_encode(s->plan.arena, &s->on.version);
	ret->n_events = 1;
	ret->noted = s->plan.noted;
	return ret->version.p ? OK : ERR_FULL;
}

void foreseen_end(struct foreseen *s)
{
	if (!s || !s->owed)
		return;
	enum err ignored = outcome(s, false);
	(void)ignored;
}

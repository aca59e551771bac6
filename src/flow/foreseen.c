/* flow/foreseen.c — plans a steady command's rows, opens the summary and seals them at once, and commits them if it may. */
#include "flow/foreseen.h"
#include "flow/act.h"
#include "flow/rows.h"

struct foreseen {
	struct flow *flow;
	struct arena *arena;
	const struct act_wish *wish;
	const struct vault_who *who;
	const struct controller_info *own;
	struct row_grants *grant;
	struct q_case_epochs_row *streams;
	size_t n_streams;
	struct row_summaries *summary;
	struct loaded on;        /* as its clear columns have the case: of its streams what the rows need */
	struct event event;
	struct version before, after, answer;
	struct write_plan plan;
};

/* ---- what was typed ---- */

/* Its entry, as for a case of the asker's own authority. False: something in it must be mended. */
static bool foresee_entry(struct foreseen *s)
{
	const struct act_wish *w = s->wish;
	const void *input = NULL;
	struct field_error *errors = NULL;
	size_t n_errors = 0;
	struct facts facts = { .now = flow_now(s->flow), .desk = s->own->desk, .profile = &s->flow->profile, .case_id = w->case_id,
	                       .actor = { .user = s->who->user, .name = STR(""), .title = STR(""), .controller_kind = s->own->kind },
	                       .authority = s->own->name };
	if (command_parse(s->arena, w->command, w->values, w->n_values, &facts, &input, &errors, &n_errors) != OK || n_errors > 0)
		return false;
	return command_entry(s->arena, w->command, input, &facts, &s->event) == OK && s->event.compartment < STREAMS_MAX;
}

/* ---- what stands in clear ---- */

static enum err read_all(struct foreseen *s, struct db *db)
{
	const struct act_wish *w = s->wish;
	size_t n = 0;
	enum err e = q_case_by_id(db, s->arena, w->case_id, asker_of(s->who), &s->grant, &n);
	if (e != OK || n == 0)
		return e;
	e = q_case_epochs(db, s->arena, w->case_id, case_place(w->case_id), s->event.compartment, &s->streams, &s->n_streams);
	return e != OK ? e : q_summary_row(db, s->arena, case_place(w->case_id), w->case_id, &s->summary, &n);
}

static bool take_clear(struct foreseen *s)
{
	const struct row_grants *row = s->grant;
	struct loaded *l = &s->on;
	*l = (struct loaded){ .case_id = row->case_id, .controller = row->controller, .holder = row->holder,
	                      .shred_slot = (uint32_t)row->shred_slot, .grant = row->accepted, .now = flow_now(s->flow) };
	for (size_t i = 0; i < s->n_streams; i++) {
		const struct q_case_epochs_row *v = &s->streams[i];
		if (v->compartment < 0 || v->compartment >= STREAMS_MAX)
			return false;
		/* The newest epoch comes last. */
		l->stream[v->compartment] = (struct stream_state){ .there = true, .epoch = (uint32_t)v->epoch, .seq = (uint32_t)v->seq };
	}
	return true;
}

/* A grant that is rewritten at its opening, a summary under an older key, somebody else's case and a stream that is due for a
 * snapshot go the ordinary way. So does a token that was answered already, when its row is found to be taken. */
static bool is_ordinary(const struct foreseen *s)
{
	const struct stream_state *t = &s->on.stream[s->event.compartment];
	if (!s->grant->accepted.p || s->grant->renewals.p || !s->summary || !id_eq(s->grant->controller, s->own->id))
		return true;
	return s->summary->epoch != s->on.stream[COMPARTMENT_HEAD].epoch || !t->there || t->seq % SNAPSHOT_EVERY == 0;
}

/* ---- the plan ---- */

/* What is held stands sealed: it is taken out when that is known. */
static enum err take_answer(struct foreseen *s)
{
	const unsigned c = s->event.compartment;
	struct version shown;
	enum err e = version_decode(s->wish->on, &shown);
	s->before = (struct version){ .held = UINT32_MAX };
	s->before.seq[c] = s->on.stream[c].seq;
	s->after = s->before;
	s->after.seq[c]++;
	s->answer = version_after(&shown, &s->before, &s->after);
	return e;
}

static enum err plan_all(struct foreseen *s, const struct vault_why *why)
{
	struct loaded *l = &s->on;
	s->event.author_name = s->event.author_title = STR_UNSET;
	struct row_events row = next_event_row(l->case_id, s->event.compartment, &l->stream[s->event.compartment]);
	plan_begin(&s->plan, s->flow, s->arena, why, l);
	enum err e = put_event(&s->plan, l->controller, &row, event_encode(s->arena, &s->event));
	if (e != OK)
		return e;
	e = plan_token(&s->plan, s->wish->token, s->who->user, &s->before, &s->after);
	/* The vault's own clock says when it was noted. */
	s->plan.not_before = (struct instant){ 0 };
	return e;
}

/* ---- the message ---- */

static bool is_allowed(struct foreseen *s, const struct opened_group *g)
{
	struct summary summary;
	struct actor actor = { .user = s->who->user, .role = (enum role)g->role, .held = g->held, .controller_kind = s->own->kind };
	if (g->n_items != 1 || g->items[0].status != OK || summary_decode(s->arena, g->items[0].plain, &summary) != OK)
		return false;
	return command_entry_allowed(s->wish->command, &summary, &actor);
}

static enum err commit(struct foreseen *s, const struct opened_group *g, struct act_result *ret)
{
	enum err e = plan_commit(&s->plan);
	if (e != OK)
		return e;
	s->answer.held &= g->held;
	ret->saved = true;
	ret->case_id = s->on.case_id;
	ret->version = version_encode(s->arena, &s->answer);
	ret->n_events = 1;
	ret->noted = s->plan.noted;
	return ret->version.p ? OK : ERR_FULL;
}

static enum err open_and_seal(struct foreseen *s, const struct vault_why *why, struct session *ret_session, struct act_result *ret)
{
	struct flow *f = s->flow;
	const struct loaded *l = &s->on;
	struct open_item item = { .at = summary_at(l->controller, l->case_id, (uint32_t)s->summary->epoch, (uint64_t)s->summary->version),
	                          .envelope = s->summary->envelope };
	struct open_group group = grant_group(s->grant, &item, 1);
	struct vault_open_seal ask = { .open = { .why = *why, .groups = &group, .n_groups = 1 } };
	struct vault_open_seal_reply reply = { .status = OK };
	plan_ask(&s->plan, &ask.seal);
	enum err e = vault_open_seal(f->vault, s->arena, &ask, &reply);
	if (!id_is_zero(reply.opened.who.user))
		session_fill(f, &why->cookie, &reply.opened.who, reply.opened.now, ret_session);
	if (e != OK || reply.sealed.status != OK)
		return e;
	plan_sealed_as(&s->plan, &reply.sealed);
	if (reply.opened.status == OK && reply.opened.n_groups == 1 && is_allowed(s, &reply.opened.groups[0]))
		return commit(s, &reply.opened.groups[0], ret);
	return plan_lost(&s->plan);
}

enum err foreseen_act(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                      const struct act_wish *w, struct session *ret_session, struct act_result *ret)
{
	const struct command_row *row = command_row(w->command);
	const struct controller_info *own = flow_controller(f, who->controller);
	if (!row || !own || !(row->flags & COMMAND_STEADY) || !(row->roles & who->roles) || flow_now(f).us == 0)
		return OK;
	struct foreseen *s = ARENA_NEW(a, struct foreseen);
	if (!s)
		return ERR_FULL;
	*s = (struct foreseen){ .flow = f, .arena = a, .wish = w, .who = who, .own = own };
	if (!foresee_entry(s))
		return OK;
	struct db *db = store_reader_to_write(f->store);
	enum err e = read_all(s, db);
	store_reader_done(f->store, db);
	if (e != OK || !s->grant)
		return e;
	if (!take_clear(s) || is_ordinary(s) || take_answer(s) != OK)
		return OK;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_CASE_WORK, .act = w->act, .asked = w->case_id, .reason = STR("") };
	if ((e = plan_all(s, &why)) != OK)
		return e;
	flow_saving_begin(f);
	e = open_and_seal(s, &why, ret_session, ret);
	flow_saving_end(f);
	return e;
}

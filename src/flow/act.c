/* flow/act.c — one command from the form to the journal. */
#include "flow/rows.h"
#include "flow/new_case.h"
#include "flow/act.h"
#include "flow/foreseen.h"
#include "flow/holders.h"
#include "flow/same.h"
#include <stdatomic.h>

#define TRIES 12

/* ---- facts ---- */

/* The named persons with an open account who hold a case, those with head alone left out. */
static enum err holders_of(
	struct flow *f, struct arena *a, struct id16 case_id, enum controller_kind kind, struct facts *ret)
{
	struct q_holders_of_case_row *rows = NULL;
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_holders_of_case(db, a, case_id, &rows, &n);
	store_reader_done(f->store, db);
	struct id16 *ids = ARENA_ARRAY(a, struct id16, n + 1);
	if (e != OK || !ids)
		return e != OK ? e : ERR_FULL;
	for (size_t i = 0; i < n; i++)
		if (rows[i].disabled.set && !rows[i].disabled.v && keeps_cases(rows[i].certificate, kind))
			ids[ret->n_holders++] = rows[i].grant.holder;
	ret->holders = ids;
	return OK;
}

enum err facts_of(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct loaded *l,
                  enum command_id command, const struct field_value *v, size_t n_values, struct facts *ret)
{
	const struct controller_info *own = flow_controller(f, l->controller);
	struct id16 *fresh = NULL;
	enum err e;
	if (!own)
		return ERR_CORRUPT;
	size_t n_fresh = command_row(command)->flags & COMMAND_STEADY ? 0 : DECIDE_FRESH;
	if (n_fresh > 0 && (e = random_ids(a, n_fresh, &fresh)) != OK)
		return e;
	*ret = (struct facts){
		.now = l->now,
		.actor = { .user = l->who.user, .name = l->who.name.p ? l->who.name : STR(""),
		           .title = l->who.title.p ? l->who.title : STR(""), .role = l->role, .held = l->held,
		           .controller_kind = own->kind },
		.desk = own->desk, .profile = &f->profile, .case_id = l->case_id, .authority = own->name, .fresh = fresh, .n_fresh = n_fresh,
	};
	if (command == CMD_REMOVE_MEMBER && (e = holders_of(f, a, l->case_id, own->kind, ret)) != OK)
		return e;
	if (!command_names_staff(command))
		return OK;
	struct staff *staff = NULL;
	size_t n = 0;
	if ((e = staff_for(f, a, c, own->id, command, v, n_values, &staff, &n)) != OK)
		return e;
	ret->staff = staff;
	ret->n_staff = n;
	return OK;
}

/* ---- a command on a case ---- */

/* The newest entry in what moved: whose saving came between. */
static void name_conflict(const struct loaded *l, const struct version *shown, uint32_t reads, struct act_result *ret)
{
	ret->conflict = true;
	for (size_t i = l->n_events; i > 0; i--) {
		const struct event *e = &l->events[i - 1];
		if (!(reads & (UINT32_C(1) << e->compartment)) || e->seq <= shown->seq[e->compartment])
			continue;
		ret->conflict_name = e->author_name;
		ret->conflict_at = e->noted;
		return;
	}
}

static void check_version(struct arena *a, const struct act_wish *w, const struct loaded *l, enum controller_kind kind,
                          const struct version *shown, struct act_result *ret)
{
	if ((command_row(w->command)->flags & COMMAND_COMMUTES) || !w->on.p)
		return;
	uint32_t reads = command_reads(w->command, kind);
	if (version_moved(shown, &l->version, reads)) {
		name_conflict(l, shown, reads, ret);
		ret->version = version_encode(a, &l->version);
	}
}

static enum err parse_and_decide(struct arena *a, const struct act_wish *w, const struct loaded *l,
                                 const struct facts *facts, struct decision *d, struct act_result *ret)
{
	const void *input = NULL;
	enum err e = command_parse(a, w->command, w->values, w->n_values, facts, &input, &ret->errors, &ret->n_errors);
	if (e != OK || ret->n_errors > 0)
		return e;
	if ((e = case_decide(a, l->state, w->command, input, facts, d)) != OK)
		return e;
	if (d->refused)
		ret->refusal = d->refusal;
	return OK;
}

enum err plan_save(struct write_plan *p, const struct decision *d, const struct facts *facts, const struct version *shown,
                   struct str token, struct act_result *ret)
{
	struct version before = p->on->version;
	enum err e;
	if ((e = plan_members(p, d, facts)) != OK)
		return e;
	if ((e = plan_leaving(p, d)) != OK)
		return e;
	if ((e = plan_decision(p, d, facts)) != OK)
		return e;
	struct version answered = version_after(shown, &before, &p->on->version);
	struct str version = version_encode(p->arena, &answered);
	if ((e = plan_token(p, token, facts->actor.user, &before, &p->on->version)) != OK)
		return e;
	if ((e = plan_run(p)) != OK)
		return e;
	ret->saved = true;
	ret->case_id = p->on->case_id;
	ret->version = version;
	ret->n_events = d->n_events;
	ret->noted = p->noted;
	ret->unindexed = p->unindexed;
	return OK;
}

/* ---- the number index (DECISIONS 35) ---- */

/* The row stands already when the case once had this number, or one that falls into the same bucket. An old number's
 * row remains: it leads to a case whose sealed number is another, which is no hit. */
static enum err plan_bucket(struct write_plan *p, const struct row_buckets *row, bool *ret_stood)
{
	struct row_buckets *there = NULL;
	size_t n = 0;
	struct db *db = store_reader(p->flow->store);
	enum err e = q_bucket_row(db, p->arena, row->controller, row->bucket, row->case_id, &there, &n);
	store_reader_done(p->flow->store, db);
	*ret_stood = n > 0;
	return e != OK || n > 0 ? e : put_bucket(p, row);
}

/* From now on the case is found by this number, and whoever has another case with it is told. `had`: the case has the number
 * already, and this is done only if the index did not take it then. */
static enum err plan_number(struct write_plan *p, const struct controller_info *own, struct str number, bool had)
{
	if (number.n == 0)
		return OK;
	struct vault_index ask = { .why = p->why, .number = number, .registers = 1 };
	struct vault_index_reply reply = { .status = OK };
	enum err e = vault_index(p->flow->vault, p->arena, &ask, &reply);
	if (e == ERR_DENIED) {
		p->unindexed = true; /* the person is still registered, and whoever saves is told */
		return OK;
	}
	if (e != OK)
		return e;
	/* The newest epoch's: who has left cannot tell what is registered from now on. */
	if (reply.n == 0)
		return ERR_CORRUPT;
	struct row_buckets row = { .controller = own->id, .bucket = reply.keys[0].bucket, .case_id = p->on->case_id };
	bool stood = false;
	e = plan_bucket(p, &row, &stood);
	return e != OK || (had && stood) ? e : plan_same(p, own, &reply);
}

/* Before the decision is planned, which folds the number into the state. */
static enum err plan_typed_number(struct write_plan *p, const struct decision *d)
{
	const struct ev_identity *now = p->on->state->identity;
	const struct controller_info *own = flow_controller(p->flow, p->on->controller);
	struct str number = decision_number(d);
	if (!own)
		return ERR_CORRUPT;
	return plan_number(p, own, number, now && now->number.p && str_eq(now->number, number));
}

static size_t stripe_of(struct id16 case_id)
{
	return case_id.b[0] % AGAIN;
}

static bool others_wait(struct flow *f, const struct act_wish *w)
{
	return atomic_load(&f->waiting[stripe_of(w->case_id)]) > 0;
}

static enum err try_act(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                        const struct act_wish *w, bool newcomer, struct session *ret_session, struct act_result *ret)
{
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!l)
		return ERR_FULL;
	struct load_wish load = { .case_id = w->case_id, .purpose = PURPOSE_CASE_WORK, .act = w->act, .reason = STR(""),
	                          .newest = 0, .only = command_opens(w->command), .to_write = true,
	                          .token = w->token.n > 0 ? answer_name(w->token) : (struct id16){ { 0 } } };
	enum err e = case_load(f, a, c, who, &load, l);
	if (!id_is_zero(l->who.user))
		session_fill(f, c, &l->who, l->now, ret_session);
	if (e != OK)
		return e;
	struct version shown;
	if ((e = version_decode(w->on, &shown)) != OK)
		return e;
	answer_again(a, &l->earlier, l->now, l->held, &shown, ret);
	if (ret->saved)
		return OK;
	if (newcomer && others_wait(f, w))
		return ERR_CONFLICT;
	struct facts facts;
	struct decision d = { .n_events = 0 };
	if ((e = facts_of(f, a, c, l, w->command, w->values, w->n_values, &facts)) != OK)
		return e;
	if ((e = parse_and_decide(a, w, l, &facts, &d, ret)) != OK || ret->n_errors > 0)
		return e;
	check_version(a, w, l, facts.actor.controller_kind, &shown, ret);
	if (ret->conflict || d.refused)
		return OK;
	struct write_plan p;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_CASE_WORK, .act = w->act, .asked = w->case_id,
	                         .reason = STR("") };
	plan_begin(&p, f, a, &why, l);
	if ((e = plan_typed_number(&p, &d)) != OK)
		return e;
	return plan_save(&p, &d, &facts, &shown, w->token, ret);
}

/* ---- an intake: the case begins with the command ---- */

static enum role registering_role(uint64_t roles)
{
	return (roles & ROLE_BIT(COORDINATOR)) ? ROLE_COORDINATOR : ROLE_SOCIAL_WORKER;
}

static enum err try_intake(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct act_wish *w,
                           struct session *ret_session, struct act_result *ret)
{
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	const struct controller_info *own = flow_controller(f, ret_session->who.controller);
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!own)
		return ERR_DENIED;
	if (!l)
		return ERR_FULL;
	struct earlier_answer earlier = { .answer = STR_UNSET };
	if (w->token.n > 0) {
		struct db *db = store_reader(f->store);
		e = read_earlier(db, a, ret_session->user, answer_name(w->token), &earlier);
		store_reader_done(f->store, db);
	}
	if (e != OK)
		return e;
	enum role role = registering_role(ret_session->who.roles);
	uint32_t held = role_compartments(role, own->kind) & dossier_compartments(own->kind);
	struct version none_seen = { .held = 0 };
	answer_again(a, &earlier, ret_session->now, held, &none_seen, ret);
	if (ret->saved)
		return OK;
	struct loaded none = { .controller = own->id, .who = ret_session->who, .now = ret_session->now, .role = role,
	                       .held = held, .state = case_new(a) };
	struct facts facts;
	struct decision d = { .n_events = 0 };
	if (!none.state)
		return ERR_FULL;
	if ((e = draw_case_id(f, a, own->id, &none.case_id)) != OK)
		return e;
	if ((e = facts_of(f, a, c, &none, w->command, w->values, w->n_values, &facts)) != OK)
		return e;
	if ((e = parse_and_decide(a, w, &none, &facts, &d, ret)) != OK || ret->n_errors > 0 || d.refused)
		return e;
	struct write_plan p;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_INTAKE, .act = w->act, .reason = STR("") };
	plan_begin(&p, f, a, &why, NULL);
	if ((e = new_case(&p, own, none.case_id, &ret_session->who, role, ret_session->now, l)) != OK)
		return e;
	if ((e = plan_number(&p, own, decision_number(&d), false)) != OK)
		return e;
	return plan_save(&p, &d, &facts, &none_seen, w->token, ret);
}

static enum err act_once(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct act_wish *w,
                         bool newcomer, struct session *ret_session, struct act_result *ret)
{
	struct vault_who who;
	*ret = (struct act_result){ .case_id = w->case_id };
	if (id_is_zero(w->case_id))
		return try_intake(f, a, c, w, ret_session, ret);
	enum err e = flow_who(f, a, c, &who);
	if (e == OK && newcomer && !others_wait(f, w))
		e = foreseen_act(f, a, c, &who, w, ret_session, ret);
	return e != OK || ret->saved ? e : try_act(f, a, c, &who, w, newcomer, ret_session, ret);
}

static enum err act_until_saved(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct act_wish *w,
                                struct session *ret_session, struct act_result *ret)
{
	enum err e = act_once(f, a, c, w, true, ret_session, ret);
	if (e != ERR_CONFLICT)
		return e;
	/* Only who may write to the case has come here, so the waiting tells nobody else that it is busy. */
	size_t stripe = stripe_of(w->case_id);
	pthread_mutex_t *turn = &f->again[stripe];
	atomic_fetch_add(&f->waiting[stripe], 1);
	assert_always(pthread_mutex_lock(turn) == 0);
	for (int i = 1; i < TRIES && e == ERR_CONFLICT; i++)
		e = act_once(f, a, c, w, false, ret_session, ret);
	assert_always(pthread_mutex_unlock(turn) == 0);
	atomic_fetch_sub(&f->waiting[stripe], 1);
	return e;
}

/* How many others have the number must not show in the time it takes (DECISIONS 37). */
static bool tells_number(const struct act_wish *w)
{
	return id_is_zero(w->case_id) || w->command == CMD_UPDATE_IDENTITY;
}

enum err flow_act(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct act_wish *w,
                  struct session *ret_session, struct act_result *ret)
{
	enum err e = act_until_saved(f, a, c, w, ret_session, ret);
	if (tells_number(w))
		flow_wait_slot(f);
	f->conflicts += e == ERR_CONFLICT || (e == OK && ret->conflict);
	f->refusals += e == OK && !ret->saved && !ret->conflict && ret->n_errors == 0;
	return e;
}

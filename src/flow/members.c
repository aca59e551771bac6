/* flow/members.c — grants for those a decision names, so that naming somebody is giving access. */
#include "flow/rows.h"
#include "flow/act.h"
#include "flow/holders.h"

#define NAMED_MAX 8

struct named {
	struct id16 user[NAMED_MAX];
	size_t n;
};

static void add_named(struct named *n, struct id16 user)
{
	for (size_t i = 0; i < n->n; i++)
		if (id_eq(n->user[i], user))
			return;
	if (!id_is_zero(user) && n->n < NAMED_MAX)
		n->user[n->n++] = user;
}

static struct named named_by(const struct decision *d)
{
	struct named n = { .n = 0 };
	for (size_t i = 0; i < d->n_events; i++) {
		const struct event *e = &d->events[i];
		if (e->kind == EV_OFFICERS) {
			add_named(&n, ((const struct ev_officers *)e->data)->officer.id);
			add_named(&n, ((const struct ev_officers *)e->data)->second.id);
		} else if (e->kind == EV_MEMBER_NAMED) {
			add_named(&n, ((const struct ev_member_named *)e->data)->member.id);
		} else if (e->kind == EV_CONTACT_LEAD) {
			add_named(&n, ((const struct ev_contact_lead *)e->data)->lead.id);
			add_named(&n, ((const struct ev_contact_lead *)e->data)->deputy.id);
		} else if (e->kind == EV_TASK_CREATED) {
			/* A task for the manager is of no use to one who cannot see what it is about. */
			const struct ev_task_created *t = e->data;
			if (t->kind != TASK_NONE && task_row(t->kind)->who == TASK_FOR_MANAGER)
				add_named(&n, t->assignee.id);
		}
	}
	return n;
}

/* What the widest of somebody's roles may be granted in this kind of dossier. */
static uint32_t most_of(uint64_t roles, enum controller_kind kind, enum role *ret)
{
	uint32_t best = 0;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		uint32_t may = role_compartments((enum role)r, kind);
		if (!(roles & (UINT64_C(1) << r)) || __builtin_popcount(may) <= __builtin_popcount(best))
			continue;
		best = may;
		*ret = (enum role)r;
	}
	return best;
}

/* The role of a member is the one that may hold most in this kind of dossier. */
static bool member_role(const struct facts *f, struct id16 user, enum role *ret)
{
	uint64_t roles = 0;
	for (size_t i = 0; i < f->n_staff; i++)
		if (id_eq(f->staff[i].user, user))
			roles = f->staff[i].roles;
	return most_of(roles, f->actor.controller_kind, ret) != 0;
}

static enum err grant_to(struct write_plan *p, struct id16 user, enum role role, enum controller_kind kind, uint32_t serial)
{
	struct loaded *l = p->on;
	struct vault_grant ask = {
		.why = p->why, .controller = l->controller, .case_id = l->case_id, .own = l->grant, .shred_slot = l->shred_slot,
		.wish = { .holder = user, .compartments = role_compartments(role, kind) & l->held, .role = (uint16_t)role,
		          .purpose = PURPOSE_CASE_WORK, .serial = serial },
	};
	struct vault_grant_reply reply = { .status = OK };
	enum err e = vault_grant(p->flow->vault, p->arena, &ask, &reply);
	if (e != OK)
		return e;
	struct row_grants row = { .holder = user, .case_id = l->case_id, .controller = l->controller, .shred_slot = l->shred_slot,
	                          .place = case_place(l->case_id), .serial = serial, .version = 1, .wrapped = reply.grant };
	/* A new epoch that came meanwhile would not reach this grant: then it is given again. */
	for (unsigned c = 0; e == OK && c < STREAMS_MAX; c++)
		if (ask.wish.compartments & (UINT32_C(1) << c))
			e = expect_epoch(p, l->case_id, c, l->stream[c].epoch);
	return e == OK ? put_grant(p, &row) : e;
}

struct holding {
	struct q_grants_of_case_row *rows;
	size_t n;
	uint32_t serial;
	bool desk;
	size_t people; /* who hold more than the head: a manager does not stand in for a colleague (DECISIONS 24, 29) */
};

static enum err count_person(struct db *db, struct arena *a, struct id16 user, enum controller_kind kind, struct holding *h)
{
	struct row_users *row = NULL;
	enum err e = q_user_by_id(db, a, user, &row, &(size_t){ 0 });
	h->people += e == OK && row && !row->disabled && keeps_cases(row->certificate, kind);
	return e;
}

static enum err holding_of(struct write_plan *p, struct id16 desk, enum controller_kind kind, struct holding *h)
{
	struct db *db = store_reader(p->flow->store);
	enum err e = q_grants_of_case(db, p->arena, p->on->case_id, &h->rows, &h->n);
	for (size_t i = 0; e == OK && i < h->n; i++) {
		if ((uint32_t)h->rows[i].serial > h->serial)
			h->serial = (uint32_t)h->rows[i].serial;
		if (id_eq(h->rows[i].holder, desk))
			h->desk = true;
		else
			e = count_person(db, p->arena, h->rows[i].holder, kind, h);
	}
	store_reader_done(p->flow->store, db);
	return e;
}

static bool holds(const struct holding *h, struct id16 user)
{
	for (size_t i = 0; i < h->n; i++)
		if (id_eq(h->rows[i].holder, user))
			return true;
	return false;
}

static enum err drop_desk(struct write_plan *p, struct id16 desk)
{
	struct row_grants *row = NULL;
	struct db *db = store_reader(p->flow->store);
	enum err e = q_grant_row(db, p->arena, desk, p->on->case_id, &row, &(size_t){ 0 });
	store_reader_done(p->flow->store, db);
	if (e != OK || !row)
		return e;
	return drop_grant(p, row);
}

enum err plan_members(struct write_plan *p, const struct decision *d, const struct facts *facts)
{
	struct named n = named_by(d);
	struct holding h = { .n = 0 };
	enum err e;
	if (n.n == 0 || p->on->version.seq[COMPARTMENT_HEAD] == 0) /* a new dossier has its grants already */
		return OK;
	if ((e = holding_of(p, facts->desk, facts->actor.controller_kind, &h)) != OK)
		return e;
	for (size_t i = 0; i < n.n; i++) {
		enum role role = ROLE_COORDINATOR;
		if (holds(&h, n.user[i]) || !member_role(facts, n.user[i], &role))
			continue;
		if ((e = grant_to(p, n.user[i], role, facts->actor.controller_kind, ++h.serial)) != OK)
			return e;
		h.people += (role_compartments(role, facts->actor.controller_kind) & ~IN(HEAD)) != 0;
	}
	return h.desk && h.people >= 2 ? drop_desk(p, facts->desk) : OK;
}

struct str decision_number(const struct decision *d)
{
	for (size_t i = 0; i < d->n_events; i++)
		if (d->events[i].kind == EV_IDENTITY) {
			struct str number = ((const struct ev_identity *)d->events[i].data)->number;
			return number.p ? number : STR("");
		}
	return STR("");
}

bool command_names_staff(enum command_id c)
{
	if (command_wants_staff(c))
		return true;
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(c, fields);
	for (size_t i = 0; i < n; i++)
		if (fields[i].type == FIELD_PERSON)
			return true;
	return false;
}

enum err flow_grant(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 case_id,
                    struct id16 user, enum role role, struct session *ret_session, struct act_result *ret)
{
	struct vault_who who;
	struct loaded *l = ARENA_NEW(a, struct loaded);
	struct holding h = { .n = 0 };
	enum err e = flow_who(f, a, c, &who);
	if (e != OK)
		return e;
	if (!l)
		return ERR_FULL;
	struct load_wish load = { .case_id = case_id, .purpose = PURPOSE_CASE_WORK, .act = STR("grant"), .reason = STR("") };
	e = case_load(f, a, c, &who, &load, l);
	if (!id_is_zero(l->who.user))
		session_fill(f, c, &l->who, l->now, ret_session);
	if (e != OK)
		return e;
	const struct controller_info *own = flow_controller(f, l->controller);
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_CASE_WORK, .act = STR("grant"), .asked = case_id,
	                         .reason = STR("") };
	struct write_plan p;
	plan_begin(&p, f, a, &why, l);
	if (!own || (role_compartments(role, own->kind) & l->held) == 0)
		return ERR_DENIED;
	if ((e = holding_of(&p, own->desk, own->kind, &h)) != OK)
		return e;
	if (holds(&h, user))
		return ERR_EXISTS;
	if ((e = grant_to(&p, user, role, own->kind, h.serial + 1)) != OK || (e = plan_run(&p)) != OK)
		return e;
	*ret = (struct act_result){ .saved = true, .case_id = case_id };
	return OK;
}

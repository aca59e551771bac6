/* flow/inbox.c — packages handed to my cases or my desk: list them, accept them, put them aside. */
#include "flow/rows.h"
#include "flow/act.h"
#include "flow/new_case.h"
#include "flow/same.h"
#include "core/package.h"
#include "crypto/bytes.h"
#include <string.h>

#define INBOX_LIMIT 100
#define PUT_ASIDE 2
#define ACCEPTED 1

static enum err open_deposits(struct flow *f, struct arena *a, const struct vault_why *why,
                              struct q_deposits_waiting_row *rows, size_t n, const struct vault_who *who,
                              struct vault_open_reply *reply)
{
	struct open_group *groups = ARENA_ARRAY(a, struct open_group, n + 1);
	struct open_item *items = ARENA_ARRAY(a, struct open_item, n + 1);
	struct older_keys *older = ARENA_ARRAY(a, struct older_keys, n + 1);
	if (!groups || !items || !older)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		bool desk = id_eq(rows[i].deposit.case_id, who->standing[1]);
		items[i] = (struct open_item){ .at = deposit_at(rows[i].grant.controller, &rows[i].deposit),
		                               .envelope = rows[i].deposit.payload };
		older[i] = (struct older_keys){ (uint16_t)rows[i].deposit.compartment, (uint32_t)rows[i].newest_epoch, rows[i].older };
		groups[i] = desk ? (struct open_group){ .items = &items[i], .n_items = 1 }
		                 : grant_group(&rows[i].grant, &items[i], 1);
		groups[i].older = &older[i];
		groups[i].n_older = rows[i].older.p != NULL;
	}
	struct vault_open ask = { .why = *why, .groups = groups, .n_groups = n };
	return vault_open(f->vault, a, &ask, reply);
}

/* A deposit may be found through the own grant and through the desk's; once is enough. */
static size_t unique(struct q_deposits_waiting_row *rows, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < kept && !id_eq(rows[k].deposit.deposit_id, rows[i].deposit.deposit_id))
			k++;
		if (k == kept)
			rows[kept++] = rows[i];
	}
	return kept;
}

static void keep_deposits(struct flow *f, struct arena *a, const struct vault_why *why,
                          const struct q_deposits_waiting_row *rows, size_t n, const struct vault_open_reply *reply)
{
	struct write_plan p;
	plan_begin(&p, f, a, why, NULL);
	for (size_t i = 0; i < n && i < reply->n_groups; i++) {
		const struct opened_group *g = &reply->groups[i];
		if (g->accepted.n > 0)
			keep_accepted(f, a, why, &rows[i].grant, g->accepted);
		if (g->n_items != 1 || g->items[0].rewrapped.n == 0)
			continue;
		struct row_deposits row = rows[i].deposit;
		row.payload = g->items[0].rewrapped;
		row.version++;
		if (rewrap_deposit(&p, &row) != OK)
			return;
	}
	enum err e = plan_run(&p);
	(void)e;
}

/* A true one is shown; a false one is put aside without a word. */
static enum err show_same(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                          const struct q_deposits_waiting_row *row, struct opened_item *opened, struct inbox_item *out,
                          size_t *kept)
{
	bool same = false;
	enum err e = same_is_true(f, a, c, who, row->deposit.case_id, opened->plain, &same);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (same) {
		out[*kept] = (struct inbox_item){ .deposit_id = row->deposit.deposit_id, .case_id = row->deposit.case_id,
		                                  .code = case_code_str(a, row->deposit.case_id) };
		same_item(a, opened->plain, &out[(*kept)++]);
		return OK;
	}
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_INBOX, .act = STR("same_person"), .reason = STR("") };
	struct write_plan p;
	struct row_deposits r = row->deposit;
	r.accepted = PUT_ASIDE;
	r.version++;
	opened->rewrapped = STR_UNSET; /* it is not kept */
	plan_begin(&p, f, a, &why, NULL);
	if ((e = mark_deposit(&p, &r)) == OK)
		e = plan_run(&p);
	return e == ERR_CONFLICT ? OK : e;
}

enum err flow_inbox(struct flow *f, struct arena *a, const struct cookie_secret *c,
                    struct session *ret_session, struct inbox_item **ret, size_t *ret_n)
{
	struct vault_who who;
	struct q_deposits_waiting_row *rows = NULL;
	size_t n = 0, kept = 0;
	enum err e = flow_who(f, a, c, &who);
	if (e != OK)
		return e;
	struct asker asker = asker_of(&who);
	struct db *db = store_reader(f->store);
	e = q_deposits_waiting(db, a, asker, INBOX_LIMIT, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	n = unique(rows, n);
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_INBOX, .act = STR("inbox"), .reason = STR("") };
	struct vault_open_reply reply = { .status = OK };
	if ((e = open_deposits(f, a, &why, rows, n, &who, &reply)) != OK)
		return e;
	session_fill(f, c, &reply.who, reply.now, ret_session);
	struct inbox_item *out = ARENA_ARRAY(a, struct inbox_item, n + 1);
	if (!out)
		return ERR_FULL;
	for (size_t i = 0; i < n && i < reply.n_groups; i++) {
		struct package_view k;
		const struct opened_group *g = &reply.groups[i];
		if (g->n_items != 1 || g->items[0].status != OK || !g->items[0].plain.p)
			continue;
		if (is_same(g->items[0].plain)) {
			if ((e = show_same(f, a, c, &who, &rows[i], &g->items[0], out, &kept)) != OK)
				return e;
			continue;
		}
		if (package_decode(a, g->items[0].plain, &k) != OK)
			continue;
		bool desk = id_eq(rows[i].deposit.case_id, who.standing[1]);
		out[kept++] = (struct inbox_item){
			.deposit_id = rows[i].deposit.deposit_id, .case_id = rows[i].deposit.case_id, .kind = k.kind,
			.sender = k.sender, .ground = k.ground, .text = k.text, .document_hash = k.document_hash, .sent = k.sent,
			.desk = desk, .code = desk ? STR("") : case_code_str(a, rows[i].deposit.case_id), .event = k.event };
	}
	keep_deposits(f, a, &why, rows, n, &reply);
	*ret = out;
	*ret_n = kept;
	return OK;
}

/* Those to identity alone. */
static size_t to_identity(struct q_deposits_waiting_row *rows, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (rows[i].deposit.compartment == COMPARTMENT_IDENTITY)
			rows[kept++] = rows[i];
	return unique(rows, kept);
}

static enum err open_same(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                          struct inbox_waiting *ret)
{
	struct q_deposits_waiting_row *rows = NULL;
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_deposits_waiting(db, a, asker_of(who), INBOX_LIMIT, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK || (n = to_identity(rows, n)) == 0)
		return e;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_INBOX, .act = STR("same_person"), .reason = STR("") };
	struct vault_open_reply reply = { .status = OK };
	if ((e = open_deposits(f, a, &why, rows, n, who, &reply)) != OK)
		return e;
	if (!(ret->same = ARENA_ARRAY(a, struct inbox_item, n)))
		return ERR_FULL;
	for (size_t i = 0; e == OK && i < n && i < reply.n_groups; i++) {
		const struct opened_group *g = &reply.groups[i];
		if (g->n_items == 1 && g->items[0].status == OK && g->items[0].plain.p && is_same(g->items[0].plain))
			e = show_same(f, a, c, who, &rows[i], &g->items[0], ret->same, &ret->n_same);
	}
	if (e == OK)
		keep_deposits(f, a, &why, rows, n, &reply);
	return e;
}

enum err flow_inbox_waiting(struct flow *f, struct arena *a, const struct cookie_secret *c, struct inbox_waiting *ret)
{
	struct vault_who who;
	struct q_deposits_new_row *rows = NULL;
	size_t n = 0, same = 0;
	*ret = (struct inbox_waiting){ .packages = 0 };
	enum err e = flow_who(f, a, c, &who);
	if (e != OK)
		return e;
	struct db *db = store_reader(f->store);
	e = q_deposits_new(db, a, asker_of(&who), INBOX_LIMIT, &rows, &n);
	store_reader_done(f->store, db);
	for (size_t i = 0; i < n; i++)
		same += rows[i].compartment == COMPARTMENT_IDENTITY;
	ret->packages = n - same;
	return e == OK && same > 0 ? open_same(f, a, c, &who, ret) : e;
}

/* ---- accept ---- */

struct accepting {
	struct q_deposit_for_row *row;
	struct package_view package;
	struct str plain;
	bool desk;
};

/* Read the deposit with the asker's keys; "not mine" and "not there" are the same. */
static enum err take_deposit(struct flow *f, struct arena *a, const struct vault_why *why, const struct vault_who *who,
                             struct id16 deposit, struct session *ret_session, struct accepting *ret)
{
	struct asker asker = asker_of(who);
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_deposit_for(db, a, deposit, asker, &ret->row, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct open_item item;
	struct older_keys older;
	struct open_group group = { .n_items = 0 };
	if (n > 0) {
		ret->desk = id_eq(ret->row->deposit.case_id, who->standing[1]);
		item = (struct open_item){ .at = deposit_at(ret->row->grant.controller, &ret->row->deposit),
		                           .envelope = ret->row->deposit.payload };
		older = (struct older_keys){ (uint16_t)ret->row->deposit.compartment, (uint32_t)ret->row->newest_epoch, ret->row->older };
		group = ret->desk ? (struct open_group){ .items = &item, .n_items = 1 }
		                  : grant_group(&ret->row->grant, &item, 1);
		group.older = &older;
		group.n_older = ret->row->older.p != NULL;
	}
	struct vault_open ask = { .why = *why, .groups = &group, .n_groups = n ? 1 : 0 };
	struct vault_open_reply reply = { .status = OK };
	if ((e = vault_open(f->vault, a, &ask, &reply)) != OK)
		return e;
	session_fill(f, &why->cookie, &reply.who, reply.now, ret_session);
	if (n == 0 || reply.n_groups == 0 || reply.groups[0].n_items != 1 || reply.groups[0].items[0].status != OK)
		return ERR_NOT_FOUND;
	ret->plain = reply.groups[0].items[0].plain;
	return is_same(ret->plain) ? OK : package_decode(a, ret->plain, &ret->package);
}

static enum err plan_mark(struct write_plan *p, const struct q_deposit_for_row *row, int64_t mark)
{
	struct row_deposits r = row->deposit;
	r.accepted = mark;
	r.version++;
	return mark_deposit(p, &r);
}

static enum err decide_accept(struct write_plan *p, struct flow *f, struct arena *a, const struct cookie_secret *c,
                              struct accepting *k, struct loaded *l, struct str token, struct act_result *ret)
{
	enum command_id command = k->package.accept;
	uint8_t deposit[32];
	const void *input = NULL;
	struct facts facts;
	struct decision d = { .n_events = 0 };
	enum err e;
	bytes_blake32("avh.package.v1", k->row->deposit.payload, deposit);
	if ((e = package_input(a, &k->package, deposit, &input)) != OK)
		return e;
	if ((e = facts_of(f, a, c, l, command, NULL, 0, &facts)) != OK)
		return e;
	if ((e = case_decide(a, l->state, command, input, &facts, &d)) != OK)
		return e;
	if (d.refused) {
		ret->refusal = d.refusal;
		return OK;
	}
	if ((e = plan_mark(p, k->row, ACCEPTED)) != OK)
		return e;
	ret->command = command;
	return plan_save(p, &d, &facts, &(struct version){ .held = 0 }, token, ret);
}

/* A package to the desk begins a dossier of our own (DECISIONS 50). */
static enum err accept_to_new(struct write_plan *p, struct flow *f, struct arena *a, const struct cookie_secret *c,
                              struct accepting *k, const struct session *s, struct str token, struct act_result *ret)
{
	const struct controller_info *own = flow_controller(f, s->who.controller);
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!own || !l)
		return own ? ERR_FULL : ERR_DENIED;
	enum role role = own->kind == CONTROLLER_POLICE ? ROLE_POLICE : ROLE_COORDINATOR;
	struct id16 case_id;
	enum err e = draw_case_id(f, a, own->id, &case_id);
	if (e == OK)
		e = new_case(p, own, case_id, &s->who, role, s->now, l);
	return e != OK ? e : decide_accept(p, f, a, c, k, l, token, ret);
}

static enum err accept_to_case(struct write_plan *p, struct flow *f, struct arena *a, const struct cookie_secret *c,
                               struct accepting *k, const struct vault_who *who, struct str token, struct act_result *ret)
{
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!l)
		return ERR_FULL;
	struct load_wish w = { .case_id = k->row->deposit.case_id, .purpose = PURPOSE_INBOX, .act = p->why.act,
	                       .reason = STR(""), .newest = 0, .to_write = true };
	enum err e = case_load(f, a, c, who, &w, l);
	if (e != OK)
		return e;
	p->on = l;
	p->grant = l->grant;
	p->not_before = l->now;
	p->why.asked = l->case_id;
	return decide_accept(p, f, a, c, k, l, token, ret);
}

/* The package is gone when it has been taken; who asks again with the same token is answered by its case. */
static enum err taken_before(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                             struct str token, struct session *ret_session, struct act_result *ret)
{
	struct earlier_answer earlier = { .answer = STR_UNSET };
	struct loaded *l = ARENA_NEW(a, struct loaded);
	struct load_wish w = { .purpose = PURPOSE_INBOX, .act = STR("inbox_accept"), .reason = STR(""), .only = IN(HEAD),
	                       .token = answer_name(token) };
	struct db *db = store_reader(f->store);
	enum err e = read_earlier(db, a, who->user, w.token, &earlier);
	store_reader_done(f->store, db);
	if (e != OK || !l || earlier.answer.n < sizeof w.case_id)
		return e != OK || l ? e : ERR_FULL;
	memcpy(w.case_id.b, earlier.answer.p, sizeof w.case_id.b);
	e = case_load(f, a, c, who, &w, l);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	session_fill(f, c, &l->who, l->now, ret_session);
	answer_again(a, &l->earlier, l->now, l->held, &(struct version){ .held = 0 }, ret);
	return OK;
}

enum err flow_accept(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 deposit,
                     bool accept, struct str token, struct session *ret_session, struct act_result *ret)
{
	struct vault_who who;
	struct accepting k = { .desk = false };
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_INBOX, .act = STR("inbox_accept"), .asked = deposit,
	                         .reason = STR("") };
	*ret = (struct act_result){ .saved = false };
	enum err e = flow_who(f, a, c, &who);
	if (e == OK && accept && token.n > 0)
		e = taken_before(f, a, c, &who, token, ret_session, ret);
	if (e != OK || ret->saved)
		return e;
	if ((e = take_deposit(f, a, &why, &who, deposit, ret_session, &k)) != OK)
		return e;
	struct write_plan p;
	plan_begin(&p, f, a, &why, NULL);
	p.not_before = ret_session->now;
	if (!accept || is_same(k.plain)) {
		if ((e = plan_mark(&p, k.row, accept ? ACCEPTED : PUT_ASIDE)) != OK)
			return e;
		if ((e = plan_run(&p)) == OK)
			ret->saved = true;
		return e;
	}
	return k.desk ? accept_to_new(&p, f, a, c, &k, ret_session, token, ret)
	              : accept_to_case(&p, f, a, c, &k, &who, token, ret);
}

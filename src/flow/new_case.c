/* flow/new_case.c — makes a dossier: keys from the vault, its case, stream and grant rows, an empty fold. */
#include "flow/rows.h"
#include "flow/new_case.h"
#include "crypto/bytes.h"

#define CODE_TRIES 64

enum err random_ids(struct arena *a, size_t n, struct id16 **ret)
{
	struct id16 *ids = ARENA_ARRAY(a, struct id16, n);
	if (!ids)
		return ERR_FULL;
	bytes_random(ids, n * sizeof *ids);
	*ret = ids;
	return OK;
}

enum err draw_case_id(struct flow *f, struct arena *a, struct id16 controller, struct id16 *ret)
{
	for (int i = 0; i < CODE_TRIES; i++) {
		struct id16 id = bytes_random_id();
		struct q_code_taken_row *taken = NULL;
		struct q_place_taken_row *place = NULL;
		struct db *db = store_reader(f->store);
		enum err e = q_code_taken(db, a, controller, (int64_t)case_code_number(id), &taken, &(size_t){ 0 });
		if (e == OK)
			e = q_place_taken(db, a, case_place(id), case_place_last(id), &place, &(size_t){ 0 });
		store_reader_done(f->store, db);
		if (e != OK)
			return e;
		if (!taken && !place) {
			*ret = id;
			return OK;
		}
	}
	return ERR_SYSTEM;
}

static enum err desk_wish(struct flow *f, struct arena *a, const struct controller_info *c, uint32_t compartments,
                          struct grant_wish *ret)
{
	struct stream_to to;
	enum err e = stream_to(f, a, c->desk, COMPARTMENT_HEAD, &to);
	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	*ret = (struct grant_wish){ .holder = c->desk, .standing = true, .to_key = to.key, .compartments = compartments,
	                            .purpose = PURPOSE_CASE_WORK, .serial = 2 };
	return OK;
}

struct row_streams stream_row(struct id16 case_id, const struct new_stream *s)
{
	return (struct row_streams){ .place = event_place(case_id, s->compartment, s->deposit.epoch), .case_id = case_id,
	                             .compartment = s->compartment, .epoch = s->deposit.epoch,
	                             .deposit_key = { (const char *)s->deposit.key, sizeof s->deposit.key },
	                             .proof = { (const char *)s->deposit.proof, sizeof s->deposit.proof },
	                             .recovery_wrap = s->recovery_wrap, .older = s->older };
}

static enum err rows_of(struct write_plan *p, const struct vault_new_case *ask, const struct vault_new_case_reply *r)
{
	struct row_cases row = { .case_id = ask->case_id, .controller = ask->controller,
	                         .code = (int64_t)case_code_number(ask->case_id), .shred_slot = r->shred_slot,
	                         .version = 1, .recovery = r->recovery };
	enum err e = put_case(p, &row);
	for (size_t i = 0; e == OK && i < r->n_streams; i++) {
		struct row_streams stream = stream_row(ask->case_id, &r->streams[i]);
		e = put_stream(p, &stream);
	}
	for (size_t i = 0; e == OK && i < r->n_grants; i++) {
		bool own = i == 0 && r->own.n > 0;
		struct row_grants grant = { .holder = r->grants[i].holder, .case_id = ask->case_id, .controller = ask->controller,
		                            .shred_slot = r->shred_slot, .place = case_place(ask->case_id), .serial = (int64_t)i + 1,
		                            .version = 1, .wrapped = r->grants[i].grant,
		                            .accepted = own ? r->own : STR_UNSET };
		e = put_grant(p, &grant);
	}
	return e;
}

static void empty_case(struct arena *a, const struct vault_new_case *ask, const struct vault_new_case_reply *r,
                       enum role role, struct loaded *ret)
{
	struct loaded *l = ret;
	l->case_id = ask->case_id;
	l->controller = ask->controller;
	l->holder = ask->grants[0].holder;
	l->shred_slot = r->shred_slot;
	l->grant = r->own;
	l->held = ask->grants[0].compartments;
	l->version.held = l->held;
	l->role = role;
	l->summary_read = true;
	l->state = case_new(a);
	for (size_t i = 0; i < r->n_streams; i++) {
		struct stream_state *s = &l->stream[r->streams[i].compartment];
		s->there = true;
		s->epoch = r->streams[i].deposit.epoch;
	}
}

uint32_t dossier_compartments(enum controller_kind kind)
{
	/* Health and child streams come into being with their first entry, by who may hold them. */
	uint32_t later = UINT32_C(1) << COMPARTMENT_HEALTH | UINT32_C(1) << COMPARTMENT_CHILD;
	uint32_t all = 0;
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		all |= role_compartments((enum role)r, kind);
	return all & ~later;
}

enum err new_case(struct write_plan *p, const struct controller_info *c, struct id16 case_id,
                  const struct vault_who *who, enum role role, struct instant now, struct loaded *ret)
{
	struct flow *f = p->flow;
	struct grant_wish *wishes = ARENA_ARRAY(p->arena, struct grant_wish, 2);
	struct vault_new_case ask = { .why = p->why, .controller = c->id, .case_id = case_id, .compartments = dossier_compartments(c->kind),
	                              .grants = wishes, .n_grants = 2 };
	enum err e;
	if (!wishes)
		return ERR_FULL;
	ask.why.asked = case_id;
	wishes[0] = (struct grant_wish){ .holder = who->user, .compartments = role_compartments(role, c->kind) & ask.compartments,
	                                 .role = (uint16_t)role, .purpose = PURPOSE_CASE_WORK, .serial = 1 };
	if ((e = desk_wish(f, p->arena, c, ask.compartments, &wishes[1])) != OK)
		return e;
	struct vault_new_case_reply reply = { .status = OK };
	if ((e = vault_new_case(f->vault, p->arena, &ask, &reply)) != OK)
		return e;
	empty_case(p->arena, &ask, &reply, role, ret);
	ret->now = now;
	ret->who = *who;
	if (!ret->state)
		return ERR_FULL;
	p->on = ret;
	p->why.asked = ret->case_id;
	p->grant = ret->grant;
	p->not_before = now;
	return rows_of(p, &ask, &reply);
}

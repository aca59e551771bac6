/* flow/standing.c — gives a new colleague the standing keys, and notes what must be rotated when one leaves. */
#include "flow/rows.h"
#include "flow/standing.h"
#include "crypto/certificate.h"

#define HELD_AT_ONCE 1024

size_t standing_of_roles(const struct controller_info *c, uint64_t roles, struct id16 ret[STANDING_MAX])
{
	size_t n = 0;
	ret[n++] = c->directory;
	if (roles & CASE_ROLES)
		ret[n++] = c->desk;
	if (roles & TEAM)
		ret[n++] = c->index;
	if (roles & ROLE_BIT(REVIEWER))
		ret[n++] = c->review;
	return n;
}

struct id16 standing_at(const struct controller_info *c, size_t place)
{
	const struct id16 dossiers[STANDING_MAX] = { c->directory, c->desk, c->index, c->review };
	return dossiers[place];
}

struct standing_row {
	struct row_cases *row;
	struct row_grants *grant;
	uint32_t serial;
};

static enum err read_standing(struct flow *f, struct arena *a, struct id16 dossier, struct id16 user, struct standing_row *ret)
{
	struct q_grants_of_case_row *holders = NULL;
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_case_row(db, a, dossier, &ret->row, &(size_t){ 0 });
	if (e == OK)
		e = q_grant_row(db, a, user, dossier, &ret->grant, &(size_t){ 0 });
	if (e == OK)
		e = q_grants_of_case(db, a, dossier, &holders, &n);
	store_reader_done(f->store, db);
	ret->serial = 0;
	for (size_t i = 0; i < n; i++)
		if ((uint32_t)holders[i].serial > ret->serial)
			ret->serial = (uint32_t)holders[i].serial;
	return e;
}

/* The epoch of it that the session has, 0 when it is not held. */
static uint32_t held_epoch(const struct vault_who *who, struct id16 dossier)
{
	for (size_t i = 0; i < COUNT_OF(who->standing); i++)
		if (id_eq(who->standing[i], dossier))
			return who->standing_epoch[i];
	return 0;
}

static enum err grant_one(struct write_plan *p, const struct controller_info *own, struct id16 dossier, uint32_t epoch,
                          struct id16 user)
{
	struct standing_row s;
	enum err e = read_standing(p->flow, p->arena, dossier, user, &s);
	if (e != OK || s.grant)
		return e;
	if (!s.row)
		return ERR_CORRUPT;
	struct vault_grant ask = {
		.why = p->why, .controller = own->id, .case_id = dossier, .own = STR_UNSET, .shred_slot = (uint32_t)s.row->shred_slot,
		.wish = { .holder = user, .compartments = COMPARTMENT_BIT(COMPARTMENT_HEAD), .purpose = PURPOSE_ACCOUNTS,
		          .serial = s.serial + 1 },
	};
	struct vault_grant_reply reply = { .status = OK };
	if ((e = vault_grant(p->flow->vault, p->arena, &ask, &reply)) != OK)
		return e;
	struct row_grants row = { .holder = user, .case_id = dossier, .controller = own->id, .shred_slot = s.row->shred_slot,
	                          .place = case_place(dossier), .serial = s.serial + 1, .version = 1, .wrapped = reply.grant };
	if ((e = expect_epoch(p, dossier, COMPARTMENT_HEAD, epoch)) != OK)
		return e;
	return put_grant(p, &row);
}

enum err flow_grant_standing(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                             struct session *ret_session)
{
	struct row_users *row = NULL;
	struct certificate cert;
	struct id16 wanted[STANDING_MAX];
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	const struct controller_info *own = flow_controller(f, ret_session->who.controller);
	struct db *db = store_reader(f->store);
	e = q_user_by_id(db, a, user, &row, &(size_t){ 0 });
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	if (!own || !row || !row->certificate.p || row->disabled || !id_eq(row->controller, own->id))
		return ERR_NOT_FOUND;
	if ((e = certificate_parse(row->certificate, &cert)) != OK)
		return e;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = STR("account_standing"), .asked = user,
	                         .reason = STR("") };
	struct write_plan p;
	plan_begin(&p, f, a, &why, NULL);
	p.not_before = ret_session->now;
	size_t n = standing_of_roles(own, cert.roles, wanted), mine = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t epoch = held_epoch(&ret_session->who, wanted[i]);
		if (epoch == 0)
			continue;
		mine++;
		if ((e = grant_one(&p, own, wanted[i], epoch, user)) != OK)
			return e;
	}
	return mine == 0 ? ERR_DENIED : plan_run(&p);
}

static enum err rotation_rows(struct flow *f, struct arena *a, struct id16 user, struct q_streams_held_row **ret, size_t *ret_n)
{
	struct db *db = store_reader(f->store);
	enum err e = q_streams_held(db, a, user, HELD_AT_ONCE, ret, ret_n);
	store_reader_done(f->store, db);
	return e;
}

static enum err plan_waiting(struct write_plan *p, const struct q_streams_held_row *rows, size_t n)
{
	struct id16 *ids = NULL;
	enum err e = random_ids(p->arena, n + 1, &ids);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct row_jobs row = { .job_id = ids[i], .kind = JOB_ROTATE, .case_id = rows[i].case_id,
		                        .compartment = rows[i].compartment, .version = 1 };
		e = put_job(p, &row);
	}
	return e;
}

enum err plan_rotation(struct write_plan *p, struct id16 user)
{
	struct q_streams_held_row *rows = NULL;
	size_t n = 0;
	enum err e = rotation_rows(p->flow, p->arena, user, &rows, &n);
	return e == OK ? plan_waiting(p, rows, n) : e;
}

/* Jobs that nobody needs in the end only make an epoch too many; one that is missing would leave a stream open. So they
 * are written before the account is closed, and what came meanwhile together with it. */
enum err rotation_ahead(struct flow *f, struct arena *a, const struct vault_why *why, struct instant now, struct id16 user)
{
	for (;;) {
		struct q_streams_held_row *rows = NULL;
		struct write_plan p;
		size_t n = 0;
		enum err e = rotation_rows(f, a, user, &rows, &n);
		if (e != OK || n < HELD_AT_ONCE)
			return e;
		plan_begin(&p, f, a, why, NULL);
		p.not_before = now;
		if ((e = plan_waiting(&p, rows, n)) != OK || (e = plan_run(&p)) != OK)
			return e;
	}
}

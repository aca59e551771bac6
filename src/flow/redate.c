/* flow/redate.c — the write that follows an opening when the profile has changed (DECISIONS 34).
 *
 * Whoever opens first writes; a second one at the same moment loses the race and nothing else, for both wrote the same
 * dates. Reminders keep their rows, so none fires twice. */
#include "flow/rows.h"

static enum err plan_moves(struct write_plan *p, const struct decision *d)
{
	for (size_t i = 0; i < d->n_moved; i++) {
		struct row_rungs *row = NULL;
		struct db *db = store_reader(p->flow->store);
		enum err e = q_rung_row(db, p->arena, d->moved[i].id, &row, &(size_t){ 0 });
		store_reader_done(p->flow->store, db);
		if (e != OK)
			return e;
		if (!row)
			continue;
		row->due = d->moved[i].due.us;
		row->profile = p->flow->profile.version;
		row->version++;
		if ((e = redate_rung(p, row)) != OK)
			return e;
	}
	return OK;
}

static enum err write_dates(struct flow *f, struct arena *a, const struct cookie_secret *c, struct loaded *l)
{
	const struct controller_info *own = flow_controller(f, l->controller);
	struct decision d = { .n_events = 0 };
	struct write_plan p;
	enum err e;
	if (!own)
		return ERR_CORRUPT;
	struct facts facts = {
		.now = l->now, .desk = own->desk, .profile = &f->profile, .case_id = l->case_id, .authority = own->name,
		.actor = { .user = l->who.user, .name = l->who.name.p ? l->who.name : STR(""),
		           .title = l->who.title.p ? l->who.title : STR(""), .role = l->role, .held = l->held,
		           .controller_kind = own->kind } };
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_CASE_WORK, .act = STR("redate"), .asked = l->case_id,
	                         .reason = STR("") };
	if ((e = case_redate(a, l->state, &facts, &d)) != OK)
		return e;
	plan_begin(&p, f, a, &why, l);
	if ((e = plan_decision(&p, &d, &facts)) != OK || (e = plan_moves(&p, &d)) != OK)
		return e;
	return plan_run(&p);
}

void redate(struct flow *f, struct arena *a, const struct cookie_secret *c, struct loaded *l, struct str *version)
{
	if (!case_is_stale(l->state, &f->profile, l->held))
		return;
	/* What was opened to be read is loaded again to be written to. */
	struct load_wish load = { .case_id = l->case_id, .purpose = PURPOSE_CASE_WORK, .act = STR("redate"), .reason = STR(""),
	                          .to_write = true };
	struct loaded *again = ARENA_NEW(a, struct loaded);
	if (!again || case_load(f, a, c, &l->who, &load, again) != OK)
		return;
	if (!case_is_stale(again->state, &f->profile, again->held) || write_dates(f, a, c, again) != OK)
		return;
	l->state = again->state;
	l->version = again->version;
	*version = version_encode(a, &l->version);
}

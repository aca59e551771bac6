/* flow/lists.c — my cases and my day. */
#include "flow/held.h"
#include "flow/lines.h"
#include <string.h>

#define CASES_LIMIT 480
#define RUNGS_EXTRA 15

/* ---- my cases ---- */

bool is_standing(const struct flow *f, struct id16 id)
{
	for (size_t k = 0; k < f->n_controllers; k++) {
		const struct controller_info *c = &f->controllers[k];
		if (id_eq(id, c->directory) || id_eq(id, c->desk) || id_eq(id, c->index) || id_eq(id, c->review))
			return true;
	}
	return false;
}

static uint64_t mark_of(int64_t serial, int64_t version)
{
	return (uint64_t)serial << 32 | (uint32_t)version;
}

#define HOMES 1024u
_Static_assert(HOMES > 2 * CASES_LIMIT, "the table stays sparse");

/* The place of a case in the table of `home`s: that of the case itself, or a free one (0). */
static uint16_t *home_of(uint16_t home[HOMES], const struct held_case *h, struct id16 case_id)
{
	size_t at = ((size_t)case_id.b[0] << 8 | case_id.b[1]) % HOMES;
	while (home[at] != 0 && !id_eq(h[home[at] - 1].case_id, case_id))
		at = (at + 1) % HOMES;
	return &home[at];
}

/* One row a case: the own grant wins over the desk's. The standing dossiers themselves are no cases. */
static size_t choose_rows(const struct flow *f, const struct q_my_case_marks_row *rows, size_t n, struct id16 user,
                          struct held_case *out)
{
	uint16_t home[HOMES] = { 0 };
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		const struct q_my_case_marks_row *r = &rows[i];
		bool own = id_eq(r->holder, user);
		if (!r->summary.p || is_standing(f, r->case_id))
			continue;
		uint16_t *place = home_of(home, out, r->case_id);
		if (*place != 0 && !own)
			continue;
		if (*place == 0)
			*place = (uint16_t)++kept;
		out[*place - 1] = (struct held_case){
			.case_id = r->case_id, .holder = r->holder, .mark = mark_of(r->serial, r->version), .via_standing = !own,
			.epoch = (uint32_t)r->summary_epoch.v, .version = (uint32_t)r->summary_version.v, .envelope = r->summary };
	}
	return kept;
}

/* The summaries that one message opened. `at[i]` is the case of group i. */
static void take_summaries(struct arena *a, const struct vault_open_reply *reply, struct held_case *const *at, size_t n)
{
	for (size_t i = 0; i < n && i < reply->n_groups; i++) {
		const struct opened_group *g = &reply->groups[i];
		at[i]->unknown = g->unknown;
		if (g->n_items == 1 && g->items[0].status == OK && g->items[0].plain.p &&
		    summary_decode(a, g->items[0].plain, &at[i]->summary) == OK)
			at[i]->opened = true;
	}
}

static struct open_item summary_item(struct id16 controller, const struct held_case *h)
{
	return (struct open_item){ .at = summary_at(controller, h->case_id, h->epoch, h->version), .envelope = h->envelope };
}

/* Opens summaries with the keys that the session's ring has; what it lacks is left `unknown`. */
static enum err open_known(struct flow *f, struct arena *a, const struct vault_why *why, struct id16 controller,
                           struct held_case *h, size_t n, struct session *ret_session)
{
	struct open_group *groups = ARENA_ARRAY(a, struct open_group, n + 1);
	struct open_item *items = ARENA_ARRAY(a, struct open_item, n + 1);
	struct held_case **at = ARENA_ARRAY(a, struct held_case *, n + 1);
	if (!groups || !items || !at)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		at[i] = &h[i];
		items[i] = summary_item(controller, &h[i]);
		groups[i] = (struct open_group){ .grant = STR_UNSET, .mark = h[i].mark, .items = &items[i], .n_items = 1 };
	}
	struct vault_open ask = { .why = *why, .groups = groups, .n_groups = n };
	struct vault_open_reply reply = { .status = OK };
	enum err e = vault_open(f->vault, a, &ask, &reply);
	if (e != OK)
		return e;
	session_fill(f, &why->cookie, &reply.who, reply.now, ret_session);
	take_summaries(a, &reply, at, n);
	return OK;
}

struct whole_ask {
	struct held_case **at;
	struct q_grant_whole_row **rows;
	struct open_group *groups;
	struct open_item *items;
	size_t n;
};

/* The grants of the cases in hand, whole. A row that has gone meanwhile is left out. */
static enum err read_whole(struct flow *f, struct arena *a, struct id16 controller, struct held_case *const *wanted, size_t n,
                           bool keep, struct whole_ask *ret)
{
	*ret = (struct whole_ask){ .at = ARENA_ARRAY(a, struct held_case *, n + 1),
	                           .rows = ARENA_ARRAY(a, struct q_grant_whole_row *, n + 1),
	                           .groups = ARENA_ARRAY(a, struct open_group, n + 1),
	                           .items = ARENA_ARRAY(a, struct open_item, n + 1) };
	if (!ret->at || !ret->rows || !ret->groups || !ret->items)
		return ERR_FULL;
	struct db *db = store_reader(f->store);
	enum err e = OK;
	for (size_t i = 0; e == OK && i < n; i++) {
		struct q_grant_whole_row *row = NULL;
		size_t found = 0, k = ret->n;
		if ((e = q_grant_whole(db, a, wanted[i]->holder, wanted[i]->case_id, &row, &found)) != OK || found == 0 || !row->summary.p)
			continue;
		struct held_case *h = wanted[i];
		h->epoch = (uint32_t)row->summary_epoch.v;
		h->version = (uint32_t)row->summary_version.v;
		h->envelope = row->summary;
		ret->at[k] = h;
		ret->rows[k] = row;
		ret->items[k] = summary_item(controller, h);
		ret->groups[k] = grant_group(&row->grant, &ret->items[k], 1);
		/* A grant that is accepted now is stored as the next version of its row. */
		if (keep)
			ret->groups[k].mark = mark_of(row->grant.serial, row->grant.version + (row->grant.accepted.p && !row->grant.renewals.p ? 0 : 1));
		ret->n++;
	}
	store_reader_done(f->store, db);
	return e;
}

enum err open_whole(struct flow *f, struct arena *a, const struct vault_why *why, struct id16 controller,
                    struct held_case *const *wanted, size_t n, bool keep, struct session *ret_session)
{
	struct whole_ask w;
	enum err e = read_whole(f, a, controller, wanted, n, keep, &w);
	if (e != OK)
		return e;
	struct vault_open ask = { .why = *why, .groups = w.groups, .n_groups = w.n };
	struct vault_open_reply reply = { .status = OK };
	if ((e = vault_open(f->vault, a, &ask, &reply)) != OK)
		return e;
	session_fill(f, &why->cookie, &reply.who, reply.now, ret_session);
	take_summaries(a, &reply, w.at, w.n);
	for (size_t i = 0; i < w.n && i < reply.n_groups; i++)
		if (reply.groups[i].accepted.n > 0)
			keep_accepted(f, a, why, &w.rows[i]->grant, reply.groups[i].accepted);
	return OK;
}

static enum err open_summaries(struct flow *f, struct arena *a, const struct vault_why *why, struct id16 controller,
                               struct held_case *h, size_t n, struct session *ret_session)
{
	struct held_case **unknown = ARENA_ARRAY(a, struct held_case *, n + 1);
	size_t n_unknown = 0;
	if (!unknown)
		return ERR_FULL;
	enum err e = open_known(f, a, why, controller, h, n, ret_session);
	for (size_t i = 0; e == OK && i < n; i++)
		if (h[i].unknown)
			unknown[n_unknown++] = &h[i];
	if (e != OK || n_unknown == 0)
		return e;
	return open_whole(f, a, why, controller, unknown, n_unknown, true, ret_session);
}

/* What the asker holds, nothing opened yet. */
static enum err held_rows(struct flow *f, struct arena *a, const struct vault_who *who, struct held_case **ret, size_t *ret_n,
                          bool *ret_more)
{
	struct q_my_case_marks_row *rows = NULL;
	size_t n = 0;
	struct asker asker = asker_of(who);
	struct db *db = store_reader(f->store);
	enum err e = q_my_case_marks(db, a, asker, CASES_LIMIT, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct held_case *h = ARENA_ARRAY(a, struct held_case, n + 1);
	if (!h)
		return ERR_FULL;
	*ret_n = choose_rows(f, rows, n, who->user, h);
	*ret_more = n == CASES_LIMIT;
	*ret = h;
	return OK;
}

/* What needs somebody soonest comes first: acute, then the nearest due day. */
static bool before(const struct my_case *x, const struct my_case *y)
{
	if (x->summary.acute != y->summary.acute)
		return x->summary.acute;
	int64_t dx = day_is_set(x->summary.next_due) ? x->summary.next_due.n : INT64_MAX;
	int64_t dy = day_is_set(y->summary.next_due) ? y->summary.next_due.n : INT64_MAX;
	if (dx != dy)
		return dx < dy;
	return id_cmp(x->case_id, y->case_id) < 0;
}

/* By need, the neediest first: places in `h` rather than the cases themselves, which are large. */
static void sort_by_need(const struct my_case *cases, uint16_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = i;
		for (; k > 0 && before(&cases[i], &cases[order[k - 1]]); k--)
			order[k] = order[k - 1];
		order[k] = (uint16_t)i;
	}
}

enum err flow_my_cases(struct flow *f, struct arena *a, const struct cookie_secret *c, struct session *ret_session,
                       struct my_case **ret, size_t *ret_n, bool *ret_more)
{
	struct held_case *h = NULL;
	struct vault_who who;
	size_t n = 0, kept = 0;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_MY_LIST, .act = STR("my_cases"), .reason = STR("") };
	enum err e;
	if ((e = flow_who(f, a, c, &who)) != OK || (e = held_rows(f, a, &who, &h, &n, ret_more)) != OK ||
	    (e = open_summaries(f, a, &why, who.controller, h, n, ret_session)) != OK)
		return e;
	struct my_case *cases = ARENA_ARRAY(a, struct my_case, n + 1), *out = ARENA_ARRAY(a, struct my_case, n + 1);
	uint16_t *order = ARENA_ARRAY(a, uint16_t, n + 1);
	if (!cases || !out || !order)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++)
		if (h[i].opened)
			cases[kept++] = (struct my_case){ .case_id = h[i].case_id, .summary = h[i].summary, .via_desk = h[i].via_standing };
	sort_by_need(cases, order, kept);
	for (size_t i = 0; i < kept; i++)
		out[i] = cases[order[i]];
	*ret = out;
	*ret_n = kept;
	return OK;
}

/* ---- my day ---- */

static bool read_rung(struct arena *a, const struct row_rungs *r, struct str plain, struct id16 user, struct my_rung *ret)
{
	int64_t task, step;
	struct my_rung m = { .rung_id = r->rung_id, .due = { r->due }, .severity = (uint8_t)r->severity,
	                     .desk = !id_eq(r->assignee, user) };
	if (!line_get_id(plain, STR("case"), &m.case_id) || !line_get_id(plain, STR("task_id"), &m.task_id) ||
	    !line_get_i64(plain, STR("task"), &task) || !line_get_i64(plain, STR("step"), &step))
		return false;
	m.task = (enum task_kind)task;
	m.step = (uint8_t)step;
	m.alias = line_get(plain, STR("alias"));
	m.code = case_code_str(a, m.case_id);
	*ret = m;
	return true;
}

/* The symmetric form replaces the sealed one; if that fails, the next opening does it. */
static void keep_rewrapped(struct flow *f, struct arena *a, const struct vault_why *why, struct row_rungs *rows, size_t n,
                           const struct opened_group *g)
{
	struct write_plan p;
	plan_begin(&p, f, a, why, NULL);
	for (size_t i = 0; i < n && i < g->n_items; i++) {
		if (g->items[i].rewrapped.n == 0)
			continue;
		struct row_rungs row = rows[i];
		row.payload = g->items[i].rewrapped;
		row.version++;
		if (rewrap_rung(&p, &row) != OK)
			return;
	}
	enum err e = plan_run(&p);
	(void)e;
}

/* One row a task: the ladder's own step says it already when the desk's step has come too. */
static bool shown_already(const struct my_rung *rungs, size_t n, struct id16 task)
{
	for (size_t i = 0; i < n; i++)
		if (id_eq(rungs[i].task_id, task))
			return true;
	return false;
}

static enum err open_rungs(struct flow *f, struct arena *a, const struct vault_why *why, struct row_rungs *rows, size_t n,
                           struct id16 controller, struct vault_open_reply *reply)
{
	struct open_item *items = ARENA_ARRAY(a, struct open_item, n + 1);
	if (!items)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++)
		items[i] = (struct open_item){ .at = rung_at(controller, &rows[i]), .envelope = rows[i].payload };
	struct open_group group = { .grant = STR_UNSET, .items = items, .n_items = n };
	struct vault_open ask = { .why = *why, .groups = &group, .n_groups = 1 };
	return vault_open(f->vault, a, &ask, reply);
}

/* My own rungs, and the first of the desk's: a desk that is far behind must not hide my day. By due time. */
static enum err day_rows(struct flow *f, struct arena *a, struct id16 user, struct id16 desk, size_t limit,
                         struct row_rungs **ret, size_t *ret_n)
{
	struct row_rungs *own = NULL, *shared = NULL;
	size_t n = 0, n_shared = 0, k = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_my_rungs(db, a, user, user, (int64_t)(limit + RUNGS_EXTRA), &own, &n);
	if (e == OK && !id_eq(desk, user))
		e = q_my_rungs(db, a, desk, desk, RUNGS_EXTRA, &shared, &n_shared);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct row_rungs *all = ARENA_ARRAY(a, struct row_rungs, n + n_shared + 1);
	if (!all)
		return ERR_FULL;
	for (size_t i = 0, j = 0; i < n || j < n_shared;)
		all[k++] = j == n_shared || (i < n && own[i].due <= shared[j].due) ? own[i++] : shared[j++];
	*ret = all;
	*ret_n = k;
	return OK;
}

enum err flow_my_day(struct flow *f, struct arena *a, const struct cookie_secret *c, size_t limit,
                     struct session *ret_session, struct my_rung **ret, size_t *ret_n)
{
	struct vault_who who;
	struct row_rungs *rows = NULL;
	size_t n = 0, kept = 0;
	enum err e = flow_who(f, a, c, &who);
	if (e != OK)
		return e;
	struct id16 desk = id_is_zero(who.standing[1]) ? who.user : who.standing[1];
	if ((e = day_rows(f, a, who.user, desk, limit, &rows, &n)) != OK)
		return e;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_MY_DAY, .act = STR("my_day"), .reason = STR("") };
	struct vault_open_reply reply = { .status = OK };
	if ((e = open_rungs(f, a, &why, rows, n, who.controller, &reply)) != OK)
		return e;
	session_fill(f, c, &reply.who, reply.now, ret_session);
	struct my_rung *out = ARENA_ARRAY(a, struct my_rung, limit + 1);
	if (!out)
		return ERR_FULL;
	const struct opened_group *g = reply.n_groups ? &reply.groups[0] : NULL;
	bool fresh = false;
	for (size_t i = 0; g && i < g->n_items && i < n; i++) {
		fresh = fresh || g->items[i].rewrapped.n > 0;
		struct my_rung m;
		/* Later steps of a ladder are nobody's business before their time. */
		if (kept < limit && g->items[i].status == OK && g->items[i].plain.p &&
		    read_rung(a, &rows[i], g->items[i].plain, who.user, &m) && (m.step == 0 || m.due.us <= reply.now.us) &&
		    !shown_already(out, kept, m.task_id))
			out[kept++] = m;
	}
	if (fresh)
		keep_rewrapped(f, a, &why, rows, n, g);
	*ret = out;
	*ret_n = kept;
	return OK;
}

/* flow/lists.c — my cases, my day, and finding a case among what I hold. */
#include "flow/rows.h"
#include "flow/lines.h"
#include "flow/name_match.h"
#include <string.h>

#define CASES_LIMIT 480
#define RUNGS_EXTRA 15

/* ---- my cases ---- */

struct held_case {
	struct q_my_cases_row row;
	struct summary summary;
	bool opened, via_standing;
};

/* One row a case: the own grant wins over the desk's. The standing dossiers themselves are no cases. */
static size_t choose_rows(const struct flow *f, struct q_my_cases_row *rows, size_t n, struct id16 user,
                          struct held_case *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		const struct q_my_cases_row *r = &rows[i];
		bool own = id_eq(r->grant.holder, user), standing = false;
		for (size_t k = 0; k < f->n_controllers; k++) {
			const struct controller_info *c = &f->controllers[k];
			standing = standing || id_eq(r->grant.case_id, c->directory) || id_eq(r->grant.case_id, c->desk) ||
			           id_eq(r->grant.case_id, c->index) || id_eq(r->grant.case_id, c->review);
		}
		if (standing || !r->summary.p)
			continue;
		size_t at = 0;
		while (at < kept && !id_eq(out[at].row.grant.case_id, r->grant.case_id))
			at++;
		if (at < kept && !own)
			continue;
		out[at] = (struct held_case){ .row = *r, .via_standing = !own };
		if (at == kept)
			kept++;
	}
	return kept;
}

static enum err open_summaries(struct flow *f, struct arena *a, const struct vault_why *why, struct held_case *h,
                               size_t n, struct session *ret_session)
{
	struct open_group *groups = ARENA_ARRAY(a, struct open_group, n + 1);
	struct open_item *items = ARENA_ARRAY(a, struct open_item, n + 1);
	if (!groups || !items)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		const struct q_my_cases_row *r = &h[i].row;
		items[i] = (struct open_item){
			.at = summary_at(r->controller, r->grant.case_id, (uint32_t)r->summary_epoch.v, (uint64_t)r->summary_version.v),
			.envelope = r->summary };
		groups[i] = (struct open_group){ .grant = r->grant.accepted.p ? r->grant.accepted : r->grant.wrapped,
		                                 .shred_slot = (uint32_t)r->shred_slot, .items = &items[i], .n_items = 1 };
	}
	struct vault_open ask = { .why = *why, .groups = groups, .n_groups = n };
	struct vault_open_reply reply = { .status = OK };
	enum err e = vault_open(f->vault, a, &ask, &reply);
	if (e != OK)
		return e;
	session_fill(f, &why->cookie, &reply.who, reply.now, ret_session);
	for (size_t i = 0; i < n && i < reply.n_groups; i++) {
		const struct opened_group *g = &reply.groups[i];
		if (g->accepted.n > 0)
			keep_accepted(f, a, why, &h[i].row.grant, g->accepted);
		if (g->n_items == 1 && g->items[0].status == OK && g->items[0].plain.p &&
		    summary_decode(a, g->items[0].plain, &h[i].summary) == OK)
			h[i].opened = true;
	}
	return OK;
}

/* What the asker holds, nothing opened yet. */
static enum err held_rows(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *ret_who,
                          struct held_case **ret, size_t *ret_n)
{
	struct q_my_cases_row *rows = NULL;
	size_t n = 0;
	enum err e = flow_who(f, a, c, ret_who);
	if (e != OK)
		return e;
	struct asker asker = asker_of(ret_who);
	struct db *db = store_reader(f->store);
	e = q_my_cases(db, a, asker, CASES_LIMIT, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct held_case *h = ARENA_ARRAY(a, struct held_case, n + 1);
	if (!h)
		return ERR_FULL;
	*ret_n = choose_rows(f, rows, n, ret_who->user, h);
	*ret = h;
	return OK;
}

static enum err my_held(struct flow *f, struct arena *a, const struct cookie_secret *c, uint16_t purpose, struct str act,
                        struct session *ret_session, struct held_case **ret, size_t *ret_n)
{
	struct vault_who who;
	struct held_case *h = NULL;
	size_t n = 0;
	enum err e = held_rows(f, a, c, &who, &h, &n);
	if (e != OK)
		return e;
	struct vault_why why = { .cookie = *c, .purpose = purpose, .act = act, .reason = STR("") };
	if ((e = open_summaries(f, a, &why, h, n, ret_session)) != OK)
		return e;
	*ret = h;
	*ret_n = n;
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

enum err flow_my_cases(struct flow *f, struct arena *a, const struct cookie_secret *c,
                       struct session *ret_session, struct my_case **ret, size_t *ret_n)
{
	struct held_case *h = NULL;
	size_t n = 0, kept = 0;
	enum err e = my_held(f, a, c, PURPOSE_MY_LIST, STR("my_cases"), ret_session, &h, &n);
	if (e != OK)
		return e;
	struct my_case *out = ARENA_ARRAY(a, struct my_case, n + 1);
	if (!out)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		if (!h[i].opened)
			continue;
		struct my_case m = { .case_id = h[i].row.grant.case_id, .summary = h[i].summary, .via_desk = h[i].via_standing };
		size_t k = kept++;
		for (; k > 0 && before(&m, &out[k - 1]); k--)
			out[k] = out[k - 1];
		out[k] = m;
	}
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

/* ---- find (DECISIONS 35): only among what I hold; code, number or name ---- */

/* Compare what is sealed with what was typed. */
static bool has_identity(struct arena *a, const struct loaded *l, struct str query, const struct personal_number *number)
{
	if (number) {
		struct str own = l->state->identity ? l->state->identity->number : STR_UNSET;
		return own.p && str_eq(own, (struct str){ number->digits, sizeof number->digits });
	}
	/* Not by alias: whether that is a lawful search term is an open question. */
	return l->state->identity && name_matches(a, l->state->identity->name, query);
}

/* Open the cases one by one and compare what is sealed. */
static enum err find_sealed(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                            struct str query, const struct personal_number *number, struct held_case *h, size_t n,
                            struct found *out, size_t *ret_n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		struct loaded *l = ARENA_NEW(a, struct loaded);
		if (!l)
			return ERR_FULL;
		struct load_wish w = { .case_id = h[i].row.grant.case_id, .purpose = PURPOSE_FIND, .act = STR("find"),
		                       .reason = STR(""), .newest = 0 };
		enum err e = case_load(f, a, c, who, &w, l);
		if (e == ERR_NOT_FOUND)
			continue;
		if (e != OK)
			return e;
		if (has_identity(a, l, query, number)) {
			out[kept].case_id = w.case_id;
			case_summary(a, l->state, &out[kept++].summary);
		}
	}
	*ret_n = kept;
	return OK;
}

/* Only cases of the number's bucket are opened. Without the index key there is nothing to find by number. */
static enum err keep_bucket(struct flow *f, struct arena *a, const struct vault_why *why, const struct vault_who *who,
                            const struct personal_number *number, struct held_case *h, size_t *n)
{
	struct vault_index ask = { .why = *why, .number = { number->digits, sizeof number->digits } };
	struct vault_index_reply reply = { .status = OK };
	struct q_bucket_mine_row *rows = NULL;
	size_t n_rows = 0, kept = 0;
	enum err e = vault_index(f->vault, a, &ask, &reply);
	if (e != OK && e != ERR_DENIED)
		return e;
	if (e == OK) {
		struct asker asker = asker_of(who);
		struct db *db = store_reader(f->store);
		e = q_bucket_mine(db, a, who->controller, reply.bucket, asker, &rows, &n_rows);
		store_reader_done(f->store, db);
		if (e != OK)
			return e;
	}
	for (size_t i = 0; i < *n; i++)
		for (size_t k = 0; k < n_rows; k++)
			if (id_eq(rows[k].case_id, h[i].row.grant.case_id)) {
				h[kept++] = h[i];
				break;
			}
	*n = kept;
	return OK;
}

/* The case of a spoken code: the code follows from the id, so only that one is opened. */
static size_t keep_code(struct held_case *h, size_t n, uint32_t code, struct held_case *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (case_code_number(h[i].row.grant.case_id) == code)
			out[kept++] = h[i];
	return kept;
}

enum err flow_find(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str query,
                   struct session *ret_session, struct found **ret, size_t *ret_n)
{
	struct held_case *h = NULL;
	struct vault_who who;
	size_t n = 0, coded = 0, kept = 0;
	uint32_t code = 0;
	struct personal_number number;
	enum err e = held_rows(f, a, c, &who, &h, &n);
	if (e != OK)
		return e;
	struct found *out = ARENA_ARRAY(a, struct found, n + 1);
	struct held_case *same_code = ARENA_ARRAY(a, struct held_case, n + 1);
	if (!out || !same_code)
		return ERR_FULL;
	query = str_trim(query);
	*ret = out;
	if (case_code_parse(query, &code) == OK)
		coded = keep_code(h, n, code, same_code);
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_FIND, .act = STR("find"), .reason = STR("") };
	/* Also when there is nothing to open: the vault says whether the session lives, and logs the search. */
	if ((e = open_summaries(f, a, &why, same_code, coded, ret_session)) != OK)
		return e;
	for (size_t i = 0; i < coded; i++)
		if (same_code[i].opened)
			out[kept++] = (struct found){ .case_id = same_code[i].row.grant.case_id, .summary = same_code[i].summary };
	if (kept > 0) {
		*ret_n = kept;
		return OK;
	}
	bool by_number = number_parse(query, instant_day(ret_session->now), &number) == NUMBER_OK;
	if (by_number && (e = keep_bucket(f, a, &why, &ret_session->who, &number, h, &n)) != OK)
		return e;
	if (!by_number && query.n < 2)
		n = 0;
	e = find_sealed(f, a, c, &ret_session->who, query, by_number ? &number : NULL, h, n, out, ret_n);
	if (by_number)
		flow_wait_slot(f);
	return e;
}

/* flow/find.c — finding a case by code, number or name, only among what the asker holds (DECISIONS 35). */
#include "flow/held.h"
#include "flow/name_match.h"
#include <stdlib.h>
#include <string.h>

/* How many are held at most that a code is looked for among, how many are opened for a name, and how many are shown. */
#define HELD_MOST 40000
#define NAMES_MOST 1000
#define FOUND_ROOM 100
/* Cases of one number or one code. */
#define FOUND_MOST 32
/* For what one case opens. */
#define OPENED_CEILING (6u << 20)
#define A_FEW 8

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

/* What lists show of it outlives what was opened. Without a summary that opens, the person is found all the same. */
static struct found found_of(struct arena *a, struct arena *opened, const struct loaded *l)
{
	struct found f = { .case_id = l->case_id, .summary = l->shown };
	if (!l->summary_opened)
		case_summary(opened, l->state, &f.summary);
	f.summary.alias = arena_str(a, f.summary.alias);
	f.summary.next_step = arena_str(a, f.summary.next_step);
	return f;
}

/* Opens the identity of one case, and its summary, in `opened`, and compares what is sealed. */
static enum err look_into(struct flow *f, struct arena *a, struct arena *opened, const struct cookie_secret *c,
                          const struct vault_who *who, struct str query, const struct personal_number *number, struct id16 id,
                          struct session *ret_session, struct found *out, size_t *ret_n)
{
	struct loaded *l = ARENA_NEW(opened, struct loaded);
	struct load_wish w = { .case_id = id, .purpose = PURPOSE_FIND, .act = STR("find"), .reason = STR(""), .newest = 0,
	                       .only = COMPARTMENT_BIT(COMPARTMENT_IDENTITY), .summary = true };
	if (!l)
		return ERR_FULL;
	enum err e = case_load(f, opened, c, who, &w, l);
	if (!id_is_zero(l->who.user)) {
		l->who.name = arena_str(a, l->who.name);
		l->who.title = arena_str(a, l->who.title);
		session_fill(f, c, &l->who, l->now, ret_session);
	}
	if (e == OK && has_identity(opened, l, query, number))
		out[(*ret_n)++] = found_of(a, opened, l);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Opens the cases one by one, so that each stands in the log. Of many, each is wiped before the next: a desk may have
 * hundreds. A few have room beside each other, and no memory is fetched for them. */
static enum err find_sealed(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                            struct str query, const struct personal_number *number, const struct id16 *ids, size_t n,
                            struct session *ret_session, struct found *out, size_t *ret_n, bool *ret_more)
{
	_cleanup_(arena_freep) struct arena *one = n > A_FEW ? arena_new(OPENED_CEILING) : NULL;
	enum err e = n <= A_FEW || one ? OK : ERR_FULL;
	*ret_n = 0;
	for (size_t i = 0; e == OK && i < n; i++) {
		if (*ret_n == FOUND_ROOM) {
			*ret_more = true;
			break;
		}
		e = look_into(f, a, one ? one : a, c, who, query, number, ids[i], ret_session, out, ret_n);
		if (one)
			arena_reset(one);
	}
	return e == OK && arena_is_full(a) ? ERR_FULL : e;
}

/* Everything the asker holds, as ids: the own grants first, then the desk's. */
static enum err held_ids(struct flow *f, struct arena *a, const struct vault_who *who, struct q_held_ids_row **ret, size_t *ret_n)
{
	struct asker asker = asker_of(who);
	struct db *db = store_reader(f->store);
	enum err e = q_held_ids(db, a, asker, HELD_MOST, ret, ret_n);
	store_reader_done(f->store, db);
	return e;
}

static bool has_case(struct held_case *const *h, size_t n, struct id16 case_id)
{
	for (size_t i = 0; i < n; i++)
		if (id_eq(h[i]->case_id, case_id))
			return true;
	return false;
}

/* By spoken code: it follows from the id, so only that case is opened. Also when there is nothing to open: the vault
 * says whether the session lives, and logs the search. */
static enum err find_code(struct flow *f, struct arena *a, const struct vault_why *why, const struct vault_who *who,
                          uint32_t code, struct session *ret_session, struct found *out, size_t *ret_n)
{
	struct q_held_ids_row *rows = NULL;
	struct held_case *same[FOUND_MOST];
	size_t n = 0, n_same = 0;
	enum err e = held_ids(f, a, who, &rows, &n);
	for (size_t i = 0; e == OK && i < n && n_same < FOUND_MOST; i++) {
		if (case_code_number(rows[i].case_id) != code || has_case(same, n_same, rows[i].case_id) || is_standing(f, rows[i].case_id))
			continue;
		struct held_case *h = ARENA_NEW(a, struct held_case);
		if (!h)
			return ERR_FULL;
		*h = (struct held_case){ .case_id = rows[i].case_id, .holder = rows[i].holder, .via_standing = !id_eq(rows[i].holder, who->user) };
		same[n_same++] = h;
	}
	if (e != OK)
		return e;
	if ((e = open_whole(f, a, why, who->controller, same, n_same, false, ret_session)) != OK)
		return e;
	*ret_n = 0;
	for (size_t i = 0; i < n_same; i++)
		if (same[i]->opened)
			out[(*ret_n)++] = (struct found){ .case_id = same[i]->case_id, .summary = same[i]->summary };
	return OK;
}

/* The asker's cases of one bucket that are not among the ids yet. */
static enum err add_bucket(struct flow *f, struct arena *a, const struct vault_who *who, uint16_t bucket,
                           struct id16 ids[FOUND_MOST], size_t *n_ids)
{
	struct q_bucket_mine_row *rows = NULL;
	size_t n = 0;
	struct asker asker = asker_of(who);
	struct db *db = store_reader(f->store);
	enum err e = q_bucket_mine(db, a, who->controller, bucket, asker, &rows, &n);
	store_reader_done(f->store, db);
	for (size_t i = 0; e == OK && i < n; i++) {
		size_t k = 0;
		while (k < *n_ids && !id_eq(ids[k], rows[i].case_id))
			k++;
		if (k == *n_ids && k < FOUND_MOST)
			ids[(*n_ids)++] = rows[i].case_id;
	}
	return e;
}

/* By number: only cases of the number's bucket, in whichever epoch of the index, are opened. Without the index key
 * there is nothing to find. The session is told by the opening, or by itself when there is nothing to open: the vault
 * is asked as often for who is found as for who is not. */
static enum err find_number(struct flow *f, struct arena *a, const struct vault_why *why, const struct vault_who *who,
                            const struct personal_number *number, struct session *ret_session, struct found *out, size_t *ret_n)
{
	struct vault_index ask = { .why = *why, .number = { number->digits, sizeof number->digits } };
	struct vault_index_reply reply = { .status = OK };
	struct id16 ids[FOUND_MOST];
	size_t kept = 0;
	*ret_n = 0;
	enum err e = vault_index(f->vault, a, &ask, &reply);
	for (size_t i = 0; e == OK && i < reply.n; i++)
		e = add_bucket(f, a, who, reply.keys[i].bucket, ids, &kept);
	if (e != OK || kept == 0) {
		enum err session = flow_session(f, a, &why->cookie, true, ret_session);
		return session != OK ? session : e == ERR_DENIED ? OK : e;
	}
	return find_sealed(f, a, &why->cookie, who, STR(""), number, ids, kept, ret_session, out, ret_n, &(bool){ false });
}

static int by_id(const void *a, const void *b)
{
	return id_cmp(*(const struct id16 *)a, *(const struct id16 *)b);
}

/* Each case once, standing dossiers none. */
static size_t each_once(const struct flow *f, const struct q_held_ids_row *rows, size_t n, struct id16 *ids)
{
	size_t kept = 0, once = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_standing(f, rows[i].case_id))
			ids[kept++] = rows[i].case_id;
	qsort(ids, kept, sizeof *ids, by_id);
	for (size_t i = 0; i < kept; i++)
		if (i == 0 || !id_eq(ids[i], ids[i - 1]))
			ids[once++] = ids[i];
	return once;
}

static enum err find_name(struct flow *f, struct arena *a, const struct vault_why *why, const struct vault_who *who,
                          struct str query, struct session *ret_session, struct found *out, size_t *ret_n, bool *ret_more)
{
	struct q_held_ids_row *rows = NULL;
	size_t n = 0;
	*ret_n = 0;
	if (query.n < 2)
		return OK;
	enum err e = held_ids(f, a, who, &rows, &n);
	struct id16 *ids = e == OK ? ARENA_ARRAY(a, struct id16, n + 1) : NULL;
	if (!ids)
		return e == OK ? ERR_FULL : e;
	/* The own cases come first, so those of the desk are left out before them. */
	*ret_more = n > NAMES_MOST;
	n = each_once(f, rows, n < NAMES_MOST ? n : NAMES_MOST, ids);
	return find_sealed(f, a, &why->cookie, who, query, NULL, ids, n, ret_session, out, ret_n, ret_more);
}

enum err flow_find(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str query,
                   struct session *ret_session, struct found **ret, size_t *ret_n, bool *ret_more)
{
	struct vault_who who;
	uint32_t code = 0;
	struct personal_number number;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_FIND, .act = STR("find"), .reason = STR("") };
	struct found *out = ARENA_ARRAY(a, struct found, FOUND_ROOM);
	if (!out)
		return ERR_FULL;
	*ret = out;
	*ret_n = 0;
	*ret_more = false;
	enum err e = flow_who(f, a, c, &who);
	if (e != OK)
		return e;
	query = str_trim(query);
	if (case_code_parse(query, &code) == OK &&
	    ((e = find_code(f, a, &why, &who, code, ret_session, out, ret_n)) != OK || *ret_n > 0))
		return e;
	/* Which day it is, for numbers without a century. */
	if (flow_now(f).us == 0 && (e = flow_session(f, a, c, true, ret_session)) != OK)
		return e;
	if (number_parse(query, instant_day(flow_now(f)), &number) != NUMBER_OK) {
		/* The log tells of the search also when nothing is opened for it. */
		e = open_whole(f, a, &why, who.controller, NULL, 0, false, ret_session);
		return e != OK ? e : find_name(f, a, &why, &who, query, ret_session, out, ret_n, ret_more);
	}
	e = find_number(f, a, &why, &who, &number, ret_session, out, ret_n);
	flow_wait_slot(f);
	return e;
}

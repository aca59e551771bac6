/* flow/open.c — opens a case: rows, one message to the vault, the fold. */
#include "flow/rows.h"

#define PAGE_ENTRIES 20
#define STREAM_LIMIT 4096

struct stream_rows {
	struct q_events_after_row *tail;
	size_t n_tail;
	struct q_events_before_row *older;
	size_t n_older;
};
struct case_rows {
	struct row_grants *grant;
	size_t n_grants;
	struct q_case_streams_row *streams;
	size_t n_streams;
	struct stream_rows *rows;
	size_t n_items;
	struct q_summary_mark_row *mark;
	struct row_summaries *summary;
};

/* Where the tail begins: behind the snapshot, but early enough to show the newest entries. */
static int64_t tail_from(const struct q_case_streams_row *s, const struct load_wish *w)
{
	if (w->whole)
		return 0;
	int64_t snapshot = s->snapshot_seq.set ? s->snapshot_seq.v : 0;
	int64_t newest = s->seq - (int64_t)w->newest;
	if (newest < 0)
		newest = 0;
	return newest < snapshot ? newest : snapshot;
}

static enum err read_stream(struct db *db, struct arena *a, const struct load_wish *w,
                            const struct q_case_streams_row *s, struct stream_rows *ret)
{
	unsigned c = (unsigned)s->compartment;
	enum err e = q_events_after(db, a, w->case_id, event_place(w->case_id, c, tail_from(s, w)),
	                            event_place(w->case_id, c, EVENT_SEQ_MAX), w->whole ? INT32_MAX : STREAM_LIMIT, &ret->tail, &ret->n_tail);
	if (e != OK || !w->before)
		return e;
	int64_t before = w->before->held & (UINT32_C(1) << c) ? (int64_t)w->before->seq[c] : s->seq + 1;
	return q_events_before(db, a, w->case_id, event_place(w->case_id, c, 0), event_place(w->case_id, c, before), (int64_t)w->newest,
	                       &ret->older, &ret->n_older);
}

static bool is_opened(const struct load_wish *w, const struct q_case_streams_row *s)
{
	int64_t snapshot = s->snapshot_seq.set ? s->snapshot_seq.v : 0;
	return w->only == 0 || (w->only >> s->compartment & 1) || (w->to_write && s->seq - snapshot >= SNAPSHOT_EVERY);
}

static enum err read_rows(struct db *db, struct arena *a, const struct load_wish *w, const struct vault_who *who,
                          struct case_rows *ret)
{
	struct asker asker = asker_of(who);
	enum err e = q_case_by_id(db, a, w->case_id, asker, &ret->grant, &ret->n_grants);
	if (e != OK || ret->n_grants == 0)
		return e;
	/* A case's version is of all its streams, so whoever writes wants to know how far each has come. */
	int64_t wanted = w->only != 0 && !w->to_write ? (int64_t)w->only : UINT32_MAX;
	if ((e = q_case_streams(db, a, w->case_id, case_place(w->case_id), wanted, &ret->streams, &ret->n_streams)) != OK)
		return e;
	/* A summary is made of the state as it is read here, so its version is read here too: what somebody else writes meanwhile,
	 * in whatever stream, makes a conflict. */
	if (w->to_write && (e = q_summary_mark(db, a, case_place(w->case_id), w->case_id, &ret->mark, &(size_t){ 0 })) != OK)
		return e;
	if (w->summary && (e = q_summary_row(db, a, case_place(w->case_id), w->case_id, &ret->summary, &(size_t){ 0 })) != OK)
		return e;
	ret->n_items = ret->summary != NULL;
	ret->rows = ARENA_ARRAY(a, struct stream_rows, ret->n_streams + 1);
	if (!ret->rows)
		return ERR_FULL;
	for (size_t i = 0; i < ret->n_streams; i++) {
		if (ret->streams[i].compartment < 0 || ret->streams[i].compartment >= STREAMS_MAX)
			return ERR_CORRUPT;
		if (!is_opened(w, &ret->streams[i])) {
			ret->streams[i].snapshot = STR_UNSET;
			continue;
		}
		if ((e = read_stream(db, a, w, &ret->streams[i], &ret->rows[i])) != OK)
			return e;
		ret->n_items += ret->rows[i].n_tail + ret->rows[i].n_older + (ret->streams[i].snapshot.p ? 1 : 0);
	}
	return OK;
}

/* The keys of the epochs before, of streams that have had some. */
static enum err older_of(struct arena *a, const struct case_rows *r, struct open_group *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_streams; i++)
		n += r->streams[i].older.p != NULL;
	if (n == 0)
		return OK;
	struct older_keys *older = ARENA_ARRAY(a, struct older_keys, n);
	if (!older)
		return ERR_FULL;
	for (size_t i = 0; i < r->n_streams; i++)
		if (r->streams[i].older.p)
			older[ret->n_older++] = (struct older_keys){ (uint16_t)r->streams[i].compartment, (uint32_t)r->streams[i].epoch,
			                                             r->streams[i].older };
	ret->older = older;
	return OK;
}

/* The one group of a case: the summary, then each stream's snapshot and entries. */
static struct open_item *items_of(struct arena *a, const struct case_rows *r)
{
	struct open_item *items = ARENA_ARRAY(a, struct open_item, r->n_items + 1);
	if (!items)
		return NULL;
	struct id16 controller = r->grant->controller, case_id = r->grant->case_id;
	size_t n = 0;
	if (r->summary)
		items[n++] = (struct open_item){
			.at = summary_at(controller, case_id, (uint32_t)r->summary->epoch, (uint64_t)r->summary->version),
			.envelope = r->summary->envelope };
	for (size_t i = 0; i < r->n_streams; i++) {
		const struct q_case_streams_row *s = &r->streams[i];
		unsigned c = (unsigned)s->compartment;
		if (s->snapshot.p)
			items[n++] = (struct open_item){
				.at = snapshot_at(controller, case_id, c, (uint32_t)s->snapshot_epoch.v,
				                  (uint64_t)s->snapshot_seq.v, (uint64_t)s->snapshot_version.v),
				.envelope = s->snapshot };
		for (size_t k = 0; k < r->rows[i].n_tail; k++)
			items[n++] = (struct open_item){
				.at = event_at(controller, case_id, c, (uint32_t)r->rows[i].tail[k].epoch,
				               (uint64_t)r->rows[i].tail[k].seq),
				.envelope = r->rows[i].tail[k].envelope };
		for (size_t k = 0; k < r->rows[i].n_older; k++)
			items[n++] = (struct open_item){
				.at = event_at(controller, case_id, c, (uint32_t)r->rows[i].older[k].epoch,
				               (uint64_t)r->rows[i].older[k].seq),
				.envelope = r->rows[i].older[k].envelope };
	}
	assert_always(n == r->n_items);
	return items;
}

static void stream_states(const struct load_wish *w, const struct case_rows *r, struct loaded *l)
{
	for (size_t i = 0; i < r->n_streams; i++) {
		const struct q_case_streams_row *s = &r->streams[i];
		struct stream_state *t = &l->stream[s->compartment];
		t->there = true;
		t->epoch = (uint32_t)s->epoch;
		t->seq = (uint32_t)s->seq;
		t->older = s->older;
		t->opened = is_opened(w, s);
		t->snapshot_seq = s->snapshot_seq.set ? (uint32_t)s->snapshot_seq.v : 0;
		t->snapshot_version = s->snapshot_seq.set ? (uint32_t)s->snapshot_version.v : 0;
		l->version.seq[s->compartment] = (uint32_t)s->seq;
	}
}

/* Decode what was opened; snapshots go straight into the state. */
static enum err decode_items(struct arena *a, const struct open_item *items, size_t n, const struct opened_group *g,
                             struct loaded *l)
{
	l->events = ARENA_ARRAY(a, struct event, n + 1);
	if (!l->events)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		const struct opened_item *o = &g->items[i];
		if (o->status == ERR_DENIED)
			continue;
		if (o->status != OK || !o->plain.p)
			return ERR_CORRUPT;
		enum err e;
		if (items[i].at.slot == SLOT_SUMMARY) {
			e = summary_decode(a, o->plain, &l->shown);
			l->summary_opened = e == OK;
		} else if (items[i].at.slot == SLOT_SNAPSHOT)
			e = snapshot_apply(a, l->state, items[i].at.compartment, o->plain);
		else
			e = event_decode(a, items[i].at.compartment, items[i].at.seq, o->plain, &l->events[l->n_events++]);
		if (e != OK)
			return e;
	}
	return OK;
}

/* Oldest first by the moment it was noted; nearly sorted runs, so insertion is cheap. */
static void sort_events(struct event *ev, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct event e = ev[i];
		size_t k = i;
		for (; k > 0 && ev[k - 1].noted.us > e.noted.us; k--)
			ev[k] = ev[k - 1];
		ev[k] = e;
	}
}

/* A page of the timeline may overlap the tail: the moment noted is unique in a case, so doubles stand together. */
static size_t drop_doubles(struct event *ev, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ev[kept - 1].compartment != ev[i].compartment || ev[kept - 1].seq != ev[i].seq)
			ev[kept++] = ev[i];
	return kept;
}

static void fold(struct arena *a, struct loaded *l, bool whole)
{
	for (size_t i = 0; i < l->n_events; i++) {
		const struct event *e = &l->events[i];
		if (whole || e->seq > l->stream[e->compartment].snapshot_seq)
			case_apply(a, l->state, e);
	}
}

static enum err finish(struct arena *a, const struct load_wish *w, const struct case_rows *r,
                       const struct open_item *items, const struct opened_group *g, struct loaded *l)
{
	const struct row_grants *row = r->grant;
	l->case_id = row->case_id;
	l->controller = row->controller;
	l->holder = row->holder;
	l->shred_slot = (uint32_t)row->shred_slot;
	l->grant = g->accepted.n > 0 ? g->accepted : row->accepted.p ? row->accepted : row->wrapped;
	l->summary_read = w->to_write;
	l->summary_version = r->mark ? (uint32_t)r->mark->version : 0;
	l->summary_epoch = r->mark ? (uint32_t)r->mark->epoch : 0;
	stream_states(w, r, l);
	l->held = g->held;
	l->role = (enum role)g->role;
	l->version.held = g->held;
	l->state = case_new(a);
	if (!l->state)
		return ERR_FULL;
	enum err e = decode_items(a, items, r->n_items, g, l);
	if (e != OK)
		return e;
	sort_events(l->events, l->n_events);
	l->n_events = drop_doubles(l->events, l->n_events);
	fold(a, l, w->whole);
	return arena_is_full(a) ? ERR_FULL : OK;
}

enum err case_load(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                   const struct load_wish *w, struct loaded *ret)
{
	struct case_rows rows = { .n_grants = 0 };
	struct db *db = store_reader(f->store);
	enum err e = read_rows(db, a, w, who, &rows);
	if (e == OK && !id_is_zero(w->token))
		e = read_earlier(db, a, who->user, w->token, &ret->earlier);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct open_group group = { .n_items = 0 };
	struct vault_open ask = {
		.why = { .cookie = *c, .purpose = w->purpose, .act = w->act, .asked = w->case_id, .reason = w->reason },
		.groups = &group, .n_groups = rows.n_grants ? 1 : 0,
	};
	if (rows.n_grants) {
		group = grant_group(rows.grant, items_of(a, &rows), rows.n_items);
		if (!group.items || older_of(a, &rows, &group) != OK)
			return ERR_FULL;
	}
	struct vault_open_reply reply = { .status = OK };
	e = vault_open(f->vault, a, &ask, &reply);
	ret->who = reply.who;
	ret->now = reply.now;
	if (e != OK)
		return e;
	if (rows.n_grants == 0 || reply.n_groups == 0 || reply.groups[0].held == 0)
		return ERR_NOT_FOUND;
	if ((e = finish(a, w, &rows, group.items, &reply.groups[0], ret)) != OK)
		return e;
	if (reply.groups[0].accepted.n > 0)
		keep_accepted(f, a, &ask.why, rows.grant, reply.groups[0].accepted);
	return OK;
}

/* ---- what pages see ---- */

static void newest_first(const struct loaded *l, struct arena *a, const struct version *before, size_t limit,
                         struct opened_case *ret)
{
	struct event *out = ARENA_ARRAY(a, struct event, limit + 1);
	size_t n = 0;
	for (size_t i = l->n_events; out && i > 0 && n < limit; i--) {
		const struct event *e = &l->events[i - 1];
		unsigned c = e->compartment;
		if (before && (before->held & (UINT32_C(1) << c)) && e->seq >= before->seq[c])
			continue;
		out[n++] = *e;
	}
	ret->newest = out;
	ret->n_newest = n;
}

/* As it was at the end of a day: only events noted by then. */
static void fold_as_of(struct arena *a, struct loaded *l, struct day as_of)
{
	int64_t end = instant_at(day_add(as_of, 1), 0, 0).us;
	size_t n = 0;
	while (n < l->n_events && l->events[n].noted.us < end)
		n++;
	l->n_events = n;
	l->state = case_new(a);
	for (size_t i = 0; l->state && i < n; i++)
		case_apply(a, l->state, &l->events[i]);
}

enum err flow_open(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct open_wish *w,
                   struct session *ret_session, struct opened_case *ret)
{
	struct vault_who who;
	struct version before;
	bool cursor = w->after.p && w->after.n > 0, as_of = w->as_of.n != 0 && day_is_set(w->as_of);
	size_t limit = w->limit ? w->limit : PAGE_ENTRIES;
	enum err e;
	if (cursor && (e = version_decode(w->after, &before)) != OK)
		return e;
	if ((e = flow_who(f, a, c, &who)) != OK)
		return e;
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!l)
		return ERR_FULL;
	struct load_wish load = { .case_id = w->case_id, .purpose = w->purpose, .act = w->act,
	                          .reason = w->reason.p ? w->reason : STR(""), .newest = limit,
	                          .before = cursor ? &before : NULL, .whole = as_of };
	e = case_load(f, a, c, &who, &load, l);
	if (!id_is_zero(l->who.user))
		session_fill(f, c, &l->who, l->now, ret_session);
	if (e != OK)
		return e;
	struct str version = version_encode(a, &l->version);
	if (as_of)
		fold_as_of(a, l, w->as_of);
	else if (!cursor)
		redate(f, a, c, l, &version);
	*ret = (struct opened_case){ .case_id = l->case_id, .controller = l->controller, .held = l->held,
	                             .role = l->role, .state = l->state, .now = l->now,
	                             .version = version };
	case_summary(a, l->state, &ret->summary);
	newest_first(l, a, cursor ? &before : NULL, limit, ret);
	return arena_is_full(a) ? ERR_FULL : OK;
}

struct str flow_cursor(struct arena *a, const struct opened_case *o, const struct event *last)
{
	/* Where each stream stands after `last`: its oldest shown entry, or its newest when none was shown. */
	struct version v, newest;
	if (version_decode(o->version, &newest) != OK)
		return STR_UNSET;
	v.held = newest.held;
	for (unsigned c = 0; c < STREAMS_MAX; c++)
		v.seq[c] = newest.seq[c] + 1;
	for (size_t i = 0; i < o->n_newest; i++) {
		const struct event *e = &o->newest[i];
		if (e->seq < v.seq[e->compartment])
			v.seq[e->compartment] = (uint32_t)e->seq;
		if (e == last)
			break;
	}
	return version_encode(a, &v);
}

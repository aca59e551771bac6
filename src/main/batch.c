/* main/batch.c — collects rows and writes them under one logged intent. */
#include "main/batch.h"
#include "tables/tables.h"
#include <string.h>

struct batch batch_new(struct arena *a, size_t room)
{
	struct batch b = { .a = a, .room = room };
	b.refs = ARENA_ARRAY(a, struct row_ref, room);
	b.steps = ARENA_ARRAY(a, struct batch_step, room);
	b.fault = b.refs && b.steps ? OK : ERR_FULL;
	return b;
}

static void add(struct batch *b, enum err named, enum err (*run)(struct db *, const void *), const void *row, size_t n)
{
	void *copy = arena_take(b->a, n);
	if (named == OK && !copy)
		named = ERR_FULL;
	if (b->fault == OK)
		b->fault = named;
	if (b->fault != OK)
		return;
	memcpy(copy, row, n);
	b->steps[b->n++] = (struct batch_step){ run, copy };
}

#define BATCH(name, table, statement) \
	static enum err run_##name(struct db *db, const void *row) \
	{ \
		return q_##statement(db, row); \
	} \
	void batch_##name(struct batch *b, const struct row_##table *r) \
	{ \
		assert_always(b->n < b->room || b->fault != OK); \
		if (b->fault == OK) \
			add(b, row_ref_##table(b->a, r, &b->refs[b->n]), run_##name, r, sizeof *r); \
	}
BATCH(controller, controllers, controller_insert)
BATCH(user, users, user_insert)
BATCH(case, cases, case_insert)
BATCH(stream, streams, stream_insert)
BATCH(grant, grants, grant_insert)
BATCH(directory, directory, directory_put)
BATCH(event, events, event_insert)

struct writing { const struct batch *batch; uint64_t intent; };

static enum err write_rows(struct db *db, void *ctx)
{
	const struct writing *w = ctx;
	enum err e = q_applied_insert(db, (int64_t)w->intent);
	for (size_t i = 0; e == OK && i < w->batch->n; i++)
		e = w->batch->steps[i].run(db, w->batch->steps[i].row);
	return e;
}

enum err batch_run(struct batch *b, struct store *s, struct vault_client *v, struct str act, uint64_t sealed)
{
	struct writing w = { b, sealed };
	if (b->fault != OK)
		return b->fault;
	if (sealed == 0) {
		struct vault_note note = { .why = { .purpose = PURPOSE_UPKEEP, .act = act, .reason = STR("") },
		                           .rows = b->refs, .n_rows = b->n };
		struct vault_note_reply reply;
		enum err e = vault_note(v, b->a, &note, &reply);
		if (e != OK)
			return e;
		w.intent = reply.intent;
	}
	enum err e = store_tx(s, write_rows, &w);
	struct vault_outcome o = { .done = &w.intent, .n_done = e == OK, .lost = &w.intent, .n_lost = e != OK };
	if (e != ERR_IO) {
		enum err told = vault_outcome(v, &o);
		e = e != OK ? e : told;
	}
	return e;
}

/* flow/plan.c — one transaction: sealed, logged as an intent, committed, and its outcome reported. */
#include "flow/internal.h"

#define FIRST_CAPACITY 32

void plan_begin(struct write_plan *p, struct flow *f, struct arena *a, const struct vault_why *why, struct loaded *on)
{
	*p = (struct write_plan){ .flow = f, .arena = a, .why = *why, .on = on };
	if (on) {
		p->grant = on->grant;
		p->not_before = on->now;
	} else {
		p->grant = STR_UNSET;
		p->not_before = (struct instant){ 0 };
	}
}

/* Room for one more element; doubles inside the arena. */
static void *room(struct arena *a, void *old, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return old;
	size_t more = *cap ? *cap * 2 : FIRST_CAPACITY;
	char *fresh = arena_take_array(a, more, size);
	if (!fresh)
		return NULL;
	for (size_t i = 0; i < n * size; i++)
		fresh[i] = ((const char *)old)[i];
	*cap = more;
	return fresh;
}

static enum err add_step(struct write_plan *p, const struct planned *step)
{
	struct planned *steps = room(p->arena, p->steps, p->n_steps, &p->cap_steps, sizeof *steps);
	if (!steps)
		return ERR_FULL;
	p->steps = steps;
	p->steps[p->n_steps++] = *step;
	return OK;
}

enum err plan_sealed(struct write_plan *p, const struct seal_item *item,
                     enum err (*run)(struct db *, const struct planned *, struct str), const void *row)
{
	struct seal_item *items = room(p->arena, p->items, p->n_items, &p->cap_items, sizeof *items);
	if (!items || arena_is_full(p->arena))
		return ERR_FULL;
	p->items = items;
	p->items[p->n_items] = *item;
	struct planned step = { .run = run, .row = row, .envelope = (int)p->n_items };
	p->n_items++;
	return add_step(p, &step);
}

enum err plan_row(struct write_plan *p, const struct row_ref *ref,
                  enum err (*run)(struct db *, const struct planned *, struct str), const void *row)
{
	struct row_ref *rows = room(p->arena, p->rows, p->n_rows, &p->cap_rows, sizeof *rows);
	if (!rows || arena_is_full(p->arena))
		return ERR_FULL;
	p->rows = rows;
	p->rows[p->n_rows++] = *ref;
	struct planned step = { .run = run, .row = row, .envelope = -1 };
	return add_step(p, &step);
}

enum err plan_check(struct write_plan *p, enum err (*run)(struct db *, const struct planned *, struct str), const void *row)
{
	struct planned step = { .run = run, .row = row, .envelope = -1 };
	return add_step(p, &step);
}

#define APPLIED_KEPT 4096
#define APPLIED_TIDY_EVERY 256

static enum err run_steps(struct db *db, void *ctx)
{
	struct write_plan *p = ctx;
	enum err e;
	int64_t intent = (int64_t)p->intent;
	int64_t tidied = 0;
	if ((e = q_applied_insert(db, intent)) != OK)
		return e;
	if (++p->flow->writes % APPLIED_TIDY_EVERY == 0 && intent > APPLIED_KEPT)
		if ((e = q_applied_tidy(db, intent - APPLIED_KEPT, &tidied)) != OK)
			return e;
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct planned *step = &p->steps[i];
		struct str envelope = step->envelope < 0 ? STR_UNSET : p->envelopes[step->envelope];
		if ((e = step->run(db, step, envelope)) != OK)
			return e;
	}
	return OK;
}

void plan_ask(const struct write_plan *p, struct vault_seal *ret)
{
	*ret = (struct vault_seal){
		.why = p->why,
		.grant = p->grant,
		.shred_slot = p->on ? p->on->shred_slot : 0,
		.not_before = p->not_before,
		.items = p->items, .n_items = p->n_items,
		.rows = p->rows, .n_rows = p->n_rows,
	};
}

void plan_sealed_as(struct write_plan *p, const struct vault_seal_reply *reply)
{
	assert_always(reply->n_envelopes == p->n_items);
	p->envelopes = reply->envelopes;
	p->intent = reply->intent;
	p->noted = reply->noted;
}

static enum err seal(struct write_plan *p)
{
	struct vault_seal ask;
	struct vault_seal_reply reply = { .status = OK };
	plan_ask(p, &ask);
	enum err e = vault_seal(p->flow->vault, p->arena, &ask, &reply);
	if (e == OK)
		plan_sealed_as(p, &reply);
	return e;
}

/* A vault that died meanwhile learns the outcome at its next start. */
static enum err tell_outcome(struct write_plan *p, bool done)
{
	struct vault_outcome say = { .done = &p->intent, .n_done = done, .lost = &p->intent, .n_lost = !done };
	return vault_outcome(p->flow->vault, &say);
}

enum err plan_commit(struct write_plan *p)
{
	enum err e = store_tx(p->flow->store, run_steps, p);
	enum err told = tell_outcome(p, e == OK);
	(void)told;
	p->flow->saves += e == OK;
	return e;
}

enum err plan_lost(struct write_plan *p)
{
	return tell_outcome(p, false);
}

enum err plan_run(struct write_plan *p)
{
	struct flow *f = p->flow;
	if (p->n_steps == 0)
		return OK;
	flow_saving_begin(f);
	enum err e = seal(p);
	if (e == OK)
		e = plan_commit(p);
	flow_saving_end(f);
	return e;
}

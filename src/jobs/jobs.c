/* jobs/jobs.c — one thread, one round after another. */
#include "jobs/jobs.h"
#include <pthread.h>
#include <string.h>

#define ROUND_MS 10000
#define AT_ONCE 64
#define KEPT_US (INT64_C(24) * 3600 * 1000000)

struct jobs {
	struct jobs_options options;
	struct arena *own, *arena; /* this struct; one round's memory */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stop;
};

/* A batch of rows that changes under one logged intent. `changed` is 0 for a row that someone else was first to
 * change: then the whole batch is given back and the intent is lost, so that the log names no row that is not so. */
struct batch {
	struct flow *flow;
	struct arena *arena;
	struct row_rungs *rungs;
	size_t n_rungs;
	struct row_idempotency *answers;
	size_t n_answers;
	struct instant now;
	uint64_t intent;
};

static enum err write_batch(struct db *db, void *ctx)
{
	struct batch *b = ctx;
	int64_t changed = 0;
	enum err e = q_applied_insert(db, (int64_t)b->intent);
	for (size_t i = 0; e == OK && i < b->n_rungs; i++) {
		e = q_rung_fire(db, b->rungs[i].rung_id, b->now.us, b->rungs[i].version, &changed);
		if (e == OK && changed != 1)
			e = ERR_CONFLICT;
	}
	for (size_t i = 0; e == OK && i < b->n_answers; i++) {
		e = q_idempotency_delete(db, b->answers[i].user_id, b->answers[i].token, &changed);
		if (e == OK && changed != 1)
			e = ERR_CONFLICT;
	}
	return e;
}

static enum err name_rows(struct batch *b, struct row_ref **ret, size_t *ret_n)
{
	size_t n = b->n_rungs + b->n_answers, at = 0;
	struct row_ref *refs = ARENA_ARRAY(b->arena, struct row_ref, n);
	enum err e = refs ? OK : ERR_FULL;
	for (size_t i = 0; e == OK && i < b->n_rungs; i++)
		e = row_ref_rungs(b->arena, &b->rungs[i], &refs[at++]);
	for (size_t i = 0; e == OK && i < b->n_answers; i++)
		row_gone_idempotency(&b->answers[i], &refs[at++]);
	if (e != OK)
		return e;
	*ret = refs;
	*ret_n = n;
	return OK;
}

static enum err note_and_write(struct batch *b, const struct vault_note *note)
{
	struct vault_note_reply reply;
	enum err e;
	if ((e = vault_note(flow_vault(b->flow), b->arena, note, &reply)) != OK)
		return e;
	b->intent = reply.intent;
	e = store_tx(flow_store(b->flow), write_batch, b);
	/* After ERR_IO nobody knows; the vault asks again at its next start. */
	if (e != ERR_IO) {
		struct vault_outcome o = { .done = &b->intent, .n_done = e == OK, .lost = &b->intent, .n_lost = e != OK };
		(void)!vault_outcome(flow_vault(b->flow), &o);
	}
	return e;
}

static enum err run_batch(struct batch *b, const char *act)
{
	struct vault_note note = { .why = { .purpose = PURPOSE_UPKEEP, .act = str_c(act) } };
	struct row_ref *refs = NULL;
	enum err e;
	if ((e = name_rows(b, &refs, &note.n_rows)) != OK)
		return e;
	note.rows = refs;
	/* A new vault may not call this intent lost while its transaction is on its way. */
	flow_saving_begin(b->flow);
	e = note_and_write(b, &note);
	flow_saving_end(b->flow);
	return e;
}

static enum err fire_rungs(struct flow *f, struct arena *a, struct instant now, size_t *ret_fired)
{
	struct batch b = { .flow = f, .arena = a, .now = now };
	struct db *db = store_reader(flow_store(f));
	if (!db)
		return ERR_IO;
	enum err e = q_rungs_due(db, a, now.us, AT_ONCE, &b.rungs, &b.n_rungs);
	store_reader_done(flow_store(f), db);
	if (e != OK || b.n_rungs == 0)
		return e;
	for (size_t i = 0; i < b.n_rungs; i++) {
		b.rungs[i].fired = (struct i64_maybe){ true, now.us };
		b.rungs[i].version++;
	}
	e = run_batch(&b, "rungs_fire");
	if (e == OK)
		*ret_fired += b.n_rungs;
	/* Someone opened or cancelled one meanwhile: the next round sees what is left. */
	return e == ERR_CONFLICT ? OK : e;
}

static enum err forget_answers(struct flow *f, struct arena *a, struct instant now)
{
	struct batch b = { .flow = f, .arena = a, .now = now };
	struct db *db = store_reader(flow_store(f));
	if (!db)
		return ERR_IO;
	enum err e = q_idempotency_old(db, a, now.us - KEPT_US, AT_ONCE, &b.answers, &b.n_answers);
	store_reader_done(flow_store(f), db);
	if (e != OK || b.n_answers == 0)
		return e;
	e = run_batch(&b, "answers_forget");
	return e == ERR_CONFLICT ? OK : e;
}

enum err jobs_round(struct flow *f, struct arena *a, struct instant now, size_t *ret_fired)
{
	size_t fired = 0;
	enum err e;
	if ((e = fire_rungs(f, a, now, &fired)) != OK)
		return e;
	*ret_fired = fired;
	return forget_answers(f, a, now);
}

static bool wait_round(struct jobs *j)
{
	int ms = j->options.round_ms > 0 ? j->options.round_ms : ROUND_MS;
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&j->mutex);
	while (!j->stop && pthread_cond_timedwait(&j->wake, &j->mutex, &until) == 0)
		;
	bool go_on = !j->stop;
	pthread_mutex_unlock(&j->mutex);
	return go_on;
}

/* What time it is, is the vault's to say. */
static enum err one_round(struct jobs *j)
{
	struct vault_hello ask = { .protocol = 1 };
	struct vault_hello_reply reply;
	size_t fired = 0;
	enum err e = vault_hello(flow_vault(j->options.flow), j->arena, &ask, &reply);
	return e == OK ? jobs_round(j->options.flow, j->arena, reply.now, &fired) : e;
}

static void *work(void *ctx)
{
	struct jobs *j = ctx;
	do {
		enum err e = one_round(j);
		arena_reset(j->arena);
		/* A vault that is starting again is no reason to be killed; a database that cannot be read is. */
		if ((e == OK || e == ERR_VAULT_GONE || e == ERR_LOG_FULL) && j->options.alive)
			j->options.alive(j->options.ctx);
	} while (wait_round(j));
	return NULL;
}

enum err jobs_start(const struct jobs_options *o, struct jobs **ret)
{
	struct arena *a = arena_new(1u << 20);
	struct arena *own = arena_new(4096);
	struct jobs *j = a && own ? ARENA_NEW(own, struct jobs) : NULL;
	pthread_condattr_t monotonic;
	if (!j || pthread_condattr_init(&monotonic) != 0) {
		arena_free(a);
		arena_free(own);
		return ERR_FULL;
	}
	j->options = *o;
	j->own = own;
	j->arena = a;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&j->mutex, NULL);
	pthread_cond_init(&j->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&j->thread, NULL, work, j) != 0) {
		arena_free(a);
		arena_free(own);
		return ERR_SYSTEM;
	}
	*ret = j;
	return OK;
}

void jobs_stop(struct jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->mutex);
	j->stop = true;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->mutex);
	pthread_join(j->thread, NULL);
	arena_free(j->arena);
	arena_free(j->own);
}

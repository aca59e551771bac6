/* flow/flow.c — what one process keeps between acts, and how it meets a vault that has just started. */
#include "flow/standing.h"
#include "crypto/bytes.h"
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#define BOOT_CEILING (1024 * 1024)
#define READY_CEILING (8 * 1024 * 1024)

void flow_wait_slot(const struct flow *f)
{
	struct timespec now;
	if (f->slot_ms <= 0 || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return;
	int64_t slot = (int64_t)f->slot_ms * 1000000, at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	int64_t next = (at / slot + 1) * slot;
	struct timespec until = { .tv_sec = next / 1000000000, .tv_nsec = next % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

void flow_saving_begin(struct flow *f)
{
	assert_always(pthread_rwlock_rdlock(&f->saving) == 0);
}

void flow_saving_end(struct flow *f)
{
	assert_always(pthread_rwlock_unlock(&f->saving) == 0);
}

void flow_quiet_begin(struct flow *f)
{
	assert_always(pthread_rwlock_wrlock(&f->saving) == 0);
}

void flow_quiet_end(struct flow *f)
{
	assert_always(pthread_rwlock_unlock(&f->saving) == 0);
}

void flow_tell_finding(struct flow *f, bool found)
{
	atomic_store(&f->finding, found);
}

bool flow_has_finding(const struct flow *f)
{
	return atomic_load(&f->finding);
}

/* Who waits for the quiet is not overtaken: under load somebody always saves. */
static void saving_init(pthread_rwlock_t *l)
{
	pthread_rwlockattr_t how;
	assert_always(pthread_rwlockattr_init(&how) == 0);
	assert_always(pthread_rwlockattr_setkind_np(&how, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	assert_always(pthread_rwlock_init(l, &how) == 0);
	pthread_rwlockattr_destroy(&how);
}

struct store *flow_store(struct flow *f)
{
	return f->store;
}

struct vault_client *flow_vault(struct flow *f)
{
	return f->vault;
}

struct flow_counts flow_counts(struct flow *f)
{
	return (struct flow_counts){ .saves = f->saves, .conflicts = f->conflicts, .refusals = f->refusals,
	                             .vaults = f->vaults };
}

static enum err load_controllers(struct flow *f)
{
	struct row_controllers *rows = NULL;
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_controllers(db, f->boot, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct controller_info *c = ARENA_ARRAY(f->boot, struct controller_info, n);
	if (n > 0 && !c)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++)
		c[i] = (struct controller_info){
			.id = rows[i].controller, .directory = rows[i].directory, .desk = rows[i].desk,
			.index = rows[i].number_index, .review = rows[i].review,
			.kind = (enum controller_kind)rows[i].kind,
			.municipality = (int32_t)rows[i].municipality, .name = rows[i].name,
		};
	f->standing_epoch = arena_take_array(f->boot, n + 1, sizeof *f->standing_epoch);
	if (!f->standing_epoch)
		return ERR_FULL;
	f->controllers = c;
	f->n_controllers = n;
	return OK;
}

enum err flow_new(const struct flow_options *o, struct flow **ret)
{
	struct arena *boot = arena_new(BOOT_CEILING);
	if (!boot)
		return ERR_SYSTEM;
	struct flow *f = ARENA_NEW(boot, struct flow);
	assert_always(f != NULL);
	f->boot = boot;
	f->store = o->store;
	f->vault = o->vault;
	f->slot_ms = o->slot_ms;
	saving_init(&f->saving);
	for (size_t i = 0; i < AGAIN; i++)
		assert_always(pthread_mutex_init(&f->again[i], NULL) == 0);
	enum err e = who_cache_new(boot, &f->who);
	if (e == OK)
		e = o->profile.p ? profile_parse(boot, o->profile, &f->profile, &(struct profile_fault){ 0 })
		                 : profile_generic(boot, &f->profile);
	if (e == OK)
		e = load_controllers(f);
	if (e != OK) {
		arena_free(boot);
		return e;
	}
	*ret = f;
	return OK;
}

void flow_free(struct flow *f)
{
	if (!f)
		return;
	pthread_rwlock_destroy(&f->saving);
	for (size_t i = 0; i < AGAIN; i++)
		pthread_mutex_destroy(&f->again[i]);
	arena_free(f->boot);
}

const struct controller_info *flow_controller(struct flow *f, struct id16 id)
{
	for (size_t i = 0; i < f->n_controllers; i++)
		if (id_eq(f->controllers[i].id, id))
			return &f->controllers[i];
	return NULL;
}

size_t flow_controllers(struct flow *f, const struct controller_info **ret)
{
	*ret = f->controllers;
	return f->n_controllers;
}

/* Which of the vault's open intents were committed: `applied` knows. */
static enum err reconcile(struct flow *f, struct arena *a, const uint64_t *open, size_t n)
{
	if (n == 0)
		return OK;
	uint64_t *done = ARENA_ARRAY(a, uint64_t, n), *lost = ARENA_ARRAY(a, uint64_t, n);
	if (!done || !lost)
		return ERR_FULL;
	size_t n_done = 0, n_lost = 0;
	struct db *db = store_reader(f->store);
	enum err e = OK;
	for (size_t i = 0; e == OK && i < n; i++) {
		struct q_applied_has_row *row = NULL;
		e = q_applied_has(db, a, (int64_t)open[i], &row, &(size_t){ 0 });
		if (row)
			done[n_done++] = open[i];
		else
			lost[n_lost++] = open[i];
	}
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct vault_outcome say = { .done = done, .n_done = n_done, .lost = lost, .n_lost = n_lost };
	return vault_outcome(f->vault, &say);
}

enum err flow_load_certificates(struct flow *f, struct arena *a)
{
	struct q_certificates_row *rows = NULL;
	size_t n = 0;
	struct db *db = store_reader(f->store);
	enum err e = q_certificates(db, a, &rows, &n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct str *list = ARENA_ARRAY(a, struct str, n + 1);
	if (!list)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++)
		list[i] = rows[i].certificate;
	struct vault_certificates ask = { .certificates = list, .n = n };
	struct vault_status_reply reply = { .status = OK };
	return vault_certificates(f->vault, a, &ask, &reply);
}

/* The newest key of a standing dossier, so that the vault seals log keys, names and packages to it. */
enum err flow_tell_standing(struct flow *f, struct arena *a, const struct controller_info *c, size_t place)
{
	struct stream_to to;
	enum err e = stream_to(f, a, standing_at(c, place), COMPARTMENT_HEAD, &to);
	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	struct vault_standing ask = { .controller = c->id, .dossier = standing_at(c, place), .key = to.key, .older = to.older };
	struct vault_status_reply reply = { .status = OK };
	if ((e = vault_standing(f->vault, a, &ask, &reply)) == OK)
		f->standing_epoch[c - f->controllers][place] = to.key.epoch;
	return e;
}

static enum err load_standing_keys(struct flow *f, struct arena *a)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < f->n_controllers; i++) {
		for (size_t k = 0; e == OK && k < STANDING_MAX; k++)
			e = flow_tell_standing(f, a, &f->controllers[i], k);
	}
	return e;
}

static enum err meet(struct flow *f, struct arena *a)
{
	struct vault_hello ask = { .protocol = 1 };
	struct vault_hello_reply hello = { .status = OK };
	enum err e;
	if ((e = vault_hello(f->vault, a, &ask, &hello)) != OK)
		return e;
	if ((e = reconcile(f, a, hello.open_intents, hello.n_open_intents)) != OK)
		return e;
	if ((e = load_standing_keys(f, a)) != OK)
		return e;
	return flow_load_certificates(f, a);
}

enum err flow_vault_ready(struct flow *f)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(READY_CEILING);
	if (!a)
		return ERR_SYSTEM;
	who_forget_all(f->who);
	f->vaults++;
	/* Nobody may stand between seal and outcome while the old vault's intents are counted. */
	flow_quiet_begin(f);
	enum err e = meet(f, a);
	flow_quiet_end(f);
	return e;
}

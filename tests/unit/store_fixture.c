/* tests/unit/store_fixture.c — a database in a directory of its own, and small cases in it. */
#include "store_fixture.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_open(struct fixture *f)
{
	const char *tmp = getenv("TMPDIR");
	struct store_options o = { .create = true };
	int n = snprintf(f->directory, sizeof f->directory, "%s/avstamp-store-XXXXXX", tmp ? tmp : "/tmp");
	assert_always(n > 0 && (size_t)n < sizeof f->directory && mkdtemp(f->directory));
	o.directory = f->directory;
	f->arena = arena_new(64 << 20);
	assert_always(f->arena && store_open(&o, &f->store) == OK);
}

void fixture_reopen(struct fixture *f)
{
	struct store_options o = { .directory = f->directory, .alone = f->alone };
	store_close(f->store);
	f->store = NULL;
	assert_always(store_open(&o, &f->store) == OK);
}

void fixture_close(struct fixture *f)
{
	DIR *d;
	struct dirent *entry;
	store_close(f->store);
	arena_free(f->arena);
	d = opendir(f->directory);
	assert_always(d);
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	(void)closedir(d);
	(void)rmdir(f->directory);
}

struct id16 id_of(uint8_t kind, uint32_t n)
{
	struct id16 id = { { kind, (uint8_t)(n * 37u), (uint8_t)(n * 101u), (uint8_t)(n >> 8) } };
	memcpy(id.b + 12, &n, sizeof n);
	return id;
}

struct str bytes_of(struct arena *a, uint8_t fill, size_t n)
{
	char *p = arena_take(a, n);
	assert_always(p);
	memset(p, fill, n);
	return (struct str){ p, n };
}

struct asker asker_only(struct id16 user)
{
	return (struct asker){ .id = { user } };
}

enum err append_event(struct db *db, struct arena *a, struct id16 case_id, int64_t compartment, int64_t seq, size_t n)
{
	struct row_events e = { .place = event_place(case_id, compartment, seq), .case_id = case_id, .compartment = compartment, .seq = seq, .epoch = 1,
	                        .envelope = bytes_of(a, (uint8_t)seq, n) };
	return q_event_insert(db, &e);
}

static enum err write_grants(struct db *db, const struct small_case *c, struct id16 case_id)
{
	const struct id16 holders[] = { id_of('u', 1), id_of('d', 1) };
	for (size_t i = 0; i < COUNT_OF(holders); i++) {
		struct row_grants g = { .holder = holders[i], .case_id = case_id, .controller = id_of('o', 1), .shred_slot = c->number,
		                        .place = case_place(case_id), .serial = (int64_t)i + 1, .version = 1,
		                        .wrapped = bytes_of(c->arena, 0x77, 1200) };
		enum err e = q_grant_insert(db, &g);
		if (e != OK)
			return e;
	}
	return OK;
}

enum err write_case(struct db *db, void *small_case)
{
	const struct small_case *c = small_case;
	struct id16 case_id = id_of('c', c->number);
	struct row_cases k = { .case_id = case_id, .controller = id_of('o', 1), .code = c->number, .shred_slot = c->number,
	                       .version = 1, .recovery = bytes_of(c->arena, 0x66, 416) };
	struct row_summaries s = { .place = case_place(case_id), .case_id = case_id, .epoch = 1, .version = 1, .envelope = bytes_of(c->arena, 0x55, 296) };
	enum err e;
	if ((e = q_case_insert(db, &k)) != OK || (e = write_grants(db, c, case_id)) != OK ||
	    (e = q_summary_put(db, &s)) != OK)
		return e;
	for (int64_t t = 0; t < c->n_streams; t++) {
		struct row_streams r = { .place = event_place(case_id, t, 1), .case_id = case_id, .compartment = t, .epoch = 1,
		                         .deposit_key = bytes_of(c->arena, 1, 32),
		                         .proof = bytes_of(c->arena, 3, 32), .recovery_wrap = bytes_of(c->arena, 2, 128) };
		if ((e = q_stream_insert(db, &r)) != OK)
			return e;
		for (int64_t seq = 1; seq <= c->n_events; seq++)
			if ((e = append_event(db, c->arena, case_id, t, seq, c->envelope)) != OK)
				return e;
	}
	return OK;
}

/* tests/unit/test_vault_life.c — what a vault does when the disk is full, when it is killed, when web speaks
 * nonsense; what its opening path may not call; what a restore needs. */
#include "test_vault_help.h"
#include "vault/start.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Shared with the vault in the child process. */
struct shared {
	atomic_bool disk_full, sync_fails;
	atomic_uint asymmetric, syncs;
};
static struct shared *shared;

/* ---- the linker sends these calls of the vault through here ---- */

#define COUNTED(type, name, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		if (shared) atomic_fetch_add(&shared->asymmetric, 1); \
		return __real_##name arguments; \
	}
COUNTED(int, crypto_box_seal, (unsigned char *c, const unsigned char *m, unsigned long long n, const unsigned char *k), (c, m, n, k))
COUNTED(int, crypto_box_seal_open, (unsigned char *m, const unsigned char *c, unsigned long long n, const unsigned char *p, const unsigned char *s), (m, c, n, p, s))
COUNTED(int, crypto_sign_detached, (unsigned char *s, unsigned long long *sn, const unsigned char *m, unsigned long long n, const unsigned char *k), (s, sn, m, n, k))
COUNTED(int, crypto_sign_verify_detached, (const unsigned char *s, const unsigned char *m, unsigned long long n, const unsigned char *k), (s, m, n, k))
COUNTED(int, crypto_box_seed_keypair, (unsigned char *p, unsigned char *s, const unsigned char *seed), (p, s, seed))
COUNTED(int, crypto_scalarmult_base, (unsigned char *q, const unsigned char *n), (q, n))
COUNTED(int, crypto_sign_seed_keypair, (unsigned char *p, unsigned char *s, const unsigned char *seed), (p, s, seed))

int __real_posix_fallocate64(int fd, off_t from, off_t n);
int __wrap_posix_fallocate64(int fd, off_t from, off_t n);
int __wrap_posix_fallocate64(int fd, off_t from, off_t n)
{
	return shared && shared->disk_full ? ENOSPC : __real_posix_fallocate64(fd, from, n);
}
ssize_t __real_pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off_t at)
{
	if (!shared || !shared->disk_full) return __real_pwrite64(fd, p, n, at);
	/* Room that was preallocated can be written; nothing beyond it. */
	off_t end = lseek(fd, 0, SEEK_END);
	if (end >= 0 && at + (off_t)n <= end) return __real_pwrite64(fd, p, n, at);
	errno = ENOSPC;
	return -1;
}
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	if (shared) atomic_fetch_add(&shared->syncs, 1);
	if (shared && shared->sync_fails) {
		errno = EIO;
		return -1;
	}
	return __real_fdatasync(fd);
}

/* ---- a world for each test ---- */

static struct world w;
static struct dossier d;
static struct str envelope;

static int found(void **state)
{
	(void)state;
	shared->disk_full = shared->sync_fails = false;
	world_found(&w);
	assert_int_equal(world_login(&w, ANNA), OK);
	assert_int_equal(world_attach(&w, ANNA), OK);
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 2, 1), "text:5:hejsa\n", &envelope), OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end(&w);
	return 0;
}

static enum err open_it(struct vault_open_reply *r)
{
	return world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 2, 1), envelope, r);
}

/* ---- what the path of opening may not do (DECISIONS 17) ---- */

/* Rows of before and after a new epoch, opened together. */
static void a_case_with_two_epochs_is_opened_without_anything_asymmetric(void **state)
{
	(void)state;
	struct rotate_holder ben = { .holder = w.people[BEN].user };
	struct vault_rotate ask = { .why = why_of(&w.people[ANNA], d.id), .controller = d.controller, .case_id = d.id,
	                            .own = d.grants[0].accepted, .shred_slot = d.shred_slot, .recovery = d.recovery,
	                            .compartments = 7, .holders = &ben, .n_holders = 1 };
	static struct vault_rotate_reply turned;
	struct vault_open_reply r;
	struct envelope_at at = event_at(&d, 2, 200);
	struct str after;
	shared->asymmetric = 0;
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &turned), OK);
	/* The control: making it does, and no more than a custodian's box and a deposit pair a stream, and Ben's box. */
	assert_true(shared->asymmetric >= 7 && shared->asymmetric <= 16);
	at.epoch = 2;
	shared->asymmetric = 0;
	assert_int_equal(world_seal(&w, ANNA, &d, turned.own, at, "x:1:y\n", &after), OK);
	struct open_item items[] = { { event_at(&d, 2, 1), envelope }, { at, after } };
	struct older_keys older = { 2, 2, turned.streams[2].older };
	struct open_group g = { .grant = turned.own, .shred_slot = d.shred_slot, .older = &older, .n_older = 1, .items = items,
	                        .n_items = 2 };
	struct vault_open look = { .why = why_of(&w.people[ANNA], d.id), .groups = &g, .n_groups = 1 };
	for (int i = 0; i < 20; i++) {
		assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		assert_int_equal(r.groups[0].items[1].status, OK);
	}
	assert_int_equal(shared->asymmetric, 0);
}

static void opening_and_saving_call_nothing_asymmetric(void **state)
{
	(void)state;
	struct vault_open_reply r;
	struct str more;
	assert_int_equal(open_it(&r), OK); /* the interval's log key is sealed once */
	shared->asymmetric = 0;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(open_it(&r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 2, (uint64_t)i + 2), "x:1:y\n", &more), OK);
	}
	struct vault_index ask = { .why = why_of(&w.people[ANNA], (struct id16){ { 0 } }), .number = STR("198112189876") };
	struct vault_index_reply found_bucket;
	assert_int_equal(vault_index(w.v, w.a, &ask, &found_bucket), OK);
	assert_int_equal(shared->asymmetric, 0);
	/* The control: a first opening does. */
	struct vault_grant grant = { .why = why_of(&w.people[ANNA], d.id), .controller = d.controller, .case_id = d.id,
	                             .own = d.grants[0].accepted, .shred_slot = d.shred_slot,
	                             .wish = { .holder = w.people[BEN].user, .compartments = 7, .serial = 2 } };
	struct vault_grant_reply made;
	assert_int_equal(vault_grant(w.v, w.a, &grant, &made), OK);
	assert_int_equal(world_login(&w, BEN), OK);
	shared->asymmetric = 0;
	assert_int_equal(world_open(&w, BEN, d.id, made.grant, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_true(shared->asymmetric >= 2);
	shared->asymmetric = 0;
	assert_int_equal(world_open(&w, BEN, d.id, r.groups[0].accepted, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(shared->asymmetric, 0);
}

static void one_opening_is_one_flush(void **state)
{
	(void)state;
	struct vault_open_reply r;
	assert_int_equal(open_it(&r), OK);
	shared->syncs = 0;
	for (int i = 0; i < 10; i++) assert_int_equal(open_it(&r), OK);
	assert_int_equal(shared->syncs, 10);
}

/* ---- no entry, no plaintext ---- */

/* Logs until the preallocated room has been used up. */
static enum err fill_the_log(size_t reason_n)
{
	static char reason[4000];
	enum err e = OK;
	memset(reason, 'a', sizeof reason);
	for (int i = 0; i < 2000 && e == OK; i++) {
		struct arena *a = arena_new(1u << 20);
		struct vault_open_reply r;
		struct vault_open ask = { .why = why_of(&w.people[ANNA], (struct id16){ { 0 } }) };
		ask.why.reason = (struct str){ reason, reason_n };
		e = vault_open(w.v, a, &ask, &r);
		arena_free(a);
	}
	return e;
}

static void a_full_disk_shows_nothing(void **state)
{
	(void)state;
	struct vault_open_reply r;
	struct str more;
	struct vault_status_reply status;
	shared->disk_full = true;
	assert_int_equal(fill_the_log(4000), ERR_LOG_FULL);
	assert_int_equal(fill_the_log(0), ERR_LOG_FULL);
	assert_int_equal(open_it(&r), ERR_LOG_FULL);
	assert_int_equal(r.n_groups, 0);
	assert_int_equal(world_seal(&w, ANNA, &d, d.grants[0].accepted, event_at(&d, 2, 2), "x:1:y\n", &more), ERR_LOG_FULL);
	struct dossier other;
	assert_int_equal(world_new_case(&w, ANNA, &other), ERR_LOG_FULL);
	/* The reserve: one can still lock, and a refusal is still written. */
	struct vault_lock lock = { .cookie = w.people[ANNA].cookie };
	assert_int_equal(vault_lock(w.v, w.a, &lock, &status), OK);
	assert_int_equal(open_it(&r), ERR_LOCKED);
	shared->disk_full = false;
	struct vault_session_reply session;
	world_later(&w, 31 * SECOND);
	struct vault_unlock unlock = { .cookie = w.people[ANNA].cookie, .totp = world_code(&w, ANNA, 0) };
	assert_int_equal(vault_unlock(w.v, w.a, &unlock, &session), OK);
	assert_int_equal(open_it(&r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
}

static void a_failed_flush_ends_the_vault_before_it_answers(void **state)
{
	(void)state;
	struct vault_open_reply r;
	assert_int_equal(open_it(&r), OK);
	shared->sync_fails = true;
	assert_int_equal(open_it(&r), ERR_VAULT_GONE);
	shared->sync_fails = false;
	assert_false(vault_client_alive(w.v));
	assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
	w.pid = 0;
}

/* ---- killed, stopped, started again ---- */

static void note_worst(void *context, const struct verify_finding *f)
{
	enum verify_code *worst = context;
	if (f->code > *worst) *worst = f->code;
}

static enum verify_code verified(void)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/log", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	enum verify_code worst = VERIFY_OK;
	struct verify_options o = { .dir_fd = fd, .since = STR_UNSET, .found = note_worst, .ctx = &worst };
	struct verify *v = NULL;
	assert_int_equal(verify_log(&o, &v), OK);
	verify_free(v);
	(void)close(fd);
	return worst;
}

static void a_refused_opening_is_logged_as_large_as_a_granted_one(void **state)
{
	(void)state;
	struct vault_open_reply granted, foreign, none;
	struct vault_open ask = { .why = why_of(&w.people[CARIN], d.id) };
	assert_int_equal(open_it(&granted), OK);
	assert_int_equal(world_login(&w, CARIN), OK);
	ask.why = why_of(&w.people[CARIN], d.id);
	assert_int_equal(vault_open(w.v, w.a, &ask, &foreign), OK);
	ask.why.asked = bytes_random_id();
	assert_int_equal(vault_open(w.v, w.a, &ask, &none), OK);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/log", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	struct log_reader *reader;
	assert_int_equal(log_reader_new(w.a, fd, &reader), OK);
	uint64_t entries[] = { granted.entry, foreign.entry, none.entry };
	size_t clear_n = 0, body_n = 0;
	for (size_t i = 0; i < COUNT_OF(entries); i++) {
		struct log_record record;
		assert_int_equal(log_reader_seek(reader, entries[i]), OK);
		assert_int_equal(log_reader_next(reader, &record), OK);
		assert_int_equal(record.entry.class, LOG_OPEN);
		assert_int_equal(record.entry.outcome, i == 0 ? LOG_DONE : LOG_DENIED);
		assert_int_equal(record.entry.body, LOG_BODY_SEALED);
		if (i > 0) assert_true(record.clear.n == clear_n && record.body.n == body_n);
		clear_n = record.clear.n;
		body_n = record.body.n;
		char hex[ID_HEX];
		id_hex(d.id, hex);
		assert_null(memmem(record.body.p, record.body.n, hex, ID_HEX));
	}
	log_reader_close(reader);
	(void)close(fd);
}

static uint64_t intend(void)
{
	struct row_ref row = { .row = bytes_random_id(), .version = 1, .tag = { 1 } };
	struct vault_note ask = { .why = why_of(&w.people[ANNA], d.id), .rows = &row, .n_rows = 1 };
	struct vault_note_reply reply;
	assert_int_equal(vault_note(w.v, w.a, &ask, &reply), OK);
	return reply.intent;
}

static bool is_open(uint64_t intent)
{
	struct vault_hello ask = { .protocol = 1 };
	struct vault_hello_reply reply;
	assert_int_equal(vault_hello(w.v, w.a, &ask, &reply), OK);
	for (size_t i = 0; i < reply.n_open_intents; i++)
		if (reply.open_intents[i] == intent) return true;
	return false;
}

static void a_killed_vault_forgets_sessions_and_keeps_the_log(void **state)
{
	(void)state;
	struct vault_open_reply r;
	uint64_t done = intend(), lost = intend(), open_one = intend();
	struct vault_outcome outcome = { .done = &done, .n_done = 1, .lost = &lost, .n_lost = 1 };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	assert_false(is_open(done) || is_open(lost));
	assert_true(is_open(open_one));
	assert_int_equal(open_it(&r), OK);
	uint64_t entry = r.entry;
	for (int i = 0; i < 5; i++) {
		world_kill(&w);
		assert_int_equal(open_it(&r), ERR_VAULT_GONE);
		assert_true(world_start(&w));
		assert_int_equal(open_it(&r), ERR_NO_SESSION);
		assert_true(is_open(open_one));
	}
	outcome = (struct vault_outcome){ .done = &open_one, .n_done = 1 };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	assert_false(is_open(open_one));
	/* The code of the last login before the kill, and a new one. */
	w.clock = r.now.us > w.clock.us ? r.now : w.clock;
	struct vault_clock put = { .now = w.clock };
	struct vault_status_reply status;
	struct vault_hello hello = { .protocol = 1 };
	struct vault_hello_reply now;
	assert_int_equal(vault_hello(w.v, w.a, &hello, &now), OK);
	put.now = w.clock = now.now;
	assert_int_equal(vault_clock(w.v, w.a, &put, &status), OK);
	world_later(&w, 91 * SECOND);
	assert_int_equal(world_login(&w, ANNA), OK);
	assert_int_equal(open_it(&r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_true(r.entry > entry);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	assert_int_equal(verified(), VERIFY_OK);
}

static void the_last_entry_of_a_boot_is_its_stop(void **state)
{
	(void)state;
	/* A late row is waiting, and its transaction is committed. */
	struct row_ref row = { .row = bytes_random_id(), .version = 1, .tag = { 1 }, .late = true };
	struct vault_note ask = { .why = why_of(&w.people[ANNA], d.id), .rows = &row, .n_rows = 1 };
	struct vault_note_reply reply;
	assert_int_equal(vault_note(w.v, w.a, &ask, &reply), OK);
	struct vault_outcome outcome = { .done = &reply.intent, .n_done = 1 };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	/* What needs no answer goes with the next call. */
	struct vault_session alive = { .cookie = w.people[ANNA].cookie };
	struct vault_session_reply said;
	assert_int_equal(vault_session(w.v, w.a, &alive, &said), OK);
	assert_int_equal(world_stop(&w), 0);
	assert_true(world_start(&w));
	struct log_reader *reader;
	struct log_record record;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/log", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(log_reader_new(w.a, fd, &reader), OK);
	assert_int_equal(log_reader_seek(reader, reply.intent), OK);
	bool late = false, stop = false;
	while (log_reader_next(reader, &record) == OK) {
		if (record.entry.class == LOG_START) break;
		assert_false(stop); /* nothing after it */
		stop = record.entry.class == LOG_STOP;
		late = late || (record.entry.class == LOG_LATE && record.entry.n_rows == 1 && id_eq(log_entry_row(&record.entry, 0).row, row.row));
		/* The row's own entry does not name it. */
		if (record.entry.seq == reply.intent) assert_int_equal(record.entry.n_rows, 0);
	}
	assert_true(late && stop);
	log_reader_close(reader);
	(void)close(fd);
}

static struct id16 note_late(uint64_t *ret_intent)
{
	struct row_ref row = { .row = bytes_random_id(), .version = 1, .tag = { 1 }, .late = true };
	struct vault_note ask = { .why = why_of(&w.people[ANNA], d.id), .rows = &row, .n_rows = 1 };
	struct vault_note_reply reply;
	assert_int_equal(vault_note(w.v, w.a, &ask, &reply), OK);
	*ret_intent = reply.intent;
	return row.row;
}

static void checkpoint(void)
{
	struct vault_checkpoint ask = { 0 };
	struct vault_checkpoint_reply reply;
	assert_int_equal(vault_checkpoint(w.v, w.a, &ask, &reply), OK);
}

static int times_in_log(struct id16 row)
{
	char path[128];
	struct log_reader *reader;
	struct log_record record;
	int n = 0;
	(void)snprintf(path, sizeof path, "%s/log", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(log_reader_new(w.a, fd, &reader), OK);
	assert_int_equal(log_reader_seek(reader, 0), OK);
	while (log_reader_next(reader, &record) == OK) {
		for (uint32_t i = 0; i < record.entry.n_rows; i++) {
			if (!id_eq(log_entry_row(&record.entry, i).row, row)) continue;
			assert_int_equal(record.entry.class, LOG_LATE);
			n++;
		}
		if (record.body.n > 0) assert_null(memmem(record.body.p, record.body.n, row.b, 16));
	}
	log_reader_close(reader);
	(void)close(fd);
	return n;
}

static void read_late_key(uint8_t ret[32])
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/keys/late", w.directory);
	int fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, ret, 32), 32);
	(void)close(fd);
}

static void say_done(uint64_t intent, bool done)
{
	struct vault_outcome outcome = { .done = &intent, .n_done = done, .lost = &intent, .n_lost = !done };
	assert_int_equal(vault_outcome(w.v, &outcome), OK);
	assert_false(is_open(intent));
}

static void late_rows_survive_a_kill(void **state)
{
	(void)state;
	uint8_t before[32], after[32];
	uint64_t done, lost, later, never;
	struct id16 done_row = note_late(&done), lost_row = note_late(&lost);
	struct id16 later_row = note_late(&later), never_row = note_late(&never);
	say_done(done, true);
	say_done(lost, false);
	assert_int_equal(times_in_log(done_row), 0);
	world_kill(&w);
	assert_true(world_start(&w));
	assert_int_equal(times_in_log(done_row), 1);
	checkpoint();
	assert_int_equal(times_in_log(done_row), 1);
	assert_int_equal(times_in_log(later_row), 0);
	world_kill(&w);
	assert_true(world_start(&w));
	/* What web found in its database after the restart. */
	say_done(later, true);
	say_done(never, false);
	read_late_key(before);
	checkpoint();
	read_late_key(after);
	assert_memory_not_equal(before, after, 32);
	world_kill(&w);
	assert_true(world_start(&w));
	checkpoint();
	assert_int_equal(times_in_log(done_row), 1);
	assert_int_equal(times_in_log(later_row), 1);
	assert_int_equal(times_in_log(lost_row), 0);
	assert_int_equal(times_in_log(never_row), 0);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	assert_int_equal(verified(), VERIFY_OK);
}

/* ---- a write of the log that was torn ---- */

/* cp -a of DIRECTORY + from to DIRECTORY + to. */
static void copy(const char *from, const char *to)
{
	char line[400];
	(void)snprintf(line, sizeof line, "cp -a '%s%s' '%s%s'", w.directory, from, w.directory, to);
	assert_int_equal(system(line), 0);
}

static void remove_whole(const char *name)
{
	char line[200];
	(void)snprintf(line, sizeof line, "rm -rf '%s%s'", w.directory, name);
	assert_int_equal(system(line), 0);
}

/* The ends of the records from `first` on. */
static size_t record_ends(uint64_t first, off_t ret[64])
{
	char path[128];
	struct log_reader *reader;
	struct log_record record;
	size_t n = 0;
	(void)snprintf(path, sizeof path, "%s/log", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(log_reader_new(w.a, fd, &reader), OK);
	assert_int_equal(log_reader_seek(reader, first), OK);
	while (n < 64 && log_reader_next(reader, &record) == OK) ret[n++] = (off_t)(record.offset + record.size);
	log_reader_close(reader);
	(void)close(fd);
	return n;
}

/* The directory as it was kept, with the checkpoint from before and both keys still in their slots, and the log torn
 * off at `end`. */
static void tear(const uint8_t keys[64], off_t end)
{
	char path[128];
	remove_whole("");
	copy(".kept", "");
	copy(".before/.", "/log/");
	(void)snprintf(path, sizeof path, "%s/keys/late", w.directory);
	int fd = open(path, O_WRONLY);
	assert_int_equal(__real_pwrite64(fd, keys, 64, 0), 64);
	(void)close(fd);
	(void)snprintf(path, sizeof path, "%s/log/000001.avl", w.directory);
	assert_int_equal(truncate(path, end), 0);
}

static void late_rows_survive_a_torn_tail(void **state)
{
	(void)state;
	uint8_t keys[64];
	uint64_t done, waits;
	off_t ends[64];
	char path[128];
	struct id16 done_row = note_late(&done), waiting_row = note_late(&waits);
	say_done(done, true);
	read_late_key(keys);
	(void)snprintf(path, sizeof path, "%s.before", w.directory);
	assert_int_equal(mkdir(path, 0700), 0);
	copy("/log/checkpoint", ".before/");
	copy("/log/checkpoints", ".before/");
	copy("/log/state", ".before/");
	size_t first = record_ends(done, ends);
	checkpoint();
	world_kill(&w);
	read_late_key(keys + 32);
	copy("", ".kept");
	size_t n = record_ends(done, ends);
	assert_true(n > first + 1); /* the row's name, and the other row sealed again */
	for (size_t i = first - 1; i < n; i++) {
		tear(keys, ends[i]);
		assert_true(world_start(&w));
		say_done(waits, true);
		checkpoint();
		if (times_in_log(done_row) == 0 || times_in_log(waiting_row) == 0)
			fail_msg("torn behind record %zu of %zu: a late row is not named", i, n);
		world_kill(&w);
	}
	w.pid = 0;
	remove_whole(".kept");
	remove_whole(".before");
}

static void a_code_used_before_a_restart_is_refused_after_it(void **state)
{
	(void)state;
	struct person *p = &w.people[CARIN];
	assert_int_equal(world_login(&w, CARIN), OK);
	struct vault_login ask = { .secrets = p->secrets, .certificate = p->certificate, .passphrase = STR(PASSPHRASE),
	                           .totp = world_code(&w, CARIN, 0) };
	struct vault_login_reply reply;
	struct instant clock = w.clock;
	w.options.simulated = true;
	world_kill(&w);
	assert_true(world_start(&w));
	/* Simulated time stands where the log ended, unless it is put on. */
	struct vault_clock put = { .now = { clock.us + SECOND } };
	struct vault_status_reply status;
	enum err e = vault_clock(w.v, w.a, &put, &status);
	assert_true(e == OK || e == ERR_INVALID);
	assert_int_equal(vault_login(w.v, w.a, &ask, &reply), ERR_LOGIN);
}

static void an_idle_session_locks_and_is_wiped(void **state)
{
	(void)state;
	struct vault_open_reply r;
	assert_int_equal(world_stop(&w), 0);
	w.options.lock_us = SECOND / 2;
	w.options.wipe_us = SECOND / 2;
	assert_true(world_start(&w));
	world_later(&w, 61 * SECOND);
	assert_int_equal(world_login(&w, ANNA), OK);
	for (int i = 0; i < 8; i++) {
		(void)usleep(100000);
		assert_int_equal(open_it(&r), OK); /* activity keeps it open */
	}
	struct vault_session ask = { .cookie = w.people[ANNA].cookie, .activity = false };
	struct vault_session_reply session;
	(void)usleep(300000);
	assert_int_equal(vault_session(w.v, w.a, &ask, &session), OK); /* asking is no activity */
	(void)usleep(300000);
	assert_int_equal(open_it(&r), ERR_LOCKED);
	(void)usleep(600000);
	assert_int_equal(open_it(&r), ERR_NO_SESSION);
}

static void web_gone_is_a_stop_in_order(void **state)
{
	(void)state;
	vault_client_free(w.v);
	w.v = NULL;
	int status;
	assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	w.pid = 0;
	assert_int_equal(verified(), VERIFY_OK);
}

static struct str shred_file(void)
{
	struct str s = STR_UNSET;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/shred", w.directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(file_read_small(w.a, fd, "keys", 1u << 20, &s), OK);
	(void)close(fd);
	return s;
}

static void shred_keys_are_written_anew_each_month(void **state)
{
	(void)state;
	struct vault_open_reply r;
	struct str was = shred_file();
	assert_int_equal(open_it(&r), OK);
	assert_int_equal(world_stop(&w), 0);
	assert_true(world_start(&w));
	struct str same = shred_file(); /* the control: not in the same month */
	assert_memory_equal(was.p, same.p, was.n);
	assert_int_equal(world_stop(&w), 0);
	assert_true(world_start(&w));
	world_later(&w, 32 * 86400 * SECOND);
	assert_int_equal(world_stop(&w), 0);
	assert_true(world_start(&w)); /* its clock stands where the log ended */
	world_later(&w, SECOND);
	struct str now = shred_file();
	assert_int_equal(now.n, was.n);
	assert_memory_not_equal(now.p + 8, was.p + 8, 16);
	assert_memory_not_equal(now.p + (size_t)d.shred_slot * 64 + 16, was.p + (size_t)d.shred_slot * 64 + 16, 48);
	assert_int_equal(world_login(&w, ANNA), OK);
	assert_int_equal(open_it(&r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	assert_int_equal(verified(), VERIFY_OK);
}

/* ---- a peer that is not web ---- */

static int exit_after(const void *bytes, size_t n)
{
	int pair[2], status;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	vault_client_free(w.v);
	w.v = NULL;
	if (w.pid > 0) assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
	w.pid = fork();
	assert_true(w.pid >= 0);
	if (w.pid == 0) {
		(void)close(pair[0]);
		int silent = open("/dev/null", O_WRONLY);
		(void)dup2(silent, STDERR_FILENO);
		w.options.fd = pair[1];
		w.options.directory = w.directory;
		_exit(vault_serve(&w.options));
	}
	(void)close(pair[1]);
	assert_int_equal(write(pair[0], bytes, n), (ssize_t)n);
	char answer[64];
	ssize_t got = recv(pair[0], answer, sizeof answer, 0);
	(void)close(pair[0]);
	assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
	w.pid = 0;
	if (got > 0) assert_int_equal(WEXITSTATUS(status), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t message(uint8_t *out, uint16_t type, const void *payload, size_t n)
{
	struct frame f = { .length = (uint32_t)n, .number = 1, .type = type };
	frame_write(&f, out);
	memcpy(out + FRAME_HEADER, payload, n);
	return FRAME_HEADER + n;
}

static void nonsense_ends_the_vault(void **state)
{
	(void)state;
	uint8_t bytes[256];
	static const uint8_t hello[4] = { 0, 0, 0, 1 }, zeros[64], long_ago[8] = { [7] = 1 };
	assert_int_equal(exit_after(bytes, message(bytes, WIRE_hello, hello, 4)), 0); /* the control: it is answered */
	assert_int_equal(exit_after(bytes, message(bytes, WIRE_hello, hello, 3)), 70);
	assert_int_equal(exit_after(bytes, message(bytes, WIRE_hello, zeros, 5)), 70);
	assert_int_equal(exit_after(bytes, message(bytes, 0, zeros, 4)), 70);
	assert_int_equal(exit_after(bytes, message(bytes, 999, zeros, 4)), 70);
	assert_int_equal(exit_after(bytes, message(bytes, WIRE_hello | WIRE_REPLY, hello, 4)), 70);
	assert_int_equal(exit_after(bytes, message(bytes, WIRE_tick, long_ago, 8)), 70);
	memset(bytes, 0xff, FRAME_HEADER);
	assert_int_equal(exit_after(bytes, FRAME_HEADER), 70);
	assert_int_equal(verified(), VERIFY_OK);
}

/* ---- copies ---- */

static void copy_file(const char *from, const char *to, const char *name)
{
	static char path[512], bytes[70000];
	(void)snprintf(path, sizeof path, "%s/%s", from, name);
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	(void)snprintf(path, sizeof path, "%s/%s", to, name);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(out >= 0);
	for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;) assert_int_equal(write(out, bytes, (size_t)n), n);
	(void)close(fd);
	(void)close(out);
}

static void the_canary_opens_its_case_again(void **state)
{
	(void)state;
	struct vault_canary ask = { 0 };
	struct vault_canary_reply canary;
	struct dossier c;
	struct vault_open_reply r;
	struct str sealed;
	assert_int_equal(vault_canary(w.v, w.a, &ask, &canary), OK);
	w.people[CARIN].cookie = canary.cookie;
	w.people[CARIN].user = canary.user;
	assert_int_equal(world_new_case(&w, CARIN, &c), OK);
	assert_int_equal(world_seal(&w, CARIN, &c, c.grants[0].accepted, event_at(&c, 0, 1), "canary:2:ja\n", &sealed), OK);
	/* It is nobody else's key to anything. */
	assert_int_equal(world_open(&w, CARIN, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].held, 0);
	assert_int_equal(world_stop(&w), 0);
	w.options.init = false;
	assert_true(world_start(&w));
	assert_int_equal(vault_canary(w.v, w.a, &ask, &canary), OK);
	assert_true(id_eq(canary.user, w.people[CARIN].user));
	w.people[CARIN].cookie = canary.cookie;
	assert_int_equal(world_open(&w, CARIN, c.id, c.grants[0].accepted, c.shred_slot, event_at(&c, 0, 1), sealed, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	/* Another vault.key, and the canary is dumb: the vault does not even start. */
	char keys[128];
	(void)snprintf(keys, sizeof keys, "%s/keys", w.directory);
	char path[160];
	(void)snprintf(path, sizeof path, "%s/vault.key", keys);
	int fd = open(path, O_RDWR);
	uint8_t byte;
	assert_int_equal(pread(fd, &byte, 1, 20), 1);
	byte ^= 1;
	assert_int_equal(__real_pwrite64(fd, &byte, 1, 20), 1);
	(void)close(fd);
	assert_false(world_start(&w));
	assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
	w.pid = 0;
}

static void a_restore_needs_a_custodian(void **state)
{
	(void)state;
	static struct world fresh;
	fresh = (struct world){ .a = arena_new(64u << 20), .options = options_default() };
	fresh.options.walls = WALLS_OFF;
	fresh.options.simulated = fresh.options.init = true;
	struct person nobody = { 0 };
	struct vault_keys_copy ask = { .why = why_of(&nobody, (struct id16){ { 0 } }) };
	struct vault_keys_copy_reply copy;
	assert_int_equal(vault_keys_copy(w.v, w.a, &ask, &copy), OK);
	struct vault_hello hello = { .protocol = 1 };
	struct vault_hello_reply before;
	assert_int_equal(vault_hello(w.v, w.a, &hello, &before), OK);
	(void)strcpy(fresh.directory, "/tmp/avstamp-restore-XXXXXX");
	assert_non_null(mkdtemp(fresh.directory));
	assert_true(world_start(&fresh));
	struct vault_keys_restore restore = { .copy = copy.copy, .custodian = w.custodian, .passphrase = STR("fel mening") };
	struct vault_keys_restore_reply reply;
	assert_int_equal(vault_keys_restore(fresh.v, fresh.a, &restore, &reply), ERR_LOGIN);
	restore.passphrase = STR(PASSPHRASE);
	assert_int_equal(vault_keys_restore(w.v, w.a, &restore, &reply), ERR_DENIED); /* not in a directory with keys */
	assert_int_equal(vault_keys_restore(fresh.v, fresh.a, &restore, &reply), OK);
	assert_true(str_eq(reply.fingerprint, before.fingerprint));
	assert_int_equal(world_stop(&fresh), 0);
	/* The log and the shred keys come from their own copies. */
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	static const char *const folders[] = { "log", "shred" };
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		char from[128], to[128];
		(void)snprintf(from, sizeof from, "%s/%s", w.directory, folders[i]);
		(void)snprintf(to, sizeof to, "%s/%s", fresh.directory, folders[i]);
		copy_file(from, to, i == 0 ? "000001.avl" : "keys");
		if (i == 0) copy_file(from, to, "checkpoints");
	}
	assert_true(world_start(&fresh));
	struct vault_restored restored = { .size = 10, .snapshot = bytes_random_id() };
	struct vault_restored_reply leaf;
	assert_int_equal(vault_restored(fresh.v, fresh.a, &restored, &leaf), OK);
	assert_true(leaf.lost > 0);
	restored.size = leaf.entry + 100;
	assert_int_equal(vault_restored(fresh.v, fresh.a, &restored, &leaf), ERR_INVALID);
	fresh.clock = w.clock;
	memcpy(fresh.people, w.people, sizeof w.people);
	struct vault_hello_reply now;
	assert_int_equal(vault_hello(fresh.v, fresh.a, &hello, &now), OK);
	fresh.clock = now.now;
	world_later(&fresh, 61 * SECOND);
	assert_int_equal(world_login(&fresh, ANNA), OK);
	struct vault_open_reply r;
	assert_int_equal(world_open(&fresh, ANNA, d.id, d.grants[0].accepted, d.shred_slot, event_at(&d, 2, 1), envelope, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	assert_int_equal(world_stop(&fresh), 0);
	fresh.pid = 0;
	world_end(&fresh);
}

static void a_running_system_cannot_excuse_lost_rows(void **state)
{
	(void)state;
	struct vault_restored ask = { .size = 5 };
	struct vault_restored_reply reply;
	assert_int_equal(world_stop(&w), 0);
	w.options.init = false;
	assert_true(world_start(&w));
	assert_int_equal(vault_restored(w.v, w.a, &ask, &reply), ERR_DENIED);
	struct vault_trust trust = { .simulated = true };
	struct vault_trust_reply trusted;
	assert_int_equal(vault_trust(w.v, w.a, &trust, &trusted), ERR_DENIED);
}

static void another_trust_or_a_shorter_log_is_not_taken_up(void **state)
{
	(void)state;
	char path[160];
	assert_int_equal(world_stop(&w), 0);
	w.pid = 0;
	(void)snprintf(path, sizeof path, "%s/log/000001.avl", w.directory);
	int fd = open(path, O_RDWR);
	uint8_t byte;
	assert_int_equal(pread(fd, &byte, 1, 3000), 1);
	byte ^= 0x20;
	assert_int_equal(__real_pwrite64(fd, &byte, 1, 3000), 1);
	(void)snprintf(path, sizeof path, "%s/log/state", w.directory);
	(void)unlink(path);
	assert_false(world_start(&w));
	assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
	byte ^= 0x20;
	assert_int_equal(__real_pwrite64(fd, &byte, 1, 3000), 1);
	(void)close(fd);
	assert_true(world_start(&w)); /* the control */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, found, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opening_and_saving_call_nothing_asymmetric),
		TEST(a_case_with_two_epochs_is_opened_without_anything_asymmetric),
		TEST(one_opening_is_one_flush),
		TEST(a_full_disk_shows_nothing),
		TEST(a_failed_flush_ends_the_vault_before_it_answers),
		TEST(a_refused_opening_is_logged_as_large_as_a_granted_one),
		TEST(a_killed_vault_forgets_sessions_and_keeps_the_log),
		TEST(the_last_entry_of_a_boot_is_its_stop),
		TEST(late_rows_survive_a_kill),
		TEST(late_rows_survive_a_torn_tail),
		TEST(a_code_used_before_a_restart_is_refused_after_it),
		TEST(shred_keys_are_written_anew_each_month),
		TEST(an_idle_session_locks_and_is_wiped),
		TEST(web_gone_is_a_stop_in_order),
		TEST(nonsense_ends_the_vault),
		TEST(the_canary_opens_its_case_again),
		TEST(a_restore_needs_a_custodian),
		TEST(a_running_system_cannot_excuse_lost_rows),
		TEST(another_trust_or_a_shorter_log_is_not_taken_up),
	};
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* vault/start.c — opens keys/, shred/ and log/, and closes the log in order at the end. */
#include "vault/start.h"
#include "sys/users.h"
#include "sys/walls.h"
#include "vault/argon.h"
#include "vault/canary.h"
#include "vault/certificates.h"
#include "vault/clock.h"
#include "vault/fatal.h"
#include "vault/journal.h"
#include "vault/late.h"
#include "vault/line.h"
#include "vault/sessions.h"
#include "vault/standing.h"
#include "vault/stash.h"
#include "vault/throttle.h"
#include "vault/totp.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_ARENA (64u << 20)
#define ROUND_ARENA (256u << 20)
/* A code can be used again only while its step is near: logins older than this cannot matter. */
#define CODE_LIFE_US INT64_C(120000000)

static void harden(void)
{
	static const struct rlimit none = { 0, 0 };
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		fatal("memory could not be kept out of dumps");
	(void)mallopt(M_PERTURB, 0xa5);
	/* A limit on the size of files is a full disk (EFBIG), and no reason to end. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* The machine's boot, so that monotonic times of one boot can be compared. Read before the walls stand. */
static struct id16 machine_boot(void)
{
	char text[37], hex[33];
	struct id16 id = bytes_random_id();
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0) return id;
	ssize_t n = read(fd, text, sizeof text);
	(void)close(fd);
	size_t k = 0;
	for (ssize_t i = 0; i < n && k < 32; i++)
		if (text[i] != '-' && text[i] != '\n') hex[k++] = text[i];
	if (id_parse((struct str){ hex, k }, &id) != OK) return id;
	return id;
}

static int signal_fd(void)
{
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGTERM);
	sigaddset(&s, SIGINT);
	sigaddset(&s, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &s, NULL) != 0) return -1;
	return signalfd(-1, &s, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int open_directory(int base, const char *name, bool make)
{
	if (make && mkdirat(base, name, 0700) != 0 && errno != EEXIST) return -1;
	return openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void open_directories(struct vault *v)
{
	/* Only a way: the vault need not be able to list it. */
	int base = open(v->options.directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0) fatal("the data directory cannot be opened");
	v->keys_fd = open_directory(base, "keys", v->options.init);
	v->shred_fd = open_directory(base, "shred", v->options.init);
	v->log_fd = open_directory(base, "log", v->options.init);
	(void)close(base);
	if (v->keys_fd < 0 || v->shred_fd < 0 || v->log_fd < 0)
		fatal("keys/, shred/ or log/ is missing or cannot be opened");
}

static void raise_walls(const struct vault_options *o)
{
	struct wall_options w = { .who = WALL_VAULT, .mode = o->walls, .directory = o->directory };
	struct wall_report report;
	if (walls_raise(&w, &report) != OK) fatal("a wall is missing and --walls strict was asked for");
}

/* ---- keys ---- */

static enum err key_of(struct vault *v, enum key_file f, bool make, struct key32 *k)
{
	enum err e = key_file_read(v->keys_fd, f, k);
	return e == ERR_NOT_FOUND && make ? key_file_make(v->keys_fd, f, k) : e;
}

enum err vault_need_keys(struct vault *v)
{
	if (v->vault_key != NULL) return OK;
	struct key32 *vault_key = key32_new(), *log_key = key32_new();
	_cleanup_(key32_freep) struct key32 *shred_key = key32_new();
	if (vault_key == NULL || log_key == NULL || shred_key == NULL) return ERR_FULL;
	bool make = v->fresh && v->options.init;
	enum err e = key_of(v, KEY_FILE_VAULT, make, vault_key);
	if (e == OK) e = key_of(v, KEY_FILE_LOG, make, log_key);
	if (e == OK) e = key_of(v, KEY_FILE_SHRED, make, shred_key);
	if (e == OK) e = shred_open(v->shred_fd, shred_key, v->options.init ? vault_month(v) : 0, &v->shred);
	if (e == OK) e = standing_open(v->boot, v->keys_fd, &v->standing);
	if (e == OK) e = argon_new(vault_key, &v->argon);
	if (e != OK) {
		key32_free(vault_key);
		key32_free(log_key);
		return e;
	}
	v->vault_key = vault_key;
	v->log_key = log_key;
	return OK;
}

/* ---- the log ---- */

/* Codes that were used shortly before the last stop stay used (DECISIONS 52). */
static void spend_codes(struct vault *v)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(8u << 20);
	struct log_reader *r;
	struct log_record record;
	int64_t since = clock_now(v->clock).us - CODE_LIFE_US;
	if (a == NULL || log_reader_new(a, v->log_fd, &r) != OK) fatal("the log cannot be read");
	uint32_t segment;
	uint64_t offset;
	log_end_place(v->log, &segment, &offset);
	if (log_reader_at(r, segment, offset) == OK) {
		while (log_reader_prev(r, &record) == OK && record.entry.time_us >= since) {
			if (record.entry.class != LOG_LOGIN || record.entry.outcome != LOG_DONE) continue;
			totp_spent_until(v->totp_steps, (struct instant){ record.entry.time_us });
			break;
		}
	}
	log_reader_close(r);
	/* Behind the record, the machine's own steps may have been used just before too. */
	if (clock_machine(v->clock).us < clock_now(v->clock).us) totp_machine_spent_until(v->totp_steps, clock_machine(v->clock));
}

enum err vault_begin_log(struct vault *v, struct str trust_text, bool create)
{
	struct log_options o = { .dir_fd = v->log_fd, .sign = v->log_key, .trust_text = trust_text, .boot = v->boot_id };
	enum err e = trust_parse(trust_text, &v->trust);
	if (e != OK) return e;
	trust_fingerprint(trust_text, v->fingerprint);
	e = log_open(&o, &v->log);
	if (e == ERR_NOT_FOUND && create) e = log_create(&o, clock_now(v->clock).us, clock_boot_ns(), &v->log);
	if (e != OK) return e;
	clock_not_before(v->clock, log_newest_time(v->log));
	spend_codes(v);
	if ((e = late_open(v)) != OK) return e;
	uint64_t seq;
	e = journal_leaf(v, LOG_START, LOG_NONE, log_size(v->log), &seq);
	/* What a crash has left is named at once, and not first a minute later. */
	if (e == OK) e = late_write(v);
	if (e != OK) return e;
	log_flush(v->log);
	v->options.simulated = v->trust.simulated;
	v->fresh = false;
	return OK;
}

static void take_up(struct vault *v)
{
	struct str text;
	enum err e = trust_file_read(v->boot, v->keys_fd, &text, &v->trust);
	if (e == ERR_NOT_FOUND && v->options.init) {
		v->fresh = true;
		return;
	}
	if (e == ERR_NOT_FOUND) fatal("keys/trust is missing: run avstamp init first");
	if (e != OK) fatal("keys/trust cannot be read");
	secret_must_lock(!v->trust.simulated);
	if (vault_need_keys(v) != OK) fatal("a key in keys/ or the file in shred/ cannot be read, or memory cannot be locked");
	if (canary_read(v) != OK) fatal("keys/canary cannot be read");
	e = vault_begin_log(v, text, v->options.init);
	if (e == ERR_LOG_FULL) fatal("the disk is full, the log cannot be written");
	if (e != OK) fatal("the log cannot be taken up: run avstamp verify");
}

void vault_shut_in(struct vault *v, const struct vault_options *o)
{
	*v = (struct vault){ .options = *o, .began_us = clock_boot_us() };
	harden();
	if (crypto_start() != OK) fatal("libsodium does not start");
	secret_must_lock(!o->simulated);
	v->boot_id = machine_boot();
	v->signal_fd = signal_fd();
	if (v->signal_fd < 0) fatal("signals cannot be waited for");
	if (users_become_owner(o->directory, "keys") != OK) fatal("the owner of keys/ cannot be taken on");
	open_directories(v);
	raise_walls(o);
	v->boot = arena_new(BOOT_ARENA);
	v->round = arena_new(ROUND_ARENA);
	if (v->boot == NULL || v->round == NULL || stash_new(&v->stash) != OK) fatal("there is no memory");
}

void vault_start(struct vault *v, const struct vault_options *o)
{
	vault_shut_in(v, o);
	v->clock = clock_new(v->boot);
	v->throttle = throttle_new(v->boot);
	v->totp_steps = totp_steps_new(v->boot);
	struct session_limits limits = { o->lock_us, o->wipe_us, o->session_us };
	if (v->clock == NULL || v->throttle == NULL || v->totp_steps == NULL ||
	    line_new(o->fd, &v->line) != OK || sessions_new(&limits, &v->sessions) != OK ||
	    certificates_new(&v->trust, &v->certificates) != OK)
		fatal("there is no memory");
	take_up(v);
}

void vault_stop(struct vault *v)
{
	struct str note;
	uint64_t seq;
	if (v->log != NULL) {
		/* The late rows first: STOP is the last entry of a boot. */
		enum err e = journal_checkpoint(v, &note);
		if (journal_leaf(v, LOG_STOP, LOG_NONE, log_size(v->log), &seq) == OK) log_flush(v->log);
		if (e == OK) e = log_checkpoint(v->log, clock_boot_ns(), &note);
		if (e != OK && e != ERR_LOG_FULL) fatal("the last checkpoint could not be written");
		log_close(v->log);
	}
	argon_free(v->argon);
	late_close(v);
	sessions_free(v->sessions);
	certificates_free(v->certificates);
	shred_close(v->shred);
	key32_free(v->vault_key);
	key32_free(v->log_key);
	line_free(v->line);
	(void)close(v->signal_fd);
	arena_free(v->round);
	arena_free(v->boot);
}

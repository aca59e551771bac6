/* main/house.c — opens a data directory step by step and says what is wrong with it. */
#include "main/house.h"
#include "crypto/trust.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUSE_ARENA (size_t)(8 << 20)
#define LOCK_WAIT_MS 3000
#define VAULT_END_MS 10000

static bool read_settings(struct house *h)
{
	struct path p;
	struct str text;
	enum err e;
	if (path_join(h->directory.c, "avstamp.conf", &p) != OK)
		return false;
	if ((e = file_read(h->arena, p.c, 65536, &text)) != OK) {
		warn_with("%s går inte att läsa, %s. %s", p.c, why_failed(e),
		          e == ERR_DENIED ? "Kör som root." : "Skapa katalogen med avstamp init.");
		return false;
	}
	struct conf_error wrong = { 0 };
	if (conf_parse(h->arena, text, &h->conf, &wrong) != OK) {
		warn_with("%s rad %d: %.*s", p.c, wrong.line, STR_FMT(wrong.sentence));
		return false;
	}
	return true;
}

static bool read_profile(struct house *h)
{
	const char *path = h->conf.profile;
	struct profile_fault fault;
	if (path[0] == '\0')
		return profile_generic(h->arena, &h->profile) == OK;
	enum err e = file_read(h->arena, path, 65536, &h->profile_text);
	if (e != OK) {
		warn_with("Profilen %s går inte att läsa, %s.", path, why_failed(e));
		return false;
	}
	if (profile_parse(h->arena, h->profile_text, &h->profile, &fault) != OK) {
		warn_with("%s rad %d: %.*s", path, fault.line, STR_FMT(fault.text));
		return false;
	}
	return true;
}

/* The trust is public; a directory without one has not been begun. */
static bool read_trust(struct house *h)
{
	struct path p;
	struct str text;
	static struct trust trust;
	enum err e;
	if (path_join(h->directory.c, "keys/trust", &p) != OK)
		return false;
	e = file_read(h->arena, p.c, TRUST_TEXT_MAX, &text);
	if (e == OK)
		e = trust_parse(text, &trust);
	if (e != OK) {
		warn_with("%s går inte att läsa, %s. Återställ keys/ från nyckelkopian med avstamp restore.", p.c,
		          why_failed(e));
		return false;
	}
	h->simulated = trust.simulated;
	return true;
}

bool house_settings(struct house *h, const char *directory)
{
	if (!h->arena && !(h->arena = arena_new(HOUSE_ARENA))) {
		warn_with("minnet räcker inte.");
		return false;
	}
	if (!directory) {
		warn_with("--dir KATALOG saknas: vilken datakatalog gäller det?");
		return false;
	}
	enum err e = path_real(directory, &h->directory);
	if (e != OK || !file_exists(h->directory.c)) {
		warn_with("Katalogen %s finns inte. Skapa den med avstamp init.", directory);
		return false;
	}
	if (programs_find(&h->programs) != OK) {
		warn_with("avstamp-vault saknas bredvid programmet. Installera om paketet.");
		return false;
	}
	return read_settings(h) && read_profile(h) && (h->fresh || read_trust(h));
}

bool house_lock(struct house *h, int ms)
{
	enum err e = lock_take(h->directory.c, ms, &h->lock_fd);
	if (e == OK)
		return true;
	h->lock_fd = -1;
	if (e == ERR_EXISTS)
		warn_with("Avstamp körs redan i %s (process %d). Stoppa det först.", h->directory.c,
		          (int)lock_holder(h->directory.c));
	else
		warn_with("%s/run/lock går inte att låsa, %s.", h->directory.c, why_failed(e));
	return false;
}

bool house_store(struct house *h, bool create)
{
	struct store_options o = { .directory = h->directory.c, .readers = (int)h->conf.readers, .create = create,
	                           .alone = h->alone };
	enum err e = store_open(&o, &h->store);
	if (e == OK)
		return true;
	if (e == ERR_INVALID)
		warn_with("Databasen i %s är skriven av en annan version av Avstamp. Installera den versionen.",
		          h->directory.c);
	else
		warn_with("Databasen i %s går inte att öppna, %s.", h->directory.c, why_failed(e));
	return false;
}

bool house_database_files(const char *directory)
{
	static const char *const files[] = { "avstamp.db-wal", "avstamp.db-shm" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct path p;
		enum err e = path_join(directory, files[i], &p);
		if (e == OK && !file_exists(p.c))
			e = file_create(p.c, STR(""), 0600);
		if (e != OK && e != ERR_EXISTS) {
			warn_with("%s/%s går inte att skapa, %s.", directory, files[i], why_failed(e));
			return false;
		}
	}
	return true;
}

bool vault_arguments(struct house *h, int fd, const char *const **ret)
{
	const char **list = ARENA_ARRAY(h->arena, const char *, 24);
	const char *numbers[5] = {
		arena_c(h->arena, arena_format(h->arena, "%lld", (long long)h->conf.lock_minutes)),
		arena_c(h->arena, arena_format(h->arena, "%lld", (long long)h->conf.session_hours * 60)),
		arena_c(h->arena, arena_format(h->arena, "%lld", (long long)h->conf.wipe_minutes)),
		arena_c(h->arena, arena_format(h->arena, "%lld", (long long)h->conf.lookups_a_day)),
		arena_c(h->arena, arena_format(h->arena, "%d", fd)),
	};
	if (!list || !numbers[4])
		return false;
	enum wall_mode walls = WALLS_STRICT;
	(void)wall_mode_parse(str_c(h->conf.walls), &walls);
	if (h->demo)
		walls = WALLS_BEST_EFFORT;
	size_t n = 0;
	list[n++] = "avstamp-vault";
	list[n++] = "--fd";
	list[n++] = numbers[4];
	list[n++] = "--dir";
	list[n++] = h->directory.c;
	list[n++] = "--walls";
	list[n++] = wall_mode_name(walls);
	list[n++] = "--lock-minutes";
	list[n++] = numbers[0];
	list[n++] = "--session-minutes";
	list[n++] = numbers[1];
	list[n++] = "--wipe-minutes";
	list[n++] = numbers[2];
	list[n++] = "--lookups-a-day";
	list[n++] = numbers[3];
#ifdef AVSTAMP_TEST
	list[n++] = "--served-clock";
#endif
	if (h->simulated)
		list[n++] = "--simulated";
	if (h->fresh)
		list[n++] = "--init";
	*ret = list;
	return true;
}

bool vault_spawn(struct house *h, int fd, pid_t *ret)
{
	struct spawn_fd fds[] = { { fd, FD_VAULT }, { h->lock_fd, FD_LOCK } };
	struct spawn s = { .program = h->programs.vault.c, .fds = fds, .n_fds = h->lock_fd >= 0 ? 2 : 1 };
	bool good = vault_arguments(h, FD_VAULT, &s.arguments) && process_spawn(&s, ret) == OK;
	close(fd);
	if (!good)
		warn_with("Valvet gick inte att starta. Är minnet slut?");
	return good;
}

bool house_vault(struct house *h)
{
	int pair[2];
	if (pair_make(pair) != OK) {
		warn_with("Valvet gick inte att starta. Är minnet slut?");
		return false;
	}
	if (!vault_spawn(h, pair[1], &h->vault_pid)) {
		close(pair[0]);
		return false;
	}
	enum err e = h->alone ? vault_client_new_alone(pair[0], &h->vault) : vault_client_new(pair[0], &h->vault);
	struct vault_hello hello = { .protocol = 1 };
	if (e == OK)
		e = vault_hello(h->vault, h->arena, &hello, &h->hello);
	if (e != OK) {
		warn_with("Valvet startade inte. Orsaken står på raden ovanför.");
		house_vault_end(h);
	}
	return e == OK;
}

void house_vault_end(struct house *h)
{
	vault_client_free(h->vault);
	h->vault = NULL;
	if (h->vault_pid > 0 && !process_end(h->vault_pid, VAULT_END_MS))
		warn_with("Valvet slutade inte som det ska.");
	h->vault_pid = 0;
}

bool house_flow(struct house *h)
{
	struct flow_options o = { .store = h->store, .vault = h->vault, .directory = h->directory.c,
	                          .slot_ms = h->slot_ms, .profile = h->profile_text };
	enum err e = flow_new(&o, &h->flow);
	if (e == OK)
		e = flow_vault_ready(h->flow);
	if (e != OK)
		warn_with("Databasen och valvet passar inte ihop (%s). Kontrollera med avstamp verify.", err_name(e));
	return e == OK;
}

bool house_open(struct house *h, const char *directory, unsigned want)
{
	if (!house_settings(h, directory))
		return false;
	if ((want & HOUSE_LOCK) && !house_lock(h, LOCK_WAIT_MS))
		return false;
	if ((want & HOUSE_STORE) && !house_store(h, false))
		return false;
	if ((want & HOUSE_VAULT) && !house_vault(h))
		return false;
	return !(want & HOUSE_FLOW) || house_flow(h);
}

/* Costs of Argon2id stand in clear in front of every user's sealed secrets (AVU1 in docs/FORMATS.md). */
static bool is_weak(struct str secrets)
{
	struct cursor c = cursor_over(secrets.p, secrets.n);
	(void)cur_bytes(&c, 28);
	uint32_t passes = cur_u32(&c), kib = cur_u32(&c);
	return c.bad || passes < 3 || kib < 128 * 1024;
}

enum err house_weak_accounts(struct house *h, size_t *ret)
{
	struct row_controllers *controllers;
	struct q_users_of_row *users;
	struct row_users *user;
	size_t n, n_users, one, weak = 0;
	struct db *db = store_reader(h->store);
	enum err e = db ? q_controllers(db, h->arena, &controllers, &n) : ERR_IO;
	for (size_t i = 0; e == OK && i < n; i++) {
		e = q_users_of(db, h->arena, controllers[i].controller, &users, &n_users);
		for (size_t k = 0; e == OK && k < n_users; k++)
			if ((e = q_user_by_id(db, h->arena, users[k].user_id, &user, &one)) == OK && one == 1)
				weak += is_weak(user->secrets);
	}
	if (db)
		store_reader_done(h->store, db);
	if (e == OK)
		*ret = weak;
	return e;
}

void house_close(struct house *h)
{
	if (h->flow)
		flow_free(h->flow);
	if (h->vault || h->vault_pid > 0)
		house_vault_end(h);
	store_close(h->store);
	if (h->arena && h->lock_fd >= 0)
		close(h->lock_fd);
	arena_free(h->arena);
	*h = (struct house){ .lock_fd = -1 };
}

void house_closep(struct house *h)
{
	house_close(h);
}

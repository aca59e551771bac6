/* main/verify.c — `avstamp verify`. */
#include "main/admin.h"
#include "main/check.h"
#include "main/deep.h"
#include "main/house.h"
#include "main/promises.h"
#include "crypto/trust.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define SERVICE_WAIT_MS 3000
#define SERVICE_LOOK_MS 50

struct verify_wish { const char *directory, *trust, *since, *as; bool deep, quiet; };

/* Read-only, and shut in like every process that reads what others wrote. */
static bool shut_in(const char *directory)
{
	struct wall_options o = { .who = WALL_READER, .mode = WALLS_BEST_EFFORT, .directory = directory };
	struct wall_report report;
	return walls_raise(&o, &report) == OK;
}

/* Who runs here? A service that answers, or nobody, and then nobody may start while we look; a service that is starting or
 * ending is waited for a little. A directory without a lock is a copy that nobody starts in. */
static void meet_service(struct check_wish *c)
{
	struct path lock;
	if (path_join(c->directory, "run/lock", &lock) != OK || !file_exists(lock.c))
		return;
	for (int waited = 0;; waited += SERVICE_LOOK_MS) {
		c->running = lock_take(c->directory, 0, &c->lock_fd) == ERR_EXISTS;
		/* Reached before the wall, which makes no sockets. */
		if (!c->running || admin_connect(c->directory, &c->admin) == OK)
			return;
		if (waited >= SERVICE_WAIT_MS)
			break;
		sleep_ms(SERVICE_LOOK_MS);
	}
	warn_with("Katalogen används, men tjänsten svarar inte på run/admin.sock.");
}

static void read_promises(struct arena *a, struct check_wish *c)
{
	struct verify_promise *list = NULL;
	if (c->running)
		return;
	c->promises_unknown = promises_read(a, c->directory, &list, &c->n_promises) != OK;
	c->promises = list;
}

/* Once the service has been started as root, web owns the database and the vault the log: neither may read both. */
static bool may_read(const char *directory)
{
	static const char *const parts[] = { "avstamp.db", "log" };
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct path p;
		if (path_join(directory, parts[i], &p) != OK || access(p.c, R_OK) == 0 || errno != EACCES)
			continue;
		warn_with("Du får inte läsa både databasen och loggen i %s. Kör kontrollen som root.", directory);
		return false;
	}
	return true;
}

static int shallow(struct arena *a, const struct verify_wish *w, const struct path *directory)
{
	uint8_t fingerprint[32];
	struct check_wish c = { .directory = directory->c, .quiet = w->quiet, .admin = -1, .lock_fd = -1 };
	if (w->trust && trust_fingerprint_parse(str_c(w->trust), fingerprint) != OK)
		return fail_with(EXIT_USE_OF_VERIFY, "--trust ska vara fingeravtrycket: 64 tecken 0-9 och a-f.");
	c.fingerprint = w->trust ? fingerprint : NULL;
	if (w->since) {
		enum err e = file_read(a, w->since, 65536, &c.since);
		if (e != OK)
			return fail_with(EXIT_USE_OF_VERIFY, "%s går inte att läsa, %s.", w->since, why_failed(e));
	}
	if (!may_read(directory->c))
		return EXIT_FAILED;
	meet_service(&c);
	read_promises(a, &c);
	if (!house_database_files(directory->c) || !shut_in(directory->c))
		return fail_with(EXIT_FAILED, "Kontrollen går inte att stänga in.");
	return check_run(a, &c);
}

static int run(int argc, char **argv)
{
	struct verify_wish w = { 0 };
	const struct option_row rows[] = {
		{ .name = "--dir", .text = &w.directory }, { .name = "--trust", .text = &w.trust },
		{ .name = "--since", .text = &w.since }, { .name = "--deep", .flag = &w.deep },
		{ .name = "--as", .text = &w.as }, { .name = "--quiet", .flag = &w.quiet },
	};
	struct path directory;
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE_OF_VERIFY;
	if (!w.directory || (w.as && !w.deep) || (w.deep && !w.as))
		return fail_with(EXIT_USE_OF_VERIFY, !w.directory ? "--dir KATALOG saknas. Se avstamp help verify."
		                                     : "--deep och --as NAMN hör ihop. Se avstamp help verify.");
	if (path_real(w.directory, &directory) != OK || !file_exists(directory.c))
		return fail_with(EXIT_USE_OF_VERIFY, "Katalogen %s finns inte.", w.directory);
	if (w.deep)
		return deep_run(directory.c, w.as);
	struct arena *a = arena_new(64u << 20);
	if (!a)
		return fail_with(EXIT_FAILED, "Minnet räcker inte.");
	int code = shallow(a, &w, &directory);
	arena_free(a);
	return code;
}

const struct verb verb_verify = {
	.name = "verify", .run = run, .line = "kontrollerar loggen och databasen, utan någon nyckel",
	.help =
		"avstamp verify --dir KATALOG [--trust FINGERAVTRYCK] [--since FIL] [--quiet]\n"
		"avstamp verify --dir KATALOG --deep --as NAMN\n\n"
		"Läser hela loggen, räknar om trädet, prövar kontrollpunkternas underskrifter och jämför varje\n"
		"rad i databasen med det loggen säger om den. Går att köra medan tjänsten är igång.\n\n"
		"  --trust FINGERAVTRYCK   det som avstamp init skrev ut; utan det tros loggens första post\n"
		"  --since FIL             en kontrollpunkt som sparats någon annanstans (backup skriver ut en)\n"
		"  --quiet                 skriver bara ut det som är fel\n"
		"  --deep                  loggar in som NAMN och visar att sammanfattningar och mellanlägen är de\n"
		"                          som händelserna ger, i NAMNs egna ärenden. Tjänsten ska vara stoppad.\n\n"
		"Slutkod: 0 allt stämmer, 1 ändrad, 2 avkortad eller tillbakasatt, 3 delad i två, 4 fel\n"
		"underskrift, 5 lucka i tiden, 6 en rad är äldre eller nyare än loggen säger, 7 avsikt utan\n"
		"utfall, 64 kommandot var fel skrivet. Finns flera fel gäller det högsta numret.\n",
};

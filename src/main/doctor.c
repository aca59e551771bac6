/* main/doctor.c — `avstamp doctor`: what is weaker than it should be, each with a remedy. */
#include "flow/holders.h"
#include "main/check.h"
#include "main/house.h"
#include "main/print.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define DISK_LEAST (UINT64_C(2) << 30)
#define LOCKED_LEAST (UINT64_C(16) << 20)
#define ANSWER_MAX (64u << 10)

struct doctor {
	struct house house;
	struct buf out;
	size_t found;
};

PRINTF_LIKE(3, 4) static void weak(struct doctor *d, const char *subject, const char *format, ...)
{
	char text[512];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	buf_format(&d->out, "%s\t%s\n", subject, text);
	d->found++;
}

/* ---- the machine -------------------------------------------------------------------------------------------- */

static void look_at_walls(struct doctor *d)
{
	int version = walls_landlock_version();
	if (version == 0)
		weak(d, "murar", "Kärnan har inte Landlock. Använd en kärna från 5.13 med lsm=landlock.");
	else if (version < 3)
		weak(d, "murar", "Kärnans Landlock är version %d. En kärna från 6.2 stänger in processerna bättre.", version);
	if (strcmp(d->house.conf.walls, "strict") != 0)
		weak(d, "murar", "walls = %s i avstamp.conf. Sätt strict, så startar tjänsten aldrig utan murar.",
		     d->house.conf.walls);
}

static void look_at_swap(struct doctor *d)
{
	FILE *f = fopen("/proc/swaps", "r");
	char line[256];
	int lines = 0;
	while (f && fgets(line, sizeof line, f))
		lines++;
	if (f)
		fclose(f);
	if (lines > 1)
		weak(d, "växling", "Datorn växlar minne till disk. Stäng av med swapoff -a, eller kryptera växlingsytan.");
}

/* What the service has when one runs; else what it would have, were it started here. */
static void look_at_memory(struct doctor *d)
{
	struct rlimit r;
	if (prlimit(lock_holder(d->house.directory.c), RLIMIT_MEMLOCK, NULL, &r) == 0 && r.rlim_cur != RLIM_INFINITY && r.rlim_cur < LOCKED_LEAST)
		weak(d, "minne", "Bara %llu KiB minne får låsas. Sätt LimitMEMLOCK=64M i tjänstens enhet.",
		     (unsigned long long)r.rlim_cur >> 10);
}

static void look_at_clock(struct doctor *d)
{
	struct timex t = { 0 };
	if (adjtimex(&t) == TIME_ERROR || (t.status & STA_UNSYNC))
		weak(d, "klocka", "Datorns klocka är inte synkad. Slå på systemd-timesyncd eller chrony.");
}

/* The record never runs backwards, so after a clock was set back it stands still until the clock has caught up. */
static void look_at_record_time(struct doctor *d)
{
	uint64_t size = 0;
	struct instant newest = INSTANT_UNSET;
	if (check_log_end(d->house.arena, d->house.directory.c, &size, &newest) != OK)
		return;
	int64_t minutes = (newest.us - real_time().us) / (60 * 1000000);
	if (minutes >= 1)
		weak(d, "klocka", "Datorns klocka går %lld minuter efter loggens nyaste post. Det som skrivs får den postens tid tills klockan "
		     "har kommit ikapp; påminnelser går ut i tid ändå. Rätta klockan.", (long long)minutes);
}

static void look_at_disk(struct doctor *d)
{
	uint64_t bytes;
	if (disk_free(d->house.directory.c, &bytes) == OK && bytes < DISK_LEAST)
		weak(d, "disk", "Bara %llu MiB är lediga. När disken är full visas inga uppgifter: gör plats.",
		     (unsigned long long)(bytes >> 20));
}

/* ---- the directory ------------------------------------------------------------------------------------------ */

static void look_at_mode(struct doctor *d, const char *name, mode_t most)
{
	struct path p;
	struct stat s;
	if (path_join(d->house.directory.c, name, &p) != OK || stat(p.c, &s) != 0) {
		weak(d, "filer", "%s saknas.", name);
		return;
	}
	if ((s.st_mode & 0777 & ~most) != 0)
		weak(d, "filer", "%s kan läsas eller skrivas av andra (%03o). Kör chmod %03o %s.", p.c,
		     (unsigned)(s.st_mode & 0777), (unsigned)most, p.c);
}

static void look_at_files(struct doctor *d)
{
	static const struct { const char *name; mode_t most; } files[] = {
		{ ".", 0710 }, { "keys", 0700 }, { "shred", 0700 }, { "log", 0700 }, { "run", 0710 }, { "avstamp.db", 0600 },
		{ "avstamp.conf", 0640 }, { "keys/vault.key", 0600 }, { "keys/log.key", 0600 }, { "keys/shred.key", 0600 },
	};
	for (size_t i = 0; i < COUNT_OF(files); i++)
		look_at_mode(d, files[i].name, files[i].most);
	struct stat s;
	struct path conf;
	if (path_join(d->house.directory.c, "avstamp.conf", &conf) == OK && stat(conf.c, &s) == 0 && s.st_uid != 0)
		weak(d, "filer", "avstamp.conf ägs inte av root. Kör chown root %s, så kan tjänsten inte ändra sina egna regler.",
		     conf.c);
}

static void look_at_users(struct doctor *d)
{
	struct path keys, database;
	struct stat vault, web;
	if (path_join(d->house.directory.c, "keys", &keys) != OK || stat(keys.c, &vault) != 0 ||
	    path_join(d->house.directory.c, "avstamp.db", &database) != OK || stat(database.c, &web) != 0)
		return;
	if (vault.st_uid == web.st_uid)
		weak(d, "användare", "Valvet och webben är samma användare, så bara murarna håller webben från nycklarna. Skapa "
		     "användarna %s och %s (paketet gör det) och starta tjänsten som root.", d->house.conf.web_user,
		     d->house.conf.vault_user);
}

static bool read_note(struct doctor *d, const char *name, struct str *ret)
{
	struct path p;
	if (path_join(d->house.directory.c, name, &p) != OK || file_read(d->house.arena, p.c, 256, ret) != OK)
		return false;
	*ret = str_trim(*ret);
	return true;
}

static bool is_old(struct str when, int64_t us)
{
	struct instant t;
	return instant_parse_iso(when, &t) != OK || real_time().us - t.us > us;
}

static void look_at_copies(struct doctor *d)
{
	struct str when, verified;
	if (!read_note(d, "run/shred-copy", &when))
		weak(d, "kopior", "Gallringsnycklarna har aldrig kopierats. Kör avstamp backup --shred FIL varje dygn.");
	else if (is_old(when, DAY_US))
		weak(d, "kopior", "Den nyaste kopian av gallringsnycklarna är äldre än ett dygn (%.*s). Kör avstamp backup "
		     "--shred FIL.", STR_FMT(when));
	if (!read_note(d, "run/verified", &verified)) {
		weak(d, "kontroll", "Ingen nattlig kontroll har körts än. Den körs av tjänsten klockan %lld; kör avstamp verify nu.",
		     (long long)d->house.conf.verify_hour);
		return;
	}
	size_t n = str_find(verified, ' ');
	if (!str_eq_c(str_cut(verified, 0, n), "0"))
		weak(d, "kontroll", "Den senaste nattliga kontrollen slutade med %.*s. Kör avstamp verify.",
		     STR_FMT(str_cut(verified, 0, n)));
	else if (is_old(str_cut(verified, n + 1, verified.n), 2 * DAY_US))
		weak(d, "kontroll", "Den senaste nattliga kontrollen är äldre än två dygn. Är tjänsten igång?");
}

/* ---- settings ----------------------------------------------------------------------------------------------- */

static void look_at_settings(struct doctor *d)
{
	const struct conf *c = &d->house.conf;
	bool tls = c->tls_certificate[0] != '\0', behind = strcmp(c->behind_tls, "yes") == 0;
	if (d->house.simulated)
		weak(d, "katalog", "Katalogen är fylld med påhittade uppgifter. Använd den aldrig för riktiga ärenden.");
	if (!tls && !behind)
		weak(d, "TLS", "Tjänsten talar okrypterat och går bara att använda på den egna datorn. Ange tls_certificate "
		     "och tls_key.");
	if (behind)
		weak(d, "TLS", "nginx sköter TLS och ser därför alla sessioner. Låt tjänsten själv sköta TLS, eller skydda "
		     "nginx som tjänsten.");
	if (c->lock_minutes > 5)
		weak(d, "session", "Skärmen låses först efter %lld minuter. Sätt lock_minutes till 5 eller lägre.",
		     (long long)c->lock_minutes);
}

/* ---- the database ------------------------------------------------------------------------------------------- */

static uint32_t this_month(void)
{
	struct civil c = instant_civil(real_time());
	return (uint32_t)(c.year * 12 + c.month - 1);
}

static enum err count_alone(
	struct doctor *d, struct db *db, const struct q_users_of_row *u, enum controller_kind kind, size_t *ret_n)
{
	size_t n = 0;
	enum err e = alone_in(db, d->house.arena, u->user_id, u->certificate, kind, this_month(), &n);
	*ret_n += n;
	return e;
}

static enum err look_at_holders(struct doctor *d, struct db *db)
{
	struct row_controllers *controllers;
	size_t n, alone = 0;
	enum err e = q_controllers(db, d->house.arena, &controllers, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct q_users_of_row *users;
		size_t n_users;
		if ((e = q_users_of(db, d->house.arena, controllers[i].controller, &users, &n_users)) != OK)
			break;
		for (size_t k = 0; e == OK && k < n_users; k++)
			e = count_alone(d, db, &users[k], (enum controller_kind)controllers[i].kind, &alone);
	}
	if (alone > 0)
		weak(d, "nycklar", "Akter med bara en innehavare: %zu. Ge en kollega behörighet till var och en; granskarnas akt "
		     "behöver en granskare till.", alone);
	return e;
}

/* Without a key nobody can say whose cases they are, or how many: a reminder names none (DECISIONS 34). */
static enum err look_at_dates(struct doctor *d, struct db *db)
{
	struct q_rungs_of_other_profile_row *rows;
	size_t n = 0;
	enum err e = q_rungs_of_other_profile(db, d->house.arena, d->house.profile.version, &rows, &n);
	if (e == OK && n > 0)
		weak(d, "profil", "Påminnelser daterade efter en äldre profil: %zu. De dateras om när någon öppnar ärendena de "
		     "gäller.", n);
	return e;
}

static bool look_at_database(struct doctor *d)
{
	size_t accounts = 0;
	if (!house_store(&d->house, false))
		return false;
	enum err e = house_weak_accounts(&d->house, &accounts);
	if (e == OK && accounts > 0)
		weak(d, "konton", "Konton med lösenfraser i demons svaga form: %zu. Skapa om dem.", accounts);
	struct db *db = e == OK ? store_reader(d->house.store) : NULL;
	e = db ? look_at_holders(d, db) : ERR_IO;
	if (e == OK)
		e = look_at_dates(d, db);
	if (db)
		store_reader_done(d->house.store, db);
	if (e != OK)
		warn_with("Databasen går inte att läsa, %s.", why_failed(e));
	return e == OK;
}

static int run(int argc, char **argv)
{
	static struct doctor d = { .house = { .lock_fd = -1 } };
	const char *directory = NULL, *format_name = NULL;
	enum print_format format;
	const struct option_row rows[] = { { .name = "--dir", .text = &directory }, { .name = "--format", .text = &format_name } };
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	if (!directory || !print_format_parse(format_name, &format))
		return fail_with(EXIT_USE, directory ? "--format ska vara text, json eller csv."
		                                     : "--dir KATALOG saknas. Se avstamp help doctor.");
	if (!house_settings(&d.house, directory))
		return EXIT_FAILED;
	d.out = buf_new(d.house.arena, ANSWER_MAX);
	buf_lit(&d.out, "område\tsvaghet och åtgärd\n");
	look_at_walls(&d);
	look_at_swap(&d);
	look_at_memory(&d);
	look_at_clock(&d);
	look_at_record_time(&d);
	look_at_disk(&d);
	look_at_files(&d);
	look_at_users(&d);
	look_at_copies(&d);
	look_at_settings(&d);
	bool good = look_at_database(&d);
	if (d.found > 0 || format != PRINT_TEXT)
		print_table(buf_view(&d.out), format);
	else
		puts("Inga svagheter hittades.");
	house_close(&d.house);
	return good && d.found == 0 ? EXIT_WELL : EXIT_FAILED;
}

const struct verb verb_doctor = {
	.name = "doctor", .run = run, .line = "visar vad som är svagare än det borde, med åtgärd",
	.help =
		"avstamp doctor --dir KATALOG [--format text|json|csv]\n\n"
		"Ser efter om kärnans murar, växlingsminnet, klockan, disken, filernas rättigheter, kopiorna,\n"
		"nattens kontroll, inställningarna, kontona och nycklarnas innehavare är som de borde vara.\n"
		"Varje svaghet följs av vad man gör åt den. Slutkod 0 när inget är svagt, annars 1.\n",
};

/* main/backup.c — `avstamp backup`: three copies that are kept apart. */
#include "main/backup.h"
#include "main/quiet.h"
#include "main/upkeep.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_FILES_MAX 65536
#define SHRED_HEAD 64 /* first slot: tells the generation */

struct backup {
	struct house house;
	struct manifest manifest;
	struct str note;
	int admin; /* connection to the serve that writes, or -1 */
	const char *to, *shred, *keys;
};

/* ---- the manifest ------------------------------------------------------------------------------------------ */

struct str manifest_text(struct arena *a, const struct manifest *m)
{
	return arena_format(a, "avstamp backup 1\nsnapshot %.*s\nsize %llu\ntaken %.*s\ncheckpoint %llu\n",
	                    STR_FMT(id_str(a, m->snapshot)), (unsigned long long)m->size,
	                    STR_FMT(instant_iso(a, m->taken)), (unsigned long long)m->checkpoint);
}

static bool take_line(struct str *text, const char *name, struct str *ret)
{
	size_t n = str_find(*text, '\n');
	struct str line = str_cut(*text, 0, n);
	*text = str_cut(*text, n < text->n ? n + 1 : n, text->n);
	if (!str_starts(line, str_c(name)))
		return false;
	*ret = str_cut(line, strlen(name), line.n);
	return true;
}

static bool read_count(struct arena *a, struct str s, uint64_t *ret)
{
	char *end = NULL;
	const char *c = arena_c(a, s);
	if (!c || s.n == 0)
		return false;
	*ret = strtoull(c, &end, 10);
	return *end == '\0';
}

enum err manifest_parse(struct arena *a, struct str text, struct manifest *ret)
{
	struct manifest m;
	struct str head, snapshot, size, taken, checkpoint;
	if (!take_line(&text, "avstamp backup 1", &head) || !take_line(&text, "snapshot ", &snapshot) ||
	    !take_line(&text, "size ", &size) || !take_line(&text, "taken ", &taken) ||
	    !take_line(&text, "checkpoint ", &checkpoint))
		return ERR_INVALID;
	if (id_parse(snapshot, &m.snapshot) != OK || instant_parse_iso(taken, &m.taken) != OK ||
	    !read_count(a, size, &m.size) || !read_count(a, checkpoint, &m.checkpoint))
		return ERR_INVALID;
	*ret = m;
	return OK;
}

/* ---- the copy of database and log --------------------------------------------------------------------------- */

static bool copied(enum err e, const char *what)
{
	if (e != OK)
		warn_with("%s gick inte att kopiera, %s.", what, why_failed(e));
	return e == OK;
}

/* A copy that lies with what it copies is lost with it; shred/ in a backup would outlive what was destroyed. */
static bool target_is_apart(const struct backup *b, const char *target)
{
	struct path real;
	if (path_real(target, &real) != OK) {
		warn_with("Mappen ovanför %s finns inte. Skapa den först.", target);
		return false;
	}
	if (!path_is_in(real.c, b->house.directory.c) && !path_is_in(b->house.directory.c, real.c))
		return true;
	warn_with("%s och datakatalogen ligger i varandra. Lägg kopian någon annanstans.", target);
	return false;
}

/* The copy's moment stands: the writers go on. */
static enum err snapshot_is_fixed(void *ctx)
{
	struct backup *b = ctx;
	return b->admin < 0 ? OK : quiet_end(b->house.arena, b->admin);
}

/* Database and log say the same, and nobody writes. */
static enum err be_quiet(struct backup *b)
{
	struct house *h = &b->house;
	return b->admin < 0 ? quiet_settle(h->flow, h->arena, &b->manifest.size) : quiet_begin(h->arena, b->admin, &b->manifest.size);
}

static bool copy_database(struct backup *b)
{
	struct store_options o = { .directory = b->house.directory.c, .readers = 1, .read_only = true };
	struct store *s = NULL;
	struct path to;
	enum err e = path_join(b->to, "avstamp.db", &to);
	if (e == OK)
		e = store_open(&o, &s);
	if (e == OK)
		e = be_quiet(b);
	if (e == OK)
		e = store_backup(s, to.c, snapshot_is_fixed, b);
	store_close(s);
	if (e == ERR_BUSY)
		warn_with("Tjänsten kunde inte hålla stilla länge nog för en kopia. Försök igen.");
	return e != ERR_BUSY && copied(e, "Databasen");
}

static bool is_segment(struct str name)
{
	return name.n == 10 && memcmp(name.p + 6, ".avl", 4) == 0;
}

/* Checkpoints first: the entries they cover are then surely in the segments that are copied after them. */
static bool copy_log(struct backup *b)
{
	struct path from, to, one, other;
	struct str *names;
	size_t n;
	enum err e;
	if ((e = path_join(b->house.directory.c, "log", &from)) != OK || (e = path_join(b->to, "log", &to)) != OK ||
	    (e = directory_make(to.c, 0700)) != OK ||
	    (e = directory_names(b->house.arena, from.c, LOG_FILES_MAX, &names, &n)) != OK)
		return copied(e, "Loggen");
	for (int segments = 0; segments < 2; segments++) {
		for (size_t i = 0; e == OK && i < n; i++) {
			const char *name = arena_c(b->house.arena, names[i]);
			if (!name || is_segment(names[i]) != (segments == 1) || strstr(name, ".new"))
				continue;
			if ((e = path_join(from.c, name, &one)) == OK && (e = path_join(to.c, name, &other)) == OK)
				e = file_copy(one.c, other.c, UINT64_MAX, 0600);
			progress_show("Kopierar loggen", i + 1, n);
		}
	}
	progress_end();
	return copied(e, "Loggen");
}

static bool write_manifest(struct backup *b)
{
	struct path conf, to, manifest;
	b->manifest.taken = real_time();
	enum err e = random_bytes(&b->manifest.snapshot, sizeof b->manifest.snapshot);
	if (e == OK && (e = path_join(b->house.directory.c, "avstamp.conf", &conf)) == OK &&
	    (e = path_join(b->to, "avstamp.conf", &to)) == OK)
		e = file_copy(conf.c, to.c, UINT64_MAX, 0600);
	if (e == OK && (e = path_join(b->to, "backup", &manifest)) == OK)
		e = file_create(manifest.c, manifest_text(b->house.arena, &b->manifest), 0600);
	return copied(e, "Inställningarna");
}

/* The running service, or a flow of our own that knows what became of the last intents. */
static bool reach_writers(struct backup *b)
{
	struct house *h = &b->house;
	if (h->vault)
		return house_store(h, false) && house_flow(h);
	enum err e = admin_connect(h->directory.c, &b->admin);
	if (e != OK)
		warn_with("Tjänsten svarar inte på %s/run/admin.sock, %s.", h->directory.c, why_failed(e));
	return e == OK;
}

static bool copy_whole(struct backup *b)
{
	if (!target_is_apart(b, b->to))
		return false;
	enum err e = directory_make(b->to, 0700);
	if (e != OK) {
		warn_with("%s går inte att skapa, %s. Ange en ny mapp.", b->to, why_failed(e));
		return false;
	}
	if (!reach_writers(b) || !copy_database(b) || !upkeep_checkpoint(&b->house, &b->manifest.checkpoint, &b->note) || !copy_log(b))
		return false;
	if (b->manifest.checkpoint < b->manifest.size) {
		warn_with("Kontrollpunkten täcker inte databasens kopia. Försök igen.");
		return false;
	}
	return write_manifest(b);
}

/* ---- shred keys and the vault's keys ------------------------------------------------------------------------ */

static bool read_head(const char *path, char ret[SHRED_HEAD])
{
	_cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && pread(fd, ret, SHRED_HEAD, 0) == SHRED_HEAD;
}

/* Once more when a new generation was written meanwhile: the old file is overwritten then. */
static bool copy_shred(struct backup *b)
{
	struct path from, noted;
	char before[SHRED_HEAD], after[SHRED_HEAD];
	if (!target_is_apart(b, b->shred))
		return false;
	enum err e = path_join(b->house.directory.c, "shred/keys", &from);
	for (int i = 0; e == OK && i < 3; i++) {
		if (!read_head(from.c, before))
			return copied(err_of_errno(), "shred/keys");
		e = file_copy(from.c, b->shred, UINT64_MAX, 0600);
		if (e == OK && read_head(from.c, after) && memcmp(before, after, SHRED_HEAD) == 0) {
			/* For doctor, which complains when this is older than a day. */
			struct str when = arena_format(b->house.arena, "%.*s\n", STR_FMT(instant_iso(b->house.arena, real_time())));
			if (path_join(b->house.directory.c, "run/shred-copy", &noted) == OK && file_write(noted.c, when, 0600) != OK)
				warn_with("%s gick inte att skriva.", noted.c);
			return true;
		}
		unlink(b->shred);
	}
	return copied(e == OK ? ERR_IO : e, "shred/keys");
}

static bool copy_keys(struct backup *b)
{
	struct str copy;
	if (!target_is_apart(b, b->keys) || !upkeep_keys_copy(&b->house, &copy))
		return false;
	return copied(file_create(b->keys, copy, 0600), "Nyckelkopian");
}

/* A running serve is asked over its socket; else we are the one vault of the directory for a moment. */
static bool reach_vault(struct backup *b)
{
	struct house *h = &b->house;
	if (lock_holder(h->directory.c) != 0)
		return true;
	return house_lock(h, 0) && house_vault(h);
}

static void print_result(const struct backup *b)
{
	if (b->to)
		printf("Databas och logg: %s (loggen hade %llu poster).\n", b->to, (unsigned long long)b->manifest.size);
	if (b->shred)
		printf("Nycklarna för gallring: %s. Behåll kopian högst 30 dagar.\n", b->shred);
	if (b->keys)
		printf("Valvets nycklar: %s. En förvaltares nyckelfil öppnar kopian.\n", b->keys);
	if (b->to)
		printf("Spara raderna nedan någon annanstans; avstamp verify --since jämför med dem.\n%.*s", STR_FMT(b->note));
}

static int run(int argc, char **argv)
{
	static struct backup b = { .house = { .lock_fd = -1 }, .admin = -1 };
	const char *directory = NULL, *rest[1] = { NULL };
	const struct option_row rows[] = { { .name = "--dir", .text = &directory }, { .name = "--shred", .text = &b.shred },
	                                   { .name = "--keys", .text = &b.keys } };
	if (!options_read(argc, argv, rows, COUNT_OF(rows), rest, 1, NULL))
		return EXIT_USE;
	b.to = rest[0];
	if (!directory || (!b.to && !b.shred && !b.keys))
		return fail_with(EXIT_USE, directory ? "Vart ska kopian? Ange en mapp, --shred FIL eller --keys FIL."
		                                     : "--dir KATALOG saknas. Se avstamp help backup.");
	bool good = house_settings(&b.house, directory) && reach_vault(&b) && (!b.to || copy_whole(&b)) &&
	            (!b.shred || copy_shred(&b)) && (!b.keys || copy_keys(&b));
	if (good)
		print_result(&b);
	fd_closep(&b.admin);
	house_close(&b.house);
	return good ? EXIT_WELL : EXIT_FAILED;
}

const struct verb verb_backup = {
	.name = "backup", .run = run, .line = "säkerhetskopierar: databas och logg, gallringsnycklar, valvets nycklar",
	.help =
		"avstamp backup MAPP --dir KATALOG\n"
		"avstamp backup --shred FIL --dir KATALOG\n"
		"avstamp backup --keys FIL --dir KATALOG\n\n"
		"Går att köra medan tjänsten är igång. Tre kopior behövs för att återställa, och de ska ligga på\n"
		"olika ställen:\n\n"
		"  MAPP          databasen, loggen och inställningarna; allt är redan krypterat. Kan sparas länge.\n"
		"  --shred FIL   gallringsnycklarna. Spara en ny varje dygn och behåll ingen längre än 30 dagar:\n"
		"                så länge en kopia finns kan gallrade ärenden återställas.\n"
		"  --keys FIL    valvets egna nycklar, förseglade till förvaltarna av återställningsnycklar.\n\n"
		"Kopian av databas och logg slutar med en kontrollpunkt. Spara den någon annanstans, så visar\n"
		"avstamp verify --since om loggen har satts tillbaka.\n",
};

/* main/restore.c — `avstamp restore`: a directory from its three copies, and the proof that they belong together. */
#include "main/backup.h"
#include "main/check.h"
#include "main/house.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_FILES_MAX 65536
#define KEY_COPY_MAX (64u << 10)
#define CUSTODIAN_MAX 4096

struct restore {
	struct house house;
	struct manifest manifest;
	const char *from, *directory, *shred, *keys, *custodian;
	bool replace, old_log;
};

static bool done(enum err e, const char *what)
{
	if (e != OK)
		warn_with("%s gick inte att återställa, %s.", what, why_failed(e));
	return e == OK;
}

/* ---- what there is ------------------------------------------------------------------------------------------ */

static bool in_place(const struct restore *r, const char *name)
{
	struct path p;
	return path_join(r->house.directory.c, name, &p) == OK && file_exists(p.c);
}

static bool in_backup(const struct restore *r, const char *name, struct path *ret)
{
	return path_join(r->from, name, ret) == OK && file_exists(ret->c);
}

static bool read_manifest(struct restore *r)
{
	struct path p, database, log;
	struct str text;
	if (!in_backup(r, "backup", &p) || !in_backup(r, "avstamp.db", &database) || !in_backup(r, "log", &log)) {
		warn_with("%s är ingen hel säkerhetskopia: databasen, loggen eller filen backup saknas.", r->from);
		return false;
	}
	if (file_read(r->house.arena, p.c, 4096, &text) == OK && manifest_parse(r->house.arena, text, &r->manifest) == OK)
		return true;
	warn_with("%s går inte att läsa. Är kopian avbruten?", p.c);
	return false;
}

/* Each missing part has its own sentence, before anything is touched. */
static bool has_parts(const struct restore *r)
{
	if (!r->shred && !in_place(r, "shred/keys")) {
		warn_with("Kopian av gallringsnycklarna saknas. Ange --shred FIL från avstamp backup --shred.");
		return false;
	}
	if (r->shred && !file_exists(r->shred)) {
		warn_with("Kopian av gallringsnycklarna finns inte: %s.", r->shred);
		return false;
	}
	bool fresh = !in_place(r, "keys/trust");
	if (fresh && (!r->keys || !file_exists(r->keys))) {
		warn_with("Kopian av valvets nycklar saknas. Ange --keys FIL från avstamp backup --keys.");
		return false;
	}
	if (fresh && (!r->custodian || !file_exists(r->custodian))) {
		warn_with("En förvaltares nyckelfil saknas. Ange --custodian FIL: utan den öppnas inte kopian av nycklarna.");
		return false;
	}
	if (in_place(r, "avstamp.db") && !r->replace) {
		warn_with("%s har redan en databas. Ange --replace om den ska bytas mot kopian.", r->directory);
		return false;
	}
	return true;
}

/* ---- putting the files back --------------------------------------------------------------------------------- */

static bool make_directory(struct restore *r)
{
	static const char *const folders[] = { "", "log", "keys", "shred", "run" };
	struct path p;
	enum err e = path_real(r->directory, &r->house.directory);
	for (size_t i = 0; e == OK && i < COUNT_OF(folders); i++) {
		if ((e = path_join(r->house.directory.c, folders[i], &p)) != OK)
			break;
		e = directory_make(p.c, 0700);
		if (e == ERR_EXISTS)
			e = OK;
	}
	return done(e, "Katalogen");
}

static bool put_file(const struct restore *r, const char *name, const char *to)
{
	struct path from, into;
	enum err e = path_join(r->from, name, &from);
	if (e == OK && (e = path_join(r->house.directory.c, to, &into)) == OK)
		e = file_copy(from.c, into.c, UINT64_MAX, 0600);
	return done(e, name);
}

static bool put_database(const struct restore *r)
{
	static const char *const old[] = { "avstamp.db", "avstamp.db-wal", "avstamp.db-shm" };
	for (size_t i = 0; i < COUNT_OF(old); i++) {
		struct path p;
		if (path_join(r->house.directory.c, old[i], &p) == OK)
			unlink(p.c);
	}
	return put_file(r, "avstamp.db", "avstamp.db");
}

static bool put_log(struct restore *r)
{
	struct path from, to, one, other;
	struct str *names;
	size_t n;
	enum err e;
	if ((e = path_join(r->from, "log", &from)) != OK || (e = path_join(r->house.directory.c, "log", &to)) != OK ||
	    (e = directory_names(r->house.arena, from.c, LOG_FILES_MAX, &names, &n)) != OK)
		return done(e, "Loggen");
	for (size_t i = 0; e == OK && i < n; i++) {
		const char *name = arena_c(r->house.arena, names[i]);
		if ((e = path_join(from.c, name, &one)) == OK && (e = path_join(to.c, name, &other)) == OK) {
			unlink(other.c);
			e = file_copy(one.c, other.c, UINT64_MAX, 0600);
		}
	}
	return done(e, "Loggen");
}

/* The newest log there is tells what was lost; the backup's is taken only when the directory has a shorter one. */
static bool choose_log(struct restore *r)
{
	struct arena *a = r->house.arena;
	uint64_t here = 0, there = 0;
	enum err e = check_log_size(a, r->from, &there);
	if (e != OK)
		return done(e, "Säkerhetskopians logg");
	if (check_log_size(a, r->house.directory.c, &here) == OK && here >= there) {
		printf("Katalogens egen logg är nyare än kopians (%llu poster mot %llu) och behålls.\n",
		       (unsigned long long)here, (unsigned long long)there);
		return true;
	}
	return put_log(r);
}

static bool put_shred(struct restore *r)
{
	struct path to;
	if (in_place(r, "shred/keys")) {
		puts("Katalogens egna gallringsnycklar är de nyaste och behålls.");
		return true;
	}
	enum err e = path_join(r->house.directory.c, "shred/keys", &to);
	if (e == OK)
		e = file_copy(r->shred, to.c, UINT64_MAX, 0600);
	return done(e, "Gallringsnycklarna");
}

/* ---- keys --------------------------------------------------------------------------------------------------- */

static bool open_keys(struct restore *r)
{
	struct house *h = &r->house;
	struct vault_keys_restore ask;
	struct vault_keys_restore_reply reply;
	enum err e = file_read(h->arena, r->keys, KEY_COPY_MAX, &ask.copy);
	if (e == OK)
		e = file_read(h->arena, r->custodian, CUSTODIAN_MAX, &ask.custodian);
	if (e != OK)
		return done(e, "Nyckelkopian");
	if (ask_secret(h->arena, "Lösenfrasen till förvaltarens nyckelfil:", &ask.passphrase) != OK) {
		warn_with("Lösenfrasen saknas.");
		return false;
	}
	e = vault_keys_restore(h->vault, h->arena, &ask, &reply);
	if (e == ERR_LOGIN || e == ERR_DENIED) {
		warn_with("Nyckelfilen och lösenfrasen öppnar inte kopian av valvets nycklar.");
		return false;
	}
	if (e != OK)
		return done(e, "Valvets nycklar");
	printf("Fingeravtryck: %.*s\n", STR_FMT(reply.fingerprint));
	return true;
}

static bool put_keys(struct restore *r)
{
	struct house *h = &r->house;
	if (in_place(r, "keys/trust"))
		return true;
	h->fresh = true;
	bool good = house_vault(h) && open_keys(r);
	house_vault_end(h);
	return good;
}

/* ---- proof -------------------------------------------------------------------------------------------------- */

/* keys/ may be newer than the database: then a standing dossier has a newer key there than the database knows of, and
 * the vault would seal to nothing else. It goes back to the database's. */
static enum err tell_dossier(struct house *h, struct id16 controller, struct id16 dossier)
{
	struct q_stream_newest_row *row = NULL;
	struct vault_standing ask = { .controller = controller, .dossier = dossier };
	struct vault_status_reply reply;
	size_t n = 0;
	struct db *db = store_reader(h->store);
	enum err e = db ? q_stream_newest(db, h->arena, dossier, event_place(dossier, COMPARTMENT_HEAD, 0), &row, &n) : ERR_IO;
	if (db)
		store_reader_done(h->store, db);
	if (e != OK || !row || row->deposit_key.n != sizeof ask.key.key || row->proof.n != sizeof ask.key.proof)
		return e;
	ask.key.epoch = (uint32_t)row->epoch;
	memcpy(ask.key.key, row->deposit_key.p, sizeof ask.key.key);
	memcpy(ask.key.proof, row->proof.p, sizeof ask.key.proof);
	e = vault_standing(h->vault, h->arena, &ask, &reply);
	/* Parts that do not belong together are named by the proof that follows. */
	return e == ERR_DENIED || e == ERR_INVALID ? OK : e;
}

static bool tell_standing(struct house *h)
{
	struct row_controllers *c = NULL;
	size_t n = 0;
	if (!house_store(h, false))
		return false;
	struct db *db = store_reader(h->store);
	enum err e = db ? q_controllers(db, h->arena, &c, &n) : ERR_IO;
	if (db)
		store_reader_done(h->store, db);
	for (size_t i = 0; e == OK && i < n; i++) {
		const struct id16 dossiers[] = { c[i].directory, c[i].desk, c[i].number_index, c[i].review };
		for (size_t k = 0; e == OK && k < COUNT_OF(dossiers); k++)
			e = tell_dossier(h, c[i].controller, dossiers[k]);
	}
	store_close(h->store);
	h->store = NULL;
	return done(e, "Nycklarna till personalens akter");
}

static bool write_leaf(struct restore *r)
{
	struct house *h = &r->house;
	struct vault_restored ask = { .size = r->manifest.size, .snapshot = r->manifest.snapshot };
	struct vault_restored_reply reply;
	h->fresh = true; /* the leaf is only taken from a vault that is setting a directory up */
	bool good = house_vault(h);
	if (good)
		good = done(vault_restored(h->vault, h->arena, &ask, &reply), "Loggens post om återställningen") && tell_standing(h);
	house_vault_end(h);
	h->fresh = false;
	if (good)
		printf("Återställd från kopian av %.*s. %llu poster i loggen är nyare än kopian.\n",
		       STR_FMT(instant_short(h->arena, r->manifest.taken)), (unsigned long long)reply.lost);
	return good;
}

struct canary_rows { struct q_my_cases_row *grants; size_t n; struct q_events_after_row *events; size_t n_events; };

static enum err read_canary(struct house *h, struct id16 user, struct canary_rows *ret)
{
	struct asker who = { .id = { user } };
	struct db *db = store_reader(h->store);
	if (!db)
		return ERR_IO;
	enum err e = q_my_cases(db, h->arena, who, 1, &ret->grants, &ret->n);
	if (e == OK && ret->n == 1)
		e = q_events_after(db, h->arena, ret->grants[0].grant.case_id, case_place(ret->grants[0].grant.case_id),
		                   event_place(ret->grants[0].grant.case_id, COMPARTMENT_HEAD, EVENT_SEQ_MAX), 1, &ret->events, &ret->n_events);
	store_reader_done(h->store, db);
	return e;
}

static enum err open_canary(struct house *h)
{
	struct vault_canary ask = { 0 };
	struct vault_canary_reply who;
	struct canary_rows rows = { .n = 0 };
	enum err e;
	if ((e = vault_canary(h->vault, h->arena, &ask, &who)) != OK || (e = read_canary(h, who.user, &rows)) != OK)
		return e;
	if (rows.n != 1 || rows.n_events != 1)
		return ERR_NOT_FOUND;
	const struct row_grants *g = &rows.grants[0].grant;
	struct open_item item = {
		.at = { .controller = g->controller, .case_id = g->case_id, .compartment = COMPARTMENT_HEAD,
		        .slot = SLOT_EVENT, .epoch = (uint32_t)rows.events[0].epoch, .seq = 1, .version = 1 },
		.envelope = rows.events[0].envelope };
	struct open_group group = { .grant = g->accepted.p ? g->accepted : g->wrapped,
	                            .shred_slot = (uint32_t)g->shred_slot, .items = &item, .n_items = 1 };
	struct vault_open open = {
		.why = { .cookie = who.cookie, .purpose = PURPOSE_UPKEEP, .act = STR("restore"), .asked = g->case_id,
		         .reason = STR("") },
		.groups = &group, .n_groups = 1 };
	struct vault_open_reply reply;
	if ((e = vault_open(h->vault, h->arena, &open, &reply)) != OK)
		return e;
	if (reply.n_groups != 1 || reply.groups[0].n_items != 1)
		return ERR_CORRUPT;
	return reply.groups[0].items[0].status;
}

static bool prove(struct restore *r)
{
	struct house *h = &r->house;
	if (!house_settings(h, r->directory) || !house_vault(h) || !house_store(h, false) || !house_flow(h))
		return false;
	enum err e = open_canary(h);
	if (e == OK) {
		puts("Kontrollärendet går att öppna: databasen, gallringsnycklarna och valvets nycklar hör ihop.");
		return true;
	}
	if (e == ERR_NOT_FOUND)
		warn_with("Kontrollärendet finns inte i databasen. Kopian är inte gjord av avstamp backup i den här katalogen.");
	else
		warn_with("Kontrollärendet går inte att öppna (%s). Gallringsnycklarna eller valvets nycklar hör till en annan "
		          "katalog, eller är äldre än databasen.", err_name(e));
	return false;
}

static int put_back(struct restore *r)
{
	struct house *h = &r->house;
	if (!make_directory(r) || !house_lock(h, 0))
		return EXIT_FAILED;
	if (!in_place(r, "avstamp.conf") && !put_file(r, "avstamp.conf", "avstamp.conf"))
		return EXIT_FAILED;
	h->fresh = true;
	bool good = house_settings(h, r->directory);
	h->fresh = false;
	if (!good || !put_database(r) || !choose_log(r) || !put_shred(r) || !put_keys(r) || !write_leaf(r))
		return EXIT_FAILED;
	good = prove(r);
	if (h->flow)
		flow_free(h->flow);
	h->flow = NULL;
	house_vault_end(h);
	store_close(h->store);
	h->store = NULL;
	if (!good)
		return EXIT_FAILED;
	struct check_wish w = { .directory = h->directory.c, .admin = -1, .lock_fd = -1 };
	return check_run(h->arena, &w) == 0 ? EXIT_WELL : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	static struct restore r = { .house = { .lock_fd = -1 } };
	const char *rest[1] = { NULL };
	const struct option_row rows[] = {
		{ .name = "--dir", .text = &r.directory }, { .name = "--shred", .text = &r.shred },
		{ .name = "--keys", .text = &r.keys }, { .name = "--custodian", .text = &r.custodian },
		{ .name = "--replace", .flag = &r.replace },
	};
	if (!options_read(argc, argv, rows, COUNT_OF(rows), rest, 1, NULL))
		return EXIT_USE;
	r.from = rest[0];
	if (!r.from || !r.directory)
		return fail_with(EXIT_USE, r.from ? "--dir KATALOG saknas. Se avstamp help restore."
		                                  : "Varifrån? Ange mappen som avstamp backup skrev. Se avstamp help restore.");
	if (programs_find(&r.house.programs) != OK)
		return fail_with(EXIT_FAILED, "avstamp-vault saknas bredvid programmet. Installera om paketet.");
	if (!(r.house.arena = arena_new(64u << 20)))
		return fail_with(EXIT_FAILED, "Minnet räcker inte.");
	(void)!path_real(r.directory, &r.house.directory);
	int code = EXIT_FAILED;
	if (lock_holder(r.house.directory.c) != 0)
		warn_with("Tjänsten körs i %s. Stoppa den innan du återställer.", r.directory);
	else if (read_manifest(&r) && has_parts(&r))
		code = put_back(&r);
	house_close(&r.house);
	return code;
}

const struct verb verb_restore = {
	.name = "restore", .run = run, .line = "återställer en datakatalog ur sina tre kopior",
	.help =
		"avstamp restore MAPP --dir KATALOG [--shred FIL] [--keys FIL --custodian FIL] [--replace]\n\n"
		"Återställer KATALOG ur MAPP, som avstamp backup skrev. På en ny dator behövs alla delar: kopian\n"
		"av gallringsnycklarna, kopian av valvets nycklar och en förvaltares nyckelfil med dess lösenfras.\n"
		"Finns gallringsnycklar, valvets nycklar eller en längre logg redan i KATALOG, behålls de.\n\n"
		"Till sist öppnas kontrollärendet, som visar att delarna hör ihop, återställningen skrivs i\n"
		"loggen, och avstamp verify körs. De skrivningar som gjordes efter kopian är förlorade; verify\n"
		"räknar upp vilka poster i loggen det gäller.\n\n"
		"  --replace   byter ut en databas som redan finns i KATALOG\n",
};

/* main/check.c — findings of the log's walk, then every row of every table against what the log says. */
#include "main/check.h"
#include "crypto/log_reader.h"
#include "crypto/verify.h"
#include "main/admin.h"
#include "main/findings.h"
#include "main/quiet.h"
#include "main/verb.h"
#include "store/store.h"
#include "sys/process.h"
#include "sys/terminal.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 65536
#define ROWS_SHOWN 20 /* of each kind; the rest is counted */

struct check {
	struct arena *a;
	const struct check_wish *wish;
	struct verify *v;
	struct store *store;
	struct db *db;
	uint64_t rows, wrong_rows;
	const char *table;
};

/* ---- what is found ----------------------------------------------------------------------------------------- */

static const char *const kinds[] = {
	[VERIFY_OK] = "Upplysning", [VERIFY_ALTERED] = "Ändrad", [VERIFY_TRUNCATED] = "Avkortad eller tillbakasatt",
	[VERIFY_FORK] = "Delad i två", [VERIFY_SIGNATURE] = "Fel underskrift", [VERIFY_HEARTBEAT] = "Lucka i tiden",
	[VERIFY_ROW] = "Databasen och loggen skiljer sig", [VERIFY_INTENT] = "Avsikt utan utfall",
};

static void print_when(struct arena *a, int64_t from_us, int64_t to_us)
{
	if (from_us == 0 && to_us == 0)
		return;
	struct str from = instant_iso(a, (struct instant){ from_us }), to = instant_iso(a, (struct instant){ to_us });
	printf(" Uppehåll från %.*s till %.*s.", STR_FMT(from), STR_FMT(to));
}

static void found(void *ctx, const struct verify_finding *f)
{
	struct check *k = ctx;
	if (f->code == VERIFY_OK && k->wish->quiet)
		return;
	if (f->code == VERIFY_ROW && k->wrong_rows > ROWS_SHOWN)
		return; /* counted, and said at the end */
	progress_end();
	struct str text = finding_text(f->what);
	printf("%s, post %llu", kinds[f->code], (unsigned long long)f->entry);
	if (f->entry_end > f->entry + 1)
		printf(" till %llu", (unsigned long long)f->entry_end - 1);
	printf(": %.*s", STR_FMT(text));
	if (f->count > 0)
		printf(" Skrivningar efter kopian är förlorade: %llu.", (unsigned long long)f->count);
	print_when(k->a, f->from_us, f->to_us);
	putchar('\n');
}

static void walked(void *ctx, uint64_t entries)
{
	(void)ctx;
	progress_show("Läser loggen", entries, UINT64_MAX);
}

/* ---- rows -------------------------------------------------------------------------------------------------- */

static void wrong_row(struct check *k, struct id16 row, uint64_t entry, const char *what)
{
	struct verify_finding f = { .code = VERIFY_ROW, .entry = entry, .entry_end = entry + 1, .what = what };
	k->wrong_rows++;
	verify_report(k->v, &f);
	if (k->wrong_rows > ROWS_SHOWN)
		return;
	char hex[ID_HEX];
	id_hex(row, hex);
	progress_end();
	printf("  tabell %s, rad %.*s: %s\n", k->table, ID_HEX, hex, what);
}

static enum err one_row(void *ctx, const struct row_ref *r)
{
	struct check *k = ctx;
	uint64_t entry = 0;
	k->rows++;
	if ((k->rows & 1023) == 0)
		progress_show("Jämför rader", k->rows, UINT64_MAX);
	if (!verify_row_may(k->v, r->row, r->tag, &entry))
		wrong_row(k, r->row, entry, "Raden är en annan än den som loggen namnger.");
	return OK;
}

static void missing_row(void *ctx, const struct verify_row *r, struct id16 row)
{
	wrong_row(ctx, row, r->entry, "Raden finns i loggen men inte i databasen.");
}

static void bad_page(void *ctx, struct str finding)
{
	struct check *k = ctx;
	struct verify_finding f = { .code = VERIFY_ROW, .what = "Databasens sidor eller index är skadade." };
	verify_report(k->v, &f);
	progress_end();
	printf("  databasen: %.*s\n", STR_FMT(finding));
}

/* The one table that the log does not name row by row: what it says was committed, the log must have intended. */
static enum err check_applied(struct check *k)
{
	struct q_applied_all_row *rows = NULL;
	size_t n = 0;
	enum err e = q_applied_all(k->db, k->a, &rows, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct id16 none = { { 0 } };
		if (!verify_intent_may(k->v, (uint64_t)rows[i].intent))
			wrong_row(k, none, (uint64_t)rows[i].intent, "En skrivning sägs vara gjord som loggen inte känner.");
	}
	return e;
}

static enum err check_rows(struct check *k)
{
	enum err e = store_check(k->db, bad_page, k);
	for (int t = store_next_table(0); e == OK && t != 0; t = store_next_table(t)) {
		k->table = store_table_name((enum table)t);
		e = store_scan(k->db, (enum table)t, one_row, k);
		if (e == ERR_CORRUPT) {
			struct verify_finding f = { .code = VERIFY_ROW, .what = "En rad går inte att läsa." };
			verify_report(k->v, &f);
			printf("  tabell %s: en rad går inte att läsa\n", k->table);
			e = OK;
		}
	}
	k->table = "applied";
	if (e == OK)
		e = check_applied(k);
	k->table = "okänd";
	if (e == OK)
		verify_rows_unseen(k->v, missing_row, k);
	if (k->wrong_rows > ROWS_SHOWN)
		printf("  och %llu rader till\n", (unsigned long long)(k->wrong_rows - ROWS_SHOWN));
	return e;
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

enum err check_log_end(struct arena *a, const char *directory, uint64_t *ret_size, struct instant *ret_time)
{
	struct path p;
	struct str *names;
	size_t n;
	enum err e;
	if ((e = path_join(directory, "log", &p)) != OK || (e = directory_names(a, p.c, NAMES_MAX, &names, &n)) != OK)
		return e;
	uint32_t newest = 0;
	for (size_t i = 0; i < n; i++)
		if (names[i].n == 10 && memcmp(names[i].p + 6, ".avl", 4) == 0)
			newest = (uint32_t)strtoul(arena_c(a, names[i]), NULL, 10);
	if (newest == 0)
		return ERR_NOT_FOUND;
	_cleanup_(fd_closep) int fd = open(p.c, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(log_reader_closep) struct log_reader *r = NULL;
	struct log_record record;
	uint64_t size = 0;
	struct instant time = INSTANT_UNSET;
	if (fd < 0)
		return err_of_errno();
	if ((e = log_reader_new(a, fd, &r)) != OK || (e = log_reader_at(r, newest, LOG_SEGMENT_HEAD)) != OK)
		return e;
	while (log_reader_next(r, &record) == OK) {
		size = record.entry.seq + 1;
		time.us = record.entry.time_us;
	}
	if (size == 0 && newest > 1 && log_reader_prev(r, &record) == OK) {
		size = record.entry.seq + 1;
		time.us = record.entry.time_us;
	}
	*ret_size = size;
	*ret_time = time;
	return OK;
}

enum err check_log_size(struct arena *a, const char *directory, uint64_t *ret)
{
	struct instant time;
	return check_log_end(a, directory, ret, &time);
}

static int cannot(const char *what, enum err e)
{
	return fail_with(EXIT_FAILED, "%s, %s.", what, why_failed(e));
}

static enum err fix_moment(struct check *k)
{
	struct q_next_due_row *row;
	size_t n;
	k->db = store_reader(k->store);
	return k->db ? q_next_due(k->db, k->a, &row, &n) : ERR_IO;
}

/* The rows' moment, fixed while the service holds its writers back: entries from *ret_size on are younger than it. */
static bool fix_quiet_moment(struct check *k, uint64_t *ret_size)
{
	enum err e = k->wish->admin < 0 ? ERR_NOT_FOUND : quiet_begin(k->a, k->wish->admin, ret_size);
	if (e != OK)
		return false;
	if ((e = fix_moment(k)) == OK)
		e = quiet_end(k->a, k->wish->admin);
	return e == OK;
}

/* Fixes the rows' moment, before the log is read to its end. */
static int choose_moment(struct check *k, struct verify_options *o)
{
	enum err e = OK;
	o->moving_from = o->rows_until = UINT64_MAX;
	if (k->wish->running && fix_quiet_moment(k, &o->rows_until))
		return EXIT_WELL;
	o->rows_until = UINT64_MAX;
	if (k->wish->running) {
		warn_with("Tjänsten kunde inte hålla stilla ett ögonblick. Nyss skrivna rader kan se fel ut; kör kontrollen igen.");
		e = check_log_size(k->a, k->wish->directory, &o->moving_from);
	} else if (k->wish->lock_fd >= 0) {
		e = check_log_size(k->a, k->wish->directory, &o->rows_until);
	}
	if (e != OK)
		return cannot("Loggen går inte att läsa", e);
	if (!k->db && (e = fix_moment(k)) != OK)
		return cannot("Databasen går inte att läsa", e);
	return EXIT_WELL;
}

static int check_open(struct check *k)
{
	struct path p;
	struct verify_options o = { .fingerprint = k->wish->fingerprint, .since = k->wish->since, .found = found, .ctx = k,
	                            .promises = k->wish->promises, .n_promises = k->wish->n_promises,
	                            .progress = terminal_is(2) ? walked : NULL };
	enum err e;
	int code = choose_moment(k, &o);
	if (k->wish->lock_fd >= 0)
		close(k->wish->lock_fd);
	if (code != EXIT_WELL)
		return code;
	if ((e = path_join(k->wish->directory, "log", &p)) != OK)
		return cannot("Loggen går inte att läsa", e);
	_cleanup_(fd_closep) int fd = open(p.c, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	o.dir_fd = fd;
	if (fd < 0)
		return cannot("Loggen går inte att läsa", err_of_errno());
	e = verify_log(&o, &k->v);
	if (e == ERR_INVALID)
		return fail_with(EXIT_FAILED, "Filen efter --since är ingen kontrollpunkt.");
	return e == OK ? EXIT_WELL : cannot("Loggen går inte att läsa", e);
}

/* What no entry of the log names yet, though it was promised there before it was written. */
static void print_waiting(const struct check *k)
{
	if (k->wish->n_promises > 0 && !k->wish->quiet)
		printf("Upplysning: %zu skrivningar av påminnelser och paket är ännu inte täckta av loggen. De jämfördes med det som "
		       "loggen lovar under nyckeln i keys/late, och skrivs in när tjänsten startar.\n", k->wish->n_promises);
	if (k->wish->promises_unknown && k->wrong_rows > 0)
		printf("Påminnelser och paket som skrevs just före ett avbrott kan se ändrade ut, för keys/late går inte att läsa "
		       "här. Kör kontrollen i datakatalogen, eller när tjänsten har startat.\n");
}

static void print_sum(const struct check *k)
{
	char text[TRUST_FINGERPRINT_TEXT + 1] = "";
	struct arena *a = k->a;
	struct str trust = verify_trust(k->v) ? trust_text(a, verify_trust(k->v)) : STR_UNSET;
	uint8_t fingerprint[32];
	if (trust.p) {
		trust_fingerprint(trust, fingerprint);
		trust_fingerprint_text(fingerprint, text);
	}
	printf("%llu poster i loggen, %llu täckta av den nyaste kontrollpunkten, %llu rader i databasen.\n",
	       (unsigned long long)verify_entries(k->v), (unsigned long long)verify_covered(k->v),
	       (unsigned long long)k->rows);
	if (text[0])
		printf("Fingeravtryck: %.*s\n", (int)(sizeof text - 1), text);
	puts(verify_worst(k->v) == VERIFY_OK ? "Allt stämmer." : "Något stämmer inte, se ovan.");
}

int check_run(struct arena *a, const struct check_wish *w)
{
	struct check k = { .a = a, .wish = w };
	struct store_options o = { .directory = w->directory, .readers = 1, .read_only = true };
	enum err e = store_open(&o, &k.store);
	if (e != OK)
		return cannot("Databasen går inte att öppna", e);
	int code = check_open(&k);
	if (code == EXIT_WELL) {
		e = check_rows(&k);
		progress_end();
		code = e == OK ? (int)verify_worst(k.v) : cannot("Databasen går inte att läsa", e);
		print_waiting(&k);
		if (e == OK && (!w->quiet || code != 0))
			print_sum(&k);
	}
	verify_free(k.v);
	if (k.db)
		store_reader_done(k.store, k.db);
	store_close(k.store);
	return code;
}

/* main/demo.c — `avstamp demo`: a filled directory of made-up people, served on this machine alone. */
#include "main/cohort.h"
#include "main/filling.h"
#include "main/print.h"
#include "main/serve.h"
#include "main/tend.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define SEED 20261124
#define PAST_DAYS 120
#define NOTES 4

struct demo_person { const char *login, *name, *title, *passphrase; uint64_t roles; };
#define SECRET(login) login "-visar-avstamp"
#define IS(role) (UINT64_C(1) << ROLE_##role)
static const struct demo_person social[] = {
	{ "maria", "Maria Exempel", "samordnare", SECRET("maria"), IS(COORDINATOR) },
	{ "samir", "Samir Övning", "samordnare", SECRET("samir"), IS(COORDINATOR) },
	{ "karin", "Karin Provsson", "socialsekreterare", SECRET("karin"), IS(SOCIAL_WORKER) },
	{ "jonas", "Jonas Mallgren", "socialsekreterare", SECRET("jonas"), IS(SOCIAL_WORKER) },
	{ "helena", "Helena Testander", "enhetschef", SECRET("helena"), IS(MANAGER) },
	{ "olof", "Olof Demosson", "behörighetsansvarig", SECRET("olof"), IS(OFFICER) },
	{ "petra", "Petra Demosson", "behörighetsansvarig", SECRET("petra"), IS(OFFICER) },
	{ "gunnel", "Gunnel Sagolik", "granskare", SECRET("gunnel"), IS(REVIEWER) },
};
static const struct demo_person police[] = {
	{ "erik", "Erik Fiktiv", "polis", SECRET("erik"), IS(POLICE) | IS(OFFICER) },
	{ "fatima", "Fatima Fiktiv", "polis", SECRET("fatima"), IS(POLICE) | IS(OFFICER) },
	{ "ture", "Ture Sagolik", "granskare", SECRET("ture"), IS(REVIEWER) },
};
static const struct { const char *name; enum controller_kind kind; int64_t municipality; const struct demo_person *people; size_t n; }
parties[] = {
	{ "Socialnämnden i Exempelköping", CONTROLLER_SOCIAL, 9999, social, COUNT_OF(social) },
	{ "Polisen, område Exempel", CONTROLLER_POLICE, 0, police, COUNT_OF(police) },
};
/* From a call an hour ago to a plan that is lived. */
static const enum stage stages[] = {
	STAGE_AGREED, STAGE_PLANNING, STAGE_DECIDED, STAGE_JOINT, STAGE_AGREED, STAGE_POLICE, STAGE_ASSESSED, STAGE_TAKEN,
	STAGE_JOINT, STAGE_AGREED, STAGE_INTAKE, STAGE_INTAKE,
};
/* Players are counted through the authorities: 0 and 1 coordinators, 2 and 3 social workers, 8 and 9 police. */
static const size_t coordinators[] = { 0, 1 }, seconds[] = { 2, 3 }, officers[] = { 8, 9 };
static const size_t tenders[] = { 2, 3, 0, 1 };
enum { PLAYER_MANAGER = 4 };

struct demo { struct house house; const char *directory, *accounts, *listen, *custodians; bool filled_now; int64_t ms; };

/* ---- filling ---------------------------------------------------------------------------------------------------- */

static bool cast(struct arena *a, struct founding *f)
{
	f->controllers = ARENA_ARRAY(a, struct first_controller, COUNT_OF(parties));
	if (!f->controllers)
		return false;
	f->n = COUNT_OF(parties);
	f->simulated = true;
	for (size_t i = 0; i < f->n; i++) {
		struct first_controller *c = &f->controllers[i];
		*c = (struct first_controller){ .name = str_c(parties[i].name), .kind = parties[i].kind,
		                                .municipality = parties[i].municipality, .n_people = parties[i].n };
		c->people = ARENA_ARRAY(a, struct first_person, parties[i].n);
		if (!c->people)
			return false;
		for (size_t k = 0; k < parties[i].n; k++) {
			const struct demo_person *p = &parties[i].people[k];
			c->people[k] = (struct first_person){ .login = str_c(p->login), .name = str_c(p->name),
			                                      .title = str_c(p->title), .passphrase = str_c(p->passphrase),
			                                      .roles = p->roles };
		}
		for (size_t k = 0; k < COUNT_OF(c->custodians); k++)
			c->custodians[k] = (struct first_custodian){ .name = STR("Påhittad förvaltare"),
			                                             .passphrase = STR("demo-förvaltare") };
	}
	return true;
}

/* The unit's manager sees the head of its cases, by a grant like any other. */
static bool show_manager(struct demo *d, struct play *p, struct id16 manager)
{
	for (size_t i = 0; i < COUNT_OF(coordinators); i++) {
		const struct cookie_secret *c = &p->players[coordinators[i]].cookie;
		struct my_case *cases;
		size_t n;
		bool more;
		struct session s;
		struct act_result r;
		enum err e = flow_my_cases(d->house.flow, p->scratch, c, &s, &cases, &n, &more);
		for (size_t k = 0; e == OK && k < n; k++)
			if (!cases[k].via_desk)
				e = flow_grant(d->house.flow, p->scratch, c, cases[k].case_id, manager, ROLE_MANAGER, &s, &r);
		if (e != OK && e != ERR_EXISTS) {
			warn_with("Chefen fick inte se ärendena (%s).", err_name(e));
			return false;
		}
	}
	return true;
}

static bool play_cohort(struct demo *d, const struct founding *f, struct instant now)
{
	struct cohort_wish w = { .seed = SEED, .cases = COUNT_OF(stages), .notes = NOTES, .from = f->begin, .until = now,
	                         .coordinators = coordinators, .n_coordinators = COUNT_OF(coordinators),
	                         .seconds = seconds, .n_seconds = COUNT_OF(seconds), .police = officers,
	                         .n_police = COUNT_OF(officers), .stages = stages, .end_now = true };
	struct life *lives;
	struct play p = { 0 };
	bool good = cohort_draw(d->house.arena, &w, &lives) && play_begin(&p, &d->house, f) &&
	            cohort_play(&p, lives, w.cases, now, "Fyller demon") &&
	            tend_cases(&p, tenders, COUNT_OF(tenders)) && show_manager(d, &p, p.players[PLAYER_MANAGER].user);
	play_end(&p);
	return good;
}

static bool fill(void *ctx, const char *path)
{
	struct demo *d = ctx;
	struct founding f = { 0 };
	struct conf conf = conf_standard();
	struct instant now = real_time();
	f.keys_folder = d->custodians;
	f.begin = (struct instant){ now.us - PAST_DAYS * DAY_US };
	conf.walls = "best-effort";
	d->house.demo = true;
	bool good = founding_directory(&d->house, path, &conf) && cast(d->house.arena, &f) && founding_run(&d->house, &f) &&
	            house_flow(&d->house) && play_cohort(d, &f, now);
	house_close(&d->house);
	return good;
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static void json_roles(struct buf *b, uint64_t bits)
{
	static const struct { const char *name; uint64_t bit; } roles[] = {
#define ROLE(id, bit, name, title) { name, UINT64_C(1) << (bit) },
#include "tables/roles.def"
#undef ROLE
	};
	const char *before = "";
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		if (!(bits & roles[i].bit))
			continue;
		buf_format(b, "%s\"%s\"", before, roles[i].name);
		before = ",";
	}
}

static bool write_accounts(const char *path)
{
	struct arena *a = arena_new(65536);
	struct buf b = a ? buf_new(a, 16384) : (struct buf){ .full = true };
	const char *before = "[";
	for (size_t i = 0; i < COUNT_OF(parties); i++) {
		for (size_t k = 0; k < parties[i].n; k++) {
			const struct demo_person *p = &parties[i].people[k];
			buf_format(&b, "%s{\"user\":\"%s\",\"passphrase\":\"%s\",\"totp\":null,\"roles\":[", before, p->login,
			           p->passphrase);
			json_roles(&b, p->roles);
			buf_format(&b, "],\"organisation\":\"%s\"}", parties[i].name);
			before = ",\n ";
		}
	}
	buf_lit(&b, "]\n");
	enum err e = buf_is_full(&b) ? ERR_FULL : file_write(path, buf_view(&b), 0600);
	if (e != OK)
		warn_with("%s går inte att skriva, %s.", path, why_failed(e));
	arena_free(a);
	return e == OK;
}

static void say_ready(void *ctx, const char *listen)
{
	const struct demo *d = ctx;
	const char *port = strrchr(listen, ':');
	printf("\nAvstamp, demo med påhittade personer: http://localhost%s\n\n", port ? port : "");
	for (size_t i = 0; i < COUNT_OF(parties); i++) {
		printf("%s\n", parties[i].name);
		for (size_t k = 0; k < parties[i].n; k++) {
			const struct demo_person *p = &parties[i].people[k];
			printf("  %-8s %-24s %s\n", p->login, p->passphrase, p->title);
		}
	}
	printf("\nPröva först:\n"
	       "  1. Logga in som maria. Min dag visar vad som är bråttom.\n"
	       "  2. Öppna Björken under Ärenden och skriv en anteckning.\n"
	       "  3. Registrera någon som ringde nyss: Ny aktualisering.\n"
	       "  4. Logga in som erik, polis: Inkorg visar det som socialtjänsten har skickat.\n"
	       "Engångskoden lämnas tom i demon. Ctrl-C stoppar.\n");
	if (d->filled_now)
		printf("Demon fylldes på %.1f sekunder och finns kvar i %s.\n", (double)d->ms / 1000, d->directory);
	fflush(stdout);
}

static bool is_ours(const char *directory)
{
	struct path p;
	return path_join(directory, "keys/trust", &p) == OK && file_exists(p.c);
}

static int run(int argc, char **argv)
{
	static struct demo d = { .house = { .lock_fd = -1 } };
	const struct option_row rows[] = { { .name = "--dir", .text = &d.directory }, { .name = "--accounts", .text = &d.accounts },
	                                   { .name = "--listen", .text = &d.listen }, { .name = "--custodians", .text = &d.custodians } };
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	if (!d.directory)
		return fail_with(EXIT_USE, "--dir KATALOG saknas: var ska demon ligga?");
	struct conf wanted = conf_standard();
	wanted.listen = d.listen ? d.listen : wanted.listen;
	struct arena *a = arena_new(8192);
	struct str no = a ? serve_refuses(a, &wanted, true) : STR("Minnet räcker inte.");
	if (no.p)
		return fail_with(EXIT_FAILED, "%.*s", STR_FMT(no));
	arena_free(a);
	int64_t begin = running_ms();
	if (!file_exists(d.directory) || rmdir(d.directory) == 0) {
		if (!filling_run(d.directory, fill, &d))
			return EXIT_FAILED;
		d.filled_now = true;
		d.ms = running_ms() - begin;
	} else if (!is_ours(d.directory)) {
		return fail_with(EXIT_FAILED, "%s är ingen demo. Välj en annan katalog.", d.directory);
	}
	if (d.accounts && !write_accounts(d.accounts))
		return EXIT_FAILED;
	if (!house_open(&d.house, d.directory, HOUSE_LOCK))
		return EXIT_FAILED;
	int code = EXIT_FAILED;
	if (!d.house.simulated)
		warn_with("%s är en riktig datakatalog. Starta den med avstamp serve.", d.directory);
	else {
		d.house.conf.listen = wanted.listen;
		struct serve_wish w = { .house = &d.house, .demo = true, .ready = say_ready, .ctx = &d };
		code = serve_run(&w);
	}
	house_close(&d.house);
	return code;
}

const struct verb verb_demo = {
	.name = "demo", .run = run, .line = "fyller en katalog med påhittade ärenden och visar den",
	.help =
		"avstamp demo --dir KATALOG [--listen 127.0.0.1:PORT] [--accounts FIL] [--custodians MAPP]\n\n"
		"Skapar KATALOG med två påhittade myndigheter, deras personal och tolv påhittade ärenden, och\n"
		"kör systemet på den egna datorn. Nästa gång behålls det som finns. Lösenfraserna är svaga och\n"
		"skrivs ut: använd aldrig demon för riktiga personer.\n\n"
		"  --listen    adressen; bara den egna datorn går\n"
		"  --accounts  skriver demokontona som JSON i FIL\n"
		"  --custodians  lägger de påhittade förvaltarnas nyckelfiler i MAPP när demon fylls, så att en\n"
		"              återställning går att öva; lösenfrasen är demo-förvaltare\n",
};

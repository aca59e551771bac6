/* main/simulate.c — `avstamp simulate`: a large made-up cohort, for tests and for trying what size does. */
#include "main/cohort.h"
#include "main/filling.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define CASES_A_PERSON 40
#define CASES_MOST 200000
#define AT_ONCE 24 /* of one role in the founding; the others are given their keys by a colleague */

struct staff_plan { size_t coordinators, seconds, police; };
struct simulate {
	struct house house;
	const char *directory;
	int64_t cases, notes, seed, years;
};

static struct first_person person(struct arena *a, const char *what, size_t i, const char *title, uint64_t roles)
{
	return (struct first_person){
		.login = arena_format(a, "%s%zu", what, i + 1), .name = arena_format(a, "Påhittad %s %zu", title, i + 1),
		.title = str_c(title), .passphrase = arena_format(a, "%s%zu-visar-avstamp", what, i + 1), .roles = roles };
}

static bool add(struct arena *a, struct first_controller *c, const char *what, size_t n, const char *title, uint64_t roles)
{
	for (size_t i = 0; i < n; i++) {
		c->people[c->n_people] = person(a, what, i, title, roles);
		c->people[c->n_people++].later = i >= AT_ONCE;
	}
	return !arena_is_full(a);
}

static bool cast(struct arena *a, const struct staff_plan *s, struct founding *f)
{
	f->controllers = ARENA_ARRAY(a, struct first_controller, 2);
	if (!f->controllers)
		return false;
	f->n = 2;
	f->simulated = true;
	struct first_controller *social = &f->controllers[0], *police = &f->controllers[1];
	*social = (struct first_controller){ .name = STR("Socialnämnden i Exempelköping"), .kind = CONTROLLER_SOCIAL,
	                                     .municipality = 9999 };
	*police = (struct first_controller){ .name = STR("Polisen, område Exempel"), .kind = CONTROLLER_POLICE };
	social->people = ARENA_ARRAY(a, struct first_person, s->coordinators + s->seconds + 3);
	police->people = ARENA_ARRAY(a, struct first_person, s->police + 3);
	if (!social->people || !police->people)
		return false;
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < 3; k++)
			f->controllers[i].custodians[k] = (struct first_custodian){ .name = STR("Påhittad förvaltare"),
			                                                            .passphrase = STR("påhittad-förvaltare") };
	return add(a, social, "samordnare", s->coordinators, "samordnare", ROLE_BIT(COORDINATOR)) &&
	       add(a, social, "sekreterare", s->seconds, "socialsekreterare", ROLE_BIT(SOCIAL_WORKER)) &&
	       add(a, social, "behorig", 2, "behörighetsansvarig", ROLE_BIT(OFFICER)) &&
	       add(a, social, "granskare", 1, "granskare", ROLE_BIT(REVIEWER)) &&
	       add(a, police, "polis", s->police, "polis", ROLE_BIT(POLICE)) &&
	       add(a, police, "polisbehorig", 2, "behörighetsansvarig", ROLE_BIT(OFFICER)) &&
	       add(a, police, "polisgranskare", 1, "granskare", ROLE_BIT(REVIEWER));
}

static const size_t *counted(struct arena *a, size_t from, size_t n)
{
	size_t *list = ARENA_ARRAY(a, size_t, n);
	for (size_t i = 0; list && i < n; i++)
		list[i] = from + i;
	return list;
}

/* The first of each authority has everything that its colleagues need. */
static bool give_keys(struct play *p, const struct founding *f)
{
	size_t first = 0, done = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct first_controller *c = &f->controllers[i];
		for (size_t k = 0; k < c->n_people; k++) {
			if (c->people[k].later && !play_give_keys(p, first, c->people[k].user))
				return false;
			progress_show("Ger nycklar", ++done, p->n_players);
		}
		first += c->n_people;
	}
	progress_end();
	return true;
}

static bool play(struct simulate *s, const struct staff_plan *staff, const struct founding *f, struct instant until)
{
	struct arena *a = s->house.arena;
	size_t social = f->controllers[0].n_people;
	struct cohort_wish w = {
		.seed = (uint64_t)s->seed, .cases = (size_t)s->cases, .notes = (uint32_t)s->notes, .from = f->begin, .until = until,
		.coordinators = counted(a, 0, staff->coordinators), .n_coordinators = staff->coordinators,
		.seconds = counted(a, staff->coordinators, staff->seconds), .n_seconds = staff->seconds,
		.police = counted(a, social, staff->police), .n_police = staff->police };
	struct life *lives;
	struct play p = { 0 };
	if (!w.coordinators || !w.seconds || !w.police || !cohort_draw(a, &w, &lives)) {
		warn_with("Minnet räcker inte för så många ärenden.");
		return false;
	}
	int64_t begin = running_ms();
	bool good = play_begin(&p, &s->house, f) && give_keys(&p, f) && cohort_play(&p, lives, w.cases, until, "Händelser");
	if (good) {
		cohort_print(lives, w.cases, &p);
		printf("Fylld på %.1f sekunder.\n", (double)(running_ms() - begin) / 1000);
	}
	play_end(&p);
	return good;
}

/* A fixed moment, so that the same seed gives the same days whenever it is run. */
static struct instant last_moment(void)
{
	struct day d;
	enum err e = day_make(2026, 11, 20, &d);
	assert_always(e == OK);
	return instant_at(d, 12, 0);
}

/* The decisions stand on the Social Services Act of 2025, and nothing can be decided on it before it was in force. */
static struct instant first_moment(const struct simulate *s, struct instant until)
{
	struct day law;
	enum err e = day_make(2025, 7, 1, &law);
	assert_always(e == OK);
	struct instant first = instant_at(law, 8, 0), wished = { until.us - s->years * 365 * DAY_US };
	return wished.us > first.us ? wished : first;
}

static bool fill(void *ctx, const char *path)
{
	struct simulate *s = ctx;
	size_t people = ((size_t)s->cases + CASES_A_PERSON - 1) / CASES_A_PERSON;
	struct staff_plan staff = { .coordinators = people < 2 ? 2 : people, .seconds = people < 2 ? 2 : people,
	                            .police = people < 10 ? 2 : people / 5 };
	struct founding f = { 0 };
	struct conf conf = conf_standard();
	struct instant until = last_moment();
	f.begin = first_moment(s, until);
	conf.walls = "best-effort";
	s->house.demo = true;
	s->house.arena = arena_new((64u << 20) + (size_t)s->cases * (4096 + (size_t)s->notes * 64) + people * 65536);
	if (!s->house.arena || !founding_directory(&s->house, path, &conf) || !cast(s->house.arena, &staff, &f))
		return false;
	bool good = founding_run(&s->house, &f) && house_flow(&s->house) && play(s, &staff, &f, until);
	house_close(&s->house);
	return good;
}

static int run(int argc, char **argv)
{
	static struct simulate s = { .house = { .lock_fd = -1 }, .cases = 100, .notes = 3, .seed = 1, .years = 1 };
	const struct option_row rows[] = {
		{ .name = "--dir", .text = &s.directory }, { .name = "--cases", .number = &s.cases },
		{ .name = "--notes", .number = &s.notes }, { .name = "--seed", .number = &s.seed },
		{ .name = "--years", .number = &s.years },
	};
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	if (!s.directory)
		return fail_with(EXIT_USE, "--dir KATALOG saknas: var ska uppgifterna ligga?");
	if (s.cases < 1 || s.cases > CASES_MOST || s.notes > 10000 || s.years < 1 || s.years > 20)
		return fail_with(EXIT_USE, "--cases ska vara 1 till 200000, --notes högst 10000 och --years 1 till 20.");
	if (file_exists(s.directory) && rmdir(s.directory) != 0)
		return fail_with(EXIT_FAILED, "%s finns redan och är inte tom. Välj en annan katalog.", s.directory);
	return filling_run(s.directory, fill, &s) ? EXIT_WELL : EXIT_FAILED;
}

const struct verb verb_simulate = {
	.name = "simulate", .run = run, .line = "fyller en katalog med en stor påhittad grupp ärenden",
	.help =
		"avstamp simulate --dir KATALOG [--cases N] [--notes N] [--seed S] [--years Y]\n\n"
		"Skapar KATALOG med påhittade ärenden, formade efter publicerade siffror: akut boende i hälften\n"
		"av ärendena och flytt till annan ort i sju av tio överenskomna planer. Samma frö ger samma\n"
		"händelser vid samma tider; bara id och nycklar skiljer. Personnummer har födelsenummer 980 till\n"
		"989 och tillhör ingen. Katalogen kan visas med avstamp demo, aldrig med avstamp serve.\n\n"
		"  --cases N   antal ärenden, förvalt 100\n"
		"  --notes N   anteckningar i varje ärende, förvalt 3\n"
		"  --seed S    frö, förvalt 1\n"
		"  --years Y   så många år bakåt från 2026-11-20 händelserna sprids, förvalt 1; aldrig före 2025-07-01, då\n"
		"              lagen som besluten bygger på började gälla\n",
};

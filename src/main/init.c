/* main/init.c — `avstamp init`: a new data directory for real use. */
#include "main/answers.h"
#include <stdio.h>
#include <string.h>

static void print_secrets(const struct founding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct first_controller *c = &f->controllers[i];
		printf("\n%.*s\n", STR_FMT(c->name));
		for (size_t k = 0; k < c->n_people; k++)
			printf("  %-20.*s hemlighet för engångskoder: %.*s\n", STR_FMT(c->people[k].login),
			       STR_FMT(c->people[k].secret));
	}
}

static void print_next(const struct founding *f, const char *directory)
{
	printf("\nFingeravtryck: %.*s\n"
	       "Skriv ner fingeravtrycket på papper och förvara det hos någon utanför driften. Med det visar\n"
	       "avstamp verify --trust att loggen och nycklarna är de som skapades nu.\n\n"
	       "Nyckelfilerna ligger i %s. Ge varje förvaltare sin fil och ta bort mappen.\n"
	       "Hemligheterna ovan visas bara nu. Lägg in dem i en app för engångskoder. Vänta en minut med den\n"
	       "första inloggningen: koderna närmast efter starten är förbrukade.\n\n"
	       "Starta med: avstamp serve --dir %s\n", STR_FMT(f->fingerprint), f->keys_folder, directory);
}

static int run(int argc, char **argv)
{
	const char *directory = NULL, *file = NULL, *database = NULL;
	const struct option_row rows[] = { { .name = "--dir", .text = &directory }, { .name = "--answers", .text = &file },
	                                   { .name = "--database", .text = &database } };
	if (!options_read(argc, argv, rows, COUNT_OF(rows), NULL, 0, NULL))
		return EXIT_USE;
	if (!directory)
		return fail_with(EXIT_USE, "--dir KATALOG saknas: var ska uppgifterna ligga?");
	if (database)
		return fail_with(EXIT_USE, "--database finns inte i den här versionen. Den inbyggda databasen används.");
	if (!file && !terminal_can_ask())
		return fail_with(EXIT_USE, "init behöver en terminal att fråga i, eller --answers FIL. Se avstamp help init.");
	_cleanup_(house_closep) struct house h = { .lock_fd = -1 };
	static struct answers w;
	if (!(h.arena = arena_new(64u << 20)))
		return fail_with(EXIT_FAILED, "Minnet räcker inte.");
	if (!(file ? answers_read(h.arena, file, &w) : answers_ask(h.arena, &w)) || !answers_check(&w))
		return EXIT_FAILED;
	w.founding.keys_folder = w.keys_folder;
	struct conf conf = conf_standard();
	if (!founding_directory(&h, directory, &conf) || !founding_run(&h, &w.founding))
		return EXIT_FAILED;
	print_secrets(&w.founding);
	print_next(&w.founding, h.directory.c);
	return EXIT_WELL;
}

const struct verb verb_init = {
	.name = "init", .run = run, .line = "skapar en ny datakatalog",
	.help =
		"avstamp init --dir KATALOG [--answers FIL]\n\n"
		"Skapar en ny datakatalog med nycklar, logg, databas och avstamp.conf. Frågar i terminalen om\n"
		"varje myndighet, dess två behörighetsansvariga, dess granskare av loggen och dess tre förvaltare\n"
		"av återställningsnycklar. Skriver sedan ut fingeravtrycket och hemligheterna till engångskoderna.\n\n"
		"  --answers FIL   läser svaren ur en fil i stället. Ta bort filen efteråt: den innehåller lösenfraser.\n\n"
		"Svarsfilen har en rad för varje svar, och # för kommentarer:\n\n"
		"  keys_folder = /media/usb\n"
		"  controller = Socialnämnden i Exempelköping\n"
		"  kind = social\n"
		"  municipality = 9999\n"
		"  officer = anna | Anna Exempel | behörighetsansvarig | en lång lösenfras\n"
		"  officer = bo | Bo Exempel | behörighetsansvarig | en annan lång lösenfras\n"
		"  reviewer = cilla | Cilla Exempel | granskare | en tredje lång lösenfras\n"
		"  custodian = David Exempel | lösenfrasen till nyckelfilen\n"
		"  custodian = Eva Exempel | lösenfrasen till nyckelfilen\n"
		"  custodian = Frida Exempel | lösenfrasen till nyckelfilen\n\n"
		"Fler myndigheter följer på samma sätt, var och en från en ny rad controller; kind är social eller\n"
		"police. Lösenfraser har 15 till 128 tecken.\n",
};

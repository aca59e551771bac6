/* main/main.c — the program `avstamp`: one verb after another. */
#include "main/verb.h"
#include <stdio.h>
#include <string.h>

static const struct verb *const verbs[] = {
	&verb_demo, &verb_init, &verb_serve, &verb_user, &verb_verify, &verb_backup, &verb_restore, &verb_simulate,
	&verb_doctor, &verb_web_process,
};

static void list_verbs(FILE *to)
{
	fputs("avstamp VERB --dir KATALOG ...\n\n", to);
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (verbs[i]->line)
			fprintf(to, "  %-9s %s\n", verbs[i]->name, verbs[i]->line);
	fputs("  help      visar hjälpen för ett verb: avstamp help VERB\n"
	      "  version   visar programmets version\n\n"
	      "Slutkod: 0 allt gick bra, 1 det gick inte, 2 kommandot var fel skrivet (64 för verify).\n", to);
}

static const struct verb *verb_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		list_verbs(stdout);
		return EXIT_WELL;
	}
	const struct verb *v = verb_of(argv[1]);
	if (!v || !v->help)
		return fail_with(EXIT_USE, "%s är inget verb. Skriv avstamp help för att se alla.", argv[1]);
	fputs(v->help, stdout);
	return EXIT_WELL;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		list_verbs(stderr);
		return EXIT_USE;
	}
	const char *name = argv[1];
	if (strcmp(name, "help") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(name, "--help") == 0) {
		list_verbs(stdout);
		return EXIT_WELL;
	}
	if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
		printf("avstamp %s\n", program_version());
		return EXIT_WELL;
	}
	const struct verb *v = verb_of(name);
	if (!v)
		return fail_with(EXIT_USE, "%s är inget verb. Skriv avstamp help för att se alla.", name);
	if (v->help && wants_help(argc - 1, argv + 1)) {
		fputs(v->help, stdout);
		return EXIT_WELL;
	}
	return v->run(argc - 1, argv + 1);
}

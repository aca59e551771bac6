/* tests/faults/restore.c — three copies make the directory again, each missing part has its sentence (DECISIONS 26), and
 * a restore is not an attack (27).
 *
 *   restore PROGRAM */
#include "help.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct world w;
static size_t wrong;
#define PASSPHRASE "en påhittad lösenfras"

static void told(const char *what, int code, int wanted, struct str said, const char *sentence)
{
	bool well = code == wanted && (sentence == NULL || contains(said, str_c(sentence)));

	(void)printf("%s: %s, exit %d\n", what, well ? "as it should" : "WRONG", code);
	if (!well)
		(void)printf("%.*s", STR_FMT(said));
	wrong += !well;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		give_up("%s cannot be written", path);
}

static int restored(struct str *ret_said, const char *from, const char *to, const char *const *more)
{
	const char *list[20] = { w.house.program, "restore", from, "--dir", to };
	size_t n = 5;

	for (; *more != NULL; more++)
		list[n++] = *more;
	return run_program(w.a, list, STR(PASSPHRASE "\n"), ret_said);
}

/* ---- a directory of init's, moved to a new place ---- */

static const char *custodian_file(const char *folder)
{
	DIR *d = opendir(folder);
	const char *found = NULL;

	for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL && found == NULL; e = readdir(d))
		if (e->d_name[0] != '.')
			found = arena_c(w.a, arena_format(w.a, "%s/%s", folder, e->d_name));
	if (d != NULL)
		(void)closedir(d);
	return found;
}

static void new_place(void)
{
	const char *first = beside(&w, "first"), *second = beside(&w, "second"), *answers = beside(&w, "answers"), *folder = beside(&w, "usb"),
		   *copy = beside(&w, "copy"), *shred = beside(&w, "copy.shred"), *keys = beside(&w, "copy.keys"), *gone = beside(&w, "gone");
	struct str said;

	(void)mkdir(folder, 0700);
	write_text(answers, arena_c(w.a, arena_format(w.a, "keys_folder = %s\ncontroller = Socialnämnden i Provköping\nkind = social\nmunicipality = 9999\n"
		"officer = anna | Anna Exempel | behörighetsansvarig | " PASSPHRASE "\nofficer = bo | Bo Exempel | behörighetsansvarig | " PASSPHRASE "\n"
		"reviewer = cilla | Cilla Exempel | granskare | " PASSPHRASE "\ncustodian = David Exempel | " PASSPHRASE "\n"
		"custodian = Eva Exempel | " PASSPHRASE "\ncustodian = Frida Exempel | " PASSPHRASE "\n", folder)));
	const char *const init[] = { "--answers", answers, NULL }, *const to_copy[] = { copy, "--shred", shred, "--keys", keys, NULL };

	told("init", run_verb(&w, &said, "init", first, init), 0, said, NULL);
	told("backup, shred copy, key copy", run_verb(&w, &said, "backup", first, to_copy), 0, said, NULL);
	const char *custodian = custodian_file(folder);
	const char *const all[] = { "--shred", shred, "--keys", keys, "--custodian", custodian, NULL };
	const char *const no_shred[] = { "--keys", keys, "--custodian", custodian, NULL };
	const char *const lost_shred[] = { "--shred", gone, "--keys", keys, "--custodian", custodian, NULL };
	const char *const no_keys[] = { "--shred", shred, "--custodian", custodian, NULL };
	const char *const no_custodian[] = { "--shred", shred, "--keys", keys, NULL };

	if (custodian == NULL)
		give_up("no custodian's key file");
	told("without the shred copy", restored(&said, copy, second, no_shred), 1, said, "Kopian av gallringsnycklarna saknas.");
	told("with a shred copy that is not there", restored(&said, copy, second, lost_shred), 1, said, "Kopian av gallringsnycklarna finns inte");
	told("without the key copy", restored(&said, copy, second, no_keys), 1, said, "Kopian av valvets nycklar saknas.");
	told("without a custodian's file", restored(&said, copy, second, no_custodian), 1, said, "En förvaltares nyckelfil saknas.");
	told("without the backup", restored(&said, gone, second, all), 1, said, "är ingen hel säkerhetskopia");
	told("all parts, a new directory", restored(&said, copy, second, all), 0, said, "Kontrollärendet går att öppna");
	told("verify there", run_verb(&w, &said, "verify", second, NULL), 0, said, NULL);
}

/* ---- an older backup over newer work ---- */

static void older(void)
{
	const char *copy = beside(&w, "older"), *directory = w.house.directory;
	const char *const to_copy[] = { copy, NULL }, *const replace[] = { "--replace", NULL }, *const none[] = { NULL };
	struct client maria = { .name = STR("maria") };
	struct str said;

	/* The reminders that are due at the start have fired by then. */
	pause_for(3000);
	told("backup beside a running service", run_verb(&w, &said, "backup", directory, to_copy), 0, said, NULL);
	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login");
	struct str id = case_begin(&w, &maria, "Stenskvättan");

	/* Somebody leaves after the backup: keys/ then knows newer keys than the backup's database. */
	const char *const leave[] = { w.house.program, "user", "disable", "Jonas Mallgren", "--dir", directory, "--as", "olof",
				      "--no-code", NULL };

	told("a colleague leaves", run_program(w.a, leave, STR("olof-visar-avstamp\n"), &said), 0, said, "stängt");
	if (api_call(&w, w.a, &maria, "/api/v1/tasks", NULL) != 200)
		give_up("no tasks");
	struct str turned = api_value(w.a, &maria, "new_epochs_done");

	(void)printf("dossiers with new keys: %.*s\n", STR_FMT(turned));
	wrong += turned.n == 0 || str_eq_c(turned, "0");
	told("restore while the service runs", restored(&said, copy, directory, replace), 1, said, "Tjänsten körs");
	if (!house_stop(&w.house))
		give_up("the demo does not stop");
	told("restore over a database", restored(&said, copy, directory, none), 1, said, "har redan en databas");
	const char *const put[] = { "cp", arena_c(w.a, arena_format(w.a, "%s/avstamp.db", copy)),
				    arena_c(w.a, arena_format(w.a, "%s/avstamp.db", directory)), NULL };
	const char *aside = beside(&w, "aside");

	if (!copy_tree(w.a, directory, aside) || run_program(w.a, put, STR(""), NULL) != 0)
		give_up("no copy");
	(void)unlink(arena_c(w.a, arena_format(w.a, "%s/avstamp.db-wal", directory)));
	told("control: the same database put back by hand", run_verb(&w, &said, "verify", directory, NULL), 6, said, NULL);
	remove_tree(directory);
	if (!copy_tree(w.a, aside, directory))
		give_up("no copy back");
	told("restore of the older backup", restored(&said, copy, directory, replace), 0, said, "förlorade");
	told("verify after it", run_verb(&w, &said, "verify", directory, NULL), 0, said, "förlorade");
	if (!house_start(&w.house))
		give_up("the restored demo does not start");
	maria.n_cookies = 0;
	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login after the restore");
	int status = api_call(&w, w.a, &maria, arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s", STR_FMT(id))), NULL);

	(void)printf("the case written after the backup: status %d\n", status);
	wrong += status != 404;
	wrong += case_begin(&w, &maria, "Sävsparven").p == NULL;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		give_up("restore PROGRAM");
	world_begin(&w, argv[1]);
	older();
	new_place();
	(void)printf("restore: %zu wrong\n", wrong);
	world_end(&w);
	return wrong > 0;
}

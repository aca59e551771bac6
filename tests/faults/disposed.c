/* tests/faults/disposed.c — after the disposal of case X, an old backup with the newer shred copy opens every case but X
 * (DECISIONS 26). The control: with the shred copy from before the disposal, X opens.
 *
 *   disposed PROGRAM SHRED-ONE */
#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct world w;
static size_t wrong;

static void holds(const char *what, bool is)
{
	(void)printf("%s: %s\n", what, is ? "as it should" : "WRONG");
	wrong += !is;
}

static void must(int code, const char *what, struct str said)
{
	if (code == 0)
		return;
	(void)printf("%.*s", STR_FMT(said));
	give_up("%s ends with %d", what, code);
}

static int note(struct client *c, struct str id)
{
	return api_call(&w, w.a, c, arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/commands", STR_FMT(id))),
			"{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"Ringde och var lugn.\"}");
}

static int opened(struct client *c, struct str id)
{
	return api_call(&w, w.a, c, arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s", STR_FMT(id))), NULL);
}

/* A demo of its own on a restored directory; who opens what. */
static void look(const char *what, const char *directory, struct str gone, struct str kept, bool is_gone)
{
	static struct world second;
	struct client c = { .name = STR("maria") };
	struct str first = STR_UNSET, rest;
	size_t open = 0, all = 0;

	second = w;
	(void)snprintf(second.house.directory, sizeof second.house.directory, "%s", directory);
	second.house.parent = 0;
	second.house.custodians = NULL;
	if (!house_start(&second.house) || !person_login(&second, &c, "coordinator"))
		give_up("%s: no login", what);
	w.house.port = second.house.port;
	holds(arena_c(w.a, arena_format(w.a, "%s: the case that was disposed of %s", what, is_gone ? "does not open" : "opens (control)")),
	       opened(&c, gone) == (is_gone ? 404 : 200));
	holds(arena_c(w.a, arena_format(w.a, "%s: the case beside it opens", what)), opened(&c, kept) == 200);
	holds(arena_c(w.a, arena_format(w.a, "%s: and can be written to", what)), note(&c, kept) == 201);
	holds(arena_c(w.a, arena_format(w.a, "%s: the list is shown", what)), api_call(&second, w.a, &c, "/api/v1/cases", NULL) == 200);
	for (rest = arena_str(w.a, c.body); first_match(w.a, rest, STR("\"id\":\"([0-9a-f]{32})\""), &first); all++) {
		const char *at = memmem(rest.p, rest.n, first.p, first.n);

		rest = str_cut(rest, (size_t)(at - rest.p) + first.n, rest.n);
		open += opened(&c, first) == 200;
	}
	(void)printf("%s: %zu of %zu cases in the list open\n", what, open, all);
	holds(arena_c(w.a, arena_format(w.a, "%s: all others open", what)), all > 3 && open == all);
	holds(arena_c(w.a, arena_format(w.a, "%s: the day is shown", what)), api_call(&second, w.a, &c, "/api/v1/tasks", NULL) == 200);
	if (!house_stop(&second.house))
		give_up("%s: the service does not stop", what);
	must(run_verb(&w, &rest, "verify", directory, NULL), "verify", rest);
}

static void restored(const char *from, const char *to, const char *shred, const char *keys, const char *custodian)
{
	const char *list[] = { w.house.program, "restore", from, "--dir", to, "--shred", shred, "--keys", keys, "--custodian", custodian, NULL };
	struct str said;

	must(run_program(w.a, list, STR("demo-förvaltare\n"), &said), "restore", said);
	holds("the canary case opens", contains(said, STR("Kontrollärendet går att öppna")));
}

static void dispose(const char *shred_one, struct str id)
{
	const struct account *helena = house_account(&w.house, STR("manager"));
	const char *slash = strrchr(w.house.program, '/');
	const char *vault = arena_c(w.a, arena_format(w.a, "%.*savstamp-vault", (int)(slash == NULL ? 0 : slash - w.house.program + 1), w.house.program));
	const char *list[] = { shred_one, vault, w.house.directory, arena_c(w.a, helena->user), arena_c(w.a, helena->passphrase), arena_c(w.a, id), NULL };
	struct str said;

	must(run_program(w.a, list, STR(""), &said), "the disposal", said);
}

int main(int argc, char **argv)
{
	static char folder[] = "/tmp/avstamp-custodians-XXXXXX";
	struct client maria = { .name = STR("maria") };
	struct str said;

	if (argc < 3 || mkdtemp(folder) == NULL)
		give_up("disposed PROGRAM SHRED-ONE");
	w.house.custodians = folder;
	world_begin(&w, argv[1]);
	const char *custodian = arena_c(w.a, arena_format(w.a, "%s/custodian-1-1.avk", folder));
	const char *copy = beside(&w, "copy"), *keys = beside(&w, "copy.keys"), *old = beside(&w, "old.shred"), *newer = beside(&w, "new.shred");
	const char *const first[] = { copy, "--shred", old, "--keys", keys, NULL }, *const later[] = { "--shred", newer, NULL };

	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login");
	struct str gone = case_begin(&w, &maria, "Stenskvättan"), kept = case_begin(&w, &maria, "Sävsparven");

	if (note(&maria, gone) != 201 || note(&maria, kept) != 201)
		give_up("no notes");
	must(run_verb(&w, &said, "backup", w.house.directory, first), "backup", said);
	if (!house_stop(&w.house))
		give_up("the demo does not stop");
	dispose(argv[2], gone);
	must(run_verb(&w, &said, "backup", w.house.directory, later), "backup --shred", said);
	look("where it was disposed of", w.house.directory, gone, kept, true);
	restored(copy, beside(&w, "second"), newer, keys, custodian);
	look("old backup, newer shred copy", beside(&w, "second"), gone, kept, true);
	restored(copy, beside(&w, "third"), old, keys, custodian);
	look("old backup, old shred copy", beside(&w, "third"), gone, kept, false);
	(void)printf("disposed: %zu wrong\n", wrong);
	world_end(&w);
	remove_tree(folder);
	return wrong > 0;
}

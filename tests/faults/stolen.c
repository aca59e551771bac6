/* tests/faults/stolen.c — with the whole database and log, a passphrase and a cookie, but not keys/ and shred/, nothing
 * opens (DECISIONS 2). The demo's accounts have no TOTP, so the thief has everything a person has.
 *
 *   stolen PROGRAM */
#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct world w;
static size_t wrong;

static void part(const char *from, const char *to, const char *name)
{
	const char *target = arena_c(w.a, arena_format(w.a, "%s/%s", to, name));

	remove_tree(target);
	if (from != NULL && !copy_tree(w.a, arena_c(w.a, arena_format(w.a, "%s/%s", from, name)), target))
		give_up("no copy of %s", name);
}

/* What the thief gets out of a directory: login with the passphrase, then the case; and the case by the cookie. */
static void try_it(const char *what, const char *directory, const struct client *person, struct str id, bool opens)
{
	static struct house own;
	const char *path = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s", STR_FMT(id)));
	struct client thief = *person;
	bool by_cookie = false, by_passphrase = false;

	own = w.house;
	w.house.parent = 0;
	(void)snprintf(w.house.directory, sizeof w.house.directory, "%s", directory);
	bool starts = house_start(&w.house);

	if (starts) {
		by_cookie = api_call(&w, w.a, &thief, path, NULL) == 200;
		thief.n_cookies = 0;
		by_passphrase = person_try_login(&w, w.a, &thief, "coordinator") && api_call(&w, w.a, &thief, path, NULL) == 200;
		(void)house_stop(&w.house);
	}
	w.house = own;
	bool well = by_passphrase == opens && !by_cookie;

	(void)printf("%s: %s, passphrase %s, cookie %s%s\n", what, starts ? "starts" : "does not start", by_passphrase ? "opens" : "opens nothing",
		     by_cookie ? "opens" : "opens nothing", well ? "" : " — WRONG");
	wrong += !well;
}

int main(int argc, char **argv)
{
	struct client maria = { .name = STR("maria") };
	static struct world other;

	if (argc < 2)
		give_up("stolen PROGRAM");
	world_begin(&other, argv[1]);
	(void)house_stop(&other.house);
	world_begin(&w, argv[1]);
	if (!person_login(&w, &maria, "coordinator"))
		return 1;
	struct str id = case_begin(&w, &maria, "Kråkan");

	if (id.p == NULL || !house_stop(&w.house))
		give_up("no case, or no end");
	const char *own = w.house.directory, *bare = beside(&w, "bare"), *foreign = beside(&w, "foreign"), *swapped = beside(&w, "swapped"),
		   *half = beside(&w, "half"), *whole = beside(&w, "whole");

	if (!copy_tree(w.a, own, bare) || !copy_tree(w.a, own, foreign) || !copy_tree(w.a, own, half) || !copy_tree(w.a, own, whole) ||
	    !copy_tree(w.a, other.house.directory, swapped))
		give_up("no copies");
	part(NULL, bare, "keys");
	part(NULL, bare, "shred");
	try_it("database and log, no keys/ and shred/", bare, &maria, id, false);
	part(other.house.directory, foreign, "keys");
	part(other.house.directory, foreign, "shred");
	try_it("with another directory's keys/ and shred/", foreign, &maria, id, false);
	part(own, swapped, "avstamp.db");
	try_it("the database under another directory's vault", swapped, &maria, id, false);
	part(other.house.directory, half, "shred");
	try_it("with its keys/ but another shred/", half, &maria, id, false);
	try_it("control: with keys/ and shred/", whole, &maria, id, true);
	(void)printf("vault-only secrets: %zu wrong\n", wrong);
	world_end(&other);
	world_end(&w);
	return wrong > 0;
}

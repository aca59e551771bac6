/* main/serve.h — the parent of web and vault: starts them, starts them again, stops them.
 *
 * Runs in: parent.   Depends on: sys, web (only to listen).   Never: reads a request, opens the database.
 *
 * Invariants
 *   P1  a dead vault is replaced without web closing a connection; a dead web takes its vault along.
 *   P2  the lock is held by parent, web and vault, so a directory is free only when all three are gone. */
#pragma once
#include "main/house.h"

struct serve_wish {
	struct house *house;       /* settings read and lock held */
	bool demo;                 /* serves a simulated directory, on loopback alone */
	void (*ready)(void *ctx, const char *address); /* printed when the first page can be fetched */
	void *ctx;
};
/* Serves until SIGTERM, SIGINT or SIGHUP. Returns the exit code. */
int serve_run(const struct serve_wish *w);
/* "localhost:8080" and, for the demo, what to redirect to it; unset for a Unix socket. Lives in `a`. */
struct serve_names { const char **hosts; const char *redirect; };
bool serve_names(struct arena *a, const struct conf *c, struct serve_names *ret);
/* May the settings listen there? A sentence when not, else unset. */
struct str serve_refuses(struct arena *a, const struct conf *c, bool demo);

/* sys/walls.h — what each process may never do again, put up before its first thread.
 *
 * Landlock (as far as the kernel's version of it goes) says which files; a system call filter says which acts.
 * Runs in: parent, web, vault, verify.   Depends on: base.   Never: allocates, prints.
 *
 * Invariants
 *   W1  walls only grow: a process under a wall cannot lower it, nor can its children.
 *   W2  web opens the database files and nothing else; the vault opens log/, keys/ and shred/ and nothing else.
 *   W3  web and vault make no socket, start no program, signal nobody else, map nothing executable. */
#pragma once
#include "base/base.h"

enum wall { WALL_PARENT, WALL_WEB, WALL_VAULT, WALL_READER, WALL_COUNT };
enum wall_mode { WALLS_STRICT, WALLS_BEST_EFFORT, WALLS_OFF };

struct wall_report {
	int landlock;      /* version of Landlock in use, 0: none */
	bool filter;       /* the system call filter is up */
	bool network;      /* Landlock keeps TCP shut (version 4) */
	bool signals;      /* Landlock keeps signals inside (version 6) */
};
struct wall_options {
	enum wall who;
	enum wall_mode mode;
	const char *directory;          /* the data directory; the three database files must exist for WALL_WEB */
	const char *const *programs;    /* WALL_PARENT: files it may start; NULL-terminated */
	const char *const *also_read;   /* further files or directories to read, or NULL; NULL-terminated */
};
/* ERR_SYSTEM when a wall is missing and mode is WALLS_STRICT; *ret is filled either way.
 * Must be called while the process has one thread: both walls hold for the calling thread and its children. */
MUST enum err walls_raise(const struct wall_options *o, struct wall_report *ret);
/* The version of Landlock that this kernel offers, 0 when none. */
int walls_landlock_version(void);
/* "strict", "best-effort", "off". */
bool wall_mode_parse(struct str s, enum wall_mode *ret);
const char *wall_mode_name(enum wall_mode m);
const char *wall_name(enum wall w);
/* One Swedish line for the operator, e.g. "Murar för web: Landlock 7, systemanrop filtrerade." */
struct str wall_report_line(struct arena *a, enum wall w, const struct wall_report *r);

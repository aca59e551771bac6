/* sys/walls.c — Landlock for files, network and signals; then the filter of walls_calls.c. */
#include "sys/walls.h"
#include "sys/files.h"
#include "sys/walls_calls.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's interface, written out: Debian 12's headers stop at version 2 and the kernel may be newer. */
#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_ASK_VERSION 1u
#define LANDLOCK_PATH_BENEATH 1
struct landlock_attributes { uint64_t files, network, scopes; };
struct landlock_beneath { uint64_t allowed; int32_t parent; } __attribute__((packed));

enum {
	MAY_EXECUTE = 1 << 0, MAY_WRITE = 1 << 1, MAY_READ = 1 << 2, MAY_LIST = 1 << 3,
	MAY_REMOVE_DIR = 1 << 4, MAY_REMOVE = 1 << 5, MAY_MAKE_CHAR = 1 << 6, MAY_MAKE_DIR = 1 << 7,
	MAY_MAKE = 1 << 8, MAY_MAKE_SOCKET = 1 << 9, MAY_MAKE_FIFO = 1 << 10, MAY_MAKE_BLOCK = 1 << 11,
	MAY_MAKE_LINK = 1 << 12, MAY_REFER = 1 << 13, MAY_TRUNCATE = 1 << 14, MAY_DEVICE_CONTROL = 1 << 15,
};
#define VERSION_1 ((1u << 13) - 1)
#define ON_FILES (MAY_EXECUTE | MAY_WRITE | MAY_READ | MAY_TRUNCATE)
#define RIGHTS_READ (MAY_READ | MAY_LIST)
#define RIGHTS_RUN (MAY_EXECUTE | MAY_READ | MAY_LIST)
#define RIGHTS_KEEP (RIGHTS_READ | MAY_WRITE | MAY_TRUNCATE | MAY_MAKE | MAY_REMOVE)
#define RIGHTS_WHOLE (RIGHTS_KEEP | MAY_MAKE_DIR | MAY_REMOVE_DIR | MAY_MAKE_SOCKET | MAY_REFER)
#define NETWORK_ALL 3u
#define SCOPES_ALL 3u

static const char *const system_places[] = { "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/gnutls" };

int walls_landlock_version(void)
{
	long v = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_ASK_VERSION);
	return v > 0 ? (int)v : 0;
}

static uint64_t rights_of(int version)
{
	uint64_t all = VERSION_1;
	if (version >= 2)
		all |= MAY_REFER;
	if (version >= 3)
		all |= MAY_TRUNCATE;
	if (version >= 5)
		all |= MAY_DEVICE_CONTROL;
	return all;
}

struct place { int ruleset; uint64_t all; };

/* A place that is not there needs no permission; any other fault is one. */
static enum err allow(struct place p, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return OK;
	struct stat s;
	enum err e = fstat(fd, &s) == 0 ? OK : ERR_SYSTEM;
	if (e == OK) {
		if (!S_ISDIR(s.st_mode))
			rights &= ON_FILES;
		struct landlock_beneath rule = { rights & p.all, fd };
		if (syscall(LANDLOCK_ADD, p.ruleset, LANDLOCK_PATH_BENEATH, &rule, 0) != 0)
			e = ERR_SYSTEM;
	}
	close(fd);
	return e;
}

static enum err allow_in(struct place p, const char *directory, const char *name, uint64_t rights)
{
	char path[PATH_LIMIT];
	int n = snprintf(path, sizeof path, "%s/%s", directory, name);
	if (n < 0 || (size_t)n >= sizeof path)
		return ERR_TOO_LARGE;
	return allow(p, path, rights);
}

static enum err allow_list(struct place p, const char *const *list, uint64_t rights)
{
	enum err e;
	for (; list && *list; list++)
		if ((e = allow(p, *list, rights)) != OK)
			return e;
	return OK;
}

static enum err allow_system(struct place p)
{
	enum err e;
	for (size_t i = 0; i < COUNT_OF(system_places); i++)
		if ((e = allow(p, system_places[i], RIGHTS_RUN)) != OK)
			return e;
	return allow(p, "/dev/null", MAY_READ | MAY_WRITE);
}

static enum err allow_database(struct place p, const char *directory, uint64_t rights)
{
	static const char *const files[] = { "avstamp.db", "avstamp.db-wal", "avstamp.db-shm" };
	enum err e;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if ((e = allow_in(p, directory, files[i], rights)) != OK)
			return e;
	return OK;
}

static enum err allow_for(struct place p, const struct wall_options *o)
{
	enum err e;
	if ((e = allow_list(p, o->also_read, RIGHTS_READ)) != OK)
		return e;
	if ((e = allow(p, "/dev/urandom", MAY_READ)) != OK)
		return e;
	switch (o->who) {
	case WALL_PARENT:
		if ((e = allow_list(p, o->programs, RIGHTS_RUN)) != OK || (e = allow_system(p)) != OK)
			return e;
		return allow(p, o->directory, RIGHTS_WHOLE);
	case WALL_WEB:
		return allow_database(p, o->directory, MAY_READ | MAY_WRITE | MAY_TRUNCATE);
	case WALL_VAULT:
		if ((e = allow_in(p, o->directory, "log", RIGHTS_KEEP)) != OK)
			return e;
		if ((e = allow_in(p, o->directory, "keys", RIGHTS_KEEP)) != OK)
			return e;
		return allow_in(p, o->directory, "shred", RIGHTS_KEEP);
	case WALL_READER:
		/* A reader of the database still writes, and the first one resets, the index of the write-ahead log. */
		if ((e = allow_database(p, o->directory, MAY_READ | MAY_WRITE | MAY_TRUNCATE)) != OK)
			return e;
		return allow_in(p, o->directory, "log", RIGHTS_READ);
	case WALL_COUNT:
		break;
	}
	return ERR_SYSTEM;
}

static enum err raise_landlock(const struct wall_options *o, struct wall_report *r)
{
	int version = walls_landlock_version();
	if (version == 0)
		return ERR_SYSTEM;
	bool inner = o->who != WALL_PARENT;
	struct landlock_attributes attributes = { .files = rights_of(version) };
	size_t size = sizeof attributes.files;
	if (version >= 4) {
		attributes.network = inner ? NETWORK_ALL : 0;
		size = offsetof(struct landlock_attributes, scopes);
	}
	if (version >= 6) {
		attributes.scopes = inner ? SCOPES_ALL : 0;
		size = sizeof attributes;
	}
	long fd = syscall(LANDLOCK_CREATE, &attributes, size, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	struct place p = { (int)fd, attributes.files };
	enum err e = allow_for(p, o);
	if (e == OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		e = ERR_SYSTEM;
	if (e == OK && syscall(LANDLOCK_RESTRICT, p.ruleset, 0) != 0)
		e = ERR_SYSTEM;
	close(p.ruleset);
	if (e != OK)
		return e;
	r->landlock = version;
	r->network = attributes.network != 0;
	r->signals = attributes.scopes != 0;
	return OK;
}

/* No core file and no debugger may ever hold what this process holds. */
static enum err close_memory(enum wall who)
{
	struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return ERR_SYSTEM;
	if (who != WALL_PARENT && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ERR_SYSTEM;
	return OK;
}

#ifdef AVSTAMP_COVERAGE
/* A build that counts lines opens its files for the counts when the process ends, which every wall forbids. It raises them
 * for the walls' own test alone. */
static bool may_raise(void)
{
	return getenv("AVSTAMP_COVERAGE_WALLS") != NULL;
}
#else
static bool may_raise(void)
{
	return true;
}
#endif

enum err walls_raise(const struct wall_options *o, struct wall_report *ret)
{
	struct wall_report r = { 0 };
	enum err e = OK;
	if (o->mode != WALLS_OFF && may_raise()) {
		e = close_memory(o->who);
		enum err files = raise_landlock(o, &r);
		static struct filter f;
		walls_calls(o->who, &f);
		enum err calls = filter_install(&f);
		r.filter = calls == OK;
		if (e == OK)
			e = files != OK ? files : calls;
	}
	*ret = r;
	return o->mode == WALLS_STRICT ? e : OK;
}

static const char *const mode_names[] = { "strict", "best-effort", "off" };

bool wall_mode_parse(struct str s, enum wall_mode *ret)
{
	for (size_t i = 0; i < COUNT_OF(mode_names); i++) {
		if (str_eq_c(s, mode_names[i])) {
			*ret = (enum wall_mode)i;
			return true;
		}
	}
	return false;
}

const char *wall_mode_name(enum wall_mode m)
{
	return mode_names[m];
}

const char *wall_name(enum wall w)
{
	static const char *const names[WALL_COUNT] = { "parent", "web", "vault", "reader" };
	return names[w];
}

struct str wall_report_line(struct arena *a, enum wall w, const struct wall_report *r)
{
	char files[48] = "Landlock saknas";
	if (r->landlock > 0)
		snprintf(files, sizeof files, "Landlock version %d", r->landlock);
	return arena_format(a, "Murar för %s: %s, systemanrop %s.", wall_name(w), files,
	                    r->filter ? "filtrerade" : "inte filtrerade");
}

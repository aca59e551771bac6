/* tests/faults/help.c — a demo, the API, verbs and files for the campaigns. */
#include "help.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARENA (UINT64_C(1) << 32)

void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("FAILED ");
	(void)vprintf(format, args);
	(void)printf("\n");
	va_end(args);
	exit(1);
}

void pause_for(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

int64_t clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t draw(uint64_t *seed, uint64_t n)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = *seed;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % n;
}

int count_argument(int argc, char **argv, int at, int otherwise)
{
	int n = argc > at ? atoi(argv[at]) : otherwise;

	return n > 0 ? n : otherwise;
}

/* ---- the demo ---- */

static void show_output(struct world *w)
{
	struct str said = read_whole(w->a, w->house.log_file);

	if (said.p != NULL)
		(void)printf("---- what the program said ----\n%.*s\n", STR_FMT(said));
}

void world_begin(struct world *w, const char *program)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	const char *custodians = w->house.custodians;

	*w = (struct world){ .a = arena_new(ARENA), .house = { .a = arena_new(1u << 20), .program = program, .custodians = custodians } };
	if (w->a == NULL || w->house.a == NULL)
		give_up("no memory");
	if (!house_start(&w->house)) {
		show_output(w);
		give_up("the program does not start: %s demo", program);
	}
}

void world_end(struct world *w)
{
	if (w->house.parent > 0)
		(void)house_stop(&w->house);
	bool sound = house_is_sound(&w->house);
	if (getenv("AVSTAMP_KEEP") == NULL)
		house_remove(&w->house);
	else
		(void)printf("kept: %s\n", w->house.directory);
	arena_free(w->a);
	arena_free(w->house.a);
	if (!sound)
		give_up("a sanitizer has found something, see above");
}

/* ---- the API ---- */

int api_call(struct world *w, struct arena *a, struct client *c, const char *path, const char *body)
{
	struct call q = { .method = body == NULL ? STR("GET") : STR("POST"), .path = str_c(path), .headers = STR(""),
			  .type = body == NULL ? STR_UNSET : STR("application/json"), .body = str_c(body) };

	return http_call(&w->house, a, c, &q) ? c->status : 0;
}

bool person_try_login(struct world *w, struct arena *a, struct client *c, const char *role)
{
	struct account *acc = house_account(&w->house, str_c(role));

	if (acc == NULL)
		return false;
	struct str user = json_quoted(a, acc->user), passphrase = json_quoted(a, acc->passphrase), code = house_code(a, acc);
	struct str body = arena_format(a, "{\"user\":%.*s,\"passphrase\":%.*s,\"totp\":\"%.*s\"}", STR_FMT(user),
				       STR_FMT(passphrase), STR_FMT(code));

	return api_call(w, a, c, "/api/v1/session", arena_c(a, body)) == 200;
}

bool person_login(struct world *w, struct client *c, const char *role)
{
	if (person_try_login(w, w->a, c, role))
		return true;
	(void)printf("%s does not get in: status %d\n", role, c->status);
	return false;
}

struct str api_value(struct arena *a, const struct client *c, const char *name)
{
	json_t *o = json_loadb(c->body.p, c->body.n, 0, NULL);
	json_t *v = json_object_get(o, name);
	const char *s = json_string_value(v);
	struct str found = s != NULL ? arena_str(a, str_c(s)) : STR_UNSET;

	if (json_is_integer(v))
		found = arena_format(a, "%lld", (long long)json_integer_value(v));
	json_decref(o);
	return found;
}

struct str case_begin(struct world *w, struct client *c, const char *alias)
{
	struct str body = arena_format(w->a, "{\"source\":\"person\",\"safe_way\":\"Ring.\",\"danger\":\"no\",\"alias\":\"%s\"}", alias);

	if (api_call(w, w->a, c, "/api/v1/cases", arena_c(w->a, body)) == 201)
		return api_value(w->a, c, "id");
	(void)printf("no new case: status %d %.*s\n", c->status, STR_FMT(c->body));
	return STR_UNSET;
}

/* ---- programs ---- */

NORETURN static void become(const char *const *arguments, int in, int out)
{
	union { const char *const *in; char *const *out; } list = { .in = arguments };

	if (in >= 0)
		(void)dup2(in, 0);
	(void)dup2(out, 1);
	(void)dup2(out, 2);
	execvp(arguments[0], list.out);
	_exit(127);
}

int run_program(struct arena *a, const char *const *arguments, struct str input, struct str *ret_said)
{
	FILE *said = tmpfile(), *given = tmpfile();
	struct buf b = buf_new(a, 4u << 20);
	char piece[2048];
	size_t n;
	int status;

	if (said == NULL || given == NULL || fwrite(input.p == NULL ? "" : input.p, 1, input.n, given) != input.n ||
	    fflush(given) != 0 || fseek(given, 0, SEEK_SET) != 0)
		give_up("no temporary file");
	pid_t pid = fork();

	if (pid == 0)
		become(arguments, fileno(given), fileno(said));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("%s does not run", arguments[0]);
	rewind(said);
	while ((n = fread(piece, 1, sizeof piece, said)) > 0)
		buf_add(&b, piece, n);
	(void)fclose(said);
	(void)fclose(given);
	if (ret_said != NULL)
		*ret_said = buf_view(&b).p == NULL ? STR("") : buf_view(&b);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run_verb(struct world *w, struct str *ret_said, const char *verb, const char *directory, const char *const *more)
{
	const char *list[24] = { w->house.program, verb, "--dir", directory };
	size_t n = 4;

	for (; more != NULL && *more != NULL && n < COUNT_OF(list) - 1; more++)
		list[n++] = *more;
	return run_program(w->a, list, STR(""), ret_said);
}

/* ---- files ---- */

bool copy_tree(struct arena *a, const char *from, const char *to)
{
	const char *const list[] = { "cp", "-a", "--", from, to, NULL };

	return run_program(a, list, STR(""), NULL) == 0;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

void remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct str read_whole(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat s;

	if (f == NULL)
		return STR_UNSET;
	size_t n = fstat(fileno(f), &s) == 0 ? (size_t)s.st_size : 0;
	char *p = arena_take(a, n + 1);
	struct str whole = { p, p == NULL ? 0 : fread(p, 1, n, f) };

	(void)fclose(f);
	return whole;
}

const char *beside(struct world *w, const char *name)
{
	const char *slash = strrchr(w->house.directory, '/');
	struct str folder = { w->house.directory, slash == NULL ? 0 : (size_t)(slash - w->house.directory) };

	return arena_c(w->a, arena_format(w->a, "%.*s/%s", STR_FMT(folder), name));
}

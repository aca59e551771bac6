/* tests/faults/full_disk.c — log/ has no room: no plaintext leaves, nothing is written, a Swedish sentence says why, and the
 * service goes on by itself when there is room again.
 *
 *   full-disk PROGRAM       the vault may not make a file larger than its log is now, which is what a full disk is to it */
#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SECRET_TEXT "Mening som bara syns med en post i loggen."
#define MOST 40000

static struct world w;
static size_t wrong;

static void holds(const char *what, bool is, struct str seen)
{
	(void)printf("%s: %s\n", what, is ? "as it should" : "WRONG");
	if (!is)
		(void)printf("%.*s\n", STR_FMT(str_cut(seen, 0, 1500)));
	wrong += !is;
}

static void limit(pid_t vault, rlim_t bytes)
{
	struct rlimit r = { bytes, RLIM_INFINITY };

	if (prlimit(vault, RLIMIT_FSIZE, &r, NULL) != 0)
		give_up("no limit");
}

static bool tells(struct str s)
{
	return contains(s, STR("Stenskvättan")) || contains(s, STR(SECRET_TEXT));
}

/* Openings until the log's room has been used up; how many there were. */
static int use_up(struct client *c, const char *path)
{
	struct arena *a = arena_new(64u << 20);
	int n = 0;

	while (n < MOST && api_call(&w, a, c, path, NULL) == 200) {
		n++;
		for (size_t i = 0; i < c->n_cookies; i++)
			c->cookies[i].value = arena_str(w.a, c->cookies[i].value), c->cookies[i].name = arena_str(w.a, c->cookies[i].name);
		arena_reset(a);
	}
	c->body = arena_str(w.a, c->body);
	for (size_t i = 0; i < c->n_cookies; i++)
		c->cookies[i].value = arena_str(w.a, c->cookies[i].value), c->cookies[i].name = arena_str(w.a, c->cookies[i].name);
	arena_free(a);
	return n;
}

static void while_full(struct client *c, const char *path, const char *page, const char *commands)
{
	struct str said;

	holds("API: 503 and no plaintext", c->status == 503 && !tells(c->body) && contains(c->body, STR("LOG_FULL")), c->body);
	(void)api_call(&w, w.a, c, page, NULL);
	holds("page: a Swedish sentence and no plaintext", c->status == 503 && !tells(c->body) && contains(c->body, STR("disken är full")), c->body);
	(void)api_call(&w, w.a, c, commands, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"Skrevs när disken var full.\"}");
	holds("nothing can be saved", c->status == 503, c->body);
	struct client other = { .name = STR("samir") };

	(void)person_try_login(&w, w.a, &other, "coordinator.2");
	(void)api_call(&w, w.a, &other, path, NULL);
	holds("not by another login either", other.status != 200 && !tells(other.body), other.body);
	holds("verify beside it", run_verb(&w, &said, "verify", w.house.directory, NULL) == 0, said);
}

int main(int argc, char **argv)
{
	struct client maria = { .name = STR("maria") };
	struct stat s;
	struct str said;

	if (argc < 2)
		give_up("full-disk PROGRAM");
	world_begin(&w, argv[1]);
	if (!person_login(&w, &maria, "coordinator"))
		give_up("no login");
	struct str id = case_begin(&w, &maria, "Stenskvättan");
	const char *path = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/events", STR_FMT(id)));
	const char *page = arena_c(w.a, arena_format(w.a, "/arenden/%.*s", STR_FMT(id)));
	const char *commands = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s/commands", STR_FMT(id)));
	pid_t vault = house_pid(&w.house, STR("vault"));

	if (api_call(&w, w.a, &maria, commands, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"" SECRET_TEXT "\"}") != 201 ||
	    api_call(&w, w.a, &maria, path, NULL) != 200 || !tells(maria.body))
		give_up("the control: with room it is shown");
	if (vault <= 0 || stat(arena_c(w.a, arena_format(w.a, "%s/log/000001.avl", w.house.directory)), &s) != 0)
		give_up("no vault, no log");
	limit(vault, (rlim_t)s.st_size);
	int n = use_up(&maria, path);

	(void)printf("%d openings until the log was full\n", n);
	while_full(&maria, path, page, commands);
	holds("the vault lives", house_pid(&w.house, STR("vault")) == vault, STR(""));
	limit(vault, RLIM_INFINITY);
	int64_t from = clock_ms();

	while (clock_ms() - from < 5000 && api_call(&w, w.a, &maria, path, NULL) != 200)
		pause_for(50);
	(void)printf("shown again %lld ms after there was room\n", (long long)(clock_ms() - from));
	holds("shown again", maria.status == 200 && tells(maria.body) && !contains(maria.body, STR("disken var full")), maria.body);
	holds("saved again", api_call(&w, w.a, &maria, commands, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"x\"}") == 201, maria.body);
	if (!house_stop(&w.house))
		give_up("it does not stop");
	holds("verify", run_verb(&w, &said, "verify", w.house.directory, NULL) == 0, said);
	(void)printf("full-disk: %zu wrong\n", wrong);
	world_end(&w);
	return wrong > 0;
}

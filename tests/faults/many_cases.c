/* tests/faults/many_cases.c — somebody who holds as many cases as a large desk: each is found by its code and by its name,
 * who is not there is said not to be there, and a list without room for all says so. A name is found without a summary.
 *
 *   many-cases PROGRAM [CASES] */
#include "help.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The code of every case, by its number. */
static char codes[2000][12];

static void begin(struct world *w, struct client *c, int i)
{
	struct arena *a = arena_new(1u << 20);
	/* Long words make a large head, as a case of some years has. */
	struct str body = arena_format(a, "{\"source\":\"person\",\"channel\":\"phone\",\"safe_way\":\"%0400d\",\"danger\":\"yes\",\"words\":\"%0400d\","
	                                  "\"name\":\"Person%d Påhittad\",\"alias\":\"Fågel %d\"}", i, i, i, i);

	if (api_call(w, a, c, "/api/v1/cases", arena_c(a, body)) != 201)
		give_up("case %d: status %d %.*s", i, c->status, STR_FMT(c->body));
	(void)snprintf(codes[i], sizeof codes[i], "%.*s", STR_FMT(api_value(a, c, "code")));
	arena_free(a);
}

static bool api_list_is_cut(const struct client *c)
{
	return memmem(c->body.p, c->body.n, "\"more\":true", 11) != NULL;
}

static void list_says(struct world *w, struct client *c, bool more)
{
	struct arena *a = arena_new(16u << 20);

	if (api_call(w, a, c, "/api/v1/cases", NULL) != 200 || api_list_is_cut(c) != more)
		give_up("a list of all: status %d", c->status);
	arena_free(a);
}

static void search(struct world *w, struct client *c, const char *name, const char *there)
{
	struct arena *a = arena_new(16u << 20);
	struct call page = { .method = STR("GET"), .path = STR("/arenden"), .headers = STR("") };
	struct form f;
	struct buf b = buf_new(a, 4096);

	if (!http_call(&w->house, a, c, &page) || !page_form_to(a, c->body, STR("/sok"), &f))
		give_up("no form to search with: status %d", c->status);
	for (size_t i = 0; i < f.n_hidden; i++)
		buf_format(&b, "%.*s=%.*s&", STR_FMT(f.hidden[i].name), STR_FMT(f.hidden[i].value));
	buf_format(&b, "q=%s", name);
	struct call find = { .method = STR("POST"), .path = STR("/sok"), .headers = STR("Sec-Fetch-Site: same-origin\r\n"),
	                     .type = STR("application/x-www-form-urlencoded"), .body = buf_view(&b) };

	if (!http_call(&w->house, a, c, &find) || (c->status != 200 && c->status != 303))
		give_up("search for %s: status %d", name, c->status);
	if (there == NULL ? c->status != 303 : c->status != 200 || memmem(c->body.p, c->body.n, there, strlen(there)) == NULL)
		give_up("search for %s: status %d, not as it should be", name, c->status);
	arena_free(a);
}

/* Takes every summary away behind the program's back. */
static void lose_summaries(struct world *w)
{
	sqlite3 *db = NULL;
	char path[512];

	(void)snprintf(path, sizeof path, "%s/avstamp.db", w->house.directory);
	if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
	    sqlite3_exec(db, "DELETE FROM summaries", NULL, NULL, NULL) != SQLITE_OK || sqlite3_changes(db) == 0)
		give_up("the summaries are still there: %s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

int main(int argc, char **argv)
{
	static struct world w;
	struct client c = { .name = STR("coordinator") };
	int cases = count_argument(argc, argv, 2, 520);

	if (argc < 2)
		return 2;
	world_begin(&w, argv[1]);
	if (!person_login(&w, &c, "coordinator"))
		give_up("no login");
	list_says(&w, &c, false);
	for (int i = 0; i < cases && i < (int)COUNT_OF(codes); i++)
		begin(&w, &c, i);
	list_says(&w, &c, true);
	for (int i = 0; i < cases; i += 7)
		search(&w, &c, codes[i], NULL);
	search(&w, &c, "Person17", "Fågel 17");
	search(&w, &c, "Ingenalls", "Inget ärende hittades");
	/* A person is looked for in the identity: whoever cannot be listed is found all the same. */
	lose_summaries(&w);
	search(&w, &c, "Person17", codes[17]);
	search(&w, &c, "Ingenalls", "Inget ärende hittades");
	world_end(&w);
	return 0;
}

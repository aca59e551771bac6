/* tests/faults/two_worlds.c — to whoever has no access the case does not exist (DECISIONS 37, 38), and what the hot
 * path never does (DECISIONS 17). Runs the counted build.
 *
 *   two-worlds PROGRAM existence [PAIRS]   a foreign case and none: the same bytes, the same work, both in the log
 *   two-worlds PROGRAM hidden [EVENTS]     a stream one does not hold: 0 or EVENTS events, the same answers
 *   two-worlds PROGRAM hot                 no asymmetric operation, no JSON parser, no compression
 *   TIMING=1 prints medians of both worlds in microseconds, for a person to read. */
#include "counted/counts.h"
#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRIES 5
#define HIDDEN_WORD "Förträngt"
static const char *const names[] = {
#define X(name) #name,
	COUNTERS(X)
#undef X
};
struct trace { uint64_t n[COUNTER_COUNT]; };
static struct counts *shared;
static size_t wrong;

static struct trace now(void)
{
	struct trace t;

	/* Outcomes go to the vault behind the answer. */
	pause_for(15);
	for (size_t i = 0; i < COUNTER_COUNT; i++)
		t.n[i] = shared->n[i];
	return t;
}

static struct str encoded(struct arena *a, const char *fields)
{
	return str_c(arena_c(a, str_c(fields)));
}

struct ask { const char *what, *method, *path, *type, *body; };

static void send_ask(struct world *w, struct client *c, const struct ask *q)
{
	struct call call = { .method = str_c(q->method), .path = str_c(q->path), .headers = STR("Sec-Fetch-Site: same-origin\r\n"),
			     .type = str_c(q->type), .body = q->body == NULL ? STR_UNSET : encoded(w->a, q->body) };

	if (!http_call(&w->house, w->a, c, &call))
		give_up("%s: no answer", q->what);
}

/* The least of each counter over some tries: a checkpoint or a heartbeat may fall into one of them. */
static struct trace measure_anew(struct world *w, struct client *c, struct ask *q, void (*anew)(struct world *, struct client *, struct ask *))
{
	struct trace least;

	memset(&least, 0xff, sizeof least);
	for (int k = 0; k < TRIES; k++) {
		if (anew != NULL)
			anew(w, c, q);
		struct trace before = now();

		send_ask(w, c, q);
		struct trace after = now();

		for (size_t i = 0; i < COUNTER_COUNT; i++) {
			uint64_t n = after.n[i] - before.n[i];

			if (n < least.n[i])
				least.n[i] = n;
		}
	}
	return least;
}

static struct trace measure(struct world *w, struct client *c, const struct ask *q)
{
	struct ask same_again = *q;

	return measure_anew(w, c, &same_again, NULL);
}

/* Without what is drawn anew for each page: hidden tokens, and the moment. */
static struct str masked(struct arena *a, struct str s)
{
	static const char *const before[] = { "name=\"_csrf\" value=\"", "name=\"_token\" value=\"", "\"now\":\"", "name=\"_started\" value=\"" };
	char *p = arena_c(a, s);

	for (size_t i = 0; i < COUNT_OF(before); i++) {
		size_t n = strlen(before[i]);

		for (char *at = p; (at = strstr(at, before[i])) != NULL;)
			for (at += n; *at != 0 && *at != '"'; at++)
				*at = '*';
	}
	return (struct str){ p, s.n };
}

static void same(const char *what, bool is)
{
	if (is)
		return;
	wrong++;
	(void)printf("  differs: %s\n", what);
}

static void show_difference(struct str x, struct str y)
{
	size_t i = 0;

	while (i < x.n && i < y.n && x.p[i] == y.p[i])
		i++;
	size_t from = i < 60 ? 0 : i - 60;

	(void)printf("    at %zu of %zu and %zu: %.*s | %.*s\n", i, x.n, y.n, STR_FMT(str_cut(x, from, i + 60)), STR_FMT(str_cut(y, from, i + 60)));
}

/* ---- existence ---- */

static void compare(struct world *w, struct client *c, const struct ask *foreign, const struct ask *none)
{
	struct arena *a = w->a;

	send_ask(w, c, foreign);
	int status = c->status;
	struct str body = masked(a, c->body), head = c->head;

	send_ask(w, c, none);
	struct str other = masked(a, c->body);

	if (status != c->status || !str_eq(body, other)) {
		same(foreign->what, false);
		show_difference(body, other);
	}
	same(arena_c(a, arena_format(a, "%s: length of the head", foreign->what)), head.n == c->head.n);
	struct trace x = measure(w, c, foreign), y = measure(w, c, none);

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		if (x.n[i] != y.n[i]) {
			same(foreign->what, false);
			(void)printf("    %s: %llu and %llu\n", names[i], (unsigned long long)x.n[i], (unsigned long long)y.n[i]);
		}
	same(arena_c(a, arena_format(a, "%s: no entry in the log", foreign->what)), x.n[COUNT_log_entries] > 0 && y.n[COUNT_log_entries] > 0);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void timing(struct world *w, struct client *c, const struct ask *both)
{
	static int64_t took[2][400];

	for (size_t k = 0; k < 800; k++) {
		struct timespec from, to;
		struct arena *kept = w->a;

		(void)clock_gettime(CLOCK_MONOTONIC, &from);
		send_ask(w, c, &both[k % 2]);
		(void)clock_gettime(CLOCK_MONOTONIC, &to);
		w->a = kept;
		took[k % 2][k / 2] = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
	}
	for (size_t i = 0; i < 2; i++)
		qsort(took[i], 400, sizeof took[0][0], by_value);
	(void)printf("  %s: median %lld µs foreign, %lld µs none\n", both[0].what, (long long)took[0][200], (long long)took[1][200]);
}

static const char *with_field(struct arena *a, const struct client *c, const char *action, const char *field, struct str value)
{
	struct form f;
	struct buf b = buf_new(a, 65536);

	if (!page_form_to(a, c->body, str_c(action), &f))
		give_up("no form to %s", action);
	for (size_t i = 0; i < f.n_hidden; i++) {
		struct str v = url_coded(a, f.hidden[i].value);

		buf_format(&b, "%.*s=%.*s&", STR_FMT(f.hidden[i].name), STR_FMT(v));
	}
	struct str v = url_coded(a, value);

	buf_format(&b, "%s=%.*s", field, STR_FMT(v));
	return arena_c(a, buf_view(&b));
}

static const struct { const char *what, *method, *path, *type, *body; } by_id[] = {
	{ "page by id", "GET", "/arenden/%s", NULL, NULL },
	{ "plan by id", "GET", "/arenden/%s/plan", NULL, NULL },
	{ "people by id", "GET", "/arenden/%s/personer", NULL, NULL },
	{ "timeline by id", "GET", "/arenden/%s/handelser", NULL, NULL },
	{ "form by id", "GET", "/arenden/%s/gor/note", NULL, NULL },
	{ "API by id", "GET", "/api/v1/cases/%s", NULL, NULL },
	{ "API events by id", "GET", "/api/v1/cases/%s/events", NULL, NULL },
	{ "API command by id", "POST", "/api/v1/cases/%s/commands", "application/json", "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"x\"}" },
};

static const char *filled(struct arena *a, const char *path, struct str id)
{
	const char *hole = strstr(path, "%s");

	return arena_c(a, arena_format(a, "%.*s%.*s%s", (int)(hole - path), path, STR_FMT(id), hole + 2));
}

static void searched(struct world *w, struct client *c, const char *what, struct str there, struct str absent)
{
	struct ask list = { "list", "GET", "/arenden", NULL, NULL };

	send_ask(w, c, &list);
	struct ask pair[2] = { { what, "POST", "/sok", "application/x-www-form-urlencoded", with_field(w->a, c, "/sok", "q", there) },
			       { what, "POST", "/sok", "application/x-www-form-urlencoded", with_field(w->a, c, "/sok", "q", absent) } };

	compare(w, c, &pair[0], &pair[1]);
}

static struct str masked_body(struct world *w, struct client *c, const char *path)
{
	struct ask q = { path, "GET", path, NULL, NULL };

	send_ask(w, c, &q);
	return masked(w->a, c->body);
}

/* A list before and after the foreign case was made. */
static void compare_list(struct world *w, struct client *c, const char *path, struct str before, const struct trace *work)
{
	struct ask q = { path, "GET", path, NULL, NULL };
	struct str after = masked_body(w, c, path);
	struct trace t = measure(w, c, &q);

	if (!str_eq(before, after)) {
		same(path, false);
		show_difference(before, after);
	}
	for (size_t n = 0; n < COUNTER_COUNT; n++)
		if (t.n[n] != work->n[n]) {
			same(path, false);
			(void)printf("    %s: %llu before the case, %llu after\n", names[n], (unsigned long long)work->n[n], (unsigned long long)t.n[n]);
		}
}

static int existence(struct world *w, int pairs)
{
	static const char *const lists[] = { "/arenden", "/api/v1/cases", "/api/v1/tasks", "/min-dag" };
	struct arena *a = w->a;
	struct client maria = { .name = STR("maria") }, erik = { .name = STR("erik") };
	struct str before[COUNT_OF(lists)];
	struct trace work[COUNT_OF(lists)];

	if (!person_login(w, &maria, "coordinator") || !person_login(w, &erik, "police"))
		return 1;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct ask q = { lists[i], "GET", lists[i], NULL, NULL };

		before[i] = masked_body(w, &erik, lists[i]);
		work[i] = measure(w, &erik, &q);
	}
	const char *body = "{\"source\":\"person\",\"safe_way\":\"Ring.\",\"danger\":\"no\",\"alias\":\"Domherren\",\"number\":\"199001019802\",\"name\":\"Ola Dolding\"}";

	if (api_call(w, a, &maria, "/api/v1/cases", body) != 201)
		give_up("no case: %d %.*s", maria.status, STR_FMT(maria.body));
	struct str id = api_value(a, &maria, "id"), code = api_value(a, &maria, "code");
	uint64_t seed = 7;

	for (int k = 0; k < pairs; k++) {
		struct str none = arena_format(a, "%016llx%016llx", (unsigned long long)draw(&seed, UINT64_MAX), (unsigned long long)draw(&seed, UINT64_MAX));

		for (size_t i = 0; i < COUNT_OF(by_id); i++) {
			struct ask pair[2] = {
				{ by_id[i].what, by_id[i].method, filled(a, by_id[i].path, id), by_id[i].type, by_id[i].body },
				{ by_id[i].what, by_id[i].method, filled(a, by_id[i].path, none), by_id[i].type, by_id[i].body } };

			compare(w, &erik, &pair[0], &pair[1]);
			if (k == 0 && getenv("TIMING") != NULL && getenv("TIMING")[0] == '1')
				timing(w, &erik, pair);
		}
	}
	searched(w, &erik, "by number", STR("19900101-9802"), STR("19910101-9801"));
	searched(w, &erik, "by code", code, STR("K-BBBBB"));
	searched(w, &erik, "by name", STR("Ola Dolding"), STR("Eva Dolding"));
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		compare_list(w, &erik, lists[i], before[i], &work[i]);
	/* The control: to the one who may, the two worlds are not the same. A long run has locked her screen meanwhile. */
	maria.n_cookies = 0;
	if (!person_login(w, &maria, "coordinator"))
		return 1;
	struct ask own = { "control", "GET", filled(a, by_id[0].path, id), NULL, NULL };

	send_ask(w, &maria, &own);
	if (maria.status != 200)
		give_up("the control: the owner does not see the case");
	(void)printf("two-worlds: %d pairs of %zu addresses, 3 searches, %zu lists: %zu differences in bytes or work\n", pairs, COUNT_OF(by_id),
		     COUNT_OF(lists), wrong);
	return wrong > 0;
}

/* The pages name the day; a run in which it turned says nothing and is made again. */
static int existence_in_one_day(struct world *w, int pairs)
{
	int32_t day = instant_day((struct instant){ (int64_t)time(NULL) * 1000000 }).n;
	int code = existence(w, pairs);

	if (instant_day((struct instant){ (int64_t)time(NULL) * 1000000 }).n == day)
		return code;
	(void)printf("the day turned: once more\n");
	wrong = 0;
	return existence(w, pairs);
}

/* ---- a stream one does not hold ---- */

static int hidden(struct world *w, int events)
{
	static const char *const paths[] = { "/api/v1/cases/%s", "/api/v1/cases/%s/events", "/arenden/%s", "/arenden/%s/handelser", "/arenden/%s/plan",
					     "/arenden/%s/personer", "/arenden/%s/moten", "/arenden/%s/beslut" };
	struct arena *a = w->a;
	struct client helena = { .name = STR("helena") }, maria = { .name = STR("maria") };
	struct str id = STR_UNSET, before[COUNT_OF(paths)];

	if (!person_login(w, &helena, "manager") || !person_login(w, &maria, "coordinator"))
		return 1;
	if (api_call(w, a, &helena, "/api/v1/cases", NULL) != 200 || api_call(w, a, &maria, "/api/v1/cases", NULL) != 200)
		give_up("no lists: %d %d", helena.status, maria.status);
	for (struct str rest = helena.body; first_match(a, rest, STR("\"id\":\"([0-9a-f]{32})\""), &id) && !contains(maria.body, id);)
		rest = str_cut(rest, (size_t)((const char *)memmem(rest.p, rest.n, id.p, id.n) - rest.p) + id.n, rest.n);
	if (id.p == NULL || !contains(maria.body, id))
		give_up("the manager shares no case with the coordinator");
	const char *commands = filled(a, "/api/v1/cases/%s/commands", id);

	for (size_t i = 0; i < COUNT_OF(paths); i++)
		before[i] = masked_body(w, &helena, filled(a, paths[i], id));
	same("the manager does not see the case", contains(before[0], id));
	struct str was = masked_body(w, &maria, filled(a, paths[1], id));

	for (int k = 0; k < events; k++)
		if (api_call(w, a, &maria, commands, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"" HIDDEN_WORD "\"}") != 201)
			give_up("the hidden event: %d %.*s", maria.status, STR_FMT(maria.body));
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct str after = masked_body(w, &helena, filled(a, paths[i], id));

		if (str_eq(before[i], after))
			continue;
		same(paths[i], false);
		show_difference(before[i], after);
	}
	/* The control: whoever holds the stream sees another version, as everyone would with one sequence a case. */
	struct str own = masked_body(w, &maria, filled(a, paths[1], id));
	bool control = !str_eq(own, was) && contains(own, STR(HIDDEN_WORD));

	(void)printf("hidden stream: 0 and %d events, %zu addresses: %zu differ; control (one sequence for all): %s\n", events, COUNT_OF(paths), wrong,
		     control ? "differs" : "DOES NOT DIFFER");
	return wrong > 0 || !control;
}

/* ---- the hot path ---- */

static bool imports(struct world *w, const char *name)
{
	struct str program = read_whole(w->a, w->house.program);
	struct buf b = buf_new(w->a, 64);

	buf_char(&b, 0);
	buf_add(&b, name, strlen(name) + 1);
	return contains(program, buf_view(&b));
}

/* A form's token is good for one save. */
static void new_note(struct world *w, struct client *c, struct ask *q)
{
	struct ask page = { "form", "GET", q->path, NULL, NULL };

	send_ask(w, c, &page);
	q->body = with_field(w->a, c, q->path, "kind=contact&text", STR("Steglitsan"));
}

static int hot(struct world *w)
{
	static const char *const packers[] = { "deflate", "inflate", "compress", "uncompress", "ZSTD_decompress", "BrotliDecoderDecompress", "LZ4_decompress_safe" };
	struct arena *a = w->a;
	struct client maria = { .name = STR("maria") };

	if (!person_login(w, &maria, "coordinator"))
		return 1;
	struct str id = case_begin(w, &maria, "Ärlan");
	const char *form = filled(a, "/arenden/%s/gor/note", id);
	struct ask asks[] = {
		{ "open case", "GET", filled(a, "/arenden/%s", id), NULL, NULL }, { "my day", "GET", "/min-dag", NULL, NULL },
		{ "my list", "GET", "/arenden", NULL, NULL }, { "find", "POST", "/sok", "application/x-www-form-urlencoded", NULL },
		{ "add note", "POST", form, "application/x-www-form-urlencoded", NULL } };

	for (size_t i = 0; i < COUNT_OF(asks); i++) {
		struct ask page = { "form", "GET", i == 4 ? form : "/arenden", NULL, NULL };

		if (i >= 3) {
			send_ask(w, &maria, &page);
			asks[i].body = with_field(a, &maria, asks[i].path, i == 4 ? "kind=contact&text" : "q", STR("Steglitsan"));
		}
		send_ask(w, &maria, &asks[i]); /* the first opening of a grant accepts it */
		if (maria.status != (i == 4 ? 303 : 200))
			give_up("%s: status %d", asks[i].what, maria.status);
		struct trace t = measure_anew(w, &maria, &asks[i], i == 4 ? new_note : NULL);

		(void)printf("  %-10s", asks[i].what);
		for (size_t n = 0; n < COUNTER_COUNT; n++)
			(void)printf(" %s %llu", names[n], (unsigned long long)t.n[n]);
		(void)printf("\n");
		same(asks[i].what, t.n[COUNT_asymmetric] == 0 && t.n[COUNT_json_parses] == 0 && t.n[COUNT_messages] > 0);
	}
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		same(packers[i], !imports(w, packers[i]));
	/* The control: the counters do count. */
	struct trace before = now();
	(void)case_begin(w, &maria, "Trasten");
	struct trace after = now();
	bool control = after.n[COUNT_asymmetric] > before.n[COUNT_asymmetric] && after.n[COUNT_json_parses] > before.n[COUNT_json_parses];

	(void)printf("hot path: %zu acts, %zu with an asymmetric operation, a JSON parser or compression; control (a new case by the API): %s\n",
		     COUNT_OF(asks), wrong, control ? "counted" : "NOT COUNTED");
	return wrong > 0 || !control;
}

int main(int argc, char **argv)
{
	static struct world w;
	int code = 2;

	if (argc < 3)
		give_up("two-worlds PROGRAM existence|hidden|hot [N]");
	/* The counters stand where the walls let the processes open them; the directory has to be there first. */
	world_begin(&w, argv[1]);
	const char *path = arena_c(w.a, arena_format(w.a, "%s/run/counts", w.house.directory));

	if ((shared = counts_map(path, 1)) == NULL || !house_stop(&w.house) || setenv("AVSTAMP_COUNTS", path, 1) != 0 || !house_start(&w.house))
		give_up("the program does not start again with counters");
	if (shared->n[COUNT_messages] == 0)
		(void)printf("no counter moves: is this the counted build?\n"), code = 1;
	else if (strcmp(argv[2], "existence") == 0)
		code = existence_in_one_day(&w, count_argument(argc, argv, 3, 2));
	else if (strcmp(argv[2], "hidden") == 0)
		code = hidden(&w, count_argument(argc, argv, 3, 50));
	else if (strcmp(argv[2], "hot") == 0)
		code = hot(&w);
	world_end(&w);
	return code;
}

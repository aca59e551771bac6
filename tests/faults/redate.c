/* tests/faults/redate.c — redate AVSTAMP PROFILE: another profile, and the next opening dates a case anew, once
 * (DECISIONS 34). PROFILE is the generic one's text.
 *
 * The control is the same opening under the old profile, which writes nothing. */
#include "help.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPENERS 6

static bool write_file(const char *path, struct str text)
{
	FILE *f = fopen(path, "w");
	bool good = f && fwrite(text.p, 1, text.n, f) == text.n;

	return f && fclose(f) == 0 && good;
}

/* The text with the line of this name written anew. */
static struct str with_line(struct arena *a, struct str text, const char *name, const char *line)
{
	struct buf b = buf_new(a, text.n + strlen(line) + 16);

	for (struct str rest = text; rest.n > 0;) {
		size_t end = str_find(rest, '\n');
		struct str one = str_cut(rest, 0, end);

		rest = str_cut(rest, end < rest.n ? end + 1 : end, rest.n);
		buf_str(&b, str_eq_c(str_trim(str_cut(one, 0, str_find(one, '='))), name) ? str_c(line) : one);
		buf_lit(&b, "\n");
	}
	return buf_view(&b);
}

static void use_profile(struct world *w, const char *generic)
{
	const char *profile = beside(w, "other.profile");
	const char *conf = arena_c(w->a, arena_format(w->a, "%s/avstamp.conf", w->house.directory));
	struct str text = with_line(w->a, read_whole(w->a, generic), "first meeting", "first meeting = 0 days");

	if (!write_file(profile, with_line(w->a, text, "escalation", "escalation = 6 hours")) ||
	    !write_file(conf, with_line(w->a, read_whole(w->a, conf), "profile", arena_c(w->a, arena_format(w->a, "profile = %s", profile)))))
		give_up("the profile cannot be written");
}

static struct str get(struct world *w, struct client *c, const char *path, const char *name)
{
	if (api_call(w, w->a, c, path, NULL) != 200)
		give_up("GET %s: %d %.*s", path, c->status, STR_FMT(c->body));
	struct str v = api_value(w->a, c, name);

	return arena_str(w->a, v.p ? v : STR(""));
}

/* The first day something is due in the case: meeting the person comes first. */
static struct str first_due(struct world *w, struct client *c, const char *path)
{
	struct str due = STR_UNSET;

	(void)get(w, c, path, "version");
	if (!first_match(w->a, c->body, STR("Träffa personen[^}]*\"due\":\"([^\"]*)\"|\"due\":\"([^\"]*)\"[^}]*Träffa personen"), &due))
		give_up("no task to meet the person: %.*s", STR_FMT(c->body));
	return arena_str(w->a, due);
}

static size_t doctor_counts(struct world *w)
{
	struct str said, n = STR_UNSET;

	(void)run_verb(w, &said, "doctor", w->house.directory, (const char *const[]){ NULL });
	return first_match(w->a, said, STR("efter en äldre profil: ([0-9]+)"), &n) ? (size_t)atoi(arena_c(w->a, n)) : 0;
}

struct opener { struct world *w; struct client client; struct arena *a; const char *path; pthread_t thread; int status; };

static void *open_it(void *ctx)
{
	struct opener *o = ctx;

	o->status = api_call(o->w, o->a, &o->client, o->path, NULL);
	return NULL;
}

/* All at once: one writes, the others lose the race and see the page all the same. */
static void open_together(struct world *w, const struct client *c, const char *path)
{
	static struct opener openers[OPENERS];

	for (int i = 0; i < OPENERS; i++) {
		openers[i] = (struct opener){ .w = w, .client = *c, .a = arena_new(16u << 20), .path = path };
		if (pthread_create(&openers[i].thread, NULL, open_it, &openers[i]) != 0)
			give_up("no thread");
	}
	for (int i = 0; i < OPENERS; i++) {
		(void)pthread_join(openers[i].thread, NULL);
		if (openers[i].status != 200)
			give_up("an opening beside others: %d", openers[i].status);
		arena_free(openers[i].a);
	}
}

int main(int argc, char **argv)
{
	static struct world w;
	static struct client maria;
	struct str said;

	if (argc < 3)
		return 2;
	maria.name = STR("maria");
	world_begin(&w, argv[1]);
	if (!person_login(&w, &maria, "coordinator"))
		return 1;
	struct str id = case_begin(&w, &maria, "Daggkåpan");
	const char *path = arena_c(w.a, arena_format(w.a, "/api/v1/cases/%.*s", STR_FMT(id)));
	struct str due = first_due(&w, &maria, path), before = get(&w, &maria, path, "version");

	if (!str_eq(before, get(&w, &maria, path, "version")))
		give_up("the control: an opening under the same profile has written something");
	if (!house_stop(&w.house))
		give_up("the program does not stop");
	if (doctor_counts(&w) != 0)
		give_up("doctor counts reminders of another profile, and there is none");
	use_profile(&w, argv[2]);
	size_t old = doctor_counts(&w);

	if (old < 3)
		give_up("doctor does not see that reminders are older than the profile: %zu", old);
	if (!house_start(&w.house) || !person_login(&w, &maria, "coordinator"))
		give_up("the program does not start with another profile");
	open_together(&w, &maria, path);
	struct str after = get(&w, &maria, path, "version");

	if (str_eq(before, after))
		give_up("an opening under another profile has written nothing");
	if (!str_eq(after, get(&w, &maria, path, "version")))
		give_up("the second opening has written again");
	if (str_eq(due, first_due(&w, &maria, path)))
		give_up("no date has changed");
	if (!house_stop(&w.house))
		give_up("the program does not stop");
	size_t left = doctor_counts(&w);

	if (left + 3 > old || left == 0)
		give_up("doctor counted %zu before and %zu after one of many cases was opened", old, left);
	if (run_verb(&w, &said, "verify", w.house.directory, (const char *const[]){ NULL }) != 0)
		give_up("verify: %.*s", STR_FMT(said));
	(void)printf("redate: %zu reminders of another profile, %zu after one case was opened %d times at once\n", old, left, OPENERS);
	world_end(&w);
	return 0;
}

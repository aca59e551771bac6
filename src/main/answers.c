/* main/answers.c — reads the answers file, or asks. */
#include "main/answers.h"
#include <stdio.h>
#include <string.h>

#define PEOPLE 3 /* two officers and a reviewer */
#define PASSPHRASE_LEAST 15
#define PASSPHRASE_MOST 128

static struct first_controller *add_controller(struct arena *a, struct answers *w, struct str name)
{
	if (!w->founding.controllers)
		w->founding.controllers = ARENA_ARRAY(a, struct first_controller, ANSWER_CONTROLLERS);
	if (!w->founding.controllers || w->founding.n == ANSWER_CONTROLLERS)
		return NULL;
	struct first_controller *c = &w->founding.controllers[w->founding.n];
	c->name = name;
	c->kind = CONTROLLER_SOCIAL;
	c->people = ARENA_ARRAY(a, struct first_person, PEOPLE);
	if (!c->people)
		return NULL;
	w->founding.n++;
	return c;
}

/* ---- from a file ------------------------------------------------------------------------------------------ */

/* "a | b | c" into its parts. */
static size_t parts_of(struct str value, struct str *ret, size_t room)
{
	size_t n = 0;
	for (bool more = true; more && n < room; n++) {
		size_t at = str_find(value, '|');
		more = at < value.n;
		ret[n] = str_trim(str_cut(value, 0, at));
		value = str_cut(value, more ? at + 1 : at, value.n);
	}
	return n;
}

static const char *take_person(struct first_controller *c, struct str value, uint64_t roles)
{
	struct str part[4];
	if (parts_of(value, part, 4) != 4)
		return "Skriv inloggningsnamn | namn | titel | lösenfras.";
	if (c->n_people == PEOPLE)
		return "Det ska vara två behörighetsansvariga och en granskare.";
	c->people[c->n_people++] = (struct first_person){ .login = part[0], .name = part[1], .title = part[2],
	                                                  .passphrase = part[3], .roles = roles, .with_code = true };
	return NULL;
}

static const char *take_custodian(struct first_controller *c, struct str value)
{
	struct str part[2];
	if (parts_of(value, part, 2) != 2)
		return "Skriv namn | lösenfras.";
	for (size_t i = 0; i < COUNT_OF(c->custodians); i++) {
		if (c->custodians[i].name.p)
			continue;
		c->custodians[i] = (struct first_custodian){ .name = part[0], .passphrase = part[1] };
		return NULL;
	}
	return "Det ska vara tre förvaltare av återställningsnycklar.";
}

static bool read_code(struct str s, int64_t *ret)
{
	int64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = v;
	return s.n == 4;
}

static const char *take_kind(struct first_controller *c, struct str value)
{
	if (str_eq_c(value, "social"))
		c->kind = CONTROLLER_SOCIAL;
	else if (str_eq_c(value, "police"))
		c->kind = CONTROLLER_POLICE;
	else
		return "kind ska vara social eller police.";
	return NULL;
}

static const char *take(struct arena *a, struct answers *w, struct str key, struct str value)
{
	if (str_eq_c(key, "keys_folder")) {
		w->keys_folder = arena_c(a, value);
		return NULL;
	}
	if (str_eq_c(key, "controller"))
		return add_controller(a, w, value) ? NULL : "Det är för många myndigheter.";
	if (w->founding.n == 0)
		return "Börja med controller = myndighetens namn.";
	struct first_controller *c = &w->founding.controllers[w->founding.n - 1];
	if (str_eq_c(key, "kind"))
		return take_kind(c, value);
	if (str_eq_c(key, "municipality"))
		return read_code(value, &c->municipality) ? NULL : "municipality ska vara kommunens kod, fyra siffror.";
	if (str_eq_c(key, "officer"))
		return take_person(c, value, ROLE_BIT(OFFICER));
	if (str_eq_c(key, "reviewer"))
		return take_person(c, value, ROLE_BIT(REVIEWER));
	if (str_eq_c(key, "custodian"))
		return take_custodian(c, value);
	return "Nyckeln finns inte. Se avstamp help init.";
}

bool answers_read(struct arena *a, const char *path, struct answers *ret)
{
	struct str text;
	enum err e = file_read(a, path, 65536, &text);
	if (e != OK) {
		warn_with("%s går inte att läsa, %s.", path, why_failed(e));
		return false;
	}
	for (int line = 1; text.n > 0; line++) {
		size_t n = str_find(text, '\n');
		struct str row = str_trim(str_cut(text, 0, n));
		text = str_cut(text, n < text.n ? n + 1 : n, text.n);
		if (row.n == 0 || row.p[0] == '#')
			continue;
		size_t at = str_find(row, '=');
		const char *wrong = at == row.n || !str_is_text(row) ? "Raden ska vara nyckel = värde."
			: take(a, ret, str_trim(str_cut(row, 0, at)), str_trim(str_cut(row, at + 1, row.n)));
		if (wrong) {
			warn_with("%s rad %d: %s", path, line, wrong);
			return false;
		}
	}
	return true;
}

/* ---- at the terminal --------------------------------------------------------------------------------------- */

static bool ask(struct arena *a, const char *question, struct str *ret)
{
	do {
		if (ask_line(a, question, ret) != OK)
			return false;
	} while (ret->n == 0);
	return true;
}

/* One of these letters, large or small; anything else is asked again. */
static bool ask_letter(struct arena *a, const char *question, const char *letters, char *ret)
{
	struct str s;
	while (ask(a, question, &s)) {
		char c = s.p[0] >= 'A' && s.p[0] <= 'Z' ? (char)(s.p[0] + ('a' - 'A')) : s.p[0];
		if (s.n == 1 && strchr(letters, c)) {
			*ret = c;
			return true;
		}
		fprintf(stderr, "Svara med %c eller %c.\n", letters[0], letters[1]);
	}
	return false;
}

static bool ask_phrase(struct arena *a, const char *whose, struct str *ret)
{
	struct str again;
	for (;;) {
		char question[96];
		snprintf(question, sizeof question, "Lösenfras för %s (minst %d tecken):", whose, PASSPHRASE_LEAST);
		if (ask_secret(a, question, ret) != OK || ask_secret(a, "En gång till:", &again) != OK)
			return false;
		if (str_eq(*ret, again) && str_points(again) >= PASSPHRASE_LEAST)
			return true;
		fputs("Lösenfraserna är inte lika, eller för korta. Försök igen.\n", stderr);
	}
}

/* Two people cannot log in by the same name: said at once, not when everything has been typed. */
static bool ask_login(struct arena *a, const struct first_controller *c, struct str *ret)
{
	while (ask(a, "Inloggningsnamn, till exempel anna:", ret)) {
		bool taken = false;
		for (size_t i = 0; i < c->n_people; i++)
			taken = taken || str_eq(c->people[i].login, *ret);
		if (!taken)
			return true;
		fputs("Inloggningsnamnet är upptaget. Välj ett annat.\n", stderr);
	}
	return false;
}

static bool ask_person(struct arena *a, struct first_controller *c, const char *what, uint64_t roles)
{
	struct first_person p = { .roles = roles, .with_code = true };
	fprintf(stderr, "\n%s\n", what);
	if (!ask(a, "Namn, till exempel Anna Exempel:", &p.name) || !ask(a, "Titel:", &p.title) || !ask_login(a, c, &p.login) ||
	    !ask_phrase(a, "kontot", &p.passphrase))
		return false;
	c->people[c->n_people++] = p;
	return true;
}

static bool ask_controller(struct arena *a, struct answers *w)
{
	static const char *const custodians[] = { "Den första förvaltaren av återställningsnycklar",
	                                          "Den andra förvaltaren", "Den tredje förvaltaren" };
	struct str name, code;
	char kind;
	if (!ask(a, "Myndighetens namn:", &name) || !ask_letter(a, "Socialtjänst eller polis? (s/p):", "sp", &kind))
		return false;
	struct first_controller *c = add_controller(a, w, name);
	if (!c)
		return false;
	c->kind = kind == 'p' ? CONTROLLER_POLICE : CONTROLLER_SOCIAL;
	while (c->kind == CONTROLLER_SOCIAL) {
		if (!ask(a, "Kommunens kod (fyra siffror):", &code))
			return false;
		if (read_code(code, &c->municipality) && c->municipality > 0)
			break;
		fputs("Skriv kommunens kod med fyra siffror, till exempel 9999.\n", stderr);
	}
	if (!ask_person(a, c, "Den första behörighetsansvariga", ROLE_BIT(OFFICER)) ||
	    !ask_person(a, c, "Den andra behörighetsansvariga", ROLE_BIT(OFFICER)) ||
	    !ask_person(a, c, "Granskaren av loggen", ROLE_BIT(REVIEWER)))
		return false;
	for (size_t i = 0; i < COUNT_OF(custodians); i++) {
		fprintf(stderr, "\n%s\n", custodians[i]);
		if (!ask(a, "Namn:", &c->custodians[i].name) || !ask_phrase(a, "nyckelfilen", &c->custodians[i].passphrase))
			return false;
	}
	return true;
}

bool answers_ask(struct arena *a, struct answers *ret)
{
	struct str folder;
	char more;
	do {
		if (!ask_controller(a, ret) || !ask_letter(a, "\nFinns en myndighet till, till exempel polisen? (j/n):", "jn", &more)) {
			warn_with("Svaren är inte kompletta. Ingenting har skapats.");
			return false;
		}
	} while (more == 'j' && ret->founding.n < ANSWER_CONTROLLERS);
	for (;;) {
		if (!ask(a, "Mapp för nyckelfilerna (till exempel ett USB-minne):", &folder)) {
			warn_with("Svaren är inte kompletta. Ingenting har skapats.");
			return false;
		}
		ret->keys_folder = arena_c(a, folder);
		if (!ret->keys_folder || file_exists(ret->keys_folder))
			return ret->keys_folder != NULL;
		fputs("Mappen finns inte. Skapa den i ett annat fönster, eller skriv en annan.\n", stderr);
	}
}

/* ---- checks ------------------------------------------------------------------------------------------------ */

static bool usable(struct str phrase)
{
	size_t n = phrase.p && str_is_text(phrase) ? str_points(phrase) : 0;
	return n >= PASSPHRASE_LEAST && n <= PASSPHRASE_MOST;
}

static bool check_controller(const struct first_controller *c)
{
	size_t officers = 0, reviewers = 0;
	for (size_t i = 0; i < c->n_people; i++) {
		const struct first_person *p = &c->people[i];
		officers += (p->roles & ROLE_BIT(OFFICER)) != 0;
		reviewers += (p->roles & ROLE_BIT(REVIEWER)) != 0;
		if (p->login.n == 0 || p->name.n == 0 || p->title.n == 0 || !usable(p->passphrase)) {
			warn_with("%.*s: varje person behöver inloggningsnamn, namn, titel och en lösenfras på 15 till 128 tecken.",
			          STR_FMT(c->name));
			return false;
		}
		for (size_t k = 0; k < i; k++) {
			if (str_eq(p->login, c->people[k].login)) {
				warn_with("%.*s: två personer har samma inloggningsnamn.", STR_FMT(c->name));
				return false;
			}
		}
	}
	if (officers < 2 || reviewers < 1) {
		warn_with("%.*s: två behörighetsansvariga och en granskare behövs.", STR_FMT(c->name));
		return false;
	}
	for (size_t i = 0; i < COUNT_OF(c->custodians); i++) {
		if (usable(c->custodians[i].passphrase) && c->custodians[i].name.n > 0)
			continue;
		warn_with("%.*s: tre förvaltare av återställningsnycklar behövs, var och en med namn och en lösenfras "
		          "på 15 till 128 tecken.", STR_FMT(c->name));
		return false;
	}
	return true;
}

bool answers_check(const struct answers *w)
{
	if (w->founding.n == 0) {
		warn_with("Svaren saknar myndighet. Se avstamp help init.");
		return false;
	}
	if (!w->keys_folder || !file_exists(w->keys_folder)) {
		warn_with("Mappen för nyckelfilerna (keys_folder) finns inte. Skapa den först.");
		return false;
	}
	for (size_t i = 0; i < w->founding.n; i++)
		if (!check_controller(&w->founding.controllers[i]))
			return false;
	return true;
}

/* main/user.c — `avstamp user`: accounts from the command line. */
#include "main/admin.h"
#include "main/house.h"
#include "main/print.h"
#include "sys/terminal.h"
#include <stdio.h>
#include <string.h>

struct user_options {
	const char *directory, *as, *login, *name, *title, *roles, *format;
	bool no_code;
};

static bool ask(struct arena *a, struct admin_request *r, const char *field, const char *question, bool secret)
{
	struct str answer;
	enum err e = secret ? ask_secret(a, question, &answer) : ask_line(a, question, &answer);
	if (e != OK) {
		warn_with("Svaret på frågan saknas. Kör i en terminal, eller skriv svaren på varsin rad i indata.");
		return false;
	}
	admin_set(r, field, answer);
	return true;
}

static void set_text(struct admin_request *r, const char *field, const char *value)
{
	if (value)
		admin_set(r, field, str_c(value));
}

static bool ask_new_phrase(struct arena *a, struct admin_request *r)
{
	struct str one, two;
	if (ask_secret(a, "Ny lösenfras (minst 15 tecken):", &one) != OK || ask_secret(a, "En gång till:", &two) != OK) {
		warn_with("Lösenfrasen saknas.");
		return false;
	}
	if (!str_eq(one, two)) {
		warn_with("Lösenfraserna är inte lika. Försök igen.");
		return false;
	}
	admin_set(r, "passphrase", one);
	return true;
}

static bool fill_request(struct arena *a, const struct user_options *o, const char *act, const char *who,
                         struct admin_request *r)
{
	set_text(r, "act", act);
	set_text(r, "login", o->login);
	if (strcmp(act, "enrol") == 0)
		return ask(a, r, "code", "Engångskod:", false) && ask_new_phrase(a, r);
	set_text(r, "as", o->as);
	set_text(r, "name", o->name);
	set_text(r, "title", o->title);
	set_text(r, "roles", o->roles);
	set_text(r, "user", who);
	return ask(a, r, "passphrase", "Din lösenfras:", true) &&
	       (o->no_code || ask(a, r, "totp", "Din engångskod (sex siffror):", false));
}

static int show(struct str answer, enum print_format f)
{
	size_t n = str_find(answer, '\n');
	struct str first = str_cut(answer, 0, n);
	if (!str_eq_c(first, "ok")) {
		struct str sentence = str_starts(first, STR("no ")) ? str_cut(first, 3, first.n) : STR("Inget svar kom.");
		return fail_with(EXIT_FAILED, "%.*s", STR_FMT(sentence));
	}
	print_table(str_cut(answer, n + 1, answer.n), f);
	return EXIT_WELL;
}

/* To a running serve when there is one, else with a vault of our own under the lock. */
static bool answer_of(struct house *h, const char *directory, const struct admin_request *r, struct str *ret)
{
	enum err e = admin_ask(h->arena, h->directory.c, admin_encode(h->arena, r), ret);
	if (e == OK)
		return true;
	if (e != ERR_NOT_FOUND) {
		warn_with("Tjänsten svarar inte på %s/run/admin.sock, %s.", h->directory.c, why_failed(e));
		return false;
	}
	(void)directory;
	if (!house_lock(h, 0) || !house_store(h, false) || !house_vault(h) || !house_flow(h))
		return false;
	*ret = admin_run(h->flow, h->arena, r);
	return true;
}

static int use(const char *sentence)
{
	return fail_with(EXIT_USE, "%s Se avstamp help user.", sentence);
}

static int run(int argc, char **argv)
{
	static const char *const acts[] = { "list", "add", "disable", "enrol", "certify", "grant" };
	struct user_options o = { 0 };
	const struct option_row rows[] = {
		{ .name = "--dir", .text = &o.directory }, { .name = "--as", .text = &o.as },
		{ .name = "--login", .text = &o.login }, { .name = "--name", .text = &o.name },
		{ .name = "--title", .text = &o.title }, { .name = "--roles", .text = &o.roles },
		{ .name = "--format", .text = &o.format }, { .name = "--no-code", .flag = &o.no_code },
	};
	const char *rest[2] = { NULL, NULL };
	size_t n = 0;
	enum print_format format;
	if (!options_read(argc, argv, rows, COUNT_OF(rows), rest, 2, &n))
		return EXIT_USE;
	if (!print_format_parse(o.format, &format))
		return use("--format ska vara text, json eller csv.");
	bool known = false;
	for (size_t i = 0; n > 0 && i < COUNT_OF(acts); i++)
		known = known || strcmp(rest[0], acts[i]) == 0;
	if (!known)
		return use("Ange list, add, disable, enrol, certify eller grant.");
	if (strcmp(rest[0], "enrol") == 0 ? !o.login : !o.as)
		return use(o.login || strcmp(rest[0], "enrol") == 0 ? "--login NAMN saknas." : "--as NAMN saknas: vem är du?");
	_cleanup_(house_closep) struct house h = { .lock_fd = -1 };
	static struct admin_request r;
	struct str answer;
	if (!house_settings(&h, o.directory))
		return o.directory ? EXIT_FAILED : EXIT_USE;
	if (!fill_request(h.arena, &o, rest[0], rest[1], &r) || !answer_of(&h, o.directory, &r, &answer))
		return EXIT_FAILED;
	return show(answer, format);
}

const struct verb verb_user = {
	.name = "user", .run = run, .line = "konton: lista, bjud in, intyga, ge nycklar, stäng",
	.help =
		"avstamp user list    --dir KATALOG --as NAMN [--format text|json|csv]\n"
		"avstamp user add     --dir KATALOG --as NAMN --login NAMN --name NAMN --title TITEL --roles ROLLER\n"
		"avstamp user enrol   --dir KATALOG --login NAMN\n"
		"avstamp user certify KONTO --dir KATALOG --as NAMN\n"
		"avstamp user grant   KONTO --dir KATALOG --as NAMN\n"
		"avstamp user disable KONTO --dir KATALOG --as NAMN\n\n"
		"Körs tjänsten, görs allt genom den (run/admin.sock); annars startas ett eget valv så länge.\n"
		"Du loggar in som dig själv: lösenfrasen och engångskoden frågas i terminalen, eller läses från\n"
		"indata, en på varje rad. Allt du gör står i loggen.\n\n"
		"  list      visar konton och hur långt de kommit\n"
		"  add       bjuder in en person; engångskoden visas en gång och gäller i 72 timmar\n"
		"  enrol     den inbjudna sätter sin lösenfras; hemligheten till engångskoderna visas en gång\n"
		"  certify   en behörighetsansvarig intygar kontot; båda måste göra det\n"
		"  grant     den som har en tjänstegrens nycklar ger dem till kontot\n"
		"  disable   stänger kontot; den som är ensam om en nyckel går inte att stänga\n\n"
		"  --as NAMN      ditt inloggningsnamn\n"
		"  --no-code      fråga inte efter engångskod (demo)\n"
		"  --roles        en eller flera med komma: coordinator, social_worker, police, manager,\n"
		"                 enrolment_officer, reviewer, administrator\n"
		"  KONTO          id från user list, eller hela namnet\n",
};

/* bench/fill.c — a made-up directory of N cases with the same number of notes each, for measuring.
 *
 *     fill DIRECTORY CASES NOTES
 *
 * Users are CASES / 40, in teams of three: each case has an officer, a second and a third member, so a user holds 120
 * cases. Besides there are four pairs of users who hold 40 cases each. Beside the directory stands DIRECTORY.cases: a
 * first line `users N`, then a line a case with the officer's number, id, code and personal number; DIRECTORY.pairs is
 * the same for the pairs. Everything is made up: birth numbers are 980 to 989. */
#include "main/filling.h"
#include "main/play.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_A_USER 40
#define TEAM_OF 3
#define PAIRS 4
#define AT_ONCE 40              /* in the founding; the others are given their keys by a colleague */
#define SECONDS_A_CASE 5
#define NOTE_CHARACTERS 470     /* as in the limit program and in the raw text that disk is compared with */

struct bench {
	struct house house;
	struct founding founding;
	struct play play;
	size_t cases, notes, users; /* the pairs come after the users */
	FILE *list, *pairs;
	char note[NOTE_CHARACTERS + 1];
};

static struct first_person person(struct arena *a, const char *what, size_t i, uint64_t roles)
{
	return (struct first_person){ .login = arena_format(a, "%s%zu", what, i), .name = arena_format(a, "Påhittad %s %zu", what, i),
	                              .title = STR("påhittad"), .passphrase = arena_format(a, "%s%zu-visar-avstamp", what, i),
	                              .roles = roles, .later = i >= AT_ONCE };
}

static bool staff(struct arena *a, struct first_controller *c, const char *prefix, size_t users, uint64_t roles)
{
	c->people = ARENA_ARRAY(a, struct first_person, users + 3);
	if (!c->people)
		return false;
	for (size_t i = 0; i < users; i++)
		c->people[c->n_people++] = person(a, arena_c(a, str_c(prefix)), i, roles);
	for (size_t i = 0; i < 2; i++)
		c->people[c->n_people++] = person(a, arena_c(a, arena_format(a, "%s-behorig", prefix)), i, ROLE_BIT(OFFICER));
	c->people[c->n_people++] = person(a, arena_c(a, arena_format(a, "%s-granskare", prefix)), 0, ROLE_BIT(REVIEWER));
	for (size_t k = 0; k < COUNT_OF(c->custodians); k++)
		c->custodians[k] = (struct first_custodian){ .name = STR("Påhittad förvaltare"), .passphrase = STR("påhittad-förvaltare") };
	return !arena_is_full(a);
}

static bool cast(struct bench *b)
{
	struct arena *a = b->house.arena;
	struct founding *f = &b->founding;
	f->controllers = ARENA_ARRAY(a, struct first_controller, 2);
	if (!f->controllers)
		return false;
	f->n = 2;
	f->simulated = true;
	f->controllers[0] = (struct first_controller){ .name = STR("Socialnämnden i Exempelköping"), .kind = CONTROLLER_SOCIAL,
	                                               .municipality = 9999 };
	f->controllers[1] = (struct first_controller){ .name = STR("Polisen, område Exempel"), .kind = CONTROLLER_POLICE };
	return staff(a, &f->controllers[0], "anna", b->users + 2 * PAIRS, ROLE_BIT(COORDINATOR) | ROLE_BIT(SOCIAL_WORKER)) &&
	       staff(a, &f->controllers[1], "polis", 2, ROLE_BIT(POLICE));
}

/* Different for each case up to 104 160 of them. */
static void number_of(size_t i, char ret[13])
{
	int sum = 0;
	size_t year = 1975 + i / 3360 % 31, month = 1 + i / 280 % 12, day = 1 + i / 10 % 28;
	(void)snprintf(ret, 13, "%04u%02u%02u98%u0", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
	               (unsigned)(i % 10));
	for (int k = 0; k < 9; k++) {
		int d = (ret[2 + k] - '0') * (k % 2 == 0 ? 2 : 1);
		sum += d > 9 ? d - 9 : d;
	}
	ret[11] = (char)('0' + (10 - sum % 10) % 10);
}

static bool register_case(struct bench *b, FILE *list, size_t i, size_t officer, struct id16 *ret)
{
	char number[13], name[32], alias[32];
	number_of(i, number);
	(void)snprintf(name, sizeof name, "Påhittad %zu", i);
	(void)snprintf(alias, sizeof alias, "Udden %zu", i);
	struct play_act act = { .who = officer, .command = CMD_REGISTER_INTAKE,
	                        .fields = "source=person|channel=phone|safe_way=Ring mellan 10 och 12.|name={a}|alias={b}|"
	                                  "id_kind=personal_number|number={c}|municipality=Exempelköping|danger=no",
	                        .text = { str_c(name), str_c(alias), str_c(number) } };
	if (!play_do(&b->play, &act, ret))
		return false;
	char hex[ID_HEX];
	id_hex(*ret, hex);
	struct str code = case_code_str(b->play.scratch, *ret);
	return fprintf(list, "%zu %.*s %.*s %s\n", officer, ID_HEX, hex, STR_FMT(code), number) > 0;
}

static bool write_notes(struct bench *b, size_t officer, struct id16 id)
{
	struct play_act note = { .who = officer, .command = CMD_NOTE, .case_id = id,
	                         .fields = "kind=contact|source=person|said={a}", .text = { str_c(b->note) } };
	for (size_t k = 0; k < b->notes; k++)
		if (!play_do(&b->play, &note, NULL))
			return false;
	return true;
}

static bool add_third(struct bench *b, size_t officer, struct id16 id, struct id16 third)
{
	struct session s;
	struct act_result r = { .saved = false };
	enum err e = flow_grant(b->house.flow, b->play.scratch, &b->play.players[officer].cookie, id, third, ROLE_COORDINATOR, &s, &r);
	arena_reset(b->play.scratch);
	return e == OK || founding_said(e, "En tredje medlem gick inte att lägga till");
}

static bool one_case(struct bench *b, size_t i)
{
	struct play *p = &b->play;
	size_t officer = i * b->users / b->cases;
	struct id16 id;
	if (!play_clock(p, (struct instant){ p->now.us + SECONDS_A_CASE * INT64_C(1000000) }) || !register_case(b, b->list, i, officer, &id))
		return false;
	struct play_act take = { .who = officer, .command = CMD_TAKE_CASE, .case_id = id, .fields = "officer={me}|second={second}",
	                         .second = p->players[(officer + 1) % b->users].user };
	return play_do(p, &take, NULL) && add_third(b, officer, id, p->players[(officer + 2) % b->users].user) &&
	       write_notes(b, officer, id);
}

/* A case of two who have no others than such. */
static bool one_of_a_pair(struct bench *b, size_t pair, size_t i)
{
	struct play *p = &b->play;
	size_t officer = b->users + 2 * pair;
	struct id16 id;
	if (!play_clock(p, (struct instant){ p->now.us + SECONDS_A_CASE * INT64_C(1000000) }) ||
	    !register_case(b, b->pairs, b->cases + pair * CASES_A_USER + i, officer + i / (CASES_A_USER / 2), &id))
		return false;
	struct play_act take = { .who = officer + i / (CASES_A_USER / 2), .command = CMD_TAKE_CASE, .case_id = id, .fields = "officer={me}|second={second}",
	                         .second = p->players[officer + 1 - i / (CASES_A_USER / 2)].user };
	return play_do(p, &take, NULL);
}

static bool all_pairs(struct bench *b)
{
	for (size_t pair = 0; pair < PAIRS; pair++)
		for (size_t i = 0; i < CASES_A_USER; i++)
			if (!one_of_a_pair(b, pair, i))
				return false;
	return true;
}

static bool give_keys(struct bench *b)
{
	const struct first_controller *c = &b->founding.controllers[0];
	for (size_t k = 0; k < c->n_people; k++)
		if (c->people[k].later && !play_give_keys(&b->play, 0, c->people[k].user))
			return false;
	return true;
}

static bool fill(void *ctx, const char *path)
{
	struct bench *b = ctx;
	struct house *h = &b->house;
	struct conf conf = conf_standard();
	conf.walls = "best-effort";
	h->demo = true;
	h->arena = arena_new((128u << 20) + b->users * 65536);
	b->founding.begin = (struct instant){ real_time().us - (int64_t)((b->cases + PAIRS * CASES_A_USER) * SECONDS_A_CASE + 3600) * 1000000 };
	if (!h->arena || !founding_directory(h, path, &conf) || !cast(b) || !founding_run(h, &b->founding) || !house_flow(h) ||
	    !play_begin(&b->play, h, &b->founding) || !give_keys(b))
		return false;
	bool good = fprintf(b->list, "users %zu\n", b->users) > 0 && fprintf(b->pairs, "users %zu\n", b->users + 2 * PAIRS) > 0;
	good = good && all_pairs(b);
	for (size_t i = 0; good && i < b->cases; i++) {
		good = one_case(b, i);
		progress_show("Ärenden", i + 1, b->cases);
	}
	progress_end();
	play_end(&b->play);
	house_close(h);
	return good && fflush(b->list) == 0 && fflush(b->pairs) == 0;
}

/* Words of a language-like length, so that nothing compresses and every line breaks as usual. */
static void make_note(char text[static NOTE_CHARACTERS + 1])
{
	static const char words[] = "ring boende torsdag samtal stabilt vecka arbete vill komma ";
	for (size_t i = 0; i < NOTE_CHARACTERS; i++)
		text[i] = words[i % (sizeof words - 1)];
	memcpy(text, "Bench", 5);
	text[NOTE_CHARACTERS - 1] = '.';
	text[NOTE_CHARACTERS] = 0;
}

int main(int argc, char **argv)
{
	static struct bench b = { .house = { .lock_fd = -1 } };
	char list[2048];
	if (argc != 4 || snprintf(list, sizeof list, "%s.cases", argv[1]) >= (int)sizeof list) {
		(void)fputs("fill DIRECTORY CASES NOTES\n", stderr);
		return 64;
	}
	b.cases = strtoul(argv[2], NULL, 10);
	b.notes = strtoul(argv[3], NULL, 10);
	b.users = b.cases / CASES_A_USER < TEAM_OF ? TEAM_OF : b.cases / CASES_A_USER;
	make_note(b.note);
	b.list = fopen(list, "we");
	(void)memcpy(list + strlen(list) - 5, "pairs", 5);
	b.pairs = fopen(list, "we");
	if (b.list == NULL || b.pairs == NULL) {
		perror(list);
		return 1;
	}
	bool good = filling_run(argv[1], fill, &b);
	(void)fclose(b.list);
	(void)fclose(b.pairs);
	return good ? 0 : 1;
}

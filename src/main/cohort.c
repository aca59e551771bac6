/* main/cohort.c — draws made-up lives from a seed. */
#include "main/cohort.h"
#include <stdio.h>
#include <string.h>

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define WEEKENDS_US (6 * DAY_US) /* holidays and weekends that a begin on another weekday may add */

/* SplitMix64: public domain constants, the same on every machine. */
uint64_t random_next(struct random_source *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t random_below(struct random_source *r, uint32_t n)
{
	return (uint32_t)(((random_next(r) >> 32) * n) >> 32);
}

/* ---- who ------------------------------------------------------------------------------------------------------- */

static const char *const first_names[] = {
	"Ada", "Arvid", "Bea", "Björn", "Dag", "Dino", "Edit", "Elvis", "Farid", "Freja", "Gun", "Hassan", "Hilda", "Idun",
	"Ivar", "Jasmin", "Kaj", "Leila", "Loke", "Milo", "Nadja", "Noa", "Olle", "Pim", "Rut", "Sami", "Sixten", "Tova",
	"Ulla", "Viggo", "Ylva", "Åke", "Örjan", "Östen",
};
static const char *const last_names[] = {
	"Påhittad", "Exempelsson", "Fiktiv", "Övning", "Provsson", "Låtsas", "Demosson", "Sagolik", "Testander", "Mallgren",
};
static const char *const words[] = {
	"Björken", "Kompassen", "Fyren", "Stigen", "Bron", "Hamnen", "Åsen", "Ängen", "Källan", "Dalen", "Ön", "Udden",
	"Viken", "Näset", "Lunden", "Höjden", "Forsen", "Sjön", "Tallen", "Rönnen", "Linden", "Granen", "Eken", "Älven",
};
static const char *const sources[] = { "police", "person", "probation", "social_services", "relative", "outreach",
                                       "civil_society", "person_and_probation" };
static const char *const channels[] = { "phone", "phone", "meeting", "visit", "email", "outreach" };
static const char *const dangers[] = { "no", "unknown", "yes", "no" };
static const char *const towns[] = { "Exempelköping", "Övningsås", "Provstad", "Låtsashamn" };

static struct str pick(struct random_source *r, const char *const *list, size_t n)
{
	return str_c(list[random_below(r, (uint32_t)n)]);
}
#define PICK(r, list) pick((r), (list), COUNT_OF(list))

/* The check digit of folkbokföringslagen 18 §: every other digit doubled, from the first of ten. */
static char check_digit(const char ten[9])
{
	int sum = 0;
	for (int i = 0; i < 9; i++) {
		int d = (ten[i] - '0') * (i % 2 == 0 ? 2 : 1);
		sum += d > 9 ? d - 9 : d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

static struct str made_up_number(struct arena *a, struct random_source *r)
{
	char n[14];
	unsigned year = 1975 + random_below(r, 31), month = 1 + random_below(r, 12), day = 1 + random_below(r, 28);
	snprintf(n, sizeof n, "%04u%02u%02u98%u", year % 10000, month % 100, day % 100, random_below(r, 10) % 10);
	n[11] = check_digit(n + 2);
	n[12] = '\0';
	return arena_str(a, str_c(n));
}

static void draw_person(struct arena *a, struct random_source *r, size_t i, struct life *l)
{
	struct str first = PICK(r, first_names), last = PICK(r, last_names);
	l->name = arena_format(a, "%.*s %.*s", STR_FMT(first), STR_FMT(last));
	l->alias = i < COUNT_OF(words) ? str_c(words[i])
	                               : arena_format(a, "%s %zu", words[i % COUNT_OF(words)], i / COUNT_OF(words) + 1);
	l->number = made_up_number(a, r);
	l->source = PICK(r, sources);
	l->channel = PICK(r, channels);
	l->danger = PICK(r, dangers);
	l->town = PICK(r, towns);
}

/* ---- what, by quota --------------------------------------------------------------------------------------------- */

/* A shuffled list in which exactly `yes` of n are true. */
static bool *quota(struct arena *a, struct random_source *r, size_t n, size_t yes)
{
	bool *list = ARENA_ARRAY(a, bool, n + 1);
	for (size_t i = 0; list && i < n; i++)
		list[i] = i < yes;
	for (size_t i = n; list && i > 1; i--) {
		size_t k = random_below(r, (uint32_t)i);
		bool t = list[i - 1];
		list[i - 1] = list[k];
		list[k] = t;
	}
	return list;
}

/* Percent of lives that stand at each stage at the end of the time. */
static const unsigned stage_percent[STAGE_COUNT] = { 5, 6, 9, 7, 6, 6, 6, 55 };

static enum stage *draw_stages(struct arena *a, struct random_source *r, size_t n)
{
	enum stage *list = ARENA_ARRAY(a, enum stage, n + 1);
	size_t at = 0, percent = 0;
	for (int s = 0; list && s < STAGE_COUNT; s++) {
		percent += stage_percent[s];
		while (at < n * percent / 100)
			list[at++] = (enum stage)s;
	}
	for (size_t i = n; list && i > 1; i--) {
		size_t k = random_below(r, (uint32_t)i);
		enum stage t = list[i - 1];
		list[i - 1] = list[k];
		list[k] = t;
	}
	return list;
}

static size_t agreed_of(const enum stage *stages, size_t n)
{
	size_t agreed = 0;
	for (size_t i = 0; i < n; i++)
		agreed += stages[i] == STAGE_AGREED;
	return agreed;
}

/* Lives that go far must begin early enough to get there. */
static struct instant draw_begin(struct random_source *r, const struct cohort_wish *w, const struct life *l)
{
	int64_t needed = story_length(l) + WEEKENDS_US;
	int64_t room = w->until.us - w->from.us - needed;
	uint64_t drawn = random_next(r) >> 11;
	if (room <= 0)
		return w->from;
	if (w->end_now)
		return (struct instant){ w->from.us + room };
	return (struct instant){ w->from.us + (int64_t)((double)drawn / 9007199254740992.0 * (double)room) };
}

bool cohort_draw(struct arena *a, const struct cohort_wish *w, struct life **ret)
{
	struct random_source r = { w->seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	size_t n = w->cases, relocated = 0;
	struct life *lives = ARENA_ARRAY(a, struct life, n + 1);
	bool *acute = quota(a, &r, n, (n + 1) / 2);
	const enum stage *stages = w->stages ? w->stages : draw_stages(a, &r, n);
	if (!lives || !acute || !stages)
		return false;
	size_t agreed = agreed_of(stages, n);
	bool *relocation = quota(a, &r, agreed, (agreed * 7 + 5) / 10);
	if (!relocation)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct life *l = &lives[i];
		draw_person(a, &r, i, l);
		l->stage = stages[i];
		l->acute = l->acute_housing = acute[i];
		l->relocation = stages[i] == STAGE_AGREED && relocation[relocated++];
		l->acute_ended = l->acute && stages[i] == STAGE_AGREED;
		l->coordinator = w->coordinators[i % w->n_coordinators];
		l->second = w->seconds[i % w->n_seconds];
		l->police = w->police[i % w->n_police];
		l->notes = w->notes;
		l->seed = random_next(&r);
		l->begin = draw_begin(&r, w, l);
	}
	*ret = lives;
	return !arena_is_full(a);
}

void cohort_print(const struct life *lives, size_t n, const struct play *p)
{
	size_t housing = 0, agreed = 0, relocation = 0;
	for (size_t i = 0; i < n; i++) {
		housing += lives[i].acute_housing;
		agreed += lives[i].stage == STAGE_AGREED;
		relocation += lives[i].relocation;
	}
	printf("%zu ärenden, %llu händelser. Akut boende i %zu, överenskommen plan i %zu, flytt till annan ort i %zu av dem.\n",
	       n, (unsigned long long)p->acts, housing, agreed, relocation);
}

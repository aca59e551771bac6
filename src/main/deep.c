/* main/deep.c — opens each of a member's cases twice: by its derived rows, and by all of its events. */
#include "main/deep.h"
#include "main/house.h"
#include <stdio.h>

#define CASE_ARENA (size_t)(64 << 20)
#define COMPARTMENTS 32

struct deep {
	struct house house;
	struct session session;
	uint64_t cases, wrong;
};

static bool log_in(struct deep *d, const char *login)
{
	struct login_wish w = { .user = str_c(login), .totp = STR("") };
	if (ask_secret(d->house.arena, "Din lösenfras:", &w.passphrase) != OK ||
	    ask_line(d->house.arena, "Din engångskod (tom i demon):", &w.totp) != OK) {
		warn_with("Lösenfrasen och engångskoden saknas. Skriv dem på varsin rad.");
		return false;
	}
	enum err e = flow_login(d->house.flow, d->house.arena, &w, &d->session);
	if (e != OK)
		warn_with("%s", err_text(e));
	return e == OK;
}

static enum err open_case(struct deep *d, struct arena *a, struct id16 case_id, bool whole, struct opened_case *ret)
{
	struct open_wish w = { .case_id = case_id, .purpose = PURPOSE_UPKEEP, .act = STR("verify_deep"), .reason = STR(""),
	                       .as_of = whole ? day_add(instant_day(d->session.now), 36525) : DAY_UNSET };
	return flow_open(d->house.flow, a, &d->session.cookie, &w, &d->session, ret);
}

static bool same_state(struct arena *a, const struct opened_case *derived, const struct opened_case *folded)
{
	for (uint16_t c = 0; c < COMPARTMENTS; c++) {
		if (!(derived->held & (UINT32_C(1) << c)))
			continue;
		if (!str_eq(snapshot_encode(a, derived->state, c), snapshot_encode(a, folded->state, c)))
			return false;
	}
	return derived->held == folded->held;
}

/* The summary is written by whoever saved last, from the compartments that person held; only what every member
 * sees the same way is compared: phase, acute, threat, danger and plan. */
static bool same_summary(const struct summary *stored, const struct summary *folded)
{
	return str_eq(stored->alias, folded->alias) && stored->phase == folded->phase && stored->acute == folded->acute &&
	       stored->threat == folded->threat && stored->danger_reported == folded->danger_reported &&
	       stored->plan_agreed == folded->plan_agreed;
}

static enum err check_case(struct deep *d, const struct my_case *c)
{
	_cleanup_(arena_freep) struct arena *a = arena_new(CASE_ARENA);
	struct opened_case derived, folded;
	enum err e;
	if (!a)
		return ERR_FULL;
	if ((e = open_case(d, a, c->case_id, false, &derived)) != OK || (e = open_case(d, a, c->case_id, true, &folded)) != OK)
		return e;
	d->cases++;
	bool summary = same_summary(&c->summary, &folded.summary);
	bool state = same_state(a, &derived, &folded);
	if (arena_is_full(a))
		return ERR_FULL;
	if (summary && state)
		return OK;
	d->wrong++;
	struct str code = case_code_str(a, c->case_id);
	printf("%.*s: %s är inte det som händelserna ger.\n", STR_FMT(code), summary ? "mellanläget" : "sammanfattningen");
	return OK;
}

static int check_all(struct deep *d)
{
	struct my_case *cases;
	size_t n;
	bool more = false;
	enum err e = flow_my_cases(d->house.flow, d->house.arena, &d->session.cookie, &d->session, &cases, &n, &more);
	for (size_t i = 0; e == OK && i < n; i++) {
		e = check_case(d, &cases[i]);
		progress_show("Prövar ärenden", i + 1, n);
	}
	progress_end();
	(void)!flow_logout(d->house.flow, d->house.arena, &d->session.cookie);
	if (e != OK)
		return fail_with(EXIT_FAILED, "Ett ärende går inte att öppna (%s).", err_name(e));
	if (more)
		printf("Kontot har fler ärenden än som får plats i en lista. De egna prövades först.\n");
	printf("%llu ärenden prövade, %llu stämmer inte.\n", (unsigned long long)d->cases, (unsigned long long)d->wrong);
	return d->wrong > 0 ? 1 : EXIT_WELL;
}

int deep_run(const char *directory, const char *login)
{
	struct deep d = { .house = { .lock_fd = -1 } };
	int code = EXIT_FAILED;
	if (house_open(&d.house, directory, HOUSE_LOCK | HOUSE_STORE | HOUSE_VAULT | HOUSE_FLOW) && log_in(&d, login))
		code = check_all(&d);
	house_close(&d.house);
	return code;
}

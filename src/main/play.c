/* main/play.c — fills in an act's fields and sends it through flow. */
#include "main/play.h"
#include "core/state.h"
#include <string.h>

#define FIELDS_MAX 24
#define VALUE_MAX 4096
#define FRESH_MS 240000 /* less than the five idle minutes after which a session locks */
#define SCRATCH (size_t)(96 << 20)

bool play_begin(struct play *p, struct house *h, const struct founding *f)
{
	size_t n = 0;
	*p = (struct play){ .house = h, .now = f->begin, .logged_in = running_ms() };
	for (size_t i = 0; i < f->n; i++)
		n += f->controllers[i].n_people;
	p->scratch = arena_new(SCRATCH);
	p->players = ARENA_ARRAY(h->arena, struct player, n);
	if (!p->scratch || !p->players) {
		warn_with("Minnet räcker inte.");
		return false;
	}
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->controllers[i].n_people; k++) {
			const struct first_person *one = &f->controllers[i].people[k];
			p->players[p->n_players++] = (struct player){ .user = one->user, .login = one->login,
			                                              .passphrase = one->passphrase };
		}
	return true;
}

void play_end(struct play *p)
{
	arena_free(p->scratch);
	p->scratch = NULL;
}

bool play_clock(struct play *p, struct instant t)
{
	if (t.us <= p->now.us)
		return true;
	struct vault_tick say = { .now = t };
	enum err e = vault_tick(p->house->vault, &say);
	if (e != OK) {
		warn_with("Den simulerade klockan gick inte att ställa (%s).", err_name(e));
		return false;
	}
	p->now = t;
	return true;
}

/* ---- values -------------------------------------------------------------------------------------------------- */

struct filling {
	struct play *p;
	const struct play_act *act;
	struct id16 inquiry;
};

static void put_id(struct buf *b, struct id16 id)
{
	char hex[ID_HEX];
	id_hex(id, hex);
	buf_add(b, hex, sizeof hex);
}

static int read_days(struct str digits)
{
	int n = 0;
	for (size_t i = 0; i < digits.n && i < 4; i++)
		n = n * 10 + (digits.p[i] - '0');
	return n;
}

static bool put_word(struct filling *f, struct buf *b, struct str word)
{
	const struct play_act *act = f->act;
	if (str_eq_c(word, "me"))
		put_id(b, f->p->players[act->who].user);
	else if (str_eq_c(word, "second"))
		put_id(b, act->second);
	else if (str_eq_c(word, "lead"))
		put_id(b, act->lead);
	else if (str_eq_c(word, "deputy"))
		put_id(b, act->deputy);
	else if (str_eq_c(word, "inquiry"))
		put_id(b, f->inquiry);
	else if (str_starts(word, STR("day+")))
		buf_str(b, day_iso(f->p->scratch, day_add(instant_day(f->p->now), read_days(str_cut(word, 4, word.n)))));
	else if (word.n == 1 && word.p[0] >= 'a' && word.p[0] < 'a' + PLAY_TEXTS)
		buf_str(b, act->text[word.p[0] - 'a']);
	else
		return false;
	return true;
}

static bool fill_value(struct filling *f, struct str pattern, struct str *ret)
{
	struct buf b = buf_new(f->p->scratch, VALUE_MAX);
	while (pattern.n > 0) {
		size_t open = str_find(pattern, '{');
		buf_str(&b, str_cut(pattern, 0, open));
		if (open == pattern.n)
			break;
		pattern = str_cut(pattern, open + 1, pattern.n);
		size_t close = str_find(pattern, '}');
		if (close == pattern.n || !put_word(f, &b, str_cut(pattern, 0, close)))
			return false;
		pattern = str_cut(pattern, close + 1, pattern.n);
	}
	*ret = buf_view(&b);
	return !buf_is_full(&b);
}

static bool fill_fields(struct filling *f, struct field_value *values, size_t *ret_n)
{
	struct str rest = str_c(f->act->fields ? f->act->fields : "");
	size_t n = 0;
	while (rest.n > 0 && n < FIELDS_MAX) {
		size_t end = str_find(rest, '|');
		struct str pair = str_cut(rest, 0, end);
		rest = str_cut(rest, end < rest.n ? end + 1 : end, rest.n);
		size_t at = str_find(pair, '=');
		struct str value;
		if (!fill_value(f, str_cut(pair, at + 1, pair.n), &value))
			return false;
		if (value.n > 0)
			values[n++] = (struct field_value){ arena_c(f->p->scratch, str_cut(pair, 0, at)), value };
	}
	*ret_n = n;
	return rest.n == 0;
}

/* ---- acts ---------------------------------------------------------------------------------------------------- */

static bool log_in(struct play *p, size_t who)
{
	struct player *one = &p->players[who];
	struct login_wish w = { .user = one->login, .passphrase = one->passphrase, .totp = STR("") };
	struct session s;
	if (one->in)
		return true;
	enum err e = flow_login(p->house->flow, p->scratch, &w, &s);
	if (e != OK) {
		warn_with("En påhittad person kan inte logga in (%s).", err_name(e));
		return false;
	}
	one->cookie = s.cookie;
	one->in = true;
	return true;
}

/* Only an act that names an investigation has to look first; nobody else acts meanwhile, so nothing can move. */
static bool find_inquiry(struct play *p, const struct play_act *act, struct filling *f)
{
	struct open_wish w = { .case_id = act->case_id, .purpose = PURPOSE_CASE_WORK, .act = STR("simulate"),
	                       .reason = STR(""), .limit = 1 };
	struct opened_case o;
	struct session s;
	enum err e = flow_open(p->house->flow, p->scratch, &p->players[act->who].cookie, &w, &s, &o);
	if (e != OK) {
		warn_with("Ett påhittat ärende går inte att öppna (%s).", err_name(e));
		return false;
	}
	if (o.state->n_investigations > 0)
		f->inquiry = o.state->investigations[o.state->n_investigations - 1].id;
	return true;
}

static void say_refused(const struct play_act *act, const struct act_result *r, enum err e)
{
	const char *name = command_row(act->command)->name;
	if (e != OK)
		warn_with("Påhittad händelse %s: %s.", name, err_name(e));
	else if (r->n_errors > 0)
		warn_with("Påhittad händelse %s: fältet %s: %.*s", name, r->errors[0].field, STR_FMT(r->errors[0].text));
	else if (r->conflict)
		warn_with("Påhittad händelse %s: någon annan hann före.", name);
	else
		warn_with("Påhittad händelse %s: nekad av regeln %s.", name, refusal_row(r->refusal.id)->rule);
}

static bool act_once(struct play *p, const struct play_act *act, struct id16 *ret_case)
{
	struct filling f = { .p = p, .act = act };
	struct field_value values[FIELDS_MAX];
	struct act_wish w = { .case_id = act->case_id, .command = act->command, .on = STR_UNSET, .token = STR(""),
	                      .values = values, .act = STR("simulate") };
	struct session s;
	struct act_result r = { .saved = false };
	if (act->fields && strstr(act->fields, "{inquiry}") && !find_inquiry(p, act, &f))
		return false;
	if (!fill_fields(&f, values, &w.n_values)) {
		warn_with("Påhittad händelse %s: fälten är fel skrivna.", command_row(act->command)->name);
		return false;
	}
	enum err e = flow_act(p->house->flow, p->scratch, &p->players[act->who].cookie, &w, &s, &r);
	if (e != OK || !r.saved) {
		say_refused(act, &r, e);
		return false;
	}
	*ret_case = r.case_id;
	p->acts++;
	return true;
}

/* The story's clock may stand still for longer than a session lives on the machine's. */
static void keep_in(struct play *p)
{
	int64_t now = running_ms();
	if (now - p->logged_in > FRESH_MS) {
		for (size_t i = 0; i < p->n_players; i++)
			p->players[i].in = false;
		p->logged_in = now;
	}
}

bool play_do(struct play *p, const struct play_act *act, struct id16 *ret_case)
{
	struct id16 case_id = { { 0 } };
	keep_in(p);
	bool good = log_in(p, act->who) && act_once(p, act, &case_id);
	arena_reset(p->scratch);
	if (good && ret_case)
		*ret_case = case_id;
	return good;
}

static bool accept_one(struct play *p, size_t who, enum package_kind kind, struct id16 *ret_case)
{
	const struct cookie_secret *c = &p->players[who].cookie;
	struct inbox_item *items;
	size_t n;
	struct session s;
	struct act_result r = { .saved = false };
	enum err e = flow_inbox(p->house->flow, p->scratch, c, &s, &items, &n);
	const struct inbox_item *oldest = NULL;
	for (size_t i = 0; e == OK && i < n; i++)
		if (items[i].kind == kind && (!oldest || items[i].sent.us < oldest->sent.us))
			oldest = &items[i];
	if (e == OK && !oldest)
		e = ERR_NOT_FOUND;
	if (e == OK)
		e = flow_accept(p->house->flow, p->scratch, c, oldest->deposit_id, true, STR(""), &s, &r);
	if (e != OK || !r.saved) {
		warn_with("Ett påhittat paket gick inte att ta emot (%s).", e != OK ? err_name(e) : "nekat");
		return false;
	}
	*ret_case = r.case_id;
	p->acts++;
	return true;
}

bool play_accept(struct play *p, size_t who, enum package_kind kind, struct id16 *ret_case)
{
	struct id16 case_id = { { 0 } };
	keep_in(p);
	bool good = log_in(p, who) && accept_one(p, who, kind, &case_id);
	arena_reset(p->scratch);
	if (good)
		*ret_case = case_id;
	return good;
}

bool play_give_keys(struct play *p, size_t who, struct id16 to)
{
	struct session s;
	keep_in(p);
	bool good = log_in(p, who);
	enum err e = good ? flow_grant_standing(p->house->flow, p->scratch, &p->players[who].cookie, to, &s) : OK;
	if (e != OK)
		warn_with("En påhittad person fick inga nycklar (%s).", err_name(e));
	arena_reset(p->scratch);
	return good && e == OK;
}

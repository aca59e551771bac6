/* vault/index.c — the blind index of personal numbers (SECURITY 2.8): each question is logged and counted. */
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/journal.h"
#include "vault/stash.h"
#include <string.h>

#define USERS 4096u
#define DAY_US INT64_C(86400000000)

struct asked { struct id16 user; uint32_t times; };
static struct asked counted[USERS];
static size_t n_counted;
static int64_t counted_day = -1;

/* A day of lookups for each user; a restart begins anew, and the log has them all. Whoever registers has as many again, so
 * that looking never keeps a number out of the index. */
static bool has_budget(const struct vault *v, struct id16 user, bool registers)
{
	int64_t day = clock_now(v->clock).us / DAY_US;
	if (day != counted_day) {
		n_counted = 0;
		counted_day = day;
	}
	size_t i = 0;
	while (i < n_counted && !id_eq(counted[i].user, user)) i++;
	if (i == USERS) return false;
	if (i == n_counted) counted[n_counted++] = (struct asked){ user, 0 };
	uint64_t most = (uint64_t)v->options.lookups_a_day * (registers ? 2 : 1);
	if (counted[i].times >= most) return false;
	counted[i].times++;
	return true;
}

static bool is_number(struct str s)
{
	if (s.p == NULL || s.n != 12) return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9') return false;
	return true;
}

static enum err look_up(struct vault *v, struct holder *h, const struct vault_index *ask, struct vault_index_reply *ret)
{
	const struct trust_party *party = trust_find(&v->trust, holder_controller(h));
	if (party == NULL) return ERR_DENIED;
	struct id16 dossier = party->standing[STANDING_INDEX];
	uint32_t newest = holder_standing_epoch(h, dossier);
	if (newest == 0 || !has_budget(v, holder_user(h), ask->registers == 1)) return ERR_DENIED;
	ret->keys = ARENA_ARRAY(v->round, struct index_key, newest);
	if (ret->keys == NULL) return ERR_FULL;
	for (uint32_t epoch = newest; epoch > 0; epoch--) {
		struct stream_key *k;
		struct index_key *one = &ret->keys[ret->n];
		enum err e = holder_standing_stream(v, h, dossier, epoch, &k);
		if (e != OK) return e;
		stream_key_index(k, ask->number, one->hmac);
		one->epoch = epoch;
		one->bucket = (uint16_t)(one->hmac[0] << 8 | one->hmac[1]);
		ret->n++;
	}
	return OK;
}

enum err decide_index(struct vault *v, struct call *c, const struct vault_index *ask, struct vault_index_reply *ret)
{
	(void)c;
	struct holder h;
	if (!is_number(ask->number)) return ERR_INVALID;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	e = look_up(v, &h, ask, ret);
	/* So that a reviewer can later find out whether a certain number was asked for. */
	struct journal_line line = { .class = LOG_OPEN, .outcome = e == OK ? LOG_DONE : LOG_DENIED, .why = &ask->why,
	                             .user = holder_user(&h), .controller = holder_controller(&h), .urgent = e != OK };
	if (e == OK) memcpy(line.about.b, ret->keys[0].hmac, sizeof line.about.b);
	else ret->n = 0;
	uint64_t seq;
	enum err logged = journal_append(v, &line, &seq);
	holder_leave(&h);
	return e == OK ? logged : e;
}

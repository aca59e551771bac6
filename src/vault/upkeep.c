/* vault/upkeep.c — hello, trust, clock, checkpoints, the reviewers' key, the end of a case's shred key. */
#include "vault/clock.h"
#include "vault/fatal.h"
#include "vault/deposit.h"
#include "vault/holder.h"
#include "vault/journal.h"
#include "vault/sessions.h"
#include "vault/slots.h"
#include "vault/standing.h"
#include "vault/start.h"
#include "vault/totp.h"
#include <string.h>

#define PROTOCOL 1u

static struct str fingerprint_text(struct vault *v)
{
	char text[TRUST_FINGERPRINT_TEXT];
	trust_fingerprint_text(v->fingerprint, text);
	return arena_str(v->round, (struct str){ text, sizeof text });
}

enum err decide_hello(struct vault *v, struct call *c, const struct vault_hello *ask, struct vault_hello_reply *ret)
{
	(void)c;
	if (ask->protocol != PROTOCOL) return ERR_INVALID;
	ret->simulated = v->options.simulated;
	ret->fresh = v->fresh;
	ret->now = clock_reached(v->clock);
	ret->boot = v->boot_id;
	if (v->fresh) return OK;
	size_t n;
	const uint64_t *open = log_open_intents(v->log, &n);
	ret->open_intents = ARENA_ARRAY(v->round, uint64_t, n + 1);
	ret->fingerprint = fingerprint_text(v);
	if (ret->open_intents == NULL || ret->fingerprint.p == NULL) return ERR_FULL;
	if (n > 0) memcpy(ret->open_intents, open, n * sizeof *open);
	ret->n_open_intents = n;
	return OK;
}

/* ---- trust ---- */

/* An officer or a standing dossier that two controllers share would make it unclear whose account is whose. */
static bool shares_anything(const struct trust *t)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (id_eq(t->party[i].controller, t->party[k].controller)) return true;
			for (size_t x = 0; x < TRUST_OFFICERS; x++)
				for (size_t y = 0; y < TRUST_OFFICERS; y++)
					if (id_eq(t->party[i].officer[x], t->party[k].officer[y]) ||
					    bytes_equal(t->party[i].officer_key[x], t->party[k].officer_key[y], 32))
						return true;
			for (size_t x = 0; x < STANDING_COUNT; x++)
				for (size_t y = 0; y < STANDING_COUNT; y++)
					if (id_eq(t->party[i].standing[x], t->party[k].standing[y])) return true;
		}
	}
	return false;
}

static enum err party_of(const struct trust_controller *c, struct trust_party *ret)
{
	if (c->name.p == NULL || c->name.n == 0 || c->name.n >= TRUST_NAME) return ERR_INVALID;
	ret->controller = c->controller;
	memcpy(ret->name, c->name.p, c->name.n);
	memcpy(ret->officer, c->officers, sizeof ret->officer);
	memcpy(ret->officer_key, c->officer_keys, sizeof ret->officer_key);
	memcpy(ret->custodian, c->custodian_keys, sizeof ret->custodian);
	memcpy(ret->standing, c->standing, sizeof ret->standing);
	return OK;
}

static enum err trust_of(struct vault *v, const struct vault_trust *ask, struct str *ret)
{
	struct trust *t = ARENA_NEW(v->round, struct trust);
	if (t == NULL) return ERR_FULL;
	if (ask->n == 0 || ask->n > TRUST_CONTROLLERS || ask->simulated != v->options.simulated) return ERR_INVALID;
	t->simulated = ask->simulated;
	key32_sign_public(v->log_key, t->log_key);
	t->n = ask->n;
	for (size_t i = 0; i < ask->n; i++) {
		enum err e = party_of(&ask->controllers[i], &t->party[i]);
		if (e != OK) return e;
	}
	if (shares_anything(t)) return ERR_INVALID;
	struct str text = trust_text(v->round, t);
	/* Read back, so that nothing is written that would not be believed at the next start. */
	if (text.p == NULL || trust_parse(text, t) != OK) return ERR_INVALID;
	*ret = text;
	return OK;
}

enum err decide_trust(struct vault *v, struct call *c, const struct vault_trust *ask, struct vault_trust_reply *ret)
{
	(void)c;
	struct str text;
	if (!v->fresh) return ERR_DENIED;
	enum err e = vault_need_keys(v);
	if (e == OK) e = trust_of(v, ask, &text);
	if (e == OK) e = trust_file_write(v->keys_fd, text);
	if (e == OK) e = vault_begin_log(v, text, true);
	if (e != OK) return e;
	ret->fingerprint = fingerprint_text(v);
	return ret->fingerprint.p ? OK : ERR_FULL;
}

/* ---- the rest ---- */

enum err decide_standing(struct vault *v, struct call *c, const struct vault_standing *ask,
                         struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	struct envelope_at at = { .controller = ask->controller, .case_id = ask->dossier };
	if (v->fresh || deposit_standing(v, ask->dossier, NULL) == NULL) return ERR_INVALID;
	enum err e = deposit_check(v, &at, &ask->key);
	if (e == OK) standing_keep_older(v->standing, ask->dossier, ask->key.epoch, ask->older);
	return e;
}

enum err decide_clock(struct vault *v, struct call *c, const struct vault_clock *ask, struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	return v->options.simulated || v->options.served_clock ? clock_put(v->clock, ask->now) : ERR_DENIED;
}

void decide_tick(struct vault *v, const struct vault_tick *said)
{
	if ((!v->options.simulated && !v->options.served_clock) || clock_put(v->clock, said->now) != OK)
		fatal("the clock may not be put there");
}

enum err decide_checkpoint(struct vault *v, struct call *c, const struct vault_checkpoint *ask,
                           struct vault_checkpoint_reply *ret)
{
	(void)c;
	(void)ask;
	struct str note;
	enum err e = journal_checkpoint(v, &note);
	if (e != OK) return e;
	ret->size = log_covered(v->log);
	ret->text = arena_str(v->round, note);
	return ret->text.p ? OK : ERR_FULL;
}

enum err decide_counts(struct vault *v, struct call *c, const struct vault_counts *ask, struct vault_counts_reply *ret)
{
	(void)c;
	(void)ask;
	size_t open = 0;
	(void)log_open_intents(v->log, &open);
	*ret = (struct vault_counts_reply){
		.sessions = sessions_count(v->sessions), .locked = sessions_locked(v->sessions), .entries = log_size(v->log),
		.covered = log_covered(v->log), .open_intents = open, .up_us = (uint64_t)(clock_boot_us() - v->began_us) };
	return OK;
}

struct totp_clocks vault_clocks(const struct vault *v)
{
	return (struct totp_clocks){ clock_reached(v->clock), clock_machine(v->clock) };
}

/* ---- shred keys ---- */

#define SHRED_LOOK_US INT64_C(60000000)

uint32_t vault_month(const struct vault *v)
{
	struct civil c = instant_civil(clock_now(v->clock));
	return (uint32_t)(c.year * 12 + c.month - 1);
}

void vault_renew_shred(struct vault *v)
{
	int64_t now = clock_boot_us();
	if (v->shred == NULL || (v->shred_looked_us != 0 && now - v->shred_looked_us < SHRED_LOOK_US)) return;
	v->shred_looked_us = now;
	uint32_t month = vault_month(v);
	if (month <= shred_month(v->shred)) return;
	struct vault_why why = { .purpose = PURPOSE_UPKEEP, .act = STR("shred_renew"), .reason = STR("") };
	struct journal_line line = { .class = LOG_SHRED, .outcome = LOG_DONE, .why = &why, .controller = v->trust.party[0].controller };
	uint64_t seq;
	/* On a full disk it is tried again in a minute. */
	if (journal_append(v, &line, &seq) != OK) return;
	log_flush(v->log);
	enum err e = shred_renew(v->shred, month);
	if (e != OK && e != ERR_LOG_FULL) fatal("shred/keys could not be written anew");
}

#define MAY_DESTROY (ROLE_BIT_OF(MANAGER) | ROLE_BIT_OF(ADMINISTRATOR))

enum err decide_shred(struct vault *v, struct call *c, const struct vault_shred *ask, struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	struct holder h;
	uint64_t seq;
	enum err e = holder_enter_person(v, &ask->why.cookie, &h);
	if (e != OK) return e;
	if (!h.session->certified || (h.session->roles & MAY_DESTROY) == 0 || deposit_standing(v, ask->case_id, NULL) != NULL)
		e = ERR_DENIED;
	struct journal_line line = { .class = LOG_SHRED, .outcome = e == OK ? LOG_DONE : LOG_DENIED, .why = &ask->why,
	                             .user = holder_user(&h), .controller = holder_controller(&h), .about = ask->case_id };
	enum err logged = journal_append(v, &line, &seq);
	if (e == OK) e = logged;
	if (e == OK) {
		/* Nothing can be taken back here, so the entry is on disk first. */
		log_flush(v->log);
		e = shred_destroy(v->shred, ask->shred_slot, ask->case_id);
		/* Every ring may hold a key that was made with the destroyed one. */
		sessions_drop_rings(v->sessions);
	}
	holder_leave(&h);
	return e;
}

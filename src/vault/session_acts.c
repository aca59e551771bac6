/* vault/session_acts.c — lock, unlock, log out, and whether a session lives. */
#include "vault/clock.h"
#include "vault/holder.h"
#include "vault/job.h"
#include "vault/journal.h"
#include "vault/totp.h"
#include <string.h>

/* Whoever holds a cookie and guesses codes loses the session. */
#define WRONG_UNLOCKS_MAX 10

static enum err note(struct vault *v, const struct session *s, struct str act, enum log_outcome outcome)
{
	struct vault_why why = { .act = act, .reason = STR("") };
	struct journal_line line = { .class = LOG_LOGIN, .outcome = outcome, .why = &why, .user = s->user,
	                             .controller = s->controller, .urgent = true };
	uint64_t seq;
	return journal_append(v, &line, &seq);
}

enum err decide_lock(struct vault *v, struct call *c, const struct vault_lock *ask, struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	struct session *s;
	int64_t now = clock_boot_us();
	enum err e = session_find(v->sessions, &ask->cookie, now, &s);
	if (e != OK || s->locked) return e;
	session_lock(s, now);
	/* Locking must work on a full disk too. */
	if (note(v, s, STR("lock"), LOG_DONE) != OK) return OK;
	return OK;
}

enum err decide_logout(struct vault *v, struct call *c, const struct vault_logout *ask, struct vault_status_reply *ret)
{
	(void)c;
	(void)ret;
	struct session *s;
	enum err e = session_find(v->sessions, &ask->cookie, clock_boot_us(), &s);
	if (e != OK) return e;
	e = note(v, s, STR("logout"), LOG_DONE);
	session_end(v->sessions, s);
	return e == ERR_LOG_FULL ? OK : e;
}

static void fill(struct vault *v, const struct session *s, const struct holder *h, struct vault_session_reply *ret)
{
	holder_who(v, s, h, &ret->who);
	ret->now = clock_now(v->clock);
}

enum err decide_session(struct vault *v, struct call *c, const struct vault_session *ask, struct vault_session_reply *ret)
{
	(void)c;
	struct session *s;
	enum err e = session_find(v->sessions, &ask->cookie, clock_boot_us(), &s);
	if (e != OK) return e;
	int64_t active = s->active;
	if (s->locked) {
		fill(v, s, NULL, ret);
		return ERR_LOCKED;
	}
	struct holder h;
	if ((e = holder_enter_person(v, &ask->cookie, &h)) != OK) return e;
	if (!ask->activity) s->active = active;
	fill(v, s, &h, ret);
	holder_leave(&h);
	return OK;
}

/* ---- unlock ---- */

static enum err wrong(struct vault *v, struct session *s)
{
	enum err e = note(v, s, STR("unlock"), LOG_DENIED);
	s->wrong_unlocks++;
	if (s->wrong_unlocks >= WRONG_UNLOCKS_MAX) {
		session_end(v->sessions, s);
		return ERR_NO_SESSION;
	}
	return e == OK || e == ERR_LOG_FULL ? ERR_LOGIN : e;
}

static enum err open_again(struct vault *v, struct session *s, const struct cookie_secret *cookie,
                           struct vault_session_reply *ret)
{
	enum err e = note(v, s, STR("unlock"), LOG_DONE);
	if (e != OK) return e;
	s->locked = false;
	s->wrong_unlocks = 0;
	struct holder h;
	if ((e = holder_enter_person(v, cookie, &h)) != OK) return e;
	fill(v, s, &h, ret);
	holder_leave(&h);
	return OK;
}

static enum err with_code(struct vault *v, struct session *s, const struct user_secrets *u, struct str code)
{
	uint8_t secret[TOTP_SECRET_BYTES];
	size_t n = user_secrets_totp(u, secret);
	enum err e = totp_accept(v->totp_steps, s->user, secret, n, code, vault_clocks(v));
	bytes_wipe(secret, sizeof secret);
	return e;
}

static enum err with_passphrase(struct call *c, const struct session *s, const struct user_secrets *u, struct str secrets)
{
	struct secrets_head head;
	const struct argon_task *t = &c->job->task[0];
	if (t->result != OK) return t->result;
	if (secrets_head_parse(secrets, &head) != OK || !id_eq(head.user, s->user)) return ERR_LOGIN;
	_cleanup_(user_secrets_freep) struct user_secrets *typed = user_secrets_new();
	if (typed == NULL) return ERR_FULL;
	if (user_secrets_open(secrets, t->kek, typed) != OK) return ERR_LOGIN;
	return key32_equal(user_secrets_box(typed), user_secrets_box(u)) ? OK : ERR_LOGIN;
}

static enum err begin(struct vault *v, struct call *c, const struct session *s, const struct vault_unlock *ask)
{
	struct secrets_head head;
	uint8_t account[32] = { 0 };
	if (ask->secrets.p == NULL || secrets_head_parse(ask->secrets, &head) != OK) return ERR_INVALID;
	if (!id_eq(head.user, s->user) || head.method != SECRETS_PASSPHRASE) return ERR_LOGIN;
	memcpy(account, s->user.b, sizeof s->user.b);
	struct argon_job *j;
	enum err e = job_begin(v, c, account, &j);
	if (e != OK) return e;
	return job_run(v, c, j, argon_add_task(j, &head, ask->passphrase));
}

enum err decide_unlock(struct vault *v, struct call *c, const struct vault_unlock *ask, struct vault_session_reply *ret)
{
	struct session *s;
	enum err e = session_find(v->sessions, &ask->cookie, clock_boot_us(), &s);
	if (e != OK) return e;
	if (!s->has_totp && c->job == NULL) return begin(v, c, s, ask);
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	if (u == NULL) return ERR_FULL;
	e = session_box_open(s->box, v->vault_key, ask->cookie.b, s->id, u);
	if (e != OK) return e;
	e = s->has_totp ? with_code(v, s, u, ask->totp) : with_passphrase(c, s, u, ask->secrets);
	if (e == OK) return open_again(v, s, &ask->cookie, ret);
	if (e != ERR_LOGIN) return e;
	e = wrong(v, s);
	return e;
}

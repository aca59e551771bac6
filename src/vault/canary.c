/* vault/canary.c — made at init, logged in by the restore. */
#include "vault/canary.h"
#include "vault/clock.h"
#include "vault/journal.h"
#include "vault/sessions.h"
#include "vault/slots.h"

static enum err open_secrets(struct vault *v, struct secrets_head *head, struct user_secrets *u)
{
	struct str bytes;
	_cleanup_(key32_freep) struct key32 *kek = key32_new();
	_cleanup_(arena_freep) struct arena *a = arena_new(4096);
	if (kek == NULL || a == NULL) return ERR_FULL;
	enum err e = file_read_small(a, v->keys_fd, CANARY_FILE, USER_SECRETS_BYTES, &bytes);
	if (e == OK) e = secrets_head_parse(bytes, head);
	if (e == OK && head->method != SECRETS_CANARY) e = ERR_CORRUPT;
	if (e == OK) e = user_kek(head, STR_UNSET, v->vault_key, kek);
	if (e == OK) e = user_secrets_open(bytes, kek, u);
	return e == ERR_LOGIN ? ERR_CORRUPT : e;
}

static void keep_public(struct vault *v, const struct secrets_head *head, const struct user_secrets *u)
{
	v->canary.user = head->user;
	key32_box_public(user_secrets_box(u), v->canary.box);
	key32_sign_public(user_secrets_seed(u), v->canary.sign);
}

enum err canary_read(struct vault *v)
{
	struct secrets_head head;
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	if (u == NULL) return ERR_FULL;
	enum err e = open_secrets(v, &head, u);
	if (e == ERR_NOT_FOUND) return OK;
	if (e == OK) keep_public(v, &head, u);
	return e;
}

static enum err make(struct vault *v, struct secrets_head *head, struct user_secrets *u)
{
	uint8_t bytes[USER_SECRETS_BYTES];
	_cleanup_(key32_freep) struct key32 *kek = key32_new();
	if (kek == NULL) return ERR_FULL;
	*head = secrets_head_new(SECRETS_CANARY, bytes_random_id(), CANARY_SERIAL, (struct argon_cost){ 0, 0 });
	user_secrets_make(u, false);
	enum err e = user_kek(head, STR_UNSET, v->vault_key, kek);
	if (e != OK) return e;
	user_secrets_seal(u, head, kek, bytes);
	return file_write_durable(v->keys_fd, CANARY_FILE, (struct str){ (const char *)bytes, sizeof bytes });
}

static enum err enter(struct vault *v, const struct secrets_head *head, const struct user_secrets *u,
                      struct vault_canary_reply *ret)
{
	struct session *s;
	struct cookie_secret cookie;
	enum err e = session_begin(v->sessions, head->user, clock_boot_us(), &cookie, &s);
	if (e != OK) return e;
	s->controller = v->trust.party[0].controller;
	s->serial = head->serial;
	s->roles = ROLE_BIT_OF(CANARY);
	s->certified = true;
	session_box_seal(u, v->vault_key, cookie.b, s->id, s->box);
	struct vault_why why = { .act = STR("canary"), .reason = STR("") };
	struct journal_line line = { .class = LOG_LOGIN, .outcome = LOG_DONE, .why = &why, .user = s->user,
	                             .controller = s->controller };
	uint64_t seq;
	if ((e = journal_append(v, &line, &seq)) != OK) {
		session_end(v->sessions, s);
		return e;
	}
	ret->cookie = cookie;
	ret->user = head->user;
	return OK;
}

enum err decide_canary(struct vault *v, struct call *c, const struct vault_canary *ask, struct vault_canary_reply *ret)
{
	(void)c;
	(void)ask;
	struct secrets_head head;
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	if (u == NULL) return ERR_FULL;
	enum err e = open_secrets(v, &head, u);
	if (e == ERR_NOT_FOUND && (v->options.init || v->options.simulated)) {
		e = make(v, &head, u);
		if (e == OK) keep_public(v, &head, u);
	}
	return e == OK ? enter(v, &head, u, ret) : e;
}

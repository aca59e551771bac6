/* flow/session.c — log in, lock, unlock, log out. */
#include "flow/rows.h"
#include "crypto/bytes.h"
#include <string.h>
#include <time.h>

struct asker asker_of(const struct vault_who *who)
{
	/* Of the standing dossiers only the desk holds cases (DECISIONS 23); each id more is a walk down the grants. */
	return (struct asker){ .id = { who->user, who->standing[1] } };
}

static int64_t steady_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct instant flow_now(const struct flow *f)
{
	int64_t ahead = f->ahead_us;
	return (struct instant){ ahead == 0 ? 0 : steady_us() + ahead };
}

void session_fill(struct flow *f, const struct cookie_secret *c, const struct vault_who *who, struct instant now,
                  struct session *ret)
{
	*ret = (struct session){ .cookie = *c, .who = *who, .user = who->user, .now = now };
	f->ahead_us = now.us - steady_us();
	who_remember(f->who, c, who);
}

enum err flow_who(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *ret)
{
	if (who_recall(f->who, c, ret)) {
		flow_freshen(f, a, c, ret);
		return OK;
	}
	struct session s;
	enum err e = flow_session(f, a, c, false, &s);
	if (e != OK)
		return e;
	*ret = s.who;
	return OK;
}

/* Lower case and without spaces round it: names are typed on phones. */
static struct str login_name(struct arena *a, struct str typed)
{
	struct str t = str_trim(typed);
	char *p = arena_take(a, t.n + 1);
	if (!p)
		return STR_UNSET;
	for (size_t i = 0; i < t.n; i++)
		p[i] = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] + 32) : t.p[i];
	return (struct str){ p, t.n };
}

enum err flow_login_hmac(struct flow *f, struct arena *a, struct str typed, struct str *ret)
{
	struct vault_login_name ask = { .name = login_name(a, typed) };
	struct vault_login_name_reply reply = { .status = OK };
	if (!ask.name.p)
		return ERR_FULL;
	enum err e = vault_login_name(f->vault, a, &ask, &reply);
	if (e != OK)
		return e;
	*ret = arena_str(a, (struct str){ (const char *)reply.hmac, sizeof reply.hmac });
	return ret->p ? OK : ERR_FULL;
}

static enum err user_of(struct flow *f, struct arena *a, struct str hmac, struct row_users **ret)
{
	struct db *db = store_reader(f->store);
	enum err e = q_user_by_login(db, a, hmac, ret, &(size_t){ 0 });
	store_reader_done(f->store, db);
	return e;
}

struct standing_rows {
	struct row_grants *grants;
	size_t n_grants;
	struct row_directory *own;
};

static enum err load_standing(struct flow *f, struct arena *a, const struct vault_who *who, struct standing_rows *ret)
{
	const struct controller_info *c = flow_controller(f, who->controller);
	if (!c)
		return ERR_CORRUPT;
	struct db *db = store_reader(f->store);
	enum err e = q_standing_grants(db, a, who->user, c->directory, c->desk, c->index, c->review,
	                               &ret->grants, &ret->n_grants);
	if (e == OK)
		e = q_directory_row(db, a, c->directory, who->user, &ret->own, &(size_t){ 0 });
	store_reader_done(f->store, db);
	return e;
}

/* The user's standing keys and own name go into the session, under the cookie. */
static enum err attach(struct flow *f, struct arena *a, const struct cookie_secret *cookie, const struct vault_who *who,
                       struct vault_attach_reply *ret)
{
	struct standing_rows rows = { .n_grants = 0 };
	enum err e = load_standing(f, a, who, &rows);
	if (e != OK)
		return e;
	struct open_group *groups = ARENA_ARRAY(a, struct open_group, rows.n_grants + 1);
	struct open_item *item = ARENA_NEW(a, struct open_item);
	if (!groups || !item)
		return ERR_FULL;
	for (size_t i = 0; i < rows.n_grants; i++) {
		const struct row_grants *g = &rows.grants[i];
		groups[i] = grant_group(g, NULL, 0);
		if (rows.own && id_eq(g->case_id, rows.own->directory)) {
			*item = (struct open_item){ .at = directory_at(who->controller, rows.own),
			                            .envelope = rows.own->envelope };
			groups[i].items = item;
			groups[i].n_items = 1;
		}
	}
	struct vault_attach ask = {
		.why = { .cookie = *cookie, .purpose = PURPOSE_UPKEEP, .act = STR("login"), .asked = who->user,
		         .reason = STR("") },
		.standing = groups, .n_standing = rows.n_grants,
	};
	if ((e = vault_attach(f->vault, a, &ask, ret)) != OK)
		return e;
	for (size_t i = 0; i < ret->n_accepted && i < rows.n_grants; i++)
		if (ret->accepted[i].p && ret->accepted[i].n > 0)
			keep_accepted(f, a, &ask.why, &rows.grants[i], ret->accepted[i]);
	return OK;
}

static bool is_behind(struct flow *f, const struct vault_who *who)
{
	for (size_t i = 0; i < f->n_controllers; i++) {
		if (!id_eq(f->controllers[i].id, who->controller))
			continue;
		for (size_t k = 0; k < COUNT_OF(who->standing); k++)
			if (!id_is_zero(who->standing[k]) && who->standing_epoch[k] < f->standing_epoch[i][k])
				return true;
	}
	return false;
}

void flow_freshen(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *who)
{
	struct vault_attach_reply attached = { .status = OK };
	/* A locked session, or one whose grant has gone, stays as it is; the vault refuses what it must. */
	if (!is_behind(f, who) || attach(f, a, c, who, &attached) != OK)
		return;
	*who = attached.who;
	who_remember(f->who, c, who);
}

enum err flow_login(struct flow *f, struct arena *a, const struct login_wish *w, struct session *ret)
{
	struct str hmac;
	struct row_users *user = NULL;
	enum err e;
	if ((e = flow_login_hmac(f, a, w->user, &hmac)) != OK)
		return e;
	if ((e = user_of(f, a, hmac, &user)) != OK)
		return e;
	struct vault_login ask = { .passphrase = w->passphrase, .totp = w->totp };
	memcpy(ask.login, hmac.p, sizeof ask.login);
	if (user) {
		ask.secrets = user->secrets;
		if (certificate_whole(user->certificate))
			ask.certificate = user->certificate;
		ask.disabled = user->disabled != 0;
	}
	struct vault_login_reply reply = { .status = OK };
	if ((e = vault_login(f->vault, a, &ask, &reply)) != OK)
		return e;
	struct vault_who who = reply.who;
	assert_always(user != NULL); /* the vault lets nobody in without an account */
	who.controller = user->controller;
	struct vault_attach_reply attached = { .who = who };
	if (ask.certificate.p && (e = attach(f, a, &reply.cookie, &who, &attached)) != OK)
		return e;
	session_fill(f, &reply.cookie, &attached.who, reply.now, ret);
	return OK;
}

enum err flow_session(struct flow *f, struct arena *a, const struct cookie_secret *c, bool activity, struct session *ret)
{
	struct vault_session ask = { .cookie = *c, .activity = activity };
	struct vault_session_reply reply = { .status = OK };
	enum err e = vault_session(f->vault, a, &ask, &reply);
	if (e != OK && e != ERR_LOCKED) {
		who_forget(f->who, c);
		return e;
	}
	if (e == OK)
		flow_freshen(f, a, c, &reply.who);
	if (e == OK)
		session_fill(f, c, &reply.who, reply.now, ret);
	else
		*ret = (struct session){ .cookie = *c, .who = reply.who, .user = reply.who.user, .now = reply.now };
	return e;
}

enum err flow_lock(struct flow *f, struct arena *a, const struct cookie_secret *c)
{
	struct vault_lock ask = { .cookie = *c };
	struct vault_status_reply reply = { .status = OK };
	return vault_lock(f->vault, a, &ask, &reply);
}

enum err flow_unlock(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str totp,
                     struct str passphrase, struct session *ret)
{
	struct session locked;
	enum err e = flow_session(f, a, c, false, &locked);
	if (e != OK && e != ERR_LOCKED)
		return e;
	struct row_users *user = NULL;
	struct db *db = store_reader(f->store);
	e = q_user_by_id(db, a, locked.who.user, &user, &(size_t){ 0 });
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	if (!user || user->disabled)
		return ERR_LOGIN;
	struct vault_unlock ask = { .cookie = *c, .totp = totp, .passphrase = passphrase, .secrets = user->secrets };
	struct vault_session_reply reply = { .status = OK };
	if ((e = vault_unlock(f->vault, a, &ask, &reply)) != OK)
		return e;
	session_fill(f, c, &reply.who, reply.now, ret);
	return OK;
}

enum err flow_logout(struct flow *f, struct arena *a, const struct cookie_secret *c)
{
	struct vault_logout ask = { .cookie = *c };
	struct vault_status_reply reply = { .status = OK };
	who_forget(f->who, c);
	return vault_logout(f->vault, a, &ask, &reply);
}

/* flow/people.c — accounts: the staff list, invitations, certificates, standing keys, closing an account. */
#include "flow/rows.h"
#include "flow/holders.h"
#include "flow/lines.h"
#include "flow/standing.h"
#include "crypto/bytes.h"
#include "crypto/certificate.h"
#include <string.h>

#define PROFILE_CEILING 1024
#define INVITATION_US (INT64_C(72) * 3600 * 1000000)

/* By user id, as the statement sorts them. */
struct directory_names {
	struct row_directory *rows;
	struct str *plain;
	size_t n;
};

/* The names of an authority's staff, opened with the session's directory key. */
static enum err open_directory(struct flow *f, struct arena *a, const struct cookie_secret *c, struct str act,
                               const struct controller_info *own, struct session *ret_session,
                               struct directory_names *ret)
{
	struct db *db = store_reader(f->store);
	enum err e = q_directory_rows(db, a, own->directory, &ret->rows, &ret->n);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct open_item *items = ARENA_ARRAY(a, struct open_item, ret->n + 1);
	ret->plain = ARENA_ARRAY(a, struct str, ret->n + 1);
	if (!items || !ret->plain)
		return ERR_FULL;
	for (size_t i = 0; i < ret->n; i++)
		items[i] = (struct open_item){ .at = directory_at(own->id, &ret->rows[i]), .envelope = ret->rows[i].envelope };
	struct open_group group = { .grant = STR_UNSET, .items = items, .n_items = ret->n };
	struct vault_open ask = {
		.why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = act, .asked = own->directory, .reason = STR("") },
		.groups = &group, .n_groups = 1 };
	struct vault_open_reply reply = { .status = OK };
	if ((e = vault_open(f->vault, a, &ask, &reply)) != OK)
		return e;
	session_fill(f, c, &reply.who, reply.now, ret_session);
	for (size_t i = 0; reply.n_groups > 0 && i < reply.groups[0].n_items && i < ret->n; i++)
		if (reply.groups[0].items[i].status == OK)
			ret->plain[i] = reply.groups[0].items[i].plain;
	return OK;
}

static struct str name_in(const struct directory_names *d, struct id16 user, struct str field)
{
	size_t from = 0, to = d->n;
	while (from < to) {
		size_t at = from + (to - from) / 2;
		int order = memcmp(d->rows[at].user_id.b, user.b, sizeof user.b);
		if (order == 0)
			return d->plain[at].p ? line_get(d->plain[at], field) : STR_UNSET;
		if (order < 0)
			from = at + 1;
		else
			to = at;
	}
	return STR_UNSET;
}

static enum err own_controller(struct flow *f, struct arena *a, const struct cookie_secret *c, struct vault_who *who,
                               const struct controller_info **ret)
{
	enum err e = flow_who(f, a, c, who);
	if (e != OK)
		return e;
	*ret = flow_controller(f, who->controller);
	return *ret ? OK : ERR_DENIED;
}

static enum err users_of(struct flow *f, struct arena *a, struct id16 controller, struct q_users_of_row **ret, size_t *ret_n)
{
	struct db *db = store_reader(f->store);
	enum err e = q_users_of(db, a, controller, ret, ret_n);
	store_reader_done(f->store, db);
	return e;
}

static int signatures_on(const struct certificate *c)
{
	int n = 0;
	for (size_t i = 0; i < 2; i++)
		n += !bytes_are_zero(c->signature[i], sizeof c->signature[i]);
	return n;
}

bool certificate_whole(struct str bytes)
{
	struct certificate c;
	return bytes.p && certificate_parse(bytes, &c) == OK && signatures_on(&c) == 2;
}

enum err flow_staff(struct flow *f, struct arena *a, const struct cookie_secret *c,
                    struct session *ret_session, struct staff **ret, size_t *ret_n)
{
	struct vault_who who;
	const struct controller_info *own = NULL;
	struct directory_names names;
	struct q_users_of_row *users = NULL;
	size_t n = 0, kept = 0;
	enum err e;
	if ((e = own_controller(f, a, c, &who, &own)) != OK)
		return e;
	if ((e = open_directory(f, a, c, STR("staff"), own, ret_session, &names)) != OK)
		return e;
	if ((e = users_of(f, a, own->id, &users, &n)) != OK)
		return e;
	struct staff *out = ARENA_ARRAY(a, struct staff, n + 1);
	if (!out)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++) {
		struct certificate cert;
		struct str name = name_in(&names, users[i].user_id, STR("name"));
		if (users[i].disabled || !users[i].certificate.p || !name.p ||
		    certificate_parse(users[i].certificate, &cert) != OK || signatures_on(&cert) < 2)
			continue;
		out[kept++] = (struct staff){ .user = users[i].user_id, .name = name,
		                              .title = name_in(&names, users[i].user_id, STR("title")), .roles = cert.roles };
	}
	*ret = out;
	*ret_n = kept;
	return OK;
}

/* ---- accounts ---- */

static enum err holds_standing(struct flow *f, struct arena *a, const struct controller_info *own, struct id16 user,
                               uint64_t roles, bool *ret)
{
	struct id16 wanted[STANDING_MAX];
	size_t n = standing_of_roles(own, roles, wanted);
	*ret = true;
	struct db *db = store_reader(f->store);
	enum err e = OK;
	for (size_t i = 0; e == OK && i < n; i++) {
		struct row_grants *row = NULL;
		e = q_grant_row(db, a, user, wanted[i], &row, &(size_t){ 0 });
		*ret = *ret && row;
	}
	store_reader_done(f->store, db);
	return e;
}

static enum err account_of(struct flow *f, struct arena *a, const struct controller_info *own,
                           const struct directory_names *names, const struct q_users_of_row *u, struct account *ret)
{
	struct certificate cert = { .roles = 0 };
	if (u->certificate.p && certificate_parse(u->certificate, &cert) != OK)
		return ERR_CORRUPT;
	struct str name = name_in(names, u->user_id, STR("name")), title = name_in(names, u->user_id, STR("title"));
	*ret = (struct account){ .user = u->user_id, .name = name.p ? name : STR("Namn saknas"),
	                         .title = title.p ? title : STR(""), .roles = cert.roles, .disabled = u->disabled != 0,
	                         .signatures = signatures_on(&cert) };
	ret->certified = ret->signatures == 2;
	return holds_standing(f, a, own, u->user_id, cert.roles, &ret->holds_standing);
}

enum err flow_accounts(struct flow *f, struct arena *a, const struct cookie_secret *c,
                       struct session *ret_session, struct account **ret, size_t *ret_n)
{
	struct vault_who who;
	const struct controller_info *own = NULL;
	struct directory_names names;
	struct q_users_of_row *users = NULL;
	struct row_invitations *invited = NULL;
	size_t n = 0, n_invited = 0;
	enum err e;
	if ((e = own_controller(f, a, c, &who, &own)) != OK)
		return e;
	if ((e = open_directory(f, a, c, STR("accounts"), own, ret_session, &names)) != OK)
		return e;
	if ((e = users_of(f, a, own->id, &users, &n)) != OK)
		return e;
	struct db *db = store_reader(f->store);
	e = q_invitations_of(db, a, own->id, &invited, &n_invited);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct account *out = ARENA_ARRAY(a, struct account, n + n_invited + 1);
	if (!out)
		return ERR_FULL;
	for (size_t i = 0; i < n; i++)
		if ((e = account_of(f, a, own, &names, &users[i], &out[i])) != OK)
			return e;
	for (size_t i = 0; i < n_invited; i++) {
		struct str name = name_in(&names, invited[i].user_id, STR("name"));
		struct str title = name_in(&names, invited[i].user_id, STR("title"));
		out[n + i] = (struct account){ .user = invited[i].user_id, .name = name.p ? name : STR("Namn saknas"),
		                               .title = title.p ? title : STR(""), .invited = true,
		                               .expires = { invited[i].expires } };
	}
	*ret = out;
	*ret_n = n + n_invited;
	return OK;
}

/* ---- invite ---- */

static enum err plan_profile(struct write_plan *p, const struct controller_info *own, struct id16 user,
                             uint32_t epoch, const struct invite_wish *w)
{
	struct buf b = buf_new(p->arena, PROFILE_CEILING);
	line_str(&b, STR("name"), w->name);
	line_str(&b, STR("title"), w->title);
	struct row_directory row = { .directory = own->directory, .user_id = user, .epoch = epoch, .version = 1 };
	return buf_is_full(&b) ? ERR_TOO_LARGE : put_directory(p, own->id, &row, buf_view(&b));
}

/* A name that somebody has, or an invitation that still runs. */
static enum err login_free(struct flow *f, struct arena *a, struct str hmac)
{
	struct row_users *user = NULL;
	struct row_invitations *invitation = NULL;
	struct db *db = store_reader(f->store);
	enum err e = q_user_by_login(db, a, hmac, &user, &(size_t){ 0 });
	if (e == OK)
		e = q_invitation_by_login(db, a, hmac, &invitation, &(size_t){ 0 });
	store_reader_done(f->store, db);
	return e != OK ? e : user || invitation ? ERR_EXISTS : OK;
}

enum err flow_invite(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct invite_wish *w,
                     struct session *ret_session, struct str *ret_code)
{
	struct id16 *user = NULL;
	struct str hmac;
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	const struct controller_info *own = flow_controller(f, ret_session->who.controller);
	if (!own)
		return ERR_DENIED;
	if ((e = flow_login_hmac(f, a, w->login, &hmac)) != OK)
		return e;
	if ((e = login_free(f, a, hmac)) != OK)
		return e;
	if ((e = random_ids(a, 1, &user)) != OK)
		return e;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = STR("account_invite"), .asked = *user,
	                         .reason = STR("") };
	struct vault_invite ask = { .why = why, .user = *user, .controller = own->id, .roles = w->roles,
	                            .expires = { ret_session->now.us + INVITATION_US } };
	struct vault_invite_reply reply = { .status = OK };
	if ((e = vault_invite(f->vault, a, &ask, &reply)) != OK)
		return e;
	struct row_invitations row = { .user_id = *user, .controller = own->id, .login = hmac, .expires = ask.expires.us,
	                               .version = 1, .invitation = reply.invitation };
	struct write_plan p;
	plan_begin(&p, f, a, &why, NULL);
	p.not_before = ret_session->now;
	if ((e = put_invitation(&p, &row)) != OK || (e = plan_profile(&p, own, *user, ret_session->who.standing_epoch[0], w)) != OK || (e = plan_run(&p)) != OK)
		return e;
	*ret_code = reply.code;
	return OK;
}

/* ---- enrol ---- */

static struct str draft_certificate(struct arena *a, struct id16 user, uint64_t roles, const struct vault_enrol_reply *r)
{
	struct certificate cert = { .user = user, .serial = 1, .roles = roles, .not_after = INSTANT_UNSET };
	uint8_t bytes[CERTIFICATE_BYTES];
	memcpy(cert.box_public, r->box_public, sizeof cert.box_public);
	memcpy(cert.sign_public, r->sign_public, sizeof cert.sign_public);
	certificate_bytes(&cert, bytes);
	return arena_str(a, (struct str){ (const char *)bytes, sizeof bytes });
}

enum err flow_enrol(struct flow *f, struct arena *a, struct str login, struct str code, struct str passphrase,
                    struct str *ret_totp)
{
	struct str hmac;
	struct row_invitations *row = NULL;
	enum err e = flow_login_hmac(f, a, login, &hmac);
	if (e != OK)
		return e;
	struct db *db = store_reader(f->store);
	e = q_invitation_by_login(db, a, hmac, &row, &(size_t){ 0 });
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	struct vault_enrol ask = { .invitation = row ? row->invitation : STR(""), .code = code, .passphrase = passphrase,
	                           .user = row ? row->user_id : (struct id16){ { 0 } }, .with_totp = true };
	struct vault_enrol_reply reply = { .status = OK };
	if ((e = vault_enrol(f->vault, a, &ask, &reply)) != OK)
		return e;
	if (!row)
		return ERR_LOGIN;
	struct vault_why why = { .purpose = PURPOSE_ACCOUNTS, .act = STR("enrol"), .asked = row->user_id, .reason = STR("") };
	struct row_users user = {
		.user_id = row->user_id, .controller = row->controller, .login = hmac, .serial = 1, .version = 1,
		.certificate = draft_certificate(a, row->user_id, reply.roles, &reply), .secrets = reply.secrets };
	struct write_plan p;
	plan_begin(&p, f, a, &why, NULL);
	if (!user.certificate.p)
		return ERR_FULL;
	if ((e = put_user(&p, &user)) != OK || (e = drop_invitation(&p, row)) != OK || (e = plan_run(&p)) != OK)
		return e;
	*ret_totp = reply.totp_secret;
	return OK;
}

/* ---- certify ---- */

/* The two officers who sign stand in what they sign: the one of the session, and another of the authority. */
static enum err name_officers(struct flow *f, struct arena *a, const struct vault_who *who, struct certificate *cert)
{
	struct q_users_of_row *users = NULL;
	size_t n = 0;
	if (!id_is_zero(cert->officer[0]))
		return OK;
	enum err e = users_of(f, a, who->controller, &users, &n);
	if (e != OK)
		return e;
	cert->officer[0] = who->user;
	for (size_t i = 0; i < n; i++) {
		struct certificate other;
		if (users[i].disabled || !users[i].certificate.p || id_eq(users[i].user_id, who->user) ||
		    certificate_parse(users[i].certificate, &other) != OK || signatures_on(&other) < 2 ||
		    !(other.roles & ROLE_BIT(OFFICER)))
			continue;
		cert->officer[1] = users[i].user_id;
		return OK;
	}
	return ERR_DENIED;
}

enum err flow_certify(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                      struct session *ret_session, bool *ret_whole)
{
	struct row_users *row = NULL;
	struct certificate cert;
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	struct db *db = store_reader(f->store);
	e = q_user_by_id(db, a, user, &row, &(size_t){ 0 });
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	if (!row || !row->certificate.p || !id_eq(row->controller, ret_session->who.controller))
		return ERR_NOT_FOUND;
	if ((e = certificate_parse(row->certificate, &cert)) != OK)
		return e;
	if ((e = name_officers(f, a, &ret_session->who, &cert)) != OK)
		return e;
	if (signatures_on(&cert) == 0)
		cert.not_before = ret_session->now;
	uint8_t bytes[CERTIFICATE_BYTES];
	certificate_bytes(&cert, bytes);
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = STR("account_certify"), .asked = user,
	                         .reason = STR("") };
	struct vault_certify ask = { .why = why, .certificate = { (const char *)bytes, sizeof bytes } };
	struct vault_certify_reply reply = { .status = OK };
	if ((e = vault_certify(f->vault, a, &ask, &reply)) != OK)
		return e;
	row->certificate = reply.certificate;
	row->version++;
	struct write_plan p;
	plan_begin(&p, f, a, &why, NULL);
	p.not_before = ret_session->now;
	if ((e = change_user(&p, row)) != OK || (e = plan_run(&p)) != OK)
		return e;
	*ret_whole = reply.whole;
	return reply.whole ? flow_load_certificates(f, a) : OK;
}

/* ---- close an account ---- */

static uint32_t month_of(struct instant t)
{
	struct civil c = instant_civil(t);
	return (uint32_t)(c.year * 12 + c.month - 1);
}

enum err flow_disable(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 user,
                      struct session *ret_session, size_t *ret_last_of)
{
	struct row_users *row = NULL;
	size_t alone = 0;
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	*ret_last_of = 0;
	const struct controller_info *own = flow_controller(f, ret_session->who.controller);
	if (!own)
		return ERR_DENIED;
	struct db *db = store_reader(f->store);
	e = q_user_by_id(db, a, user, &row, &(size_t){ 0 });
	if (e == OK && row)
		e = alone_in(db, a, user, row->certificate, own->kind, month_of(ret_session->now), &alone);
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	if (!row || !id_eq(row->controller, own->id))
		return ERR_NOT_FOUND;
	if (alone > 0) {
		*ret_last_of = alone;
		return OK;
	}
	row->disabled = 1;
	row->version++;
	struct vault_why why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = STR("account_disable"), .asked = user,
	                         .reason = STR("") };
	struct write_plan p;
	if ((e = rotation_ahead(f, a, &why, ret_session->now, user)) != OK)
		return e;
	plan_begin(&p, f, a, &why, NULL);
	p.not_before = ret_session->now;
	if ((e = change_user(&p, row)) != OK || (e = plan_rotation(&p, user)) != OK || (e = plan_run(&p)) != OK)
		return e;
	/* Whoever is logged in as this person is so no longer. */
	struct vault_end_sessions ask = { .why = why, .user = user };
	struct vault_status_reply reply = { .status = OK };
	who_forget_all(f->who);
	return vault_end_sessions(f->vault, a, &ask, &reply);
}

/* api/session.c — POST and DELETE /session, GET /me. */
#include "api/api.h"

static void answer_who(struct request *r)
{
	struct json j = json_new(r->arena);

	json_open(&j, '{');
	api_put_who(&j, r->flow, &r->session);
	json_close(&j);
	api_send(r, 200, &j);
}

void page_api_login(struct request *r)
{
	struct json_fields f;
	enum err e;

	if (!api_body(r, &f))
		return;
	struct login_wish w = { .user = read_take(&f, "user"), .passphrase = read_take(&f, "passphrase"),
				.totp = read_take(&f, "totp") };

	if (w.user.p == NULL || w.passphrase.p == NULL || f.n > 0) {
		respond_err(r, ERR_INVALID);
		return;
	}
	if (w.totp.p == NULL)
		w.totp = STR("");
	if ((e = flow_login(r->flow, r->arena, &w, &r->session)) != OK) {
		respond_err(r, e);
		return;
	}
	request_set_session(r, &r->session.cookie);
	answer_who(r);
}

void page_api_logout(struct request *r)
{
	enum err e = r->has_cookie ? flow_logout(r->flow, r->arena, &r->cookie) : OK;

	/* A session that is gone already is out, too. */
	if (e != OK && e != ERR_NO_SESSION) {
		respond_err(r, e);
		return;
	}
	request_clear_session(r);
	respond_empty(r, 204);
}

void page_api_me(struct request *r)
{
	answer_who(r);
}

/* pages/login.c — log in, lock, unlock, log out. */
#include "pages/login.h"
#include "pages/page.h"

static size_t copy_kept(struct request *r, struct tpl_login_kept **ret)
{
	size_t n = 0;
	const struct field *kept = request_kept(r, &n);
	*ret = LIST_OF(r->arena, login_kept, n);
	for (size_t i = 0; *ret && i < n; i++)
		(*ret)[i] = (struct tpl_login_kept){ kept[i].name, kept[i].value };
	return *ret ? n : 0;
}

/* Shown by login_show, after a wrong try, and by page_error when nobody is logged in. */
void show_login(struct request *r, struct str error, struct str lead, int status)
{
	struct page p = page_begin(r, STR("Logga in"));
	struct tpl_login_kept *kept = NULL;
	size_t n = copy_kept(r, &kept);
	p.status = status;
	p.faulty = error.p != NULL;
	p.narrow = true;
	p.has_form = true;
	page_add(&p, PART(p.a, login, .lead = lead, .error = error,
	                  .kept_note = n ? STR("Din text är sparad här. Logga in så finns den kvar i formuläret.") : STR_UNSET,
	                  .keys = page_keys(r, STR_UNSET), .user = typed(r, "user"), .kept = kept, .n_kept = n));
	page_send(&p);
}

void page_home(struct request *r)
{
	respond_redirect(r, r->has_cookie ? path_my_day() : path_login_show());
}

void page_login_show(struct request *r)
{
	show_login(r, STR_UNSET, STR("Ärendestöd är till för dig som arbetar i ett ärende."), 200);
}

void page_login(struct request *r)
{
	struct login_wish w = { .user = typed(r, "user"), .passphrase = typed(r, "passphrase"),
	                        .totp = str_trim(typed(r, "totp")) };
	enum err e = flow_login(r->flow, r->arena, &w, &r->session);
	if (e == ERR_LOGIN) {
		show_login(r, STR("Användarnamnet, lösenfrasen eller koden stämmer inte. Kontrollera och försök igen."),
		           STR("Ärendestöd är till för dig som arbetar i ett ärende."), 401);
		return;
	}
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	request_set_session(r, &r->session.cookie);
	if (!request_resume(r))
		respond_redirect(r, path_my_day());
}

void page_logout(struct request *r)
{
	if (r->has_cookie) {
		enum err e = flow_logout(r->flow, r->arena, &r->cookie);
		(void)e; /* the cookie goes in any case */
	}
	request_clear_session(r);
	respond_redirect(r, path_login_show());
}

void page_lock(struct request *r)
{
	enum err e = r->has_cookie ? flow_lock(r->flow, r->arena, &r->cookie) : ERR_NO_SESSION;
	respond_redirect(r, e == OK || e == ERR_LOCKED ? path_locked_show() : path_login_show());
}

void show_locked(struct request *r, struct str error, int status)
{
	struct page p = page_begin(r, STR("Låst skärm"));
	size_t n = 0;
	const struct field *kept = request_kept(r, &n);
	struct tpl_locked_kept *list = LIST_OF(r->arena, locked_kept, n);
	for (size_t i = 0; list && i < n; i++)
		list[i] = (struct tpl_locked_kept){ kept[i].name, kept[i].value };
	p.status = status;
	p.faulty = error.p != NULL;
	p.narrow = true;
	p.has_form = true;
	page_add(&p, PART(p.a, locked, .title = STR("Skärmen är låst"),
	                  .text = n ? STR("Din text är sparad här. Lås upp för att fortsätta.") : STR("Lås upp för att fortsätta."),
	                  .error = error, .keys = page_keys(r, STR_UNSET), .with_passphrase = true, .with_totp = true,
	                  .kept = list, .n_kept = n, .user = STR("")));
	page_send(&p);
}

void page_locked_show(struct request *r)
{
	struct session s;
	enum err e = r->has_cookie ? flow_session(r->flow, r->arena, &r->cookie, false, &s) : ERR_NO_SESSION;
	if (e == OK) {
		/* The browser came here by itself after five minutes: then the screen is to be locked. */
		e = flow_lock(r->flow, r->arena, &r->cookie);
	}
	if (e == OK || e == ERR_LOCKED)
		show_locked(r, STR_UNSET, 200);
	else
		respond_redirect(r, path_login_show());
}

void page_unlock(struct request *r)
{
	if (!r->has_cookie) {
		respond_redirect(r, path_login_show());
		return;
	}
	enum err e = flow_unlock(r->flow, r->arena, &r->cookie, str_trim(typed(r, "totp")), typed(r, "passphrase"), &r->session);
	if (e == ERR_LOGIN) {
		show_locked(r, STR("Det stämmer inte. Skriv koden eller lösenfrasen igen."), 401);
		return;
	}
	if (e == ERR_NO_SESSION) {
		show_login(r, STR_UNSET, STR("Du har varit borta länge. Logga in igen."), 401);
		return;
	}
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	if (!request_resume(r))
		respond_redirect(r, path_my_day());
}

void page_activity(struct request *r)
{
	struct session s;
	enum err e = flow_session(r->flow, r->arena, &r->cookie, true, &s);
	if (e == OK)
		respond_empty(r, 204);
	else
		respond_err(r, e);
}

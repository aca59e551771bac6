/* pages/enrol.c — Nytt konto: taking up an invitation, and the code generator's secret, shown once. */
#include "pages/page.h"

#define PASSPHRASE_LEAST 15

static void show_enrol(struct request *r, struct tpl_enrol *v, int status)
{
	struct page p = page_begin(r, STR("Nytt konto"));
	struct tpl_enrol_errors *errors = LIST_OF(p.a, enrol_errors, 4);
	size_t n = 0;
	const struct { const char *id; struct str text; } rows[] = {
		{ "user", v->user_error }, { "code", v->code_error }, { "passphrase", v->passphrase_error }, { "passphrase2", v->passphrase2_error },
	};
	for (size_t i = 0; errors && i < COUNT_OF(rows); i++)
		if (rows[i].text.p)
			errors[n++] = (struct tpl_enrol_errors){ token_name(rows[i].id), rows[i].text };
	v->errors = errors;
	v->n_errors = n;
	v->errors_title = n ? STR("Rätta det här innan du fortsätter") : STR_UNSET;
	v->keys = page_keys(r, STR_UNSET);
	v->user = typed(r, "user");
	v->code = typed(r, "code");
	p.status = status;
	p.faulty = n > 0;
	p.narrow = true;
	p.has_form = true;
	page_add(&p, part_enrol(v));
	page_send(&p);
}

void page_enrol_show(struct request *r)
{
	struct tpl_enrol v = { .n_errors = 0 };
	show_enrol(r, &v, 200);
}

static struct str in_fours(struct arena *a, struct str secret)
{
	struct buf b = buf_new(a, 2 * secret.n + 1);
	for (size_t i = 0; i < secret.n; i++) {
		if (i && i % 4 == 0)
			buf_char(&b, ' ');
		buf_char(&b, secret.p[i]);
	}
	return buf_view(&b);
}

void page_enrol(struct request *r)
{
	struct tpl_enrol v = { .n_errors = 0 };
	struct str user = str_trim(typed(r, "user")), code = str_trim(typed(r, "code"));
	struct str one = typed(r, "passphrase"), two = typed(r, "passphrase2"), totp;
	v.user_error = user.n ? STR_UNSET : STR("Skriv ditt användarnamn");
	v.code_error = code.n ? STR_UNSET : STR("Skriv koden du har fått");
	v.passphrase_error = !str_is_text(one) || str_points(one) < PASSPHRASE_LEAST ? STR("Välj en lösenfras med minst 15 tecken, gärna fyra ord") : STR_UNSET;
	v.passphrase2_error = str_eq(one, two) ? STR_UNSET : STR("Lösenfraserna är inte lika");
	if (v.user_error.p || v.code_error.p || v.passphrase_error.p || v.passphrase2_error.p) {
		show_enrol(r, &v, 400);
		return;
	}
	enum err e = flow_enrol(r->flow, r->arena, user, code, one, &totp);
	if (e == ERR_LOGIN || e == ERR_DENIED || e == ERR_NOT_FOUND || e == ERR_CORRUPT) {
		v.code_error = STR("Namnet och koden hör inte ihop, eller så har koden gått ut. Be om en ny.");
		show_enrol(r, &v, 401);
		return;
	}
	if (e != OK) {
		respond_err(r, e);
		return;
	}
	struct page p = page_begin(r, STR("Nytt konto"));
	p.narrow = true;
	page_add(&p, PART(p.a, enrolled, .secret = in_fours(p.a, totp)));
	page_send(&p);
}

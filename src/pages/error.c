/* pages/error.c — the screen of a fault: one sentence, a code, and the typed text kept. */
#include "pages/login.h"
#include "pages/page.h"
#include "crypto/bytes.h"

#define CODE_SIGNS 4

/* Four signs to say on the phone; they name this answer alone. */
static struct str fault_code(struct arena *a, enum err e)
{
	static const char signs[] = "BCDFGHJKLMNPQRSTVWXZ23456789";
	uint8_t random[CODE_SIGNS];
	bytes_random(random, sizeof random);
	struct buf b = buf_new(a, 24);
	for (size_t i = 0; i < sizeof random; i++)
		buf_char(&b, signs[random[i] % (sizeof signs - 1)]);
	buf_format(&b, "-%d", (int)e);
	return buf_view(&b);
}

static struct str title_of(enum err e)
{
	switch ((int)e) {
	case ERR_NOT_FOUND: return STR("Inget ärende hittades.");
	case ERR_DENIED: return STR("Du har inte behörighet till den här sidan.");
	case ERR_CONFLICT: return STR("Någon annan hann före.");
	case ERR_TOO_LARGE: return STR("Det blev för mycket text.");
	case ERR_INVALID: return STR("Det gick inte att läsa.");
	case ERR_VAULT_GONE: return STR("Tjänsten startar om.");
	case ERR_LOG_FULL: return STR("Loggen är full.");
	default: return STR("Något gick fel hos oss.");
	}
}

static bool may_retry(enum err e)
{
	return err_http(e) == 503 || e == ERR_CONFLICT;
}

/* What was typed can be read and copied also when it cannot be sent again. */
static size_t typed_texts(struct request *r, struct tpl_error_typed **ret)
{
	size_t n = 0;
	*ret = LIST_OF(r->arena, error_typed, r->n_fields);
	for (size_t i = 0; *ret && i < r->n_fields; i++)
		if (r->fields[i].value.n > 0 && !str_eq_c(r->fields[i].name, "passphrase") && !str_eq_c(r->fields[i].name, "totp"))
			(*ret)[n++] = (struct tpl_error_typed){ r->fields[i].name, r->fields[i].value };
	return n;
}

void page_error(struct request *r, enum err e)
{
	if (e == ERR_NO_SESSION) {
		show_login(r, STR_UNSET, STR("Logga in för att fortsätta."), 401);
		return;
	}
	if (e == ERR_LOCKED) {
		show_locked(r, STR_UNSET, 423);
		return;
	}
	struct page p = page_begin(r, STR("Meddelande"));
	size_t n = 0, n_typed = 0;
	struct tpl_error_original *original = NULL;
	struct tpl_error_typed *texts = NULL;
	if (may_retry(e)) {
		const struct field *f = request_original(r, &n);
		original = LIST_OF(p.a, error_original, n);
		for (size_t i = 0; original && i < n; i++)
			original[i] = (struct tpl_error_original){ f[i].name, f[i].value };
		n_typed = typed_texts(r, &texts);
	}
	p.status = err_http(e);
	p.faulty = true;
	p.narrow = true;
	p.has_form = true;
	struct str text = str_c(err_text(e)), title = title_of(e);
	if (str_starts(text, title))
		text = str_trim(str_cut(text, title.n, text.n));
	page_add(&p, PART(p.a, error, .title = title, .text = text,
	                  .code = err_http(e) >= 500 ? fault_code(p.a, e) : STR_UNSET,
	                  .retry = n ? request_action(r) : PATH_UNSET, .keys = { .csrf = request_csrf(r) },
	                  .original = original, .n_original = n, .typed = texts, .n_typed = n_typed,
	                  .back = path_home(), .back_text = STR("Till startsidan")));
	page_send(&p);
}

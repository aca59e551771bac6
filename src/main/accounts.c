/* main/accounts.c — the acts on accounts behind `avstamp user`, as the officer who logs in for them. */
#include "main/admin.h"
#include "main/upkeep.h"
#include <string.h>

struct asking {
	struct flow *flow;
	struct arena *a;
	const struct admin_request *r;
	struct session session;
	struct buf out;
};
static struct str refuse(struct arena *a, struct str sentence)
{
	return arena_format(a, "no %.*s\n", STR_FMT(sentence));
}

static struct str fault(struct arena *a, enum err e)
{
	return refuse(a, str_c(err_text(e)));
}

static const struct { const char *name, *title; uint64_t bit; } roles[] = {
#define ROLE(id, bit, name, title) { name, title, UINT64_C(1) << (bit) },
#include "tables/roles.def"
#undef ROLE
};

static void put_roles(struct buf *b, uint64_t bits)
{
	bool first = true;
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		if (!(bits & roles[i].bit))
			continue;
		if (!first)
			buf_lit(b, " ");
		buf_str(b, str_c(roles[i].name));
		first = false;
	}
}

static bool read_roles(struct str words, uint64_t *ret)
{
	uint64_t bits = 0;
	for (words = str_trim(words); words.n > 0; words = str_trim(words)) {
		size_t n = str_find(words, ',');
		struct str word = str_trim(str_cut(words, 0, n));
		words = str_cut(words, n < words.n ? n + 1 : n, words.n);
		uint64_t bit = 0;
		for (size_t i = 0; i < COUNT_OF(roles); i++)
			if (str_eq_c(word, roles[i].name))
				bit = roles[i].bit;
		if (bit == 0)
			return false;
		bits |= bit;
	}
	*ret = bits;
	return bits != 0;
}

/* ---- acts ----------------------------------------------------------------------------------------------- */

static const char *standing_of(const struct account *a)
{
	return a->disabled ? "stängt" : a->invited ? "inbjudet" : !a->certified ? "väntar på intyg"
	       : a->holds_standing ? "klart" : "väntar på nycklar";
}

static struct str list(struct asking *q)
{
	struct account *all;
	size_t n;
	enum err e = flow_accounts(q->flow, q->a, &q->session.cookie, &q->session, &all, &n);
	if (e != OK)
		return fault(q->a, e);
	buf_lit(&q->out, "ok\nuser\tname\ttitle\troles\tstatus\tsignatures\n");
	for (size_t i = 0; i < n; i++) {
		buf_str(&q->out, id_str(q->a, all[i].user));
		buf_lit(&q->out, "\t");
		buf_str(&q->out, all[i].name.p ? all[i].name : STR(""));
		buf_lit(&q->out, "\t");
		buf_str(&q->out, all[i].title.p ? all[i].title : STR(""));
		buf_lit(&q->out, "\t");
		put_roles(&q->out, all[i].roles);
		buf_format(&q->out, "\t%s\t%d\n", standing_of(&all[i]), all[i].signatures);
	}
	return buf_view(&q->out);
}

static struct str add(struct asking *q)
{
	struct invite_wish w = { .login = admin_value(q->r, "login"), .name = admin_value(q->r, "name"),
	                         .title = admin_value(q->r, "title") };
	struct str code;
	if (!w.login.p || !w.name.p || !w.title.p || !read_roles(admin_value(q->r, "roles"), &w.roles))
		return refuse(q->a, STR("Ange --login, --name, --title och --roles. Rollerna står i avstamp help user."));
	enum err e = flow_invite(q->flow, q->a, &q->session.cookie, &w, &q->session, &code);
	if (e == ERR_EXISTS)
		return refuse(q->a, STR("Inloggningsnamnet används redan. Välj ett annat."));
	if (e != OK)
		return fault(q->a, e);
	buf_lit(&q->out, "ok\ncode\n");
	buf_str(&q->out, code);
	buf_lit(&q->out, "\n");
	return buf_view(&q->out);
}

/* An account by id, or by its whole name when only one has it. */
static enum err find_account(struct asking *q, struct str words, struct id16 *ret)
{
	struct account *all;
	size_t n, hits = 0;
	struct id16 id;
	enum err e;
	if (id_parse(words, &id) == OK) {
		*ret = id;
		return OK;
	}
	if ((e = flow_accounts(q->flow, q->a, &q->session.cookie, &q->session, &all, &n)) != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		if (!all[i].name.p || !str_eq(all[i].name, words))
			continue;
		id = all[i].user;
		hits++;
	}
	if (hits != 1)
		return ERR_NOT_FOUND;
	*ret = id;
	return OK;
}

static struct str disable(struct asking *q, struct id16 user)
{
	size_t last_of = 0;
	enum err e = flow_disable(q->flow, q->a, &q->session.cookie, user, &q->session, &last_of);
	if (last_of > 0)
		return refuse(q->a, arena_format(q->a, "Kontot är ensamt om nycklarna till %zu akter eller delar av akter. "
		              "Ge först någon annan behörighet, eller ta hjälp av förvaltarna av återställningsnycklar.",
		              last_of));
	return e == OK ? STR("ok\nstatus\nstängt\n") : fault(q->a, e);
}

static struct str certify(struct asking *q, struct id16 user)
{
	bool whole = false;
	enum err e = flow_certify(q->flow, q->a, &q->session.cookie, user, &q->session, &whole);
	if (e == ERR_EXISTS)
		return refuse(q->a, STR("Du har redan intygat kontot. Nu ska den andra behörighetsansvariga göra det."));
	if (e != OK)
		return fault(q->a, e);
	return whole ? STR("ok\nstatus\nintygat av båda\n") : STR("ok\nstatus\nväntar på den andra behörighetsansvariga\n");
}

static struct str grant(struct asking *q, struct id16 user)
{
	enum err e = flow_grant_standing(q->flow, q->a, &q->session.cookie, user, &q->session);
	return e == OK ? STR("ok\nstatus\nnycklar lämnade\n") : fault(q->a, e);
}

static struct str one_account(struct asking *q, struct str act)
{
	struct id16 user;
	struct str words = admin_value(q->r, "user");
	if (!words.p || find_account(q, words, &user) != OK)
		return refuse(q->a, STR("Kontot hittades inte. Ange dess id från avstamp user list, eller hela namnet."));
	if (str_eq_c(act, "disable"))
		return disable(q, user);
	if (str_eq_c(act, "certify"))
		return certify(q, user);
	return grant(q, user);
}

/* The invited person's own act: needs no session. */
static struct str enrol(struct flow *f, struct arena *a, const struct admin_request *r)
{
	struct str login = admin_value(r, "login"), code = admin_value(r, "code"), phrase = admin_value(r, "passphrase");
	struct str totp = STR_UNSET;
	if (!login.p || !code.p || !phrase.p)
		return refuse(a, STR("Ange --login, engångskoden och en lösenfras."));
	enum err e = flow_enrol(f, a, login, code, phrase, &totp);
	if (e != OK)
		return fault(a, e);
	return arena_format(a, "ok\ntotp\n%.*s\n", STR_FMT(totp.p ? totp : STR("")));
}

struct str admin_run(struct flow *f, struct arena *a, const struct admin_request *r)
{
	struct str act = admin_value(r, "act");
	struct asking q = { .flow = f, .a = a, .r = r, .out = buf_new(a, 1u << 18) };
	static const char *const acts[] = { "list", "add", "disable", "certify", "grant" };
	bool known = false;
	struct str done;
	if (upkeep_run(flow_vault(f), a, act, &done))
		return done;
	if (str_eq_c(act, "enrol"))
		return enrol(f, a, r);
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		known = known || str_eq_c(act, acts[i]);
	if (!known)
		return refuse(a, STR("Okänd begäran."));
	struct login_wish w = { .user = admin_value(r, "as"), .passphrase = admin_value(r, "passphrase"),
	                        .totp = admin_value(r, "totp") };
	if (!w.user.p || !w.passphrase.p)
		return refuse(a, STR("Ange --as INLOGGNINGSNAMN och lösenfrasen."));
	if (!w.totp.p)
		w.totp = STR("");
	enum err e = flow_login(f, a, &w, &q.session);
	if (e != OK)
		return fault(a, e);
	struct str answer = str_eq_c(act, "list") ? list(&q) : str_eq_c(act, "add") ? add(&q) : one_account(&q, act);
	(void)!flow_logout(f, a, &q.session.cookie);
	return answer;
}

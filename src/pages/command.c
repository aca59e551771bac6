/* pages/command.c — every act on a case: its form, its refusals, its conflicts; and Ny aktualisering. */
#include "pages/case.h"
#include "pages/forms.h"
#include "flow/version.h"

/* The refusal: what was refused, the ground, and what to do instead, with a link to the act that lifts it. `o` may be NULL. */
static struct html_part refusal_part(struct request *r, const struct opened_case *o, const struct refusal *f)
{
	struct arena *a = r->arena;
	const struct refusal_row *row = refusal_row(f->id);
	const struct basis_row *basis = basis_on(row->basis, DAY_UNSET);
	enum command_id lifts = refusal_remedy(f->id);
	bool link = o && lifts != CMD_NONE && offered(r, o, lifts);
	return PART(a, refusal, .title = STR("Det går inte att spara än"), .text = str_c(row->text), .rule = str_c(row->rule),
	            .basis = basis ? str_c(basis->citation) : STR_UNSET, .remedy = str_c(row->remedy),
	            .remedy_href = link ? path_command_show(a, o->case_id, token_name(command_row(lifts)->name)) : PATH_UNSET,
	            .remedy_link = link ? str_c(command_row(lifts)->button) : STR_UNSET);
}

static struct html_part refill_part(struct arena *a)
{
	return PART(a, notice, .tone = TOKEN("info"), .title = STR("Din text finns kvar."), .href = PATH_UNSET,
	            .text = STR("Den är inte sparad än. Kontrollera den och spara."), .link = STR_UNSET);
}

static bool load_staff(struct request *r, enum command_id c, struct form_options *o)
{
	struct staff *staff = NULL;
	size_t n = 0;
	if (!form_names_staff(c))
		return true;
	enum err e = flow_staff(r->flow, r->arena, &r->cookie, &r->session, &staff, &n);
	if (e != OK) {
		respond_err(r, e);
		return false;
	}
	o->staff = staff;
	o->n_staff = n;
	return true;
}

static struct token back_of(const struct request *r)
{
	return str_eq_c(typed(r, "till"), "plan") ? TOKEN("plan") : TOKEN_UNSET;
}

/* ---- the form of a command on a case ---- */

static void show_command(struct request *r, enum command_id c, const struct act_result *res, int status)
{
	struct opened_case o;
	struct form_wish w = { .command = c, .case_id = r->case_id, .back = back_of(r), .same_token = res || r->refill };
	if (!case_open(r, &o))
		return;
	w.options = (struct form_options){ .state = o.state, .newest = o.newest, .n_newest = o.n_newest };
	if (!load_staff(r, c, &w.options))
		return;
	/* Typed on an older page it stays on that, until a conflict has shown what came between. */
	w.on = w.same_token && r->on.n > 0 && !(res && res->conflict) ? r->on : o.version;
	if (res) {
		w.errors = res->errors;
		w.n_errors = res->n_errors;
		if (res->conflict)
			w.notice = conflict_part(r, &o, c, res);
		else if (res->refusal.id != REFUSAL_NONE)
			w.notice = refusal_part(r, &o, &res->refusal);
	} else if (r->refill) {
		w.notice = refill_part(r->arena);
	}
	struct page p = case_page(r, &o, STR("Skriv i ärendet"), r->route);
	p.status = status;
	p.has_form = true;
	p.narrow = true;
	p.faulty = res != NULL;
	page_add(&p, command_form(r, &w));
	page_send(&p);
}

static const struct command_row *command_of(struct request *r)
{
	const struct command_row *c = command_by_name(r->command);
	/* A package's acceptance has no form, and an intake has its own page. */
	if (!c || (c->flags & COMMAND_PACKAGE) || c->id == CMD_REGISTER_INTAKE) {
		respond_err(r, ERR_NOT_FOUND);
		return NULL;
	}
	return c;
}

void page_command_show(struct request *r)
{
	const struct command_row *c = command_of(r);
	if (c)
		show_command(r, c->id, NULL, 200);
}

/* The vault's clock, asked for when nobody has been told it yet. */
static struct instant now_of(struct request *r)
{
	struct instant now = r->session.now.us != 0 ? r->session.now : flow_now(r->flow);
	if (now.us != 0)
		return now;
	struct session s;
	return flow_session(r->flow, r->arena, &r->cookie, true, &s) == OK ? s.now : (struct instant){ 0 };
}

static struct path after_save(struct request *r, const struct command_row *c, const struct act_result *saved)
{
	/* Who has left has no case to go back to. */
	if (c->id == CMD_REMOVE_MEMBER && str_eq(typed(r, "member"), id_str(r->arena, r->session.user)))
		return path_my_cases();
	struct path to = str_eq_c(typed(r, "till"), "plan") ? path_case_plan(r->arena, saved->case_id) : path_case_show(r->arena, saved->case_id);
	return receipt_path(r->arena, to, c->id, saved->unindexed);
}

/* The first act is saved whatever becomes of the second, which is refused on its own page. */
static void follow_up(struct request *r, const struct command_row *c, const struct act_result *saved)
{
	const struct command_row *then = command_row(form_follow(c->id));
	struct act_result res;
	size_t n = 0;
	if (!form_follow_wanted(r, c->id)) {
		respond_redirect(r, after_save(r, c, saved));
		return;
	}
	const struct field_value *v = form_values(r, then->id, now_of(r), &n);
	struct act_wish w = { .case_id = saved->case_id, .command = then->id, .on = saved->version, .values = v, .n_values = n,
	                      .token = r->token.n ? arena_format(r->arena, "%.*s.2", STR_FMT(r->token)) : STR(""),
	                      .act = str_c(then->name) };
	enum err e = flow_act(r->flow, r->arena, &r->cookie, &w, &r->session, &res);
	if (e == OK && !res.saved) {
		r->case_id = saved->case_id;
		r->route = ROUTE_command;
		/* The first act's token has its answer. */
		r->token = w.token;
		r->on = saved->version;
		show_command(r, then->id, &res, res.conflict ? 409 : res.n_errors ? 400 : 422);
	} else {
		respond_redirect(r, after_save(r, e == OK ? then : c, saved));
	}
}

void page_command(struct request *r)
{
	const struct command_row *c = command_of(r);
	struct act_result res;
	struct version shown;
	size_t n = 0;
	if (!c)
		return;
	/* What no form of ours holds has shown nothing. */
	if (version_decode(r->on, &shown) != OK)
		r->on = STR("");
	const struct field_value *v = form_values(r, c->id, now_of(r), &n);
	struct act_wish w = { .case_id = r->case_id, .command = c->id, .on = r->on, .token = r->token, .values = v,
	                      .n_values = n, .act = str_c(c->name) };
	enum err e = flow_act(r->flow, r->arena, &r->cookie, &w, &r->session, &res);
	if (e != OK)
		respond_err(r, e);
	else if (res.saved)
		follow_up(r, c, &res);
	else
		show_command(r, c->id, &res, res.conflict ? 409 : res.n_errors ? 400 : 422);
}

/* ---- Ny aktualisering: seven questions, three of them required ---- */

static void show_intake(struct request *r, const struct act_result *res, int status)
{
	struct page p = page_begin(r, STR("Ny aktualisering"));
	struct form_wish w = {
		.command = CMD_REGISTER_INTAKE, .top = true, .same_token = res || r->refill,
		.intro = STR("Bara tre frågor måste ha svar: vem som kontaktar oss, hur vi når personen säkert och om personen är i fara. "
		             "Skriv inte var personen bor eller håller sig undan."),
	};
	if (res) {
		w.errors = res->errors;
		w.n_errors = res->n_errors;
		if (res->refusal.id != REFUSAL_NONE)
			w.notice = refusal_part(r, NULL, &res->refusal);
	} else if (r->refill) {
		w.notice = refill_part(p.a);
	}
	p.status = status;
	p.faulty = res != NULL;
	p.has_form = true;
	p.narrow = true;
	page_add(&p, command_form(r, &w));
	page_send(&p);
}

void page_intake_show(struct request *r)
{
	show_intake(r, NULL, 200);
}

void page_intake(struct request *r)
{
	struct act_result res;
	size_t n = 0;
	const struct field_value *v = form_values(r, CMD_REGISTER_INTAKE, now_of(r), &n);
	struct act_wish w = { .command = CMD_REGISTER_INTAKE, .token = r->token, .values = v, .n_values = n, .act = STR("intake") };
	enum err e = flow_act(r->flow, r->arena, &r->cookie, &w, &r->session, &res);
	if (e != OK)
		respond_err(r, e);
	else if (res.saved)
		follow_up(r, command_row(CMD_REGISTER_INTAKE), &res);
	else
		show_intake(r, &res, res.n_errors ? 400 : 422);
}

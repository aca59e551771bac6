/* pages/forms.c — builds a command's form from its table rows and the parts of view/templates. */
#include "pages/forms.h"

#define RADIOS_MOST 15

struct form_maker {
	struct request *r;
	struct arena *a;
	const struct form_wish *w;
	struct tpl_form_fields *fields;
	size_t n;
	struct tpl_form_errors *errors;
	size_t n_errors;
	const void *start;           /* what is known already; NULL when the form is shown again */
	bool hidden;                 /* a field was left out */
	bool may_wait;               /* under the heading that says so, no label needs to */
};

static struct str error_of(const struct form_maker *m, const char *name)
{
	for (size_t i = 0; i < m->w->n_errors; i++)
		if (m->w->errors[i].field && str_eq_c(str_c(m->w->errors[i].field), name))
			return m->w->errors[i].text;
	return STR_UNSET;
}

static struct str suffixed(const struct form_maker *m, const char *name, const char *suffix)
{
	struct str full = arena_format(m->a, "%s%s", name, suffix);
	const char *c = arena_c(m->a, full);
	return c ? typed(m->r, c) : STR("");
}

static struct str value_of(const struct form_maker *m, const struct form_field *f)
{
	struct str s = request_field(m->r, f->name);
	return s.p ? s : start_text(m->a, f, m->start);
}

static struct str hint_of(const struct form_field *f)
{
	return f->hint && f->hint[0] ? str_c(f->hint) : STR_UNSET;
}

/* May a rule turn on this field? Then it stands in the short form too, and it is not said that it can wait. */
static bool guarded(const struct command_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_guards; i++) {
		const char *field = guard_rows[row->guards[i]].field;
		if (field && str_eq_c(str_c(field), name))
			return true;
	}
	return false;
}

static struct str label_of(const struct form_maker *m, const struct form_field *f)
{
	/* Of a note's texts one is enough; its hint says so. */
	bool one_of = m->w->command == CMD_NOTE && f->type == FIELD_TEXT && !str_eq_c(str_c(f->name), "objection");
	if (one_of || m->may_wait || f->required || f->type == FIELD_YESNO || guarded(command_row(m->w->command), f->name))
		return str_c(f->label);
	return arena_format(m->a, "%s (kan vänta)", f->label);
}

/* ---- one field of each type ---- */

static struct html_part line_field(struct form_maker *m, const struct form_field *f)
{
	bool number = f->type == FIELD_NUMBER || f->type == FIELD_NUMBER12;
	struct token look = f->type == FIELD_NUMBER ? TOKEN("w4") : f->type == FIELD_NUMBER12 || f->max <= 40 ? TOKEN("w16") : TOKEN("wide");
	return PART(m->a, field_line, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .value = value_of(m, f), .type = TOKEN("text"),
	            .look = look, .inputmode = number ? TOKEN("numeric") : TOKEN("text"), .autocomplete = TOKEN("off"),
	            .most = f->type == FIELD_NUMBER12 ? 20 : f->type == FIELD_NUMBER ? 8 : f->max, .suffix = STR_UNSET);
}

/* Under the texts of the social file stands that nobody has to tell about crime (inv.Q2). */
static struct str text_hint(struct form_maker *m, const struct form_field *f)
{
	struct str own = hint_of(f);
	const char *standing = command_standing_hint(m->w->command);
	return own.p || !standing ? own : str_c(standing);
}

static struct html_part area_field(struct form_maker *m, const struct form_field *f)
{
	return PART(m->a, field_area, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = text_hint(m, f), .error = error_of(m, f->name), .value = value_of(m, f),
	            .lines = f->max > 1000 ? 5 : 3, .most = f->max);
}

static struct html_part radio_field(struct form_maker *m, const struct form_field *f)
{
	const struct choice_list *l = f->choices;
	struct tpl_field_radios_options *o = LIST_OF(m->a, field_radios_options, l->n);
	size_t longest = 0;
	struct str value = value_of(m, f);
	for (size_t i = 0; o && i < l->n; i++) {
		struct token id = i == 0 ? token_name(f->name) : token_numbered(m->a, token_name(f->name), i);
		struct str text = str_c(l->rows[i].text);
		longest = text.n > longest ? text.n : longest;
		o[i] = (struct tpl_field_radios_options){ .id = id, .value = token_name(l->rows[i].code), .text = text,
		                                          .hint = STR_UNSET,
		                                          .chosen = str_eq_c(value, l->rows[i].code) };
	}
	return PART(m->a, field_radios, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .beside = l->n <= 5 && longest <= 24,
	            .options = o, .n_options = o ? l->n : 0);
}

static struct html_part select_of(struct form_maker *m, const struct form_field *f, struct tpl_field_select_options *o, size_t n)
{
	return PART(m->a, field_select, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .options = o, .n_options = o ? n : 0);
}

static struct html_part long_choice(struct form_maker *m, const struct form_field *f)
{
	const struct choice_list *l = f->choices;
	struct tpl_field_select_options *o = LIST_OF(m->a, field_select_options, l->n);
	struct str value = value_of(m, f);
	for (size_t i = 0; o && i < l->n; i++)
		o[i] = (struct tpl_field_select_options){ .value = str_c(l->rows[i].code), .text = str_c(l->rows[i].text),
		                                          .chosen = str_eq_c(value, l->rows[i].code) };
	return select_of(m, f, o, l->n);
}

static bool is_chosen(const struct form_maker *m, const char *name, const char *code)
{
	for (size_t i = 0; request_field_n(m->r, name, i).p; i++)
		if (str_eq_c(request_field_n(m->r, name, i), code))
			return true;
	return false;
}

static struct html_part checks_field(struct form_maker *m, const struct form_field *f)
{
	const struct choice_list *l = f->choices;
	struct tpl_field_checks_options *o = LIST_OF(m->a, field_checks_options, l->n);
	uint64_t known = start_choices(f, m->start);
	for (size_t i = 0; o && i < l->n; i++)
		o[i] = (struct tpl_field_checks_options){
			.id = i == 0 ? token_name(f->name) : token_numbered(m->a, token_name(f->name), i),
			.value = token_name(l->rows[i].code), .text = str_c(l->rows[i].text), .hint = STR_UNSET,
			.chosen = is_chosen(m, f->name, l->rows[i].code) || (known & (UINT64_C(1) << l->rows[i].number)) != 0 };
	return PART(m->a, field_checks, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .beside = true, .options = o, .n_options = o ? l->n : 0);
}

static struct html_part day_field(struct form_maker *m, const struct form_field *f)
{
	struct str iso = start_text(m->a, f, m->start);
	if (iso.n == 10)
		return PART(m->a, field_date, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
		            .hint = hint_of(f), .error = STR_UNSET, .day = str_cut(iso, 8, 10), .month = str_cut(iso, 5, 7),
		            .year = str_cut(iso, 0, 4));
	return PART(m->a, field_date, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .day = suffixed(m, f->name, "-dag"),
	            .month = suffixed(m, f->name, "-man"), .year = suffixed(m, f->name, "-ar"));
}

static struct html_part moment_field(struct form_maker *m, const struct form_field *f)
{
	static const struct { const char *value, *text; } quick[] = {
		{ "i-dag", "I dag" }, { "i-morgon", "I morgon" }, { "om-en-vecka", "Om en vecka" }, { "annan", "Annan dag" },
	};
	bool coming = f->when == WHEN_FUTURE;
	size_t n = coming ? COUNT_OF(quick) : 0;
	struct str val = suffixed(m, f->name, "-val");
	struct tpl_field_datetime_options *o = LIST_OF(m->a, field_datetime_options, n);
	for (size_t i = 0; o && i < n; i++)
		o[i] = (struct tpl_field_datetime_options){
			.id = token_numbered(m->a, token_name(f->name), i + 1), .value = token_name(quick[i].value),
			.text = str_c(quick[i].text), .chosen = str_eq_c(val, quick[i].value) };
	return PART(m->a, field_datetime, .id = token_name(f->name), .name = token_name(f->name), .label = label_of(m, f),
	            .hint = hint_of(f), .error = error_of(m, f->name), .options = o, .n_options = o ? n : 0,
	            .date = suffixed(m, f->name, "-datum"), .clock = suffixed(m, f->name, "-klocka"), .with_clock = true);
}

/* ---- people, and things of the case ---- */

struct people { struct str value[FORM_PEOPLE], text[FORM_PEOPLE]; size_t n; };

static void add_person(struct arena *a, struct people *p, struct id16 id, struct str name, struct str title)
{
	struct str value = id_str(a, id);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->value[i], value))
			return;
	if (id_is_zero(id) || p->n == FORM_PEOPLE)
		return;
	p->value[p->n] = value;
	p->text[p->n++] = title.n ? arena_format(a, "%.*s, %.*s", STR_FMT(name), STR_FMT(title)) : name;
}

/* From the directory where it was opened, else those the case knows already. */
static void people_of(struct form_maker *m, const struct form_field *f, struct people *p)
{
	const struct form_options *o = &m->w->options;
	const struct vault_who *me = &m->r->session.who;
	p->n = 0;
	for (size_t i = 0; i < o->n_staff; i++)
		if (f->roles == 0 || (o->staff[i].roles & f->roles))
			add_person(m->a, p, o->staff[i].user, o->staff[i].name, o->staff[i].title);
	if (o->staff || !o->state)
		return;
	add_person(m->a, p, me->user, me->name, me->title);
	add_person(m->a, p, o->state->officer.id, o->state->officer.name, STR(""));
	add_person(m->a, p, o->state->second.id, o->state->second.name, STR(""));
	for (size_t i = 0; i < o->state->n_members; i++)
		add_person(m->a, p, o->state->members[i].person.id, o->state->members[i].person.name, STR(""));
}

static void add_field(struct form_maker *m, struct html_part part)
{
	if (part.fill)
		m->fields[m->n++].field = part;
}

static struct html_part person_field(struct form_maker *m, const struct form_field *f)
{
	struct people *p = ARENA_NEW(m->a, struct people);
	if (!p)
		return HTML_UNSET;
	people_of(m, f, p);
	struct tpl_field_select_options *o = LIST_OF(m->a, field_select_options, p->n);
	struct str value = value_of(m, f);
	for (size_t i = 0; o && i < p->n; i++)
		o[i] = (struct tpl_field_select_options){ .value = p->value[i], .text = p->text[i],
		                                          .chosen = str_eq(value, p->value[i]) };
	struct html_part chosen = select_of(m, f, o, p->n);
	if (!f->free)
		return chosen;
	add_field(m, chosen);
	const char *name = arena_c(m->a, arena_format(m->a, "%s-fri", f->name));
	if (!name)
		return HTML_UNSET;
	return PART(m->a, field_line, .id = token_name(name), .name = token_name(name),
	            .label = STR("Eller någon utanför, med namn"), .hint = STR_UNSET, .error = STR_UNSET,
	            .value = m->start ? start_name(f, m->start) : typed(m->r, name), .type = TOKEN("text"), .look = TOKEN("w16"),
	            .inputmode = TOKEN("text"), .autocomplete = TOKEN("off"), .most = 80, .suffix = STR_UNSET);
}

static struct html_part pick_field(struct form_maker *m, const struct form_field *f)
{
	struct option *options = NULL;
	size_t n = 0;
	if (!m->w->options.state || case_options(m->a, m->w->options.state, f->thing, &options, &n) != OK)
		return HTML_UNSET;
	if (n == 0 && !f->required)
		return HTML_UNSET; /* nothing to choose among, and nothing that must be chosen */
	struct tpl_field_select_options *o = LIST_OF(m->a, field_select_options, n);
	struct str value = value_of(m, f);
	for (size_t i = 0; o && i < n; i++)
		o[i] = (struct tpl_field_select_options){
			.value = options[i].value, .text = options[i].text,
			.chosen = value.n ? str_eq(value, options[i].value) : f->required && n == 1 };
	return select_of(m, f, o, n);
}

static struct html_part entry_field(struct form_maker *m, const struct form_field *f)
{
	const struct form_options *w = &m->w->options;
	struct tpl_field_select_options *o = LIST_OF(m->a, field_select_options, w->n_newest);
	for (size_t i = 0; o && i < w->n_newest; i++) {
		const struct event *e = &w->newest[i];
		struct str value = event_entry(m->a, e);
		o[i] = (struct tpl_field_select_options){
			.value = value, .chosen = str_eq(typed(m->r, f->name), value),
			.text = arena_format(m->a, "%s, %.*s", event_title(e->kind), STR_FMT(instant_short(m->a, e->noted))) };
	}
	return select_of(m, f, o, w->n_newest);
}

static struct html_part field_part_of(struct form_maker *m, const struct form_field *f)
{
	switch (f->type) {
	case FIELD_LINE: case FIELD_NUMBER: case FIELD_NUMBER12:
		return line_field(m, f);
	case FIELD_TEXT:
		return area_field(m, f);
	case FIELD_CHOICE: case FIELD_YESNO:
		return f->choices && f->choices->n <= RADIOS_MOST ? radio_field(m, f) : long_choice(m, f);
	case FIELD_CHOICES:
		return checks_field(m, f);
	case FIELD_DAY:
		return day_field(m, f);
	case FIELD_MOMENT:
		return moment_field(m, f);
	case FIELD_PERSON:
		return person_field(m, f);
	case FIELD_PICK:
		return pick_field(m, f);
	case FIELD_ENTRY:
		return entry_field(m, f);
	case FIELD_ID: case FIELD_HASH:
		break;
	}
	return HTML_UNSET;
}

/* ---- the form ---- */

static struct str errors_title(struct arena *a, size_t n)
{
	static const char *const words[] = { "", "en sak", "två saker", "tre saker", "fyra saker", "fem saker", "sex saker" };
	if (n == 0)
		return STR_UNSET;
	return n < COUNT_OF(words) ? arena_format(a, "Rätta %s innan du sparar", words[n])
	                           : arena_format(a, "Rätta %zu saker innan du sparar", n);
}

/* Somebody on the phone is asked these first (UX 3.3, task 11); the words about the danger follow its question. */
static bool stands_first(const char *name)
{
	static const char *const first[] = { "source", "safe_way", "danger", "words" };
	for (size_t i = 0; i < COUNT_OF(first); i++)
		if (str_eq_c(str_c(name), first[i]))
			return true;
	return false;
}

static void add_error(struct form_maker *m, const struct field_error *e)
{
	m->errors[m->n_errors++] = (struct tpl_form_errors){ .id = e->field ? token_name(e->field) : TOKEN("main"), .text = e->text };
}

/* In the order of the fields on the screen. */
static void add_errors(struct form_maker *m)
{
	bool intake = m->w->command == CMD_REGISTER_INTAKE;
	m->errors = LIST_OF(m->a, form_errors, m->w->n_errors);
	for (int later = 0; m->errors && later < 2; later++)
		for (size_t i = 0; i < m->w->n_errors; i++) {
			const struct field_error *e = &m->w->errors[i];
			if ((intake && e->field && !stands_first(e->field)) == (later == 1))
				add_error(m, e);
		}
}

static void add_back(struct form_maker *m)
{
	if (!m->w->back.made.p)
		return;
	struct tpl_field_hidden_fields *f = LIST_OF(m->a, field_hidden_fields, 1);
	if (!f)
		return;
	f[0] = (struct tpl_field_hidden_fields){ STR("till"), m->w->back.made };
	add_field(m, PART(m->a, field_hidden, .fields = f, .n_fields = 1));
}

static bool fits_inside(const struct command_row *row, const struct form_field *f)
{
	/* What cannot wait asks for the least. */
	if (row->flags & COMMAND_URGENT)
		return f->required || f->type == FIELD_YESNO;
	return f->required || !(f->type == FIELD_PERSON || f->type == FIELD_TEXT) || guarded(row, f->name);
}

static void add_fields(struct form_maker *m, const struct command_row *row)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(row->id, fields);
	for (size_t i = 0; i < n; i++) {
		if (!m->w->inside || fits_inside(row, &fields[i]))
			add_field(m, field_part_of(m, &fields[i]));
		else
			m->hidden = true;
	}
}

/* Ny aktualisering: what must have an answer, then a heading, then what can wait. */
static void add_intake_fields(struct form_maker *m, const struct command_row *row)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(row->id, fields);
	for (size_t i = 0; i < n; i++)
		if (stands_first(fields[i].name))
			add_field(m, field_part_of(m, &fields[i]));
	add_field(m, PART(m->a, field_part, .title = STR("Det här kan vänta"),
	                  .text = STR("Fyll i det du vet. Resten går att skriva in när som helst.")));
	m->may_wait = true;
	for (size_t i = 0; i < n; i++)
		if (!stands_first(fields[i].name))
			add_field(m, field_part_of(m, &fields[i]));
	m->may_wait = false;
}

/* ---- what follows in the same sitting ---- */

static const struct { enum command_id first, then; const char *button; } follows[] = {
	{ CMD_REGISTER_INTAKE, CMD_TAKE_CASE, "Registrera och ta ärendet" },
	{ CMD_WRITE_JOINT_ASSESSMENT, CMD_SIGN_JOINT_ASSESSMENT, "Spara och skriv under" },
	{ CMD_BOOK_MEETING, CMD_REQUEST_DECISION, "Boka och byt till fasen Beslut" },
	{ CMD_NAME_CONTACT_LEAD, CMD_SET_CADENCE, NULL },
};

enum command_id form_follow(enum command_id c)
{
	for (size_t i = 0; i < COUNT_OF(follows); i++)
		if (follows[i].first == c)
			return follows[i].then;
	return CMD_NONE;
}

bool form_follow_wanted(struct request *r, enum command_id c)
{
	enum command_id then = form_follow(c);
	if (then == CMD_SET_CADENCE)
		return typed(r, "cadence").n > 0;
	return then != CMD_NONE && str_eq_c(typed(r, "sedan"), command_row(then)->name);
}

/* Offered where it can be done; what it lacks then is for the core to say. */
static bool may_follow(const struct kase *k, enum command_id then)
{
	if (then == CMD_REQUEST_DECISION)
		return k && (k->phase == PHASE_INITIAL || k->phase == PHASE_MOTIVATION) && joint_signed_by(k, CONTROLLER_SOCIAL) &&
		       joint_signed_by(k, CONTROLLER_POLICE);
	return then != CMD_SET_CADENCE || (k && k->cadence == CADENCE_NONE);
}

/* Its fields where it has some, else a button beside the first one's. */
static void add_follow(struct form_maker *m, struct tpl_form_buttons **ret, size_t *ret_n)
{
	for (size_t i = 0; i < COUNT_OF(follows); i++) {
		const struct command_row *then = command_row(follows[i].then);
		if (follows[i].first != m->w->command || !may_follow(m->w->options.state, follows[i].then))
			continue;
		if (follows[i].button) {
			*ret = LIST_OF(m->a, form_buttons, 1);
			*ret_n = *ret ? 1 : 0;
			if (*ret)
				(*ret)[0] = (struct tpl_form_buttons){ TOKEN("sedan"), token_name(then->name), str_c(follows[i].button) };
		} else {
			add_fields(m, then);
		}
	}
}

struct html_part command_form(struct request *r, const struct form_wish *w)
{
	const struct command_row *row = command_row(w->command);
	struct form_maker m = { .r = r, .a = r->arena, .w = w };
	struct tpl_form_buttons *buttons = NULL;
	size_t n_buttons = 0;
	m.fields = LIST_OF(m.a, form_fields, 2 * FORM_FIELDS_MAX + 2);
	if (!m.fields || !row)
		return HTML_UNSET;
	m.start = w->same_token ? NULL : form_start(r, w->command, w->options.state);
	if (row->id == CMD_REGISTER_INTAKE)
		add_intake_fields(&m, row);
	else
		add_fields(&m, row);
	m.start = NULL;
	add_follow(&m, &buttons, &n_buttons);
	add_errors(&m);
	add_back(&m);
	bool intake = id_is_zero(w->case_id);
	struct form_keys keys = page_keys(r, (row->flags & COMMAND_COMMUTES) || intake ? STR_UNSET : w->on);
	if (w->same_token)
		keys.token = request_same_token(r);
	struct path whole = m.hidden ? path_command_show(m.a, w->case_id, token_name(row->name)) : PATH_UNSET;
	return PART(m.a, form, .top = w->top, .title = w->untitled ? STR_UNSET : w->title.p ? w->title : str_c(row->heading), .intro = w->intro,
	            .errors_title = errors_title(m.a, m.n_errors), .errors = m.errors, .n_errors = m.n_errors,
	            .notice = w->notice, .action = intake ? path_intake() : path_command(m.a, w->case_id, token_name(row->name)),
	            .keys = keys, .fields = m.fields, .n_fields = m.n, .submit = str_c(command_submit(row->id)),
	            .submit_look = w->command == CMD_REPORT_THREAT ? TOKEN("dan") : TOKEN("pri"),
	            .buttons = buttons, .n_buttons = n_buttons, .whole = whole,
	            .cancel = w->inside ? PATH_UNSET : intake ? path_my_day() : path_case_show(m.a, w->case_id));
}

bool form_names_staff(enum command_id c)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(c, fields);
	for (size_t i = 0; i < n; i++)
		if (fields[i].type == FIELD_PERSON)
			return true;
	return false;
}

/* pages/presets.c — what a form holds from the start: what the case knows already, so that nobody is asked twice. */
#include "pages/forms.h"
#include "core/record.h"

struct preset_case { const struct kase *k; struct request *r; void *in; };

static void meeting_to_hold(const struct preset_case *c)
{
	struct ev_meeting_held *v = &((struct cmd_hold_meeting *)c->in)->meeting_held;
	const struct meeting_state *m = next_meeting(c->k);
	if (m) {
		v->meeting = m->id;
		v->kind = m->kind;
		v->parties = m->parties;
	} else if (!meeting_of_kind(c->k, MEETING_FIRST, true)) {
		v->kind = MEETING_FIRST;
		v->parties = UINT64_C(1) << PARTY_PERSON | UINT64_C(1) << PARTY_SOCIAL;
	} else if (c->k->phase == PHASE_DECISION_PENDING && coordination_held(c->k)) {
		/* Written in again because something was left out. */
		v->kind = MEETING_COORDINATION;
		v->parties = coordination_held(c->k)->parties;
	}
}

static void meeting_to_book(const struct preset_case *c)
{
	struct ev_meeting_booked *v = &((struct cmd_book_meeting *)c->in)->meeting_booked;
	bool met = meeting_of_kind(c->k, MEETING_COORDINATION, true) != NULL;
	v->parties = UINT64_C(1) << PARTY_PERSON | UINT64_C(1) << PARTY_SOCIAL;
	if (!c->k->joint || met || next_meeting(c->k))
		return;
	v->kind = MEETING_COORDINATION;
	v->parties |= UINT64_C(1) << PARTY_POLICE;
}

/* The newest joint assessment is changed; the first one starts from the police's own words. */
static void joint(const struct preset_case *c)
{
	struct ev_joint_written *v = &((struct cmd_write_joint_assessment *)c->in)->joint_written;
	if (c->k->joint)
		*v = *c->k->joint;
	else if (c->k->summary)
		v->threat = c->k->summary->text;
}

static void way_to_plan(const struct preset_case *c)
{
	struct ev_planning_started *v = &((struct cmd_start_planning *)c->in)->planning_started;
	for (size_t i = 0; i < c->k->n_investigations; i++) {
		const struct ev_decision_made *d = c->k->investigations[i].decided;
		if (d && (d->outcome == OUTCOME_GRANTED || d->outcome == OUTCOME_PARTLY))
			v->way = PLANNING_SUPPORT_DECIDED;
	}
}

static void goal_to_change(const struct preset_case *c)
{
	struct cmd_change_goal *v = c->in;
	struct str id = typed(c->r, "goal");
	for (size_t i = 0; i < c->k->n_goals; i++)
		if (str_eq(id, id_str(c->r->arena, c->k->goals[i].id))) {
			v->which_goal.goal = c->k->goals[i].id;
			v->goal = *c->k->goals[i].goal;
		}
}

static void officers(const struct preset_case *c)
{
	struct ev_officers *v = &((struct cmd_name_officers *)c->in)->officers;
	v->officer = c->k->officer;
	v->second = c->k->second;
}

static void known(const struct preset_case *c, enum command_id command)
{
	const struct kase *k = c->k;
	switch ((int)command) {
	case CMD_HOLD_MEETING: meeting_to_hold(c); break;
	case CMD_BOOK_MEETING: meeting_to_book(c); break;
	case CMD_WRITE_JOINT_ASSESSMENT: joint(c); break;
	case CMD_START_PLANNING: way_to_plan(c); break;
	case CMD_CHANGE_GOAL: goal_to_change(c); break;
	case CMD_NAME_OFFICERS: officers(c); break;
	case CMD_SIGN_POSITION:
		((struct cmd_sign_position *)c->in)->position.role = c->r->session.who.title.p ? c->r->session.who.title : STR("");
		break;
	case CMD_UPDATE_IDENTITY:
		if (k->identity)
			((struct cmd_update_identity *)c->in)->identity = *k->identity;
		break;
	case CMD_NAME_CONTACT_LEAD:
		if (k->contact_lead)
			((struct cmd_name_contact_lead *)c->in)->contact_lead = *k->contact_lead;
		break;
	case CMD_SET_CADENCE:
		((struct cmd_set_cadence *)c->in)->cadence.cadence = k->cadence;
		break;
	default: break;
	}
}

const void *form_start(struct request *r, enum command_id command, const struct kase *k)
{
	const struct command_row *row = command_row(command);
	char *in = row && k ? arena_take(r->arena, row->size) : NULL;
	if (!in)
		return NULL;
	for (size_t i = 0; i < row->n_parts; i++)
		record_clear(&record_rows[row->parts[i].record], in + row->parts[i].offset);
	known(&(struct preset_case){ .k = k, .r = r, .in = in }, command);
	return in;
}

static const void *record_at(const struct form_field *f, const void *in)
{
	return (const char *)in + (f->offset - f->row->offset);
}

struct str start_text(struct arena *a, const struct form_field *f, const void *in)
{
	const void *data = in ? record_at(f, in) : NULL;
	if (!data || !field_is_set(f->row, data))
		return STR("");
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT:
		return field_str(f->row, data);
	case FIELD_NUMBER12:
		return arena_format(a, "%.8s-%.4s", field_str(f->row, data).p, field_str(f->row, data).p + 8);
	case FIELD_CHOICE: case FIELD_YESNO:
		for (size_t i = 0; i < f->choices->n; i++)
			if (f->choices->rows[i].number == field_choice(f->row, data))
				return str_c(f->choices->rows[i].code);
		break;
	case FIELD_PERSON:
		return id_is_zero(field_person(f->row, data).id) ? STR("") : id_str(a, field_person(f->row, data).id);
	case FIELD_PICK: case FIELD_ID:
		return id_str(a, field_id(f->row, data));
	case FIELD_DAY:
		return day_iso(a, field_day(f->row, data));
	case FIELD_CHOICES: case FIELD_MOMENT: case FIELD_NUMBER: case FIELD_HASH: case FIELD_ENTRY:
		break;
	}
	return STR("");
}

uint64_t start_choices(const struct form_field *f, const void *in)
{
	return in ? field_choices(f->row, record_at(f, in)) : 0;
}

struct str start_name(const struct form_field *f, const void *in)
{
	struct person p = in ? field_person(f->row, record_at(f, in)) : (struct person){ .name = STR("") };
	return id_is_zero(p.id) && p.name.p ? p.name : STR("");
}

/* core/acts_assess.c — assessing together with the police: requests, summaries, the document with two signatures. */
#include "core/work.h"
#include "core/digest.h"

static const struct id16 nothing = { { 0 } };

void act_assess_initial(struct work *w, const struct cmd_assess_initial *in)
{
	work_emit(w, EV_INITIAL_ASSESSED, &in->initial_assessed);
	if (in->initial_assessed.children != CHILDREN_CONCERN) return;
	/* inv.Q15: passed on at once, whatever else waits. */
	task_make(w, &(struct task_wish){ .kind = TASK_CHILD_CONCERN, .due = INSTANT_UNSET });
}

void act_assess_motivation(struct work *w, const struct cmd_assess_motivation *in)
{
	work_emit(w, EV_MOTIVATION_ASSESSED, &in->motivation_assessed);
}

void act_start_motivation_phase(struct work *w, const struct cmd_start_motivation_phase *in)
{
	work_emit(w, EV_MOTIVATION_PHASE, &in->motivation_phase);
	if (w->k->phase != PHASE_MOTIVATION) work_phase(w, PHASE_MOTIVATION);
	task_fulfil(w, TASK_MOTIVATION_CONTACT, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_MOTIVATION_CONTACT, .due = instant_at(in->motivation_phase.next_contact, 17, 0) });
}

static struct str sender_of(struct work *w)
{
	const struct actor *a = &w->f->actor;
	return arena_format(w->a, "%.*s, %.*s, %.*s", STR_FMT(a->name), STR_FMT(a->title), STR_FMT(w->f->authority));
}

/* ---- social services ask, and receive ---------------------------------------------------------------------------------- */

void act_request_police(struct work *w, const struct cmd_request_police *in)
{
	const struct ev_police_requested *v = &in->police_requested;
	struct ev_request_accepted *p = NEW(w, request_accepted);
	if (!p) return;
	p->text = v->text;
	p->purpose = v->purpose;
	p->ground = v->ground;
	p->alias = w->k->alias;
	p->danger = w->k->danger;
	if (v->send_name == YESNO_YES && w->k->identity) {
		p->name = w->k->identity->name;
		p->number = w->k->identity->number;
	}
	p->sender = sender_of(w);
	p->sent = w->f->now;
	p->from_case = w->f->case_id;
	work_emit(w, EV_POLICE_REQUESTED, v);
	work_package(w, PACKAGE_REQUEST, EV_REQUEST_ACCEPTED, p);
	task_fulfil(w, TASK_ASK_POLICE, nothing);
	task_fulfil(w, TASK_POLICE_ANSWER, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_POLICE_ANSWER, .due = INSTANT_UNSET });
}

static void put_level(struct work *w, enum threat_class level, struct day until, struct day assessed)
{
	struct ev_threat_level *v = NEW(w, threat_level);
	if (!v) return;
	v->level = level;
	v->until = until;
	v->assessed = assessed;
	work_emit(w, EV_THREAT_LEVEL, v);
}

void act_accept_summary(struct work *w, const struct cmd_accept_summary *in)
{
	const struct ev_summary_accepted *v = &in->summary_accepted;
	work_emit(w, EV_SUMMARY_ACCEPTED, v);
	if (v->level != THREAT_NOT_ASSESSED) put_level(w, v->level, v->until, v->assessed);
	task_fulfil(w, TASK_POLICE_ANSWER, nothing);
	task_fulfil(w, TASK_ASK_POLICE, nothing);
}

/* The signed thing is the three texts with their names, so that either side can count it again. */
static struct hash32 document_of(struct work *w, const struct ev_joint_written *v)
{
	struct buf b = buf_new(w->a, 64 * 1024);
	const struct str names[] = { STR("needs"), STR("threat"), STR("support") };
	const struct str texts[] = { v->needs, v->threat, v->support };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		buf_str(&b, names[i]);
		buf_char(&b, ':');
		buf_i64(&b, (int64_t)texts[i].n);
		buf_char(&b, ':');
		buf_str(&b, texts[i]);
		buf_char(&b, '\n');
	}
	w->full = w->full || buf_is_full(&b);
	return digest_of(b.p, buf_view(&b).n);
}

void act_write_joint_assessment(struct work *w, const struct cmd_write_joint_assessment *in)
{
	struct ev_joint_written *v = record_copy(w->a, &record_rows[RECORD_joint_written], &in->joint_written);
	if (!v) return;
	v->document = document_of(w, v);
	work_emit(w, EV_JOINT_WRITTEN, v);
}

static void put_signed(struct work *w, enum controller_kind side, struct hash32 document)
{
	struct ev_joint_signed *v = NEW(w, joint_signed);
	if (!v) return;
	v->side = side;
	v->document = document;
	work_emit(w, EV_JOINT_SIGNED, v);
}

static void sign_as_social(struct work *w)
{
	const struct ev_joint_written *doc = w->k->joint;
	struct ev_joint_received *p = NEW(w, joint_received);
	if (!p) return;
	p->needs = doc->needs;
	p->threat = doc->threat;
	p->support = doc->support;
	p->document = doc->document;
	p->ground = w->k->police_request ? w->k->police_request->ground : GROUND_NONE;
	p->sender = sender_of(w);
	p->sent = w->f->now;
	p->from_case = w->f->case_id;
	put_signed(w, CONTROLLER_SOCIAL, doc->document);
	work_package(w, PACKAGE_JOINT_ASSESSMENT, EV_JOINT_RECEIVED, p);
	task_fulfil(w, TASK_POLICE_SIGNATURE, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_POLICE_SIGNATURE, .due = INSTANT_UNSET });
}

static void sign_as_police(struct work *w)
{
	struct ev_signature_accepted *p = NEW(w, signature_accepted);
	if (!p) return;
	p->document = w->k->joint_received->document;
	p->ground = w->k->summary_handed ? w->k->summary_handed->ground : GROUND_NONE;
	p->sender = sender_of(w);
	p->sent = w->f->now;
	p->from_case = w->f->case_id;
	put_signed(w, CONTROLLER_POLICE, p->document);
	work_package(w, PACKAGE_SIGNATURE, EV_SIGNATURE_ACCEPTED, p);
	task_fulfil(w, TASK_SIGN_JOINT, nothing);
}

void act_sign_joint_assessment(struct work *w, const struct cmd_sign_joint_assessment *in)
{
	(void)in;
	if (w->controller == CONTROLLER_POLICE) sign_as_police(w);
	else sign_as_social(w);
}

void act_accept_signature(struct work *w, const struct cmd_accept_signature *in)
{
	work_emit(w, EV_SIGNATURE_ACCEPTED, &in->signature_accepted);
	put_signed(w, CONTROLLER_POLICE, in->signature_accepted.document);
	task_fulfil(w, TASK_POLICE_SIGNATURE, nothing);
}

/* ---- the police's own dossier ------------------------------------------------------------------------------------------- */

void act_accept_joint_assessment(struct work *w, const struct cmd_accept_joint_assessment *in)
{
	work_emit(w, EV_JOINT_RECEIVED, &in->joint_received);
	task_need(w, TASK_SIGN_JOINT);
}

void act_write_risk_analysis(struct work *w, const struct cmd_write_risk_analysis *in)
{
	struct ev_risk_analysis *v = record_copy(w->a, &record_rows[RECORD_risk_analysis], &in->risk_analysis);
	if (!v) return;
	if (!day_is_set(v->made)) v->made = instant_day(w->f->now);
	work_emit(w, EV_RISK_ANALYSIS, v);
}

void act_assess_threat(struct work *w, const struct cmd_assess_threat *in)
{
	struct ev_threat_assessed *v = record_copy(w->a, &record_rows[RECORD_threat_assessed], &in->threat_assessed);
	if (!v) return;
	if (!day_is_set(v->assessed)) v->assessed = instant_day(w->f->now);
	work_emit(w, EV_THREAT_ASSESSED, v);
	put_level(w, v->level, v->until, v->assessed);
	task_fulfil(w, TASK_ASSESS_THREAT, nothing);
	task_fulfil(w, TASK_REASSESS_THREAT, nothing);
	task_make(w, &(struct task_wish){ .kind = TASK_REASSESS_THREAT, .due = instant_at(v->until, 17, 0) });
}

void act_hand_over_summary(struct work *w, const struct cmd_hand_over_summary *in)
{
	const struct ev_threat_assessed *t = w->k->threat_assessment;
	struct ev_summary_handed *v = record_copy(w->a, &record_rows[RECORD_summary_handed], &in->summary_handed);
	struct ev_summary_accepted *p = NEW(w, summary_accepted);
	if (!v || !p) return;
	v->version = w->k->summary_handed ? w->k->summary_handed->version + 1 : 1;
	p->text = v->text;
	p->ground = v->ground;
	p->version = v->version;
	if (t) {
		p->level = t->level;
		p->until = t->until;
		p->basis = t->basis;
		p->assessed = t->assessed;
	}
	p->sender = sender_of(w);
	p->sent = w->f->now;
	p->from_case = w->f->case_id;
	work_emit(w, EV_SUMMARY_HANDED, v);
	work_package(w, PACKAGE_SUMMARY, EV_SUMMARY_ACCEPTED, p);
	task_fulfil(w, TASK_HAND_OVER_SUMMARY, nothing);
}

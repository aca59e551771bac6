/* core/next.c — proposes the next step of a case from what it lacks. */
#include "core/next.h"
#include "core/state.h"

struct proposal {
	const struct kase *k;
	const struct actor *who;
	enum command_id *out;
	size_t n;
};

static void propose(struct proposal *p, bool wanted, enum command_id c)
{
	if (wanted && p->n < NEXT_MAX && command_offered(p->k, c, p->who))
		p->out[p->n++] = c;
}

static bool has_meeting(const struct kase *k, enum meeting_kind kind, bool held)
{
	return meeting_of_kind(k, kind, held) != NULL;
}

static void in_assessment(struct proposal *p)
{
	const struct kase *k = p->k;
	propose(p, k->n_police_requests == 0, CMD_REQUEST_POLICE);
	propose(p, !has_meeting(k, MEETING_FIRST, true), CMD_HOLD_MEETING);
	propose(p, !k->joint, CMD_WRITE_JOINT_ASSESSMENT);
	propose(p, k->joint && !joint_signed_by(k, CONTROLLER_SOCIAL), CMD_SIGN_JOINT_ASSESSMENT);
	propose(p, !has_meeting(k, MEETING_COORDINATION, false) && !has_meeting(k, MEETING_COORDINATION, true), CMD_BOOK_MEETING);
	propose(p, joint_signed_by(k, CONTROLLER_SOCIAL) && joint_signed_by(k, CONTROLLER_POLICE), CMD_REQUEST_DECISION);
	propose(p, !k->initial, CMD_ASSESS_INITIAL);
}

/* The coordination meeting is held, but it does not say what a position is taken on: the requirements, the same picture. */
static bool meeting_lacks(const struct kase *k)
{
	const struct meeting_state *m = coordination_held(k);
	return m && (m->requirements != YESNO_YES || m->summary_shown != YESNO_YES);
}

static void in_decision(struct proposal *p)
{
	const struct kase *k = p->k;
	propose(p, !coordination_held(k) || (!k->position && meeting_lacks(k)), CMD_HOLD_MEETING);
	propose(p, !k->position, CMD_SIGN_POSITION);
	propose(p, k->position && k->position->included == YESNO_YES, CMD_START_PLANNING);
	for (size_t i = 0; i < k->n_investigations; i++) {
		propose(p, k->investigations[i].step == INVESTIGATION_OPEN, CMD_PROPOSE_DECISION);
		propose(p, k->investigations[i].step == INVESTIGATION_PROPOSED, CMD_DECIDE_INVESTIGATION);
	}
	propose(p, k->n_investigations == 0, CMD_OPEN_INVESTIGATION);
}

static void in_planning(struct proposal *p)
{
	const struct kase *k = p->k;
	propose(p, k->n_goals == 0, CMD_ADD_GOAL);
	propose(p, !k->contact_lead || !k->contact_lead->deputy.name.p, CMD_NAME_CONTACT_LEAD);
	propose(p, k->cadence == CADENCE_NONE, CMD_SET_CADENCE);
	propose(p, !k->plan_agreed, CMD_AGREE_PLAN);
}

static void for_police(struct proposal *p)
{
	const struct kase *k = p->k;
	propose(p, !k->threat_assessment, CMD_ASSESS_THREAT);
	propose(p, k->threat_assessment && !k->summary_handed, CMD_HAND_OVER_SUMMARY);
	propose(p, k->joint_received && !joint_signed_by(k, CONTROLLER_POLICE), CMD_SIGN_JOINT_ASSESSMENT);
	propose(p, !day_is_set(k->risk_analysis_on), CMD_WRITE_RISK_ANALYSIS);
}

/* Somebody has talked with the person after the danger was told: then it is for them to say whether it remains. */
static bool met_since(struct instant contact, struct instant told)
{
	return instant_is_set(contact) && contact.us > 0 && contact.us > told.us;
}

size_t case_next(const struct kase *k, const struct actor *who, enum command_id ret[NEXT_MAX])
{
	struct proposal p = { .k = k, .who = who, .out = ret };
	if (who->controller_kind == CONTROLLER_POLICE) {
		for_police(&p);
		return p.n;
	}
	propose(&p, k->danger == DANGER_YES && !k->acute && !met_since(k->last_contact, k->danger_at), CMD_START_ACUTE);
	switch (k->phase) {
	case PHASE_INTAKE:
		propose(&p, true, CMD_TAKE_CASE);
		break;
	case PHASE_INITIAL: case PHASE_MOTIVATION:
		in_assessment(&p);
		break;
	case PHASE_DECISION_PENDING:
		in_decision(&p);
		break;
	case PHASE_PLANNING:
		in_planning(&p);
		break;
	case PHASE_STABILISING:
		propose(&p, true, CMD_CONTACT_DONE);
		break;
	case PHASE_NONE: case PHASE_ESTABLISHING: case PHASE_CLOSED:
		break;
	}
	return p.n;
}

static const char *meeting_reason(const struct kase *k)
{
	if (k->phase == PHASE_DECISION_PENDING && meeting_lacks(k))
		return "Det står inte att ni gick igenom kraven och att alla fick samma bild på samordningsmötet. Det behövs före "
		       "ställningstagandet. Skriv in det här.";
	if (k->phase == PHASE_DECISION_PENDING)
		return "Samordningsmötet är inte inskrivet än. Svara också på de två sista frågorna. De behövs före ställningstagandet.";
	return "Det första mötet med personen är inte inskrivet än.";
}

static const char *joint_reason(const struct kase *k)
{
	if (!k->summary && k->n_police_requests > 0)
		return "Polisen har inte svarat än. Du kan börja skriva och fylla i hotbilden när svaret kommer till Inkorg.";
	return "Den gemensamma bedömningen är inte skriven än.";
}

static const char *booking_reason(const struct kase *k)
{
	if (k->joint && joint_signed_by(k, CONTROLLER_SOCIAL) && !joint_signed_by(k, CONTROLLER_POLICE))
		return "Polisen har fått bedömningen att skriva under. Underskriften kommer till Inkorg. Boka samordningsmötet under tiden. "
		       "Personen ska vara med.";
	return "Samordningsmötet är inte bokat än. Personen ska vara med.";
}

const char *next_reason(const struct kase *k, enum command_id c)
{
	switch ((int)c) {
	case CMD_START_ACUTE: return "Personen säger sig vara i fara. Hjälpen behöver inte vänta på någon blankett.";
	case CMD_TAKE_CASE: return "Ingen handläggare är utsedd än.";
	case CMD_REQUEST_POLICE: return "Polisen har inte fått frågan om hotbilden än.";
	case CMD_HOLD_MEETING: return meeting_reason(k);
	case CMD_WRITE_JOINT_ASSESSMENT: return joint_reason(k);
	case CMD_SIGN_JOINT_ASSESSMENT: return "Den gemensamma bedömningen väntar på din underskrift.";
	case CMD_BOOK_MEETING: return booking_reason(k);
	case CMD_REQUEST_DECISION: return "Båda har skrivit under den gemensamma bedömningen.";
	case CMD_SIGN_POSITION: return "Ingen har tagit ställning till om personen ingår i verksamheten.";
	case CMD_START_PLANNING: return "Ställningstagandet är underskrivet.";
	case CMD_ADD_GOAL: return "Planen har inget mål än.";
	case CMD_NAME_CONTACT_LEAD: return "Planen behöver en kontakt i ärendet och en ersättare.";
	case CMD_SET_CADENCE: return "Det är inte bestämt hur ofta ni hör av er.";
	case CMD_AGREE_PLAN: return "Planen är klar att komma överens om.";
	case CMD_ASSESS_THREAT: return "Hotbilden är inte bedömd än.";
	case CMD_CONTACT_DONE: return "Skriv in det när någon har haft kontakt med personen.";
	case CMD_WRITE_RISK_ANALYSIS: return "Riskanalysen kan skrivas när som helst. Socialtjänsten ser den inte.";
	case CMD_HAND_OVER_SUMMARY: return "Socialtjänsten väntar på er sammanfattning.";
	default: return "";
	}
}

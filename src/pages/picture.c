/* pages/picture.c — draws the shared picture from what was handed over and accepted (DECISIONS 13). */
#include "pages/picture.h"

#define PACKAGES_MAX 4

static struct str ground_of(enum disclosure_ground g)
{
	const char *text = choice_text(&list_disclosure_ground, g);
	return text[0] ? str_c(text) : STR("Står inte i paketet");
}

static size_t packages_of(struct arena *a, const struct kase *k, struct tpl_picture_packages *out)
{
	size_t n = 0;
	if (k->summary)
		out[n++] = (struct tpl_picture_packages){
			.title = STR("Sammanfattning från polisen"), .tone = TOKEN("info"), .sender = k->summary->sender,
			.when = arena_format(a, "Mottagen %.*s, version %lld", STR_FMT(instant_short(a, k->summary_at)), (long long)k->summary->version),
			.ground = ground_of(k->summary->ground), .text = k->summary->text };
	if (k->summary_handed)
		out[n++] = (struct tpl_picture_packages){
			.title = STR("Sammanfattning till socialtjänsten"), .tone = TOKEN("neutral"), .sender = STR("Polisen"),
			.when = arena_format(a, "Lämnad %.*s, version %lld", STR_FMT(instant_short(a, k->summary_handed_at)),
			                     (long long)k->summary_handed->version),
			.ground = ground_of(k->summary_handed->ground), .text = k->summary_handed->text };
	if (k->request)
		out[n++] = (struct tpl_picture_packages){
			.title = STR("Begäran från socialtjänsten"), .tone = TOKEN("info"), .sender = k->request->sender,
			.when = arena_format(a, "Mottagen %.*s", STR_FMT(instant_short(a, k->request_at))),
			.ground = ground_of(k->request->ground), .text = k->request->text };
	if (k->police_request)
		out[n++] = (struct tpl_picture_packages){
			.title = STR("Begäran till polisen"), .tone = TOKEN("neutral"), .sender = STR("Socialtjänsten"),
			.when = arena_format(a, "Skickad %.*s", STR_FMT(instant_short(a, k->police_requested_at))),
			.ground = ground_of(k->police_request->ground), .text = k->police_request->text };
	for (size_t i = 0; i < n; i++) {
		out[i].sender = out[i].sender.p ? out[i].sender : STR("");
		out[i].text = out[i].text.p ? out[i].text : STR("");
	}
	return n;
}

static struct str signed_text(struct arena *a, bool done, struct day on)
{
	return done && day_is_set(on) ? day_short(a, on) : STR("");
}

static size_t commitments_of(struct arena *a, const struct kase *k, struct tpl_picture_commitments *out, size_t most)
{
	size_t n = 0;
	for (size_t i = 0; i < k->n_goals && n < most; i++) {
		const struct ev_goal *g = k->goals[i].goal;
		out[n++] = (struct tpl_picture_commitments){
			.who = g->who.p && g->who.n ? g->who : STR("Ansvarig inte utsedd"), .what = g->words.p ? g->words : STR(""),
			.when = day_is_set(g->when) ? day_short(a, g->when) : STR("") };
	}
	return n;
}

/* The document as both sign it: the words of the newest version that this dossier has. */
static struct str joint_words(struct arena *a, const struct kase *k)
{
	const struct str *needs = k->joint ? &k->joint->needs : k->joint_received ? &k->joint_received->needs : NULL;
	const struct str *threat = k->joint ? &k->joint->threat : k->joint_received ? &k->joint_received->threat : NULL;
	const struct str *support = k->joint ? &k->joint->support : k->joint_received ? &k->joint_received->support : NULL;
	if (!needs || !needs->p || !threat->p || !support->p)
		return STR_UNSET;
	return arena_format(a, "Behov: %.*s\nHotbild: %.*s\nStöd och skydd: %.*s", STR_FMT(*needs), STR_FMT(*threat), STR_FMT(*support));
}

struct html_part picture_part(struct request *r, const struct opened_case *o)
{
	struct arena *a = r->arena;
	const struct kase *k = o->state;
	struct tpl_picture_packages *packages = LIST_OF(a, picture_packages, PACKAGES_MAX);
	struct tpl_picture_signatures *signs = LIST_OF(a, picture_signatures, 2);
	struct tpl_picture_commitments *todo = LIST_OF(a, picture_commitments, 8);
	if (!packages || !signs || !todo)
		return HTML_UNSET;
	size_t n = packages_of(a, k, packages), n_todo = commitments_of(a, k, todo, 8);
	bool joint = k->joint || k->joint_received;
	bool police = joint_signed_by(k, CONTROLLER_POLICE), social = joint_signed_by(k, CONTROLLER_SOCIAL);
	struct day social_on = k->signed_social_on;
	if (k->joint_received && !social) {
		/* It reached the police by being signed. */
		social = true;
		social_on = instant_is_set(k->joint_received->sent) ? instant_day(k->joint_received->sent) : DAY_UNSET;
	}
	if (n == 0 && !joint && n_todo == 0)
		return card_of(a, TOKEN("bild"), STR("Gemensam bild"), PATH_UNSET, STR_UNSET,
		               PART(a, empty, .title = STR("Inget är delat än."),
		                    .text = STR("Här står det som myndigheterna har lämnat till varandra, med avsändare, stöd i lag och tid."),
		                    .action_href = PATH_UNSET, .action_text = STR_UNSET));
	signs[0] = (struct tpl_picture_signatures){ STR("Socialtjänsten"), signed_text(a, social, social_on), social };
	signs[1] = (struct tpl_picture_signatures){ STR("Polisen"), signed_text(a, police, k->signed_police_on), police };
	return card_of(a, TOKEN("bild"), STR("Gemensam bild"), PATH_UNSET, STR_UNSET,
	               PART(a, picture, .packages = packages, .n_packages = n,
	                    .assessment = joint ? STR("Gemensam bedömning") : STR_UNSET, .assessment_text = joint_words(a, k),
	                    .signatures = signs, .n_signatures = joint ? 2 : 0, .commitments = todo, .n_commitments = n_todo));
}

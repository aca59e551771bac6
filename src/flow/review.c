/* flow/review.c — the log as its reviewers read it. */
#include "flow/internal.h"

#define REVIEW_PAGE 50
/* The vault looks at 20 000 entries a question, some 0.1 s in which it answers nobody else. */
#define QUESTIONS_MOST 4

/* An id with the code, never zero: the case itself is not looked up, so a code that no case has is no other question. */
static struct id16 id_of_code(uint32_t code)
{
	struct id16 id = { { (uint8_t)(code >> 24), (uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code } };
	id.b[sizeof id.b - 1] = 1;
	return id;
}

/* Reads on until the page is full, the log ends or it is time to answer. Each question leaves an entry of its own. */
static enum err read_on(struct flow *f, struct arena *a, struct vault_review *ask, struct review_page *ret)
{
	enum err e = OK;
	for (int i = 0; e == OK && i < QUESTIONS_MOST && ret->n < REVIEW_PAGE; i++) {
		struct vault_review_reply reply = { .status = OK };
		ask->count = (uint32_t)(REVIEW_PAGE - ret->n);
		if ((e = vault_review(f->vault, a, ask, &reply)) != OK)
			return e;
		for (size_t k = 0; k < reply.n && ret->n < REVIEW_PAGE; k++)
			ret->entries[ret->n++] = reply.entries[k];
		ret->reached = ask->before = reply.reached;
		if (reply.reached == 0)
			break;
	}
	return e;
}

enum err flow_review(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct review_wish *w,
                     struct session *ret_session, struct review_page *ret)
{
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	struct vault_review ask = {
		.why = { .cookie = *c, .purpose = PURPOSE_LOG_REVIEW, .act = STR("log_show"), .reason = STR("") },
		.before = w->before, .user = w->user, .from = w->from, .until = w->until };
	if (w->by_code)
		ask.why.asked = id_of_code(w->code);
	struct review_page page = { .entries = ARENA_ARRAY(a, struct review_entry, REVIEW_PAGE) };
	if (!page.entries)
		return ERR_FULL;
	if ((e = read_on(f, a, &ask, &page)) == OK)
		*ret = page;
	return e;
}

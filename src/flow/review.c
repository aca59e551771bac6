/* flow/review.c — the log as its reviewers read it. */
#include "flow/internal.h"

#define REVIEW_PAGE 50

enum err flow_review(struct flow *f, struct arena *a, const struct cookie_secret *c, uint64_t before,
                     struct session *ret_session, struct review_entry **ret, size_t *ret_n)
{
	enum err e = flow_session(f, a, c, true, ret_session);
	if (e != OK)
		return e;
	struct vault_review ask = {
		.why = { .cookie = *c, .purpose = PURPOSE_LOG_REVIEW, .act = STR("log_show"), .reason = STR("") },
		.before = before, .count = REVIEW_PAGE };
	struct vault_review_reply reply = { .status = OK };
	if ((e = vault_review(f->vault, a, &ask, &reply)) != OK)
		return e;
	*ret = reply.entries;
	*ret_n = reply.n;
	return OK;
}

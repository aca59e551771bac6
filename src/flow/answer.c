/* flow/answer.c — what a token was answered: the same token is answered the same for a day (INTERFACE). */
#include "flow/act.h"
#include "flow/rows.h"
#include "crypto/bytes.h"
#include <string.h>

#define TOKEN_KEPT_US (INT64_C(24) * 3600 * 1000000)

struct id16 answer_name(struct str token)
{
	struct id16 id;
	bytes_blake16("avh.token.v1", token, id.b);
	return id;
}

void answer_again(struct arena *a, const struct earlier_answer *earlier, struct instant now, uint32_t held, struct act_result *ret)
{
	struct str s = earlier->answer;
	struct version v;
	if (s.n < sizeof(struct id16) || earlier->stored.us < now.us - TOKEN_KEPT_US)
		return;
	if (version_decode(str_cut(s, sizeof(struct id16), s.n), &v) != OK)
		return;
	v.held &= held;
	memcpy(ret->case_id.b, s.p, sizeof ret->case_id.b);
	ret->version = version_encode(a, &v);
	ret->saved = true;
}

enum err read_earlier(struct db *db, struct arena *a, struct id16 user, struct id16 token, struct earlier_answer *ret)
{
	struct q_idempotency_answer_row *row = NULL;
	size_t n = 0;
	enum err e = q_idempotency_answer(db, a, user, token, &row, &n);
	if (e == OK && n > 0)
		*ret = (struct earlier_answer){ .stored = { row->stored }, .answer = row->answer };
	return e;
}

enum err plan_token(struct write_plan *p, struct str token, struct id16 user)
{
	if (token.n == 0)
		return OK;
	struct id16 case_id = p->on->case_id;
	/* Of all its streams: what is held stands sealed, and this row is made before anything is opened. */
	struct version all = p->on->version;
	all.held = 0;
	for (unsigned c = 0; c < STREAMS_MAX; c++)
		all.held |= (uint32_t)p->on->stream[c].there << c;
	struct str version = version_encode(p->arena, &all);
	struct buf b = buf_new(p->arena, sizeof case_id.b + version.n);
	buf_add(&b, case_id.b, sizeof case_id.b);
	buf_str(&b, version);
	struct row_idempotency row = { .user_id = user, .token = answer_name(token), .stored = p->not_before.us,
	                               .answer = buf_view(&b) };
	return buf_is_full(&b) ? ERR_FULL : put_idempotency(p, &row);
}

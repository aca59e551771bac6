/* flow/answer.c — what a token was answered: the same token is answered the same for a day (INTERFACE). */
#include "flow/act.h"
#include "flow/rows.h"
#include "crypto/bytes.h"
#include <string.h>

#define TOKEN_KEPT_US (INT64_C(24) * 3600 * 1000000)

enum { TIME_DIGITS = 12, TIME_BYTES = TIME_DIGITS / 2 };

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The first digits of a token, whether with or without dashes. False: it does not begin with so many. */
static bool token_time(struct str token, uint8_t ret[TIME_BYTES])
{
	uint64_t time = 0;
	int digits = 0;
	for (size_t i = 0; i < token.n && digits < TIME_DIGITS; i++) {
		int v = hex_value(token.p[i]);
		if (v < 0 && (token.p[i] != '-' || digits == 0))
			return false;
		if (v < 0)
			continue;
		time = time << 4 | (uint64_t)v;
		digits++;
	}
	for (int i = 0; i < TIME_BYTES; i++)
		ret[i] = (uint8_t)(time >> 8 * (TIME_BYTES - 1 - i));
	return digits == TIME_DIGITS;
}

struct id16 answer_name(struct str token)
{
	struct id16 id;
	uint8_t hash[16], time[TIME_BYTES];
	bytes_blake16("avh.token.v1", token, hash);
	memcpy(id.b, hash, sizeof id.b);
	if (token_time(token, time)) {
		memcpy(id.b, time, sizeof time);
		memcpy(id.b + TIME_BYTES, hash, sizeof id.b - TIME_BYTES);
	}
	return id;
}

/* Two versions of the same streams, one behind the other. */
static bool around(struct str s, struct version *before, struct version *after)
{
	size_t half = s.n / 2;
	return version_decode(str_cut(s, 0, half), before) == OK && version_decode(str_cut(s, half, s.n), after) == OK &&
	       before->held == after->held;
}

void answer_again(struct arena *a, const struct earlier_answer *earlier, struct instant now, uint32_t held,
                  const struct version *shown, struct act_result *ret)
{
	struct str s = earlier->answer;
	struct version before, after;
	if (s.n < sizeof(struct id16) || earlier->stored.us < now.us - TOKEN_KEPT_US)
		return;
	if (!around(str_cut(s, sizeof(struct id16), s.n), &before, &after))
		return;
	after.held = held;
	struct version answered = version_after(shown, &before, &after);
	memcpy(ret->case_id.b, s.p, sizeof ret->case_id.b);
	ret->version = version_encode(a, &answered);
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

enum err plan_token(struct write_plan *p, struct str token, struct id16 user, const struct version *before,
                    const struct version *after)
{
	if (token.n == 0)
		return OK;
	struct id16 case_id = p->on->case_id;
	struct version was = *before, is = *after;
	was.held = 0;
	for (unsigned c = 0; c < STREAMS_MAX; c++)
		was.held |= (uint32_t)(was.seq[c] != is.seq[c]) << c;
	is.held = was.held;
	struct str first = version_encode(p->arena, &was), second = version_encode(p->arena, &is);
	struct buf b = buf_new(p->arena, sizeof case_id.b + first.n + second.n);
	buf_add(&b, case_id.b, sizeof case_id.b);
	buf_str(&b, first);
	buf_str(&b, second);
	struct row_idempotency row = { .user_id = user, .token = answer_name(token), .stored = p->not_before.us,
	                               .answer = buf_view(&b) };
	return buf_is_full(&b) ? ERR_FULL : put_idempotency(p, &row);
}

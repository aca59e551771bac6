/* core/snapshot.c — what a snapshot and a summary hold, as bytes (DECISIONS 15). */
#include "core/state.h"
#include "core/record.h"
#include <string.h>

#define SNAPSHOT_CEILING (2u * 1024u * 1024u)

struct str snapshot_encode(struct arena *a, const struct kase *k, uint16_t compartment)
{
	struct buf b = buf_new(a, SNAPSHOT_CEILING);
	if (compartment >= COUNT_OF(k->kept)) return STR("");
	for (size_t i = 0; i < k->n_kept[compartment]; i++) {
		struct str one = event_encode(a, k->kept[compartment][i].event);
		if (!one.p) return STR_UNSET;
		buf_lit(&b, "kept:");
		buf_i64(&b, (int64_t)one.n);
		buf_char(&b, ':');
		buf_str(&b, one);
		buf_char(&b, '\n');
	}
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

/* "kept:LENGTH:" off the front; false when it is not there or longer than what follows. */
static bool take_head(struct str *rest, size_t *ret_n)
{
	static const struct str word = { "kept:", 5 };
	size_t i = word.n, n = 0;
	if (!str_starts(*rest, word)) return false;
	while (i < rest->n && i < word.n + 8 && rest->p[i] >= '0' && rest->p[i] <= '9') n = n * 10 + (size_t)(rest->p[i++] - '0');
	if (i == word.n || i >= rest->n || rest->p[i] != ':') return false;
	*rest = str_cut(*rest, i + 1, rest->n);
	if (n >= rest->n || rest->p[n] != '\n') return false;
	*ret_n = n;
	return true;
}

enum err snapshot_apply(struct arena *a, struct kase *k, uint16_t compartment, struct str plain)
{
	while (plain.n > 0) {
		struct event e;
		size_t n;
		if (!take_head(&plain, &n)) return ERR_CORRUPT;
		enum err err = event_decode(a, compartment, 0, str_cut(plain, 0, n), &e);
		if (err != OK) return err;
		plain = str_cut(plain, n + 1, plain.n);
		case_apply(a, k, &e);
	}
	return arena_is_full(a) ? ERR_FULL : OK;
}

/* ---- summary ------------------------------------------------------------------------------------------------------- */

#define SUMMARY_MAX 256u

static void put(struct buf *b, const char *name, struct str value)
{
	buf_format(b, "%s:%zu:", name, value.n);
	buf_str(b, value);
	buf_char(b, '\n');
}

static void put_number(struct buf *b, const char *name, int64_t v)
{
	char text[24];
	struct buf t = buf_over(text, sizeof text);
	buf_i64(&t, v);
	put(b, name, buf_view(&t));
}

/* The longest prefix of whole characters within n bytes. */
static struct str clip(struct str s, size_t n)
{
	if (s.n <= n) return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
	return str_cut(s, 0, n);
}

/* Names are short, days are numbers of days since 1970: it must fit in 256 bytes. */
struct str summary_encode(struct arena *a, const struct summary *s)
{
	struct buf b = buf_new(a, SUMMARY_MAX);
	unsigned flags = (s->acute ? 1U : 0) | (s->danger_reported ? 2U : 0) | (s->plan_agreed ? 4U : 0) | (s->desk_only ? 8U : 0);
	put_number(&b, "phase", (int64_t)s->phase);
	put_number(&b, "flags", flags);
	put_number(&b, "threat", (int64_t)s->threat);
	if (day_is_set(s->acute_since)) put_number(&b, "since", s->acute_since.n);
	if (day_is_set(s->acute_review)) put_number(&b, "review", s->acute_review.n);
	if (day_is_set(s->threat_until)) put_number(&b, "until", s->threat_until.n);
	if (day_is_set(s->next_due)) put_number(&b, "due", s->next_due.n);
	if (s->alias.n > 0) put(&b, "alias", clip(s->alias, 48));
	if (s->next_step.n > 0) put(&b, "next", clip(s->next_step, 72));
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

static bool take_pair(struct str *rest, struct str *ret_name, struct str *ret_value)
{
	size_t colon = str_find(*rest, ':'), n = 0;
	if (colon == 0 || colon >= rest->n) return false;
	*ret_name = str_cut(*rest, 0, colon);
	size_t i = colon + 1;
	while (i < rest->n && i < colon + 5 && rest->p[i] >= '0' && rest->p[i] <= '9') n = n * 10 + (size_t)(rest->p[i++] - '0');
	if (i == colon + 1 || i >= rest->n || rest->p[i] != ':') return false;
	i++;
	if (n >= rest->n - i || rest->p[i + n] != '\n') return false;
	*ret_value = str_cut(*rest, i, i + n);
	*rest = str_cut(*rest, i + n + 1, rest->n);
	return true;
}

static bool number(struct str s, int64_t *ret)
{
	int64_t v = 0;
	size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0;
	bool minus = i == 1;
	if (i == s.n || s.n > 12) return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9') return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = minus ? -v : v;
	return true;
}

static void set_flags(struct summary *s, int64_t v)
{
	s->acute = (v & 1) != 0;
	s->danger_reported = (v & 2) != 0;
	s->plan_agreed = (v & 4) != 0;
	s->desk_only = (v & 8) != 0;
}

/* An unknown name is passed over. */
static bool set_number(struct summary *s, struct str name, int64_t v)
{
	struct day d = { (int32_t)v };
	switch (name.p[0]) {
	case 'p':
		if (str_eq(name, STR("phase"))) s->phase = choice_by_number(&list_phase, (unsigned)v) ? (enum phase)v : PHASE_NONE;
		break;
	case 't':
		if (str_eq(name, STR("threat")))
			s->threat = choice_by_number(&list_threat_class, (unsigned)v) ? (enum threat_class)v : THREAT_NOT_ASSESSED;
		break;
	case 's':
		if (str_eq(name, STR("since"))) s->acute_since = d;
		break;
	case 'r':
		if (str_eq(name, STR("review"))) s->acute_review = d;
		break;
	case 'u':
		if (str_eq(name, STR("until"))) s->threat_until = d;
		break;
	case 'd':
		if (str_eq(name, STR("due"))) s->next_due = d;
		break;
	case 'f':
		if (str_eq(name, STR("flags"))) set_flags(s, v);
		break;
	default:
		break;
	}
	return true;
}

static bool set_pair(struct summary *s, struct str name, struct str value)
{
	int64_t v = 0;
	if (str_eq(name, STR("alias"))) {
		s->alias = value;
		return true;
	}
	if (str_eq(name, STR("next"))) {
		s->next_step = value;
		return true;
	}
	return number(value, &v) && set_number(s, name, v);
}

enum err summary_decode(struct arena *a, struct str plain, struct summary *ret)
{
	struct summary s = { .acute_since = DAY_UNSET, .acute_review = DAY_UNSET, .threat_until = DAY_UNSET, .next_due = DAY_UNSET };
	struct str name, value;
	(void)a;
	while (plain.n > 0)
		if (!take_pair(&plain, &name, &value) || !set_pair(&s, name, value)) return ERR_CORRUPT;
	*ret = s;
	return OK;
}

void case_summary(struct arena *a, const struct kase *k, struct summary *ret)
{
	*ret = (struct summary){
		.alias = k->alias, .phase = k->phase, .acute = k->acute,
		.acute_since = k->acute ? k->acute_since : DAY_UNSET, .acute_review = k->acute ? k->acute_review : DAY_UNSET,
		.threat = k->threat, .threat_until = k->threat_until, .next_due = DAY_UNSET,
		.danger_reported = k->danger == DANGER_YES, .plan_agreed = k->plan_agreed, .desk_only = !k->taken,
	};
	if (k->n_tasks == 0) return;
	/* Of head alone: whoever writes the summary must get the same words, whichever compartments are in hand. */
	ret->next_step = k->tasks[0].kind == TASK_OTHER ? arena_str(a, k->tasks[0].what) : str_c(task_row(k->tasks[0].kind)->title);
	ret->next_due = instant_day(k->tasks[0].due);
}

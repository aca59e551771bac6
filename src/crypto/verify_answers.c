/* crypto/verify_answers.c — is a row of the database what the log allows? */
#include "crypto/verify_i.h"
#include <string.h>

static struct row_slot *slot_find(const struct rows *r, struct id16 row)
{
	uint64_t h;
	memcpy(&h, row.b, sizeof(h));
	for (size_t i = (size_t)h & (r->cap - 1); r->slot[i].taken; i = (i + 1) & (r->cap - 1))
		if (id_eq(r->slot[i].row, row))
			return &r->slot[i];
	return NULL;
}

/* An intent may stand before the moment and its outcome after it: the commit was in between. */
static bool is_moving(const struct rows *r, const struct row_slot *s)
{
	return s->settled && s->told >= r->o->moving_from;
}

struct verify_row verify_row(const struct verify *v, struct id16 row)
{
	const struct rows *r = verify_rows_of(v);
	const struct row_slot *s = slot_find(r, row);
	struct verify_row out = { .state = VERIFY_ROW_UNKNOWN };
	if (s == NULL)
		return out;
	out.state = s->open || is_moving(r, s) ? VERIFY_ROW_OPEN : VERIFY_ROW_SETTLED;
	out.entry = s->seq;
	out.version = s->version;
	memcpy(out.tag, s->tag, sizeof(out.tag));
	return out;
}

/* Does an intent without outcome write this row so? */
static bool pending_says(const struct rows *r, struct id16 row, const uint8_t tag[16], uint64_t *ret_entry)
{
	const struct row_pending *rows = r->pending.p;
	const struct row_intent *list = r->intents.p;
	for (size_t i = 0; i < r->intents.n; i++) {
		for (size_t k = 0; k < list[i].n; k++) {
			const struct log_row *p = &rows[list[i].first + k].row;
			if (!id_eq(p->row, row))
				continue;
			*ret_entry = list[i].seq;
			if (memcmp(p->tag, tag, 16) == 0 || list[i].seq >= r->o->moving_from)
				return true;
		}
	}
	return false;
}

bool verify_row_may(struct verify *v, struct id16 row, const uint8_t tag[16], uint64_t *ret_entry)
{
	static const uint8_t none[16];
	const struct rows *r = verify_rows_of(v);
	struct row_slot *s = slot_find(r, row);
	*ret_entry = 0;
	if (s == NULL)
		return memcmp(tag, none, 16) == 0;
	s->seen = true;
	if (s->open && pending_says(r, row, tag, ret_entry))
		return true;
	if (s->settled)
		*ret_entry = s->seq;
	if (is_moving(r, s))
		return true;
	return memcmp(s->settled ? s->tag : none, tag, 16) == 0;
}

bool verify_intent_may(const struct verify *v, uint64_t intent)
{
	const struct row_mark *m = rows_mark(verify_rows_of(v), intent);
	return m != NULL && !m->lost;
}

void verify_rows_unseen(struct verify *v, void (*missing)(void *ctx, const struct verify_row *r, struct id16 row), void *ctx)
{
	static const uint8_t none[16];
	const struct rows *r = verify_rows_of(v);
	uint64_t entry = 0;
	for (size_t i = 0; i < r->cap; i++) {
		const struct row_slot *s = &r->slot[i];
		if (!s->taken || s->seen || verify_row_may(v, s->row, none, &entry))
			continue;
		struct verify_row row = verify_row(v, s->row);
		missing(ctx, &row, s->row);
	}
}

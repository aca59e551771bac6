/* crypto/verify_rows.c — what the log says of every row: the newest version and tag that was done. */
#include "crypto/verify_i.h"
#include <string.h>
#include <sys/mman.h>

/* ---- memory that follows the log's size ------------------------------------------------------------------- */

static void *pages(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void *big_add(struct big *b)
{
	if (b->n == b->cap) {
		size_t cap = b->cap == 0 ? 4096 : b->cap * 2;
		void *p = b->p == NULL ? pages(cap * b->item) : mremap(b->p, b->cap * b->item, cap * b->item, MREMAP_MAYMOVE);
		if (p == NULL || p == MAP_FAILED)
			return NULL;
		b->p = p;
		b->cap = cap;
	}
	uint8_t *item = (uint8_t *)b->p + b->n++ * b->item;
	memset(item, 0, b->item);
	return item;
}

void big_free(struct big *b)
{
	if (b->p != NULL)
		munmap(b->p, b->cap * b->item);
	b->p = NULL;
	b->n = b->cap = 0;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

enum err rows_begin(struct rows *r, const struct verify_options *o)
{
	*r = (struct rows){ .cap = 1 << 12, .pending = { .item = sizeof(struct row_pending) },
		            .intents = { .item = sizeof(struct row_intent) }, .marks = { .item = sizeof(struct row_mark) }, .o = o };
	r->slot = pages(r->cap * sizeof(struct row_slot));
	return r->slot == NULL ? ERR_FULL : OK;
}

void rows_free(struct rows *r)
{
	if (r->slot != NULL)
		munmap(r->slot, r->cap * sizeof(struct row_slot));
	r->slot = NULL;
	big_free(&r->pending);
	big_free(&r->intents);
	big_free(&r->marks);
}

/* Names are hashes, so their first bytes are as good as a hash of them. */
static struct row_slot *find(const struct row_slot *slots, size_t cap, struct id16 row)
{
	uint64_t h;
	memcpy(&h, row.b, sizeof(h));
	for (size_t i = (size_t)h & (cap - 1);; i = (i + 1) & (cap - 1)) {
		const struct row_slot *s = &slots[i];
		if (!s->taken || id_eq(s->row, row))
			return (struct row_slot *)(uintptr_t)s;
	}
}

static enum err grow(struct rows *r)
{
	size_t cap = r->cap * 2;
	struct row_slot *slots = pages(cap * sizeof(struct row_slot));
	if (slots == NULL)
		return ERR_FULL;
	for (size_t i = 0; i < r->cap; i++)
		if (r->slot[i].taken)
			*find(slots, cap, r->slot[i].row) = r->slot[i];
	munmap(r->slot, r->cap * sizeof(struct row_slot));
	r->slot = slots;
	r->cap = cap;
	return OK;
}

static enum err slot_of(struct rows *r, struct id16 row, struct row_slot **ret)
{
	enum err e;
	if (r->used * 4 >= r->cap * 3 && (e = grow(r)) != OK)
		return e;
	struct row_slot *s = find(r->slot, r->cap, row);
	if (!s->taken) {
		s->taken = true;
		s->row = row;
		r->used++;
	}
	*ret = s;
	return OK;
}

static enum err settle(struct rows *r, uint64_t seq, uint64_t told, const struct log_row *row)
{
	struct row_slot *s = NULL;
	enum err e;
	if ((e = slot_of(r, row->row, &s)) != OK)
		return e;
	/* Intents are in the order in which their rows were read, so of two that were done the later one holds. */
	if (s->settled && s->seq > seq)
		return OK;
	s->settled = true;
	s->seq = seq;
	s->told = told;
	s->version = row->version;
	memcpy(s->tag, row->tag, sizeof(s->tag));
	return OK;
}

/* ---- intents ---------------------------------------------------------------------------------------------------- */

static enum err pending_add(struct rows *r, const struct log_row *row)
{
	struct row_pending *p = big_add(&r->pending);
	if (p == NULL)
		return ERR_FULL;
	p->row = *row;
	return OK;
}

/* Those of an intent stand together: binary search for the first. */
static size_t first_promise(const struct verify_options *o, uint64_t intent)
{
	size_t low = 0, high = o->n_promises;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (o->promises[middle].intent < intent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum err intent_add(struct rows *r, const struct log_entry *e)
{
	const struct verify_options *o = r->o;
	enum err bad;
	struct row_intent *i = big_add(&r->intents);
	struct row_mark *m = big_add(&r->marks);
	if (i == NULL || m == NULL)
		return ERR_FULL;
	m->seq = e->seq;
	*i = (struct row_intent){ .seq = e->seq, .first = r->pending.n, .n = e->n_rows };
	for (uint32_t k = 0; k < e->n_rows; k++) {
		struct log_row row = log_entry_row(e, k);
		if ((bad = pending_add(r, &row)) != OK)
			return bad;
	}
	for (size_t k = first_promise(o, e->seq); k < o->n_promises && o->promises[k].intent == e->seq; k++) {
		if ((bad = pending_add(r, &o->promises[k].row)) != OK)
			return bad;
		i->n++;
	}
	return OK;
}

/* Rows of intents that were answered are dropped, so that the array stays as small as what is open. */
static void compact(struct rows *r)
{
	struct row_intent *list = r->intents.p;
	struct row_pending *rows = r->pending.p;
	size_t n = 0;
	for (size_t i = 0; i < r->intents.n; i++) {
		memmove(&rows[n], &rows[list[i].first], list[i].n * sizeof(rows[0]));
		list[i].first = n;
		n += list[i].n;
	}
	r->pending.n = n;
}

struct row_mark *rows_mark(const struct rows *r, uint64_t seq)
{
	struct row_mark *list = r->marks.p;
	size_t low = 0, high = r->marks.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->marks.n && list[low].seq == seq ? &list[low] : NULL;
}

static enum err intent_end(struct rows *r, uint64_t seq, uint64_t told, bool done)
{
	struct row_mark *m = rows_mark(r, seq);
	if (m != NULL && !done)
		m->lost = true;
	struct row_intent *list = r->intents.p;
	struct row_pending *rows = r->pending.p;
	size_t i = r->intents.n, open = 0;
	enum err e;
	while (i > 0 && list[i - 1].seq != seq)
		i--;
	if (i == 0)
		return OK;
	struct row_intent it = list[--i];
	for (size_t k = 0; done && k < it.n; k++)
		if ((e = settle(r, seq, told, &rows[it.first + k].row)) != OK)
			return e;
	memmove(&list[i], &list[i + 1], (r->intents.n - i - 1) * sizeof(list[0]));
	r->intents.n--;
	for (i = 0; i < r->intents.n; i++)
		open += list[i].n;
	if (r->pending.n > 256 && r->pending.n > open * 4)
		compact(r);
	else if (open == 0)
		r->pending.n = 0;
	return OK;
}

enum err rows_take(struct rows *r, const struct log_entry *e)
{
	enum err bad;
	if (e->seq >= r->o->rows_until)
		return OK;
	if (e->class == LOG_OUTCOME)
		return intent_end(r, e->ref_seq, e->seq, e->outcome == LOG_DONE);
	if (e->outcome == LOG_INTENT)
		return intent_add(r, e);
	if (e->outcome != LOG_NONE && e->outcome != LOG_DONE)
		return OK;
	for (uint32_t i = 0; i < e->n_rows; i++) {
		struct log_row row = log_entry_row(e, i);
		if ((bad = settle(r, e->seq, e->seq, &row)) != OK)
			return bad;
	}
	return OK;
}

enum err rows_settle(struct rows *r)
{
	const struct row_pending *rows = r->pending.p;
	const struct row_intent *list = r->intents.p;
	struct row_slot *s = NULL;
	enum err e;
	for (size_t i = 0; i < r->intents.n; i++) {
		for (size_t k = 0; k < list[i].n; k++) {
			if ((e = slot_of(r, rows[list[i].first + k].row.row, &s)) != OK)
				return e;
			s->open = true;
		}
	}
	return OK;
}

/* crypto/grant.c — a grant in memory, and its bytes before sealing. */
#include "crypto/grant_i.h"
#include <sodium.h>
#include <string.h>

enum { SUITE = 1 };

struct grant *grant_new(void)
{
	return secret_take(sizeof(struct grant));
}

void grant_free(struct grant *g)
{
	secret_give(g);
}

void grant_freep(struct grant **g)
{
	grant_free(*g);
	*g = NULL;
}

void grant_copy(struct grant *to, const struct grant *from)
{
	memcpy(to, from, sizeof *to);
}

void grant_begin(struct grant *g, const struct grant_clear *clear)
{
	sodium_memzero(g, sizeof(*g));
	g->clear = *clear;
	g->good = true;
}

enum err grant_add(struct grant *g, const struct grant_entry *e, const struct key32 *ck)
{
	if (e->epoch == 0)
		return ERR_INVALID;
	if (g->n == GRANT_ENTRIES)
		return ERR_FULL;
	for (size_t i = 0; i < g->n; i++)
		if (g->entry[i].compartment == e->compartment && g->entry[i].epoch == e->epoch)
			return ERR_EXISTS;
	g->entry[g->n] = *e;
	key32_copy(&g->ck[g->n], ck);
	g->n++;
	return OK;
}

const struct grant_clear *grant_clear(const struct grant *g)
{
	return &g->clear;
}

struct id16 grant_granter(const struct grant *g)
{
	return g->granter;
}

uint32_t grant_granter_serial(const struct grant *g)
{
	return g->granter_serial;
}

size_t grant_count(const struct grant *g)
{
	return g->n;
}

const struct grant_entry *grant_entry(const struct grant *g, size_t i)
{
	assert_always(i < g->n);
	return &g->entry[i];
}

const struct key32 *grant_key(const struct grant *g, size_t i)
{
	assert_always(g->good && i < g->n);
	return &g->ck[i];
}

int grant_find(const struct grant *g, uint16_t compartment, uint32_t epoch)
{
	int found = -1;
	uint32_t newest = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct grant_entry *e = &g->entry[i];
		if (e->compartment != compartment || (epoch != 0 && e->epoch != epoch) || e->epoch <= newest)
			continue;
		newest = e->epoch;
		found = (int)i;
	}
	return found;
}

void grant_move(struct grant *g, size_t i, uint32_t epoch, const struct key32 *ck)
{
	assert_always(g->good && i < g->n && epoch > g->entry[i].epoch);
	g->entry[i].epoch = epoch;
	key32_copy(&g->ck[i], ck);
}

void grant_set_holder_serial(struct grant *g, uint32_t serial)
{
	g->clear.holder_serial = serial;
}

uint32_t grant_held(const struct grant *g)
{
	uint32_t held = 0;
	for (size_t i = 0; i < g->n; i++)
		held |= UINT32_C(1) << (g->entry[i].compartment <= 30 ? g->entry[i].compartment : 31);
	return held;
}

void grant_stream_key(const struct grant *g, size_t i, const struct key32 *sk, struct stream_key *ret)
{
	assert_always(g->good && i < g->n);
	struct envelope_at at = { .controller = g->clear.controller, .case_id = g->clear.case_id,
		                  .compartment = g->entry[i].compartment, .epoch = g->entry[i].epoch };
	stream_key_derive(&g->ck[i], sk, &at, ret);
}

bool grant_is_current(const struct grant_clear *c, uint32_t month)
{
	return c->not_after == 0 || month <= c->not_after;
}

void grant_clear_bytes(const struct grant_clear *c, const char magic[4], uint8_t ret[GRANT_CLEAR])
{
	struct buf b = buf_over(ret, GRANT_CLEAR);
	buf_add(&b, magic, 4);
	buf_u8(&b, SUITE);
	buf_u8(&b, (uint8_t)c->class);
	buf_u16(&b, 0);
	buf_add(&b, c->controller.b, 16);
	buf_add(&b, c->case_id.b, 16);
	buf_add(&b, c->holder.b, 16);
	buf_u32(&b, c->holder_serial);
	buf_u32(&b, c->serial);
	buf_u32(&b, c->not_after);
	buf_u32(&b, 0);
	assert_always(b.n == GRANT_CLEAR && !buf_is_full(&b));
}

enum err grant_peek(struct str bytes, enum grant_form *ret_form, struct grant_clear *ret)
{
	struct grant_clear g = { 0 };
	struct cursor c = cursor_over(bytes.p, bytes.n);
	struct str magic = cur_bytes(&c, 4);
	uint8_t suite = cur_u8(&c), class = cur_u8(&c);
	uint16_t zero = cur_u16(&c);
	cur_copy(&c, g.controller.b, 16);
	cur_copy(&c, g.case_id.b, 16);
	cur_copy(&c, g.holder.b, 16);
	g.holder_serial = cur_u32(&c);
	g.serial = cur_u32(&c);
	g.not_after = cur_u32(&c);
	uint32_t rest = cur_u32(&c);
	if (c.bad || suite != SUITE || class > GRANT_AUDIT || zero != 0 || rest != 0)
		return ERR_CORRUPT;
	g.class = (enum grant_class)class;
	bool wrapped = str_eq(magic, STR("AVW2")) && bytes.n == GRANT_WRAPPED_BYTES;
	bool accepted = str_eq(magic, STR("AVG1")) && bytes.n == GRANT_ACCEPTED_BYTES;
	if (!wrapped && !accepted)
		return ERR_CORRUPT;
	*ret_form = wrapped ? GRANT_WRAPPED : GRANT_ACCEPTED;
	*ret = g;
	return OK;
}

void grant_plain_bytes(const struct grant *g, struct id16 granter, uint32_t serial, uint8_t ret[GRANT_PLAIN])
{
	struct buf b = buf_over(ret, GRANT_PLAIN);
	memset(ret, 0, GRANT_PLAIN);
	buf_add(&b, granter.b, 16);
	buf_u32(&b, serial);
	b.n += 12;
	for (size_t i = 0; i < g->n; i++) {
		const struct grant_entry *e = &g->entry[i];
		buf_u16(&b, e->compartment);
		buf_u32(&b, e->epoch);
		buf_add(&b, g->ck[i].b, 32);
		buf_u16(&b, e->role);
		buf_u16(&b, e->purpose);
		buf_u16(&b, e->basis);
		buf_add(&b, e->reference.b, 16);
	}
	assert_always(b.n == 32 + g->n * GRANT_ENTRY && !buf_is_full(&b));
}

static bool entry_read(uint8_t p[GRANT_ENTRY], struct grant *g)
{
	struct grant_entry e = { 0 };
	KEY_TEMP ck = { { 0 } };
	struct cursor c = cursor_over(p, GRANT_ENTRY);
	e.compartment = cur_u16(&c);
	e.epoch = cur_u32(&c);
	cur_copy(&c, ck.b, sizeof(ck.b));
	e.role = cur_u16(&c);
	e.purpose = cur_u16(&c);
	e.basis = cur_u16(&c);
	cur_copy(&c, e.reference.b, 16);
	assert_always(cur_done(&c));
	return grant_add(g, &e, &ck) == OK;
}

/* Is a place empty? Every byte is looked at. */
static bool entry_is_empty(const uint8_t p[GRANT_ENTRY])
{
	uint32_t w[GRANT_ENTRY / sizeof(uint32_t)], any = 0;
	_Static_assert(sizeof(w) == GRANT_ENTRY, "an entry is whole words");
	memcpy(w, p, sizeof(w));
	for (size_t i = 0; i < COUNT_OF(w); i++)
		any |= w[i];
	sodium_memzero(w, sizeof(w));
	return any == 0;
}

bool grant_plain_read(uint8_t plain[GRANT_PLAIN], struct grant *ret)
{
	bool good = sodium_is_zero(plain + 20, 12) == 1, ended = false;
	struct cursor c = cursor_over(plain, 20);
	cur_copy(&c, ret->granter.b, 16);
	ret->granter_serial = cur_u32(&c);
	for (size_t i = 0; good && i < GRANT_ENTRIES; i++) {
		uint8_t *p = plain + 32 + i * GRANT_ENTRY;
		if (entry_is_empty(p))
			ended = true;
		else
			good = !ended && entry_read(p, ret);
	}
	sodium_memzero(plain, GRANT_PLAIN);
	return good;
}

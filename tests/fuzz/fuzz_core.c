/* tests/fuzz/fuzz_core.c — bytes become commands with values on two dossiers; the properties must hold.
 *
 * Each command takes: who, which, then for each field a byte that says left out, a fitting value, or raw text. */
#include "../core/world.c"
#include "../core/fill.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader { const uint8_t *p; size_t n; };

static unsigned take(struct reader *r)
{
	if (r->n == 0) return 0;
	r->n--;
	return *r->p++;
}

static struct str raw_text(struct reader *r)
{
	size_t n = take(r) % 48;
	if (n > r->n) n = r->n;
	struct str s = { (const char *)r->p, n };
	r->p += n;
	r->n -= n;
	return s;
}

static void one_command(struct world *w, struct reader *r)
{
	struct field_value values[FILL_MAX], kept[FILL_MAX];
	size_t person = take(r) % WORLD_STAFF, n_kept = 0;
	const struct command_row *c = &command_rows[take(r) % n_command_rows];
	struct kase *k = w->side[world_side(w, person)].live;
	struct outcome o;
	if (c->flags & COMMAND_PACKAGE) {
		o = world_accept(w, person, (enum package_kind)(1 + take(r) % 4));
	} else {
		struct dice dice = { take(r) };
		size_t n = fill_form(w->a, w, k, c->id, (take(r) & 1) ? &dice : NULL, values);
		unsigned change = take(r);
		for (size_t i = 0; i < n; i++) {
			if (change % 8 == 1 && take(r) % 4 == 0) continue;
			if (change % 8 == 2 && take(r) % 4 == 0) values[i].text = raw_text(r);
			kept[n_kept++] = values[i];
		}
		o = world_do(w, person, c->id, kept, n_kept);
	}
	assert_always(o.fault == OK || o.fault == ERR_NOT_FOUND);
	w->now.us += (int64_t)(take(r) % 64) * INT64_C(1800000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct reader r = { data, size };
	if (!a) a = arena_new((size_t)256 << 20);
	assert_always(a);
	if (size > 2048) return 0;
	struct world *w = world_new(a);
	for (int i = 0; i < 60 && r.n > 0; i++) one_command(w, &r);
	for (size_t s = 0; s < SIDES; s++) {
		struct str live = world_dump(a, w->side[s].live);
		assert_always(str_eq(live, world_dump(a, world_replay(w, (enum side)s))));
		assert_always(str_eq(live, world_dump(a, world_replay_cut(w, (enum side)s, w->side[s].n_entries / 2))));
	}
	arena_reset(a);
	return 0;
}

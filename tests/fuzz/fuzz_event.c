/* tests/fuzz/fuzz_event.c — any bytes as an event, a snapshot, a package, a summary or a profile.
 *
 * What decodes must encode, decode again to the same bytes, be foldable and be showable. */
#include "core/package.h"
#include "core/profile.h"
#include "core/state.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_event(struct arena *a, struct str s)
{
	struct event e, again;
	struct shown_field *fields = NULL;
	size_t n = 0;
	if (event_decode(a, 2, 1, s, &e) != OK) return;
	struct str first = event_encode(a, &e);
	if (!first.p) return;
	assert_always(event_decode(a, 2, 1, first, &again) == OK);
	assert_always(str_eq(first, event_encode(a, &again)));
	(void)event_text(a, &e);
	assert_always(event_fields(a, &e, &fields, &n) == OK || arena_is_full(a));
	struct kase *k = case_new(a), *back = case_new(a);
	case_apply(a, k, &e);
	struct str snapshot = snapshot_encode(a, k, 2);
	assert_always(snapshot.p && snapshot_apply(a, back, 2, snapshot) == OK);
	assert_always(str_eq(snapshot, snapshot_encode(a, back, 2)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct summary summary;
	struct package_view package;
	struct profile profile;
	struct profile_fault fault;
	if (size > 65536 || size == 0) return 0;
	if (!a) a = arena_new((size_t)64 << 20);
	assert_always(a);
	struct str s = { (const char *)data + 1, size - 1 };
	if (data[0] % 5 == 0) as_event(a, s);
	else if (data[0] % 5 == 1) { enum err e = snapshot_apply(a, case_new(a), 2, s); (void)e; }
	else if (data[0] % 5 == 2) { enum err e = package_decode(a, s, &package); (void)e; }
	else if (data[0] % 5 == 3) { enum err e = summary_decode(a, s, &summary); (void)e; }
	else { enum err e = profile_parse(a, s, &profile, &fault); (void)e; }
	arena_reset(a);
	return 0;
}

/* tests/fuzz/fuzz_text.c — any bytes as what people type: dates, numbers, codes, ids. What is read must be shown and read
 * again as the same. */
#include "base/base.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void dates(struct arena *a, struct str s, struct day today)
{
	struct day d, again;
	struct instant t, t_again;

	for (int past = 0; past <= 1; past++) {
		if (day_parse_free(s, today, past == 1, &d) != OK)
			continue;
		assert_always(day_parse_iso(day_iso(a, d), &again) == OK && again.n == d.n);
		assert_always(day_parse_free(day_short_year(a, d), today, past == 1, &again) == OK && again.n == d.n);
		assert_always(next_working_day(d).n > d.n);
	}
	if (instant_parse_iso(s, &t) == OK)
		assert_always(instant_parse_iso(instant_iso(a, t), &t_again) == OK && t_again.us == t.us);
}

static void numbers(struct arena *a, struct str s, struct day today)
{
	struct personal_number number, again;
	uint32_t code;
	struct id16 id, id_again;

	if (number_parse(s, today, &number) == NUMBER_OK) {
		assert_always(number.birth.n <= today.n);
		assert_always(number_parse(number_show(a, &number), today, &again) == NUMBER_OK);
		assert_always(memcmp(number.digits, again.digits, sizeof number.digits) == 0);
	}
	if (case_code_parse(s, &code) == OK) {
		struct id16 of = { { (uint8_t)(code >> 24), (uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code } };
		uint32_t code_again;

		assert_always(case_code_parse(case_code_str(a, of), &code_again) == OK && code_again == code);
	}
	if (id_parse(s, &id) == OK)
		assert_always(id_parse(id_str(a, id), &id_again) == OK && id_eq(id, id_again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct arena *a;
	struct day today = { 20779 }; /* 2026-11-22 */
	struct str s = { (const char *)data, n };

	if (a == NULL)
		a = arena_new(1u << 20);
	assert_always(a != NULL);
	if (n > 4096)
		return 0;
	if (str_is_text(s))
		assert_always(str_points(s) <= n);
	dates(a, s, today);
	numbers(a, s, today);
	arena_reset(a);
	return 0;
}

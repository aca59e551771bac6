/* tests/fuzz/fuzz_json.c — any bytes as the object of an API call. What is taken must be clean text within the limits, and
 * must come out of the writer so that it is read again as the same. */
#include "api/json.h"
#include "api/read.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(struct arena *a, const struct json_fields *f)
{
	struct json j = json_new(a);
	struct json_fields again;

	assert_always(f->n <= READ_FIELDS);
	json_open(&j, '{');
	for (size_t i = 0; i < f->n; i++) {
		assert_always(f->values[i].field != NULL && str_is_text(f->values[i].text));
		if (i == 0 || strcmp(f->values[i].field, f->values[i - 1].field) != 0)
			json_put(&j, f->values[i].field, f->values[i].text);
	}
	json_close(&j);
	assert_always(read_object(a, json_view(&j), &again) == OK && again.n <= f->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct arena *a;
	struct json_fields f;

	if (a == NULL)
		a = arena_new(16u << 20);
	assert_always(a != NULL);
	if (n > 100000)
		return 0;
	enum err e = read_object(a, (struct str){ (const char *)data, n }, &f);

	assert_always(e == OK || e == ERR_INVALID);
	if (e == OK)
		check(a, &f);
	arena_reset(a);
	return 0;
}

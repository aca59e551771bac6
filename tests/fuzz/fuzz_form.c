/* tests/fuzz/fuzz_form.c — any bytes as a form. What is read must be clean text, and must give the same fields when a
 * browser sends it again. */
#include "web/form.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool may_repeat(struct str name)
{
	return name.n % 2 == 0;
}

static void spell(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_format(b, "%%%02X", (unsigned)(unsigned char)s.p[i]);
}

static void check(struct arena *a, const struct field *f, size_t n)
{
	struct buf b = buf_new(a, 4u << 20);
	struct field *again;
	size_t n_again;

	assert_always(n <= FORM_PAIRS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_always(f[i].name.n > 0 && f[i].name.n <= FORM_NAME_MAX);
		assert_always(f[i].value.n <= FORM_VALUE_MAX && str_is_text(f[i].value));
		assert_always(str_find(f[i].value, '\r') == f[i].value.n);
		if (i > 0)
			buf_char(&b, '&');
		spell(&b, f[i].name);
		buf_char(&b, '=');
		spell(&b, f[i].value);
	}
	assert_always(form_parse(a, buf_view(&b), may_repeat, &again, &n_again) == OK && n_again == n);
	for (size_t i = 0; i < n; i++)
		assert_always(str_eq(f[i].name, again[i].name) && str_eq(f[i].value, again[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct arena *a;
	struct field *f = NULL;
	size_t n_fields = 0;

	if (a == NULL)
		a = arena_new(16u << 20);
	assert_always(a != NULL);
	if (n > 300000)
		return 0;
	enum err e = form_parse(a, (struct str){ (const char *)data, n }, may_repeat, &f, &n_fields);

	assert_always(e == OK || e == ERR_INVALID || e == ERR_TOO_LARGE);
	if (e == OK)
		check(a, f, n_fields);
	else
		assert_always(f == NULL && n_fields == 0);
	arena_reset(a);
	return 0;
}

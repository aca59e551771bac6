/* tests/unit/test_view.c — escaping, addresses, ceilings, embedded files, and the bugs that end the process. */
#include "base/base.h"
#include "view/assets.h"
#include "view/shell.h"
#include "view/test_templates.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *a;

static int setup(void **state)
{
	(void)state;
	a = arena_new(4 << 20);
	return a ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void assert_str(struct str s, const char *expected)
{
	if (!str_eq_c(s, expected))
		fail_msg("got '%.*s'\nnot '%s'", STR_FMT(s), expected);
}

static struct id16 id_of(uint8_t v)
{
	struct id16 id;
	memset(id.b, v, sizeof id.b);
	return id;
}

static struct day day_of(int y, int m, int d)
{
	struct day ret = DAY_UNSET;
	assert_int_equal(day_make(y, m, d, &ret), OK);
	return ret;
}

#define NASTY "<b>&\"'</b>"
#define NASTY_SAFE "&lt;b&gt;&amp;&#34;&#39;&lt;/b&gt;"

static void every_slot_is_escaped_for_its_place(void **state)
{
	(void)state;
	struct tpl_test_text inner = { .s = STR("in"), .n = INT64_MIN, .d = day_of(2026, 1, 2), .p = path_home(), .t = TOKEN("t"),
		.keys = { .csrf = STR("c") }, .yes = false };
	struct tpl_test_text v = { .s = STR(NASTY), .n = -7, .d = day_of(2026, 11, 24), .p = path_my_day(), .t = TOKEN("tone-1"),
		.part = part_test_text(&inner), .keys = { .csrf = STR("c\"1"), .token = STR("k"), .on = STR("v") }, .yes = true };
	struct html *h = html_new(a, 8192);
	tpl_test_text(h, &v);
	assert_str(html_view(h),
		"<h1 class=\"a tone-1\" title=\"" NASTY_SAFE "\" id=\"x--7\">" NASTY_SAFE " -7 24 nov 2026</h1>"
		"<p>one two <b>three</b></p><time datetime=\"2026-11-24\">24 nov 2026</time>"
		"<a href=\"/min-dag\">x</a> <a href=\"#tone-1\">y</a> <a href=\"/min-dag\">z</a>"
		"<form method=\"post\" action=\"/las\"><input type=\"hidden\" name=\"_csrf\" value=\"c&#34;1\">"
		"<input type=\"hidden\" name=\"_token\" value=\"k\"><input type=\"hidden\" name=\"_on\" value=\"v\">"
		"<textarea id=\"a\" name=\"b\" rows=\"-7\">\n" NASTY_SAFE "</textarea>"
		"<input type=\"hidden\" name=\"" NASTY_SAFE "\" value=\"" NASTY_SAFE "\"></form><pre>  kept\n  as is</pre>"
		"<i>yes</i>"
		"<h1 class=\"a t\" title=\"in\" id=\"x--9223372036854775808\">in -9223372036854775808 2 jan 2026</h1>"
		"<p>one two <b>three</b></p><time datetime=\"2026-01-02\">2 jan 2026</time>"
		"<a href=\"/\">x</a> <a href=\"#t\">y</a> <a href=\"/min-dag\">z</a>"
		"<form method=\"post\" action=\"/las\"><input type=\"hidden\" name=\"_csrf\" value=\"c\">"
		"<textarea id=\"a\" name=\"b\" rows=\"-9223372036854775808\">\nin</textarea>"
		"<input type=\"hidden\" name=\"in\" value=\"in\"></form><pre>  kept\n  as is</pre><i>no</i><u>not</u>"
		"<br><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><path d=\"M0 0\"/></svg>&nbsp;\"?\" \\ å"
		"<br><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><path d=\"M0 0\"/></svg>&nbsp;\"?\" \\ å");
}

static void lists_and_unset_values(void **state)
{
	(void)state;
	struct tpl_test_lists_rows_cells cells[] = { { 1 }, { 22 } };
	struct tpl_test_lists_rows rows[] = { { .name = STR("a&b"), .on = true, .cells = cells, .n_cells = 2 }, { .name = STR("") } };
	struct tpl_test_lists full = { .rows = rows, .n_rows = 2, .none = STR(""), .way = path_inbox(), .word = TOKEN("w"), .when = day_of(1999, 12, 31) };
	struct tpl_test_lists empty = { .none = STR_UNSET, .when = DAY_UNSET };
	struct html *h = html_new(a, 4096), *g = html_new(a, 4096);
	tpl_test_lists(h, &full);
	assert_str(html_view(h), "<ul class=\"x\"><li class=\"r on\">a&amp;b: 1 22.</li><li class=\"r\">:-</li></ul><p>some</p>"
		"<a href=\"/inkorg\">w</a><b class=\"w\">b</b>31 dec 1999");
	tpl_test_lists(g, &empty);
	assert_str(html_view(g), "<ul></ul><p>none</p>");
}

static void a_page_grows_to_its_ceiling_and_no_further(void **state)
{
	(void)state;
	enum { ROWS = 5000 };
	struct tpl_test_lists_rows *rows = ARENA_ARRAY(a, struct tpl_test_lists_rows, ROWS);
	for (size_t i = 0; i < ROWS; i++)
		rows[i].name = STR("twelve bytes");
	struct tpl_test_lists v = { .rows = rows, .n_rows = ROWS, .when = DAY_UNSET };
	struct html *roomy = html_new(a, 1 << 20), *tight = html_new(a, 40000);
	tpl_test_lists(roomy, &v);
	assert_false(html_is_full(roomy));
	size_t expected = ROWS * strlen("<li class=\"r\">twelve bytes:-</li>") + strlen("<ul></ul><p>some</p>");
	assert_int_equal(html_view(roomy).n, expected);
	assert_memory_equal(html_view(roomy).p + expected - 16, "</ul><p>some</p>", 16);
	tpl_test_lists(tight, &v);
	assert_true(html_is_full(tight));
	assert_null(html_view(tight).p);
	struct html *exact = html_new(a, expected);
	tpl_test_lists(exact, &v);
	assert_int_equal(html_view(exact).n, expected);
	struct html *short_of_one = html_new(a, expected - 1);
	tpl_test_lists(short_of_one, &v);
	assert_true(html_is_full(short_of_one));
}

static void addresses_come_from_the_table(void **state)
{
	(void)state;
	assert_str(path_text(path_my_day()), "/min-dag");
	assert_str(path_text(path_case_show(a, id_of(0xab))), "/arenden/abababababababababababababababab");
	assert_str(path_text(path_command(a, id_of(1), TOKEN("note"))), "/arenden/01010101010101010101010101010101/gor/note");
	assert_str(path_text(path_account_certify(a, id_of(2))), "/konton/02020202020202020202020202020202/intyga");
	assert_str(path_text(path_static_file(a, STR("app.1f.css"))), "/a/app.1f.css");
	assert_str(path_text(path_with_anchor(a, path_inbox(), TOKEN("kvitto"))), "/inkorg#kvitto");
	struct path q = path_with_query(a, path_inbox(), TOKEN("efter"), STR("a b/å&\"#?=%-_9"));
	assert_str(path_text(q), "/inkorg?efter=a%20b%2F%C3%A5%26%22%23%3F%3D%25-_9");
	assert_str(path_text(path_with_query(a, q, TOKEN("n"), STR(""))), "/inkorg?efter=a%20b%2F%C3%A5%26%22%23%3F%3D%25-_9&n=");
	assert_str(token_numbered(a, TOKEN("falt"), 12).made, "falt-12");
}

static void a_full_arena_gives_an_unset_address(void **state)
{
	(void)state;
	struct arena *small = arena_new(16);
	assert_null(path_case_show(small, id_of(1)).made.p);
	assert_null(path_with_query(small, path_inbox(), TOKEN("x"), STR("long enough to overflow")).made.p);
	assert_null(html_new(small, 1000));
	arena_free(small);
}

static void embedded_files_are_found_by_name(void **state)
{
	(void)state;
	const struct asset *all[] = { asset_css(), asset_js(), asset_font(), asset_icon() };
	assert_int_equal(n_assets, COUNT_OF(all));
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		assert_ptr_equal(asset_find(all[i]->name), all[i]);
		assert_true(all[i]->raw.n > 100);
		assert_true(str_starts(asset_integrity(all[i]), STR("sha384-")));
		assert_int_equal(asset_integrity(all[i]).n, 7 + 64);
		assert_true(all[i]->etag.p[0] == '"' && all[i]->etag.p[all[i]->etag.n - 1] == '"');
		assert_str(path_text(asset_path(all[i])), arena_c(a, arena_format(a, "/a/%.*s", STR_FMT(all[i]->name))));
	}
	assert_true(asset_css()->brotli.n > 0 && asset_css()->brotli.n < asset_css()->gzip.n);
	assert_true(asset_css()->gzip.n < asset_css()->raw.n / 2);
	assert_memory_equal(asset_css()->gzip.p, "\x1f\x8b", 2);
	assert_memory_equal(asset_font()->raw.p, "wOF2", 4);
	assert_null(asset_font()->gzip.p);
	assert_true(asset_js()->brotli.n <= 10 * 1024);
	assert_null(asset_find(STR("app.css")));
	assert_null(asset_find(STR("")));
	assert_null(asset_find(STR("../../etc/passwd")));
	assert_null(asset_find(str_cut(asset_css()->name, 0, asset_css()->name.n - 1)));
	for (size_t i = 0; i < n_works; i++)
		assert_true(works[i].name.n > 0 && works[i].text.n > 500);
}

static bool holds(struct str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* UX 5 and the policy of UX 0: neutral title, nothing from elsewhere, no script or style in the page. */
static void the_frame_is_neutral_and_closed(void **state)
{
	(void)state;
	struct tpl_heading head = { .title = STR("Rubrik") };
	struct tpl_shell v = { .title = STR("Översikt"), .faulty = true, .keys = { .csrf = STR("c") }, .content = part_heading(&head) };
	shell_defaults(&v, SHELL_DARK, 300);
	struct html *h = html_new(a, 65536);
	tpl_shell(h, &v);
	struct str page = html_view(h);
	assert_true(holds(page, "<title>Fel: Översikt – Ärendestöd</title>"));
	assert_true(holds(page, "<html lang=\"sv\" data-color-scheme=\"dark\">"));
	assert_true(holds(page, arena_c(a, asset_integrity(asset_css()))));
	assert_false(holds(page, "http:") || holds(page, "https:") || holds(page, "style=") || holds(page, "<style"));
	assert_false(holds(page, "data-lock") || holds(page, "/las\"") || holds(page, "Avstamp"));
	v.known = true;
	v.user = STR("A. Lind, samordnare");
	struct html *g = html_new(a, 65536);
	tpl_shell(g, &v);
	assert_true(holds(html_view(g), "data-lock=\"300\" data-warn=\"30\""));
	assert_true(holds(html_view(g), "Skärmen låses efter 5 minuter"));
}

/* ---- bugs end the process ---- */

static void run_unset_text(void)
{
	struct tpl_heading v = { .title = STR_UNSET };
	tpl_heading(html_new(a, 4096), &v);
}
static void run_form_without_csrf(void)
{
	struct tpl_button_form v = { .action = path_lock(), .look = TOKEN("pri"), .text = STR("x") };
	tpl_button_form(html_new(a, 4096), &v);
}
static void run_unset_address(void)
{
	struct tpl_button_form v = { .keys = { .csrf = STR("c") }, .look = TOKEN("pri"), .text = STR("x") };
	tpl_button_form(html_new(a, 4096), &v);
}
static void run_token_with_quote(void) { (void)token_name("a\"b"); }
static void run_token_with_letter_of_swedish(void) { (void)token_name("får"); }
static void run_empty_token(void) { (void)token_name(""); }
static void run_file_above(void) { (void)path_static_file(a, STR("../x")); }
static void run_query_after_anchor(void)
{
	(void)path_with_query(a, path_with_anchor(a, path_home(), TOKEN("x")), TOKEN("y"), STR("z"));
}
static void run_nothing(void) { (void)token_name("good-1"); }

static bool dies(void (*run)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		run();
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void a_forgotten_value_ends_the_process(void **state)
{
	(void)state;
	assert_true(dies(run_unset_text));
	assert_true(dies(run_form_without_csrf));
	assert_true(dies(run_unset_address));
	assert_false(dies(run_nothing));
}

static void a_name_or_address_from_outside_ends_the_process(void **state)
{
	(void)state;
	assert_true(dies(run_token_with_quote));
	assert_true(dies(run_token_with_letter_of_swedish));
	assert_true(dies(run_empty_token));
	assert_true(dies(run_file_above));
	assert_true(dies(run_query_after_anchor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_slot_is_escaped_for_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_and_unset_values, setup, teardown),
		cmocka_unit_test_setup_teardown(a_page_grows_to_its_ceiling_and_no_further, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_come_from_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_arena_gives_an_unset_address, setup, teardown),
		cmocka_unit_test_setup_teardown(embedded_files_are_found_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(the_frame_is_neutral_and_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_forgotten_value_ends_the_process, setup, teardown),
		cmocka_unit_test_setup_teardown(a_name_or_address_from_outside_ends_the_process, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

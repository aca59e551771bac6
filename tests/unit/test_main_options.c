/* tests/unit/test_main_options.c — options, where serve may listen, answers, requests of run/admin.sock, manifests. */
#include "main/admin.h"
#include "main/answers.h"
#include "main/backup.h"
#include "main/findings.h"
#include "main/serve.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena *a;
static int stderr_before;

static int begin(void **state)
{
	(void)state;
	a = arena_new(1u << 20);
	/* Sentences of refusals are meant for the operator, not for the test's output. */
	stderr_before = dup(2);
	int null = open("/dev/null", O_WRONLY);
	dup2(null, 2);
	close(null);
	return a ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	dup2(stderr_before, 2);
	close(stderr_before);
	arena_free(a);
	return 0;
}

/* ---- options -------------------------------------------------------------------------------------------------- */

struct taken { const char *directory; int64_t cases; bool deep; const char *rest[2]; size_t n_rest; };

static bool read_options(struct taken *t, const char *const *words)
{
	char *argv[12];
	int argc = 0;
	*t = (struct taken){ .directory = NULL };
	argv[argc++] = arena_c(a, STR("verb"));
	for (; *words; words++)
		argv[argc++] = arena_c(a, str_c(*words));
	const struct option_row rows[] = { { .name = "--dir", .text = &t->directory }, { .name = "--cases", .number = &t->cases },
	                                   { .name = "--deep", .flag = &t->deep } };
	/* argv outlives the call, as the program's own does. */
	return options_read(argc, argv, rows, COUNT_OF(rows), t->rest, 2, &t->n_rest);
}
#define READ(t, ...) read_options((t), (const char *const[]){ __VA_ARGS__, NULL })

static void test_options(void **state)
{
	(void)state;
	struct taken t;
	assert_true(READ(&t, "--dir", "x", "one", "--cases=12", "--deep", "two"));
	assert_string_equal(t.directory, "x");
	assert_int_equal(t.cases, 12);
	assert_true(t.deep);
	assert_int_equal(t.n_rest, 2);
	assert_string_equal(t.rest[1], "two");
}

static void test_options_refused(void **state)
{
	(void)state;
	struct taken t;
	assert_false(READ(&t, "--dir"));
	assert_false(READ(&t, "--colour", "red"));
	assert_false(READ(&t, "--cases", "-1"));
	assert_false(READ(&t, "--cases", "1e3"));
	assert_false(READ(&t, "--cases", ""));
	assert_false(READ(&t, "--deep=yes"));
	assert_false(READ(&t, "one", "two", "three"));
	assert_false(READ(&t, "--di", "x"));
}

/* ---- where to listen ------------------------------------------------------------------------------------------- */

static bool may_listen(const char *where, bool tls, bool demo)
{
	struct conf c = conf_standard();
	c.listen = where;
	c.tls_certificate = tls ? "/c.pem" : "";
	c.tls_key = tls ? "/k.pem" : "";
	return serve_refuses(a, &c, demo).p == NULL;
}

static void test_listen(void **state)
{
	(void)state;
	assert_true(may_listen("127.0.0.1:8080", false, false));
	assert_true(may_listen("[::1]:8080", false, false));
	assert_true(may_listen("unix:/run/x.sock", false, false));
	assert_true(may_listen("0.0.0.0:443", true, false));
	assert_true(may_listen("127.0.0.1:8080", false, true));
	assert_false(may_listen("0.0.0.0:80", false, false));
	assert_false(may_listen("192.0.2.1:80", false, false));
	assert_false(may_listen("0.0.0.0:443", true, true));
	assert_false(may_listen("unix:/run/x.sock", false, true));
	struct conf half = conf_standard();
	half.tls_key = "/k.pem";
	assert_non_null(serve_refuses(a, &half, false).p);
}

static void test_names(void **state)
{
	(void)state;
	struct conf c = conf_standard();
	struct serve_names n;
	c.listen = "127.0.0.1:9000";
	assert_true(serve_names(a, &c, &n));
	assert_string_equal(n.hosts[0], "localhost:9000");
	assert_null(n.hosts[1]);
	assert_string_equal(n.redirect, "127.0.0.1:9000");
	c.hosts = "avstamp.example  other.example";
	assert_true(serve_names(a, &c, &n));
	assert_string_equal(n.hosts[0], "avstamp.example");
	assert_string_equal(n.hosts[1], "other.example");
	assert_null(n.hosts[2]);
	assert_null(n.redirect);
	c.hosts = "";
	assert_false(serve_names(a, &c, &n));
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static const char good[] =
	"# comment\nkeys_folder = /tmp\ncontroller = Nämnden\nkind = social\nmunicipality = 9999\n"
	"officer = a | A | t | a long passphrase 1\nofficer = b | B | t | a long passphrase 2\n"
	"reviewer = c | C | t | a long passphrase 3\n"
	"custodian = D | a long passphrase 4\ncustodian = E | a long passphrase 5\ncustodian = F | a long passphrase 6\n";

static bool answered(const char *text, struct answers *ret)
{
	char path[] = "/tmp/avstamp-answers-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	*ret = (struct answers){ .keys_folder = NULL };
	bool read = answers_read(a, path, ret) && answers_check(ret);
	unlink(path);
	return read;
}

static void test_answers(void **state)
{
	(void)state;
	struct answers w;
	assert_true(answered(good, &w));
	assert_int_equal(w.founding.n, 1);
	assert_int_equal(w.founding.controllers[0].n_people, 3);
	assert_int_equal(w.founding.controllers[0].municipality, 9999);
	assert_true(w.founding.controllers[0].people[2].roles == ROLE_BIT(REVIEWER));
	assert_true(w.founding.controllers[0].people[0].with_code);
}

/* The good answers with one piece exchanged. */
static bool answered_with(const char *from, const char *to)
{
	struct answers w;
	char text[2048];
	const char *at = strstr(good, from);
	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	return answered(text, &w);
}

static void test_answers_refused(void **state)
{
	(void)state;
	assert_true(answered_with("A | t", "Å | t"));
	assert_false(answered_with("officer = b | B | t | a long passphrase 2\n", ""));
	assert_false(answered_with("custodian = F | a long passphrase 6\n", ""));
	assert_false(answered_with("reviewer = c | C | t | a long passphrase 3\n", ""));
	assert_false(answered_with("a long passphrase 1", "short"));
	assert_false(answered_with("officer = b", "officer = a"));
	assert_false(answered_with("kind = social", "kind = army"));
	assert_false(answered_with("municipality = 9999", "municipality = 99"));
	assert_false(answered_with("# comment", "colour = red"));
	assert_false(answered_with("keys_folder = /tmp", "keys_folder = /nonexistent"));
	assert_false(answered_with("controller = Nämnden\n", ""));
	assert_false(answered_with("# comment", "no equals sign"));
}

/* ---- admin ------------------------------------------------------------------------------------------------------ */

static void test_admin_goes_over(void **state)
{
	(void)state;
	struct admin_request r = { .n = 0 }, got;
	admin_set(&r, "act", STR("add"));
	admin_set(&r, "name", STR("Åsa Två Ord"));
	admin_set(&r, "empty", STR(""));
	assert_int_equal(admin_decode(admin_encode(a, &r), &got), OK);
	assert_true(str_eq_c(admin_value(&got, "name"), "Åsa Två Ord"));
	assert_null(admin_value(&got, "empty").p);
	assert_null(admin_value(&got, "act2").p);
}

static void test_admin_refused(void **state)
{
	(void)state;
	struct admin_request r;
	assert_int_equal(admin_decode(STR(""), &r), ERR_INVALID);
	assert_int_equal(admin_decode(STR("\n"), &r), ERR_INVALID);
	assert_int_equal(admin_decode(STR("act\n\n"), &r), ERR_INVALID);
	assert_int_equal(admin_decode(STR(" list\n\n"), &r), ERR_INVALID);
	assert_int_equal(admin_decode(STR("act l\x01st\n\n"), &r), ERR_INVALID);
	struct buf b = buf_new(a, 1024);
	for (int i = 0; i < ADMIN_FIELDS + 1; i++)
		buf_format(&b, "f%d v\n", i);
	assert_int_equal(admin_decode(buf_view(&b), &r), ERR_INVALID);
}

/* ---- manifests and findings -------------------------------------------------------------------------------------- */

static void test_manifest(void **state)
{
	(void)state;
	struct manifest m = { .size = 12, .checkpoint = 15, .taken = { INT64_C(1795000000000000) } }, got;
	memset(m.snapshot.b, 7, sizeof m.snapshot.b);
	struct str text = manifest_text(a, &m);
	assert_int_equal(manifest_parse(a, text, &got), OK);
	assert_int_equal(got.size, 12);
	assert_int_equal(got.checkpoint, 15);
	assert_true(got.taken.us == m.taken.us && id_eq(got.snapshot, m.snapshot));
	for (size_t n = 0; n + 1 < text.n; n++)
		if (text.p[n] == '\n' || text.p[n] == ' ')
			assert_int_equal(manifest_parse(a, str_cut(text, 0, n), &got), ERR_INVALID);
	assert_int_equal(manifest_parse(a, STR("avstamp backup 2\n"), &got), ERR_INVALID);
}

static void test_findings_speak_swedish(void **state)
{
	(void)state;
	assert_true(str_eq_c(finding_text("the vault was started"), "Valvet startades."));
	assert_true(str_eq_c(finding_text("something new"), "something new"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_options), T(test_options_refused), T(test_listen), T(test_names), T(test_answers), T(test_answers_refused),
		T(test_admin_goes_over), T(test_admin_refused), T(test_manifest), T(test_findings_speak_swedish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

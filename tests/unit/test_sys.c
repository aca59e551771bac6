/* tests/unit/test_sys.c — settings, files that stay, the lock, children and their descriptors. */
#include "sys/conf.h"
#include "sys/files.h"
#include "sys/process.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *a;
static char directory[64];

static int begin(void **state)
{
	(void)state;
	a = arena_new(1u << 20);
	strcpy(directory, "/tmp/avstamp-sys-XXXXXX");
	return a && mkdtemp(directory) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	char command[96];
	snprintf(command, sizeof command, "rm -rf %s", directory);
	arena_free(a);
	return system(command);
}

static struct path in(const char *name)
{
	struct path p;
	assert_int_equal(path_join(directory, name, &p), OK);
	return p;
}

/* ---- settings ---------------------------------------------------------------------------------------------- */

static enum err parse(const char *text, struct conf *ret, struct conf_error *ret_error)
{
	return conf_parse(a, str_c(text), ret, ret_error);
}

static void test_conf_written_is_read(void **state)
{
	(void)state;
	struct conf written = conf_standard(), read;
	struct conf_error error;
	written.listen = "unix:/run/avstamp/web.sock";
	written.lock_minutes = 3;
	struct str text = conf_text(a, &written);
	assert_non_null(text.p);
	assert_int_equal(conf_parse(a, text, &read, &error), OK);
	assert_string_equal(read.listen, written.listen);
	assert_int_equal(read.lock_minutes, 3);
	assert_string_equal(read.walls, "strict");
}

static void test_conf_every_key_is_documented(void **state)
{
	(void)state;
	struct conf c = conf_standard();
	const char *text = arena_c(a, conf_text(a, &c));
#define WORD(key, standard, comment) assert_non_null(strstr(text, "\n" #key " =")); assert_true(strlen(comment) > 10);
#define NUMBER(key, standard, least, most, comment) WORD(key, standard, comment)
#include "sys/conf.def"
}

static void assert_refused(const char *text, int line, const char *word)
{
	struct conf c;
	struct conf_error error = { 0 };
	assert_int_equal(parse(text, &c, &error), ERR_INVALID);
	assert_int_equal(error.line, line);
	assert_non_null(error.sentence.p);
	assert_non_null(strstr(arena_c(a, error.sentence), word));
}

static void test_conf_refusals(void **state)
{
	(void)state;
	assert_refused("listen = 127.0.0.1:1\ncolour = red\n", 2, "colour");
	assert_refused("# fine\n\nlisten 127.0.0.1:1\n", 3, "likhetstecken");
	assert_refused("lock_minutes = 16\n", 1, "1 till 15");
	assert_refused("lock_minutes = 0\n", 1, "1 till 15");
	assert_refused("lock_minutes = 5x\n", 1, "lock_minutes");
	assert_refused("lock_minutes =\n", 1, "lock_minutes");
	assert_refused("session_hours = 13\n", 1, "1 till 12");
	assert_refused("walls = off\n", 1, "strict eller best-effort");
	assert_refused("behind_tls = maybe\n", 1, "yes eller no");
	assert_refused("hosts = a\x01" "b\n", 1, "hosts");
}

/* ---- files -------------------------------------------------------------------------------------------------- */

static void test_file_write_replaces(void **state)
{
	(void)state;
	struct path p = in("file");
	struct str got;
	struct stat s;
	assert_int_equal(file_write(p.c, STR("old"), 0600), OK);
	assert_int_equal(file_write(p.c, STR("new"), 0640), OK);
	assert_int_equal(file_read(a, p.c, 10, &got), OK);
	assert_true(str_eq_c(got, "new"));
	assert_int_equal(stat(p.c, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0640);
	struct path beside = in("file.new");
	assert_false(file_exists(beside.c));
}

static void test_file_refusals(void **state)
{
	(void)state;
	struct path p = in("file"), link = in("link"), none = in("none");
	struct str got = STR("untouched");
	assert_int_equal(file_create(p.c, STR("12345"), 0600), OK);
	assert_int_equal(file_create(p.c, STR("x"), 0600), ERR_EXISTS);
	assert_int_equal(file_read(a, p.c, 4, &got), ERR_TOO_LARGE);
	assert_int_equal(file_read(a, none.c, 4, &got), ERR_NOT_FOUND);
	assert_int_equal(symlink(p.c, link.c), 0);
	assert_int_not_equal(file_read(a, link.c, 10, &got), OK);
	assert_int_equal(file_copy(p.c, p.c, UINT64_MAX, 0600), ERR_EXISTS);
	assert_true(str_eq_c(got, "untouched"));
	assert_int_equal(directory_make(directory, 0700), ERR_EXISTS);
}

static void test_file_copy_to_a_limit(void **state)
{
	(void)state;
	struct path from = in("from"), to = in("to");
	struct str got;
	assert_int_equal(file_create(from.c, STR("0123456789"), 0600), OK);
	assert_int_equal(file_copy(from.c, to.c, 4, 0600), OK);
	assert_int_equal(file_read(a, to.c, 10, &got), OK);
	assert_true(str_eq_c(got, "0123"));
}

static void test_paths(void **state)
{
	(void)state;
	assert_true(path_is_in("/a/b", "/a"));
	assert_true(path_is_in("/a", "/a"));
	assert_true(path_is_in("/a", "/"));
	assert_false(path_is_in("/ab", "/a"));
	assert_false(path_is_in("/a", "/a/b"));
	struct path dotted, real, plain;
	char text[128];
	snprintf(text, sizeof text, "%s/./x/../", directory);
	assert_int_equal(path_real(text, &dotted), ERR_NOT_FOUND); /* x is not there */
	snprintf(text, sizeof text, "%s/new", directory);
	assert_int_equal(path_real(text, &plain), OK);
	assert_int_equal(path_real(directory, &real), OK);
	assert_true(path_is_in(plain.c, real.c));
	char longest[2 * PATH_LIMIT];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(path_join("/", longest, &plain), ERR_TOO_LARGE);
}

/* ---- the lock ------------------------------------------------------------------------------------------------ */

static void test_lock_is_one(void **state)
{
	(void)state;
	struct path run = in("run");
	int first = -1, second = -1;
	assert_int_equal(directory_make(run.c, 0700), OK);
	assert_int_equal(lock_holder(directory), 0);
	assert_int_equal(lock_take(directory, 0, &first), OK);
	assert_int_equal(lock_holder(directory), getpid());
	assert_int_equal(lock_take(directory, 30, &second), ERR_EXISTS);
	assert_int_equal(second, -1);
	close(first);
	assert_int_equal(lock_take(directory, 0, &second), OK);
	close(second);
}

/* A child that was given the lock holds it when the parent is gone. */
static void test_lock_is_held_by_children(void **state)
{
	(void)state;
	struct path run = in("run");
	int fd = -1, again = -1;
	assert_int_equal(directory_make(run.c, 0700), OK);
	assert_int_equal(lock_take(directory, 0, &fd), OK);
	const char *arguments[] = { "sleep", "60", NULL };
	struct spawn_fd fds[] = { { fd, 7 } };
	struct spawn s = { .program = "/bin/sleep", .arguments = arguments, .fds = fds, .n_fds = 1 };
	pid_t pid;
	assert_int_equal(process_spawn(&s, &pid), OK);
	close(fd);
	sleep_ms(50);
	assert_int_equal(lock_take(directory, 0, &again), ERR_EXISTS);
	assert_false(process_end(pid, 0));
	assert_int_equal(lock_take(directory, 1000, &again), OK);
	close(again);
}

/* ---- children ------------------------------------------------------------------------------------------------ */

static void test_child_has_only_what_it_was_given(void **state)
{
	(void)state;
	int pair[2], other = open("/dev/null", O_RDONLY), output[2];
	assert_int_equal(pair_make(pair), OK);
	assert_int_equal(pipe(output), 0);
	const char *arguments[] = { "sh", "-c", "for f in /proc/self/fd/*; do printf '%s ' ${f##*/}; done", NULL };
	struct spawn_fd fds[] = { { pair[0], 9 }, { pair[1], pair[0] } };
	struct spawn s = { .program = "/bin/sh", .arguments = arguments, .fds = fds, .n_fds = 2, .output = output[1] };
	pid_t pid;
	assert_true(other > 2 && dup2(other, 30) == 30); /* no close-on-exec: must not come along */
	assert_int_equal(process_spawn(&s, &pid), OK);
	close(output[1]);
	char seen[128] = " ", wanted[16];
	size_t at = 1;
	for (ssize_t n; at < sizeof seen - 1 && (n = read(output[0], seen + at, sizeof seen - 1 - at)) > 0;)
		at += (size_t)n;
	assert_true(process_end(pid, 2000));
	snprintf(wanted, sizeof wanted, " %d ", pair[0]);
	assert_non_null(strstr(seen, " 9 "));
	assert_non_null(strstr(seen, wanted));
	assert_null(strstr(seen, " 30 "));
	close(30);
	close(other);
	close(pair[0]);
	close(pair[1]);
	close(output[0]);
}

static void test_end_kills_what_does_not_end(void **state)
{
	(void)state;
	const char *arguments[] = { "sleep", "60", NULL }, *fine[] = { "true", NULL }, *bad[] = { "false", NULL };
	struct spawn s = { .program = "/bin/sleep", .arguments = arguments };
	pid_t pid;
	assert_int_equal(process_spawn(&s, &pid), OK);
	assert_false(process_end(pid, 20));
	assert_int_equal(kill(pid, 0), -1);
	s = (struct spawn){ .program = "/bin/true", .arguments = fine };
	assert_int_equal(process_spawn(&s, &pid), OK);
	assert_true(process_end(pid, 2000));
	s = (struct spawn){ .program = "/bin/false", .arguments = bad };
	assert_int_equal(process_spawn(&s, &pid), OK);
	assert_false(process_end(pid, 2000));
	s.program = "/nonexistent";
	assert_int_equal(process_spawn(&s, &pid), OK);
	assert_false(process_end(pid, 2000));
}

static void test_descriptor_goes_over(void **state)
{
	(void)state;
	int pair[2], through[2], got = -1;
	char what = 0, byte = 0;
	assert_int_equal(pair_make(pair), OK);
	assert_int_equal(pipe(through), 0);
	assert_int_equal(fd_send(pair[0], 'V', through[0]), OK);
	assert_int_equal(fd_receive(pair[1], &what, &got), OK);
	assert_int_equal(what, 'V');
	assert_int_equal(write(through[1], "x", 1), 1);
	assert_int_equal(read(got, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(write(pair[0], "H", 1), 1);
	assert_int_equal(fd_receive(pair[1], &what, &got), OK);
	assert_int_equal(got, -1);
	close(pair[0]);
	assert_int_equal(fd_receive(pair[1], &what, &got), ERR_NOT_FOUND);
	close(pair[1]);
	close(through[0]);
	close(through[1]);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_conf_written_is_read), T(test_conf_every_key_is_documented), T(test_conf_refusals),
		T(test_file_write_replaces), T(test_file_refusals), T(test_file_copy_to_a_limit), T(test_paths),
		T(test_lock_is_one), T(test_lock_is_held_by_children), T(test_child_has_only_what_it_was_given),
		T(test_end_kills_what_does_not_end), T(test_descriptor_goes_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

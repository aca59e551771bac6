/* tests/web/runner.c — runs scenario files against one demo of their own.
 *
 *   web-runner PROGRAM FILE.avt...     exit 0 when every file ran to its end */
#include "runner.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct str file_text(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "re");
	struct buf b = buf_new(a, 1u << 20);
	char piece[2048];
	size_t n;

	if (f == NULL)
		return STR_UNSET;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&b, piece, n);
	(void)fclose(f);
	return buf_view(&b);
}

static bool run_file(struct house *h, const char *path)
{
	struct arena *a = arena_new(UINT64_C(1) << 32);
	struct str text = a == NULL ? STR_UNSET : file_text(a, path);
	static struct runner r;

	r = (struct runner){ .house = h, .a = a, .file = path };
	variable_set(&r, STR("port"), arena_format(a, "%d", h->port));
	variable_set(&r, STR("host"), arena_format(a, "localhost:%d", h->port));
	bool well = text.p != NULL && script_run(&r, text);

	if (well)
		(void)printf("ok %s\n", path);
	else
		(void)printf("FAILED %s:%d: %s\n", path, r.line, text.p == NULL ? "cannot be read" : r.why);
	arena_free(a);
	return well;
}

static void show_output(const struct house *h)
{
	struct arena *a = arena_new(2u << 20);
	struct str text = a == NULL ? STR_UNSET : file_text(a, h->log_file);

	if (text.p != NULL)
		(void)printf("---- what the program said ----\n%.*s\n", STR_FMT(text));
	arena_free(a);
}

int main(int argc, char **argv)
{
	static struct house h;
	int failed = 0;

	if (argc < 3) {
		(void)fprintf(stderr, "web-runner PROGRAM FILE.avt...\n");
		return 2;
	}
	h.a = arena_new(1u << 20);
	h.program = argv[1];
	if (h.a == NULL || !house_start(&h)) {
		(void)printf("FAILED the program does not start: %s demo\n", h.program);
		show_output(&h);
		failed++;
	}
	for (int i = 2; i < argc && h.parent > 0; i++)
		failed += !run_file(&h, argv[i]);
	if (h.parent > 0 && !house_stop(&h)) {
		(void)printf("FAILED the program did not end well\n");
		failed++;
	}
	if (failed > 0)
		show_output(&h);
	if (getenv("AVSTAMP_KEEP") == NULL)
		house_remove(&h);
	else
		(void)printf("kept: %s\n", h.directory);
	arena_free(h.a);
	return failed > 0 ? 1 : 0;
}

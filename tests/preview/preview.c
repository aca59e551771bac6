/* tests/preview/preview.c — writes the sample pages and the embedded files into a directory. */
#include "preview.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct id16 preview_id(uint8_t n)
{
	struct id16 id;
	memset(id.b, n, sizeof id.b);
	return id;
}

struct form_keys preview_keys(void)
{
	return (struct form_keys){ .csrf = STR("c5f1"), .token = STR("7a90"), .on = STR("12") };
}

const void *preview_keep(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_take(a, n);
	assert_always(copy != NULL);
	return memcpy(copy, p, n);
}

static int file_write(const char *directory, const char *name, struct str text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0) {
		fprintf(stderr, "preview: cannot write %s\n", path);
		return 1;
	}
	return 0;
}

static int sample_write(struct arena *a, const char *directory, const struct sample *s)
{
	struct tpl_shell_menu menu[] = {
		{ path_my_day(), STR("Min dag"), s->here == 0 },
		{ path_my_cases(), STR("Ärenden"), s->here == 1 },
		{ path_inbox(), STR("Inkorg (3)"), s->here == 2 },
		{ path_accounts(), STR("Konton"), s->here == 3 },
	};
	struct tpl_shell v = {
		.faulty = s->faulty, .title = str_c(s->title), .known = s->here >= 0, .user = STR("A. Lind, samordnare"),
		.menu = menu, .n_menu = COUNT_OF(menu), .can_find = true, .keys = preview_keys(),
	};
	char name[64];
	shell_defaults(&v, SHELL_FOLLOW, 300);
	v.content = s->content(a);
	if (s->context)
		v.context = s->context(a);
	struct html *h = html_new(a, 1 << 20);
	assert_always(h != NULL);
	tpl_shell(h, &v);
	assert_always(!html_is_full(h));
	snprintf(name, sizeof name, "%s.html", s->name);
	printf("%-16s %6zu bytes\n", name, html_view(h).n);
	return file_write(directory, name, html_view(h));
}

int main(int argc, char **argv)
{
	char files[512];
	int bad = 0;
	struct arena *a = arena_new(8 << 20);
	if (argc != 2 || !a) {
		fprintf(stderr, "usage: preview DIRECTORY\n");
		return 2;
	}
	snprintf(files, sizeof files, "%s/a", argv[1]);
	(void)mkdir(argv[1], 0777);
	(void)mkdir(files, 0777);
	for (size_t i = 0; i < n_assets; i++)
		bad |= file_write(files, arena_c(a, assets[i].name), assets[i].raw);
	for (size_t i = 0; i < n_case_samples; i++)
		bad |= sample_write(a, argv[1], &case_samples[i]);
	for (size_t i = 0; i < n_desk_samples; i++)
		bad |= sample_write(a, argv[1], &desk_samples[i]);
	arena_free(a);
	return bad;
}

/* tests/fuzz/replay.c — gives a fuzz target the kept inputs once more, in every ordinary build.
 *
 *   replay FOLDER...     each file of each folder; a folder that is not there counts as empty */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay(const char *folder, const char *name)
{
	static uint8_t bytes[1 << 20];
	char path[1024];

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return 0;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	size_t n = fread(bytes, 1, sizeof bytes, f);

	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(bytes, n);
	return 1;
}

int main(int argc, char **argv)
{
	int done = 0;

	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);

		for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d))
			if (e->d_name[0] != '.')
				done += replay(argv[i], e->d_name);
		if (d != NULL)
			(void)closedir(d);
	}
	(void)printf("%d inputs\n", done);
	return 0;
}

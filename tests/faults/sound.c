/* tests/faults/sound.c — what a sanitizer says in the program's output is seen, though the process that said it is gone and
 * another has taken its place: the control of every campaign that is run with one.
 *
 *   sound PROGRAM */
#include "help.h"
#include <stdio.h>
#include <unistd.h>

static void say(const struct world *w, const char *line)
{
	FILE *f = fopen(w->house.log_file, "ae");

	if (f == NULL || fputs(line, f) == EOF || fclose(f) != 0)
		give_up("%s cannot be written", w->house.log_file);
}

int main(int argc, char **argv)
{
	static struct world w;
	static const char *const findings[] = { "WARNING: ThreadSanitizer: data race (pid=1)\n", "==1==ERROR: AddressSanitizer: heap-use-after-free\n",
						"../src/a.c:1:2: runtime error: signed integer overflow\n" };

	if (argc < 2)
		return 2;
	world_begin(&w, argv[1]);
	if (!house_is_sound(&w.house) || !house_stop(&w.house) || !house_start(&w.house))
		give_up("nothing was found, and it is not sound");
	for (size_t i = 0; i < COUNT_OF(findings); i++) {
		say(&w, findings[i]);
		if (house_is_sound(&w.house))
			give_up("not seen: %s", findings[i]);
		if (i == 0 && house_stop(&w.house))
			give_up("the program ended well with a finding");
		if (truncate(w.house.log_file, 0) != 0 || !house_is_sound(&w.house))
			give_up("seen where it is not");
	}
	world_end(&w);
	return 0;
}

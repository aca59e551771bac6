/* tools/tblc.c — prints what is made from the tables: the name table of the codec, an embedded file, the docs.
 *
 *   tblc names          a perfect hash over the names of events (src/tables/event_names.inc)
 *   tblc embed FILE     the file as the bytes of a C array
 *   tblc docs           docs/TABLES.md
 * Runs in: the build.   Depends on: the .def files alone for `names`, so that it can run before tables is built. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct row { const char *name, *title, *home, *police; };
static const struct row records[] = {
#define EVENT(kind, number, name, home, police_home, keep, title) { #name, title, #home, #police_home },
#define PART(name) { #name, NULL, "", "" },
#define FIELD(record, field, type, flags, label, hint)
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
};
#define N_RECORDS (sizeof(records) / sizeof(records[0]))
#define SLOTS 1024U

static uint32_t name_hash(const char *name, uint32_t factor)
{
	size_t n = strlen(name);
	uint32_t h = (uint32_t)n;
	for (size_t i = 0; i < n; i++) h = h * factor + (uint8_t)name[i];
	return (h >> 7) % SLOTS;
}

static bool try_factor(uint32_t factor, uint8_t slots[SLOTS])
{
	memset(slots, 0, SLOTS);
	for (size_t i = 0; i < N_RECORDS; i++) {
		if (!records[i].title) continue;
		uint32_t h = name_hash(records[i].name, factor);
		if (slots[h]) return false;
		slots[h] = (uint8_t)(i + 1);
	}
	return true;
}

static int print_names(void)
{
	uint8_t slots[SLOTS];
	uint32_t factor = 3;
	while (factor < 2000003U && !try_factor(factor, slots)) factor += 2;
	if (factor >= 2000003U) {
		fprintf(stderr, "tblc: no perfect hash found; make SLOTS larger\n");
		return 1;
	}
	printf("/* Made by tools/tblc from tables/events.def. */\n#define NAME_SLOTS %uU\n#define NAME_FACTOR %uU\n", SLOTS, factor);
	printf("static const uint8_t name_slots[NAME_SLOTS] = {\n");
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i]) printf("\t[%zu] = %u,\n", i, slots[i]);
	printf("};\n");
	return 0;
}

static int print_bytes(const char *path)
{
	FILE *f = fopen(path, "rb");
	int c, n = 0;
	if (!f) {
		fprintf(stderr, "tblc: cannot read %s\n", path);
		return 1;
	}
	printf("/* Made by tools/tblc from a text file. */\n");
	while ((c = fgetc(f)) != EOF) printf("%d,%s", c, ++n % 24 == 0 ? "\n" : "");
	printf("\n");
	fclose(f);
	return 0;
}

/* ---- documentation ------------------------------------------------------------------------------------------ */

static void print_events(void)
{
	printf("## Händelser\n\nEvery kind of event, its compartment (social dossier / police dossier) and its fields.\n");
#define EVENT(kind, number, name, home, police_home, keep, title) \
	printf("\n### %s (`%s`, %d)\n\n%s / %s, snapshot keeps %s\n\n| field | type | flags | label |\n|---|---|---|---|\n", \
	       title, #name, number, #home, #police_home, #keep);
#define PART(name) printf("\n### Part of a form: `%s`\n\n| field | type | flags | label |\n|---|---|---|---|\n", #name);
#define FIELD(record, field, type, flags, label, hint) printf("| `%s` | %s | %s | %s |\n", #field, #type, #flags, label);
#define END(name)
#include "tables/events.def"
#undef EVENT
#undef PART
#undef FIELD
#undef END
}

static void print_commands(void)
{
	printf("\n## Kommandon\n\n| command | heading | roles | dossier | phases | reads | flags |\n|---|---|---|---|---|---|---|\n");
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags) \
	printf("| `%s` | %s | %s | %s | %s | %s / %s | %s |\n", #name, heading, #roles, #dossier, #phases, #reads, #police_reads, #flags);
#define TAKES(command, record)
#define GUARD(command, guard)
#define END(name)
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END
	printf("\n### Guards, in the order they are asked\n\n| command | guard |\n|---|---|\n");
#define COMMAND(id, number, name, button, heading, roles, dossier, phases, reads, police_reads, flags)
#define TAKES(command, record)
#define GUARD(command, guard) printf("| `%s` | %s |\n", #command, #guard);
#define END(name)
#include "tables/commands.def"
#undef COMMAND
#undef TAKES
#undef GUARD
#undef END
}

static void print_rules(void)
{
	printf("\n## Nej: varje regel som kan stoppa\n\n| rule | basis | text | remedy |\n|---|---|---|---|\n");
#define REFUSAL(id, number, rule, basis, text, remedy) printf("| `%s` | %s | %s | %s |\n", rule, #basis, text, remedy);
#include "tables/refusals.def"
#undef REFUSAL
	printf("\n## Lag och arbetssätt\n\n| basis | kind | citation | from | to | words |\n|---|---|---|---|---|---|\n");
#define OPEN "gäller"
#define BASIS(id, number, kind, citation, from, to, text) \
	printf("| %s | %s | %s | %s | %s | %s |\n", #id, #kind, citation, from, to, text);
#include "tables/law.def"
#undef BASIS
	printf("\n## Uppgifter\n\n| task | title | due | who | severity | ladder | ticked by hand |\n|---|---|---|---|---|---|---|\n");
#define TASK(id, number, code, title, due, who, severity, ladder, tickable) \
	printf("| `%s` | %s | %s | %s | %d | %s | %s |\n", code, title, #due, #who, severity, #ladder, #tickable);
#include "tables/tasks.def"
#undef TASK
	printf("\n## Val\n");
#define LIST(name, zero) printf("\n### `%s`\n\n| number | code | text |\n|---|---|---|\n", #name);
#define ITEM(list, constant, number, code, text) printf("| %d | `%s` | %s |\n", number, code, text);
#define LIST_END(name)
#include "tables/choices.def"
#undef LIST
#undef ITEM
#undef LIST_END
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "names") == 0) return print_names();
	if (argc == 3 && strcmp(argv[1], "embed") == 0) return print_bytes(argv[2]);
	if (argc == 2 && strcmp(argv[1], "docs") == 0) {
		printf("# The tables\n\nMade by `tblc docs` from `src/tables/*.def`; a test compares.\n\n");
		print_events();
		print_commands();
		print_rules();
		return 0;
	}
	fprintf(stderr, "tblc: names | embed FILE | docs\n");
	return 2;
}

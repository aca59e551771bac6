/* vault/options.c — the vault's arguments. */
#include "vault/options.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000000)

static const char usage[] =
	"usage: avstamp-vault --fd N --dir DIR [--walls strict|best-effort|off] [--simulated] [--init] [--promises]\n"
	"                     [--lock-minutes 1..15] [--wipe-minutes 1..15] [--session-minutes 1..720] [--lookups-a-day 1..100000]\n"
	"It is started by avstamp; there is no reason to start it by hand.\n";

struct vault_options options_default(void)
{
	return (struct vault_options){
		.fd = -1,
		.walls = WALLS_STRICT,
		.lock_us = 5 * MINUTE,
		.wipe_us = 15 * MINUTE,
		.session_us = 8 * 60 * MINUTE,
		.lookups_a_day = 200,
	};
}

static bool number(const char *text, long least, long most, long *ret)
{
	char *end = NULL;
	long n = strtol(text, &end, 10);
	if (end == text || *end != '\0' || n < least || n > most) return false;
	*ret = n;
	return true;
}

static bool valued(const char *name, const char *value, struct vault_options *o)
{
	long n;
	if (strcmp(name, "--fd") == 0 && number(value, 0, 65535, &n)) o->fd = (int)n;
	else if (strcmp(name, "--dir") == 0) o->directory = value;
	else if (strcmp(name, "--walls") == 0 && wall_mode_parse(str_c(value), &o->walls)) return true;
	else if (strcmp(name, "--lock-minutes") == 0 && number(value, 1, LOCK_MINUTES_MAX, &n)) o->lock_us = n * MINUTE;
	else if (strcmp(name, "--session-minutes") == 0 && number(value, 1, SESSION_MINUTES_MAX, &n))
		o->session_us = n * MINUTE;
	else if (strcmp(name, "--wipe-minutes") == 0 && number(value, 1, LOCK_MINUTES_MAX, &n)) o->wipe_us = n * MINUTE;
	else if (strcmp(name, "--lookups-a-day") == 0 && number(value, 1, 100000, &n)) o->lookups_a_day = (uint32_t)n;
	else return false;
	return true;
}

bool options_parse(int argc, char **argv, struct vault_options *ret)
{
	struct vault_options o = options_default();
	bool good = true;
	for (int i = 1; i < argc && good; i++) {
		if (strcmp(argv[i], "--simulated") == 0) o.simulated = true;
		else if (strcmp(argv[i], "--init") == 0) o.init = true;
		else if (strcmp(argv[i], "--promises") == 0) o.promises = true;
#ifdef AVSTAMP_TEST
		else if (strcmp(argv[i], "--served-clock") == 0) o.served_clock = true;
#endif
		else if (i + 1 < argc && valued(argv[i], argv[i + 1], &o)) i++;
		else good = false;
	}
	if (!good || o.fd < 0 || o.directory == NULL) {
		(void)fputs(usage, stderr);
		return false;
	}
	*ret = o;
	return true;
}

/* vault/fatal.c — the last words of the vault. */
#include "vault/fatal.h"
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

void fatal(const char *why)
{
	say("avstamp-vault: ");
	say(why);
	say("; the vault has ended\n");
	_exit(70);
}

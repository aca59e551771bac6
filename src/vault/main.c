/* vault/main.c — avstamp-vault: the process that holds every key. */
#include "vault/promises.h"
#include "vault/start.h"

int main(int argc, char **argv)
{
	struct vault_options o;
	if (!options_parse(argc, argv, &o)) return 2;
	return o.promises ? vault_promises(&o) : vault_serve(&o);
}

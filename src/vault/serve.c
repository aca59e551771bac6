/* vault/serve.c — one vault from its start to its end. */
#include "vault/start.h"

int vault_serve(const struct vault_options *o)
{
	static struct vault v;
	vault_start(&v, o);
	vault_loop(&v);
	vault_stop(&v);
	return 0;
}

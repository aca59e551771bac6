/* main/listen.c — where the service may listen, and which names it answers to. */
#include "main/serve.h"
#include <string.h>

static bool is_unix(const char *where)
{
	return strncmp(where, "unix:", 5) == 0;
}

static bool is_loopback(const char *where)
{
	return strncmp(where, "127.", 4) == 0 || strncmp(where, "[::1]:", 6) == 0 || strncmp(where, "localhost:", 10) == 0;
}

struct str serve_refuses(struct arena *a, const struct conf *c, bool demo)
{
	bool tls = c->tls_certificate[0] != '\0' && c->tls_key[0] != '\0';
	if ((c->tls_certificate[0] != '\0') != (c->tls_key[0] != '\0'))
		return STR("tls_certificate och tls_key hör ihop: ange båda eller ingen av dem i avstamp.conf.");
	if (demo && !is_loopback(c->listen))
		return arena_format(a, "Demon svarar bara på den egna datorn, inte på %s. Använd 127.0.0.1:PORT.", c->listen);
	if (!is_unix(c->listen) && !is_loopback(c->listen) && !tls)
		return arena_format(a, "%s nås från andra datorer och kräver TLS. Ange tls_certificate och tls_key, "
		                    "eller listen = unix:/sökväg bakom nginx.", c->listen);
	return STR_UNSET;
}

static struct str next_word(struct str *rest)
{
	*rest = str_trim(*rest);
	size_t n = str_find(*rest, ' ');
	struct str word = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n, rest->n);
	return word;
}

bool serve_names(struct arena *a, const struct conf *c, struct serve_names *ret)
{
	enum { MOST = 16 };
	const char **hosts = ARENA_ARRAY(a, const char *, MOST + 1);
	const char *redirect = NULL;
	size_t n = 0;
	if (!hosts)
		return false;
	const char *port = strrchr(c->listen, ':');
	bool standard = strcmp(c->hosts, conf_standard().hosts) == 0;
	if (is_loopback(c->listen) && standard && port) {
		hosts[n++] = arena_c(a, arena_format(a, "localhost%s", port));
		redirect = c->listen[0] == '[' || c->listen[0] == '1' ? arena_c(a, str_c(c->listen)) : NULL;
	}
	for (struct str rest = str_c(c->hosts); !n || !standard;) {
		struct str word = next_word(&rest);
		if (word.n == 0 || n == MOST)
			break;
		hosts[n++] = arena_c(a, word);
	}
	*ret = (struct serve_names){ hosts, redirect };
	return n > 0 && !arena_is_full(a);
}

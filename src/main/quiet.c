/* main/quiet.c — both ends of the quiet moment. */
#include "main/quiet.h"
#include "main/run_socket.h"
#include "sys/process.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define HOLD_MS 8000      /* the asker's time to fix its view */
#define TRIES 40          /* a vault that has just started is asked about its open intents first */
#define TRY_AGAIN_MS 50
#define WORD_MAX 256

enum err quiet_settle(struct flow *f, struct arena *a, uint64_t *ret_size)
{
	struct vault_hello hello = { .protocol = 1 };
	struct vault_hello_reply now;
	struct vault_checkpoint ask = { 0 };
	struct vault_checkpoint_reply done;
	enum err e;
	if ((e = vault_hello(flow_vault(f), a, &hello, &now)) != OK)
		return e;
	if (now.n_open_intents > 0)
		return ERR_BUSY;
	if ((e = vault_checkpoint(flow_vault(f), a, &ask, &done)) != OK)
		return e;
	*ret_size = done.size;
	return OK;
}

/* ---- web ---- */

/* Holds the quiet on OK. */
static enum err hush(struct flow *f, struct arena *a, uint64_t *ret_size)
{
	enum err e = ERR_BUSY;
	for (int i = 0; i < TRIES; i++) {
		flow_quiet_begin(f);
		if ((e = quiet_settle(f, a, ret_size)) == OK)
			return OK;
		flow_quiet_end(f);
		sleep_ms(TRY_AGAIN_MS);
	}
	return e;
}

static bool word_came(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	return poll(&p, 1, HOLD_MS) == 1;
}

void quiet_serve(int fd, struct arena *a, struct flow *f)
{
	char word[WORD_MAX];
	struct buf b = buf_over(word, sizeof word);
	uint64_t size = 0;
	enum err e = hush(f, a, &size);
	if (e != OK) {
		(void)!run_socket_send(fd, arena_format(a, "no %s\n\n", err_text(e)));
		return;
	}
	bool held = run_socket_send(fd, arena_format(a, "ok\n%llu\n\n", (unsigned long long)size)) == OK && word_came(fd);
	flow_quiet_end(f);
	if (held && admin_receive(fd, &b, false) == OK)
		(void)!run_socket_send(fd, STR("ok\n\n"));
}

/* ---- the asker ---- */

static enum err talk(int fd, struct str say, struct buf *heard)
{
	enum err e = run_socket_send(fd, say);
	if (e == OK)
		e = admin_receive(fd, heard, false);
	return e == OK && !str_starts(buf_view(heard), STR("ok\n")) ? ERR_BUSY : e;
}

enum err quiet_begin(struct arena *a, int fd, uint64_t *ret_size)
{
	struct buf b = buf_new(a, WORD_MAX);
	enum err e = talk(fd, STR("act " QUIET_ACT "\n\n"), &b);
	if (e != OK)
		return e;
	const char *number = arena_c(a, str_cut(buf_view(&b), 3, b.n));
	char *end = NULL;
	*ret_size = number ? strtoull(number, &end, 10) : 0;
	return end && *end == '\n' && *ret_size > 0 ? OK : ERR_INVALID;
}

enum err quiet_end(struct arena *a, int fd)
{
	struct buf b = buf_new(a, WORD_MAX);
	return talk(fd, STR("act loud\n\n"), &b);
}

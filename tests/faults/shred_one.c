/* tests/faults/shred_one.c — destroys one case's shred key through the vault's own message, as a person who may: what
 * disposal will do.
 *
 *   shred-one VAULT DIRECTORY USER PASSPHRASE CASE     the service must be stopped; a demo's directory */
#include "flow/flow.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

NORETURN static void become_vault(const char *program, const char *directory, int fd)
{
	(void)dup2(fd, 3);
	execl(program, "avstamp-vault", "--fd", "3", "--dir", directory, "--walls", "best-effort", "--simulated", (char *)NULL);
	_exit(127);
}

static enum err destroy(struct flow *f, struct arena *a, const char *user, const char *passphrase, const char *hex)
{
	struct login_wish who = { .user = str_c(user), .passphrase = str_c(passphrase), .totp = STR("") };
	struct vault_shred ask = { .why = { .purpose = PURPOSE_UPKEEP, .act = STR("shred"), .reason = STR("") } };
	struct vault_status_reply reply;
	struct session s;
	struct row_cases *row = NULL;
	size_t n = 0;
	enum err e = id_parse(str_c(hex), &ask.case_id);

	if (e == OK)
		e = flow_login(f, a, &who, &s);
	if (e != OK)
		return e;
	struct db *db = store_reader(flow_store(f));

	e = q_case_row(db, a, ask.case_id, &row, &n);
	store_reader_done(flow_store(f), db);
	if (e != OK || n != 1)
		return e == OK ? ERR_NOT_FOUND : e;
	ask.shred_slot = (uint32_t)row->shred_slot;
	ask.why.cookie = s.cookie;
	ask.why.asked = ask.case_id;
	return vault_shred(flow_vault(f), a, &ask, &reply);
}

int main(int argc, char **argv)
{
	int pair[2], status = 0;
	struct flow_options o = { .directory = argc > 2 ? argv[2] : NULL };
	struct flow *f = NULL;
	struct arena *a = arena_new(64u << 20);

	if (argc != 6 || a == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	pid_t pid = fork();

	if (pid == 0)
		become_vault(argv[1], argv[2], pair[1]);
	(void)close(pair[1]);
	struct store_options so = { .directory = argv[2], .readers = 2 };
	enum err e = store_open(&so, &o.store);

	if (e == OK && (e = vault_client_new(pair[0], &o.vault)) == OK && (e = flow_new(&o, &f)) == OK && (e = flow_vault_ready(f)) == OK)
		e = destroy(f, a, argv[3], argv[4], argv[5]);
	(void)printf("shred-one: %s\n", err_name(e));
	if (f != NULL)
		flow_free(f);
	vault_client_free(o.vault);
	store_close(o.store);
	(void)waitpid(pid, &status, 0);
	return e != OK || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

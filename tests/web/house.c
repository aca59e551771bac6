/* tests/web/house.c — the program under test: a demo of its own in a temporary directory on a free port. */
#include "runner.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <liboath/oath.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Below those that the kernel gives to whoever connects: a program that is started again finds its port free still. */
static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (int tries = 0; tries < 100; tries++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 10000 + (int)arc4random_uniform(22000);
		at.sin_port = htons((uint16_t)port);
		bool is_free = fd >= 0 && bind(fd, (const struct sockaddr *)(const void *)&at, sizeof at) == 0;
		(void)close(fd);
		if (is_free)
			return port;
	}
	return 0;
}

static struct str text_of(struct arena *a, const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? STR_UNSET : arena_str(a, str_c(s));
}

static bool read_accounts(struct house *h)
{
	json_t *list = json_load_file(h->accounts_file, JSON_REJECT_DUPLICATES, NULL);
	size_t i;
	json_t *o;

	h->n_accounts = 0;
	json_array_foreach(list, i, o) {
		struct account *acc = &h->accounts[h->n_accounts];
		const json_t *roles = json_object_get(o, "roles");

		if (h->n_accounts == COUNT_OF(h->accounts))
			break;
		*acc = (struct account){ .user = text_of(h->a, o, "user"), .passphrase = text_of(h->a, o, "passphrase"),
					 .totp = text_of(h->a, o, "totp"), .organisation = text_of(h->a, o, "organisation"), .step = -1 };
		for (size_t k = 0; k < json_array_size(roles) && k < COUNT_OF(acc->roles); k++) {
			const char *role = json_string_value(json_array_get(roles, k));

			if (role != NULL)
				acc->roles[acc->n_roles++] = arena_str(h->a, str_c(role));
		}
		h->n_accounts++;
	}
	json_decref(list);
	return h->n_accounts > 0;
}

static void become_program(const struct house *h, const char *listen)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	int log = open(h->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (log >= 0) {
		(void)dup2(log, 1);
		(void)dup2(log, 2);
	}
	execl(h->program, h->program, "demo", "--dir", h->directory, "--listen", listen, "--accounts", h->accounts_file,
	      h->custodians == NULL ? (char *)NULL : "--custodians", h->custodians, (char *)NULL);
	_exit(127);
}

bool house_wait(struct house *h, int seconds)
{
	struct client nobody = { .name = STR("nobody") };
	struct call q = { .method = STR("GET"), .path = STR("/healthz") };

	for (int i = 0; i < seconds * 20; i++) {
		struct arena *a = arena_new(16u << 20);
		bool well = a != NULL && http_call(h, a, &nobody, &q) && nobody.status == 200;

		arena_free(a);
		if (well)
			return true;
		if (h->parent > 0 && waitpid(h->parent, NULL, WNOHANG) == h->parent) {
			h->parent = 0;
			return false;
		}
		pause_ms(50);
	}
	return false;
}

bool house_start(struct house *h)
{
	char listen[64];
	const char *temp = getenv("TMPDIR");

	if (h->directory[0] == 0) {
		char where[200];

		(void)snprintf(where, sizeof where, "%s/avstamp-web-XXXXXX", temp == NULL ? "/tmp" : temp);
		if (mkdtemp(where) == NULL)
			return false;
		(void)snprintf(h->directory, sizeof h->directory, "%s/data", where);
		(void)snprintf(h->accounts_file, sizeof h->accounts_file, "%s/accounts.json", where);
		(void)snprintf(h->log_file, sizeof h->log_file, "%s/output", where);
		h->port = free_port();
	}
	(void)snprintf(listen, sizeof listen, "127.0.0.1:%d", h->port);
	h->parent = fork();
	if (h->parent == 0)
		become_program(h, listen);
	return h->parent > 0 && house_wait(h, 120) && (h->n_accounts > 0 || read_accounts(h));
}

bool house_setting(const struct house *h, const char *key, const char *value)
{
	char path[300], before[300], line[1024];
	size_t n = strlen(key);

	(void)snprintf(path, sizeof path, "%s/avstamp.conf", h->directory);
	(void)snprintf(before, sizeof before, "%s/avstamp.conf.before", h->directory);
	FILE *from = rename(path, before) == 0 ? fopen(before, "re") : NULL, *to = from == NULL ? NULL : fopen(path, "wex");
	bool well = to != NULL;

	while (well && fgets(line, sizeof line, from) != NULL)
		if (strncmp(line, key, n) != 0 || line[n] != ' ')
			well = fputs(line, to) >= 0;
	well = well && fprintf(to, "%s = %s\n", key, value) > 0;
	if (from != NULL)
		(void)fclose(from);
	if (to != NULL)
		well = fclose(to) == 0 && well;
	return unlink(before) == 0 && well;
}

bool house_is_sound(const struct house *h)
{
	static const char *const words[] = { "AddressSanitizer: ", "ThreadSanitizer: ", "runtime error: " };
	FILE *f = fopen(h->log_file, "re");
	char line[1024];
	int left = 0; /* lines to show of a finding */
	bool sound = true;

	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		for (size_t i = 0; i < COUNT_OF(words); i++)
			if (strstr(line, words[i]) != NULL)
				sound = false, left = 60;
		if (left > 0) {
			left--;
			(void)fputs(line, stdout);
		}
	}
	if (f != NULL)
		(void)fclose(f);
	return sound;
}

static bool stop(struct house *h)
{
	int status = 1;

	if (h->parent <= 0)
		return false;
	(void)kill(h->parent, SIGTERM);
	for (int i = 0; i < 400; i++) {
		if (waitpid(h->parent, &status, WNOHANG) == h->parent) {
			h->parent = 0;
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		}
		pause_ms(50);
	}
	(void)kill(h->parent, SIGKILL);
	(void)waitpid(h->parent, &status, 0);
	h->parent = 0;
	return false;
}

bool house_stop(struct house *h)
{
	bool well = stop(h);

	return house_is_sound(h) && well;
}

static void become_verify(const struct house *h, const char *deep, int input)
{
	int log = open(h->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (log >= 0) {
		(void)dup2(log, 1);
		(void)dup2(log, 2);
	}
	(void)dup2(input, 0);
	if (deep == NULL)
		(void)execl(h->program, h->program, "verify", "--dir", h->directory, (char *)NULL);
	else
		(void)execl(h->program, h->program, "verify", "--dir", h->directory, "--deep", "--as", deep, (char *)NULL);
	_exit(127);
}

int house_verify(struct house *h, struct str deep)
{
	struct account *acc = deep.n > 0 ? house_account(h, deep) : NULL;
	int input[2], status = 0;

	if ((deep.n > 0 && acc == NULL) || pipe2(input, O_CLOEXEC) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		become_verify(h, acc == NULL ? NULL : arena_c(h->a, acc->user), input[0]);
	if (acc != NULL)
		(void)dprintf(input[1], "%.*s\n%.*s\n", STR_FMT(acc->passphrase), STR_FMT(house_code(h->a, acc)));
	(void)close(input[0]);
	(void)close(input[1]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

void house_remove(struct house *h)
{
	char *slash = strrchr(h->directory, '/');

	if (slash == NULL)
		return;
	*slash = 0;
	(void)nftw(h->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	h->directory[0] = 0;
}

static size_t read_proc(const char *pid, const char *what, char *to, size_t n)
{
	char path[300];

	(void)snprintf(path, sizeof path, "/proc/%s/%s", pid, what);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	size_t got = fread(to, 1, n - 1, f);

	(void)fclose(f);
	to[got] = 0;
	return got;
}

/* The parent's child whose command line holds the word. */
static pid_t child_with(pid_t parent, const char *word)
{
	DIR *all = opendir("/proc");
	pid_t found = 0;

	for (struct dirent *e = all == NULL ? NULL : readdir(all); e != NULL && found == 0; e = readdir(all)) {
		char text[1024];
		int of = 0;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' || read_proc(e->d_name, "stat", text, sizeof text) == 0)
			continue;
		const char *after = strrchr(text, ')');

		if (after == NULL || sscanf(after + 1, " %*c %d", &of) != 1 || of != parent)
			continue;
		size_t n = read_proc(e->d_name, "cmdline", text, sizeof text);

		if (n > 0 && memmem(text, n, word, strlen(word)) != NULL)
			found = atoi(e->d_name);
	}
	if (all != NULL)
		(void)closedir(all);
	return found;
}

pid_t house_pid(const struct house *h, struct str who)
{
	if (str_eq_c(who, "parent"))
		return h->parent;
	if (h->parent <= 0)
		return 0;
	return child_with(h->parent, str_eq_c(who, "vault") ? "avstamp-vault" : "web-process");
}

static bool has_role(const struct account *acc, struct str role)
{
	for (size_t i = 0; i < acc->n_roles; i++)
		if (str_eq(acc->roles[i], role))
			return true;
	return false;
}

/* By user name; or "role", "role.2" for the second with that role. */
struct account *house_account(struct house *h, struct str user)
{
	size_t dot = str_find(user, '.');
	int nth = dot < user.n ? atoi(arena_c(h->a, str_cut(user, dot + 1, user.n))) : 1;

	for (size_t i = 0; i < h->n_accounts; i++)
		if (str_eq(h->accounts[i].user, user))
			return &h->accounts[i];
	for (size_t i = 0; i < h->n_accounts; i++)
		if (has_role(&h->accounts[i], str_cut(user, 0, dot)) && --nth == 0)
			return &h->accounts[i];
	return NULL;
}

struct str house_code(struct arena *a, struct account *acc)
{
	char *secret = NULL, code[8];
	size_t n = 0;

	if (acc->totp.p == NULL)
		return STR("");
	while (time(NULL) / 30 <= acc->step)
		pause_ms(200);
	acc->step = time(NULL) / 30;
	if (oath_base32_decode(acc->totp.p, acc->totp.n, &secret, &n) != OATH_OK)
		return STR("");
	int made = oath_totp_generate(secret, n, (time_t)acc->step * 30, 30, 0, 6, code);

	free(secret);
	return made == OATH_OK ? arena_str(a, str_c(code)) : STR("");
}

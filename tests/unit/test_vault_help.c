/* tests/unit/test_vault_help.c — founding a directory as init does it, in a temporary place. */
#include "test_vault_help.h"
#include "vault/start.h"
#include "vault/totp.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define BEGIN (INT64_C(1800000000) * SECOND)

/* The program itself, behind its walls, instead of the same code in a child of the test. */
static void run_program(const char *program, const struct vault_options *o)
{
	static char fd[16];
	const char *arguments[12] = { program, "--fd", fd, "--dir", o->directory, "--walls", "best-effort" };
	size_t n = 7;
	(void)snprintf(fd, sizeof fd, "%d", o->fd);
	(void)fcntl(o->fd, F_SETFD, 0);
	if (o->simulated) arguments[n++] = "--simulated";
	if (o->init) arguments[n++] = "--init";
	/* execv has no const, and changes nothing. */
	char **list;
	const char **from = arguments;
	memcpy(&list, &from, sizeof list);
	(void)execv(program, list);
	_exit(127);
}

bool world_start(struct world *w)
{
	const char *program = getenv("AVSTAMP_VAULT");
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	(void)fflush(NULL);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		(void)close(pair[0]);
		w->options.fd = pair[1];
		w->options.directory = w->directory;
		if (program != NULL) run_program(program, &w->options);
		_exit(vault_serve(&w->options));
	}
	(void)close(pair[1]);
	if (w->v == NULL) assert_int_equal(vault_client_new(pair[0], &w->v), OK);
	else vault_client_replace(w->v, pair[0]);
	struct vault_hello ask = { .protocol = 1 };
	struct vault_hello_reply reply;
	return vault_hello(w->v, w->a, &ask, &reply) == OK;
}

static int wait_for(pid_t pid)
{
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int world_stop(struct world *w)
{
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	return wait_for(w->pid);
}

void world_kill(struct world *w)
{
	assert_int_equal(kill(w->pid, SIGKILL), 0);
	assert_int_equal(wait_for(w->pid), 128 + SIGKILL);
}

static void remove_all(const char *directory)
{
	DIR *d = opendir(directory);
	if (d == NULL) return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.') continue;
		char path[512];
		(void)snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
		if (unlink(path) != 0) remove_all(path);
	}
	(void)closedir(d);
	(void)rmdir(directory);
}

void world_end(struct world *w)
{
	vault_client_free(w->v);
	w->v = NULL;
	if (w->pid > 0) (void)wait_for(w->pid);
	w->pid = 0;
	remove_all(w->directory);
	arena_free(w->a);
}

void world_later(struct world *w, int64_t us)
{
	w->clock.us += us;
	struct vault_clock ask = { .now = w->clock };
	struct vault_status_reply reply;
	assert_int_equal(vault_clock(w->v, w->a, &ask, &reply), OK);
}

struct vault_why why_of(const struct person *p, struct id16 asked)
{
	return (struct vault_why){ .cookie = p->cookie, .purpose = 1, .act = STR("test"), .asked = asked, .reason = STR("") };
}

const struct party *party_of(const struct world *w, enum who p)
{
	return &w->parties[p == POLICE_A || p == POLICE_B];
}

/* ---- people ---- */

static void from_base32(struct str s, uint8_t ret[20])
{
	uint32_t bits = 0, have = 0;
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bits = bits << 5 | (uint32_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
		have += 5;
		if (have >= 8 && n < 20) ret[n++] = (uint8_t)(bits >> (have -= 8));
	}
	assert_int_equal(n, 20);
}

static void enrol(struct world *w, struct person *p, struct vault_enrol_reply *reply)
{
	p->user = bytes_random_id();
	struct vault_enrol ask = { .invitation = STR_UNSET, .code = STR_UNSET, .passphrase = STR(PASSPHRASE), .user = p->user,
	                           .with_totp = true, .demo_strength = true };
	assert_int_equal(vault_enrol(w->v, w->a, &ask, reply), OK);
	p->secrets = reply->secrets;
	from_base32(reply->totp_secret, p->totp);
	struct vault_login_name name = { .name = arena_format(w->a, "anna%zu", (size_t)(p - w->people)) };
	struct vault_login_name_reply hashed;
	assert_int_equal(vault_login_name(w->v, w->a, &name, &hashed), OK);
	memcpy(p->login, hashed.hmac, 32);
}

static uint64_t roles_of(enum who p)
{
	switch (p) {
	case OFFICER_A:
	case OFFICER_B: return ROLE_BIT_OF(OFFICER);
	case REVIEWER: return ROLE_BIT_OF(REVIEWER);
	case POLICE_A:
	case POLICE_B: return ROLE_BIT_OF(POLICE) | ROLE_BIT_OF(OFFICER);
	case ANNA:
	case BEN:
	case CARIN: return ROLE_BIT_OF(COORDINATOR) | ROLE_BIT_OF(MANAGER);
	case PEOPLE: break;
	}
	return 0;
}

static void draft(struct world *w, enum who p, const struct vault_enrol_reply *keys)
{
	bool police = p == POLICE_A || p == POLICE_B;
	struct certificate c = { .user = w->people[p].user, .serial = 1, .not_before = { BEGIN - SECOND },
	                         .not_after = INSTANT_UNSET, .roles = roles_of(p) };
	memcpy(c.box_public, keys->box_public, 32);
	memcpy(c.sign_public, keys->sign_public, 32);
	c.officer[0] = w->people[police ? POLICE_A : OFFICER_A].user;
	c.officer[1] = w->people[police ? POLICE_B : OFFICER_B].user;
	uint8_t *bytes = arena_take(w->a, CERTIFICATE_BYTES);
	certificate_bytes(&c, bytes);
	w->people[p].certificate = (struct str){ (const char *)bytes, CERTIFICATE_BYTES };
}

struct str world_code(struct world *w, enum who p, int64_t steps)
{
	char *code = arena_take(w->a, 9);
	assert_int_equal(totp_code(w->people[p].totp, 20, (uint64_t)(w->clock.us / (30 * SECOND) + steps), 6, code), OK);
	return (struct str){ code, 6 };
}

enum err world_login(struct world *w, enum who who)
{
	struct person *p = &w->people[who];
	world_later(w, 31 * SECOND);
	struct vault_login ask = { .secrets = p->secrets, .certificate = p->certificate, .passphrase = STR(PASSPHRASE),
	                           .totp = world_code(w, who, 0) };
	memcpy(ask.login, p->login, 32);
	struct vault_login_reply reply;
	enum err e = vault_login(w->v, w->a, &ask, &reply);
	if (e == OK) {
		p->cookie = reply.cookie;
		p->who = reply.who;
	}
	return e;
}

enum err world_attach(struct world *w, enum who who)
{
	struct person *p = &w->people[who];
	const struct party *party = party_of(w, who);
	struct open_group groups[4] = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < party->dossiers[i].n_grants; k++)
			if (id_eq(party->dossiers[i].grants[k].holder, p->user))
				groups[n++] = (struct open_group){ .grant = party->dossiers[i].grants[k].grant,
				                                   .renewals = party->dossiers[i].grants[k].renewals,
				                                   .shred_slot = party->dossiers[i].shred_slot };
	struct vault_attach ask = { .why = why_of(p, p->user), .standing = groups, .n_standing = n };
	struct vault_attach_reply reply;
	enum err e = vault_attach(w->v, w->a, &ask, &reply);
	if (e == OK) p->who = reply.who;
	return e;
}

void world_end_well(struct world *w)
{
	assert_int_equal(world_stop(w), 0);
	w->pid = 0;
	world_end(w);
}

void world_let_in(struct world *w)
{
	for (enum who p = ANNA; p <= REVIEWER; p++) {
		assert_int_equal(world_login(w, p), OK);
		if (p != CARIN) assert_int_equal(world_attach(w, p), OK);
	}
	assert_int_equal(world_login(w, POLICE_A), OK);
	assert_int_equal(world_attach(w, POLICE_A), OK);
}

bool has(struct str s, const char *part)
{
	return s.p != NULL && memmem(s.p, s.n, part, strlen(part)) != NULL;
}

/* ---- founding ---- */

static void make_trust(struct world *w, const struct vault_enrol_reply *keys)
{
	struct trust_controller c[2] = { { .name = STR("Socialnämnden") }, { .name = STR("Polismyndigheten") } };
	for (size_t i = 0; i < 2; i++) {
		struct party *party = &w->parties[i];
		party->controller = c[i].controller = bytes_random_id();
		for (size_t k = 0; k < 4; k++) party->standing[k] = c[i].standing[k] = bytes_random_id();
		for (size_t k = 0; k < 2; k++) {
			enum who officer = (enum who)((i == 0 ? OFFICER_A : POLICE_A) + (int)k);
			c[i].officers[k] = w->people[officer].user;
			memcpy(c[i].officer_keys[k], keys[officer].sign_public, 32);
		}
		for (size_t k = 0; k < 3; k++) {
			struct vault_custodian ask = { .passphrase = STR(PASSPHRASE), .demo_strength = true };
			struct vault_custodian_reply made;
			assert_int_equal(vault_custodian(w->v, w->a, &ask, &made), OK);
			memcpy(c[i].custodian_keys[k], made.key, 32);
			w->custodian = made.text;
		}
	}
	struct vault_trust ask = { .controllers = c, .n = 2, .simulated = true };
	struct vault_trust_reply reply;
	assert_int_equal(vault_trust(w->v, w->a, &ask, &reply), OK);
	assert_int_equal(reply.fingerprint.n, TRUST_FINGERPRINT_TEXT);
}

static void certify_all(struct world *w)
{
	static const enum who officers[] = { OFFICER_A, OFFICER_B, POLICE_A, POLICE_B };
	for (size_t i = 0; i < COUNT_OF(officers); i++) {
		struct person *officer = &w->people[officers[i]];
		assert_int_equal(world_login(w, officers[i]), OK);
		for (enum who p = 0; p < PEOPLE; p++) {
			if (party_of(w, p) != party_of(w, officers[i])) continue;
			struct vault_certify ask = { .why = why_of(officer, w->people[p].user), .certificate = w->people[p].certificate };
			struct vault_certify_reply reply;
			assert_int_equal(vault_certify(w->v, w->a, &ask, &reply), OK);
			assert_int_equal(reply.whole, i % 2 == 1);
			w->people[p].certificate = reply.certificate;
		}
	}
}

static void keep(struct dossier *d, const struct vault_new_case *ask, const struct vault_new_case_reply *r)
{
	*d = (struct dossier){ .id = ask->case_id, .controller = ask->controller, .shred_slot = r->shred_slot,
	                       .recovery = r->recovery, .n_streams = r->n_streams, .n_grants = r->n_grants };
	memcpy(d->streams, r->streams, r->n_streams * sizeof *r->streams);
	for (size_t i = 0; i < r->n_grants; i++) {
		d->grants[i].holder = r->grants[i].holder;
		d->grants[i].grant = r->grants[i].grant;
	}
	d->grants[0].accepted = r->own;
}

static bool needs(enum who p, int kind)
{
	bool team = p == ANNA || p == BEN || p == POLICE_A;
	return kind == DIRECTORY ? p != CARIN : kind == REVIEW ? p == REVIEWER : team;
}

static void make_standing(struct world *w, struct party *party, int kind)
{
	struct grant_wish wishes[PEOPLE] = { 0 };
	size_t n = 0;
	for (enum who p = 0; p < PEOPLE; p++)
		if (party_of(w, p) == party && needs(p, kind))
			wishes[n++] = (struct grant_wish){ .holder = w->people[p].user, .compartments = 1, .serial = 1 };
	struct person system = { 0 };
	struct vault_new_case ask = { .why = why_of(&system, party->standing[kind]), .controller = party->controller,
	                              .case_id = party->standing[kind], .compartments = 1, .grants = wishes, .n_grants = n };
	struct vault_new_case_reply reply;
	assert_int_equal(vault_new_case(w->v, w->a, &ask, &reply), OK);
	keep(&party->dossiers[kind], &ask, &reply);
}

void world_found(struct world *w)
{
	*w = (struct world){ .a = arena_new(256u << 20), .options = options_default(), .clock = { BEGIN } };
	(void)strcpy(w->directory, "/tmp/avstamp-vault-XXXXXX");
	assert_non_null(mkdtemp(w->directory));
	w->options.walls = WALLS_OFF;
	w->options.simulated = w->options.init = true;
	assert_true(world_start(w));
	world_later(w, 0);
	static struct vault_enrol_reply keys[PEOPLE];
	for (enum who p = 0; p < PEOPLE; p++) {
		enrol(w, &w->people[p], &keys[p]);
	}
	make_trust(w, keys);
	for (enum who p = 0; p < PEOPLE; p++) draft(w, p, &keys[p]);
	certify_all(w);
	for (int kind = 3; kind >= 0; kind--) {
		make_standing(w, &w->parties[0], kind);
		make_standing(w, &w->parties[1], kind);
	}
}

/* ---- cases ---- */

enum err world_new_case(struct world *w, enum who maker, struct dossier *ret)
{
	struct grant_wish wish = { .holder = w->people[maker].user, .compartments = 7, .role = 1, .serial = 1 };
	struct id16 case_id = bytes_random_id();
	struct vault_new_case ask = { .why = why_of(&w->people[maker], case_id), .controller = party_of(w, maker)->controller,
	                              .case_id = case_id, .compartments = 7, .grants = &wish, .n_grants = 1 };
	struct vault_new_case_reply reply;
	enum err e = vault_new_case(w->v, w->a, &ask, &reply);
	if (e == OK) keep(ret, &ask, &reply);
	return e;
}

struct envelope_at event_at(const struct dossier *d, uint16_t compartment, uint64_t seq)
{
	return (struct envelope_at){ .controller = d->controller, .case_id = d->id, .compartment = compartment,
	                             .slot = SLOT_EVENT, .epoch = 1, .seq = seq, .version = 1 };
}

enum err world_seal(struct world *w, enum who p, const struct dossier *d, struct str grant, struct envelope_at at,
                    const char *plain, struct str *ret)
{
	struct seal_item item = { .to = SEAL_STREAM, .at = at, .log_row = bytes_random_id(), .clear_row = STR("clear columns"),
	                          .plain = str_c(plain), .stamp = true };
	struct vault_seal ask = { .why = why_of(&w->people[p], d->id), .grant = grant, .shred_slot = d->shred_slot,
	                          .items = &item, .n_items = 1 };
	struct vault_seal_reply reply;
	enum err e = vault_seal(w->v, w->a, &ask, &reply);
	if (e != OK) return e;
	assert_int_equal(reply.n_envelopes, 1);
	*ret = reply.envelopes[0];
	struct vault_outcome outcome = { .done = &reply.intent, .n_done = 1 };
	assert_int_equal(vault_outcome(w->v, &outcome), OK);
	return OK;
}

enum err world_open(struct world *w, enum who p, struct id16 asked, struct str grant, uint32_t shred_slot,
                    struct envelope_at at, struct str envelope, struct vault_open_reply *ret)
{
	struct open_item item = { .at = at, .envelope = envelope };
	struct open_group group = { .grant = grant, .shred_slot = shred_slot, .items = &item, .n_items = 1 };
	struct vault_open ask = { .why = why_of(&w->people[p], asked), .groups = &group, .n_groups = 1 };
	return vault_open(w->v, w->a, &ask, ret);
}

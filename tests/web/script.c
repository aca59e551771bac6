/* tests/web/script.c — a scenario, line by line. An indented line belongs to the one above it. */
#include "runner.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK 64

struct step {
	struct str verb, rest;
	struct str block[BLOCK];
	size_t n_block;
};

bool fail(struct runner *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(r->why, sizeof r->why, format, args);
	va_end(args);
	return false;
}

void variable_set(struct runner *r, struct str name, struct str value)
{
	for (size_t i = 0; i < r->n_variables; i++)
		if (str_eq(r->variables[i].name, name)) {
			r->variables[i].value = value;
			return;
		}
	assert_always(r->n_variables < COUNT_OF(r->variables));
	r->variables[r->n_variables++] = (struct variable){ name, value };
}

struct str variable_get(const struct runner *r, struct str name)
{
	for (size_t i = 0; i < r->n_variables; i++)
		if (str_eq(r->variables[i].name, name))
			return r->variables[i].value;
	return STR_UNSET;
}

/* $name anywhere becomes its value; $$ is a dollar. */
static bool expand(struct runner *r, struct str s, struct str *ret)
{
	struct buf b = buf_new(r->a, 8u << 20);

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '$' || i + 1 == s.n) {
			buf_char(&b, s.p[i]);
			continue;
		}
		size_t end = ++i;

		while (end < s.n && ((s.p[end] >= 'a' && s.p[end] <= 'z') || (s.p[end] >= '0' && s.p[end] <= '9') || s.p[end] == '_'))
			end++;
		if (end == i) {
			buf_char(&b, s.p[i]);
			continue;
		}
		struct str value = variable_get(r, str_cut(s, i, end));

		if (value.p == NULL)
			return fail(r, "no variable %.*s", STR_FMT(str_cut(s, i, end)));
		buf_str(&b, value);
		i = end - 1;
	}
	*ret = buf_view(&b);
	if (ret->p == NULL)
		*ret = STR("");
	return true;
}

static struct client *client_named(struct runner *r, struct str name)
{
	for (size_t i = 0; i < r->n_clients; i++)
		if (str_eq(r->clients[i].name, name))
			return &r->clients[i];
	assert_always(r->n_clients < COUNT_OF(r->clients));
	r->clients[r->n_clients] = (struct client){ .name = name, .user = name, .head = STR(""), .body = STR(""), .path = STR("/") };
	return &r->clients[r->n_clients++];
}

/* "name = value" */
static bool read_pair(struct runner *r, struct str line, struct pair *ret)
{
	size_t eq = str_find(line, '=');

	if (eq == line.n)
		return fail(r, "a field is written as: name = value");
	ret->name = str_trim(str_cut(line, 0, eq));
	ret->value = read_text(r->a, str_cut(line, eq + 1, line.n));
	return true;
}

static bool call(struct runner *r, struct call *q)
{
	q->headers = r->next_headers;
	r->next_headers = STR("");
	(void)http_call(r->house, r->a, r->now, q);
	return true;
}

static void add_pair(struct runner *r, struct buf *b, struct str name, struct str value)
{
	struct str n = url_coded(r->a, name), v = url_coded(r->a, value);

	buf_format(b, "%s%.*s=", b->n > 0 ? "&" : "", STR_FMT(n));
	if (v.p != NULL)
		buf_str(b, v);
}

/* The form's hidden fields first, unless the scenario gives them itself; then the typed ones. */
static bool post_form(struct runner *r, struct str path, const struct form *f, const struct step *s)
{
	struct buf b = buf_new(r->a, 8u << 20);
	struct pair typed[BLOCK];

	for (size_t i = 0; i < s->n_block; i++)
		if (!read_pair(r, s->block[i], &typed[i]))
			return false;
	for (size_t k = 0; f != NULL && k < f->n_hidden; k++) {
		bool given = false;

		for (size_t i = 0; i < s->n_block; i++)
			given = given || str_eq(typed[i].name, f->hidden[k].name);
		if (!given)
			add_pair(r, &b, f->hidden[k].name, f->hidden[k].value);
	}
	for (size_t i = 0; i < s->n_block; i++)
		add_pair(r, &b, typed[i].name, typed[i].value);
	struct str body = buf_view(&b);
	struct call q = { .method = STR("POST"), .path = path, .type = STR("application/x-www-form-urlencoded"),
			  .body = body.p == NULL ? STR("") : body };

	return call(r, &q);
}

static bool do_post(struct runner *r, const struct step *s)
{
	struct str rest = s->rest, path = next_word(&rest);
	struct form f;
	bool bare = str_eq_c(rest, "bare");

	if (!bare && !page_form_to(r->a, r->now->body, path, &f))
		return fail(r, "the page has no form to %.*s", STR_FMT(path));
	return post_form(r, path, bare ? NULL : &f, s);
}

static bool do_press(struct runner *r, const struct step *s)
{
	struct form f;
	struct str text = read_text(r->a, s->rest);

	if (!page_form_with(r->a, r->now->body, text, &f))
		return fail(r, "the page has no button %.*s", STR_FMT(text));
	return post_form(r, f.action, &f, s);
}

static bool get(struct runner *r, struct str path)
{
	struct call q = { .method = STR("GET"), .path = path };

	return call(r, &q);
}

static bool do_get(struct runner *r, const struct step *s)
{
	return get(r, s->rest);
}

static bool do_head(struct runner *r, const struct step *s)
{
	struct call q = { .method = STR("HEAD"), .path = s->rest };

	return call(r, &q);
}

static bool do_click(struct runner *r, const struct step *s)
{
	struct str text = read_text(r->a, s->rest), to = page_link(r->a, r->now->body, text);

	return to.p == NULL ? fail(r, "the page has no link %.*s", STR_FMT(text)) : get(r, to);
}

static bool do_follow(struct runner *r, const struct step *s)
{
	struct str to = http_header(r->now, "Location", 0);

	(void)s;
	if (to.p == NULL)
		return fail(r, "status %d leads nowhere: %.400s", r->now->status, arena_c(r->a, page_text(r->a, r->now->body)));
	return get(r, to);
}

/* Fields become strings, a name given twice a list. */
static bool json_body(struct runner *r, const struct step *s, struct str *ret)
{
	struct buf b = buf_new(r->a, 8u << 20);
	struct pair f[BLOCK];

	for (size_t i = 0; i < s->n_block; i++)
		if (!read_pair(r, s->block[i], &f[i]))
			return false;
	buf_char(&b, '{');
	for (size_t i = 0; i < s->n_block; i++) {
		size_t same = 0, before = 0;

		for (size_t k = 0; k < s->n_block; k++) {
			same += str_eq(f[k].name, f[i].name);
			before += k < i && str_eq(f[k].name, f[i].name);
		}
		if (before > 0)
			continue;
		buf_str(&b, b.n > 1 ? STR(",") : STR(""));
		buf_str(&b, json_quoted(r->a, f[i].name));
		buf_str(&b, same > 1 ? STR(":[") : STR(":"));
		for (size_t k = i, first = 1; k < s->n_block; k++) {
			if (!str_eq(f[k].name, f[i].name))
				continue;
			buf_str(&b, first ? STR("") : STR(","));
			buf_str(&b, json_quoted(r->a, f[k].value));
			first = 0;
		}
		buf_str(&b, same > 1 ? STR("]") : STR(""));
	}
	buf_char(&b, '}');
	*ret = buf_view(&b);
	return true;
}

static bool do_api(struct runner *r, const struct step *s)
{
	struct str rest = s->rest, method = next_word(&rest), path = next_word(&rest);
	struct call q = { .method = method, .path = path, .body = STR_UNSET, .type = STR_UNSET };

	if (str_eq_c(method, "POST")) {
		q.type = STR("application/json");
		q.body = rest;
		if (rest.n == 0 && !json_body(r, s, &q.body))
			return false;
	}
	return call(r, &q);
}

static bool do_with(struct runner *r, const struct step *s)
{
	r->next_headers = arena_format(r->a, "%.*s%.*s\r\n", STR_FMT(r->next_headers), STR_FMT(s->rest));
	return true;
}

/* Lines as they are, each ended by CR LF; "\..." escapes inside quotes. */
static bool do_send(struct runner *r, const struct step *s)
{
	struct buf b = buf_new(r->a, 1u << 20);

	for (size_t i = 0; i < s->n_block; i++) {
		buf_str(&b, read_text(r->a, s->block[i]));
		buf_lit(&b, "\r\n");
	}
	buf_lit(&b, "\r\n");
	(void)http_raw(r->house, r->a, r->now, buf_view(&b));
	return true;
}

/* "body N": a form of N bytes. */
static bool do_fill(struct runner *r, const struct step *s)
{
	struct str rest = s->rest, path = next_word(&rest);
	size_t n = strtoul(arena_c(r->a, rest), NULL, 10);
	char *p = arena_take(r->a, n + 1);

	assert_always(p != NULL && n > 5);
	memset(p, 'a', n);
	memcpy(p, "text=", 5);
	struct call q = { .method = STR("POST"), .path = path, .type = STR("application/x-www-form-urlencoded"), .body = { p, n } };

	return call(r, &q);
}

static bool do_drip(struct runner *r, const struct step *s)
{
	struct buf b = buf_new(r->a, 65536);
	int64_t ms;

	for (size_t i = 0; i < s->n_block; i++) {
		buf_str(&b, read_text(r->a, s->block[i]));
		buf_lit(&b, "\r\n");
	}
	ms = http_drip(r->house, buf_view(&b), 25);
	return ms >= 0 && ms < 15000 ? true : fail(r, "still connected after %lld ms", (long long)ms);
}

static bool do_as(struct runner *r, const struct step *s)
{
	struct str rest = s->rest, name = next_word(&rest);

	r->now = client_named(r, name);
	if (rest.n > 0 && str_eq_c(next_word(&rest), "is"))
		r->now->user = rest;
	return true;
}

static bool do_login(struct runner *r, const struct step *s)
{
	struct account *acc = house_account(r->house, r->now->user);
	struct form f;

	(void)s;
	if (acc == NULL)
		return fail(r, "the demo has no account %.*s", STR_FMT(r->now->user));
	if (!page_form_to(r->a, r->now->body, STR("/logga-in"), &f)) {
		if (!get(r, STR("/logga-in")) || !page_form_to(r->a, r->now->body, STR("/logga-in"), &f))
			return fail(r, "no login form: status %d", r->now->status);
	}
	struct step typed = { .n_block = 3 };
	struct str code = house_code(r->a, acc);

	typed.block[0] = arena_format(r->a, "user = %.*s", STR_FMT(acc->user));
	typed.block[1] = arena_format(r->a, "passphrase = %.*s", STR_FMT(acc->passphrase));
	typed.block[2] = arena_format(r->a, "totp = %.*s", STR_FMT(code));
	if (!post_form(r, STR("/logga-in"), &f, &typed))
		return false;
	return r->now->status == 303 || r->now->status == 200 ? true : fail(r, "login: status %d: %.300s", r->now->status,
		arena_c(r->a, page_text(r->a, r->now->body)));
}

static bool do_api_login(struct runner *r, const struct step *s)
{
	struct account *acc = house_account(r->house, r->now->user);

	(void)s;
	if (acc == NULL)
		return fail(r, "the demo has no account %.*s", STR_FMT(r->now->user));
	struct str code = house_code(r->a, acc);
	struct call q = { .method = STR("POST"), .path = STR("/api/v1/session"), .type = STR("application/json") };
	struct str user = json_quoted(r->a, acc->user), passphrase = json_quoted(r->a, acc->passphrase);

	q.body = arena_format(r->a, "{\"user\":%.*s,\"passphrase\":%.*s,\"totp\":\"%.*s\"}", STR_FMT(user), STR_FMT(passphrase), STR_FMT(code));
	(void)call(r, &q);
	return r->now->status == 200 ? true : fail(r, "login: status %d: %.300s", r->now->status, arena_c(r->a, r->now->body));
}

static bool do_expect(struct runner *r, const struct step *s)
{
	return expect(r, s->rest);
}

static bool do_let(struct runner *r, const struct step *s)
{
	size_t eq = str_find(s->rest, '=');
	struct str name = str_trim(str_cut(s->rest, 0, eq)), value;

	if (eq == s->rest.n || !value_of(r, str_trim(str_cut(s->rest, eq + 1, s->rest.n)), &value))
		return fail(r, "%.*s is not in the answer: %.400s", STR_FMT(s->rest), arena_c(r->a, r->now->body));
	variable_set(r, name, value);
	return true;
}

static bool do_remember(struct runner *r, const struct step *s)
{
	variable_set(r, s->rest, r->now->body);
	return true;
}

static bool do_kill(struct runner *r, const struct step *s)
{
	pid_t pid = house_pid(r->house, s->rest);

	if (pid <= 0 || str_eq_c(s->rest, "parent"))
		return fail(r, "no process %.*s", STR_FMT(s->rest));
	return kill(pid, SIGKILL) == 0 ? true : fail(r, "kill");
}

static bool do_wait(struct runner *r, const struct step *s)
{
	int seconds = s->rest.n > 0 ? atoi(arena_c(r->a, s->rest)) : 10;

	return house_wait(r->house, seconds) ? true : fail(r, "the service does not answer within %d s", seconds);
}

static bool do_setting(struct runner *r, const struct step *s)
{
	size_t n = str_find(s->rest, ' ');

	if (n == s->rest.n || !house_setting(r->house, arena_c(r->a, str_cut(s->rest, 0, n)), arena_c(r->a, str_cut(s->rest, n + 1, s->rest.n))))
		return fail(r, "no setting: %.*s", STR_FMT(s->rest));
	return true;
}

static bool do_restart(struct runner *r, const struct step *s)
{
	(void)s;
	if (!house_stop(r->house))
		return fail(r, "the program did not end well");
	return house_start(r->house) ? true : fail(r, "the program does not start");
}

/* verify: beside the running service. verify deep USER: the service rests meanwhile. */
static bool do_verify(struct runner *r, const struct step *s)
{
	bool deep = str_starts(s->rest, STR("deep "));

	if (deep && !house_stop(r->house))
		return fail(r, "the program did not end well");
	int code = house_verify(r->house, deep ? str_trim(str_cut(s->rest, 5, s->rest.n)) : STR(""));
	if (deep && !house_start(r->house))
		return fail(r, "the program does not start");
	return code == 0 ? true : fail(r, "verify ended with %d, see %s", code, r->house->log_file);
}

static bool do_pause(struct runner *r, const struct step *s)
{
	int ms = atoi(arena_c(r->a, s->rest));
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
	return true;
}

/* learn USER | PASSPHRASE | SECRET: an account that the scenario itself has enrolled. */
static bool do_learn(struct runner *r, const struct step *s)
{
	struct str part[3], rest = s->rest;
	struct house *h = r->house;

	for (size_t i = 0; i < 3; i++) {
		size_t bar = str_find(rest, '|');
		part[i] = str_trim(str_cut(rest, 0, bar));
		rest = str_cut(rest, bar + 1 < rest.n ? bar + 1 : rest.n, rest.n);
	}
	struct buf secret = buf_new(r->a, part[2].n + 1);
	for (size_t i = 0; i < part[2].n; i++)
		if (part[2].p[i] != ' ')
			buf_char(&secret, part[2].p[i]);
	if (part[0].n == 0 || part[1].n == 0 || secret.n == 0 || h->n_accounts == COUNT_OF(h->accounts))
		return fail(r, "learn USER | PASSPHRASE | SECRET");
	h->accounts[h->n_accounts++] = (struct account){ .user = arena_str(r->a, part[0]), .passphrase = arena_str(r->a, part[1]),
	                                                 .totp = buf_view(&secret), .organisation = STR_UNSET, .step = -1 };
	return true;
}

static const struct { const char *verb; bool (*run)(struct runner *, const struct step *); } verbs[] = {
	{ "as", do_as }, { "login", do_login }, { "api-login", do_api_login }, { "get", do_get }, { "head", do_head },
	{ "click", do_click }, { "press", do_press }, { "post", do_post }, { "follow", do_follow }, { "api", do_api },
	{ "with", do_with }, { "send", do_send }, { "fill", do_fill }, { "drip", do_drip }, { "expect", do_expect },
	{ "let", do_let }, { "remember", do_remember }, { "kill", do_kill }, { "wait", do_wait },
	{ "restart", do_restart }, { "setting", do_setting }, { "verify", do_verify }, { "pause", do_pause }, { "learn", do_learn },
};

static bool run_step(struct runner *r, const struct step *raw)
{
	struct step s = { .verb = raw->verb, .n_block = raw->n_block };

	if (!expand(r, raw->rest, &s.rest))
		return false;
	for (size_t i = 0; i < s.n_block; i++)
		if (!expand(r, raw->block[i], &s.block[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (str_eq_c(s.verb, verbs[i].verb))
			return verbs[i].run(r, &s);
	return fail(r, "no verb %.*s", STR_FMT(s.verb));
}

static struct str next_line(struct str *rest)
{
	size_t n = str_find(*rest, '\n');
	struct str line = str_cut(*rest, 0, n);

	*rest = str_cut(*rest, n + 1, rest->n);
	return line;
}

bool script_run(struct runner *r, struct str text)
{
	int line = 0;

	r->now = client_named(r, STR("nobody"));
	r->next_headers = STR("");
	while (text.n > 0) {
		struct str rest = next_line(&text);
		struct step s = { 0 };

		line++;
		if (str_trim(rest).n == 0 || rest.p[0] == '#')
			continue;
		r->line = line;
		s.verb = next_word(&rest);
		s.rest = rest;
		while (text.n > 0 && (text.p[0] == '\t' || text.p[0] == ' ')) {
			assert_always(s.n_block < BLOCK);
			s.block[s.n_block++] = str_trim(next_line(&text));
			line++;
		}
		if (!run_step(r, &s))
			return false;
	}
	return true;
}

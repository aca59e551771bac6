/* tests/unit/test_web_server.c — the server over loopback with pages and a flow of the test's own: what is refused
 * before a page, headers, powers, tokens, kept text, deadlines, and that nothing typed stays in memory. */
#include "web/server.h"
#include "flow/flow.h"
#include "view/assets.h"
#include "view/html_i.h"
#include "web/request.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define CASE "00112233445566778899aabbccddeeff"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

/* ---- a flow of the test's own: the first byte of the cookie says who it is ---------------------------------- */

enum { NOBODY = 0, COORDINATOR = 1, REVIEWER = 2, LOCKED_OUT = 3 };
static _Atomic int sessions_asked;

static enum err who_is(const struct cookie_secret *c, struct session *ret)
{
	if (c->b[0] == LOCKED_OUT)
		return ERR_LOCKED;
	if (c->b[0] != COORDINATOR && c->b[0] != REVIEWER)
		return ERR_NO_SESSION;
	*ret = (struct session){ .cookie = *c };
	ret->who.user.b[0] = c->b[0];
	ret->who.roles = c->b[0] == COORDINATOR ? ROLE_BIT(COORDINATOR) : ROLE_BIT(REVIEWER);
	return OK;
}

struct instant flow_now(const struct flow *f)
{
	(void)f;
	return (struct instant){ INT64_C(1764144000000000) };
}

enum err flow_session(struct flow *f, struct arena *a, const struct cookie_secret *c, bool activity, struct session *ret)
{
	(void)f;
	(void)a;
	(void)activity;
	sessions_asked++;
	return who_is(c, ret);
}

struct vault_client *flow_vault(struct flow *f)
{
	(void)f;
	return NULL;
}

bool vault_client_alive(struct vault_client *v)
{
	(void)v;
	return true;
}

/* ---- pages of the test's own --------------------------------------------------------------------------------- */

static void show(struct request *r, int status, struct str text)
{
	struct html *h = html_new(r->arena, 1u << 20);

	html__str(h, text);
	respond_html(r, status, h);
}

/* Everything that a page can see, one a line. */
static struct str dump(struct request *r, const char *title)
{
	struct buf b = buf_new(r->arena, 1u << 20);
	size_t n;
	const struct field *k = request_kept(r, &n);

	buf_format(&b, "page %s refill %d csrf %.*s token %.*s on %.*s\n", title, r->refill, STR_FMT(request_csrf(r)),
		   STR_FMT(r->token), STR_FMT(r->on));
	for (size_t i = 0; i < r->n_fields; i++)
		buf_format(&b, "field %.*s=%.*s\n", STR_FMT(r->fields[i].name), STR_FMT(r->fields[i].value));
	for (size_t i = 0; i < n; i++)
		buf_format(&b, "kept %.*s=%.*s\n", STR_FMT(k[i].name), STR_FMT(k[i].value));
	return buf_view(&b);
}

/* Leaves the text where careless code leaves it: on the stack and in the heap. */
static void be_careless(struct request *r)
{
	volatile char stack[3000];
	struct str text = request_field(r, "text");
	char *heap = malloc(text.n + 1);

	assert_always(heap != NULL);
	for (size_t i = 0; i < text.n && i < 500; i++) {
		stack[i] = text.p[i];
		stack[2000 + i] = stack[i];
		heap[i] = text.p[i];
	}
	heap = realloc(heap, 100000);
	free(heap);
}

static void act(struct request *r)
{
	enum err e = who_is(&r->cookie, &r->session);

	be_careless(r);

	if (e != OK)
		respond_err(r, e);
	else
		show(r, 200, dump(r, route_rows[r->route].name));
}

void page_error(struct request *r, enum err e)
{
	show(r, err_http(e), dump(r, err_name(e)));
}

void page_login_show(struct request *r)
{
	show(r, 200, dump(r, "login_show"));
}

void page_login(struct request *r)
{
	struct cookie_secret c = { { COORDINATOR } };

	if (!str_eq(request_field(r, "passphrase"), STR("rätt"))) {
		respond_err(r, ERR_LOGIN);
		return;
	}
	(void)who_is(&c, &r->session);
	request_set_session(r, &c);
	if (!request_resume(r))
		respond_redirect(r, (struct path){ STR("/min-dag") });
}

void page_logout(struct request *r)
{
	request_clear_session(r);
	respond_redirect(r, (struct path){ STR("/logga-in") });
}

void page_appearance(struct request *r)
{
	request_set_scheme(r, SCHEME_DARK);
	respond_redirect(r, (struct path){ STR("/") });
}

/* A page that forgot to ask the vault. */
void page_case_risk(struct request *r)
{
	show(r, 200, STR("secret"));
}

/* A page that forgot to answer. */
void page_help_show(struct request *r)
{
	(void)r;
}

/* A page that grows out of the arena. */
void page_licences(struct request *r)
{
	show(r, 200, STR("half"));
	(void)arena_take(r->arena, 64u << 20);
}

void page_accessibility(struct request *r)
{
	sleep(1);
	show(r, 200, STR("slow"));
}

/* All other rows of the table. The names above, and those that web has itself, are taken out of the way. */
#define page_healthz unused_1
#define page_static_file unused_2
#define page_login unused_3
#define page_logout unused_4
#define page_appearance unused_5
#define page_case_risk unused_6
#define page_help_show unused_7
#define page_licences unused_8
#define page_accessibility unused_9
#define page_login_show unused_10
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define ROUTE(id, method, pattern, power, purpose) void page_##id(struct request *r) { act(r); }
#include "tables/routes.def"
#pragma GCC diagnostic pop

/* ---- a client ------------------------------------------------------------------------------------------------ */

static struct web *web;
static int port;
static char host[64], other_host[64], answer[4u << 20];
static const char *hosts[] = { host, NULL };

static int start(void **state)
{
	struct sockaddr_in a;
	socklen_t n = sizeof a;
	struct web_options o = { .hosts = hosts, .redirect_host = other_host, .workers = 4, .connections = 100 };
	(void)state;

	if (web_listen("127.0.0.1:0", &o.listen_fd) != OK || getsockname(o.listen_fd, (struct sockaddr *)(void *)&a, &n) != 0)
		return 1;
	port = ntohs(a.sin_port);
	(void)snprintf(host, sizeof host, "localhost:%d", port);
	(void)snprintf(other_host, sizeof other_host, "127.0.0.1:%d", port);
	return web_start(&o, &web) != OK;
}

static int stop(void **state)
{
	(void)state;
	web_stop(web, 2);
	return 0;
}

static int dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)(void *)&a, sizeof a), 0);
	return fd;
}

static void say(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);

		if (k <= 0)
			return;
		at += k;
		n -= (size_t)k;
	}
}

/* The status, 0 when the connection ended without an answer; the whole text is in `answer`. */
static int hear(int fd, int seconds)
{
	size_t n = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (n < sizeof answer - 1 && poll(&p, 1, seconds * 1000) > 0) {
		ssize_t k = recv(fd, answer + n, sizeof answer - 1 - n, 0);

		if (k <= 0)
			break;
		n += (size_t)k;
	}
	answer[n] = 0;
	return n > 12 ? atoi(answer + 9) : 0;
}

static int raw(const void *p, size_t n)
{
	int fd = dial();

	say(fd, p, n);
	int status = hear(fd, 15);

	(void)close(fd);
	return status;
}

/* One request with the right Host and `Connection: close`. */
static int ask(const char *method, const char *path, const char *headers, const char *body)
{
	static char text[2u << 20];
	int n = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", method, path,
			 host, headers, strlen(body), body);
	int fd = dial();

	say(fd, text, (size_t)n);
	int status = hear(fd, 15);

	(void)close(fd);
	return status;
}

static int fetch(const char *path, const char *headers)
{
	static char text[8192];
	int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n", path, host, headers);

	return raw(text, (size_t)n);
}

static const char *cookie(int who)
{
	static char line[128];

	(void)snprintf(line, sizeof line, "Cookie: s=%02x%062d\r\n", (unsigned)who, 0);
	return line;
}

static const char *with(const char *first, const char *second)
{
	static char both[2048];

	(void)snprintf(both, sizeof both, "%s%s", first, second);
	return both;
}

/* The token that a page of this session shows. */
static const char *token_of(int who)
{
	static char token[64];

	assert_int_equal(fetch("/arenden", cookie(who)), 200);
	const char *at = strstr(answer, "csrf ");

	assert_non_null(at);
	(void)snprintf(token, sizeof token, "%.32s", at + 5);
	return token;
}

#define assert_says(text) do { if (strstr(answer, text) == NULL) fail_msg("not said: %s\n%.1500s", text, answer); } while (0)
#define assert_silent(text) do { if (strstr(answer, text) != NULL) fail_msg("said: %s\n%.1500s", text, answer); } while (0)

/* ---- tests --------------------------------------------------------------------------------------------------- */

static void every_answer_carries_the_headers(void **state)
{
	static const char *const paths[] = { "/logga-in", "/min-dag", "/finns-inte", "/healthz", "/licenser", "/hjalp", "/api/v1/me", "/a/none" };
	static const char *const lines[] = {
		"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n",
		"X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n", "Permissions-Policy: ",
		"Cross-Origin-Opener-Policy: same-origin\r\n", "Cross-Origin-Resource-Policy: same-origin\r\n",
		"Cross-Origin-Embedder-Policy: require-corp\r\n", "Cache-Control: no-store\r\n",
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		assert_int_not_equal(fetch(paths[i], ""), 0);
		for (size_t k = 0; k < COUNT_OF(lines); k++)
			assert_says(lines[k]);
		assert_silent("Server:");
		assert_silent("Strict-Transport-Security");
	}
}

static void refuses_before_any_page(void **state)
{
	static const struct { const char *head, *rest; int status; } bad[] = {
		{ "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "", 421 },
		{ "GET / HTTP/1.1\r\n\r\n", "", 400 },
		{ "POST /logga-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n", 400 },
		{ "POST /logga-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "abcde", 400 },
		{ "POST /logga-in HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n", "abcde", 400 },
		{ "GET / HTTP/1.1\r\nHost: %s\r\nX : y\r\n\r\n", "", 400 },
		{ "GET / HTTP/1.1\r\nHost: %s\r\nX: a\x01z\r\n\r\n", "", 400 },
		{ "GET / HTTP/1.1\r\nHost: %s\r\nX: a\r\n folded\r\n\r\n", "", 400 },
		{ "GET / HTTP/1.1\nHost: %s\n\n", "", 400 },
		{ "GET /a%%00b HTTP/1.1\r\nHost: %s\r\n\r\n", "", 400 },
		{ "GET / HTTP/1.1\r\nHost: %s\r\nHost: %s\r\n\r\n", "", 400 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char text[1024];
		size_t n = 0;

		for (const char *p = bad[i].head; *p != 0; p++) {
			if (p[0] == '%' && p[1] == 's') {
				n += (size_t)snprintf(text + n, sizeof text - n, "%s", host);
				p++;
			} else if (p[0] == '%' && p[1] == '%') {
				text[n++] = *p++;
			} else {
				text[n++] = *p;
			}
		}
		n += (size_t)snprintf(text + n, sizeof text - n, "%s", bad[i].rest);
		int status = raw(text, n);

		if (status != bad[i].status)
			fail_msg("row %zu: %d\n%s", i, status, answer);
		assert_silent("page ");
	}
}

static void a_hidden_byte_in_a_header(void **state)
{
	char text[256];
	int n = snprintf(text, sizeof text, "GET /logga-in HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nX: hidden#Content-Length: 1\r\n\r\n", host);
	(void)state;

	assert_int_equal(raw(text, (size_t)n), 200);
	*strchr(text, '#') = 0;
	assert_int_equal(raw(text, (size_t)n), 400);
}

static void the_other_name_of_the_machine(void **state)
{
	char text[256], want[128];
	int n = snprintf(text, sizeof text, "GET /arenden?x=1 HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", other_host);
	(void)state;

	(void)snprintf(want, sizeof want, "Location: http://%s/arenden\r\n", host);
	assert_int_equal(raw(text, (size_t)n), 302);
	assert_says(want);
	n = snprintf(text, sizeof text, "POST /logga-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", other_host);
	assert_int_equal(raw(text, (size_t)n), 421);
}

static void powers_stand_before_pages(void **state)
{
	(void)state;
	assert_int_equal(fetch("/arenden", ""), 303);
	assert_says("Location: /logga-in\r\n");
	assert_int_equal(fetch("/arenden", cookie(9)), 303);
	assert_int_equal(fetch("/arenden", cookie(LOCKED_OUT)), 303);
	assert_says("Location: /last\r\n");
	assert_int_equal(fetch("/arenden", cookie(REVIEWER)), 403);
	assert_says("page DENIED");
	assert_int_equal(fetch("/arenden", cookie(COORDINATOR)), 200);
	assert_int_equal(fetch("/logg", cookie(COORDINATOR)), 403);
	assert_int_equal(fetch("/logg", cookie(REVIEWER)), 200);
	assert_int_equal(fetch("/api/v1/cases", ""), 401);
	assert_says("{\"error\":{\"id\":\"NO_SESSION\"");
	assert_says("Content-Type: application/json\r\n");
	assert_int_equal(fetch("/min-dag", "Cookie: s=" CASE CASE "; s=" CASE CASE "\r\n"), 303);
}

/* Same bytes for whoever may not, for what is not there and for what is no id. */
static void one_answer_for_everything_with_an_id(void **state)
{
	static char first[1 << 16];
	char *body;
	(void)state;

	assert_int_equal(fetch("/arenden/" CASE, cookie(REVIEWER)), 404);
	assert_non_null(body = strstr(answer, "\r\n\r\n"));
	(void)snprintf(first, sizeof first, "%s", body);
	assert_int_equal(fetch("/arenden/inget-id", cookie(REVIEWER)), 404);
	assert_string_equal(strstr(answer, "\r\n\r\n"), first);
	assert_int_equal(fetch("/arenden/" CASE "/plan", cookie(REVIEWER)), 404);
	assert_string_equal(strstr(answer, "\r\n\r\n"), first);
	assert_int_equal(fetch("/arenden/inget-id", ""), 303);
	assert_int_equal(fetch("/arenden/" CASE, ""), 303);
}

static void the_vault_is_asked_once_by_hot_pages(void **state)
{
	(void)state;
	assert_int_equal(fetch("/arenden", cookie(COORDINATOR)), 200);
	sessions_asked = 0;
	assert_int_equal(fetch("/arenden", cookie(COORDINATOR)), 200);
	assert_int_equal(fetch("/arenden/" CASE, cookie(COORDINATOR)), 200);
	assert_int_equal(sessions_asked, 0);
	assert_int_equal(fetch("/arenden/nytt", cookie(COORDINATOR)), 200);
	assert_int_equal(sessions_asked, 1);
}

static void pages_that_break_the_rules(void **state)
{
	(void)state;
	assert_int_equal(fetch("/arenden/" CASE "/hotbild", cookie(COORDINATOR)), 500);
	assert_silent("secret");
	assert_int_equal(fetch("/hjalp", ""), 500);
	assert_int_equal(fetch("/licenser", ""), 503);
	assert_silent("half");
}

static void wrong_methods(void **state)
{
	(void)state;
	assert_int_equal(ask("POST", "/min-dag", cookie(COORDINATOR), ""), 405);
	assert_says("Allow: GET, HEAD\r\n");
	assert_int_equal(ask("PUT", "/logga-in", "", ""), 405);
	assert_int_equal(ask("DELETE", "/arenden/" CASE, cookie(COORDINATOR), ""), 405);
	assert_int_equal(ask("TRACE", "/finns-inte", "", ""), 404);
}

static void a_form_needs_its_token(void **state)
{
	static const struct { const char *headers; bool good, same; int status; const char *says; } rows[] = {
		{ FORM, true, false, 200, "page command refill 0" },
		{ FORM "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", true, true, 200, "page command refill 0" },
		{ FORM "Sec-Fetch-Site: same-origin\r\n", false, true, 200, "page command_show refill 1" },
		{ FORM, false, false, 403, "page FORBIDDEN_ORIGIN" },
		{ FORM "Sec-Fetch-Site: cross-site\r\n", true, false, 403, "page FORBIDDEN_ORIGIN" },
		{ FORM "Sec-Fetch-Site: same-site\r\n", true, false, 403, "page FORBIDDEN_ORIGIN" },
		{ FORM "Origin: http://evil.example\r\n", true, false, 403, "page FORBIDDEN_ORIGIN" },
		{ FORM "Origin: null\r\n", true, false, 403, "page FORBIDDEN_ORIGIN" },
		{ "Content-Type: text/plain\r\n", true, false, 400, "page INVALID" },
		{ "Content-Type: application/json\r\n", true, false, 400, "page INVALID" },
	};
	char token[64], body[256];
	(void)state;

	(void)snprintf(token, sizeof token, "%s", token_of(COORDINATOR));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		(void)snprintf(body, sizeof body, "_csrf=%s&_token=t1&_on=v1&text=hej", rows[i].good ? token : CASE);
		int status = ask("POST", "/arenden/" CASE "/gor/note", with(cookie(COORDINATOR), rows[i].headers), body);

		if (status != rows[i].status)
			fail_msg("row %zu: %d\n%s", i, status, answer);
		assert_says(rows[i].says);
		if (status == 200) {
			assert_says("token t1 on v1");
			assert_says("field text=hej");
			assert_silent("field _");
		}
	}
	(void)snprintf(body, sizeof body, "_csrf=%s&text=hej", token_of(COORDINATOR));
	assert_int_equal(ask("POST", "/arenden/" CASE "/gor/note?x=1", with(cookie(COORDINATOR), FORM), body), 400);
	assert_int_equal(ask("POST", "/arenden/" CASE "/gor/note", with(cookie(COORDINATOR), FORM), "text=a&text=b"), 400);
	assert_int_equal(ask("POST", "/arenden/" CASE "/gor/note", with(cookie(COORDINATOR), FORM), "text=%FF"), 400);
}

/* The address of a route, with an id or a name in each pair of braces. */
static void example(const char *pattern, char *out)
{
	while (*pattern != 0) {
		if (*pattern != '{') {
			*out++ = *pattern++;
			continue;
		}
		const char *fill = strncmp(pattern, "{command}", 9) == 0 ? "note" : CASE;

		memcpy(out, fill, strlen(fill));
		out += strlen(fill);
		pattern = strchr(pattern, '}') + 1;
	}
	*out = 0;
}

/* Every row that can change something, under every sign that another site sent it. */
static void no_route_takes_a_foreign_post(void **state)
{
	static const char *const foreign[] = { "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n",
					       "Origin: http://evil.example\r\n", "Origin: null\r\n",
					       "Sec-Fetch-Site: same-origin\r\nOrigin: https://evil.example\r\n" };
	char path[200], headers[400];
	(void)state;

	for (enum route i = ROUTE_NONE + 1; i < ROUTE_COUNT; i++) {
		const struct route_row *row = &route_rows[i];
		bool api = route_is_api(i);

		if (row->method == METHOD_GET)
			continue;
		example(row->pattern, path);
		for (size_t k = 0; k < COUNT_OF(foreign); k++) {
			(void)snprintf(headers, sizeof headers, "%s%s%s", cookie(COORDINATOR), foreign[k],
				       api ? "Content-Type: application/json\r\n" : FORM);
			if (ask(row->method == METHOD_POST ? "POST" : "DELETE", path, headers, api ? "{}" : "a=1") != 403)
				fail_msg("%s with %s\n%.400s", path, foreign[k], answer);
		}
		/* Without a token no form is taken, but those that begin a session. */
		if (!api && i != ROUTE_login && i != ROUTE_unlock && i != ROUTE_enrol) {
			int status = ask("POST", path, with(cookie(COORDINATOR), FORM), "a=1");

			if (status != 403 && status != 404)
				fail_msg("%s without a token: %d", path, status);
		}
	}
}

/* What was typed goes from the refused form through the login into the form again, and is not saved by itself. */
static void typed_text_survives_a_login(void **state)
{
	char then[] = "_then=%2Farenden%2F" CASE "%2Fgor%2Fnote";
	char body[512];
	(void)state;

	assert_int_equal(ask("POST", "/arenden/" CASE "/gor/note", with(cookie(9), FORM), "_csrf=x&_token=t9&_on=v9&text=hej+d%C3%A4r&passphrase=p"), 401);
	assert_says("page NO_SESSION");
	assert_says("kept _then=/arenden/" CASE "/gor/note");
	assert_says("kept _keep_text=hej där");
	assert_says("kept _keep__token=t9");
	assert_says("kept _keep__on=v9");
	assert_silent("_csrf=");
	assert_silent("kept _keep_passphrase");

	(void)snprintf(body, sizeof body, "user=a&passphrase=fel&%s&_keep_text=hej&_keep__token=t9", then);
	assert_int_equal(ask("POST", "/logga-in", FORM, body), 401);
	assert_says("page LOGIN");
	assert_says("kept _keep_text=hej");
	assert_says("kept _then=/arenden/" CASE "/gor/note");

	(void)snprintf(body, sizeof body, "user=a&passphrase=r%%C3%%A4tt&%s&_keep_text=hej&_keep__token=t9&_keep__on=v9", then);
	assert_int_equal(ask("POST", "/logga-in", FORM, body), 200);
	assert_says("page command_show refill 1");
	assert_says("token t9 on v9");
	assert_says("field text=hej");
	assert_says("Set-Cookie: s=01");
	assert_says("; Path=/; HttpOnly; SameSite=Strict\r\n");
	assert_silent("field passphrase");
}

static void a_kept_address_is_looked_up_and_not_followed(void **state)
{
	static const char *const then[] = { "https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "%2Flogg", "%2Flogga-in", "%2Fapi%2Fv1%2Fcases", "" };
	char body[256];
	(void)state;

	for (size_t i = 0; i < COUNT_OF(then); i++) {
		(void)snprintf(body, sizeof body, "user=a&passphrase=r%%C3%%A4tt&_then=%s&_keep_text=x", then[i]);
		assert_int_equal(ask("POST", "/logga-in", FORM, body), 303);
		assert_says("Location: /min-dag\r\n");
	}
}

static void cookies(void **state)
{
	char body[64];
	(void)state;

	(void)snprintf(body, sizeof body, "_csrf=%s", token_of(COORDINATOR));
	assert_int_equal(ask("POST", "/logga-ut", with(cookie(COORDINATOR), FORM), body), 303);
	assert_says("Set-Cookie: s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict\r\n");
	assert_says("Clear-Site-Data: ");
	assert_int_equal(ask("POST", "/logga-ut", with(cookie(COORDINATOR), FORM), ""), 403);
	assert_int_equal(ask("POST", "/utseende", with(cookie(COORDINATOR), FORM), body), 303);
	assert_says("Set-Cookie: c=d; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict\r\n");
}

static void the_api_wants_json(void **state)
{
	(void)state;
	assert_int_equal(ask("POST", "/api/v1/cases", with(cookie(COORDINATOR), "Content-Type: application/json\r\n"), "{}"), 200);
	assert_int_equal(ask("POST", "/api/v1/cases", with(cookie(COORDINATOR), FORM), "a=1"), 400);
	assert_int_equal(ask("POST", "/api/v1/cases", cookie(COORDINATOR), "{}"), 400);
	assert_int_equal(ask("POST", "/api/v1/cases", with(cookie(COORDINATOR), "Content-Type: application/json\r\nOrigin: http://evil.example\r\n"), "{}"), 403);
	assert_int_equal(ask("DELETE", "/api/v1/session", with(cookie(COORDINATOR), "Sec-Fetch-Site: cross-site\r\n"), ""), 403);
	assert_int_equal(ask("POST", "/api/v1/cases", with(cookie(COORDINATOR), "Content-Type: application/json\r\nIdempotency-Key: a b\r\n"), "{}"), 400);
}

static void parts_of_other_sites_get_nothing(void **state)
{
	(void)state;
	assert_int_equal(fetch("/arenden", with(cookie(COORDINATOR), "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n")), 403);
	assert_int_equal(fetch("/logga-in", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"), 200);
}

static void large_bodies(void **state)
{
	static char body[1500u * 1024u];
	(void)state;

	memset(body, 'x', sizeof body - 1);
	memcpy(body, "text=", 5);
	assert_int_equal(ask("POST", "/logga-in", FORM, body), 413);
	assert_says("page TOO_LARGE");
	body[200u * 1024u] = 0;
	assert_int_equal(ask("POST", "/logga-in", FORM, body), 401);
	char text[256];
	int n = snprintf(text, sizeof text, "POST /logga-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 99999999\r\n\r\n", host);

	assert_int_equal(raw(text, (size_t)n), 413);
}

static void chunks_are_counted_too(void **state)
{
	char text[256];
	static char chunk[64 * 1024 + 16];
	int n = snprintf(text, sizeof text, "POST /logga-in HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n", host);
	int fd = dial(), k = snprintf(chunk, sizeof chunk, "10000\r\n");
	(void)state;

	memset(chunk + k, 'a', 0x10000);
	memcpy(chunk + k + 0x10000, "\r\n", 2);
	say(fd, text, (size_t)n);
	for (int i = 0; i < 20; i++)
		say(fd, chunk, (size_t)k + 0x10000 + 2);
	say(fd, "0\r\n\r\n", 5);
	assert_int_equal(hear(fd, 15), 413);
	(void)close(fd);
	fd = dial();
	say(fd, text, (size_t)n);
	say(fd, "6\r\na=hej&\r\n", 11);
	say(fd, "3\r\nb=1\r\n0\r\n\r\n", 13);
	assert_int_equal(hear(fd, 15), 401);
	(void)close(fd);
}

static void static_files(void **state)
{
	char path[200], head[200];
	(void)state;

	assert_true(n_assets > 0);
	(void)snprintf(path, sizeof path, "/a/%.*s", STR_FMT(assets[0].name));
	assert_int_equal(fetch(path, ""), 200);
	assert_says("Cache-Control: public, max-age=31536000, immutable\r\n");
	assert_says("Vary: Accept-Encoding\r\n");
	assert_silent("Content-Encoding");
	(void)snprintf(head, sizeof head, "If-None-Match: %.*s\r\n", STR_FMT(assets[0].etag));
	assert_int_equal(fetch(path, head), 304);
	if (assets[0].brotli.p != NULL) {
		assert_int_equal(fetch(path, "Accept-Encoding: gzip, deflate, br\r\n"), 200);
		assert_says("Content-Encoding: br\r\n");
	}
	if (assets[0].gzip.p != NULL) {
		assert_int_equal(fetch(path, "Accept-Encoding: gzip, br;q=0\r\n"), 200);
		assert_says("Content-Encoding: gzip\r\n");
	}
	assert_int_equal(fetch("/a/finns-inte.css", ""), 404);
	assert_int_equal(fetch("/a/..%2f..", ""), 400);
}

static int64_t seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* A byte a second keeps no connection alive. */
static void drips_are_cut(void **state)
{
	char text[256];
	int n = snprintf(text, sizeof text, "POST /logga-in HTTP/1.1\r\nHost: %s\r\n" FORM "Content-Length: 100\r\n\r\n", host);
	int header = dial(), body = dial();
	int64_t began = seconds_now(), header_ended = 0, body_ended = 0;
	(void)state;

	say(body, text, (size_t)n);
	while ((header_ended == 0 || body_ended == 0) && seconds_now() - began < 20) {
		char c;

		say(header, "G", 1);
		say(body, "a", 1);
		sleep(1);
		if (header_ended == 0 && recv(header, &c, 1, MSG_DONTWAIT) == 0)
			header_ended = seconds_now();
		if (body_ended == 0 && recv(body, &c, 1, MSG_DONTWAIT) == 0)
			body_ended = seconds_now();
	}
	assert_in_range(header_ended - began, 8, 14);
	assert_in_range(body_ended - began, 8, 14);
	(void)close(header);
	(void)close(body);
}

/* Every word of memory that can be written, looked through for a needle that is made anew so that it is not found
 * in the code. The ranges that hold the test's own copies are left out. */
static size_t found_in_memory(const char *needle, size_t n)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	FILE *mem = fopen("/proc/self/mem", "r");
	char line[512];
	size_t found = 0;

	assert_true(maps != NULL && mem != NULL);
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		char *end;

		from = strtoul(line, &end, 16);
		to = strtoul(end + 1, &end, 16);
		if (end[2] != 'w' || strstr(line, "[vvar") != NULL)
			continue;
		static char page[4096 + 64];
		size_t kept = 0;

		for (unsigned long at = from; at < to; at += 4096) {
			if (fseeko(mem, (off_t)at, SEEK_SET) != 0 || fread(page + kept, 1, 4096, mem) != 4096)
				break;
			const char *hit = memmem(page, kept + 4096, needle, n);
			uintptr_t where = hit == NULL ? 0 : at - kept + (uintptr_t)(hit - page);

			if (hit != NULL && !(where >= (uintptr_t)page && where < (uintptr_t)page + sizeof page))
				found++;
			memmove(page, page + kept + 4096 - n, n);
			kept = n;
		}
	}
	(void)fclose(maps);
	(void)fclose(mem);
	return found;
}

#ifndef __has_feature
#define __has_feature(x) 0
#endif
static void nothing_typed_stays_in_memory(void **state)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
	__has_feature(thread_sanitizer)
	skip();
#endif
	static char text[1024], needle[32], key[32];
	int fd = dial();
	(void)state;

	/* Kept turned round, so that the test's own copy is no hit. */
	(void)snprintf(key, sizeof key, "%08x-kanariefagel", (unsigned)time(NULL) ^ 0x5a5a5a5a);
	size_t n = strlen(key);

	for (size_t i = 0; i < n; i++)
		needle[i] = (char)(key[i] ^ 0x55);
	int k = snprintf(text, sizeof text, "POST /arenden/" CASE "/gor/note HTTP/1.1\r\nHost: %s\r\n%s" FORM "Content-Length: %zu\r\n\r\n_csrf=%s&text=%s", host,
			 cookie(COORDINATOR), n + 6 + 5 + 32 + 1, token_of(COORDINATOR), key);

	memset(answer, 0, sizeof answer);
	say(fd, text, (size_t)k);
	assert_int_equal(hear(fd, 1), 200);
	assert_says(key);
	assert_true(found_in_memory(key, n) > 0); /* control: the test's own copies are seen */
	explicit_bzero(answer, sizeof answer);
	explicit_bzero(text, sizeof text);
	for (size_t i = 0; i < n; i++)
		key[i] = 0;
	sleep(1);
	char again[32];

	for (size_t i = 0; i < n; i++)
		again[i] = (char)(needle[i] ^ 0x55);
	size_t hits = found_in_memory(again, n);

	explicit_bzero(again, sizeof again);
	(void)close(fd);
	/* One hit is `again` itself. */
	assert_int_equal(hits, 1);
}

/* As nginx reaches us: a socket in the file system, and browsers that come by TLS. */
static void behind_a_proxy(void **state)
{
	static const char *names[] = { "avstamp.example", NULL };
	struct web_options o = { .hosts = names, .secure = true, .workers = 2, .connections = 20 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char where[64], text[] = "POST /logga-in HTTP/1.1\r\nHost: avstamp.example\r\nConnection: close\r\n" FORM
				 "Content-Length: 24\r\n\r\npassphrase=r%C3%A4tt&a=b";
	struct web *second;
	(void)state;

	(void)snprintf(to.sun_path, sizeof to.sun_path, "/tmp/avstamp-test-%d", (int)getpid());
	(void)snprintf(where, sizeof where, "unix:%s", to.sun_path);
	mode_t before = umask(077); /* of the unit */
	struct stat seen;

	assert_int_equal(web_listen(where, &o.listen_fd), OK);
	(void)umask(before);
	assert_int_equal(stat(to.sun_path, &seen), 0);
	assert_int_equal(seen.st_mode & 0777, 0666); /* nginx is another user */
	assert_int_equal(web_start(&o, &second), OK);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)(void *)&to, sizeof to), 0);
	say(fd, text, sizeof text - 1);
	assert_int_equal(hear(fd, 5), 303);
	assert_says("Set-Cookie: __Host-s=01");
	assert_says("; Path=/; HttpOnly; SameSite=Strict; Secure\r\n");
	assert_says("Strict-Transport-Security: max-age=");
	(void)close(fd);
	web_stop(second, 1);
	(void)unlink(to.sun_path);
	assert_int_equal(web_listen("127.0.0.1", &fd), ERR_INVALID);
	assert_int_equal(web_listen("localhost.example:80", &fd), ERR_INVALID);
	assert_int_equal(web_listen("127.0.0.1:99999", &fd), ERR_INVALID);
}

static void an_answer_in_flight_is_finished(void **state)
{
	char text[256];
	int n = snprintf(text, sizeof text, "GET /tillganglighet HTTP/1.1\r\nHost: %s\r\n\r\n", host);
	int fd = dial();
	struct timespec t = { .tv_nsec = 200000000 };
	(void)state;

	say(fd, text, (size_t)n);
	(void)nanosleep(&t, NULL);
	web_stop(web, 5);
	assert_int_equal(hear(fd, 2), 200);
	assert_says("slow");
	(void)close(fd);
	assert_int_equal(start(NULL), 0);
}

int main(int argc, char **argv)
{
	/* With an argument one test alone, for the control without wiping, which must fail. */
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_carries_the_headers),
		cmocka_unit_test(refuses_before_any_page),
		cmocka_unit_test(a_hidden_byte_in_a_header),
		cmocka_unit_test(the_other_name_of_the_machine),
		cmocka_unit_test(powers_stand_before_pages),
		cmocka_unit_test(one_answer_for_everything_with_an_id),
		cmocka_unit_test(the_vault_is_asked_once_by_hot_pages),
		cmocka_unit_test(pages_that_break_the_rules),
		cmocka_unit_test(wrong_methods),
		cmocka_unit_test(a_form_needs_its_token),
		cmocka_unit_test(no_route_takes_a_foreign_post),
		cmocka_unit_test(typed_text_survives_a_login),
		cmocka_unit_test(a_kept_address_is_looked_up_and_not_followed),
		cmocka_unit_test(cookies),
		cmocka_unit_test(the_api_wants_json),
		cmocka_unit_test(parts_of_other_sites_get_nothing),
		cmocka_unit_test(large_bodies),
		cmocka_unit_test(chunks_are_counted_too),
		cmocka_unit_test(static_files),
		cmocka_unit_test(nothing_typed_stays_in_memory),
		cmocka_unit_test(behind_a_proxy),
		cmocka_unit_test(an_answer_in_flight_is_finished),
		cmocka_unit_test(drips_are_cut),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

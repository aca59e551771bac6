/* bench/ask.c — the operations: what each sends, and what the right answer holds. */
#include "drive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MARK "Bench"
#define HOST "Host: localhost:%u\r\n"

enum kind { OPEN, NOTES, DAY, LIST, NOTE, API_NOTE, CODE, NUMBER, LOGIN, LIMIT };
static const struct { const char *name; enum kind kind; } operations[] = {
	{ "open", OPEN }, { "notes", NOTES }, { "day", DAY }, { "list", LIST }, { "note", NOTE }, { "api-note", API_NOTE },
	{ "find-code", CODE },
	{ "find-number", NUMBER }, { "login", LOGIN }, { "limit", LIMIT },
};

static int kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
		if (strcmp(operations[i].name, name) == 0)
			return (int)operations[i].kind;
	return -1;
}

bool ask_known(const char *operation)
{
	return kind_of(operation) >= 0;
}

static void get(const struct drive *d, struct client *c, const char *path)
{
	c->out_n = (size_t)snprintf(c->out, sizeof c->out, "GET %s HTTP/1.1\r\n" HOST "Cookie: %s\r\n\r\n", path, d->port, c->cookie);
}

static void post(const struct drive *d, struct client *c, const char *path, const char *type, const char *more, const char *body)
{
	c->out_n = (size_t)snprintf(c->out, sizeof c->out,
		"POST %s HTTP/1.1\r\n" HOST "Cookie: %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n%s", path, d->port, c->cookie,
		type, more, strlen(body), body);
}

static void login(const struct drive *d, struct client *c)
{
	char body[200];
	(void)snprintf(body, sizeof body, "{\"user\":\"anna%zu\",\"passphrase\":\"anna%zu-visar-avstamp\"}", c->user, c->user);
	post(d, c, "/api/v1/session", "application/json", "", body);
}

static void find(const struct drive *d, struct client *c, const char *what)
{
	char body[200];
	(void)snprintf(body, sizeof body, "_csrf=%s&q=%s", c->csrf, what);
	post(d, c, "/sok", "application/x-www-form-urlencoded", "", body);
}

static unsigned long long notes_asked;
/* 460 letters and spaces. */
static const char *words(void)
{
	static char text[461];
	if (text[0] == 0) {
		memset(text, 'a', sizeof text - 1);
		for (size_t i = 7; i < sizeof text - 1; i += 8)
			text[i] = ' ';
	}
	return text;
}

/* A form's token, of a page that came just now. */
static const char *new_token(void)
{
	static char text[40];
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	(void)snprintf(text, sizeof text, "%012llx%08lx%012llx", (unsigned long long)t.tv_sec * 1000 + (unsigned long long)t.tv_nsec / 1000000,
	               (unsigned long)random(), ++notes_asked);
	return text;
}

/* As the form on the case's page sends it. */
static void note(const struct drive *d, struct client *c, const char *id)
{
	char path[80], body[900], text[461];
	(void)snprintf(text, sizeof text, "%s", words());
	for (char *at = text; (at = strchr(at, ' ')) != NULL;)
		*at = '+';
	(void)snprintf(path, sizeof path, "/arenden/%s/gor/note", id);
	(void)snprintf(body, sizeof body, "_csrf=%s&_token=%s&kind=contact&source=person&said=" MARK "+%s", c->csrf, new_token(), text);
	post(d, c, path, "application/x-www-form-urlencoded", "", body);
}

static void api_note(const struct drive *d, struct client *c, const char *id)
{
	char path[80], more[80], body[900];
	(void)snprintf(path, sizeof path, "/api/v1/cases/%s/commands", id);
	(void)snprintf(more, sizeof more, "Idempotency-Key: %s\r\n", new_token());
	(void)snprintf(body, sizeof body, "{\"command\":\"note\",\"kind\":\"contact\",\"source\":\"person\",\"said\":\"" MARK " %s\"}", words());
	post(d, c, path, "application/json", more, body);
}

void ask_write(const struct drive *d, struct client *c)
{
	char path[200];
	const char *id = c->at->id;
	switch ((enum kind)kind_of(d->operation)) {
	case OPEN:
		(void)snprintf(path, sizeof path, "/arenden/%s", id);
		get(d, c, path);
		break;
	case NOTES:
		(void)snprintf(path, sizeof path, "/arenden/%s/handelser", id);
		get(d, c, path);
		break;
	case DAY: get(d, c, "/min-dag"); break;
	case LIST: get(d, c, "/arenden"); break;
	case NOTE: note(d, c, id); break;
	case API_NOTE: api_note(d, c, id); break;
	case CODE: find(d, c, c->at->code); break;
	case NUMBER: find(d, c, c->at->number); break;
	case LOGIN: login(d, c); break;
	case LIMIT:
		(void)snprintf(path, sizeof path, "/case/%zu", (size_t)(c->at - d->list) + 1);
		get(d, c, path);
		break;
	}
}

static bool has(const struct client *c, const char *text)
{
	size_t n;
	const char *body = http_body(c, &n);
	return memmem(body, n, text, strlen(text)) != NULL;
}

static size_t times(const struct client *c, const char *text)
{
	size_t n, count = 0, length = strlen(text);
	const char *body = http_body(c, &n), *end = body + n;
	for (const char *at = body; (at = memmem(at, (size_t)(end - at), text, length)) != NULL; at += length)
		count++;
	return count;
}

static const char *wrong_limit(const struct drive *d, const struct client *c)
{
	char ref[32];
	(void)snprintf(ref, sizeof ref, "ref%06zu", (size_t)(c->at - d->list) + 1);
	return times(c, ref) == 21 ? NULL : "not the case that was asked for, or not all its notes";
}

/* Saved: an address in the case to go to. */
static const char *wrong_note(const struct client *c)
{
	char to[200];
	return http_status(c) == 303 && http_header(c, "Location", to, sizeof to) && strstr(to, c->at->id) ? NULL : "not saved";
}

/* Found: an address to go to, or a list that holds the case. */
static const char *wrong_found(const struct client *c)
{
	char to[200];
	if (http_status(c) == 303)
		return http_header(c, "Location", to, sizeof to) && strstr(to, c->at->id) ? NULL : "another case";
	return http_status(c) == 200 && has(c, c->at->code) ? NULL : "not found";
}

const char *ask_wrong(const struct drive *d, const struct client *c)
{
	static char said[60];
	int kind = kind_of(d->operation), status = http_status(c);
	if (kind == CODE || kind == NUMBER)
		return wrong_found(c);
	if (kind == NOTE)
		return wrong_note(c);
	if (status != (kind == API_NOTE ? 201 : 200)) {
		(void)snprintf(said, sizeof said, "status %d", status);
		return said;
	}
	switch ((enum kind)kind) {
	case OPEN: return has(c, c->at->code) && has(c, MARK) ? NULL : "no code or no note";
	case NOTES: return has(c, c->at->code) && times(c, MARK) >= d->notes ? NULL : "no code or too few notes";
	case DAY: return has(c, "Min dag") && has(c, "class=\"kod\"") ? NULL : "no task";
	case LIST: return has(c, c->at->code) ? NULL : "the list lacks a case";
	case API_NOTE: return has(c, "\"events\":1") && has(c, c->at->id) ? NULL : "not saved";
	case LOGIN: return has(c, "\"coordinator\"") ? NULL : "not in";
	case LIMIT: return wrong_limit(d, c);
	case NOTE:
	case CODE:
	case NUMBER: break;
	}
	return "unknown";
}

static bool keep_value(const struct client *c, const char *before, char *ret, size_t room)
{
	size_t n;
	const char *body = http_body(c, &n), *at = memmem(body, n, before, strlen(before));
	if (at == NULL)
		return false;
	at += strlen(before);
	size_t length = strcspn(at, "\"");
	if (length >= room)
		return false;
	memcpy(ret, at, length);
	ret[length] = 0;
	return true;
}

bool ask_leave(const struct drive *d, struct client *c)
{
	if (c->cookie[0] == 0)
		return true;
	c->out_n = (size_t)snprintf(c->out, sizeof c->out, "DELETE /api/v1/session HTTP/1.1\r\n" HOST "Cookie: %s\r\n\r\n", d->port, c->cookie);
	return http_wait(c) && http_status(c) == 204;
}

bool ask_prepare(const struct drive *d, struct client *c)
{
	char cookie[200];
	if (strcmp(d->operation, "limit") == 0 || strcmp(d->operation, "login") == 0)
		return true;
	login(d, c);
	if (!http_wait(c) || http_status(c) != 200 || !http_header(c, "Set-Cookie", cookie, sizeof cookie)) {
		(void)fprintf(stderr, "drive: anna%zu does not get in: %d\n", c->user, http_status(c));
		return false;
	}
	cookie[strcspn(cookie, ";")] = 0;
	(void)snprintf(c->cookie, sizeof c->cookie, "%.79s", cookie);
	/* A first look at the list accepts the grants that colleagues have given. */
	get(d, c, "/arenden");
	if (!http_wait(c) || http_status(c) != 200 || !keep_value(c, "name=\"_csrf\" value=\"", c->csrf, sizeof c->csrf)) {
		(void)fprintf(stderr, "drive: no list for anna%zu: %d\n", c->user, http_status(c));
		return false;
	}
	return true;
}

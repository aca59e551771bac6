/* tests/faults/canaries.c — nothing in clear: words typed into a case are in no file of the data directory and in no
 * writable memory of web and vault one second after the last answer, with connections still open.
 *
 *   canaries PROGRAM [must-hit]     must-hit: the control, a build that does not wipe; then memory must hold some */
#include "help.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE (4u << 20)
#define OVERLAP 4096u
#define OPEN_CONNECTIONS 4

static const struct { const char *name, *text; } canaries[] = {
	{ "name", "Åsa-Märta Kanariefågelssönd" },
	{ "number 12", "199001019802" }, { "number 10", "900101-9802" },
	{ "number 12-", "19900101-9802" }, { "number 10 bare", "9001019802" },
	{ "phone", "070-1740699" }, { "street", "Kanarievägen 73 B" },
	{ "note", "Hon gömmer sig hos sin påhittade kusin i Förträngbo." },
	{ "colleague", "Karin Provsson" },
};

struct needle { const char *name, *form; struct str bytes; };
static struct needle needles[COUNT_OF(canaries) * 10];
static size_t n_needles, hits;
/* Something harmless that both processes surely hold: when it is not seen either, the looking does not work. */
static struct str known;
static bool known_seen;
static uint64_t bytes_seen;
static const char *looking_in;

static void add(const char *name, const char *form, struct str bytes)
{
	assert_always(n_needles < COUNT_OF(needles) && bytes.n > 0);
	needles[n_needles++] = (struct needle){ name, form, bytes };
}

static uint32_t next_point(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;

	*p += s[0] < 0x80 ? 1 : 2;
	return s[0] < 0x80 ? s[0] : (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3fu);
}

static struct str wide(struct arena *a, const char *text, bool big)
{
	struct buf b = buf_new(a, 512);

	while (*text != 0) {
		uint32_t c = next_point(&text);

		buf_u8(&b, (uint8_t)(big ? c >> 8 : c));
		buf_u8(&b, (uint8_t)(big ? c : c >> 8));
	}
	return buf_view(&b);
}

static struct str latin(struct arena *a, const char *text)
{
	struct buf b = buf_new(a, 512);

	while (*text != 0)
		buf_u8(&b, (uint8_t)next_point(&text));
	return buf_view(&b);
}

/* The digits that do not depend on what stands before and behind. */
static struct str base64(struct arena *a, const char *text, size_t shift)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = buf_new(a, 1024);
	size_t n = strlen(text), first = (3 - shift) % 3;

	for (size_t i = first; i + 3 <= n; i += 3) {
		const unsigned char *s = (const unsigned char *)text + i;
		uint32_t v = (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];

		for (int k = 18; k >= 0; k -= 6)
			buf_char(&b, digits[v >> k & 63]);
	}
	return buf_view(&b);
}

static struct str form_coded(struct arena *a, const char *text)
{
	struct str coded = url_coded(a, str_c(text));
	struct buf b = buf_new(a, 1024);

	for (size_t i = 0; i < coded.n; i++) {
		bool space = str_starts(str_cut(coded, i, coded.n), STR("%20"));

		buf_char(&b, space ? '+' : coded.p[i]);
		i += space ? 2 : 0;
	}
	return buf_view(&b);
}

static void make_needles(struct arena *a)
{
	for (size_t i = 0; i < COUNT_OF(canaries); i++) {
		const char *name = canaries[i].name, *text = canaries[i].text;

		add(name, "UTF-8", str_c(text));
		add(name, "UTF-16LE", wide(a, text, false));
		add(name, "UTF-16BE", wide(a, text, true));
		if (strcmp(text, latin(a, text).p) != 0)
			add(name, "Latin-1", latin(a, text));
		for (size_t k = 0; k < 3; k++)
			add(name, "base64", base64(a, text, k));
		struct str percent = url_coded(a, str_c(text)), plus = form_coded(a, text);

		if (!str_eq_c(percent, text)) {
			add(name, "percent", percent);
			if (!str_eq(plus, percent))
				add(name, "form", plus);
		}
	}
}

/* ---- looking ---- */

static void look(struct str s, uint64_t at)
{
	bytes_seen += s.n;
	known_seen = known_seen || (s.n > 0 && memmem(s.p, s.n, known.p, known.n) != NULL);
	for (size_t i = 0; i < n_needles; i++) {
		const char *p = s.n == 0 ? NULL : memmem(s.p, s.n, needles[i].bytes.p, needles[i].bytes.n);

		if (p == NULL)
			continue;
		hits++;
		(void)printf("  %s: %s as %s at %llx\n", looking_in, needles[i].name, needles[i].form,
			     (unsigned long long)(at + (uint64_t)(p - s.p)));
		if (getenv("AVSTAMP_AROUND") != NULL) {
			size_t o = (size_t)(p - s.p), from = o < 160 ? 0 : o - 160, to = o + 240 < s.n ? o + 240 : s.n;

			for (size_t k = from; k < to; k++)
				putchar(s.p[k] >= 32 && s.p[k] < 127 ? s.p[k] : '.');
			putchar('\n');
		}
	}
}

static void look_in_file(int fd, uint64_t from, uint64_t to)
{
	static char piece[PIECE];
	uint64_t at = from;

	while (at < to) {
		size_t want = to - at < PIECE ? (size_t)(to - at) : PIECE;
		ssize_t n = pread(fd, piece, want, (off_t)at);

		if (n <= 0)
			return;
		look((struct str){ piece, (size_t)n }, at);
		if ((uint64_t)n < want || at + want >= to)
			return;
		at += want - OVERLAP;
	}
}

static int one_file(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)at;
	int fd = kind == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	looking_in = path;
	look(str_c(strrchr(path, '/')), 0);
	if (fd >= 0) {
		look_in_file(fd, 0, (uint64_t)s->st_size);
		(void)close(fd);
	}
	return 0;
}

/* The pages of a mapping that hold something; one that was never touched is all zero. */
static void look_in_mapping(int mem, int pagemap, uint64_t from, uint64_t to)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t entry, start = 0;

	for (uint64_t at = from; at <= to; at += page) {
		bool there = at < to && pread(pagemap, &entry, sizeof entry, (off_t)(at / page * sizeof entry)) == sizeof entry &&
			     entry >> 62 != 0;

		if (there && start == 0)
			start = at;
		if (!there && start != 0) {
			look_in_file(mem, start, at);
			start = 0;
		}
	}
}

/* False when this user may not read the memory of others. */
static bool look_in_memory(struct world *w, struct str who)
{
	char name[64], line[512], what[32];
	pid_t pid = house_pid(&w->house, who);

	(void)snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	(void)snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(name, "re");
	(void)snprintf(name, sizeof name, "/proc/%d/pagemap", (int)pid);
	int pagemap = open(name, O_RDONLY | O_CLOEXEC);
	bool can = fd >= 0 && maps != NULL && pagemap >= 0;

	known_seen = false;
	bytes_seen = 0;

	while (can && fgets(line, sizeof line, maps) != NULL) {
		unsigned long long from, to;
		char rights[8], region[400] = "";

		if (sscanf(line, "%llx-%llx %7s %*s %*s %*s %399[^\n]", &from, &to, rights, region) < 3 || rights[1] != 'w')
			continue;
		(void)snprintf(what, sizeof what, "%.*s %.20s", STR_FMT(who), region);
		looking_in = what;
		look_in_mapping(fd, pagemap, from, to);
	}
	if (pagemap >= 0)
		(void)close(pagemap);
	if (maps != NULL)
		(void)fclose(maps);
	if (fd >= 0)
		(void)close(fd);
	(void)printf("  %.*s: %llu KiB of writable memory looked through\n", STR_FMT(who), (unsigned long long)bytes_seen / 1024);
	return can && known_seen;
}

/* ---- typing ---- */

static void need(struct world *w, struct client *c, int status, const char *path, const char *body)
{
	if (api_call(w, w->a, c, path, body) != status)
		give_up("%s: status %d %.*s", path, c->status, STR_FMT(c->body));
}

static struct str write_all(struct world *w, struct client *maria, struct client *karin)
{
	struct arena *a = w->a;
	struct str body = arena_format(a, "{\"source\":\"person\",\"channel\":\"phone\",\"safe_way\":\"%s, %s\",\"name\":\"%s\",\"number\":\"%s\","
		"\"danger\":\"yes\",\"words\":\"%s\",\"alias\":\"Siskan\"}", canaries[5].text, canaries[6].text, canaries[0].text,
		canaries[1].text, canaries[7].text);

	need(w, maria, 201, "/api/v1/cases", arena_c(a, body));
	struct str id = api_value(a, maria, "id"), version = api_value(a, maria, "version");

	need(w, karin, 200, "/api/v1/me", NULL);
	struct str colleague = api_value(a, karin, "user");

	need(w, maria, 200, "/api/v1/me", NULL);
	struct str me = api_value(a, maria, "user");
	const char *commands = arena_c(a, arena_format(a, "/api/v1/cases/%.*s/commands", STR_FMT(id)));

	if (version.p == NULL) {
		need(w, maria, 200, arena_c(a, arena_format(a, "/api/v1/cases/%.*s", STR_FMT(id))), NULL);
		version = api_value(a, maria, "version");
	}
	need(w, maria, 201, commands, arena_c(a, arena_format(a, "{\"command\":\"take_case\",\"officer\":\"%.*s\",\"second\":\"%.*s\",\"on\":\"%.*s\"}",
		STR_FMT(me), STR_FMT(colleague), STR_FMT(version))));
	for (size_t i = 0; i < COUNT_OF(canaries); i++)
		need(w, maria, 201, commands, arena_c(a, arena_format(a, "{\"command\":\"note\",\"kind\":\"contact\",\"text\":\"%s\"}", canaries[i].text)));
	return id;
}

/* Pages with the words on them, and a form that carries them back. */
static void walk(struct world *w, struct client *c, struct str id)
{
	static const char *const pages[] = { "", "/handelser", "/personer", "/plan", "/gor/note" };
	struct arena *a = w->a;

	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		struct call q = { .method = STR("GET"), .path = arena_format(a, "/arenden/%.*s%s", STR_FMT(id), pages[i]), .headers = STR("") };

		if (!http_call(&w->house, a, c, &q) || c->status != 200)
			give_up("%.*s: status %d", STR_FMT(q.path), c->status);
	}
	struct form f;
	struct str path = arena_format(a, "/arenden/%.*s/gor/note", STR_FMT(id)), text = form_coded(a, canaries[7].text);

	if (!page_form_to(a, c->body, path, &f))
		give_up("no form for a note");
	struct buf b = buf_new(a, 65536);

	for (size_t i = 0; i < f.n_hidden; i++) {
		struct str v = url_coded(a, f.hidden[i].value);

		buf_format(&b, "%.*s=%.*s&", STR_FMT(f.hidden[i].name), STR_FMT(v));
	}
	buf_format(&b, "kind=contact&text=%.*s", STR_FMT(text));
	struct call post = { .method = STR("POST"), .path = path, .headers = STR("Sec-Fetch-Site: same-origin\r\n"),
			     .type = STR("application/x-www-form-urlencoded"), .body = buf_view(&b) };

	if (!http_call(&w->house, a, c, &post) || c->status != 303)
		give_up("the note: status %d", c->status);
	for (size_t i = 1; i < 5; i++) {
		struct str query = form_coded(a, canaries[i].text);
		struct call page = { .method = STR("GET"), .path = STR("/arenden"), .headers = STR("") };

		if (!http_call(&w->house, a, c, &page) || !page_form_to(a, c->body, STR("/sok"), &f))
			give_up("no form to search with");
		struct buf s = buf_new(a, 65536);

		for (size_t k = 0; k < f.n_hidden; k++) {
			struct str v = url_coded(a, f.hidden[k].value);

			buf_format(&s, "%.*s=%.*s&", STR_FMT(f.hidden[k].name), STR_FMT(v));
		}
		buf_format(&s, "q=%.*s&query=%.*s&fraga=%.*s", STR_FMT(query), STR_FMT(query), STR_FMT(query));
		struct call find = { .method = STR("POST"), .path = STR("/sok"), .headers = STR("Sec-Fetch-Site: same-origin\r\n"),
				     .type = STR("application/x-www-form-urlencoded"), .body = buf_view(&s) };

		(void)http_call(&w->house, a, c, &find);
	}
}

/* A connection that has asked for a page with the words, got it, and stays. */
static int keep_open(struct world *w, struct client *c, struct str path)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->house.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct buf b = buf_new(w->a, 8192);
	static char piece[1 << 20];

	buf_format(&b, "GET %.*s HTTP/1.1\r\nHost: localhost:%d\r\nCookie: ", STR_FMT(path), w->house.port);
	for (size_t i = 0; i < c->n_cookies; i++)
		buf_format(&b, "%s%.*s=%.*s", i > 0 ? "; " : "", STR_FMT(c->cookies[i].name), STR_FMT(c->cookies[i].value));
	buf_lit(&b, "\r\n\r\n");
	if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&to, sizeof to) != 0 ||
	    send(fd, b.p, b.n, MSG_NOSIGNAL) != (ssize_t)b.n)
		give_up("no connection");
	size_t have = 0;

	for (int i = 0; i < 40; i++) {
		ssize_t n = recv(fd, piece + have, sizeof piece - 1 - have, MSG_DONTWAIT);

		if (n > 0)
			have += (size_t)n;
		else
			pause_for(50);
		if (n == 0 || (have > 0 && n < 0 && i > 10))
			break;
	}
	piece[have] = 0;
	if (strstr(piece, "200 OK") == NULL || strstr(piece, canaries[7].text) == NULL)
		give_up("an open connection got another answer: %.100s", piece);
	return fd;
}

int main(int argc, char **argv)
{
	static struct world w;
	bool must_hit = argc > 2 && strcmp(argv[2], "must-hit") == 0;
	struct client maria = { .name = STR("maria") }, karin = { .name = STR("karin") };
	int open_fds[OPEN_CONNECTIONS];

	if (argc < 2)
		give_up("canaries PROGRAM [must-hit]");
	world_begin(&w, argv[1]);
	make_needles(w.a);
	known = str_c(w.house.directory);
	if (!person_login(&w, &maria, "coordinator") || !person_login(&w, &karin, "social_worker"))
		return 1;
	struct str id = write_all(&w, &maria, &karin);

	walk(&w, &maria, id);
	walk(&w, &karin, id);
	for (size_t i = 0; i < OPEN_CONNECTIONS; i++)
		open_fds[i] = keep_open(&w, &maria, arena_format(w.a, i % 2 == 0 ? "/arenden/%.*s/handelser" : "/api/v1/cases/%.*s/events", STR_FMT(id)));
	pause_for(1000);


	for (size_t i = 0; i < OPEN_CONNECTIONS; i++) {
		char c;

		if (recv(open_fds[i], &c, 1, MSG_DONTWAIT) == 0)
			give_up("a connection was not left open");
	}

	bool can = look_in_memory(&w, STR("web")) && look_in_memory(&w, STR("vault"));
	size_t in_memory = hits;
	(void)nftw(w.house.directory, one_file, 16, FTW_PHYS);
	size_t in_files = hits - in_memory;

	(void)printf("canaries: %zu forms of %zu words: %zu hits in memory, %zu in files%s\n", n_needles, COUNT_OF(canaries), in_memory,
		     in_files, must_hit ? " (control: memory is not wiped)" : "");
	world_end(&w);
	if (in_files > 0)
		return 1;
	if (!can) {
		(void)printf("skipped: this user may not read the memory of other processes\n");
		return SKIPPED;
	}
	return must_hit ? in_memory == 0 : in_memory > 0;
}

/* bench/limit.c — the least that a sealed case page can cost over HTTP: what Avstamp's figures are multiples of.
 *
 *     limit FILE CASES fill
 *     limit FILE CASES serve PORT MODE [nomap]
 *
 * One page: a case row and 20 notes from SQLite, 21 XChaCha20-Poly1305 openings, HTML escaping, 19 kB, and one hash-
 * chained row in a log table. MODE 1 answers when that row is committed (synchronous=FULL, one commit for all that
 * wait), MODE 0 at once. No session, no access check, no templates. `nomap` reads the file without mapping it, as
 * Avstamp must: a file that somebody else can cut must not be mapped. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTES 20
#define TEXT 500
#define MARKUP 430
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PAGE_MOST 32768

struct page {
	struct page *next;
	struct MHD_Connection *connection;
	int64_t id;
	size_t n;
	bool ready;
	char *text; /* PAGE_MOST bytes; the library frees them */
};
struct reader { sqlite3 *db; sqlite3_stmt *head, *notes; };

static const char *file;
static const char *mapping = "pragma mmap_size=4294967296";
static bool waits;
static unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
static char markup[MARKUP];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct page *queue;
static __thread struct reader reader;

static void must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "limit: %s\n", what);
	exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3 *database(void)
{
	sqlite3 *db = NULL;
	must(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK, file);
	(void)sqlite3_busy_timeout(db, 5000);
	run(db, "pragma journal_mode=wal");
	run(db, "pragma synchronous=full");
	run(db, "pragma cache_size=-65536");
	run(db, mapping);
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK, sql);
	return s;
}

/* ---- filling ---- */

static void bind_sealed(sqlite3_stmt *s, int at, const char *text)
{
	unsigned char out[NONCE + TEXT + TAG];
	unsigned long long n = 0;
	randombytes_buf(out, NONCE);
	must(crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, &n, (const unsigned char *)text, TEXT, NULL, 0, NULL, out, key) == 0,
	     "sealing");
	must(sqlite3_bind_blob(s, at, out, (int)(NONCE + n), SQLITE_TRANSIENT) == SQLITE_OK, "binding");
}

static void make_text(char *text, int64_t id, int note)
{
	static const char words[] = "ring boende torsdag & samtal stabilt vecka arbete vill komma ";
	for (size_t i = 0; i < TEXT; i++)
		text[i] = words[(i + (size_t)note) % (sizeof words - 1)];
	char ref[32];
	int n = snprintf(ref, sizeof ref, "ref%06lld", (long long)id);
	memcpy(text, ref, (size_t)n);
}

static void fill(int64_t cases)
{
	char text[TEXT];
	sqlite3 *db = database();
	run(db, "create table dossier(id integer primary key, sealed blob not null)");
	run(db, "create table note(id integer primary key, dossier integer not null, at integer not null, sealed blob not null)");
	run(db, "create table log(id integer primary key, at integer, dossier integer, what blob, before blob, hash blob)");
	run(db, "begin");
	sqlite3_stmt *head = prepare(db, "insert into dossier values(?,?)");
	sqlite3_stmt *note = prepare(db, "insert into note(dossier,at,sealed) values(?,?,?)");
	for (int64_t i = 1; i <= cases; i++) {
		make_text(text, i, 0);
		(void)sqlite3_bind_int64(head, 1, i);
		bind_sealed(head, 2, text);
		must(sqlite3_step(head) == SQLITE_DONE && sqlite3_reset(head) == SQLITE_OK, "filling");
		for (int k = 1; k <= NOTES; k++) {
			make_text(text, i, k);
			(void)sqlite3_bind_int64(note, 1, i);
			(void)sqlite3_bind_int64(note, 2, i * 100 + k);
			bind_sealed(note, 3, text);
			must(sqlite3_step(note) == SQLITE_DONE && sqlite3_reset(note) == SQLITE_OK, "filling");
		}
	}
	run(db, "commit");
	run(db, "create index note_dossier on note(dossier, at)");
	(void)sqlite3_finalize(head);
	(void)sqlite3_finalize(note);
	(void)sqlite3_close(db);
}

/* ---- the log ---- */

static void chain(sqlite3_stmt *insert, int64_t id, unsigned char last[32])
{
	static const unsigned char what[200] = { 1 };
	crypto_generichash_state s;
	unsigned char hash[32];
	(void)crypto_generichash_init(&s, NULL, 0, sizeof hash);
	(void)crypto_generichash_update(&s, last, sizeof hash);
	(void)crypto_generichash_update(&s, what, sizeof what);
	(void)crypto_generichash_update(&s, (const unsigned char *)&id, sizeof id);
	(void)crypto_generichash_final(&s, hash, sizeof hash);
	(void)sqlite3_bind_int64(insert, 1, 0);
	(void)sqlite3_bind_int64(insert, 2, id);
	(void)sqlite3_bind_blob(insert, 3, what, sizeof what, SQLITE_STATIC);
	(void)sqlite3_bind_blob(insert, 4, last, 32, SQLITE_TRANSIENT);
	(void)sqlite3_bind_blob(insert, 5, hash, sizeof hash, SQLITE_TRANSIENT);
	must(sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK, "log");
	memcpy(last, hash, sizeof hash);
}

__attribute__((noreturn)) static void *log_thread(void *unused)
{
	(void)unused;
	sqlite3 *db = database();
	sqlite3_stmt *insert = prepare(db, "insert into log(at,dossier,what,before,hash) values(?,?,?,?,?)");
	unsigned char last[32] = { 0 };
	for (;;) {
		(void)pthread_mutex_lock(&lock);
		while (queue == NULL)
			(void)pthread_cond_wait(&wake, &lock);
		struct page *group = queue;
		queue = NULL;
		(void)pthread_mutex_unlock(&lock);
		run(db, "begin immediate");
		for (const struct page *p = group; p; p = p->next)
			chain(insert, p->id, last);
		run(db, "commit");
		while (group) {
			struct page *p = group;
			group = p->next;
			if (waits)
				MHD_resume_connection(p->connection);
			else
				free(p);
		}
		if (!waits)
			(void)usleep(2000);
	}
}

static void log_page(struct page *p)
{
	(void)pthread_mutex_lock(&lock);
	p->next = queue;
	queue = p;
	(void)pthread_cond_signal(&wake);
	(void)pthread_mutex_unlock(&lock);
}

/* ---- a page ---- */

static void put(struct page *p, const char *bytes, size_t n)
{
	must(p->n + n <= PAGE_MOST, "a page is too long");
	memcpy(p->text + p->n, bytes, n);
	p->n += n;
}

static void put_escaped(struct page *p, const unsigned char *s, size_t n)
{
	must(p->n + 6 * n <= PAGE_MOST, "a page is too long");
	char *to = p->text + p->n;
	for (size_t i = 0; i < n; i++) {
		const char *as = s[i] == '<' ? "&lt;" : s[i] == '>' ? "&gt;" : s[i] == '&' ? "&amp;" : s[i] == '"' ? "&quot;" : NULL;
		if (as == NULL)
			*to++ = (char)s[i];
		else
			to = stpcpy(to, as);
	}
	p->n = (size_t)(to - p->text);
}

static void put_opened(struct page *p, sqlite3_stmt *s)
{
	unsigned char plain[TEXT + TAG];
	unsigned long long n = 0;
	const unsigned char *sealed = sqlite3_column_blob(s, 0);
	int bytes = sqlite3_column_bytes(s, 0);
	must(bytes > (int)NONCE && bytes <= (int)(NONCE + sizeof plain), "a row is too long");
	must(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &n, NULL, sealed + NONCE, (unsigned long long)bytes - NONCE, NULL, 0,
	                                                sealed, key) == 0, "a row does not open");
	put_escaped(p, plain, (size_t)n);
}

static void make_page(struct page *p)
{
	static const char begin[] = "<!doctype html><title>limit</title>", end[] = "</article>";
	if (reader.db == NULL) {
		reader.db = database();
		reader.head = prepare(reader.db, "select sealed from dossier where id=?");
		reader.notes = prepare(reader.db, "select sealed from note where dossier=? order by at");
	}
	run(reader.db, "begin");
	(void)sqlite3_bind_int64(reader.head, 1, p->id);
	(void)sqlite3_bind_int64(reader.notes, 1, p->id);
	put(p, begin, sizeof begin - 1);
	if (sqlite3_step(reader.head) == SQLITE_ROW)
		put_opened(p, reader.head);
	while (sqlite3_step(reader.notes) == SQLITE_ROW) {
		put(p, markup, sizeof markup);
		put_opened(p, reader.notes);
		put(p, end, sizeof end - 1);
	}
	(void)sqlite3_reset(reader.head);
	(void)sqlite3_reset(reader.notes);
	run(reader.db, "commit");
}

static enum MHD_Result answer(struct MHD_Connection *c, const struct page *p)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(p->n, p->text, MHD_RESPMEM_MUST_FREE);
	must(r != NULL, "memory");
	(void)MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
	enum MHD_Result result = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                                  const char *upload, size_t *upload_n, void **own)
{
	(void)context; (void)method; (void)version; (void)upload; (void)upload_n;
	struct page *p = *own;
	if (p == NULL) {
		*own = p = malloc(sizeof *p);
		must(p != NULL, "memory");
		*p = (struct page){ .connection = c, .id = strncmp(url, "/case/", 6) == 0 ? strtoll(url + 6, NULL, 10) : 0 };
		return MHD_YES;
	}
	if (!p->ready) {
		p->text = malloc(PAGE_MOST);
		must(p->text != NULL, "memory");
		make_page(p);
		p->ready = true;
		if (waits) {
			MHD_suspend_connection(c);
			log_page(p);
			return MHD_YES;
		}
	}
	enum MHD_Result result = answer(c, p);
	*own = NULL;
	if (waits)
		free(p);
	else
		log_page(p);
	return result;
}

__attribute__((noreturn)) static void serve(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	pthread_t thread;
	must(pthread_create(&thread, NULL, log_thread, NULL) == 0, "thread");
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		on_request, NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_CONNECTION_LIMIT, 1024u,
		MHD_OPTION_END);
	must(d != NULL, "the port is taken");
	for (;;)
		(void)pause();
}

int main(int argc, char **argv)
{
	must(argc >= 4 && sodium_init() >= 0, "limit FILE CASES fill | limit FILE CASES serve PORT MODE [nomap]");
	memset(key, 7, sizeof key);
	memset(markup, 'x', sizeof markup);
	memcpy(markup, "<article class=\"note\"><header>", 30);
	file = argv[1];
	if (strcmp(argv[3], "fill") == 0) {
		fill(strtoll(argv[2], NULL, 10));
		return 0;
	}
	must(argc >= 6, "PORT MODE");
	waits = strcmp(argv[5], "1") == 0;
	if (argc > 6 && strcmp(argv[6], "nomap") == 0)
		mapping = "pragma mmap_size=0";
	serve((unsigned)strtoul(argv[4], NULL, 10));
}

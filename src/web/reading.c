/* web/reading.c — the library's callbacks: a request comes in piece by piece, and its answer goes out.
 *
 * Everything here runs on the connection's own thread. */
#include "web/inside.h"
#include <string.h>

static struct watched *watched_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i == NULL ? NULL : i->socket_context;
}

void reading_connection(void *cls, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct web *w = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

		*context = i == NULL ? NULL : watch_add(&w->watch, i->connect_fd);
	} else {
		watch_remove(&w->watch, *context);
		*context = NULL;
	}
}

/* The first line has come. The address is kept as it was sent, before the library takes it apart. */
void *reading_uri(void *cls, const char *uri, struct MHD_Connection *c)
{
	struct web *w = cls;
	struct arena *a = pool_lend(&w->pool);

	if (a == NULL)
		return NULL;
	struct flight *f = ARENA_NEW(a, struct flight);
	size_t n = strlen(uri);

	if (f == NULL) {
		pool_give_back(&w->pool, a);
		return NULL;
	}
	*f = (struct flight){ .arena = a, .web = w, .connection = c, .watched = watched_of(c) };
	f->uri = arena_str(a, str_cut(str_c(uri), 0, HEAD_URI_MAX + 1));
	f->bad_uri = n == 0 || f->uri.p == NULL;
	f->body = buf_new(a, BODY_MAX);
	watch_set(&w->watch, f->watched, SECONDS_FOR_HEADER);
	atomic_fetch_add(&w->in_flight, 1);
	return f;
}

/* Addresses are read by us. */
size_t reading_unescape(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

struct headers {
	struct head_field *fields;
	size_t n;
	bool many;
};

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n, const char *value,
                                   size_t value_n)
{
	struct headers *h = cls;

	(void)kind;
	if (h->n == HEAD_FIELDS_MAX) {
		h->many = true;
		return MHD_NO;
	}
	h->fields[h->n++] = (struct head_field){ { key, key_n }, value == NULL ? STR("") : (struct str){ value, value_n } };
	return MHD_YES;
}

static enum err read_head(struct flight *f, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(f->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct headers h = { .fields = ARENA_ARRAY(f->arena, struct head_field, HEAD_FIELDS_MAX) };

	if (h.fields == NULL || f->bad_uri)
		return ERR_INVALID;
	(void)MHD_get_connection_values_n(f->connection, MHD_HEADER_KIND, take_header, &h);
	if (h.many)
		return ERR_TOO_LARGE;
	struct head_seen seen = { .method = arena_str(f->arena, str_c(method)), .uri = f->uri, .version = str_c(version),
				  .fields = h.fields, .n_fields = h.n, .size = size == NULL ? 0 : size->header_size };

	if (seen.method.p == NULL)
		return ERR_FULL;
	return head_read(&seen, &f->web->rules, &f->x.head);
}

static enum MHD_Result queue(struct flight *f, int status)
{
	enum MHD_Result ok = MHD_NO;

	if (f->response != NULL) {
		f->web->answers[(size_t)status / 100 % COUNT_OF(f->web->answers)]++;
		ok = MHD_queue_response(f->connection, (unsigned)status, f->response);
		MHD_destroy_response(f->response);
		f->response = NULL;
	}
	return ok;
}

/* A sentence at once, and the connection ends: what cannot be read may not be followed by anything. */
static enum MHD_Result refuse(struct flight *f, int status, enum err e)
{
	answer_plain(&f->x.answer, status, e);
	f->stage = STAGE_ANSWERED;
	f->response = send_make(f->web, &f->x.answer);
	if (f->response != NULL)
		(void)MHD_add_response_header(f->response, "Connection", "close");
	watch_set(&f->web->watch, f->watched, SECONDS_TO_SEND);
	return queue(f, status);
}

/* http://127.0.0.1:8080/x is sent on to http://localhost:8080/x, where browsers have their better features. */
static enum MHD_Result redirect(struct flight *f)
{
	struct answer *a = &f->x.answer;

	if (f->x.head.method != METHOD_GET)
		return refuse(f, 421, ERR_FORBIDDEN_ORIGIN);
	*a = (struct answer){ .given = true, .status = 302 };
	a->location = arena_format(f->arena, "%s%.*s", f->web->origin, STR_FMT(str_cut(f->x.head.path, 0, 200)));
	f->stage = STAGE_ANSWERED;
	f->response = send_make(f->web, a);
	return queue(f, a->status);
}

static enum MHD_Result first(struct flight *f, const char *method, const char *version)
{
	enum err e = read_head(f, method, version);
	const struct head *h = &f->x.head;

	if (e == ERR_TOO_LARGE)
		return refuse(f, f->uri.n > HEAD_URI_MAX ? 414 : 431, e);
	if (e == ERR_FORBIDDEN_ORIGIN)
		return refuse(f, 421, e);
	if (e != OK)
		return refuse(f, 400, e == ERR_FULL ? ERR_FULL : ERR_INVALID);
	if (h->redirect && !str_eq_c(h->path, "/healthz"))
		return redirect(f);
	if (h->has_length && h->length > BODY_READ_MAX)
		return refuse(f, 413, ERR_TOO_LARGE);
	f->stage = STAGE_BODY;
	if (h->has_length || h->chunked)
		watch_set(&f->web->watch, f->watched, SECONDS_FOR_BODY + (int)(h->length / (64u * 1024u)));
	return MHD_YES;
}

static enum MHD_Result take_body(struct flight *f, const char *data, size_t *data_n)
{
	f->body_seen += *data_n;
	if (f->body_seen > BODY_READ_MAX)
		return MHD_NO;
	if (f->body_seen > BODY_MAX)
		f->x.refused = ERR_TOO_LARGE;
	else
		buf_add(&f->body, data, *data_n);
	*data_n = 0;
	return MHD_YES;
}

static enum MHD_Result answer(struct flight *f)
{
	struct web *w = f->web;

	if (f->x.refused == OK && buf_is_full(&f->body))
		f->x.refused = ERR_FULL;
	watch_set(&w->watch, f->watched, 0);
	turn_run(w, f);
	f->stage = STAGE_ANSWERED;
	watch_set(&w->watch, f->watched, SECONDS_TO_SEND);
	return queue(f, f->x.answer.status);
}

enum MHD_Result reading_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_n, void **con_cls)
{
	struct web *w = cls;
	struct flight *f = *con_cls;

	(void)url;
	if (f == NULL) {
		w->answers[5]++;
		return MHD_queue_response(c, 503, w->busy);
	}
	switch (f->stage) {
	case STAGE_NEW:
		return first(f, method, version);
	case STAGE_BODY:
		return *data_n > 0 ? take_body(f, data, data_n) : answer(f);
	case STAGE_ANSWERED:
		break;
	}
	return MHD_NO;
}

void reading_done(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct web *w = cls;
	struct flight *f = *con_cls;

	(void)c;
	(void)code;
	*con_cls = NULL;
	if (f == NULL)
		return;
	watch_set(&w->watch, f->watched, SECONDS_IDLE + SECONDS_FOR_HEADER);
	if (f->response != NULL)
		MHD_destroy_response(f->response);
	pool_give_back(&w->pool, f->arena);
	atomic_fetch_sub(&w->in_flight, 1);
}

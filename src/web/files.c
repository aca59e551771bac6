/* web/files.c — the two pages that are web's own: static files and the sign of life. */
#include "web/answer.h"
#include "view/assets.h"

void page_static_file(struct request *r)
{
	const struct asset *f = asset_find(r->file);
	const struct head *h = &r->exchange->head;
	struct answer *w = r->answer;

	if (f == NULL) {
		respond_err(r, ERR_NOT_FOUND);
		return;
	}
	*w = (struct answer){ .given = true, .status = 200, .immutable = true, .etag = f->etag };
	if (h->if_none_match.p != NULL && str_eq(h->if_none_match, f->etag)) {
		w->status = 304;
		return;
	}
	/* Types come from a table of the build and end in a zero byte. */
	w->type = f->type.p;
	w->body = f->raw;
	if (h->accepts_brotli && f->brotli.p != NULL) {
		w->body = f->brotli;
		w->encoding = "br";
	} else if (h->accepts_gzip && f->gzip.p != NULL) {
		w->body = f->gzip;
		w->encoding = "gzip";
	}
}

/* Says only whether the house can answer. */
void page_healthz(struct request *r)
{
	bool alive = vault_client_alive(flow_vault(r->flow));

	*r->answer = (struct answer){ .given = true, .status = alive ? 200 : 503, .type = "text/plain; charset=utf-8",
				      .body = alive ? STR("ok\n") : STR("no\n") };
}

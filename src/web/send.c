/* web/send.c — an answer as the library's response, with the headers that every answer carries. */
#include "web/inside.h"
#include <string.h>

/* UX 0, row 4. */
#define POLICY                                                                                                 \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "           \
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "                    \
	"require-trusted-types-for 'script'; trusted-types 'none'"
#define FEATURES                                                                                               \
	"accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "    \
	"geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "                  \
	"picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), sync-xhr=(), usb=(), "  \
	"xr-spatial-tracking=()"

struct header {
	const char *name, *value;
};
static const struct header always[] = {
	{ "Content-Security-Policy", POLICY },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Permissions-Policy", FEATURES },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Embedder-Policy", "require-corp" },
	{ "X-Robots-Tag", "noindex, nofollow" },
};

static bool add(struct MHD_Response *r, const char *name, const char *value)
{
	return MHD_add_response_header(r, name, value) == MHD_YES;
}

/* Header values come from tables, hex digits and constants; a long one is a bug. */
static bool add_str(struct MHD_Response *r, const char *name, struct str value)
{
	char line[512];

	if (value.p == NULL)
		return true;
	assert_always(value.n < sizeof line);
	memcpy(line, value.p, value.n);
	line[value.n] = 0;
	bool ok = add(r, name, line);

	explicit_bzero(line, value.n);
	return ok;
}

static bool add_always(struct MHD_Response *r, const struct web *w)
{
	for (size_t i = 0; i < COUNT_OF(always); i++)
		if (!add(r, always[i].name, always[i].value))
			return false;
	return !w->options.secure || add(r, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
}

static bool add_storing(struct MHD_Response *r, const struct answer *a)
{
	if (!a->immutable)
		return add(r, "Cache-Control", "no-store");
	return add(r, "Cache-Control", "public, max-age=31536000, immutable") && add_str(r, "ETag", a->etag) &&
	       add(r, "Vary", "Accept-Encoding") && (a->encoding == NULL || add(r, "Content-Encoding", a->encoding));
}

static bool add_special(struct MHD_Response *r, const struct answer *a)
{
	for (size_t i = 0; i < a->n_cookies; i++)
		if (!add_str(r, "Set-Cookie", a->cookies[i]))
			return false;
	if (a->clear_site && !add(r, "Clear-Site-Data", "\"cache\", \"storage\""))
		return false;
	if (a->refresh && !add(r, "Refresh", "300; url=/last"))
		return false;
	if (a->allow != NULL && !add(r, "Allow", a->allow))
		return false;
	if (a->status == 503 && !add(r, "Retry-After", "5"))
		return false;
	return add_str(r, "Location", a->location);
}

struct MHD_Response *send_make(struct web *w, const struct answer *a)
{
	/* The library only reads the bytes; its interface has no const. */
	union { const char *from; void *to; } body = { .from = a->body.p };
	struct MHD_Response *r = MHD_create_response_from_buffer(a->body.p == NULL ? 0 : a->body.n, body.to,
								 MHD_RESPMEM_PERSISTENT);

	if (r == NULL)
		return NULL;
	if (add_always(r, w) && add_storing(r, a) && add_special(r, a) &&
	    (a->type == NULL || add(r, "Content-Type", a->type)))
		return r;
	MHD_destroy_response(r);
	return NULL;
}

/* web/head.c — the strict reading of a request's first line and headers. */
#include "web/head.h"
#include <string.h>
#include <strings.h>

static bool is_c(struct str s, const char *c)
{
	return s.n == strlen(c) && strncasecmp(s.p, c, s.n) == 0;
}

static bool is_token_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_header_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_letter(s.p[i]))
			return false;
	return s.n > 0;
}

/* RFC 9110 5.5 without obs-text: our clients send ASCII; a byte above would be somebody's personal data. */
static bool is_header_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

/* The bytes that went into first line and headers, when they were written plainly: one space or none after each
 * colon. Less means a bare line feed, more a hidden byte, a folded line or spaces to confuse somebody. */
static bool size_is_plain(const struct head_seen *seen)
{
	size_t least = seen->method.n + 1 + seen->uri.n + 1 + seen->version.n + 2 + 2;

	if (seen->size == 0)
		return true;
	for (size_t i = 0; i < seen->n_fields; i++)
		least += seen->fields[i].name.n + 1 + seen->fields[i].value.n + 2;
	return seen->size >= least && seen->size - least <= seen->n_fields;
}

static enum err read_uri(struct str uri, struct head *h)
{
	if (uri.n == 0 || uri.p[0] != '/')
		return ERR_INVALID;
	if (uri.n > HEAD_URI_MAX)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < uri.n; i++)
		if ((unsigned char)uri.p[i] <= 0x20 || (unsigned char)uri.p[i] >= 0x7f || uri.p[i] == '#' ||
		    uri.p[i] == '\\')
			return ERR_INVALID;
	size_t mark = str_find(uri, '?');

	h->path = str_cut(uri, 0, mark);
	h->query = mark < uri.n ? str_cut(uri, mark + 1, uri.n) : str_cut(uri, uri.n, uri.n);
	/* No address of ours has a coded letter in its path. */
	return str_find(h->path, '%') < h->path.n ? ERR_INVALID : OK;
}

static enum err read_length(struct str v, uint64_t *ret)
{
	uint64_t n = 0;

	if (v.n == 0 || v.n > 15)
		return ERR_INVALID;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return ERR_INVALID;
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	}
	*ret = n;
	return OK;
}

static enum content read_content(struct str v)
{
	struct str kind = str_trim(str_cut(v, 0, str_find(v, ';')));
	struct str rest = str_trim(str_cut(v, str_find(v, ';') + 1, v.n));

	if (rest.n > 0 && !is_c(rest, "charset=utf-8"))
		return CONTENT_OTHER;
	if (is_c(kind, "application/x-www-form-urlencoded"))
		return CONTENT_FORM;
	if (is_c(kind, "application/json"))
		return CONTENT_JSON;
	return CONTENT_OTHER;
}

/* One "name=value" after another. A name that comes twice counts as absent: somebody may have planted one. */
static struct str cookie_value(struct str cookies, const char *name)
{
	struct str found = STR_UNSET;
	size_t seen = 0;

	while (cookies.n > 0) {
		size_t end = str_find(cookies, ';');
		struct str pair = str_trim(str_cut(cookies, 0, end));
		size_t eq = str_find(pair, '=');

		if (eq < pair.n && str_eq_c(str_cut(pair, 0, eq), name)) {
			found = str_cut(pair, eq + 1, pair.n);
			seen++;
		}
		cookies = str_cut(cookies, end + 1, cookies.n);
	}
	return seen == 1 ? found : STR_UNSET;
}

/* True when `coding` is in the list without being refused by q=0. */
static bool accepts(struct str list, const char *coding)
{
	while (list.n > 0) {
		size_t end = str_find(list, ',');
		struct str one = str_trim(str_cut(list, 0, end));
		size_t semi = str_find(one, ';');
		struct str q = str_trim(str_cut(one, semi + 1, one.n));

		if (is_c(str_trim(str_cut(one, 0, semi)), coding))
			return !(str_eq_c(q, "q=0") || str_starts(q, STR("q=0.0")) || str_eq_c(q, "q=0."));
		list = str_cut(list, end + 1, list.n);
	}
	return false;
}

/* The headers that may occur once. */
enum single {
	IS_HOST, IS_LENGTH, IS_CODING, IS_TYPE, IS_COOKIE, IS_ORIGIN, IS_SITE, IS_MODE, IS_DEST, IS_KEY, IS_NONE_MATCH,
	IS_ACCEPT, SINGLE_COUNT
};
static const char *const single_names[SINGLE_COUNT] = {
	[IS_HOST] = "Host", [IS_LENGTH] = "Content-Length", [IS_CODING] = "Transfer-Encoding",
	[IS_TYPE] = "Content-Type", [IS_COOKIE] = "Cookie", [IS_ORIGIN] = "Origin", [IS_SITE] = "Sec-Fetch-Site",
	[IS_MODE] = "Sec-Fetch-Mode", [IS_DEST] = "Sec-Fetch-Dest", [IS_KEY] = "Idempotency-Key",
	[IS_NONE_MATCH] = "If-None-Match", [IS_ACCEPT] = "Accept-Encoding",
};

static enum err collect(const struct head_seen *seen, struct str singles[SINGLE_COUNT])
{
	if (seen->n_fields > HEAD_FIELDS_MAX || seen->size > HEAD_SIZE_MAX)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < seen->n_fields; i++) {
		const struct head_field *f = &seen->fields[i];

		if (!is_header_name(f->name) || !is_header_value(f->value))
			return ERR_INVALID;
		for (size_t k = 0; k < SINGLE_COUNT; k++) {
			if (!is_c(f->name, single_names[k]))
				continue;
			if (singles[k].p != NULL)
				return ERR_INVALID;
			singles[k] = f->value;
		}
	}
	return OK;
}

/* "https://" + the Host of this request, which is one of ours by then. */
static bool origin_is_ours(struct str origin, struct str host, bool secure)
{
	struct str begin = secure ? STR("https://") : STR("http://");

	return str_starts(origin, begin) && origin.n == begin.n + host.n &&
	       strncasecmp(origin.p + begin.n, host.p, host.n) == 0;
}

/* Our Referrer-Policy makes browsers send "Origin: null" with our own forms; then Sec-Fetch-Site decides. */
static enum origin read_origin(const struct str s[SINGLE_COUNT], bool secure)
{
	struct str site = s[IS_SITE], origin = s[IS_ORIGIN];
	bool same = site.p != NULL && str_eq_c(site, "same-origin");

	if (site.p != NULL && !same && !str_eq_c(site, "none"))
		return ORIGIN_FOREIGN;
	if (origin.p == NULL)
		return same ? ORIGIN_SAME : ORIGIN_ABSENT;
	if (str_eq_c(origin, "null"))
		return same ? ORIGIN_SAME : ORIGIN_FOREIGN;
	return origin_is_ours(origin, s[IS_HOST], secure) ? ORIGIN_SAME : ORIGIN_FOREIGN;
}

/* Another site's frame, image, script or fetch; a link from another site to a whole page is no part. */
static bool is_foreign_part(const struct str s[SINGLE_COUNT])
{
	struct str site = s[IS_SITE];

	if (site.p == NULL || str_eq_c(site, "same-origin") || str_eq_c(site, "none"))
		return false;
	return !(s[IS_MODE].p != NULL && str_eq_c(s[IS_MODE], "navigate") && s[IS_DEST].p != NULL &&
		 str_eq_c(s[IS_DEST], "document"));
}

static enum err read_host(struct str host, const struct head_rules *rules, struct head *h)
{
	if (host.p == NULL)
		return ERR_INVALID;
	for (size_t i = 0; rules->hosts[i] != NULL; i++)
		if (is_c(host, rules->hosts[i]))
			return OK;
	if (rules->redirect_host != NULL && is_c(host, rules->redirect_host)) {
		h->redirect = true;
		return OK;
	}
	return ERR_FORBIDDEN_ORIGIN;
}

static enum err read_body_headers(const struct str s[SINGLE_COUNT], struct head *h)
{
	enum err e;

	if (s[IS_CODING].p != NULL) {
		if (s[IS_LENGTH].p != NULL || !is_c(s[IS_CODING], "chunked"))
			return ERR_INVALID;
		h->chunked = true;
	}
	if (s[IS_LENGTH].p != NULL) {
		if ((e = read_length(s[IS_LENGTH], &h->length)) != OK)
			return e;
		h->has_length = true;
	}
	h->content = s[IS_TYPE].p == NULL ? CONTENT_NONE : read_content(s[IS_TYPE]);
	return OK;
}

static void read_cookies(struct str cookies, bool secure, struct head *h)
{
	if (cookies.p == NULL)
		return;
	h->session_cookie = cookie_value(cookies, secure ? "__Host-s" : "s");
	h->scheme_cookie = cookie_value(cookies, "c");
	if (h->scheme_cookie.p != NULL && !str_eq_c(h->scheme_cookie, "l") && !str_eq_c(h->scheme_cookie, "d"))
		h->scheme_cookie = STR_UNSET;
}

enum err head_read(const struct head_seen *seen, const struct head_rules *rules, struct head *ret)
{
	struct str s[SINGLE_COUNT] = { 0 };
	struct head h = { .method = method_parse(seen->method), .head_only = str_eq_c(seen->method, "HEAD") };
	enum err e;

	if (!str_eq_c(seen->version, "HTTP/1.1") && !str_eq_c(seen->version, "HTTP/1.0"))
		return ERR_INVALID;
	if ((e = read_uri(seen->uri, &h)) != OK || (e = collect(seen, s)) != OK)
		return e;
	if (!size_is_plain(seen))
		return ERR_INVALID;
	if ((e = read_host(s[IS_HOST], rules, &h)) != OK || (e = read_body_headers(s, &h)) != OK)
		return e;
	if (h.chunked && str_eq_c(seen->version, "HTTP/1.0"))
		return ERR_INVALID;
	read_cookies(s[IS_COOKIE], rules->secure, &h);
	h.origin = read_origin(s, rules->secure);
	h.foreign_part = is_foreign_part(s);
	h.idempotency = s[IS_KEY];
	h.if_none_match = s[IS_NONE_MATCH];
	h.accepts_gzip = s[IS_ACCEPT].p != NULL && accepts(s[IS_ACCEPT], "gzip");
	h.accepts_brotli = s[IS_ACCEPT].p != NULL && accepts(s[IS_ACCEPT], "br");
	*ret = h;
	return OK;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err session_cookie_parse(struct str value, uint8_t ret[32])
{
	if (value.p == NULL || value.n != 64)
		return ERR_INVALID;
	for (size_t i = 0; i < 64; i++)
		if (digit(value.p[i]) < 0)
			return ERR_INVALID;
	for (size_t i = 0; i < 32; i++)
		ret[i] = (uint8_t)(digit(value.p[2 * i]) * 16 + digit(value.p[2 * i + 1]));
	return OK;
}

void session_cookie_spell(const uint8_t secret[32], char out[64])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		out[2 * i] = digits[secret[i] >> 4];
		out[2 * i + 1] = digits[secret[i] & 15];
	}
}

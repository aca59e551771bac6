/* web/head.h — the strict reading of a request's first line and headers.
 *
 * Runs in: web.   Depends on: base.   Never: I/O; pure, so that the fuzzer can hold it.
 *
 * The HTTP library below is lenient where proxies and browsers disagree; here is refused what nginx would refuse
 * (two lengths, a length together with chunks, unknown transfer codings, odd spaces, control bytes, bare line
 * feeds, a foreign or a missing Host), before anything is done with the request. */
#pragma once
#include "base/base.h"
#include "web/route.h"

#define HEAD_FIELDS_MAX 64
#define HEAD_SIZE_MAX 8192
#define HEAD_URI_MAX 2048

struct head_field {
	struct str name, value;
};
/* What the library saw. Views stay valid as long as the request. */
struct head_seen {
	struct str method, uri, version; /* uri as it was sent, still coded */
	const struct head_field *fields;
	size_t n_fields;
	size_t size;                     /* bytes of first line and headers, all line ends included; 0: unknown */
};
/* What the server is set to. */
struct head_rules {
	const char *const *hosts; /* NULL-terminated; hosts[0] is the canonical one */
	const char *redirect_host;
	bool secure;
};
/* What the browser says of where the request comes from. */
enum origin { ORIGIN_ABSENT, ORIGIN_SAME, ORIGIN_FOREIGN };
enum content { CONTENT_NONE, CONTENT_FORM, CONTENT_JSON, CONTENT_OTHER };

struct head {
	enum method method;
	bool head_only;           /* HEAD: the answer goes without its body */
	struct str path, query;   /* query without '?', may be empty */
	bool redirect;            /* came to redirect_host */
	enum origin origin;
	bool foreign_part;        /* another site's page tries to use this address as a part of itself */
	enum content content;
	bool has_length;
	uint64_t length;
	bool chunked;
	struct str session_cookie; /* 64 hex digits, or unset */
	struct str scheme_cookie;  /* "l" or "d", or unset */
	struct str idempotency;    /* unset without the header */
	struct str if_none_match;
	bool accepts_gzip, accepts_brotli;
};
/* ERR_INVALID: answer 400 and close. ERR_FORBIDDEN_ORIGIN: the Host is not ours. ERR_TOO_LARGE: address or
 * headers are too long. */
MUST enum err head_read(const struct head_seen *seen, const struct head_rules *rules, struct head *ret);

/* The secret in a session cookie's value, and back. */
MUST enum err session_cookie_parse(struct str value, uint8_t ret[32]);
void session_cookie_spell(const uint8_t secret[32], char out[64]);

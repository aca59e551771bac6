/* web/csrf.c — the hidden values of forms.
 *
 * `_csrf` is a BLAKE2b of the session's secret under a name of its own: only who has the cookie can make it, it
 * tells nothing of the cookie, and a form that stood open while the program was restarted is still good. Without a
 * session there is nothing to bind it to; then Sec-Fetch-Site and Origin alone decide (DECISIONS 40). */
#include "crypto/bytes.h"
#include "web/answer.h"

static void csrf_bytes(const struct request *r, uint8_t ret[16])
{
	struct str secret = { (const char *)r->cookie.b, r->has_cookie ? sizeof r->cookie.b : 0 };

	bytes_blake16("avstamp-csrf", secret, ret);
}

static struct str hex(struct arena *a, const uint8_t b[16])
{
	struct id16 id;

	for (size_t i = 0; i < 16; i++)
		id.b[i] = b[i];
	return id_str(a, id);
}

struct str request_csrf(struct request *r)
{
	uint8_t b[16];

	csrf_bytes(r, b);
	return hex(r->arena, b);
}

bool csrf_is_good(const struct request *r, struct str token)
{
	uint8_t b[16];
	struct id16 given;

	if (token.p == NULL || id_parse(token, &given) != OK)
		return false;
	csrf_bytes(r, b);
	return bytes_equal(given.b, b, sizeof b);
}

/* As a UUID version 7 is made: 48 bits of milliseconds first, so that the answers of an hour lie side by side. */
struct str request_token(struct request *r)
{
	uint8_t b[16];
	uint64_t ms = (uint64_t)flow_now(r->flow).us / 1000;

	/* The page of a fault must be the same bytes each time (DECISIONS 37); it saves nothing of its own. */
	if (r->exchange->in_error)
		return STR_UNSET;
	bytes_random(b, sizeof b);
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> 8 * (5 - i));
	return hex(r->arena, b);
}

struct str request_same_token(struct request *r)
{
	return r->token.n > 0 ? r->token : request_token(r);
}

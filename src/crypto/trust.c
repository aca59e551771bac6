/* crypto/trust.c — who is believed: the text of keys/trust and its fingerprint. */
#include "crypto/trust.h"
#include "crypto/bytes.h"
#include <string.h>

/* ---- writing -------------------------------------------------------------------------------------------- */

static void put_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digits[17] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[p[i] >> 4]);
		buf_char(b, digits[p[i] & 15]);
	}
}

static void put_party(struct buf *b, const struct trust_party *p)
{
	buf_lit(b, "controller ");
	put_hex(b, p->controller.b, 16);
	buf_char(b, ' ');
	buf_str(b, str_c(p->name));
	for (int i = 0; i < TRUST_OFFICERS; i++) {
		buf_lit(b, "\nofficer ");
		put_hex(b, p->officer[i].b, 16);
		buf_char(b, ' ');
		put_hex(b, p->officer_key[i], 32);
	}
	for (int i = 0; i < TRUST_CUSTODIANS; i++) {
		buf_lit(b, "\ncustodian ");
		put_hex(b, p->custodian[i], 32);
	}
	buf_lit(b, "\nstanding");
	for (int i = 0; i < 4; i++) {
		buf_char(b, ' ');
		put_hex(b, p->standing[i].b, 16);
	}
	buf_char(b, '\n');
}

static bool party_is_sane(const struct trust *t, size_t at)
{
	const struct trust_party *p = &t->party[at];
	struct str name = str_c(p->name);
	for (size_t i = 0; i < at; i++)
		if (id_eq(t->party[i].controller, p->controller))
			return false;
	for (int i = 0; i < TRUST_CUSTODIANS; i++)
		for (int j = 0; j < i; j++)
			if (memcmp(p->custodian[i], p->custodian[j], 32) == 0)
				return false;
	return name.n > 0 && str_is_text(name) && str_find(name, '\n') == name.n && str_find(name, '\r') == name.n &&
	       str_find(name, '\t') == name.n && !id_eq(p->officer[0], p->officer[1]) &&
	       memcmp(p->officer_key[0], p->officer_key[1], 32) != 0;
}

static bool trust_is_sane(const struct trust *t)
{
	if (t->n == 0 || t->n > TRUST_CONTROLLERS)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (memchr(t->party[i].name, '\0', TRUST_NAME) == NULL || !party_is_sane(t, i))
			return false;
	return true;
}

struct str trust_text(struct arena *a, const struct trust *t)
{
	if (!trust_is_sane(t))
		return STR_UNSET;
	struct buf b = buf_new(a, TRUST_TEXT_MAX);
	buf_lit(&b, "avstamp trust 1\nsimulated ");
	buf_str(&b, t->simulated ? STR("yes") : STR("no"));
	buf_lit(&b, "\nlog ");
	put_hex(&b, t->log_key, 32);
	buf_char(&b, '\n');
	for (size_t i = 0; i < t->n; i++)
		put_party(&b, &t->party[i]);
	buf_lit(&b, "end\n");
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

struct reader { struct str s; bool bad; };

static bool word(struct reader *r, struct str w)
{
	if (!str_starts(r->s, w))
		return false;
	r->s = str_cut(r->s, w.n, r->s.n);
	return true;
}

static void must(struct reader *r, struct str w)
{
	if (!word(r, w))
		r->bad = true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void hex(struct reader *r, uint8_t *out, size_t n)
{
	if (r->s.n < n * 2) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(r->s.p[i * 2]), lo = hex_digit(r->s.p[i * 2 + 1]);
		if (hi < 0 || lo < 0) {
			r->bad = true;
			return;
		}
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	r->s = str_cut(r->s, n * 2, r->s.n);
}

static void read_party(struct reader *r, struct trust_party *p)
{
	hex(r, p->controller.b, 16);
	must(r, STR(" "));
	size_t n = str_find(r->s, '\n');
	if (n == 0 || n >= TRUST_NAME || n == r->s.n || memchr(r->s.p, '\0', n) != NULL) {
		r->bad = true;
		return;
	}
	memcpy(p->name, r->s.p, n);
	r->s = str_cut(r->s, n, r->s.n);
	for (int i = 0; i < TRUST_OFFICERS; i++) {
		must(r, STR("\nofficer "));
		hex(r, p->officer[i].b, 16);
		must(r, STR(" "));
		hex(r, p->officer_key[i], 32);
	}
	for (int i = 0; i < TRUST_CUSTODIANS; i++) {
		must(r, STR("\ncustodian "));
		hex(r, p->custodian[i], 32);
	}
	must(r, STR("\nstanding"));
	for (int i = 0; i < 4; i++) {
		must(r, STR(" "));
		hex(r, p->standing[i].b, 16);
	}
	must(r, STR("\n"));
}

enum err trust_parse(struct str text, struct trust *ret)
{
	struct reader r = { text, false };
	memset(ret, 0, sizeof(*ret));
	must(&r, STR("avstamp trust 1\nsimulated "));
	ret->simulated = word(&r, STR("yes"));
	if (!ret->simulated)
		must(&r, STR("no"));
	must(&r, STR("\nlog "));
	hex(&r, ret->log_key, 32);
	must(&r, STR("\n"));
	while (!r.bad && ret->n < TRUST_CONTROLLERS && word(&r, STR("controller ")))
		read_party(&r, &ret->party[ret->n++]);
	must(&r, STR("end\n"));
	bool good = !r.bad && r.s.n == 0 && trust_is_sane(ret);
	if (!good)
		memset(ret, 0, sizeof(*ret));
	return good ? OK : ERR_INVALID;
}

const struct trust_party *trust_find(const struct trust *t, struct id16 controller)
{
	for (size_t i = 0; i < t->n; i++)
		if (id_eq(t->party[i].controller, controller))
			return &t->party[i];
	return NULL;
}

/* ---- fingerprint ---------------------------------------------------------------------------------------- */

void trust_fingerprint(struct str text, uint8_t ret[32])
{
	bytes_sha256(text, ret);
}

void trust_fingerprint_text(const uint8_t fingerprint[32], char ret[TRUST_FINGERPRINT_TEXT])
{
	struct buf b = buf_over(ret, TRUST_FINGERPRINT_TEXT);
	for (size_t i = 0; i < 32; i += 2) {
		if (i > 0)
			buf_char(&b, ' ');
		put_hex(&b, fingerprint + i, 2);
	}
	assert_always(b.n == TRUST_FINGERPRINT_TEXT && !buf_is_full(&b));
}

enum err trust_fingerprint_parse(struct str s, uint8_t ret[32])
{
	char digits[64];
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == ' ' || c == '-' || c == ':' || c == '\n')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (hex_digit(c) < 0 || n == sizeof(digits))
			return ERR_INVALID;
		digits[n++] = c;
	}
	if (n != sizeof(digits))
		return ERR_INVALID;
	struct reader r = { { digits, sizeof(digits) }, false };
	hex(&r, ret, 32);
	return OK;
}

/* main/upkeep.c — both ends of the operator's acts. */
#include "main/upkeep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_HEX_MAX (200u << 10)

static const char hex_digits[] = "0123456789abcdef";

static struct str to_hex(struct arena *a, struct str bytes)
{
	struct buf b = buf_new(a, bytes.n * 2 + 1);
	for (size_t i = 0; i < bytes.n; i++) {
		buf_char(&b, hex_digits[(uint8_t)bytes.p[i] >> 4]);
		buf_char(&b, hex_digits[(uint8_t)bytes.p[i] & 15]);
	}
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

static bool from_hex(struct arena *a, struct str hex, struct str *ret)
{
	char *p = arena_take(a, hex.n / 2 + 1);
	if (!p || hex.n % 2 != 0 || hex.n == 0)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		const char *at = hex.p[i] ? strchr(hex_digits, hex.p[i]) : NULL;
		if (!at)
			return false;
		int digit = (int)(at - hex_digits);
		p[i / 2] = (char)(i % 2 == 0 ? digit << 4 : (uint8_t)p[i / 2] | digit);
	}
	*ret = (struct str){ p, hex.n / 2 };
	return true;
}

static struct str no(struct arena *a, enum err e)
{
	return arena_format(a, "no %s\n", err_text(e));
}

static struct str checkpoint(struct vault_client *v, struct arena *a)
{
	struct vault_checkpoint ask = { 0 };
	struct vault_checkpoint_reply r;
	enum err e = vault_checkpoint(v, a, &ask, &r);
	if (e != OK)
		return no(a, e);
	return arena_format(a, "ok\n%llu\n%.*s", (unsigned long long)r.size, STR_FMT(r.text));
}

static struct str keys_copy(struct vault_client *v, struct arena *a)
{
	struct vault_keys_copy ask = { .why = { .purpose = PURPOSE_UPKEEP, .act = STR("backup_keys"), .reason = STR("") } };
	struct vault_keys_copy_reply r;
	enum err e = vault_keys_copy(v, a, &ask, &r);
	if (e != OK)
		return no(a, e);
	return arena_format(a, "ok\n%.*s\n", STR_FMT(to_hex(a, r.copy)));
}

#ifdef AVSTAMP_TEST
/* A test puts the clock forward, and lets it go again, which sets it back; only builds for tests can. The value stands after
 * the act: `clock 2026-...` or `clock real`. */
static struct str put_clock(struct vault_client *v, struct arena *a, struct str at)
{
	struct vault_clock ask;
	struct vault_status_reply r;
	ask.now = INSTANT_UNSET;
	enum err e = str_eq_c(at, "real") ? OK : instant_parse_iso(at, &ask.now);
	if (e == OK)
		e = vault_clock(v, a, &ask, &r);
	return e == OK ? STR("ok\nstatus\nok\n") : no(a, e);
}
#endif

bool upkeep_run(struct vault_client *v, struct arena *a, struct str act, struct str *ret)
{
	if (str_eq_c(act, "checkpoint"))
		*ret = checkpoint(v, a);
	else if (str_eq_c(act, "keys_copy"))
		*ret = keys_copy(v, a);
#ifdef AVSTAMP_TEST
	else if (str_starts(act, STR("clock ")))
		*ret = put_clock(v, a, str_cut(act, 6, act.n));
#endif
	else
		return false;
	return true;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static bool ask(struct house *h, const char *act, struct str *ret)
{
	struct admin_request r = { .n = 0 };
	struct str answer = STR_UNSET;
	admin_set(&r, "act", str_c(act));
	if (h->vault) {
		(void)upkeep_run(h->vault, h->arena, str_c(act), &answer);
	} else {
		enum err e = admin_ask(h->arena, h->directory.c, admin_encode(h->arena, &r), &answer);
		if (e != OK) {
			warn_with("Tjänsten svarar inte på %s/run/admin.sock, %s.", h->directory.c, why_failed(e));
			return false;
		}
	}
	size_t n = str_find(answer, '\n');
	struct str first = str_cut(answer, 0, n);
	if (!str_eq_c(first, "ok")) {
		warn_with("Valvet säger nej: %.*s", STR_FMT(first.n > 3 ? str_cut(first, 3, first.n) : STR("inget svar.")));
		return false;
	}
	*ret = str_cut(answer, n + 1, answer.n);
	return true;
}

bool upkeep_checkpoint(struct house *h, uint64_t *ret_size, struct str *ret_note)
{
	struct str answer;
	if (!ask(h, "checkpoint", &answer))
		return false;
	size_t n = str_find(answer, '\n');
	const char *number = arena_c(h->arena, str_cut(answer, 0, n));
	if (!number)
		return false;
	*ret_size = strtoull(number, NULL, 10);
	*ret_note = str_cut(answer, n + 1, answer.n);
	return true;
}

bool upkeep_keys_copy(struct house *h, struct str *ret_copy)
{
	struct str answer;
	if (!ask(h, "keys_copy", &answer))
		return false;
	if (from_hex(h->arena, str_trim(answer), ret_copy))
		return true;
	warn_with("Nyckelkopian kom inte fram hel. Försök igen.");
	return false;
}

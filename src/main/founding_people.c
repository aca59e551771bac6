/* main/founding_people.c — the first people's keys, and certificates under both officers' signatures. */
#include "main/founding.h"
#include "crypto/certificate.h"
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEP_SECONDS 30
#define STEP_MARGIN 6 /* seconds that a login may take */

struct first_person *founding_officer(struct first_controller *c, int which)
{
	struct first_person *found = NULL;
	for (size_t i = 0; i < c->n_people && !found; i++)
		if ((c->people[i].roles & ROLE_BIT(OFFICER)) && which-- == 0)
			found = &c->people[i];
	assert_always(found != NULL);
	return found;
}

/* Unsigned: the keys and roles that the officers will sign. */
static struct str draft(struct arena *a, const struct first_controller *c, const struct first_person *p,
                        const struct vault_enrol_reply *r, struct instant from)
{
	struct certificate cert = { .user = p->user, .serial = 1, .roles = p->roles, .not_before = from,
	                            .not_after = INSTANT_UNSET };
	struct first_controller own = *c;
	uint8_t bytes[CERTIFICATE_BYTES];
	memcpy(cert.box_public, r->box_public, sizeof cert.box_public);
	memcpy(cert.sign_public, r->sign_public, sizeof cert.sign_public);
	cert.officer[0] = founding_officer(&own, 0)->user;
	cert.officer[1] = founding_officer(&own, 1)->user;
	certificate_bytes(&cert, bytes);
	return arena_str(a, (struct str){ (const char *)bytes, sizeof bytes });
}

static bool enrol(struct house *h, const struct founding *f, const struct first_controller *c, struct first_person *p,
                  struct instant from)
{
	struct vault_enrol ask = { .invitation = STR_UNSET, .code = STR_UNSET, .passphrase = p->passphrase, .user = p->user,
	                           .with_totp = p->with_code, .demo_strength = f->simulated };
	struct vault_enrol_reply reply;
	enum err e = vault_enrol(h->vault, h->arena, &ask, &reply);
	if (e == ERR_INVALID) {
		warn_with("Lösenfrasen för %.*s går inte att använda. Den ska ha 15 till 128 tecken.", STR_FMT(p->login));
		return false;
	}
	if (!founding_said(e, "Ett konto gick inte att skapa"))
		return false;
	p->secrets = reply.secrets;
	p->secret = p->with_code ? reply.totp_secret : STR_UNSET;
	memcpy(p->sign_public, reply.sign_public, sizeof p->sign_public);
	p->certificate = draft(h->arena, c, p, &reply, from);
	return p->certificate.p || founding_said(ERR_FULL, "Minnet räcker inte");
}

bool founding_people(struct house *h, struct founding *f)
{
	struct instant from = f->simulated && instant_is_set(f->begin) ? f->begin : h->hello.now;
	uint64_t done = 0, of = 0;
	for (size_t i = 0; i < f->n; i++)
		of += f->controllers[i].n_people;
	for (size_t i = 0; i < f->n; i++) {
		struct first_controller *c = &f->controllers[i];
		for (size_t k = 0; k < c->n_people; k++)
			if (!enrol(h, f, c, &c->people[k], from))
				return false;
			else
				progress_show("Skapar konton", ++done, of);
	}
	progress_end();
	return true;
}

/* ---- logging in, with a code when the person has one ----------------------------------------------------- */

/* The code of a step: the one before now for a first login, now for a second, so that both are fresh. */
static bool code_of(struct arena *a, struct str secret, int later, struct str *ret)
{
	char *key = NULL;
	size_t key_n = 0;
	char digits[8] = "";
	time_t now = time(NULL);
	if (now % STEP_SECONDS > STEP_SECONDS - STEP_MARGIN) {
		sleep_ms((int)(STEP_SECONDS - now % STEP_SECONDS) * 1000);
		now = time(NULL);
	}
	now += (time_t)(later - 1) * STEP_SECONDS;
	int good = oath_base32_decode(secret.p, secret.n, &key, &key_n);
	if (good == OATH_OK)
		good = oath_totp_generate(key, key_n, now, STEP_SECONDS, 0, 6, digits);
	if (key) {
		wipe(key, key_n);
		free(key);
	}
	*ret = arena_str(a, str_c(digits));
	return good == OATH_OK && ret->p;
}

bool founding_login(struct house *h, const struct first_controller *c, const struct first_person *p, int later,
                    struct vault_login_reply *ret)
{
	(void)c;
	struct vault_login ask = { .secrets = p->secrets, .certificate = p->certificate, .passphrase = p->passphrase,
	                           .totp = STR("") };
	struct vault_login_name name = { .name = p->login };
	struct vault_login_name_reply hashed;
	if (p->with_code && !code_of(h->arena, p->secret, later, &ask.totp))
		return founding_said(ERR_SYSTEM, "En engångskod gick inte att räkna ut");
	if (!founding_said(vault_login_name(h->vault, h->arena, &name, &hashed), "Inloggningsnamnet gick inte att läsa"))
		return false;
	memcpy(ask.login, hashed.hmac, sizeof ask.login);
	return founding_said(vault_login(h->vault, h->arena, &ask, ret), "En behörighetsansvarig kunde inte loggas in");
}

/* ---- certificates ---------------------------------------------------------------------------------------- */

static bool sign_all(struct house *h, struct first_controller *c, const struct cookie_secret *cookie)
{
	for (size_t k = 0; k < c->n_people; k++) {
		struct first_person *p = &c->people[k];
		struct vault_certify ask = {
			.why = { .cookie = *cookie, .purpose = PURPOSE_ACCOUNTS, .act = STR("init"), .asked = p->user,
			         .reason = STR("") },
			.certificate = p->certificate };
		struct vault_certify_reply reply;
		if (!founding_said(vault_certify(h->vault, h->arena, &ask, &reply), "Ett konto gick inte att intyga"))
			return false;
		p->certificate = reply.certificate;
	}
	return true;
}

static bool show_all(struct house *h, const struct founding *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += f->controllers[i].n_people;
	struct str *all = ARENA_ARRAY(h->arena, struct str, n);
	if (!all)
		return founding_said(ERR_FULL, "Minnet räcker inte");
	n = 0;
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->controllers[i].n_people; k++)
			all[n++] = f->controllers[i].people[k].certificate;
	struct vault_certificates ask = { .certificates = all, .n = n };
	struct vault_status_reply reply;
	return founding_said(vault_certificates(h->vault, h->arena, &ask, &reply), "Intygen gick inte att läsa");
}

bool founding_certify(struct house *h, struct founding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		for (int which = 0; which < 2; which++) {
			struct first_controller *c = &f->controllers[i];
			struct vault_login_reply in;
			if (!founding_login(h, c, founding_officer(c, which), 0, &in) || !sign_all(h, c, &in.cookie))
				return false;
			struct vault_logout ask = { .cookie = in.cookie };
			struct vault_status_reply out;
			if (!founding_said(vault_logout(h->vault, h->arena, &ask, &out), "Utloggningen misslyckades"))
				return false;
		}
	}
	return show_all(h, f);
}

/* vault/certificates.c — a table of certificates, each verified when it is first used. */
#include "vault/certificates.h"
#include <string.h>
#include <sys/mman.h>

#define PLACES 16384u
#define MOST 12288u

struct place {
	bool used, verified;
	struct id16 user, controller;
	struct certificate certificate;
};
struct certificates {
	const struct trust *trust;
	size_t n;
	struct place places[PLACES];
};

enum err certificates_new(const struct trust *trust, struct certificates **ret)
{
	struct certificates *c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED) return ERR_SYSTEM;
	c->trust = trust;
	*ret = c;
	return OK;
}

void certificates_free(struct certificates *c)
{
	if (c != NULL) (void)munmap(c, sizeof *c);
}

/* User ids are random, so their first bytes spread well. */
static struct place *place_of(struct certificates *c, struct id16 user)
{
	size_t i = (((size_t)user.b[0] << 8) | user.b[1]) % PLACES;
	while (c->places[i].used && !id_eq(c->places[i].user, user)) i = (i + 1) % PLACES;
	return &c->places[i];
}

enum err certificate_controller(const struct trust *trust, const struct certificate *c, struct id16 *ret)
{
	for (size_t i = 0; i < trust->n; i++) {
		if (certificate_signatures(c, &trust->party[i]) != TRUST_OFFICERS) continue;
		*ret = trust->party[i].controller;
		return OK;
	}
	return ERR_DENIED;
}

static bool verify(struct certificates *c, struct place *p)
{
	if (!p->verified) p->verified = certificate_controller(c->trust, &p->certificate, &p->controller) == OK;
	return p->verified;
}

enum err certificates_load(struct certificates *c, struct str bytes)
{
	struct place fresh = { .used = true };
	enum err e = certificate_parse(bytes, &fresh.certificate);
	if (e != OK) return e;
	fresh.user = fresh.certificate.user;
	struct place *p = place_of(c, fresh.user);
	if (!p->used && c->n >= MOST) return ERR_FULL;
	/* What proves something gives way only to a later one that proves it too; what does not, to anything. */
	if (p->used && verify(c, p) && (fresh.certificate.serial < p->certificate.serial || !verify(c, &fresh))) return OK;
	if (!p->used) c->n++;
	*p = fresh;
	return OK;
}

enum err certificates_find(struct certificates *c, struct id16 user, struct certificate *ret,
                           struct id16 *ret_controller)
{
	struct place *p = place_of(c, user);
	if (!p->used || !verify(c, p)) return ERR_DENIED;
	*ret = p->certificate;
	*ret_controller = p->controller;
	return OK;
}

const struct trust_party *officer_party(const struct trust *trust, struct id16 user, const uint8_t sign_public[32])
{
	for (size_t i = 0; i < trust->n; i++)
		for (size_t k = 0; k < TRUST_OFFICERS; k++)
			if (id_eq(trust->party[i].officer[k], user) &&
			    bytes_equal(trust->party[i].officer_key[k], sign_public, 32))
				return &trust->party[i];
	return NULL;
}

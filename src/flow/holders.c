/* flow/holders.c — who counts as a holder of a case, and what nobody but one person holds. */
#include "flow/holders.h"
#include "crypto/certificate.h"

bool keeps_cases(struct str certificate, enum controller_kind kind)
{
	struct certificate c;
	uint32_t may = 0;
	if (!certificate.p || certificate_parse(certificate, &c) != OK)
		return false;
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		if (c.roles & (UINT64_C(1) << r))
			may |= role_compartments((enum role)r, kind);
	return (may & ~IN(HEAD)) != 0;
}

enum err alone_in(struct db *db, struct arena *a, struct id16 user, struct str certificate, enum controller_kind kind,
                  int64_t month, size_t *ret)
{
	struct q_holders_beside_row *rows = NULL;
	size_t n = 0;
	enum err e = q_holders_beside(db, a, user, month, &rows, &n);
	/* Whoever has head alone takes no more than that along; a standing dossier has nothing but head. */
	bool keeper = keeps_cases(certificate, kind);
	*ret = 0;
	for (size_t i = 0, next; e == OK && i < n; i = next) {
		bool other = false;
		for (next = i; next < n && id_eq(rows[next].case_id, rows[i].case_id); next++)
			other = other || (rows[i].standing || !keeper ? rows[next].certificate.p != NULL
			                                              : keeps_cases(rows[next].certificate, kind));
		*ret += !other;
	}
	return e;
}

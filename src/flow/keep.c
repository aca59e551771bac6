/* flow/keep.c — stores the accepted form of a grant after its first opening, and after one that took up renewals. */
#include "flow/rows.h"

void keep_accepted(struct flow *f, struct arena *a, const struct vault_why *why, const struct row_grants *grant,
                   struct str accepted)
{
	struct write_plan p;
	struct row_grants row = *grant;
	row.accepted = accepted;
	row.renewals = STR_UNSET;
	row.version++;
	plan_begin(&p, f, a, why, NULL);
	if (accept_grant(&p, &row) != OK)
		return;
	/* Another opening may have been first; then that one's form stands. */
	enum err e = plan_run(&p);
	(void)e;
}

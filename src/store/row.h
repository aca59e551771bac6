/* store/row.h — what every row has in common: its values, and its name in the access log.
 *
 * Runs in: web, verbs.   Depends on: base, tables/rows.def.   Never: opens what is sealed.
 *
 * Name and tag are those of crypto/row_digest.h. The generated store/rows.h has the functions, one set a table. */
#pragma once
#include "base/base.h"
#include "base/row_ref.h"
#include "tables/tables.h"

/* A number that may be NULL. */
struct i64_maybe {
	bool set;
	int64_t v;
};

/* Who asks: the user first, then the standing dossiers it holds; zero ids for those it does not. */
struct asker {
	struct id16 id[5];
};

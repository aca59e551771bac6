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

/* Where an event's row lies in its table: 39 bits of the case's id, 5 of the compartment, 20 of the number. A tree keyed by a
 * number holds hundreds of keys in a page of its inside, so the way to a row is three pages and stays three. A number that no
 * event can have counts as the nearest one; an event's own is below EVENT_SEQ_MAX. An epoch of a stream's keys lies under the
 * epoch's number in the same way, and a stream's snapshot under number 0, the stream's own place. */
enum { EVENT_SEQ_MAX = (1 << 20) - 1, EVENT_COMPARTMENTS = 32 };
int64_t event_place(struct id16 case_id, int64_t compartment, int64_t seq);
/* The case's own place, before the first of its events; and that of its last possible one. */
static inline int64_t case_place(struct id16 case_id)
{
	return event_place(case_id, 0, 0);
}
static inline int64_t case_place_last(struct id16 case_id)
{
	return event_place(case_id, EVENT_COMPARTMENTS - 1, EVENT_SEQ_MAX);
}

/* Who asks: the user first, then the standing dossiers it holds; zero ids for those it does not. */
struct asker {
	struct id16 id[5];
};

/* flow/deposit.c — the newest key of a stream, for writing to it without reading. */
#include "flow/internal.h"
#include <string.h>

enum err stream_to(struct flow *f, struct arena *a, struct id16 case_id, unsigned compartment, struct stream_to *ret)
{
	struct q_stream_newest_row *row = NULL;
	struct db *db = store_reader(f->store);
	enum err e = q_stream_newest(db, a, case_id, event_place(case_id, compartment, 0), &row, &(size_t){ 0 });
	store_reader_done(f->store, db);
	if (e != OK)
		return e;
	if (!row)
		return ERR_NOT_FOUND;
	if (row->deposit_key.n != sizeof ret->key.key || row->proof.n != sizeof ret->key.proof)
		return ERR_CORRUPT;
	ret->controller = row->controller;
	ret->older = row->older;
	ret->key.epoch = (uint32_t)row->epoch;
	memcpy(ret->key.key, row->deposit_key.p, sizeof ret->key.key);
	memcpy(ret->key.proof, row->proof.p, sizeof ret->key.proof);
	return OK;
}

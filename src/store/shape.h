/* store/shape.h — where each value of a row stands in its struct, and the one code for all tables.
 *
 * Runs in: web, verbs.   Depends on: store/row.h.   Never: is included outside the room store. */
#pragma once
#include "store/row.h"

enum cell_kind { CELL_ID, CELL_I64, CELL_BLOB };
struct cell_shape {
	enum cell_kind kind;
	bool nullable;
	size_t offset;
};
struct table_shape {
	uint16_t table;
	const char *name;
	const struct cell_shape *cells;
	size_t n, n_key;  /* the key's columns stand first */
	int version;      /* index of the version column, -1 for none (version 1) */
	bool late;
	size_t size;      /* of the struct */
	int scan;         /* statement that reads the whole table in schema order */
};
extern const struct table_shape *const store_tables[];
extern const size_t store_n_tables;

struct id16 row_name_of(const struct table_shape *t, const void *row);
struct str row_clear_of(struct arena *a, const struct table_shape *t, const void *row);
MUST enum err row_ref_of(struct arena *a, const struct table_shape *t, const void *row, struct row_ref *ret);
void row_gone_of(const struct table_shape *t, const void *row, struct row_ref *ret);

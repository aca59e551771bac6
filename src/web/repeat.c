/* web/repeat.c — which form fields may stand several times: choices with several answers. */
#include "tables/tables.h"
#include "web/answer.h"

bool field_may_repeat(struct str name)
{
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const struct field_row *f = record_field(&record_rows[i], name);

		if (f != NULL && f->type == FIELD_CHOICES)
			return true;
	}
	return false;
}

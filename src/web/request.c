/* web/request.c — what a page reads of its request. */
#include "web/answer.h"

struct str request_field(const struct request *r, const char *name)
{
	return form_field(r->fields, r->n_fields, name, 0);
}

struct str request_field_n(const struct request *r, const char *name, size_t n)
{
	return form_field(r->fields, r->n_fields, name, n);
}

const struct field_value *request_values(struct request *r, size_t *ret_n)
{
	struct field_value *v = ARENA_ARRAY(r->arena, struct field_value, r->n_fields);

	*ret_n = 0;
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < r->n_fields; i++) {
		v[i].field = arena_c(r->arena, r->fields[i].name);
		v[i].text = r->fields[i].value;
		if (v[i].field == NULL)
			return NULL;
	}
	*ret_n = r->n_fields;
	return v;
}

bool request_known(const struct request *r)
{
	return !id_is_zero(r->session.who.user);
}

bool request_is_secure(const struct request *r)
{
	return r->exchange->secure;
}

uint16_t request_purpose(const struct request *r)
{
	return (uint16_t)route_rows[r->route].purpose;
}

struct str request_act(const struct request *r)
{
	return str_c(route_rows[r->route].name);
}

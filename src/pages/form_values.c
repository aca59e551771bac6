/* pages/form_values.c — turns the parts of a date or a moment, as typed, into the one text the core reads. */
#include "pages/forms.h"

static struct str part(const struct request *r, const char *name, const char *suffix)
{
	char full[64];
	struct buf b = buf_over(full, sizeof full);
	buf_str(&b, str_c(name));
	buf_str(&b, str_c(suffix));
	buf_char(&b, 0);
	struct str s = buf_is_full(&b) ? STR_UNSET : request_field(r, full);
	return s.p ? str_trim(s) : STR("");
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* "25 11 2026" as typed in three fields; unreadable parts go through as they are and are refused with a sentence. */
static struct str day_of_parts(struct request *r, const char *name)
{
	struct str d = part(r, name, "-dag"), m = part(r, name, "-man"), y = part(r, name, "-ar");
	if (d.n + m.n + y.n == 0)
		return STR("");
	if (is_number(d) && is_number(m) && d.n <= 2 && m.n <= 2 && is_number(y) && y.n == 4)
		return arena_format(r->arena, "%.*s-%s%.*s-%s%.*s", STR_FMT(y), m.n == 1 ? "0" : "", STR_FMT(m),
		                    d.n == 1 ? "0" : "", STR_FMT(d));
	if (is_number(d) && is_number(m) && y.n == 0)
		return arena_format(r->arena, "%.*s/%.*s", STR_FMT(d), STR_FMT(m));
	return str_trim(arena_format(r->arena, "%.*s %.*s %.*s", STR_FMT(d), STR_FMT(m), STR_FMT(y)));
}

static struct str moment_of_parts(struct request *r, const char *name, struct instant now)
{
	struct str quick = part(r, name, "-val"), date = part(r, name, "-datum"), clock = part(r, name, "-klocka");
	struct day today = instant_day(now);
	if (date.n == 0 && (str_eq_c(quick, "i-dag") || (quick.n == 0 && clock.n > 0)))
		date = day_iso(r->arena, today);
	else if (str_eq_c(quick, "i-morgon"))
		date = day_iso(r->arena, day_add(today, 1));
	else if (str_eq_c(quick, "om-en-vecka"))
		date = day_iso(r->arena, day_add(today, 7));
	if (date.n == 0)
		return STR("");
	return clock.n ? arena_format(r->arena, "%.*s %.*s", STR_FMT(date), STR_FMT(clock)) : date;
}

static struct str person_of_parts(struct request *r, const char *name)
{
	struct str chosen = typed(r, name), free_text = part(r, name, "-fri");
	return free_text.n ? free_text : chosen;
}

const struct field_value *form_values(struct request *r, enum command_id c, struct instant now, size_t *ret_n)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n = command_fields(c, fields), k = 0;
	struct field_value *v = ARENA_ARRAY(r->arena, struct field_value, n + r->n_fields + 1);
	*ret_n = 0;
	if (!v)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const char *name = fields[i].name;
		struct str one = typed(r, name);
		if (fields[i].type == FIELD_CHOICES) {
			for (size_t j = 0; request_field_n(r, name, j).p; j++)
				v[k++] = (struct field_value){ name, request_field_n(r, name, j) };
			continue;
		}
		if (fields[i].type == FIELD_DAY && one.n == 0)
			one = day_of_parts(r, name);
		else if (fields[i].type == FIELD_MOMENT && one.n == 0)
			one = moment_of_parts(r, name, now);
		else if (fields[i].type == FIELD_PERSON)
			one = person_of_parts(r, name);
		v[k++] = (struct field_value){ name, one };
	}
	*ret_n = k;
	return v;
}

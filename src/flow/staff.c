/* flow/staff.c — the staff that a decision needs to know: whom the form picked, and the next in line of each role.
 *
 * A whole directory is opened for a list to pick from (flow_staff). A decision needs a handful of names however many
 * work there, so only those rows are opened. */
#include "flow/act.h"
#include "flow/rows.h"
#include "flow/lines.h"
#include "crypto/certificate.h"
#include "tables/tables.h"

/* A ladder passes over one person at most (core/ladder.c), so the second of a role always stands in for the first;
 * one more for a row that cannot be opened. */
#define IN_LINE 3
#define PICKED_MAX 8
#define NEAR_MAX (IN_LINE * ROLE_COUNT + PICKED_MAX)

struct picked { struct id16 id[PICKED_MAX]; size_t n; };
struct near {
	struct row_directory *rows[NEAR_MAX];
	uint64_t roles[NEAR_MAX];
	size_t n;
};

/* False when somebody is named in words: then any of the staff may be meant. */
static bool read_picked(enum command_id c, const struct field_value *v, size_t n, struct picked *ret)
{
	struct form_field fields[FORM_FIELDS_MAX];
	size_t n_fields = command_fields(c, fields);
	ret->n = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_fields; k++) {
			struct str text = str_trim(v[i].text);
			if (fields[k].type != FIELD_PERSON || text.n == 0 || !str_eq_c(str_c(fields[k].name), v[i].field))
				continue;
			if (ret->n == PICKED_MAX || id_parse(text, &ret->id[ret->n]) != OK)
				return false;
			ret->n++;
		}
	return true;
}

static bool is_picked(const struct picked *p, struct id16 user)
{
	for (size_t i = 0; i < p->n; i++)
		if (id_eq(p->id[i], user))
			return true;
	return false;
}

/* Is this one among the first of a role that the core looks for? Counts it if so. */
static bool in_line(size_t seen[ROLE_COUNT], uint64_t roles)
{
	bool wanted = false;
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		if ((roles & (UINT64_C(1) << r)) && seen[r]++ < IN_LINE)
			wanted = true;
	return wanted;
}

static enum err choose(struct db *db, struct arena *a, const struct controller_info *own, const struct picked *picked,
                       struct near *ret)
{
	struct q_users_of_row *users = NULL;
	size_t n = 0, seen[ROLE_COUNT] = { 0 };
	enum err e = q_users_of(db, a, own->id, &users, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct certificate cert;
		if (users[i].disabled || !certificate_whole(users[i].certificate) ||
		    certificate_parse(users[i].certificate, &cert) != OK)
			continue;
		bool wanted = in_line(seen, cert.roles);
		if ((!wanted && !is_picked(picked, users[i].user_id)) || ret->n == NEAR_MAX)
			continue;
		struct row_directory *row = NULL;
		e = q_directory_row(db, a, own->directory, users[i].user_id, &row, &(size_t){ 0 });
		if (e != OK || !row)
			continue;
		ret->rows[ret->n] = row;
		ret->roles[ret->n++] = cert.roles;
	}
	return e;
}

static enum err open_near(struct flow *f, struct arena *a, const struct cookie_secret *c,
                          const struct controller_info *own, const struct near *near, struct staff **ret, size_t *ret_n)
{
	struct open_item *items = ARENA_ARRAY(a, struct open_item, near->n + 1);
	struct staff *out = ARENA_ARRAY(a, struct staff, near->n + 1);
	if (!items || !out)
		return ERR_FULL;
	for (size_t i = 0; i < near->n; i++)
		items[i] = (struct open_item){ .at = directory_at(own->id, near->rows[i]), .envelope = near->rows[i]->envelope };
	struct open_group group = { .grant = STR_UNSET, .items = items, .n_items = near->n };
	struct vault_open ask = {
		.why = { .cookie = *c, .purpose = PURPOSE_ACCOUNTS, .act = STR("staff"), .asked = own->directory, .reason = STR("") },
		.groups = &group, .n_groups = 1 };
	struct vault_open_reply reply = { .status = OK };
	enum err e = vault_open(f->vault, a, &ask, &reply);
	size_t kept = 0;
	for (size_t i = 0; e == OK && reply.n_groups > 0 && i < reply.groups[0].n_items && i < near->n; i++) {
		const struct opened_item *o = &reply.groups[0].items[i];
		struct str name = o->status == OK && o->plain.p ? line_get(o->plain, STR("name")) : STR_UNSET;
		if (name.p)
			out[kept++] = (struct staff){ .user = near->rows[i]->user_id, .name = name,
			                              .title = line_get(o->plain, STR("title")), .roles = near->roles[i] };
	}
	*ret = out;
	*ret_n = kept;
	return e;
}

enum err staff_for(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 controller,
                   enum command_id command, const struct field_value *v, size_t n, struct staff **ret, size_t *ret_n)
{
	struct picked picked;
	struct near near = { .n = 0 };
	struct session s;
	const struct controller_info *own = flow_controller(f, controller);
	if (!own)
		return ERR_DENIED;
	if (!read_picked(command, v, n, &picked))
		return flow_staff(f, a, c, &s, ret, ret_n);
	struct db *db = store_reader(f->store);
	enum err e = choose(db, a, own, &picked, &near);
	store_reader_done(f->store, db);
	return e != OK ? e : open_near(f, a, c, own, &near, ret, ret_n);
}

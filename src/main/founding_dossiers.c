/* main/founding_dossiers.c — the four standing dossiers of each authority, the first rows, the names, the canary. */
#include "flow/lines.h"
#include "main/batch.h"
#include "main/founding.h"
#include <string.h>

enum { DIRECTORY, DESK, INDEX, REVIEW, STANDING };
#define GRANTS_MAX 64
#define FIRST_EPOCH 1

/* ---- who holds what -------------------------------------------------------------------------------------- */

static bool needs(const struct first_person *p, int dossier)
{
	switch (dossier) {
	case DIRECTORY: return true;
	case DESK: return (p->roles & CASE_ROLES) != 0;
	case INDEX: return (p->roles & TEAM) != 0;
	default: return (p->roles & ROLE_BIT(REVIEWER)) != 0;
	}
}

/* A dossier that too few of the first people need is held by the officers too, until a colleague has it. */
static bool holds(const struct first_controller *c, const struct first_person *p, int dossier)
{
	size_t n = 0;
	if (needs(p, dossier))
		return true;
	for (size_t i = 0; i < c->n_people; i++)
		n += needs(&c->people[i], dossier);
	return dossier != REVIEW && n < 2 && (p->roles & ROLE_BIT(OFFICER));
}

static size_t wishes(const struct first_controller *c, int dossier, struct grant_wish *w)
{
	uint32_t n = 0;
	for (size_t i = 0; i < c->n_people && n < GRANTS_MAX; i++) {
		if (c->people[i].later || !holds(c, &c->people[i], dossier))
			continue;
		w[n] = (struct grant_wish){ .holder = c->people[i].user, .compartments = COMPARTMENT_BIT(COMPARTMENT_HEAD),
		                            .purpose = PURPOSE_ACCOUNTS, .serial = n + 1 };
		n++;
	}
	return n;
}

/* ---- dossiers -------------------------------------------------------------------------------------------- */

static void add_dossier(struct batch *b, const struct vault_new_case *ask, const struct vault_new_case_reply *r)
{
	struct row_cases row = { .case_id = ask->case_id, .controller = ask->controller,
	                         .code = (int64_t)case_code_number(ask->case_id), .shred_slot = r->shred_slot, .version = 1,
	                         .recovery = r->recovery };
	batch_case(b, &row);
	for (size_t i = 0; i < r->n_streams; i++) {
		const struct new_stream *s = &r->streams[i];
		struct row_streams stream = { .place = event_place(ask->case_id, s->compartment, s->deposit.epoch), .case_id = ask->case_id,
		                              .compartment = s->compartment, .epoch = s->deposit.epoch,
		                              .deposit_key = { (const char *)s->deposit.key, sizeof s->deposit.key },
		                              .proof = { (const char *)s->deposit.proof, sizeof s->deposit.proof },
		                              .recovery_wrap = s->recovery_wrap };
		batch_stream(b, &stream);
	}
	for (size_t i = 0; i < r->n_grants; i++) {
		bool own = i == 0 && r->own.n > 0;
		struct row_grants grant = { .holder = r->grants[i].holder, .case_id = ask->case_id, .controller = ask->controller,
		                            .shred_slot = r->shred_slot, .place = case_place(ask->case_id), .serial = (int64_t)i + 1,
		                            .version = 1, .wrapped = r->grants[i].grant, .accepted = own ? r->own : STR_UNSET };
		batch_grant(b, &grant);
	}
}

static bool make_dossier(struct house *h, struct batch *b, const struct first_controller *c, int dossier)
{
	struct grant_wish *w = ARENA_ARRAY(h->arena, struct grant_wish, GRANTS_MAX);
	if (!w)
		return founding_said(ERR_FULL, "Minnet räcker inte");
	struct vault_new_case ask = {
		.why = { .purpose = PURPOSE_ACCOUNTS, .act = STR("init"), .asked = c->standing[dossier], .reason = STR("") },
		.controller = c->id, .case_id = c->standing[dossier], .compartments = COMPARTMENT_BIT(COMPARTMENT_HEAD),
		.grants = w, .n_grants = wishes(c, dossier, w) };
	struct vault_new_case_reply *reply = ARENA_NEW(h->arena, struct vault_new_case_reply);
	if (!reply || !founding_said(vault_new_case(h->vault, h->arena, &ask, reply), "En stående akt gick inte att skapa"))
		return false;
	add_dossier(b, &ask, reply);
	return true;
}

static bool add_user(struct house *h, struct batch *b, const struct first_controller *c, const struct first_person *p)
{
	struct vault_login_name ask = { .name = p->login };
	struct vault_login_name_reply *reply = ARENA_NEW(h->arena, struct vault_login_name_reply);
	if (!reply || !founding_said(vault_login_name(h->vault, h->arena, &ask, reply), "Ett inloggningsnamn gick inte att läsa"))
		return false;
	struct row_users row = { .user_id = p->user, .controller = c->id,
	                         .login = { (const char *)reply->hmac, sizeof reply->hmac }, .serial = 1, .version = 1,
	                         .certificate = p->certificate, .secrets = p->secrets };
	batch_user(b, &row);
	return true;
}

static bool found_controller(struct house *h, const struct first_controller *c)
{
	struct batch b = batch_new(h->arena, 8 + c->n_people * 6 + GRANTS_MAX);
	struct row_controllers row = { .controller = c->id, .kind = c->kind, .municipality = c->municipality,
	                               .directory = c->standing[DIRECTORY], .desk = c->standing[DESK],
	                               .number_index = c->standing[INDEX], .review = c->standing[REVIEW], .name = c->name };
	batch_controller(&b, &row);
	/* The reviewers first: what is logged from then on can be read by them. */
	for (int dossier = REVIEW; dossier >= DIRECTORY; dossier--)
		if (!make_dossier(h, &b, c, dossier))
			return false;
	for (size_t k = 0; k < c->n_people; k++)
		if (!add_user(h, &b, c, &c->people[k]))
			return false;
	return founding_said(batch_run(&b, h->store, h->vault, STR("init"), 0), "Databasen gick inte att skriva");
}

bool founding_dossiers(struct house *h, struct founding *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!found_controller(h, &f->controllers[i]))
			return false;
	return true;
}

/* ---- names in the directory ------------------------------------------------------------------------------ */

struct found_grant { struct str wrapped; int64_t shred_slot; };

static bool read_grant(struct house *h, struct id16 holder, struct id16 case_id, struct found_grant *ret)
{
	struct row_grants *grant = NULL;
	size_t n = 0;
	struct db *db = store_reader(h->store);
	enum err e = db ? q_grant_row(db, h->arena, holder, case_id, &grant, &n) : ERR_IO;
	if (db)
		store_reader_done(h->store, db);
	if (e == OK && !grant)
		e = ERR_NOT_FOUND;
	if (e == OK)
		*ret = (struct found_grant){ grant->accepted.p ? grant->accepted : grant->wrapped, grant->shred_slot };
	return founding_said(e, "En behörighet gick inte att läsa");
}

static bool attach(struct house *h, const struct cookie_secret *cookie, const struct found_grant *g, struct id16 asked)
{
	struct open_group group = { .grant = g->wrapped, .shred_slot = (uint32_t)g->shred_slot };
	struct vault_attach ask = {
		.why = { .cookie = *cookie, .purpose = PURPOSE_UPKEEP, .act = STR("init"), .asked = asked, .reason = STR("") },
		.standing = &group, .n_standing = 1 };
	struct vault_attach_reply reply;
	return founding_said(vault_attach(h->vault, h->arena, &ask, &reply), "Personalförteckningens nyckel gick inte att öppna");
}

static struct seal_item name_item(struct arena *a, const struct first_controller *c, const struct first_person *p,
                                  struct row_directory *row)
{
	struct buf b = buf_new(a, 1024);
	line_str(&b, STR("name"), p->name);
	line_str(&b, STR("title"), p->title);
	*row = (struct row_directory){ .directory = c->standing[DIRECTORY], .user_id = p->user, .epoch = FIRST_EPOCH,
	                               .version = 1 };
	return (struct seal_item){
		.to = SEAL_STANDING,
		.at = { .controller = c->id, .case_id = row->directory, .slot = SLOT_DIRECTORY, .epoch = FIRST_EPOCH, .version = 1,
		        .row = p->user },
		.log_row = row_name_directory(row), .clear_row = row_clear_directory(a, row), .plain = buf_view(&b) };
}

static bool seal_names(struct house *h, const struct first_controller *c, const struct cookie_secret *cookie)
{
	struct seal_item *items = ARENA_ARRAY(h->arena, struct seal_item, c->n_people);
	struct row_directory *rows = ARENA_ARRAY(h->arena, struct row_directory, c->n_people);
	struct batch b = batch_new(h->arena, c->n_people);
	if (!items || !rows)
		return founding_said(ERR_FULL, "Minnet räcker inte");
	for (size_t i = 0; i < c->n_people; i++)
		items[i] = name_item(h->arena, c, &c->people[i], &rows[i]);
	struct vault_seal ask = {
		.why = { .cookie = *cookie, .purpose = PURPOSE_ACCOUNTS, .act = STR("init"), .asked = c->standing[DIRECTORY],
		         .reason = STR("") },
		.grant = STR_UNSET, .not_before = INSTANT_UNSET, .items = items, .n_items = c->n_people };
	struct vault_seal_reply reply;
	if (!founding_said(vault_seal(h->vault, h->arena, &ask, &reply), "Personalens namn gick inte att försegla"))
		return false;
	for (size_t i = 0; i < c->n_people && i < reply.n_envelopes; i++) {
		rows[i].envelope = reply.envelopes[i];
		batch_directory(&b, &rows[i]);
	}
	return founding_said(batch_run(&b, h->store, h->vault, STR("init"), reply.intent), "Databasen gick inte att skriva");
}

bool founding_names(struct house *h, struct founding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct first_controller *c = &f->controllers[i];
		struct first_person *officer = founding_officer(c, 0);
		struct vault_login_reply in;
		struct found_grant g = { .shred_slot = 0 };
		if (!founding_login(h, c, officer, 1, &in) || !read_grant(h, officer->user, c->standing[DIRECTORY], &g) ||
		    !attach(h, &in.cookie, &g, officer->user) || !seal_names(h, c, &in.cookie))
			return false;
		struct vault_logout ask = { .cookie = in.cookie };
		struct vault_status_reply out;
		if (!founding_said(vault_logout(h->vault, h->arena, &ask, &out), "Utloggningen misslyckades"))
			return false;
	}
	return true;
}

/* ---- the canary ------------------------------------------------------------------------------------------ */

static struct str canary_text(struct arena *a)
{
	struct buf b = buf_new(a, 128);
	line_str(&b, STR("canary"), STR("Kontrollärendet går att öppna."));
	return buf_view(&b);
}

static bool seal_canary(struct house *h, const struct first_controller *c, const struct vault_why *why,
                        const struct vault_new_case_reply *r)
{
	struct row_events row = { .place = event_place(why->asked, COMPARTMENT_HEAD, 1), .case_id = why->asked,
	                          .compartment = COMPARTMENT_HEAD, .seq = 1, .epoch = FIRST_EPOCH };
	struct seal_item item = {
		.to = SEAL_STREAM,
		.at = { .controller = c->id, .case_id = row.case_id, .compartment = COMPARTMENT_HEAD, .slot = SLOT_EVENT,
		        .epoch = FIRST_EPOCH, .seq = 1, .version = 1 },
		.log_row = row_name_events(&row), .clear_row = row_clear_events(h->arena, &row),
		.plain = canary_text(h->arena), .stamp = true };
	struct vault_seal ask = { .why = *why, .grant = r->own, .shred_slot = r->shred_slot, .not_before = INSTANT_UNSET,
	                          .items = &item, .n_items = 1 };
	struct vault_seal_reply reply;
	if (!founding_said(vault_seal(h->vault, h->arena, &ask, &reply), "Kontrollärendet gick inte att försegla"))
		return false;
	struct batch b = batch_new(h->arena, 1);
	row.envelope = reply.envelopes[0];
	batch_event(&b, &row);
	return founding_said(batch_run(&b, h->store, h->vault, STR("init"), reply.intent), "Databasen gick inte att skriva");
}

/* A case that only the vault itself can open: what a restore is tried with. */
bool founding_canary(struct house *h, struct founding *f)
{
	const struct first_controller *c = &f->controllers[0];
	struct vault_canary ask = { 0 };
	struct vault_canary_reply *canary = ARENA_NEW(h->arena, struct vault_canary_reply);
	struct vault_new_case_reply *reply = ARENA_NEW(h->arena, struct vault_new_case_reply);
	struct id16 case_id;
	if (!canary || !reply || !founding_said(random_bytes(&case_id, sizeof case_id), "Slumptal saknas"))
		return false;
	if (!founding_said(vault_canary(h->vault, h->arena, &ask, canary), "Kontrollkontot gick inte att skapa"))
		return false;
	struct vault_why why = { .cookie = canary->cookie, .purpose = PURPOSE_UPKEEP, .act = STR("init"), .asked = case_id,
	                         .reason = STR("") };
	struct grant_wish w = { .holder = canary->user, .compartments = COMPARTMENT_BIT(COMPARTMENT_HEAD),
	                        .purpose = PURPOSE_UPKEEP, .serial = 1 };
	struct vault_new_case make = { .why = why, .controller = c->id, .case_id = case_id,
	                               .compartments = COMPARTMENT_BIT(COMPARTMENT_HEAD), .grants = &w, .n_grants = 1 };
	if (!founding_said(vault_new_case(h->vault, h->arena, &make, reply), "Kontrollärendet gick inte att skapa"))
		return false;
	struct batch b = batch_new(h->arena, 4);
	add_dossier(&b, &make, reply);
	return founding_said(batch_run(&b, h->store, h->vault, STR("init"), 0), "Databasen gick inte att skriva") &&
	       seal_canary(h, c, &why, reply);
}

/* tests/unit/test_vault_epochs.c — deposit keys that only the vault can have made, and new epochs when somebody leaves. */
#include "test_vault_help.h"
#include "crypto/hash.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct world w;

static void log_everyone_in(void)
{
	for (enum who p = 0; p <= REVIEWER; p++) {
		assert_int_equal(world_login(&w, p), OK);
		if (p >= ANNA && p != CARIN) assert_int_equal(world_attach(&w, p), OK);
	}
	assert_int_equal(world_login(&w, POLICE_A), OK);
	assert_int_equal(world_attach(&w, POLICE_A), OK);
}

static void start_again(void)
{
	assert_true(world_start(&w));
	struct str list[PEOPLE];
	for (enum who p = 0; p < PEOPLE; p++) list[p] = w.people[p].certificate;
	struct vault_certificates certificates = { .certificates = list, .n = PEOPLE };
	struct vault_status_reply status;
	assert_int_equal(vault_certificates(w.v, w.a, &certificates, &status), OK);
	world_later(&w, 61 * SECOND); /* codes of before the start are spent */
	log_everyone_in();
}

static int found(void **state)
{
	(void)state;
	world_found(&w);
	/* Founding is over: from here on the vault does not take the database's word for an older key. */
	assert_int_equal(world_stop(&w), 0);
	w.options.init = false;
	start_again();
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end_well(&w);
	return 0;
}

/* ---- deposit keys ---- */

static enum err deposit(enum who p, const struct dossier *to, uint16_t compartment, const struct deposit_key *key,
                        struct seal_item *item, struct str *ret)
{
	*item = (struct seal_item){ .to = SEAL_DEPOSIT, .plain = STR("request:2:ja\n"), .late = true, .to_key = *key,
	                            .log_row = bytes_random_id(), .clear_row = STR("clear columns") };
	item->at = (struct envelope_at){ .controller = to->controller, .case_id = to->id, .compartment = compartment,
	                                 .slot = SLOT_DEPOSIT, .epoch = key->epoch, .version = 1, .row = bytes_random_id() };
	struct vault_seal ask = { .why = why_of(&w.people[p], to->id), .items = item, .n_items = 1 };
	struct vault_seal_reply reply;
	enum err e = vault_seal(w.v, w.a, &ask, &reply);
	if (e == OK) *ret = reply.envelopes[0];
	return e;
}

/* A thief who has put his own key into the database, and has its private half. */
struct thief { uint8_t public[32], secret[32]; };

static bool reads(const struct thief *t, struct str box, const char *text)
{
	static uint8_t plain[4096];
	const uint8_t *p = (const uint8_t *)box.p;
	size_t n = box.n - 8 - 32; /* magic and MAC stand round what is sealed */
	return n < sizeof plain && crypto_box_seal_open(plain, p + 8, n, t->public, t->secret) == 0 &&
	       memcmp(plain + 32, text, strlen(text)) == 0;
}

static void a_deposit_key_from_elsewhere_is_sealed_to_by_nobody(void **state)
{
	(void)state;
	static struct dossier d, other;
	struct seal_item item;
	struct str box;
	struct vault_open_reply r;
	assert_int_equal(world_new_case(&w, ANNA, &d), OK);
	assert_int_equal(world_new_case(&w, ANNA, &other), OK);
	/* As it should be: another authority writes, a member reads. */
	const struct deposit_key *good = &d.streams[1].deposit;
	assert_int_equal(deposit(POLICE_A, &d, 1, good, &item, &box), OK);
	assert_int_equal(world_open(&w, ANNA, d.id, d.grants[0].accepted, d.shred_slot, item.at, box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	/* The thief's key, with the proof of the right one; the right key of another stream, case or epoch. */
	struct thief thief;
	struct deposit_key bad[6];
	assert_int_equal(crypto_box_keypair(thief.public, thief.secret), 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) bad[i] = *good;
	memcpy(bad[0].key, thief.public, 32);
	bad[1] = d.streams[2].deposit;
	bad[2] = other.streams[1].deposit;
	bad[3].epoch = 2;
	bad[4].proof[31] ^= 1;
	memset(bad[5].proof, 0, sizeof bad[5].proof);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(deposit(POLICE_A, &d, 1, &bad[i], &item, &box), ERR_DENIED);
	struct dossier renamed = d;
	renamed.controller = w.parties[1].controller;
	assert_int_equal(deposit(POLICE_A, &renamed, 1, good, &item, &box), ERR_DENIED);
	/* The control: a vault that takes any key seals to the thief's, and the thief reads. */
	assert_int_equal(world_stop(&w), 0);
	w.options.any_deposit_key = true;
	start_again();
	assert_int_equal(deposit(POLICE_A, &d, 1, &bad[0], &item, &box), OK);
	assert_true(reads(&thief, box, "request:2:ja"));
	assert_int_equal(deposit(POLICE_A, &d, 1, good, &item, &box), OK);
	assert_false(reads(&thief, box, "request:2:ja"));
	assert_int_equal(world_stop(&w), 0);
	w.options.any_deposit_key = false;
	start_again();
	assert_int_equal(deposit(POLICE_A, &d, 1, &bad[0], &item, &box), ERR_DENIED);
}

static void a_standing_key_needs_its_proof(void **state)
{
	(void)state;
	const struct dossier *desk = &w.parties[1].dossiers[DESK];
	struct vault_standing ask = { .controller = desk->controller, .dossier = desk->id, .key = desk->streams[0].deposit };
	struct vault_status_reply reply;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), OK);
	ask.key.epoch = 2; /* a newer epoch, but no vault made it */
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.key = w.parties[1].dossiers[REVIEW].streams[0].deposit;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.key = desk->streams[0].deposit;
	ask.controller = w.parties[0].controller;
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask.dossier = bytes_random_id();
	assert_int_equal(vault_standing(w.v, w.a, &ask, &reply), ERR_INVALID);
}

/* ---- new epochs ---- */

#define ALL 0x1ffu /* head to relatives */
enum { STREAMS = 9, EPOCHS = 9 };

/* A case as the database has it: its streams' newest rows, and what each holder's grant row has. */
struct record {
	struct dossier d;
	uint32_t epoch[STREAMS];
	struct str older[STREAMS];
	struct { struct str grant, renewals; uint32_t held; } row[PEOPLE];
	struct { struct str envelope; struct envelope_at at; } old[STREAMS][EPOCHS + 1]; /* one event an epoch */
};

static struct str joined(struct str a, struct str b)
{
	char *p = arena_take(w.a, a.n + b.n);
	if (a.n > 0) memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	return (struct str){ p, a.n + b.n };
}

static void make_case(struct record *r, enum who maker, uint32_t compartments)
{
	struct grant_wish wish = { .holder = w.people[maker].user, .compartments = compartments, .role = 1, .serial = 1 };
	*r = (struct record){ .d = { .id = bytes_random_id(), .controller = party_of(&w, maker)->controller } };
	struct vault_new_case ask = { .why = why_of(&w.people[maker], r->d.id), .controller = r->d.controller,
	                              .case_id = r->d.id, .compartments = compartments, .grants = &wish, .n_grants = 1 };
	struct vault_new_case_reply reply;
	assert_int_equal(vault_new_case(w.v, w.a, &ask, &reply), OK);
	r->d.shred_slot = reply.shred_slot;
	r->d.recovery = reply.recovery;
	r->row[maker].grant = reply.own;
	r->row[maker].held = compartments;
	for (size_t i = 0; i < reply.n_streams; i++) {
		r->epoch[reply.streams[i].compartment] = 1;
		assert_null(reply.streams[i].older.p);
	}
}

static struct open_group group_of(const struct record *r, enum who p, struct older_keys older[STREAMS])
{
	struct open_group g = { .grant = r->row[p].grant, .renewals = r->row[p].renewals, .shred_slot = r->d.shred_slot,
	                        .older = older };
	for (uint16_t c = 0; c < STREAMS; c++)
		if (r->older[c].p != NULL) older[g.n_older++] = (struct older_keys){ c, r->epoch[c], r->older[c] };
	return g;
}

static void give(struct record *r, enum who from, enum who to, uint32_t compartments)
{
	struct vault_grant ask = { .why = why_of(&w.people[from], r->d.id), .controller = r->d.controller, .case_id = r->d.id,
	                           .own = r->row[from].grant, .shred_slot = r->d.shred_slot };
	ask.wish = (struct grant_wish){ .holder = w.people[to].user, .compartments = compartments, .serial = 2 };
	struct vault_grant_reply reply;
	assert_int_equal(vault_grant(w.v, w.a, &ask, &reply), OK);
	r->row[to].grant = reply.grant;
	r->row[to].renewals = STR_UNSET;
	r->row[to].held = compartments;
}

/* Opens everything that was ever written, as one message. What it may open, and nothing else, opens. The accepted
 * grant goes into the row, as web does it. */
static void reads_what_it_holds(struct record *r, enum who p)
{
	static struct open_item items[STREAMS * EPOCHS];
	struct older_keys older[STREAMS];
	struct open_group g = group_of(r, p, older);
	for (uint16_t c = 0; c < STREAMS; c++)
		for (uint32_t epoch = 1; epoch <= r->epoch[c]; epoch++)
			if (r->old[c][epoch].envelope.p != NULL)
				items[g.n_items++] = (struct open_item){ r->old[c][epoch].at, r->old[c][epoch].envelope };
	g.items = items;
	struct vault_open ask = { .why = why_of(&w.people[p], r->d.id), .groups = &g, .n_groups = 1 };
	struct vault_open_reply reply;
	assert_int_equal(vault_open(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(reply.groups[0].held, r->row[p].held);
	for (size_t i = 0; i < g.n_items; i++) {
		bool held = r->row[p].held >> items[i].at.compartment & 1;
		assert_int_equal(reply.groups[0].items[i].status, held ? OK : ERR_DENIED);
		assert_true(held == (reply.groups[0].items[i].plain.p != NULL));
	}
	if (reply.groups[0].accepted.p == NULL) return;
	r->row[p].grant = reply.groups[0].accepted;
	r->row[p].renewals = STR_UNSET;
	assert_int_equal(r->row[p].grant.n, 1104);
}

/* One event in the newest epoch of each compartment. */
static void writes(struct record *r, enum who p)
{
	for (uint16_t c = 0; c < STREAMS; c++) {
		if (r->epoch[c] == 0) continue;
		struct envelope_at at = event_at(&r->d, c, 100 * r->epoch[c] + c);
		at.epoch = r->epoch[c];
		r->old[c][at.epoch].at = at;
		assert_int_equal(world_seal(&w, p, &r->d, r->row[p].grant, at, "x:1:y\n", &r->old[c][at.epoch].envelope), OK);
	}
}

static struct vault_rotate rotation(const struct record *r, enum who by, uint32_t compartments, struct rotate_holder *holders,
                                    struct older_keys older[STREAMS])
{
	struct open_group g = group_of(r, by, older);
	struct vault_rotate ask = { .why = why_of(&w.people[by], r->d.id), .controller = r->d.controller, .case_id = r->d.id,
	                            .own = g.grant, .renewals = g.renewals, .shred_slot = g.shred_slot,
	                            .recovery = r->d.recovery, .compartments = compartments, .older = older,
	                            .n_older = g.n_older, .holders = holders };
	for (enum who p = 0; p < PEOPLE; p++)
		if (p != by && r->row[p].grant.p != NULL)
			holders[ask.n_holders++] = (struct rotate_holder){ .holder = w.people[p].user };
	return ask;
}

/* As web commits it. */
static void rotates(struct record *r, enum who by, uint32_t compartments)
{
	struct rotate_holder holders[PEOPLE] = { 0 };
	struct older_keys older[STREAMS];
	struct vault_rotate ask = rotation(r, by, compartments, holders, older);
	struct vault_rotate_reply reply;
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(reply.n_renewals, ask.n_holders);
	for (size_t i = 0; i < reply.n_streams; i++) {
		const struct new_stream *s = &reply.streams[i];
		assert_int_equal(s->deposit.epoch, r->epoch[s->compartment] + 1);
		r->epoch[s->compartment] = s->deposit.epoch;
		r->older[s->compartment] = s->older;
	}
	for (size_t i = 0; i < reply.n_renewals; i++)
		for (enum who p = 0; p < PEOPLE; p++)
			if (id_eq(w.people[p].user, reply.renewals[i].holder))
				r->row[p].renewals = joined(r->row[p].renewals, reply.renewals[i].grant);
	r->row[by].grant = reply.own;
	r->row[by].renewals = STR_UNSET;
}

static void who_has_left_reads_nothing_new(void **state)
{
	(void)state;
	static struct record r;
	make_case(&r, ANNA, ALL);
	give(&r, ANNA, BEN, ALL);
	give(&r, ANNA, CARIN, 1);
	writes(&r, ANNA);
	reads_what_it_holds(&r, ANNA);
	reads_what_it_holds(&r, BEN);
	reads_what_it_holds(&r, CARIN);
	/* Ben leaves: the row is deleted, and he has kept what was in it. */
	struct str kept = r.row[BEN].grant;
	r.row[BEN].grant = STR_UNSET;
	rotates(&r, ANNA, ALL);
	writes(&r, ANNA);
	reads_what_it_holds(&r, ANNA);
	struct str to_carin = r.row[CARIN].renewals;
	reads_what_it_holds(&r, CARIN);
	reads_what_it_holds(&r, CARIN);
	/* Everything the database has, and his own keys: the old rows open (the control), the new ones do not. */
	struct str tricks[] = { STR_UNSET, to_carin };
	for (size_t t = 0; t < COUNT_OF(tricks); t++) {
		for (uint32_t epoch = 1; epoch <= 2; epoch++) {
			for (uint16_t c = 0; c < STREAMS; c++) {
				struct older_keys older[STREAMS];
				struct open_group g = group_of(&r, BEN, older);
				struct open_item item = { r.old[c][epoch].at, r.old[c][epoch].envelope };
				g.grant = kept;
				g.renewals = tricks[t];
				g.items = &item;
				g.n_items = 1;
				struct vault_open ask = { .why = why_of(&w.people[BEN], r.d.id), .groups = &g, .n_groups = 1 };
				struct vault_open_reply reply;
				assert_int_equal(vault_open(w.v, w.a, &ask, &reply), OK);
				bool opens = epoch == 1 && t == 0;
				assert_int_equal(reply.groups[0].items[0].status, opens ? OK : ERR_DENIED);
			}
		}
	}
	/* Nor does he write into the old epoch any more, when web knows of the new one; nor does anybody else. */
	struct str envelope;
	struct envelope_at at = event_at(&r.d, 0, 900);
	assert_int_equal(world_seal(&w, ANNA, &r.d, r.row[ANNA].grant, at, "x:1:y\n", &envelope), ERR_CONFLICT);
	/* A new colleague reads old and new, as far as was given. */
	give(&r, ANNA, OFFICER_A, 0x1f);
	reads_what_it_holds(&r, OFFICER_A);
	writes(&r, ANNA);
	reads_what_it_holds(&r, OFFICER_A);
}

static void many_rotations_in_a_row_and_one_who_was_away(void **state)
{
	(void)state;
	static struct record r;
	static const enum who by[] = { ANNA, BEN, ANNA, ANNA, BEN, ANNA, BEN };
	make_case(&r, ANNA, ALL);
	give(&r, ANNA, BEN, ALL);
	give(&r, ANNA, CARIN, 3);       /* away from the first day: has not even taken up the grant */
	give(&r, ANNA, OFFICER_B, 0x1f);
	writes(&r, ANNA);
	reads_what_it_holds(&r, BEN);
	reads_what_it_holds(&r, OFFICER_B);
	for (size_t i = 0; i < COUNT_OF(by); i++) {
		/* Each time with what waits for him, and once for some streams alone. */
		reads_what_it_holds(&r, by[i]);
		rotates(&r, by[i], i == 3 ? 0x1ed : ALL);
		reads_what_it_holds(&r, by[i]);
		writes(&r, by[i]);
		reads_what_it_holds(&r, ANNA);
		reads_what_it_holds(&r, BEN);
	}
	assert_int_equal(r.epoch[0], 1 + COUNT_OF(by));
	assert_int_equal(r.epoch[1], COUNT_OF(by));
	reads_what_it_holds(&r, CARIN);
	reads_what_it_holds(&r, OFFICER_B);
	reads_what_it_holds(&r, CARIN);
	give(&r, CARIN, OFFICER_A, 1);
	reads_what_it_holds(&r, OFFICER_A);
}

static void a_rotation_without_right_makes_nothing(void **state)
{
	(void)state;
	static struct record r;
	struct rotate_holder holders[PEOPLE] = { 0 };
	struct older_keys older[STREAMS];
	struct vault_rotate_reply reply;
	make_case(&r, ANNA, 7);
	give(&r, ANNA, CARIN, 1);
	writes(&r, ANNA);
	reads_what_it_holds(&r, CARIN);
	struct vault_rotate good = rotation(&r, CARIN, 1, holders, older), ask = good;
	ask.compartments = 3; /* more than she holds */
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), ERR_DENIED);
	assert_int_equal(reply.n_streams, 0);
	ask = good;
	ask.why = why_of(&w.people[BEN], r.d.id); /* with somebody else's grant */
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), ERR_DENIED);
	ask = good;
	ask.recovery = joined(STR_UNSET, r.d.recovery);
	((char *)(uintptr_t)ask.recovery.p)[60] ^= 1;
	assert_int_not_equal(vault_rotate(w.v, w.a, &ask, &reply), OK);
	holders[0].holder = bytes_random_id(); /* nobody two officers know */
	assert_int_equal(vault_rotate(w.v, w.a, &good, &reply), ERR_DENIED);
	holders[0].holder = w.people[POLICE_A].user;
	assert_int_equal(vault_rotate(w.v, w.a, &good, &reply), ERR_DENIED);
	holders[0].holder = w.people[CARIN].user; /* the own row twice */
	assert_int_equal(vault_rotate(w.v, w.a, &good, &reply), ERR_INVALID);
	/* Another epoch's older keys in the place of the newest: no epoch without the way back. */
	struct str first;
	rotates(&r, ANNA, 7);
	first = r.older[0];
	rotates(&r, ANNA, 7);
	struct str right = r.older[0];
	r.older[0] = first;
	ask = rotation(&r, ANNA, 1, holders, older);
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), ERR_CORRUPT);
	r.older[0] = STR_UNSET;
	ask = rotation(&r, ANNA, 1, holders, older);
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), ERR_CORRUPT);
	r.older[0] = right;
	rotates(&r, ANNA, 1);
	reads_what_it_holds(&r, ANNA);
	reads_what_it_holds(&r, CARIN);
}

/* ---- standing dossiers ---- */

struct standing_row { struct deposit_key key; struct str older; };

/* A new epoch of a standing dossier; `remaining` follows. */
static struct standing_row rotate_standing(enum who by, int kind, const enum who *remaining, size_t n, uint32_t epoch,
                                           struct str older)
{
	struct dossier *d = &w.parties[party_of(&w, by) != &w.parties[0]].dossiers[kind];
	struct rotate_holder holders[PEOPLE] = { 0 };
	struct older_keys before = { 0, epoch, older };
	for (size_t i = 0; i < n; i++) holders[i].holder = w.people[remaining[i]].user;
	struct vault_rotate ask = { .why = why_of(&w.people[by], d->id), .controller = d->controller, .case_id = d->id,
	                            .shred_slot = d->shred_slot, .recovery = d->recovery, .compartments = 1,
	                            .older = &before, .n_older = epoch > 1, .holders = holders, .n_holders = n };
	struct vault_rotate_reply reply;
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &reply), OK);
	assert_int_equal(reply.n_streams, 1);
	struct standing_row row = { reply.streams[0].deposit, reply.streams[0].older };
	struct vault_standing tell = { .controller = d->controller, .dossier = d->id, .key = row.key, .older = row.older };
	struct vault_status_reply status;
	assert_int_equal(vault_standing(w.v, w.a, &tell, &status), OK);
	/* The rows, and then each session with its own. */
	for (size_t k = 0; k < d->n_grants; k++) {
		if (id_eq(d->grants[k].holder, w.people[by].user)) d->grants[k].grant = reply.own;
		for (size_t i = 0; i < n; i++)
			if (id_eq(d->grants[k].holder, reply.renewals[i].holder))
				d->grants[k].renewals = joined(d->grants[k].renewals, reply.renewals[i].grant);
	}
	assert_int_equal(world_attach(&w, by), OK);
	assert_int_equal(w.people[by].who.standing_epoch[kind], epoch + 1);
	return row;
}

/* A case that the desk holds beside Anna, as every new one, with one event. */
static struct desk_case { struct vault_new_case_reply made; struct dossier d; struct str before; } held;

static void make_desk_case(const struct deposit_key *first)
{
	const struct dossier *desk = &w.parties[0].dossiers[DESK];
	static struct grant_wish wishes[2];
	wishes[0] = (struct grant_wish){ .holder = w.people[ANNA].user, .compartments = 7, .serial = 1 };
	wishes[1] = (struct grant_wish){ .holder = desk->id, .standing = true, .to_key = *first, .compartments = 7, .serial = 2 };
	struct vault_new_case make = { .why = why_of(&w.people[ANNA], bytes_random_id()), .controller = desk->controller,
	                               .compartments = 7, .grants = wishes, .n_grants = 2 };
	make.case_id = make.why.asked;
	assert_int_equal(vault_new_case(w.v, w.a, &make, &held.made), OK);
	held.d = (struct dossier){ .id = make.case_id, .controller = desk->controller, .shred_slot = held.made.shred_slot };
	assert_int_equal(world_seal(&w, ANNA, &held.d, held.made.own, event_at(&held.d, 0, 1), "x:1:y\n", &held.before), OK);
}

/* The case gets its new epoch too, and the desk follows with its new key. */
static void the_desk_follows_in_a_case(const struct deposit_key *first, const struct deposit_key *second)
{
	struct rotate_holder holder = { .holder = w.parties[0].standing[DESK], .standing = true, .to_key = *first };
	struct vault_rotate ask = { .why = why_of(&w.people[ANNA], held.d.id), .controller = held.d.controller, .case_id = held.d.id,
	                            .own = held.made.own, .shred_slot = held.d.shred_slot, .recovery = held.made.recovery,
	                            .compartments = 7, .holders = &holder, .n_holders = 1 };
	static struct vault_rotate_reply turned;
	struct vault_open_reply r;
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &turned), ERR_CONFLICT);
	holder.to_key = *second;
	assert_int_equal(vault_rotate(w.v, w.a, &ask, &turned), OK);
	struct envelope_at at = event_at(&held.d, 0, 2);
	struct str after;
	at.epoch = 2;
	assert_int_equal(world_seal(&w, ANNA, &held.d, turned.own, at, "x:1:y\n", &after), OK);
	struct open_item items[] = { { event_at(&held.d, 0, 1), held.before }, { at, after } };
	struct older_keys older = { 0, 2, turned.streams[0].older };
	struct open_group g = { .grant = held.made.grants[1].grant, .renewals = turned.renewals[0].grant,
	                        .shred_slot = held.d.shred_slot, .older = &older, .n_older = 1, .items = items, .n_items = 2 };
	struct vault_open look = { .why = why_of(&w.people[BEN], held.d.id), .groups = &g, .n_groups = 1 };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		assert_int_equal(r.groups[0].items[1].status, OK);
		if (i == 0) g.grant = r.groups[0].accepted; /* and once more with what was kept */
		g.renewals = STR_UNSET;
	}
}

static void the_desk_has_a_new_key_and_reads_the_old_ones(void **state)
{
	(void)state;
	const struct dossier *desk = &w.parties[0].dossiers[DESK];
	struct deposit_key first = desk->streams[0].deposit;
	static struct seal_item old, new;
	struct str old_box, new_box;
	struct vault_open_reply r;
	static const enum who ben[] = { BEN };
	assert_int_equal(deposit(POLICE_A, desk, 0, &first, &old, &old_box), OK);
	make_desk_case(&first);
	/* Somebody leaves the desk. */
	struct standing_row second = rotate_standing(ANNA, DESK, ben, 1, 1, STR_UNSET);
	assert_int_equal(deposit(POLICE_A, desk, 0, &first, &new, &new_box), ERR_CONFLICT); /* the key of before */
	assert_int_equal(deposit(POLICE_A, desk, 0, &second.key, &new, &new_box), OK);
	/* Ben's session is of before: it opens the old package and not the new one, until it takes up what waits. */
	assert_int_equal(world_open(&w, BEN, (struct id16){ { 0 } }, STR_UNSET, 0, new.at, new_box, &r), OK);
	assert_int_equal(r.groups[0].items[0].status, ERR_DENIED);
	assert_int_equal(r.who.standing_epoch[DESK], 1);
	assert_int_equal(world_attach(&w, BEN), OK);
	assert_int_equal(w.people[BEN].who.standing_epoch[DESK], 2);
	const enum who both[] = { ANNA, BEN };
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(world_open(&w, both[i], (struct id16){ { 0 } }, STR_UNSET, 0, new.at, new_box, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		assert_int_equal(world_open(&w, both[i], (struct id16){ { 0 } }, STR_UNSET, 0, old.at, old_box, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		assert_int_equal(world_open(&w, both[i], (struct id16){ { 0 } }, STR_UNSET, 0, old.at, r.groups[0].items[0].rewrapped, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
		/* The desk's grant to the case is sealed to the key of before. */
		assert_int_equal(world_open(&w, both[i], held.d.id, held.made.grants[1].grant, held.d.shred_slot,
		                            event_at(&held.d, 0, 1), held.before, &r), OK);
		assert_int_equal(r.groups[0].items[0].status, OK);
	}
	the_desk_follows_in_a_case(&first, &second.key);
}

static void the_index_finds_by_every_epoch(void **state)
{
	(void)state;
	static const enum who ben[] = { BEN };
	struct vault_index ask = { .why = why_of(&w.people[ANNA], (struct id16){ { 0 } }), .number = STR("198112189876") };
	struct vault_index_reply one, two, three;
	assert_int_equal(vault_index(w.v, w.a, &ask, &one), OK);
	struct standing_row second = rotate_standing(ANNA, INDEX, ben, 1, 1, STR_UNSET);
	(void)rotate_standing(ANNA, INDEX, ben, 1, 2, second.older);
	assert_int_equal(vault_index(w.v, w.a, &ask, &two), OK);
	assert_true(one.n == 1 && two.n == 3);
	assert_true(two.keys[0].epoch == 3 && two.keys[1].epoch == 2 && two.keys[2].epoch == 1);
	assert_memory_equal(two.keys[2].hmac, one.keys[0].hmac, 32);
	assert_memory_not_equal(two.keys[0].hmac, one.keys[0].hmac, 32);
	assert_memory_not_equal(two.keys[0].hmac, two.keys[1].hmac, 32);
	/* Ben takes up both at once. */
	ask.why = why_of(&w.people[BEN], (struct id16){ { 0 } });
	assert_int_equal(world_attach(&w, BEN), OK);
	assert_int_equal(vault_index(w.v, w.a, &ask, &three), OK);
	assert_int_equal(three.n, 3);
	assert_memory_equal(three.keys[0].hmac, two.keys[0].hmac, 32);
}

static void reviewers_read_the_log_across_their_keys(void **state)
{
	(void)state;
	struct vault_review ask = { .why = why_of(&w.people[REVIEWER], (struct id16){ { 0 } }), .count = 200 };
	struct vault_review_reply reply;
	struct vault_open look = { .why = why_of(&w.people[ANNA], bytes_random_id()) };
	struct vault_open_reply r;
	look.why.reason = STR("före bytet");
	assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
	(void)rotate_standing(REVIEWER, REVIEW, NULL, 0, 1, STR_UNSET);
	look.why.reason = STR("efter bytet");
	assert_int_equal(vault_open(w.v, w.a, &look, &r), OK);
	assert_int_equal(vault_review(w.v, w.a, &ask, &reply), OK);
	bool before = false, after = false;
	for (size_t i = 0; i < reply.n; i++) {
		before = before || memmem(reply.entries[i].body.p, reply.entries[i].body.n, "före bytet", 11) != NULL;
		after = after || memmem(reply.entries[i].body.p, reply.entries[i].body.n, "efter bytet", 11) != NULL;
	}
	assert_true(before && after);
}

static void names_of_before_are_read_after(void **state)
{
	(void)state;
	const struct dossier *d = &w.parties[0].dossiers[DIRECTORY];
	struct seal_item item = { .to = SEAL_STANDING, .plain = STR("name:8:Anna Ek!\ntitle:1:x\n"), .log_row = bytes_random_id(),
	                          .clear_row = STR("clear columns") };
	item.at = (struct envelope_at){ .controller = d->controller, .case_id = d->id, .slot = SLOT_DIRECTORY, .epoch = 1,
	                                .version = 1, .row = w.people[ANNA].user };
	struct vault_seal ask = { .why = why_of(&w.people[ANNA], d->id), .items = &item, .n_items = 1 };
	struct vault_seal_reply old, new;
	struct vault_open_reply r;
	assert_int_equal(vault_seal(w.v, w.a, &ask, &old), OK);
	(void)rotate_standing(ANNA, DIRECTORY, NULL, 0, 1, STR_UNSET);
	assert_int_equal(vault_seal(w.v, w.a, &ask, &new), ERR_CONFLICT);
	item.at.epoch = 2;
	assert_int_equal(vault_seal(w.v, w.a, &ask, &new), OK);
	assert_int_equal(world_open(&w, ANNA, d->id, STR_UNSET, 0, item.at, new.envelopes[0], &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
	item.at.epoch = 1;
	assert_int_equal(world_open(&w, ANNA, d->id, STR_UNSET, 0, item.at, old.envelopes[0], &r), OK);
	assert_int_equal(r.groups[0].items[0].status, OK);
}

static void a_closed_account_has_no_session_left(void **state)
{
	(void)state;
	struct vault_end_sessions ask = { .why = why_of(&w.people[ANNA], w.people[CARIN].user), .user = w.people[CARIN].user };
	struct vault_status_reply status;
	struct vault_session alive = { .cookie = w.people[CARIN].cookie };
	struct vault_session_reply reply;
	assert_int_equal(vault_end_sessions(w.v, w.a, &ask, &status), ERR_DENIED); /* no officer */
	assert_int_equal(world_login(&w, POLICE_A), OK);
	ask.why = why_of(&w.people[POLICE_A], ask.user); /* another authority's */
	assert_int_equal(vault_end_sessions(w.v, w.a, &ask, &status), ERR_DENIED);
	assert_int_equal(vault_session(w.v, w.a, &alive, &reply), OK);
	assert_int_equal(world_login(&w, OFFICER_A), OK);
	ask.why = why_of(&w.people[OFFICER_A], ask.user);
	assert_int_equal(vault_end_sessions(w.v, w.a, &ask, &status), OK);
	assert_int_equal(vault_session(w.v, w.a, &alive, &reply), ERR_NO_SESSION);
	alive.cookie = w.people[BEN].cookie;
	assert_int_equal(vault_session(w.v, w.a, &alive, &reply), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deposit_key_from_elsewhere_is_sealed_to_by_nobody),
		cmocka_unit_test(a_standing_key_needs_its_proof),
		cmocka_unit_test(who_has_left_reads_nothing_new),
		cmocka_unit_test(many_rotations_in_a_row_and_one_who_was_away),
		cmocka_unit_test(a_rotation_without_right_makes_nothing),
		cmocka_unit_test(the_desk_has_a_new_key_and_reads_the_old_ones),
		cmocka_unit_test(the_index_finds_by_every_epoch),
		cmocka_unit_test(reviewers_read_the_log_across_their_keys),
		cmocka_unit_test(names_of_before_are_read_after),
		cmocka_unit_test(a_closed_account_has_no_session_left),
	};
	if (crypto_start() != OK) return 1;
	return cmocka_run_group_tests(tests, found, end);
}

/* wire/shapes.c — the description of every message's struct, field by field in the order of its bytes.
 *
 * A field's C type is checked against its kind when this file is compiled, so a changed struct does not build
 * until its row here is changed too. */
#include "wire/shapes.h"
#include <stddef.h>

/* S is the struct being described. */
#define SAME(f, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((struct S *)0)->f), type) ? 1 : -1]))
#define PLAIN(k, f, type) { .kind = (k), .at = (uint16_t)(offsetof(struct S, f) + SAME(f, type)) }
#define U8(f) PLAIN(KIND_U8, f, uint8_t)
#define U16(f) PLAIN(KIND_U16, f, uint16_t)
#define U32(f) PLAIN(KIND_U32, f, uint32_t)
#define U64(f) PLAIN(KIND_U64, f, uint64_t)
#define FLAG(f) PLAIN(KIND_BOOL, f, bool)
#define STATUS(f) PLAIN(KIND_ERR, f, enum err)
#define TO(f) PLAIN(KIND_SEAL_TO, f, enum seal_to)
#define TIME(f) { .kind = KIND_I64, .at = (uint16_t)(offsetof(struct S, f) + SAME(f, struct instant)) }
#define BYTES(f) { .kind = KIND_BYTES, .at = (uint16_t)offsetof(struct S, f), .max = sizeof(((struct S *)0)->f) }
#define ID(f) { .kind = KIND_BYTES, .at = (uint16_t)(offsetof(struct S, f) + SAME(f, struct id16)), .max = 16 }
#define TEXT(f, longest) \
	{ .kind = KIND_STR, .at = (uint16_t)(offsetof(struct S, f) + SAME(f, struct str)), .max = (longest) }
#define PART(f, name) \
	{ .kind = KIND_PART, .at = (uint16_t)(offsetof(struct S, f) + SAME(f, struct name)), .sub = &name##_shape }
/* The element type of the pointer is checked by its size; the pointer's own type may be const or not. */
#define ARRAY(f, count, name, most) \
	{ .kind = KIND_ARRAY, .at = (uint16_t)offsetof(struct S, f), \
	  .count_at = (uint16_t)(offsetof(struct S, count) + SAME(count, size_t)), .max = (most), \
	  .sub = &name##_shape + 0 * sizeof(char[sizeof(*((struct S *)0)->f) == sizeof(name##_element) ? 1 : -1]) }
#define SHAPE(name) \
	typedef struct name name##_element UNUSED; \
	static struct wire_memo name##_memo; \
	static const struct wire_shape name##_shape = { name##_fields, COUNT_OF(name##_fields), sizeof(struct name), &name##_memo }
#define FIELDS(name) static const struct wire_field name##_fields[] =

/* Longest pieces. */
#define ACT_MAX 64
#define REASON_MAX 4096
#define GRANT_MAX 4096
#define RENEWALS_MAX (64u << 10)
#define OLDER_MAX (64u << 10)
#define ENVELOPE_MAX (72u << 10)
#define PLAIN_MAX (66u << 10)
#define SECRET_MAX 1024
#define NAME_MAX_BYTES 512
#define BLOB_MAX 4096
#define ROW_MAX (80u << 10)
#define KEYS_COPY_MAX (64u << 10)

typedef struct str str_element;
static const struct wire_field str_fields[] = { { .kind = KIND_STR, .at = 0, .max = ENVELOPE_MAX } };
static struct wire_memo str_memo;
static const struct wire_shape str_shape = { str_fields, 1, sizeof(struct str), &str_memo };
typedef uint64_t number_element;
static const struct wire_field number_fields[] = { { .kind = KIND_U64, .at = 0 } };
static struct wire_memo number_memo;
static const struct wire_shape number_shape = { number_fields, 1, sizeof(uint64_t), &number_memo };

/* ---- parts ---- */

#define S envelope_at
FIELDS(envelope_at) { ID(controller), ID(case_id), U16(compartment), U16(slot), U32(epoch), U64(seq), U64(version), ID(row) };
SHAPE(envelope_at);
#undef S
#define S row_ref
FIELDS(row_ref) { ID(row), U64(version), BYTES(tag), FLAG(late) };
SHAPE(row_ref);
#undef S
#define S vault_why
FIELDS(vault_why) { BYTES(cookie), U16(purpose), TEXT(act, ACT_MAX), ID(asked), TEXT(reason, REASON_MAX) };
SHAPE(vault_why);
#undef S
#define S vault_who
FIELDS(vault_who) {
	ID(user), ID(controller), U64(roles), TEXT(name, NAME_MAX_BYTES), TEXT(title, NAME_MAX_BYTES), BYTES(standing),
	U32(standing_epoch[0]), U32(standing_epoch[1]), U32(standing_epoch[2]), U32(standing_epoch[3]),
	TIME(lock_at), TIME(end_at),
};
SHAPE(vault_who);
#undef S

/* ---- open ---- */

#define S open_item
FIELDS(open_item) { PART(at, envelope_at), TEXT(envelope, ENVELOPE_MAX) };
SHAPE(open_item);
#undef S
#define S older_keys
FIELDS(older_keys) { U16(compartment), U32(epoch), TEXT(keys, OLDER_MAX) };
SHAPE(older_keys);
#undef S
#define S open_group
FIELDS(open_group) {
	TEXT(grant, GRANT_MAX), TEXT(renewals, RENEWALS_MAX), U32(shred_slot), U64(mark), ARRAY(older, n_older, older_keys, 32),
	ARRAY(items, n_items, open_item, WIRE_ROWS_MAX),
};
SHAPE(open_group);
#undef S
#define S vault_open
FIELDS(vault_open) { PART(why, vault_why), ARRAY(groups, n_groups, open_group, WIRE_ROWS_MAX) };
SHAPE(vault_open);
#undef S
#define S opened_item
FIELDS(opened_item) { TEXT(plain, PLAIN_MAX), TEXT(rewrapped, ENVELOPE_MAX), STATUS(status) };
SHAPE(opened_item);
#undef S
#define S opened_group
FIELDS(opened_group) {
	TEXT(accepted, GRANT_MAX), U32(held), ID(holder), U16(role), FLAG(unknown), ARRAY(items, n_items, opened_item, WIRE_ROWS_MAX),
};
SHAPE(opened_group);
#undef S
#define S vault_open_reply
FIELDS(vault_open_reply) {
	STATUS(status), TIME(now), U64(entry), PART(who, vault_who), ARRAY(groups, n_groups, opened_group, WIRE_ROWS_MAX),
};
SHAPE(vault_open_reply);
#undef S

/* ---- seal ---- */

#define S deposit_key
FIELDS(deposit_key) { U32(epoch), BYTES(key), BYTES(proof) };
SHAPE(deposit_key);
#undef S
#define S seal_item
FIELDS(seal_item) {
	TO(to), PART(at, envelope_at), ID(recipient), PART(to_key, deposit_key), ID(log_row), TEXT(clear_row, ROW_MAX),
	TEXT(plain, PLAIN_MAX), FLAG(stamp), FLAG(late),
};
SHAPE(seal_item);
#undef S
#define S vault_seal
FIELDS(vault_seal) {
	PART(why, vault_why), TEXT(grant, GRANT_MAX), U32(shred_slot), TIME(not_before),
	ARRAY(items, n_items, seal_item, WIRE_ROWS_MAX), ARRAY(rows, n_rows, row_ref, WIRE_ROWS_MAX),
};
SHAPE(vault_seal);
#undef S
#define S vault_seal_reply
FIELDS(vault_seal_reply) {
	STATUS(status), U64(intent), TIME(noted), ARRAY(envelopes, n_envelopes, str, WIRE_ROWS_MAX),
};
SHAPE(vault_seal_reply);
#undef S
#define S vault_open_seal
FIELDS(vault_open_seal) { PART(open, vault_open), PART(seal, vault_seal) };
SHAPE(vault_open_seal);
#undef S
#define S vault_open_seal_reply
FIELDS(vault_open_seal_reply) { STATUS(status), PART(opened, vault_open_reply), PART(sealed, vault_seal_reply) };
SHAPE(vault_open_seal_reply);
#undef S
#define S vault_note
FIELDS(vault_note) { PART(why, vault_why), ARRAY(rows, n_rows, row_ref, WIRE_ROWS_MAX) };
SHAPE(vault_note);
#undef S
#define S vault_note_reply
FIELDS(vault_note_reply) { STATUS(status), U64(intent), TIME(now) };
SHAPE(vault_note_reply);
#undef S
#define S vault_outcome
FIELDS(vault_outcome) { ARRAY(done, n_done, number, 65536), ARRAY(lost, n_lost, number, 65536) };
SHAPE(vault_outcome);
#undef S

/* ---- sessions ---- */

#define S vault_login_name
FIELDS(vault_login_name) { TEXT(name, NAME_MAX_BYTES) };
SHAPE(vault_login_name);
#undef S
#define S vault_login_name_reply
FIELDS(vault_login_name_reply) { STATUS(status), BYTES(hmac) };
SHAPE(vault_login_name_reply);
#undef S
#define S vault_login
FIELDS(vault_login) {
	TEXT(secrets, BLOB_MAX), TEXT(certificate, BLOB_MAX), TEXT(passphrase, SECRET_MAX), TEXT(totp, 64), FLAG(disabled),
	BYTES(login),
};
SHAPE(vault_login);
#undef S
#define S vault_login_reply
FIELDS(vault_login_reply) { STATUS(status), BYTES(cookie), PART(who, vault_who), TIME(now) };
SHAPE(vault_login_reply);
#undef S
#define S vault_attach
FIELDS(vault_attach) { PART(why, vault_why), ARRAY(standing, n_standing, open_group, 16) };
SHAPE(vault_attach);
#undef S
#define S vault_attach_reply
FIELDS(vault_attach_reply) { STATUS(status), PART(who, vault_who), ARRAY(accepted, n_accepted, str, 16) };
SHAPE(vault_attach_reply);
#undef S
#define S vault_lock
FIELDS(vault_lock) { BYTES(cookie) };
SHAPE(vault_lock);
#undef S
#define S vault_unlock
FIELDS(vault_unlock) { BYTES(cookie), TEXT(totp, 64), TEXT(passphrase, SECRET_MAX), TEXT(secrets, BLOB_MAX) };
SHAPE(vault_unlock);
#undef S
#define S vault_logout
FIELDS(vault_logout) { BYTES(cookie) };
SHAPE(vault_logout);
#undef S
#define S vault_session
FIELDS(vault_session) { BYTES(cookie), FLAG(activity) };
SHAPE(vault_session);
#undef S
#define S vault_session_reply
FIELDS(vault_session_reply) { STATUS(status), PART(who, vault_who), TIME(now) };
SHAPE(vault_session_reply);
#undef S
#define S vault_status_reply
FIELDS(vault_status_reply) { STATUS(status) };
SHAPE(vault_status_reply);
#undef S

/* ---- people and keys ---- */

#define S vault_invite
FIELDS(vault_invite) { PART(why, vault_why), ID(user), ID(controller), U64(roles), TIME(expires) };
SHAPE(vault_invite);
#undef S
#define S vault_invite_reply
FIELDS(vault_invite_reply) { STATUS(status), TEXT(invitation, BLOB_MAX), TEXT(code, 64) };
SHAPE(vault_invite_reply);
#undef S
#define S vault_enrol
FIELDS(vault_enrol) {
	TEXT(invitation, BLOB_MAX), TEXT(code, 64), TEXT(passphrase, SECRET_MAX), ID(user), FLAG(with_totp),
	FLAG(demo_strength),
};
SHAPE(vault_enrol);
#undef S
#define S vault_enrol_reply
FIELDS(vault_enrol_reply) {
	STATUS(status), TEXT(secrets, BLOB_MAX), TEXT(totp_secret, 64), BYTES(box_public), BYTES(sign_public),
	U64(roles),
};
SHAPE(vault_enrol_reply);
#undef S
#define S vault_passphrase
FIELDS(vault_passphrase) {
	BYTES(cookie), TEXT(secrets, BLOB_MAX), TEXT(old_passphrase, SECRET_MAX), TEXT(new_passphrase, SECRET_MAX),
};
SHAPE(vault_passphrase);
#undef S
#define S vault_passphrase_reply
FIELDS(vault_passphrase_reply) { STATUS(status), TEXT(secrets, BLOB_MAX) };
SHAPE(vault_passphrase_reply);
#undef S
#define S vault_certify
FIELDS(vault_certify) { PART(why, vault_why), TEXT(certificate, BLOB_MAX) };
SHAPE(vault_certify);
#undef S
#define S vault_certify_reply
FIELDS(vault_certify_reply) { STATUS(status), TEXT(certificate, BLOB_MAX), FLAG(whole) };
SHAPE(vault_certify_reply);
#undef S
#define S vault_certificates
FIELDS(vault_certificates) { ARRAY(certificates, n, str, 8192) };
SHAPE(vault_certificates);
#undef S
#define S grant_wish
FIELDS(grant_wish) {
	ID(holder), FLAG(standing), PART(to_key, deposit_key), U32(compartments), U16(role), U16(purpose), U16(basis),
	ID(reference), U32(serial), U32(not_after),
};
SHAPE(grant_wish);
#undef S
#define S new_stream
FIELDS(new_stream) { U16(compartment), PART(deposit, deposit_key), TEXT(recovery_wrap, BLOB_MAX), TEXT(older, OLDER_MAX) };
SHAPE(new_stream);
#undef S
#define S new_grant
FIELDS(new_grant) { ID(holder), TEXT(grant, GRANT_MAX) };
SHAPE(new_grant);
#undef S
#define S vault_new_case
FIELDS(vault_new_case) {
	PART(why, vault_why), ID(controller), ID(case_id), U32(compartments), ARRAY(grants, n_grants, grant_wish, 64),
};
SHAPE(vault_new_case);
#undef S
#define S vault_new_case_reply
FIELDS(vault_new_case_reply) {
	STATUS(status), U32(shred_slot), TEXT(own, GRANT_MAX), TEXT(recovery, BLOB_MAX),
	ARRAY(streams, n_streams, new_stream, 32), ARRAY(grants, n_grants, new_grant, 64),
};
SHAPE(vault_new_case_reply);
#undef S
#define S vault_grant
FIELDS(vault_grant) {
	PART(why, vault_why), ID(controller), ID(case_id), TEXT(own, GRANT_MAX), U32(shred_slot), PART(wish, grant_wish),
};
SHAPE(vault_grant);
#undef S
#define S vault_grant_reply
FIELDS(vault_grant_reply) { STATUS(status), TEXT(grant, GRANT_MAX) };
SHAPE(vault_grant_reply);
#undef S
#define S vault_new_stream
FIELDS(vault_new_stream) {
	PART(why, vault_why), ID(controller), ID(case_id), TEXT(own, GRANT_MAX), TEXT(recovery, BLOB_MAX), U32(shred_slot),
	U16(compartment),
};
SHAPE(vault_new_stream);
#undef S
#define S vault_new_stream_reply
FIELDS(vault_new_stream_reply) { STATUS(status), PART(stream, new_stream), TEXT(own, GRANT_MAX) };
SHAPE(vault_new_stream_reply);
#undef S

#define S rotate_holder
FIELDS(rotate_holder) { ID(holder), FLAG(standing), PART(to_key, deposit_key) };
SHAPE(rotate_holder);
#undef S
#define S vault_rotate
FIELDS(vault_rotate) {
	PART(why, vault_why), ID(controller), ID(case_id), TEXT(own, GRANT_MAX), TEXT(renewals, RENEWALS_MAX),
	U32(shred_slot), TEXT(recovery, BLOB_MAX), U32(compartments), ARRAY(older, n_older, older_keys, 32),
	ARRAY(holders, n_holders, rotate_holder, 4096),
};
SHAPE(vault_rotate);
#undef S
#define S vault_rotate_reply
FIELDS(vault_rotate_reply) {
	STATUS(status), TEXT(own, GRANT_MAX), ARRAY(streams, n_streams, new_stream, 32),
	ARRAY(renewals, n_renewals, new_grant, 4096),
};
SHAPE(vault_rotate_reply);
#undef S
#define S vault_end_sessions
FIELDS(vault_end_sessions) { PART(why, vault_why), ID(user) };
SHAPE(vault_end_sessions);
#undef S

/* ---- find, review, upkeep ---- */

#define S vault_index
FIELDS(vault_index) { PART(why, vault_why), TEXT(number, 16), U8(registers) };
SHAPE(vault_index);
#undef S
#define S index_key
FIELDS(index_key) { U32(epoch), U16(bucket), BYTES(hmac) };
SHAPE(index_key);
#undef S
#define S vault_index_reply
FIELDS(vault_index_reply) { STATUS(status), ARRAY(keys, n, index_key, 1024) };
SHAPE(vault_index_reply);
#undef S
#define S vault_review
FIELDS(vault_review) { PART(why, vault_why), U64(before), U32(count), ID(user), TIME(from), TIME(until) };
SHAPE(vault_review);
#undef S
#define S review_entry
FIELDS(review_entry) { U64(seq), TIME(at), U8(event_class), U8(outcome), TEXT(body, PLAIN_MAX) };
SHAPE(review_entry);
#undef S
#define S vault_review_reply
FIELDS(vault_review_reply) { STATUS(status), ARRAY(entries, n, review_entry, 1024), U64(reached) };
SHAPE(vault_review_reply);
#undef S
#define S vault_checkpoint
FIELDS(vault_checkpoint) { U32(nothing) };
SHAPE(vault_checkpoint);
#undef S
#define S vault_checkpoint_reply
FIELDS(vault_checkpoint_reply) { STATUS(status), U64(size), TEXT(text, BLOB_MAX) };
SHAPE(vault_checkpoint_reply);
#undef S
#define S vault_hello
FIELDS(vault_hello) { U32(protocol) };
SHAPE(vault_hello);
#undef S
#define S vault_hello_reply
FIELDS(vault_hello_reply) {
	STATUS(status), FLAG(simulated), FLAG(fresh), TIME(now), ID(boot), ARRAY(open_intents, n_open_intents, number, 65536),
	TEXT(fingerprint, 256),
};
SHAPE(vault_hello_reply);
#undef S
#define S trust_controller
FIELDS(trust_controller) {
	ID(controller), TEXT(name, NAME_MAX_BYTES), BYTES(officers), BYTES(officer_keys), BYTES(custodian_keys),
	BYTES(standing),
};
SHAPE(trust_controller);
#undef S
#define S vault_trust
FIELDS(vault_trust) { ARRAY(controllers, n, trust_controller, 64), FLAG(simulated) };
SHAPE(vault_trust);
#undef S
#define S vault_trust_reply
FIELDS(vault_trust_reply) { STATUS(status), TEXT(fingerprint, 256) };
SHAPE(vault_trust_reply);
#undef S
#define S vault_standing
FIELDS(vault_standing) { ID(controller), ID(dossier), PART(key, deposit_key), TEXT(older, OLDER_MAX) };
SHAPE(vault_standing);
#undef S
#define S vault_clock
FIELDS(vault_clock) { TIME(now) };
SHAPE(vault_clock);
#undef S
#define S vault_canary
FIELDS(vault_canary) { U32(nothing) };
SHAPE(vault_canary);
#undef S
#define S vault_canary_reply
FIELDS(vault_canary_reply) { STATUS(status), BYTES(cookie), ID(user), TEXT(certificate, BLOB_MAX) };
SHAPE(vault_canary_reply);
#undef S
#define S vault_shred
FIELDS(vault_shred) { PART(why, vault_why), ID(case_id), U32(shred_slot) };
SHAPE(vault_shred);
#undef S
#define S vault_custodian
FIELDS(vault_custodian) { TEXT(passphrase, SECRET_MAX), FLAG(demo_strength) };
SHAPE(vault_custodian);
#undef S
#define S vault_custodian_reply
FIELDS(vault_custodian_reply) { STATUS(status), BYTES(key), TEXT(text, BLOB_MAX) };
SHAPE(vault_custodian_reply);
#undef S
#define S vault_keys_copy
FIELDS(vault_keys_copy) { PART(why, vault_why) };
SHAPE(vault_keys_copy);
#undef S
#define S vault_keys_copy_reply
FIELDS(vault_keys_copy_reply) { STATUS(status), TEXT(copy, KEYS_COPY_MAX) };
SHAPE(vault_keys_copy_reply);
#undef S
#define S vault_keys_restore
FIELDS(vault_keys_restore) { TEXT(copy, KEYS_COPY_MAX), TEXT(custodian, BLOB_MAX), TEXT(passphrase, SECRET_MAX) };
SHAPE(vault_keys_restore);
#undef S
#define S vault_keys_restore_reply
FIELDS(vault_keys_restore_reply) { STATUS(status), TEXT(fingerprint, NAME_MAX_BYTES) };
SHAPE(vault_keys_restore_reply);
#undef S
#define S vault_restored
FIELDS(vault_restored) { U64(size), ID(snapshot) };
SHAPE(vault_restored);
#undef S
#define S vault_restored_reply
FIELDS(vault_restored_reply) { STATUS(status), U64(entry), U64(lost) };
SHAPE(vault_restored_reply);
#undef S

#define S vault_tick
FIELDS(vault_tick) { TIME(now) };
SHAPE(vault_tick);
#undef S
#define S vault_counts
FIELDS(vault_counts) { U32(nothing) };
SHAPE(vault_counts);
#undef S
#define S vault_counts_reply
FIELDS(vault_counts_reply) {
	STATUS(status), U64(sessions), U64(locked), U64(entries), U64(covered), U64(open_intents), U64(up_us),
};
SHAPE(vault_counts_reply);
#undef S

/* ---- which message has which shape ---- */

struct message { unsigned type; const struct wire_shape *request, *reply; };
static const struct message messages[] = {
#define MESSAGE(name, number, reply) { (number), &vault_##name##_shape, &vault_##reply##_shape },
#define MESSAGE_ONE_WAY(name, number) { (number), &vault_##name##_shape, NULL },
#include "wire/wire.def"
};

/* The client reads the status of any answer without knowing which it is. */
#define MESSAGE(name, number, reply) \
	_Static_assert(offsetof(struct vault_##reply, status) == 0, "every answer begins with its status");
#define MESSAGE_ONE_WAY(name, number)
#include "wire/wire.def"

static const struct message *find(unsigned type)
{
	if (type == 0 || type > COUNT_OF(messages)) return NULL;
	const struct message *m = &messages[type - 1];
	assert_always(m->type == type);
	return m;
}

const struct wire_shape *wire_request_shape(unsigned type)
{
	const struct message *m = find(type);
	return m ? m->request : NULL;
}

const struct wire_shape *wire_reply_shape(unsigned type)
{
	const struct message *m = find(type);
	return m ? m->reply : NULL;
}

/* ---- what follows from the fields ---- */

static uint32_t remember(const struct wire_shape *s);

/* Bytes of the shortest value of a field; *ret_more when others are longer. */
static uint32_t least_of(const struct wire_field *f, bool *ret_more)
{
	*ret_more = false;
	switch (f->kind) {
	case KIND_U8:
	case KIND_BOOL:
	case KIND_SEAL_TO: return 1;
	case KIND_U16:
	case KIND_ERR: return 2;
	case KIND_U32: return 4;
	case KIND_U64:
	case KIND_I64: return 8;
	case KIND_BYTES: return f->max;
	case KIND_PART: {
		uint32_t least = remember(f->sub);
		*ret_more = f->sub->memo->n_more > 0;
		return least;
	}
	case KIND_ARRAY: (void)remember(f->sub); *ret_more = true; return 4;
	case KIND_STR: *ret_more = true; return 4;
	}
	assert_always(false);
}

static uint32_t remember(const struct wire_shape *s)
{
	struct wire_memo *m = s->memo;
	if (m->least > 0) return m->least;
	uint32_t least = 0;
	for (size_t i = 0; i < s->n_fields; i++) {
		bool more;
		least += least_of(&s->fields[i], &more);
		if (!more) continue;
		assert_always(m->n_more < COUNT_OF(m->more));
		m->more[m->n_more++] = (uint8_t)i;
	}
	return m->least = least;
}

__attribute__((constructor)) static void remember_all(void)
{
	for (size_t i = 0; i < COUNT_OF(messages); i++) {
		(void)remember(messages[i].request);
		if (messages[i].reply != NULL) (void)remember(messages[i].reply);
	}
}

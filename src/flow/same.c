/* flow/same.c — writes, checks and shows the packages "possible same person". */
#include "flow/same.h"
#include "flow/lines.h"
#include "crypto/bytes.h"

#define HMAC_HEX 64
#define SAME_CEILING 512

static struct str hex_of(struct arena *a, const uint8_t hmac[32])
{
	struct buf b = buf_new(a, HMAC_HEX);
	for (size_t i = 0; i < 32; i++)
		buf_format(&b, "%02x", hmac[i]);
	return buf_view(&b);
}

static enum err put_same(struct write_plan *p, const struct controller_info *own, struct id16 case_id, struct str text)
{
	struct stream_to stream;
	struct id16 *id = NULL;
	enum err e = stream_to(p->flow, p->arena, case_id, COMPARTMENT_IDENTITY, &stream);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if ((e = random_ids(p->arena, 1, &id)) != OK)
		return e;
	struct row_deposits row = { .deposit_id = *id, .case_id = case_id, .compartment = COMPARTMENT_IDENTITY,
	                            .epoch = stream.key.epoch, .version = 1 };
	return put_deposit(p, own->id, &row, &stream.key, text);
}

/* To the others whose number went into this bucket in the same epoch of the index. */
static enum err plan_bucket_same(struct write_plan *p, const struct controller_info *own, const struct index_key *key)
{
	struct q_bucket_others_row *rows = NULL;
	size_t n = 0;
	struct asker nobody = { .id = { p->on->case_id } };
	struct db *db = store_reader(p->flow->store);
	enum err e = q_bucket_others(db, p->arena, own->id, key->bucket, nobody, &rows, &n);
	store_reader_done(p->flow->store, db);
	struct buf b = buf_new(p->arena, SAME_CEILING);
	line_str(&b, STR("same"), hex_of(p->arena, key->hmac));
	line_i64(&b, STR("sent"), p->not_before.us);
	if (buf_is_full(&b))
		return ERR_FULL;
	for (size_t i = 0; e == OK && i < n; i++)
		if (!id_eq(rows[i].case_id, p->on->case_id))
			e = put_same(p, own, rows[i].case_id, buf_view(&b));
	return e;
}

enum err plan_same(struct write_plan *p, const struct controller_info *own, const struct vault_index_reply *index)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < index->n; i++)
		e = plan_bucket_same(p, own, &index->keys[i]);
	return e;
}

bool is_same(struct str plain)
{
	return line_get(plain, STR("same")).n == HMAC_HEX;
}

enum err same_is_true(struct flow *f, struct arena *a, const struct cookie_secret *c, const struct vault_who *who,
                      struct id16 case_id, struct str plain, bool *ret)
{
	struct loaded *l = ARENA_NEW(a, struct loaded);
	if (!l)
		return ERR_FULL;
	struct load_wish w = { .case_id = case_id, .purpose = PURPOSE_INBOX, .act = STR("same_person"), .reason = STR("") };
	enum err e = case_load(f, a, c, who, &w, l);
	if (e != OK)
		return e;
	*ret = false;
	if (!l->state->identity || l->state->identity->number.n != 12)
		return OK;
	struct vault_index ask = { .why = { .cookie = *c, .purpose = PURPOSE_INBOX, .act = STR("same_person"),
	                                    .asked = case_id, .reason = STR("") },
	                           .number = l->state->identity->number };
	struct vault_index_reply reply = { .status = OK };
	if ((e = vault_index(f->vault, a, &ask, &reply)) != OK)
		return e == ERR_DENIED ? ERR_NOT_FOUND : e;
	for (size_t i = 0; i < reply.n && !*ret; i++)
		*ret = bytes_equal(hex_of(a, reply.keys[i].hmac).p, line_get(plain, STR("same")).p, HMAC_HEX);
	return OK;
}

void same_item(struct arena *a, struct str plain, struct inbox_item *ret)
{
	int64_t sent = 0;
	(void)line_get_i64(plain, STR("sent"), &sent);
	(void)a;
	ret->kind = PACKAGE_NONE;
	ret->same_person = true;
	ret->sender = STR("Den egna verksamheten");
	ret->ground = STR("Samma myndighet");
	ret->text = STR("Någon med samma nummer har registrerats på nytt. Fråga jouren eller dem som registrerar i dag, så att "
	                "personen slipper berätta två gånger.");
	ret->document_hash = STR("");
	ret->sent = (struct instant){ sent };
}

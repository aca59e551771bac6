/* tests/unit/test_crypto_vectors.c — the bytes of every format, for ever; and that no byte of them may change. */
#include "crypto_log_help.h"

static const struct envelope_at *at_of(void)
{
	static struct envelope_at at;
	at = (struct envelope_at){ .controller = id_of(1), .case_id = id_of(2), .compartment = 3, .slot = 1, .epoch = 4,
		                   .seq = 5, .version = 6, .row = id_of(7) };
	return &at;
}

static struct stream_key *stream_of(void)
{
	_cleanup_(key32_freep) struct key32 *ck = key_of(0xc0), *sk = key_of(0x50);
	struct stream_key *k = stream_key_new();
	stream_key_derive(ck, sk, at_of(), k);
	return k;
}

struct open_with {
	struct arena *a;
	struct stream_key *stream;
	struct key32 *one, *two;
	struct trust *trust;
	struct grant *grant;
};

static enum err try_envelope(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct str plain = STR_UNSET;
	enum err e = envelope_open(w->a, w->stream, at_of(), s, &plain);
	if (e == OK)
		assert_true(str_eq(plain, STR("noted:1:x\n")));
	arena_reset(w->a);
	return e;
}

static void ave1(void **state)
{
	(void)state;
	struct open_with w = { .a = help_arena(), .stream = stream_of() };
	struct str out = STR_UNSET;
	uint8_t aad[96], public[32], id[16], c0[32], s0[32];
	memset(c0, 0xc0, 32);
	memset(s0, 0x50, 32);
	chosen(1);
	assert_int_equal(envelope_seal(w.a, w.stream, at_of(), STR("noted:1:x\n"), &out), OK);
	envelope_aad(at_of(), 1, 1, 1, aad);
	stream_key_deposit(w.stream, public, NULL);
	stream_key_id(w.stream, id);
	vector_begin("ave1");
	vector_add("ck", c0, 32);
	vector_add("sk", s0, 32);
	vector_add("ckid", id, 16);
	vector_add("deposit_public", public, 32);
	vector_add("aad", aad, 96);
	vector_add("plain", "noted:1:x\n", 10);
	vector_add("envelope", out.p, out.n);
	vector_end();
	struct arena *b = help_arena();
	refuse_all_changes(vector_field(b, "ave1", "envelope"), try_envelope, &w);
	arena_free(b);
	stream_key_free(w.stream);
	arena_free(w.a);
}

static enum err try_box(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct str plain = STR_UNSET;
	enum err e = envelope_unbox(w->a, w->one, w->two, at_of(), s, &plain);
	if (e == OK)
		assert_true(str_eq(plain, STR("rung")));
	arena_reset(w->a);
	return e;
}

static void avb1(void **state)
{
	(void)state;
	struct open_with w = { .a = help_arena(), .one = key_of(0x11), .two = key_of(0xfe) };
	struct arena *b = help_arena();
	struct str out = STR_UNSET;
	uint8_t public[32], secret[32];
	memset(secret, 0x11, 32);
	key32_box_public(w.one, public);
	chosen(2);
	assert_int_equal(envelope_box(b, BOX_USER, public, w.two, at_of(), STR("rung"), &out), OK);
	vector_begin("avb1");
	vector_add("recipient_private", secret, 32);
	vector_add("plain", "rung", 4);
	vector_add("box", out.p, out.n);
	vector_end();
	refuse_all_changes(vector_field(b, "avb1", "box"), try_box, &w);
	key32_free(w.one);
	key32_free(w.two);
	arena_free(b);
	arena_free(w.a);
}

static enum err try_secrets(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct secrets_head h = { 0 };
	_cleanup_(key32_freep) struct key32 *kek = key32_new();
	_cleanup_(user_secrets_freep) struct user_secrets *u = user_secrets_new();
	enum err e;
	if ((e = secrets_head_parse(s, &h)) != OK)
		return e;
	/* A changed cost would only make the key another one; the vector's own is cheap, so only that is stretched. */
	if (h.method == SECRETS_PASSPHRASE && (h.cost.kib != 64 || h.cost.ops != 1))
		return ERR_LOGIN;
	if ((e = user_kek(&h, STR("en lång fras"), w->two, kek)) != OK)
		return e;
	return user_secrets_open(s, kek, u);
}

static void avu1_with(const char *name, enum secrets_method m)
{
	struct open_with w = { .two = key_of(0xfe) };
	struct key32 *kek = key32_new();
	struct user_secrets *u = user_secrets_new();
	struct arena *a = help_arena();
	uint8_t out[USER_SECRETS_BYTES], totp[TOTP_SECRET_BYTES], public[32], sign[32];
	chosen(3);
	user_secrets_make(u, true);
	struct secrets_head h = secrets_head_new(m, id_of(1), 7, (struct argon_cost){ 1, 64 });
	assert_int_equal(user_kek(&h, STR("en lång fras"), w.two, kek), OK);
	user_secrets_seal(u, &h, kek, out);
	key32_box_public(user_secrets_box(u), public);
	key32_sign_public(user_secrets_seed(u), sign);
	assert_int_equal(user_secrets_totp(u, totp), TOTP_SECRET_BYTES);
	vector_begin(name);
	vector_add("passphrase", "en lång fras", sizeof("en lång fras") - 1);
	vector_add("box_public", public, 32);
	vector_add("sign_public", sign, 32);
	vector_add("totp", totp, sizeof(totp));
	vector_add("secrets", out, sizeof(out));
	vector_end();
	refuse_all_changes(vector_field(a, name, "secrets"), try_secrets, &w);
	arena_free(a);
	user_secrets_free(u);
	key32_free(kek);
	key32_free(w.two);
}

static void avu1(void **state)
{
	(void)state;
	avu1_with("avu1", SECRETS_PASSPHRASE);
	avu1_with("avu1-canary", SECRETS_CANARY);
}

/* ---- trust and what officers sign ------------------------------------------------------------------------- */

static void trust_fill(struct trust *t)
{
	struct key32 *log = key_of(0x70), *k;
	*t = (struct trust){ .simulated = false, .n = 1 };
	key32_sign_public(log, t->log_key);
	key32_free(log);
	struct trust_party *p = &t->party[0];
	p->controller = id_of(1);
	memcpy(p->name, "Socialnämnden i Exempelstad", sizeof("Socialnämnden i Exempelstad"));
	for (uint8_t i = 0; i < 2; i++) {
		p->officer[i] = id_of((uint8_t)(10 + i));
		key32_sign_public(k = key_of((uint8_t)(0x80 + i)), p->officer_key[i]);
		key32_free(k);
	}
	for (uint8_t i = 0; i < 3; i++) {
		key32_box_public(k = key_of((uint8_t)(0x90 + i)), p->custodian[i]);
		key32_free(k);
	}
	for (uint8_t i = 0; i < 4; i++)
		p->standing[i] = id_of((uint8_t)(20 + i));
}

static enum err try_trust(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	enum err e = trust_parse(s, w->trust);
	if (e != OK)
		return e;
	/* Another trust may be well formed; then its fingerprint is another one. */
	uint8_t fp[32], want[32];
	struct arena *a = help_arena();
	trust_fingerprint(s, fp);
	memcpy(want, vector_field(a, "trust", "fingerprint").p, 32);
	arena_free(a);
	return memcmp(fp, want, 32) == 0 ? OK : ERR_DENIED;
}

static void trust(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .trust = ARENA_NEW(a, struct trust) };
	struct trust *t = ARENA_NEW(a, struct trust);
	uint8_t fp[32];
	char shown[TRUST_FINGERPRINT_TEXT];
	trust_fill(t);
	struct str text = trust_text(a, t);
	trust_fingerprint(text, fp);
	trust_fingerprint_text(fp, shown);
	vector_begin("trust");
	vector_add("text", text.p, text.n);
	vector_add("fingerprint", fp, 32);
	vector_add("shown", shown, sizeof(shown));
	vector_end();
	refuse_all_changes(vector_field(a, "trust", "text"), try_trust, &w);
	arena_free(a);
}

static enum err try_certificate(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct certificate c;
	enum err e;
	if ((e = certificate_parse(s, &c)) != OK)
		return e;
	return certificate_verify(&c, w->trust, id_of(1), (struct instant){ 1000 });
}

static void avc1(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .trust = ARENA_NEW(a, struct trust) };
	struct key32 *one = key_of(0x80), *two = key_of(0x81);
	uint8_t out[CERTIFICATE_BYTES];
	trust_fill(w.trust);
	struct certificate c = { .user = id_of(5), .serial = 1, .not_before = { 500 }, .not_after = { 2000 }, .roles = 3,
		                 .officer = { id_of(10), id_of(11) } };
	bytes_of(6, c.box_public, 32);
	bytes_of(7, c.sign_public, 32);
	assert_int_equal(certificate_sign(&c, &(struct signer){ id_of(10), 1, one }), OK);
	assert_int_equal(certificate_sign(&c, &(struct signer){ id_of(11), 1, two }), OK);
	certificate_bytes(&c, out);
	vector_begin("avc1");
	vector_add("certificate", out, sizeof(out));
	vector_end();
	refuse_all_changes(vector_field(a, "avc1", "certificate"), try_certificate, &w);
	key32_free(one);
	key32_free(two);
	arena_free(a);
}

static char code[INVITATION_CODE];
static enum err try_invitation(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct invitation i;
	return invitation_open(s, w->trust, (struct str){ code, sizeof(code) }, (struct instant){ 1000 }, &i);
}

static void avi1(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .trust = ARENA_NEW(a, struct trust) };
	struct key32 *two = key_of(0x81);
	uint8_t out[INVITATION_BYTES];
	trust_fill(w.trust);
	struct invitation i = { .user = id_of(5), .controller = id_of(1), .roles = 3, .expires = { 2000 } };
	chosen(4);
	invitation_make(&i, &(struct signer){ id_of(11), 1, two }, out, code);
	vector_begin("avi1");
	vector_add("code", code, sizeof(code));
	vector_add("invitation", out, sizeof(out));
	vector_end();
	refuse_all_changes(vector_field(a, "avi1", "invitation"), try_invitation, &w);
	key32_free(two);
	arena_free(a);
}

/* ---- grants ------------------------------------------------------------------------------------------------- */

static enum err granter(void *ctx, struct id16 who, uint32_t serial, uint8_t ret[32])
{
	struct open_with *w = ctx;
	if (!id_eq(who, id_of(8)) || serial != 2)
		return ERR_NOT_FOUND;
	key32_sign_public(w->two, ret);
	return OK;
}

static enum err try_wrapped(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	return grant_unwrap(s, w->one, &(struct granter_lookup){ granter, w }, w->grant);
}

static enum err try_accepted(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	return grant_open(s, w->one, w->grant);
}

static void grants(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .one = key_of(0x21), .two = key_of(0x22), .grant = grant_new() };
	_cleanup_(grant_freep) struct grant *g = grant_new();
	_cleanup_(key32_freep) struct key32 *c0 = key_of(0xa0), *c1 = key_of(0xa1);
	uint8_t public[32], wrapped[GRANT_WRAPPED_BYTES], accepted[GRANT_ACCEPTED_BYTES];
	struct grant_clear clear = { .class = GRANT_STD, .controller = id_of(1), .case_id = id_of(2), .holder = id_of(3),
		                     .holder_serial = 1, .serial = 9, .not_after = 2026 * 12 + 11 };
	grant_begin(g, &clear);
	assert_int_equal(grant_add(g, &(struct grant_entry){ 0, 1, 1, 1, 1, id_of(4) }, c0), OK);
	assert_int_equal(grant_add(g, &(struct grant_entry){ 6, 2, 1, 1, 1, id_of(4) }, c1), OK);
	key32_box_public(w.one, public);
	chosen(5);
	grant_wrap(g, public, &(struct signer){ id_of(8), 2, w.two }, wrapped);
	assert_int_equal(try_wrapped(BYTES(wrapped), &w), OK);
	grant_accept(w.grant, w.one, accepted);
	vector_begin("avw2");
	vector_add("grant", wrapped, sizeof(wrapped));
	vector_end();
	vector_begin("avg1");
	vector_add("grant", accepted, sizeof(accepted));
	vector_end();
	refuse_all_changes(vector_field(a, "avg1", "grant"), try_accepted, &w);
	refuse_all_changes(vector_field(a, "avw2", "grant"), try_wrapped, &w);
	assert_int_equal(grant_count(w.grant), 2);
	assert_true(key32_equal(grant_key(w.grant, 1), c1));
	grant_free(w.grant);
	key32_free(w.one);
	key32_free(w.two);
	arena_free(a);
}

/* ---- recovery ------------------------------------------------------------------------------------------------ */

static enum err try_recovery(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	uint8_t public[32];
	return recovery_public(s, id_of(1), id_of(2), w->two, public);
}

static void avr2(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .two = key_of(0xfe) };
	struct key32 *k[3], *out = key32_new(), *ck = key_of(0xc0), *got = key32_new();
	uint8_t custodians[3][32], bytes[RECOVERY_BYTES], public[32], wrap[RECOVERY_WRAP_BYTES];
	for (uint8_t i = 0; i < 3; i++)
		key32_box_public(k[i] = key_of((uint8_t)(0x90 + i)), custodians[i]);
	chosen(6);
	assert_int_equal(recovery_make(id_of(1), id_of(2), custodians[0], w.two, bytes), OK);
	assert_int_equal(recovery_public(BYTES(bytes), id_of(1), id_of(2), w.two, public), OK);
	recovery_wrap(public, ck, wrap);
	vector_begin("avr2");
	vector_add("recovery", bytes, sizeof(bytes));
	vector_add("wrap", wrap, sizeof(wrap));
	vector_end();
	struct str stored = vector_field(a, "avr2", "recovery");
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			enum err e = recovery_open(stored, k[i], k[j], out);
			assert_int_equal(e, i == j ? ERR_DENIED : OK);
			if (i != j) {
				assert_int_equal(recovery_unwrap(out, vector_field(a, "avr2", "wrap"), got), OK);
				assert_true(key32_equal(got, ck));
			}
		}
	}
	refuse_all_changes(stored, try_recovery, &w);
	for (int i = 0; i < 3; i++)
		key32_free(k[i]);
	key32_free(out);
	key32_free(ck);
	key32_free(got);
	key32_free(w.two);
	arena_free(a);
}

static enum err try_copy(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	struct str plain = STR_UNSET;
	enum err e = custodian_unseal(w->a, s, w->one, &plain);
	arena_reset(w->a);
	return e;
}

static void custodians(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct open_with w = { .a = help_arena(), .one = key32_new() };
	struct str text = STR_UNSET, out = STR_UNSET;
	uint8_t public[2][32];
	struct key32 *other = key_of(0x90);
	key32_box_public(other, public[0]);
	chosen(7);
	assert_int_equal(custodian_make(a, STR("väktarens fras"), (struct argon_cost){ 1, 64 }, public[1], &text), OK);
	vector_begin("avk1");
	vector_add("public", public[1], 32);
	vector_add("text", text.p, text.n);
	vector_end();
	assert_int_equal(custodian_open(vector_field(a, "avk1", "text"), STR("fel fras"), w.one), ERR_LOGIN);
	assert_int_equal(custodian_open(vector_field(a, "avk1", "text"), STR("väktarens fras"), w.one), OK);
	assert_int_equal(custodian_seal(a, public[0], 2, STR("nycklarna"), &out), OK);
	vector_begin("avy1");
	vector_add("plain", "nycklarna", 9);
	vector_add("copy", out.p, out.n);
	vector_end();
	refuse_all_changes(vector_field(a, "avy1", "copy"), try_copy, &w);
	key32_free(w.one);
	key32_free(other);
	arena_free(w.a);
	arena_free(a);
}

/* ---- the log ------------------------------------------------------------------------------------------------- */

static enum err try_entry(struct str s, void *ctx)
{
	struct log_entry e;
	struct tree_hash *want = ctx;
	struct tree_hash h = tree_leaf(s);
	if (log_entry_parse(s, &e) != OK)
		return ERR_CORRUPT;
	return memcmp(h.b, want->b, 32) == 0 ? OK : ERR_DENIED;
}

static void avl1(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	uint8_t rows[2 * LOG_ROW_BYTES], out[LOG_ENTRY_FIXED + 2 * LOG_ROW_BYTES];
	struct log_row row = { .row = id_of(3), .version = 12 };
	bytes_of(4, row.tag, 16);
	log_row_bytes(&row, rows);
	row = (struct log_row){ .row = id_of(5), .version = 1 };
	log_row_bytes(&row, rows + LOG_ROW_BYTES);
	struct log_entry e = { .class = LOG_SAVE, .outcome = LOG_INTENT, .body = LOG_BODY_SEALED, .seq = 77, .time_us = 1795000000000000,
		               .mono_ns = 5000000000, .boot = id_of(6), .node = 1, .n_rows = 2, .body_n = 304, .ref_seq = 0, .key_seq = 70,
		               .durable = 76, .rows = rows };
	bytes_of(9, e.body_hash, 32);
	assert_int_equal(log_entry_size(&e), sizeof(out));
	log_entry_bytes(&e, out);
	struct tree_hash leaf = tree_leaf(BYTES(out));
	vector_begin("avl1");
	vector_add("clear", out, sizeof(out));
	vector_add("leaf", leaf.b, 32);
	vector_end();
	refuse_all_changes(vector_field(a, "avl1", "clear"), try_entry, &leaf);
	struct log_entry got = { 0 };
	assert_int_equal(log_entry_parse(BYTES(out), &got), OK);
	assert_int_equal(got.seq, 77);
	assert_int_equal(log_entry_row(&got, 0).version, 12);
	assert_true(id_eq(log_entry_row(&got, 1).row, id_of(5)));
	arena_free(a);
}

/* A whole small log: segment, interval key, sealed body, checkpoint, state. Written as ever, and read from its vector. */
static void write_log(struct logged *w)
{
	struct log_seal seal = { .controller = id_of(1), .body = STR("vem:5:karin\n") };
	struct key32 *review = key_of(0x33);
	struct log_row row = row_of(4, 2);
	uint64_t seq = 0;
	key32_box_public(review, seal.review_key);
	key32_free(review);
	chosen(9);
	struct log *l = logged_create(w);
	logged_add(w, l, LOG_START, LOG_NONE, 1);
	struct log_new n = { .class = LOG_SAVE, .outcome = LOG_INTENT, .time_us = w->time_us, .mono_ns = w->mono_ns, .rows = &row, .n_rows = 1, .seal = &seal };
	assert_int_equal(log_append(l, &n, &seq), OK);
	logged_checkpoint(w, l);
	log_close(l);
	unchosen();
}

static void whole_log(void **state)
{
	(void)state;
	static struct logged w, v;
	struct str s = STR_UNSET;
	uint32_t segment = 0;
	uint64_t end = 0;
	size_t open = 0;
	logged_begin(&w);
	write_log(&w);
	struct log *l = logged_open(&w);
	log_end_place(l, &segment, &end);
	log_close(l);
	vector_begin("log");
	static const char *const files[] = { "000001.avl", "checkpoint", "checkpoints", "state" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		assert_int_equal(file_read_small(w.a, w.dir_fd, files[i], 4 * 1024 * 1024, &s), OK);
		vector_add(files[i], s.p, i == 0 ? (size_t)end : s.n);
	}
	vector_end();
	logged_begin(&v);
	for (size_t i = 0; i < COUNT_OF(files); i++)
		assert_int_equal(file_write_durable(v.dir_fd, files[i], vector_field(v.a, "log", files[i])), OK);
	assert_int_equal(verify_run(&v, v.dir_fd, STR_UNSET, NULL).worst, VERIFY_OK);
	l = logged_open(&v);
	assert_int_equal(log_size(l), 4);
	assert_int_equal(log_open_intents(l, &open)[0], 3);
	assert_int_equal(open, 1);
	log_close(l);
	logged_end(&v);
	logged_end(&w);
}

static void log_body_of_vector(void **state)
{
	(void)state;
	static struct logged v;
	struct log_reader *r = NULL;
	struct log_record rec;
	struct str plain = STR_UNSET;
	struct id16 whose;
	_cleanup_(key32_freep) struct key32 *review = key_of(0x33), *interval = key32_new();
	logged_begin(&v);
	assert_int_equal(file_write_durable(v.dir_fd, "000001.avl", vector_field(v.a, "log", "000001.avl")), OK);
	assert_int_equal(log_reader_new(v.a, v.dir_fd, &r), OK);
	assert_int_equal(log_reader_seek(r, 2), OK);
	assert_int_equal(log_reader_next(r, &rec), OK);
	assert_int_equal(log_key_open(rec.body, review, &whose, interval), OK);
	assert_int_equal(log_reader_next(r, &rec), OK);
	assert_int_equal(log_body_open(v.a, &rec.entry, rec.body, interval, &plain), OK);
	assert_true(str_eq(plain, STR("vem:5:karin\n")));
	log_reader_close(r);
	logged_end(&v);
}

static void digests(void **state)
{
	(void)state;
	struct arena *a = help_arena();
	struct buf b = buf_new(a, 4096);
	uint8_t tag[16], whole[16];
	row_digest_begin(&b, 7);
	row_digest_id(&b, id_of(2));
	row_digest_i64(&b, -1);
	struct id16 name = row_digest_name(buf_view(&b));
	row_digest_blob(&b, STR_UNSET);
	struct str clear = buf_view(&b);
	row_digest_tag_sealed(clear, STR("sealed"), tag);
	row_digest_blob(&b, STR("sealed"));
	row_digest_tag(buf_view(&b), whole);
	assert_memory_equal(tag, whole, 16);
	vector_begin("row-digest");
	vector_add("row", buf_view(&b).p, buf_view(&b).n);
	vector_add("name", name.b, 16);
	vector_add("tag", tag, 16);
	vector_end();
	arena_free(a);
}

static void derived(void **state)
{
	(void)state;
	struct stream_key *k = stream_of();
	struct key32 *vault = key_of(0xfe);
	uint8_t login[32], number[32];
	login_name_hmac(vault, STR("karin.ek"), login);
	stream_key_index(k, STR("198112189876"), number);
	vector_begin("hmac");
	vector_add("login", login, 32);
	vector_add("number", number, 32);
	vector_end();
	stream_key_free(k);
	key32_free(vault);
}

/* ---- epochs ------------------------------------------------------------------------------------------------- */

/* Every older key in an AVO1 of epoch 4. */
static enum err try_older(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	_cleanup_(key32_freep) struct key32 *got = key32_new();
	for (uint32_t epoch = 1; epoch < 4; epoch++) {
		_cleanup_(key32_freep) struct key32 *want = key_of((uint8_t)(0xe0 + epoch));
		enum err e = older_open(s, w->one, at_of(), epoch, got);
		if (e != OK)
			return e;
		assert_true(key32_equal(got, want));
	}
	return OK;
}

static void avo1(void **state)
{
	(void)state;
	struct open_with w = { .one = key_of(0xe4) };
	struct arena *a = help_arena();
	struct envelope_at at = *at_of();
	struct str older = STR_UNSET;
	_cleanup_(key32_freep) struct key32 *got = key32_new();
	for (at.epoch = 1; at.epoch < 4; at.epoch++) {
		_cleanup_(key32_freep) struct key32 *now = key_of((uint8_t)(0xe0 + at.epoch)), *next = key_of((uint8_t)(0xe1 + at.epoch));
		uint8_t *bytes = arena_take(a, older_bytes(at.epoch + 1));
		assert_int_equal(older_next(older, now, &at, next, bytes), OK);
		older = (struct str){ (const char *)bytes, older_bytes(at.epoch + 1) };
	}
	vector_begin("avo1");
	vector_add("older", older.p, older.n);
	vector_end();
	refuse_all_changes(vector_field(a, "avo1", "older"), try_older, &w);
	/* No key of itself or of a later epoch; nothing in another place, nor under another key. */
	assert_int_equal(older_open(older, w.one, at_of(), 4, got), ERR_DENIED);
	assert_int_equal(older_open(older, w.one, at_of(), 0, got), ERR_DENIED);
	struct envelope_at moved[3] = { *at_of(), *at_of(), *at_of() };
	moved[0].case_id = id_of(9);
	moved[1].compartment++;
	moved[2].epoch++;
	for (size_t i = 0; i < COUNT_OF(moved); i++)
		assert_int_equal(older_open(older, w.one, &moved[i], 1, got), ERR_CORRUPT);
	_cleanup_(key32_freep) struct key32 *third = key_of(0xe3);
	assert_int_equal(older_open(older, third, at_of(), 1, got), ERR_CORRUPT);
	at.epoch = OLDER_EPOCHS_MAX;
	assert_int_equal(older_next(older, w.one, &at, third, NULL), ERR_FULL);
	key32_free(w.one);
	arena_free(a);
}

/* A grant to heads and risk in the epochs before the renewal's. */
static void before_renewal(struct grant *g, uint8_t holder)
{
	_cleanup_(key32_freep) struct key32 *c0 = key_of(0xa0), *c6 = key_of(0xa6);
	struct grant_clear clear = { .controller = id_of(1), .case_id = id_of(2), .holder = id_of(holder), .holder_serial = 1, .serial = 9 };
	grant_begin(g, &clear);
	assert_int_equal(grant_add(g, &(struct grant_entry){ 0, 1, 1, 1, 1, id_of(4) }, c0), OK);
	assert_int_equal(grant_add(g, &(struct grant_entry){ 6, 2, 1, 1, 1, id_of(4) }, c6), OK);
}

static enum err try_renewal(struct str s, void *ctx)
{
	struct open_with *w = ctx;
	before_renewal(w->grant, 3);
	return renewal_take(s, w->one, w->two, w->grant);
}

static void avn1(void **state)
{
	(void)state;
	struct open_with w = { .one = key_of(0x21), .two = key_of(0xfe), .grant = grant_new() };
	struct arena *a = help_arena();
	_cleanup_(key32_freep) struct key32 *c0 = key_of(0xa0), *c6 = key_of(0xa6), *c7 = key_of(0xa7), *n0 = key_of(0xb0),
	                                    *n6 = key_of(0xb6), *n7 = key_of(0xb7), *transfer = key_of(0x77);
	struct renewal_entry entries[3] = { { 0, 2, c0, n0 }, { 6, 3, c6, n6 }, { 7, 5, c7, n7 } };
	struct renewal_to to = { .controller = id_of(1), .case_id = id_of(2), .holder = id_of(3), .holder_serial = 4 };
	uint8_t out[RENEWAL_BYTES(3)];
	key32_box_public(w.one, to.key);
	chosen(6);
	assert_int_equal(renewal_make(&to, transfer, entries, 3, w.two, out), OK);
	vector_begin("avn1");
	vector_add("renewal", out, sizeof(out));
	vector_end();
	refuse_all_changes(vector_field(a, "avn1", "renewal"), try_renewal, &w);
	assert_int_equal(try_renewal(BYTES(out), &w), OK);
	/* What was held has moved on; what was not held has not come. */
	assert_int_equal(grant_count(w.grant), 2);
	assert_true(grant_entry(w.grant, 0)->epoch == 2 && key32_equal(grant_key(w.grant, 0), n0));
	assert_true(grant_entry(w.grant, 1)->epoch == 3 && key32_equal(grant_key(w.grant, 1), n6));
	assert_int_equal(grant_clear(w.grant)->holder_serial, 4);
	/* Taken twice it changes nothing. Another holder's grant, key or vault: no. */
	assert_int_equal(renewal_take(BYTES(out), w.one, w.two, w.grant), OK);
	assert_int_equal(grant_entry(w.grant, 0)->epoch, 2);
	before_renewal(w.grant, 8);
	assert_int_equal(renewal_take(BYTES(out), w.one, w.two, w.grant), ERR_DENIED);
	before_renewal(w.grant, 3);
	assert_int_equal(renewal_take(BYTES(out), c0, w.two, w.grant), ERR_CORRUPT);
	assert_int_equal(renewal_take(BYTES(out), w.one, c0, w.grant), ERR_CORRUPT);
	/* Who has the transfer key but another old key gets nothing, and no half. */
	struct grant_clear clear = *grant_clear(w.grant);
	grant_begin(w.grant, &clear);
	assert_int_equal(grant_add(w.grant, &(struct grant_entry){ 0, 1, 1, 1, 1, id_of(4) }, c0), OK);
	assert_int_equal(grant_add(w.grant, &(struct grant_entry){ 6, 2, 1, 1, 1, id_of(4) }, c7), OK);
	assert_int_equal(renewal_take(BYTES(out), w.one, w.two, w.grant), ERR_CORRUPT);
	assert_true(grant_entry(w.grant, 0)->epoch == 1 && key32_equal(grant_key(w.grant, 0), c0));
	grant_free(w.grant);
	key32_free(w.one);
	key32_free(w.two);
	arena_free(a);
}

static void proof(void **state)
{
	(void)state;
	struct stream_key *k = stream_of();
	struct key32 *vault = key_of(0xfe), *other = key_of(0xfd);
	uint8_t public[32], bytes[32], wrong[32];
	stream_key_deposit(k, public, NULL);
	stream_proof(vault, at_of(), public, bytes);
	vector_begin("stream-proof");
	vector_add("deposit_public", public, 32);
	vector_add("proof", bytes, 32);
	vector_end();
	assert_true(stream_proof_good(vault, at_of(), public, bytes));
	assert_false(stream_proof_good(other, at_of(), public, bytes));
	for (size_t i = 0; i < 32; i++) {
		memcpy(wrong, bytes, 32);
		wrong[i] ^= 1;
		assert_false(stream_proof_good(vault, at_of(), public, wrong));
		memcpy(wrong, public, 32);
		wrong[i] ^= 1;
		assert_false(stream_proof_good(vault, at_of(), wrong, bytes));
	}
	struct envelope_at moved[4] = { *at_of(), *at_of(), *at_of(), *at_of() };
	moved[0].controller = id_of(9);
	moved[1].case_id = id_of(9);
	moved[2].compartment++;
	moved[3].epoch++;
	for (size_t i = 0; i < COUNT_OF(moved); i++)
		assert_false(stream_proof_good(vault, &moved[i], public, bytes));
	stream_key_free(k);
	key32_free(vault);
	key32_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ave1), cmocka_unit_test(avb1), cmocka_unit_test(avu1), cmocka_unit_test(trust), cmocka_unit_test(avc1),
		cmocka_unit_test(avi1), cmocka_unit_test(grants), cmocka_unit_test(avr2), cmocka_unit_test(custodians),
		cmocka_unit_test(avl1), cmocka_unit_test(whole_log), cmocka_unit_test(log_body_of_vector), cmocka_unit_test(digests), cmocka_unit_test(derived),
		cmocka_unit_test(avo1), cmocka_unit_test(avn1),
		cmocka_unit_test(proof),
	};
	help_start();
	return cmocka_run_group_tests_name("crypto vectors", tests, NULL, NULL);
}

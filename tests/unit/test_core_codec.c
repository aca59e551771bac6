/* tests/unit/test_core_codec.c — events, summaries, profiles and the digest: there and back, and what is refused. */
#include "core/digest.h"
#include "core/package.h"
#include "core/profile.h"
#include "core/record.h"
#include "core/state.h"
#include "core/work.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct arena *a;

static int setup(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	return a ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct str S(const char *c)
{
	return str_c(c);
}

static enum err decode(const char *text, struct event *ret)
{
	return event_decode(a, COMPARTMENT_SOCIAL, 7, S(text), ret);
}

static void test_note_is_readable(void **state)
{
	(void)state;
	struct ev_note n;
	record_clear(&record_rows[RECORD_note], &n);
	n.kind = NOTE_CONTACT;
	n.said = STR("Jag orkar inte.\nInte ett dygn till.");
	struct event e = { .kind = EV_NOTE, .noted = INSTANT_UNSET, .happened = INSTANT_UNSET, .author_name = STR("Anna Lind"),
	                   .author_title = STR("samordnare"), .source = SOURCE_PERSON, .data = &n };
	struct str text = event_encode(a, &e);
	assert_true(str_eq_c(text, "author_name:9:Anna Lind\nauthor_title:10:samordnare\nevent:4:note\nsource_class:6:person\n"
	                           "kind:7:contact\nsaid:35:Jag orkar inte.\nInte ett dygn till.\n"));
}

/* With and without the vault's lines in front. */
static void test_stamp(void **state)
{
	(void)state;
	struct event e;
	assert_int_equal(decode("noted:27:2026-11-22T19:40:12.123456Z\nauthor:32:000102030405060708090a0b0c0d0e0f\n"
	                        "event:4:note\nkind:5:other\n", &e), OK);
	assert_int_equal(e.kind, EV_NOTE);
	assert_int_equal(e.seq, 7);
	assert_int_equal(e.author.b[15], 15);
	assert_int_equal(instant_civil(e.noted).hour, 20);
	assert_int_equal(((const struct ev_note *)e.data)->kind, NOTE_OTHER);
	assert_int_equal(e.author_name.n + e.author_title.n, 0);
	assert_int_equal(decode("author:32:000102030405060708090a0b0c0d0e0f\nauthor_name:4:Anna\nauthor_title:4:chef\nseq:1:9\n"
	                        "event:4:note\nkind:5:other\n", &e), OK);
	assert_true(str_eq_c(e.author_name, "Anna") && str_eq_c(e.author_title, "chef") && e.seq == 9);
	assert_int_equal(decode("event:4:note\nkind:5:other\n", &e), OK);
	assert_false(instant_is_set(e.noted));
	/* A stamp that stands anywhere else than in front was not made by the vault. */
	assert_int_equal(decode("event:4:note\nnoted:27:2026-11-22T19:40:12.123456Z\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("event:4:note\nauthor:32:000102030405060708090a0b0c0d0e0f\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("event:4:note\nauthor_name:4:Anna\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("event:4:note\nauthor_title:4:Anna\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("author_name:4:Anna\nauthor_name:4:Anna\nevent:4:note\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("author_title:4:Anna\nauthor_name:4:Anna\nevent:4:note\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("noted:27:2026-11-22T19:40:12.123456Z\nnoted:27:2026-11-22T19:40:12.123456Z\nevent:4:note\n", &e), ERR_CORRUPT);
	assert_int_equal(decode("author:32:000102030405060708090a0b0c0d0e0f\nnoted:27:2026-11-22T19:40:12.123456Z\nevent:4:note\n", &e), ERR_CORRUPT);
}

static void test_malformed(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "event", "event:", "event:4", "event:4:", "event:4:note", "event:5:note\n", "event:3:note\n", ":4:note\n",
		"event:04:note\n", "event:-4:note\n", "event:9999999:note\n", "event:99999999999:note\n", "kind:4:note\n",
		"event:4:note\nkind", "event:4:note\nat:10:2026-11-22\n", "event:4:note\nat:27:2026-13-22T19:40:12.123456Z\n",
		"event:4:note\nx:1:ab\n", "noted:3:abc\nevent:4:note\n", "author:3:abc\nevent:4:note\n", "seq:1:0\nevent:4:note\n",
		"event:12:joint_signed\ndocument:4:abcd\n", "event:8:officers\nofficer:3:abc\n",
		"event:10:correction\nentry:4:32.1\n", "event:10:correction\nentry:3:2.0\n", "event:8:identity\nbirth:10:2026-02-31\n",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct event e = { .kind = EV_CADENCE };
		assert_int_equal(decode(bad[i], &e), ERR_CORRUPT);
		assert_int_equal(e.kind, EV_CADENCE); /* an output is written on success alone */
	}
}

/* What a newer program wrote is kept: a kind whole, a field or a choice passed over. */
static void test_newer_program(void **state)
{
	(void)state;
	struct event e;
	assert_int_equal(decode("event:4:note\nkind:8:telepath\ncolour:3:red\ntext:2:hi\n", &e), OK);
	assert_int_equal(((const struct ev_note *)e.data)->kind, NOTE_NONE);
	assert_true(str_eq_c(((const struct ev_note *)e.data)->text, "hi"));
	const char *unknown = "author_name:4:Anna\nevent:8:teleport\nto:4:Mars\n";
	assert_int_equal(decode(unknown, &e), OK);
	assert_int_equal(e.kind, EV_UNKNOWN);
	assert_true(str_eq_c(e.author_name, "Anna"));
	assert_true(str_eq_c(event_encode(a, &(struct event){ .noted = INSTANT_UNSET, .happened = INSTANT_UNSET,
		.author_name = e.author_name, .data = e.data }), unknown));
	struct kase *k = case_new(a), *again = case_new(a);
	case_apply(a, k, &e);
	struct str snapshot = snapshot_encode(a, k, COMPARTMENT_SOCIAL);
	assert_int_equal(snapshot_apply(a, again, COMPARTMENT_SOCIAL, snapshot), OK);
	assert_true(str_eq(snapshot, snapshot_encode(a, again, COMPARTMENT_SOCIAL)));
	assert_true(event_text(a, &e).n > 0);
}

/* ---- every kind with every field ----------------------------------------------------------------------------------------- */

static void fill(const struct field_row *f, void *data, size_t n)
{
	struct str text = arena_format(a, "å:%zu:\nrad 2", n);
	unsigned number = f->list ? f->list->rows[n % f->list->n].number : 0;
	uint64_t bits = f->list ? (UINT64_C(1) << f->list->rows[0].number) | (UINT64_C(1) << number) : 0;
	struct day d = { 20000 + (int32_t)n };
	struct instant t = { INT64_C(1795446000123456) + (int64_t)n };
	struct id16 id = { { 1, 2, (uint8_t)n } };
	struct person p = { n % 2 ? id : (struct id16){ { 0 } }, STR("Maria Å") };
	struct hash32 h = { { 5, (uint8_t)n } };
	struct entry_ref r = { (uint16_t)(n % 31), n + 1 };
	int64_t count = (int64_t)n + 1;
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: case FIELD_NUMBER12: field_put(f, data, &text); break;
	case FIELD_CHOICE: case FIELD_YESNO: field_put(f, data, &number); break;
	case FIELD_CHOICES: field_put(f, data, &bits); break;
	case FIELD_DAY: field_put(f, data, &d); break;
	case FIELD_MOMENT: field_put(f, data, &t); break;
	case FIELD_NUMBER: field_put(f, data, &count); break;
	case FIELD_PERSON: field_put(f, data, &p); break;
	case FIELD_PICK: case FIELD_ID: field_put(f, data, &id); break;
	case FIELD_HASH: field_put(f, data, &h); break;
	case FIELD_ENTRY: field_put(f, data, &r); break;
	}
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORD_COUNT; r++)
		for (unsigned left_out = 0; left_out < 3; left_out++) {
			const struct record_row *row = &record_rows[r];
			void *data = record_new(a, row);
			struct event e = { .kind = row->kind, .noted = { INT64_C(1795446000000001) }, .happened = INSTANT_UNSET,
			                   .author = { { 3 } }, .seq = 12, .data = data }, back;
			if (!row->title) continue;
			for (size_t i = 0; i < row->n_fields; i++)
				if (left_out == 0 || i % left_out != 0) fill(&row->fields[i], data, i + r);
			struct str text = event_encode(a, &e);
			assert_int_equal(event_decode(a, 3, 1, text, &back), OK);
			assert_int_equal(back.kind, row->kind);
			assert_int_equal(back.seq, 12);
			assert_int_equal(back.noted.us, e.noted.us);
			assert_true(str_eq(text, event_encode(a, &back)));
			struct shown_field *shown = NULL;
			size_t n = 0;
			assert_int_equal(event_fields(a, &back, &shown, &n), OK);
			assert_true(event_text(a, &back).n > 0);
			assert_true(str_is_text(event_text(a, &back)));
			/* Every cut of the bytes is refused or is a whole number of lines. */
			for (size_t cut = 0; cut < text.n; cut++) {
				enum err err = event_decode(a, 3, 1, str_cut(text, 0, cut), &back);
				assert_true(err == ERR_CORRUPT || (err == OK && text.p[cut - 1] == '\n'));
			}
			arena_reset(a);
		}
}

static void test_full_arena(void **state)
{
	(void)state;
	struct arena *small = arena_new(64);
	struct event e = { .kind = EV_CADENCE };
	assert_int_equal(event_decode(small, 2, 1, STR("event:4:note\nkind:5:other\n"), &e), ERR_FULL);
	assert_int_equal(e.kind, EV_CADENCE);
	arena_free(small);
}

/* ---- the others ----------------------------------------------------------------------------------------------------------- */

static void test_summary(void **state)
{
	(void)state;
	struct summary s = { .alias = STR("Linden"), .phase = PHASE_STABILISING, .acute = true, .acute_since = { 20000 },
	                     .acute_review = { 20027 }, .threat = THREAT_VERY_HIGH, .threat_until = { 20100 },
	                     .next_step = STR("Polisens underskrift på den gemensamma bedömningen"), .next_due = { 20050 },
	                     .danger_reported = true, .plan_agreed = true, .desk_only = true }, back;
	struct str text = summary_encode(a, &s);
	assert_in_range(text.n, 1, 256);
	assert_int_equal(summary_decode(a, text, &back), OK);
	assert_true(str_eq(back.alias, s.alias) && str_eq(back.next_step, s.next_step) && back.acute && back.desk_only);
	assert_true(back.danger_reported && back.plan_agreed && back.threat == s.threat && back.next_due.n == 20050);
	/* The longest alias still fits, cut between characters. */
	s.alias = STR("ååååååååååååååååååååååååååååååååååååååååååååå");
	text = summary_encode(a, &s);
	assert_in_range(text.n, 1, 256);
	assert_int_equal(summary_decode(a, text, &back), OK);
	assert_true(str_is_text(back.alias) && back.alias.n <= 48);
	assert_int_equal(summary_decode(a, STR("phase"), &back), ERR_CORRUPT);
	assert_int_equal(summary_decode(a, STR("phase:2:1\n"), &back), ERR_CORRUPT);
	assert_int_equal(summary_decode(a, STR("phase:1:x\n"), &back), ERR_CORRUPT);
}

static void test_snapshot_refuses(void **state)
{
	(void)state;
	struct kase *k = case_new(a);
	assert_int_equal(snapshot_apply(a, k, 0, STR("")), OK);
	assert_int_equal(snapshot_apply(a, k, 0, STR("kept:5:abc\n")), ERR_CORRUPT);
	assert_int_equal(snapshot_apply(a, k, 0, STR("kept:3:abc\n")), ERR_CORRUPT);
	assert_int_equal(snapshot_apply(a, k, 0, STR("event:4:note\n")), ERR_CORRUPT);
}

static void test_digest(void **state)
{
	(void)state;
	uint8_t bytes[300], want[32];
	assert_true(sodium_init() >= 0);
	for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct hash32 got = digest_of(bytes, n);
		crypto_generichash(want, sizeof want, bytes, n, NULL, 0);
		assert_memory_equal(got.b, want, sizeof want);
	}
	struct hash32 abc = digest_of("abc", 3);
	assert_true(str_eq_c(hash_hex(a, &abc), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"));
}

static void test_package_refuses(void **state)
{
	(void)state;
	struct package_view v;
	assert_int_equal(package_decode(a, STR("event:4:note\nkind:5:other\n"), &v), ERR_CORRUPT);
	assert_int_equal(package_decode(a, STR("event:8:teleport\n"), &v), ERR_CORRUPT);
	assert_int_equal(package_decode(a, STR(""), &v), ERR_CORRUPT);
}

/* ---- profiles -------------------------------------------------------------------------------------------------------------- */

static void wrong_profile(struct str text, int line, const char *words)
{
	struct profile p = { .first_meeting_days = 99 };
	struct profile_fault fault;
	assert_int_equal(profile_parse(a, text, &p, &fault), ERR_INVALID);
	assert_int_equal(p.first_meeting_days, 99);
	assert_int_equal(fault.line, line);
	if (!memmem(fault.text.p, fault.text.n, words, strlen(words))) fail_msg("says: %.*s", STR_FMT(fault.text));
}

static void test_profile(void **state)
{
	(void)state;
	struct profile p;
	assert_int_equal(profile_generic(a, &p), OK);
	assert_int_equal(p.first_meeting_days, 1);
	assert_int_equal(p.acute_review_days, 28);
	assert_int_equal(p.contact, CADENCE_SEVERAL_A_WEEK);
	assert_int_equal(p.contact_acute, CADENCE_DAILY);
	assert_int_equal(p.night_first, NIGHT_DUTY_MANAGER);
	assert_int_equal(p.night_then, NIGHT_POLICE_DESK);
	assert_true(profile_alone(&p, CMD_START_ACUTE));
	assert_false(profile_alone(&p, CMD_DECIDE_INVESTIGATION));
	wrong_profile(STR("hello"), 1, "likhetstecken");
	wrong_profile(STR("# ord\n\ncolour = red\n"), 3, "ingen inställning");
	wrong_profile(STR("acute review =\n"), 1, "saknar värde");
	wrong_profile(STR("acute review = 29 days\n"), 1, "mellan 1 och 28");
	wrong_profile(STR("acute review = four weeks\n"), 1, "Skriv ett tal");
	wrong_profile(STR("acute review = 28 hours\n"), 1, "day");
	wrong_profile(STR("first meeting = 2 days\n"), 1, "mellan 0 och 1");
	wrong_profile(STR("contact = often\n"), 1, "ingen takt");
	wrong_profile(STR("second at night = duty_manager\n"), 1, "police_desk");
	wrong_profile(STR("second at night = police_desk, police_desk\n"), 1, "en gång var");
	wrong_profile(STR("alone = note, fly\n"), 1, "inget kommando");
	wrong_profile(STR("profile = a\nprofile = b\n"), 2, "redan");
	wrong_profile(STR("profile = \xff\n"), 1, "UTF-8");
	wrong_profile(STR("profile = a\n"), 1, "saknas");
}

static void test_a_mask_that_is_too_small_is_seen(void **state)
{
	(void)state;
	/* The control of the walk's masking: without its compartment the guard gives another answer. */
	struct kase *whole = case_new(a), *part = case_new(a);
	struct ev_goal *g = record_new(a, &record_rows[RECORD_goal]);
	struct event e = { .kind = EV_GOAL, .compartment = COMPARTMENT_PLAN, .noted = { 1 }, .happened = INSTANT_UNSET, .data = g };
	struct facts f = { .now = { 1 } };
	struct guard_case c = { whole, &f, CMD_AGREE_PLAN, NULL }, d = { part, &f, CMD_AGREE_PLAN, NULL };
	g->goal.b[0] = 1;
	case_apply(a, whole, &e);
	assert_true(guard_passes(GUARD_plan_has_goal, &c));
	assert_false(guard_passes(GUARD_plan_has_goal, &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_note_is_readable), cmocka_unit_test(test_stamp), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_newer_program), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_full_arena),
		cmocka_unit_test(test_summary), cmocka_unit_test(test_snapshot_refuses), cmocka_unit_test(test_digest),
		cmocka_unit_test(test_package_refuses), cmocka_unit_test(test_profile),
		cmocka_unit_test(test_a_mask_that_is_too_small_is_seen),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

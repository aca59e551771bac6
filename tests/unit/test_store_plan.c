/* tests/unit/test_store_plan.c — how statements run: no table is read whole unseen, no work betrays a case. */
#include "store_fixture.h"
#include "store/sqlite_i.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int set_up(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof f);
	fixture_open(&f);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(*state);
	return 0;
}

struct plan {
	const struct statement_text *t;
	bool scans, sorts;
	char made[32]; /* a list made of the parameters, which is no table */
};

static int take_step(void *ctx, int n, char **values, char **names)
{
	struct plan *p = ctx;
	const char *detail = values[n - 1];
	(void)names;
	if (getenv("SHOW_PLANS"))
		printf("%-22s %s\n", p->t->name, detail);
	if (strncmp(detail, "CO-ROUTINE ", 11) == 0)
		(void)snprintf(p->made, sizeof p->made, "SCAN %s", detail + 11);
	else if (strncmp(detail, "SCAN ", 5) == 0 && strcmp(detail, "SCAN CONSTANT ROW") != 0 && strcmp(detail, p->made) != 0)
		p->scans = true;
	if (strstr(detail, "USE TEMP B-TREE"))
		p->sorts = true;
	return 0;
}

static struct plan plan_of(sqlite3 *c, const struct statement_text *t)
{
	struct plan p = { .t = t };
	static char text[4096];
	assert_true(snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", t->sqlite) < (int)sizeof text);
	assert_int_equal(sqlite3_exec(c, text, take_step, &p, NULL), SQLITE_OK);
	return p;
}

static sqlite3 *stranger(const struct fixture *f)
{
	char path[256];
	sqlite3 *c = NULL;
	(void)snprintf(path, sizeof path, "%s/avstamp.db", f->directory);
	assert_int_equal(sqlite3_open_v2(path, &c, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	return c;
}

static void no_statement_reads_a_table_whole(void **state)
{
	sqlite3 *c = stranger(*state);
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		const struct statement_text *t = &store_statements[i];
		struct plan p = plan_of(c, t);
		if (p.scans && !t->may_scan)
			fail_msg("%s reads a whole table", t->name);
		if (!p.scans && t->may_scan)
			fail_msg("%s is said to read a whole table and does not", t->name);
	}
	(void)sqlite3_close(c);
}

/* Lists with a limit stop at the limit only when the index gives the order. */
static void what_has_a_limit_is_not_sorted(void **state)
{
	static const int limited[] = { STMT_my_rungs, STMT_rungs_due, STMT_next_due, STMT_events_after, STMT_events_before,
	                               STMT_idempotency_old, STMT_stream_newest };
	sqlite3 *c = stranger(*state);
	for (size_t i = 0; i < COUNT_OF(limited); i++) {
		struct plan p = plan_of(c, &store_statements[limited[i]]);
		if (p.sorts)
			fail_msg("%s sorts", p.t->name);
	}
	(void)sqlite3_close(c);
}

/* The control of both: a statement that does is seen. */
static void the_plan_reader_sees(void **state)
{
	static const struct statement_text bad = { .name = "bad", .sqlite = "SELECT seq FROM events ORDER BY epoch" };
	sqlite3 *c = stranger(*state);
	struct plan p = plan_of(c, &bad);
	assert_true(p.scans && p.sorts);
	(void)sqlite3_close(c);
}

/* ---- no access and no such case (DECISIONS 37) ---- */

static struct store_work minus(struct store_work a, struct store_work b)
{
	return (struct store_work){ a.statements - b.statements, a.rows - b.rows, a.steps - b.steps, a.bytes - b.bytes };
}

struct wanted { struct id16 case_id, deposit_id; };

static struct store_work work_of(struct fixture *f, struct wanted w, struct asker who)
{
	struct db *db = store_reader(f->store);
	struct store_work before = store_work(db), after;
	struct row_grants *head;
	struct q_held_ids_row *held; /* where a spoken code is looked for */
	struct q_deposit_for_row *deposits;
	size_t n;
	assert_int_equal(q_case_by_id(db, f->arena, w.case_id, who, &head, &n), OK);
	assert_int_equal(q_held_ids(db, f->arena, who, 100, &held, &n), OK);
	assert_int_equal(q_deposit_for(db, f->arena, w.deposit_id, who, &deposits, &n), OK);
	after = store_work(db);
	store_reader_done(f->store, db);
	return minus(after, before);
}

static enum err write_deposit(struct db *db, void *ctx)
{
	struct fixture *f = ctx;
	struct row_deposits d = { .deposit_id = id_of('p', 1), .case_id = id_of('c', 7), .compartment = 1, .epoch = 1,
	                          .version = 1, .payload = bytes_of(f->arena, 9, 500) };
	return q_deposit_insert(db, &d, event_place(d.case_id, d.compartment, 0));
}

static struct store_work work_at(struct fixture *f, uint32_t number, struct asker who)
{
	return work_of(f, (struct wanted){ .case_id = id_of('c', number), .deposit_id = id_of('p', number == 7 ? 1 : 99) }, who);
}

static void a_foreign_case_costs_what_no_case_does(void **state)
{
	struct fixture *f = *state;
	struct asker outsider = { .id = { id_of('u', 5), id_of('x', 1), id_of('x', 2), id_of('x', 3) } };
	struct store_work foreign, nothing, own;
	for (uint32_t i = 1; i <= 40; i++) {
		struct small_case c = { .arena = f->arena, .number = i, .n_streams = 2, .n_events = 3, .envelope = 100 };
		assert_int_equal(store_tx(f->store, write_case, &c), OK);
	}
	assert_int_equal(store_tx(f->store, write_deposit, f), OK);
	foreign = work_at(f, 7, outsider);
	nothing = work_at(f, 4711, outsider);
	assert_memory_equal(&foreign, &nothing, sizeof foreign);
	assert_int_equal(foreign.statements, 3);
	assert_int_equal(foreign.rows, 0);
	/* The control: what one holds costs more, and the trace sees it. */
	own = work_at(f, 7, asker_only(id_of('u', 1)));
	assert_true(own.rows == 42 && own.steps > foreign.steps && own.bytes > 0);
}

static enum err leave_case(struct db *db, void *ctx)
{
	(void)ctx;
	return q_grant_delete(db, id_of('u', 1), id_of('c', 7));
}

/* The same for someone who holds other cases, and held this one yesterday. */
static void a_colleague_sees_no_difference_either(void **state)
{
	struct fixture *f = *state;
	struct store_work foreign, nothing;
	for (uint32_t i = 1; i <= 40; i++) {
		struct small_case c = { .arena = f->arena, .number = i, .n_streams = 2, .n_events = 3, .envelope = 100 };
		assert_int_equal(store_tx(f->store, write_case, &c), OK);
	}
	assert_int_equal(store_tx(f->store, write_deposit, f), OK);
	assert_int_equal(work_at(f, 7, asker_only(id_of('u', 1))).rows, 42);
	assert_int_equal(store_tx(f->store, leave_case, NULL), OK);
	foreign = work_at(f, 7, asker_only(id_of('u', 1)));
	nothing = work_at(f, 4711, asker_only(id_of('u', 1)));
	assert_memory_equal(&foreign, &nothing, sizeof foreign);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(no_statement_reads_a_table_whole),
		CASE(what_has_a_limit_is_not_sorted),
		CASE(the_plan_reader_sees),
		CASE(a_foreign_case_costs_what_no_case_does),
		CASE(a_colleague_sees_no_difference_either),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/crypto_log_help.c — a small log to try things on. */
#include "crypto_log_help.h"
#include <unistd.h>

void logged_trust(struct trust *t, const uint8_t log_key[32])
{
	struct trust_party *p = &t->party[0];
	memset(t, 0, sizeof(*t));
	t->n = 1;
	memcpy(t->log_key, log_key, 32);
	p->controller = id_of(1);
	memcpy(p->name, "Socialnämnden i Exempelstad", sizeof("Socialnämnden i Exempelstad"));
	for (uint8_t i = 0; i < 2; i++) {
		p->officer[i] = id_of((uint8_t)(10 + i));
		bytes_of((uint8_t)(2 + i), p->officer_key[i], 32);
	}
	for (uint8_t i = 0; i < 3; i++)
		bytes_of((uint8_t)(5 + i), p->custodian[i], 32);
}

void logged_begin(struct logged *w)
{
	uint8_t public[32];
	*w = (struct logged){ .dir_fd = help_directory(), .key = key_of(0x70), .a = help_arena(), .time_us = 1795000000000000,
		              .mono_ns = 1000000000 };
	struct trust *t = ARENA_NEW(w->a, struct trust);
	key32_sign_public(w->key, public);
	logged_trust(t, public);
	w->options = (struct log_options){ .dir_fd = w->dir_fd, .sign = w->key, .trust_text = trust_text(w->a, t), .boot = id_of(9) };
	assert_non_null(w->options.trust_text.p);
}

void logged_end(struct logged *w)
{
	key32_free(w->key);
	arena_free(w->a);
}

struct log *logged_create(struct logged *w)
{
	struct log *l = NULL;
	assert_int_equal(log_create(&w->options, w->time_us, w->mono_ns, &l), OK);
	return l;
}

struct log *logged_open(struct logged *w)
{
	struct log *l = NULL;
	assert_int_equal(log_open(&w->options, &l), OK);
	return l;
}

struct log_row row_of(uint8_t row, uint64_t version)
{
	struct log_row r = { .row = id_of(row), .version = version };
	r.row.b[0] = row;
	memset(r.tag, (int)version, sizeof(r.tag));
	return r;
}

static uint64_t add(struct logged *w, struct log *l, struct log_new *n)
{
	uint64_t seq = 0;
	n->time_us = w->time_us += 1000000;
	n->mono_ns = w->mono_ns += 1000000000;
	assert_int_equal(log_append(l, n, &seq), OK);
	return seq;
}

uint64_t logged_add(struct logged *w, struct log *l, enum log_class c, enum log_outcome o, uint64_t ref)
{
	return add(w, l, &(struct log_new){ .class = c, .outcome = o, .ref_seq = ref });
}

uint64_t logged_save(struct logged *w, struct log *l, uint8_t row, uint64_t version)
{
	struct log_row r = row_of(row, version);
	return add(w, l, &(struct log_new){ .class = LOG_SAVE, .outcome = LOG_INTENT, .rows = &r, .n_rows = 1 });
}

void logged_checkpoint(struct logged *w, struct log *l)
{
	struct str note = STR_UNSET;
	assert_int_equal(log_checkpoint(l, w->mono_ns, &note), OK);
}

void logged_history(struct logged *w, unsigned n, unsigned every)
{
	struct log_seal seal = { .controller = id_of(1), .body = STR("who:4:karin\n") };
	struct log *l = logged_create(w);
	struct key32 *review = key_of(0x33);
	key32_box_public(review, seal.review_key);
	key32_free(review);
	logged_add(w, l, LOG_START, LOG_NONE, log_size(l));
	for (unsigned i = 0; log_size(l) < n; i++) {
		uint64_t intent;
		if (i % 3 == 0) {
			add(w, l, &(struct log_new){ .class = LOG_OPEN, .seal = &seal });
		} else {
			intent = logged_save(w, l, (uint8_t)(i % 16), i);
			logged_add(w, l, LOG_OUTCOME, i % 5 == 0 ? LOG_LOST : LOG_DONE, intent);
		}
		if (i % every == every - 1)
			logged_checkpoint(w, l);
	}
	logged_add(w, l, LOG_STOP, LOG_NONE, log_size(l));
	logged_checkpoint(w, l);
	log_close(l);
}

static void found(void *ctx, const struct verify_finding *f)
{
	struct findings *all = ctx;
	if (all->n < COUNT_OF(all->list))
		all->list[all->n++] = *f;
	all->count[f->code]++;
}

struct findings verify_run(struct logged *w, int dir_fd, struct str since, struct verify **ret)
{
	struct findings all = { 0 };
	struct verify *v = NULL;
	uint8_t fp[32];
	trust_fingerprint(w->options.trust_text, fp);
	struct verify_options o = { .dir_fd = dir_fd, .fingerprint = fp, .since = since, .moving_from = w->moving_from ? w->moving_from : UINT64_MAX, .found = found, .ctx = &all };
	assert_int_equal(verify_log(&o, &v), OK);
	all.worst = verify_worst(v);
	all.entries = verify_entries(v);
	all.covered = verify_covered(v);
	if (ret != NULL)
		*ret = v;
	else
		verify_free(v);
	return all;
}

/* web/metrics.c — the counts of this process and of its vault as Prometheus' text format. */
#include "flow/flow.h"
#include "web/inside.h"
#include "wire/vault_client.h"

#define TEXT_CEILING (16u << 10)

enum kind { GAUGE, COUNTER };

static void about(struct buf *b, const char *name, enum kind kind, const char *help)
{
	buf_format(b, "# HELP avstamp_%s %s\n# TYPE avstamp_%s %s\n", name, help, name, kind == GAUGE ? "gauge" : "counter");
}

static void one(struct buf *b, const char *name, enum kind kind, const char *help, uint64_t value)
{
	about(b, name, kind, help);
	buf_format(b, "avstamp_%s %llu\n", name, (unsigned long long)value);
}

static void own_counts(struct buf *b, struct web *w)
{
	one(b, "uptime_seconds", GAUGE, "Seconds since the web process started.",
	    (uint64_t)(watch_now_ms() - w->began_ms) / 1000);
	about(b, "answers_total", COUNTER, "HTTP answers by class of status.");
	for (unsigned i = 1; i < COUNT_OF(w->answers); i++)
		buf_format(b, "avstamp_answers_total{class=\"%uxx\"} %llu\n", i, (unsigned long long)w->answers[i]);
	one(b, "requests_in_flight", GAUGE, "Requests begun and not yet answered.", w->in_flight);
}

static void flow_lines(struct buf *b, struct flow *f)
{
	struct flow_counts n = flow_counts(f);

	one(b, "saves_total", COUNTER, "Transactions sealed, logged and committed.", n.saves);
	one(b, "refusals_total", COUNTER, "Acts refused by a rule.", n.refusals);
	one(b, "conflicts_total", COUNTER, "Acts refused because someone else had saved first.", n.conflicts);
	one(b, "vault_restarts_total", COUNTER, "Vaults started again since the web process started.",
	    n.vaults > 0 ? n.vaults - 1 : 0);
}

static void vault_lines(struct buf *b, const struct vault_counts_reply *v)
{
	one(b, "vault_uptime_seconds", GAUGE, "Seconds since the vault started.", v->up_us / 1000000);
	one(b, "sessions_open", GAUGE, "Living sessions, locked ones too.", v->sessions);
	one(b, "sessions_locked", GAUGE, "Living sessions that are locked.", v->locked);
	one(b, "log_entries", GAUGE, "Entries in the log.", v->entries);
	one(b, "log_entries_signed", GAUGE, "Entries that the newest signed checkpoint covers.", v->covered);
	one(b, "log_intents_open", GAUGE, "Writes announced in the log and not yet reported as done or lost.",
	    v->open_intents);
}

struct str web_metrics(struct web *w, struct arena *a)
{
	struct buf b = buf_new(a, TEXT_CEILING);
	struct vault_counts ask = { 0 };
	struct vault_counts_reply reply = { .status = OK };
	bool up = vault_counts(flow_vault(w->options.flow), a, &ask, &reply) == OK;

	own_counts(&b, w);
	flow_lines(&b, w->options.flow);
	one(&b, "vault_up", GAUGE, "1 when the vault answers.", up);
	if (up)
		vault_lines(&b, &reply);
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

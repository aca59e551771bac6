/* flow/rows.h — the rows flow writes, each with its statement, its envelope's place and its name in the log.
 *
 * Runs in: web, verbs.   Depends on: store, wire.   Never: decides what is written. */
#pragma once
#include "flow/internal.h"

/* Associated data of each kind of sealed row (DECISIONS 16). */
struct envelope_at event_at(struct id16 controller, struct id16 case_id, unsigned compartment, uint32_t epoch, uint64_t seq);
struct envelope_at snapshot_at(struct id16 controller, struct id16 case_id, unsigned compartment, uint32_t epoch,
                               uint64_t seq, uint64_t version);
struct envelope_at summary_at(struct id16 controller, struct id16 case_id, uint32_t epoch, uint64_t version);
struct envelope_at rung_at(struct id16 controller, const struct row_rungs *r);
struct envelope_at deposit_at(struct id16 controller, const struct row_deposits *r);
struct envelope_at directory_at(struct id16 controller, const struct row_directory *r);

/* A group that is opened with a grant as it stands in its row, with what it has not taken up yet. */
struct open_group grant_group(const struct row_grants *g, const struct open_item *items, size_t n);

/* The row of a stream's next event, its envelope left out. */
struct row_events next_event_row(struct id16 case_id, unsigned compartment, const struct stream_state *s);

/* Each adds one row to the plan. Rows live in the plan's arena. */
/* ERR_FULL when the stream has no room for more. */
MUST enum err put_event(struct write_plan *p, struct id16 controller, const struct row_events *r, struct str plain);
MUST enum err put_snapshot(struct write_plan *p, struct id16 controller, const struct row_snapshots *r, struct str plain);
MUST enum err put_summary(struct write_plan *p, struct id16 controller, const struct row_summaries *r, struct str plain);
/* `desk` is NULL for a rung to a person. The row's epoch is the key's. */
MUST enum err put_rung(struct write_plan *p, struct id16 controller, const struct row_rungs *r,
                       const struct deposit_key *desk, struct str plain);
MUST enum err put_deposit(struct write_plan *p, struct id16 controller, const struct row_deposits *r,
                          const struct deposit_key *key, struct str plain);
MUST enum err put_directory(struct write_plan *p, struct id16 controller, const struct row_directory *r, struct str plain);

MUST enum err put_case(struct write_plan *p, const struct row_cases *r);
MUST enum err put_stream(struct write_plan *p, const struct row_streams *r);
MUST enum err put_grant(struct write_plan *p, const struct row_grants *r);
/* `r` is the row as it will stand, version one higher. */
MUST enum err change_grant(struct write_plan *p, const struct row_grants *r);
MUST enum err drop_grant(struct write_plan *p, const struct row_grants *r);
MUST enum err redate_rung(struct write_plan *p, const struct row_rungs *r);
MUST enum err accept_grant(struct write_plan *p, const struct row_grants *r);
MUST enum err put_bucket(struct write_plan *p, const struct row_buckets *r);
MUST enum err put_idempotency(struct write_plan *p, const struct row_idempotency *r);
MUST enum err drop_rung(struct write_plan *p, const struct row_rungs *r);
MUST enum err rewrap_rung(struct write_plan *p, const struct row_rungs *r);
/* `r` is the row as it will stand: accepted set, version one higher. */
MUST enum err mark_deposit(struct write_plan *p, const struct row_deposits *r);
MUST enum err rewrap_deposit(struct write_plan *p, const struct row_deposits *r);
MUST enum err put_user(struct write_plan *p, const struct row_users *r);
MUST enum err change_user(struct write_plan *p, const struct row_users *r);
MUST enum err put_invitation(struct write_plan *p, const struct row_invitations *r);
MUST enum err drop_invitation(struct write_plan *p, const struct row_invitations *r);
MUST enum err put_job(struct write_plan *p, const struct row_jobs *r);
/* `r` is the row as it will stand: done set, version one higher. */
MUST enum err finish_job(struct write_plan *p, const struct row_jobs *r);
/* No row: ERR_CONFLICT when the stream has come to another epoch by the time of writing. */
MUST enum err expect_epoch(struct write_plan *p, struct id16 case_id, unsigned compartment, uint32_t epoch);

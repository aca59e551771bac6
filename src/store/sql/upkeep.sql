-- Idempotent answers, and which logged intents were committed.

-- The stored answer to a form's token, and when it was stored.
-- name:  idempotency_answer
-- takes: id user_id, id token
-- gives: 0..1 (i64 stored, blob answer)
SELECT stored, answer FROM idempotency WHERE user_id = $1 AND token = $2;

-- ERR_CONFLICT when the token was used already.
-- name:  idempotency_insert
-- takes: row idempotency
-- gives: one
INSERT INTO idempotency (token, user_id, stored, answer) VALUES ($1, $2, $3, $4);

-- name:  idempotency_old
-- takes: i64 before, i64 limit
-- gives: 0..n row idempotency
-- scans: the answers of a day; an index would be one more page of every save
SELECT token, user_id, stored, answer FROM idempotency WHERE stored < $1 LIMIT $2;

-- name:  idempotency_delete
-- takes: id user_id, id token
-- gives: changed
DELETE FROM idempotency WHERE user_id = $1 AND token = $2;

-- Stands in the same transaction as the rows of the intent.
-- name:  applied_insert
-- takes: i64 intent
-- gives: one
INSERT INTO applied (intent) VALUES ($1);

-- name:  applied_has
-- takes: i64 intent
-- gives: 0..1 (i64 intent)
SELECT intent FROM applied WHERE intent = $1;

-- name:  applied_all
-- takes: none
-- gives: 0..n (i64 intent)
-- scans: intents whose outcome is not in the log yet, few
SELECT intent FROM applied ORDER BY intent;

-- name:  applied_delete
-- takes: i64 intent
-- gives: changed
DELETE FROM applied WHERE intent = $1;

-- name:  applied_tidy
-- takes: i64 intent
-- gives: changed
DELETE FROM applied WHERE intent <= $1;

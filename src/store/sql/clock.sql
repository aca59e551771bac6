-- What the clock starts: rungs of reminders, and jobs that wait for a holder.

-- The nearest rungs of a person and of a desk, by due time.
-- name:  my_rungs
-- takes: id user, id desk, i64 limit
-- gives: 0..n row rungs
SELECT rung_id, assignee, epoch, due, severity, profile, fired, version, payload FROM rungs WHERE assignee = $1
UNION ALL
SELECT rung_id, assignee, epoch, due, severity, profile, fired, version, payload FROM rungs WHERE assignee = $2 AND $2 <> $1
ORDER BY due LIMIT $3;

-- name:  rung_row
-- takes: id rung_id
-- gives: 0..1 row rungs
SELECT rung_id, assignee, epoch, due, severity, profile, fired, version, payload FROM rungs WHERE rung_id = $1;

-- name:  rung_insert
-- takes: row rungs
-- gives: one
INSERT INTO rungs (rung_id, assignee, epoch, due, severity, profile, fired, version, payload)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- A cancelled rung may be gone already.
-- name:  rung_delete
-- takes: id rung_id
-- gives: changed
DELETE FROM rungs WHERE rung_id = $1;

-- Rungs that are due at $1 and have not fired, oldest first.
-- name:  rungs_due
-- takes: i64 now, i64 limit
-- gives: 0..n row rungs
SELECT rung_id, assignee, epoch, due, severity, profile, fired, version, payload
FROM rungs WHERE fired IS NULL AND due <= $1 ORDER BY due LIMIT $2;

-- Fires once: whoever changes the row sends the notice (DECISIONS 34).
-- name:  rung_fire
-- takes: id rung_id, i64 now, i64 version
-- gives: changed
UPDATE rungs SET fired = $2, version = $3 WHERE rung_id = $1 AND version = $3 - 1 AND fired IS NULL;

-- The symmetric form after the first opening. Nothing changes when another opening was first.
-- name:  rung_rewrap
-- takes: id rung_id, i64 version, blob payload
-- gives: changed
UPDATE rungs SET version = $2, payload = $3 WHERE rung_id = $1 AND version = $2 - 1;

-- Another time by another profile. It fires once all the same: `fired` stays.
-- name:  rung_redate
-- takes: id rung_id, i64 due, i64 profile, i64 version
-- gives: changed
UPDATE rungs SET due = $2, profile = $3, version = $4 WHERE rung_id = $1 AND version = $4 - 1;

-- Rungs that a profile of another version has dated.
-- name:  rungs_of_other_profile
-- takes: i64 profile
-- gives: 0..n (i64 version)
-- scans: all rungs, when an operator asks
SELECT version FROM rungs WHERE profile <> $1;

-- When the next rung is due.
-- name:  next_due
-- takes: none
-- gives: 0..1 (i64 due)
SELECT due FROM rungs WHERE fired IS NULL AND due >= 0 ORDER BY due LIMIT 1;

-- name:  job_insert
-- takes: row jobs
-- gives: one
INSERT INTO jobs (job_id, kind, case_id, compartment, done, version) VALUES ($1, $2, $3, $4, $5, $6);

-- Dossiers that a person holds and where a job waits. Few wait, mostly none, so it begins with them.
-- name:  my_jobs
-- takes: asker who, i64 limit
-- gives: 0..n (id case_id)
-- scans: the index of waiting jobs
SELECT j.case_id FROM jobs j
WHERE j.done IS NULL
  AND EXISTS (SELECT 1 FROM grants g WHERE g.case_id = j.case_id AND g.holder IN ($1, $2, $3, $4, $5))
GROUP BY j.case_id LIMIT $6;

-- name:  jobs_of_case
-- takes: id case_id
-- gives: 0..n row jobs
SELECT job_id, kind, case_id, compartment, done, version FROM jobs WHERE case_id = $1 AND done IS NULL;

-- Done once; nothing changes when someone else was first.
-- name:  job_done
-- takes: id job_id, i64 now, i64 version
-- gives: changed
UPDATE jobs SET done = $2, version = $3 WHERE job_id = $1 AND version = $3 - 1 AND done IS NULL;

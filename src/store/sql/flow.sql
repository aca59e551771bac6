-- Statements that flow asked for.

-- Streams of the dossiers a person holds, for the rotation that a leaving colleague causes.
-- name:  streams_held
-- takes: id user, i64 limit
-- gives: 0..n (id case_id, i64 compartment)
SELECT s.case_id, s.compartment FROM grants g CROSS JOIN streams s
WHERE g.holder = $1 AND s.case_id = g.case_id
  AND NOT EXISTS (SELECT 1 FROM streams t WHERE t.case_id = s.case_id AND t.compartment = s.compartment AND t.epoch > s.epoch)
LIMIT $2;

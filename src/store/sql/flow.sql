-- Statements that flow asked for.

-- Streams of the dossiers a person holds, also through a desk, where no new epoch waits yet: for the rotation that a
-- leaving colleague causes.
-- name:  streams_held
-- takes: id user, i64 limit
-- gives: 0..n (id case_id, i64 compartment)
SELECT DISTINCT s.case_id, s.compartment
FROM (SELECT $1 AS holder UNION ALL SELECT case_id FROM grants WHERE holder = $1) who
  CROSS JOIN grants g CROSS JOIN streams s
WHERE g.holder = who.holder AND s.place > g.place AND s.place < g.place + 33554432 AND s.case_id = g.case_id
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.case_id = s.case_id AND j.compartment = s.compartment AND j.done IS NULL)
LIMIT $2;

-- Which epoch a stream is in, asked inside a transaction. `place` is the stream's (event_place with number 0).
-- name:  stream_epoch
-- takes: id case_id, i64 place
-- gives: 0..1 (i64 epoch)
SELECT epoch FROM streams WHERE place > $2 AND place < $2 + 1048576 AND case_id = $1 ORDER BY place DESC LIMIT 1;

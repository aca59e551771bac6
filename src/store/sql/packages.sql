-- Packages between dossiers: sealed by who may not read, accepted by a member (DECISIONS 14).

-- In the stream's newest epoch; any other is ERR_CONFLICT. `place` is the stream's (event_place with number 0).
-- name:  deposit_insert
-- takes: row deposits, i64 place
-- gives: one
INSERT INTO deposits (deposit_id, case_id, compartment, epoch, accepted, version, payload)
SELECT $1, $2, $3, $4, $5, $6, $7
WHERE ($8 & 33554431) = $3 << 20
  AND $4 = (SELECT epoch FROM streams WHERE place > $8 AND place < $8 + 1048576 AND case_id = $2 ORDER BY place DESC LIMIT 1);

-- What waits in the dossiers the asker holds, with the grant that opens it. A desk is a dossier like any other.
-- name:  deposits_waiting
-- takes: asker who, i64 limit
-- gives: 0..n (row deposits deposit, row grants grant, i64 newest_epoch, blob? older)
SELECT d.deposit_id, d.case_id, d.compartment, d.epoch, d.accepted, d.version, d.payload,
  g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals,
  (SELECT s.epoch FROM streams s WHERE s.place > g.place + (d.compartment << 20) AND s.place < g.place + ((d.compartment + 1) << 20)
    AND s.case_id = d.case_id ORDER BY s.place DESC LIMIT 1),
  (SELECT s.older FROM streams s WHERE s.place > g.place + (d.compartment << 20) AND s.place < g.place + ((d.compartment + 1) << 20)
    AND s.case_id = d.case_id ORDER BY s.place DESC LIMIT 1)
FROM (SELECT $1 AS holder UNION ALL SELECT $2 UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5) who
  CROSS JOIN grants g CROSS JOIN deposits d
WHERE g.holder = who.holder AND d.case_id = g.case_id AND d.accepted = 0
LIMIT $6;

-- Their ids and compartments alone.
-- name:  deposits_new
-- takes: asker who, i64 limit
-- gives: 0..n (id deposit_id, i64 compartment)
SELECT DISTINCT d.deposit_id, d.compartment
FROM (SELECT $1 AS holder UNION ALL SELECT $2 UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5) who
  CROSS JOIN grants g CROSS JOIN deposits d
WHERE g.holder = who.holder AND d.case_id = g.case_id AND d.accepted = 0
LIMIT $6;

-- One of them. It walks what waits for the asker, so that a foreign id costs what an unknown one does.
-- name:  deposit_for
-- takes: id deposit_id, asker who
-- gives: 0..n (row deposits deposit, row grants grant, i64 newest_epoch, blob? older)
SELECT d.deposit_id, d.case_id, d.compartment, d.epoch, d.accepted, d.version, d.payload,
  g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals,
  (SELECT s.epoch FROM streams s WHERE s.place > g.place + (d.compartment << 20) AND s.place < g.place + ((d.compartment + 1) << 20)
    AND s.case_id = d.case_id ORDER BY s.place DESC LIMIT 1),
  (SELECT s.older FROM streams s WHERE s.place > g.place + (d.compartment << 20) AND s.place < g.place + ((d.compartment + 1) << 20)
    AND s.case_id = d.case_id ORDER BY s.place DESC LIMIT 1)
FROM (SELECT $2 AS holder UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5 UNION ALL SELECT $6) who
  CROSS JOIN grants g CROSS JOIN deposits d
WHERE g.holder = who.holder AND d.case_id = g.case_id AND d.accepted = 0
  AND CASE WHEN d.deposit_id = $1 THEN 1 ELSE 0 END = 1;

-- name:  deposit_row
-- takes: id deposit_id
-- gives: 0..1 row deposits
SELECT deposit_id, case_id, compartment, epoch, accepted, version, payload FROM deposits WHERE deposit_id = $1;

-- Accepted (1) or put aside (2), once: ERR_CONFLICT when someone else was first.
-- name:  deposit_mark
-- takes: id deposit_id, i64 accepted, i64 version
-- gives: one
UPDATE deposits SET accepted = $2, version = $3 WHERE deposit_id = $1 AND version = $3 - 1 AND accepted = 0;

-- The symmetric form after the first opening. Nothing changes when another opening was first.
-- name:  deposit_rewrap
-- takes: id deposit_id, i64 version, blob payload
-- gives: changed
UPDATE deposits SET version = $2, payload = $3 WHERE deposit_id = $1 AND version = $2 - 1 AND accepted = 0;

-- Dossiers, their streams, grants, events, snapshots and summaries.
--
-- Every statement that answers a person joins on the asker's own grants, beginning with the grants, so that "no
-- access" and "no such case" do the same work (DECISIONS 37). CROSS JOIN keeps that order: with a plain JOIN
-- SQLite begins with the case, and the trace then tells that it exists. A dossier held through a standing
-- dossier (the desk) counts as held.

-- name:  case_insert
-- takes: row cases
-- gives: one
INSERT INTO cases (case_id, controller, code, shred_slot, disposal, version, recovery)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- The row itself, for acts of the system and for writing to a case one may not read.
-- name:  case_row
-- takes: id case_id
-- gives: 0..1 row cases
SELECT case_id, controller, code, shred_slot, disposal, version, recovery FROM cases WHERE case_id = $1;

-- Is this code free in the authority? (A drawn code is drawn again on collision, DECISIONS 35.)
-- name:  code_taken
-- takes: id controller, i64 code
-- gives: 0..1 (i64 taken)
SELECT 1 FROM cases WHERE controller = $1 AND code = $2;

-- Are these places free? (Two ids may begin alike: then the id is drawn again, too. Every dossier has a stream.)
-- name:  place_taken
-- takes: i64 first, i64 last
-- gives: 0..1 (i64 taken)
SELECT 1 FROM streams WHERE place > $1 AND place <= $2 LIMIT 1;

-- The asker's first grant to one case in the order of the asker's ids: the own one, else that of a standing dossier.
-- The head of an opening. (A list of ids in a subquery costs half of IN, which builds an index.)
-- name:  case_by_id
-- takes: id case_id, asker who
-- gives: 0..1 row grants
SELECT g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals
FROM (SELECT $2 AS holder UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5 UNION ALL SELECT $6) who
  CROSS JOIN grants g
WHERE g.holder = who.holder AND g.case_id = $1
LIMIT 1;

-- What the asker holds, as ids alone (the cheapest list; case_code_number finds a spoken code in it).
-- name:  held_ids
-- takes: asker who, i64 limit
-- gives: 0..n (id case_id, id holder)
SELECT g.case_id, g.holder
FROM (SELECT $1 AS holder UNION ALL SELECT $2 UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5) who
  CROSS JOIN grants g
WHERE g.holder = who.holder
LIMIT $6;

-- What a list of cases shows: one row a grant of the asker, without the grants' own bytes. All but the summary
-- stands in the index grants_held.
-- name:  my_case_marks
-- takes: asker who, i64 limit
-- gives: 0..n (id holder, id case_id, i64 serial, i64 version, i64? summary_epoch, i64? summary_version, blob? summary)
SELECT g.holder, g.case_id, g.serial, g.version, s.epoch, s.version, s.envelope
FROM (SELECT $1 AS holder UNION ALL SELECT $2 UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5) who
  CROSS JOIN grants g LEFT JOIN summaries s ON s.place = g.place AND s.case_id = g.case_id
WHERE g.holder = who.holder
LIMIT $6;

-- One grant with the summary it opens.
-- name:  grant_whole
-- takes: id holder, id case_id
-- gives: 0..1 (row grants grant, i64? summary_epoch, i64? summary_version, blob? summary)
SELECT g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals,
  s.epoch, s.version, s.envelope
FROM grants g LEFT JOIN summaries s ON s.place = g.place AND s.case_id = g.case_id
WHERE g.holder = $1 AND g.case_id = $2;

-- One row a grant of the asker, with its bytes.
-- name:  my_cases
-- takes: asker who, i64 limit
-- gives: 0..n (row grants grant, i64? summary_epoch, i64? summary_version, blob? summary)
SELECT g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals,
  s.epoch, s.version, s.envelope
FROM (SELECT $1 AS holder UNION ALL SELECT $2 UNION ALL SELECT $3 UNION ALL SELECT $4 UNION ALL SELECT $5) who
  CROSS JOIN grants g LEFT JOIN summaries s ON s.place = g.place AND s.case_id = g.case_id
WHERE g.holder = who.holder
LIMIT $6;

-- A user's grants to the four standing dossiers of the authority, for the login.
-- name:  standing_grants
-- takes: id user, id directory, id desk, id number_index, id review
-- gives: 0..n row grants
SELECT holder, case_id, controller, shred_slot, place, serial, not_after, version, wrapped, accepted, renewals
FROM grants WHERE holder = $1 AND case_id IN ($2, $3, $4, $5);

-- name:  grant_row
-- takes: id holder, id case_id
-- gives: 0..1 row grants
SELECT holder, case_id, controller, shred_slot, place, serial, not_after, version, wrapped, accepted, renewals
FROM grants WHERE holder = $1 AND case_id = $2;

-- Who holds a case.
-- name:  grants_of_case
-- takes: id case_id
-- gives: 0..n (id holder, i64 serial, i64 not_after, i64 version)
SELECT holder, serial, not_after, version FROM grants WHERE case_id = $1 ORDER BY serial;

-- The same with their rows, whether the account is closed and its certificate (nothing for a standing dossier).
-- name:  holders_of_case
-- takes: id case_id
-- gives: 0..n (row grants grant, i64? disabled, blob? certificate)
SELECT g.holder, g.case_id, g.controller, g.shred_slot, g.place, g.serial, g.not_after, g.version, g.wrapped, g.accepted, g.renewals,
  u.disabled, u.certificate
FROM grants g LEFT JOIN users u ON u.user_id = g.holder WHERE g.case_id = $1 ORDER BY g.serial;

-- name:  grant_insert
-- takes: row grants
-- gives: one
INSERT INTO grants (holder, case_id, controller, shred_slot, place, serial, not_after, version, wrapped, accepted, renewals)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- Writes the row whole (acceptance, a wider grant); the version must be the next one.
-- name:  grant_update
-- takes: row grants
-- gives: one
UPDATE grants SET controller = $3, shred_slot = $4, place = $5, serial = $6, not_after = $7, version = $8, wrapped = $9,
  accepted = $10, renewals = $11
WHERE holder = $1 AND case_id = $2 AND version = $8 - 1;

-- Stores the AVG1 of a first opening, or of one that took up renewals. Nothing changes when another opening was
-- first, or when the next renewal has come meanwhile.
-- name:  grant_accept
-- takes: id holder, id case_id, i64 version, blob accepted
-- gives: changed
UPDATE grants SET version = $3, accepted = $4, renewals = NULL
WHERE holder = $1 AND case_id = $2 AND version = $3 - 1;

-- name:  grant_delete
-- takes: id holder, id case_id
-- gives: one
DELETE FROM grants WHERE holder = $1 AND case_id = $2;

-- For each dossier (case or standing one) that a user holds and no desk does: who else holds it in month $2 (year * 12 +
-- month - 1), by certificate; without one it is nobody, or a closed account. An expired grant does not count.
-- name:  holders_beside
-- takes: id user, i64 month
-- gives: 0..n (id case_id, i64 standing, blob? certificate)
-- scans: the authorities, a handful of rows
SELECT g.case_id,
  EXISTS (SELECT 1 FROM controllers k WHERE g.case_id IN (k.directory, k.desk, k.number_index, k.review)), u.certificate
FROM grants g
  LEFT JOIN grants o ON o.case_id = g.case_id AND o.holder <> $1 AND (o.not_after = 0 OR o.not_after >= $2)
  LEFT JOIN users u ON u.user_id = o.holder AND u.disabled = 0
WHERE g.holder = $1 AND NOT EXISTS (
  SELECT 1 FROM grants d WHERE d.case_id = g.case_id AND (d.not_after = 0 OR d.not_after >= $2)
    AND NOT EXISTS (SELECT 1 FROM users w WHERE w.user_id = d.holder))
ORDER BY g.case_id;

-- name:  stream_insert
-- takes: row streams
-- gives: one
INSERT INTO streams (place, case_id, compartment, epoch, deposit_key, proof, recovery_wrap, older)
SELECT $1, $2, $3, $4, $5, $6, $7, $8
WHERE ($1 & 33554431) = ($3 << 20) + $4 AND NOT EXISTS (SELECT 1 FROM streams WHERE place = $1);

-- The newest epoch of each stream among `wanted` (a bit a compartment) with its newest event's number (0: none yet) and
-- its snapshot. `place` is case_place; a stream has 2^20 places.
-- name:  case_streams
-- takes: id case_id, i64 place, i64 wanted
-- gives: 0..n (i64 compartment, i64 epoch, blob? older, i64 seq, i64? snapshot_seq, i64? snapshot_epoch, i64? snapshot_version, blob? snapshot)
SELECT s.compartment, s.epoch, s.older,
  coalesce((SELECT e.seq FROM events e WHERE e.place > $2 + (s.compartment << 20) AND e.place < $2 + ((s.compartment + 1) << 20)
    AND e.case_id = $1 ORDER BY e.place DESC LIMIT 1), 0),
  n.seq, n.epoch, n.version, n.envelope
FROM streams s LEFT JOIN streams t ON t.place = s.place + 1 AND t.case_id = $1
  LEFT JOIN snapshots n ON n.place = s.place - s.epoch AND n.case_id = $1
WHERE s.place > $2 AND s.place < $2 + 33554432 AND s.case_id = $1 AND ($3 >> s.compartment) & 1 = 1 AND t.place IS NULL
ORDER BY s.place;

-- The epochs of each stream, oldest first, and of the `wanted` compartment's the number of its newest event; 0 of the others,
-- which would cost a page each.
-- name:  case_epochs
-- takes: id case_id, i64 place, i64 wanted
-- gives: 0..n (i64 compartment, i64 epoch, i64 seq)
SELECT s.compartment, s.epoch,
  CASE s.compartment WHEN $3 THEN
    coalesce((SELECT e.seq FROM events e WHERE e.place > $2 + (s.compartment << 20) AND e.place < $2 + ((s.compartment + 1) << 20)
      AND e.case_id = $1 ORDER BY e.place DESC LIMIT 1), 0) ELSE 0 END
FROM streams s WHERE s.place > $2 AND s.place < $2 + 33554432 AND s.case_id = $1 ORDER BY s.place;

-- One stream's newest epoch, for depositing into it. `place` is the stream's (event_place with number 0).
-- name:  stream_newest
-- takes: id case_id, i64 place
-- gives: 0..1 (id controller, i64 epoch, blob deposit_key, blob proof, blob? older)
SELECT c.controller, s.epoch, s.deposit_key, s.proof, s.older FROM streams s JOIN cases c ON c.case_id = s.case_id
WHERE s.place > $2 AND s.place < $2 + 1048576 AND s.case_id = $1 ORDER BY s.place DESC LIMIT 1;

-- A stream's events behind a place, oldest first: the tail behind a snapshot.
-- name:  events_after
-- takes: id case_id, i64 after, i64 last, i64 limit
-- gives: 0..n (i64 seq, i64 epoch, blob envelope)
SELECT seq, epoch, envelope FROM events
WHERE place > $2 AND place <= $3 AND case_id = $1 ORDER BY place LIMIT $4;

-- A stream's events before a place, newest first: pages of the timeline.
-- name:  events_before
-- takes: id case_id, i64 first, i64 before, i64 limit
-- gives: 0..n (i64 seq, i64 epoch, blob envelope)
SELECT seq, epoch, envelope FROM events
WHERE place > $2 AND place < $3 AND case_id = $1 ORDER BY place DESC LIMIT $4;

-- Appends the next event of its stream in the stream's newest epoch; any other number or epoch is ERR_CONFLICT.
-- name:  event_insert
-- takes: row events
-- gives: one
INSERT INTO events (place, case_id, compartment, seq, epoch, envelope)
SELECT $1, $2, $3, $4, $5, $6
WHERE ($1 & 33554431) = ($3 << 20) + $4 AND NOT EXISTS (SELECT 1 FROM events WHERE place = $1)
  AND ($4 = 1 OR EXISTS (SELECT 1 FROM events WHERE place = $1 - 1 AND case_id = $2))
  AND $5 = (SELECT s.epoch FROM streams s WHERE s.place > $1 - $4 AND s.place < $1 - $4 + 1048576 AND s.case_id = $2
    ORDER BY s.place DESC LIMIT 1);

-- name:  snapshot_put
-- takes: row snapshots
-- gives: one
INSERT INTO snapshots (place, case_id, compartment, seq, epoch, version, envelope)
SELECT $1, $2, $3, $4, $5, $6, $7 WHERE ($1 & 33554431) = $3 << 20
ON CONFLICT (place) DO UPDATE SET seq = excluded.seq, epoch = excluded.epoch,
  version = excluded.version, envelope = excluded.envelope
WHERE snapshots.version = excluded.version - 1 AND snapshots.case_id = excluded.case_id;

-- For writing the next version. `place` is case_place.
-- name:  summary_mark
-- takes: i64 place, id case_id
-- gives: 0..1 (i64 epoch, i64 version)
SELECT epoch, version FROM summaries WHERE place = $1 AND case_id = $2;

-- name:  summary_row
-- takes: i64 place, id case_id
-- gives: 0..1 row summaries
SELECT place, case_id, epoch, version, envelope FROM summaries WHERE place = $1 AND case_id = $2;

-- name:  summary_put
-- takes: row summaries
-- gives: one
INSERT INTO summaries (place, case_id, epoch, version, envelope) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (place) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
  envelope = excluded.envelope
WHERE summaries.version = excluded.version - 1 AND summaries.case_id = excluded.case_id;

-- The keyed index of numbers (DECISIONS 35): a bucket says nothing without the grant and the sealed number.

-- name:  bucket_insert
-- takes: row buckets
-- gives: one
INSERT INTO buckets (controller, bucket, case_id) VALUES ($1, $2, $3);

-- name:  bucket_row
-- takes: id controller, i64 bucket, id case_id
-- gives: 0..1 row buckets
SELECT controller, bucket, case_id FROM buckets WHERE controller = $1 AND bucket = $2 AND case_id = $3;

-- Cases of a bucket that the asker holds.
-- name:  bucket_mine
-- takes: id controller, i64 bucket, asker who
-- gives: 0..n (id case_id)
SELECT b.case_id FROM buckets b
WHERE b.controller = $1 AND b.bucket = $2
  AND EXISTS (
  SELECT 1 FROM (SELECT $3 AS holder UNION ALL SELECT $4 UNION ALL SELECT $5 UNION ALL SELECT $6 UNION ALL SELECT $7) who
    CROSS JOIN grants g WHERE g.holder = who.holder AND g.case_id = b.case_id);

-- Cases of a bucket that the asker does not hold, for the package "possible same person".
-- name:  bucket_others
-- takes: id controller, i64 bucket, asker who
-- gives: 0..n (id case_id)
SELECT b.case_id FROM buckets b
WHERE b.controller = $1 AND b.bucket = $2
  AND NOT EXISTS (
  SELECT 1 FROM (SELECT $3 AS holder UNION ALL SELECT $4 UNION ALL SELECT $5 UNION ALL SELECT $6 UNION ALL SELECT $7) who
    CROSS JOIN grants g WHERE g.holder = who.holder AND g.case_id = b.case_id);

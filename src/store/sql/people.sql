-- Authorities, accounts, invitations and the staff directory.

-- name:  controllers
-- takes: none
-- gives: 0..n row controllers
-- scans: a handful of rows, read once at start
SELECT controller, kind, municipality, directory, desk, number_index, review, name
FROM controllers ORDER BY controller;

-- name:  controller_insert
-- takes: row controllers
-- gives: one
INSERT INTO controllers (controller, kind, municipality, directory, desk, number_index, review, name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name:  user_by_login
-- takes: blob login
-- gives: 0..1 row users
SELECT user_id, controller, login, serial, disabled, version, notice, certificate, secrets
FROM users WHERE login = $1;

-- name:  user_by_id
-- takes: id user_id
-- gives: 0..1 row users
SELECT user_id, controller, login, serial, disabled, version, notice, certificate, secrets
FROM users WHERE user_id = $1;

-- The accounts of one authority, without what logs them in.
-- name:  users_of
-- takes: id controller
-- gives: 0..n (id user_id, i64 serial, i64 disabled, i64 version, blob? notice, blob? certificate)
SELECT user_id, serial, disabled, version, notice, certificate
FROM users WHERE controller = $1 ORDER BY user_id;

-- Everyone who has one, also closed accounts: what they once granted still has to be checked.
-- name:  certificates
-- takes: none
-- gives: 0..n (id user_id, id controller, i64 disabled, blob certificate)
-- scans: all accounts, read once when the vault starts
SELECT user_id, controller, disabled, certificate FROM users WHERE certificate IS NOT NULL;

-- name:  user_insert
-- takes: row users
-- gives: one
INSERT INTO users (user_id, controller, login, serial, disabled, version, notice, certificate, secrets)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- Writes the row whole; its version must be one more than the stored one, else ERR_CONFLICT.
-- name:  user_update
-- takes: row users
-- gives: one
UPDATE users SET controller = $2, login = $3, serial = $4, disabled = $5, version = $6, notice = $7,
  certificate = $8, secrets = $9
WHERE user_id = $1 AND version = $6 - 1;

-- name:  invitation_by_login
-- takes: blob login
-- gives: 0..1 row invitations
SELECT user_id, controller, login, expires, version, invitation FROM invitations WHERE login = $1;

-- name:  invitation_by_id
-- takes: id user_id
-- gives: 0..1 row invitations
SELECT user_id, controller, login, expires, version, invitation FROM invitations WHERE user_id = $1;

-- name:  invitations_of
-- takes: id controller
-- gives: 0..n row invitations
SELECT user_id, controller, login, expires, version, invitation
FROM invitations WHERE controller = $1 ORDER BY user_id;

-- name:  invitation_insert
-- takes: row invitations
-- gives: one
INSERT INTO invitations (user_id, controller, login, expires, version, invitation)
VALUES ($1, $2, $3, $4, $5, $6);

-- name:  invitation_delete
-- takes: id user_id
-- gives: one
DELETE FROM invitations WHERE user_id = $1;

-- name:  directory_rows
-- takes: id directory
-- gives: 0..n row directory
SELECT directory, user_id, epoch, version, envelope FROM directory WHERE directory = $1 ORDER BY user_id;

-- name:  directory_row
-- takes: id directory, id user_id
-- gives: 0..1 row directory
SELECT directory, user_id, epoch, version, envelope FROM directory WHERE directory = $1 AND user_id = $2;

-- A new row, or the next version of the stored one; anything else is ERR_CONFLICT.
-- name:  directory_put
-- takes: row directory
-- gives: one
INSERT INTO directory (directory, user_id, epoch, version, envelope) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (directory, user_id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
  envelope = excluded.envelope
WHERE directory.version = excluded.version - 1;

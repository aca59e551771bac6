-- Migration 1: the whole record of the foundation.
-- The dialect words are {i64}, {blob}, {id} (a blob of 16 bytes), {strict} and {clustered} (strict, rows lie in
-- the order of the primary key). Every column is marked `clear: reason` or `sealed: what`; docs/CLEAR.md is
-- generated from these marks and a column without one fails the build, as does a table that neither stands in
-- tables/rows.def nor is said to be outside the log.

-- outside the log: written by the program's own migrations
CREATE TABLE schema_version (
  version {i64} NOT NULL PRIMARY KEY,       -- clear: which migrations have run
  applied {i64} NOT NULL                    -- clear: when, microseconds UTC
) {clustered};

CREATE TABLE controllers (
  controller {id} NOT NULL PRIMARY KEY,     -- clear: random id of a nämnd or authority in this installation
  kind {i64} NOT NULL,                      -- clear: social services or police, chooses screens and packages
  municipality {i64} NOT NULL,              -- clear: municipality code, 0 for the police
  directory {id} NOT NULL,                  -- clear: standing dossier ids, joined before anything is unlocked
  desk {id} NOT NULL,                       -- clear: as above
  number_index {id} NOT NULL,               -- clear: as above
  review {id} NOT NULL,                     -- clear: as above
  name {blob} NOT NULL                      -- clear: the authority's public name (SECURITY N4)
) {clustered};

CREATE TABLE users (
  user_id {id} NOT NULL PRIMARY KEY,        -- clear: random pseudonym, joined with grants and rungs
  controller {id} NOT NULL,                 -- clear: whose employee
  login {blob} NOT NULL UNIQUE,             -- clear: HMAC of the login name under the vault key
  serial {i64} NOT NULL,                    -- clear: key serial, part of what keys are bound to
  disabled {i64} NOT NULL,                  -- clear: a disabled account must not log in, decided without a key
  version {i64} NOT NULL,                   -- clear: row version, for the log's digest
  notice {blob},                            -- clear: address for notices without content; the clock has no key
  certificate {blob},                       -- clear: AVC1, public keys and roles signed by two officers
  secrets {blob} NOT NULL                   -- sealed: AVU1, under the passphrase and the vault key
) {strict};
CREATE INDEX users_controller ON users (controller);

CREATE TABLE invitations (
  user_id {id} NOT NULL PRIMARY KEY,        -- clear: whom the invitation will make
  controller {id} NOT NULL,                 -- clear: which organisation
  login {blob} NOT NULL UNIQUE,             -- clear: HMAC of the login name under the vault key
  expires {i64} NOT NULL,                   -- clear: 72 hours, decided without a key
  version {i64} NOT NULL,                   -- clear: row version, for the log's digest
  invitation {blob} NOT NULL                -- clear: signed by an officer; holds only the hash of the code
) {clustered};
CREATE INDEX invitations_controller ON invitations (controller);

CREATE TABLE cases (
  case_id {id} NOT NULL PRIMARY KEY,        -- clear: random id, joined with grants
  controller {id} NOT NULL,                 -- clear: which authority owns the dossier
  code {i64} NOT NULL,                      -- clear: first 32 bits of the id modulo 28^5, for lookup by code
  shred_slot {i64} NOT NULL,                -- clear: random place of the shred key
  disposal {i64} NOT NULL,                  -- clear: month of disposal (year * 12 + month - 1), 0 while open
  version {i64} NOT NULL,                   -- clear: row version, for the log's digest
  recovery {blob} NOT NULL                  -- sealed: AVR2, to pairs of custodians
) {strict};
CREATE UNIQUE INDEX cases_code ON cases (controller, code);

CREATE TABLE streams (
  place {i64} NOT NULL PRIMARY KEY,         -- clear: case, stream and epoch in one number (event_place), so that a case's keys lie side by side
  case_id {id} NOT NULL,                    -- clear: joins to the case
  compartment {i64} NOT NULL,               -- clear: number only; tells that a child or health stream exists
  epoch {i64} NOT NULL,                     -- clear: which key generation
  deposit_key {blob} NOT NULL,              -- clear: public key for writing without reading
  proof {blob} NOT NULL,                    -- clear: MAC under the vault key, the vault made this deposit key
  recovery_wrap {blob} NOT NULL,            -- sealed: the stream key to the case's recovery key
  older {blob}                              -- sealed: AVO1, the older epochs' keys under this one's; none at epoch 1
) {strict};

CREATE TABLE grants (
  holder {id} NOT NULL,                     -- clear: user or standing dossier, joined before unlock
  case_id {id} NOT NULL,                    -- clear: who works on which opaque case
  controller {id} NOT NULL,                 -- clear: the case's, so that an opening reads this row alone
  shred_slot {i64} NOT NULL,                -- clear: as above
  place {i64} NOT NULL,                     -- clear: the case's place (case_place), by which a list finds its summaries
  serial {i64} NOT NULL,                    -- clear: monotonic per case
  not_after {i64} NOT NULL,                 -- clear: month of expiry, decided without a key
  version {i64} NOT NULL,                   -- clear: row version, for the log's digest
  wrapped {blob} NOT NULL,                  -- sealed: AVW2, its compartments and granter inside
  accepted {blob},                          -- sealed: AVG1, after the holder's first opening
  renewals {blob},                          -- sealed: AVN1, new epochs the holder has not taken up yet
  PRIMARY KEY (holder, case_id)
) {strict};
CREATE INDEX grants_case ON grants (case_id);
CREATE INDEX grants_held ON grants (holder, case_id, serial, version, place);

CREATE TABLE events (
  place {i64} NOT NULL PRIMARY KEY,         -- clear: case, stream and number in one number (event_place): a stream's rows lie side by side
  case_id {id} NOT NULL,                    -- clear: joins to the case
  compartment {i64} NOT NULL,               -- clear: stream
  seq {i64} NOT NULL,                       -- clear: 1..n without gaps in the stream
  epoch {i64} NOT NULL,                     -- clear: which key generation
  envelope {blob} NOT NULL                  -- sealed: the event, padded to a size class
) {strict};

CREATE TABLE snapshots (
  place {i64} NOT NULL PRIMARY KEY,         -- clear: case and stream in one number (event_place)
  case_id {id} NOT NULL,                    -- clear: joins to the case
  compartment {i64} NOT NULL,               -- clear: stream
  seq {i64} NOT NULL,                       -- clear: the fold reaches this event
  epoch {i64} NOT NULL,                     -- clear: which key generation
  version {i64} NOT NULL,                   -- clear: row version, bound in the envelope
  envelope {blob} NOT NULL                  -- sealed: state at seq
) {strict};

CREATE TABLE summaries (
  place {i64} NOT NULL PRIMARY KEY,         -- clear: the case's place (case_place)
  case_id {id} NOT NULL,                    -- clear: joins to the case
  epoch {i64} NOT NULL,                     -- clear: which key generation of head
  version {i64} NOT NULL,                   -- clear: row version, bound in the envelope
  envelope {blob} NOT NULL                  -- sealed: what lists show
) {strict};

CREATE TABLE rungs (
  rung_id {id} NOT NULL PRIMARY KEY,        -- clear: random, no case
  assignee {id} NOT NULL,                   -- clear: user or desk; matched with grants this often names the case
  epoch {i64} NOT NULL,                     -- clear: which key of the desk it was sealed to, 0 for a person
  due {i64} NOT NULL,                       -- clear: the clock sorts and fires without a key
  severity {i64} NOT NULL,                  -- clear: 1..3, chooses the notice
  profile {i64} NOT NULL,                   -- clear: version of the profile that dated it; the same for all but those of cases not opened since it changed
  fired {i64},                              -- clear: when it fired, at most once
  version {i64} NOT NULL,                   -- clear: row version, bound in the envelope
  payload {blob} NOT NULL                   -- sealed: case, rule and step, to the assignee
) {strict};
CREATE INDEX rungs_assignee ON rungs (assignee, due);
CREATE INDEX rungs_due ON rungs (due) WHERE fired IS NULL;

CREATE TABLE deposits (
  deposit_id {id} NOT NULL PRIMARY KEY,     -- clear: random
  case_id {id} NOT NULL,                    -- clear: receiving dossier, which may be a desk
  compartment {i64} NOT NULL,               -- clear: receiving stream
  epoch {i64} NOT NULL,                     -- clear: which key it was sealed to
  accepted {i64} NOT NULL,                  -- clear: 0 waiting, 1 accepted, 2 put aside
  version {i64} NOT NULL,                   -- clear: row version, bound in the envelope
  payload {blob} NOT NULL                   -- sealed: the package
) {strict};
CREATE INDEX deposits_waiting ON deposits (case_id) WHERE accepted = 0;

CREATE TABLE buckets (
  controller {id} NOT NULL,                 -- clear: whose index
  bucket {i64} NOT NULL,                    -- clear: 16 bits of a keyed index (479 persons each); a row for each number the case has had
  case_id {id} NOT NULL,                    -- clear: joins to the case
  PRIMARY KEY (controller, bucket, case_id)
) {clustered};

CREATE TABLE idempotency (
  token {id} NOT NULL,                      -- clear: when the form's token was made (where it tells) and BLAKE2b-80 of it
  user_id {id} NOT NULL,                    -- clear: unique per user
  stored {i64} NOT NULL,                    -- clear: kept 24 hours
  answer {blob} NOT NULL,                   -- clear: the case, and how far the streams written to had come before and after
  PRIMARY KEY (token, user_id)
) {clustered};

CREATE TABLE directory (
  directory {id} NOT NULL,                  -- clear: standing dossier
  user_id {id} NOT NULL,                    -- clear: whose row
  epoch {i64} NOT NULL,                     -- clear: which key generation
  version {i64} NOT NULL,                   -- clear: row version, bound in the envelope
  envelope {blob} NOT NULL,                 -- sealed: name, title, phone, roles
  PRIMARY KEY (directory, user_id)
) {clustered};

CREATE TABLE jobs (
  job_id {id} NOT NULL PRIMARY KEY,         -- clear: random
  kind {i64} NOT NULL,                      -- clear: what waits (rotation of a stream)
  case_id {id} NOT NULL,                    -- clear: joins to the case
  compartment {i64} NOT NULL,               -- clear: stream
  done {i64},                               -- clear: when
  version {i64} NOT NULL                    -- clear: row version, for the log's digest
) {clustered};
CREATE INDEX jobs_open ON jobs (case_id) WHERE done IS NULL;

-- outside the log: which logged intents have been committed, so that a restart can tell done from lost
-- (DECISIONS 32); emptied when the outcome is in the log
CREATE TABLE applied (
  intent {i64} NOT NULL PRIMARY KEY         -- clear: number of a log entry
) {clustered};

-- A file that only one job sees, and that is gone with it: no tenant, no migration.

-- name: keep_no_journal
PRAGMA journal_mode = OFF

-- name: create_seen
CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER, said TEXT) WITHOUT ROWID

-- name: create_later
CREATE TABLE later (line INTEGER PRIMARY KEY, cells TEXT)

-- name: create_claimed
CREATE TABLE claimed (key TEXT PRIMARY KEY, no TEXT) WITHOUT ROWID

-- name: index_claimed
CREATE INDEX claimed_no ON claimed (no)

-- name: begin
BEGIN

-- name: see
INSERT OR IGNORE INTO seen VALUES (?, ?, ?)

-- name: commit
COMMIT

-- name: seen_among
SELECT key, line, said FROM seen WHERE key IN (SELECT value FROM json_each(?))

-- name: put_aside
INSERT INTO later VALUES (?, ?)

-- name: put_aside_rows
SELECT line, cells FROM later ORDER BY line

-- name: claim
INSERT OR IGNORE INTO claimed VALUES (?, ?)

-- name: claimed
SELECT key, no FROM claimed WHERE key IN (SELECT value FROM json_each(?))

-- name: claimants
SELECT no, key FROM claimed WHERE no IN (SELECT value FROM json_each(?))

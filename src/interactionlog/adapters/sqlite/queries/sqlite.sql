-- name: schema_table
SELECT count(*)
FROM sqlite_master
WHERE type = 'table' AND name = '{prefix}schema_version'

-- name: unfolded
SELECT value FROM json_each(?)

-- name: unfolded_numbers
SELECT value FROM json_each(?)

-- name: reserve_numbers
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value)
VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = counter.last_value + excluded.last_value
RETURNING last_value

-- name: raise_counter
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value)
VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = excluded.last_value
WHERE counter.last_value < excluded.last_value

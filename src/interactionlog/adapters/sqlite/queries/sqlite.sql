-- name: schema_table
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{prefix}schema_version'

-- name: unfolded
SELECT value FROM json_each(?)

-- name: unfolded_numbers
SELECT value FROM json_each(?)

-- name: unfolded_entries
SELECT
    json_extract(value, '$[0]') AS entry_no,
    json_extract(value, '$[1]') AS of_line,
    json_extract(value, '$[2]') AS campaign_entry_no,
    json_extract(value, '$[3]') AS delivery_status,
    json_extract(value, '$[4]') AS modified_word_template,
    json_extract(value, '$[5]') AS personal_fields
FROM json_each(?)

-- name: reserve_numbers
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value) VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = counter.last_value + excluded.last_value
RETURNING last_value

-- name: raise_counter
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value) VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = excluded.last_value
WHERE counter.last_value < excluded.last_value
